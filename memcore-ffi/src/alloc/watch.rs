//! Limit and listener.

use std::{ffi::c_void, ptr::NonNull};

use memcore::alloc::{Event, Watched};

use super::{
    compact::memcore_move,
    handle::{Inside, Space, each, memcore_allocator},
    types::{NO_BLOCK, memcore_block},
};
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{into_handle, out},
    status::memcore_status,
};

/// No limit, for `memcore_allocator_set_limit`.
pub const MEMCORE_NO_LIMIT: u64 = 0xffff_ffff_ffff_ffff;

/// Sets the most bytes that live blocks may take together, rounding included. Blocks that are there already stay.
///
/// \param allocator the handle.
/// \param limit the limit, or `MEMCORE_NO_LIMIT`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_set_limit(allocator: *mut memcore_allocator, limit: u64) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let state = unsafe { memcore_allocator::changing(allocator) }?;
        let limit = (limit != MEMCORE_NO_LIMIT).then_some(limit);
        each!(&mut state.space, space => space.set_limit(limit));
        Ok::<_, Failure>(())
    })
}

/// Tells the limit.
///
/// \param allocator the handle.
/// \param limit where the limit is written, or `MEMCORE_NO_LIMIT`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REENTERED` iff a listener of this allocator is being called;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_limit(
    allocator: *const memcore_allocator,
    limit: *mut u64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (state, limit) = unsafe { (memcore_allocator::reading(allocator)?, out(limit)?) };
        limit.write(each!(&state.space, space => space.limit()).unwrap_or(MEMCORE_NO_LIMIT));
        Ok::<_, Failure>(())
    })
}

/// What happened to an allocator.
#[repr(i32)]
pub enum memcore_event_kind {
    /// `block` was handed out.
    Allocated = 0,
    /// `block` was taken back.
    Freed = 1,
    /// `block` was resized; `old` is how it was.
    Resized = 2,
    /// `moved` was carried out by a committed compaction.
    Moved = 3,
    /// A request for `size` bytes, or to have `size` bytes, was refused with `status`.
    Failed = 4,
}

/// One event. Members that its kind does not speak of are 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_event {
    /// A `memcore_event_kind`. Later versions may have more.
    pub kind: i32,
    /// Why a request failed: a `memcore_status`.
    pub status: i32,
    /// Bytes of the request that failed.
    pub size: u64,
    /// The block, as it is now; as it was, for one that was freed.
    pub block: memcore_block,
    /// A resized block as it was.
    pub old: memcore_block,
    /// Where a block was moved.
    pub moved: memcore_move,
}

/// Is called with each event. Any call on the allocator that it hears from, even to destroy it, gives
/// `MEMCORE_STATUS_REENTERED`. It must not throw and not jump out.
pub type memcore_listener = Option<unsafe extern "C" fn(event: *const memcore_event, user: *mut c_void)>;

/// Replaces the listener, which hears of each change after it was made, and of each request that failed for another
/// reason than a null pointer.
///
/// \param allocator the handle.
/// \param listener called by whichever thread makes the change; null: nobody.
/// \param user passed to the listener; must stay usable for as long as the listener is set.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_MEMORY`; `MEMCORE_STATUS_REENTERED`;
/// `MEMCORE_STATUS_NULL_ARGUMENT` iff `allocator` is null.
///
/// O(1). Allocates a few words. While a listener is set, `memcore_allocator_reset` and `memcore_allocator_rewind`
/// allocate a list of the live blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_allocator_set_listener(
    allocator: *mut memcore_allocator,
    listener: memcore_listener,
    user: *mut c_void,
) -> i32 {
    guarded_status(|| {
        // SAFETY: null or as the header asks.
        let state = unsafe { memcore_allocator::changing(allocator) }?;
        // SAFETY: not null, as was just seen.
        let inside = unsafe { Inside::of(allocator) };
        let boxed = match listener {
            None => None,
            Some(function) => {
                let listener = Listener { function, user, inside };
                let closure = into_handle(move |event: &Event| listener.hear(event))?;
                // SAFETY: `into_handle` took the memory from the global allocator with the closure's layout.
                Some(unsafe { Box::from_raw(closure) } as memcore::alloc::Listener)
            }
        };
        each!(&mut state.space, space => Watched::set_listener(space, boxed));
        Ok::<_, Failure>(())
    })
}

/// A listener of C's, and the mark that keeps it out of the allocator.
struct Listener {
    function: unsafe extern "C" fn(event: *const memcore_event, user: *mut c_void),
    user: *mut c_void,
    inside: NonNull<Inside>,
}

// SAFETY: the header says that the listener is called by whichever thread makes a change, so function and `user`
// are fit for that; the mark is atomic, and part of the allocator that owns the listener.
unsafe impl Send for Listener {}

impl Listener {
    fn hear(&self, event: &Event) {
        let mut told = memcore_event {
            kind: 0,
            status: memcore_status::Ok as i32,
            size: 0,
            block: NO_BLOCK,
            old: NO_BLOCK,
            moved: memcore_move { id: 0, from: 0, to: 0, size: 0 },
        };
        let kind = match *event {
            Event::Allocated(block) => {
                told.block = block.into();
                memcore_event_kind::Allocated
            }
            Event::Freed(block) => {
                told.block = block.into();
                memcore_event_kind::Freed
            }
            Event::Resized { old, new } => {
                (told.block, told.old) = (new.into(), old.into());
                memcore_event_kind::Resized
            }
            Event::Moved(step) => {
                told.moved = step.into();
                memcore_event_kind::Moved
            }
            Event::Failed { size, error } => {
                (told.size, told.status) = (size, memcore_status::from(error) as i32);
                memcore_event_kind::Failed
            }
            // An event of a later engine that this interface has no kind for.
            _ => return,
        };
        told.kind = kind as i32;
        // SAFETY: the allocator owns this listener and does not move, so the mark is where it was.
        let _changing = unsafe { self.inside.as_ref() }.change();
        // SAFETY: a function of the caller's, called as its type says.
        unsafe { (self.function)(&told, self.user) };
    }
}
