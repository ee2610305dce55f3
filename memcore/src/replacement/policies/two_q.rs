//! 2Q: a page is believed in when it comes back after it has left.
//!
//! ```text
//!   miss --> [ A1in: FIFO ] --leaves, remembered--> ( A1out: ghosts ) --> forgotten
//!                 |                                      |
//!                 | a hit changes nothing                | referenced again
//!                 v                                      v
//!                                                 [ Am: LRU ] --> leaves
//! ```
//!
//! References soon after the first one are taken to belong to it (A1in, a short FIFO, where they count for nothing);
//! only a page that is wanted again after that goes to the main list Am. A scan passes through A1in and leaves Am
//! alone: LRU-2's virtue in constant time. Johnson and Shasha, "2Q: a low overhead high performance buffer management
//! replacement algorithm", VLDB 1994, the full version: A1in gives up a page when it has more than Kin, else Am does.
//!
//! Small sizes: Kin and Kout are at least 1, so that in one frame there is an A1in and a ghost. Where the segment that
//! should give up a page has none that can leave (Am at first, or pinned pages), the other one does.
//!
//! Not a stack algorithm. On a loop over somewhat more pages than there are frames it does well: the pages that came
//! back are in Am and stay, while the rest pass through A1in, provided that A1out reaches round the loop. With the
//! default shares it misses as libCacheSim 0.3.5 does, where that works: there, 2Q misses every access in 3 frames.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::read;
use crate::replacement::tables;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The parameters of [`TwoQ`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoQParameters {
    /// `in=P`: Kin, the pages that A1in keeps, in percent of the frames, rounded down, but at least 1 page; by
    /// default 25.
    pub a1_in: u32,
    /// `out=P`: Kout, the ghosts that A1out holds, in percent of the frames, rounded down, but at least 1 page; by
    /// default 50.
    pub a1_out: u32,
}

impl Default for TwoQParameters {
    fn default() -> Self {
        TwoQParameters { a1_in: 25, a1_out: 50 }
    }
}

impl TwoQParameters {
    fn check(&self) -> Result<(), SpecError> {
        read::check("in", self.a1_in, 0..=100, read::PERCENT)?;
        read::check("out", self.a1_out, 0..=100, read::PERCENT)
    }
}

impl Parameters for TwoQParameters {
    const KEYS: &'static [&'static str] = &["in", "out"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let default = Self::default();
        let parameters = TwoQParameters {
            a1_in: read::number(spec, "in", default.a1_in)?,
            a1_out: read::number(spec, "out", default.a1_out)?,
        };
        parameters.check().map(|()| parameters)
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        let default = Self::default();
        if self.a1_in != default.a1_in {
            to("in", &self.a1_in);
        }
        if self.a1_out != default.a1_out {
            to("out", &self.a1_out);
        }
    }
}

const A1_IN: u8 = 0;
const AM: u8 = 1;
const A1_OUT: u8 = 2;
/// Ghosts that are about to be inserted.
const RETURNING: u8 = 3;

/// 2Q, the full version. O(1) an access, O(1 + pinned pages passed over) an eviction; 12 bytes a page.
///
/// ```
/// use memcore::replacement::Cache;
/// let mut cache = Cache::new(&"2q".parse()?, 4)?;
/// for key in [1, 2, 3, 4, 5, 1, 6, 7, 8, 9] {
///     cache.access(key, false)?;
/// }
/// assert!(cache.contains(1)); // it came back, so the pages that are used once do not push it out
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TwoQ {
    frames: u32,
    k_in: u32,
    k_out: u32,
    queues: Lists<4>,
}

impl Named for TwoQ {
    const NAME: &'static str = "2q";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = TwoQParameters;

    fn new(parameters: &TwoQParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        let frames = check_frames(frames)?;
        let pages = |percent| read::share(frames, percent).max(1);
        let (k_in, k_out) = (pages(parameters.a1_in), pages(parameters.a1_out));
        Ok(TwoQ { frames, k_in, k_out, queues: Lists::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.queues.pages()])
    }
}

impl Policy for TwoQ {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.queues.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    fn resident(&self) -> u32 {
        self.queues.length(A1_IN) + self.queues.length(AM)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.queues.list_of(page) <= AM
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        if self.queues.list_of(page) == AM {
            self.queues.move_to_newest(AM, page);
        }
    }

    #[inline]
    fn miss(&mut self, page: Page, _pager: &mut impl Pager) {
        // An eviction for its sake shall not make this page forgotten.
        if self.queues.list_of(page) == A1_OUT {
            self.queues.move_to_newest(RETURNING, page);
        }
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let (first, second) = if self.queues.length(A1_IN) > self.k_in { (A1_IN, AM) } else { (AM, A1_IN) };
        let victim = self.queues.oldest_evictable(first, pager);
        let victim = victim.or_else(|| self.queues.oldest_evictable(second, pager))?;
        pager.evicted(victim);
        if self.queues.list_of(victim) == AM {
            self.queues.remove(victim);
            pager.forgotten(victim);
            return Some(victim);
        }
        self.queues.move_to_newest(A1_OUT, victim);
        if self.queues.length(A1_OUT) > self.k_out {
            if let Some(forgotten) = self.queues.pop_oldest(A1_OUT) {
                pager.forgotten(forgotten);
            }
        }
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        if self.queues.list_of(page) == NOWHERE {
            self.queues.push_newest(A1_IN, page);
        } else {
            self.queues.move_to_newest(AM, page);
        }
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.queues.list_of(page) != NOWHERE;
        if known {
            self.queues.remove(page);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.queues.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        if self.queues.length(A1_OUT) > self.k_out {
            return Err("A1out holds more ghosts than Kout");
        }
        self.queues.validate(self.reserved())
    }
}
