//! W-TinyLFU: a small window of new pages, a segmented main part, and a count of recent references that says who of
//! two pages is worth the frame.
//!
//! ```text
//!   new page --> window, LRU (1 %) --its oldest--+      the one with the higher count stays in probation
//!                                                 +--?--<
//!   main, SLRU: probation ------------its oldest--+      the other leaves
//!               ^  | a hit
//!               |  v
//!               protected, LRU (80 % of main)
//! ```
//!
//! Gil Einziger, Roy Friedman, Ben Manes, "TinyLFU: A highly efficient cache admission policy", ACM Transactions on
//! Storage 13(4), 2017, with the window of its section 5 and the shares of Caffeine. Each reference adds one to its
//! page's count, up to 15. When as many references have been counted as `sample` times the frames, all counts are
//! halved and half the sample counts as taken (the paper's reset). The window's oldest page enters main if its count
//! exceeds that of main's victim; on a tie it leaves.
//!
//! **Exact counts in place of the sketch.** The paper approximates these counts by a count-min sketch behind a
//! doorkeeper, because a cache of arbitrary keys cannot keep a counter for every key ever seen. Here pages are dense
//! numbers and the counters stand in their nodes, so nothing is hashed, nothing collides, and a run is the same
//! everywhere. What bounds the memory instead: a page that left is remembered **exactly as long as its count is above
//! zero**, and the counts of all pages add up to at most the sample. So never more than `sample` x frames pages are
//! remembered besides the resident ones, and when a cache gives a number to another key, the count of the number is
//! zero: no key inherits another's past. Smaller samples forget sooner and cost less.
//!
//! Halving costs nothing for the ghosts: a ghost's count reaches zero after as many halvings as it has bits, which is
//! known when it leaves, so ghosts wait in five queues by the halving that ends them.
//!
//! **Good at** skewed strings whose hot pages stay the same (Zipf), and at scans. **Bad at** strings of recency, and
//! at changes of the hot set, which wait for a halving or two. Not a stack algorithm.
//!
//! **Compared with libCacheSim 0.3.5**, whose W-TinyLFU has an empty window below 100 frames and misses every access
//! there: the window has at least one frame here, and one frame alone is an LRU of one page.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::read::share;
use crate::replacement::tables;
use serde::{Deserialize, Serialize};

const WINDOW: u8 = 0;
const PROBATION: u8 = 1;
const PROTECTED: u8 = 2;
/// The first of the queues of ghosts.
const GHOSTS: u8 = 3;
/// As many queues as a ghost can wait halvings, and one that is being emptied.
const WAITS: u32 = 5;

/// The mark: the count in its low bits; of a ghost, also the halvings so far when it left, modulo 16.
const COUNT: u8 = 15;

whole_numbers! {
    /// The parameters of [`WTinyLfu`].
    WTinyLfuParameters {
        /// The window's share of the frames, in percent, at least one frame.
        window = 1 in 1..=100,
        /// The protected part's share of main, in percent.
        protected = 80 in 0..=100,
        /// After how many references the counts are halved, in multiples of the frames.
        sample = 10 in 1..=1000,
    }
}

/// W-TinyLFU. O(1) an access, amortised (a halving walks over the resident pages); 12 bytes a page; remembers at
/// most `sample` x frames pages that left.
///
/// ```
/// use memcore::replacement::{Named, Policy, WTinyLfu, WTinyLfuParameters};
/// let mut policy = WTinyLfu::new(&WTinyLfuParameters::default(), 3)?;
/// policy.reserve(8)?;
/// for page in [0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7] {
///     policy.access(page, &mut ());
/// }
/// assert!(policy.is_resident(0) && policy.is_resident(1)); // the scan went through the window
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WTinyLfu {
    frames: u32,
    window_share: u32,
    protected_share: u32,
    sample: u64,
    /// References counted, by the paper's reset: at most `sample`.
    counted: u64,
    halvings: u32,
    lists: Lists<8>,
}

impl Named for WTinyLfu {
    const NAME: &'static str = "w-tinylfu";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = WTinyLfuParameters;

    fn new(parameters: &WTinyLfuParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        let window_share = share(check_frames(frames)?, parameters.window as u32).max(1);
        Ok(WTinyLfu {
            frames,
            window_share,
            protected_share: share(frames - window_share, parameters.protected as u32),
            sample: u64::from(frames) * parameters.sample,
            counted: 0,
            halvings: 0,
            lists: Lists::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.lists.pages()])
    }
}

impl WTinyLfu {
    /// The count of a page that is no ghost.
    #[inline]
    fn count(&self, page: Page) -> u8 {
        self.lists.mark(page) & COUNT
    }

    /// The count that a ghost has by now.
    #[inline]
    fn ghost_count(&self, page: Page) -> u8 {
        let mark = self.lists.mark(page);
        let since = (self.halvings as u8).wrapping_sub(mark >> 4) & 15;
        (mark & COUNT) >> since
    }

    /// The queue in which a ghost should be; `None` if its count is zero by now.
    fn wait(&self, page: Page) -> Option<u8> {
        let mark = self.lists.mark(page);
        let since = u32::from((self.halvings as u8).wrapping_sub(mark >> 4) & 15);
        let left = (u8::BITS - (mark & COUNT).leading_zeros()).checked_sub(since).filter(|&left| left > 0)?;
        Some(GHOSTS + ((self.halvings + left) % WAITS) as u8)
    }

