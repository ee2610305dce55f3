//! LFU with dynamic aging: priority = references + age, worked out at each reference.

use super::Model;
use crate::world::World;
use memcore::replacement::{Page, Pager};

#[derive(Clone, Copy)]
struct Entry {
    page: Page,
    references: u64,
    priority: u64,
}

pub struct Lfuda {
    frames: usize,
    age: u64,
    /// By last reference.
    pages: Vec<Entry>,
}

impl Lfuda {
    pub fn new(frames: usize) -> Self {
        Lfuda { frames, age: 0, pages: Vec::new() }
    }

    fn take(&mut self, page: Page) -> Option<Entry> {
        let index = self.pages.iter().position(|entry| entry.page == page)?;
        Some(self.pages.remove(index))
    }
}

impl Model for Lfuda {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        let before = self.take(page);
        if before.is_none() && self.pages.len() == self.frames {
            let evictable = self.pages.iter().filter(|entry| world.is_evictable(entry.page));
            let Some(&victim) = evictable.min_by_key(|entry| entry.priority) else { return false };
            self.take(victim.page);
            self.age = self.age.max(victim.priority);
            world.evicted(victim.page);
        }
        let references = before.map_or(0, |entry| entry.references) + 1;
        self.pages.push(Entry { page, references, priority: references + self.age });
        before.is_some()
    }

    fn remove(&mut self, page: Page) -> bool {
        self.take(page).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.pages.iter().any(|entry| entry.page == page)
    }
}
