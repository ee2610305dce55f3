//! A row of marks on a time axis, and how many stand behind a place.
//!
//! ```text
//!   levels (u32)    marks in each 32 groups, and so on up     [ 61408 | ... ]
//!   groups (u32)    marks in each 64 blocks                   [ 1712 | 903 | ... ]
//!   blocks (u16)    marks in each 4 words                     [ 48 | 0 | 3 | 255 | ... ]
//!   words           a bit for each place                      01100000 ...
//! ```
//!
//! A tree of counts. Setting a mark changes one number a level; counting those behind a place adds up, on each
//! level, the neighbours to the right. The sums go over whole rows of siblings, with those to the left taken for
//! nothing: rows have one length, so there is no branch to predict, and the compiler adds eight at a time. A
//! Fenwick tree does both in more steps, each somewhere else in memory.

use crate::replacement::error::PolicyError;
use crate::replacement::tables;
use std_alloc::vec::Vec;

const WORDS: usize = 4;
const BLOCK: usize = 64 * WORDS;
/// Blocks in a group: their marks, at most 64 x 256, fit the 16 bits in which they are added.
const BLOCKS: usize = 64;
const FAN_OUT: usize = 32;

/// Marks at places below a limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    words: Vec<[u64; WORDS]>,
    blocks: Vec<[u16; BLOCKS]>,
    /// From groups up; the last level is one row.
    levels: Vec<Vec<[u32; FAN_OUT]>>,
}

impl Marks {
    /// No marks, at places below `places`. O(places / 64).
    pub(crate) fn new(places: usize) -> Result<Marks, PolicyError> {
        let words = rows(places, BLOCK, [0; WORDS])?;
        let blocks = rows(words.len(), BLOCKS, [0; BLOCKS])?;
        let (mut levels, mut counts) = (Vec::new(), blocks.len());
        loop {
            let level = rows(counts, FAN_OUT, [0; FAN_OUT])?;
            counts = level.len();
            levels.push(level);
            if counts == 1 {
                return Ok(Marks { words, blocks, levels });
            }
        }
    }

    /// Takes all marks away. O(places / 64).
    pub(crate) fn empty(&mut self) {
        self.words.fill([0; WORDS]);
        self.blocks.fill([0; BLOCKS]);
        for level in &mut self.levels {
            level.fill([0; FAN_OUT]);
        }
    }

    /// Sets a mark that is not there.
    #[inline]
    pub(crate) fn set(&mut self, place: usize) {
        let block = place / BLOCK;
        self.words[block][place / 64 % WORDS] |= 1 << (place % 64);
        self.blocks[block / BLOCKS][block % BLOCKS] += 1;
        let mut at = block / BLOCKS;
        for level in &mut self.levels {
            level[at / FAN_OUT][at % FAN_OUT] += 1;
            at /= FAN_OUT;
        }
    }

    /// Takes away a mark that is there.
    #[inline]
    pub(crate) fn clear(&mut self, place: usize) {
        let block = place / BLOCK;
        self.words[block][place / 64 % WORDS] &= !(1 << (place % 64));
        self.blocks[block / BLOCKS][block % BLOCKS] -= 1;
        let mut at = block / BLOCKS;
        for level in &mut self.levels {
            level[at / FAN_OUT][at % FAN_OUT] -= 1;
            at /= FAN_OUT;
        }
    }

    /// How many marks stand behind `place`. O(log32 places).
    #[inline]
    pub(crate) fn behind(&self, place: usize) -> u32 {
        let block = place / BLOCK;
        let word = place / 64 % WORDS;
        // Shifted in two steps, because a shift by 64 is none.
        let behind_in_word = u64::MAX << (place % 64) << 1;
        let mut count = 0;
        for (index, marks) in self.words[block].iter().enumerate() {
            let mask = if index == word { behind_in_word } else { u64::MAX };
            count += (marks & if index < word { 0 } else { mask }).count_ones();
        }
        let at = (block % BLOCKS) as u16;
        let mut sum = 0;
        for (index, &marks) in self.blocks[block / BLOCKS].iter().enumerate() {
            sum += if index as u16 > at { marks } else { 0 };
        }
        count += u32::from(sum);
        let mut at = block / BLOCKS;
        for level in &self.levels {
            let own = (at % FAN_OUT) as u32;
            at /= FAN_OUT;
            for (index, &marks) in level[at].iter().enumerate() {
                count += if index as u32 > own { marks } else { 0 };
            }
        }
        count
    }

    pub(crate) fn bytes(&self) -> usize {
        tables::bytes_of(&self.words)
            + tables::bytes_of(&self.blocks)
            + self.levels.iter().map(tables::bytes_of).sum::<usize>()
    }
}

/// As many rows as hold `entries`, at least one.
fn rows<T: Clone>(entries: usize, length: usize, row: T) -> Result<Vec<T>, PolicyError> {
    let count = entries.div_ceil(length).max(1);
    let mut rows = Vec::new();
    tables::make_room(&mut rows, count)?;
    rows.resize(count, row);
    Ok(rows)
}
