//! Heaps whose blocks move while their handles stay.

use std::{
    ffi::{c_char, c_void},
    time::Duration,
};

use memcore::{
    alloc::{AnyAllocator, BlockId, Budget, Strategy},
    heap::{AnyMemory, Compaction, HandleHeap, HeapError},
};

use super::{
    handle::{self, Kind, changing, reading},
    memory::memcore_memory,
    query::found,
};
use crate::{
    alloc::{memcore_budget, memcore_corruption, memcore_stats},
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out, out},
    status::memcore_status,
    text::text,
};

/// A heap whose blocks move while their ids stay. Opaque.
pub struct memcore_handle_heap {
    _opaque: [u8; 0],
}

impl Kind for memcore_handle_heap {
    type Value = HandleHeap<AnyAllocator, AnyMemory>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.handl");
}

// A handle moves between threads.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<HandleHeap<AnyAllocator, AnyMemory>>();
};

/// An id from C; 0 names nothing.
fn id(bits: u64) -> Result<BlockId, HeapError> {
    BlockId::from_bits(bits).ok_or(HeapError::StaleHandle { handle: bits })
}

/// Makes a heap whose blocks move while their ids stay.
///
/// \param memory where the bytes come from.
/// \param strategy as for `memcore_allocator_create`. Those that cannot compact serve, too.
/// \param heap where the handle is written; `memcore_handle_heap_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the strategy cannot be read;
/// `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory has no room for a block; `MEMCORE_STATUS_BAD_PARAMETER` or
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff a number is out of its range; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system
/// refuses memory or file; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1), and what the strategy needs for an empty space.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_create(
    memory: *const memcore_memory,
    strategy: *const c_char,
    heap: *mut *mut memcore_handle_heap,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, strategy, heap) = unsafe { (object(memory)?, text(strategy)?, out(heap)?) };
        let strategy: Strategy = strategy.parse()?;
        // SAFETY: as above.
        let value = HandleHeap::new(&strategy, unsafe { memory.take() }?)?;
        heap.write(handle::make(value, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends a heap with all its blocks, pinned ones too. Memory of the caller's is the caller's again.
///
/// \param heap the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this heap, and then nothing was done;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no handle heap.
///
/// O(chunks of the tables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_destroy(heap: *mut memcore_handle_heap) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(heap) }
}

/// Hands out a block. What is in it is what was there, or zero.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the block begins at a multiple of it, now and wherever it moves.
/// \param block where its id, which is never 0, is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE`;
/// `MEMCORE_STATUS_OUT_OF_SPACE`, which a compaction may change; `MEMCORE_STATUS_BAD_BIAS` iff the strategy cannot align
/// so; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to let memory grow;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As the strategy's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_allocate(
    heap: *mut memcore_handle_heap,
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

/// Hands out a block whose bytes are all zero.
///
/// \param heap the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two.
/// \param block where its id is written.
/// \return as `memcore_handle_heap_allocate`.
///
/// As `memcore_handle_heap_allocate`, and O(size).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_allocate_zeroed(
    heap: *mut memcore_handle_heap,
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

/// Takes a block back.
///
/// \param heap the handle.
/// \param block its id. Any number may be tried.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE` iff no live block has the id;
/// `MEMCORE_STATUS_HEAP_HELD` iff it is pinned or locked; `MEMCORE_STATUS_NOT_TOP` iff the strategy is a stack and it is
/// not the top; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// As the strategy's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_free(heap: *mut memcore_handle_heap, block: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.free(id(block)?)?;
        Ok::<_, Failure>(())
    })
}

/// Changes the size of a block, in place where that can be, else at another place. Its id stays.
///
/// \param heap the handle.
/// \param block its id.
/// \param size bytes wanted; 0 counts as 1.
/// \return as `memcore_handle_heap_free` and `memcore_handle_heap_allocate`; on a failure the block is as it was.
///
/// As the strategy's, and O(size) when it moves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_resize(
    heap: *mut memcore_handle_heap,
    block: u64,
    size: usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.resize(id(block)?, size)?;
        Ok::<_, Failure>(())
    })
}

