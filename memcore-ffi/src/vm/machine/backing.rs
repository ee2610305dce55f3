//! Files that are functions of the caller's.

use std::ffi::c_void;

use memcore::vm::{Backing, BackingError};

use super::handle::memcore_machine;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
    status::memcore_status,
};

/// An object that can be mapped, given as functions. They are called by whichever thread calls the machine, one at a
/// time, must not throw and not jump out, and must not call the machine: that gives `MEMCORE_STATUS_REENTERED`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_backing {
    /// Passed to each function.
    pub user: *mut c_void,
    /// Tells the bytes of the object, now. Not null.
    pub length: Option<unsafe extern "C" fn(user: *mut c_void) -> u64>,
    /// Reads `length` bytes at `offset`, all of them inside the object as `length` told it; returns 0, or anything
    /// else when it failed, which ends the access in a fault. Not null.
    pub read:
        Option<unsafe extern "C" fn(user: *mut c_void, offset: u64, into: *mut u8, length: usize) -> i32>,
    /// Writes bytes likewise; when it fails the page stays dirty. Null: the object is to be read only.
    pub write:
        Option<unsafe extern "C" fn(user: *mut c_void, offset: u64, bytes: *const u8, length: usize) -> i32>,
    /// Makes the object so long; returns 0, or anything else when it failed. Null: its length cannot be changed.
    pub truncate: Option<unsafe extern "C" fn(user: *mut c_void, length: u64) -> i32>,
    /// The machine has no more use for the object. May be null.
    pub release: Option<unsafe extern "C" fn(user: *mut c_void)>,
}

impl memcore_backing {
    /// Without functions.
    pub(super) const NOTHING: memcore_backing = memcore_backing {
        user: std::ptr::null_mut(),
        length: None,
        read: None,
        write: None,
        truncate: None,
        release: None,
    };
}

/// The object of these functions, those that must be there found to be.
pub(super) fn backing_of(given: &memcore_backing) -> Result<Box<dyn Backing>, Failure> {
    let (Some(length), Some(read)) = (given.length, given.read) else {
        return Err(memcore_status::NullArgument.into());
    };
    Ok(Box::new(Functions { user: given.user, length, read, rest: *given }))
}

/// The functions of an object, those that must be there found to be.
struct Functions {
    user: *mut c_void,
    length: unsafe extern "C" fn(user: *mut c_void) -> u64,
    read: unsafe extern "C" fn(user: *mut c_void, offset: u64, into: *mut u8, length: usize) -> i32,
    rest: memcore_backing,
}

// SAFETY: the header says that the functions are called by whichever thread calls the machine, so they and `user` are
// fit for that.
unsafe impl Send for Functions {}

impl Drop for Functions {
    fn drop(&mut self) {
        if let Some(release) = self.rest.release {
            // SAFETY: a function of the caller's, called as its type says, and never again.
            unsafe { release(self.user) };
        }
    }
}

impl Functions {
    /// How many of `length` bytes at `offset` are in the object.
    fn inside(&self, offset: u64, length: usize) -> Result<usize, BackingError> {
        let end = self.len();
        if length > 0 && offset >= end {
            return Err(BackingError::PastEnd { offset, length: end });
        }
        Ok(usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX).min(length))
    }
}

/// What a function returned, as the engine's answer.
fn answer(returned: i32, what: &str, offset: u64) -> Result<(), BackingError> {
    match returned {
        0 => Ok(()),
        _ => Err(BackingError::Io { offset, why: format!("the caller's {what} returned {returned}") }),
    }
}

impl Backing for Functions {
    fn len(&self) -> u64 {
        // SAFETY: a function of the caller's, called as its type says.
        unsafe { (self.length)(self.user) }
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), BackingError> {
        let count = self.inside(offset, into.len())?;
        let (first, rest) = into.split_at_mut(count);
        rest.fill(0);
        if first.is_empty() {
            return Ok(());
        }
        // SAFETY: as above, with room for so many bytes.
        answer(unsafe { (self.read)(self.user, offset, first.as_mut_ptr(), first.len()) }, "read", offset)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BackingError> {
        let write = self.rest.write.ok_or(BackingError::ReadOnly)?;
        let bytes = &bytes[..self.inside(offset, bytes.len())?];
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: as above, with so many bytes.
        answer(unsafe { write(self.user, offset, bytes.as_ptr(), bytes.len()) }, "write", offset)
    }

    fn is_writable(&self) -> bool {
        self.rest.write.is_some()
    }

    fn truncate(&mut self, length: u64) -> Result<(), BackingError> {
        let truncate = self.rest.truncate.ok_or(BackingError::ReadOnly)?;
        // SAFETY: as above.
        answer(unsafe { truncate(self.user, length) }, "truncate", length)
    }
}

/// Opens an object of the caller's.
///
/// \param machine the handle.
/// \param backing its functions, which are copied. `user` must stay usable until `release` is called: by the time the
/// object is closed and nobody maps it, or `memcore_machine_destroy` returns.
/// \param file where its number is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_VM_NO_MEMORY`, after which the object was released;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`, also iff `length` or `read` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_open_backing(
    machine: *mut memcore_machine,
    backing: *const memcore_backing,
    file: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, backing, file) =
            unsafe { (memcore_machine::using(machine)?, object(backing)?, out(file)?) };
        file.write(machine.open(backing_of(backing)?)?);
        Ok::<_, Failure>(())
    })
}
