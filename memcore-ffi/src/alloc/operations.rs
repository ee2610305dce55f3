//! What changes a space: one function for each call of the engine's `Allocator`.

use memcore::alloc::{Allocator, Request};

use super::{
    handle::{Space, each, memcore_allocator},
    types::{id, memcore_block, memcore_request},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out, out},
};

/// Hands out a block of `size` bytes, unaligned and without a tag.
///
/// \param allocator the handle.
/// \param size bytes wanted.
/// \param block where the block is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_ZERO_SIZE`; `MEMCORE_STATUS_TOO_LARGE` iff it is more than the
/// whole space (or slot) has; `MEMCORE_STATUS_OVERFLOW` iff rounding up passes 2^64 - 1;
/// `MEMCORE_STATUS_OUT_OF_SPACE` iff no hole holds it; `MEMCORE_STATUS_OUT_OF_METADATA` iff the tables have no
/// room; `MEMCORE_STATUS_LIMIT_EXCEEDED` iff a limit is set and would be passed; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// First, next, best and worst fit, buddy: O(log holes). TLSF, size classes within a span, pool, bump, stack: O(1).
/// The address index adds O(log blocks). May allocate for growing tables, at most one chunk for each table.
///
/// \code
/// memcore_options options = memcore_options_for(1024);
/// memcore_allocator *allocator = NULL;
/// memcore_block first, second, third;
/// memcore_allocator_create("first-fit", &options, &allocator);
/// memcore_allocator_allocate(allocator, 100, &first);   // at 0
/// memcore_allocator_allocate(allocator, 200, &second);  // at 100
/// memcore_allocator_allocate(allocator, 150, &third);   // at 300
/// memcore_allocator_free(allocator, second.id, NULL);
/// memcore_allocator_allocate(allocator, 300, &second);  // at 450: the hole at 100 has 200 bytes only
/// memcore_allocator_destroy(allocator);
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_allocate(
    allocator: *mut memcore_allocator,
    size: u64,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, block) = unsafe { (memcore_allocator::changing(allocator)?, out(block)?) };
        block.write(each!(&mut state.space, space => space.allocate(Request::new(size)))?.into());
        Ok::<_, Failure>(())
    })
}

/// Hands out a block with an alignment, a bias and a tag.
///
/// \param allocator the handle.
/// \param request what is wanted; see `memcore_request_for`.
/// \param block where the block is written.
/// \return as `memcore_allocator_allocate`; `MEMCORE_STATUS_BAD_ALIGNMENT` iff the alignment is not a power of two;
/// `MEMCORE_STATUS_BAD_BIAS` iff the bias is not a multiple of the smaller of alignment and granularity.
///
/// As `memcore_allocator_allocate`; for an alignment above the granularity, exact fits look at holes that may turn
/// out not to serve: O(holes rejected) more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_allocate_with(
    allocator: *mut memcore_allocator,
    request: *const memcore_request,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, request, block) =
            unsafe { (memcore_allocator::changing(allocator)?, object(request)?, out(block)?) };
        block.write(each!(&mut state.space, space => space.allocate(request.into()))?.into());
        Ok::<_, Failure>(())
    })
}

/// Hands out the block that begins at a wanted start.
///
/// \param allocator the handle.
/// \param start where the block shall begin.
/// \param request what is wanted.
/// \param block where the block is written.
/// \return as `memcore_allocator_allocate_with`; `MEMCORE_STATUS_BAD_START` iff the start is not a multiple of the
/// granularity or not aligned as asked; `MEMCORE_STATUS_RANGE_TAKEN` iff a part of the range is not free;
/// `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without;
/// `MEMCORE_STATUS_UNSUPPORTED` iff the strategy cannot.
///
/// O(log blocks) and an allocation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_allocate_at(
    allocator: *mut memcore_allocator,
    start: u64,
    request: *const memcore_request,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, request, block) =
            unsafe { (memcore_allocator::changing(allocator)?, object(request)?, out(block)?) };
        block.write(state.space.changing().allocate_at(start, request.into())?.into());
        Ok::<_, Failure>(())
    })
}

