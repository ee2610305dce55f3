//! The ways of each set in an order, with the newest first: what LRU and FIFO remember.
//!
//! Lines stay at their ways; what moves is their numbers. Up to 16 ways fit into one word a set, 4 bits each:
//!
//! ```text
//!   rank      3     2     1     0          way 3 to the front
//!          [ w1  | w3  | w0  | w2 ]   ->   [ w1  | w0  | w2  | w3 ]
//!                                            ^ last
//! ```
//!
//! The rank of a way is found by looking for the zero among the places of `word ^ (way in each place)`, and it
//! goes to the front by shifting the places below. Wider sets are rings of ways, linked in both directions, each
//! with its front known: the last is before the front, and becomes the front if the ring is turned by one.
//! Every step takes the same time whatever the number of ways.
//!
//! Ways that hold nothing are always behind those that hold something.

use super::error::CacheError;
use super::order::table;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// Ways that fit into a word.
const PLACES: usize = 16;
/// Each way at the place of its number.
const IN_ORDER: u64 = 0xfedc_ba98_7654_3210;
const ONES: u64 = 0x1111_1111_1111_1111;
const HIGHS: u64 = 0x8888_8888_8888_8888;

/// The neighbours of a way in its ring.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Links {
    newer: u32,
    older: u32,
}

/// The orders of all sets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Queue {
    /// A word a set, the front in the lowest place.
    Packed(Vec<u64>),
    /// A front a set, and links for each way.
    Rings { fronts: Vec<u32>, links: Vec<Links> },
}

/// Where in a word a way is: its rank, times 4.
#[inline]
fn shift_of(word: u64, way: usize) -> u32 {
    let differs = word ^ (way as u64).wrapping_mul(ONES);
    // The lowest place that this finds is a true zero.
    let zeros = differs.wrapping_sub(ONES) & !differs & HIGHS;
    zeros.trailing_zeros() & 60
}

/// The way of a rank.
#[inline]
fn place(word: u64, rank: usize) -> usize {
    (word >> (4 * rank)) as usize % PLACES
}

impl Queue {
    /// Ways in some order. O(sets x ways).
    pub(super) fn new(sets: usize, ways: usize) -> Result<Queue, CacheError> {
        if ways <= PLACES {
            return Ok(Queue::Packed(table(sets, IN_ORDER)?));
        }
        let out_of_memory = CacheError::OutOfMemory { bytes: u64::MAX };
        let entries = sets.checked_mul(ways).ok_or(out_of_memory)?;
        let mut queue = Queue::Rings { fronts: table(sets, 0)?, links: table(entries, Links::default())? };
        queue.reset(ways);
        Ok(queue)
    }

    /// As when it was made. O(sets x ways).
    pub(super) fn reset(&mut self, ways: usize) {
        match self {
            Queue::Packed(words) => words.fill(IN_ORDER),
            Queue::Rings { fronts, links } => {
                fronts.fill(0);
                let last = ways as u32 - 1;
                for ring in links.chunks_exact_mut(ways) {
                    for (way, link) in (0..).zip(ring) {
                        let newer = if way == 0 { last } else { way - 1 };
                        *link = Links { newer, older: if way == last { 0 } else { way + 1 } };
                    }
                }
            }
        }
    }

    /// A way comes to the front. O(1).
    #[inline]
    pub(super) fn bring_to_front(&mut self, set: usize, ways: usize, way: usize) {
        match self {
            Queue::Packed(words) => {
                let word = &mut words[set];
                let shift = shift_of(*word, way);
                let below = (1 << shift) - 1;
                *word = *word & !below << 4 | (*word & below) << 4 | way as u64;
            }
            Queue::Rings { fronts, links } => {
                turn_to(&mut fronts[set], &mut links[set * ways..][..ways], way as u32);
            }
        }
    }

    /// A way goes to the end. O(1).
    pub(super) fn bring_to_back(&mut self, set: usize, ways: usize, way: usize) {
        match self {
            Queue::Packed(words) => {
                let word = &mut words[set];
                let (shift, last) = (shift_of(*word, way), 4 * (ways - 1));
                let (below, above) = ((1 << shift) - 1, u64::MAX << last << 4);
                let behind = *word & !above & !below << 4;
                *word = *word & above | (way as u64) << last | behind >> 4 | *word & below;
            }
            Queue::Rings { fronts, links } => {
                let links = &mut links[set * ways..][..ways];
                turn_to(&mut fronts[set], links, way as u32);
                fronts[set] = links[way].older;
            }
        }
    }

    /// The way at the end. O(1).
    #[inline]
    pub(super) fn last(&self, set: usize, ways: usize) -> usize {
        match self {
            Queue::Packed(words) => place(words[set], ways - 1),
            Queue::Rings { fronts, links } => links[set * ways + fronts[set] as usize].newer as usize,
        }
    }

    /// The way of a rank, behind the way of the rank before. O(1).
    pub(super) fn at(&self, set: usize, ways: usize, rank: usize, before: usize) -> usize {
        match self {
            Queue::Packed(words) => place(words[set], rank),
            Queue::Rings { fronts, .. } if rank == 0 => fronts[set] as usize,
            Queue::Rings { links, .. } => links[set * ways + before].older as usize,
        }
    }

