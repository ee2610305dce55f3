//! What a hierarchy is made of, what it counts, and where the time goes.

use std::ffi::c_char;

use memcore::cache::{Counts, Hierarchy, LevelStats, MemoryStats};

use super::hierarchy::memcore_hierarchy;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, out, out_array},
    status::memcore_status,
    text::Buffer,
};

/// The shape of a level.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_level {
    /// Sets.
    pub sets: u64,
    /// Lines in a set.
    pub ways: u64,
    /// Bytes in a line.
    pub line: u64,
    /// sets x ways x line.
    pub size: u64,
    /// Cycles from the request of the processor to the answer.
    pub latency: u64,
}

/// Look-ups of one kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_lookups {
    /// Look-ups.
    pub accesses: u64,
    /// Those that did not find the line.
    pub misses: u64,
}

impl From<Counts> for memcore_lookups {
    fn from(counts: Counts) -> Self {
        memcore_lookups { accesses: counts.accesses, misses: counts.misses }
    }
}

/// The counts of one level, since the hierarchy was made or reset.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_level_counts {
    /// Loads: of the processor, or of lines that inner levels lacked for them.
    pub read: memcore_lookups,
    /// Stores: of the processor, of lines that inner levels lacked for them, and writes passed on by inner levels. A
    /// write-back is no look-up, but for the rest of a line that is longer than what is written back.
    pub write: memcore_lookups,
    /// Instruction fetches: of the processor, or of lines that inner levels lacked for them.
    pub fetch: memcore_lookups,
    /// Lines asked for by the prefetchers of inner levels.
    pub prefetch: memcore_lookups,
    /// Loads, stores and fetches together.
    pub demand: memcore_lookups,
    /// Lines that left for others.
    pub evictions: u64,
    /// Dirty lines written to the next level: evicted, invalidated from outside, or flushed.
    pub write_backs: u64,
    /// Writes passed on to the next level because this one writes through or does not allocate.
    pub writes_passed: u64,
    /// Lines that its own prefetcher brought in.
    pub prefetches: u64,
    /// Of these, lines that were asked for while they were there.
    pub prefetches_useful: u64,
    /// Lines that left because an inclusive outer level, or the RAM, lost what they are part of.
    pub invalidations: u64,
    /// Cycles that the processor waited here, beyond the level before.
    pub cycles: u64,
}

impl From<LevelStats> for memcore_level_counts {
    fn from(stats: LevelStats) -> Self {
        memcore_level_counts {
            read: stats.read.into(),
            write: stats.write.into(),
            fetch: stats.fetch.into(),
            prefetch: stats.prefetch.into(),
            demand: stats.demand().into(),
            evictions: stats.evictions,
            write_backs: stats.write_backs,
            writes_passed: stats.writes_passed,
            prefetches: stats.prefetches,
            prefetches_useful: stats.prefetches_useful,
            invalidations: stats.invalidations,
            cycles: stats.cycles,
        }
    }
}

/// The counts of RAM and disk, since the hierarchy was made or reset.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_memory_counts {
    /// Lines read from RAM because something was asked for.
    pub reads: u64,
    /// Lines read from RAM for a prefetcher.
    pub prefetch_reads: u64,
    /// Writes to RAM: lines written back, and writes passed on.
    pub writes: u64,
    /// Pages brought in from disk.
    pub page_faults: u64,
    /// Pages that left a RAM of finite size.
    pub page_evictions: u64,
    /// Of these, pages that were written to disk.
    pub page_writes: u64,
    /// Cycles that the processor waited for the RAM, beyond the last cache.
    pub ram_cycles: u64,
    /// Cycles that the processor waited for the disk, beyond the RAM.
    pub disk_cycles: u64,
}

impl From<MemoryStats> for memcore_memory_counts {
    fn from(stats: MemoryStats) -> Self {
        memcore_memory_counts {
            reads: stats.reads,
            prefetch_reads: stats.prefetch_reads,
            writes: stats.writes,
            page_faults: stats.page_faults,
            page_evictions: stats.page_evictions,
            page_writes: stats.page_writes,
            ram_cycles: stats.ram_cycles,
            disk_cycles: stats.disk_cycles,
        }
    }
}

/// The average access time.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_access_time {
    /// The processor's accesses to lines and registers.
    pub accesses: u64,
    /// Cycles an access; 0 without accesses.
    pub average: f64,
}

/// Room for the name of a place, its zero byte included. A longer name is cut off.
pub const MEMCORE_PLACE_BYTES: usize = 32;

/// The cycles that pass at one place.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_time_share {
    /// "registers", the name of a level, "ram" or "disk"; ends in a zero byte.
    pub place: [c_char; MEMCORE_PLACE_BYTES],
    /// Cycles that passed there.
    pub cycles: u64,
    /// Cycles that passed there, divided by all accesses.
    pub average: f64,
}

