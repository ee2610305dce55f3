//! Most recently used: a list in order of last reference, emptied from its end.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Mru {
    frames: usize,
    pages: Vec<Page>,
}

impl Mru {
    pub fn new(frames: usize) -> Self {
        Mru { frames, pages: Vec::new() }
    }
}

impl Model for Mru {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        let hit = take(&mut self.pages, page);
        if !hit && self.pages.len() == self.frames {
            let Some(victim) = first_evictable(self.pages.iter().rev(), world) else { return false };
            take(&mut self.pages, victim);
            world.evicted(victim);
        }
        self.pages.push(page);
        hit
    }

    fn remove(&mut self, page: Page) -> bool {
        take(&mut self.pages, page)
    }

    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(&page)
    }
}
