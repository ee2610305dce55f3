//! What programs do to memory, and how it faults.

use std::{ffi::c_void, ptr, slice};

use memcore::vm::{Access, Fault, FaultKind, ProcessId};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, optional_out, out, out_array},
    trace::memcore_access_kind,
    vm::access_of,
};

/// What kind of fault an access ended in.
#[repr(i32)]
#[allow(dead_code)] // some of them are for C alone
pub enum memcore_fault_kind {
    /// None.
    None = 0,
    /// The address is not canonical: a general protection, SIGSEGV.
    GeneralProtection = 1,
    /// Nothing is mapped there, or a guard is: SIGSEGV, MAPERR.
    MapErr = 2,
    /// The protection forbids it: SIGSEGV, ACCERR.
    AccErr = 3,
    /// Past the end of the file: SIGBUS, ADRERR.
    AdrErr = 4,
    /// The file or the swap device could not be read, or gave other bytes than were written: SIGBUS.
    Io = 5,
    /// No frame was to be had, and this process was chosen to end: SIGKILL. It has ended.
    OutOfMemory = 6,
    /// There is no such process, or no longer.
    NoProcess = 7,
    /// One that this version of the library has no number for.
    Other = 99,
}

pub(super) fn fault_kind(kind: FaultKind) -> i32 {
    (match kind {
        FaultKind::GeneralProtection => memcore_fault_kind::GeneralProtection,
        FaultKind::MapErr => memcore_fault_kind::MapErr,
        FaultKind::AccErr => memcore_fault_kind::AccErr,
        FaultKind::AdrErr => memcore_fault_kind::AdrErr,
        FaultKind::Io => memcore_fault_kind::Io,
        FaultKind::OutOfMemory => memcore_fault_kind::OutOfMemory,
        FaultKind::NoProcess => memcore_fault_kind::NoProcess,
        _ => memcore_fault_kind::Other,
    }) as i32
}

/// Linux' number of a signal on x86-64.
fn signal_number(kind: FaultKind) -> i32 {
    match kind.signal() {
        Some("SIGSEGV") => 11,
        Some("SIGBUS") => 7,
        Some("SIGKILL") => 9,
        _ => 0,
    }
}

pub(super) fn access_kind(access: Access) -> i32 {
    (match access {
        Access::Read => memcore_access_kind::Read,
        Access::Write => memcore_access_kind::Write,
        Access::Execute => memcore_access_kind::Execute,
    }) as i32
}

/// An access that ended in a signal. The process lives on, unless it was killed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_fault {
    /// A `memcore_fault_kind`.
    pub kind: i32,
    /// A `memcore_access_kind`.
    pub access: i32,
    /// The signal, by its number on Linux: 11 SIGSEGV, 7 SIGBUS, 9 SIGKILL; 0 where no process is left to get one.
    pub signal: i32,
    /// Who accessed.
    pub process: u32,
    /// The first address of the access that could not be served.
    pub address: u64,
}

impl From<Fault> for memcore_fault {
    fn from(fault: Fault) -> Self {
        memcore_fault {
            kind: fault_kind(fault.kind),
            access: access_kind(fault.access),
            signal: signal_number(fault.kind),
            process: fault.process.0,
            address: fault.address,
        }
    }
}

/// Passes a result on; a fault is written where the caller wants it.
///
/// # Safety
/// `place` is null, or room for a fault.
unsafe fn told<T>(result: Result<T, Fault>, place: *mut memcore_fault) -> Result<T, Failure> {
    result.map_err(|fault| {
        // SAFETY: the caller's promise.
        if let Some(place) = unsafe { optional_out(place) } {
            place.write(fault.into());
        }
        fault.into()
    })
}

