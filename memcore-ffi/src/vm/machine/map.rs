//! The calls that change an address space: mmap, munmap, mprotect, mremap, brk.

use memcore::vm::{MapFlags, MapRequest, ProcessId, Protection, Remap};

use super::{handle::memcore_machine, invalid};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{object, out},
};

/// No protection: every access is a fault.
#[allow(dead_code)] // for C alone
pub const MEMCORE_PROT_NONE: u32 = 0;
/// Reading.
#[allow(dead_code)] // for C alone
pub const MEMCORE_PROT_READ: u32 = 1;
/// Writing, which implies reading.
#[allow(dead_code)] // for C alone
pub const MEMCORE_PROT_WRITE: u32 = 2;
/// Executing, which implies reading.
#[allow(dead_code)] // for C alone
pub const MEMCORE_PROT_EXECUTE: u32 = 4;

/// Writes are seen by all who map the same, and reach the file.
pub const MEMCORE_MAP_SHARED: u32 = 0x1;
/// Writes are the process' own.
pub const MEMCORE_MAP_PRIVATE: u32 = 0x2;
/// At the given address, whatever is mapped there.
pub const MEMCORE_MAP_FIXED: u32 = 0x10;
/// Grows downwards when the page below is touched: a stack.
pub const MEMCORE_MAP_GROWSDOWN: u32 = 0x100;
/// Locked into memory.
pub const MEMCORE_MAP_LOCKED: u32 = 0x2000;
/// No commit is charged.
pub const MEMCORE_MAP_NORESERVE: u32 = 0x4000;
/// Faulted in now.
pub const MEMCORE_MAP_POPULATE: u32 = 0x8000;
/// From the pool of huge pages.
pub const MEMCORE_MAP_HUGETLB: u32 = 0x40000;
/// At the given address, unless something is mapped there.
pub const MEMCORE_MAP_FIXED_NOREPLACE: u32 = 0x100000;

const _: () = assert!(
    MEMCORE_MAP_SHARED == MapFlags::SHARED.bits()
        && MEMCORE_MAP_PRIVATE == MapFlags::PRIVATE.bits()
        && MEMCORE_MAP_FIXED == MapFlags::FIXED.bits()
        && MEMCORE_MAP_GROWSDOWN == MapFlags::GROWSDOWN.bits()
        && MEMCORE_MAP_LOCKED == MapFlags::LOCKED.bits()
        && MEMCORE_MAP_NORESERVE == MapFlags::NORESERVE.bits()
        && MEMCORE_MAP_POPULATE == MapFlags::POPULATE.bits()
        && MEMCORE_MAP_HUGETLB == MapFlags::HUGETLB.bits()
        && MEMCORE_MAP_FIXED_NOREPLACE == MapFlags::FIXED_NOREPLACE.bits()
);

/// No file: the range is anonymous.
pub const MEMCORE_NO_FILE: u32 = 0xffffffff;

/// A request to map a range. `memcore_map_request_for` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_map_request {
    /// A wish; with FIXED the very address.
    pub address: u64,
    /// Bytes; rounded up to whole pages.
    pub length: u64,
    /// `MEMCORE_PROT_...`, joined by `|`.
    pub protection: u32,
    /// `MEMCORE_MAP_...`, joined by `|`, with the numbers of Linux: SHARED or PRIVATE, one of them.
    pub flags: u32,
    /// A file of the machine, or `MEMCORE_NO_FILE`.
    pub file: u32,
    /// With HUGETLB: the level of the page table whose entries map the pages (1: 2 MiB, 2: 1 GiB on x86-64).
    pub huge_level: u32,
    /// Where in the file, in bytes; a multiple of the page size.
    pub offset: u64,
}

/// The request for `length` bytes of private memory that begins as zeros, anywhere.
///
/// \param length bytes.
/// \param protection `MEMCORE_PROT_...`, joined by `|`.
/// \return the request, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_map_request_for(length: u64, protection: u32) -> memcore_map_request {
    let flags = MEMCORE_MAP_PRIVATE;
    let file = MEMCORE_NO_FILE;
    let request =
        memcore_map_request { address: 0, length, protection, flags, file, huge_level: 1, offset: 0 };
    guarded(request, || request)
}

fn protection(bits: u32) -> Result<Protection, Failure> {
    Protection::from_bits(bits)
        .ok_or_else(|| invalid("protection", bits.into(), "has bits that stand for nothing"))
}

