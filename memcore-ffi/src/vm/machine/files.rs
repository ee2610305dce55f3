//! What can be mapped: files in memory, of the host, of zeros.

use std::ffi::{c_char, c_void};

use memcore::vm::{MemoryFile, RealFile, ZeroFile};

use super::{handle::memcore_machine, owned};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, fill, out, out_array},
    text::path,
};

/// Opens a file that is in memory, with a copy of these bytes.
///
/// \param machine the handle.
/// \param bytes `length` bytes; may be null when `length` is 0.
/// \param length bytes.
/// \param writable not 0: it may be written.
/// \param file where its number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY` or `MEMCORE_STATUS_VM_NO_MEMORY` iff the system has none;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_open_memory(
    machine: *mut memcore_machine,
    bytes: *const c_void,
    length: usize,
    writable: i32,
    file: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, bytes, file) =
            unsafe { (memcore_machine::using(machine)?, array(bytes.cast::<u8>(), length)?, out(file)?) };
        let bytes = owned(bytes.iter().copied())?;
        let backing = if writable != 0 { MemoryFile::new(bytes) } else { MemoryFile::read_only(bytes) };
        file.write(machine.open(Box::new(backing))?);
        Ok::<_, Failure>(())
    })
}

/// Opens a file of the host.
///
/// \param machine the handle.
/// \param path its name: on Unix any bytes, elsewhere UTF-8. The file must be there.
/// \param writable not 0: it may be written.
/// \param file where its number in the machine is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_IO` iff the system cannot open it; `MEMCORE_STATUS_VM_NO_MEMORY`;
/// `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_open_file(
    machine: *mut memcore_machine,
    path: *const c_char,
    writable: i32,
    file: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, path, file) =
            unsafe { (memcore_machine::using(machine)?, self::path(path)?, out(file)?) };
        let backing = if writable != 0 { RealFile::open(path)? } else { RealFile::read_only(path)? };
        file.write(machine.open(Box::new(backing))?);
        Ok::<_, Failure>(())
    })
}

/// Opens a file that has a length and nothing else: it reads as zeros, and forgets what is written to it.
///
/// \param machine the handle.
/// \param length bytes.
/// \param file where its number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_MEMORY`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_open_zeros(
    machine: *mut memcore_machine,
    length: u64,
    file: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, file) = unsafe { (memcore_machine::using(machine)?, out(file)?) };
        file.write(machine.open(Box::new(ZeroFile::new(length)))?);
        Ok::<_, Failure>(())
    })
}

/// Closes a file. What is mapped of it stays; when nothing is, its dirty pages are written and its pages in memory are
/// free.
///
/// \param machine the handle.
/// \param file the file.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1), or O(pages in memory).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_close(machine: *mut memcore_machine, file: u32) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.close(file)?;
        Ok::<_, Failure>(())
    })
}

/// Makes a file shorter or longer. Pages past its end leave memory, private copies of them too, and accesses to them
/// are faults.
///
/// \param machine the handle.
/// \param file the file.
/// \param length bytes.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_VM_DENIED` iff it is open for reading;
/// `MEMCORE_STATUS_VM_IO`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(processes + areas + pages past the end).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_truncate(
    machine: *mut memcore_machine,
    file: u32,
    length: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.truncate(file, length)?;
        Ok::<_, Failure>(())
    })
}

/// Writes all dirty pages of a file.
///
/// \param machine the handle.
/// \param file the file.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_VM_IO` iff at least one page could not
/// be written, and is dirty still; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(pages in memory).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_sync(machine: *mut memcore_machine, file: u32) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { memcore_machine::using(machine) }?.sync(file)?;
        Ok::<_, Failure>(())
    })
}

/// Tells the length of a file.
///
/// \param machine the handle.
/// \param file the file.
/// \param length where the bytes are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_BAD_FILE`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_file_length(
    machine: *mut memcore_machine,
    file: u32,
    length: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, length) = unsafe { (memcore_machine::using(machine)?, out(length)?) };
        length.write(machine.file_length(file)?);
        Ok::<_, Failure>(())
    })
}

/// Lists the files that are open, in the order of their numbers.
///
/// \param machine the handle.
/// \param files an array that the numbers are written to; may be null when `most` is 0.
/// \param most entries of the array.
/// \param count where is written how many are open; the lesser of it and `most` were written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(files and shared objects ever).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_files(
    machine: *mut memcore_machine,
    files: *mut u32,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, files, count) =
            unsafe { (memcore_machine::using(machine)?, out_array(files, most)?, out(count)?) };
        fill(files, machine.files());
        count.write(machine.files().count());
        Ok::<_, Failure>(())
    })
}
