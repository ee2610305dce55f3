//! What a replay told.

use std::ffi::c_char;

use memcore::replay::{ReplayPoint, ReplayResult, Spread};

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, into_handle, object, out},
    status::memcore_status,
    text::Buffer,
};

/// The result of a replay. Opaque, and constant: any number of threads may use it.
pub struct memcore_replay_result {
    result: ReplayResult,
    series: Vec<memcore_replay_point>,
}

impl memcore_replay_result {
    pub fn handle(result: ReplayResult) -> Result<*mut Self, Failure> {
        let mut series = Vec::new();
        series.try_reserve_exact(result.series.len()).map_err(|_| memcore_status::OutOfMemory)?;
        series.extend(result.series.iter().map(memcore_replay_point::from));
        into_handle(memcore_replay_result { result, series })
    }
}

/// A fragmentation over the points of a series.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_spread {
    /// The mean; 0 when there is no point.
    pub mean: f64,
    /// The highest.
    pub max: f64,
    /// The last.
    pub last: f64,
}

impl From<Spread> for memcore_spread {
    fn from(spread: Spread) -> Self {
        memcore_spread { mean: spread.mean, max: spread.max, last: spread.last }
    }
}

/// What a trace costs with one allocator.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_replay_figures {
    /// Bytes of the space, after rounding down.
    pub capacity: u64,
    /// The alignment of each block.
    pub align: u64,
    /// Starts and sizes are multiples of it.
    pub granularity: u64,
    /// Bytes in front of each block.
    pub header: u64,
    /// The operations of the trace.
    pub operations: u64,
    /// Allocations and reallocs that were refused.
    pub failures: u64,
    /// Reallocs and frees of blocks that were not there.
    pub skipped: u64,
    /// Frees that were refused; their blocks are not live any more, but stay used.
    pub refused_frees: u64,
    /// The most bytes the program had asked for at once.
    pub peak_live: u64,
    /// The most bytes in blocks at once, headers and rounding included, and both blocks of a moving realloc.
    pub peak_used: u64,
    /// The highest end of a block ever.
    pub footprint: u64,
    /// `peak_live` / `footprint`; 1 when the footprint is 0.
    pub utilisation: f64,
    /// Over the points of the series.
    pub external_fragmentation: memcore_spread,
    /// Over the points of the series. Headers count as internal.
    pub internal_fragmentation: memcore_spread,
    /// Whether the allocator knows how large its tables are.
    pub has_metadata_bytes: bool,
    /// Whether times were measured.
    pub has_timing: bool,
    /// Whether latencies were measured.
    pub has_latency: bool,
    /// Whether a sufficient capacity was searched for and found.
    pub has_sufficient_capacity: bool,
    /// The most bytes of the tables at any point of the series.
    pub metadata_bytes: u64,
    /// The best of three passes, less the time of an empty loop, over the operations that were not skipped.
    pub nanoseconds_per_operation: f64,
    /// Half of the operations took no longer, in nanoseconds.
    pub latency_p50: u64,
    /// 99 of 100.
    pub latency_p99: u64,
    /// 999 of 1000.
    pub latency_p999: u64,
    /// The longest.
    pub latency_max: u64,
    /// A capacity with which the whole trace succeeds; not always the least one.
    pub sufficient_capacity: u64,
}

impl From<&ReplayResult> for memcore_replay_figures {
    fn from(result: &ReplayResult) -> Self {
        memcore_replay_figures {
            capacity: result.capacity,
            align: result.align,
            granularity: result.granularity,
            header: result.header,
            operations: result.operations,
            failures: result.failures,
            skipped: result.skipped,
            refused_frees: result.refused_frees,
            peak_live: result.peak_live,
            peak_used: result.peak_used,
            footprint: result.footprint,
            utilisation: result.utilisation,
            external_fragmentation: result.external_fragmentation.into(),
            internal_fragmentation: result.internal_fragmentation.into(),
            has_metadata_bytes: result.metadata_bytes.is_some(),
            has_timing: result.nanoseconds_per_operation.is_some(),
            has_latency: result.latency.is_some(),
            has_sufficient_capacity: result.sufficient_capacity.is_some(),
            metadata_bytes: result.metadata_bytes.unwrap_or(0),
            nanoseconds_per_operation: result.nanoseconds_per_operation.unwrap_or(0.0),
            latency_p50: result.latency.map_or(0, |latency| latency.p50),
            latency_p99: result.latency.map_or(0, |latency| latency.p99),
            latency_p999: result.latency.map_or(0, |latency| latency.p999),
            latency_max: result.latency.map_or(0, |latency| latency.max),
            sufficient_capacity: result.sufficient_capacity.unwrap_or(0),
        }
    }
}

/// The state of a replay after some of its operations.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_replay_point {
    /// How many operations are done.
    pub operations: u64,
    /// Bytes that the program asked for and has not freed.
    pub live: u64,
    /// Bytes that blocks take from the space.
    pub used: u64,
    /// The highest end of a block so far.
    pub footprint: u64,
    /// 1 - largest hole / free bytes, both below the end of the highest live block.
    pub external_fragmentation: f64,
    /// 1 - live / used; 0 when nothing is used.
    pub internal_fragmentation: f64,
    /// Failures so far.
    pub failures: u64,
}

impl From<&ReplayPoint> for memcore_replay_point {
    fn from(point: &ReplayPoint) -> Self {
        memcore_replay_point {
            operations: point.operations,
            live: point.live,
            used: point.used,
            footprint: point.footprint,
            external_fragmentation: point.external_fragmentation,
            internal_fragmentation: point.internal_fragmentation,
            failures: point.failures,
        }
    }
}

/// Tells the figures of a replay.
///
/// \param result the result.
/// \param figures where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_replay_result_figures(
    result: *const memcore_replay_result,
    figures: *mut memcore_replay_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (result, figures) = unsafe { (object(result)?, out(figures)?) };
        figures.write((&result.result).into());
        Ok::<_, Failure>(())
    })
}

/// Tells the series of a replay, evenly over the operations and ending with the last.
///
/// \param result the result.
/// \param points where the array is written, valid until the result is destroyed; not to be read when it is empty.
/// \param count where the number of points is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_replay_result_series(
    result: *const memcore_replay_result,
    points: *mut *const memcore_replay_point,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (result, points, count) = unsafe { (object(result)?, out(points)?, out(count)?) };
        points.write(result.series.as_ptr());
        count.write(result.series.len());
        Ok::<_, Failure>(())
    })
}

/// Tells the strategy as text, or the name of the caller's allocator.
///
/// \param result the result.
/// \param buffer where the name is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole name without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_replay_result_name(
    result: *const memcore_replay_result,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (result, length, buffer) = unsafe { (object(result)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(&result.result.strategy));
        Ok::<_, Failure>(())
    })
}

/// Ends the result of a replay.
///
/// \param result the result; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_replay_result_destroy(result: *mut memcore_replay_result) {
    // SAFETY: null or a result of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(result) });
}
