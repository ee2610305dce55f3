//! What a replay tells, and what each figure means.

use std::cmp::Ordering;

use super::fragmentation::Spread;

/// The state of a replay after some of its operations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplayPoint {
    /// How many operations are done.
    pub operations: u64,
    /// Bytes that the program asked for and has not freed.
    pub live: u64,
    /// Bytes that blocks take from the space: headers and rounding included, and blocks whose free was refused.
    pub used: u64,
    /// The highest end of a block so far.
    pub footprint: u64,
    /// 1 - largest hole / free bytes, both below the end of the highest live block; see [`Gaps`](super::Gaps).
    pub external_fragmentation: f64,
    /// 1 - live / used; 0 when nothing is used.
    pub internal_fragmentation: f64,
    /// Failures so far.
    pub failures: u64,
}

/// How long single operations took, in nanoseconds.
///
/// A percentile is the upper end of the histogram's bucket that it falls into, at most 1/32 above the true value;
/// the cost of reading the clock is subtracted, so that 0 means: not more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Half of the operations took no longer.
    pub p50: u64,
    /// 99 of 100.
    pub p99: u64,
    /// 999 of 1000.
    pub p999: u64,
    /// The longest, exactly. It contains whatever else the machine did at that moment.
    pub max: u64,
}

/// What a program's trace costs with one allocator.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayResult {
    /// The strategy as text, or the target's name.
    pub strategy: String,
    /// Bytes of the space, after rounding down.
    pub capacity: u64,
    /// [`ReplayOptions::align`](super::ReplayOptions::align).
    pub align: u64,
    /// Starts and sizes are multiples of it.
    pub granularity: u64,
    /// [`ReplayOptions::header`](super::ReplayOptions::header).
    pub header: u64,
    /// The operations of the trace.
    pub operations: u64,
    /// Allocations and reallocs that the target refused.
    pub failures: u64,
    /// Reallocs and frees of blocks that were not there: failed before, freed before, or never allocated.
    pub skipped: u64,
    /// Frees that the target refused. Their blocks are not live any more, but stay used.
    pub refused_frees: u64,
    /// The most bytes the program had asked for at once: sizes as in the trace, of the blocks that were placed.
    pub peak_live: u64,
    /// The most bytes in blocks at once, headers and rounding included, and both blocks of a moving realloc.
    pub peak_used: u64,
    /// The highest end of a block ever.
    pub footprint: u64,
    /// `peak_live / footprint`; 1 when the footprint is 0.
    pub utilisation: f64,
    /// Over the points of the series.
    pub external_fragmentation: Spread,
    /// Over the points of the series. Headers count as internal.
    pub internal_fragmentation: Spread,
    /// The most bytes of the target's tables at any point of the series; `None` where it does not know.
    pub metadata_bytes: Option<u64>,
    /// The time of a whole pass, less that of an empty loop, over the operations that were not skipped: the best of
    /// three passes. `None` unless asked for.
    pub nanoseconds_per_operation: Option<f64>,
    /// `None` unless asked for, or when every operation was skipped.
    pub latency: Option<Latency>,
    /// A capacity with which the whole trace succeeds. Not the least one: a larger space can fail where a smaller
    /// one did not, and the search finds one boundary of possibly many. `None` unless asked for, or when
    /// operations fail even in the endless space.
    pub sufficient_capacity: Option<u64>,
    /// At most as many points as asked for, evenly over the operations; the last one is the end.
    pub series: Vec<ReplayPoint>,
}

/// The results' indices, best first: fewest failures and refused frees, then the smallest footprint, then the
/// fastest (where measured), then as given. O(n log n).
///
/// ```
/// use memcore::replay::{ReplayOptions, rank, replay_all};
/// use memcore::trace::AllocTrace;
///
/// let trace = AllocTrace::read_bytes(b"3\n5\na 0 64\na 1 64\nf 0\na 2 64\nf 1\n")?;
/// let strategies = ["bump".parse().unwrap(), "first-fit".parse().unwrap()];
/// let results = replay_all(&trace, &strategies, &ReplayOptions::default(), &mut ())?;
/// assert_eq!(rank(&results), [1, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn rank(results: &[ReplayResult]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..results.len()).collect();
    order.sort_by(|&a, &b| better_first(&results[a], &results[b]));
    order
}

fn better_first(a: &ReplayResult, b: &ReplayResult) -> Ordering {
    let unmet = |result: &ReplayResult| result.failures + result.refused_frees;
    let time = |result: &ReplayResult| result.nanoseconds_per_operation.unwrap_or(f64::INFINITY);
    unmet(a).cmp(&unmet(b)).then(a.footprint.cmp(&b.footprint)).then_with(|| time(a).total_cmp(&time(b)))
}
