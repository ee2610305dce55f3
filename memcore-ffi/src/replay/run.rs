//! A trace through a strategy of this library.

use std::ffi::{c_char, c_void};

use memcore::{
    alloc::Strategy,
    replay::{ReplayOptions, replay_strategy},
};

use super::result::memcore_replay_result;
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{object, out},
    text::text,
    trace::{Watcher, memcore_progress, memcore_trace},
};

/// How to replay. `memcore_replay_options_default` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_replay_options {
    /// Bytes of the space; 0 stands for an endless one of 2^48 bytes, so that nothing fails for want of space and
    /// the footprint is what counts.
    pub capacity: u64,
    /// The alignment of each block, a power of two. Default: 16.
    pub align: u64,
    /// Starts and sizes are multiples of it; a power of two. Default: 16.
    pub granularity: u64,
    /// Bytes in front of each block, as a heap keeps them; a multiple of the smaller of `align` and `granularity`.
    /// Default: 0.
    pub header: u64,
    /// The most points of the series, 1 to 65536; each costs a walk over all live blocks. Default: 512.
    pub series_points: u32,
    /// Not 0: search for a sufficient capacity, some 20 passes more. Default: 0.
    pub fit: i32,
    /// Not 0: measure the nanoseconds per operation, three passes more. Default: 0.
    pub timing: i32,
    /// Not 0: measure the latency of each operation, one pass more. Default: 0.
    pub latency: i32,
}

impl From<&memcore_replay_options> for ReplayOptions {
    fn from(options: &memcore_replay_options) -> Self {
        ReplayOptions {
            capacity: (options.capacity != 0).then_some(options.capacity),
            align: options.align,
            granularity: options.granularity,
            header: options.header,
            series_points: options.series_points,
            fit: options.fit != 0,
            timing: options.timing != 0,
            latency: options.latency != 0,
            ..ReplayOptions::default()
        }
    }
}

/// The default options.
///
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_replay_options_default() -> memcore_replay_options {
    let none = memcore_replay_options {
        capacity: 0,
        align: 0,
        granularity: 0,
        header: 0,
        series_points: 0,
        fit: 0,
        timing: 0,
        latency: 0,
    };
    guarded(none, || {
        let default = ReplayOptions::default();
        memcore_replay_options {
            capacity: default.capacity.unwrap_or(0),
            align: default.align,
            granularity: default.granularity,
            header: default.header,
            series_points: default.series_points,
            fit: default.fit.into(),
            timing: default.timing.into(),
            latency: default.latency.into(),
        }
    })
}

/// # Safety
/// `options` is null or points to initialised options.
pub(super) unsafe fn options(options: *const memcore_replay_options) -> ReplayOptions {
    // SAFETY: the caller's promise.
    unsafe { options.as_ref() }.map_or_else(ReplayOptions::default, ReplayOptions::from)
}

/// Replays a trace through a strategy.
///
/// \param trace the trace.
/// \param strategy as for `memcore_allocator_create`.
/// \param options how; null: the default ones.
/// \param progress told the operations done, and how many are expected; may be null.
/// \param user passed to `progress`.
/// \param result where the handle of the result is written; `memcore_replay_result_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`, however many operations failed: they are counted;
/// `MEMCORE_STATUS_REPLAY_BAD_OPTION` iff an option is out of its range; `MEMCORE_STATUS_REPLAY_IMPOSSIBLE` iff the
/// strategy can never place a block as the options demand; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop;
/// those of `memcore_allocator_create`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(operations) of the strategy for each pass. Allocates tables for the ids of the trace, nothing for an operation.
///
/// \code
/// memcore_trace *trace;
/// memcore_replay_result *result;
/// memcore_replay_figures figures;
/// if (memcore_trace_generate("steady:live=1000,operations=100000", NULL, NULL, &trace) == MEMCORE_STATUS_OK) {
///     if (memcore_replay(trace, "best-fit", NULL, NULL, NULL, &result) == MEMCORE_STATUS_OK) {
///         memcore_replay_result_figures(result, &figures);
///         printf("%" PRIu64 " bytes, %.1f %% of them used\n", figures.footprint, 100 * figures.utilisation);
///         memcore_replay_result_destroy(result);
///     }
///     memcore_trace_destroy(trace);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_replay(
    trace: *const memcore_trace,
    strategy: *const c_char,
    options: *const memcore_replay_options,
    progress: memcore_progress,
    user: *mut c_void,
    result: *mut *mut memcore_replay_result,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, strategy, options, result) =
            unsafe { (object(trace)?, text(strategy)?, self::options(options), out(result)?) };
        let strategy: Strategy = strategy.parse()?;
        let mut watcher = Watcher { callback: progress, user };
        let told = replay_strategy(&trace.trace, &strategy, &options, &mut watcher)?;
        result.write(memcore_replay_result::handle(told)?);
        Ok::<_, Failure>(())
    })
}
