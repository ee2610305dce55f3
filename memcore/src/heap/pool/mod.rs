//! A pool of values of one type: each has a slot of its own and a handle that tells when it is gone.
//!
//! ```text
//! chunk 0   [ A | . | C | D ]          a value never moves, so references to it last as long as the pool
//! chunk 1   [ E | . | . | ............ ]       is not changed
//!                 ^   |   ^ never used
//!         free: 5 ------> 1               last freed, first taken; then the next never used
//!
//! handle    (generation 7, index 3)       remove(D) makes the slot's generation 8: the handle is stale
//! ```
//!
//! Every call that is about one value is O(1). A slot costs four bytes beside its value, and what the value's
//! alignment adds to them; while it is free, the number of the next free slot lies where the value was. All chunks
//! have the same length, about 16 KiB, so growth neither moves nor visits a value.
//!
//! A generation is 32 bits wide. A slot whose generations are used up is never given out again, so that a handle
//! which is stale stays stale: the slot is lost after 2^31 values. A handle of another pool of the same type is
//! either refused or names a value of this one; no memory is ever misread.
//!
//! The idea is older than its names: slab caches (Bonwick, "The Slab Allocator: An Object-Caching Kernel Memory
//! Allocator", USENIX Summer 1994) keep objects of one type in chunks with a free list in the free slots, and tagged
//! capabilities tell an old use of a slot from a new one.

mod handle;
mod iter;
pub mod raw;
mod refused;
mod slots;
mod sweep;

pub use handle::Handle;
pub use iter::{Iter, IterMut};
pub use raw::RawPool;
pub use refused::Refused;
use slots::{Chunks, FixedSlots, Slot, Slots};
use sweep::Sweep;

use super::Result;
use crate::alloc::Corruption;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr::NonNull;

/// No slot: the end of the list of the free.
const NIL: u32 = u32::MAX;

/// A pool of values in chunks of the global allocator; see the [module](self).
///
/// ```
/// use memcore::heap::Pool;
/// let mut pool = Pool::new();
/// let (a, b) = (pool.insert(String::from("a"))?, pool.insert(String::from("b"))?);
/// pool.get_mut(b).expect("it was just stored").push('!');
/// assert_eq!(pool.remove(a).as_deref(), Some("a"));
/// assert_eq!(pool.get(a), None); // stale
/// assert_eq!(pool.get(b).map(String::as_str), Some("b!"));
/// assert_eq!(pool.len(), 1);
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
pub struct Pool<T, S: Slots<T> = Chunks<T>> {
    slots: S,
    /// The slot that was freed last.
    free: u32,
    len: u32,
    /// Slots that were never used since their memory was taken.
    fresh: Range<u32>,
    values: PhantomData<T>,
}

/// A pool in memory of the caller's, which takes none of its own: see [`FixedPool::over`].
pub type FixedPool<'a, T> = Pool<T, FixedSlots<'a, T>>;

impl<T> Pool<T> {
    /// An empty pool, which takes no memory before the first value. O(1).
    pub const fn new() -> Self {
        Pool { slots: Chunks::new(), free: NIL, len: 0, fresh: 0..0, values: PhantomData }
    }

    /// An empty pool with memory for `capacity` values at least. A call of the global allocator for each chunk.
    ///
    /// # Errors
    /// [`OutOfMetadata`](crate::alloc::AllocError::OutOfMetadata) when there is not that much memory, or over
    /// about 2^32 values.
    pub fn with_capacity(capacity: usize) -> Result<Self> {
        let mut pool = Pool::new();
        while (pool.fresh.end as usize) < capacity {
            pool.fresh.end = pool.slots.grow()?.end;
        }
        Ok(pool)
    }

    /// Gives chunks back in which nothing lives. Handles into them stay stale. O(slots).
    ///
    /// What is free afterwards is taken from the lowest slot on. A chunk with a slot whose generations are used up
    /// stays.
    pub fn shrink_to_fit(&mut self) {
        let mut freed = false;
        for chunk in 0..self.slots.len() {
            let Some(highest) =
                Chunks::<T>::numbers(chunk).and_then(|numbers| self.highest_if_empty(numbers))
            else {
                continue;
            };
            // SAFETY: no value lives in the chunk, and the list of free slots is made anew below.
            unsafe { self.slots.give_back(chunk, highest) };
            freed = true;
        }
        if !freed {
            return;
        }
        // The first chunk of the fresh ones may live on; those behind it were empty.
        let span = self.slots.span(self.fresh.start).filter(|span| span.start == self.fresh.start);
        self.fresh = span.map_or(0..0, |span| self.fresh.start..self.fresh.end.min(span.end));
        self.free = NIL;
        for chunk in (0..self.slots.len()).rev() {
            for index in Chunks::<T>::numbers(chunk).into_iter().flatten().rev() {
                let Some(slot) = self.slots.slot(index) else { break };
                // SAFETY: the slot is in memory; when it is free, its content is a link.
                unsafe {
                    let slot = slot.as_ptr();
                    let generation = (*slot).generation;
                    if generation & 1 == 0 && generation != 0 && !self.fresh.contains(&index) {
                        (*slot).content.next = self.free;
                        self.free = index;
                    }
                }
            }
        }
    }

