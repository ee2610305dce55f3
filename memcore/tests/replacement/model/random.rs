//! Random, by the array that the documentation describes and a SplitMix64 written out.

use super::Model;
use crate::world::World;
use memcore::replacement::{Page, Pager};

pub struct Random {
    frames: usize,
    state: u64,
    pages: Vec<Page>,
}

/// Sebastiano Vigna's SplitMix64.
pub fn split_mix_64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    pub fn new(frames: usize, seed: u64) -> Self {
        Random { frames, state: seed, pages: Vec::new() }
    }

    fn take(&mut self, index: usize) {
        let last = self.pages.pop().unwrap();
        if index < self.pages.len() {
            self.pages[index] = last;
        }
    }
}

impl Model for Random {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.is_resident(page) {
            return true;
        }
        let count = self.pages.len();
        if count == self.frames {
            let draw = split_mix_64(&mut self.state);
            let first = (u128::from(draw) * count as u128 / (1 << 64)) as usize;
            let evictable = |index: &usize| world.is_evictable(self.pages[*index]);
            let Some(index) = (first..first + count).map(|index| index % count).find(evictable) else {
                return false;
            };
            world.evicted(self.pages[index]);
            self.take(index);
        }
        self.pages.push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let found = self.pages.iter().position(|&other| other == page);
        found.map(|index| self.take(index)).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.pages.contains(&page)
    }
}