    /// Remembers a page that is in no list by its count, which is above 0, until halvings bring it to 0.
    #[inline]
    fn remember(&mut self, page: Page, count: u8) {
        let bits = u8::BITS - count.leading_zeros();
        let end = (self.halvings + bits) % WAITS;
        self.lists.set_mark(page, count | ((self.halvings & 15) as u8) << 4);
        self.lists.push_newest(GHOSTS + end as u8, page);
    }

    /// One more reference in the sample; if it is full, all counts are halved first.
    #[inline]
    fn sample_one(&mut self, pager: &mut impl Pager) {
        if self.counted >= self.sample {
            self.halve(pager);
        }
        self.counted += 1;
    }

    fn halve(&mut self, pager: &mut impl Pager) {
        self.counted /= 2;
        self.halvings = (self.halvings + 1) % (16 * WAITS);
        for list in [WINDOW, PROBATION, PROTECTED] {
            let mut at = self.lists.oldest(list);
            while let Some(page) = at {
                self.lists.set_mark(page, self.lists.mark(page) >> 1);
                at = self.lists.newer(page);
            }
        }
        let ended = GHOSTS + (self.halvings % WAITS) as u8;
        while let Some(page) = self.lists.pop_oldest(ended) {
            self.lists.set_mark(page, 0);
            pager.forgotten(page);
        }
    }

    /// A resident page loses its frame.
    #[inline]
    fn leave(&mut self, page: Page, pager: &mut impl Pager) {
        pager.evicted(page);
        self.lists.remove(page);
        match self.count(page) {
            0 => pager.forgotten(page),
            count => self.remember(page, count),
        }
    }
}

impl Policy for WTinyLfu {
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
        self.lists.length(WINDOW) + self.lists.length(PROBATION) + self.lists.length(PROTECTED)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.lists.list_of(page) <= PROTECTED
    }

    #[inline]
    fn touch(&mut self, page: Page, pager: &mut impl Pager) {
        self.sample_one(pager);
        let count = self.lists.mark(page);
        if count < COUNT {
            self.lists.set_mark(page, count + 1);
        }
        let list = self.lists.list_of(page);
        if list != PROBATION {
            self.lists.move_to_newest(list, page);
            return;
        }
        self.lists.move_to_newest(PROTECTED, page);
        if self.lists.length(PROTECTED) > self.protected_share {
            if let Some(oldest) = self.lists.oldest(PROTECTED) {
                self.lists.move_to_newest(PROBATION, oldest);
            }
        }
    }

    #[inline]
    fn miss(&mut self, page: Page, pager: &mut impl Pager) {
        // The page is out of its queue while counts are halved, so that it is not forgotten as it comes.
        let mut count = 0;
        let halvings = self.halvings;
        if self.lists.list_of(page) != NOWHERE {
            count = self.ghost_count(page);
            self.lists.remove(page);
        }
        self.sample_one(pager);
        if self.halvings != halvings {
            count >>= 1;
        }
        self.remember(page, COUNT.min(count + 1));
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let mut victim = self.lists.oldest_evictable(PROBATION, pager);
        if victim.is_none() {
            victim = self.lists.oldest_evictable(PROTECTED, pager);
        }
        let mut candidate = None;
        if victim.is_none() || self.lists.length(WINDOW) >= self.window_share {
            candidate = self.lists.oldest_evictable(WINDOW, pager);
        }
        let loser = match (candidate, victim) {
            (Some(candidate), Some(victim)) if self.count(candidate) > self.count(victim) => {
                self.lists.move_to_newest(PROBATION, candidate);
                victim
            }
            (Some(candidate), _) => candidate,
            (None, victim) => victim?,
        };
        self.leave(loser, pager);
        Some(loser)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        let mut count = 0;
        if self.lists.list_of(page) != NOWHERE {
            count = self.ghost_count(page);
            self.lists.remove(page);
        }
        self.lists.set_mark(page, count);
        if self.lists.length(WINDOW) >= self.window_share {
            if let Some(oldest) = self.lists.oldest(WINDOW) {
                self.lists.move_to_newest(PROBATION, oldest);
            }
        }
        self.lists.push_newest(WINDOW, page);
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
        if !(1..=self.frames).contains(&self.window_share) || self.halvings >= 16 * WAITS {
            return Err("the window has no frame, or the halvings are miscounted");
        }
        for (page, list, mark) in self.lists.iter() {
            if list <= PROTECTED && mark > COUNT {
                return Err("a count is above its greatest value");
            }
            if (GHOSTS..NOWHERE).contains(&list) && self.wait(page) != Some(list) {
                return Err("a ghost is in another queue than its count says");
            }
        }
        self.lists.validate(self.reserved())?;
        if self.resident() > self.frames {
            return Err("more pages are resident than there are frames");
        }
        if self.lists.length(WINDOW) > self.window_share {
            return Err("the window is larger than its share");
        }
        if self.lists.length(PROTECTED) > self.protected_share {
            return Err("the protected part is larger than its share");
        }
        let ghosts: u64 = (0..WAITS as u8).map(|wait| u64::from(self.lists.length(GHOSTS + wait))).sum();
        if ghosts > self.sample || self.counted > self.sample {
            return Err("more is remembered than the sample");
        }
        Ok(())
    }
}
