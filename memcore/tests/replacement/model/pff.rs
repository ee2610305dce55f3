//! Page-fault frequency: every page with the number of misses that had been seen at its last reference.

use super::{Model, take};
use crate::world::World;
use memcore::replacement::{Page, Pager, PffParameters};

pub struct Pff {
    interval: u64,
    now: u64,
    last_miss: u64,
    /// In order of last reference: those not referenced since the last miss, and those that were.
    idle: Vec<Page>,
    used: Vec<Page>,
}

impl Pff {
    pub fn new(parameters: &PffParameters, _frames: usize) -> Self {
        Pff { interval: parameters.interval, now: 0, last_miss: 0, idle: Vec::new(), used: Vec::new() }
    }
}

impl Model for Pff {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        self.now += 1;
        let hit = take(&mut self.idle, page) || take(&mut self.used, page);
        if !hit {
            let mut in_use = Vec::new();
            if self.now - self.last_miss >= self.interval {
                for other in std::mem::take(&mut self.idle) {
                    if !world.is_evictable(other) || world.take_referenced(other) {
                        in_use.push(other);
                    } else {
                        world.evicted(other);
                    }
                }
            }
            self.last_miss = self.now;
            // A new interval begins, and nothing was referenced in it but what was found in use, and the page.
            self.idle.append(&mut self.used);
            self.used = in_use;
        }
        self.used.push(page);
        hit
    }

    fn remove(&mut self, page: Page) -> bool {
        take(&mut self.idle, page) || take(&mut self.used, page)
    }

    fn is_resident(&self, page: Page) -> bool {
        self.idle.contains(&page) || self.used.contains(&page)
    }
}
