//! A set of times, whose greatest is found fast: the resident pages of OPT, by their next use.
//!
//! ```text
//!   level 1    ...0100000010...      a bit for each word below that is not empty
//!   level 0    0000 0110 ... 1000    a bit for each time
//! ```
//!
//! Words of 64 bits at each level, so that 2^32 times need six levels, and the greatest is found by counting
//! leading zeros from the top down.

use super::error::PolicyError;
use super::tables;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// A set of numbers below a limit. Every operation is O(log64 limit).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TimeSet {
    levels: Vec<Vec<u64>>,
}

impl TimeSet {
    /// The empty set of numbers below `limit`. O(limit / 64).
    pub(crate) fn new(limit: usize) -> Result<Self, PolicyError> {
        let mut levels = Vec::new();
        let mut words = limit;
        loop {
            words = words.div_ceil(64).max(1);
            let mut level = Vec::new();
            tables::make_room(&mut level, words)?;
            level.resize(words, 0);
            levels.push(level);
            if words == 1 {
                return Ok(TimeSet { levels });
            }
        }
    }

    #[inline]
    pub(crate) fn contains(&self, time: usize) -> bool {
        self.levels[0][time / 64] >> (time % 64) & 1 != 0
    }

    #[inline]
    pub(crate) fn insert(&mut self, time: usize) {
        let mut at = time;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            let was_empty = *word == 0;
            *word |= 1 << (at % 64);
            if !was_empty {
                return;
            }
            at /= 64;
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, time: usize) {
        let mut at = time;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            *word &= !(1 << (at % 64));
            if *word != 0 {
                return;
            }
            at /= 64;
        }
    }

    /// The greatest number in the set.
    #[inline]
    pub(crate) fn greatest(&self) -> Option<usize> {
        let top = self.levels.last()?;
        if top[0] == 0 { None } else { Some(self.descend(self.levels.len(), 0)) }
    }

    /// The greatest number in the set below `time`.
    pub(crate) fn below(&self, time: usize) -> Option<usize> {
        let mut at = time;
        for (height, level) in self.levels.iter().enumerate() {
            let lower = level[at / 64] & ((1 << (at % 64)) - 1);
            if lower != 0 {
                let place = at / 64 * 64 + lower.ilog2() as usize;
                return Some(self.descend(height, place));
            }
            at /= 64;
        }
        None
    }

    /// The greatest number under the word `place` that stands below level `height`.
    #[inline]
    fn descend(&self, height: usize, mut place: usize) -> usize {
        for level in self.levels[..height].iter().rev() {
            place = place * 64 + level[place].ilog2() as usize;
        }
        place
    }

    /// Checks that it is a set of numbers below `limit`, and that the levels agree. O(limit / 64).
    pub(crate) fn validate(&self, limit: usize) -> Result<(), &'static str> {
        let mut words = limit;
        for (height, level) in self.levels.iter().enumerate() {
            words = words.div_ceil(64).max(1);
            let is_top = height + 1 == self.levels.len();
            if level.len() != words || (words == 1) != is_top {
                return Err("a level of a set of times has the wrong length");
            }
            let Some(below) = height.checked_sub(1).map(|below| &self.levels[below]) else { continue };
            let full = (0..words * 64).map(|at| below.get(at).is_some_and(|&word| word != 0));
            if full.zip(0..).any(|(full, at): (bool, usize)| (level[at / 64] >> (at % 64) & 1 != 0) != full) {
                return Err("the levels of a set of times do not agree");
            }
        }
        if self.levels.is_empty() || self.greatest().is_some_and(|greatest| greatest >= limit) {
            return Err("a set of times has no level, or a time beyond its limit");
        }
        Ok(())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.levels.iter().map(tables::bytes_of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::collections::BTreeSet;

    #[test]
    fn agrees_with_an_ordered_set() {
        for limit in [1usize, 63, 64, 65, 4096, 4097, 300_000] {
            let mut set = TimeSet::new(limit).unwrap();
            let mut model = BTreeSet::new();
            let mut seed = 7u64;
            for _ in 0..2000 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let time = (seed >> 33) as usize % limit;
                if seed >> 20 & 1 == 0 {
                    set.insert(time);
                    model.insert(time);
                } else {
                    set.remove(time);
                    model.remove(&time);
                }
                assert_eq!(set.greatest(), model.last().copied());
                assert_eq!(set.below(time), model.range(..time).next_back().copied());
                assert_eq!(set.contains(time), model.contains(&time));
            }
        }
    }
}
