//! MRU, most recently used: the page whose last reference is the latest leaves.
//!
//! ```text
//!   oldest -> [c] <-> [a] <-> [d] <-> [b] <- newest       a miss evicts b; c, a and d stay
//! ```
//!
//! The opposite of LRU, for the one pattern where LRU is worst: in a loop over more pages than there are frames, the
//! page just used is the one needed last, and MRU does as well as any policy can (Chou and DeWitt, "An evaluation of
//! buffer management strategies for relational database systems", VLDB 1985). Everywhere else it holds on to pages
//! that nobody asks for any more. A stack algorithm: the order of the pages does not depend on the frames, so more
//! frames never mean more misses.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};

/// Most recently used. O(1) an access, O(1 + pinned pages passed over) an eviction; 12 bytes a page.
///
/// ```
/// use memcore::replacement::{Mru, Named, Policy};
/// let mut policy = Mru::new(&(), 2)?;
/// policy.reserve(3)?;
/// let hits: Vec<bool> = [0, 1, 2, 0, 1, 2].map(|page| policy.access(page, &mut ())).to_vec();
/// assert_eq!(hits, [false, false, false, true, false, true]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mru {
    frames: u32,
    by_recency: Lists<1>,
}

impl Named for Mru {
    const NAME: &'static str = "mru";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: true };
    type Parameters = ();

    fn new(_parameters: &(), frames: u32) -> Result<Self, PolicyError> {
        Ok(Mru { frames: check_frames(frames)?, by_recency: Lists::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.by_recency.pages()])
    }
}

impl Policy for Mru {
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
        let mut victim = self.by_recency.newest(0)?;
        while !pager.is_evictable(victim) {
            victim = self.by_recency.older(victim)?;
        }
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
