//! Traces of accesses through a hierarchy.

use std::ffi::{c_char, c_void};

use memcore::{
    replay::{HierarchyReplayError, replay_hierarchy, replay_hierarchy_from},
    trace::AccessReader,
};

use super::hierarchy::memcore_hierarchy;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out},
    status::memcore_status,
    text::path,
    trace::{Watcher, access_options, memcore_access_options, memcore_access_trace, memcore_progress},
};

impl From<HierarchyReplayError> for Failure {
    fn from(error: HierarchyReplayError) -> Self {
        match error {
            HierarchyReplayError::Trace(error) => error.into(),
            HierarchyReplayError::Cache(error) => error.into(),
            HierarchyReplayError::Cancelled => memcore_status::Cancelled.into(),
            other => Failure::Told(memcore_status::Other, 0, other.to_string()),
        }
    }
}

/// Drives a whole trace through a hierarchy, which begins as it is. A run is as many accesses as it counts; changes of
/// the address space are passed over, because caches know no mappings.
///
/// \param hierarchy the handle. `progress` may not use it: every call on it gives `MEMCORE_STATUS_REENTERED`.
/// \param trace the trace. Of one that counts pages or numbers instead of bytes, these are taken as addresses.
/// \param progress told the accesses done; may be null.
/// \param user passed to `progress`.
/// \param cycles where the cycles that the processor waits are written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop, or
/// `MEMCORE_STATUS_OUT_OF_MEMORY` from a policy that grows: what went before is then counted;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(accesses x levels x ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_replay(
    hierarchy: *mut memcore_hierarchy,
    trace: *const memcore_access_trace,
    progress: memcore_progress,
    user: *mut c_void,
    cycles: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, cycles) = unsafe { (object(trace)?, optional_out(cycles)) };
        // SAFETY: as the header asks; the mark lives until the replay has ended.
        let (hierarchy, _busy) = unsafe { memcore_hierarchy::replaying(hierarchy) }?;
        let mut watcher = Watcher { callback: progress, user };
        let waited = replay_hierarchy(&trace.trace, hierarchy, &mut watcher)?;
        if let Some(cycles) = cycles {
            cycles.write(waited);
        }
        Ok::<_, Failure>(())
    })
}

/// As `memcore_hierarchy_replay`, from a file while it is read: memory does not grow with the trace.
///
/// \param hierarchy the handle; `progress` may not use it.
/// \param path as for `memcore_access_trace_open`.
/// \param options as for `memcore_access_trace_open`.
/// \param progress told the bytes read and the file's length; may be null.
/// \param user passed to `progress`.
/// \param cycles where the cycles that the processor waits are written; may be null.
/// \return as `memcore_hierarchy_replay` and `memcore_access_trace_open`; after an error what went before is counted.
///
/// O(bytes of the content + accesses x levels x ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_replay_file(
    hierarchy: *mut memcore_hierarchy,
    path: *const c_char,
    options: *const memcore_access_options,
    progress: memcore_progress,
    user: *mut c_void,
    cycles: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, options, cycles) =
            unsafe { (self::path(path)?, access_options(options)?, optional_out(cycles)) };
        // SAFETY: as the header asks; the mark lives until the replay has ended.
        let (hierarchy, _busy) = unsafe { memcore_hierarchy::replaying(hierarchy) }?;
        let mut watcher = Watcher { callback: progress, user };
        let mut reader = AccessReader::open(path, &options, &mut watcher)?;
        let waited = replay_hierarchy_from(&mut reader, hierarchy, &mut ())?;
        if let Some(cycles) = cycles {
            cycles.write(waited);
        }
        Ok::<_, Failure>(())
    })
}
