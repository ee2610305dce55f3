//! ARC, adaptive replacement cache: recency and frequency, each with its ghosts, share the frames as the misses
//! teach.
//!
//! ```text
//!     B1 ghosts  <-  T1 seen once      |      T2 seen more often  ->  B2 ghosts
//!     oldest . . . oldest . . newest   |   newest . . oldest . . . oldest
//!                   <------ p ------>                                      p: the size that T1 should have
//!     a miss found in B1: p grows      |   a miss found in B2: p shrinks
//! ```
//!
//! Nimrod Megiddo and Dharmendra S. Modha, "ARC: A self-tuning, low overhead replacement cache", FAST 2003,
//! figure 4. T1 holds the pages referenced once since they came in, T2 those referenced again, both in order of
//! recency; B1 and B2 remember who left them. T1 and B1 together never exceed the frames, all four never twice
//! the frames. The victim is T1's oldest if T1 exceeds `p` (or equals it, and the page to come is in B2), else
//! T2's oldest.
//!
//! **Integer or real p.** A ghost found moves `p` by max(1, the other ghosts / these ghosts). The paper's `p` is a
//! real number and so is the quotient (`p=real`, the default). Many programs divide whole numbers, so that 5 / 2 is 2
//! (`p=integer`). The difference is small: 190381 or 190638 misses in 200 000 references of a skewed string.
//!
//! **Good at** mixtures: a scan passes through T1 and leaves T2 alone. **Bad at** loops a little larger than the
//! frames, which miss each time as under LRU: a page must be seen twice within 2 x frames distinct pages. Not a
//! stack algorithm.
//!
//! **Compared with libCacheSim 0.3.5:** the same misses, with `p=real`.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::policy::{Facts, Named, Page, Pager, Parameters, Policy, check_frames};
use crate::replacement::tables;
use crate::spec::{Spec, SpecError};
use core::fmt;
use serde::{Deserialize, Serialize};

const T1: u8 = 0;
const T2: u8 = 1;
const B1: u8 = 2;
const B2: u8 = 3;

/// How the target size `p` of [`Arc`] and [`Car`](super::Car) is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// The quotient of the ghosts is rounded down.
    Integer,
    /// The quotient of the ghosts is taken as it is, as in the papers.
    #[default]
    Real,
}

impl Target {
    /// By how much `p` moves when a page is found among `these` ghosts.
    #[inline]
    pub(super) fn step(self, these: u32, others: u32) -> f64 {
        let step = match self {
            Target::Integer => f64::from(others / these),
            Target::Real => f64::from(others) / f64::from(these),
        };
        step.max(1.0)
    }
}

/// The parameters of [`Arc`] and [`Car`](super::Car).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcParameters {
    /// Whether the target is a whole number: `p=real` (default) or `p=integer`.
    pub p: Target,
}

impl Parameters for ArcParameters {
    const KEYS: &'static [&'static str] = &["p"];

    fn read(spec: &Spec) -> Result<Self, SpecError> {
        let choices = [("integer", Target::Integer), ("real", Target::Real)];
        Ok(ArcParameters { p: spec.choice("p", &choices, Target::Real, "must be integer or real")? })
    }

    fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
        if self.p == Target::Integer {
            to("p", &"integer");
        }
    }
}

/// Adaptive replacement cache. O(1) an access; 12 bytes a page; remembers as many ghosts as frames.
///
/// ```
/// use memcore::replacement::{Arc, ArcParameters, Named, Policy};
/// let mut policy = Arc::new(&ArcParameters::default(), 3)?;
/// policy.reserve(6)?;
/// let string = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
/// let misses = string.iter().filter(|&&page| !policy.access(page, &mut ())).count();
/// assert_eq!(misses, 10);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arc {
    frames: u32,
    rule: Target,
    /// `p` of the paper: whole, if so ruled.
    target: f64,
    /// The page to come was found in B2.
    from_b2: bool,
    lists: Lists<4>,
}

impl Named for Arc {
    const NAME: &'static str = "arc";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = ArcParameters;

    fn new(parameters: &ArcParameters, frames: u32) -> Result<Self, PolicyError> {
        let (frames, rule) = (check_frames(frames)?, parameters.p);
        Ok(Arc { frames, rule, target: 0.0, from_b2: false, lists: Lists::new() })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.lists.pages()])
    }
}

impl Policy for Arc {
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
        self.lists.move_to_newest(T2, page);
    }

    #[inline]
    fn miss(&mut self, page: Page, _pager: &mut impl Pager) {
        let (b1, b2) = (self.lists.length(B1), self.lists.length(B2));
        let list = self.lists.list_of(page);
        if list == B1 {
            self.target = (self.target + self.rule.step(b1, b2)).min(self.frames.into());
        } else if list == B2 {
            self.target = (self.target - self.rule.step(b2, b1)).max(0.0);
        }
        self.from_b2 = list == B2;
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        let t1 = f64::from(self.lists.length(T1));
        let from_t1 = t1 > self.target || (self.from_b2 && t1 == self.target);
        let (first, other) = if from_t1 { (T1, T2) } else { (T2, T1) };
        let victim = match self.lists.oldest_evictable(first, pager) {
            Some(page) => page,
            None => self.lists.oldest_evictable(other, pager)?,
        };
        let ghosts = self.lists.list_of(victim) + B1;
        self.lists.move_to_newest(ghosts, victim);
        pager.evicted(victim);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, pager: &mut impl Pager) {
        self.from_b2 = false;
        if self.lists.list_of(page) != NOWHERE {
            self.lists.move_to_newest(T2, page);
            return;
        }
        // Cases A and B of the paper, after the replacement: what must be dropped is the same.
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
            return Err("there are more ghosts than ARC keeps");
        }
        if !(0.0..=f64::from(self.frames)).contains(&self.target) {
            return Err("the target is not between 0 and the frames");
        }
        Ok(())
    }
}
