//! What is left in a heap: its live blocks, one by one and by tag and call site.

use std::ffi::c_void;

use memcore::heap::{Leak, LeakGroup};

use super::{create::memcore_heap, handle::reading};
use crate::{error::Failure, panic::guarded_status, status::memcore_status};

/// A live block, in a leak report. Where the checks do not `track`, tag, site and number are 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_leak {
    /// Its first byte.
    pub address: *mut c_void,
    /// Bytes asked for. Of a block whose record was written over: all that it could have.
    pub size: usize,
    /// The call site that it was allocated with.
    pub site: u64,
    /// The how-manieth allocation it was, from 1 on.
    pub number: u64,
    /// The tag that it was allocated with.
    pub tag: u32,
}

impl From<Leak> for memcore_leak {
    fn from(leak: Leak) -> Self {
        let Leak { address, size, tag, site, number } = leak;
        memcore_leak { address: address.as_ptr().cast(), size, site, number, tag }
    }
}

/// The live blocks of one tag and call site.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_leak_group {
    /// Their call site.
    pub site: u64,
    /// How many they are.
    pub blocks: u64,
    /// Bytes asked for.
    pub bytes: u64,
    /// The number of the first of them.
    pub first: u64,
    /// Their tag.
    pub tag: u32,
}

impl From<LeakGroup> for memcore_leak_group {
    fn from(group: LeakGroup) -> Self {
        let LeakGroup { tag, site, blocks, bytes, first } = group;
        memcore_leak_group { site, blocks, bytes, first, tag }
    }
}

/// Is called with a live block, and returns 0 to go on or anything else to stop. It may use the heap as it likes, since
/// the report is made before. It must not throw and not jump out.
pub type memcore_leak_visitor =
    Option<unsafe extern "C" fn(leak: *const memcore_leak, user: *mut c_void) -> i32>;

/// Shows every live block, in the order of their allocation; where the checks do not `track`, by address.
///
/// \param heap the handle.
/// \param visitor called for each.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_OUT_OF_METADATA` iff
/// there is no memory for the list; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
///
/// O(n log n) for n blocks. Allocates the list while it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_leaks(
    heap: *const memcore_heap,
    visitor: memcore_leak_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        let visitor = visitor.ok_or(memcore_status::NullArgument)?;
        // SAFETY: null or as the header asks. The turn ends with this statement, before the visitor may change the heap.
        let leaks = unsafe { reading(heap) }?.heap.leaks()?;
        for leak in leaks {
            // SAFETY: a function of the caller's, called as its type says.
            if unsafe { visitor(&leak.into(), user) } != 0 {
                return Err(memcore_status::Cancelled.into());
            }
        }
        Ok::<_, Failure>(())
    })
}

/// Is called with the live blocks of one tag and call site; else as `memcore_leak_visitor`.
pub type memcore_leak_group_visitor =
    Option<unsafe extern "C" fn(group: *const memcore_leak_group, user: *mut c_void) -> i32>;

/// Shows the live blocks by tag and call site, in the order of the first of each.
///
/// \param heap the handle.
/// \param visitor called for each.
/// \param user passed to the visitor.
/// \return as `memcore_heap_leaks`.
///
/// As `memcore_heap_leaks`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_leak_summary(
    heap: *const memcore_heap,
    visitor: memcore_leak_group_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        let visitor = visitor.ok_or(memcore_status::NullArgument)?;
        // SAFETY: as in `memcore_heap_leaks`.
        let groups = unsafe { reading(heap) }?.heap.leak_summary()?;
        for group in groups {
            // SAFETY: a function of the caller's, called as its type says.
            if unsafe { visitor(&group.into(), user) } != 0 {
                return Err(memcore_status::Cancelled.into());
            }
        }
        Ok::<_, Failure>(())
    })
}
