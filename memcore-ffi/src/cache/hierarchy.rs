//! A memory hierarchy: how it comes and goes, and what becomes of an access.

use std::{
    cell::UnsafeCell,
    ffi::c_char,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use memcore::{
    cache::{Hierarchy, HierarchyConfig},
    trace::AccessKind,
};

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, into_handle, object, optional_out, out},
    status::memcore_status,
    text::{Buffer, memcore_text, text},
};

/// Caches, RAM and disk, driven by addresses. Opaque.
pub struct memcore_hierarchy {
    /// A replay is going on, whose callback may not come in.
    busy: AtomicBool,
    hierarchy: UnsafeCell<Hierarchy>,
}

// A `const` handle is shared between threads and a handle moves between them: this holds only because the engine's
// hierarchies may do both.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<Hierarchy>();
};

impl memcore_hierarchy {
    fn is_busy(&self) -> Result<(), Failure> {
        match self.busy.load(Relaxed) {
            true => Err(memcore_status::Reentered.into()),
            false => Ok(()),
        }
    }

    /// The hierarchy, to be read.
    ///
    /// # Safety
    /// `handle` is null or came from this library and was not destroyed; during `'a` no other thread changes it, and
    /// this thread does not.
    pub unsafe fn reading<'a>(handle: *const Self) -> Result<&'a Hierarchy, Failure> {
        // SAFETY: the caller's promise. The hierarchy is behind an `UnsafeCell`, so this reference tolerates a change.
        let handle = unsafe { object(handle) }?;
        handle.is_busy()?;
        // SAFETY: no replay is going on in this thread, as was just seen, and by promise in no other.
        Ok(unsafe { &*handle.hierarchy.get() })
    }

    /// The hierarchy, to be changed by what calls nobody back.
    ///
    /// # Safety
    /// `handle` is null or came from this library and was not destroyed; during `'a` no other thread uses it, and
    /// this thread does not.
    pub unsafe fn changing<'a>(handle: *mut Self) -> Result<&'a mut Hierarchy, Failure> {
        // SAFETY: as in `reading`.
        let handle = unsafe { object(handle) }?;
        handle.is_busy()?;
        // SAFETY: no replay is going on in this thread, as was just seen, and by promise in no other.
        Ok(unsafe { &mut *handle.hierarchy.get() })
    }

    /// The hierarchy, to be changed by what calls back, and the mark that refuses every call until it is dropped.
    ///
    /// # Safety
    /// As for [`changing`](Self::changing), where this thread may come in again while the mark lives.
    pub unsafe fn replaying<'a>(handle: *mut Self) -> Result<(&'a mut Hierarchy, Busy<'a>), Failure> {
        // SAFETY: the caller's promise, passed on; `changing` finds out null.
        unsafe {
            let hierarchy = Self::changing(handle)?;
            let busy = &(*handle).busy;
            busy.store(true, Relaxed);
            Ok((hierarchy, Busy(busy)))
        }
    }
}

/// While it lives, the hierarchy refuses every call.
pub(super) struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

/// The number of hierarchies that have a name.
///
/// \return the number; `memcore_hierarchy_preset` takes indices below it.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_hierarchy_preset_count() -> usize {
    guarded(0, || HierarchyConfig::PRESETS.len())
}

/// The name of a hierarchy, as `memcore_hierarchy_create` reads it: "seed", "intel-skylake", "amd-zen2", ...
///
/// \param index from 0 to `memcore_hierarchy_preset_count()` - 1.
/// \param name where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_preset(index: usize, name: *mut memcore_text) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let name = unsafe { out(name) }?;
        let found = *HierarchyConfig::PRESETS.get(index).ok_or(memcore_status::OutOfRange)?;
        name.write(found.into());
        Ok::<_, Failure>(())
    })
}

/// Makes an empty memory hierarchy.
///
/// \param config the name of a preset, or parts with blanks or line ends between, the nearest to the processor first:
/// "l1i:size=32K,latency=4 l1d:size=32K,ways=8,line=64,policy=tree-plru,latency=4 l2:size=1M,ways=16,latency=14
/// ram:latency=200". A level has the keys size, sets, ways, line, policy, write (back, through), allocate (yes, no),
/// inclusion (inclusive, exclusive, non-inclusive), prefetch (none, next-line, stride), latency in cycles, and serves
/// (data, instruction, unified). The parts registers, ram and disk are no levels.
/// \param hierarchy where the handle is written; `memcore_hierarchy_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the text cannot be read; a `MEMCORE_STATUS_CACHE_...`
/// or `MEMCORE_STATUS_POLICY_...` status iff such a hierarchy cannot be, with the offending number in the details'
/// `value`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(lines of all levels). Allocates 9 bytes a line and what the policies need.
///
/// \code
/// memcore_hierarchy *memory;
/// uint64_t cycles;
/// if (memcore_hierarchy_create("l1d:size=32K,latency=4 ram:latency=200", &memory) == MEMCORE_STATUS_OK) {
///     memcore_hierarchy_access(memory, 0x1000, 8, MEMCORE_ACCESS_KIND_READ, &cycles); // 200
///     memcore_hierarchy_access(memory, 0x1008, 8, MEMCORE_ACCESS_KIND_READ, &cycles); // 4
///     printf("%" PRIu64 " cycles\n", cycles);
///     memcore_hierarchy_destroy(memory);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_create(
    config: *const c_char,
    hierarchy: *mut *mut memcore_hierarchy,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (config, hierarchy) = unsafe { (text(config)?, out(hierarchy)?) };
        let made = Hierarchy::new(config.parse()?)?;
        hierarchy.write(into_handle(memcore_hierarchy {
            busy: AtomicBool::new(false),
            hierarchy: UnsafeCell::new(made),
        })?);
        Ok::<_, Failure>(())
    })
}

