//! How a persistent heap comes and goes.

use std::ffi::c_char;

use memcore::{
    alloc::Strategy,
    heap::{AnyMemory, PersistentHeap, Recovery},
};

use super::{
    handle::{self, Kind, changing, take},
    memory::memcore_memory,
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, optional_out, out},
    text::text,
};

/// How many roots an image has.
pub const MEMCORE_ROOTS: u32 = 16;

const _: () = assert!(MEMCORE_ROOTS as usize == memcore::heap::ROOTS);

/// A heap of offsets in place of pointers, whose memory is all that it needs to be opened again. Opaque. One writer has
/// an image at a time.
pub struct memcore_persistent_heap {
    _opaque: [u8; 0],
}

impl Kind for memcore_persistent_heap {
    type Value = PersistentHeap<AnyMemory>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.perst");
}

// A handle moves between threads.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<PersistentHeap<AnyMemory>>();
};

/// Makes an image. What was in the memory, or in the file, is gone.
///
/// \param memory where the bytes come from: at least 1312, from a multiple of 8 on.
/// \param strategy "first-fit", "next-fit", "best-fit", "worst-fit" or "tlsf", with parameters where wanted; null: TLSF.
/// \param heap where the handle is written; `memcore_persistent_close` or `memcore_persistent_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the strategy cannot be read;
/// `MEMCORE_STATUS_UNSUPPORTED` iff it is none of those; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory is too small or
/// misaligned; `MEMCORE_STATUS_BAD_PARAMETER` or `MEMCORE_STATUS_INVALID_ARGUMENT` iff a number of the memory is out of
/// its range; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses memory or file, as it does while another process has
/// it; `MEMCORE_STATUS_OUT_OF_METADATA`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(bytes); O(1) for memory of the system's and files.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_create(
    memory: *const memcore_memory,
    strategy: *const c_char,
    heap: *mut *mut memcore_persistent_heap,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, heap) = unsafe { (object(memory)?, out(heap)?) };
        let value = if strategy.is_null() {
            // SAFETY: as above.
            PersistentHeap::create(unsafe { memory.take() }?)?
        } else {
            // SAFETY: as above.
            let strategy: Strategy = unsafe { text(strategy) }?.parse()?;
            // SAFETY: as above.
            PersistentHeap::create_with(unsafe { memory.take() }?, &strategy)?
        };
        heap.write(handle::make(value, false)?);
        Ok::<_, Failure>(())
    })
}

/// What `memcore_persistent_open` found.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_recovery {
    /// Live blocks.
    pub blocks: u64,
    /// Bytes that they were asked for with.
    pub bytes: u64,
    /// The last writer closed the image.
    pub clean: bool,
    /// A step that a crash had cut was completed.
    pub completed: bool,
}

impl From<Recovery> for memcore_recovery {
    fn from(found: Recovery) -> Self {
        let Recovery { clean, completed, blocks, bytes } = found;
        memcore_recovery { blocks, bytes, clean, completed }
    }
}

/// Opens the image in a memory, checking all of it, and completes a step that a crash has cut.
///
/// \param memory the memory with the image, of the caller's or a file; that of the system's holds none.
/// \param recovery where is written what was found; may be null.
/// \param heap where the handle is written; `memcore_persistent_close` or `memcore_persistent_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_BAD_IMAGE` iff it is no image, or was damaged, with the rule that is
/// broken and where in the details: it is not written to then; `MEMCORE_STATUS_HEAP_BAD_MEMORY`;
/// `MEMCORE_STATUS_BAD_PARAMETER`; `MEMCORE_STATUS_HEAP_SYSTEM`; `MEMCORE_STATUS_OUT_OF_METADATA`;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(n log n) for n blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_open(
    memory: *const memcore_memory,
    recovery: *mut memcore_recovery,
    heap: *mut *mut memcore_persistent_heap,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, recovery, heap) = unsafe { (object(memory)?, optional_out(recovery), out(heap)?) };
        // SAFETY: as above.
        let (value, found) = PersistentHeap::open(unsafe { memory.open() }?)?;
        heap.write(handle::make(value, false)?);
        if let Some(recovery) = recovery {
            recovery.write(found.into());
        }
        Ok::<_, Failure>(())
    })
}

/// Marks the image as closed, sees to it that a file is kept should the power fail, and ends the handle.
///
/// \param heap the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system cannot write the file: the handle is ended
/// all the same; `MEMCORE_STATUS_REENTERED` from a visitor of this heap or `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is
/// no persistent heap, and then nothing was done.
///
/// O(chunks of the tables), and the time to write a file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_close(heap: *mut memcore_persistent_heap) -> i32 {
    guarded_status(|| {
        if heap.is_null() {
            return Ok(());
        }
        // SAFETY: a handle of this library's, used by nobody else and never again.
        unsafe { take(heap) }?.close()?;
        Ok::<_, Failure>(())
    })
}

/// Marks the image as closed, and ends the handle without waiting for a file to be written.
///
/// \param heap the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` from a visitor of this heap, and then nothing was done;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no persistent heap.
///
/// O(chunks of the tables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_destroy(heap: *mut memcore_persistent_heap) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(heap) }
}

/// Returns when all that was written, in blocks too, would survive a failure of the power, where the memory is a file.
///
/// \param heap the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system cannot write the file;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// The time to write the pages that have changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_persistent_sync(heap: *mut memcore_persistent_heap) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.sync()?;
        Ok::<_, Failure>(())
    })
}