/// Tells where the bytes of a block are **now**: until the next call that takes the heap without `const`. Pin it to
/// keep an address longer.
///
/// \param heap the handle.
/// \param block its id.
/// \param bytes where the address is written.
/// \param size where is written how many bytes were asked for; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `bytes` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_bytes(
    heap: *mut memcore_handle_heap,
    block: u64,
    bytes: *mut *mut c_void,
    size: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, bytes, size) = unsafe { (changing(heap)?, out(bytes)?, optional_out(size)) };
        let found = heap.bytes_mut(id(block)?)?;
        bytes.write(found.as_mut_ptr().cast());
        if let Some(size) = size {
            size.write(found.len());
        }
        Ok::<_, Failure>(())
    })
}

/// Tells how many bytes a block was asked for with.
///
/// \param heap the handle.
/// \param block its id.
/// \param size where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_size(
    heap: *const memcore_handle_heap,
    block: u64,
    size: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, size) = unsafe { (reading(heap)?, out(size)?) };
        size.write(heap.size(id(block)?)?);
        Ok::<_, Failure>(())
    })
}

/// Keeps a block where it is, and from being freed or resized, until as many `memcore_handle_heap_unpin`.
///
/// \param heap the handle.
/// \param block its id.
/// \param bytes where the address is written, which is good so long; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_HELD` iff it is pinned
/// 2^32 - 1 times already; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_pin(
    heap: *mut memcore_handle_heap,
    block: u64,
    bytes: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, bytes) = unsafe { (changing(heap)?, optional_out(bytes)) };
        let address = heap.pin(id(block)?)?;
        if let Some(bytes) = bytes {
            bytes.write(address.as_ptr().cast());
        }
        Ok::<_, Failure>(())
    })
}

/// Takes one pin away.
///
/// \param heap the handle.
/// \param block its id.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_NOT_HELD` iff it has none;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_unpin(heap: *mut memcore_handle_heap, block: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.unpin(id(block)?)?;
        Ok::<_, Failure>(())
    })
}

/// Keeps a block from being freed or resized until as many `memcore_handle_heap_unlock`. It may move.
///
/// \param heap the handle.
/// \param block its id.
/// \return as `memcore_handle_heap_pin`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_lock(heap: *mut memcore_handle_heap, block: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.lock(id(block)?)?;
        Ok::<_, Failure>(())
    })
}

/// Takes one lock away.
///
/// \param heap the handle.
/// \param block its id.
/// \return as `memcore_handle_heap_unpin`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_unlock(heap: *mut memcore_handle_heap, block: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.unlock(id(block)?)?;
        Ok::<_, Failure>(())
    })
}

/// Tells how many pins and locks a block has.
///
/// \param heap the handle.
/// \param block its id.
/// \param pins where the number of pins is written; may be null.
/// \param locks where the number of locks is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_STALE_HANDLE`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_holds(
    heap: *const memcore_handle_heap,
    block: u64,
    pins: *mut u32,
    locks: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, pins, locks) = unsafe { (reading(heap)?, optional_out(pins), optional_out(locks)) };
        let (pinned, locked) = heap.holds(id(block)?)?;
        if let Some(pins) = pins {
            pins.write(pinned);
        }
        if let Some(locks) = locks {
            locks.write(locked);
        }
        Ok::<_, Failure>(())
    })
}

/// What a compaction did.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_compaction {
    /// Blocks moved.
    pub moves: u64,
    /// Bytes moved.
    pub bytes: u64,
    /// The largest hole beforehand.
    pub largest_hole_before: u64,
    /// The largest hole afterwards.
    pub largest_hole_after: u64,
    /// External fragmentation beforehand, as in `memcore_stats`.
    pub fragmentation_before: f64,
    /// External fragmentation afterwards.
    pub fragmentation_after: f64,
    /// Nothing is left that could move, but for blocks larger than the whole budget.
    pub done: bool,
}

