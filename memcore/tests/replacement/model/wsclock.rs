//! WSClock: a ring in an array, and a hand that is an index into it.

use super::Model;
use crate::world::World;
use memcore::replacement::{Page, Pager, WsClockParameters};

struct Entry {
    page: Page,
    bit: bool,
    last: u64,
}

pub struct WsClock {
    frames: usize,
    tau: u64,
    now: u64,
    /// The least time of last use that the last whole round saw.
    earliest: u64,
    ring: Vec<Entry>,
    hand: usize,
}

impl WsClock {
    pub fn new(parameters: &WsClockParameters, frames: usize) -> Self {
        WsClock { frames, tau: parameters.tau, now: 0, earliest: 0, ring: Vec::new(), hand: 0 }
    }

    fn take_bit(&mut self, world: &mut World) -> bool {
        let now = self.now;
        let entry = &mut self.ring[self.hand];
        let referenced = world.take_referenced(entry.page) | std::mem::take(&mut entry.bit);
        if referenced {
            entry.last = now;
        }
        referenced
    }

    fn advance(&mut self) {
        self.hand = (self.hand + 1) % self.ring.len();
    }

    /// Turns the hand to the victim; false if none may leave.
    fn find(&mut self, world: &mut World) -> bool {
        if !self.ring.iter().any(|entry| world.is_evictable(entry.page)) {
            // The round is made nevertheless, and reads the bits.
            if self.now - self.earliest <= self.tau {
                return false;
            }
        }
        if self.now - self.earliest > self.tau {
            let mut cleaned = None;
            for _ in 0..self.ring.len() {
                self.take_bit(world);
                let (page, last) = (self.ring[self.hand].page, self.ring[self.hand].last);
                if self.now - last > self.tau && !world.is_evictable(page) {
                    self.ring[self.hand].last = self.now;
                } else if self.now - last > self.tau {
                    if !world.is_dirty(page) {
                        return true;
                    }
                    world.clean(page);
                    cleaned = cleaned.or(Some(page));
                }
                self.advance();
            }
            self.earliest = self.ring.iter().map(|entry| entry.last).min().unwrap();
            if let Some(page) = cleaned.filter(|&page| !world.is_dirty(page)) {
                self.hand = self.ring.iter().position(|entry| entry.page == page).unwrap();
                return true;
            }
        }
        if !self.ring.iter().any(|entry| world.is_evictable(entry.page)) {
            return false;
        }
        loop {
            if world.is_evictable(self.ring[self.hand].page) && !self.take_bit(world) {
                return true;
            }
            self.advance();
        }
    }
}

impl Model for WsClock {
    fn access(&mut self, page: Page, world: &mut World) -> bool {
        self.now += 1;
        if let Some(entry) = self.ring.iter_mut().find(|entry| entry.page == page) {
            entry.bit = true;
            return true;
        }
        let new = Entry { page, bit: false, last: self.now };
        if self.ring.len() == self.frames {
            let start = self.hand;
            let cleaned_by = world.cleaned.len();
            if !self.find(world) {
                return false;
            }
            let victim = self.ring[self.hand].page;
            world.evicted(victim);
            if world.cleaned.len() > cleaned_by && world.cleaned[cleaned_by..].contains(&victim) {
                // The round ended where it began; the victim is taken out from behind the hand.
                self.ring.remove(self.hand);
                self.hand = if self.hand < start { start - 1 } else { start } % self.ring.len().max(1);
            } else {
                self.ring[self.hand] = new;
                self.advance();
                return false;
            }
        }
        // A new page comes in behind the hand.
        self.ring.insert(self.hand, new);
        self.advance();
        false
    }

    fn remove(&mut self, page: Page) -> bool {
        let Some(index) = self.ring.iter().position(|entry| entry.page == page) else { return false };
        self.ring.remove(index);
        if index < self.hand {
            self.hand -= 1;
        }
        if self.hand == self.ring.len() {
            self.hand = 0;
        }
        true
    }

    fn is_resident(&self, page: Page) -> bool {
        self.ring.iter().any(|entry| entry.page == page)
    }
}
