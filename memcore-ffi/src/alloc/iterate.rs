//! The regions of a space in address order: by a visitor that is called for each, or step by step with a cursor.

use std::{ffi::c_void, mem::MaybeUninit};

use memcore::alloc::{RegionCursor, Regions};

use super::{
    handle::memcore_allocator,
    token::{pack, unpack},
    types::memcore_region,
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
};

/// Is called with one region. It may read the allocator, but calls that could change it give
/// `MEMCORE_STATUS_REENTERED`. It returns 0 to go on or anything else to stop. It must not throw and not jump out.
pub type memcore_region_visitor =
    Option<unsafe extern "C" fn(region: *const memcore_region, user: *mut c_void) -> i32>;

/// Calls a visitor for each region, in address order.
///
/// \param allocator the handle.
/// \param visitor called with each region, which is valid during the call.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_REENTERED` iff a
/// listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` or `visitor` is null.
///
/// O(1) a region. Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_visit(
    allocator: *const memcore_allocator,
    visitor: memcore_region_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        let visitor = visitor.ok_or(memcore_status::NullArgument)?;
        // SAFETY: null or as the header asks; marked as visited until the walk has ended.
        let (state, _visiting) = unsafe { memcore_allocator::visiting(allocator) }?;
        for region in Regions::new(state.space.reading()) {
            // SAFETY: a function of the caller's, called as its type says.
            if unsafe { visitor(&region.into(), user) } != 0 {
                return Err(memcore_status::Cancelled.into());
            }
        }
        Ok::<_, Failure>(())
    })
}

/// A place in a walk over regions. Filled in by `memcore_allocator_cursor`; may be copied, but not changed; needs no
/// end.
#[repr(C)]
pub struct memcore_cursor {
    seal: u64,
    changes: u64,
    opaque: [MaybeUninit<u64>; 6],
}

/// Tells a cursor from memory that was never filled in; combined with the address of its allocator.
const SEAL: u64 = 0x6d65_6d63_6f72_6557;

fn seal_of(allocator: *const memcore_allocator) -> u64 {
    SEAL ^ allocator.addr() as u64
}

/// Begins a walk at the lowest address.
///
/// \param allocator the handle.
/// \param cursor where the place is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1). Allocates nothing.
///
/// \code
/// memcore_cursor cursor;
/// memcore_region region;
/// bool found;
/// memcore_allocator_cursor(allocator, &cursor);
/// while (memcore_allocator_next(allocator, &cursor, &region, &found) == MEMCORE_STATUS_OK && found) {
///     printf("%" PRIu64 " + %" PRIu64 "\n", region.start, region.size);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_cursor(
    allocator: *const memcore_allocator,
    cursor: *mut memcore_cursor,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, cursor) = unsafe { (memcore_allocator::reading(allocator)?, out(cursor)?) };
        let opaque = pack(RegionCursor::default());
        cursor.write(memcore_cursor { seal: seal_of(allocator), changes: state.changes, opaque });
        Ok::<_, Failure>(())
    })
}

/// Takes one step of a walk.
///
/// \param allocator the handle that the cursor was made for.
/// \param cursor the place, which moves on.
/// \param region where the next region is written, if there is one.
/// \param found where is written whether there is one; false ends the walk.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUTDATED_CURSOR` iff, since the walk began, a call was made that
/// takes the handle without `const` (even one that failed), or the cursor was made for another allocator or never
/// filled in; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_next(
    allocator: *const memcore_allocator,
    cursor: *mut memcore_cursor,
    region: *mut memcore_region,
    found: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks. The opaque words of a cursor may be anything.
        let (state, place, region, found) =
            unsafe { (memcore_allocator::reading(allocator)?, object(cursor)?, out(region)?, out(found)?) };
        if place.seal != seal_of(allocator) || place.changes != state.changes {
            return Err(memcore_status::OutdatedCursor.into());
        }
        // SAFETY: the seal says that this file packed it, and the header forbids to change it.
        let mut step: RegionCursor = unsafe { unpack(&place.opaque) };
        let next = state.space.reading().next_region(&mut step);
        // SAFETY: not null, as was seen above; the caller's own, to be written.
        unsafe { (*cursor).opaque = pack(step) };
        if let Some(next) = next {
            region.write(next.into());
        }
        found.write(next.is_some());
        Ok::<_, Failure>(())
    })
}
