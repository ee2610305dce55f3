//! Segmented LRU: two lists in order of last reference.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Slru {
    frames: usize,
    most_protected: usize,
    probationary: Vec<Page>,
    protected: Vec<Page>,
}

impl Slru {
    pub fn new(frames: usize, percent: u32) -> Self {
        let most_protected = (frames * percent as usize / 100).min(frames - 1);
        Slru { frames, most_protected, probationary: Vec::new(), protected: Vec::new() }
    }
}

impl Model for Slru {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.remove(page) {
            self.protected.push(page);
            if self.protected.len() > self.most_protected {
                let demoted = self.protected.remove(0);
                self.probationary.push(demoted);
            }
            return true;
        }
        if self.probationary.len() + self.protected.len() == self.frames {
            let pages = self.probationary.iter().chain(&self.protected);
            let Some(victim) = first_evictable(pages, world) else { return false };
            self.remove(victim);
            world.evicted(victim);
        }
        self.probationary.push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        take(&mut self.probationary, page) || take(&mut self.protected, page)
    }

    fn is_resident(&self, page: Page) -> bool {
        self.probationary.contains(&page) || self.protected.contains(&page)
    }
}
