//! One policy with one number of frames.

use std::ffi::{c_char, c_void};

use memcore::{replacement::PolicySpec, replay::paging::simulate};

use super::result::{memcore_paging_options, memcore_paging_result, options};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    text::text,
    trace::{Watcher, memcore_page_trace, memcore_progress},
};

/// Runs a page trace through a replacement policy.
///
/// \param trace the trace.
/// \param policy a name, with parameters where wanted: "lru", "clock:bit=clear"; see `memcore_policy_name`.
/// \param frames how many pages may be resident, from 1 on; a policy that chooses that itself does not use it.
/// \param options how; null: the default ones.
/// \param progress told the references done; may be null.
/// \param user passed to `progress`.
/// \param result where the result is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the policy cannot be read;
/// `MEMCORE_STATUS_POLICY_FRAMES` iff `frames` is 0 or above 2^32 - 17; `MEMCORE_STATUS_POLICY_REFERENCES` iff a
/// policy that needs the future is given more than 2^32 - 2 references; `MEMCORE_STATUS_CANCELLED` iff `progress`
/// asked to stop; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(references) of the policy. Allocates the policy's tables for the pages of the trace.
///
/// \code
/// const uint64_t pages[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
/// memcore_page_trace *trace;
/// memcore_paging_result result;
/// if (memcore_page_trace_from_keys(12, pages, NULL, &trace) == MEMCORE_STATUS_OK) {
///     memcore_paging_simulate(trace, "fifo", 3, NULL, NULL, NULL, &result);
///     printf("%" PRIu64 " faults\n", result.misses); // 9 faults
///     memcore_page_trace_destroy(trace);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_paging_simulate(
    trace: *const memcore_page_trace,
    policy: *const c_char,
    frames: u32,
    options: *const memcore_paging_options,
    progress: memcore_progress,
    user: *mut c_void,
    result: *mut memcore_paging_result,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, policy, options, result) =
            unsafe { (object(trace)?, text(policy)?, self::options(options), out(result)?) };
        let policy: PolicySpec = policy.parse()?;
        let mut watcher = Watcher { callback: progress, user };
        let told = simulate(&trace.trace, &policy, frames, &options, &mut watcher)?;
        result.write((&told).into());
        Ok::<_, Failure>(())
    })
}