/// Tells how a hierarchy is configured, as text that `memcore_hierarchy_create` reads.
///
/// \param hierarchy the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_config(
    hierarchy: *const memcore_hierarchy,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, length, buffer) =
            unsafe { (memcore_hierarchy::reading(hierarchy)?, out(length)?, Buffer::new(buffer, size)?) };
        length.write(buffer.print(hierarchy.config()));
        Ok::<_, Failure>(())
    })
}

/// One access of the processor. One that spans lines of the first level it meets is one to each.
///
/// \param hierarchy the handle.
/// \param address the first byte. What would lie beyond 2^64 - 1 is cut off.
/// \param size bytes; 0 counts as 1.
/// \param kind a `memcore_access_kind`.
/// \param cycles where the cycles that the processor waits are written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `kind` is none;
/// `MEMCORE_STATUS_OUT_OF_MEMORY` from a policy that grows: the access is then done in part, and the hierarchy remains
/// usable; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(lines touched x levels x ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_access(
    hierarchy: *mut memcore_hierarchy,
    address: u64,
    size: u32,
    kind: i32,
    cycles: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, cycles) = unsafe { (memcore_hierarchy::changing(hierarchy)?, optional_out(cycles)) };
        let known = u8::try_from(kind).ok().and_then(AccessKind::from_number);
        let known = known.ok_or_else(|| {
            let text = format!("{kind} is no kind of access (0 to 2 are)");
            Failure::Told(memcore_status::InvalidArgument, kind as u64, text)
        })?;
        let waited = hierarchy.access(address, size.into(), known.into())?;
        if let Some(cycles) = cycles {
            cycles.write(waited);
        }
        Ok::<_, Failure>(())
    })
}

/// Counts accesses that found their operands in registers: they take the time of the registers, and are part of the
/// average access time.
///
/// \param hierarchy the handle.
/// \param accesses how many.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_count_register_accesses(
    hierarchy: *mut memcore_hierarchy,
    accesses: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_hierarchy::changing(hierarchy) }?.count_register_accesses(accesses);
        Ok::<_, Failure>(())
    })
}

/// Tells whether a level has the line of an address. That is no access.
///
/// \param hierarchy the handle.
/// \param level the level, from 0, the nearest to the processor, to their number - 1.
/// \param address any address.
/// \param is_there where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such level;
/// `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(ways).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_contains(
    hierarchy: *const memcore_hierarchy,
    level: usize,
    address: u64,
    is_there: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, is_there) = unsafe { (memcore_hierarchy::reading(hierarchy)?, out(is_there)?) };
        if level >= hierarchy.config().levels.len() {
            return Err(memcore_status::OutOfRange.into());
        }
        is_there.write(hierarchy.contains(level, address));
        Ok::<_, Failure>(())
    })
}

/// Writes everything dirty back and empties all levels.
///
/// \param hierarchy the handle.
/// \param written where the number of lines written to the RAM is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`: some lines were written back, none was lost;
/// `MEMCORE_STATUS_REENTERED` from a callback of a replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(lines of all levels).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_flush(
    hierarchy: *mut memcore_hierarchy,
    written: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, written) =
            unsafe { (memcore_hierarchy::changing(hierarchy)?, optional_out(written)) };
        let lines = hierarchy.flush()?;
        if let Some(written) = written {
            written.write(lines);
        }
        Ok::<_, Failure>(())
    })
}

/// Drops the lines that hold any of `size` bytes at an address from all levels, as a device that writes to memory
/// makes it happen. What was dirty is lost.
///
/// \param hierarchy the handle.
/// \param address the first byte.
/// \param size bytes.
/// \param dropped where the number of lines dropped is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(levels x lines in the range x ways), or O(lines of all levels) where that is less.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_invalidate(
    hierarchy: *mut memcore_hierarchy,
    address: u64,
    size: u64,
    dropped: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (hierarchy, dropped) =
            unsafe { (memcore_hierarchy::changing(hierarchy)?, optional_out(dropped)) };
        let lines = hierarchy.invalidate(address, size);
        if let Some(dropped) = dropped {
            dropped.write(lines);
        }
        Ok::<_, Failure>(())
    })
}

/// Makes a hierarchy as it was when it was made, counts included.
///
/// \param hierarchy the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED` from a callback of a
/// replay; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(lines of all levels).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_reset(hierarchy: *mut memcore_hierarchy) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_hierarchy::changing(hierarchy) }?.reset()?;
        Ok::<_, Failure>(())
    })
}

/// Makes all counts 0 and leaves the contents: after a warm-up, before a measurement.
///
/// \param hierarchy the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of a replay;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(levels).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_reset_counts(hierarchy: *mut memcore_hierarchy) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_hierarchy::changing(hierarchy) }?.reset_stats();
        Ok::<_, Failure>(())
    })
}

/// Ends a hierarchy.
///
/// \param hierarchy the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a replay through it is going on, and then nothing was
/// done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_hierarchy_destroy(hierarchy: *mut memcore_hierarchy) -> i32 {
    guarded_status(|| {
        if hierarchy.is_null() {
            return Ok(());
        }
        // SAFETY: a handle of this library's, used by nobody else. The reference is not kept.
        unsafe { memcore_hierarchy::changing(hierarchy) }?;
        // SAFETY: as above; nobody is inside.
        unsafe { drop_handle(hierarchy) };
        Ok::<_, Failure>(())
    })
}
