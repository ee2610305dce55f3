//! The buckets of a hashed page table: where the hardware looks for a page when there is no tree.
//!
//! ```text
//!   page number --hash--> anchors [ . | 2 | . | 0 | . ]
//!                                       |       |
//!                     links       2: page 9   0: page 4 --> 1: page 77
//! ```
//!
//! An inverted table has as many entries as there are frames, and not as there are pages: the anchor of a bucket
//! leads to a chain of links, each with its page number, and a walk compares one after the other (IBM System/38,
//! RS/6000; A. Chang and M. Mergen, "801 storage: architecture and programming", ACM Transactions on Computer
//! Systems 6(1), 1988). As on Linux for POWER, the kernel keeps its own record of the pages in a tree, because a
//! hash knows no order and fork, unmapping and moving work on ranges; the buckets say what the hardware finds, and
//! after how many probes. Real tables of this kind are one for the whole machine, with the address space as a part
//! of the key; here each address space has its own buckets, so that a chain holds the pages of one process.
//!
//! The links have no holes: when one is removed, the last takes its place.

use super::frames::NoFrame;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

const END: u32 = u32::MAX;
/// Bytes of an anchor.
pub(super) const ANCHOR_BYTES: u64 = 8;
/// Bytes of a link: page number, entry, next, and room to keep it aligned.
pub(super) const LINK_BYTES: u64 = 32;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Link {
    page: u64,
    next: u32,
}

/// Anchors and chains of page numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Buckets {
    anchors: Vec<u32>,
    links: Vec<Link>,
}

impl Buckets {
    /// So many buckets, a power of two, all empty. O(buckets).
    pub(super) fn new(buckets: u64) -> Result<Buckets, NoFrame> {
        let mut anchors = Vec::new();
        let buckets = usize::try_from(buckets).map_err(|_| NoFrame)?;
        anchors.try_reserve_exact(buckets).map_err(|_| NoFrame)?;
        anchors.resize(buckets, END);
        Ok(Buckets { anchors, links: Vec::new() })
    }

    /// The bucket of a page: the upper bits of its product with 2^64 / golden ratio (Knuth, "The Art of Computer
    /// Programming", volume 3, 6.4).
    pub(super) fn bucket(&self, page: u64) -> usize {
        let hash = u128::from(page.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        ((hash * self.anchors.len() as u128) >> 64) as usize
    }

    /// Makes room for so many more pages.
    pub(super) fn reserve(&mut self, pages: usize) -> Result<(), NoFrame> {
        if self.links.len() as u64 + pages as u64 >= END.into() {
            return Err(NoFrame);
        }
        self.links.try_reserve(pages).map_err(|_| NoFrame)
    }

    /// Puts a page, which is not there, at the head of its chain. The room is reserved. O(1).
    pub(super) fn link(&mut self, page: u64) {
        let bucket = self.bucket(page);
        let number = self.links.len() as u32;
        let next = core::mem::replace(&mut self.anchors[bucket], number);
        self.links.push(Link { page, next });
    }

    /// Removes a page. O(length of two chains).
    pub(super) fn unlink(&mut self, page: u64) {
        let Some(number) = self.chain(page).find(|(_, found)| *found == page).map(|(number, _)| number)
        else {
            return;
        };
        let next = self.links[number as usize].next;
        self.redirect(page, number, next);
        let last = self.links.len() as u32 - 1;
        if number != last {
            self.redirect(self.links[last as usize].page, last, number);
        }
        self.links.swap_remove(number as usize);
    }

    /// Whatever points to link `from` in the chain of a page points to `to` from now on.
    fn redirect(&mut self, page: u64, from: u32, to: u32) {
        let bucket = self.bucket(page);
        let mut at = self.anchors[bucket];
        if at == from {
            self.anchors[bucket] = to;
            return;
        }
        while let Some(link) = self.links.get_mut(at as usize) {
            if link.next == from {
                link.next = to;
                return;
            }
            at = link.next;
        }
    }

    /// The links of the chain where a page would be: number and page.
    pub(super) fn chain(&self, page: u64) -> impl Iterator<Item = (u32, u64)> + '_ {
        let mut at = self.anchors[self.bucket(page)];
        core::iter::from_fn(move || {
            let link = self.links.get(at as usize)?;
            let number = core::mem::replace(&mut at, link.next);
            Some((number, link.page))
        })
    }

    /// Whether a page has a link. O(length of its chain).
    pub(super) fn contains(&self, page: u64) -> bool {
        self.chain(page).any(|(_, found)| found == page)
    }

    /// How many buckets there are.
    pub(super) fn buckets(&self) -> u64 {
        self.anchors.len() as u64
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> u64 {
        self.links.len() as u64
    }

    /// Removes all pages. O(buckets).
    pub(super) fn clear(&mut self) {
        self.links.clear();
        self.anchors.fill(END);
    }

    /// Bytes of the host's memory.
    pub(super) fn metadata_bytes(&self) -> usize {
        self.anchors.capacity() * size_of::<u32>() + self.links.capacity() * size_of::<Link>()
    }

    /// Whether each link is in the chain of its page's bucket, once. O(buckets + pages).
    pub(super) fn validate(&self) -> Result<(), &'static str> {
        if !self.anchors.len().is_power_of_two() {
            return Err("the buckets of a page table are no power of two");
        }
        let mut seen = 0;
        for (bucket, &anchor) in self.anchors.iter().enumerate() {
            let mut at = anchor;
            while at != END {
                let link = self.links.get(at as usize).ok_or("a chain of a page table leads nowhere")?;
                seen += 1;
                if seen > self.links.len() || self.bucket(link.page) != bucket {
                    return Err("a page is in the chain of another bucket, or in a circle");
                }
                at = link.next;
            }
        }
        if seen == self.links.len() { Ok(()) } else { Err("a page of a page table is in no chain") }
    }
}
