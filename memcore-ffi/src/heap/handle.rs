//! The handles of this room: which kind they are, and who may use them when.
//!
//! ```text
//! handle --> [ seal | gate | value ]
//!              |      |
//!              |      who is inside: nobody, visitors, a change; for a locked handle, which thread
//!              of the kind: a handle of another kind, or of none, is found out
//! ```
//!
//! C promises that a `const` pointer is only read while others read, and that any other is used by one thread at a
//! time, unless the handle has a lock of its own. What C cannot be expected to promise is that its callbacks keep out.
//! So the gate counts who is inside, as that of an allocator does:
//!
//! ```text
//!  inside                  const calls     other calls
//!  nobody                  yes             yes
//!  visitors (n of them)    yes             REENTERED
//!  a change                REENTERED       REENTERED
//! ```
//!
//! A reference to the value is made only after the look at the gate, so that a `&mut` is never met by another reference
//! of the same thread. With a lock the first two rows are about the thread that has it, and every other one waits.

use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
};

use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{drop_handle, into_handle},
    status::memcore_status,
};

/// A kind of handles. The type itself is what C sees: nothing but a name.
pub(super) trait Kind: Sized {
    /// What calls work on.
    type Value;
    /// Tells handles of this kind from all others.
    const SEAL: u64;
}

/// What is behind a handle.
#[repr(C)]
struct Body<T> {
    seal: u64,
    gate: Gate,
    value: UnsafeCell<T>,
}

/// Who is inside a handle.
pub(super) struct Gate {
    inside: AtomicU32,
    /// Threads take turns, and each call waits for its own.
    locked: bool,
    /// The thread whose turn it is; 0: nobody's.
    owner: AtomicUsize,
    turn: Mutex<()>,
}

const CHANGING: u32 = 1 << 31;

thread_local! {
    static MARK: u8 = const { 0 };
}

/// A number that no other living thread has, and that is not 0.
fn this_thread() -> usize {
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}

/// A turn of this thread at a locked handle; nothing at one without a lock, or within a turn.
struct Turn<'a>(Option<(MutexGuard<'a, ()>, &'a AtomicUsize)>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some((_, owner)) = &self.0 {
            owner.store(0, Relaxed);
        }
    }
}

impl Gate {
    fn turn(&self) -> Turn<'_> {
        // Only this thread writes its own number there, so that whoever reads it has the turn.
        if !self.locked || self.owner.load(Relaxed) == this_thread() {
            return Turn(None);
        }
        let guard = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.owner.store(this_thread(), Relaxed);
        Turn(Some((guard, &self.owner)))
    }

    /// Marks that a visitor or another callback is inside, until the answer is dropped.
    pub fn visit(&self) -> Visiting<'_> {
        self.inside.fetch_add(1, Relaxed);
        Visiting(self)
    }
}

/// While it lives, the handle refuses to be changed.
pub(super) struct Visiting<'a>(&'a Gate);

impl Drop for Visiting<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Relaxed);
    }
}

/// A value that is read.
pub(super) struct Reading<'a, T> {
    value: &'a T,
    gate: &'a Gate,
    _turn: Turn<'a>,
}

impl<'a, T> Reading<'a, T> {
    /// As [`Gate::visit`].
    pub fn visit(&self) -> Visiting<'a> {
        self.gate.visit()
    }
}

impl<T> Deref for Reading<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

/// A value that is changed: until it is dropped, the handle refuses every call of this thread.
pub(super) struct Changing<'a, T> {
    value: &'a mut T,
    gate: &'a Gate,
    _turn: Turn<'a>,
}

impl<'a, T> Changing<'a, T> {
    /// The gate, which is where it is for as long as the handle lives.
    pub fn gate(&self) -> &'a Gate {
        self.gate
    }
}

impl<T> Deref for Changing<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for Changing<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

impl<T> Drop for Changing<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.gate.inside.store(0, Relaxed);
    }
}

