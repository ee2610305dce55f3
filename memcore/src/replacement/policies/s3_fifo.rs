//! S3-FIFO, simple and scalable with static FIFO queues: a small queue on probation, a main queue, and a queue of
//! ghosts.
//!
//! ```text
//!   new page --> small (10 %) --- referenced at least `threshold` times ---> main (90 %) --+
//!                  |                                                          ^   |  ^     |
//!                  | otherwise                          found among ghosts --+   |  +-----+ referenced: again,
//!                  v                                        |                    v           one count less
//!                ghosts (page numbers, as many as main) ----+                  leaves
//! ```
//!
//! Juncheng Yang, Yazhuo Zhang, Ziyue Qiu, Yao Yue, K. V. Rashmi, "FIFO queues are all you need for cache eviction",
//! SOSP 2023, algorithm 1. Most pages of a skewed string are referenced once while they are resident: they pass
//! through the small queue quickly. A page has a counter from 0 to 3, raised by each hit. A page that reaches the end
//! of the small queue moves to main if its counter is at least `threshold`, with the counter cleared, else it leaves
//! and is remembered; main is a CLOCK with two bits. The small queue gives the victim if it holds at least its share
//! when one is wanted, else main does; if no page of the one leaves, the other gives it.
//!
//! **Threshold.** The paper's text and libCacheSim move at 2 (`threshold=2`, the default); Caffeine's simulator, and
//! the paper's figure of one-hit wonders, move at 1. **Share.** `small` percent of the frames, at least one; main
//! has the rest, and as many ghosts are kept as main's share, rounded down.
//!
//! **Warming up.** The paper puts every new page into the small queue, also while frames are free (`warm=small`, the
//! default). libCacheSim puts them into main once the small queue has its share and until the first
//! eviction (`warm=main`), which avoids a long purge at first.
//!
//! **Good at** skewed strings, scans, cheap hits (one counter). **Bad at** pages whose second reference comes when
//! they have just left the small queue, and at pages referenced in one burst. Not a stack algorithm.
//!
//! **Compared with libCacheSim 0.3.5:** with `warm=main` the same misses, from 20 frames up. It refuses every page
//! when the small queue's share is one page or none, and so misses every access up to 19 frames; this policy works
//! from one frame.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::read::{check, share};
use crate::replacement::tables;
use crate::replacement::walk::Walk;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

const SMALL: u8 = 0;
const MAIN: u8 = 1;
const GHOSTS: u8 = 2;

/// The counter's greatest value.
const MOST: u8 = 3;
const NONE: Page = Page::MAX;

/// Where new pages go while frames are free, once the small queue has its share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warm {
    /// Into the small queue, as always.
    #[default]
    Small,
    /// Into main, until the first eviction.
    Main,
}

/// The parameters of [`S3Fifo`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3FifoParameters {
    /// The small queue's share of the frames, in percent, at least one frame; from 1 to 100, 10 unless given.
    pub small: u64,
    /// How many hits move a page from the small queue to main: 1 to 3, 2 unless given.
    pub threshold: u64,
    /// Where new pages go while frames are free: `warm=small` (default) or `warm=main`.
    pub warm: Warm,
}

impl Default for S3FifoParameters {
    fn default() -> Self {
        S3FifoParameters { small: 10, threshold: 2, warm: Warm::Small }
    }
}

impl Parameters for S3FifoParameters {
    const KEYS: &'static [&'static str] = &["small", "threshold", "warm"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let default = Self::default();
        let read = S3FifoParameters {
            small: spec.number("small", default.small)?,
            threshold: spec.number("threshold", default.threshold)?,
            warm: spec.choice(
                "warm",
                &[("small", Warm::Small), ("main", Warm::Main)],
                default.warm,
                "must be small or main",
            )?,
        };
        read.check().map(|()| read)
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        let default = Self::default();
        if self.small != default.small {
            to("small", &self.small);
        }
        if self.threshold != default.threshold {
            to("threshold", &self.threshold);
        }
        if self.warm == Warm::Main {
            to("warm", &"main");
        }
    }
}

impl S3FifoParameters {
    fn check(&self) -> Result<(), SpecError> {
        check("small", self.small, 1..=100, "must be a whole number from 1 to 100")?;
        check("threshold", self.threshold, 1..=MOST.into(), "must be a whole number from 1 to 3")
    }
}

