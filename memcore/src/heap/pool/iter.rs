//! Walks over the values of a pool.

use super::slots::{Slot, Slots};
use super::{Handle, Pool};
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// Goes from one live slot to the next, in the order of their numbers. It ends with the last live one, so that slots
/// behind it are not looked at.
struct Walk<'p, T, S> {
    slots: &'p S,
    /// The slot to look at, and its number, up to the end of its span.
    at: Option<NonNull<Slot<T>>>,
    index: u32,
    end: u32,
    left: usize,
}

impl<'p, T, S: Slots<T>> Walk<'p, T, S> {
    fn new(pool: &'p Pool<T, S>) -> Self {
        Walk { slots: &pool.slots, at: None, index: 0, end: 0, left: pool.len() }
    }

    #[inline]
    fn next(&mut self) -> Option<(Handle<T>, NonNull<Slot<T>>)> {
        while self.left > 0 {
            if self.index == self.end {
                let span = self.slots.span(self.index)?;
                (self.index, self.end) = (span.start, span.end);
                self.at = self.slots.slot(span.start);
            }
            let (index, slot) = (self.index, self.at?);
            self.index += 1;
            // SAFETY: slots of a span lie side by side; one past the last is never looked at.
            self.at = Some(unsafe { slot.add(1) });
            // SAFETY: the slot is in memory, so its generation is initialised.
            let generation = unsafe { (*slot.as_ptr()).generation };
            if generation & 1 == 1 {
                self.left -= 1;
                return Handle::new(index, generation).map(|handle| (handle, slot));
            }
        }
        None
    }
}

/// The values of a pool with their handles: see [`Pool::iter`].
pub struct Iter<'p, T, S> {
    walk: Walk<'p, T, S>,
    values: PhantomData<&'p T>,
}

impl<'p, T, S: Slots<T>> Iter<'p, T, S> {
    pub(super) fn new(pool: &'p Pool<T, S>) -> Self {
        Iter { walk: Walk::new(pool), values: PhantomData }
    }
}

impl<'p, T, S: Slots<T>> Iterator for Iter<'p, T, S> {
    type Item = (Handle<T>, &'p T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: the slot lives, and the pool is borrowed for 'p.
        self.walk.next().map(|(handle, slot)| (handle, unsafe { &*Slot::value(slot) }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.walk.left, Some(self.walk.left))
    }
}

/// The values of a pool, to be changed: see [`Pool::iter_mut`].
pub struct IterMut<'p, T, S> {
    walk: Walk<'p, T, S>,
    values: PhantomData<&'p mut T>,
}

impl<'p, T, S: Slots<T>> IterMut<'p, T, S> {
    pub(super) fn new(pool: &'p mut Pool<T, S>) -> Self {
        IterMut { walk: Walk::new(pool), values: PhantomData }
    }
}

impl<'p, T, S: Slots<T>> Iterator for IterMut<'p, T, S> {
    type Item = (Handle<T>, &'p mut T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: the slot lives, the pool is borrowed for 'p by this walk alone, and a walk meets each slot once.
        self.walk.next().map(|(handle, slot)| (handle, unsafe { &mut *Slot::value(slot) }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.walk.left, Some(self.walk.left))
    }
}

impl<T, S: Slots<T>> ExactSizeIterator for Iter<'_, T, S> {}
impl<T, S: Slots<T>> FusedIterator for Iter<'_, T, S> {}
impl<T, S: Slots<T>> ExactSizeIterator for IterMut<'_, T, S> {}
impl<T, S: Slots<T>> FusedIterator for IterMut<'_, T, S> {}

impl<'p, T, S: Slots<T>> IntoIterator for &'p Pool<T, S> {
    type Item = (Handle<T>, &'p T);
    type IntoIter = Iter<'p, T, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'p, T, S: Slots<T>> IntoIterator for &'p mut Pool<T, S> {
    type Item = (Handle<T>, &'p mut T);
    type IntoIter = IterMut<'p, T, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