    /// Whether it has all ways of so many sets, each once. O(sets x ways).
    pub(super) fn validate(&self, sets: usize, ways: usize) -> Result<(), &'static str> {
        let is_right = match self {
            Queue::Packed(words) => {
                let has_all = |word: &u64| {
                    let seen = (0..ways).fold(0u32, |seen, rank| seen | 1 << place(*word, rank));
                    let rest = u64::MAX.checked_shl(4 * ways as u32).unwrap_or(0);
                    seen == (1 << ways) - 1 && (word ^ IN_ORDER) & rest == 0
                };
                ways <= PLACES && words.len() == sets && words.iter().all(has_all)
            }
            Queue::Rings { fronts, links } => {
                ways > PLACES
                    && fronts.len() == sets
                    && sets.checked_mul(ways) == Some(links.len())
                    && fronts.iter().zip(links.chunks_exact(ways)).all(|(front, ring)| is_ring(*front, ring))
            }
        };
        if is_right { Ok(()) } else { Err("the ways of a set are in no order") }
    }

    /// Bytes of memory held. O(1).
    pub(super) fn metadata_bytes(&self) -> usize {
        match self {
            Queue::Packed(words) => words.capacity() * size_of::<u64>(),
            Queue::Rings { fronts, links } => {
                fronts.capacity() * size_of::<u32>() + links.capacity() * size_of::<Links>()
            }
        }
    }
}

/// A way of a ring becomes its front.
#[inline]
fn turn_to(front: &mut u32, links: &mut [Links], way: u32) {
    let (old, last) = (*front, links[*front as usize].newer);
    if way == old {
        return;
    }
    *front = way;
    if way == last {
        return;
    }
    let Links { newer, older } = links[way as usize];
    links[newer as usize].older = older;
    links[older as usize].newer = newer;
    links[way as usize] = Links { newer: last, older: old };
    links[last as usize].older = way;
    links[old as usize].newer = way;
}

/// Whether all ways are in one ring, which is the same in both directions.
fn is_ring(front: u32, ring: &[Links]) -> bool {
    let mut way = front;
    for met in 1..=ring.len() {
        let Some(next) = ring.get(way as usize).map(|link| link.older) else { return false };
        if ring.get(next as usize).is_none_or(|link| link.newer != way) {
            return false;
        }
        way = next;
        if way == front {
            return met == ring.len();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::SplitMix64;
    use rand_xoshiro::rand_core::{Rng, SeedableRng};

    /// The ways of a set from the front to the end.
    fn ways_of(queue: &Queue, set: usize, ways: usize) -> Vec<usize> {
        let next = |way: &mut usize, rank| {
            *way = queue.at(set, ways, rank, *way);
            Some(*way)
        };
        (0..ways).scan(0, next).collect()
    }

    #[test]
    fn a_queue_is_a_list_in_which_ways_move() {
        let mut random = SplitMix64::seed_from_u64(7);
        for ways in [1, 2, 3, 4, 8, 12, 15, 16, 17, 20, 64] {
            const SETS: usize = 3;
            let mut queue = Queue::new(SETS, ways).unwrap();
            let mut lists: Vec<Vec<usize>> = (0..SETS).map(|_| (0..ways).collect()).collect();
            for step in 0..2000 {
                let draw = random.next_u64();
                let (set, way) = (draw as usize % SETS, (draw >> 20) as usize % ways);
                lists[set].retain(|other| *other != way);
                if draw >> 63 == 0 {
                    lists[set].insert(0, way);
                    queue.bring_to_front(set, ways, way);
                } else {
                    lists[set].push(way);
                    queue.bring_to_back(set, ways, way);
                }
                for (set, list) in lists.iter().enumerate() {
                    assert_eq!(ways_of(&queue, set, ways), *list, "{ways} ways, step {step}");
                    assert_eq!(queue.last(set, ways), list[ways - 1]);
                }
                assert_eq!(queue.validate(SETS, ways), Ok(()));
            }
            queue.reset(ways);
            assert_eq!(ways_of(&queue, 1, ways), (0..ways).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_no_order_is_refused() {
        let bad = |queue: Queue, sets, ways| assert!(queue.validate(sets, ways).is_err(), "{queue:?}");
        bad(Queue::Packed(std_alloc::vec![IN_ORDER]), 2, 4);
        bad(Queue::Packed(std_alloc::vec![IN_ORDER]), 1, 17);
        // Way 0 twice; way 4 among four ways, and way 3 behind them.
        bad(Queue::Packed(std_alloc::vec![IN_ORDER & !0xf0]), 1, 4);
        bad(Queue::Packed(std_alloc::vec![0xfedc_ba98_7653_4210]), 1, 4);
        let ring = |change: &dyn Fn(&mut u32, &mut [Links])| {
            let mut queue = Queue::new(1, 17).unwrap();
            if let Queue::Rings { fronts, links } = &mut queue {
                change(&mut fronts[0], links);
            }
            bad(queue, 1, 17);
        };
        ring(&|front, _| *front = 17);
        ring(&|_, links| links[3].older = 17);
        ring(&|_, links| links[3].newer = 4);
        // Two rings: 0 to 2, and the others.
        ring(&|_, links| {
            (links[2].older, links[0].newer) = (0, 2);
            (links[16].older, links[3].newer) = (3, 16);
        });
        // A way that comes back to the middle.
        ring(&|_, links| links[16].older = 1);
        bad(Queue::new(1, 17).unwrap(), 1, 18);
    }
}
