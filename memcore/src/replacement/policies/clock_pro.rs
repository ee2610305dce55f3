//! CLOCK-Pro: LIRS as a clock. Pages with short reuse distances are hot, the others cold, and three hands turn.
//!
//! ```text
//!   oldest                                              newest
//!    [H] [g] [H] [H] [g] [ct] [H] [c] [ct] [H] [ct]   <- new pages come in here
//!     ^   ^           |    ^
//!    hot  test        |    cold           H: hot   c: cold   t: in its test period   g: gone, in its test period
//! ```
//!
//! Song Jiang, Feng Chen, Xiaodong Zhang, "CLOCK-Pro: An effective improvement of the CLOCK replacement", USENIX ATC
//! 2005, section 4. All pages stand in one ring; here the ring is cut at the hot hand, which is always at its oldest
//! end, so that what this hand passes goes to the newest. The cold hand stands at the cold page furthest from the
//! newest end, the test hand at the ghost that left first: both are the heads of queues, and no hand passes hot pages
//! in search of a cold one.
//!
//! * A page that comes in is cold, in its **test period**. A page referenced again in its test period has a reuse
//!   distance below the recency of the coldest hot page, and becomes hot.
//! * **The cold hand** looks for the victim: a cold page whose bit is clear leaves; in its test period it stays as a
//!   ghost. One with its bit set becomes hot if it was in its test period, else it begins a new one; either goes to
//!   the newest end with the bit cleared.
//! * **The hot hand** turns while there are more hot pages than their share: a referenced hot page goes to the newest
//!   end with the bit cleared, the first unreferenced one becomes cold, without a test period. Then the hand goes on
//!   to the next hot page. It ends the test period of each cold page on its way, and ghosts are forgotten.
//! * **The test hand** turns while there are more ghosts than frames: it ends the test period of the first.
//!
//! The share of cold pages adapts, from 1 frame to all: one frame more for each page referenced in its test period,
//! one less for each test period that ends without a reference. It begins at `cold` percent of the frames.
//!
//! **What the paper leaves open, and what is done here.** A cold page in its test period that is found referenced by
//! the hot hand keeps its bit, and does not shrink the cold share. New pages are cold from the start, also while
//! frames are free. A pinned page that the cold hand meets is in use, and goes to the newest end as it is. If no cold
//! page may leave, the hot page furthest from the newest end that may leaves, and is forgotten.
//!
//! **Good at** loops and scans, as LIRS is, with hits as cheap as CLOCK's. **Bad at** quick changes of phase, until the
//! share has adapted. Not a stack algorithm.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::read::share;
use crate::replacement::tables;
use serde::{Deserialize, Serialize};

/// The one list of the ring, cut at the hot hand.
const RING: u8 = 0;
/// Lists of the queue: cold resident pages in the ring's order, and ghosts as they left.
const COLD: u8 = 0;
const GHOSTS: u8 = 1;

/// Bits of the mark in the ring; 0 is an unknown page.
const RESIDENT: u8 = 1;
const HOT: u8 = 2;
const TEST: u8 = 4;
const REFERENCED: u8 = 8;

const NONE: Page = Page::MAX;

whole_numbers! {
    /// The parameters of [`ClockPro`].
    ClockProParameters {
        /// The cold pages' share of the frames at the beginning, in percent, at least one frame.
        cold = 1 in 1..=100,
    }
}

/// CLOCK-Pro. O(1) an access, amortised; 24 bytes a page; remembers as many ghosts as frames.
///
/// ```
/// use memcore::replacement::{ClockPro, ClockProParameters, Named, Policy};
/// let mut policy = ClockPro::new(&ClockProParameters::default(), 4)?;
/// policy.reserve(5)?;
/// let misses = (0..500).filter(|i| !policy.access(i % 5, &mut ())).count();
/// assert!(misses < 400); // under LRU a loop of five in four frames misses every time
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClockPro {
    frames: u32,
    /// How many frames cold pages should have.
    cold_share: u32,
    hot: u32,
    /// The page of the last miss, until it is inserted: its ghost is not forgotten meanwhile, nor its bit asked for.
    faulting: Page,
    ring: Lists<1>,
    queue: Lists<2>,
}

impl Named for ClockPro {
    const NAME: &'static str = "clock-pro";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ClockProParameters;

