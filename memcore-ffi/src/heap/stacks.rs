//! Two stacks in one range of bytes, growing towards each other.

use std::ffi::c_void;

use memcore::heap::{AnyMemory, DoubleStack};

use super::{
    handle::{self, Kind, changing, reading},
    memory::memcore_memory,
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{object, out},
};

/// Two stacks in one range of bytes, growing towards each other. Opaque.
pub struct memcore_double_stack {
    _opaque: [u8; 0],
}

impl Kind for memcore_double_stack {
    type Value = DoubleStack<AnyMemory>;
    const SEAL: u64 = u64::from_le_bytes(*b"mc.stack");
}

// A handle moves between threads.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<DoubleStack<AnyMemory>>();
};

/// Makes two empty stacks at the ends of a memory. It does not grow: of the system's or a file's all is usable at once.
///
/// \param memory where the bytes come from.
/// \param stack where the handle is written; `memcore_double_stack_destroy` ends it.
/// \return as `memcore_arena_create`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_create(
    memory: *const memcore_memory,
    stack: *mut *mut memcore_double_stack,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (memory, stack) = unsafe { (object(memory)?, out(stack)?) };
        // SAFETY: as above.
        let value = DoubleStack::new(unsafe { memory.take_whole() }?)?;
        stack.write(handle::make(value, false)?);
        Ok::<_, Failure>(())
    })
}

/// Ends both stacks. Memory of the caller's is the caller's again.
///
/// \param stack the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE` iff it is no double stack.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_destroy(stack: *mut memcore_double_stack) -> i32 {
    // SAFETY: null or as the header asks.
    unsafe { handle::destroy(stack) }
}

/// Hands out a block above the low stack.
///
/// \param stack the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the block's address will be a multiple of it.
/// \param block where the address is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_ALIGNMENT`; `MEMCORE_STATUS_TOO_LARGE` iff the memory can never hold
/// so much; `MEMCORE_STATUS_OUT_OF_SPACE` iff it does not fit between the stacks now;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_push_low(
    stack: *mut memcore_double_stack,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut stack, block) = unsafe { (changing(stack)?, out(block)?) };
        block.write(stack.push_low(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Hands out a block below the high stack.
///
/// \param stack the handle.
/// \param size bytes wanted; 0 counts as 1.
/// \param alignment a power of two; the block's address will be a multiple of it.
/// \param block where the address is written.
/// \return as `memcore_double_stack_push_low`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_push_high(
    stack: *mut memcore_double_stack,
    size: usize,
    alignment: usize,
    block: *mut *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut stack, block) = unsafe { (changing(stack)?, out(block)?) };
        block.write(stack.push_high(size, alignment)?.as_ptr().cast());
        Ok::<_, Failure>(())
    })
}

/// Takes back what was pushed on the low stack after a mark.
///
/// \param stack the handle.
/// \param mark `low` of `memcore_double_stack_look`, as it was then.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff it lies above the low stack;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_rewind_low(stack: *mut memcore_double_stack, mark: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(stack) }?.rewind_low(mark)?;
        Ok::<_, Failure>(())
    })
}

/// Takes back what was pushed on the high stack after a mark.
///
/// \param stack the handle.
/// \param mark `high` of `memcore_double_stack_look`, as it was then.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_BAD_CHECKPOINT` iff it lies below the high stack, or past the memory;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_rewind_high(
    stack: *mut memcore_double_stack,
    mark: u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(stack) }?.rewind_high(mark)?;
        Ok::<_, Failure>(())
    })
}

/// Empties both stacks.
///
/// \param stack the handle.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_reset(stack: *mut memcore_double_stack) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        unsafe { changing(stack) }?.reset();
        Ok::<_, Failure>(())
    })
}

/// Where two stacks are, and their figures in bytes: `used_low + free + used_high = capacity`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_double_stack_figures {
    /// Where the low stack ends: a mark to rewind it to.
    pub low: u64,
    /// Where the high stack begins: a mark to rewind it to.
    pub high: u64,
    /// Of the low stack, with what alignment takes.
    pub used_low: usize,
    /// Of the high stack, with what alignment takes.
    pub used_high: usize,
    /// Between the stacks.
    pub free: usize,
    /// In all.
    pub capacity: usize,
}

/// Tells where two stacks are, to rewind to, and their figures.
///
/// \param stack the handle.
/// \param figures where they are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_double_stack_look(
    stack: *const memcore_double_stack,
    figures: *mut memcore_double_stack_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (stack, figures) = unsafe { (reading(stack)?, out(figures)?) };
        figures.write(memcore_double_stack_figures {
            low: stack.mark_low(),
            high: stack.mark_high(),
            used_low: stack.used_low(),
            used_high: stack.used_high(),
            free: stack.free(),
            capacity: stack.capacity(),
        });
        Ok::<_, Failure>(())
    })
}
