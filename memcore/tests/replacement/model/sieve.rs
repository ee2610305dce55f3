//! SIEVE, as its paper's algorithm 1: a queue, visited bits, and a hand that is an index into the queue.

use super::Model;
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Sieve {
    frames: usize,
    /// From the tail (oldest) to the head (newest), with visited bits.
    queue: Vec<(Page, bool)>,
    /// From which index on to look; one behind the end means from the tail, but only once somebody looks.
    hand: Option<usize>,
}

impl Sieve {
    pub fn new(frames: usize) -> Self {
        Sieve { frames, queue: Vec::new(), hand: None }
    }

    fn take(&mut self, index: usize) {
        self.queue.remove(index);
        if let Some(hand) = self.hand {
            let hand = if index < hand { hand - 1 } else { hand };
            self.hand = if hand < self.queue.len() { Some(hand) } else { None };
        }
    }

    fn evict(&mut self, world: &mut World) -> bool {
        for round in 0..2 {
            for _ in 0..self.queue.len() {
                let index = self.hand.unwrap_or(0);
                let (page, visited) = self.queue[index];
                if world.is_evictable(page) {
                    let visited = visited | world.take_referenced(page);
                    if !visited || round == 1 {
                        world.evicted(page);
                        self.hand = Some(index);
                        self.take(index);
                        return true;
                    }
                    self.queue[index].1 = false;
                }
                self.hand = if index + 1 < self.queue.len() { Some(index + 1) } else { None };
            }
        }
        false
    }
}

impl Model for Sieve {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if let Some((_, visited)) = self.queue.iter_mut().find(|(other, _)| *other == page) {
            *visited = true;
            return true;
        }
        if self.queue.len() < self.frames || self.evict(world) {
            self.queue.push((page, false));
        }
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let found = self.queue.iter().position(|&(other, _)| other == page);
        found.map(|index| self.take(index)).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.queue.iter().any(|&(other, _)| other == page)
    }
}
