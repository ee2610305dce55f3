//! What reads a space, block by block. Nothing here changes it, and many threads may ask at once.

use super::{
    handle::memcore_allocator,
    types::{id, memcore_block, memcore_capabilities, memcore_request},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    text::memcore_text,
};

/// Tells the name of the allocator's strategy, without parameters: "tlsf".
///
/// \param allocator the handle.
/// \param name where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_name(
    allocator: *const memcore_allocator,
    name: *mut memcore_text,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, name) = unsafe { (memcore_allocator::reading(allocator)?, out(name)?) };
        let space = state.space.reading();
        name.write(space.name().into());
        Ok::<_, Failure>(())
    })
}

/// Tells what the allocator can do.
///
/// \param allocator the handle.
/// \param capabilities where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_capabilities(
    allocator: *const memcore_allocator,
    capabilities: *mut memcore_capabilities,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, capabilities) = unsafe { (memcore_allocator::reading(allocator)?, out(capabilities)?) };
        let space = state.space.reading();
        capabilities.write(space.capabilities().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the unit of the space: starts and sizes are multiples of it.
///
/// \param allocator the handle.
/// \param granularity where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_granularity(
    allocator: *const memcore_allocator,
    granularity: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, granularity) = unsafe { (memcore_allocator::reading(allocator)?, out(granularity)?) };
        let space = state.space.reading();
        granularity.write(space.granularity());
        Ok::<_, Failure>(())
    })
}

/// Tells whether `memcore_allocator_allocate_with` would succeed now, memory for tables and the limit permitting.
///
/// \param allocator the handle.
/// \param request what would be asked for.
/// \param answer where the answer is written; false for a request that is an error at any time.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As `memcore_allocator_allocate_with`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_can_allocate(
    allocator: *const memcore_allocator,
    request: *const memcore_request,
    answer: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, request, answer) =
            unsafe { (memcore_allocator::reading(allocator)?, object(request)?, out(answer)?) };
        let space = state.space.reading();
        answer.write(space.can_allocate(request.into()));
        Ok::<_, Failure>(())
    })
}

/// Tells the block that an id names.
///
/// \param allocator the handle.
/// \param id the block's id; any number may be tried.
/// \param block where the block is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_STALE_ID` iff the block was freed; `MEMCORE_STATUS_UNKNOWN_ID` iff
/// the id was never given out; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_block(
    allocator: *const memcore_allocator,
    id: u64,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, block) = unsafe { (memcore_allocator::reading(allocator)?, out(block)?) };
        let space = state.space.reading();
        block.write(space.block(self::id(id)?)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells the block that begins at `start`.
///
/// \param allocator the handle.
/// \param start offset of its first byte.
/// \param block where the block is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_START` iff no live block begins there;
/// `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without;
/// `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_block_at(
    allocator: *const memcore_allocator,
    start: u64,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, block) = unsafe { (memcore_allocator::reading(allocator)?, out(block)?) };
        let space = state.space.reading();
        block.write(space.block_at(start)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells the block that holds `offset`.
///
/// \param allocator the handle.
/// \param offset any offset.
/// \param block where the block is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_OFFSET` iff no live block holds it;
/// `MEMCORE_STATUS_NO_ADDRESS_INDEX` iff the allocator needs the index and was made without;
/// `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_containing(
    allocator: *const memcore_allocator,
    offset: u64,
    block: *mut memcore_block,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, block) = unsafe { (memcore_allocator::reading(allocator)?, out(block)?) };
        let space = state.space.reading();
        block.write(space.containing(offset)?.into());
        Ok::<_, Failure>(())
    })
}

/// Tells the alignment that a block was asked with.
///
/// \param allocator the handle.
/// \param id the block's id.
/// \param alignment where the alignment is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_REENTERED`
/// iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_alignment(
    allocator: *const memcore_allocator,
    id: u64,
    alignment: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, alignment) = unsafe { (memcore_allocator::reading(allocator)?, out(alignment)?) };
        let space = state.space.reading();
        alignment.write(space.alignment(self::id(id)?)?);
        Ok::<_, Failure>(())
    })
}

/// Tells the tag of a block.
///
/// \param allocator the handle.
/// \param id the block's id.
/// \param tag where the tag is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NO_TAGS` iff the allocator was made without tags;
/// `MEMCORE_STATUS_STALE_ID`; `MEMCORE_STATUS_UNKNOWN_ID`; `MEMCORE_STATUS_REENTERED` iff a listener of this
/// allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_tag(
    allocator: *const memcore_allocator,
    id: u64,
    tag: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, tag) = unsafe { (memcore_allocator::reading(allocator)?, out(tag)?) };
        let space = state.space.reading();
        tag.write(space.tag(self::id(id)?)?);
        Ok::<_, Failure>(())
    })
}