impl From<Compaction> for memcore_compaction {
    fn from(done: Compaction) -> Self {
        memcore_compaction {
            moves: done.moves,
            bytes: done.bytes,
            largest_hole_before: done.largest_hole_before,
            largest_hole_after: done.largest_hole_after,
            fragmentation_before: done.fragmentation_before,
            fragmentation_after: done.fragmentation_after,
            done: done.done,
        }
    }
}

/// Moves blocks together, as many as the budget allows; the next call goes on where this one ends. Pinned blocks stay.
///
/// \param heap the handle.
/// \param budget how much may be moved; null: as much as is useful.
/// \param compaction where is written what was done; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the strategy cannot compact;
/// `MEMCORE_STATUS_OUT_OF_METADATA`, and what was moved until then is moved; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// Looks at 256 blocks and at most 4 for each that it may move; O(1) when there is nothing to do since the last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_compact(
    heap: *mut memcore_handle_heap,
    budget: *const memcore_budget,
    compaction: *mut memcore_compaction,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, budget, compaction) =
            unsafe { (changing(heap)?, budget.as_ref(), optional_out(compaction)) };
        let budget =
            budget.map_or(Budget::UNLIMITED, |budget| Budget { bytes: budget.bytes, moves: budget.moves });
        let done = heap.compact(budget)?;
        if let Some(compaction) = compaction {
            compaction.write(done.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Moves blocks together until a time has passed, in steps of 64 KiB or one larger block.
///
/// \param heap the handle.
/// \param nanoseconds the time. The last step may pass it.
/// \param compaction where is written what was done; may be null.
/// \return as `memcore_handle_heap_compact`.
///
/// As said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_compact_for(
    heap: *mut memcore_handle_heap,
    nanoseconds: u64,
    compaction: *mut memcore_compaction,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut heap, compaction) = unsafe { (changing(heap)?, optional_out(compaction)) };
        let done = heap.compact_for(Duration::from_nanos(nanoseconds))?;
        if let Some(compaction) = compaction {
            compaction.write(done.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Is called with the id of a live block and the bytes it was asked for with, and returns 0 to go on or anything else to
/// stop. It may read the heap that it hears from; a call that changes it gives `MEMCORE_STATUS_REENTERED`. It must not
/// throw and not jump out.
pub type memcore_handle_visitor =
    Option<unsafe extern "C" fn(block: u64, size: usize, user: *mut c_void) -> i32>;

/// Shows every live block in address order.
///
/// \param heap the handle.
/// \param visitor called for each.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
///
/// O(blocks and holes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_visit(
    heap: *const memcore_handle_heap,
    visitor: memcore_handle_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        let visitor = visitor.ok_or(memcore_status::NullArgument)?;
        // SAFETY: null or as the header asks.
        let heap = unsafe { reading(heap) }?;
        let _visiting = heap.visit();
        for block in heap.blocks() {
            // SAFETY: a function of the caller's, called as its type says.
            if unsafe { visitor(block.id.to_bits(), block.requested as usize, user) } != 0 {
                return Err(memcore_status::Cancelled.into());
            }
        }
        Ok::<_, Failure>(())
    })
}

/// Tells the figures of the heap, in bytes.
///
/// \param heap the handle.
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As `memcore_allocator_stats`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_stats(
    heap: *const memcore_handle_heap,
    stats: *mut memcore_stats,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, stats) = unsafe { (reading(heap)?, out(stats)?) };
        stats.write(heap.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of the heap's tables.
///
/// \param heap the handle.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(n log n) for n blocks and holes. May allocate for as long as it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_handle_heap_validate(
    heap: *const memcore_handle_heap,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (heap, corruption) = unsafe { (reading(heap)?, optional_out(corruption)) };
        found(heap.validate(), corruption)
    })
}
