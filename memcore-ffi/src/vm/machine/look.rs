//! What a process has, and how the machine is.

use memcore::vm::{Area, AreaKind, ProcessId, Usage};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, out, out_array},
    status::memcore_status,
    text::memcore_text,
};

/// What a process has of memory, in pages.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_usage {
    /// All that it has in memory.
    pub rss: u64,
    /// Of these, private pages. The shared page of zeros does not count.
    pub rss_anonymous: u64,
    /// Of these, pages of files.
    pub rss_file: u64,
    /// Of these, pages of shared memory.
    pub rss_shared: u64,
    /// Private pages that it has in swap.
    pub swapped: u64,
}

impl From<Usage> for memcore_usage {
    fn from(usage: Usage) -> Self {
        memcore_usage {
            rss: usage.rss(),
            rss_anonymous: usage.rss_anonymous,
            rss_file: usage.rss_file,
            rss_shared: usage.rss_shared,
            swapped: usage.swapped,
        }
    }
}

/// Tells what a process has of memory.
///
/// \param machine the handle.
/// \param process the process.
/// \param usage where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_usage(
    machine: *mut memcore_machine,
    process: u32,
    usage: *mut memcore_usage,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, usage) = unsafe { (memcore_machine::using(machine)?, out(usage)?) };
        usage.write(machine.usage(ProcessId(process))?.into());
        Ok::<_, Failure>(())
    })
}

/// What the pages of an area are made of.
#[repr(i32)]
pub enum memcore_area_kind {
    /// Zeroed memory of one process; a child gets a copy.
    AnonymousPrivate = 0,
    /// A file, whose writes go to copies of its pages.
    FilePrivate = 1,
    /// A file, whose writes go to the file.
    FileShared = 2,
    /// Zeroed memory that a process and its children share.
    AnonymousShared = 3,
}

/// Its pages stay in memory.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_LOCKED: u32 = 1;
/// Locked, but a page only once it is there.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_LOCK_ON_FAULT: u32 = 2;
/// The commit charge was waived.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_NORESERVE: u32 = 4;
/// Its pages are part of the commit charge.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_ACCOUNTED: u32 = 8;
/// It grows towards lower addresses, as a stack does.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_GROWS_DOWN: u32 = 16;
/// A child does not get it.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_DONT_FORK: u32 = 32;
/// A child gets it empty.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_WIPE_ON_FORK: u32 = 64;
/// Equal pages may be merged.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_MERGEABLE: u32 = 128;
/// Huge pages are welcome.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_HUGE_PAGE: u32 = 256;
/// No huge pages.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_NO_HUGE_PAGE: u32 = 512;
/// Read here and there: no read-ahead.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_RANDOM: u32 = 1024;
/// Read in order: much read-ahead.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_SEQUENTIAL: u32 = 2048;
/// It is made of pages from the pool of huge pages.
#[allow(dead_code)] // for C alone
pub const MEMCORE_AREA_HUGETLB: u32 = 4096;

/// A range of pages with one set of properties.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_area {
    /// Its first address.
    pub start: u64,
    /// The address after its last.
    pub end: u64,
    /// Bytes from the beginning of the file or shared memory to `start`; of private memory, where it was first mapped.
    pub offset: u64,
    /// A `memcore_area_kind`.
    pub kind: i32,
    /// What may be done to its pages: `MEMCORE_PROT_...`.
    pub protection: u32,
    /// What else is said of it: `MEMCORE_AREA_...`.
    pub flags: u32,
    /// The file; `MEMCORE_NO_FILE` where there is none.
    pub file: u32,
    /// The level of its pages from the pool of huge pages; 0 without such.
    pub huge_level: u32,
    /// What it is for: "[text]", "[data]", "[bss]", "[heap]", "[stack]"; empty for what mmap made.
    pub name: memcore_text,
}

impl From<&Area> for memcore_area {
    fn from(area: &Area) -> Self {
        let (kind, file) = match area.kind {
            AreaKind::AnonymousPrivate => (memcore_area_kind::AnonymousPrivate, super::map::MEMCORE_NO_FILE),
            AreaKind::SharedAnonymous { .. } => {
                (memcore_area_kind::AnonymousShared, super::map::MEMCORE_NO_FILE)
            }
            AreaKind::File { file, shared: false, .. } => (memcore_area_kind::FilePrivate, file),
            AreaKind::File { file, shared: true, .. } => (memcore_area_kind::FileShared, file),
        };
        memcore_area {
            start: area.start,
            end: area.end,
            offset: area.offset,
            kind: kind as i32,
            protection: area.protection.bits(),
            flags: area.flags.bits(),
            file,
            huge_level: area.huge_level.into(),
            name: area.name.label().into(),
        }
    }
}

