//! The working set: every page with the time of its last reference.

use super::Model;
use crate::world::World;
use memcore::replacement::{Page, Pager, WorkingSetParameters};
use std::collections::BTreeMap;

pub struct WorkingSet {
    tau: u64,
    now: u64,
    /// Time of the last reference, and the order among equal times.
    last: BTreeMap<Page, (u64, u64)>,
    uses: u64,
}

impl WorkingSet {
    pub fn new(parameters: &WorkingSetParameters, _frames: usize) -> Self {
        WorkingSet { tau: parameters.tau, now: 0, last: BTreeMap::new(), uses: 0 }
    }

    fn use_now(&mut self, page: Page) {
        self.uses += 1;
        self.last.insert(page, (self.now, self.uses));
    }
}

impl Model for WorkingSet {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        self.now += 1;
        let hit = self.is_resident(page);
        if hit {
            self.use_now(page);
        }
        let mut outside: Vec<_> = self
            .last
            .iter()
            .filter(|&(_, &(last, _))| last + self.tau <= self.now)
            .map(|(p, l)| (*l, *p))
            .collect();
        outside.sort_unstable();
        for (_, other) in outside {
            if !world.is_evictable(other) || world.take_referenced(other) {
                self.use_now(other);
            } else {
                self.last.remove(&other);
                world.evicted(other);
            }
        }
        if !hit {
            self.use_now(page);
        }
        hit
    }

    fn remove(&mut self, page: Page) -> bool {
        self.last.remove(&page).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.last.contains_key(&page)
    }
}
