//! Lists of holes in bins, and the two-level bitmap that finds the next bin that has any.
//!
//! ```text
//! summary  0 1 0 0 1 ...          one bit per word that is not 0
//!            |
//! words    [ 0000 0100 1000 ... ]  one bit per bin that has holes
//!                  |
//! heads    [ hole <-> hole <-> hole ]  most recently entered first, linked through the table
//! ```
//!
//! Up to 4096 bins: two "find first set" instructions answer for all of them, which is what makes TLSF O(1).

use super::super::Corruption;
use super::super::storage::{Column, NIL, Storage, StorageFull};
use super::super::table::RegionTable;

/// The most bins that two levels of 64-bit words cover.
pub(super) const MOST_BINS: usize = 64 * 64;

/// Bins of holes; see the [module](self).
pub(super) struct Bins<S: Storage> {
    summary: u64,
    words: [u64; 64],
    heads: S::Column<u32>,
}

impl<S: Storage> Bins<S> {
    pub fn new(storage: &mut S, bins: usize) -> Result<Self, StorageFull> {
        let mut heads = storage.column(bins.min(MOST_BINS))?;
        heads.fill(NIL);
        Ok(Bins { summary: 0, words: [0; 64], heads })
    }

    /// Puts a hole at the front of a bin. O(1).
    #[inline(always)]
    pub fn push(&mut self, table: &mut RegionTable<S>, bin: usize, hole: u32) {
        let next = core::mem::replace(&mut self.heads[bin], hole);
        table.set_links(hole, [NIL, next]);
        // Setting bits that may be set already costs less than asking.
        self.words[bin / 64 % 64] |= 1 << (bin % 64);
        self.summary |= 1 << (bin / 64 % 64);
        if next != NIL {
            table.set_first_link(next, hole);
        }
    }

    /// Takes a hole out of its bin. O(1).
    #[inline(always)]
    pub fn unlink(&mut self, table: &mut RegionTable<S>, bin: usize, hole: u32) {
        let [previous, next] = table.links(hole);
        if next != NIL {
            table.set_first_link(next, previous);
        }
        if previous != NIL {
            table.set_second_link(previous, next);
            return;
        }
        self.heads[bin] = next;
        // Clears the bits of an emptied bin and word without a branch that could not be foreseen.
        let word = &mut self.words[bin / 64 % 64];
        *word &= !(u64::from(next == NIL) << (bin % 64));
        self.summary &= !(u64::from(*word == 0) << (bin / 64 % 64));
    }

    /// The first bin from `bin` on that has holes. O(1).
    #[inline(always)]
    pub fn first_from(&self, bin: usize) -> Option<usize> {
        let word = bin / 64;
        let here = self.words.get(word)? & (u64::MAX << (bin % 64));
        if here != 0 {
            return Some(word * 64 + here.trailing_zeros() as usize);
        }
        let above = self.summary & (u64::MAX << word) & !(1 << word);
        if above == 0 {
            return None;
        }
        let word = above.trailing_zeros() as usize;
        Some(word * 64 + self.words[word].trailing_zeros() as usize)
    }

    /// The last bin that has holes. O(1).
    pub fn last(&self) -> Option<usize> {
        let word = self.summary.checked_ilog2()? as usize;
        Some(word * 64 + self.words[word].ilog2() as usize)
    }

    /// The most recent hole of a bin.
    #[inline(always)]
    pub fn head(&self, bin: usize) -> Option<u32> {
        Some(self.heads[bin]).filter(|&hole| hole != NIL)
    }

    /// The holes of a bin, most recent first.
    pub fn iter<'a>(&self, table: &'a RegionTable<S>, bin: usize) -> impl Iterator<Item = u32> + use<'a, S> {
        core::iter::successors(self.head(bin), |&hole| Some(table.links(hole)[1]).filter(|&next| next != NIL))
    }

    pub fn bytes(&self) -> usize {
        self.heads.bytes()
    }

    /// Checks lists and bitmap; `bin_of` tells where a hole belongs. Returns how many holes the bins hold.
    pub fn validate(
        &self,
        table: &RegionTable<S>,
        bin_of: impl Fn(u32) -> Option<usize>,
    ) -> Result<u64, Corruption> {
        let mut count = 0;
        for bin in 0..self.heads.len() {
            let mut previous = NIL;
            for hole in self.iter(table, bin) {
                count += 1;
                let known = table.is_hole(hole) && count <= table.holes();
                Corruption::unless(known, "a bin lists more holes than there are", hole.into())?;
                Corruption::unless(
                    bin_of(hole) == Some(bin),
                    "a hole is in the wrong bin",
                    table.hole_start(hole),
                )?;
                Corruption::unless(table.links(hole)[0] == previous, "a bin's links disagree", hole.into())?;
                previous = hole;
            }
            let bit = self.words[bin / 64] >> (bin % 64) & 1 == 1;
            Corruption::unless(bit == (previous != NIL), "the bitmap of bins is wrong", bin as u64)?;
        }
        for (word, bits) in self.words.iter().enumerate() {
            let bit = self.summary >> word & 1 == 1;
            Corruption::unless(bit == (*bits != 0), "the summary of the bins is wrong", word as u64)?;
        }
        Ok(count)
    }
}

impl<S: Storage> Clone for Bins<S>
where
    S::Column<u32>: Clone,
{
    fn clone(&self) -> Self {
        Bins { summary: self.summary, words: self.words, heads: self.heads.clone() }
    }
}
