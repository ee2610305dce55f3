//! What reads a heap as a whole, and what gives memory back.

use std::ffi::{c_char, c_void};

use memcore::heap::{HeapBlock, RawHeap};

use super::{
    create::memcore_heap,
    handle::{changing, reading},
};
use crate::{
    alloc::{memcore_corruption, memcore_stats},
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{optional_out, out},
    status::memcore_status,
    text::Buffer,
};

/// A live block.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_heap_block {
    /// Its first byte.
    pub address: *mut c_void,
    /// Bytes that can be used.
    pub usable: usize,
    /// Bytes that were asked for, where the heap keeps that; else as `usable`.
    pub requested: usize,
}

impl From<HeapBlock> for memcore_heap_block {
    fn from(block: HeapBlock) -> Self {
        let address = block.address.as_ptr().cast();
        memcore_heap_block { address, usable: block.usable, requested: block.requested }
    }
}

/// Is called with a live block, and returns 0 to go on or anything else to stop. It may read the heap that it hears
/// from; a call that changes it gives `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
pub type memcore_heap_visitor =
    Option<unsafe extern "C" fn(block: *const memcore_heap_block, user: *mut c_void) -> i32>;

/// Calls a visitor with one block after the other, until it stops.
pub(super) struct Visitor {
    function: unsafe extern "C" fn(block: *const memcore_heap_block, user: *mut c_void) -> i32,
    user: *mut c_void,
    stopped: bool,
}

impl Visitor {
    pub fn new(visitor: memcore_heap_visitor, user: *mut c_void) -> Result<Self, Failure> {
        let function = visitor.ok_or(memcore_status::NullArgument)?;
        Ok(Visitor { function, user, stopped: false })
    }

    pub fn show(&mut self, block: HeapBlock) {
        if !self.stopped {
            // SAFETY: a function of the caller's, called as its type says.
            self.stopped = unsafe { (self.function)(&block.into(), self.user) } != 0;
        }
    }

    pub fn end(self) -> Result<(), Failure> {
        if self.stopped { Err(memcore_status::Cancelled.into()) } else { Ok(()) }
    }
}

/// Shows every live block in address order.
///
/// \param heap the handle.
/// \param visitor called for each.
/// \param user passed to the visitor.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_CANCELLED` iff the visitor stopped; `MEMCORE_STATUS_REENTERED` from
/// within a change; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` or `visitor` is null.
///
/// O(blocks and holes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_visit(
    heap: *const memcore_heap,
    visitor: memcore_heap_visitor,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let state = unsafe { reading(heap) }?;
        let mut visitor = Visitor::new(visitor, user)?;
        let _visiting = state.visit();
        state.heap.visit_blocks(&mut |block| visitor.show(block));
        visitor.end()
    })
}

/// Tells the figures of the heap, in bytes. Headers count as used.
///
/// \param heap the handle.
/// \param stats where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_HEAP_WRONG_HANDLE`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// As `memcore_allocator_stats`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_stats(heap: *const memcore_heap, stats: *mut memcore_stats) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, stats) = unsafe { (reading(heap)?, out(stats)?) };
        stats.write(state.heap.stats().into());
        Ok::<_, Failure>(())
    })
}

/// Tells the bytes of tables outside the blocks.
///
/// \param heap the handle.
/// \param bytes where the number is written.
/// \return as `memcore_heap_stats`.
///
/// O(chunks of the tables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_metadata_bytes(heap: *const memcore_heap, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, bytes) = unsafe { (reading(heap)?, out(bytes)?) };
        bytes.write(state.heap.metadata_bytes());
        Ok::<_, Failure>(())
    })
}

/// Gives whole pages that are free back to the system. Memory of the caller's stays as it is.
///
/// \param heap the handle.
/// \param bytes where is written how many bytes; may be null.
/// \return as `memcore_heap_stats`; `bytes` may be null.
///
/// O(holes) calls of the system.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_trim(heap: *mut memcore_heap, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut state, bytes) = unsafe { (changing(heap)?, optional_out(bytes)) };
        let given = state.heap.trim();
        if let Some(bytes) = bytes {
            bytes.write(given);
        }
        Ok::<_, Failure>(())
    })
}

/// Checks every invariant: of the tables, and of headers, redzones and quarantine.
///
/// \param heap the handle.
/// \param corruption where the first broken invariant is written, and only then; may be null.
/// \return `MEMCORE_STATUS_OK` iff all hold; `MEMCORE_STATUS_CORRUPT` iff one does not; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_HEAP_WRONG_HANDLE`; `MEMCORE_STATUS_NULL_ARGUMENT` iff `heap` is null.
///
/// O(n log n) for n blocks and holes. May allocate for as long as it runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_validate(
    heap: *const memcore_heap,
    corruption: *mut memcore_corruption,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, corruption) = unsafe { (reading(heap)?, optional_out(corruption)) };
        found(state.heap.validate(), corruption)
    })
}

/// Tells what a validation found.
pub(super) fn found(
    result: Result<(), memcore::alloc::Corruption>,
    corruption: Option<&mut std::mem::MaybeUninit<memcore_corruption>>,
) -> Result<(), Failure> {
    let Err(found) = result else { return Ok(()) };
    if let Some(corruption) = corruption {
        corruption.write(found.into());
    }
    Err(found.into())
}

/// Writes the strategy with its parameters, as the function that makes heaps reads it.
///
/// \param heap the handle.
/// \param buffer where the text is written, with a zero byte at its end; may be null when `size` is 0.
/// \param size bytes of the buffer; a longer text is cut off.
/// \return the length of the whole text without the zero byte; 0 iff the handle is null or no heap, a change is going
/// on, or `buffer` is null and `size` is not 0.
///
/// O(length).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_strategy(
    heap: *const memcore_heap,
    buffer: *mut c_char,
    size: usize,
) -> usize {
    guarded(0, || {
        // SAFETY: each is null or as the header asks.
        let found = unsafe { (reading(heap), Buffer::new(buffer, size)) };
        let (Ok(state), Ok(buffer)) = found else { return 0 };
        buffer.print(&state.strategy)
    })
}

/// Tells how many bytes stand in front of each block, as a replay that shall predict the heap has to be told. Those of
/// checks come on top.
///
/// \param heap the handle.
/// \param bytes where the number is written: 8, or 0 for size classes.
/// \return as `memcore_heap_stats`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_heap_header(heap: *const memcore_heap, bytes: *mut usize) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, bytes) = unsafe { (reading(heap)?, out(bytes)?) };
        bytes.write(state.heap.inner().header());
        Ok::<_, Failure>(())
    })
}
