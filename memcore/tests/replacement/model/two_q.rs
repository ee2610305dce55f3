//! 2Q, as the paper's full version: the procedure `reclaimfor` over A1in, A1out and Am.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{Page, Pager, TwoQParameters};

pub struct TwoQ {
    frames: usize,
    k_in: usize,
    k_out: usize,
    /// Each from its tail (oldest) to its head.
    a1_in: Vec<Page>,
    a1_out: Vec<Page>,
    am: Vec<Page>,
    /// Pages of A1out that were referenced when nothing could leave for them.
    returning: Vec<Page>,
}

impl TwoQ {
    pub fn new(frames: usize, parameters: &TwoQParameters) -> Self {
        TwoQ {
            frames,
            k_in: (frames * parameters.a1_in as usize / 100).max(1),
            k_out: (frames * parameters.a1_out as usize / 100).max(1),
            a1_in: Vec::new(),
            a1_out: Vec::new(),
            am: Vec::new(),
            returning: Vec::new(),
        }
    }

    fn reclaim(&mut self, world: &mut World) -> bool {
        if self.a1_in.len() + self.am.len() < self.frames {
            return true;
        }
        let from_in = first_evictable(&self.a1_in, world);
        let from_am = first_evictable(&self.am, world);
        let (first, second) =
            if self.a1_in.len() > self.k_in { (from_in, from_am) } else { (from_am, from_in) };
        let Some(victim) = first.or(second) else { return false };
        world.evicted(victim);
        if take(&mut self.a1_in, victim) {
            self.a1_out.push(victim);
            if self.a1_out.len() > self.k_out {
                self.a1_out.remove(0);
            }
        }
        take(&mut self.am, victim);
        true
    }
}

impl Model for TwoQ {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if take(&mut self.am, page) {
            self.am.push(page);
            return true;
        }
        if self.a1_in.contains(&page) {
            return true;
        }
        if take(&mut self.a1_out, page) {
            self.returning.push(page);
        }
        if self.reclaim(world) {
            if take(&mut self.returning, page) {
                self.am.push(page);
            } else {
                self.a1_in.push(page);
            }
        }
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let lists = [&mut self.a1_in, &mut self.a1_out, &mut self.am, &mut self.returning];
        lists.map(|pages| take(pages, page)).contains(&true)
    }

    fn is_resident(&self, page: Page) -> bool {
        self.a1_in.contains(&page) || self.am.contains(&page)
    }
}
