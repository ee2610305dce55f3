//! SIEVE: a queue in order of arrival, a bit that says visited, and a hand that goes from old to new.
//!
//! ```text
//!   oldest -> [c 1] - [a 0] - [d 1] - [b 0] <- newest     the hand at c: its bit is cleared, the hand moves to a,
//!               ^ hand                                    a leaves; d is next. New pages join at the newest end.
//! ```
//!
//! As in CLOCK a hit sets a bit and moves nothing; but a page that is passed over keeps its place instead of joining
//! the newest, and the hand goes on from where it was. So the pages behind the hand are those that have proved
//! themselves, and new pages in front of it are sifted soon: quick demotion of what is used once. Zhang, Yang, Yue,
//! Vigfusson, Rashmi, "SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches", NSDI 2024.
//!
//! Very good on skewed references. A scan costs it little, as long as its pages are not visited twice; a loop over more
//! pages than there are frames misses every time. Not a stack algorithm.

use crate::replacement::error::PolicyError;
use crate::replacement::kernels::{Kernel, SieveKernel};
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;

/// SIEVE. O(1) an access; an eviction looks at each page at most twice, and at two pages an access on average; 12 bytes
/// a page.
///
/// Pinned pages are passed over, their bits left alone. If the pager's referenced bits never let a page go, the second
/// round ignores them.
///
/// ```
/// use memcore::replacement::{Named, Policy, Sieve};
/// let mut policy = Sieve::new(&(), 2)?;
/// policy.reserve(4)?;
/// let hits: Vec<bool> = [0, 1, 0, 2, 0, 3, 0].map(|page| policy.access(page, &mut ())).to_vec();
/// assert_eq!(hits, [false, false, true, false, true, false, true]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sieve {
    frames: u32,
    /// The mark is the visited bit.
    by_arrival: Lists<1>,
    /// The page to be looked at next; the oldest if there is none.
    hand: Option<Page>,
}

impl Sieve {
    /// Takes out a page; a hand that points at it moves on.
    #[inline]
    fn take(&mut self, page: Page) {
        if self.hand == Some(page) {
            self.hand = self.by_arrival.newer(page);
        }
        self.by_arrival.remove(page);
    }
}

impl Named for Sieve {
    const NAME: &'static str = "sieve";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ();

    fn new(_parameters: &(), frames: u32) -> Result<Self, PolicyError> {
        Ok(Sieve { frames: check_frames(frames)?, by_arrival: Lists::new(), hand: None })
    }

    fn kernel(_parameters: &(), frames: u32) -> Result<Option<Box<dyn Kernel>>, PolicyError> {
        Ok(Some(Box::new(SieveKernel::new(frames)?)))
    }

    fn reserved(&self) -> u32 {
        tables::common([self.by_arrival.pages()])
    }
}

impl Policy for Sieve {
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
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_arrival.set_mark(page, 1);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let pages = u64::from(self.by_arrival.length(0));
        for look in 0..2 * pages {
            let page = self.hand.or(self.by_arrival.oldest(0))?;
            self.hand = Some(page);
            if pager.is_evictable(page) {
                let visited = pager.take_referenced(page) | (self.by_arrival.mark(page) != 0);
                if !visited || look >= pages {
                    self.take(page);
                    pager.evicted(page);
                    pager.forgotten(page);
                    return Some(page);
                }
                self.by_arrival.set_mark(page, 0);
            }
            self.hand = self.by_arrival.newer(page);
        }
        None
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_arrival.push_newest(0, page);
        self.by_arrival.set_mark(page, 0);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.take(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.by_arrival.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        if self.hand.is_some_and(|page| !self.is_resident(page)) {
            return Err("the hand points at a page that is not resident");
        }
        self.by_arrival.validate(self.reserved())
    }
}
