//! How handles come and go.
//!
//! A handle with growable tables lives on the heap. One in given memory is the memory's first bytes, its tables
//! are the rest, and there is nothing else: the library allocates nothing for it, then or later.
//!
//! ```text
//!  memory           + HANDLE_BYTES                            + memcore_fixed_bytes
//!  | handle         | tables for max_blocks blocks            | not touched
//! ```

use std::{ffi::c_char, slice};

use memcore::alloc::{AnyAllocator, Strategy, Watched, storage::Fixed};

use super::{
    handle::{Space, memcore_allocator},
    types::memcore_options,
};
use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{drop_handle, into_handle, object, out},
    status::memcore_status,
    text::{memcore_text, text},
};

/// What memory given for an allocator must be aligned to, in bytes. `malloc` aligns to at least that.
pub const MEMCORE_FIXED_ALIGNMENT: usize = 16;

const _: () = assert!(align_of::<memcore_allocator>() <= MEMCORE_FIXED_ALIGNMENT);

const HANDLE_BYTES: usize = size_of::<memcore_allocator>().next_multiple_of(MEMCORE_FIXED_ALIGNMENT);

/// The number of strategies.
///
/// \return the number; `memcore_strategy_name` takes indices below it.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_strategy_count() -> usize {
    guarded(0, || Strategy::names().len())
}

/// The name of a strategy, as the functions that create allocators read it.
///
/// \param index from 0 to `memcore_strategy_count()` - 1.
/// \param name where the name is written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff there is no such index;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_strategy_name(index: usize, name: *mut memcore_text) -> i32 {
    guarded_status(|| {
        // SAFETY: null or room for the answer.
        let name = unsafe { out(name) }?;
        let found = *Strategy::names().get(index).ok_or(memcore_status::OutOfRange)?;
        name.write(found.into());
        Ok::<_, Failure>(())
    })
}

/// Makes an allocator whose tables grow as blocks come and shrink as they go.
///
/// \param strategy a name, with parameters where wanted: "first-fit", "best-fit:tie=recent",
/// "tlsf:subdivisions=16,probe=4", "pool:slot=64".
/// \param options the space; see `memcore_options_for`.
/// \param allocator where the handle is written; `memcore_allocator_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNKNOWN_NAME`, `MEMCORE_STATUS_UNKNOWN_KEY`,
/// `MEMCORE_STATUS_BAD_VALUE` or `MEMCORE_STATUS_BAD_PART` iff the strategy cannot be read;
/// `MEMCORE_STATUS_BAD_PARAMETER` iff an option or parameter is out of its range; `MEMCORE_STATUS_OUT_OF_METADATA`
/// or `MEMCORE_STATUS_OUT_OF_MEMORY` iff the system has no memory; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// Allocates the handle and the tables of an empty space: O(1), for a buddy O(log capacity), for size classes
/// O(classes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_create(
    strategy: *const c_char,
    options: *const memcore_options,
    allocator: *mut *mut memcore_allocator,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (strategy, options, allocator) = unsafe { (text(strategy)?, object(options)?, out(allocator)?) };
        let strategy: Strategy = strategy.parse()?;
        let space = Space::Growable(Watched::new(AnyAllocator::new(&strategy, options)?));
        allocator.write(into_handle(memcore_allocator::new(space, false))?);
        Ok::<_, Failure>(())
    })
}

/// Tells how much memory `memcore_allocator_create_fixed` needs.
///
/// \param strategy as for `memcore_allocator_create`.
/// \param options the space.
/// \param max_blocks the most blocks that shall live at once, below 2^31 - 1.
/// \param bytes where the number of bytes is written.
/// \return `MEMCORE_STATUS_OK`; those of `memcore_allocator_create` about strategy and options;
/// `MEMCORE_STATUS_OUT_OF_METADATA` iff it is more than the address space; `MEMCORE_STATUS_NOT_UTF8`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_fixed_bytes(
    strategy: *const c_char,
    options: *const memcore_options,
    max_blocks: u32,
    bytes: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (strategy, options, bytes) = unsafe { (text(strategy)?, object(options)?, out(bytes)?) };
        bytes.write(fixed_bytes(&strategy.parse()?, options, max_blocks)?);
        Ok::<_, Failure>(())
    })
}

