//! The calls of a heap on its blocks. Every address may be given: it is checked, and never looked through.

use std::{ffi::c_void, ptr::NonNull};

use memcore::heap::RawHeap;

use super::{
    create::memcore_heap,
    handle::{changing, reading},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{optional_out, out},
};

fn to_c(block: NonNull<u8>) -> *mut c_void {
    block.as_ptr().cast()
}

/// Hands out a block. What is in it is what was there; poison, where the checks ask for that.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the block's address will be a multiple of it.
/// \param block where the address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT` iff the alignment is not a power of two;
/// `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold so much; `MEMCORE_STATUS_OUT_OF_SPACE` iff no hole holds it
/// now; `MEMCORE_STATUS_LIMIT_EXCEEDED` iff the limit of the checks would be passed; `MEMCORE_STATUS_OUT_OF_METADATA`
/// iff there is no memory for the tables; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to let memory grow;
/// `MEMCORE_STATUS_REENTERED` from a callback of this heap; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no heap;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As the strategy's; what checks cost is said at `memcore_checks`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_allocate(
    heap: *mut memcore_heap,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, block) = unsafe { (changing(heap)?, out(block)?) };
        block.write(to_c(state.heap.allocate(size, alignment)?));
        Ok::<_, Failure>(())
    })
}

/// Hands out a block whose bytes are all zero.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two.
/// \param block where the address is written.
/// \return as `memcore_heap_allocate`.
///
/// As `memcore_heap_allocate`, and O(size), except for memory that the system has just given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_allocate_zeroed(
    heap: *mut memcore_heap,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, block) = unsafe { (changing(heap)?, out(block)?) };
        block.write(to_c(state.heap.allocate_zeroed(size, alignment)?));
        Ok::<_, Failure>(())
    })
}

/// Hands out a block, and keeps two numbers of the caller's with it, where the checks `track`.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two.
/// \param tag any number: what the block is for, say.
/// \param site any number: where it was allocated, say, as a return address or a line.
/// \param block where the address is written.
/// \return as `memcore_heap_allocate`.
///
/// As `memcore_heap_allocate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_allocate_tagged(
    heap: *mut memcore_heap,
    size: usize,
    alignment: usize,
    tag: u32,
    site: u64,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, block) = unsafe { (changing(heap)?, out(block)?) };
        block.write(to_c(state.heap.allocate_tagged(size, alignment, tag, site)?));
        Ok::<_, Failure>(())
    })
}

/// Takes a block back.
///
/// \param heap the handle.
/// \param block its address. Any address may be tried.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the heap's memory, as null does;
/// `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no block begins there; `MEMCORE_STATUS_DOUBLE_FREE` iff one did and was freed,
/// as far as the tables still know; `MEMCORE_STATUS_HEAP_HEADER_SMASHED` iff the header in front of it was written over;
/// `MEMCORE_STATUS_HEAP_REDZONE_SMASHED` iff bytes beside it were: the block then stays live, and
/// `memcore_heap_release_smashed` takes it back; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// As the strategy's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_free(heap: *mut memcore_heap, block: *mut c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.heap.free(block.cast())?;
        Ok::<_, Failure>(())
    })
}

/// Changes the size of a block, in place where that can be, else by moving its bytes. Tag and call site go with it.
///
/// \param heap the handle.
/// \param block its address.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two: what the block shall have afterwards.
/// \param moved where its address is written, which may be the same. On a failure the block is as it was.
/// \return as `memcore_heap_allocate` and `memcore_heap_free`.
///
/// As those two, and O(size) when it moves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_reallocate(
    heap: *mut memcore_heap,
    block: *mut c_void,
    size: usize,
    alignment: usize,
    moved: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, moved) = unsafe { (changing(heap)?, out(moved)?) };
        moved.write(to_c(state.heap.reallocate(block.cast(), size, alignment)?));
        Ok::<_, Failure>(())
    })
}

/// Changes the size of a block where it is.
///
/// \param heap the handle.
/// \param block its address.
/// \param size bytes wanted; 0 counts as 1.
/// \param usable where is written how many bytes can be used then; may be null.
/// \return as `memcore_heap_free`; `MEMCORE_STATUS_NO_ROOM_IN_PLACE` iff it cannot, with the most that it could have in
/// the details' `available`; `MEMCORE_STATUS_TOO_LARGE` iff no block of any heap can have so much;
/// `MEMCORE_STATUS_LIMIT_EXCEEDED`.
///
/// As the strategy's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_resize_in_place(
    heap: *mut memcore_heap,
    block: *mut c_void,
    size: usize,
    usable: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, usable) = unsafe { (changing(heap)?, optional_out(usable)) };
        let found = state.heap.resize_in_place(block.cast(), size)?;
        if let Some(usable) = usable {
            usable.write(found);
        }
        Ok::<_, Failure>(())
    })
}

/// Tells how many bytes of a block can be used: at least those asked for; with checks exactly those.
///
/// \param heap the handle.
/// \param block its address. Any address may be tried.
/// \param usable where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block
/// begins there; `MEMCORE_STATUS_HEAP_HEADER_SMASHED`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `usable` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_usable_size(
    heap: *const memcore_heap,
    block: *const c_void,
    usable: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, usable) = unsafe { (reading(heap)?, out(usable)?) };
        usable.write(state.heap.usable_size(block.cast())?);
        Ok::<_, Failure>(())
    })
}

/// Tells whether an address lies in the heap's memory, whatever is there.
///
/// \param heap the handle.
/// \param address any address.
/// \param contained where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `contained` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_contains(
    heap: *const memcore_heap,
    address: *const c_void,
    contained: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, contained) = unsafe { (reading(heap)?, out(contained)?) };
        contained.write(state.heap.contains(address.cast()));
        Ok::<_, Failure>(())
    })
}