/// Lists the areas of a process, by address.
///
/// \param machine the handle.
/// \param process the process.
/// \param areas an array that the areas are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where is written how many there are; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more
/// than memory holds; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(areas).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_areas(
    machine: *mut memcore_machine,
    process: u32,
    areas: *mut memcore_area,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, areas, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(areas, most)?, out(count)?) };
        count.write(machine.areas(ProcessId(process))?.count());
        fill(areas, machine.areas(ProcessId(process))?.map(memcore_area::from));
        Ok::<_, Failure>(())
    })
}

/// The state of a machine in figures.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_machine_figures {
    /// Bytes of a base page.
    pub page_size: u64,
    /// Frames, all nodes together.
    pub frames: u64,
    /// Frames that nobody has.
    pub free_frames: u64,
    /// Pages promised to processes.
    pub committed: u64,
    /// Bytes of this program's memory that the machine takes beside the contents of frames.
    pub metadata_bytes: u64,
    /// It spends its time bringing back what it has just evicted.
    pub is_thrashing: bool,
}

/// Tells how a machine is.
///
/// \param machine the handle.
/// \param figures where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_state(
    machine: *mut memcore_machine,
    figures: *mut memcore_machine_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, figures) = unsafe { (memcore_machine::using(machine)?, out(figures)?) };
        figures.write(memcore_machine_figures {
            page_size: machine.page_size(),
            frames: machine.frames(),
            free_frames: machine.free_frames(),
            committed: machine.committed(),
            metadata_bytes: machine.metadata_bytes(),
            is_thrashing: machine.thrashing(),
        });
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant of a machine's tables: each frame has one owner or is free, TLBs agree with page tables,
/// what is charged, resident and swapped adds up.
///
/// \param machine the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CORRUPT` iff one does not hold, which `memcore_last_error_message`
/// names: a defect of the library; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(everything).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_validate(machine: *mut memcore_machine) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let machine = unsafe { memcore_machine::using(machine) }?;
        machine.validate().map_err(|rule| Failure::Ruled {
            status: memcore_status::Corrupt,
            value: 0,
            name: "machine",
            rule,
            text: rule.to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use memcore::vm::AreaFlags;

    #[test]
    fn the_flags_of_the_header_are_the_engines() {
        let pairs = [
            (MEMCORE_AREA_LOCKED, AreaFlags::LOCKED),
            (MEMCORE_AREA_LOCK_ON_FAULT, AreaFlags::LOCK_ON_FAULT),
            (MEMCORE_AREA_NORESERVE, AreaFlags::NORESERVE),
            (MEMCORE_AREA_ACCOUNTED, AreaFlags::ACCOUNTED),
            (MEMCORE_AREA_GROWS_DOWN, AreaFlags::GROWS_DOWN),
            (MEMCORE_AREA_DONT_FORK, AreaFlags::DONTFORK),
            (MEMCORE_AREA_WIPE_ON_FORK, AreaFlags::WIPEONFORK),
            (MEMCORE_AREA_MERGEABLE, AreaFlags::MERGEABLE),
            (MEMCORE_AREA_HUGE_PAGE, AreaFlags::HUGEPAGE),
            (MEMCORE_AREA_NO_HUGE_PAGE, AreaFlags::NOHUGEPAGE),
            (MEMCORE_AREA_RANDOM, AreaFlags::RANDOM),
            (MEMCORE_AREA_SEQUENTIAL, AreaFlags::SEQUENTIAL),
            (MEMCORE_AREA_HUGETLB, AreaFlags::HUGETLB),
        ];
        assert!(pairs.iter().all(|(bits, flag)| *bits == flag.bits()));
        let all = pairs.iter().fold(0, |bits, (flag, _)| bits | flag);
        assert!(AreaFlags::from_bits(all + 1).is_none(), "the engine has a flag that the header lacks");
    }
}
