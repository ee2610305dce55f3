//! S3-FIFO, algorithm 1 of the paper: three queues and a count per page.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{Page, Pager, S3FifoParameters, Warm};
use std::collections::BTreeMap;

pub struct S3Fifo {
    frames: usize,
    share: usize,
    ghost_limit: usize,
    threshold: u8,
    warming: bool,
    small: Vec<Page>,
    main: Vec<Page>,
    ghosts: Vec<Page>,
    freq: BTreeMap<Page, u8>,
}

impl S3Fifo {
    pub fn new(parameters: &S3FifoParameters, frames: usize) -> Self {
        let share = (frames * parameters.small as usize / 100).max(1);
        let (small, main, ghosts, freq) = Default::default();
        let (threshold, warming) = (parameters.threshold as u8, parameters.warm == Warm::Main);
        let ghost_limit = frames * (100 - parameters.small as usize) / 100;
        S3Fifo { frames, share, ghost_limit, threshold, warming, small, main, ghosts, freq }
    }

    fn evict(&mut self, coming: Page, world: &mut World) {
        let from_small = self.small.len() >= self.share;
        loop {
            let (small, main) = (first_evictable(&self.small, world), first_evictable(&self.main, world));
            let page = if from_small { small.or(main) } else { main.or(small) }.unwrap();
            let freq = (self.freq[&page] + u8::from(world.take_referenced(page))).min(3);
            if take(&mut self.small, page) {
                if freq >= self.threshold {
                    self.main.push(page);
                    self.freq.insert(page, 0);
                    continue;
                }
                self.ghosts.push(page);
                let spared = usize::from(self.ghosts.contains(&coming));
                while self.ghosts.len() > self.ghost_limit + spared {
                    let oldest = *self.ghosts.iter().find(|&&page| page != coming).unwrap();
                    take(&mut self.ghosts, oldest);
                }
            } else {
                take(&mut self.main, page);
                if freq > 0 {
                    self.main.push(page);
                    self.freq.insert(page, freq - 1);
                    continue;
                }
            }
            self.freq.remove(&page);
            world.evicted(page);
            return;
        }
    }
}

impl Model for S3Fifo {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if let Some(freq) = self.freq.get_mut(&page) {
            *freq = (*freq + 1).min(3);
            return true;
        }
        if self.small.len() + self.main.len() == self.frames {
            self.warming = false;
            if first_evictable(self.small.iter().chain(&self.main), world).is_none() {
                return false;
            }
            self.evict(page, world);
        }
        if take(&mut self.ghosts, page) || (self.warming && self.small.len() >= self.share) {
            self.main.push(page);
        } else {
            self.small.push(page);
        }
        self.freq.insert(page, 0);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        self.freq.remove(&page);
        [&mut self.small, &mut self.main, &mut self.ghosts].into_iter().any(|list| take(list, page))
    }

    fn is_resident(&self, page: Page) -> bool {
        self.freq.contains_key(&page)
    }
}