    /// The highest generation in these slots; `None` when a value lives there or a slot is used up.
    fn highest_if_empty(&self, numbers: Range<u32>) -> Option<u32> {
        let mut highest = 0;
        for index in numbers {
            // SAFETY: a slot that there is memory for has a generation.
            let generation = unsafe { (*self.slots.slot(index)?.as_ptr()).generation };
            let used_up = generation == 0 && !self.fresh.contains(&index);
            if generation & 1 == 1 || used_up {
                return None;
            }
            highest = highest.max(generation);
        }
        Some(highest)
    }
}

impl<'a, T> FixedPool<'a, T> {
    /// A pool of as many values as fit in `bytes`; it never takes memory. O(slots).
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// use memcore::heap::FixedPool;
    /// let mut bytes = [MaybeUninit::<u8>::uninit(); 256];
    /// let mut pool = FixedPool::<u32>::over(&mut bytes)?;
    /// let handles: Vec<_> = (0..).map_while(|n| pool.insert(n).ok()).collect();
    /// assert!(handles.len() >= 31); // of 8 bytes each
    /// assert_eq!(pool.insert(99).unwrap_err().value, 99);
    /// # Ok::<(), memcore::heap::HeapError>(())
    /// ```
    ///
    /// # Errors
    /// [`BadMemory`](super::HeapError::BadMemory) for bytes that cannot hold one slot.
    pub fn over(bytes: &'a mut [MaybeUninit<u8>]) -> Result<Self> {
        Ok(Pool { slots: FixedSlots::new(bytes)?, free: NIL, len: 0, fresh: 0..0, values: PhantomData })
    }
}

impl<T, S: Slots<T>> Pool<T, S> {
    /// Stores a value. O(1), and a call of the global allocator for each chunk.
    ///
    /// # Errors
    /// [`Refused`] with the value, and [`OutOfMetadata`](crate::alloc::AllocError::OutOfMetadata): no memory, a
    /// fixed pool is full, or all numbers are used.
    #[inline]
    pub fn insert(&mut self, value: T) -> core::result::Result<Handle<T>, Refused<T>> {
        let (index, slot) = match self.vacant() {
            Ok(vacant) => vacant,
            Err(error) => return Err(Refused { value, error }),
        };
        // SAFETY: the slot was free, and is in memory. Nothing here can panic.
        unsafe {
            let generation = (*slot.as_ptr()).generation + 1;
            (*slot.as_ptr()).generation = generation;
            Slot::value(slot).write(value);
            self.len += 1;
            Ok(Handle::new(index, generation).unwrap_unchecked())
        }
    }

    /// Takes a free slot off its list. The caller makes it live at once.
    #[inline(always)]
    fn vacant(&mut self) -> Result<(u32, NonNull<Slot<T>>)> {
        // The end of the list is no slot's number.
        if let Some(slot) = self.slots.slot(self.free) {
            let index = self.free;
            // SAFETY: the slot is free and was used before, so its content is a link.
            self.free = unsafe { (*slot.as_ptr()).content.next };
            return Ok((index, slot));
        }
        if self.fresh.is_empty() {
            self.fresh = self.slots.grow()?;
        }
        let index = self.fresh.start;
        self.fresh.start += 1;
        // SAFETY: there is memory for the slots that were never used.
        Ok((index, unsafe { self.slots.slot(index).unwrap_unchecked() }))
    }

    /// The slot that a handle names.
    #[inline(always)]
    fn live(&self, handle: Handle<T>) -> Option<NonNull<Slot<T>>> {
        let slot = self.slots.slot(handle.index())?;
        // SAFETY: the slot is in memory, so its generation is initialised.
        let generation = unsafe { (*slot.as_ptr()).generation };
        (generation == handle.generation()).then_some(slot)
    }

