//! What a heap checks, and what it finds.

use std::ffi::{c_char, c_void};

use memcore::heap::{Checks, HeapError};

use super::{
    create::memcore_heap,
    handle::{Gate, changing, reading},
};
use crate::{
    error::{Failure, details_of, memcore_error_details},
    panic::guarded_status,
    pointer::{optional_out, out},
    text::text,
};

/// What a heap checks; `memcore_checks_parse` fills it in. Times are per allocation and free together, bytes per live
/// block. Any check costs 16 bytes a block and about a dozen instructions, and frees of wrong addresses are always
/// found, with or without checks.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_checks {
    /// Bytes kept on each side of a block, rounded up to a multiple of 16, at most 1 MiB: writes beside it are found
    /// when it is freed or resized, or by `memcore_heap_check`. 0: none. Costs twice the bytes, and time in proportion.
    pub redzone: usize,
    /// At most so many bytes of a block are filled when it is allocated (0xA5) and freed (0xDD). `SIZE_MAX`: all.
    /// Costs time in proportion.
    pub poison: usize,
    /// Bytes of freed blocks that are kept from reuse: writes to the first `poison` bytes of them are found when they
    /// leave. `SIZE_MAX`: as many as there is memory for.
    pub quarantine: usize,
    /// The most bytes in use. `UINT64_MAX`: no limit.
    pub limit: u64,
    /// One allocation of so many gets pages of its own, with no access in front of them and behind: a bad access stops
    /// the program there. 0: none.
    pub guard_every: u32,
    /// How many allocations pass before the first of those.
    pub guard_offset: u32,
    /// Not 0: keep tag, call site and number of each allocation, for `memcore_heap_leaks`. Costs 32 bytes.
    pub track: i32,
    /// Not 0: tell valgrind and AddressSanitizer, where the program runs under one of them.
    pub tools: i32,
}

impl From<&memcore_checks> for Checks {
    fn from(checks: &memcore_checks) -> Self {
        let &memcore_checks { redzone, poison, quarantine, limit, guard_every, guard_offset, track, tools } =
            checks;
        let (track, tools) = (track != 0, tools != 0);
        Checks { redzone, poison, quarantine, track, limit, guard_every, guard_offset, tools }
    }
}

impl From<&Checks> for memcore_checks {
    fn from(checks: &Checks) -> Self {
        let &Checks { redzone, poison, quarantine, track, limit, guard_every, guard_offset, tools } = checks;
        let (track, tools) = (track.into(), tools.into());
        memcore_checks { redzone, poison, quarantine, limit, guard_every, guard_offset, track, tools }
    }
}

/// Reads checks from text: "none", "light" (redzone=16, poison=128), "full" (redzone=64, poison=all, quarantine=1M,
/// track=yes, tools=yes), or one of them and what differs from it: "light:quarantine=1M,limit=64M".
///
/// \param words the text. Its keys are the members of `memcore_checks`.
/// \param checks where the checks are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff it cannot be read; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_checks_parse(words: *const c_char, checks: *mut memcore_checks) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (words, checks) = unsafe { (text(words)?, out(checks)?) };
        let parsed: Checks = words.parse()?;
        checks.write((&parsed).into());
        Ok::<_, Failure>(())
    })
}

/// Tells what a heap checks, redzones rounded up.
///
/// \param heap the handle.
/// \param checks where it is written.
/// \return as `memcore_heap_stats`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_checks(heap: *const memcore_heap, checks: *mut memcore_checks) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, checks) = unsafe { (reading(heap)?, out(checks)?) };
        checks.write(state.heap.checks().into());
        Ok::<_, Failure>(())
    })
}

/// Looks at the redzones of every live block, and at every block in the quarantine.
///
/// \param heap the handle.
/// \param blocks where is written how many blocks that were; may be null.
/// \return `MEMCORE_STATUS_OK`; for the first that is wrong, in address order, `MEMCORE_STATUS_HEAP_REDZONE_SMASHED`,
/// `MEMCORE_STATUS_HEAP_FREED_WRITTEN` or `MEMCORE_STATUS_HEAP_HEADER_SMASHED`, with block and first bad byte in the
/// details; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap`
/// is null.
///
/// O(blocks), and the bytes of redzones, and of poison in the quarantine. Changes nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_check(heap: *const memcore_heap, blocks: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, blocks) = unsafe { (reading(heap)?, optional_out(blocks)) };
        let looked_at = state.heap.check()?;
        if let Some(blocks) = blocks {
            blocks.write(looked_at);
        }
        Ok::<_, Failure>(())
    })
}

/// Looks at the redzones of one live block.
///
/// \param heap the handle.
/// \param block its address.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_REDZONE_SMASHED`; those of `memcore_heap_usable_size`.
///
/// O(1), and the bytes of its redzones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_check_block(heap: *const memcore_heap, block: *const c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { reading(heap) }?.heap.check_block(block.cast())?;
        Ok::<_, Failure>(())
    })
}

