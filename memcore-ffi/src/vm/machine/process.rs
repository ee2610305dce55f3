//! Processes: how they begin and end, and to which group they belong.

use memcore::vm::ProcessId;

use super::handle::memcore_machine;
use crate::{
    alloc::MEMCORE_NO_LIMIT,
    error::Failure,
    panic::guarded_status,
    pointer::{fill, optional_out, out, out_array},
};

/// Begins a process with the segments of the machine's layout mapped, and nothing in memory.
///
/// \param machine the handle.
/// \param process where its number is written: 1 for the first, and no number twice.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_MEMORY` iff the commit limit or the frames are exhausted;
/// `MEMCORE_STATUS_VM_CONFIG` iff the layout does not fit the address space; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(frames of its page table).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_spawn(machine: *mut memcore_machine, process: *mut u32) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, process) = unsafe { (memcore_machine::using(machine)?, out(process)?) };
        process.write(machine.spawn()?.0);
        Ok::<_, Failure>(())
    })
}

/// Copies a process. Private memory is shared until either writes; locks are not inherited.
///
/// \param machine the handle.
/// \param parent the process.
/// \param child where the number of the copy is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_NO_MEMORY` iff the commit limit or
/// the frames are exhausted; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(areas + entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_fork(
    machine: *mut memcore_machine,
    parent: u32,
    child: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, child) = unsafe { (memcore_machine::using(machine)?, out(child)?) };
        child.write(machine.fork(ProcessId(parent))?.0);
        Ok::<_, Failure>(())
    })
}

/// Ends a process: all that it alone has is free.
///
/// \param machine the handle.
/// \param process the process.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(areas + entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_exit(machine: *mut memcore_machine, process: u32) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.exit(ProcessId(process))?;
        Ok::<_, Failure>(())
    })
}

/// Lists the processes that live, in the order of their numbers.
///
/// \param machine the handle.
/// \param processes an array that the numbers are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where is written how many live; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(processes ever).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_processes(
    machine: *mut memcore_machine,
    processes: *mut u32,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, processes, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(processes, most)?, out(count)?) };
        fill(processes, machine.processes().map(|process| process.0));
        count.write(machine.processes().count());
        Ok::<_, Failure>(())
    })
}

/// Favours or disfavours a process when one must be killed for want of memory.
///
/// \param machine the handle.
/// \param process the process.
/// \param adjustment from -1000 (never killed) to 1000.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff the adjustment is
/// outside; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_set_oom_adjustment(
    machine: *mut memcore_machine,
    process: u32,
    adjustment: i32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.set_oom_adjustment(ProcessId(process), adjustment)?;
        Ok::<_, Failure>(())
    })
}

/// Tells the points of a process: the one with the most is killed for want of memory.
///
/// \param machine the handle.
/// \param process the process.
/// \param can_be_killed where is written whether it is ever killed.
/// \param points where the points are written: pages, and what the adjustment adds. 0 for one that is never killed.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_oom_points(
    machine: *mut memcore_machine,
    process: u32,
    can_be_killed: *mut bool,
    points: *mut i64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, can_be_killed, points) =
            unsafe { (memcore_machine::using(machine)?, out(can_be_killed)?, out(points)?) };
        let told = machine.oom_points(ProcessId(process))?;
        can_be_killed.write(told.is_some());
        points.write(told.unwrap_or(0));
        Ok::<_, Failure>(())
    })
}

fn limit(bound: u64) -> Option<u64> {
    (bound != MEMCORE_NO_LIMIT).then_some(bound)
}

/// Makes a group of processes that together may have so many pages in memory.
///
/// \param machine the handle.
/// \param limit pages, or `MEMCORE_NO_LIMIT`.
/// \param group where its number is written. Group 0 is that of all processes which joined none.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff the limit is 0, or the machine has a policy for each
/// process; a `MEMCORE_STATUS_POLICY_...` status; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_create_group(
    machine: *mut memcore_machine,
    limit: u64,
    group: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, group) = unsafe { (memcore_machine::using(machine)?, out(group)?) };
        group.write(machine.create_group(self::limit(limit))?);
        Ok::<_, Failure>(())
    })
}

/// Puts a process into a group; what it has in memory stays with the group it had.
///
/// \param machine the handle.
/// \param process the process.
/// \param group the group.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff there is no such
/// group; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_join(
    machine: *mut memcore_machine,
    process: u32,
    group: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.join(ProcessId(process), group)?;
        Ok::<_, Failure>(())
    })
}

/// Changes the limit of a group; pages above it leave at once.
///
/// \param machine the handle.
/// \param group the group, not 0.
/// \param limit pages, or `MEMCORE_NO_LIMIT`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff there is no such group, or the limit is 0;
/// `MEMCORE_STATUS_VM_NO_MEMORY` iff not so many pages can leave, and the limit is set nevertheless;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages of the group).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_set_group_limit(
    machine: *mut memcore_machine,
    group: u32,
    limit: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.set_limit(group, self::limit(limit))?;
        Ok::<_, Failure>(())
    })
}

/// Tells the pages that a group has in memory.
///
/// \param machine the handle.
/// \param group the group.
/// \param pages where the pages are written.
/// \param limit where the limit is written, or `MEMCORE_NO_LIMIT`; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff there is no such group; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_group_usage(
    machine: *mut memcore_machine,
    group: u32,
    pages: *mut u64,
    limit: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, pages, limit) =
            unsafe { (memcore_machine::using(machine)?, out(pages)?, optional_out(limit)) };
        let (held, bound) = machine.group_usage(group)?;
        pages.write(held);
        if let Some(limit) = limit {
            limit.write(bound.unwrap_or(MEMCORE_NO_LIMIT));
        }
        Ok::<_, Failure>(())
    })
}