    fn new(parameters: &ClockProParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        Ok(ClockPro {
            frames: check_frames(frames)?,
            cold_share: share(frames, parameters.cold as u32).max(1),
            hot: 0,
            faulting: NONE,
            ring: Lists::new(),
            queue: Lists::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.ring.pages(), self.queue.pages()])
    }
}

impl ClockPro {
    /// Puts a page of the ring at its newest end, and one of the cold queue at that one's.
    #[inline]
    fn put_newest(&mut self, page: Page) {
        self.ring.move_to_newest(RING, page);
        if self.queue.list_of(page) == COLD {
            self.queue.move_to_newest(COLD, page);
        }
    }

    fn forget(&mut self, page: Page, pager: &mut impl Pager) {
        self.ring.remove(page);
        self.ring.set_mark(page, 0);
        if self.queue.list_of(page) != NOWHERE {
            self.queue.remove(page);
        }
        pager.forgotten(page);
    }

    /// A page has become hot; others become cold while there are more hot pages than their share.
    fn became_hot(&mut self, pager: &mut impl Pager) {
        self.hot += 1;
        while self.hot > self.frames - self.cold_share {
            self.cool(pager);
        }
    }

    /// Turns the hot hand until a hot page, of which there is one, has become cold, and on to the next hot page.
    fn cool(&mut self, pager: &mut impl Pager) {
        // One round finds every bit clear, unless someone sets them all the while.
        let mut patience = self.hot;
        while let Some(page) = self.ring.oldest(RING) {
            let mark = self.ring.mark(page);
            if mark & HOT == 0 {
                self.end_test(page, pager);
                continue;
            }
            let asked = page != self.faulting && pager.take_referenced(page);
            let referenced = asked || mark & REFERENCED != 0;
            self.ring.move_to_newest(RING, page);
            if referenced && patience > 0 {
                patience -= 1;
                self.ring.set_mark(page, RESIDENT | HOT);
            } else {
                self.ring.set_mark(page, RESIDENT);
                self.queue.push_newest(COLD, page);
                self.hot -= 1;
                break;
            }
        }
        while let Some(page) = self.ring.oldest(RING) {
            if self.hot == 0 || self.ring.mark(page) & HOT != 0 {
                break;
            }
            self.end_test(page, pager);
        }
    }

    /// The hot hand passes a cold page, and the page's test period ends. A ghost is forgotten, but not the page to
    /// come.
    fn end_test(&mut self, page: Page, pager: &mut impl Pager) {
        let mut mark = self.ring.mark(page);
        if mark & TEST != 0 && page != self.faulting {
            if mark & RESIDENT != 0 && pager.take_referenced(page) {
                mark |= REFERENCED;
            }
            if mark & REFERENCED == 0 {
                self.cold_share = 1.max(self.cold_share - 1);
            }
            if mark & RESIDENT == 0 {
                self.forget(page, pager);
                return;
            }
            self.ring.set_mark(page, mark & !TEST);
        }
        self.put_newest(page);
    }

    /// The test hand: ghosts above the limit are forgotten, the oldest first, but not the page to come.
    fn limit_ghosts(&mut self, pager: &mut impl Pager) {
        let spared = u32::from(self.queue.list_of(self.faulting) == GHOSTS);
        while self.queue.length(GHOSTS) - spared > self.frames {
            let mut oldest = self.queue.oldest(GHOSTS);
            if oldest == Some(self.faulting) {
                oldest = self.queue.newer(self.faulting);
            }
            let Some(oldest) = oldest else { break };
            self.end_test(oldest, pager);
        }
    }
}

impl Policy for ClockPro {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.ring.reserve(pages)?;
        self.queue.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    #[inline]
    fn resident(&self) -> u32 {
        self.hot + self.queue.length(COLD)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.ring.mark_or_none(page) & RESIDENT != 0
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.ring.set_mark(page, self.ring.mark(page) | REFERENCED);
    }

