//! What a machine counts, and what its time is spent on.

use memcore::vm::{Cause, Count, ProcessId};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{fill, out, out_array},
    status::memcore_status,
    text::memcore_text,
};

/// Something that a machine counts: an index into the arrays of counts.
#[repr(i32)]
#[allow(dead_code)] // some of them are for C alone
pub enum memcore_counter {
    /// Pages read by the program (an access that spans two pages counts twice).
    Reads = 0,
    /// Pages written by the program.
    Writes = 1,
    /// Pages that instructions were fetched from.
    Executes = 2,
    /// Translations that a TLB of the first level had.
    TlbHit1 = 3,
    /// Translations that a TLB of a further level had.
    TlbHit2 = 4,
    /// Translations that no TLB had.
    TlbMiss = 5,
    /// Entries dropped from TLBs because a page table changed.
    TlbFlush = 6,
    /// Page walks.
    Walks = 7,
    /// Page-table entries that walks read.
    WalkReferences = 8,
    /// Upper entries that walks found in the page-walk cache.
    WalkCacheHits = 9,
    /// Faults served without input from a device.
    Minor = 10,
    /// Faults that waited for a device or for decompression.
    Major = 11,
    /// Pages copied at a write.
    Cow = 12,
    /// Writes to a write-protected page of one owner: it is used on.
    Reuse = 13,
    /// Reads that mapped the shared page of zeros.
    ZeroMap = 14,
    /// Frames zeroed for a first write.
    ZeroFill = 15,
    /// Faults whose protection forbade the access.
    Protection = 16,
    /// SIGSEGV, all kinds.
    Segv = 17,
    /// SIGBUS, all kinds.
    Bus = 18,
    /// Processes killed for want of memory.
    OomKill = 19,
    /// Faults that mapped a file's page.
    FileMap = 20,
    /// Pages mapped beside the faulting one.
    FaultAround = 21,
    /// Pages read from files.
    FileRead = 22,
    /// Dirty pages written to files.
    FileWrite = 23,
    /// Pages read ahead, from files and the swap device.
    ReadAhead = 24,
    /// Faults on swapped pages that were still in memory.
    SwapCacheHit = 25,
    /// Pages read from the swap device.
    SwapIn = 26,
    /// Pages written to the swap device.
    SwapOut = 27,
    /// Pages taken from the compressed pool.
    ZswapIn = 28,
    /// Pages put into the compressed pool.
    ZswapOut = 29,
    /// Pages moved on from the compressed pool to the swap device.
    ZswapWriteback = 30,
    /// Pages that the compressed pool refused.
    ZswapReject = 31,
    /// Pages that lost their frame.
    Evicted = 32,
    /// Of these, by the background reclaimer.
    EvictedBackground = 33,
    /// Wake-ups of the background reclaimer.
    BackgroundWakeups = 34,
    /// Allocations that had to reclaim by themselves.
    DirectReclaim = 35,
    /// Pages brought back soon after they were evicted.
    Refault = 36,
    /// Pages merged into another of equal content.
    Merged = 37,
    /// Merged pages that were written and copied apart again.
    Unmerged = 38,
    /// Huge pages taken at a fault.
    HugeFault = 39,
    /// Huge pages that could not be had at a fault.
    HugeFallback = 40,
    /// Ranges collapsed into a huge page.
    HugeCollapse = 41,
    /// Huge pages split.
    HugeSplit = 42,
    /// Frames from the node that was wanted.
    NumaHit = 43,
    /// Frames from another node than was wanted.
    NumaMiss = 44,
    /// Pages placed by interleaving.
    NumaInterleave = 45,
    /// Faults that asked where a page should be (next-touch).
    NumaHint = 46,
    /// Pages moved to another node.
    NumaMigrate = 47,
}

/// What time is spent on: an index into the arrays of cycles.
#[repr(i32)]
#[allow(dead_code)] // some of them are for C alone
pub enum memcore_cause {
    /// Looking up further levels of TLBs.
    Tlb = 0,
    /// Reading page-table entries.
    Walk = 1,
    /// The data itself: caches and memory, distance included.
    Data = 2,
    /// Entering and leaving the kernel at faults.
    Trap = 3,
    /// Zeroing frames.
    Zero = 4,
    /// Copying pages.
    Copy = 5,
    /// Reading the swap device.
    SwapRead = 6,
    /// Writing the swap device, while somebody waits.
    SwapWrite = 7,
    /// Reading files.
    FileRead = 8,
    /// Writing files, while somebody waits.
    FileWrite = 9,
    /// Compressing pages.
    Compress = 10,
    /// Decompressing pages.
    Decompress = 11,
    /// Comparing and hashing pages to merge them.
    Merge = 12,
    /// Moving pages between nodes.
    Migrate = 13,
    /// Telling TLBs of changes.
    Shootdown = 14,
    /// Work in the background, for which nobody waits.
    Background = 15,
}

/// The number of things that a machine counts.
///
/// \return the number. A later version of the library may have more.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_counter_count() -> usize {
    guarded(0, || Count::ALL.len())
}