/// Takes a block back.
///
/// \param allocator the handle.
/// \param id the block's id. Any number may be tried; one from another allocator may name a block of this one.
/// \param freed where the block is written as it was; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_DOUBLE_FREE` iff the block was freed before, however long ago;
/// `MEMCORE_STATUS_UNKNOWN_ID` iff the id was never given out; `MEMCORE_STATUS_NOT_TOP` iff it is not the top of a
/// stack; `MEMCORE_STATUS_OUT_OF_METADATA` iff growable tables have no memory for a hole;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` is null.
///
/// As `memcore_allocator_allocate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_free(
    allocator: *mut memcore_allocator,
    id: u64,
    freed: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, freed) = unsafe { (memcore_allocator::changing(allocator)?, optional_out(freed)) };
        let id = self::id(id)?;
        let block = each!(&mut state.space, space => space.free(id))?;
        if let Some(freed) = freed {
            freed.write(block.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Takes back the block that begins at `start`.
///
/// \param allocator the handle.
/// \param start offset of the block's first byte.
/// \param freed where the block is written as it was; may be null.
/// \return as `memcore_allocator_free`; `MEMCORE_STATUS_UNKNOWN_START` iff no live block begins there;
/// `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without.
///
/// O(log blocks) and a free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_free_at(
    allocator: *mut memcore_allocator,
    start: u64,
    freed: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, freed) = unsafe { (memcore_allocator::changing(allocator)?, optional_out(freed)) };
        let block = state.space.changing().free_at(start)?;
        if let Some(freed) = freed {
            freed.write(block.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Changes the size of a block where it is. Its id and start stay.
///
/// \param allocator the handle.
/// \param id the block's id.
/// \param size bytes wanted.
/// \param block where the block is written as it became; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NO_ROOM_IN_PLACE` iff it cannot grow that far, with the most it
/// could have in the details' `available`; `MEMCORE_STATUS_ZERO_SIZE`; `MEMCORE_STATUS_OVERFLOW`;
/// `MEMCORE_STATUS_TOO_LARGE`; `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_NOT_TOP` iff
/// it is not the last block of a stack or arena; `MEMCORE_STATUS_OUT_OF_METADATA`;
/// `MEMCORE_STATUS_LIMIT_EXCEEDED`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` is
/// null.
///
/// As `memcore_allocator_allocate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_resize(
    allocator: *mut memcore_allocator,
    id: u64,
    size: u64,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, block) = unsafe { (memcore_allocator::changing(allocator)?, optional_out(block)) };
        let id = self::id(id)?;
        let resized = each!(&mut state.space, space => space.resize(id, size))?;
        if let Some(block) = block {
            block.write(resized.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Replaces the tag of a block.
///
/// \param allocator the handle.
/// \param id the block's id.
/// \param tag the new tag.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NO_TAGS` iff the allocator was made without tags;
/// `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_set_tag(
    allocator: *mut memcore_allocator,
    id: u64,
    tag: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let state = unsafe { memcore_allocator::changing(allocator) }?;
        state.space.changing().set_tag(self::id(id)?, tag)?;
        Ok::<_, Failure>(())
    })
}

/// Makes the space larger.
///
/// \param allocator the handle.
/// \param capacity where the space shall end; rounded down to the granularity (or slot).
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CAPACITY_SHRINK` iff it is less than the space has;
/// `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As a free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_grow(allocator: *mut memcore_allocator, capacity: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let state = unsafe { memcore_allocator::changing(allocator) }?;
        state.space.changing().grow(capacity)?;
        Ok::<_, Failure>(())
    })
}

/// Frees every block. Their ids become stale; peaks and counts go on.
///
/// \param allocator the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_METADATA` iff growable tables have no memory for a hole;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks) frees.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_reset(allocator: *mut memcore_allocator) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let state = unsafe { memcore_allocator::changing(allocator) }?;
        state.space.changing().reset()?;
        Ok::<_, Failure>(())
    })
}
