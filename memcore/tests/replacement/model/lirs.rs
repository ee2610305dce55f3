//! LIRS, section 3.3 of the paper: a stack, a queue, and who is LIR.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{LirsParameters, Page, Pager};
use std::collections::BTreeSet;

pub struct Lirs {
    frames: usize,
    lir_limit: usize,
    ghost_limit: usize,
    /// From the bottom to the top.
    s: Vec<Page>,
    /// Resident HIR pages, from the front to the end.
    q: Vec<Page>,
    lir: BTreeSet<Page>,
    /// Ghosts, in the order in which they left.
    gone: Vec<Page>,
    /// The page to come, whose ghost is not forgotten meanwhile.
    coming: Option<Page>,
}

impl Lirs {
    pub fn new(parameters: &LirsParameters, frames: usize) -> Self {
        let hir = (frames * parameters.hir as usize / 100).max(1);
        let ghost_limit = frames * parameters.ghosts as usize / 100;
        let (s, q, lir, gone) = Default::default();
        Lirs { frames, lir_limit: frames - hir, ghost_limit, s, q, lir, gone, coming: None }
    }

    fn prune(&mut self) {
        while !self.s.is_empty() && !self.lir.contains(&self.s[0]) {
            let lowest = self.s[0];
            if self.coming == Some(lowest) && self.gone.contains(&lowest) {
                break;
            }
            self.s.remove(0);
            take(&mut self.gone, lowest);
        }
    }

    fn becomes_lir(&mut self, page: Page) {
        self.lir.insert(page);
        self.prune();
        if self.lir.len() > self.lir_limit {
            let lowest = self.s.remove(0);
            self.lir.remove(&lowest);
            self.q.push(lowest);
        }
        self.prune();
    }

    /// Makes room; `coming` keeps its ghost.
    fn evict(&mut self, coming: Page, world: &mut World) -> bool {
        let low_lir: Vec<Page> = self.s.iter().copied().filter(|page| self.lir.contains(page)).collect();
        let Some(victim) = first_evictable(self.q.iter().chain(&low_lir), world) else { return false };
        take(&mut self.q, victim);
        self.lir.remove(&victim);
        if self.s.contains(&victim) {
            self.gone.push(victim);
        }
        self.prune();
        let spared = usize::from(self.gone.contains(&coming));
        while self.gone.len() > self.ghost_limit + spared {
            let oldest = *self.gone.iter().find(|&&page| page != coming).unwrap();
            take(&mut self.gone, oldest);
            take(&mut self.s, oldest);
        }
        world.evicted(victim);
        true
    }
}

impl Model for Lirs {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        let hit = self.is_resident(page);
        if !hit {
            self.coming = Some(page);
            self.prune();
        }
        if !hit && self.lir.len() + self.q.len() == self.frames && !self.evict(page, world) {
            return false;
        }
        if !self.lir.contains(&page) {
            self.coming = None;
        }
        let in_s = take(&mut self.s, page);
        self.s.push(page);
        if self.lir.contains(&page) {
            self.prune();
            return true;
        }
        let _ = take(&mut self.q, page) || take(&mut self.gone, page);
        if in_s || self.lir.len() < self.lir_limit {
            self.becomes_lir(page);
        } else {
            self.q.push(page);
        }
        self.prune();
        hit
    }

    fn remove(&mut self, page: Page) -> bool {
        let known = self.lir.remove(&page) | take(&mut self.q, page) | take(&mut self.gone, page);
        take(&mut self.s, page);
        self.prune();
        known
    }

    fn is_resident(&self, page: Page) -> bool {
        self.lir.contains(&page) || self.q.contains(&page)
    }
}
