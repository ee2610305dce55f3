//! Rings of bytes: records of any size, first in, first out.

use std::ffi::c_void;

use memcore::heap::{AnyMemory, Ring};

use super::{
    handle::{self, Kind, changing, reading},
    memory::memcore_memory,
    query::{Visitor, found, memcore_heap_block, memcore_heap_visitor},
};
use crate::{
    alloc::memcore_corruption,
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out, out},
};

/// A ring of bytes, for records of any size. Opaque.
pub struct memcore_ring {
    _opaque: [u8; 0],
}

impl Kind for memcore_ring {
    type Value = Ring<AnyMemory>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.ring\0");
}

// A handle moves between threads.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<Ring<AnyMemory>>();
};

/// Makes an empty ring over a memory. It does not grow: of the system's or a file's all is usable at once.
///
/// \param memory where the bytes come from.
/// \param ring where the handle is written; `memcore_ring_destroy` ends it.
/// \return as `memcore_arena_create`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_create(
    memory: *const memcore_memory,
    ring: *mut *mut memcore_ring,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, ring) = unsafe { (object(memory)?, out(ring)?) };
        // SAFETY: as above.
        let value = Ring::new(unsafe { memory.take_whole() }?)?;
        ring.write(handle::make(value, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends a ring with all its records. Memory of the caller's is the caller's again.
///
/// \param ring the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this ring, and then nothing was done;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no ring.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_destroy(ring: *mut memcore_ring) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(ring) }
}

/// Hands out a record behind the newest. It never lies across the end of the memory.
///
/// \param ring the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the record's address will be a multiple of it.
/// \param record where the address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold
/// so much; `MEMCORE_STATUS_OUT_OF_SPACE` until older records are released; `MEMCORE_STATUS_OUT_OF_METADATA` iff there
/// is no memory for the list of records; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1), amortised over the growth of the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_allocate(
    ring: *mut memcore_ring,
    size: usize,
    alignment: usize,
    record: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut ring, record) = unsafe { (changing(ring)?, out(record)?) };
        record.write(ring.allocate(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Takes the oldest record back.
///
/// \param ring the handle.
/// \param record its address. Any address may be tried.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_NOT_IN_HEAP` iff it lies outside the ring's memory, as null does;
/// `MEMCORE_STATUS_HEAP_NOT_A_BLOCK` iff no record begins there; `MEMCORE_STATUS_HEAP_NOT_OLDEST` iff it is not the
/// oldest, whose address is `top` of the details; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `ring` is null.
///
/// O(1); O(log records) to tell why not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_release(ring: *mut memcore_ring, record: *mut c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(ring) }?.release(record.cast())?;
        Ok::<_, Failure>(())
    })
}

/// Tells the oldest record.
///
/// \param ring the handle.
/// \param record where it is written, if there is one.
/// \param found where is written whether there is one.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_front(
    ring: *const memcore_ring,
    record: *mut memcore_heap_block,
    found: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (ring, record, found) = unsafe { (reading(ring)?, out(record)?, out(found)?) };
        let front = ring.front();
        if let Some(front) = front {
            record.write(front.into());
        }
        found.write(front.is_some());
        Ok::<_, Failure>(())
    })
}

/// Shows every record, oldest first.
///
/// \param ring the handle.
/// \param visitor called for each; it may read the ring, but not change it.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `ring` or `visitor` is null.
///
/// O(records).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_visit(
    ring: *const memcore_ring,
    visitor: memcore_heap_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let ring = unsafe { reading(ring) }?;
        let mut visitor = Visitor::new(visitor, user)?;
        let _visiting = ring.visit();
        ring.iter().for_each(|record| visitor.show(record));
        visitor.end()
    })
}

/// Takes every record back.
///
/// \param ring the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_reset(ring: *mut memcore_ring) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(ring) }?.reset();
        Ok::<_, Failure>(())
    })
}

/// The figures of a ring, in bytes: `used + gaps + free = capacity`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_ring_figures {
    /// How many records there are.
    pub records: usize,
    /// Of records.
    pub used: usize,
    /// Between the oldest and the newest record, of none.
    pub gaps: usize,
    /// From the newest record around to the oldest.
    pub free: usize,
    /// The most that a record of alignment 1 can have now.
    pub largest_hole: usize,
    /// In all.
    pub capacity: usize,
    /// Of the ring itself and its list of records.
    pub metadata_bytes: usize,
}

/// Tells the figures of a ring.
///
/// \param ring the handle.
/// \param figures where they are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_look(
    ring: *const memcore_ring,
    figures: *mut memcore_ring_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (ring, figures) = unsafe { (reading(ring)?, out(figures)?) };
        figures.write(memcore_ring_figures {
            records: ring.len(),
            used: ring.used(),
            gaps: ring.gaps(),
            free: ring.free(),
            largest_hole: ring.largest_hole(),
            capacity: ring.capacity(),
            metadata_bytes: ring.metadata_bytes(),
        });
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a ring.
///
/// \param ring the handle.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `ring` is null.
///
/// O(records).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_ring_validate(
    ring: *const memcore_ring,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (ring, corruption) = unsafe { (reading(ring)?, optional_out(corruption)) };
        found(ring.validate(), corruption)
    })
}
