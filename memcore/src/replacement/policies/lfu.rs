//! LFU, least frequently used: the page with the fewest references leaves.
//!
//! ```text
//!   references   1: e -> g    2: a    5: b -> d    90: c         a miss evicts e: fewest, and among those the oldest
//! ```
//!
//! Unbeatable where each reference is drawn anew with fixed probabilities; slow to let go of pages that were popular
//! once (see [`Lfuda`](super::Lfuda) and [`Aging`](super::Aging) for cures). A scan costs one frame, since its pages
//! stay at 1. Textbooks name it beside LRU (Coffman and Denning, "Operating systems theory", 1973).
//!
//! Two things that LFU leaves open are parameters. Among equals the least recently used leaves, or the one that came in
//! first (`tie`). And a count begins anew when its page comes back, or goes on (`history`): kept, it is LFU as the
//! theory has it ("perfect LFU"), and the policy remembers each page it ever saw. Kept counts with ties by recency are
//! a stack algorithm; reset ones are not, and Belady's anomaly can occur.
//!
//! The pages are in a lazy heap, so that a reference costs O(1) with either tie-break: lists by frequency, in O(1)
//! throughout (Shah, Mitra, Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme", 2010), can
//! break ties by recency alone, and touch several pages' lists for each reference.

use crate::replacement::error::PolicyError;
use crate::replacement::heap::Heap;
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::tables;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// Who leaves among pages with equally many references.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tie {
    /// The least recently used.
    #[default]
    Lru,
    /// The one that came in first.
    Fifo,
}

/// The parameters of [`Lfu`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LfuParameters {
    /// `tie=lru` or `tie=fifo`; by default `lru`.
    pub tie: Tie,
    /// `history=kept` or `history=reset`: whether a page's count survives its eviction; by default it is reset.
    pub keep_history: bool,
}

impl Parameters for LfuParameters {
    const KEYS: &'static [&'static str] = &["tie", "history"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let ties = [("lru", Tie::Lru), ("fifo", Tie::Fifo)];
        let histories = [("reset", false), ("kept", true)];
        Ok(LfuParameters {
            tie: spec.choice("tie", &ties, Tie::Lru, "must be lru or fifo")?,
            keep_history: spec.choice("history", &histories, false, "must be reset or kept")?,
        })
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if self.tie == Tie::Fifo {
            to("tie", &"fifo");
        }
        if self.keep_history {
            to("history", &"kept");
        }
    }
}

/// Least frequently used. O(1) an access, O(log resident pages) an eviction, on average over the accesses between two;
/// 51 bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"lfu".parse()?, 2)?;
/// for key in [1, 1, 2, 3] {
///     cache.access(key, false)?;
/// }
/// assert_eq!(cache.evicted(), [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lfu {
    frames: u32,
    parameters: LfuParameters,
    now: u64,
    /// By references, then by when the page came in or was last used. A page that is out keeps its key iff it is
    /// remembered; else its references are 0.
    pages: Heap,
}

impl Lfu {
    /// Lets go of a page that is not in the heap.
    fn forget(&mut self, page: Page, pager: &mut impl Pager) {
        self.pages.set_key(page, (0, 0));
        pager.forgotten(page);
    }
}

impl Named for Lfu {
    const NAME: &'static str = "lfu";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = LfuParameters;

    fn new(parameters: &LfuParameters, frames: u32) -> Result<Self, PolicyError> {
        Ok(Lfu { frames: check_frames(frames)?, parameters: *parameters, now: 0, pages: Heap::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.pages.pages()])
    }
}

impl Policy for Lfu {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.pages.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.pages.length()
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(page)
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.now += 1;
        let (references, arrival) = self.pages.key(page);
        let since = if self.parameters.tie == Tie::Lru { self.now } else { arrival };
        self.pages.set_key(page, (references + 1, since));
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.pages.pop_evictable(pager)?;
        pager.evicted(victim);
        if !self.parameters.keep_history {
            self.forget(victim, pager);
        }
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.now += 1;
        let (references, _) = self.pages.key(page);
        self.pages.insert(page, (references + 1, self.now));
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let (references, _) = self.pages.key(page);
        if references == 0 {
            return false;
        }
        if self.is_resident(page) {
            self.pages.remove(page);
        }
        self.forget(page, pager);
        true
    }

    fn metadata_bytes(&self) -> usize {
        self.pages.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, self.now)?;
        self.pages.validate(self.reserved())
    }
}
