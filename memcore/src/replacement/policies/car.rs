//! CAR, CLOCK with adaptive replacement: ARC's two lists and their ghosts, with clocks in place of the lists, so
//! that a hit sets a bit and moves nothing.
//!
//! ```text
//!     B1 ghosts <- clock T1 (seen once) --- referenced ---> clock T2 (seen more often) -> B2 ghosts
//!                   hand: unreferenced leaves                hand: unreferenced leaves, referenced goes round
//! ```
//!
//! Sorav Bansal and Dharmendra S. Modha, "CAR: Clock with adaptive replacement", FAST 2004, figure 2. The hand of
//! T1 moves while T1 has at least max(1, p) pages, else the hand of T2. It takes the first page whose reference
//! bit is clear; a referenced page of T1 goes to T2, one of T2 goes behind the hand, both with the bit cleared.
//! `p` moves as in [ARC](super::Arc), but after the replacement, and so with the ghosts as they are then.
//!
//! **Good at** what ARC is good at, with hits as cheap as CLOCK's. **Bad at** the same loops. Not a stack algorithm.

use super::arc::{ArcParameters, Target};
use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::tables;
use crate::replacement::walk::Walk;
use serde::{Deserialize, Serialize};

const T1: u8 = 0;
const T2: u8 = 1;
const B1: u8 = 2;
const B2: u8 = 3;

/// The value of `faulting` when no page is awaited.
const NONE: Page = Page::MAX;

/// CLOCK with adaptive replacement. O(1) an access, amortised; 12 bytes a page; remembers as many ghosts as frames.
///
/// ```
/// use memcore::replacement::{Car, ArcParameters, Named, Policy};
/// let mut policy = Car::new(&ArcParameters::default(), 2)?;
/// policy.reserve(3)?;
/// let hits: Vec<bool> = [0, 1, 0, 2, 0, 1].map(|page| policy.access(page, &mut ())).to_vec();
/// assert_eq!(hits, [false, false, true, false, true, false]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Car {
    frames: u32,
    rule: Target,
    /// `p` of the paper: whole, if so ruled.
    target: f64,
    /// The page of the last miss, until it is inserted.
    faulting: Page,
    /// The mark is the reference bit.
    lists: Lists<4>,
}

impl Named for Car {
    const NAME: &'static str = "car";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ArcParameters;

    fn new(parameters: &ArcParameters, frames: u32) -> Result<Self, PolicyError> {
        let (frames, rule) = (check_frames(frames)?, parameters.p);
        Ok(Car { frames, rule, target: 0.0, faulting: NONE, lists: Lists::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.lists.pages()])
    }
}

impl Car {
    /// Moves `p`, for a page found among the ghosts of this list.
    #[inline]
    fn adapt(&mut self, list: u8) {
        let (b1, b2) = (self.lists.length(B1), self.lists.length(B2));
        if list == B1 {
            self.target = (self.target + self.rule.step(b1, b2)).min(self.frames.into());
        } else {
            self.target = (self.target - self.rule.step(b2, b1)).max(0.0);
        }
    }
}

impl Policy for Car {
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
        self.lists.length(T1) + self.lists.length(T2)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        self.lists.list_of(page) <= T2
    }

    #[inline]
    fn touch(&mut self, page: Page, _pager: &mut impl Pager) {
        self.lists.set_mark(page, 1);
    }

    #[inline]
    fn miss(&mut self, page: Page, _pager: &mut impl Pager) {
        self.faulting = page;
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let mut hands = [Walk::over(T1), Walk::over(T2)];
        // Two rounds find every bit clear, unless someone sets them all the while.
        let mut patience = 2 * u64::from(self.resident());
        loop {
            let t1 = f64::from(self.lists.length(T1));
            let first = usize::from(t1 < self.target.max(1.0));
            let page = match hands[first].next(&self.lists, pager) {
                Some(page) => page,
                None => hands[1 - first].next(&self.lists, pager)?,
            };
            let referenced = (self.lists.mark(page) != 0) | pager.take_referenced(page);
            self.lists.set_mark(page, 0);
            if referenced && patience > 0 {
                patience -= 1;
                self.lists.move_to_newest(T2, page);
                hands[1].came(page);
            } else {
                let ghosts = self.lists.list_of(page) + B1;
                self.lists.move_to_newest(ghosts, page);
                pager.evicted(page);
                return Some(page);
            }
        }
    }

    #[inline]
    fn insert(&mut self, page: Page, pager: &mut impl Pager) {
        let list = self.lists.list_of(page);
        let faulting = core::mem::replace(&mut self.faulting, NONE) == page;
        if list != NOWHERE {
            if faulting {
                self.adapt(list);
            }
            self.lists.move_to_newest(T2, page);
            return;
        }
        let l1 = self.lists.length(T1) + self.lists.length(B1);
        let l2 = self.lists.length(T2) + self.lists.length(B2);
        let full = if l1 >= self.frames {
            self.lists.pop_oldest(B1)
        } else if u64::from(l1) + u64::from(l2) >= 2 * u64::from(self.frames) {
            self.lists.pop_oldest(B2)
        } else {
            None
        };
        if let Some(ghost) = full {
            pager.forgotten(ghost);
        }
        self.lists.push_newest(T1, page);
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
        self.lists.validate(self.reserved())?;
        let [t1, t2, b1, b2] = [T1, T2, B1, B2].map(|list| u64::from(self.lists.length(list)));
        let frames = u64::from(self.frames);
        if t1 + t2 > frames {
            return Err("more pages are resident than there are frames");
        }
        if t1 + b1 > frames || t1 + t2 + b1 + b2 > 2 * frames {
            return Err("there are more ghosts than CAR keeps");
        }
        if !(0.0..=f64::from(self.frames)).contains(&self.target) {
            return Err("the target is not between 0 and the frames");
        }
        Ok(())
    }
}
