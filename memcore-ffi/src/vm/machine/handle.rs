//! The handle, and who may use it when.
//!
//! A machine calls the caller back: its listener, and the functions of files that are the caller's. These run in the
//! middle of a change, so every call is refused while one is going on. No function takes a `const` machine: looking
//! at one may ask a file for its length, which is a call back too, and those are made by one thread at a time.

use std::{
    cell::UnsafeCell,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use memcore::vm::Machine;

use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{drop_handle, into_handle},
    status::memcore_status,
};

/// A machine of virtual memory. Opaque. It calls back its listener and the files that are the caller's own; any
/// call on it from there gives `MEMCORE_STATUS_REENTERED`.
pub struct memcore_machine {
    /// A call is going on.
    busy: AtomicBool,
    /// Dropped by `memcore_machine_destroy`, while `busy` can still be asked.
    machine: UnsafeCell<ManuallyDrop<Machine>>,
}

// A handle moves between threads: this holds only because the engine's machines may.
const _: () = {
    const fn sent<T: Send>() {}
    sent::<Machine>();
};

/// A machine in use: until it is dropped, the handle refuses every call.
pub(super) struct Using<'a> {
    machine: &'a mut Machine,
    busy: &'a AtomicBool,
}

impl memcore_machine {
    /// A handle for a machine.
    pub fn of(machine: Machine) -> Result<*mut memcore_machine, Failure> {
        let machine = UnsafeCell::new(ManuallyDrop::new(machine));
        into_handle(memcore_machine { busy: AtomicBool::new(false), machine })
    }

    /// The machine, to be used.
    ///
    /// # Safety
    /// `handle` is null or came from this library and was not destroyed; during `'a` no other thread uses it.
    #[inline]
    pub unsafe fn using<'a>(handle: *mut Self) -> Result<Using<'a>, Failure> {
        // SAFETY: the caller's promise. The machine is behind an `UnsafeCell`, so this reference tolerates a change.
        let handle = unsafe { handle.as_ref() }.ok_or(Failure::Plain(memcore_status::NullArgument))?;
        if handle.busy.load(Relaxed) {
            return Err(memcore_status::Reentered.into());
        }
        handle.busy.store(true, Relaxed);
        // SAFETY: nobody uses it in this thread, as was just seen, and by promise in no other.
        Ok(Using { machine: unsafe { &mut *handle.machine.get() }, busy: &handle.busy })
    }
}

impl Deref for Using<'_> {
    type Target = Machine;

    fn deref(&self) -> &Machine {
        self.machine
    }
}

impl DerefMut for Using<'_> {
    fn deref_mut(&mut self) -> &mut Machine {
        self.machine
    }
}

impl Drop for Using<'_> {
    fn drop(&mut self) {
        self.busy.store(false, Relaxed);
    }
}

/// Ends a machine with all its processes and files. Dirty pages of files are not written: `memcore_machine_sync`
/// writes them.
///
/// \param machine the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback, and then nothing was done.
///
/// O(everything).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_destroy(machine: *mut memcore_machine) -> i32 {
    guarded_status(|| {
        if machine.is_null() {
            return Ok(());
        }
        // SAFETY: a handle of this library's, used by nobody else. Callbacks of the machine's end meet the mark.
        unsafe {
            drop(memcore_machine::using(machine)?);
            (*machine).busy.store(true, Relaxed);
            ManuallyDrop::drop(&mut *(*machine).machine.get());
            drop_handle(machine);
        }
        Ok::<_, Failure>(())
    })
}
