//! Pages: the units of content, wherever they are, and the way back from a page to the entries that map it.
//!
//! A page outlives its frame: swapped out, it keeps its number, and the entries of page tables that stood for the
//! frame stand for the number. A page of a file keeps its number as long as its replacement policy remembers it.
//!
//! ```text
//!   process 1  [ entry ]--+                     +-- frame      (resident)
//!   process 2  [ entry ]--+--> page 17 ---------+-- swap slot  (swapped; both: the swap cache)
//!   file 3, page 5 -------+      |              +-- member of a policy (resident or remembered)
//!                                +-- mappings: (process, address), ...   "reverse mapping"
//! ```
//!
//! The first mapping lies in the record, further ones in a doubly linked list, newest first. A search looks at both
//! ends in turn, so that processes that share a page may end in either order, each in O(1) a page.

use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// A page, by its number; 0 is none.
pub(in crate::vm) type PageId = u32;

/// No frame, slot, member, node.
pub(in crate::vm) const NONE: u32 = u32::MAX;

bitflags::bitflags! {
    /// What is known of a page beside its place.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub(in crate::vm) struct PageFlags: u8 {
        /// The record is in use.
        const LIVE = 1;
        /// The frame has what neither its file nor its slot has.
        const DIRTY = 2;
        /// It was referenced by an entry that is gone.
        const REFERENCED = 4;
        /// Its content may go, unless it is written again (MADV_FREE).
        const LAZY_FREE = 8;
        /// Merged from several equal pages.
        const MERGED = 16;
        /// It could not be written where it belongs, and stays.
        const STUCK = 32;
        /// Of a file: it needs no swap.
        const FILE = 128;
        /// From the pool of huge pages: never evicted, never split.
        const POOLED = 64;
    }
}

/// An entry that maps a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::vm) struct Mapping {
    pub space: u32,
    pub address: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Link {
    mapping: Mapping,
    next: u32,
    previous: u32,
}

/// A page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Page {
    /// Its frame, the first of 2^order, or NONE.
    pub frame: u32,
    /// Its place in swap, or NONE.
    pub slot: u32,
    /// The file or shared memory that it belongs to; 0: private memory.
    pub object: u32,
    /// Which page of the object.
    pub index: u64,
    /// Entries that map it.
    pub mappings: u32,
    /// Entries that stand for it while it is swapped.
    pub swapped: u32,
    /// Mappings in locked areas.
    pub pins: u32,
    first: Mapping,
    newest: u32,
    oldest: u32,
    /// The policy that it is in, and its number there (or NONE).
    pub domain: u32,
    pub member: u32,
    /// How many pages had left when this one did; 0: it never did.
    pub left_at: u64,
    /// Hash of the content when it was last scanned for merging.
    pub checksum: u32,
    pub order: u8,
    pub flags: PageFlags,
}

impl Page {
    pub fn is_resident(&self) -> bool {
        self.frame != NONE
    }

    /// Private memory, merged or not.
    pub fn is_private(&self) -> bool {
        self.object == 0
    }

    /// Entries of any kind.
    pub fn references(&self) -> u64 {
        u64::from(self.mappings) + u64::from(self.swapped)
    }

    /// One entry alone has it, and nothing else: a write may go to this very frame.
    pub fn is_exclusive(&self) -> bool {
        self.is_private() && self.references() == 1 && !self.flags.contains(PageFlags::MERGED)
    }

    /// Base pages in it.
    pub fn weight(&self) -> u64 {
        1 << self.order
    }
}

/// All pages, and the lists of their mappings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::vm) struct Pages {
    records: Vec<Page>,
    vacant: Vec<PageId>,
    links: Vec<Link>,
    vacant_links: Vec<u32>,
}

/// The host has no memory for another record.
#[derive(Clone, Copy, Debug)]
pub(in crate::vm) struct Full;

fn push<T>(to: &mut Vec<T>, value: T) -> Result<(), Full> {
    to.try_reserve(1).map_err(|_| Full)?;
    to.push(value);
    Ok(())
}

impl Pages {
    /// A new page of an object, nowhere yet. O(1).
    pub fn create(&mut self, object: u32, index: u64) -> Result<PageId, Full> {
        let page = Page {
            frame: NONE,
            slot: NONE,
            object,
            index,
            mappings: 0,
            swapped: 0,
            pins: 0,
            first: Mapping::default(),
            newest: NONE,
            oldest: NONE,
            domain: 0,
            member: NONE,
            left_at: 0,
            checksum: 0,
            order: 0,
            flags: PageFlags::LIVE,
        };
        if let Some(id) = self.vacant.pop() {
            self.records[id as usize - 1] = page;
            return Ok(id);
        }
        // So that giving a record back never needs memory.
        let wanted = self.records.len() + 1 - self.vacant.len();
        self.vacant.try_reserve(wanted).map_err(|_| Full)?;
        if self.records.len() >= NONE as usize - 16 {
            return Err(Full);
        }
        push(&mut self.records, page)?;
        Ok(self.records.len() as PageId)
    }

    /// Gives a record back. O(1).
    pub fn release(&mut self, id: PageId) {
        let record = &mut self.records[id as usize - 1];
        (record.flags, record.frame) = (PageFlags::empty(), NONE);
        self.vacant.push(id);
    }

    #[inline]
    pub fn get(&self, id: PageId) -> &Page {
        &self.records[id as usize - 1]
    }