fn place(name: &str) -> Result<[c_char; MEMCORE_PLACE_BYTES], Failure> {
    let mut place = [0; MEMCORE_PLACE_BYTES];
    // SAFETY: the array has as many bytes.
    unsafe { Buffer::new(place.as_mut_ptr(), place.len()) }?.print(&name);
    Ok(place)
}

/// Checks that there is such a level.
fn checked(hierarchy: &Hierarchy, level: usize) -> Result<usize, Failure> {
    match level < hierarchy.config().levels.len() {
        true => Ok(level),
        false => Err(memcore_status::OutOfRange.into()),
    }
}

/// Tells the number of levels, caches for data and instructions counted each.
///
/// \param hierarchy the handle.
/// \param count where the number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_level_count(
    hierarchy: *const memcore_hierarchy,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, count) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(count)?) };
        count.write(hierarchy.config().levels.len());
        Ok::<_, Failure>(())
    })
}

/// Tells the shape of a level.
///
/// \param hierarchy the handle.
/// \param level from 0, the nearest to the processor, to their number - 1.
/// \param shape where the shape is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
/// `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_level(
    hierarchy: *const memcore_hierarchy,
    level: usize,
    shape: *mut memcore_level,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, shape) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(shape)?) };
        let level = checked(hierarchy, level)?;
        let config = &hierarchy.config().levels[level];
        shape.write(memcore_level {
            sets: config.geometry.sets(),
            ways: config.geometry.ways().into(),
            line: config.geometry.line(),
            size: config.geometry.size(),
            latency: config.latency,
        });
        Ok::<_, Failure>(())
    })
}

/// Tells the name of a level: "l1d".
///
/// \param hierarchy the handle.
/// \param level as for `memcore_hierarchy_level`.
/// \param buffer where the name is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole name without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
/// `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length). Allocates nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_level_name(
    hierarchy: *const memcore_hierarchy,
    level: usize,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, length) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(length)?) };
        let level = checked(hierarchy, level)?;
        // SAFETY: as the header asks.
        let buffer = unsafe { Buffer::new(buffer, size) }?;
        length.write(buffer.print(&hierarchy.config().levels[level].name));
        Ok::<_, Failure>(())
    })
}

/// Tells the counts of a level.
///
/// \param hierarchy the handle.
/// \param level as for `memcore_hierarchy_level`.
/// \param counts where the counts are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
/// `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_level_stats(
    hierarchy: *const memcore_hierarchy,
    level: usize,
    counts: *mut memcore_level_counts,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, counts) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(counts)?) };
        let level = checked(hierarchy, level)?;
        counts.write(hierarchy.stats(level).into());
        Ok::<_, Failure>(())
    })
}

/// Tells the counts of RAM and disk.
///
/// \param hierarchy the handle.
/// \param counts where the counts are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_memory_stats(
    hierarchy: *const memcore_hierarchy,
    counts: *mut memcore_memory_counts,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, counts) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(counts)?) };
        counts.write(hierarchy.memory_stats().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the average access time: the cycles that the processor waits, divided by its accesses, those to registers
/// included.
///
/// \param hierarchy the handle.
/// \param time where the time is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(levels).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_average_access_time(
    hierarchy: *const memcore_hierarchy,
    time: *mut memcore_access_time,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, time) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(time)?) };
        let told = hierarchy.average_access_time();
        time.write(memcore_access_time { accesses: told.accesses, average: told.average });
        Ok::<_, Failure>(())
    })
}

/// Breaks the average access time down by where the cycles pass: registers (if configured), each level, RAM, disk (if
/// the RAM is finite). The parts add up.
///
/// \param hierarchy the handle.
/// \param shares an array that the parts are written to; may be null when `most` is 0.
/// \param most entries of the array; the number of levels and 3 suffice.
/// \param count where the number of parts written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(levels).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_time_shares(
    hierarchy: *const memcore_hierarchy,
    shares: *mut memcore_time_share,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, shares, count) =
            unsafe { (memcore_hierarchy::reading(hierarchy)?, out_array(shares, most)?, out(count)?) };
        let time = hierarchy.average_access_time();
        let told = time.shares.iter().map(|share| {
            let place = place(&share.name).unwrap_or([0; MEMCORE_PLACE_BYTES]);
            memcore_time_share { place, cycles: share.cycles, average: share.average }
        });
        count.write(fill(shares, told));
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes that a hierarchy's tables hold.
///
/// \param hierarchy the handle.
/// \param bytes where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(levels); O(sets) with policies of the replacement room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_metadata_bytes(
    hierarchy: *const memcore_hierarchy,
    bytes: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, bytes) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(bytes)?) };
        bytes.write(hierarchy.metadata_bytes());
        Ok::<_, Failure>(())
    })
}
