//! How a heap comes and goes.

use std::{ffi::c_char, ptr};

use memcore::{
    alloc::Strategy,
    heap::{AnyHeap, Checked, Checks},
};

use super::{
    checks::memcore_checks,
    handle::{self, Kind},
    memory::memcore_memory,
};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{object, out},
    text::text,
};

/// A heap of any strategy over real bytes. Opaque. Threads may share it when it was made with a lock; else it is used
/// by one thread at a time, as every handle.
pub struct memcore_heap {
    _opaque: [u8; 0],
}

/// What is behind a handle of a heap.
pub(super) struct State {
    pub heap: Checked<AnyHeap>,
    pub strategy: Strategy,
}

impl Kind for memcore_heap {
    type Value = State;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.heap\0");
}

// A handle moves between threads, and threads share a `const` one: this holds only because the engine's heaps may move, and
// because all that they change through a shared reference, the listener of failures, is behind a lock.
const _: () = {
    const fn sent<T: Send>() {}
    sent::<Checked<AnyHeap>>();
};

/// How a heap is made. `memcore_heap_options_for` fills it in. Texts in it are read by `memcore_heap_create` and not
/// kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_heap_options {
    /// Where the bytes come from.
    pub memory: memcore_memory,
    /// The strategy's name, with parameters where wanted, as `memcore_allocator_create` reads it. "size-classes" has
    /// no headers and is the fastest; every other strategy puts 8 bytes in front of each block. Null: size classes.
    pub strategy: *const c_char,
    /// What is checked, as text: "none", "light", "full", or one of them and what differs from it, as in
    /// "light:quarantine=1M,track=yes"; see `memcore_checks` for the keys. Null: see `checked`.
    pub checks: *const c_char,
    /// What is checked, as a struct; looked at only where `checks` is null. Null: nothing.
    pub checked: *const memcore_checks,
    /// Not 0: the heap has a lock of its own, so that many threads may use it at once, whatever the call. For heaps that
    /// many threads use all the time see `memcore_threaded_heap_create`.
    pub locked: i32,
}

/// The options of a heap in this memory: size classes, no checks, no lock.
///
/// \param memory where the bytes come from.
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_heap_options_for(memory: memcore_memory) -> memcore_heap_options {
    let (strategy, checks, checked) = (ptr::null(), ptr::null(), ptr::null());
    let options = memcore_heap_options { memory, strategy, checks, checked, locked: 0 };
    guarded(options, || options)
}

/// Makes a heap.
///
/// \param options how; see `memcore_heap_options_for`.
/// \param heap where the handle is written; `memcore_heap_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff strategy or checks cannot be read;
/// `MEMCORE_STATUS_BAD_PARAMETER` iff a parameter of strategy, checks or memory is out of its range;
/// `MEMCORE_STATUS_UNSUPPORTED` iff the strategy frees in some order only; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the
/// memory cannot hold the heap; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses memory or file;
/// `MEMCORE_STATUS_OUT_OF_METADATA` or `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory for tables or handle;
/// `MEMCORE_STATUS_INVALID_ARGUMENT`; `MEMCORE_STATUS_NOT_UTF8`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1), and what the strategy needs for an empty space.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_create(
    options: *const memcore_heap_options,
    heap: *mut *mut memcore_heap,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (options, heap) = unsafe { (object(options)?, out(heap)?) };
        // SAFETY: as above, each text is null or as the header asks.
        let (strategy, checks) = unsafe { (options.strategy()?, options.checks()?) };
        // SAFETY: as above.
        let memory = unsafe { options.memory.take() }?;
        let checked = Checked::new(AnyHeap::new(&strategy, memory)?, checks)?;
        heap.write(handle::make(State { heap: checked, strategy }, options.locked != 0)?);
        Ok::<_, Failure>(())
    })
}

impl memcore_heap_options {
    /// # Safety
    /// The text is null or as the header asks.
    unsafe fn strategy(&self) -> Result<Strategy, Failure> {
        if self.strategy.is_null() {
            return Ok("size-classes".parse()?);
        }
        // SAFETY: the caller's promise.
        Ok(unsafe { text(self.strategy) }?.parse()?)
    }

    /// # Safety
    /// Text and struct are null or as the header asks.
    unsafe fn checks(&self) -> Result<Checks, Failure> {
        if !self.checks.is_null() {
            // SAFETY: the caller's promise.
            return Ok(unsafe { text(self.checks) }?.parse()?);
        }
        // SAFETY: the caller's promise.
        Ok(unsafe { self.checked.as_ref() }.map_or(Checks::NONE, Checks::from))
    }
}

/// Ends a heap. Its blocks mean nothing afterwards; memory of the caller's is the caller's again.
///
/// \param heap the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a callback of this heap, and then nothing was done;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no heap.
///
/// O(chunks of the tables); O(blocks) under valgrind or AddressSanitizer with `tools`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_destroy(heap: *mut memcore_heap) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(heap) }
}
