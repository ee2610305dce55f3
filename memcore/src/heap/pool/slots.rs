//! Where the slots of a pool lie.
//!
//! ```text
//! slot      [ generation | value, or the number of the next free slot ]
//!             odd: live
//!
//! Chunks       table: [ . | . | given back | . ]
//!                       |   |                |
//!                   [slots] [slots]      [slots]     of about 16 KiB each, never moved
//! FixedSlots   [ as many as fit in the caller's bytes ]
//! ```
//!
//! A chunk holds a power of two of slots, so that a slot's number is its chunk's place in the table and its own place
//! in the chunk, side by side. The table alone is copied as the pool grows: 16 bytes a chunk.

use super::super::{HeapError, Result};
use crate::alloc::AllocError;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::Range;
use core::ptr::NonNull;
use std_alloc::alloc::{alloc_zeroed, dealloc};
use std_alloc::vec::Vec;

/// A place for a value.
#[repr(C)]
pub struct Slot<T> {
    /// Odd while a value lives here. 0: never used, or used up.
    pub generation: u32,
    pub content: Content<T>,
}

/// What a slot holds.
#[repr(C)]
pub union Content<T> {
    /// While it is free: the free slot after this one.
    pub next: u32,
    pub value: ManuallyDrop<T>,
}

impl<T> Slot<T> {
    /// Where the value of a slot lies, or would lie. O(1).
    ///
    /// # Safety
    /// The slot is in memory.
    #[inline(always)]
    pub unsafe fn value(slot: NonNull<Slot<T>>) -> *mut T {
        // SAFETY: the slot is in memory; no reference is made, so a value beside it may be borrowed.
        unsafe { (&raw mut (*slot.as_ptr()).content).cast() }
    }
}

/// The memory of the slots of a pool.
///
/// # Safety
/// A slot that `slot` tells of is valid for reads and writes, stays where it is and is nobody else's, until the
/// memory is dropped or that slot's chunk given back; its generation is initialised. Slots of different numbers do
/// not overlap, and those of a span lie side by side.
pub unsafe trait Slots<T> {
    /// The slot of this number, where there is memory for it. O(1).
    fn slot(&self, index: u32) -> Option<NonNull<Slot<T>>>;

    /// The numbers of the first slots, from `index` on, that lie side by side. O(chunks).
    fn span(&self, index: u32) -> Option<Range<u32>>;

    /// Takes memory for more slots, and tells their numbers. Their generations are even.
    fn grow(&mut self) -> Result<Range<u32>>;

    /// How many slots there is memory for. O(1).
    fn count(&self) -> usize;

    /// Bytes beside the slots. O(1).
    fn table_bytes(&self) -> usize {
        0
    }
}

/// Bytes that a chunk has at most, unless four slots are more.
const CHUNK_BYTES: usize = 16384;

/// A chunk's place in the table.
struct Chunk<T> {
    /// Its first slot, while it is in memory.
    start: Option<NonNull<Slot<T>>>,
    /// The generation that the slots of a chunk which was given back go on from: all their old handles are stale.
    floor: u32,
}

/// Chunks of the global allocator.
pub struct Chunks<T> {
    table: Vec<Chunk<T>>,
    /// Chunks in memory.
    present: usize,
    /// All chunks below are in memory.
    hole: usize,
    owns: PhantomData<T>,
}

// SAFETY: the chunks are the value's own, and hold values of T alone.
unsafe impl<T: Send> Send for Chunks<T> {}
// SAFETY: a shared reference to it leads to shared references to T alone.
unsafe impl<T: Sync> Sync for Chunks<T> {}

impl<T> Chunks<T> {
    /// Slots of a chunk, as a power of two: from 4 to 1024.
    const LOG: u32 = {
        let most = CHUNK_BYTES / size_of::<Slot<T>>();
        if most >= 1024 {
            10
        } else if most >= 4 {
            most.ilog2()
        } else {
            2
        }
    };

    pub const fn new() -> Self {
        Chunks { table: Vec::new(), present: 0, hole: 0, owns: PhantomData }
    }

    /// Chunks in the table, those that were given back included.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// The numbers of the slots in a chunk; `None` for a chunk past the last number.
    pub fn numbers(chunk: usize) -> Option<Range<u32>> {
        let start = (chunk as u64) << Self::LOG;
        let end = start + (1 << Self::LOG);
        Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
    }

    fn layout() -> Option<Layout> {
        Layout::array::<Slot<T>>(1 << Self::LOG).ok()
    }

    /// Gives a chunk back in which nothing lives. `highest` is the highest generation in it, even.
    ///
    /// # Safety
    /// Nobody uses a slot of the chunk any more.
    pub unsafe fn give_back(&mut self, chunk: usize, highest: u32) {
        if let (Some(start), Some(layout)) = (self.table[chunk].start.take(), Self::layout()) {
            self.table[chunk].floor = highest;
            self.present -= 1;
            self.hole = self.hole.min(chunk);
            // SAFETY: the chunk was allocated with this layout, and the table has forgotten it.
            unsafe { dealloc(start.as_ptr().cast(), layout) };
        }
    }
}

