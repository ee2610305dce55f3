//! Random: any page leaves, each as likely as the other.
//!
//! ```text
//!   pages  [ c | a | d | b ]      a draw of 1: b moves to a's place, the new page comes in at the end
//!            0   1   2   3
//! ```
//!
//! No history at all, and so no pattern that defeats it: a loop over a few pages more than there are frames, on which
//! FIFO, LRU and CLOCK miss every time, hits often. It is what a policy has to beat. Analysed in Aho, Denning and
//! Ullman, "Principles of optimal page replacement", Journal of the ACM 18(1), 1971. Not a stack algorithm.
//!
//! So that another program can draw the same: the resident pages are an array. A new page is appended; a page that
//! leaves, evicted or removed, is replaced by the last of the array. Each eviction takes one output x of SplitMix64,
//! started at `seed`, and the page at index floor(x n / 2^64) of n leaves; if that one is pinned, the next behind it
//! that is not, the array taken as a ring.

use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::tables;
use crate::spec::{Spec, SpecError};
use core::fmt;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

const ABSENT: u32 = u32::MAX;
/// What SplitMix64 adds to its state, and so to its seed, at each output.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The parameters of [`Random`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomParameters {
    /// `seed=N`: where SplitMix64 starts; by default 1.
    pub seed: u64,
}

impl Default for RandomParameters {
    fn default() -> Self {
        RandomParameters { seed: 1 }
    }
}

impl Parameters for RandomParameters {
    const KEYS: &'static [&'static str] = &["seed"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        Ok(RandomParameters { seed: spec.number("seed", Self::default().seed)? })
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if *self != Self::default() {
            to("seed", &self.seed);
        }
    }
}

/// Random, by SplitMix64. O(1) an access, O(1 + pinned pages passed over) an eviction; 8 bytes a page.
///
/// ```
/// use memcore::replacement::{Cache, PolicySpec};
/// let misses = |spec: &str| {
///     let mut cache = Cache::new(&spec.parse::<PolicySpec>().unwrap(), 9).unwrap();
///     for key in (0..10).cycle().take(1000) {
///         cache.access(key, false).unwrap();
///     }
///     cache.stats().misses
/// };
/// assert_eq!(misses("lru"), 1000);
/// assert!(misses("random:seed=7") < 400);
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Random {
    frames: u32,
    /// Of SplitMix64.
    state: u64,
    pages: Vec<Page>,
    /// Where each page is among them.
    index_of: Vec<u32>,
}

impl Random {
    #[inline]
    fn take(&mut self, page: Page) {
        let index = core::mem::replace(&mut self.index_of[page as usize], ABSENT);
        self.pages.swap_remove(index as usize);
        if let Some(&moved) = self.pages.get(index as usize) {
            self.index_of[moved as usize] = index;
        }
    }
}

impl Named for Random {
    const NAME: &'static str = "random";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = RandomParameters;

    fn new(parameters: &RandomParameters, frames: u32) -> Result<Self, PolicyError> {
        Ok(Random {
            frames: check_frames(frames)?,
            state: parameters.seed,
            pages: Vec::new(),
            index_of: Vec::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.index_of.len()])
    }
}

impl Policy for Random {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.index_of, pages, ABSENT)?;
        tables::make_room(&mut self.pages, pages as usize)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.pages.len() as u32
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.index_of.get(page as usize).is_some_and(|&index| index != ABSENT)
    }

    #[inline]
    fn touch(&mut self, _page: Page, _pager: &mut impl Pager) {}

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        if self.pages.is_empty() {
            return None;
        }
        let drawn = SplitMix64::seed_from_u64(self.state).next_u64();
        self.state = self.state.wrapping_add(GAMMA);
        let scaled = u128::from(drawn) * self.pages.len() as u128;
        let (before, behind) = self.pages.split_at((scaled >> 64) as usize);
        let victim = *behind.iter().chain(before).find(|&&page| pager.is_evictable(page))?;
        self.take(victim);
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        debug_assert!(!self.is_resident(page));
        self.index_of[page as usize] = self.pages.len() as u32;
        self.pages.push(page);
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
        tables::bytes_of(&self.pages) + tables::bytes_of(&self.index_of)
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        let at = |page: Page| self.index_of.get(page as usize).copied();
        if (0..).zip(&self.pages).any(|(index, &page)| at(page) != Some(index)) {
            return Err("a page is not where its index says");
        }
        if self.index_of.iter().filter(|&&index| index != ABSENT).count() != self.pages.len() {
            return Err("a page that is not in the array has an index");
        }
        Ok(())
    }
}
