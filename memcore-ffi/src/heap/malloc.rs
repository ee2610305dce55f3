//! malloc and its kin under a prefix: one heap for the whole process, for all its threads.
//!
//! ```text
//!   memcore_malloc(100) --> GlobalHeap, made at the first call --> a span of the thread's own --> the common part
//! ```
//!
//! The semantics are those of C17 (ISO/IEC 9899:2018, 7.22.3) and POSIX.1-2017; where these leave a choice, that of the
//! GNU C library. What they leave undefined, the free of an address that is no live block's, is found out.

use std::{
    ffi::{c_int, c_void},
    ptr::{self, NonNull},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use memcore::heap::{GlobalHeap, HeapError, ThreadedHeap};

use crate::{
    alloc::memcore_stats,
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::out,
    status::memcore_status,
};

/// What every block of `memcore_malloc` and its kin is aligned to at least, in bytes.
pub const MEMCORE_MALLOC_ALIGNMENT: usize = 16;

static HEAP: GlobalHeap = GlobalHeap::new();

/// Addresses that came back and were no live block's.
static REFUSED: AtomicU64 = AtomicU64::new(0);

#[cfg(any(target_os = "openbsd", target_os = "netbsd", target_os = "android"))]
use libc::__errno as errno;
#[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "hurd", target_os = "l4re"))]
use libc::__errno_location as errno;
#[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
use libc::__error as errno;

fn set_errno(number: c_int) {
    // SAFETY: the C library gives the place of the calling thread's `errno`.
    unsafe { errno().write(number) };
}

fn get_errno() -> c_int {
    // SAFETY: as in `set_errno`.
    unsafe { errno().read() }
}

/// A block, or null and `ENOMEM`.
#[inline]
fn granted(allocate: impl FnOnce(&ThreadedHeap) -> Option<NonNull<u8>>) -> *mut c_void {
    let block = guarded(None, || allocate(HEAP.heap()?));
    let Some(block) = block else {
        set_errno(libc::ENOMEM);
        return ptr::null_mut();
    };
    block.as_ptr().cast()
}

fn refuse() {
    REFUSED.fetch_add(1, Relaxed);
}

/// `malloc`: a block of at least so many bytes, aligned to `MEMCORE_MALLOC_ALIGNMENT`.
///
/// \param size bytes wanted; for 0 there is a block of its own too.
/// \return its address; null and `ENOMEM` in `errno` iff there is no memory.
///
/// O(1). Without a lock for up to 8 KiB as long as the thread has a span with room. In the child of a `fork` of a process with several
/// threads this function and its kin may wait forever for a lock: there, call nothing but `exec` and `_exit`.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_malloc(size: usize) -> *mut c_void {
    granted(|heap| heap.allocate(size, MEMCORE_MALLOC_ALIGNMENT).ok())
}

/// `calloc`: a block for an array, every byte zero.
///
/// \param count how many entries.
/// \param size bytes of each.
/// \return its address; null and `ENOMEM` in `errno` iff there is no memory, or the product passes the address space.
///
/// As `memcore_malloc`, and O(bytes).
#[unsafe(no_mangle)]
pub extern "C" fn memcore_calloc(count: usize, size: usize) -> *mut c_void {
    granted(|heap| heap.allocate_zeroed(count.checked_mul(size)?, MEMCORE_MALLOC_ALIGNMENT).ok())
}

/// `realloc`: changes the size of a block, which may move.
///
/// \param block its address; null: as `memcore_malloc`.
/// \param size bytes wanted; 0 frees the block and gives null, as the GNU C library does.
/// \return its address; null and `ENOMEM` in `errno` iff there is no memory, and the block is as it was; null and
/// `EINVAL` iff no live block begins there, which counts as refused.
///
/// As `memcore_malloc`, and O(size) when it moves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_realloc(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        return memcore_malloc(size);
    }
    if size == 0 {
        // SAFETY: the caller's promise, passed on.
        unsafe { memcore_free(block) };
        return ptr::null_mut();
    }
    let moved = guarded(Err(libc::ENOMEM), || {
        let Some(heap) = HEAP.heap() else { return Err(libc::EINVAL) };
        // SAFETY: no value of safe code lives in a block that C was given.
        unsafe { heap.reallocate(block.cast(), size, MEMCORE_MALLOC_ALIGNMENT) }.map_err(
            |error| match error {
                HeapError::NotInHeap { .. } | HeapError::NotABlock { .. } | HeapError::DoubleFree { .. } => {
                    libc::EINVAL
                }
                _ => libc::ENOMEM,
            },
        )
    });
    match moved {
        Ok(block) => block.as_ptr().cast(),
        Err(number) => {
            if number == libc::EINVAL {
                refuse();
            }
            set_errno(number);
            ptr::null_mut()
        }
    }
}

