//! What each set remembers in order to choose who leaves, as compact as can be.
//!
//! LRU and FIFO remember nothing beside the tags: the lines of a set are kept in their order, newest first, so
//! that a line that is used again and again is found at once. The others leave each line at its way and keep
//! bits or ages.

use super::error::CacheError;
use super::set_policy::SetPolicy;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// A table of so many equal entries.
pub(super) fn table<T: Clone>(entries: usize, value: T) -> Result<Vec<T>, CacheError> {
    let mut table = Vec::new();
    let bytes = (entries as u64).saturating_mul(size_of::<T>() as u64);
    table.try_reserve_exact(entries).map_err(|_| CacheError::OutOfMemory { bytes })?;
    table.resize(entries, value);
    Ok(table)
}

/// Rows of bits, one row a set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rows {
    words: usize,
    bits: Vec<u64>,
}

impl Rows {
    fn new(sets: usize, bits: usize) -> Result<Rows, CacheError> {
        let words = bits.div_ceil(64);
        let entries = sets.checked_mul(words).ok_or(CacheError::OutOfMemory { bytes: u64::MAX })?;
        Ok(Rows { words, bits: table(entries, 0)? })
    }

    fn row(&self, set: usize) -> &[u64] {
        &self.bits[set * self.words..][..self.words]
    }

    fn row_mut(&mut self, set: usize) -> &mut [u64] {
        &mut self.bits[set * self.words..][..self.words]
    }

    fn get(row: &[u64], bit: usize) -> bool {
        row[bit / 64] >> (bit % 64) & 1 != 0
    }

    fn put(row: &mut [u64], bit: usize, value: bool) {
        let word = &mut row[bit / 64];
        *word = *word & !(1 << (bit % 64)) | u64::from(value) << (bit % 64);
    }
}

/// The order of all sets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// Lines in the order of their last use.
    Lru,
    /// Lines in the order in which they came in.
    Fifo,
    Random {
        seed: u64,
        next: Xoshiro256PlusPlus,
    },
    /// The bit of a node is at the first way of its right half; set: the arrow points right.
    Tree(Rows),
    Bits(Rows),
    Srrip {
        distant: u8,
        ages: Vec<u8>,
    },
    /// Someone else says who leaves.
    Given,
}

impl Order {
    pub(super) fn new(policy: &SetPolicy, sets: usize, ways: usize) -> Result<Order, CacheError> {
        policy.check()?;
        Ok(match policy {
            SetPolicy::Lru => Order::Lru,
            SetPolicy::Fifo => Order::Fifo,
            SetPolicy::Random { seed } => {
                Order::Random { seed: *seed, next: Xoshiro256PlusPlus::seed_from_u64(*seed) }
            }
            SetPolicy::TreePlru => Order::Tree(Rows::new(sets, ways)?),
            SetPolicy::BitPlru => Order::Bits(Rows::new(sets, ways)?),
            SetPolicy::Srrip { bits } => {
                let distant = (1 << bits) - 1;
                Order::Srrip { distant, ages: table(sets * ways, distant)? }
            }
            SetPolicy::Room(_) => Order::Given,
        })
    }

    /// Whether the lines of a set are moved, so as to stand in their order.
    pub(super) fn is_by_position(&self) -> bool {
        matches!(self, Order::Lru | Order::Fifo)
    }

    /// A line at this way was hit, or has come in. Not for orders by position.
    pub(super) fn used(&mut self, set: usize, ways: usize, way: usize, came_in: bool) {
        match self {
            Order::Tree(rows) => point_away(rows.row_mut(set), ways, way),
            Order::Bits(rows) => {
                let row = rows.row_mut(set);
                Rows::put(row, way, true);
                if row.iter().map(|word| word.count_ones() as usize).sum::<usize>() == ways {
                    row.fill(0);
                    Rows::put(row, way, true);
                }
            }
            Order::Srrip { distant, ages } => ages[set * ways + way] = if came_in { *distant - 1 } else { 0 },
            Order::Lru | Order::Fifo | Order::Random { .. } | Order::Given => {}
        }
    }

    /// The way whose line leaves a full set. Not for orders by position.
    pub(super) fn victim(&mut self, set: usize, ways: usize) -> usize {
        match self {
            Order::Random { next, .. } => ((u128::from(next.next_u64()) * ways as u128) >> 64) as usize,
            Order::Tree(rows) => follow(rows.row(set), ways),
            Order::Bits(rows) => {
                let row = rows.row(set);
                (0..ways).find(|&way| !Rows::get(row, way)).unwrap_or(0)
            }
            Order::Srrip { distant, ages } => {
                let ages = &mut ages[set * ways..][..ways];
                let oldest = ages.iter().copied().max().unwrap_or(0);
                let grow = *distant - oldest;
                ages.iter_mut().for_each(|age| *age += grow);
                ages.iter().position(|age| age == distant).unwrap_or(0)
            }
            Order::Lru | Order::Fifo | Order::Given => ways - 1,
        }
    }

    /// As when it was made.
    pub(super) fn reset(&mut self) {
        match self {
            Order::Random { seed, next } => *next = Xoshiro256PlusPlus::seed_from_u64(*seed),
            Order::Tree(rows) | Order::Bits(rows) => rows.bits.fill(0),
            Order::Srrip { distant, ages } => ages.fill(*distant),
            Order::Lru | Order::Fifo | Order::Given => {}
        }
    }

    /// Whether it is the order of this policy, with room for so many sets and ways.
    pub(super) fn validate(&self, policy: &SetPolicy, sets: usize, ways: usize) -> Result<(), &'static str> {
        let is_right = match (self, policy) {
            (Order::Lru, SetPolicy::Lru)
            | (Order::Fifo, SetPolicy::Fifo)
            | (Order::Given, SetPolicy::Room(_)) => true,
            (Order::Random { seed, .. }, SetPolicy::Random { seed: wanted }) => seed == wanted,
            (Order::Tree(rows), SetPolicy::TreePlru) | (Order::Bits(rows), SetPolicy::BitPlru) => {
                rows.words == ways.div_ceil(64) && sets.checked_mul(rows.words) == Some(rows.bits.len())
            }
            (Order::Srrip { distant, ages }, SetPolicy::Srrip { bits }) => {
                (1..=7).contains(bits)
                    && *distant == (1 << bits) - 1
                    && sets.checked_mul(ways) == Some(ages.len())
                    && ages.iter().all(|age| age <= distant)
            }
            _ => false,
        };
        if is_right { Ok(()) } else { Err("a table of sets and ways has the order of another policy") }
    }

    pub(super) fn metadata_bytes(&self) -> usize {
        match self {
            Order::Tree(rows) | Order::Bits(rows) => rows.bits.capacity() * size_of::<u64>(),
            Order::Srrip { ages, .. } => ages.capacity(),
            Order::Lru | Order::Fifo | Order::Random { .. } | Order::Given => 0,
        }
    }
}

/// Turns the arrows above a way to the halves that it is not in.
fn point_away(row: &mut [u64], ways: usize, way: usize) {
    let (mut low, mut high) = (0, ways);
    while high - low > 1 {
        let middle = low + (high - low).div_ceil(2);
        let is_left = way < middle;
        Rows::put(row, middle, is_left);
        if is_left { high = middle } else { low = middle }
    }
}

/// The way that the arrows lead to.
fn follow(row: &[u64], ways: usize) -> usize {
    let (mut low, mut high) = (0, ways);
    while high - low > 1 {
        let middle = low + (high - low).div_ceil(2);
        if Rows::get(row, middle) { low = middle } else { high = middle }
    }
    low
}