/// Makes a handle. A locked one may be used by many threads at once.
pub(super) fn make<K: Kind>(value: K::Value, locked: bool) -> Result<*mut K, Failure> {
    let (inside, owner) = (AtomicU32::new(0), AtomicUsize::new(0));
    let gate = Gate { inside, locked, owner, turn: Mutex::new(()) };
    Ok(into_handle(Body { seal: K::SEAL, gate, value: UnsafeCell::new(value) })?.cast())
}

/// # Safety
/// `handle` is null or not aligned, or the address of at least 8 readable bytes; where these are the seal of the kind,
/// it came from [`make`] and was not destroyed.
#[inline]
unsafe fn body<'a, K: Kind>(handle: *const K) -> Result<&'a Body<K::Value>, Failure> {
    if handle.is_null() {
        return Err(memcore_status::NullArgument.into());
    }
    let body = handle.cast::<Body<K::Value>>();
    // SAFETY: aligned, and readable by the caller's promise. The seal is the first field.
    if !body.is_aligned() || unsafe { body.cast::<u64>().read() } != K::SEAL {
        return Err(memcore_status::HeapWrongHandle.into());
    }
    // SAFETY: a live handle of this kind. The value is behind an `UnsafeCell`, so this reference tolerates a change.
    Ok(unsafe { &*body })
}

/// The value, to be read.
///
/// # Safety
/// `handle` is null, or came from this library and was not destroyed. Unless it is locked, during `'a` no other thread
/// changes it, and this thread does not without going through [`changing`].
#[inline]
pub(super) unsafe fn reading<'a, K: Kind>(handle: *const K) -> Result<Reading<'a, K::Value>, Failure> {
    // SAFETY: the caller's promise.
    let body = unsafe { body(handle) }?;
    let turn = body.gate.turn();
    if body.gate.inside.load(Relaxed) & CHANGING != 0 {
        return Err(memcore_status::Reentered.into());
    }
    // SAFETY: no change is going on: not in this thread, as was just seen, and by promise or turn in no other.
    Ok(Reading { value: unsafe { &*body.value.get() }, gate: &body.gate, _turn: turn })
}

/// The value, to be changed.
///
/// # Safety
/// `handle` is null, or came from this library and was not destroyed. Unless it is locked, during `'a` no other thread
/// uses it.
#[inline]
pub(super) unsafe fn changing<'a, K: Kind>(handle: *mut K) -> Result<Changing<'a, K::Value>, Failure> {
    // SAFETY: the caller's promise.
    let body = unsafe { body(handle.cast_const()) }?;
    let turn = body.gate.turn();
    if body.gate.inside.load(Relaxed) != 0 {
        return Err(memcore_status::Reentered.into());
    }
    body.gate.inside.store(CHANGING, Relaxed);
    // SAFETY: nobody is inside in this thread, as was just seen, and by promise or turn in no other.
    Ok(Changing { value: unsafe { &mut *body.value.get() }, gate: &body.gate, _turn: turn })
}

/// Ends a handle. Null is nothing.
///
/// # Safety
/// As for [`changing`]; nobody uses the handle afterwards.
pub(super) unsafe fn destroy<K: Kind>(handle: *mut K) -> i32 {
    guarded_status(|| {
        if handle.is_null() {
            return Ok(());
        }
        // SAFETY: the caller's promise. The answer is not kept: nobody is inside, and the kind is right.
        drop(unsafe { changing(handle) }?);
        // SAFETY: `make` made it, and nobody else uses it.
        unsafe { drop_handle(handle.cast::<Body<K::Value>>()) };
        Ok::<_, Failure>(())
    })
}

/// Ends a handle and gives its value.
///
/// # Safety
/// As for [`changing`]; nobody uses the handle afterwards, when there is no failure.
pub(super) unsafe fn take<K: Kind>(handle: *mut K) -> Result<K::Value, Failure> {
    // SAFETY: the caller's promise; the answer is not kept.
    drop(unsafe { changing(handle) }?);
    // SAFETY: `make` took the memory from the global allocator with this layout, and nobody else uses it.
    let body = unsafe { Box::from_raw(handle.cast::<Body<K::Value>>()) };
    Ok(body.value.into_inner())
}