    /// The value; `None` when it was removed. O(1).
    #[inline]
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        // SAFETY: the slot lives, and its value is not changed while the pool is borrowed.
        self.live(handle).map(|slot| unsafe { &*Slot::value(slot) })
    }

    /// The value, to be changed. O(1).
    #[inline]
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        // SAFETY: the slot lives, and the pool is borrowed for this reference alone.
        self.live(handle).map(|slot| unsafe { &mut *Slot::value(slot) })
    }

    /// Several values to be changed at once; `None` when one of them was removed, or a handle is given twice. O(N).
    ///
    /// ```
    /// # use memcore::heap::Pool;
    /// let mut pool = Pool::new();
    /// let (a, b) = (pool.insert(1)?, pool.insert(2)?);
    /// if let Some([a, b]) = pool.get_many_mut([a, b]) {
    ///     core::mem::swap(a, b);
    /// }
    /// assert_eq!((pool.get(a), pool.get(b)), (Some(&2), Some(&1)));
    /// assert_eq!(pool.get_many_mut([a, a]), None);
    /// # Ok::<(), memcore::heap::HeapError>(())
    /// ```
    pub fn get_many_mut<const N: usize>(&mut self, handles: [Handle<T>; N]) -> Option<[&mut T; N]> {
        // Each slot found is marked as not live for a moment, so that it is not found again.
        let mut found = [None; N];
        for (found, &handle) in found.iter_mut().zip(&handles) {
            let Some(slot) = self.live(handle) else { break };
            // SAFETY: the slot is in memory.
            unsafe { (*slot.as_ptr()).generation = 0 };
            *found = Some(slot);
        }
        for (slot, handle) in found.iter().flatten().zip(&handles) {
            // SAFETY: as above; the generation was the handle's.
            unsafe { (*slot.as_ptr()).generation = handle.generation() };
        }
        if found.iter().any(Option::is_none) {
            return None;
        }
        // SAFETY: N live slots, no two the same, in a pool that is borrowed for these references.
        Some(found.map(|slot| unsafe { &mut *Slot::value(slot.unwrap_unchecked()) }))
    }

    /// Takes a value out; `None` when it was removed before. O(1).
    #[inline]
    pub fn remove(&mut self, handle: Handle<T>) -> Option<T> {
        let slot = self.live(handle)?;
        // SAFETY: the slot lives.
        Some(unsafe { self.take(handle.index(), slot) })
    }

    /// Takes the value out of a slot and frees it.
    ///
    /// # Safety
    /// The slot has this number, and lives.
    #[inline(always)]
    unsafe fn take(&mut self, index: u32, slot: NonNull<Slot<T>>) -> T {
        // SAFETY: a value lives in the slot, and is forgotten there as soon as it was read.
        unsafe {
            let value = Slot::value(slot).read();
            let generation = (*slot.as_ptr()).generation.wrapping_add(1);
            (*slot.as_ptr()).generation = generation;
            // With its last generation used the slot goes on no list.
            if generation != 0 {
                (*slot.as_ptr()).content.next = self.free;
                self.free = index;
            }
            self.len -= 1;
            value
        }
    }

    /// True while the handle's value is here. O(1).
    #[inline]
    pub fn contains(&self, handle: Handle<T>) -> bool {
        self.live(handle).is_some()
    }

    /// Values in the pool. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// True when no value is in the pool. O(1).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Values that there is memory for, those in the pool included. O(1).
    pub fn capacity(&self) -> usize {
        self.slots.count()
    }

    /// The values with their handles, in the order of their slots. O(slots) for all together.
    pub fn iter(&self) -> Iter<'_, T, S> {
        Iter::new(self)
    }

    /// The values to be changed, with their handles, in the order of their slots. O(slots) for all together.
    pub fn iter_mut(&mut self) -> IterMut<'_, T, S> {
        IterMut::new(self)
    }

    /// Removes and drops every value. Memory is kept. O(slots).
    ///
    /// When a destructor panics, the other values are dropped all the same before the panic goes on; a second panic
    /// on the way aborts, as in a `Vec`.
    pub fn clear(&mut self) {
        self.retain(|_, _| false);
    }

    /// Keeps the values for which `keep` is true, and drops the others. O(slots).
    ///
    /// When a destructor panics, the walk goes on before the panic does; when `keep` panics, it ends.
    pub fn retain(&mut self, keep: impl FnMut(Handle<T>, &mut T) -> bool) {
        Sweep::new(self, keep).run();
    }

    /// Bytes beside the values: the pool itself, the generations, and what alignment adds. O(1).
    pub fn metadata_bytes(&self) -> usize {
        let beside = size_of::<Slot<T>>() - size_of::<T>();
        size_of::<Self>() + self.slots.table_bytes() + self.slots.count() * beside
    }

    /// Checks every invariant. O(slots).
    ///
    /// # Errors
    /// The first that is broken.
    pub fn validate(&self) -> core::result::Result<(), Corruption> {
        let (mut live, mut free, mut from) = (0u32, 0u32, 0);
        while let Some(span) = self.slots.span(from) {
            from = span.end;
            for slot in
                span.filter_map(|index| self.slots.slot(index).filter(|_| !self.fresh.contains(&index)))
            {
                // SAFETY: the slot is in memory, so its generation is initialised.
                let generation = unsafe { (*slot.as_ptr()).generation };
                live += generation & 1;
                free += u32::from(generation & 1 == 0 && generation != 0);
            }
        }
        Corruption::unless(live == self.len, "the count of values is wrong", live.into())?;
        let (mut listed, mut index) = (0, self.free);
        while index != NIL {
            listed += 1;
            let slot = self.slots.slot(index).filter(|_| listed <= free && !self.fresh.contains(&index));
            let Some(slot) = slot else {
                return Err(Corruption { what: "the list of free slots is broken", at: index.into() });
            };
            // SAFETY: the slot is in memory; when it is free, its content is a link.
            let (generation, next) = unsafe {
                let slot = slot.as_ptr();
                let free = (*slot).generation & 1 == 0;
                ((*slot).generation, if free { (*slot).content.next } else { NIL })
            };
            Corruption::unless(generation & 1 == 0, "a live slot is listed as free", index.into())?;
            index = next;
        }
        Corruption::unless(listed == free, "a free slot is on no list", listed.into())
    }
}

