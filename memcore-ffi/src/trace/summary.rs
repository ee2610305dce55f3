//! A trace in figures.

use std::mem::MaybeUninit;

use memcore::trace::{SeriesPoint, Summary};

use super::memcore_trace;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
};

/// A trace in figures. *Live bytes* are the requested sizes of the live blocks; a *lifetime* is the number of
/// operations from a block's allocation to its free. Sums above 2^64 - 1 are given as 2^64 - 1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_trace_summary_figures {
    /// mallocs.
    pub mallocs: u64,
    /// callocs.
    pub callocs: u64,
    /// Aligned allocations.
    pub aligned: u64,
    /// Reallocs of a block to another size.
    pub reallocs: u64,
    /// Frees.
    pub frees: u64,
    /// Ids that an allocation has.
    pub blocks: u64,
    /// The most requested bytes live at once.
    pub peak_live_bytes: u64,
    /// How many operations were done when the bytes were first at their peak.
    pub peak_at: u64,
    /// The most blocks live at once.
    pub peak_live_blocks: u64,
    /// Requested bytes live at the end.
    pub end_live_bytes: u64,
    /// Blocks live at the end.
    pub end_live_blocks: u64,
    /// All requested sizes together: allocations, and reallocs by what they grow.
    pub requested_bytes: u64,
    /// The largest size asked for.
    pub largest_size: u64,
    /// The largest alignment asked for; 1 when none was.
    pub largest_alignment: u64,
    /// Threads that have an operation.
    pub threads: u64,
    /// Frees by another thread than the allocating one.
    pub cross_thread_frees: u64,
    /// Reallocs and frees of blocks that were not live.
    pub absent_operations: u64,
    /// Those of them on ids that no allocation has.
    pub orphan_operations: u64,
    /// Sizes at allocation: entry 0 counts size 0, entry k sizes from 2^(k-1) to 2^k - 1.
    pub sizes: [u64; 65],
    /// Lifetimes of the blocks that were freed, counted as the sizes are.
    pub lifetimes: [u64; 65],
}

impl From<&Summary> for memcore_trace_summary_figures {
    fn from(summary: &Summary) -> Self {
        memcore_trace_summary_figures {
            mallocs: summary.operations.malloc,
            callocs: summary.operations.calloc,
            aligned: summary.operations.aligned,
            reallocs: summary.operations.realloc,
            frees: summary.operations.free,
            blocks: summary.blocks.into(),
            peak_live_bytes: summary.peak_live_bytes,
            peak_at: summary.peak_at,
            peak_live_blocks: summary.peak_live_blocks,
            end_live_bytes: summary.end_live_bytes,
            end_live_blocks: summary.end_live_blocks,
            requested_bytes: summary.requested_bytes,
            largest_size: summary.largest_size,
            largest_alignment: summary.largest_alignment,
            threads: summary.threads.into(),
            cross_thread_frees: summary.cross_thread_frees,
            absent_operations: summary.absent_operations,
            orphan_operations: summary.orphan_operations,
            sizes: *summary.sizes.counts(),
            lifetimes: *summary.lifetimes.counts(),
        }
    }
}

/// Tells what is in a trace.
///
/// \param trace the trace.
/// \param figures where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(operations). Allocates 24 bytes an id while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_summary(
    trace: *const memcore_trace,
    figures: *mut memcore_trace_summary_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, figures) = unsafe { (object(trace)?, out(figures)?) };
        figures.write((&trace.trace.summary_with_points(0)).into());
        Ok::<_, Failure>(())
    })
}

/// The live bytes at one moment of a trace, and since the moment before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_live_point {
    /// How many operations are done.
    pub operations: u64,
    /// The bytes live now.
    pub live_bytes: u64,
    /// The blocks live now.
    pub live_blocks: u64,
    /// The most bytes live after any operation since the point before.
    pub highest_live_bytes: u64,
}

impl From<SeriesPoint> for memcore_live_point {
    fn from(point: SeriesPoint) -> Self {
        memcore_live_point {
            operations: point.operations,
            live_bytes: point.live_bytes,
            live_blocks: point.live_blocks,
            highest_live_bytes: point.highest_live_bytes,
        }
    }
}

/// Tells the live bytes of a trace over time, ending with the last operation.
///
/// \param trace the trace.
/// \param points an array that the points are written to; may be null when `most` is 0.
/// \param most entries of the array: as many points as wanted.
/// \param count where the number of points written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(operations). Allocates 24 bytes an id and the points while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_trace_series(
    trace: *const memcore_trace,
    points: *mut memcore_live_point,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, count) = unsafe { (object(trace)?, out(count)?) };
        if points.is_null() && most > 0 {
            return Err(memcore_status::NullArgument.into());
        }
        let series = trace.trace.summary_with_points(most).series;
        for (index, &point) in series.iter().take(most).enumerate() {
            // SAFETY: not null as `most` is above the index, and the caller gave `most` entries, which may be
            // uninitialised.
            unsafe {
                points
                    .cast::<MaybeUninit<memcore_live_point>>()
                    .add(index)
                    .write(MaybeUninit::new(point.into()))
            };
        }
        count.write(series.len().min(most));
        Ok::<_, Failure>(())
    })
}
