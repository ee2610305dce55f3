//! The calls of a persistent heap on its blocks and roots.

use std::ffi::c_void;

use memcore::heap::{HeapError, Offset, PersistentBlock};

use super::{
    handle::{changing, reading},
    persistent::memcore_persistent_heap,
    query::found,
};
use crate::{
    alloc::{memcore_corruption, memcore_stats},
    error::Failure,
    panic::guarded_status,
    pointer::{optional_out, out},
    status::memcore_status,
};

/// An offset from C; 0 is no block's.
pub(super) fn offset(bits: u64) -> Result<Offset, HeapError> {
    Offset::from_bits(bits).ok_or(HeapError::NotABlock { address: 0 })
}

/// Hands out a block.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the offset will be a multiple of it, and so is the address where the memory begins
/// at such a multiple, as a file does at pages.
/// \param block where its offset from the beginning of the memory is written: it is never 0.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE`;
/// `MEMCORE_STATUS_OUT_OF_SPACE`; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses
/// to let a file grow; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As the strategy's, and O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_allocate(
    heap: *mut memcore_persistent_heap,
    size: usize,
    alignment: usize,
    block: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, block) = unsafe { (changing(heap)?, out(block)?) };
        block.write(heap.allocate(size, alignment)?.to_bits());
        Ok::<_, Failure>(())
    })
}

/// Hands out a block whose bytes are all zero before it comes to be.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two.
/// \param block where its offset is written.
/// \return as `memcore_persistent_allocate`.
///
/// As `memcore_persistent_allocate`, and O(size).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_allocate_zeroed(
    heap: *mut memcore_persistent_heap,
    size: usize,
    alignment: usize,
    block: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, block) = unsafe { (changing(heap)?, out(block)?) };
        block.write(heap.allocate_zeroed(size, alignment)?.to_bits());
        Ok::<_, Failure>(())
    })
}

/// Takes a block back. Roots that lead to it are none afterwards.
///
/// \param heap the handle.
/// \param block its offset. Any number may be tried.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the image;
/// `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block begins there; `MEMCORE_STATUS_HEAP_HEADER_SMASHED` iff its header
/// was written over; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As the strategy's, and O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_free(heap: *mut memcore_persistent_heap, block: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.free(offset(block)?)?;
        Ok::<_, Failure>(())
    })
}

/// Changes the size of a block, in place where that can be, else at another offset: roots follow.
///
/// \param heap the handle.
/// \param block its offset.
/// \param size bytes wanted; 0 counts as 1.
/// \param moved where its offset is written, which may be the same.
/// \return as `memcore_persistent_free` and `memcore_persistent_allocate`; on a failure the block is as it was.
///
/// As those two, and O(size) when it moves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_resize(
    heap: *mut memcore_persistent_heap,
    block: u64,
    size: usize,
    moved: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, moved) = unsafe { (changing(heap)?, out(moved)?) };
        moved.write(heap.resize(offset(block)?, size)?.to_bits());
        Ok::<_, Failure>(())
    })
}

/// Tells where the bytes of a block are in this process: until the block is freed or resized, or the heap ended.
///
/// \param heap the handle.
/// \param block its offset.
/// \param bytes where the address is written.
/// \param size where is written how many bytes were asked for; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK`;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `bytes`
/// is null.
///
/// O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_bytes(
    heap: *mut memcore_persistent_heap,
    block: u64,
    bytes: *mut *mut c_void,
    size: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, bytes, size) = unsafe { (changing(heap)?, out(bytes)?, optional_out(size)) };
        let found = heap.bytes_mut(offset(block)?)?;
        bytes.write(found.as_mut_ptr().cast());
        if let Some(size) = size {
            size.write(found.len());
        }
        Ok::<_, Failure>(())
    })
}

