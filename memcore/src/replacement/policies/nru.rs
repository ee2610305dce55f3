//! NRU, not recently used: any page of the lowest class leaves, by its referenced and dirty bits.
//!
//! ```text
//!             clean   dirty
//!   not ref.    0       1         a tick of the clock clears the referenced bits, so that class 2 falls to 0 and
//!   referenced  2       3         class 3 to 1; a page that was written long ago is better kept than a clean one
//! ```
//!
//! The coarsest use of what hardware offers, two bits a page. The classes are in Tanenbaum and Bos, "Modern operating
//! systems", and were those of the Macintosh and of VAX/VMS-like systems. What leaves within a class is left open
//! there. Here a hand goes round the pages in order of arrival, as in CLOCK, and takes the first page of the lowest
//! class behind it; a new page, referenced by its load, joins behind the hand.
//!
//! So that an eviction need not look at all pages, the hand trusts the last full round it made: having found nothing
//! below class c, it takes the first page of class c or below, until a tick. Pages that are cleaned or unpinned between
//! two ticks may therefore be overlooked until the next.
//!
//! A tick comes every `tick` references, by default as many as there are frames, and from outside. Not a stack
//! algorithm; a loop over more pages than there are frames misses every time.

use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::read;
use crate::replacement::ring::Ring;
use crate::replacement::tables;
use crate::replacement::ticker::Ticker;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The parameters of [`Nru`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NruParameters {
    /// `tick=N`: the references between two ticks, 0 for no ticks but those from outside; by default as many as
    /// there are frames.
    pub tick: Option<u64>,
}

impl Parameters for NruParameters {
    const KEYS: &'static [&'static str] = &["tick"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        Ok(NruParameters { tick: read::optional(spec, "tick")? })
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if let Some(tick) = &self.tick {
            to("tick", tick);
        }
    }
}

/// Not recently used. O(1) an access; a tick is O(resident pages), and evictions look at O(resident pages) between two
/// ticks and O(1 + pinned pages passed over) each besides; 12 bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"nru:tick=2".parse()?, 2)?;
/// cache.access(1, true)?; // written: dirty
/// cache.access(2, false)?;
/// cache.access(3, false)?; // after a tick: 1 is of class 1, 2 of class 0
/// assert_eq!(cache.evicted(), [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Nru {
    frames: u32,
    ticker: Ticker,
    /// In order of arrival; the mark is the referenced bit.
    ring: Ring,
    /// Nothing below this class was found by a full round since the last tick.
    lowest: u8,
}

impl Nru {
    #[inline]
    fn count(&mut self, pager: &mut impl Pager) {
        if self.ticker.is_due() {
            self.clear(pager);
        }
    }

    fn clear(&mut self, pager: &mut impl Pager) {
        for _ in 0..self.ring.length() {
            if let Some(page) = self.ring.hand() {
                pager.take_referenced(page);
                self.ring.set_mark(page, 0);
                self.ring.advance();
            }
        }
        self.lowest = 0;
    }

    /// The page that should leave, with the hand at it.
    #[inline]
    fn victim(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let mut best = None;
        for _ in 0..self.ring.length() {
            let page = self.ring.hand()?;
            if pager.is_evictable(page) {
                let referenced = pager.take_referenced(page) | (self.ring.mark(page) != 0);
                self.ring.set_mark(page, u8::from(referenced));
                let class = 2 * u8::from(referenced) + u8::from(pager.is_dirty(page));
                if class <= self.lowest {
                    return Some(page);
                }
                if best.is_none_or(|(lowest, _)| class < lowest) {
                    best = Some((class, page));
                }
            }
            self.ring.advance();
        }
        let (class, page) = best?;
        self.lowest = class;
        self.ring.point_at(page);
        Some(page)
    }
}

impl Named for Nru {
    const NAME: &'static str = "nru";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = NruParameters;

    fn new(parameters: &NruParameters, frames: u32) -> Result<Self, PolicyError> {
        let ticker = Ticker::new(parameters.tick.unwrap_or(frames.into()));
        Ok(Nru { frames: check_frames(frames)?, ticker, ring: Ring::new(), lowest: 0 })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.ring.pages()])
    }
}

impl Policy for Nru {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.ring.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.ring.length()
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.ring.contains(page)
    }

    #[inline]
    fn touch(&mut self, page: Page, pager: &mut impl Pager) {
        self.count(pager);
        self.ring.set_mark(page, 1);
    }

    #[inline]
    fn miss(&mut self, _page: Page, pager: &mut impl Pager) {
        self.count(pager);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let victim = self.victim(pager)?;
        self.ring.remove(victim);
        pager.evicted(victim);
        pager.forgotten(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.ring.insert(page, 1);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.ring.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn tick(&mut self, pager: &mut impl Pager) {
        self.ticker.restart();
        self.clear(pager);
    }

    fn metadata_bytes(&self) -> usize {
        self.ring.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        self.ticker.validate()?;
        if self.lowest > 3 {
            return Err("there is no such class");
        }
        self.ring.validate()
    }
}