/// Maps a range. Nothing is in memory yet, unless it is asked to be.
///
/// \param machine the handle.
/// \param process the process.
/// \param request what and how.
/// \param address where is written where the range begins.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff the protection or the
/// flags have unknown bits, the length is 0, the range is not exactly one of shared and private, or a fixed address
/// or the offset is no multiple of the page size; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_VM_DENIED` iff the
/// file is open for reading and the range shared and to be written; `MEMCORE_STATUS_VM_EXISTS` iff FIXED_NOREPLACE
/// meets something mapped; `MEMCORE_STATUS_VM_NO_MEMORY`, with what ran out in the details' `rule`;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas), and what overlaps a fixed range is unmapped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mmap(
    machine: *mut memcore_machine,
    process: u32,
    request: *const memcore_map_request,
    address: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, request, address) =
            unsafe { (memcore_machine::using(machine)?, object(request)?, out(address)?) };
        let flags = MapFlags::from_bits(request.flags)
            .ok_or_else(|| invalid("flags", request.flags.into(), "have bits that stand for nothing"))?;
        address.write(machine.mmap(
            ProcessId(process),
            &MapRequest {
                address: request.address,
                length: request.length,
                protection: protection(request.protection)?,
                flags,
                file: (request.file != MEMCORE_NO_FILE).then_some(request.file),
                offset: request.offset,
                huge_level: request.huge_level,
            },
        )?);
        Ok::<_, Failure>(())
    })
}

/// Unmaps a range, whatever is mapped in it.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
/// of the page size, the length is 0, or the range leaves the address space or cuts a huge page of a pool;
/// `MEMCORE_STATUS_VM_NO_MEMORY` iff an area would be cut in two and be one too many; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + entries in the range).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_munmap(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.munmap(ProcessId(process), start, length)?;
        Ok::<_, Failure>(())
    })
}

/// Changes what may be done to the pages of a range. Contents stay.
///
/// \param machine the handle.
/// \param process the process.
/// \param start the first address, at the boundary of a page.
/// \param length bytes; rounded up to whole pages.
/// \param protection `MEMCORE_PROT_...`, joined by `|`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff `start` is no multiple
/// of the page size or the protection has unknown bits; `MEMCORE_STATUS_VM_HOLE` iff part of the range is not mapped,
/// with the part before it changed; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_VM_DENIED` iff shared memory of a
/// file that is open for reading would become writable; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + entries in the range).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mprotect(
    machine: *mut memcore_machine,
    process: u32,
    start: u64,
    length: u64,
    protection: u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut machine = unsafe { memcore_machine::using(machine) }?;
        machine.mprotect(ProcessId(process), start, length, self::protection(protection)?)?;
        Ok::<_, Failure>(())
    })
}

/// The range may move to wherever there is room, if it cannot grow where it is.
pub const MEMCORE_REMAP_MAY_MOVE: u32 = 1;
/// The range moves to a given address, whatever is mapped there. With `MEMCORE_REMAP_MAY_MOVE`, as on Linux.
pub const MEMCORE_REMAP_FIXED: u32 = 2;

/// Resizes a range, and moves it where that is allowed. Shrinking unmaps the end.
///
/// \param machine the handle.
/// \param process the process.
/// \param old where the range begins, at the boundary of a page.
/// \param old_length its bytes; rounded up to whole pages.
/// \param new_length bytes that it shall have; rounded up to whole pages.
/// \param flags `MEMCORE_REMAP_...`, joined by `|`; 0: it stays where it is.
/// \param new_address with `MEMCORE_REMAP_FIXED`, where it shall be; else ignored.
/// \param address where is written where it is.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_VM_INVALID` iff an address is no
/// multiple of the page size, the new length is 0, the flags are none of 0, 1 and 3, or the new place overlaps the old
/// one; `MEMCORE_STATUS_VM_BAD_ADDRESS` iff nothing is mapped at `old`, or the range lies in several areas and is
/// resized; `MEMCORE_STATUS_VM_NO_MEMORY` iff it cannot grow where it is and must not move, there is no room, or for a
/// limit; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas + entries moved).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_mremap(
    machine: *mut memcore_machine,
    process: u32,
    old: u64,
    old_length: u64,
    new_length: u64,
    flags: u32,
    new_address: u64,
    address: *mut u64,
) -> i32 {
    const MAY_MOVE_FIXED: u32 = MEMCORE_REMAP_MAY_MOVE | MEMCORE_REMAP_FIXED;
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, address) = unsafe { (memcore_machine::using(machine)?, out(address)?) };
        let how = match flags {
            0 => Remap::InPlace,
            MEMCORE_REMAP_MAY_MOVE => Remap::MayMove,
            MAY_MOVE_FIXED => Remap::Fixed(new_address),
            _ => return Err(invalid("flags", flags.into(), "must be 0, may move, or may move and fixed")),
        };
        address.write(machine.mremap(ProcessId(process), old, old_length, new_length, how)?);
        Ok(())
    })
}

/// Moves the end of the heap; where it cannot be moved there, it stays, as on Linux.
///
/// \param machine the handle.
/// \param process the process.
/// \param wanted the end wanted; 0 asks.
/// \param end where the end is written: the old one unless it was moved.
/// \return `MEMCORE_STATUS_OK`, moved or not; `MEMCORE_STATUS_VM_NO_PROCESS`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(log areas), and a shrinking heap is unmapped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_brk(
    machine: *mut memcore_machine,
    process: u32,
    wanted: u64,
    end: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, end) = unsafe { (memcore_machine::using(machine)?, out(end)?) };
        end.write(machine.brk(ProcessId(process), wanted)?);
        Ok::<_, Failure>(())
    })
}
