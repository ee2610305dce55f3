//! Where the slots of a pool lie.
//!
//! ```text
//! slot      [ generation | value, or the number of the next free slot ]
//!             odd: live
//!
//! Chunks    0: [64 slots]  1: [128]  2: [256] ...      never moved; chunk of slot i: the highest bit of i + 64
//! FixedSlots   [ as many as fit in the caller's bytes ]
//! ```
//!
//! Each chunk is twice as long as the one before, so that a table of 32 pointers leads to every slot.

use super::super::{HeapError, Result};
use crate::alloc::AllocError;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::Range;
use core::ptr::NonNull;
use std_alloc::alloc::{alloc_zeroed, dealloc};

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

    /// How many slots there is memory for. O(chunks).
    fn count(&self) -> usize;
}

/// A fixed table serves: a chunk is twice as long as the one before, and slots have numbers of 32 bits.
const CHUNKS: usize = 32;

/// Chunks of the global allocator.
pub struct Chunks<T> {
    starts: [Option<NonNull<Slot<T>>>; CHUNKS],
    /// The generation that the slots of a chunk which was given back go on from: all their old handles are stale.
    floors: [u32; CHUNKS],
    owns: PhantomData<T>,
}

// SAFETY: the chunks are the value's own, and hold values of T alone.
unsafe impl<T: Send> Send for Chunks<T> {}
// SAFETY: a shared reference to it leads to shared references to T alone.
unsafe impl<T: Sync> Sync for Chunks<T> {}

impl<T> Chunks<T> {
    /// The first chunk has about 4 KiB: a power of two, from 4 to 64 slots.
    const FIRST_LOG: u32 = {
        let most = 4096 / size_of::<Slot<T>>();
        if most >= 64 {
            6
        } else if most >= 4 {
            most.ilog2()
        } else {
            2
        }
    };

    pub const fn new() -> Self {
        Chunks { starts: [None; CHUNKS], floors: [0; CHUNKS], owns: PhantomData }
    }

    /// The chunk of a slot, and the slot's place in it.
    #[inline(always)]
    fn place(index: u32) -> (usize, usize) {
        let shifted = u64::from(index) + (1 << Self::FIRST_LOG);
        let log = shifted.ilog2();
        // At most 32 - FIRST_LOG, which the mask tells the compiler.
        ((log - Self::FIRST_LOG) as usize % CHUNKS, (shifted ^ 1 << log) as usize)
    }

    /// The numbers of the slots in a chunk; `None` for a chunk past the last number.
    pub fn numbers(chunk: usize) -> Option<Range<u32>> {
        let first = 1u64 << Self::FIRST_LOG;
        let start = (first << chunk) - first;
        let end = start + (first << chunk);
        Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
    }

    fn layout(chunk: usize) -> Option<Layout> {
        Layout::array::<Slot<T>>(1usize.checked_shl(Self::FIRST_LOG + chunk as u32)?).ok()
    }

    /// The chunks that there is memory for.
    pub fn present(&self) -> impl Iterator<Item = usize> + use<T> {
        let mut there = 0u32;
        for (chunk, start) in self.starts.iter().enumerate() {
            there |= u32::from(start.is_some()) << chunk;
        }
        (0..CHUNKS).filter(move |&chunk| there >> chunk & 1 == 1)
    }

    /// Gives a chunk back in which nothing lives. `highest` is the highest generation in it, even.
    ///
    /// # Safety
    /// Nobody uses a slot of the chunk any more.
    pub unsafe fn give_back(&mut self, chunk: usize, highest: u32) {
        if let (Some(start), Some(layout)) = (self.starts[chunk].take(), Self::layout(chunk)) {
            self.floors[chunk] = highest;
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
        let (chunk, place) = Self::place(index);
        // SAFETY: the chunk has 2^log slots, and the place is a number of log bits.
        self.starts[chunk].map(|start| unsafe { start.add(place) })
    }

    fn span(&self, index: u32) -> Option<Range<u32>> {
        let (chunk, _) = Self::place(index);
        let there = (chunk..CHUNKS).find(|&chunk| self.starts[chunk].is_some())?;
        Self::numbers(there).map(|numbers| numbers.start.max(index)..numbers.end)
    }

    #[cold]
    fn grow(&mut self) -> Result<Range<u32>> {
        let full = HeapError::Alloc(AllocError::OutOfMetadata { blocks: self.count() as u64 });
        let chunk = self.starts.iter().position(|start| start.is_none()).ok_or(full)?;
        let (numbers, layout) = (Self::numbers(chunk).ok_or(full)?, Self::layout(chunk).ok_or(full)?);
        // SAFETY: a slot has at least its generation, so the layout is not of 0 bytes.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(full)?.cast::<Slot<T>>();
        let floor = self.floors[chunk];
        if floor != 0 {
            for place in 0..numbers.len() {
                // SAFETY: the place is in the new chunk, which is nobody else's yet.
                unsafe { (*start.add(place).as_ptr()).generation = floor };
            }
        }
        self.starts[chunk] = Some(start);
        Ok(numbers)
    }

    fn count(&self) -> usize {
        self.present().filter_map(Self::numbers).map(|numbers| numbers.len()).sum()
    }
}

impl<T> Drop for Chunks<T> {
    fn drop(&mut self) {
        for chunk in self.present() {
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
