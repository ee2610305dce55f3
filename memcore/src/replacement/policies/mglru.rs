//! MGLRU, the multi-generational LRU of Linux, as far as page references go: pages are sorted into generations by
//! sweeps over their referenced bits, and the oldest generation is evicted.
//!
//! ```text
//!   generation   min              ...               max
//!              [a b c] <evicted   [d e]   [f]   [g h i]  <- faults, and what a sweep or the eviction finds referenced
//!   a sweep (aging) opens generation max + 1; generations are only as many as needed, from 2 to `generations`
//! ```
//!
//! Yu Zhao, "Multi-Gen LRU", Linux 6.1 (mm/vmscan.c, Documentation/mm/multigen_lru.rst), 2022. A reference sets a bit
//! and nothing else. **Aging** opens a new youngest generation and moves every page whose bit is set into it. The
//! **eviction** takes the oldest generation's pages in order; one whose bit is set goes to the youngest generation.
//! The two youngest generations are not evicted from: when only two are left, aging must run; while there are at
//! least three, but fewer than `generations`, it runs if the youngest holds more than half of the pages or the third
//! youngest less than a quarter.
//!
//! **What is left out.** Linux counts accesses through file descriptors in tiers, and a controller fed by refaults
//! decides which tiers to protect. A reference here is an access through a mapping, which has no tier, so there are
//! neither tiers nor ghosts. Linux ages by walking page tables in the background and lets Bloom filters skip parts of
//! them; here a sweep looks at every resident page, when an eviction needs it. Anonymous and file pages are one kind.
//! A pinned page that the eviction meets goes to the youngest generation: it is in use.
//!
//! **Good at** large memories where moving pages at each reference is out of the question, and at scans that are
//! slower than a sweep. **Bad at** loops, as LRU is. Not a stack algorithm.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};

/// A list for each generation that may be there, by its number modulo this.
const MOST: u64 = 8;
/// So many youngest generations are not evicted from.
const YOUNG: u64 = 2;
/// More sweeps in one eviction than can be needed, unless someone sets bits all the while.
const SWEEPS: u32 = 2 * MOST as u32;

whole_numbers! {
    /// The parameters of [`MgLru`].
    MgLruParameters {
        /// The most generations at a time.
        generations = 4 in 3..=8,
    }
}

/// Multi-generational LRU. O(1) a hit, O(`generations`) a miss, amortised (a sweep is O(frames)); 12 bytes a page.
///
/// ```
/// use memcore::replacement::{MgLru, MgLruParameters, Named, Policy};
/// let mut policy = MgLru::new(&MgLruParameters::default(), 2)?;
/// policy.reserve(3)?;
/// let hits: Vec<bool> = [0, 1, 0, 2, 0, 1].map(|page| policy.access(page, &mut ())).to_vec();
/// assert_eq!(hits, [false, false, true, false, true, false]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MgLru {
    frames: u32,
    generations: u64,
    /// Numbers of the oldest and the youngest generation.
    min: u64,
    max: u64,
    resident: u32,
    /// The mark is the referenced bit.
    lists: Lists<{ MOST as usize }>,
}

impl Named for MgLru {
    const NAME: &'static str = "mglru";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = MgLruParameters;

    fn new(parameters: &MgLruParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        let frames = check_frames(frames)?;
        Ok(MgLru {
            frames,
            generations: parameters.generations,
            min: 0,
            max: 0,
            resident: 0,
            lists: Lists::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.lists.pages()])
    }
}

#[inline]
fn list(generation: u64) -> u8 {
    (generation % MOST) as u8
}

impl MgLru {
    fn in_use(&self) -> u64 {
        self.max - self.min + 1
    }

    /// Closes the oldest generations while they are empty, down to the young ones.
    #[inline]
    fn close_empty(&mut self) {
        while self.in_use() > YOUNG && self.lists.length(list(self.min)) == 0 {
            self.min += 1;
        }
    }

    #[inline]
    fn should_age(&self) -> bool {
        if self.in_use() <= YOUNG {
            return true;
        }
        if self.in_use() >= self.generations {
            return false;
        }
        let total = u64::from(self.resident());
        let young = u64::from(self.lists.length(list(self.max)));
        let old = u64::from(self.lists.length(list(self.max - YOUNG)));
        2 * young > total || 4 * old < total
    }

    /// Whether a page was referenced since this was last asked.
    #[inline]
    fn take_bit(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let referenced = (self.lists.mark(page) != 0) | pager.take_referenced(page);
        self.lists.set_mark(page, 0);
        referenced
    }

    /// The oldest page that may leave, referenced or not.
    #[inline]
    fn first_evictable(&self, pager: &impl Pager) -> Option<Page> {
        (self.min..=self.max).find_map(|generation| self.lists.oldest_evictable(list(generation), pager))
    }

    /// Opens a new youngest generation, for the pages referenced since the last sweep.
    fn age(&mut self, pager: &mut impl Pager) {
        let youngest = list(self.max + 1);
        for generation in self.min..=self.max {
            let mut at = self.lists.oldest(list(generation));
            while let Some(page) = at {
                at = self.lists.newer(page);
                if self.take_bit(page, pager) {
                    self.lists.move_to_newest(youngest, page);
                }
            }
        }
        self.max += 1;
    }

    /// The first page that may leave of the generations that are not young; pages in use before it are moved to
    /// the youngest.
    #[inline]
    fn first_old(&mut self, pager: &mut impl Pager) -> Option<Page> {
        for generation in self.min..=self.max - YOUNG {
            while let Some(page) = self.lists.oldest(list(generation)) {
                if pager.is_evictable(page) && !self.take_bit(page, pager) {
                    return Some(page);
                }
                self.lists.move_to_newest(list(self.max), page);
            }
        }
        None
    }
}

impl Policy for MgLru {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.lists.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    #[inline]
    fn resident(&self) -> u32 {
        self.resident
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.lists.list_of(page) != NOWHERE
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.lists.set_mark(page, 1);
    }

    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        self.first_evictable(pager)?;
        let mut victim = None;
        for _ in 0..SWEEPS {
            self.close_empty();
            if self.should_age() {
                self.age(pager);
                continue;
            }
            victim = self.first_old(pager);
            if victim.is_some() {
                break;
            }
        }
        if victim.is_none() {
            // All but the pinned pages are referenced all the while.
            victim = self.first_evictable(pager);
        }
        let page = victim?;
        self.resident -= 1;
        self.lists.remove(page);
        self.lists.set_mark(page, 0);
        pager.evicted(page);
        pager.forgotten(page);
        Some(page)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.resident += 1;
        self.lists.push_newest(list(self.max), page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.resident -= 1;
            self.lists.remove(page);
            self.lists.set_mark(page, 0);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.lists.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        if self.min > self.max || self.max >= tables::END_OF_TIME {
            return Err("the youngest generation is older than the oldest, or beyond the end of time");
        }
        if !(3..=MOST).contains(&self.generations) || self.in_use() > self.generations {
            return Err("there are more generations than there may be");
        }
        self.lists.validate(self.reserved())?;
        let listed: u32 = (0..MOST as u8).map(|list| self.lists.length(list)).sum();
        if listed != self.resident || listed > self.frames {
            return Err("the resident pages are miscounted, or more than the frames");
        }
        let closed =
            (self.max + 1..self.min + MOST).any(|generation| self.lists.length(list(generation)) != 0);
        if closed {
            return Err("a generation that is not open has pages");
        }
        Ok(())
    }
}