/// The name of what a machine counts: "reads", "tlb_miss", "minor", ...
///
/// \param index from 0 to `memcore_counter_count()` - 1.
/// \param name where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_counter_name(index: usize, name: *mut memcore_text) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let name = unsafe { out(name) }?;
        let found = *Count::ALL.get(index).ok_or(memcore_status::OutOfRange)?;
        name.write(found.name().into());
        Ok::<_, Failure>(())
    })
}

/// The number of causes that cycles are counted by.
///
/// \return the number. A later version of the library may have more.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_cause_count() -> usize {
    guarded(0, || Cause::ALL.len())
}

/// The name of a cause: "walk", "data", "swap_read", ...
///
/// \param index from 0 to `memcore_cause_count()` - 1.
/// \param name where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_cause_name(index: usize, name: *mut memcore_text) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let name = unsafe { out(name) }?;
        let found = *Cause::ALL.get(index).ok_or(memcore_status::OutOfRange)?;
        name.write(found.name().into());
        Ok::<_, Failure>(())
    })
}

/// Tells what was counted since the machine was made.
///
/// \param machine the handle.
/// \param values an array that the numbers are written to, indexed by `memcore_counter`; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where `memcore_counter_count()` is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(counts).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_counters(
    machine: *mut memcore_machine,
    values: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, values, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(values, most)?, out(count)?) };
        let told = machine.counters();
        count.write(told.iter().count());
        fill(values, told.iter().map(|(_, number)| number));
        Ok::<_, Failure>(())
    })
}

/// Tells what was counted while a process ran: its own work, and what the machine did meanwhile.
///
/// \param machine the handle.
/// \param process the process.
/// \param values an array that the numbers are written to, indexed by `memcore_counter`; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where `memcore_counter_count()` is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(counts).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_process_counters(
    machine: *mut memcore_machine,
    process: u32,
    values: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, values, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(values, most)?, out(count)?) };
        let told = machine.process_counters(ProcessId(process))?;
        count.write(told.iter().count());
        fill(values, told.iter().map(|(_, number)| number));
        Ok::<_, Failure>(())
    })
}

/// Tells what was counted of one node: the counts that begin with NUMA.
///
/// \param machine the handle.
/// \param node the node.
/// \param values an array that the numbers are written to, indexed by `memcore_counter`; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where `memcore_counter_count()` is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`;
/// `MEMCORE_STATUS_VM_INVALID` iff there is no such node; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(counts).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_node_counters(
    machine: *mut memcore_machine,
    node: u32,
    values: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, values, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(values, most)?, out(count)?) };
        let told = machine.node_counters(node)?;
        count.write(told.iter().count());
        fill(values, told.iter().map(|(_, number)| number));
        Ok::<_, Failure>(())
    })
}

/// Tells the cycles by cause since the machine was made.
///
/// \param machine the handle.
/// \param values an array that the numbers are written to, indexed by `memcore_cause`; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where `memcore_cause_count()` is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(counts).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_cycles(
    machine: *mut memcore_machine,
    values: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, values, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(values, most)?, out(count)?) };
        let told = machine.time();
        count.write(told.iter().count());
        fill(values, told.iter().map(|(_, number)| number));
        Ok::<_, Failure>(())
    })
}

/// Tells the cycles by cause while a process ran.
///
/// \param machine the handle.
/// \param process the process.
/// \param values an array that the numbers are written to, indexed by `memcore_cause`; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where `memcore_cause_count()` is written; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(counts).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_process_cycles(
    machine: *mut memcore_machine,
    process: u32,
    values: *mut u64,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, values, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(values, most)?, out(count)?) };
        let told = machine.process_time(ProcessId(process))?;
        count.write(told.iter().count());
        fill(values, told.iter().map(|(_, number)| number));
        Ok::<_, Failure>(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the variants of an enum in the header, in order, in lower case and without underscores.
    fn variants(name: &str) -> Vec<String> {
        let header = include_str!("../../../../include/memcore.h");
        let begin = header.find(&format!("enum {name} {{")).expect("the header has the enum");
        let body = &header[begin..begin + header[begin..].find("}").expect("it ends")];
        let prefix = format!("{}_", name.to_uppercase());
        let lines = body.lines().filter_map(|line| line.trim().strip_prefix(&prefix));
        lines.map(|line| plain(line.split(' ').next().unwrap_or_default())).collect()
    }

    /// A name by its letters and digits.
    fn plain(name: &str) -> String {
        name.to_lowercase().replace('_', "").replace("hitl", "hit")
    }

    #[test]
    fn the_numbers_of_the_header_are_the_engines() {
        let counts: Vec<_> = Count::ALL.iter().map(|count| plain(count.name())).collect();
        assert_eq!(variants("memcore_counter"), counts);
        let causes: Vec<_> = Cause::ALL.iter().map(|cause| plain(cause.name())).collect();
        assert_eq!(variants("memcore_cause"), causes);
    }
}
