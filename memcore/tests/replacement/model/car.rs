//! CAR, figure 2 of the paper: two clocks whose hands are their first pages, and two lists of ghosts.

use super::arc::step;
use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{ArcParameters, Page, Pager, Target};
use std::collections::BTreeSet;

pub struct Car {
    c: usize,
    real: bool,
    p: f64,
    t1: Vec<Page>,
    t2: Vec<Page>,
    b1: Vec<Page>,
    b2: Vec<Page>,
    bits: BTreeSet<Page>,
}

impl Car {
    pub fn new(parameters: &ArcParameters, frames: usize) -> Self {
        let (t1, t2, b1, b2, bits) = Default::default();
        Car { c: frames, real: parameters.p == Target::Real, p: 0.0, t1, t2, b1, b2, bits }
    }

    fn replace(&mut self, world: &mut World) {
        loop {
            let (first, second) = (first_evictable(&self.t1, world), first_evictable(&self.t2, world));
            let from_t1 = self.t1.len() as f64 >= self.p.max(1.0);
            let page = if from_t1 { first.or(second) } else { second.or(first) }.unwrap();
            let in_t1 = take(&mut self.t1, page) || !take(&mut self.t2, page);
            let own = self.bits.remove(&page);
            if world.take_referenced(page) || own {
                self.t2.push(page);
                continue;
            }
            if in_t1 { &mut self.b1 } else { &mut self.b2 }.push(page);
            world.evicted(page);
            return;
        }
    }
}

impl Model for Car {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        if self.is_resident(page) {
            self.bits.insert(page);
            return true;
        }
        if self.t1.len() + self.t2.len() == self.c {
            if first_evictable(self.t1.iter().chain(&self.t2), world).is_none() {
                return false;
            }
            self.replace(world);
        }
        let (b1, b2) = (self.b1.len(), self.b2.len());
        if self.b1.contains(&page) {
            self.p = (self.p + step(b1, b2, self.real)).min(self.c as f64);
            take(&mut self.b1, page);
            self.t2.push(page);
        } else if self.b2.contains(&page) {
            self.p = (self.p - step(b2, b1, self.real)).max(0.0);
            take(&mut self.b2, page);
            self.t2.push(page);
        } else {
            if self.t1.len() + b1 == self.c {
                self.b1.remove(0);
            } else if self.t1.len() + self.t2.len() + b1 + b2 == 2 * self.c {
                self.b2.remove(0);
            }
            self.t1.push(page);
        }
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        self.bits.remove(&page);
        [&mut self.t1, &mut self.t2, &mut self.b1, &mut self.b2].into_iter().any(|list| take(list, page))
    }

    fn is_resident(&self, page: Page) -> bool {
        self.t1.contains(&page) || self.t2.contains(&page)
    }
}
