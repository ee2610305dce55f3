//! The multi-generational LRU: a list of generations, each a list of pages, the oldest first.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{MgLruParameters, Page, Pager};
use std::collections::BTreeSet;

pub struct MgLru {
    frames: usize,
    most: usize,
    generations: Vec<Vec<Page>>,
    bits: BTreeSet<Page>,
}

impl MgLru {
    pub fn new(parameters: &MgLruParameters, frames: usize) -> Self {
        let (most, generations) = (parameters.generations as usize, vec![Vec::new()]);
        MgLru { frames, most, generations, bits: BTreeSet::new() }
    }

    fn resident(&self) -> usize {
        self.generations.iter().map(Vec::len).sum()
    }

    fn bit(&mut self, page: Page, world: &mut World) -> bool {
        let own = self.bits.remove(&page);
        world.take_referenced(page) || own
    }

    fn should_age(&self) -> bool {
        let open = self.generations.len();
        let size = |age: usize| self.generations[open - 1 - age].len();
        open <= 2 || (open < self.most && (2 * size(0) > self.resident() || 4 * size(2) < self.resident()))
    }

    fn age(&mut self, world: &mut World) {
        let pages = self.generations.concat();
        let referenced: Vec<Page> = pages.into_iter().filter(|&page| self.bit(page, world)).collect();
        for generation in &mut self.generations {
            generation.retain(|page| !referenced.contains(page));
        }
        self.generations.push(referenced);
    }

    fn victim(&mut self, world: &mut World) -> Option<Page> {
        first_evictable(self.generations.concat().iter(), world)?;
        loop {
            while self.generations.len() > 2 && self.generations[0].is_empty() {
                self.generations.remove(0);
            }
            if self.should_age() {
                self.age(world);
                continue;
            }
            let old = self.generations.len() - 2;
            for page in self.generations[..old].concat() {
                if world.is_evictable(page) && !self.bit(page, world) {
                    return Some(page);
                }
                self.remove_from_list(page);
                self.generations.last_mut().unwrap().push(page);
            }
        }
    }

    fn remove_from_list(&mut self, page: Page) -> bool {
        self.generations.iter_mut().any(|generation| take(generation, page))
    }
}

impl Model for MgLru {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.is_resident(page) {
            self.bits.insert(page);
            return true;
        }
        if self.resident() == self.frames {
            let Some(victim) = self.victim(world) else { return false };
            self.remove_from_list(victim);
            world.evicted(victim);
        }
        self.generations.last_mut().unwrap().push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        self.bits.remove(&page);
        self.remove_from_list(page)
    }

    fn is_resident(&self, page: Page) -> bool {
        self.generations.concat().contains(&page)
    }
}
