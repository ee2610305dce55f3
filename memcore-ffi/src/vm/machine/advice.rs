//! What a process says and asks about a range of its pages: madvise, mlock, mincore, msync.

use memcore::vm::{Advice, ProcessId};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, out, out_array},
};

/// Advice about a range, with the numbers of Linux.
#[repr(i32)]
#[derive(Clone, Copy)]
#[allow(dead_code)] // some of them are for C alone
pub enum memcore_advice {
    /// Nothing special.
    Normal = 0,
    /// References will come in no order: no read-ahead.
    Random = 1,
    /// References will come in order: more read-ahead.
    Sequential = 2,
    /// The pages will be needed: they are read now.
    WillNeed = 3,
    /// The contents are not needed any more.
    DontNeed = 4,
    /// The contents may go when memory is short, unless they are written again.
    Free = 8,
    /// A child shall not have them.
    DontFork = 10,
    /// Undoes DONT_FORK.
    DoFork = 11,
    /// Equal pages may be merged.
    Mergeable = 12,
    /// Undoes MERGEABLE, and parts what was merged.
    Unmergeable = 13,
    /// Huge pages are wanted.
    HugePage = 14,
    /// Huge pages are not wanted.
    NoHugePage = 15,
    /// A child shall see zeros.
    WipeOnFork = 18,
    /// Undoes WIPE_ON_FORK.
    KeepOnFork = 19,
    /// They may leave first.
    Cold = 20,
    /// They leave now.
    PageOut = 21,
    /// Faulted in now, for reading.
    PopulateRead = 22,
    /// Faulted in now, for writing.
    PopulateWrite = 23,
    /// Made a huge page now.
    Collapse = 25,
    /// From now on an access is a fault.
    GuardInstall = 102,
    /// Undoes GUARD_INSTALL.
    GuardRemove = 103,
}

/// Gives advice about a range.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \param advice a `memcore_advice`, which are Linux' numbers.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
/// of the page size, the advice is none, or does not suit the area (a locked one, one that is not private and
/// anonymous, one that may not be accessed so); `MEMCORE_STATUS_VM_HOLE` iff part of the range is not mapped, with all
/// mapped parts advised (populating stops there); `MEMCORE_STATUS_VM_BAD_ADDRESS` iff populating met a page that
/// cannot be brought in; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_VM_AGAIN`; `MEMCORE_STATUS_VM_IO`;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + entries in the range).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_madvise(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
    advice: i32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut machine = unsafe { memcore_machine::using(machine) }?;
        machine.madvise(ProcessId(process), start, length, Advice::from_number(advice)?)?;
        Ok::<_, Failure>(())
    })
}

/// Locks a range: its pages are brought in, and stay. The range is rounded to whole pages at both ends.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address.
/// \param length bytes.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not
/// mapped, with the part before it locked; `MEMCORE_STATUS_VM_NO_MEMORY` iff it is more than may be locked;
/// `MEMCORE_STATUS_VM_AGAIN` iff a page cannot be brought in; `MEMCORE_STATUS_VM_INVALID` iff the range leaves the
/// numbers of addresses; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mlock(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.mlock(ProcessId(process), start, length)?;
        Ok::<_, Failure>(())
    })
}

/// Locks a range, but a page stays only once it is there.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address.
/// \param length bytes.
/// \return as `memcore_machine_mlock`.
///
/// O(log areas + pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mlock_on_fault(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.mlock_on_fault(ProcessId(process), start, length)?;
        Ok::<_, Failure>(())
    })
}

/// Unlocks a range, which is rounded to whole pages at both ends.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address.
/// \param length bytes.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not
/// mapped, with the part before it unlocked; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_VM_INVALID` iff the range
/// leaves the numbers of addresses; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_munlock(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.munlock(ProcessId(process), start, length)?;
        Ok::<_, Failure>(())
    })
}

/// Writes the dirty pages that a range maps to their files.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
/// of the page size; `MEMCORE_STATUS_VM_IO` iff a page could not be written; `MEMCORE_STATUS_VM_HOLE` iff part of the
/// range is not mapped, with all mapped parts written; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_msync(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.msync(ProcessId(process), start, length)?;
        Ok::<_, Failure>(())
    })
}

/// Tells which pages of a range are in memory: private ones by the process' own entries, others by their file or
/// object.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \param resident an array to which 1 is written for a page in memory, else 0; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where the number of pages of the range is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
/// of the page size; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not mapped; `MEMCORE_STATUS_VM_NO_MEMORY`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages). Allocates a byte a page while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mincore(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
    resident: *mut u8,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, resident, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(resident, most)?, out(count)?) };
        let told = machine.mincore(ProcessId(process), start, length)?;
        count.write(told.len());
        fill(resident, told.into_iter().map(u8::from));
        Ok::<_, Failure>(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_of_the_header_is_the_engines() {
        use memcore_advice::*;
        let listed = [
            Normal,
            Random,
            Sequential,
            WillNeed,
            DontNeed,
            Free,
            DontFork,
            DoFork,
            Mergeable,
            Unmergeable,
            HugePage,
            NoHugePage,
            WipeOnFork,
            KeepOnFork,
            Cold,
            PageOut,
            PopulateRead,
            PopulateWrite,
            Collapse,
            GuardInstall,
            GuardRemove,
        ];
        let numbers: Vec<i32> = listed.iter().map(|&advice| advice as i32).collect();
        let engine: Vec<i32> = Advice::ALL.iter().map(|&advice| advice as i32).collect();
        assert_eq!(numbers, engine);
    }
}