    #[inline]
    fn miss(&mut self, page: Page, _pager: &mut impl Pager) {
        self.faulting = page;
        if self.queue.list_of(page) == GHOSTS {
            self.cold_share = self.frames.min(self.cold_share + 1);
        }
    }

    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        if self.queue.length(COLD) == 0 && self.hot > 0 {
            self.cool(pager);
        }
        // Two rounds find every bit clear, unless someone sets them all the while.
        let mut patience = 2 * u64::from(self.resident());
        let mut pinned = 0;
        while let Some(page) = self.queue.oldest(COLD) {
            if !pager.is_evictable(page) {
                pinned += 1;
                if pinned > self.queue.length(COLD) {
                    break;
                }
                self.put_newest(page);
                continue;
            }
            let mark = self.ring.mark(page);
            let referenced = (mark & REFERENCED != 0) | pager.take_referenced(page);
            if !referenced || patience == 0 {
                pager.evicted(page);
                if mark & TEST == 0 {
                    self.forget(page, pager);
                } else {
                    self.ring.set_mark(page, TEST);
                    self.queue.move_to_newest(GHOSTS, page);
                    self.limit_ghosts(pager);
                }
                return Some(page);
            }
            patience -= 1;
            pinned = 0;
            self.put_newest(page);
            if mark & TEST == 0 {
                self.ring.set_mark(page, RESIDENT | TEST);
            } else {
                self.ring.set_mark(page, RESIDENT | HOT);
                self.queue.remove(page);
                self.cold_share = self.frames.min(self.cold_share + 1);
                self.became_hot(pager);
            }
        }
        let mut page = self.ring.oldest(RING)?;
        while self.ring.mark(page) & HOT == 0 || !pager.is_evictable(page) {
            page = self.ring.newer(page)?;
        }
        pager.evicted(page);
        self.hot -= 1;
        self.forget(page, pager);
        Some(page)
    }

    fn insert(&mut self, page: Page, pager: &mut impl Pager) {
        if self.queue.list_of(page) == GHOSTS {
            self.queue.remove(page);
            self.ring.move_to_newest(RING, page);
            self.ring.set_mark(page, RESIDENT | HOT);
            self.faulting = page;
            self.became_hot(pager);
        } else {
            self.ring.push_newest(RING, page);
            self.ring.set_mark(page, RESIDENT | TEST);
            self.queue.push_newest(COLD, page);
        }
        self.faulting = NONE;
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let mark = self.ring.mark_or_none(page);
        if mark != 0 {
            self.hot -= u32::from(mark & HOT != 0);
            self.forget(page, pager);
        }
        mark != 0
    }

    fn metadata_bytes(&self) -> usize {
        self.ring.metadata_bytes() + self.queue.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        self.ring.validate(self.reserved())?;
        self.queue.validate(self.reserved())?;
        let resident = u64::from(self.hot) + u64::from(self.queue.length(COLD));
        if resident > self.frames.into() || self.queue.length(GHOSTS) > self.frames.saturating_add(1) {
            return Err("there are more pages, or ghosts, than frames");
        }
        if !(1..=self.frames).contains(&self.cold_share) {
            return Err("the cold share is not between 1 and the frames");
        }
        if resident + u64::from(self.queue.length(GHOSTS)) != self.ring.length(RING).into() {
            return Err("the ring has not as many pages as are hot, cold or gone");
        }
        let makes_sense = |list, mark| if list == NOWHERE { mark == 0 } else { mark < 2 * REFERENCED };
        if !self.ring.iter().all(|(_, list, mark)| makes_sense(list, mark)) {
            return Err("a page's mark makes no sense");
        }
        let (mut hot, mut cold) = (0, self.queue.oldest(COLD));
        let mut at = self.ring.oldest(RING);
        while let Some(page) = at {
            let mark = self.ring.mark(page);
            let wanted = match mark & (RESIDENT | HOT) {
                RESIDENT => COLD,
                0 if mark == TEST => GHOSTS,
                _ if mark & !REFERENCED == RESIDENT | HOT => NOWHERE,
                _ => return Err("a page's mark makes no sense"),
            };
            if self.queue.list_of(page) != wanted {
                return Err("a page of the ring is in the wrong queue");
            }
            hot += u32::from(wanted == NOWHERE);
            if wanted == COLD {
                if cold != Some(page) {
                    return Err("the cold queue is not in the ring's order");
                }
                cold = self.queue.newer(page);
            }
            at = self.ring.newer(page);
        }
        if hot != self.hot || cold.is_some() {
            return Err("the hot or cold pages are miscounted");
        }
        Ok(())
    }
}
