//! Pure segmentation, with bytes.

use std::{ffi::c_char, mem::MaybeUninit, slice};

use memcore::{
    alloc::Budget,
    vm::segment::{SegmentMemory, memory::SegmentRow},
};

use super::{access_of, changing, corrupt, protection_of};
use crate::{
    alloc::memcore_stats,
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, drop_handle, fill, into_handle, object, optional_out, out, out_array},
    text::text,
};

/// A memory divided into segments. Opaque.
pub struct memcore_segment_memory {
    memory: SegmentMemory,
}

const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<memcore_segment_memory>();
};

/// A segment.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_segment_row {
    /// Where its first byte is; of no meaning unless `present`.
    pub base: u64,
    /// Bytes.
    pub length: u64,
    /// Its number.
    pub segment: u32,
    /// What may be done to it: 1 read, 2 write, 4 execute, added up.
    pub protection: u32,
    /// Whether it is in memory; else it is swapped out.
    pub present: bool,
}

impl From<SegmentRow> for memcore_segment_row {
    fn from(row: SegmentRow) -> Self {
        memcore_segment_row {
            base: row.base.unwrap_or(0),
            length: row.length,
            segment: row.segment,
            protection: row.protection.bits(),
            present: row.base.is_some(),
        }
    }
}

/// Makes an empty memory.
///
/// \param strategy how it is divided; see `memcore_strategy_name`.
/// \param capacity bytes.
/// \param memory where the handle is written; `memcore_segment_memory_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; those of `memcore_allocator_create` about strategy and capacity;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(capacity).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_create(
    strategy: *const c_char,
    capacity: u64,
    memory: *mut *mut memcore_segment_memory,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (strategy, memory) = unsafe { (text(strategy)?, out(memory)?) };
        let made = SegmentMemory::new(&strategy.parse()?, capacity)?;
        memory.write(into_handle(memcore_segment_memory { memory: made })?);
        Ok::<_, Failure>(())
    })
}

/// Makes a segment, all zero.
///
/// \param memory the handle.
/// \param length bytes, from 1 on.
/// \param protection 1 read, 2 write, 4 execute, added up.
/// \param segment where its number is written; that of the segment that was destroyed last is used first.
/// \return `MEMCORE_STATUS_OK`; those of `memcore_allocator_allocate`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff the
/// protection is above 7; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length) and an allocation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_create_segment(
    memory: *mut memcore_segment_memory,
    length: u64,
    protection: u32,
    segment: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, segment) = unsafe { (changing(memory)?, out(segment)?) };
        segment.write(memory.memory.create(length, protection_of(protection)?)?);
        Ok::<_, Failure>(())
    })
}

/// Ends a segment, in memory or swapped out.
///
/// \param memory the handle.
/// \param segment its number.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_NOT_TOP` in a stack;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As a free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_destroy_segment(
    memory: *mut memcore_segment_memory,
    segment: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let memory = unsafe { changing(memory)? };
        Ok::<_, Failure>(memory.memory.destroy(segment)?)
    })
}

/// Changes the length of a segment: where it is if possible, else by moving it. New bytes are zero.
///
/// \param memory the handle.
/// \param segment its number.
/// \param length bytes, from 1 on.
/// \param moved where is written whether it moved; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_SEGMENT_NOT_PRESENT`; those of
/// `memcore_allocator_allocate` and `memcore_allocator_resize`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_resize_segment(
    memory: *mut memcore_segment_memory,
    segment: u32,
    length: u64,
    moved: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, moved) = unsafe { (changing(memory)?, optional_out(moved)) };
        let has_moved = memory.memory.resize(segment, length)?;
        if let Some(moved) = moved {
            moved.write(has_moved);
        }
        Ok::<_, Failure>(())
    })
}

/// Changes what may be done to a segment.
///
/// \param memory the handle.
/// \param segment its number.
/// \param protection 1 read, 2 write, 4 execute, added up.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_INVALID_ARGUMENT`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_protect(
    memory: *mut memcore_segment_memory,
    segment: u32,
    protection: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let memory = unsafe { changing(memory)? };
        Ok::<_, Failure>(memory.memory.protect(segment, protection_of(protection)?)?)
    })
}

/// Tells where the bytes of an access are.
///
/// \param memory the handle.
/// \param segment its number.
/// \param offset of the first byte.
/// \param size bytes.
/// \param access a `memcore_access_kind`.
/// \param address where the address of the first byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`, `MEMCORE_STATUS_SEGMENT_LIMIT`,
/// `MEMCORE_STATUS_SEGMENT_PROTECTION` or `MEMCORE_STATUS_SEGMENT_NOT_PRESENT`, in this order;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is no kind; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_translate(
    memory: *const memcore_segment_memory,
    segment: u32,
    offset: u64,
    size: u64,
    access: i32,
    address: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, address) = unsafe { (object(memory)?, out(address)?) };
        address.write(memory.memory.translate(segment, offset, size, access_of(access)?)?);
        Ok::<_, Failure>(())
    })
}