/// Takes a block back even though bytes beside it, or its record, were written over.
///
/// \param heap the handle.
/// \param block its address.
/// \return as `memcore_heap_free`, save for what is smashed: a header of the strategy's own cannot be passed over.
///
/// As `memcore_heap_free`; O(blocks) when the record is lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_release_smashed(heap: *mut memcore_heap, block: *mut c_void) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.heap.release_smashed(block.cast())?;
        Ok::<_, Failure>(())
    })
}

/// Takes back every block in the quarantine.
///
/// \param heap the handle.
/// \param bytes where is written how many bytes can be used again; may be null.
/// \return `MEMCORE_STATUS_OK`; the first mistake found in those blocks, `MEMCORE_STATUS_HEAP_FREED_WRITTEN` or
/// `MEMCORE_STATUS_HEAP_REDZONE_SMASHED`, and the quarantine is empty all the same; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// As a free for each of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_empty_quarantine(heap: *mut memcore_heap, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, bytes) = unsafe { (changing(heap)?, optional_out(bytes)) };
        let back = state.heap.empty_quarantine()?;
        if let Some(bytes) = bytes {
            bytes.write(back);
        }
        Ok::<_, Failure>(())
    })
}

/// Tells what waits in the quarantine.
///
/// \param heap the handle.
/// \param blocks where the number of blocks is written; may be null.
/// \param bytes where the number of their bytes is written; may be null.
/// \return as `memcore_heap_stats`; `blocks` and `bytes` may be null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_quarantined(
    heap: *const memcore_heap,
    blocks: *mut usize,
    bytes: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, blocks, bytes) = unsafe { (reading(heap)?, optional_out(blocks), optional_out(bytes)) };
        let (waiting, held) = state.heap.quarantined();
        if let Some(blocks) = blocks {
            blocks.write(waiting);
        }
        if let Some(bytes) = bytes {
            bytes.write(held);
        }
        Ok::<_, Failure>(())
    })
}

/// Tells how many mistakes were found in other blocks than those that calls were about: writes to freed blocks, which turn
/// up when they leave the quarantine.
///
/// \param heap the handle.
/// \param number where the number is written.
/// \param last where the last of them is written, if there was one; may be null.
/// \return as `memcore_heap_stats`; `last` may be null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_found(
    heap: *const memcore_heap,
    number: *mut u64,
    last: *mut memcore_error_details,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, number, last) = unsafe { (reading(heap)?, out(number)?, optional_out(last)) };
        number.write(state.heap.found());
        if let (Some(last), Some(error)) = (last, state.heap.last_found()) {
            last.write(details_of(error));
        }
        Ok::<_, Failure>(())
    })
}

/// Is called with an error. Any call on the heap that it hears from which would change it gives
/// `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
pub type memcore_heap_listener =
    Option<unsafe extern "C" fn(details: *const memcore_error_details, user: *mut c_void)>;

/// Replaces the function that is called with every error that the heap returns, before the call returns, and with every
/// mistake that is found in other blocks. Errors of arguments, such as null pointers, are not told.
///
/// \param heap the handle.
/// \param listener called by whichever thread makes the call; null: nobody.
/// \param user passed to the listener; must stay usable for as long as that is set.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(1). Allocates a few words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_on_failure(
    heap: *mut memcore_heap,
    listener: memcore_heap_listener,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let mut state = unsafe { changing(heap) }?;
        match listener {
            None => state.heap.on_failure(|_| {}),
            Some(function) => {
                let listener = Listener { function, user, gate: state.gate() };
                state.heap.on_failure(move |error| listener.hear(*error));
            }
        }
        Ok::<_, Failure>(())
    })
}

/// A listener of C's, and the gate of the heap, which owns it.
struct Listener {
    function: unsafe extern "C" fn(details: *const memcore_error_details, user: *mut c_void),
    user: *mut c_void,
    gate: *const Gate,
}

// SAFETY: the header says that the listener is called by whichever thread makes a call, so function and `user` are fit
// for that; the gate is made of atomics and a lock.
unsafe impl Send for Listener {}

impl Listener {
    fn hear(&self, error: HeapError) {
        // SAFETY: the heap owns this listener and does not move, so the gate is where it was.
        let _visiting = unsafe { &*self.gate }.visit();
        // SAFETY: a function of the caller's, called as its type says.
        unsafe { (self.function)(&details_of(error), self.user) };
    }
}

/// Tells the tag of a live block.
///
/// \param heap the handle.
/// \param block its address.
/// \param tag where the tag is written.
/// \return those of `memcore_heap_usable_size`; `MEMCORE_STATUS_NO_TAGS` iff the checks do not `track`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_tag(
    heap: *const memcore_heap,
    block: *const c_void,
    tag: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, tag) = unsafe { (reading(heap)?, out(tag)?) };
        tag.write(state.heap.tag(block.cast())?);
        Ok::<_, Failure>(())
    })
}

/// Replaces the tag of a live block.
///
/// \param heap the handle.
/// \param block its address.
/// \param tag the new tag.
/// \return as `memcore_heap_tag`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_set_tag(heap: *mut memcore_heap, block: *mut c_void, tag: u32) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(heap) }?.heap.set_tag(block.cast(), tag)?;
        Ok::<_, Failure>(())
    })
}
