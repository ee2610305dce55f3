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
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, MAX_PAGES, Named, Page, Pager, Policy, check_frames};
use crate::replacement::recency::Recency;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pff {
    interval: u64,
    last_miss: u64,
    by_recency: Recency,
}

impl Named for Pff {
    const NAME: &'static str = "pff";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: true, is_stack: false };
    type Parameters = PffParameters;

    fn new(parameters: &PffParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        check_frames(frames)?;
        let interval = parameters.interval;
        Ok(Pff { interval, last_miss: 0, by_recency: Recency::new() })
    }

    fn reserved(&self) -> u32 {
        self.by_recency.pages()
    }
}

impl Policy for Pff {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.by_recency.reserve(pages)
    }

    fn frames(&self) -> u32 {
        MAX_PAGES
    }

    #[inline]
    fn resident(&self) -> u32 {
        self.by_recency.resident()
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.by_recency.is_resident(page)
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_recency.now += 1;
        self.by_recency.use_now(page);
    }

    /// As said in the trait; pages not referenced since the last miss leave, if it was long ago.
    #[inline]
    fn miss(&mut self, _page: Page, pager: &mut impl Pager) {
        self.by_recency.now += 1;
        let now = self.by_recency.now;
        if now - self.last_miss >= self.interval {
            self.by_recency.evict_before(self.last_miss, pager);
        }
        self.last_miss = now;
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        self.by_recency.evict_oldest(pager)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.by_recency.insert(page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        self.by_recency.remove(page, pager)
    }

    fn metadata_bytes(&self) -> usize {
        self.by_recency.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        if self.last_miss > self.by_recency.now {
            return Err("the last miss is to come");
        }
        self.by_recency.validate()
    }
}
