//! FIFO, first in, first out: the page that came in longest ago leaves, however much it is used.
//!
//! ```text
//!   oldest -> [c] <-> [a] <-> [d] <- newest       a reference to c changes nothing; a miss evicts c
//! ```
//!
//! The least that can be kept: no work on a hit. Not a stack algorithm: on 1 2 3 4 1 2 5 1 2 3 4 5 it misses 9
//! times in 3 frames and 10 times in 4 (Belady, Nelson, Shedler, "An anomaly in space-time characteristics of
//! certain programs running in a paging machine", CACM 12(6), 1969).

use crate::replacement::error::PolicyError;
use crate::replacement::kernels::{FifoKernel, Kernel};
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;

/// First in, first out. O(1) an access; 12 bytes a page.
///
/// ```
/// use memcore::replacement::{Fifo, Named, Policy};
/// let mut policy = Fifo::new(&(), 2)?;
/// policy.reserve(3)?;
/// let hits: Vec<bool> = [0, 1, 0, 2, 0, 1].map(|page| policy.access(page, &mut ())).to_vec();
/// assert_eq!(hits, [false, false, true, false, false, false]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fifo {
    frames: u32,
    by_arrival: Lists<1>,
}

impl Named for Fifo {
    const NAME: &'static str = "fifo";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ();

    fn new(_parameters: &(), frames: u32) -> Result<Self, PolicyError> {
        Ok(Fifo { frames: check_frames(frames)?, by_arrival: Lists::new() })
    }

    fn kernel(_parameters: &(), frames: u32) -> Result<Option<Box<dyn Kernel>>, PolicyError> {
        // Its clock of 32 bits has to have room for more than the frames.
        if frames > 1 << 31 {
            return Ok(None);
        }
        Ok(Some(Box::new(FifoKernel::new(frames)?)))
    }

    fn reserved(&self) -> u32 {
        tables::common([self.by_arrival.pages()])
    }
}

impl Policy for Fifo {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.by_arrival.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.by_arrival.length(0)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.by_arrival.list_of(page) != NOWHERE
    }

    #[inline]
    fn touch(&mut self, _page: Page, _pager: &mut impl Pager) {}

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.by_arrival.oldest_evictable(0, pager)?;
        self.by_arrival.remove(victim);
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_arrival.push_newest(0, page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.by_arrival.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.by_arrival.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        self.by_arrival.validate(self.reserved())
    }
}
