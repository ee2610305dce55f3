//! A machine as bytes, and back.

use std::ffi::{CString, c_char, c_void};

use memcore::vm::{Backing, Machine, SavedBacking, SavedInfo};

use super::{
    backing::{backing_of, memcore_backing},
    handle::memcore_machine,
    invalid,
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, fill, out, out_array},
    text::path,
};

/// Saves a machine with its processes, files and counts; not its listener.
///
/// \param machine the handle.
/// \param buffer where the bytes are written, if there is room for all of them; may be null when `size` is 0.
/// \param size bytes of the buffer.
/// \param length where is written how many bytes there are. Nothing was written iff that is more than `size`.
/// \return `MEMCORE_STATUS_OK`, room or not; `MEMCORE_STATUS_VM_SNAPSHOT` iff the machine has caches, which cannot be
/// saved; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `size` is more than memory holds; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(everything). Allocates as many bytes while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_save(
    machine: *mut memcore_machine,
    buffer: *mut u8,
    size: usize,
    length: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, buffer, length) =
            unsafe { (memcore_machine::using(machine)?, out_array(buffer, size)?, out(length)?) };
        let bytes = machine.save()?;
        length.write(bytes.len());
        if bytes.len() <= size {
            fill(buffer, bytes.into_iter());
        }
        Ok::<_, Failure>(())
    })
}

/// Saves a machine to a file; an old one is replaced once the new one is whole.
///
/// \param machine the handle.
/// \param path the file's name: on Unix any bytes, elsewhere UTF-8.
/// \return as `memcore_machine_save`; `MEMCORE_STATUS_VM_IO` iff the file could not be written;
/// `MEMCORE_STATUS_NOT_UTF8`.
///
/// O(everything).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_save_to(machine: *mut memcore_machine, path: *const c_char) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (machine, path) = unsafe { (memcore_machine::using(machine)?, self::path(path)?) };
        machine.save_to(path)?;
        Ok::<_, Failure>(())
    })
}

/// What stood behind a file that is restored.
#[repr(i32)]
pub enum memcore_saved_kind {
    /// Functions of the caller's, which a snapshot cannot hold.
    Functions = 0,
    /// A file in memory, saved with its bytes.
    Memory = 1,
    /// A file of zeros.
    Zeros = 2,
    /// A file of the host, saved by its path.
    File = 3,
}

/// A file of a machine that is restored.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_saved_file {
    /// Its number.
    pub file: u32,
    /// A `memcore_saved_kind`.
    pub kind: i32,
    /// Bytes that it had.
    pub length: u64,
    /// It could be written.
    pub is_writable: bool,
    /// FILE: its path, which the snapshot names: one from elsewhere may name any. Valid during the call; null
    /// otherwise, and where the path holds a zero byte.
    pub path: *const c_char,
}

/// What a file shall be when a machine is restored.
#[repr(i32)]
#[allow(dead_code)] // some of them are for C alone
pub enum memcore_reopen {
    /// As it was saved, which a file of memory or zeros can be.
    AsSaved = 0,
    /// The functions that were written to `backing`.
    Functions = 1,
    /// The file of the host at the path that the snapshot names.
    Path = 2,
}

/// Is asked what a file shall be; returns a `memcore_reopen`. It must not throw and not jump out.
pub type memcore_opener = Option<
    unsafe extern "C" fn(
        file: *const memcore_saved_file,
        backing: *mut memcore_backing,
        user: *mut c_void,
    ) -> i32,
>;

/// An opener of C's, and what it said that cannot be done.
struct Opener {
    function: memcore_opener,
    user: *mut c_void,
    failure: Option<Failure>,
}

impl Opener {
    fn open(&mut self, file: u32, info: &SavedInfo) -> Option<Box<dyn Backing>> {
        let function = self.function?;
        let (kind, path) = match &info.backing {
            Some(SavedBacking::Memory { .. }) => (memcore_saved_kind::Memory, None),
            Some(SavedBacking::Zero { .. }) => (memcore_saved_kind::Zeros, None),
            Some(SavedBacking::File { path, .. }) => {
                (memcore_saved_kind::File, CString::new(path.as_str()).ok())
            }
            _ => (memcore_saved_kind::Functions, None),
        };
        let saved = memcore_saved_file {
            file,
            kind: kind as i32,
            length: info.length,
            is_writable: info.is_writable,
            path: path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr()),
        };
        let mut backing = memcore_backing::NOTHING;
        // SAFETY: a function of the caller's, called as its type says.
        let opened = match unsafe { function(&saved, &mut backing, self.user) } {
            0 => return None,
            1 => backing_of(&backing),
            2 => match info.backing.clone() {
                Some(saved) => saved.open().map_err(Failure::from),
                None => Err(invalid("file", file.into(), "has no path")),
            },
            other => Err(invalid("reopen", other as u32 as u64, "is unknown")),
        };
        opened.map_err(|failure| self.failure = Some(failure)).ok()
    }

    /// Makes a handle for what was restored; what the opener could not do comes first.
    fn finish(self, machine: Result<Machine, memcore::vm::VmError>) -> Result<*mut memcore_machine, Failure> {
        match self.failure {
            Some(failure) => Err(failure),
            None => memcore_machine::of(machine?),
        }
    }
}

/// Makes a machine as it was when it was saved.
///
/// \param bytes what `memcore_machine_save` wrote. Any others are refused.
/// \param length how many.
/// \param open asked what each of its files shall be; null: each as it was saved, and a file of the host is refused.
/// \param user passed to `open`.
/// \param machine where the handle is written; `memcore_machine_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_SNAPSHOT` iff the bytes are no snapshot, of another version or
/// damaged, or there is nothing for a file; `MEMCORE_STATUS_VM_IO` iff a file of the host cannot be opened;
/// `MEMCORE_STATUS_VM_INVALID` iff `open` returned another number; a status of `memcore_machine_create`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `length` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(everything).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_restore(
    bytes: *const u8,
    length: usize,
    open: memcore_opener,
    user: *mut c_void,
    machine: *mut *mut memcore_machine,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (bytes, machine) = unsafe { (array(bytes, length)?, out(machine)?) };
        let mut opener = Opener { function: open, user, failure: None };
        let restored = Machine::restore(bytes, &mut |file, info| opener.open(file, info));
        machine.write(opener.finish(restored)?);
        Ok::<_, Failure>(())
    })
}

/// Makes a machine as it was when it was saved to a file.
///
/// \param path the file's name: on Unix any bytes, elsewhere UTF-8.
/// \param open as for `memcore_machine_restore`.
/// \param user passed to `open`.
/// \param machine where the handle is written; `memcore_machine_destroy` ends it.
/// \return as `memcore_machine_restore`; `MEMCORE_STATUS_VM_IO` iff the file cannot be read; `MEMCORE_STATUS_NOT_UTF8`.
///
/// O(everything).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_restore_from(
    path: *const c_char,
    open: memcore_opener,
    user: *mut c_void,
    machine: *mut *mut memcore_machine,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (path, machine) = unsafe { (self::path(path)?, out(machine)?) };
        let mut opener = Opener { function: open, user, failure: None };
        let restored = Machine::restore_from(path, &mut |file, info| opener.open(file, info));
        machine.write(opener.finish(restored)?);
        Ok::<_, Failure>(())
    })
}
