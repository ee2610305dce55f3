//! ARC, figure 4 of the paper: four lists, and the four cases of a request.

use super::{Model, first_evictable, take};
use crate::world::World;
use memcore::replacement::{ArcParameters, Page, Pager, Target};

pub struct Arc {
    c: usize,
    real: bool,
    p: f64,
    t1: Vec<Page>,
    t2: Vec<Page>,
    b1: Vec<Page>,
    b2: Vec<Page>,
}

impl Arc {
    pub fn new(parameters: &ArcParameters, frames: usize) -> Self {
        let (t1, t2, b1, b2) = Default::default();
        Arc { c: frames, real: parameters.p == Target::Real, p: 0.0, t1, t2, b1, b2 }
    }

    fn full(&self) -> bool {
        self.t1.len() + self.t2.len() == self.c
    }

    /// Whether some page could leave if one must.
    fn stuck(&self, world: &World) -> bool {
        self.full() && first_evictable(self.t1.iter().chain(&self.t2), world).is_none()
    }

    fn replace(&mut self, in_b2: bool, world: &mut World) {
        let t1 = self.t1.len() as f64;
        let (first, second) = (first_evictable(&self.t1, world), first_evictable(&self.t2, world));
        let from_t1 = !self.t1.is_empty() && ((in_b2 && t1 == self.p) || t1 > self.p);
        let victim = if from_t1 { first.or(second) } else { second.or(first) }.unwrap();
        if take(&mut self.t1, victim) {
            self.b1.push(victim);
        } else {
            take(&mut self.t2, victim);
            self.b2.push(victim);
        }
        world.evicted(victim);
    }
}

/// max(1, others / these), rounded down unless `p` is real.
pub fn step(these: usize, others: usize, real: bool) -> f64 {
    let quotient = others as f64 / these as f64;
    (if real { quotient } else { quotient.floor() }).max(1.0)
}

impl Model for Arc {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        // Case I.
        if take(&mut self.t1, page) || take(&mut self.t2, page) {
            self.t2.push(page);
            return true;
        }
        let (in_b1, in_b2) = (self.b1.contains(&page), self.b2.contains(&page));
        // Cases II and III.
        if in_b1 || in_b2 {
            let (b1, b2) = (self.b1.len(), self.b2.len());
            self.p = if in_b1 {
                (self.p + step(b1, b2, self.real)).min(self.c as f64)
            } else {
                (self.p - step(b2, b1, self.real)).max(0.0)
            };
            if self.stuck(world) {
                return false;
            }
            if self.full() {
                self.replace(in_b2, world);
            }
            let _ = take(&mut self.b1, page) || take(&mut self.b2, page);
            self.t2.push(page);
            return false;
        }
        // Case IV.
        if self.stuck(world) {
            return false;
        }
        let l1 = self.t1.len() + self.b1.len();
        if l1 == self.c {
            if self.t1.len() < self.c {
                self.b1.remove(0);
                if self.full() {
                    self.replace(false, world);
                }
            } else {
                let victim = first_evictable(&self.t1, world).unwrap();
                take(&mut self.t1, victim);
                world.evicted(victim);
            }
        } else {
            if l1 + self.t2.len() + self.b2.len() == 2 * self.c {
                self.b2.remove(0);
            }
            if self.full() {
                self.replace(false, world);
            }
        }
        self.t1.push(page);
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        [&mut self.t1, &mut self.t2, &mut self.b1, &mut self.b2].into_iter().any(|list| take(list, page))
    }

    fn is_resident(&self, page: Page) -> bool {
        self.t1.contains(&page) || self.t2.contains(&page)
    }
}
