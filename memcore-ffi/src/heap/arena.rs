//! Arenas of bytes: blocks that go all at once, or back to a mark.

use std::{ffi::c_void, ptr};

use memcore::heap::{AnyMemory, Memory, RawArena};

use super::{
    handle::{self, Kind, changing, reading},
    memory::memcore_memory,
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, object, optional_out, out},
};

/// An arena of bytes. Opaque.
pub struct memcore_arena {
    _opaque: [u8; 0],
}

impl Kind for memcore_arena {
    type Value = RawArena<AnyMemory>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.arena");
}

// A handle moves between threads.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<RawArena<AnyMemory>>();
};

/// Makes an arena over the whole of a memory, growing as that does.
///
/// \param memory where the bytes come from.
/// \param arena where the handle is written; `memcore_arena_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_BAD_MEMORY` iff the memory has no bytes;
/// `MEMCORE_STATUS_BAD_PARAMETER` or `MEMCORE_STATUS_INVALID_ARGUMENT` iff a number of the memory is out of its range;
/// `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses memory or file; `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is none
/// for the handle; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_create(
    memory: *const memcore_memory,
    arena: *mut *mut memcore_arena,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, arena) = unsafe { (object(memory)?, out(arena)?) };
        // SAFETY: as above.
        let value = RawArena::new(unsafe { memory.take() }?)?;
        arena.write(handle::make(value, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends an arena with all its blocks. Memory of the caller's is the caller's again.
///
/// \param arena the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no arena.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_destroy(arena: *mut memcore_arena) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(arena) }
}

/// Hands out a block. What is in it is what was there.
///
/// \param arena the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the block's address will be a multiple of it.
/// \param block where the address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold
/// so much; `MEMCORE_STATUS_OUT_OF_SPACE` iff it does not now; `MEMCORE_STATUS_HEAP_SYSTEM` iff the system refuses to
/// let memory grow; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_allocate(
    arena: *mut memcore_arena,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut arena, block) = unsafe { (changing(arena)?, out(block)?) };
        block.write(arena.allocate(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Hands out a block whose bytes are all zero.
///
/// \param arena the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two.
/// \param block where the address is written.
/// \return as `memcore_arena_allocate`.
///
/// O(size).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_allocate_zeroed(
    arena: *mut memcore_arena,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut arena, block) = unsafe { (changing(arena)?, out(block)?) };
        block.write(arena.allocate_zeroed(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Hands out a block that is a copy of some bytes: of a string with its zero byte, say.
///
/// \param arena the handle.
/// \param bytes what is copied; may be null when `size` is 0.
/// \param size how many bytes.
/// \param alignment a power of two.
/// \param block where the address is written.
/// \return as `memcore_arena_allocate`.
///
/// O(size).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_copy(
    arena: *mut memcore_arena,
    bytes: *const c_void,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut arena, bytes, block) =
            unsafe { (changing(arena)?, array(bytes.cast::<u8>(), size)?, out(block)?) };
        let copy = arena.allocate(size, alignment)?;
        // SAFETY: the block was just handed out with so many bytes, and is nobody else's.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy.as_ptr(), size) };
        block.write(copy.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Marks the state of an arena, to rewind to.
///
/// \param arena the handle.
/// \param checkpoint where the mark is written: the number of bytes in use.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_checkpoint(arena: *const memcore_arena, checkpoint: *mut u64) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (arena, checkpoint) = unsafe { (reading(arena)?, out(checkpoint)?) };
        checkpoint.write(arena.checkpoint());
        Ok::<_, Failure>(())
    })
}

/// Takes back every block that was handed out after a mark.
///
/// \param arena the handle.
/// \param checkpoint the mark. It is a number and no more: one that the arena was rewound past, and has grown over again
/// since, cannot be told from a good one.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff it lies above what is in use;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_rewind(arena: *mut memcore_arena, checkpoint: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(arena) }?.rewind(checkpoint)?;
        Ok::<_, Failure>(())
    })
}

/// Takes back every block.
///
/// \param arena the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_reset(arena: *mut memcore_arena) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(arena) }?.reset();
        Ok::<_, Failure>(())
    })
}

/// Tells whether an address lies in the part of an arena that is handed out.
///
/// \param arena the handle.
/// \param address any address.
/// \param contained where the answer is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `arena` or
/// `contained` is null.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_contains(
    arena: *const memcore_arena,
    address: *const c_void,
    contained: *mut bool,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (arena, contained) = unsafe { (reading(arena)?, out(contained)?) };
        contained.write(arena.contains(address.cast()));
        Ok::<_, Failure>(())
    })
}

/// Gives whole pages that are not in use back to the system. Memory of the caller's stays as it is.
///
/// \param arena the handle.
/// \param bytes where is written how many bytes; may be null.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `arena` is null.
///
/// One call of the system.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_trim(arena: *mut memcore_arena, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut arena, bytes) = unsafe { (changing(arena)?, optional_out(bytes)) };
        let given = arena.trim();
        if let Some(bytes) = bytes {
            bytes.write(given);
        }
        Ok::<_, Failure>(())
    })
}

/// The figures of an arena, in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_arena_figures {
    /// Handed out, with what alignment takes.
    pub used: usize,
    /// The most that `used` ever was.
    pub footprint: usize,
    /// Usable before the memory has to grow.
    pub capacity: usize,
    /// The most that the memory can grow to.
    pub limit: usize,
}

/// Tells the figures of an arena.
///
/// \param arena the handle.
/// \param figures where they are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_arena_look(
    arena: *const memcore_arena,
    figures: *mut memcore_arena_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (arena, figures) = unsafe { (reading(arena)?, out(figures)?) };
        let (used, footprint, capacity) = (arena.used(), arena.footprint(), arena.capacity());
        figures.write(memcore_arena_figures { used, footprint, capacity, limit: arena.memory().limit() });
        Ok::<_, Failure>(())
    })
}