/// Sets one of the roots from which a program finds its blocks again. All that was written before is in the image before
/// the root.
///
/// \param heap the handle.
/// \param root from 0 to `MEMCORE_ROOTS` - 1.
/// \param block the offset of a live block, or 0 for none.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff there is no such root;
/// `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log blocks).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_set_root(
    heap: *mut memcore_persistent_heap,
    root: u32,
    block: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.set_root(root as usize, Offset::from_bits(block))?;
        Ok::<_, Failure>(())
    })
}

/// Tells where a root leads.
///
/// \param heap the handle.
/// \param root from 0 to `MEMCORE_ROOTS` - 1.
/// \param block where the offset of a block is written, or 0 for none.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff there is no such root;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_root(
    heap: *const memcore_persistent_heap,
    root: u32,
    block: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, block) = unsafe { (reading(heap)?, out(block)?) };
        block.write(heap.root(root as usize)?.map_or(0, Offset::to_bits));
        Ok::<_, Failure>(())
    })
}

/// A live block of an image.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_persistent_block {
    /// Where it begins, counted from the beginning of the memory.
    pub offset: u64,
    /// What its offset is a multiple of.
    pub alignment: u64,
    /// Bytes that it was asked for with.
    pub size: usize,
}

impl From<PersistentBlock> for memcore_persistent_block {
    fn from(block: PersistentBlock) -> Self {
        let PersistentBlock { offset, size, alignment } = block;
        memcore_persistent_block { offset: offset.to_bits(), alignment, size }
    }
}

/// Is called with a live block, and returns 0 to go on or anything else to stop. It may read the heap that it hears
/// from; a call that changes it gives `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
pub type memcore_persistent_visitor =
    Option<unsafe extern "C" fn(block: *const memcore_persistent_block, user: *mut c_void) -> i32>;

/// Calls a visitor with each block, until it stops.
pub(super) fn show(
    visitor: memcore_persistent_visitor,
    user: *mut c_void,
    blocks: impl Iterator<Item = PersistentBlock>,
) -> Result<(), Failure> {
    let visitor = visitor.ok_or(memcore_status::NullArgument)?;
    for block in blocks {
        // SAFETY: a function of the caller's, called as its type says.
        if unsafe { visitor(&block.into(), user) } != 0 {
            return Err(memcore_status::Cancelled.into());
        }
    }
    Ok(())
}

/// Shows every live block in the order of offsets.
///
/// \param heap the handle.
/// \param visitor called for each.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
///
/// O(blocks and holes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_visit(
    heap: *const memcore_persistent_heap,
    visitor: memcore_persistent_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let heap = unsafe { reading(heap) }?;
        let _visiting = heap.visit();
        show(visitor, user, heap.blocks())
    })
}

/// Tells the figures of the space behind the superblock, in bytes. Headers of 32 bytes count as requested and used.
///
/// \param heap the handle.
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As `memcore_allocator_stats`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_stats(
    heap: *const memcore_persistent_heap,
    stats: *mut memcore_stats,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, stats) = unsafe { (reading(heap)?, out(stats)?) };
        stats.write(heap.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes of the image, superblock and headers included.
///
/// \param heap the handle.
/// \param bytes where the number is written.
/// \return as `memcore_persistent_stats`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_capacity(
    heap: *const memcore_persistent_heap,
    bytes: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, bytes) = unsafe { (reading(heap)?, out(bytes)?) };
        bytes.write(heap.capacity());
        Ok::<_, Failure>(())
    })
}

/// Tells how many steps have changed the image since it was made.
///
/// \param heap the handle.
/// \param generation where the number is written.
/// \return as `memcore_persistent_stats`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_generation(
    heap: *const memcore_persistent_heap,
    generation: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, generation) = unsafe { (reading(heap)?, out(generation)?) };
        generation.write(heap.generation());
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant: of the tables, and that the image says the same.
///
/// \param heap the handle.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(n log n) for n blocks and holes. May allocate for as long as it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_validate(
    heap: *const memcore_persistent_heap,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, corruption) = unsafe { (reading(heap)?, optional_out(corruption)) };
        found(heap.validate(), corruption)
    })
}
