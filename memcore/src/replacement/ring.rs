//! A ring of pages with a hand: what clock-like policies are made of.
//!
//! ```text
//!          +-> [7] -> [2] -> [9] -+        the hand points at the next page to be looked at;
//!          +----------^-----------+        a new page comes in behind it, so that it is looked at last
//!                    hand
//! ```
//!
//! A node holds both links and a mark of eight bits for the policy's own use: 12 bytes a page. Every operation is O(1).

use super::error::PolicyError;
use super::policy::{MAX_PAGES, Page};
use super::tables;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

const NIL: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Node {
    /// The page before, or NIL for a page that is not in the ring.
    before: u32,
    after: u32,
    mark: u8,
}

/// One ring.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ring {
    nodes: Vec<Node>,
    /// NIL iff the ring is empty.
    hand: u32,
    length: u32,
}

impl Ring {
    pub(crate) fn new() -> Self {
        Ring { nodes: Vec::new(), hand: NIL, length: 0 }
    }

    pub(crate) fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.nodes, pages, Node { before: NIL, after: NIL, mark: 0 })
    }

    #[inline]
    pub(crate) fn length(&self) -> u32 {
        self.length
    }

    /// Whether a page is in the ring. Also for pages that are not reserved.
    #[inline]
    pub(crate) fn contains(&self, page: Page) -> bool {
        self.nodes.get(page as usize).is_some_and(|node| node.before != NIL)
    }

    /// The page to be looked at next.
    #[inline]
    pub(crate) fn hand(&self) -> Option<Page> {
        if self.hand == NIL { None } else { Some(self.hand) }
    }

    /// Moves the hand on by one page.
    #[inline]
    pub(crate) fn advance(&mut self) {
        if self.hand != NIL {
            self.hand = self.nodes[self.hand as usize].after;
        }
    }

    /// Points the hand at a page in the ring.
    #[inline]
    pub(crate) fn point_at(&mut self, page: Page) {
        debug_assert!(self.contains(page));
        self.hand = page;
    }

    #[inline]
    pub(crate) fn mark(&self, page: Page) -> u8 {
        self.nodes[page as usize].mark
    }

    #[inline]
    pub(crate) fn set_mark(&mut self, page: Page, mark: u8) {
        self.nodes[page as usize].mark = mark;
    }

    /// Puts a page that is not in the ring behind the hand.
    #[inline]
    pub(crate) fn insert(&mut self, page: Page, mark: u8) {
        debug_assert!(!self.contains(page));
        self.length += 1;
        if self.hand == NIL {
            self.hand = page;
            self.nodes[page as usize] = Node { before: page, after: page, mark };
            return;
        }
        let after = self.hand;
        let before = core::mem::replace(&mut self.nodes[after as usize].before, page);
        self.nodes[before as usize].after = page;
        self.nodes[page as usize] = Node { before, after, mark };
    }

    /// Takes a page out. A hand that points at it moves on.
    #[inline]
    pub(crate) fn remove(&mut self, page: Page) {
        debug_assert!(self.contains(page));
        let Node { before, after, .. } = self.nodes[page as usize];
        self.nodes[page as usize].before = NIL;
        self.length -= 1;
        if self.length == 0 {
            self.hand = NIL;
            return;
        }
        self.nodes[before as usize].after = after;
        self.nodes[after as usize].before = before;
        if self.hand == page {
            self.hand = after;
        }
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.nodes)
    }

    /// The pages reserved.
    pub(crate) fn pages(&self) -> usize {
        self.nodes.len()
    }

    /// Checks links, length and membership. O(pages).
    pub(crate) fn validate(&self) -> Result<(), &'static str> {
        if (self.hand == NIL) != (self.length == 0) {
            return Err("a ring has a hand iff it has pages");
        }
        if self.nodes.len() > MAX_PAGES as usize || self.length as usize > self.nodes.len() {
            return Err("a ring has more pages than there are");
        }
        let mut page = self.hand;
        for passed in 0..self.length {
            if passed > 0 && page == self.hand {
                return Err("a ring closes before it has as many pages as it counts");
            }
            let node = self.nodes.get(page as usize).ok_or("a link leads outside the table")?;
            if self.nodes.get(node.after as usize).is_none_or(|next| next.before != page) {
                return Err("a page's links do not agree with its neighbours");
            }
            page = node.after;
        }
        if page != self.hand {
            return Err("a ring does not close after as many pages as it counts");
        }
        if self.nodes.iter().filter(|node| node.before != NIL).count() != self.length as usize {
            return Err("a page says it is in the ring, which does not hold it");
        }
        Ok(())
    }
}
