//! What each set remembers in order to choose who leaves, as compact as can be.
//!
//! LRU and FIFO keep the ways of each set in a [`Queue`], newest first; the others bits or ages.

use super::error::CacheError;
use super::queue::Queue;
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
    Lru(Queue),
    /// Lines in the order in which they came in.
    Fifo(Queue),
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
            SetPolicy::Lru => Order::Lru(Queue::new(sets, ways)?),
            SetPolicy::Fifo => Order::Fifo(Queue::new(sets, ways)?),
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

    /// Whether the ways are in a queue.
    pub(super) fn is_queue(&self) -> bool {
        matches!(self, Order::Lru(_) | Order::Fifo(_))
    }

    /// The way at the end of the queue, if there is a queue. O(1).
    #[inline]
    pub(super) fn last(&self, set: usize, ways: usize) -> Option<usize> {
        match self {
            Order::Lru(queue) | Order::Fifo(queue) => Some(queue.last(set, ways)),
            _ => None,
        }
    }

    /// The way of a rank, behind the way of the rank before; without a queue the rank itself. O(1).
    pub(super) fn at(&self, set: usize, ways: usize, rank: usize, before: usize) -> usize {
        match self {
            Order::Lru(queue) | Order::Fifo(queue) => queue.at(set, ways, rank, before),
            _ => rank,
        }
    }

    /// The line at this way has left, and none has come for it. O(1).
    pub(super) fn left(&mut self, set: usize, ways: usize, way: usize) {
        if let Order::Lru(queue) | Order::Fifo(queue) = self {
            queue.bring_to_back(set, ways, way);
        }
    }

    /// A line at this way was hit, or has come in.
    #[inline]
    pub(super) fn used(&mut self, set: usize, ways: usize, way: usize, came_in: bool) {
        match self {
            Order::Lru(queue) => queue.bring_to_front(set, ways, way),
            Order::Fifo(queue) => {
                if came_in {
                    queue.bring_to_front(set, ways, way);
                }
            }
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
            Order::Random { .. } | Order::Given => {}
        }
    }

    /// The way whose line leaves a full set.
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
            Order::Lru(queue) | Order::Fifo(queue) => queue.last(set, ways),
            Order::Given => ways - 1,
        }
    }

    /// As when it was made.
    pub(super) fn reset(&mut self, ways: usize) {
        match self {
            Order::Lru(queue) | Order::Fifo(queue) => queue.reset(ways),
            Order::Random { seed, next } => *next = Xoshiro256PlusPlus::seed_from_u64(*seed),
            Order::Tree(rows) | Order::Bits(rows) => rows.bits.fill(0),
            Order::Srrip { distant, ages } => ages.fill(*distant),
            Order::Given => {}
        }
    }

    /// Whether it is the order of this policy, with room for so many sets and ways.
    pub(super) fn validate(&self, policy: &SetPolicy, sets: usize, ways: usize) -> Result<(), &'static str> {
        let is_right = match (self, policy) {
            (Order::Lru(queue), SetPolicy::Lru) | (Order::Fifo(queue), SetPolicy::Fifo) => {
                return queue.validate(sets, ways);
            }
            (Order::Given, SetPolicy::Room(_)) => true,
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
            Order::Lru(queue) | Order::Fifo(queue) => queue.metadata_bytes(),
            Order::Random { .. } | Order::Given => 0,
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
