//! LRU, least recently used: the page whose last reference is longest ago leaves.
//!
//! ```text
//!   oldest -> [c] <-> [a] <-> [d] <-> [b] <- newest       a reference to a: c d b a; a miss evicts c
//! ```
//!
//! A stack algorithm (Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM
//! Systems Journal 9(2), 1970): more frames never mean more misses. Good where the recent past tells the near
//! future; a loop over one page more than there are frames misses every time, and a scan sweeps everything
//! out.

use crate::replacement::error::PolicyError;
use crate::replacement::kernels::{Kernel, LruKernel};
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;

/// Least recently used. O(1) an access; 12 bytes a page.
///
/// ```
/// use memcore::replacement::{Lru, Named, Policy};
/// let mut policy = Lru::new(&(), 2)?;
/// policy.reserve(3)?;
/// let hits: Vec<bool> = [0, 1, 0, 2, 0, 1].map(|page| policy.access(page, &mut ())).to_vec();
/// assert_eq!(hits, [false, false, true, false, true, false]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lru {
    frames: u32,
    by_recency: Lists<1>,
}

impl Named for Lru {
    const NAME: &'static str = "lru";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: true };
    type Parameters = ();

    fn new(_parameters: &(), frames: u32) -> Result<Self, PolicyError> {
        Ok(Lru { frames: check_frames(frames)?, by_recency: Lists::new() })
    }

    fn kernel(_parameters: &(), frames: u32) -> Result<Option<Box<dyn Kernel>>, PolicyError> {
        Ok(Some(Box::new(LruKernel::new(frames)?)))
    }

    fn reserved(&self) -> u32 {
        tables::common([self.by_recency.pages()])
    }
}

impl Policy for Lru {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.by_recency.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.by_recency.length(0)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.by_recency.list_of(page) != NOWHERE
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_recency.move_to_newest(0, page);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.by_recency.oldest_evictable(0, pager)?;
        self.by_recency.remove(victim);
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_recency.push_newest(0, page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.by_recency.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.by_recency.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        self.by_recency.validate(self.reserved())
    }
}