/// `free`: takes a block back, whichever thread it was handed out to. `errno` stays as it is.
///
/// \param block its address; null does nothing. An address that is no live block's is left alone and counted: see
/// `memcore_malloc_refused`.
///
/// As `memcore_malloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_free(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    let before = get_errno();
    let freed = guarded(false, || {
        // SAFETY: no value of safe code lives in a block that C was given.
        HEAP.heap().is_some_and(|heap| unsafe { heap.free(block.cast()) }.is_ok())
    });
    if !freed {
        refuse();
    }
    set_errno(before);
}

/// `aligned_alloc`: a block at a multiple of some power of two.
///
/// \param alignment a power of two, however large.
/// \param size bytes wanted. It need not be a multiple of the alignment.
/// \return its address; null and `EINVAL` in `errno` iff the alignment is not a power of two; null and `ENOMEM` iff
/// there is no memory.
///
/// As `memcore_malloc`.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
    if !alignment.is_power_of_two() {
        set_errno(libc::EINVAL);
        return ptr::null_mut();
    }
    granted(|heap| heap.allocate(size, alignment.max(MEMCORE_MALLOC_ALIGNMENT)).ok())
}

/// `posix_memalign`: a block at a multiple of some power of two. `errno` stays as it is.
///
/// \param block where its address is written, and only when the call succeeds.
/// \param alignment a power of two, and a multiple of the size of a pointer.
/// \param size bytes wanted; for 0 there is a block of its own too.
/// \return 0; `EINVAL` iff the alignment is not as said, or `block` is null; `ENOMEM` iff there is no memory.
///
/// As `memcore_malloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_posix_memalign(
    block: *mut *mut c_void,
    alignment: usize,
    size: usize,
) -> c_int {
    if !alignment.is_power_of_two() || alignment < size_of::<*mut c_void>() {
        return libc::EINVAL;
    }
    // SAFETY: null or room for an address.
    let Ok(place) = (unsafe { out(block) }) else { return libc::EINVAL };
    let before = get_errno();
    let granted = granted(|heap| heap.allocate(size, alignment.max(MEMCORE_MALLOC_ALIGNMENT)).ok());
    set_errno(before);
    if granted.is_null() {
        return libc::ENOMEM;
    }
    place.write(granted);
    0
}

/// Tells how many bytes of a block can be used: at least those asked for.
///
/// \param block its address.
/// \return the number; 0 for null, and for an address that is no live block's.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_malloc_usable_size(block: *const c_void) -> usize {
    guarded(0, || {
        let usable = HEAP.heap().and_then(|heap| heap.usable_size(block.cast()).ok());
        usable.unwrap_or(0)
    })
}

/// Gives the calling thread's empty spans back to the common part, and whole free pages to the system.
///
/// \return how many bytes the system has back.
///
/// O(spans of the thread), and a call of the system for each hole.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_malloc_trim() -> usize {
    guarded(0, || HEAP.heap().map_or(0, ThreadedHeap::trim))
}

/// Tells the figures of the heap behind `memcore_malloc`, as `memcore_threaded_heap_stats`.
///
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system gives no addresses for the heap;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(spans), under the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_malloc_stats(stats: *mut memcore_stats) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let stats = unsafe { out(stats) }?;
        let heap = HEAP.heap().ok_or(Failure::Plain(memcore_status::HeapSystem))?;
        stats.write(heap.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Tells how many addresses `memcore_free` and `memcore_realloc` were given that are no live block's: each is a fault of
/// the program, and was left alone.
///
/// \return the number, of the whole process.
///
/// O(1).
#[unsafe(no_mangle)]
pub extern "C" fn memcore_malloc_refused() -> u64 {
    guarded(0, || REFUSED.load(Relaxed))
}
