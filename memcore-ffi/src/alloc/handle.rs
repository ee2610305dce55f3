//! The handle, and who may use it when.
//!
//! C gives a pointer and promises that a `const` one is only read while others read, and that any other is used
//! by one thread at a time. What C cannot be expected to promise is that its own callbacks keep out: a listener
//! runs in the middle of a change, a visitor in the middle of a walk. So the handle counts who is inside, and a
//! call that would meet a change or would change what is being walked is refused.
//!
//! ```text
//!  inside                      const calls     other calls
//!  nobody                      yes             yes
//!  visitors (n of them)        yes             REENTERED
//!  a listener (CHANGING)       REENTERED       REENTERED
//! ```
//!
//! That refusal is also what makes the unsafe code sound: a reference to the space is made only after the look at
//! that word, so that a `&mut` is never met by another reference of the same thread. The word itself is atomic,
//! because visitors may run in several threads.

use std::{
    cell::UnsafeCell,
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use memcore::alloc::{
    Allocator, AnyAllocator, Watched,
    storage::{Fixed, Growable},
};

use crate::{error::Failure, status::memcore_status};

/// An allocator of any strategy. Opaque.
pub struct memcore_allocator {
    inside: Inside,
    /// Lives in the caller's memory, not on the heap.
    pub(super) in_place: bool,
    state: UnsafeCell<State>,
}

/// What calls work on.
pub(super) struct State {
    pub space: Space,
    /// Calls so far that could change the space: what tells a cursor that it is out of date.
    pub changes: u64,
}

/// The allocator itself, by who owns its tables.
#[allow(clippy::large_enum_variant)] // one level of indirection would cost every call
pub(super) enum Space {
    Growable(Watched<AnyAllocator<Growable>>),
    /// The tables are in the memory that holds the handle, so they live as long as it does.
    Fixed(Watched<AnyAllocator<Fixed<'static>>>),
}

/// The one call of the hot path on the allocator inside a space, so that it is compiled into the caller.
macro_rules! each {
    ($space:expr, $allocator:ident => $call:expr) => {
        match $space {
            Space::Growable($allocator) => $call,
            Space::Fixed($allocator) => $call,
        }
    };
}
pub(super) use each;

impl Space {
    /// The allocator, for calls whose own work outweighs an indirect call.
    pub fn reading(&self) -> &dyn Allocator {
        each!(self, allocator => allocator)
    }

    /// As [`reading`](Self::reading), to change it.
    pub fn changing(&mut self) -> &mut dyn Allocator {
        each!(self, allocator => allocator)
    }
}

// A `const` handle is shared between threads and a handle moves between them: this holds only because the engine's
// allocators may do both. What watches them is sent only; a listener cannot be reached through a shared reference.
const _: () = {
    const fn shared_and_sent<T: Send + Sync>() {}
    shared_and_sent::<AnyAllocator<Growable>>();
    shared_and_sent::<AnyAllocator<Fixed<'static>>>();
};

/// Who is inside the handle: a listener, or a number of visitors.
pub(super) struct Inside(AtomicU32);

const CHANGING: u32 = 1 << 31;

impl memcore_allocator {
    pub fn new(space: Space, in_place: bool) -> Self {
        let state = UnsafeCell::new(State { space, changes: 0 });
        memcore_allocator { inside: Inside(AtomicU32::new(0)), in_place, state }
    }

    /// The space, to be read.
    ///
    /// # Safety
    /// `handle` is null or came from this library and was not destroyed; during `'a` no other thread changes it,
    /// and this thread does not without going through [`changing`](Self::changing) first.
    #[inline]
    pub unsafe fn reading<'a>(handle: *const Self) -> Result<&'a State, Failure> {
        // SAFETY: the caller's promise. The state is behind an `UnsafeCell`, so this reference tolerates a change.
        let handle = unsafe { handle.as_ref() }.ok_or(Failure::Plain(memcore_status::NullArgument))?;
        if handle.inside.0.load(Relaxed) & CHANGING != 0 {
            return Err(memcore_status::Reentered.into());
        }
        // SAFETY: no change is going on: not in this thread, as was just seen, and by promise in no other.
        Ok(unsafe { &*handle.state.get() })
    }

    /// The space, to be changed.
    ///
    /// # Safety
    /// `handle` is null or came from this library and was not destroyed; during `'a` no other thread uses it, and
    /// this thread does only where [`Inside`] is marked.
    #[inline]
    pub unsafe fn changing<'a>(handle: *mut Self) -> Result<&'a mut State, Failure> {
        // SAFETY: as in `reading`.
        let handle = unsafe { handle.as_ref() }.ok_or(Failure::Plain(memcore_status::NullArgument))?;
        if handle.inside.0.load(Relaxed) != 0 {
            return Err(memcore_status::Reentered.into());
        }
        // SAFETY: nobody is inside in this thread, as was just seen, and by promise in no other.
        let state = unsafe { &mut *handle.state.get() };
        state.changes += 1;
        Ok(state)
    }

    /// Marks that a visitor is inside, until the answer is dropped.
    ///
    /// # Safety
    /// As for [`reading`](Self::reading), until the answer is dropped.
    pub unsafe fn visiting<'a>(handle: *const Self) -> Result<(&'a State, Visiting<'a>), Failure> {
        // SAFETY: the caller's promise, passed on; `reading` finds out null.
        unsafe {
            let state = Self::reading(handle)?;
            (*handle).inside.0.fetch_add(1, Relaxed);
            Ok((state, Visiting(&(*handle).inside)))
        }
    }
}

/// While it lives, the handle refuses to be changed.
pub(super) struct Visiting<'a>(&'a Inside);

/// While it lives, the handle refuses every call.
pub(super) struct Changing<'a>(&'a Inside);

impl Inside {
    /// The mark of a handle, without a look at who is inside.
    ///
    /// # Safety
    /// `handle` came from this library and was not destroyed.
    pub unsafe fn of(handle: *mut memcore_allocator) -> NonNull<Inside> {
        // SAFETY: the caller's promise: the field is within a live handle.
        unsafe { NonNull::new_unchecked(&raw mut (*handle).inside) }
    }

    /// Marks that a change is going on, until the answer is dropped.
    pub fn change(&self) -> Changing<'_> {
        self.0.fetch_or(CHANGING, Relaxed);
        Changing(self)
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_and(!CHANGING, Relaxed);
    }
}

impl Drop for Visiting<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}