    #[inline]
    pub fn get_mut(&mut self, id: PageId) -> &mut Page {
        &mut self.records[id as usize - 1]
    }

    /// All pages in use. O(pages).
    pub fn iter(&self) -> impl Iterator<Item = (PageId, &Page)> {
        let live = |(_, page): &(usize, &Page)| page.flags.contains(PageFlags::LIVE);
        self.records.iter().enumerate().filter(live).map(|(at, page)| (at as PageId + 1, page))
    }

    /// Whether there is such a page.
    pub fn is_live(&self, id: PageId) -> bool {
        let record = (id as usize).checked_sub(1).and_then(|at| self.records.get(at));
        record.is_some_and(|page| page.flags.contains(PageFlags::LIVE))
    }

    /// An entry maps the page from now on. O(1).
    pub fn map(&mut self, id: PageId, mapping: Mapping) -> Result<(), Full> {
        let page = &mut self.records[id as usize - 1];
        if page.mappings == 0 {
            page.first = mapping;
            page.mappings = 1;
            return Ok(());
        }
        let link = Link { mapping, next: page.newest, previous: NONE };
        let at = match self.vacant_links.pop() {
            Some(at) => {
                self.links[at as usize] = link;
                at
            }
            None => {
                let wanted = self.links.len() + 1 - self.vacant_links.len();
                self.vacant_links.try_reserve(wanted).map_err(|_| Full)?;
                push(&mut self.links, link)?;
                self.links.len() as u32 - 1
            }
        };
        match page.newest {
            NONE => page.oldest = at,
            newest => self.links[newest as usize].previous = at,
        }
        page.newest = at;
        page.mappings += 1;
        Ok(())
    }

    /// An entry maps the page no more. O(1) for the oldest and newest mappings, else O(mappings).
    pub fn unmap(&mut self, id: PageId, mapping: Mapping) {
        let page = &mut self.records[id as usize - 1];
        let is_first = page.first == mapping;
        let (mut from_new, mut from_old) = (page.newest, page.oldest);
        let found = if is_first {
            // The oldest of the list takes its place, if there is one.
            from_old
        } else {
            loop {
                if from_new == NONE {
                    return;
                }
                if self.links[from_new as usize].mapping == mapping {
                    break from_new;
                }
                if self.links[from_old as usize].mapping == mapping {
                    break from_old;
                }
                from_new = self.links[from_new as usize].next;
                from_old = self.links[from_old as usize].previous;
            }
        };
        page.mappings -= 1;
        if found == NONE {
            return;
        }
        let Link { mapping: moved, next, previous } = self.links[found as usize];
        if is_first {
            page.first = moved;
        }
        match next {
            NONE => page.oldest = previous,
            next => self.links[next as usize].previous = previous,
        }
        match previous {
            NONE => page.newest = next,
            previous => self.links[previous as usize].next = next,
        }
        self.vacant_links.push(found);
    }

    /// The mapping of a page moves to another address. O(mappings).
    pub fn moved(&mut self, id: PageId, space: u32, from: u64, to: u64) {
        let page = &mut self.records[id as usize - 1];
        let old = Mapping { space, address: from };
        if page.first == old {
            page.first.address = to;
            return;
        }
        let mut at = page.newest;
        while at != NONE {
            let link = &mut self.links[at as usize];
            if link.mapping == old {
                link.mapping.address = to;
                return;
            }
            at = link.next;
        }
    }

    /// The entries that map a page: the oldest, then from the newest on. O(mappings).
    pub fn mappings(&self, id: PageId) -> impl Iterator<Item = Mapping> + '_ {
        let page = self.get(id);
        let first = (page.mappings > 0).then_some(page.first);
        let mut at = page.newest;
        let rest = core::iter::from_fn(move || {
            let link = self.links.get(at as usize)?;
            at = link.next;
            Some(link.mapping)
        });
        // A list from a hostile file may run in a circle.
        first.into_iter().chain(rest.take(page.mappings.saturating_sub(1) as usize))
    }

    /// Bytes of memory held. O(1).
    pub fn metadata_bytes(&self) -> usize {
        self.records.capacity() * size_of::<Page>()
            + self.links.capacity() * size_of::<Link>()
            + (self.vacant.capacity() + self.vacant_links.capacity()) * 4
    }

    /// That records and lists hang together. O(pages + mappings).
    pub fn validate(&self) -> Result<(), &'static str> {
        let live = self.iter().count();
        if live + self.vacant.len() != self.records.len() {
            return Err("pages in use and vacant ones are not all pages");
        }
        if self.vacant.iter().any(|&id| id == 0 || id as usize > self.records.len() || self.is_live(id)) {
            return Err("a vacant page is in use");
        }
        let mut linked = 0;
        for (id, page) in self.iter() {
            let count = self.mappings(id).count();
            if count != page.mappings as usize {
                return Err("a page's list of mappings is not as long as it says");
            }
            linked += count.saturating_sub(1);
            let (mut at, mut previous) = (page.newest, NONE);
            for _ in 1..count {
                let link = self.links.get(at as usize).ok_or("a list of mappings leaves the table")?;
                if link.previous != previous {
                    return Err("a list of mappings does not go back as it goes forth");
                }
                (previous, at) = (at, link.next);
            }
            if count > 0 && (at != NONE || page.oldest != previous) {
                return Err("a list of mappings has no end");
            }
        }
        if linked + self.vacant_links.len() != self.links.len() {
            return Err("links in use and vacant ones are not all links");
        }
        Ok(())
    }
}
