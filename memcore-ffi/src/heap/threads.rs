//! A heap for all threads: each has spans of its own, and takes its blocks from them without a lock.

use std::ffi::c_void;

use memcore::heap::{MappingOptions, ThreadedHeap};

use super::{
    handle::{self, Kind, reading},
    memory::huge_pages,
};
use crate::{
    alloc::{memcore_corruption, memcore_stats},
    error::Failure,
    panic::guarded_status,
    pointer::{optional_out, out},
};

/// A heap of size classes that threads share: each has spans of its own, and takes its blocks from them without a lock.
/// Opaque. Any function may be called by many threads at once, but for `memcore_threaded_heap_validate` and
/// `memcore_threaded_heap_destroy`.
pub struct memcore_threaded_heap {
    _opaque: [u8; 0],
}

impl Kind for memcore_threaded_heap {
    type Value = ThreadedHeap;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.thrds");
}

// Threads share a handle.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<ThreadedHeap>();
};

/// Makes a heap that threads share, in memory of the system's.
///
/// \param limit the most bytes: addresses are reserved for them, which costs nothing.
/// \param huge a `memcore_huge_pages`.
/// \param heap where the handle is written; `memcore_threaded_heap_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_PARAMETER` iff the limit is 0 or over the address space;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `huge` is none of those; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system
/// refuses the addresses; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_create(
    limit: usize,
    huge: i32,
    heap: *mut *mut memcore_threaded_heap,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let heap = unsafe { out(heap) }?;
        let options = MappingOptions::new(limit).huge(huge_pages(huge)?);
        heap.write(handle::make(ThreadedHeap::reserve(options)?, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends a heap with all its blocks.
///
/// \param heap the handle, which no other thread uses any more; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no threaded heap.
///
/// O(threads).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_destroy(heap: *mut memcore_threaded_heap) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(heap) }
}

/// Hands out a block.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the block's address will be a multiple of it and of 16.
/// \param block where the address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE`;
/// `MEMCORE_STATUS_OUT_OF_SPACE`; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses
/// to let memory grow; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1). Without a lock for up to 8 KiB as long as the thread has a span with room; else under the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_allocate(
    heap: *mut memcore_threaded_heap,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, block) = unsafe { (reading(heap)?, out(block)?) };
        block.write(heap.allocate(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Hands out a block whose bytes are all zero.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two.
/// \param block where the address is written.
/// \return as `memcore_threaded_heap_allocate`.
///
/// As `memcore_threaded_heap_allocate`, and O(size), except for memory that the system has just given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_allocate_zeroed(
    heap: *mut memcore_threaded_heap,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, block) = unsafe { (reading(heap)?, out(block)?) };
        block.write(heap.allocate_zeroed(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Takes a block back, whichever thread it was handed out to.
///
/// \param heap the handle.
/// \param block its address. Any address may be tried.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the heap's memory, as null does;
/// `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no block begins there; `MEMCORE_STATUS_DOUBLE_FREE` iff one did and was freed,
/// as far as the tables still know: of two threads that free the same block one gets it, unless they do so in the same
/// instant, when both may succeed and the block is free once; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// As `memcore_threaded_heap_allocate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_free(
    heap: *mut memcore_threaded_heap,
    block: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks. No value of safe code lives in a block that C was given.
        unsafe { reading(heap)?.free(block.cast())? };
        Ok::<_, Failure>(())
    })
}

/// Changes the size of a block, in place where that can be, else by moving its bytes.
///
/// \param heap the handle.
/// \param block its address, which no other thread uses meanwhile.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two: what the block shall have afterwards.
/// \param moved where its address is written, which may be the same. On a failure the block is as it was.
/// \return as `memcore_threaded_heap_allocate` and `memcore_threaded_heap_free`.
///
/// As those two, and O(size) when it moves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_reallocate(
    heap: *mut memcore_threaded_heap,
    block: *mut c_void,
    size: usize,
    alignment: usize,
    moved: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, moved) = unsafe { (reading(heap)?, out(moved)?) };
        // SAFETY: no value of safe code lives in a block that C was given.
        let block = unsafe { heap.reallocate(block.cast(), size, alignment) }?;
        moved.write(block.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Tells how many bytes of a block can be used.
///
/// \param heap the handle.
/// \param block its address. Any address may be tried.
/// \param usable where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`; `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no live block
/// begins there; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `usable` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_usable_size(
    heap: *const memcore_threaded_heap,
    block: *const c_void,
    usable: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, usable) = unsafe { (reading(heap)?, out(usable)?) };
        usable.write(heap.usable_size(block.cast())?);
        Ok::<_, Failure>(())
    })
}

/// Tells whether an address lies in the heap's memory, whatever is there.
///
/// \param heap the handle.
/// \param address any address.
/// \param contained where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or
/// `contained` is null.
///
/// O(1), under the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_contains(
    heap: *const memcore_threaded_heap,
    address: *const c_void,
    contained: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, contained) = unsafe { (reading(heap)?, out(contained)?) };
        contained.write(heap.contains(address.cast()));
        Ok::<_, Failure>(())
    })
}

/// Tells the figures of the heap, in bytes. Nobody keeps what was asked for: `requested` is what the blocks have; peak and
/// footprint are those of whole pages.
///
/// \param heap the handle.
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(spans), under the lock. What other threads do meanwhile may be in it or not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_stats(
    heap: *const memcore_threaded_heap,
    stats: *mut memcore_stats,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, stats) = unsafe { (reading(heap)?, out(stats)?) };
        stats.write(heap.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Gives the calling thread's empty spans back to the common part, and whole free pages to the system.
///
/// \param heap the handle.
/// \param bytes where is written how many bytes the system has back; may be null.
/// \return as `memcore_threaded_heap_stats`; `bytes` may be null.
///
/// O(spans of the thread), and a call of the system for each hole.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_trim(
    heap: *mut memcore_threaded_heap,
    bytes: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, bytes) = unsafe { (reading(heap)?, optional_out(bytes)) };
        let given = heap.trim();
        if let Some(bytes) = bytes {
            bytes.write(given);
        }
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of the tables.
///
/// \param heap the handle. No other thread may be in a call on it.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(n log n) for n spans and holes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_threaded_heap_validate(
    heap: *mut memcore_threaded_heap,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, corruption) = unsafe { (reading(heap)?, optional_out(corruption)) };
        super::query::found(memcore::heap::RawHeap::validate(&*heap), corruption)
    })
}
