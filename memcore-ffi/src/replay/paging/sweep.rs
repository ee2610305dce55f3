//! Policies and sizes side by side.

use std::ffi::{c_char, c_void};

use memcore::{
    replacement::PolicySpec,
    replay::paging::{PagingResult, sweep, sweep_stream},
    trace::{PageOptions, PageReader},
};

use super::result::{memcore_paging_options, memcore_paging_result, options};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, into_handle, object, out},
    status::memcore_status,
    text::{Buffer, path, text},
    trace::{Watcher, access_options, memcore_access_options, memcore_page_trace, memcore_progress, wanted},
};

/// The rows of a sweep. Opaque, and constant: any number of threads may use it.
pub struct memcore_sweep {
    rows: Vec<PagingResult>,
}

/// # Safety
/// `names` is null or points to `count` names, each as [`text`] asks.
unsafe fn policies(names: *const *const c_char, count: usize) -> Result<Vec<PolicySpec>, Failure> {
    // SAFETY: the caller's promise.
    let names = unsafe { array(names, count) }?;
    let mut policies = Vec::new();
    policies.try_reserve_exact(names.len()).map_err(|_| memcore_status::OutOfMemory)?;
    for &name in names {
        // SAFETY: the caller's promise.
        policies.push(unsafe { text(name) }?.parse()?);
    }
    Ok(policies)
}

/// Runs a page trace through several policies at several numbers of frames, on threads.
///
/// \param trace the trace.
/// \param policies names, as for `memcore_paging_simulate`; may be null when `policy_count` is 0.
/// \param policy_count how many policies.
/// \param frames numbers of frames, in any order; may be null when `frame_count` is 0.
/// \param frame_count how many numbers of frames.
/// \param options how; null: the default ones.
/// \param progress called by the calling thread, with the references done in all runs; may be null.
/// \param user passed to `progress`.
/// \param sweep where the handle of the rows is written; `memcore_sweep_destroy` ends it. The rows are in the order of
/// the policies, each with all its numbers of frames in their order; a policy that chooses its number of frames has
/// one.
/// \return as `memcore_paging_simulate`; `MEMCORE_STATUS_REPLAY_THREAD` iff a thread could not be started;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff a count is more than memory holds.
///
/// O(references) of each policy for each number of frames; LRU's are had together where that is faster. Memory for as
/// many runs at once as there are threads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_paging_sweep(
    trace: *const memcore_page_trace,
    policies: *const *const c_char,
    policy_count: usize,
    frames: *const u32,
    frame_count: usize,
    options: *const memcore_paging_options,
    progress: memcore_progress,
    user: *mut c_void,
    sweep: *mut *mut memcore_sweep,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, policies, frames, options, sweep) = unsafe {
            let policies = self::policies(policies, policy_count)?;
            (object(trace)?, policies, array(frames, frame_count)?, self::options(options), out(sweep)?)
        };
        let mut watcher = Watcher { callback: progress, user };
        let rows = self::sweep(&trace.trace, &policies, frames, &options, &mut watcher)?;
        sweep.write(into_handle(memcore_sweep { rows })?);
        Ok::<_, Failure>(())
    })
}

/// As `memcore_paging_sweep`, from a file while it is read: memory grows with the pages, not with the references.
///
/// \param path as for `memcore_page_trace_open`.
/// \param page_size as for `memcore_page_trace_open`.
/// \param reading limits and choices as for `memcore_page_trace_open`; null: the default ones.
/// \param policies as for `memcore_paging_sweep`; none that needs the future.
/// \param policy_count how many policies.
/// \param frames as for `memcore_paging_sweep`.
/// \param frame_count how many numbers of frames.
/// \param options how; null: the default ones.
/// \param progress told the bytes read and the file's length; may be null.
/// \param user passed to `progress`.
/// \param sweep where the handle of the rows is written; `memcore_sweep_destroy` ends it.
/// \return as `memcore_paging_sweep` and `memcore_page_trace_open`; `MEMCORE_STATUS_POLICY_NEEDS_FUTURE`.
///
/// O(bytes of the content) and O(references) of each policy for each number of frames. Memory for all runs at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_paging_sweep_file(
    path: *const c_char,
    page_size: u64,
    reading: *const memcore_access_options,
    policies: *const *const c_char,
    policy_count: usize,
    frames: *const u32,
    frame_count: usize,
    options: *const memcore_paging_options,
    progress: memcore_progress,
    user: *mut c_void,
    sweep: *mut *mut memcore_sweep,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, access, policies, frames, options, sweep) = unsafe {
            let policies = self::policies(policies, policy_count)?;
            let (path, access) = (self::path(path)?, access_options(reading)?);
            (path, access, policies, array(frames, frame_count)?, self::options(options), out(sweep)?)
        };
        let page_options = PageOptions { page_size: wanted(page_size), access };
        let mut watcher = Watcher { callback: progress, user };
        let mut reader = PageReader::open(path, &page_options, &mut watcher)?;
        let rows = sweep_stream(&mut reader, &policies, frames, &options)?;
        sweep.write(into_handle(memcore_sweep { rows })?);
        Ok::<_, Failure>(())
    })
}

/// Tells the number of rows of a sweep.
///
/// \param sweep the sweep.
/// \param length where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_sweep_length(sweep: *const memcore_sweep, length: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (sweep, length) = unsafe { (object(sweep)?, out(length)?) };
        length.write(sweep.rows.len());
        Ok::<_, Failure>(())
    })
}

/// Tells one row of a sweep.
///
/// \param sweep the sweep.
/// \param index from 0 to the length - 1.
/// \param result where the row is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such row;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_sweep_row(
    sweep: *const memcore_sweep,
    index: usize,
    result: *mut memcore_paging_result,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (sweep, result) = unsafe { (object(sweep)?, out(result)?) };
        result.write(sweep.rows.get(index).ok_or(memcore_status::OutOfRange)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells the policy of a row, with its parameters.
///
/// \param sweep the sweep.
/// \param index from 0 to the length - 1.
/// \param buffer where the policy is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such row;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_sweep_policy(
    sweep: *const memcore_sweep,
    index: usize,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (sweep, length) = unsafe { (object(sweep)?, out(length)?) };
        let row = sweep.rows.get(index).ok_or(memcore_status::OutOfRange)?;
        // SAFETY: as the header asks.
        let buffer = unsafe { Buffer::new(buffer, size) }?;
        length.write(buffer.print(&row.policy));
        Ok::<_, Failure>(())
    })
}

/// Ends a sweep.
///
/// \param sweep the sweep; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_sweep_destroy(sweep: *mut memcore_sweep) {
    // SAFETY: null or a sweep of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(sweep) });
}
