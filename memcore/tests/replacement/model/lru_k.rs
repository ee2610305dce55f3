//! LRU-K, as the paper's figure 2.1: HIST and LAST for each page, and all pages looked at for a victim.

use super::{Model, take};
use crate::world::World;
use memcore::replacement::{LruKParameters, Page, Pager};
use std::collections::HashMap;

#[derive(Clone)]
struct Block {
    /// HIST(p, 1) to HIST(p, K), `None` for a reference that has not been.
    hist: Vec<Option<u64>>,
    last: u64,
}

pub struct LruK {
    frames: usize,
    parameters: LruKParameters,
    remembered: usize,
    t: u64,
    blocks: HashMap<Page, Block>,
    pages: Vec<Page>,
    /// Pages that left, in that order.
    ghosts: Vec<Page>,
    /// Ghosts that were referenced when nothing could leave for them.
    returning: Vec<Page>,
}

impl LruK {
    pub fn new(frames: usize, parameters: LruKParameters) -> Self {
        let remembered = parameters.history.unwrap_or(frames as u64) as usize;
        LruK {
            frames,
            parameters,
            remembered,
            t: 0,
            blocks: HashMap::new(),
            pages: Vec::new(),
            ghosts: Vec::new(),
            returning: Vec::new(),
        }
    }

    fn hit(&mut self, page: Page, t: u64) {
        let block = self.blocks.get_mut(&page).unwrap();
        if t - block.last > self.parameters.correlated {
            // A new, uncorrelated reference: the correlated period is closed.
            let correlated = block.last - block.hist[0].unwrap();
            for i in (1..block.hist.len()).rev() {
                block.hist[i] = block.hist[i - 1].map(|time| time + correlated);
            }
            block.hist[0] = Some(t);
        }
        block.last = t;
    }

    fn victim(&self, t: u64, world: &World) -> Option<Page> {
        let evictable = || self.pages.iter().copied().filter(|&page| world.is_evictable(page));
        let block = |page: Page| &self.blocks[&page];
        let eligible = evictable().filter(|&page| t - block(page).last > self.parameters.correlated);
        // None orders before any time.
        let oldest = eligible.min_by_key(|&page| (*block(page).hist.last().unwrap(), block(page).last));
        oldest.or_else(|| evictable().min_by_key(|&page| block(page).last))
    }
}

impl Model for LruK {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        let t = self.t + 1;
        if self.is_resident(page) {
            self.t = t;
            self.hit(page, t);
            return true;
        }
        if take(&mut self.ghosts, page) {
            self.returning.push(page);
        }
        if self.pages.len() == self.frames {
            let Some(victim) = self.victim(t, world) else { return false };
            take(&mut self.pages, victim);
            world.evicted(victim);
            self.ghosts.push(victim);
            if self.ghosts.len() > self.remembered {
                let forgotten = self.ghosts.remove(0);
                self.blocks.remove(&forgotten);
            }
        }
        self.t = t;
        take(&mut self.returning, page);
        let none = Block { hist: vec![None; self.parameters.k as usize], last: t };
        let block = self.blocks.entry(page).or_insert(none);
        block.hist.insert(0, Some(t));
        block.hist.pop();
        block.last = t;
        self.pages.push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        for pages in [&mut self.pages, &mut self.ghosts, &mut self.returning] {
            take(pages, page);
        }
        self.blocks.remove(&page).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(&page)
    }
}
