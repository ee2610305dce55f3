//! What a kernel does in the background, on demand: reclaim, merging, huge pages; and faults of the swap device.

use memcore::vm::{CompressStats, MergeReport, ProcessId, SwapFault};

use super::{handle::memcore_machine, invalid};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out, out},
};

/// Reclaims about so many pages now.
///
/// \param machine the handle.
/// \param pages how many.
/// \param freed where the number of frames that became free is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages looked at).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_reclaim(
    machine: *mut memcore_machine,
    pages: u64,
    freed: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, freed) = unsafe { (memcore_machine::using(machine)?, optional_out(freed)) };
        let left = machine.reclaim(pages);
        if let Some(freed) = freed {
            freed.write(left);
        }
        Ok::<_, Failure>(())
    })
}

/// What merging of equal pages has achieved.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_merge_report {
    /// Merged pages.
    pub shared: u64,
    /// Entries that map them beyond the first of each: pages saved.
    pub sharing: u64,
    /// Pages looked at that are alone so far.
    pub unshared: u64,
    /// Pages whose content changed since the scan before.
    pub changing: u64,
    /// Entries that map the shared page of zeros for being zeros.
    pub zero_pages: u64,
    /// Times that all mergeable areas were scanned.
    pub full_scans: u64,
    /// Pages looked at by this call.
    pub scanned: u64,
    /// Pages merged by this call.
    pub merged: u64,
}

impl From<MergeReport> for memcore_merge_report {
    fn from(report: MergeReport) -> Self {
        memcore_merge_report {
            shared: report.shared,
            sharing: report.sharing,
            unshared: report.unshared,
            changing: report.volatile,
            zero_pages: report.zero_pages,
            full_scans: report.full_scans,
            scanned: report.scanned,
            merged: report.merged,
        }
    }
}

/// Looks at the next pages of mergeable areas, and merges equal ones. A page is merged at the second scan that finds
/// it unchanged.
///
/// \param machine the handle.
/// \param pages how many pages to look at; 0 tells what was achieved so far.
/// \param report where the report is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages), a hash of each. Without contents nothing is merged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_merge_scan(
    machine: *mut memcore_machine,
    pages: u64,
    report: *mut memcore_merge_report,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, report) = unsafe { (memcore_machine::using(machine)?, optional_out(report)) };
        let told = if pages == 0 { machine.merge_report() } else { machine.merge_scan(pages) };
        if let Some(report) = report {
            report.write(told.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Looks at all areas of a process that want huge pages, and collapses what may be.
///
/// \param machine the handle.
/// \param process the process.
/// \param made where the number of huge pages made is written; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(areas + entries).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_collapse_scan(
    machine: *mut memcore_machine,
    process: u32,
    made: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, made) = unsafe { (memcore_machine::using(machine)?, optional_out(made)) };
        let collapsed = machine.collapse_scan(ProcessId(process))?;
        if let Some(made) = made {
            made.write(collapsed);
        }
        Ok::<_, Failure>(())
    })
}

/// What the compressed pool in front of the swap device did.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_compression {
    /// Pages that it took.
    pub stores: u64,
    /// Pages that were read back.
    pub loads: u64,
    /// Pages that went to the device instead.
    pub written_back: u64,
    /// Times that a page came while the pool was at its maximum.
    pub limit_hit: u64,
    /// Pages refused because the pool is or was full.
    pub reject_full: u64,
    /// Pages refused because they do not become smaller.
    pub compress_poor: u64,
    /// Pages refused for want of the system's memory.
    pub reject_alloc_fail: u64,
    /// Bytes of the pages that were compressed.
    pub bytes_in: u64,
    /// Bytes that they became.
    pub bytes_out: u64,
}

impl From<CompressStats> for memcore_compression {
    fn from(stats: CompressStats) -> Self {
        memcore_compression {
            stores: stats.stores,
            loads: stats.loads,
            written_back: stats.written_back,
            limit_hit: stats.limit_hit,
            reject_full: stats.reject_full,
            compress_poor: stats.compress_poor,
            reject_alloc_fail: stats.reject_alloc_fail,
            bytes_in: stats.bytes_in,
            bytes_out: stats.bytes_out,
        }
    }
}

/// Tells what the compressed pool did.
///
/// \param machine the handle.
/// \param has_pool where is written whether there is a pool.
/// \param compression where the figures are written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`, pool or not; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_compression(
    machine: *mut memcore_machine,
    has_pool: *mut bool,
    compression: *mut memcore_compression,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, has_pool, compression) =
            unsafe { (memcore_machine::using(machine)?, out(has_pool)?, optional_out(compression)) };
        let told = machine.compression();
        has_pool.write(told.is_some());
        if let (Some(told), Some(compression)) = (told, compression) {
            compression.write(told.into());
        }
        Ok::<_, Failure>(())
    })
}

/// What goes wrong on the swap device.
#[repr(i32)]
pub enum memcore_swap_fault_kind {
    /// Reads of `slot` fail.
    Read = 0,
    /// Writes to `slot` fail.
    Write = 1,
    /// All reads fail, if `is_on` is not 0; else no longer all of them.
    AllReads = 2,
    /// All writes fail, if `is_on` is not 0; else no longer all of them.
    AllWrites = 3,
    /// `bit` of what is in `slot` is the other way round, until the slot is written again.
    Flip = 4,
    /// The device is well again; flipped bits stay as they are.
    Heal = 5,
}

/// A fault of the swap device. Members that its kind does not speak of are ignored.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_swap_fault {
    /// A `memcore_swap_fault_kind`.
    pub kind: i32,
    /// The slot.
    pub slot: u32,
    /// The bit, counted through the page; past its end it begins again.
    pub bit: u64,
    /// Whether all reads or writes fail.
    pub is_on: i32,
}

/// Makes the swap device fail, on purpose. A page that cannot be read is a fault of whoever accesses it; one that
/// cannot be written stays in memory.
///
/// \param machine the handle.
/// \param fault the fault.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_INVALID` iff the kind is none; `MEMCORE_STATUS_VM_IO` iff the slot
/// does not exist or holds nothing; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log faults).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_inject(
    machine: *mut memcore_machine,
    fault: *const memcore_swap_fault,
) -> i32 {
    const READ: i32 = memcore_swap_fault_kind::Read as i32;
    const WRITE: i32 = memcore_swap_fault_kind::Write as i32;
    const ALL_READS: i32 = memcore_swap_fault_kind::AllReads as i32;
    const ALL_WRITES: i32 = memcore_swap_fault_kind::AllWrites as i32;
    const FLIP: i32 = memcore_swap_fault_kind::Flip as i32;
    const HEAL: i32 = memcore_swap_fault_kind::Heal as i32;
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, &memcore_swap_fault { kind, slot, bit, is_on }) =
            unsafe { (memcore_machine::using(machine)?, object(fault)?) };
        machine.inject(match kind {
            READ => SwapFault::Read { slot },
            WRITE => SwapFault::Write { slot },
            ALL_READS => SwapFault::AllReads(is_on != 0),
            ALL_WRITES => SwapFault::AllWrites(is_on != 0),
            FLIP => SwapFault::Flip { slot, bit },
            HEAL => SwapFault::Heal,
            _ => return Err(invalid("kind", kind as u32 as u64, "is unknown")),
        })?;
        Ok(())
    })
}
