//! Least frequently used: a count for each page, and a list in the order that breaks ties.

use super::{Model, take};
use crate::world::World;
use memcore::replacement::{LfuParameters, Page, Pager, Tie};
use std::collections::HashMap;

pub struct Lfu {
    frames: usize,
    parameters: LfuParameters,
    /// By last reference, or by arrival.
    pages: Vec<Page>,
    counts: HashMap<Page, u64>,
}

impl Lfu {
    pub fn new(frames: usize, parameters: LfuParameters) -> Self {
        Lfu { frames, parameters, pages: Vec::new(), counts: HashMap::new() }
    }
}

impl Model for Lfu {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        let hit = self.is_resident(page);
        if !hit && self.pages.len() == self.frames {
            let evictable = self.pages.iter().copied().filter(|&page| world.is_evictable(page));
            let Some(victim) = evictable.min_by_key(|page| self.counts[page]) else { return false };
            take(&mut self.pages, victim);
            world.evicted(victim);
            if !self.parameters.keep_history {
                self.counts.remove(&victim);
            }
        }
        if hit && self.parameters.tie == Tie::Lru {
            take(&mut self.pages, page);
        }
        if !self.is_resident(page) {
            self.pages.push(page);
        }
        *self.counts.entry(page).or_default() += 1;
        hit
    }

    fn remove(&mut self, page: Page) -> bool {
        take(&mut self.pages, page);
        self.counts.remove(&page).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(&page)
    }
}
