//! PFF, page-fault frequency: the set of resident pages grows while misses come fast, and is cut back to what is in
//! use when they come slowly.
//!
//! ```text
//!   misses      x  x x   x                        x            each miss adds its page; at the last one, more than
//!   --------------------------------------------------> time   `interval` after the one before, the pages not
//!                         <--- > interval ------->             referenced in between leave
//! ```
//!
//! Wesley W. Chu and Holger Opderbeck, "The page fault frequency replacement algorithm", AFIPS Fall Joint Computer
//! Conference, 1972. At a miss at least `interval` references after the miss before, every page that was not
//! referenced since that one (it included) leaves; at a miss that comes sooner none does. Time is counted in
//! references. There is no number of frames, and the one that the policy is made with is ignored. A page that is
//! pinned when it should leave counts as referenced then.
//!
//! It needs to act at misses only, where the [working set](super::WorkingSet) must watch every reference. **Good at**
//! steady localities. **Bad at** changes of phase: while the new locality comes in, misses are fast, and the old one
//! stays. It has anomalies: a larger `interval` may mean more misses.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, MAX_PAGES, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use std_alloc::vec::Vec;

whole_numbers! {
    /// The parameters of [`Pff`].
    PffParameters {
        /// The references between two misses from which on the resident set is cut back.
        interval = 100 in 1..=18446744073709551615,
    }
}

/// Page-fault frequency. O(1) an access, amortised; 20 bytes a page. [`frames`](Policy::frames) is [`MAX_PAGES`].
///
/// ```
/// use memcore::replacement::{Named, Pff, PffParameters, Policy};
/// let mut policy = Pff::new(&PffParameters { interval: 3 }, 1)?;
/// policy.reserve(4)?;
/// let sizes = [0, 1, 2, 2, 1, 3].map(|page| {
///     policy.access(page, &mut ());
///     policy.resident()
/// });
/// assert_eq!(sizes, [1, 2, 3, 3, 3, 3]); // 0 leaves as 3 comes: it was not referenced since the miss of 2
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pff {
    interval: u64,
    /// References so far.
    now: u64,
    last_miss: u64,
    by_recency: Lists<1>,
    last: Vec<u64>,
}

impl Named for Pff {
    const NAME: &'static str = "pff";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: true, is_stack: false };
    type Parameters = PffParameters;

    fn new(parameters: &PffParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        check_frames(frames)?;
        let interval = parameters.interval;
        Ok(Pff { interval, now: 0, last_miss: 0, by_recency: Lists::new(), last: Vec::new() })
    }
}

impl Pff {
    #[inline]
    fn use_now(&mut self, page: Page) {
        self.by_recency.move_to_newest(0, page);
        self.last[page as usize] = self.now;
    }

    #[inline]
    fn leave(&mut self, page: Page, pager: &mut impl Pager) {
        self.by_recency.remove(page);
        pager.evicted(page);
        pager.forgotten(page);
    }
}

impl Policy for Pff {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.last, pages, 0)?;
        self.by_recency.reserve(pages)
    }

    fn frames(&self) -> u32 {
        MAX_PAGES
    }

    #[inline]
    fn resident(&self) -> u32 {
        self.by_recency.length(0)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.by_recency.list_of(page) != NOWHERE
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.now += 1;
        self.use_now(page);
    }

    /// As said in the trait; pages not referenced since the last miss leave, if it was long ago.
    #[inline]
    fn miss(&mut self, _page: Page, pager: &mut impl Pager) {
        self.now += 1;
        if self.now - self.last_miss >= self.interval {
            while let Some(page) = self.by_recency.oldest(0) {
                if self.last[page as usize] >= self.last_miss {
                    break;
                }
                if !pager.is_evictable(page) || pager.take_referenced(page) {
                    self.use_now(page);
                } else {
                    self.leave(page, pager);
                }
            }
        }
        self.last_miss = self.now;
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.by_recency.oldest_evictable(0, pager)?;
        self.leave(victim, pager);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_recency.push_newest(0, page);
        self.last[page as usize] = self.now;
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
        self.by_recency.metadata_bytes() + tables::bytes_of(&self.last)
    }

    fn validate(&self) -> Result<(), &'static str> {
        self.by_recency.validate()?;
        let (mut at, mut before) = (self.by_recency.oldest(0), 0);
        while let Some(page) = at {
            let last = self.last[page as usize];
            if last < before || last > self.now {
                return Err("the pages are not in the order of their last references");
            }
            (at, before) = (self.by_recency.newer(page), last);
        }
        Ok(())
    }
}
