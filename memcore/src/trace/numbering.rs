//! Dense numbers for page numbers: 0, 1, 2, ... in the order of their first appearance.
//!
//! A simulation that knows its pages as 0..n is made of arrays. Numbering is paid once per trace, for each
//! reference one look into a hash table:
//!
//! ```text
//!   page 0x7ffd1, 0x400, 0x7ffd1, 0x401   -->   0, 1, 0, 2        keys: [0x7ffd1, 0x400, 0x401]
//!
//!   slots   [ 0x400: 1 |  | 0x7ffd1: 0 | 0x401: 2 |  |  |  |  ]   a slot holds page and number, so that a
//!                                                                 look is one cache line, most often
//! ```
//!
//! Open addressing with linear probing, at most three quarters full. A general hash map keeps its marks apart
//! from its entries and takes two cache lines for a look; looks are most of the cost of reading a trace. Where
//! many pages are there to be numbered, their first looks are begun together. The hash is seeded anew for each
//! table, so that no file can be made whose pages all meet in one slot; numbers do not depend on it.

use super::error::Reason;
use std::hash::{BuildHasher, RandomState};

/// The most distinct pages; as many as policies can be told of.
const MOST: usize = crate::replacement::MAX_PAGES as usize;
const FIRST_SLOTS: usize = 1 << 10;
/// How many looks are begun together.
const TOGETHER: usize = 32;
const EMPTY: u32 = u32::MAX;
/// 2^64 divided by the golden ratio: an odd number without a pattern.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u64,
    number: u32,
}

/// Numbers given so far.
#[derive(Clone, Debug)]
pub struct Numbering {
    keys: Vec<u64>,
    /// None, or a power of two.
    slots: Vec<Slot>,
    seed: u64,
}

impl Default for Numbering {
    fn default() -> Self {
        Numbering::new()
    }
}

impl Numbering {
    /// No numbers. O(1).
    pub fn new() -> Numbering {
        Numbering { keys: Vec::new(), slots: Vec::new(), seed: RandomState::new().hash_one(MULTIPLIER) }
    }

    /// The number of a page: its old one, or the next new one. Expected O(1).
    ///
    /// # Errors
    /// [`Reason::TooManyPages`], [`Reason::OutOfMemory`]; nothing is changed.
    #[inline]
    pub fn number(&mut self, key: u64) -> Result<u32, Reason> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = self.hash(key) as usize & mask;
        while let Some(slot) = self.slots.get(at) {
            if slot.key == key && slot.number != EMPTY {
                return Ok(slot.number);
            }
            if slot.number == EMPTY {
                break;
            }
            at = (at + 1) & mask;
        }
        self.add(key)
    }

    /// Appends the numbers of these pages, for which `into` should have room. Expected O(pages).
    ///
    /// # Errors
    /// As [`number`](Self::number), with the numbers of the pages before appended.
    pub fn number_all(&mut self, keys: &[u64], into: &mut Vec<u32>) -> Result<(), Reason> {
        for keys in keys.chunks(TOGETHER) {
            // All first looks are under way at once, before any of them is waited for.
            let mut first = [Slot { key: 0, number: EMPTY }; TOGETHER];
            if !self.slots.is_empty() {
                let mask = self.slots.len() - 1;
                for (slot, &key) in first.iter_mut().zip(keys) {
                    *slot = self.slots[self.hash(key) as usize & mask];
                }
            }
            for (slot, &key) in first.iter().zip(keys) {
                let is_it = slot.key == key && slot.number != EMPTY;
                into.push(if is_it { slot.number } else { self.number(key)? });
            }
        }
        Ok(())
    }

    #[cold]
    fn add(&mut self, key: u64) -> Result<u32, Reason> {
        let number = self.keys.len();
        if number == MOST {
            return Err(Reason::TooManyPages);
        }
        if self.keys.try_reserve(1).is_err() {
            return Err(Reason::OutOfMemory { events: number });
        }
        if 4 * (number + 1) > 3 * self.slots.len() {
            self.grow()?;
        }
        self.keys.push(key);
        self.fill(key, number as u32);
        Ok(number as u32)
    }

    /// Twice the slots.
    fn grow(&mut self) -> Result<(), Reason> {
        let wanted = (2 * self.slots.len()).max(FIRST_SLOTS);
        let mut slots = Vec::new();
        let out_of_memory = Reason::OutOfMemory { events: self.keys.len() };
        slots.try_reserve_exact(wanted).map_err(|_| out_of_memory)?;
        slots.resize(wanted, Slot { key: 0, number: EMPTY });
        self.slots = slots;
        for number in 0..self.keys.len() {
            self.fill(self.keys[number], number as u32);
        }
        Ok(())
    }

    /// Files a page that is not in the table, which has a slot for it.
    fn fill(&mut self, key: u64, number: u32) {
        let mask = self.slots.len() - 1;
        let mut at = self.hash(key) as usize & mask;
        while self.slots[at].number != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = Slot { key, number };
    }

    /// The upper and the lower half of the product, folded: all bits of the key move all bits of the hash.
    #[inline]
    fn hash(&self, key: u64) -> u64 {
        let product = u128::from(key ^ self.seed) * u128::from(MULTIPLIER);
        product as u64 ^ (product >> 64) as u64
    }

    /// The pages by number. O(1).
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// The pages by number, without the table behind them. O(1).
    pub fn into_keys(self) -> Vec<u64> {
        self.keys
    }
}
