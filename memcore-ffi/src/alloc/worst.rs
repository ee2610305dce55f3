//! The worst-case calculator.

use std::ffi::c_char;

use memcore::alloc::{Strategy, worst_case};

use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::out,
    text::{memcore_text, text},
};

/// A capacity that can never fail, and why.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_worst_case {
    /// Whether a bound is known and below 2^64; without, the rest is 0 and empty.
    pub known: bool,
    /// Bytes.
    pub capacity: u64,
    /// The formula, in granules: M is the most bytes live, n the largest block.
    pub formula: memcore_text,
    /// Where it is proved.
    pub source: memcore_text,
}

/// Calculates the capacity that a strategy needs so that no request fails, whatever order requests and frees come
/// in. The bounds hold for requests that are not aligned above the granularity.
///
/// \param strategy as for `memcore_allocator_create`.
/// \param peak_live the most bytes that live blocks ever take together.
/// \param largest the most bytes of one block.
/// \param granularity unit of the space, a power of two.
/// \param answer where the answer is written.
/// \return `MEMCORE_STATUS_OK`, even when no bound is known; `MEMCORE_STATUS_BAD_PARAMETER` iff the granularity is
/// not a power of two or `largest` is 0; `MEMCORE_STATUS_TOO_LARGE` iff `largest` is above `peak_live`; those of
/// `memcore_allocator_create` about the strategy; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_worst_case_capacity(
    strategy: *const c_char,
    peak_live: u64,
    largest: u64,
    granularity: u64,
    answer: *mut memcore_worst_case,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (strategy, answer) = unsafe { (text(strategy)?, out(answer)?) };
        let strategy: Strategy = strategy.parse()?;
        answer.write(match worst_case(&strategy, peak_live, largest, granularity)? {
            Some(bound) => memcore_worst_case {
                known: true,
                capacity: bound.capacity,
                formula: bound.formula.into(),
                source: bound.source.into(),
            },
            None => memcore_worst_case {
                known: false,
                capacity: 0,
                formula: memcore_text::EMPTY,
                source: memcore_text::EMPTY,
            },
        });
        Ok::<_, Failure>(())
    })
}
