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
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, MAX_PAGES, Named, Page, Pager, Policy, check_frames};
use crate::replacement::recency::Recency;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkingSet {
    tau: u64,
    by_recency: Recency,
}

impl Named for WorkingSet {
    const NAME: &'static str = "working-set";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: true, is_stack: false };
    type Parameters = WorkingSetParameters;

    fn new(parameters: &WorkingSetParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        check_frames(frames)?;
        Ok(WorkingSet { tau: parameters.tau, by_recency: Recency::new() })
    }

    fn reserved(&self) -> u32 {
        self.by_recency.pages()
    }
}

impl WorkingSet {
    /// Evicts what has fallen out of the window, the last `tau` references.
    #[inline]
    fn expire(&mut self, pager: &mut impl Pager) {
        let window = (self.by_recency.now + 1).saturating_sub(self.tau);
        self.by_recency.evict_before(window, pager);
    }
}

impl Policy for WorkingSet {
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

    /// As said in the trait; pages that fall out of the window leave.
    #[inline]
    fn touch(&mut self, page: Page, pager: &mut impl Pager) {
        self.by_recency.now += 1;
        self.by_recency.use_now(page);
        self.expire(pager);
    }

    /// As said in the trait; pages that fall out of the window leave.
    #[inline]
    fn miss(&mut self, _page: Page, pager: &mut impl Pager) {
        self.by_recency.now += 1;
        self.expire(pager);
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
        self.by_recency.validate()
    }
}
