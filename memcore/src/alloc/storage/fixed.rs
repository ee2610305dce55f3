//! Fixed storage: one buffer that the caller gives.
//!
//! ```text
//! buffer  [ slab of blocks | slab of holes | index of holes | columns ... ]   cut from left to right, each part
//!                                                                             aligned for its records
//! ```
//!
//! The parts are plain data that hold no pointer, so the bytes mean the same at any address. No part is touched
//! before it is used: making an allocator costs O(columns), not O(capacity of the tables).

use super::{Column, NIL, Slab, Slot, Storage, StorageFull};
use bytemuck::Pod;
use core::mem::{align_of, size_of, take};

/// Tables in a buffer that the caller gives, for at most `max_blocks` live blocks.
///
/// [`Strategy::fixed_words`](crate::alloc::Strategy::fixed_words) tells how large the buffer must be.
pub struct Fixed<'a> {
    rest: &'a mut [u64],
    max_blocks: u32,
    /// The buffer is zero, and columns need not be made so: a large reservation stays untouched.
    is_zero: bool,
}

/// Half of the indices, less those that name nothing: the other half marks holes.
const MOST_BLOCKS: u32 = (1 << 31) - 2;

impl<'a> Fixed<'a> {
    /// Takes `buffer`, whose contents do not matter, for tables of at most `max_blocks` live blocks. O(1).
    pub fn new(buffer: &'a mut [u64], max_blocks: u32) -> Self {
        Fixed { rest: buffer, max_blocks: max_blocks.min(MOST_BLOCKS), is_zero: false }
    }

    /// The same over a buffer that holds zeros only.
    #[cfg(all(feature = "std", unix))]
    pub(crate) fn zeroed(buffer: &'a mut [u64], max_blocks: u32) -> Self {
        Fixed { rest: buffer, max_blocks: max_blocks.min(MOST_BLOCKS), is_zero: true }
    }

    fn cut<T: Pod>(&mut self, length: usize) -> Result<&'a mut [T], StorageFull> {
        let misaligned = self.rest.as_ptr().addr() % align_of::<T>();
        let skip = if misaligned == 0 { 0 } else { (align_of::<T>() - misaligned) / size_of::<u64>() };
        let words = length.checked_mul(size_of::<T>()).ok_or(StorageFull)?.div_ceil(size_of::<u64>());
        if skip.checked_add(words).is_none_or(|needed| needed > self.rest.len()) {
            return Err(StorageFull);
        }
        let (_, aligned) = take(&mut self.rest).split_at_mut(skip);
        let (part, rest) = aligned.split_at_mut(words);
        self.rest = rest;
        let records = bytemuck::try_cast_slice_mut(part).map_err(|_| StorageFull)?;
        Ok(&mut records[..length])
    }
}

/// Measures how large a buffer has to be: takes the same parts as [`Fixed`], and only adds up their sizes.
pub(crate) struct Measure {
    pub words: usize,
    pub max_blocks: u32,
}

impl Measure {
    fn count<T>(&mut self, length: usize) -> Result<(), StorageFull> {
        let words = length.checked_mul(size_of::<T>()).ok_or(StorageFull)?.div_ceil(size_of::<u64>());
        // Wherever the part before ends, this much brings the next to its alignment.
        let skip = (align_of::<T>() / size_of::<u64>()).saturating_sub(1);
        self.words = self.words.checked_add(words + skip).ok_or(StorageFull)?;
        Ok(())
    }
}

impl Storage for Measure {
    const FIXED: bool = true;
    type Slab<T: Slot, const CHUNK: usize> = FixedSlab<'static, T>;
    type Column<T: Pod> = &'static mut [T];

    fn slab<T: Slot, const CHUNK: usize>(&mut self, most: u32) -> Result<FixedSlab<'static, T>, StorageFull> {
        self.count::<T>(most as usize)?;
        Ok(FixedSlab { slots: &mut [], free: NIL, fresh: 0, free_slots: 0, is_lazy: false })
    }

    fn column<T: Pod>(&mut self, length: usize) -> Result<&'static mut [T], StorageFull> {
        self.count::<T>(length)?;
        Ok(&mut [])
    }

    fn fixed_length(&self, most: u32) -> usize {
        most as usize
    }

    fn max_blocks(&self) -> u32 {
        self.max_blocks
    }
}

impl<'a> Storage for Fixed<'a> {
    const FIXED: bool = true;
    type Slab<T: Slot, const CHUNK: usize> = FixedSlab<'a, T>;
    type Column<T: Pod> = &'a mut [T];

    fn slab<T: Slot, const CHUNK: usize>(&mut self, most: u32) -> Result<FixedSlab<'a, T>, StorageFull> {
        let is_lazy = self.is_zero;
        Ok(FixedSlab { slots: self.cut(most as usize)?, free: NIL, fresh: 0, free_slots: most, is_lazy })
    }

    fn column<T: Pod>(&mut self, length: usize) -> Result<&'a mut [T], StorageFull> {
        let column = self.cut(length)?;
        if !self.is_zero {
            column.fill(T::zeroed());
        }
        Ok(column)
    }

    fn fixed_length(&self, most: u32) -> usize {
        most as usize
    }

    fn max_blocks(&self) -> u32 {
        self.max_blocks
    }
}

/// A slab over a part of the caller's buffer.
pub struct FixedSlab<'a, T> {
    slots: &'a mut [T],
    /// The slot given back last.
    free: u32,
    /// Slots from here on were never used.
    fresh: u32,
    free_slots: u32,
    /// Slots that were never used take no memory yet.
    is_lazy: bool,
}

impl<T: Slot> Slab<T> for FixedSlab<'_, T> {
    fn reserve(&mut self, slots: u32) -> Result<(), StorageFull> {
        if self.free_slots < slots { Err(StorageFull) } else { Ok(()) }
    }

    #[inline(always)]
    fn take(&mut self) -> Result<(u32, &mut T), StorageFull> {
        let slot = if self.free != NIL { self.free } else { self.fresh };
        let Some(record) = self.slots.get_mut(slot as usize) else { return Err(StorageFull) };
        if slot == self.fresh {
            *record = T::vacant(0);
            self.fresh += 1;
        } else {
            self.free = record.free_link();
        }
        self.free_slots -= 1;
        Ok((slot, record))
    }

    #[inline(always)]
    fn give(&mut self, slot: u32) -> bool {
        let next = self.free;
        self.slots[slot as usize].set_free_link(next);
        self.free = slot;
        self.free_slots += 1;
        false
    }

    #[inline(always)]
    fn get(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }

    #[inline(always)]
    fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }

    #[inline(always)]
    fn try_get(&self, slot: u32) -> Option<&T> {
        if slot < self.fresh { self.slots.get(slot as usize) } else { None }
    }

    fn floor(&self, _slot: u32) -> u32 {
        0
    }

    fn len(&self) -> u32 {
        self.fresh
    }

    fn most(&self) -> usize {
        self.slots.len()
    }

    fn bytes(&self) -> usize {
        if self.is_lazy { self.fresh as usize * size_of::<T>() } else { size_of_val(self.slots) }
    }
}

impl<T: Pod> Column<T> for &mut [T] {
    fn extend_to(&mut self, length: usize) -> Result<(), StorageFull> {
        if length <= self.len() { Ok(()) } else { Err(StorageFull) }
    }

    fn shrink_to(&mut self, _length: usize) {}

    fn bytes(&self) -> usize {
        size_of_val::<[T]>(&self[..])
    }
}
