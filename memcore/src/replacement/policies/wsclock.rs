//! WSClock: a clock whose hand evicts the pages that have fallen out of the working set, clean ones at once and dirty
//! ones after they were written back.
//!
//! ```text
//!        +-> [a 97] -> [b 41] -> [c 99] --+      last use of each page; now = 100, tau = 50
//!        |      ^ hand                    |      a: young, passed by      b: old; clean: leaves,
//!        +------------ [d 20] <-----------+                                  dirty: cleaned and passed by
//! ```
//!
//! Richard W. Carr and John L. Hennessy, "WSClock: A simple and effective algorithm for virtual memory management",
//! SOSP 1981. The hand goes round: a page whose bit is set has been used, its time of last use becomes now and its
//! bit is cleared; a page not used for more than `tau` references is old. The first old clean page leaves. An old
//! dirty page's write-back is asked for ([`Pager::clean`](crate::replacement::Pager::clean)), and the hand goes on.
//! Time is counted in references. A page that is pinned when it is found old counts as used then.
//!
//! **When no page is old** after a round, the paper suspends a program; a policy for one program has none to suspend.
//! Here an old page whose write-back was asked for in that round leaves, if it is clean by now (the first); else the
//! hand goes on as CLOCK's: the first page whose bit is clear leaves, dirty or not.
//!
//! **A round that cannot find an old page is left out.** The policy knows the least time of last use that the last
//! whole round saw; while that is not old nothing is, and the hand goes on as CLOCK's at once. So with a long `tau` it
//! is CLOCK, and costs no more.
//!
//! **Good at** writing dirty pages back before their frames are wanted. **Bad at** being tuned: too short a `tau` is
//! FIFO among the unreferenced, too long a one is CLOCK. Not a stack algorithm.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The one list: the clock, cut at the hand.
const CLOCK: u8 = 0;

whole_numbers! {
    /// The parameters of [`WsClock`].
    WsClockParameters {
        /// After how many references without use a page is old.
        tau = 1000 in 1..=18446744073709551615,
    }
}

/// WSClock. O(1) a hit; a miss passes by as many pages as are not old, at most two rounds; 20 bytes a page.
///
/// ```
/// use memcore::replacement::{Named, Policy, WsClock, WsClockParameters};
/// let mut policy = WsClock::new(&WsClockParameters { tau: 2 }, 3)?;
/// policy.reserve(4)?;
/// for page in [0, 1, 2, 0, 2, 3] {
///     policy.access(page, &mut ());
/// }
/// assert!(!policy.is_resident(1)); // not used in the last two references
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WsClock {
    frames: u32,
    tau: u64,
    /// References so far.
    now: u64,
    /// No resident page has a time of last use before this.
    earliest: u64,
    /// The mark is the reference bit.
    clock: Lists<1>,
    last: Vec<u64>,
}

impl Named for WsClock {
    const NAME: &'static str = "wsclock";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = WsClockParameters;

    fn new(parameters: &WsClockParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        let frames = check_frames(frames)?;
        Ok(WsClock {
            frames,
            tau: parameters.tau,
            now: 0,
            earliest: 0,
            clock: Lists::new(),
            last: Vec::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.clock.pages(), self.last.len()])
    }
}

impl WsClock {
    /// Reads and clears a page's bit; if it was set, the page has been used by now.
    #[inline]
    fn take_bit(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let referenced = (self.clock.mark(page) != 0) | pager.take_referenced(page);
        if referenced {
            self.clock.set_mark(page, 0);
            self.last[page as usize] = self.now;
        }
        referenced
    }

    /// One round of the hand: the first old clean page; or the first old page that became clean in the round.
    fn round(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let mut cleaned = None;
        let mut earliest = self.now;
        for _ in 0..self.clock.length(CLOCK) {
            let page = self.clock.oldest(CLOCK)?;
            self.take_bit(page, pager);
            if self.now - self.last[page as usize] > self.tau {
                if !pager.is_evictable(page) {
                    self.last[page as usize] = self.now;
                } else if pager.is_dirty(page) {
                    pager.clean(page);
                    cleaned = cleaned.or(Some(page));
                } else {
                    return Some(page);
                }
            }
            earliest = earliest.min(self.last[page as usize]);
            self.clock.move_to_newest(CLOCK, page);
        }
        self.earliest = earliest;
        cleaned.filter(|&page| !pager.is_dirty(page))
    }

    /// The hand as CLOCK's: at most two rounds, then the first page that may leave.
    #[inline]
    fn second_chance(&mut self, pager: &mut impl Pager) -> Option<Page> {
        for _ in 0..2 * u64::from(self.clock.length(CLOCK)) {
            let page = self.clock.oldest(CLOCK)?;
            if pager.is_evictable(page) && !self.take_bit(page, pager) {
                return Some(page);
            }
            self.clock.move_to_newest(CLOCK, page);
        }
        self.clock.oldest_evictable(CLOCK, pager)
    }
}

impl Policy for WsClock {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        tables::extend(&mut self.last, pages, 0)?;
        self.clock.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    #[inline]
    fn resident(&self) -> u32 {
        self.clock.length(CLOCK)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.clock.list_of(page) != NOWHERE
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.now += 1;
        self.clock.set_mark(page, 1);
    }

    #[inline]
    fn miss(&mut self, _page: Page, _pager: &mut impl Pager) {
        self.now += 1;
    }

    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let may_be_old = self.now - self.earliest > self.tau;
        let mut victim = if may_be_old { self.round(pager) } else { None };
        if victim.is_none() {
            victim = self.second_chance(pager);
        }
        let page = victim?;
        self.clock.remove(page);
        self.clock.set_mark(page, 0);
        pager.evicted(page);
        pager.forgotten(page);
        Some(page)
    }

    #[inline]
    fn insert(&mut self, page: Page, _pager: &mut impl Pager) {
        self.clock.push_newest(CLOCK, page);
        self.last[page as usize] = self.now;
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let known = self.is_resident(page);
        if known {
            self.clock.remove(page);
            self.clock.set_mark(page, 0);
            pager.forgotten(page);
        }
        known
    }

    fn metadata_bytes(&self) -> usize {
        self.clock.metadata_bytes() + tables::bytes_of(&self.last)
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, self.now)?;
        if self.earliest > self.now {
            return Err("the earliest use is to come");
        }
        self.clock.validate(self.reserved())?;
        if self.resident() > self.frames {
            return Err("more pages are resident than there are frames");
        }
        let mut at = self.clock.oldest(CLOCK);
        while let Some(page) = at {
            if !(self.earliest..=self.now).contains(&self.last[page as usize]) {
                return Err("a time of last use is before the earliest, or to come");
            }
            at = self.clock.newer(page);
        }
        Ok(())
    }
}
