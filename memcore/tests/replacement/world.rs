//! Who owns the pages: pins, dirty and referenced bits, and what it was told.
//!
//! The engine and its model each have one. They start equal and are given the same steps, so they stay equal as long as
//! both examine, clean and evict the same pages in the same order.

use memcore::replacement::{Page, Pager};
use std::collections::BTreeSet;

/// Pins, bits and the victims so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub pinned: BTreeSet<Page>,
    pub dirty: BTreeSet<Page>,
    pub referenced: BTreeSet<Page>,
    /// Who lost its frame, in order.
    pub evicted: Vec<Page>,
    /// Who was cleaned while resident, in order.
    pub cleaned: Vec<Page>,
}

impl World {
    /// Takes the bits of a page that is gone.
    pub fn drop_bits(&mut self, page: Page) {
        for bits in [&mut self.pinned, &mut self.dirty, &mut self.referenced] {
            bits.remove(&page);
        }
    }
}

impl Pager for World {
    fn is_evictable(&self, page: Page) -> bool {
        !self.pinned.contains(&page)
    }

    fn take_referenced(&mut self, page: Page) -> bool {
        self.referenced.remove(&page)
    }

    fn is_dirty(&self, page: Page) -> bool {
        self.dirty.contains(&page)
    }

    fn clean(&mut self, page: Page) {
        if self.dirty.remove(&page) {
            self.cleaned.push(page);
        }
    }

    fn evicted(&mut self, page: Page) {
        assert!(!self.pinned.contains(&page), "page {page} is pinned and was evicted");
        self.drop_bits(page);
        self.evicted.push(page);
    }
}