impl<T, S: Slots<T>> Drop for Pool<T, S> {
    fn drop(&mut self) {
        if core::mem::needs_drop::<T>() {
            self.clear();
        }
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, S: Slots<T>> fmt::Debug for Pool<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::vec::Vec;

    /// Makes the next value of a free slot its last one.
    fn age(pool: &mut Pool<u64>, index: u32) {
        let slot = pool.slots.slot(index).unwrap();
        // SAFETY: the slot is in memory, and free.
        unsafe { (*slot.as_ptr()).generation = u32::MAX - 1 };
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_never_given_out_again() {
        let mut pool = Pool::new();
        let first = pool.insert(1).unwrap();
        pool.remove(first);
        age(&mut pool, 0);
        let last = pool.insert(2).unwrap();
        assert_eq!((last.index(), last.generation()), (0, u32::MAX));
        assert_eq!(pool.remove(last), Some(2));
        let (next, other) = (pool.insert(3).unwrap(), pool.insert(4).unwrap());
        assert_eq!((next.index(), other.index()), (1, 2));
        assert!([first, last].iter().all(|&handle| !pool.contains(handle)));
        pool.validate().unwrap();
        // Nor does its chunk go, which would let the slot begin anew.
        pool.clear();
        pool.shrink_to_fit();
        assert!(pool.capacity() > 0);
        pool.validate().unwrap();
        let indices: Vec<u32> = (0..10).map(|value| pool.insert(value).unwrap().index()).collect();
        assert!(!indices.contains(&0), "{indices:?}");
    }

    #[test]
    fn a_chunk_that_comes_again_goes_on_from_its_highest_generation() {
        let mut pool = Pool::new();
        for value in 0..5 {
            let handle = pool.insert(value).unwrap();
            pool.remove(handle);
        }
        pool.shrink_to_fit();
        assert_eq!(pool.capacity(), 0);
        let generations: Vec<u32> = (0..3).map(|value| pool.insert(value).unwrap().generation()).collect();
        assert_eq!(generations, [11, 11, 11]);
        pool.validate().unwrap();
    }

    #[test]
    fn damage_is_found() {
        let mut pool = Pool::new();
        let handles: Vec<_> = (0..4u64).map(|value| pool.insert(value).unwrap()).collect();
        handles[1..3].iter().for_each(|&handle| _ = pool.remove(handle));
        pool.validate().unwrap();
        pool.free = 0;
        assert!(pool.validate().is_err());
        pool.free = 1;
        assert!(pool.validate().is_err());
        pool.free = 9;
        assert!(pool.validate().is_err());
        (pool.free, pool.len) = (2, 3);
        assert!(pool.validate().is_err());
        pool.len = 2;
        pool.validate().unwrap();
    }
}
