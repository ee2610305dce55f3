//! The shape of a cache: sets x ways x line size.
//!
//! ```text
//!             way 0   way 1   way 2   way 3          line number = address / line
//!    set 0   [     ] [     ] [     ] [     ]         set         = line number mod sets
//!    set 1   [     ] [     ] [     ] [     ]
//!    set 2   [     ] [     ] [     ] [     ]         1 set: fully associative
//!                                                    1 way: direct mapped
//! ```
//!
//! The set of a line is its number modulo the sets (bit selection where they are a power of two), as in
//! Hennessy and Patterson, "Computer Architecture: A Quantitative Approach", appendix B. Real last-level caches
//! are often cut in slices that a secret hash chooses among; that is not modelled.

use super::error::CacheError;
use serde::{Deserialize, Serialize};

/// The most ways: their numbers are 32 bits wide.
const MAX_WAYS: u64 = 1 << 31;

/// Sets x ways x line size, any sets, any ways, lines a power of two of bytes.
///
/// ```
/// use memcore::cache::Geometry;
/// let l1 = Geometry::of_size(32 * 1024, 8, 64)?;
/// assert_eq!((l1.sets(), l1.ways(), l1.line(), l1.size()), (64, 8, 64, 32768));
/// assert!(Geometry::of_size(1000, 8, 64).is_err());
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Geometry {
    sets: u64,
    ways: u32,
    line_bits: u32,
}

impl Geometry {
    /// So many sets of so many ways of lines of so many bytes. O(1).
    ///
    /// # Errors
    /// [`CacheError::Sets`], [`CacheError::Ways`], [`CacheError::Line`]; [`CacheError::OutOfMemory`] for a cache
    /// that no 64-bit number counts the bytes of.
    pub fn new(sets: u64, ways: u64, line: u64) -> Result<Geometry, CacheError> {
        if sets == 0 {
            return Err(CacheError::Sets { sets });
        }
        if ways == 0 || ways > MAX_WAYS {
            return Err(CacheError::Ways { ways });
        }
        if !line.is_power_of_two() {
            return Err(CacheError::Line { line });
        }
        if sets.checked_mul(ways).and_then(|lines| lines.checked_mul(line)).is_none() {
            return Err(CacheError::OutOfMemory { bytes: u64::MAX });
        }
        Ok(Geometry { sets, ways: ways as u32, line_bits: line.trailing_zeros() })
    }

    /// A cache of `size` bytes with so many ways of lines of so many bytes. O(1).
    ///
    /// # Errors
    /// As [`new`](Self::new); [`CacheError::Size`] when the size is no whole number of sets.
    pub fn of_size(size: u64, ways: u64, line: u64) -> Result<Geometry, CacheError> {
        let unit = Geometry::new(1, ways, line)?.size();
        if size == 0 || size % unit != 0 {
            return Err(CacheError::Size { size, ways, line });
        }
        Geometry::new(size / unit, ways, line)
    }

    /// The sets.
    pub const fn sets(&self) -> u64 {
        self.sets
    }

    /// The ways: lines in a set.
    pub const fn ways(&self) -> u32 {
        self.ways
    }

    /// Bytes in a line.
    pub const fn line(&self) -> u64 {
        1 << self.line_bits
    }

    /// The binary logarithm of the bytes in a line.
    pub const fn line_bits(&self) -> u32 {
        self.line_bits
    }

    /// Lines in the whole cache.
    pub const fn lines(&self) -> u64 {
        self.sets * self.ways as u64
    }

    /// Bytes in the whole cache.
    pub const fn size(&self) -> u64 {
        self.lines() << self.line_bits
    }
}
