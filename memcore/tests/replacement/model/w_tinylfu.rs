//! W-TinyLFU: three LRU lists, and the count of every page ever seen.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{Page, Pager, WTinyLfuParameters};
use std::collections::BTreeMap;

pub struct WTinyLfu {
    frames: usize,
    window_share: usize,
    protected_share: usize,
    sample: usize,
    counted: usize,
    counts: BTreeMap<Page, u8>,
    window: Vec<Page>,
    probation: Vec<Page>,
    protected: Vec<Page>,
}

impl WTinyLfu {
    pub fn new(parameters: &WTinyLfuParameters, frames: usize) -> Self {
        let window_share = (frames * parameters.window as usize / 100).max(1);
        let protected_share = (frames - window_share) * parameters.protected as usize / 100;
        let sample = frames * parameters.sample as usize;
        let (counts, window, probation, protected) = Default::default();
        WTinyLfu {
            frames,
            window_share,
            protected_share,
            sample,
            counted: 0,
            counts,
            window,
            probation,
            protected,
        }
    }

    fn count(&self, page: Page) -> u8 {
        self.counts.get(&page).copied().unwrap_or(0)
    }

    fn evict(&mut self, world: &mut World) -> bool {
        let main = first_evictable(self.probation.iter().chain(&self.protected), world);
        let wins = self.window.len() >= self.window_share || main.is_none();
        let candidate = first_evictable(&self.window, world).filter(|_| wins);
        let victim = match (candidate, main) {
            (None, None) => return false,
            (Some(page), None) | (None, Some(page)) => page,
            (Some(candidate), Some(main)) => {
                if self.count(candidate) > self.count(main) {
                    take(&mut self.window, candidate);
                    self.probation.push(candidate);
                    main
                } else {
                    candidate
                }
            }
        };
        self.drop(victim);
        world.evicted(victim);
        true
    }

    fn drop(&mut self, page: Page) -> bool {
        [&mut self.window, &mut self.probation, &mut self.protected].into_iter().any(|list| take(list, page))
    }
}

impl Model for WTinyLfu {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.counted == self.sample {
            self.counted /= 2;
            self.counts.values_mut().for_each(|count| *count /= 2);
        }
        self.counted += 1;
        let count = self.counts.entry(page).or_insert(0);
        *count = (*count + 1).min(15);
        if take(&mut self.window, page) {
            self.window.push(page);
            return true;
        }
        if take(&mut self.protected, page) || take(&mut self.probation, page) {
            self.protected.push(page);
            if self.protected.len() > self.protected_share {
                self.probation.push(self.protected.remove(0));
            }
            return true;
        }
        let resident = self.window.len() + self.probation.len() + self.protected.len();
        if resident == self.frames && !self.evict(world) {
            return false;
        }
        if self.window.len() >= self.window_share {
            self.probation.push(self.window.remove(0));
        }
        self.window.push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let counted = self.counts.remove(&page).unwrap_or(0) > 0;
        self.drop(page) || counted
    }

    fn is_resident(&self, page: Page) -> bool {
        [&self.window, &self.probation, &self.protected].into_iter().any(|list| list.contains(&page))
    }
}
