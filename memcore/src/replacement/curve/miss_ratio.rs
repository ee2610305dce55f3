//! Misses by number of frames.

use crate::replacement::error::PolicyError;
use crate::replacement::tables;
use std_alloc::vec::Vec;

/// A miss-ratio curve: for some numbers of frames, ascending, the misses of one policy.
///
/// ```
/// use memcore::replacement::curve::lru_curve;
/// let curve = lru_curve(&[0, 1, 2, 3, 0, 1, 4, 0, 1, 2, 3, 4], 5)?;
/// assert_eq!(curve.frames(), [1, 2, 3, 4, 5]);
/// assert_eq!(curve.misses(), [12, 12, 10, 8, 5]);
/// assert_eq!(curve.misses_at(100), 5);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissRatioCurve {
    frames: Vec<u32>,
    misses: Vec<u64>,
    accesses: u64,
}

impl MissRatioCurve {
    /// The curve through these points.
    pub(crate) fn from_points(frames: Vec<u32>, misses: Vec<u64>, accesses: u64) -> MissRatioCurve {
        MissRatioCurve { frames, misses, accesses }
    }

    /// The curve for 1, 2, 3, ... frames, from how many references hit at 1, 2, 3, ... frames and not at one
    /// less. O(entries).
    pub(crate) fn from_hits(hits: &[u64], accesses: u64) -> Result<MissRatioCurve, PolicyError> {
        let (mut frames, mut misses) = (Vec::new(), Vec::new());
        tables::make_room(&mut frames, hits.len())?;
        tables::make_room(&mut misses, hits.len())?;
        let mut left = accesses;
        for (index, &hits) in hits.iter().enumerate() {
            left = left.saturating_sub(hits);
            frames.push(index as u32 + 1);
            misses.push(left);
        }
        Ok(MissRatioCurve { frames, misses, accesses })
    }

    /// The numbers of frames, ascending. O(1).
    pub fn frames(&self) -> &[u32] {
        &self.frames
    }

    /// The misses at each. O(1).
    pub fn misses(&self) -> &[u64] {
        &self.misses
    }

    /// The references. O(1).
    pub fn accesses(&self) -> u64 {
        self.accesses
    }

    /// The misses at so many frames: those of the greatest number of frames in the curve that is not above;
    /// all references when there is none. O(log points).
    pub fn misses_at(&self, frames: u32) -> u64 {
        match self.frames.partition_point(|&other| other <= frames) {
            0 => self.accesses,
            above => self.misses[above - 1],
        }
    }

    /// Misses / references at each number of frames; 0 when there are no references. O(points).
    pub fn miss_ratios(&self) -> impl Iterator<Item = f64> + '_ {
        let accesses = self.accesses.max(1) as f64;
        self.misses.iter().map(move |&misses| misses as f64 / accesses)
    }

    /// The mean absolute difference of the miss ratios from those of another curve, over the numbers of frames
    /// of the other. O(points of the other, log points of this).
    pub fn mean_absolute_error(&self, other: &MissRatioCurve) -> f64 {
        let ratio = |misses: u64, accesses: u64| misses as f64 / accesses.max(1) as f64;
        let points = other.frames.iter().zip(&other.misses);
        let differences = points.map(|(&frames, &misses)| {
            (ratio(self.misses_at(frames), self.accesses) - ratio(misses, other.accesses)).abs()
        });
        differences.sum::<f64>() / other.frames.len().max(1) as f64
    }
}