/// Reads bytes of a segment.
///
/// \param memory the handle.
/// \param segment its number.
/// \param offset of the first byte.
/// \param bytes where they are written; may be null when `size` is 0.
/// \param size how many.
/// \return as `memcore_segment_memory_translate`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `size` is more than memory
/// holds.
///
/// O(size).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_read(
    memory: *const memcore_segment_memory,
    segment: u32,
    offset: u64,
    bytes: *mut u8,
    size: usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, room) = unsafe { (object(memory)?, out_array(bytes, size)?) };
        memory.memory.translate(segment, offset, size as u64, memcore::vm::Access::Read)?;
        room.fill(MaybeUninit::new(0));
        // SAFETY: every byte was just written.
        let bytes = unsafe { slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), room.len()) };
        Ok::<_, Failure>(memory.memory.read(segment, offset, bytes)?)
    })
}

/// Writes bytes of a segment.
///
/// \param memory the handle.
/// \param segment its number.
/// \param offset of the first byte.
/// \param bytes the bytes; may be null when `size` is 0.
/// \param size how many.
/// \return as `memcore_segment_memory_read`.
///
/// O(size).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_write(
    memory: *mut memcore_segment_memory,
    segment: u32,
    offset: u64,
    bytes: *const u8,
    size: usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, bytes) = unsafe { (changing(memory)?, array(bytes, size)?) };
        Ok::<_, Failure>(memory.memory.write(segment, offset, bytes)?)
    })
}

/// Takes a segment out of the memory; its bytes are kept.
///
/// \param memory the handle.
/// \param segment its number.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_SEGMENT_NOT_PRESENT`;
/// `MEMCORE_STATUS_NOT_TOP` in a stack; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_swap_out(
    memory: *mut memcore_segment_memory,
    segment: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let memory = unsafe { changing(memory)? };
        Ok::<_, Failure>(memory.memory.swap_out(segment)?)
    })
}

/// Brings a segment back, to wherever there is room.
///
/// \param memory the handle.
/// \param segment its number.
/// \param base where its new base is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_SEGMENT_PRESENT`; those of
/// `memcore_allocator_allocate`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_swap_in(
    memory: *mut memcore_segment_memory,
    segment: u32,
    base: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, base) = unsafe { (changing(memory)?, optional_out(base)) };
        let new_base = memory.memory.swap_in(segment)?;
        if let Some(base) = base {
            base.write(new_base);
        }
        Ok::<_, Failure>(())
    })
}

/// Moves the segments together, towards address 0, in their order: contents are copied, bases rewritten.
///
/// \param memory the handle.
/// \param most_bytes the most bytes to be copied; UINT64_MAX: no limit.
/// \param most_moves the most segments to be moved; UINT64_MAX: no limit.
/// \param moved where the number of segments moved is written; may be null.
/// \param bytes where the number of bytes copied is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` by strategies that cannot; `MEMCORE_STATUS_OUT_OF_METADATA`;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(segments log segments + bytes copied).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_compact(
    memory: *mut memcore_segment_memory,
    most_bytes: u64,
    most_moves: u64,
    moved: *mut u64,
    bytes: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, moved, bytes) = unsafe { (changing(memory)?, optional_out(moved), optional_out(bytes)) };
        let report = memory.memory.compact(Budget { bytes: most_bytes, moves: most_moves })?;
        for (room, number) in [(moved, report.moved), (bytes, report.bytes)] {
            if let Some(room) = room {
                room.write(number);
            }
        }
        Ok::<_, Failure>(())
    })
}

/// Tells about a segment.
///
/// \param memory the handle.
/// \param segment its number.
/// \param row where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_SEGMENT_UNKNOWN`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_segment(
    memory: *const memcore_segment_memory,
    segment: u32,
    row: *mut memcore_segment_row,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, row) = unsafe { (object(memory)?, out(row)?) };
        row.write(memory.memory.row(segment)?.into());
        Ok::<_, Failure>(())
    })
}

/// Lists the segments, by number.
///
/// \param memory the handle.
/// \param rows an array that they are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where the number of entries written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(segments).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_segments(
    memory: *const memcore_segment_memory,
    rows: *mut memcore_segment_row,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, rows, count) = unsafe { (object(memory)?, out_array(rows, most)?, out(count)?) };
        count.write(fill(rows, memory.memory.rows().map(memcore_segment_row::from)));
        Ok::<_, Failure>(())
    })
}

/// Tells the figures of the memory, fragmentation among them.
///
/// \param memory the handle.
/// \param stats where they are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_stats(
    memory: *const memcore_segment_memory,
    stats: *mut memcore_stats,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, stats) = unsafe { (object(memory)?, out(stats)?) };
        stats.write(memory.memory.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a memory.
///
/// \param memory the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(segments log segments).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_validate(memory: *const memcore_segment_memory) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let memory = unsafe { object(memory)? };
        memory.memory.validate().map_err(corrupt)
    })
}

/// Ends a memory with its segments.
///
/// \param memory the handle; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_segment_memory_destroy(memory: *mut memcore_segment_memory) {
    // SAFETY: null or a memory of this library's that nobody uses any more.
    guarded((), || unsafe { drop_handle(memory) });
}
