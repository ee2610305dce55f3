//! Views of a machine, as Linux' `/proc` gives them.

use std::{ffi::c_char, fmt::Write};

use memcore::vm::{MemInfo, NumaStat, ProcessId};

use super::{handle::memcore_machine, invalid};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, out, out_array},
    text::Buffer,
};

/// A view of a machine or process as text.
#[repr(i32)]
pub enum memcore_view {
    /// The areas of a process: /proc/PID/maps.
    Maps = 0,
    /// The same with what each has in memory: /proc/PID/smaps.
    Smaps = 1,
    /// A process in a few lines, as /proc/PID/status has them.
    Status = 2,
    /// The entries of its page table, ranges of alike ones folded, a line each.
    PageTable = 3,
    /// A picture of its address space.
    Picture = 4,
    /// The machine's memory: /proc/meminfo.
    MemInfo = 5,
    /// What it counted, by the names of /proc/vmstat where there is one.
    VmStat = 6,
    /// Free blocks by order: /proc/buddyinfo.
    BuddyInfo = 7,
}

/// Writes a view of a machine as text.
///
/// \param machine the handle.
/// \param view a `memcore_view`.
/// \param process the process; ignored by views of the machine.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; what does not fit is cut off.
/// \param length where the length of the whole text without the zero byte is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff there is no such view;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(areas + entries) of the process, O(pages) of the machine. No bit and no counter changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_view(
    machine: *mut memcore_machine,
    view: i32,
    process: u32,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    const MAPS: i32 = memcore_view::Maps as i32;
    const SMAPS: i32 = memcore_view::Smaps as i32;
    const STATUS: i32 = memcore_view::Status as i32;
    const PAGE_TABLE: i32 = memcore_view::PageTable as i32;
    const PICTURE: i32 = memcore_view::Picture as i32;
    const MEM_INFO: i32 = memcore_view::MemInfo as i32;
    const VM_STAT: i32 = memcore_view::VmStat as i32;
    const BUDDY_INFO: i32 = memcore_view::BuddyInfo as i32;
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, length, buffer) =
            unsafe { (memcore_machine::using(machine)?, out(length)?, Buffer::new(buffer, size)?) };
        let process = ProcessId(process);
        let mut lines = String::new();
        // A string takes whatever is written to it.
        let mut line = |what: &dyn std::fmt::Display| _ = writeln!(lines, "{what}");
        length.write(match view {
            MAPS => buffer.print(&machine.maps(process)?),
            SMAPS => buffer.print(&machine.smaps_text(process)?),
            STATUS => buffer.print(&machine.status(process)?),
            PICTURE => buffer.print(&machine.picture(process)?),
            MEM_INFO => buffer.print(&machine.meminfo()),
            PAGE_TABLE => {
                machine.page_table(process)?.iter().for_each(|row| line(row));
                buffer.print(&lines)
            }
            VM_STAT => {
                machine.vmstat().iter().for_each(|(name, number)| line(&format_args!("{name} {number}")));
                buffer.print(&lines)
            }
            BUDDY_INFO => {
                machine.buddyinfo().iter().for_each(|node| line(node));
                buffer.print(&lines)
            }
            _ => return Err(invalid("view", view as u32 as u64, "is unknown")),
        });
        Ok(())
    })
}

/// The memory of a machine, in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_memory_info {
    /// Frames.
    pub total: u64,
    /// Of these, free ones.
    pub free: u64,
    /// What could be had without swapping, by and large.
    pub available: u64,
    /// Pages of files and shared memory in memory.
    pub cached: u64,
    /// Pages in memory that are in swap too.
    pub swap_cached: u64,
    /// Locked pages.
    pub locked: u64,
    /// Slots of the swap device.
    pub swap_total: u64,
    /// Of these, free ones.
    pub swap_free: u64,
    /// What the compressed pool takes.
    pub zswap: u64,
    /// What is in it, uncompressed.
    pub zswapped: u64,
    /// Pages of files with changes that the file has not.
    pub dirty: u64,
    /// Private pages that are mapped.
    pub anon_pages: u64,
    /// Pages of files and shared memory that are mapped.
    pub mapped: u64,
    /// Pages of shared memory.
    pub shmem: u64,
    /// Page tables.
    pub page_tables: u64,
    /// What may be promised; it counts where overcommitting is forbidden.
    pub commit_limit: u64,
    /// What is promised.
    pub committed: u64,
    /// Private huge pages.
    pub anon_huge_pages: u64,
    /// Merged pages, by the frames that they take.
    pub merged: u64,
}

impl From<MemInfo> for memcore_memory_info {
    fn from(info: MemInfo) -> Self {
        memcore_memory_info {
            total: info.total,
            free: info.free,
            available: info.available,
            cached: info.cached,
            swap_cached: info.swap_cached,
            locked: info.locked,
            swap_total: info.swap_total,
            swap_free: info.swap_free,
            zswap: info.zswap,
            zswapped: info.zswapped,
            dirty: info.dirty,
            anon_pages: info.anon_pages,
            mapped: info.mapped,
            shmem: info.shmem,
            page_tables: info.page_tables,
            commit_limit: info.commit_limit,
            committed: info.committed,
            anon_huge_pages: info.anon_huge_pages,
            merged: info.merged,
        }
    }
}

/// Tells what the memory of a machine is used for.
///
/// \param machine the handle.
/// \param info where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages in memory + processes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_memory(
    machine: *mut memcore_machine,
    info: *mut memcore_memory_info,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, info) = unsafe { (memcore_machine::using(machine)?, out(info)?) };
        info.write(machine.meminfo().into());
        Ok::<_, Failure>(())
    })
}

/// The frames of a node, and how they were taken.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_node {
    /// Frames.
    pub frames: u64,
    /// Of these, free ones.
    pub free: u64,
    /// Frames taken here that were wanted here.
    pub hit: u64,
    /// Frames taken here that were wanted elsewhere.
    pub miss: u64,
    /// Frames taken here by interleaving.
    pub interleave_hit: u64,
    /// Pages that moved here.
    pub migrated: u64,
}

impl From<NumaStat> for memcore_node {
    fn from(node: NumaStat) -> Self {
        memcore_node {
            frames: node.frames,
            free: node.free,
            hit: node.hit,
            miss: node.miss,
            interleave_hit: node.interleave_hit,
            migrated: node.migrated,
        }
    }
}

/// Lists the nodes of a machine, in the order of their numbers from 0.
///
/// \param machine the handle.
/// \param nodes an array that the nodes are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where is written how many there are; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(nodes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_nodes(
    machine: *mut memcore_machine,
    nodes: *mut memcore_node,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, nodes, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(nodes, most)?, out(count)?) };
        let told = machine.numastat();
        count.write(told.len());
        fill(nodes, told.into_iter().map(memcore_node::from));
        Ok::<_, Failure>(())
    })
}
