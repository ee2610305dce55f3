//! A trace through an allocator of the caller's, given as callbacks.

use std::ffi::{c_char, c_void};

use memcore::replay::{PlainAllocator, PlainTarget, Refusal, ReplayError, replay_fresh};

use super::{
    result::memcore_replay_result,
    run::{memcore_replay_options, options},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
    text::text,
    trace::{Watcher, memcore_progress, memcore_trace},
};

/// An allocator of the caller's. Its callbacks must not throw and not jump out.
///
/// Those that return an `int32_t` return 0 when they did what was asked, a positive number to refuse (which is
/// counted), and a negative one when they are broken (which ends the replay). A start that is misaligned, passes the
/// end of the space or overlaps a live block ends the replay too.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_plain_allocator {
    /// Makes an empty allocator for a space of `capacity` bytes, one for each pass; null ends the replay.
    pub make: Option<unsafe extern "C" fn(capacity: u64, user: *mut c_void) -> *mut c_void>,
    /// Ends an allocator that `make` made; may be null.
    pub destroy: Option<unsafe extern "C" fn(made: *mut c_void)>,
    /// Hands out `size` bytes, a multiple of the granularity, from a start that is a multiple of `alignment`.
    pub allocate:
        Option<unsafe extern "C" fn(made: *mut c_void, size: u64, alignment: u64, start: *mut u64) -> i32>,
    /// Takes the block at `start` back.
    pub free: Option<unsafe extern "C" fn(made: *mut c_void, start: u64) -> i32>,
    /// Makes the block at `start` `size` bytes large where it is; may be null, and then every realloc moves.
    pub resize: Option<unsafe extern "C" fn(made: *mut c_void, start: u64, size: u64) -> i32>,
    /// Tells the bytes of its tables now; may be null where it does not know.
    pub metadata_bytes: Option<unsafe extern "C" fn(made: *mut c_void) -> u64>,
    /// Passed to `make`.
    pub user: *mut c_void,
}

type Allocate = unsafe extern "C" fn(made: *mut c_void, size: u64, alignment: u64, start: *mut u64) -> i32;
type Free = unsafe extern "C" fn(made: *mut c_void, start: u64) -> i32;

/// One allocator that `make` made, ended with this value.
struct Made {
    allocate: Allocate,
    free: Free,
    calls: memcore_plain_allocator,
    made: *mut c_void,
}

fn outcome(status: i32, what: &str) -> Result<(), Refusal> {
    match status {
        0 => Ok(()),
        1.. => Err(Refusal::Refused),
        _ => Err(Refusal::broken(format!("the allocator's {what} returned {status}"))),
    }
}

impl PlainAllocator for Made {
    fn allocate(&mut self, size: u64, alignment: u64) -> Result<u64, Refusal> {
        let mut start = 0;
        // SAFETY: the caller's function, called as its type says, with what its `make` gave.
        outcome(unsafe { (self.allocate)(self.made, size, alignment, &mut start) }, "allocate")?;
        Ok(start)
    }

    fn free(&mut self, start: u64) -> Result<(), Refusal> {
        // SAFETY: as in `allocate`.
        outcome(unsafe { (self.free)(self.made, start) }, "free")
    }

    fn resize(&mut self, start: u64, size: u64) -> Result<(), Refusal> {
        let resize = self.calls.resize.ok_or(Refusal::Refused)?;
        // SAFETY: as in `allocate`.
        outcome(unsafe { resize(self.made, start, size) }, "resize")
    }

    fn metadata_bytes(&self) -> Option<u64> {
        // SAFETY: as in `allocate`.
        self.calls.metadata_bytes.map(|bytes| unsafe { bytes(self.made) })
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if let Some(destroy) = self.calls.destroy {
            // SAFETY: as in `allocate`; nobody uses it afterwards.
            unsafe { destroy(self.made) };
        }
    }
}

/// Replays a trace through an allocator of the caller's. Every answer of its is checked.
///
/// \param trace the trace.
/// \param name what the result calls it.
/// \param allocator the callbacks; `make`, `allocate` and `free` must not be null. All are called by the calling
/// thread.
/// \param options how; null: the default ones.
/// \param progress told the operations done, and how many are expected; may be null.
/// \param user passed to `progress`.
/// \param result where the handle of the result is written; `memcore_replay_result_destroy` ends it.
/// \return as `memcore_replay`; `MEMCORE_STATUS_REPLAY_TARGET` iff a callback was broken or gave a start that cannot
/// be right, with the operation in the details' `value`; `MEMCORE_STATUS_REPLAY_MAKE` iff `make` gave null.
///
/// O(operations log live) and the callbacks' time for each pass. Allocates tables for the ids and live blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_replay_plain(
    trace: *const memcore_trace,
    name: *const c_char,
    allocator: *const memcore_plain_allocator,
    options: *const memcore_replay_options,
    progress: memcore_progress,
    user: *mut c_void,
    result: *mut *mut memcore_replay_result,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, name, calls, options, result) = unsafe {
            (object(trace)?, text(name)?, *object(allocator)?, self::options(options), out(result)?)
        };
        let (Some(make), Some(allocate), Some(free)) = (calls.make, calls.allocate, calls.free) else {
            return Err(memcore_status::NullArgument.into());
        };
        let fresh = |capacity| {
            // SAFETY: the caller's function, called as its type says.
            let made = unsafe { make(capacity, calls.user) };
            if made.is_null() {
                return Err(ReplayError::Make("make returned null".into()));
            }
            let made = Made { allocate, free, calls, made };
            Ok(PlainTarget::with_capacity(made, name, &options, capacity))
        };
        let mut watcher = Watcher { callback: progress, user };
        let told = replay_fresh(&trace.trace, fresh, &options, &mut watcher)?;
        result.write(memcore_replay_result::handle(told)?);
        Ok::<_, Failure>(())
    })
}
