//! LIRS, low inter-reference recency set: pages whose last two references lie close together stay; the others
//! pass through a small queue.
//!
//! ```text
//!   stack S, by recency       bottom [L1] [h7] [L4] [g9] [L2] [h3] top
//!   queue Q, resident HIR     front  [h7] [h5] [h3] end               the front leaves on a miss
//!
//!   L: LIR, resident     h: HIR, resident     g: HIR, gone, a ghost while it is in S
//! ```
//!
//! Song Jiang and Xiaodong Zhang, "LIRS: An efficient low inter-reference recency set replacement policy to improve
//! buffer cache performance", SIGMETRICS 2002, section 3.3. The bottom of S is always a LIR page; HIR pages below it
//! are pruned, and ghosts among them forgotten. A HIR page referenced while it is in S has an inter-reference
//! recency below the largest recency of the LIR pages: it becomes LIR, and the LIR page at the bottom becomes a
//! resident HIR at the end of Q. A HIR page that is not in S goes to the top of S and the end of Q, and stays HIR.
//! While there are fewer LIR pages than their share, every referenced page becomes LIR.
//!
//! `hir` is the share of the frames for resident HIR pages, in percent, at least one frame (the paper uses 1 %).
//! The paper lets S hold any number of ghosts; `ghosts` bounds them, in percent of the frames, and the one evicted
//! longest ago is forgotten first.
//! With one frame there is no LIR page, and any miss replaces the page.
//!
//! **Good at** loops (all but the HIR share of a loop stays resident) and at scans. **Bad at** phases: a new working
//! set must show its short distances before the old one's LIR pages go. Not a stack algorithm.
//!
//! **Compared with libCacheSim 0.3.5:** less than one miss in a thousand apart (190078 and 190077 of 200 000 references in
//! 64 frames, 101309 and 101361 in 1024), the same in loops. It bounds the pages of S, resident ones included, to twice
//! the frames, where the ghosts are bounded here; and there a hit on a HIR page that is not in S may turn a LIR page
//! into HIR without another becoming LIR, where the paper and this policy leave the LIR pages alone.

use crate::replacement::error::PolicyError;
use crate::replacement::lists::{Lists, NOWHERE};
use crate::replacement::numbers::whole_numbers;
use crate::replacement::policy::{Facts, Named, Page, Pager, Policy, check_frames};
use crate::replacement::read::share;
use crate::replacement::tables;
use serde::{Deserialize, Serialize};

/// States of a page, kept as the mark of its node in the stack; 0 is unknown.
const LIR: u8 = 1;
const HIR: u8 = 2;
const GHOST: u8 = 3;

/// The one list of the stack.
const STACK: u8 = 0;
/// Lists of the queue: resident HIR pages, and ghosts in the order in which they left.
const RESIDENT: u8 = 0;
const GONE: u8 = 1;

const NONE: Page = Page::MAX;

whole_numbers! {
    /// The parameters of [`Lirs`].
    LirsParameters {
        /// The share of the frames that HIR pages have, in percent, at least one frame.
        hir = 1 in 1..=100,
        /// How many ghosts are remembered, in percent of the frames.
        ghosts = 100 in 0..=10000,
    }
}

/// Low inter-reference recency set. O(1) an access, amortised; 24 bytes a page; remembers `ghosts` percent of the
/// frames besides the resident pages.
///
/// ```
/// use memcore::replacement::{Lirs, LirsParameters, Named, Policy};
/// let mut policy = Lirs::new(&LirsParameters::default(), 4)?;
/// policy.reserve(5)?;
/// // A loop over five pages in four frames: three LIR pages stay, the other two take turns.
/// let misses = (0..50).filter(|i| !policy.access(i % 5, &mut ())).count();
/// assert_eq!(misses, 5 + 9 * 2);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lirs {
    frames: u32,
    lir_limit: u32,
    ghost_limit: u32,
    lir: u32,
    /// The page of the last miss, until it is inserted: its ghost is not forgotten meanwhile.
    faulting: Page,
    stack: Lists<1>,
    queue: Lists<2>,
}

