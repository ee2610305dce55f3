//! Not recently used: a queue whose front is under the hand, and a class for each page looked at.

use super::{Model, ticks::Ticks};
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Nru {
    frames: usize,
    ticks: Ticks,
    /// Pages with their referenced bits.
    queue: Vec<(Page, bool)>,
    /// The lowest class that the last full round found, 0 after a tick.
    trusted: u8,
}

impl Nru {
    pub fn new(frames: usize, tick: Option<u64>) -> Self {
        Nru { frames, ticks: Ticks::new(tick, frames), queue: Vec::new(), trusted: 0 }
    }

    fn clear(&mut self, world: &mut World) {
        for (page, referenced) in &mut self.queue {
            world.take_referenced(*page);
            *referenced = false;
        }
        self.trusted = 0;
    }

    /// Where the victim is.
    fn victim(&mut self, world: &mut World) -> Option<usize> {
        let mut seen = Vec::new();
        for (index, (page, referenced)) in self.queue.iter_mut().enumerate() {
            if !world.is_evictable(*page) {
                continue;
            }
            *referenced |= world.take_referenced(*page);
            let class = match (*referenced, world.is_dirty(*page)) {
                (false, false) => 0,
                (false, true) => 1,
                (true, false) => 2,
                (true, true) => 3,
            };
            if class <= self.trusted {
                return Some(index);
            }
            seen.push((class, index));
        }
        seen.sort();
        let &(class, index) = seen.first()?;
        self.trusted = class;
        Some(index)
    }
}

impl Model for Nru {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.ticks.count() {
            self.clear(world);
        }
        if let Some((_, referenced)) = self.queue.iter_mut().find(|(other, _)| *other == page) {
            *referenced = true;
            return true;
        }
        if self.queue.len() == self.frames {
            let Some(index) = self.victim(world) else { return false };
            world.evicted(self.queue[index].0);
            self.queue.remove(index);
            self.queue.rotate_left(index);
        }
        self.queue.push((page, true));
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let found = self.queue.iter().position(|&(other, _)| other == page);
        found.map(|index| self.queue.remove(index)).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.queue.iter().any(|&(other, _)| other == page)
    }

    fn tick(&mut self, world: &mut World) {
        self.ticks.restart();
        self.clear(world);
    }
}