// SAFETY: a chunk is an array of slots of its own, zeroed when it was made, and 0 is a generation. It stays until
// `give_back` or the end.
unsafe impl<T> Slots<T> for Chunks<T> {
    #[inline(always)]
    fn slot(&self, index: u32) -> Option<NonNull<Slot<T>>> {
        let start = self.table.get((index >> Self::LOG) as usize)?.start?;
        // SAFETY: the chunk has 2^LOG slots, and the place is a number of LOG bits.
        Some(unsafe { start.add((index & ((1 << Self::LOG) - 1)) as usize) })
    }

    fn span(&self, index: u32) -> Option<Range<u32>> {
        let first = (index >> Self::LOG) as usize;
        let there = (first..self.table.len()).find(|&chunk| self.table[chunk].start.is_some())?;
        Self::numbers(there).map(|numbers| numbers.start.max(index)..numbers.end)
    }

    #[cold]
    fn grow(&mut self) -> Result<Range<u32>> {
        let full = HeapError::Alloc(AllocError::OutOfMetadata { blocks: self.count() as u64 });
        let given_back = (self.hole..self.table.len()).find(|&chunk| self.table[chunk].start.is_none());
        let chunk = given_back.unwrap_or(self.table.len());
        let (numbers, layout) = (Self::numbers(chunk).ok_or(full)?, Self::layout().ok_or(full)?);
        if chunk == self.table.len() {
            self.table.try_reserve(1).map_err(|_| full)?;
            self.table.push(Chunk { start: None, floor: 0 });
        }
        // SAFETY: a slot has at least its generation, so the layout is not of 0 bytes.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(full)?.cast::<Slot<T>>();
        let floor = self.table[chunk].floor;
        if floor != 0 {
            for place in 0..numbers.len() {
                // SAFETY: the place is in the new chunk, which is nobody else's yet.
                unsafe { (*start.add(place).as_ptr()).generation = floor };
            }
        }
        self.table[chunk].start = Some(start);
        self.present += 1;
        self.hole = chunk + 1;
        Ok(numbers)
    }

    fn count(&self) -> usize {
        self.present << Self::LOG
    }

    fn table_bytes(&self) -> usize {
        self.table.capacity() * size_of::<Chunk<T>>()
    }
}

impl<T> Drop for Chunks<T> {
    fn drop(&mut self) {
        for chunk in 0..self.len() {
            // SAFETY: the pool is going, and its values went before.
            unsafe { self.give_back(chunk, 0) };
        }
    }
}

/// Slots in memory of the caller's.
pub struct FixedSlots<'a, T> {
    start: NonNull<Slot<T>>,
    count: u32,
    given: bool,
    of: PhantomData<(&'a mut [MaybeUninit<u8>], T)>,
}

// SAFETY: the bytes are the value's own for 'a, and hold values of T alone.
unsafe impl<T: Send> Send for FixedSlots<'_, T> {}
// SAFETY: a shared reference to it leads to shared references to T alone.
unsafe impl<T: Sync> Sync for FixedSlots<'_, T> {}

impl<'a, T> FixedSlots<'a, T> {
    pub fn new(bytes: &'a mut [MaybeUninit<u8>]) -> Result<Self> {
        let (start, len) = (NonNull::from(&mut *bytes).cast::<u8>(), bytes.len());
        let pad = start.addr().get().wrapping_neg() & (align_of::<Slot<T>>() - 1);
        let count = len.saturating_sub(pad) / size_of::<Slot<T>>();
        let count = u32::try_from(count).unwrap_or(u32::MAX - 1).min(u32::MAX - 1);
        if count == 0 {
            let rule = "must hold at least one slot of the pool";
            return Err(HeapError::BadMemory { address: start.addr().get(), bytes: len, rule });
        }
        // SAFETY: pad is less than the length, or there were no slot.
        let start = unsafe { start.add(pad) }.cast::<Slot<T>>();
        for place in 0..count as usize {
            // SAFETY: `count` slots fit behind the pad.
            unsafe { (&raw mut (*start.add(place).as_ptr()).generation).write(0) };
        }
        Ok(FixedSlots { start, count, given: false, of: PhantomData })
    }
}

// SAFETY: the slots lie in bytes that are borrowed for 'a, and their generations were written by `new`.
unsafe impl<T> Slots<T> for FixedSlots<'_, T> {
    #[inline(always)]
    fn slot(&self, index: u32) -> Option<NonNull<Slot<T>>> {
        // SAFETY: the number is below the count of slots.
        (index < self.count).then(|| unsafe { self.start.add(index as usize) })
    }

    fn span(&self, index: u32) -> Option<Range<u32>> {
        (index < self.count).then_some(index..self.count)
    }

    #[cold]
    fn grow(&mut self) -> Result<Range<u32>> {
        if self.given {
            return Err(AllocError::OutOfMetadata { blocks: self.count.into() }.into());
        }
        self.given = true;
        Ok(0..self.count)
    }

    fn count(&self) -> usize {
        self.count as usize
    }
}
