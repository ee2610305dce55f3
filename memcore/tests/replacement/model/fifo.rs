//! First in, first out: a list in order of arrival.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Fifo {
    frames: usize,
    pages: Vec<Page>,
}

impl Fifo {
    pub fn new(frames: usize) -> Self {
        Fifo { frames, pages: Vec::new() }
    }
}

impl Model for Fifo {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.is_resident(page) {
            return true;
        }
        if self.pages.len() == self.frames {
            let Some(victim) = first_evictable(&self.pages, world) else { return false };
            take(&mut self.pages, victim);
            world.evicted(victim);
        }
        self.pages.push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        take(&mut self.pages, page)
    }

    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(&page)
    }
}
