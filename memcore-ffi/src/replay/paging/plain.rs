//! A page trace through a policy of the caller's, given as callbacks.

use std::ffi::c_void;

use memcore::{
    replay::paging::{PlainPolicy, simulate_plain},
    trace::AccessKind,
};

use super::result::memcore_paging_result;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
    trace::{Watcher, memcore_access_kind, memcore_page_trace, memcore_progress},
};

/// A replacement policy of the caller's. Its callbacks must not throw and not jump out.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_plain_policy {
    /// Is told one reference: the page by its key, and a `memcore_access_kind`. Returns 1 when the page was resident,
    /// 0 when it was not, and a negative number when the policy is broken, which ends the simulation.
    pub access: Option<unsafe extern "C" fn(policy: *mut c_void, page: u64, kind: i32) -> i32>,
    /// Tells how many pages have lost their frame so far; may be null where that is not counted.
    pub evictions: Option<unsafe extern "C" fn(policy: *mut c_void) -> u64>,
    /// Passed to the others.
    pub policy: *mut c_void,
}

type Access = unsafe extern "C" fn(policy: *mut c_void, page: u64, kind: i32) -> i32;

struct Plain {
    access: Access,
    calls: memcore_plain_policy,
}

impl PlainPolicy for Plain {
    fn access(&mut self, page: u64, kind: AccessKind) -> Result<bool, String> {
        // SAFETY: the caller's function, called as its type says, with the caller's policy.
        match unsafe { (self.access)(self.calls.policy, page, memcore_access_kind::from(kind) as i32) } {
            0 => Ok(false),
            1.. => Ok(true),
            status => Err(format!("the policy's access returned {status}")),
        }
    }

    fn evictions(&self) -> u64 {
        // SAFETY: as in `access`.
        self.calls.evictions.map_or(0, |evictions| unsafe { evictions(self.calls.policy) })
    }
}

/// Runs a page trace through a policy of the caller's, which should be empty, for a comparison with those of this
/// library. Write-backs are not counted.
///
/// \param trace the trace.
/// \param policy the callbacks; `access` must not be null. All are called by the calling thread.
/// \param frames what the result says of the frames; 0: that there is no such number.
/// \param progress told the references done; may be null.
/// \param user passed to `progress`.
/// \param result where the result is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REPLAY_TARGET` iff the policy broke, with the reference's index in the
/// details' `value`; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(references) of the policy. Allocates nothing for a reference.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_paging_simulate_plain(
    trace: *const memcore_page_trace,
    policy: *const memcore_plain_policy,
    frames: u32,
    progress: memcore_progress,
    user: *mut c_void,
    result: *mut memcore_paging_result,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, calls, result) = unsafe { (object(trace)?, *object(policy)?, out(result)?) };
        let access = calls.access.ok_or(memcore_status::NullArgument)?;
        let mut watcher = Watcher { callback: progress, user };
        let frames = (frames != 0).then_some(frames);
        let told = simulate_plain(&trace.trace, &mut Plain { access, calls }, "", frames, &mut watcher)?;
        let has_evictions = calls.evictions.is_some();
        result.write(memcore_paging_result { has_evictions, ..(&told).into() });
        Ok::<_, Failure>(())
    })
}
