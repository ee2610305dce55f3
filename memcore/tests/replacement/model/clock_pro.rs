//! CLOCK-Pro, section 4 of the paper: one ring, searched from the hot hand (its first page) for the other hands.

use super::{Model, take};
use crate::world::World;
use memcore::replacement::{ClockProParameters, Page, Pager};

#[derive(Clone, Copy)]
struct Entry {
    page: Page,
    resident: bool,
    hot: bool,
    test: bool,
    bit: bool,
}

pub struct ClockPro {
    m: usize,
    /// m_c of the paper.
    cold_share: usize,
    ring: Vec<Entry>,
    /// Ghosts, in the order in which they left.
    gone: Vec<Page>,
    coming: Option<Page>,
}

impl ClockPro {
    pub fn new(parameters: &ClockProParameters, frames: usize) -> Self {
        let cold_share = (frames * parameters.cold as usize / 100).max(1);
        ClockPro { m: frames, cold_share, ring: Vec::new(), gone: Vec::new(), coming: None }
    }

    fn hot(&self) -> usize {
        self.ring.iter().filter(|entry| entry.hot).count()
    }

    fn at(&self, page: Page) -> Option<usize> {
        self.ring.iter().position(|entry| entry.page == page)
    }

    fn referenced(&mut self) {
        self.cold_share = self.m.min(self.cold_share + 1);
    }

    /// What the hot and test hands do to a cold page that they pass.
    fn end_test(&mut self, index: usize, world: &mut World) {
        let mut entry = self.ring.remove(index);
        if entry.test && Some(entry.page) != self.coming {
            entry.bit |= entry.resident && world.take_referenced(entry.page);
            if !entry.bit && self.cold_share > 1 {
                self.cold_share -= 1;
            }
            if !entry.resident {
                take(&mut self.gone, entry.page);
                return;
            }
            entry.test = false;
        }
        self.ring.push(entry);
    }

    fn hand_hot(&mut self, world: &mut World) {
        loop {
            if !self.ring[0].hot {
                self.end_test(0, world);
                continue;
            }
            let mut entry = self.ring.remove(0);
            let bit = std::mem::take(&mut entry.bit);
            let referenced = world.take_referenced(entry.page) || bit;
            entry.hot = referenced;
            self.ring.push(entry);
            if !referenced {
                break;
            }
        }
        while self.hot() > 0 && !self.ring[0].hot {
            self.end_test(0, world);
        }
    }

    fn make_room_for_hot(&mut self, world: &mut World) {
        while self.hot() > self.m - self.cold_share {
            self.hand_hot(world);
        }
    }

    fn hand_test(&mut self, world: &mut World) {
        let spared = usize::from(self.gone.iter().any(|&page| Some(page) == self.coming));
        while self.gone.len() > self.m + spared {
            let first = *self.gone.iter().find(|&&page| Some(page) != self.coming).unwrap();
            self.end_test(self.at(first).unwrap(), world);
        }
    }

    fn hand_cold(&mut self, world: &mut World) -> bool {
        if self.hot() == self.ring.iter().filter(|entry| entry.resident).count() {
            self.hand_hot(world);
        }
        loop {
            let cold: Vec<Page> = self
                .ring
                .iter()
                .filter(|entry| entry.resident && !entry.hot)
                .map(|entry| entry.page)
                .collect();
            let place = cold.iter().position(|&page| world.is_evictable(page));
            // Pinned pages are passed, and stand behind the hot hand then.
            for &page in &cold[..place.unwrap_or(cold.len())] {
                let entry = self.ring.remove(self.at(page).unwrap());
                self.ring.push(entry);
            }
            let Some(place) = place else { break };
            let index = self.at(cold[place]).unwrap();
            let page = cold[place];
            let bit = std::mem::take(&mut self.ring[index].bit);
            if !(world.take_referenced(page) || bit) {
                world.evicted(page);
                if self.ring[index].test {
                    self.ring[index].resident = false;
                    self.gone.push(page);
                    self.hand_test(world);
                } else {
                    self.ring.remove(index);
                }
                return true;
            }
            let mut entry = self.ring.remove(index);
            (entry.hot, entry.test) = (entry.test, !entry.test);
            self.ring.push(entry);
            if entry.hot {
                self.referenced();
                self.make_room_for_hot(world);
            }
        }
        // Only pinned pages are cold.
        let Some(index) = self.ring.iter().position(|entry| entry.hot && world.is_evictable(entry.page))
        else {
            return false;
        };
        let entry = self.ring.remove(index);
        world.evicted(entry.page);
        true
    }
}

impl Model for ClockPro {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if let Some(index) = self.at(page).filter(|&index| self.ring[index].resident) {
            self.ring[index].bit = true;
            return true;
        }
        self.coming = Some(page);
        if self.gone.contains(&page) {
            self.referenced();
        }
        let resident = self.ring.iter().filter(|entry| entry.resident).count();
        if resident == self.m && !self.hand_cold(world) {
            return false;
        }
        self.coming = None;
        let returns = take(&mut self.gone, page);
        if returns {
            self.ring.remove(self.at(page).unwrap());
        }
        self.ring.push(Entry { page, resident: true, hot: returns, test: !returns, bit: false });
        self.make_room_for_hot(world);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        take(&mut self.gone, page);
        self.at(page).map(|index| self.ring.remove(index)).is_some()
    }

    fn is_resident(&self, page: Page) -> bool {
        self.ring.iter().any(|entry| entry.page == page && entry.resident)
    }
}
