//! LRU-K: the page whose K-th last reference is longest ago leaves.
//!
//! ```text
//!   K = 2        references     2nd last     last
//!   page a       1  5  9           5          9
//!   page b       2  8              2          8       <- if all have two, b leaves
//!   page c       7                 -          7       <- fewer than K: infinitely long ago, so c leaves first
//! ```
//!
//! LRU believes in a page for one reference; LRU-2 wants two, and so estimates how often a page is used. A scan cannot
//! sweep out what is used regularly. Among pages with fewer than K references the least recently used leaves. O'Neil,
//! O'Neil, Weikum, "The LRU-K page replacement algorithm for database disk buffering", SIGMOD 1993.
//!
//! References less than a *correlated reference period* apart (a transaction that reads and then writes a page) count
//! as one: the times before them are moved up, so that the period's length does not count as distance; and a page in
//! its period is not evicted, as long as there are others. The references of pages that have left are remembered, so
//! that a page can come back as one with K references: the paper keeps them for a time, here as many pages as
//! `history` says, those that left last.
//!
//! A stack algorithm, but for the bound on the history. LRU-1 without a correlated period is LRU.

use crate::replacement::error::PolicyError;
use crate::replacement::heap::Heap;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, MAX_PAGES, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::{read, tables};
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The parameters of [`LruK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LruKParameters {
    /// `k=N`: which reference counts, the last being 1; from 1 to 16, by default 2.
    pub k: u32,
    /// `correlated=N`: the references that the correlated reference period lasts; by default 0.
    pub correlated: u64,
    /// `history=N`: the most pages whose references are remembered after they left; by default as many as there
    /// are frames.
    pub history: Option<u64>,
}

impl Default for LruKParameters {
    fn default() -> Self {
        LruKParameters { k: 2, correlated: 0, history: None }
    }
}

impl LruKParameters {
    fn check(&self) -> Result<(), SpecError> {
        read::check("k", self.k, 1..=16, "must be from 1 to 16")
    }
}

impl Parameters for LruKParameters {
    const KEYS: &'static [&'static str] = &["k", "correlated", "history"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let default = Self::default();
        let parameters = LruKParameters {
            k: read::number(spec, "k", default.k)?,
            correlated: spec.number("correlated", default.correlated)?,
            history: read::optional(spec, "history")?,
        };
        parameters.check().map(|()| parameters)
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        let default = Self::default();
        if self.k != default.k {
            to("k", &self.k);
        }
        if self.correlated != default.correlated {
            to("correlated", &self.correlated);
        }
        if let Some(history) = &self.history {
            to("history", history);
        }
    }
}

/// Resident pages in their correlated period, oldest reference first.
const CORRELATED: u8 = 0;
/// The other resident pages with fewer than K references, oldest reference first.
const FEW: u8 = 1;
/// Pages that have left and are remembered, in the order in which they left.
const GHOSTS: u8 = 2;
/// Ghosts that are about to be inserted again.
const RETURNING: u8 = 3;

/// LRU-K. O(K) an access, O(log resident pages) an eviction, on average over the accesses between two; with a
/// correlated period an access takes O(K + log resident pages). 63 + 8 K bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"lru-k:k=2".parse()?, 2)?;
/// for key in [1, 1, 2, 3] {
///     cache.access(key, false)?;
/// }
/// assert_eq!(cache.evicted(), [2]); // referenced once, though later than 1
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LruK {
    frames: u32,
    k: usize,
    correlated: u64,
    ghosts: u32,
    /// The references so far.
    now: u64,
    /// Resident pages with K references, by the K-th last uncorrelated one, then by the last. The key of a page that
    /// is not inside is kept as well, with 0 for a K-th reference that has not been.
    pages: Heap,
    lists: Lists<4>,
    /// K for each page: its uncorrelated references, the last first, 0 for none.
    references: Vec<u64>,
}

impl LruK {
    /// The uncorrelated references of a page move back by one, and up by `gap`, for one now.
    #[inline]
    fn reference(&mut self, page: Page, gap: u64) {
        let first = page as usize * self.k;
        let references = &mut self.references[first..first + self.k];
        for index in (1..references.len()).rev() {
            let earlier = references[index - 1];
            references[index] = if earlier == 0 { 0 } else { earlier + gap };
        }
        references[0] = self.now;
    }

    /// Places a resident page that was referenced just now, and is nowhere, where it belongs.
    #[inline]
    fn place(&mut self, page: Page) {
        let key = (self.references[page as usize * self.k + self.k - 1], self.now);
        self.pages.set_key(page, key);
        if self.correlated > 0 {
            self.lists.push_newest(CORRELATED, page);
        } else {
            self.place_for_eviction(page, key);
        }
    }

    /// The same for a page that may leave.
    #[inline]
    fn place_for_eviction(&mut self, page: Page, key: (u64, u64)) {
        if key.0 == 0 {
            self.lists.push_newest(FEW, page);
        } else {
            self.pages.insert(page, key);
        }
    }

    /// Pages whose correlated period is over at the next reference may leave.
    fn end_periods(&mut self) {
        while let Some(page) = self.lists.oldest(CORRELATED) {
            let key = self.pages.key(page);
            if self.now + 1 - key.1 <= self.correlated {
                break;
            }
            self.lists.remove(page);
            self.place_for_eviction(page, key);
        }
    }

    fn forget(&mut self, page: Page, pager: &mut impl Pager) {
        let first = page as usize * self.k;
        self.references[first..first + self.k].fill(0);
        pager.forgotten(page);
    }
}

impl Named for LruK {
    const NAME: &'static str = "lru-k";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = LruKParameters;

    fn new(parameters: &LruKParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        Ok(LruK {
            frames: check_frames(frames)?,
            k: parameters.k as usize,
            correlated: parameters.correlated,
            ghosts: parameters.history.unwrap_or(frames.into()).min(MAX_PAGES.into()) as u32,
            now: 0,
            pages: Heap::new(),
            lists: Lists::new(),
            references: Vec::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.pages.pages(), self.lists.pages(), self.references.len() / self.k.max(1)])
    }
}

impl Policy for LruK {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.pages.reserve(pages)?;
        self.lists.reserve(pages)?;
        let wanted = (pages as usize).saturating_mul(self.k);
        if wanted > self.references.len() {
            tables::make_room(&mut self.references, wanted)?;
            self.references.resize(wanted, 0);
        }
        Ok(())
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.pages.length() + self.lists.length(FEW) + self.lists.length(CORRELATED)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(page) || self.lists.list_of(page) <= FEW
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.now += 1;
        let (_, last) = self.pages.key(page);
        if self.now - last > self.correlated {
            // The paper counts a period's length out: from its first reference to its last.
            let gap = last - self.references[page as usize * self.k];
            self.reference(page, gap);
        }
        if !self.pages.contains(page) {
            self.lists.remove(page);
            self.place(page);
        } else if self.correlated > 0 {
            self.pages.remove(page);
            self.place(page);
        } else {
            let distance = self.references[page as usize * self.k + self.k - 1];
            self.pages.set_key(page, (distance, self.now));
        }
    }

    #[inline]
    fn miss(&mut self, page: Page, _pager: &mut impl Pager) {
        // An eviction for its sake shall not make this page forgotten.
        if self.lists.list_of(page) == GHOSTS {
            self.lists.move_to_newest(RETURNING, page);
        }
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        self.end_periods();
        let victim = match self.lists.oldest_evictable(FEW, pager) {
            Some(victim) => Some(victim),
            None => self.pages.pop_evictable(pager),
        };
        let victim = victim.or_else(|| self.lists.oldest_evictable(CORRELATED, pager))?;
        if self.lists.list_of(victim) != NOWHERE {
            self.lists.remove(victim);
        }
        pager.evicted(victim);
        self.lists.push_newest(GHOSTS, victim);
        if self.lists.length(GHOSTS) > self.ghosts {
            if let Some(forgotten) = self.lists.pop_oldest(GHOSTS) {
                self.forget(forgotten, pager);
            }
        }
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        if self.lists.list_of(page) != NOWHERE {
            self.lists.remove(page);
        }
        self.now += 1;
        self.reference(page, 0);
        self.place(page);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        if self.pages.contains(page) {
            self.pages.remove(page);
        } else if self.lists.list_of(page) != NOWHERE {
            self.lists.remove(page);
        } else {
            return false;
        }
        self.forget(page, pager);
        true
    }

    fn metadata_bytes(&self) -> usize {
        self.pages.metadata_bytes() + self.lists.metadata_bytes() + tables::bytes_of(&self.references)
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, self.now)?;
        if !(1..=16).contains(&self.k) {
            return Err("k is not from 1 to 16");
        }
        if self.lists.length(GHOSTS) > self.ghosts {
            return Err("more pages are remembered than history says");
        }
        if self.references.chunks(self.k).any(|times| times.windows(2).any(|pair| pair[0] < pair[1])) {
            return Err("a page's references are not in order");
        }
        self.lists.validate(self.reserved())?;
        self.pages.validate(self.reserved())?;
        for ((page, inside, key, _), times) in self.pages.iter().zip(self.references.chunks_exact(self.k)) {
            let list = self.lists.list_of(page);
            if times[0].max(key.1) > self.now {
                return Err("a page was referenced in the future");
            }
            if inside && list != NOWHERE {
                return Err("a page is in the heap and in a list");
            }
            if (inside || list <= FEW) && (key.0 != times[self.k - 1] || key.1 < times[0]) {
                return Err("a page's key is not that of its references");
            }
        }
        Ok(())
    }
}
