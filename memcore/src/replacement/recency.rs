//! Pages by recency, with the time of each one's last reference: what the policies are made of that let pages
//! go by age and not for want of frames.
//!
//! ```text
//!   oldest -> [c 17] <-> [a 40] <-> [d 41] <- newest       at time 41, all that is before 40 leaves: c
//! ```

use super::error::PolicyError;
use super::lists::{Lists, NOWHERE};
use super::policy::{Page, Pager};
use super::tables;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// Resident pages by recency. Time counts references. Every operation is O(1) unless it says otherwise;
/// 20 bytes a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Recency {
    pub(crate) now: u64,
    order: Lists<1>,
    last: Vec<u64>,
}

impl Recency {
    pub(crate) fn new() -> Self {
        Recency { now: 0, order: Lists::new(), last: Vec::new() }
    }

    pub(crate) fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.last, pages, 0)?;
        self.order.reserve(pages)
    }

    #[inline]
    pub(crate) fn resident(&self) -> u32 {
        self.order.length(0)
    }

    #[inline]
    pub(crate) fn is_resident(&self, page: Page) -> bool {
        self.order.list_of(page) != NOWHERE
    }

    /// A resident page is used now.
    #[inline]
    pub(crate) fn use_now(&mut self, page: Page) {
        self.order.move_to_newest(0, page);
        self.last[page as usize] = self.now;
    }

    /// A page comes in now.
    #[inline]
    pub(crate) fn insert(&mut self, page: Page) {
        self.order.push_newest(0, page);
        self.last[page as usize] = self.now;
    }

    /// Evicts the pages last used before a time, which is not after now. One that is pinned, or that was
    /// referenced without our being told, counts as used now. O(1 + pages looked at).
    #[inline]
    pub(crate) fn evict_before(&mut self, time: u64, pager: &mut impl Pager) {
        while let Some(page) = self.order.oldest(0) {
            if self.last[page as usize] >= time {
                break;
            }
            if !pager.is_evictable(page) || pager.take_referenced(page) {
                self.use_now(page);
            } else {
                self.leave(page, pager);
            }
        }
    }

    /// Evicts the oldest page that may leave. O(1 + pinned pages passed over).
    #[inline]
    pub(crate) fn evict_oldest(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.order.oldest_evictable(0, pager)?;
        self.leave(victim, pager);
        Some(victim)
    }

    #[inline]
    fn leave(&mut self, page: Page, pager: &mut impl Pager) {
        self.order.remove(page);
        pager.evicted(page);
        pager.forgotten(page);
    }

    /// As [`Policy::remove`](super::Policy::remove).
    pub(crate) fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.order.remove(page);
            pager.forgotten(page);
        }
        known
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        self.order.metadata_bytes() + tables::bytes_of(&self.last)
    }

    /// The pages reserved.
    pub(crate) fn pages(&self) -> u32 {
        tables::common([self.order.pages(), self.last.len()])
    }

    /// Checks links and order. O(pages).
    pub(crate) fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(1, self.now)?;
        self.order.validate(self.pages())?;
        let (mut at, mut before) = (self.order.oldest(0), 0);
        while let Some(page) = at {
            let last = self.last[page as usize];
            if last < before || last > self.now {
                return Err("the pages are not in the order of their last references");
            }
            (at, before) = (self.order.newer(page), last);
        }
        Ok(())
    }
}
