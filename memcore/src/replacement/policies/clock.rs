//! CLOCK, or second chance: FIFO, but a page that was referenced since it was last looked at is passed over once.
//!
//! ```text
//!            [a 1] -> [b 0] -> [c 1]        the hand comes to a: its bit is set, so it is cleared and the hand moves on;
//!              ^ hand            |          b's bit is clear: b leaves, and the new page takes its place
//!            [e 0] <- [d 1] <----+
//! ```
//!
//! LRU's hit ratio, nearly, without its work on a hit: one bit is set, and nothing moves. From Corbató, "A paging
//! experiment with the Multics system", 1968 (MIT Project MAC memo M-384); the form of a ring is that of Multics.
//!
//! Whether a page's bit is set when it comes in is told differently, and it matters. Textbooks set it, since the load
//! is a reference: then a page is always passed over once. Web and storage caches clear it: then a page that is never
//! referenced again leaves at the first look, which is better for skewed references and for scans.
//!
//! Not a stack algorithm: where no page is referenced twice between two looks it is FIFO, Belady's anomaly included
//! (with `bit=set`, 9 misses in 3 frames and 10 in 4 on 1 2 3 4 1 2 5 1 2 3 4 5). A loop over one page more than there
//! are frames misses every time.

use crate::replacement::error::PolicyError;
use crate::replacement::kernels::{ClockKernel, Kernel};
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::ring::Ring;
use crate::replacement::tables;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;

/// The parameters of [`Clock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockParameters {
    /// `bit=set` or `bit=clear`: the reference bit of a page that comes in; by default set, as in textbooks.
    pub set_on_load: bool,
}

impl Default for ClockParameters {
    fn default() -> Self {
        ClockParameters { set_on_load: true }
    }
}

impl Parameters for ClockParameters {
    const KEYS: &'static [&'static str] = &["bit"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let choices = [("set", true), ("clear", false)];
        let default = Self::default().set_on_load;
        Ok(ClockParameters { set_on_load: spec.choice("bit", &choices, default, "must be set or clear")? })
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if !self.set_on_load {
            to("bit", &"clear");
        }
    }
}

/// CLOCK. O(1) an access; an eviction looks at each page at most twice, and at two pages an access on average; 12 bytes
/// a page.
///
/// Pinned pages are passed over, their bits left alone. If the pager's referenced bits never let a page go, the second
/// round ignores them.
///
/// ```
/// use memcore::replacement::{Cache, PolicySpec};
/// let misses = |spec: &str| {
///     let mut cache = Cache::new(&spec.parse::<PolicySpec>().unwrap(), 3).unwrap();
///     for key in [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1] {
///         cache.access(key, false).unwrap();
///     }
///     cache.stats().misses
/// };
/// assert_eq!((misses("clock:bit=set"), misses("clock:bit=clear")), (14, 11));
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clock {
    frames: u32,
    on_load: u8,
    /// In order of arrival; the mark is the reference bit.
    ring: Ring,
}

impl Named for Clock {
    const NAME: &'static str = "clock";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ClockParameters;

    fn new(parameters: &ClockParameters, frames: u32) -> Result<Self, PolicyError> {
        let on_load = u8::from(parameters.set_on_load);
        Ok(Clock { frames: check_frames(frames)?, on_load, ring: Ring::new() })
    }

    fn kernel(parameters: &ClockParameters, frames: u32) -> Result<Option<Box<dyn Kernel>>, PolicyError> {
        Ok(Some(Box::new(ClockKernel::new(frames, parameters.set_on_load)?)))
    }

    fn reserved(&self) -> u32 {
        tables::common([self.ring.pages()])
    }
}

impl Policy for Clock {
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
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.ring.set_mark(page, 1);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let pages = u64::from(self.ring.length());
        for look in 0..2 * pages {
            let page = self.ring.hand()?;
            if pager.is_evictable(page) {
                let referenced = pager.take_referenced(page) | (self.ring.mark(page) != 0);
                if !referenced || look >= pages {
                    self.ring.remove(page);
                    pager.evicted(page);
                    pager.forgotten(page);
                    return Some(page);
                }
                self.ring.set_mark(page, 0);
            }
            self.ring.advance();
        }
        None
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.ring.insert(page, self.on_load);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.ring.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.ring.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        self.ring.validate()
    }
}
