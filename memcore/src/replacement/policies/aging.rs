//! Aging: LRU in software, by a shift counter for each page.
//!
//! ```text
//!           referenced bits at five ticks      counter after them, newest bit first
//!   page a      1  0  1  0  1                  10101000
//!   page b      0  0  1  1  1                  11100000
//!   page c      1  1  0  0  0                  00011000   <- the lowest: c leaves
//! ```
//!
//! At each tick of the clock a counter moves right by one bit, and the referenced bit of the time since the last tick
//! becomes its top bit. A page that was not referenced for as many ticks as there are bits has counter 0, however often
//! it was referenced before: the past is forgotten, unlike in LFU. Tanenbaum and Bos, "Modern operating systems",
//! describe it as the practical form of NFU.
//!
//! What the book leaves open: the referenced bit of the tick that is still running counts, above all bits of the
//! counter; a page that comes in has it set, and counter 0. Among equals the page leaves whose bit this policy set
//! longest ago (at its load, or its first reference in the latest tick with one; bits that the pager supplies leave the
//! order as it is).
//!
//! A tick comes every `tick` references, by default as many as there are frames, and from outside. Not a stack
//! algorithm. With a tick at each reference it is LRU; with none at all it is FIFO.

use crate::replacement::error::PolicyError;
use crate::replacement::heap::{Heap, Key, Look};
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::read;
use crate::replacement::tables;
use crate::replacement::ticker::Ticker;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The parameters of [`Aging`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgingParameters {
    /// `bits=N`: the bits of a counter, 1 to 32; by default 8.
    pub bits: u32,
    /// `tick=N`: the references between two ticks, 0 for no ticks but those from outside; by default as many as
    /// there are frames.
    pub tick: Option<u64>,
}

impl Default for AgingParameters {
    fn default() -> Self {
        AgingParameters { bits: 8, tick: None }
    }
}

impl AgingParameters {
    fn check(&self) -> Result<(), SpecError> {
        read::check("bits", self.bits, 1..=32, "must be from 1 to 32")
    }
}

impl Parameters for AgingParameters {
    const KEYS: &'static [&'static str] = &["bits", "tick"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let bits = read::number(spec, "bits", Self::default().bits)?;
        let parameters = AgingParameters { bits, tick: read::optional(spec, "tick")? };
        parameters.check().map(|()| parameters)
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if self.bits != Self::default().bits {
            to("bits", &self.bits);
        }
        if let Some(tick) = &self.tick {
            to("tick", tick);
        }
    }
}

/// Aging. O(1) an access, O(resident pages) a tick, O(log resident pages) an eviction, on average over the accesses
/// between two; 51 bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"aging:tick=4".parse()?, 3)?;
/// for key in [1, 2, 3, 1, /* tick */ 2, 3, 4] {
///     cache.access(key, false)?;
/// }
/// assert_eq!(cache.evicted(), [1]); // not since the tick
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Aging {
    frames: u32,
    bits: u32,
    ticker: Ticker,
    /// Counts the bits that were set.
    now: u64,
    /// By the counter, the referenced bit above it, then by when that bit was set.
    pages: Heap,
}

impl Aging {
    /// The referenced bit in a key.
    #[inline]
    fn bit(&self) -> u64 {
        1 << self.bits
    }

    #[inline]
    fn count(&mut self, pager: &mut impl Pager) {
        if self.ticker.is_due() {
            self.shift(pager);
        }
    }

    fn shift(&mut self, pager: &mut impl Pager) {
        let bit = self.bit();
        // The bit stands just above the counter, so that one shift moves both.
        self.pages.rekey(|page, (counter, set)| {
            let referenced = if pager.take_referenced(page) { bit } else { 0 };
            ((counter | referenced) >> 1, set)
        });
    }
}

impl Named for Aging {
    const NAME: &'static str = "aging";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = AgingParameters;

    fn new(parameters: &AgingParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        let ticker = Ticker::new(parameters.tick.unwrap_or(frames.into()));
        Ok(Aging { frames: check_frames(frames)?, bits: parameters.bits, ticker, now: 0, pages: Heap::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.pages.pages()])
    }
}

impl Policy for Aging {
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
    fn touch(&mut self, page: Page, pager: &mut impl Pager) {
        self.count(pager);
        let (counter, _) = self.pages.key(page);
        if counter & self.bit() == 0 {
            self.now += 1;
            self.pages.set_key(page, (counter | self.bit(), self.now));
        }
    }

    #[inline]
    fn miss(&mut self, _page: Page, pager: &mut impl Pager) {
        self.count(pager);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let bit = self.bit();
        let victim = self.pages.pop(|page, (counter, set): Key| {
            if !pager.is_evictable(page) {
                Look::Pass
            } else if counter & bit == 0 && pager.take_referenced(page) {
                Look::Raise((counter | bit, set))
            } else {
                Look::Take
            }
        })?;
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.now += 1;
        self.pages.insert(page, (self.bit(), self.now));
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.pages.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn tick(&mut self, pager: &mut impl Pager) {
        self.ticker.restart();
        self.shift(pager);
    }

    fn metadata_bytes(&self) -> usize {
        self.pages.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, self.now)?;
        self.ticker.validate()?;
        if !(1..=32).contains(&self.bits) {
            return Err("a counter has from 1 to 32 bits");
        }
        if self.pages.iter().any(|(_, _, key, _)| key.0 >= 2 * self.bit()) {
            return Err("a counter has more bits than it may");
        }
        self.pages.validate(self.reserved())
    }
}
