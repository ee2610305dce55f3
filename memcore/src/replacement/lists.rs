//! Doubly linked lists of pages, from oldest to newest: what most policies are made of.
//!
//! ```text
//!   list 0   oldest -> [7] <-> [2] <-> [9] <- newest        one node per page, in an array by page number;
//!   list 1   oldest -> [4] <- newest                        a page is in one list or in none
//! ```
//!
//! A node holds the two links, the list it is in, and a mark of eight bits for the policy's own use (a
//! reference bit, a small counter): 12 bytes a page, side by side, so that a reference touches one cache line.

use super::error::PolicyError;
use super::policy::{MAX_PAGES, Page, Pager};
use super::tables;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

const NIL: u32 = u32::MAX;
/// The list of a page that is in none.
pub(crate) const NOWHERE: u8 = u8::MAX;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Node {
    older: u32,
    newer: u32,
    list: u8,
    mark: u8,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Ends {
    oldest: u32,
    newest: u32,
    length: u32,
}

/// `N` lists, numbered from 0. Every operation is O(1) unless it says otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lists<const N: usize> {
    nodes: Vec<Node>,
    #[serde(with = "tables::array")]
    ends: [Ends; N],
}

impl<const N: usize> Lists<N> {
    pub(crate) fn new() -> Self {
        Lists { nodes: Vec::new(), ends: [Ends { oldest: NIL, newest: NIL, length: 0 }; N] }
    }

    pub(crate) fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.nodes, pages, Node { older: NIL, newer: NIL, list: NOWHERE, mark: 0 })
    }

    /// The list that a page is in, or [`NOWHERE`]. Also for pages that are not reserved.
    #[inline]
    pub(crate) fn list_of(&self, page: Page) -> u8 {
        self.nodes.get(page as usize).map_or(NOWHERE, |node| node.list)
    }

    #[inline]
    pub(crate) fn length(&self, list: u8) -> u32 {
        self.ends[list as usize].length
    }

    #[inline]
    pub(crate) fn oldest(&self, list: u8) -> Option<Page> {
        some(self.ends[list as usize].oldest)
    }

    #[inline]
    pub(crate) fn newest(&self, list: u8) -> Option<Page> {
        some(self.ends[list as usize].newest)
    }

    /// The next newer page in the same list.
    #[inline]
    pub(crate) fn newer(&self, page: Page) -> Option<Page> {
        some(self.nodes[page as usize].newer)
    }

    /// The next older page in the same list.
    #[inline]
    pub(crate) fn older(&self, page: Page) -> Option<Page> {
        some(self.nodes[page as usize].older)
    }

    #[inline]
    pub(crate) fn mark(&self, page: Page) -> u8 {
        self.nodes[page as usize].mark
    }

    /// The mark of a page; 0 for pages that are not reserved.
    #[inline]
    pub(crate) fn mark_or_none(&self, page: Page) -> u8 {
        self.nodes.get(page as usize).map_or(0, |node| node.mark)
    }

    #[inline]
    pub(crate) fn set_mark(&mut self, page: Page, mark: u8) {
        self.nodes[page as usize].mark = mark;
    }

    /// Puts a page that is in no list at the newest end of one.
    #[inline]
    pub(crate) fn push_newest(&mut self, list: u8, page: Page) {
        let ends = &mut self.ends[list as usize];
        let older = ends.newest;
        ends.newest = page;
        ends.length += 1;
        if older == NIL {
            ends.oldest = page;
        } else {
            self.nodes[older as usize].newer = page;
        }
        let node = &mut self.nodes[page as usize];
        debug_assert!(node.list == NOWHERE);
        (node.older, node.newer, node.list) = (older, NIL, list);
    }

    /// Takes a page out of its list. Its mark stays.
    #[inline]
    pub(crate) fn remove(&mut self, page: Page) {
        let node = &mut self.nodes[page as usize];
        debug_assert!(node.list != NOWHERE);
        let (older, newer, list) = (node.older, node.newer, node.list);
        node.list = NOWHERE;
        let ends = &mut self.ends[list as usize];
        ends.length -= 1;
        if older == NIL {
            ends.oldest = newer;
        } else {
            self.nodes[older as usize].newer = newer;
        }
        if newer == NIL {
            ends.newest = older;
        } else {
            self.nodes[newer as usize].older = older;
        }
    }

    /// Takes out the oldest page of a list.
    #[inline]
    pub(crate) fn pop_oldest(&mut self, list: u8) -> Option<Page> {
        let page = self.oldest(list)?;
        self.remove(page);
        Some(page)
    }

    /// Moves a page that is in a list to the newest end of one, the same or another.
    #[inline]
    pub(crate) fn move_to_newest(&mut self, list: u8, page: Page) {
        if self.ends[list as usize].newest != page {
            self.remove(page);
            self.push_newest(list, page);
        }
    }

    /// The oldest page of a list that may leave. O(1 + pinned pages passed over).
    #[inline]
    pub(crate) fn oldest_evictable(&self, list: u8, pager: &impl Pager) -> Option<Page> {
        let mut candidate = self.oldest(list)?;
        while !pager.is_evictable(candidate) {
            candidate = self.newer(candidate)?;
        }
        Some(candidate)
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.nodes)
    }

    /// The pages reserved.
    pub(crate) fn pages(&self) -> usize {
        self.nodes.len()
    }

    /// Each page with its list and its mark.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Page, u8, u8)> + '_ {
        (0..).zip(&self.nodes).map(|(page, node)| (page, node.list, node.mark))
    }

    /// Checks links, lengths and membership, and that no page from `pages` on is in a list. O(pages).
    pub(crate) fn validate(&self, pages: u32) -> Result<(), &'static str> {
        let mut listed = 0u64;
        if self.nodes.len() > MAX_PAGES as usize {
            return Err("a table of lists has more pages than are numbered");
        }
        if self.nodes.iter().skip(pages as usize).any(|node| node.list != NOWHERE) {
            return Err("a page is in a list that other tables do not know");
        }
        for (list, ends) in self.ends.iter().enumerate() {
            let (mut older, mut page, mut length) = (NIL, ends.oldest, 0u32);
            while page != NIL {
                let node = self.nodes.get(page as usize).ok_or("a link leads outside the table")?;
                if node.list as usize != list || node.older != older {
                    return Err("a page's links or list do not agree with its neighbours");
                }
                length += 1;
                if length > ends.length {
                    return Err("a list is longer than its count, or a ring");
                }
                (older, page) = (page, node.newer);
            }
            if older != ends.newest || length != ends.length {
                return Err("a list's newest page or its count is wrong");
            }
            listed += u64::from(length);
        }
        if self.nodes.iter().filter(|node| node.list != NOWHERE).count() as u64 != listed {
            return Err("a page says it is in a list that does not hold it");
        }
        Ok(())
    }
}

#[inline]
fn some(page: u32) -> Option<Page> {
    if page == NIL { None } else { Some(page) }
}
