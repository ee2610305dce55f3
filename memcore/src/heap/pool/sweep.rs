//! A walk over a pool that drops values.
//!
//! ```text
//! run     keep A?  yes -> next   keep B?  no -> free its slot, then drop B   ...
//!                                                              panics: the walk's own end goes on with C
//! ```

use super::slots::{Slot, Slots};
use super::{Handle, Pool};
use core::ptr::NonNull;

/// A walk that drops values, and goes on when a destructor panics.
pub(super) struct Sweep<'p, T, S: Slots<T>, F: FnMut(Handle<T>, &mut T) -> bool> {
    pool: &'p mut Pool<T, S>,
    keep: F,
    /// The slot to look at, and its number, up to the end of its span.
    at: Option<NonNull<Slot<T>>>,
    index: u32,
    end: u32,
    /// Live values not seen yet.
    left: usize,
    /// The caller's function is running, or has panicked.
    broken: bool,
}

impl<'p, T, S: Slots<T>, F: FnMut(Handle<T>, &mut T) -> bool> Sweep<'p, T, S, F> {
    /// A walk from the first slot on.
    pub fn new(pool: &'p mut Pool<T, S>, keep: F) -> Self {
        Sweep { left: pool.len(), pool, keep, at: None, index: 0, end: 0, broken: false }
    }

    /// Goes on where the walk is.
    pub fn run(&mut self) {
        while self.left > 0 && !self.broken {
            if self.index == self.end {
                let Some(span) = self.pool.slots.span(self.index) else { return };
                (self.index, self.end) = (span.start, span.end);
                self.at = self.pool.slots.slot(span.start);
            }
            let (index, Some(slot)) = (self.index, self.at) else { return };
            self.index += 1;
            // SAFETY: slots of a span lie side by side; one past the last is never looked at.
            self.at = Some(unsafe { slot.add(1) });
            // SAFETY: the slot is in memory, so its generation is initialised.
            let generation = unsafe { (*slot.as_ptr()).generation };
            let Some(handle) = Handle::new(index, generation).filter(|_| generation & 1 == 1) else {
                continue;
            };
            self.left -= 1;
            self.broken = true;
            // SAFETY: the slot lives, and the pool is borrowed by this walk.
            let keep = (self.keep)(handle, unsafe { &mut *Slot::value(slot) });
            self.broken = false;
            if !keep {
                // SAFETY: the slot lives. It is free before the value's destructor runs.
                drop(unsafe { self.pool.take(index, slot) });
            }
        }
    }
}

impl<T, S: Slots<T>, F: FnMut(Handle<T>, &mut T) -> bool> Drop for Sweep<'_, T, S, F> {
    fn drop(&mut self) {
        self.run();
    }
}
