//! CLOCK as second chance: a queue whose front is under the hand; who has the bit goes to the back without it.

use super::Model;
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Clock {
    frames: usize,
    on_load: bool,
    /// Pages with their reference bits.
    queue: Vec<(Page, bool)>,
}

impl Clock {
    pub fn new(frames: usize, on_load: bool) -> Self {
        Clock { frames, on_load, queue: Vec::new() }
    }

    fn evict(&mut self, world: &mut World) -> bool {
        for round in 0..2 {
            for _ in 0..self.queue.len() {
                let (page, mut bit) = self.queue.remove(0);
                if world.is_evictable(page) {
                    bit |= world.take_referenced(page);
                    if !bit || round == 1 {
                        world.evicted(page);
                        return true;
                    }
                    bit = false;
                }
                self.queue.push((page, bit));
            }
        }
        false
    }
}

impl Model for Clock {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if let Some((_, bit)) = self.queue.iter_mut().find(|(other, _)| *other == page) {
            *bit = true;
            return true;
        }
        if self.queue.len() < self.frames || self.evict(world) {
            self.queue.push((page, self.on_load));
        }
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let found = self.queue.iter().position(|&(other, _)| other == page);
        found.map(|index| self.queue.remove(index)).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.queue.iter().any(|&(other, _)| other == page)
    }
}
