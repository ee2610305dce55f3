//! A row of marks on a time axis, and how many stand behind a place.
//!
//! ```text
//!   level 2 (u32)   marks in each 64 blocks       [ 1712 | 903 | ... ]
//!   level 1 (u32)   marks in each block of 512    [ 48 | 0 | 3 | 511 | ... ]
//!   bits            a block is 8 words            01100000 ...
//! ```
//!
//! A tree of fan-out 64 over blocks of 512 bits. Setting a mark changes one number a level; counting those
//! behind a place adds up, on each level, the neighbours to the right: runs of numbers that lie side by side
//! and that the compiler adds eight at a time. A Fenwick tree does both in twice as many steps, each somewhere
//! else in memory.

use crate::replacement::error::PolicyError;
use crate::replacement::tables;
use std_alloc::vec::Vec;

const WORDS: usize = 8;
const BLOCK: usize = 64 * WORDS;
const FAN_OUT: usize = 64;

/// Marks at places below a limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
    /// From blocks up; the last level has at most [`FAN_OUT`] counts.
    levels: Vec<Vec<u32>>,
}

impl Marks {
    /// No marks, at places below `places`. O(places / 64).
    pub(crate) fn new(places: usize) -> Result<Marks, PolicyError> {
        let blocks = places.div_ceil(BLOCK).max(1);
        let mut words = Vec::new();
        tables::make_room(&mut words, blocks * WORDS)?;
        words.resize(blocks * WORDS, 0);
        let (mut levels, mut counts) = (Vec::new(), blocks);
        loop {
            let mut level = Vec::new();
            tables::make_room(&mut level, counts)?;
            level.resize(counts, 0);
            levels.push(level);
            if counts <= FAN_OUT {
                return Ok(Marks { words, levels });
            }
            counts = counts.div_ceil(FAN_OUT);
        }
    }

    /// Takes all marks away. O(places / 64).
    pub(crate) fn empty(&mut self) {
        self.words.fill(0);
        for level in &mut self.levels {
            level.fill(0);
        }
    }

    /// Sets a mark that is not there.
    #[inline]
    pub(crate) fn set(&mut self, place: usize) {
        self.words[place / 64] |= 1 << (place % 64);
        let mut at = place / BLOCK;
        for level in &mut self.levels {
            level[at] += 1;
            at /= FAN_OUT;
        }
    }

    /// Takes away a mark that is there.
    #[inline]
    pub(crate) fn clear(&mut self, place: usize) {
        self.words[place / 64] &= !(1 << (place % 64));
        let mut at = place / BLOCK;
        for level in &mut self.levels {
            level[at] -= 1;
            at /= FAN_OUT;
        }
    }

    /// How many marks stand behind `place`. O(64 log64 places).
    #[inline]
    pub(crate) fn behind(&self, place: usize) -> u32 {
        let word = place / 64;
        let block = place / BLOCK;
        // Shifted in two steps, because a shift by 64 is none.
        let mut count = (self.words[word] >> (place % 64) >> 1).count_ones();
        for &word in &self.words[word + 1..(block + 1) * WORDS] {
            count += word.count_ones();
        }
        let mut at = block;
        for level in &self.levels {
            let end = ((at / FAN_OUT + 1) * FAN_OUT).min(level.len());
            count += level[at + 1..end].iter().sum::<u32>();
            at /= FAN_OUT;
        }
        count
    }

    pub(crate) fn bytes(&self) -> usize {
        tables::bytes_of(&self.words) + self.levels.iter().map(tables::bytes_of).sum::<usize>()
    }
}
