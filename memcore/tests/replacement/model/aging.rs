//! Aging: a history of bits for each page, the newest first, compared as words of a dictionary.

use super::{Model, ticks::Ticks};
use crate::world::World;
use memcore::replacement::{Page, Pager};

struct Entry {
    page: Page,
    referenced: bool,
    history: Vec<bool>,
}

pub struct Aging {
    frames: usize,
    bits: usize,
    ticks: Ticks,
    /// In the order in which their bits were set by references.
    pages: Vec<Entry>,
}

impl Aging {
    pub fn new(frames: usize, bits: u32, tick: Option<u64>) -> Self {
        Aging { frames, bits: bits as usize, ticks: Ticks::new(tick, frames), pages: Vec::new() }
    }

    fn find(&self, page: Page) -> Option<usize> {
        self.pages.iter().position(|entry| entry.page == page)
    }

    fn shift(&mut self, world: &mut World) {
        for entry in &mut self.pages {
            let referenced = entry.referenced | world.take_referenced(entry.page);
            entry.history.insert(0, referenced);
            entry.history.truncate(self.bits);
            entry.referenced = false;
        }
    }

    fn evict(&mut self, world: &mut World) -> bool {
        loop {
            let evictable = self.pages.iter_mut().filter(|entry| world.is_evictable(entry.page));
            let Some(lowest) = evictable.min_by_key(|entry| (entry.referenced, entry.history.clone())) else {
                return false;
            };
            let page = lowest.page;
            if !lowest.referenced && world.take_referenced(page) {
                lowest.referenced = true;
                continue;
            }
            world.evicted(page);
            return self.remove(page);
        }
    }
}

impl Model for Aging {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.ticks.count() {
            self.shift(world);
        }
        if let Some(index) = self.find(page) {
            if !self.pages[index].referenced {
                let mut entry = self.pages.remove(index);
                entry.referenced = true;
                self.pages.push(entry);
            }
            return true;
        }
        if self.pages.len() < self.frames || self.evict(world) {
            self.pages.push(Entry { page, referenced: true, history: vec![false; self.bits] });
        }
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        self.find(page).map(|index| self.pages.remove(index)).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.find(page).is_some()
    }

    fn tick(&mut self, world: &mut World) {
        self.ticks.restart();
        self.shift(world);
    }
}
