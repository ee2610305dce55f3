//! Working set: the pages referenced in the last `tau` references are resident, no more and no fewer.
//!
//! ```text
//!   references   ... 3 1 [4 1 5 9 4 1] 2          tau = 6: the working set is {1, 4, 5, 9}; the reference to 2 is
//!                         <-  tau  ->             a miss, and the set becomes {1, 2, 4, 5, 9}
//! ```
//!
//! Peter J. Denning, "The working set model for program behavior", CACM 11(5), 1968. The number of resident pages
//! follows the program: there is no number of frames, and the one that the policy is made with is ignored. A
//! reference is a miss iff the page's last one is more than `tau` references ago. Time is counted in references.
//!
//! Each reference pushes at most one page out of the window. It leaves with the next reference (its eviction is told
//! in the call of that one), or, if a machine wants a frame, the page referenced longest ago leaves at once. A page
//! that is pinned when it should leave counts as referenced then.
//!
//! **Good at** telling how many frames a program needs now, and thereby at preventing thrashing. **Bad at** changes of
//! phase, when the old locality stays for `tau` references. A larger `tau` never means more misses.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, MAX_PAGES, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use std_alloc::vec::Vec;

whole_numbers! {
    /// The parameters of [`WorkingSet`].
    WorkingSetParameters {
        /// The window, in references.
        tau = 1000 in 1..=18446744073709551615,
    }
}

/// Denning's working set. O(1) an access, amortised; 20 bytes a page. [`frames`](Policy::frames) is [`MAX_PAGES`].
///
/// ```
/// use memcore::replacement::{Named, Policy, WorkingSet, WorkingSetParameters};
/// let mut policy = WorkingSet::new(&WorkingSetParameters { tau: 3 }, 1)?;
/// policy.reserve(3)?;
/// let sizes = [0, 1, 2, 2, 2, 0].map(|page| {
///     policy.access(page, &mut ());
///     policy.resident()
/// });
/// assert_eq!(sizes, [1, 2, 3, 2, 1, 2]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WorkingSet {
    tau: u64,
    /// References so far.
    now: u64,
    by_recency: Lists<1>,
    last: Vec<u64>,
}

impl Named for WorkingSet {
    const NAME: &'static str = "working-set";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: true, is_stack: false };
    type Parameters = WorkingSetParameters;

    fn new(parameters: &WorkingSetParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        check_frames(frames)?;
        Ok(WorkingSet { tau: parameters.tau, now: 0, by_recency: Lists::new(), last: Vec::new() })
    }
}

impl WorkingSet {
    #[inline]
    fn use_now(&mut self, page: Page) {
        self.by_recency.move_to_newest(0, page);
        self.last[page as usize] = self.now;
    }

    /// Evicts what has fallen out of the window.
    #[inline]
    fn expire(&mut self, pager: &mut impl Pager) {
        while let Some(page) = self.by_recency.oldest(0) {
            if self.now - self.last[page as usize] < self.tau {
                break;
            }
            if !pager.is_evictable(page) || pager.take_referenced(page) {
                self.use_now(page);
            } else {
                self.leave(page, pager);
            }
        }
    }

    #[inline]
    fn leave(&mut self, page: Page, pager: &mut impl Pager) {
        self.by_recency.remove(page);
        pager.evicted(page);
        pager.forgotten(page);
    }
}

impl Policy for WorkingSet {
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

    /// As said in the trait; pages that fall out of the window leave.
    #[inline]
    fn touch(&mut self, page: Page, pager: &mut impl Pager) {
        self.now += 1;
        self.use_now(page);
        self.expire(pager);
    }

    /// As said in the trait; pages that fall out of the window leave.
    #[inline]
    fn miss(&mut self, _page: Page, pager: &mut impl Pager) {
        self.now += 1;
        self.expire(pager);
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