/// S3-FIFO. O(1) an access, amortised; 12 bytes a page; remembers at most as many ghosts as main has frames.
///
/// ```
/// use memcore::replacement::{Named, Policy, S3Fifo, S3FifoParameters};
/// let mut policy = S3Fifo::new(&S3FifoParameters::default(), 3)?;
/// policy.reserve(9)?;
/// for page in [0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8] {
///     policy.access(page, &mut ());
/// }
/// assert!(policy.is_resident(0) && policy.is_resident(1)); // the scan went through the small queue
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct S3Fifo {
    frames: u32,
    small_share: u32,
    ghost_limit: u32,
    threshold: u8,
    /// New pages go to main while frames are free.
    warming: bool,
    /// The page of the last miss, until it is inserted: its ghost is not forgotten meanwhile.
    faulting: Page,
    /// The mark is the counter.
    lists: Lists<3>,
}

impl Named for S3Fifo {
    const NAME: &'static str = "s3-fifo";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = S3FifoParameters;

    fn new(parameters: &S3FifoParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        Ok(S3Fifo {
            frames: check_frames(frames)?,
            small_share: share(frames, parameters.small as u32).max(1),
            ghost_limit: share(frames, 100 - parameters.small as u32),
            threshold: parameters.threshold as u8,
            warming: parameters.warm == Warm::Main,
            faulting: NONE,
            lists: Lists::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.lists.pages()])
    }
}

impl S3Fifo {
    /// Remembers a page that leaves the small queue, and forgets the oldest ghosts above the limit, but not the page
    /// to come.
    #[inline]
    fn remember(&mut self, page: Page, pager: &mut impl Pager) {
        self.lists.move_to_newest(GHOSTS, page);
        let spared = u32::from(self.lists.list_of(self.faulting) == GHOSTS);
        while self.lists.length(GHOSTS) - spared > self.ghost_limit {
            let mut oldest = self.lists.oldest(GHOSTS);
            if oldest == Some(self.faulting) {
                oldest = self.lists.newer(self.faulting);
            }
            let Some(oldest) = oldest else { break };
            self.lists.remove(oldest);
            pager.forgotten(oldest);
        }
    }
}

impl Policy for S3Fifo {
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
        self.lists.length(SMALL) + self.lists.length(MAIN)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.lists.list_of(page) <= MAIN
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        let count = self.lists.mark(page);
        if count < MOST {
            self.lists.set_mark(page, count + 1);
        }
    }

    #[inline]
    fn miss(&mut self, page: Page, _pager: &mut impl Pager) {
        self.faulting = page;
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        self.warming = false;
        let mut hands = [Walk::over(SMALL), Walk::over(MAIN)];
        // A page is passed over at most once in the small queue and three times in main, unless someone references
        // it all the while.
        let mut patience = 4 * u64::from(self.resident());
        let first = usize::from(self.lists.length(SMALL) < self.small_share);
        loop {
            let page = match hands[first].next(&self.lists, pager) {
                Some(page) => page,
                None => hands[1 - first].next(&self.lists, pager)?,
            };
            let count = self.lists.mark(page);
            let count = if pager.take_referenced(page) { MOST.min(count + 1) } else { count };
            let in_small = self.lists.list_of(page) == SMALL;
            let stays = if in_small { count >= self.threshold } else { count > 0 };
            if stays && patience > 0 {
                patience -= 1;
                self.lists.set_mark(page, if in_small { 0 } else { count - 1 });
                self.lists.move_to_newest(MAIN, page);
                hands[1].came(page);
                continue;
            }
            self.lists.set_mark(page, 0);
            pager.evicted(page);
            if in_small {
                self.remember(page, pager);
            } else {
                self.lists.remove(page);
                pager.forgotten(page);
            }
            return Some(page);
        }
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.faulting = NONE;
        if self.lists.list_of(page) == GHOSTS {
            self.lists.move_to_newest(MAIN, page);
        } else if self.warming && self.lists.length(SMALL) >= self.small_share {
            self.lists.push_newest(MAIN, page);
        } else {
            self.lists.push_newest(SMALL, page);
        }
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.lists.list_of(page) != NOWHERE;
        if known {
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
        if !(1..=MOST).contains(&self.threshold) {
            return Err("the threshold is not a value of the counter");
        }
        if self.lists.iter().any(|(_, list, mark)| mark > if list <= MAIN { MOST } else { 0 }) {
            return Err("a counter is above its greatest value, or counts for a page that is not resident");
        }
        self.lists.validate(self.reserved())?;
        if self.resident() > self.frames {
            return Err("more pages are resident than there are frames");
        }
        if self.lists.length(GHOSTS) > self.ghost_limit.saturating_add(1) {
            return Err("there are more ghosts than the limit");
        }
        Ok(())
    }
}