/// Makes an allocator inside memory of the caller's, for at most `max_blocks` live blocks. No call on it allocates,
/// save those that say so (`memcore_allocator_plan_compaction`, `memcore_allocator_usage_by_tag`,
/// `memcore_allocator_set_listener`).
///
/// \param memory where handle and tables go, aligned to `MEMCORE_FIXED_ALIGNMENT`. What it holds does not matter.
/// It belongs to the allocator until that is destroyed, and may then be used again.
/// \param bytes bytes of the memory, at least what `memcore_fixed_bytes` says; more are not touched.
/// \param max_blocks the most blocks that shall live at once.
/// \param strategy as for `memcore_allocator_create`.
/// \param options the space.
/// \param allocator where the handle, which equals `memory`, is written. `memcore_allocator_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_MISALIGNED_MEMORY`; `MEMCORE_STATUS_MEMORY_TOO_SMALL`, with the
/// bytes needed in the details' `value`; those of `memcore_allocator_create` about strategy and options;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(bytes needed), which are set to zero first. Reading the strategy may allocate for a moment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_create_fixed(
    memory: *mut std::ffi::c_void,
    bytes: usize,
    max_blocks: u32,
    strategy: *const c_char,
    options: *const memcore_options,
    allocator: *mut *mut memcore_allocator,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (strategy, options, allocator) = unsafe { (text(strategy)?, object(options)?, out(allocator)?) };
        let strategy: Strategy = strategy.parse()?;
        let needed = fixed_bytes(&strategy, options, max_blocks)?;
        if memory.is_null() {
            return Err(memcore_status::NullArgument.into());
        }
        if memory.addr() % MEMCORE_FIXED_ALIGNMENT != 0 {
            let text = format!("the memory is not aligned to {MEMCORE_FIXED_ALIGNMENT} bytes");
            let needed = MEMCORE_FIXED_ALIGNMENT as u64;
            return Err(Failure::Told(memcore_status::MisalignedMemory, needed, text));
        }
        if bytes < needed {
            let text = format!("{bytes} bytes were given, {needed} are needed");
            return Err(Failure::Told(memcore_status::MemoryTooSmall, needed as u64, text));
        }
        let handle = memory.cast::<memcore_allocator>();
        // SAFETY: `needed` bytes from an aligned start belong to the allocator from now on; the header says so.
        // They are the handle's, which are written whole below, and behind them whole words, which are set to zero
        // before a slice shows them. `needed` is at most `isize::MAX`: `fixed_bytes` sees to it.
        let words = unsafe {
            let tables = memory.byte_add(HANDLE_BYTES).cast::<u64>();
            let length = (needed - HANDLE_BYTES) / size_of::<u64>();
            tables.write_bytes(0, length);
            slice::from_raw_parts_mut(tables, length)
        };
        let tables = AnyAllocator::in_storage(&strategy, options, &mut Fixed::new(words, max_blocks))?;
        // SAFETY: aligned, and of at least `HANDLE_BYTES`, as was checked above.
        unsafe { handle.write(memcore_allocator::new(Space::Fixed(Watched::new(tables)), true)) };
        allocator.write(handle);
        Ok::<_, Failure>(())
    })
}

fn fixed_bytes(strategy: &Strategy, options: &memcore_options, max_blocks: u32) -> Result<usize, Failure> {
    let words = strategy.fixed_words(&options.into(), max_blocks)?;
    let bytes = words.checked_mul(size_of::<u64>()).and_then(|bytes| bytes.checked_add(HANDLE_BYTES));
    let bytes = bytes.filter(|&bytes| isize::try_from(bytes).is_ok());
    bytes.ok_or(Failure::Plain(memcore_status::OutOfMetadata))
}

/// Ends an allocator. Its blocks, ids and cursors mean nothing afterwards; memory given for it is the caller's
/// again.
///
/// \param allocator the handle; null does nothing.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener or visitor of this allocator is being
/// called, and then nothing was done.
///
/// O(chunks of the tables).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_destroy(allocator: *mut memcore_allocator) -> i32 {
    guarded_status(|| {
        if allocator.is_null() {
            return Ok(());
        }
        // SAFETY: a handle of this library's, used by nobody else. The reference is not kept.
        unsafe { memcore_allocator::changing(allocator) }?;
        // SAFETY: as above; nobody is inside. `into_handle` made it unless it is in place, where `create_fixed`
        // wrote it and its memory is the caller's.
        unsafe {
            if (*allocator).in_place {
                allocator.drop_in_place();
            } else {
                drop_handle(allocator);
            }
        }
        Ok::<_, Failure>(())
    })
}

/// Makes a second allocator in the same state: the same blocks under the same ids, holes, statistics. A limit is
/// copied, a listener is not.
///
/// \param allocator the handle.
/// \param copy where the new handle is written; `memcore_allocator_destroy` ends it.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_UNSUPPORTED` iff the allocator is in memory of the caller's;
/// `MEMCORE_STATUS_OUT_OF_MEMORY` iff there is no memory for the handle; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(size of the tables), which are allocated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_clone(
    allocator: *const memcore_allocator,
    copy: *mut *mut memcore_allocator,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, copy) = unsafe { (memcore_allocator::reading(allocator)?, out(copy)?) };
        let Space::Growable(tables) = &state.space else {
            let text = "an allocator in given memory cannot be cloned".to_owned();
            return Err(Failure::Told(memcore_status::Unsupported, 0, text));
        };
        let space = Space::Growable(tables.clone());
        copy.write(into_handle(memcore_allocator::new(space, false))?);
        Ok(())
    })
}
