//! What reads a space as a whole: figures, histograms, usage by tag, invariants. Nothing here changes it, and many
//! threads may ask at once.

use std::ffi::c_void;

use memcore::alloc::Corruption;

use super::{
    handle::memcore_allocator,
    types::{memcore_histogram, memcore_stats, memcore_tag_usage},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{optional_out, out},
    status::memcore_status,
    text::memcore_text,
};

/// Tells the figures of the space.
///
/// \param allocator the handle.
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1); for TLSF O(holes in its largest bin), for the sake of the largest hole.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_stats(
    allocator: *const memcore_allocator,
    stats: *mut memcore_stats,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, stats) = unsafe { (memcore_allocator::reading(allocator)?, out(stats)?) };
        let space = state.space.reading();
        stats.write(space.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the size of the largest hole, 0 when nothing is free.
///
/// \param allocator the handle.
/// \param size where the size is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As `memcore_allocator_stats`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_largest_hole(
    allocator: *const memcore_allocator,
    size: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, size) = unsafe { (memcore_allocator::reading(allocator)?, out(size)?) };
        let space = state.space.reading();
        size.write(space.largest_hole());
        Ok::<_, Failure>(())
    })
}

/// Tells the largest size of which an unaligned request is sure to succeed now. It is the largest hole, except for
/// strategies that round (TLSF, buddy) or hand out slots (pool).
///
/// \param allocator the handle.
/// \param size where the size is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_largest_sure(
    allocator: *const memcore_allocator,
    size: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, size) = unsafe { (memcore_allocator::reading(allocator)?, out(size)?) };
        let space = state.space.reading();
        size.write(space.largest_sure());
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes that the tables hold now, without the optional columns (tags, address index).
///
/// \param allocator the handle.
/// \param bytes where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(chunks of the tables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_metadata_bytes(
    allocator: *const memcore_allocator,
    bytes: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, bytes) = unsafe { (memcore_allocator::reading(allocator)?, out(bytes)?) };
        let space = state.space.reading();
        bytes.write(space.metadata_bytes());
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes that the optional columns (tags, address index) hold now.
///
/// \param allocator the handle.
/// \param bytes where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(chunks of the tables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_optional_bytes(
    allocator: *const memcore_allocator,
    bytes: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, bytes) = unsafe { (memcore_allocator::reading(allocator)?, out(bytes)?) };
        let space = state.space.reading();
        bytes.write(space.optional_bytes());
        Ok::<_, Failure>(())
    })
}

/// Counts live blocks by size.
///
/// \param allocator the handle.
/// \param histogram where the counts are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks and holes). Allocates a kilobyte for a moment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_block_histogram(
    allocator: *const memcore_allocator,
    histogram: *mut memcore_histogram,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, histogram) = unsafe { (memcore_allocator::reading(allocator)?, out(histogram)?) };
        let space = state.space.reading();
        histogram.write(space.block_histogram().into());
        Ok::<_, Failure>(())
    })
}

/// Counts holes by size.
///
/// \param allocator the handle.
/// \param histogram where the counts are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(blocks and holes). Allocates a kilobyte for a moment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_hole_histogram(
    allocator: *const memcore_allocator,
    histogram: *mut memcore_histogram,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, histogram) = unsafe { (memcore_allocator::reading(allocator)?, out(histogram)?) };
        let space = state.space.reading();
        histogram.write(space.hole_histogram().into());
        Ok::<_, Failure>(())
    })
}

/// What `memcore_allocator_validate` found.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_corruption {
    /// The invariant that does not hold.
    pub what: memcore_text,
    /// The offset, slot or count that breaks it.
    pub at: u64,
}

impl From<Corruption> for memcore_corruption {
    fn from(found: Corruption) -> Self {
        memcore_corruption { what: found.what.into(), at: found.at }
    }
}

/// Checks every invariant of the tables. One that is broken tells of a defect in the library, or of memory that
/// somebody else wrote into.
///
/// \param allocator the handle.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not;
/// `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called; `MEMCORE_STATUS_NULL_ARGUMENT` iff
/// `allocator` is null.
///
/// O(n log n) for n blocks and holes. May allocate for as long as it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_validate(
    allocator: *const memcore_allocator,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, corruption) =
            unsafe { (memcore_allocator::reading(allocator)?, optional_out(corruption)) };
        let Err(found) = state.space.reading().validate() else {
            return Ok(());
        };
        if let Some(corruption) = corruption {
            corruption.write(found.into());
        }
        Err(Failure::from(found))
    })
}

/// Is called with the usage of one tag. It may use the allocator as it likes, and returns 0 to go on or anything
/// else to stop. It must not throw and not jump out.
pub type memcore_tag_visitor =
    Option<unsafe extern "C" fn(usage: *const memcore_tag_usage, user: *mut c_void) -> i32>;

/// Tells what lives under each tag, tags ascending: a leak report when everything should be free.
///
/// \param allocator the handle.
/// \param visitor called for each tag that a live block has.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_NO_TAGS` iff
/// the allocator was made without tags; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` or `visitor` is null.
///
/// O(blocks log tags). Allocates the list of tags while it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_usage_by_tag(
    allocator: *const memcore_allocator,
    visitor: memcore_tag_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        let visitor = visitor.ok_or(memcore_status::NullArgument)?;
        // SAFETY: null or as the header asks. The reference ends with this statement, before the visitor may
        // change the allocator.
        let usage = unsafe { memcore_allocator::reading(allocator) }?.space.reading().usage_by_tag()?;
        for entry in usage {
            // SAFETY: a function of the caller's, called as its type says.
            if unsafe { visitor(&entry.into(), user) } != 0 {
                return Err(memcore_status::Cancelled.into());
            }
        }
        Ok::<_, Failure>(())
    })
}
