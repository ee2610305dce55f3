//! Pools of equal slots.

use std::ffi::c_void;

use memcore::heap::{AnyMemory, RawHeap, RawPool};

use super::{
    handle::{self, Kind, changing, reading},
    memory::memcore_memory,
    query::{Visitor, found, memcore_heap_visitor},
};
use crate::{
    alloc::{memcore_corruption, memcore_stats},
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out, out},
};

/// A pool of equal slots of bytes. Opaque.
pub struct memcore_pool {
    _opaque: [u8; 0],
}

impl Kind for memcore_pool {
    type Value = RawPool<AnyMemory>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.pool\0");
}

// A handle moves between threads.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<RawPool<AnyMemory>>();
};

/// Makes a pool over the whole of a memory, growing as that does. Nothing of the pool's own lies between the slots.
///
/// \param memory where the bytes come from.
/// \param slot bytes of a slot; rounded up to the alignment.
/// \param alignment a power of two; slots begin at multiples of it.
/// \param pool where the handle is written; `memcore_pool_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_BAD_PARAMETER` iff a slot has 0 bytes or
/// too many, or a number of the memory is out of its range; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory cannot hold
/// a slot; `MEMCORE_STATUS_HEAP_SYSTEM`; `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_create(
    memory: *const memcore_memory,
    slot: usize,
    alignment: usize,
    pool: *mut *mut memcore_pool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, pool) = unsafe { (object(memory)?, out(pool)?) };
        // SAFETY: as above.
        let value = RawPool::new(unsafe { memory.take() }?, slot, alignment)?;
        pool.write(handle::make(value, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends a pool with all its slots. Memory of the caller's is the caller's again.
///
/// \param pool the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this pool, and then nothing was done;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no pool.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_destroy(pool: *mut memcore_pool) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(pool) }
}

/// Hands out a slot. What is in it is what was there.
///
/// \param pool the handle.
/// \param slot where its address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_SPACE` iff every slot lives; `MEMCORE_STATUS_OUT_OF_METADATA` iff
/// there is no memory for the list of slots; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to let memory grow;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_allocate(pool: *mut memcore_pool, slot: *mut *mut c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut pool, slot) = unsafe { (changing(pool)?, out(slot)?) };
        let (size, alignment) = (pool.slot_size(), pool.alignment());
        slot.write(pool.allocate(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Hands out a slot whose bytes are all zero.
///
/// \param pool the handle.
/// \param slot where its address is written.
/// \return as `memcore_pool_allocate`.
///
/// O(bytes of a slot).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_allocate_zeroed(
    pool: *mut memcore_pool,
    slot: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut pool, slot) = unsafe { (changing(pool)?, out(slot)?) };
        let (size, alignment) = (pool.slot_size(), pool.alignment());
        slot.write(pool.allocate_zeroed(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Takes a slot back.
///
/// \param pool the handle.
/// \param slot its address. Any address may be tried.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the pool's memory, as null does;
/// `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no slot that was ever used begins there; `MEMCORE_STATUS_DOUBLE_FREE` iff the
/// slot does not live; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`
/// iff `pool` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_free(pool: *mut memcore_pool, slot: *mut c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(pool) }?.free(slot.cast())?;
        Ok::<_, Failure>(())
    })
}

/// Takes every slot back.
///
/// \param pool the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(slots ever used).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_reset(pool: *mut memcore_pool) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(pool) }?.reset();
        Ok::<_, Failure>(())
    })
}

/// Tells whether a slot lives.
///
/// \param pool the handle.
/// \param slot any address.
/// \return `MEMCORE_STATUS_OK` iff a live slot begins there; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP`;
/// `MEMCORE_STATUS_HEAP_NOT_A_BLOCK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` is
/// null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_lives(pool: *const memcore_pool, slot: *const c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { reading(pool) }?.usable_size(slot.cast())?;
        Ok::<_, Failure>(())
    })
}

/// Shows every live slot in address order.
///
/// \param pool the handle.
/// \param visitor called for each; it may read the pool, but not change it.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` or `visitor` is null.
///
/// O(slots ever used).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_visit(
    pool: *const memcore_pool,
    visitor: memcore_heap_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let pool = unsafe { reading(pool) }?;
        let mut visitor = Visitor::new(visitor, user)?;
        let _visiting = pool.visit();
        pool.visit_blocks(&mut |block| visitor.show(block));
        visitor.end()
    })
}

/// Tells the figures of a pool, in bytes.
///
/// \param pool the handle.
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_stats(pool: *const memcore_pool, stats: *mut memcore_stats) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (pool, stats) = unsafe { (reading(pool)?, out(stats)?) };
        stats.write(pool.stats().into());
        Ok::<_, Failure>(())
    })
}

/// What a pool is made of.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_pool_figures {
    /// Bytes of a slot, rounded up to the alignment.
    pub slot: usize,
    /// What slots begin at multiples of.
    pub alignment: usize,
    /// Slots in the memory as it is.
    pub slots: usize,
    /// Live slots.
    pub live: usize,
    /// Bytes of tables outside the slots.
    pub metadata_bytes: usize,
}

/// Tells what a pool is made of.
///
/// \param pool the handle.
/// \param figures where it is written.
/// \return as `memcore_pool_stats`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_look(
    pool: *const memcore_pool,
    figures: *mut memcore_pool_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (pool, figures) = unsafe { (reading(pool)?, out(figures)?) };
        figures.write(memcore_pool_figures {
            slot: pool.slot_size(),
            alignment: pool.alignment(),
            slots: pool.slots(),
            live: pool.len(),
            metadata_bytes: pool.metadata_bytes(),
        });
        Ok::<_, Failure>(())
    })
}

/// Gives whole pages that are free back to the system. Memory of the caller's stays as it is.
///
/// \param pool the handle.
/// \param bytes where is written how many bytes; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` is null.
///
/// O(slots ever used), and a call of the system for each hole.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_trim(pool: *mut memcore_pool, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut pool, bytes) = unsafe { (changing(pool)?, optional_out(bytes)) };
        let given = pool.trim();
        if let Some(bytes) = bytes {
            bytes.write(given);
        }
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a pool's tables.
///
/// \param pool the handle.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `pool` is null.
///
/// O(n log n) for n slots. Allocates a list while it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_pool_validate(
    pool: *const memcore_pool,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (pool, corruption) = unsafe { (reading(pool)?, optional_out(corruption)) };
        found(pool.validate(), corruption)
    })
}