/// Accesses bytes without moving any: what a trace records.
///
/// \param machine the handle.
/// \param process the process.
/// \param address the first byte.
/// \param length bytes; 0 does nothing.
/// \param access a `memcore_access_kind`.
/// \param fault where a fault is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT` iff a page could not be served, and pages before it were
/// accessed; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `access` is none; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages touched).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_access(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    length: u64,
    access: i32,
    fault: *mut memcore_fault,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut machine = unsafe { memcore_machine::using(machine) }?;
        let known = access_of(access)?;
        // SAFETY: as the header asks.
        unsafe { told(machine.access(ProcessId(process), address, length, known), fault) }
    })
}

/// Reads bytes.
///
/// \param machine the handle.
/// \param process the process.
/// \param address the first byte.
/// \param into where `length` bytes are written; may be null when `length` is 0.
/// \param length bytes.
/// \param fault where a fault is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT` iff a page could not be served: bytes before it were read,
/// and the others are 0; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(bytes + pages). A machine without contents gives zeros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_read(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    into: *mut c_void,
    length: usize,
    fault: *mut memcore_fault,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, room) =
            unsafe { (memcore_machine::using(machine)?, out_array(into.cast::<u8>(), length)?) };
        // The bytes may never have been written by anybody, and a slice must not show such.
        // SAFETY: the room has so many bytes, which all have a value after the first line.
        let bytes = unsafe {
            ptr::write_bytes(room.as_mut_ptr(), 0, room.len());
            slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), room.len())
        };
        // SAFETY: as the header asks.
        unsafe { told(machine.read(ProcessId(process), address, bytes), fault) }
    })
}

/// Writes bytes.
///
/// \param machine the handle.
/// \param process the process.
/// \param address the first byte.
/// \param bytes `length` bytes; may be null when `length` is 0.
/// \param length bytes.
/// \param fault where a fault is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT` iff a page could not be served, and bytes before it were
/// written; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(bytes + pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_write(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    bytes: *const c_void,
    length: usize,
    fault: *mut memcore_fault,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, bytes) =
            unsafe { (memcore_machine::using(machine)?, array(bytes.cast::<u8>(), length)?) };
        // SAFETY: as the header asks.
        unsafe { told(machine.write(ProcessId(process), address, bytes), fault) }
    })
}

/// Fetches instructions.
///
/// \param machine the handle.
/// \param process the process.
/// \param address the first byte.
/// \param length bytes; 0 does nothing.
/// \param fault where a fault is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_FAULT`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages touched).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_execute(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    length: u64,
    fault: *mut memcore_fault,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut machine = unsafe { memcore_machine::using(machine) }?;
        // SAFETY: as the header asks.
        unsafe { told(machine.execute(ProcessId(process), address, length), fault) }
    })
}

/// Writes bytes where others are expected, with nothing in between. It is a write whatever is there, as on real
/// processors.
///
/// \param machine the handle.
/// \param process the process.
/// \param address the first byte.
/// \param expected `length` bytes; may be null when `length` is 0.
/// \param bytes `length` bytes that are written if `expected` is there; may be null when `length` is 0.
/// \param length bytes, all in one page; else nothing is written.
/// \param exchanged where is written whether they were.
/// \param fault where a fault is written, if there is one; may be null.
/// \return `MEMCORE_STATUS_OK`, exchanged or not; `MEMCORE_STATUS_VM_FAULT`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff
/// `length` is more than memory holds; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(bytes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_compare_exchange(
    machine: *mut memcore_machine,
    process: u32,
    address: u64,
    expected: *const c_void,
    bytes: *const c_void,
    length: usize,
    exchanged: *mut bool,
    fault: *mut memcore_fault,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, expected, bytes, exchanged) = unsafe {
            (
                memcore_machine::using(machine)?,
                array(expected.cast::<u8>(), length)?,
                array(bytes.cast::<u8>(), length)?,
                out(exchanged)?,
            )
        };
        let result = machine.compare_exchange(ProcessId(process), address, expected, bytes);
        // SAFETY: as the header asks.
        exchanged.write(unsafe { told(result, fault) }?);
        Ok::<_, Failure>(())
    })
}
