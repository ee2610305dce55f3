//! How large a space must be so that a request never fails, whatever order requests and frees come in.
//!
//! With M the most bytes that live blocks ever take together and n the largest block (both in granules, sizes
//! rounded up), no allocator that does not move blocks can do with less than about M log2(n) / 2 (Robson 1971); what
//! each strategy needs at most is known for some:
//!
//! | strategy | enough | source |
//! |---|---|---|
//! | first fit | M (1 + ceil(log2 n)) | Robson 1977 |
//! | best fit, TLSF | M (n - 2), and M for n up to 2 | Robson 1977, for best fit; TLSF's rounding is added to n |
//! | buddy | 2 M (1 + ceil(log2 n)) | Knuth, TAOCP 1, 2.5; as for half-fit (Ogasawara 1995) |
//! | stack | M | each block touches the next |
//! | pool | slots for M, each block one slot | any free slot serves |
//!
//! Next fit, worst fit and size classes have no useful bound here, a bump arena none at all: the calculator says so
//! instead of guessing. First fit's worst case is far better than best fit's, although best fit is usually
//! the denser of the two.
//!
//! J. M. Robson: Worst case fragmentation of first fit and best fit storage allocation strategies, The Computer
//! Journal 20(3), 1977. T. Ogasawara: An algorithm with constant execution time for dynamic storage allocation,
//! RTCSA 1995. The bounds hold for requests that are not aligned above the granularity.

use super::{AllocError, Result, Strategy};

/// A capacity that can never fail, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstCase {
    /// Bytes.
    pub capacity: u64,
    /// The formula, in granules.
    pub formula: &'static str,
    /// Where it is proved.
    pub source: &'static str,
}

const ROBSON: &str = "Robson, The Computer Journal 20(3), 1977";

/// The capacity that a strategy needs so that no request fails while live blocks take at most `peak_live` bytes and
/// no block more than `largest`. O(1).
///
/// `None` when no bound is known, or it passes 2^64 - 1.
///
/// ```
/// use memcore::alloc::{Strategy, worst_case};
/// // 1 MiB live in blocks of up to 4 KiB, in granules of 16 bytes: n = 256, log2 n = 8.
/// let bound = worst_case(&Strategy::FirstFit, 1 << 20, 4096, 16)?.unwrap();
/// assert_eq!(bound.capacity, 9 << 20);
/// assert!(worst_case(&Strategy::Bump, 1 << 20, 4096, 16)?.is_none());
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
///
/// # Errors
/// [`BadParameter`](AllocError::BadParameter) for a granularity that is not a power of two, or sizes of 0;
/// [`TooLarge`](AllocError::TooLarge) for a largest block above the peak.
pub fn worst_case(
    strategy: &Strategy,
    peak_live: u64,
    largest: u64,
    granularity: u64,
) -> Result<Option<WorstCase>> {
    let bad = |name, value, rule| Err(AllocError::BadParameter { name, value, rule });
    if !granularity.is_power_of_two() {
        return bad("granularity", granularity, "must be a power of two");
    }
    if largest == 0 {
        return bad("largest", largest, "must be at least 1");
    }
    if peak_live < largest {
        return Err(AllocError::TooLarge { size: largest, capacity: peak_live });
    }
    // 128 bits hold every product of two numbers of 64.
    let granules = |bytes: u64| u128::from(bytes.div_ceil(granularity));
    let (live, block) = (granules(peak_live), granules(largest));
    let doublings = u128::from(block.next_power_of_two().ilog2());
    let (needed, formula, source) = match strategy {
        Strategy::FirstFit => (live * (1 + doublings), "M (1 + ceil(log2 n))", ROBSON),
        Strategy::BestFit { .. } => (best_fit(live, block), "M max(1, n - 2)", ROBSON),
        Strategy::Tlsf { parameters, .. } => {
            // A hole below the request's rounded size may be passed over: it counts as a block of that size.
            let step = doublings.saturating_sub(u128::from(parameters.subdivisions.max(1).ilog2()));
            let rounded = block + (1 << step) - 1;
            (best_fit(live, rounded), "M max(1, n' - 2), n' = n rounded up to a bin", ROBSON)
        }
        Strategy::Buddy => {
            let formula = "2 M (1 + ceil(log2 n))";
            (2 * live * (1 + doublings), formula, "Ogasawara, RTCSA 1995; Knuth, TAOCP 1, 2.5")
        }
        Strategy::Stack => (live, "M", "each block touches the next"),
        &Strategy::Pool { slot } if slot >= largest => {
            let slots = live; // at worst, every block takes one granule
            (slots * granules(slot), "M slots: every block may be one granule", "any free slot serves")
        }
        _ => return Ok(None),
    };
    let capacity = needed.checked_mul(granularity.into()).and_then(|bytes| u64::try_from(bytes).ok());
    Ok(capacity.map(|capacity| WorstCase { capacity, formula, source }))
}

fn best_fit(live: u128, block: u128) -> u128 {
    live * block.saturating_sub(2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::{Tie, TlsfParameters};

    fn capacity(strategy: &Strategy, live: u64, largest: u64) -> Option<u64> {
        worst_case(strategy, live, largest, 1).unwrap().map(|bound| bound.capacity)
    }

    #[test]
    fn the_bounds_are_those_of_the_papers() {
        assert_eq!(capacity(&Strategy::FirstFit, 1000, 100), Some(8000)); // ceil(log2 100) = 7
        assert_eq!(capacity(&Strategy::BestFit { tie: Tie::Lowest }, 1000, 100), Some(98_000));
        assert_eq!(capacity(&Strategy::BestFit { tie: Tie::Lowest }, 1000, 1), Some(1000));
        assert_eq!(capacity(&Strategy::Buddy, 1000, 100), Some(16_000));
        assert_eq!(capacity(&Strategy::Stack, 1000, 100), Some(1000));
        assert_eq!(capacity(&Strategy::WorstFit, 1000, 100), None);
        let tlsf = Strategy::Tlsf { parameters: TlsfParameters::default(), tie: Tie::Recent };
        // Bins between 64 and 128 are 2 wide, and 100 may be rounded by up to 3 at 128 / 32.
        assert_eq!(capacity(&tlsf, 1000, 100), Some(101_000));
    }

    #[test]
    fn what_passes_64_bits_has_no_answer_and_nonsense_is_an_error() {
        assert_eq!(capacity(&Strategy::BestFit { tie: Tie::Lowest }, u64::MAX, u64::MAX), None);
        assert_eq!(capacity(&Strategy::FirstFit, u64::MAX, 1), Some(u64::MAX));
        assert!(worst_case(&Strategy::FirstFit, 10, 11, 1).is_err());
        assert!(worst_case(&Strategy::FirstFit, 10, 0, 1).is_err());
        assert!(worst_case(&Strategy::FirstFit, 10, 1, 3).is_err());
    }
}