impl Named for Lirs {
    const NAME: &'static str = "lirs";
    const FACTS: Facts = Facts { needs_future: false, varies_allocation: false, is_stack: false };
    type Parameters = LirsParameters;

    fn new(parameters: &LirsParameters, frames: u32) -> Result<Self, PolicyError> {
        parameters.check()?;
        Ok(Lirs {
            frames: check_frames(frames)?,
            lir_limit: frames - share(frames, parameters.hir as u32).max(1),
            ghost_limit: share(frames, parameters.ghosts as u32),
            lir: 0,
            faulting: NONE,
            stack: Lists::new(),
            queue: Lists::new(),
        })
    }

    fn reserved(&self) -> u32 {
        tables::common([self.stack.pages(), self.queue.pages()])
    }
}

impl Lirs {
    /// Makes a page that is at the top of the stack LIR, and the lowest HIR where that is one too many.
    #[inline]
    fn promote(&mut self, page: Page, pager: &mut impl Pager) {
        self.stack.set_mark(page, LIR);
        self.lir += 1;
        self.prune(pager);
        if self.lir > self.lir_limit {
            if let Some(lowest) = self.stack.pop_oldest(STACK) {
                self.stack.set_mark(lowest, HIR);
                self.queue.push_newest(RESIDENT, lowest);
                self.lir -= 1;
            }
            self.prune(pager);
        }
    }

    /// Takes HIR pages from the bottom of the stack until a LIR page is there, or the ghost of the page to come.
    /// O(1) for each.
    #[inline]
    fn prune(&mut self, pager: &mut impl Pager) {
        while let Some(lowest) = self.stack.oldest(STACK) {
            match self.stack.mark(lowest) {
                LIR => break,
                HIR => self.stack.remove(lowest),
                _ if lowest == self.faulting => break,
                _ => self.forget_ghost(lowest, pager),
            }
        }
    }

    fn forget_ghost(&mut self, page: Page, pager: &mut impl Pager) {
        self.stack.remove(page);
        self.stack.set_mark(page, 0);
        self.queue.remove(page);
        pager.forgotten(page);
    }

    /// Forgets the ghosts above the limit, the oldest first, but not the page to come.
    #[inline]
    fn limit_ghosts(&mut self, pager: &mut impl Pager) {
        let spared = u32::from(self.stack.mark_or_none(self.faulting) == GHOST);
        while self.queue.length(GONE) - spared > self.ghost_limit {
            let mut oldest = self.queue.oldest(GONE);
            if oldest == Some(self.faulting) {
                oldest = self.queue.newer(self.faulting);
            }
            let Some(oldest) = oldest else { break };
            self.forget_ghost(oldest, pager);
        }
        self.prune(pager);
    }
}

impl Policy for Lirs {
    fn facts(&self) -> Facts {
        Self::FACTS
    }

    fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        self.stack.reserve(pages)?;
        self.queue.reserve(pages)
    }

    fn frames(&self) -> u32 {
        self.frames
    }

    #[inline]
    fn resident(&self) -> u32 {
        self.lir + self.queue.length(RESIDENT)
    }

    #[inline]
    fn is_resident(&self, page: Page) -> bool {
        matches!(self.stack.mark_or_none(page), LIR | HIR)
    }

    #[inline]
    fn touch(&mut self, page: Page, pager: &mut impl Pager) {
        if self.stack.mark(page) == LIR {
            self.stack.move_to_newest(STACK, page);
            self.prune(pager);
            return;
        }
        // No page is awaited any more: what lies lowest is LIR again when a page becomes LIR.
        self.faulting = NONE;
        let in_stack = self.stack.list_of(page) != NOWHERE;
        if in_stack {
            self.stack.move_to_newest(STACK, page);
        } else {
            self.stack.push_newest(STACK, page);
        }
        if in_stack || self.lir < self.lir_limit {
            self.queue.remove(page);
            self.promote(page, pager);
        } else {
            self.queue.move_to_newest(RESIDENT, page);
            self.prune(pager);
        }
    }

    #[inline]
    fn miss(&mut self, page: Page, pager: &mut impl Pager) {
        self.faulting = page;
        self.prune(pager);
    }

    #[inline]
    fn evict(&mut self, pager: &mut impl Pager) -> Option<Page> {
        if let Some(victim) = self.queue.oldest_evictable(RESIDENT, pager) {
            pager.evicted(victim);
            self.queue.remove(victim);
            if self.stack.list_of(victim) == NOWHERE {
                self.stack.set_mark(victim, 0);
                pager.forgotten(victim);
            } else {
                self.stack.set_mark(victim, GHOST);
                self.queue.push_newest(GONE, victim);
                self.limit_ghosts(pager);
            }
            return Some(victim);
        }
        // No HIR page may leave: the lowest LIR page that may. It stays in the stack as a ghost, unless it is
        // at the bottom.
        let mut victim = self.stack.oldest(STACK)?;
        while self.stack.mark(victim) != LIR || !pager.is_evictable(victim) {
            victim = self.stack.newer(victim)?;
        }
        pager.evicted(victim);
        self.lir -= 1;
        self.stack.set_mark(victim, GHOST);
        self.queue.push_newest(GONE, victim);
        self.prune(pager);
        self.limit_ghosts(pager);
        Some(victim)
    }

    #[inline]
    fn insert(&mut self, page: Page, pager: &mut impl Pager) {
        let returns = self.stack.mark(page) == GHOST;
        if returns {
            self.queue.remove(page);
            self.stack.move_to_newest(STACK, page);
        } else {
            self.stack.push_newest(STACK, page);
        }
        self.faulting = NONE;
        if returns || self.lir < self.lir_limit {
            self.promote(page, pager);
        } else {
            self.stack.set_mark(page, HIR);
            self.queue.push_newest(RESIDENT, page);
        }
        self.prune(pager);
    }

    fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool {
        let state = self.stack.mark_or_none(page);
        if state == 0 {
            return false;
        }
        if self.stack.list_of(page) != NOWHERE {
            self.stack.remove(page);
        }
        if state == LIR {
            self.lir -= 1;
        } else {
            self.queue.remove(page);
        }
        self.stack.set_mark(page, 0);
        pager.forgotten(page);
        self.prune(pager);
        true
    }

    fn metadata_bytes(&self) -> usize {
        self.stack.metadata_bytes() + self.queue.metadata_bytes()
    }

    fn validate(&self) -> Result<(), &'static str> {
        tables::check_frames_and_clock(self.frames, 0)?;
        self.stack.validate(self.reserved())?;
        self.queue.validate(self.reserved())?;
        let resident = u64::from(self.lir) + u64::from(self.queue.length(RESIDENT));
        if resident > self.frames.into() || self.lir > self.lir_limit || self.lir_limit >= self.frames {
            return Err("more pages are resident, or LIR, than there may be");
        }
        if self.queue.length(GONE) > self.ghost_limit.saturating_add(1) {
            return Err("there are more ghosts than the limit");
        }
        let lowest = self.stack.oldest(STACK).filter(|&page| page != self.faulting);
        if lowest.is_some_and(|lowest| self.stack.mark(lowest) != LIR) {
            return Err("the bottom of the stack is not LIR");
        }
        let mut lir = 0;
        for (page, list, state) in self.stack.iter() {
            match (state, list, self.queue.list_of(page)) {
                (0, NOWHERE, NOWHERE) | (HIR, STACK | NOWHERE, RESIDENT) | (GHOST, STACK, GONE) => {}
                (LIR, STACK, NOWHERE) => lir += 1,
                _ => return Err("a page is in the wrong list or queue for its state"),
            }
        }
        if lir != self.lir {
            return Err("the LIR pages are miscounted");
        }
        Ok(())
    }
}
