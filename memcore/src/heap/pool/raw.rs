//! A pool of equal slots of bytes, for programs in C and Python.
//!
//! ```text
//! memory   [pad| slot 0 | slot 1 | slot 2 | slot 3 |   never used   ]
//! live           1        0        1        0          one bit a slot
//! free     [ 1, 3 ]   the last is taken first; then the lowest never used
//! ```
//!
//! Nothing of the pool's own lies between the slots: a bit and four bytes a slot lie outside, up to the highest slot
//! ever used. So a slot can be as small as a byte, and whoever writes past its end spoils a neighbour's bytes, never
//! the pool. Slots are given out in the order in which [`alloc::Pool`](crate::alloc::Pool) gives them out, so that a
//! replay of `pool` predicts every address.
//!
//! An address is checked by arithmetic. With the slot's size `d = o * 2^k`, o odd, the offset times the inverse of o
//! modulo 2^64, rotated right by k bits, is the slot's number when d divides the offset, and a number above
//! 2^64 / d when it does not (Granlund and Montgomery, "Division by Invariant Integers using Multiplication", PLDI
//! 1994, section 9): one comparison with the count of slots tells everything.

use super::super::raw::{check_alignment, check_size};
use super::super::{HeapBlock, HeapError, Memory, RawHeap, Result};
use crate::alloc::stats::Counters;
use crate::alloc::{AllocError, Corruption, Stats};
use core::ptr::NonNull;
use std_alloc::vec::Vec;

/// Equal slots of bytes; see the [module](self). Every call but [`visit_blocks`](RawHeap::visit_blocks),
/// [`trim`](RawHeap::trim) and [`validate`](RawHeap::validate) is O(1).
///
/// ```
/// use memcore::heap::{Borrowed, HeapError, RawHeap, RawPool};
/// let mut bytes = [0u8; 4096];
/// let mut pool = RawPool::new(Borrowed::new(&mut bytes), 48, 16)?;
/// let block = pool.allocate(40, 8)?.as_ptr();
/// assert_eq!(pool.usable_size(block)?, 48);
/// assert_eq!(pool.free(block.wrapping_add(8)), Err(HeapError::NotABlock { address: block.addr() + 8 }));
/// assert_eq!(pool.free(block), Ok(48));
/// assert_eq!(pool.free(block), Err(HeapError::DoubleFree { address: block.addr() }));
/// # Ok::<(), HeapError>(())
/// ```
#[derive(Debug)]
pub struct RawPool<M: Memory> {
    memory: M,
    /// Bytes in front of slot 0.
    pad: usize,
    slot: usize,
    alignment: usize,
    /// The inverse of the odd part of the slot's size, modulo 2^64, and the power of two beside it.
    inverse: u64,
    shift: u32,
    /// One bit for each slot that was ever used.
    live: Vec<u64>,
    free: Vec<u32>,
    touched: u32,
    counters: Counters,
}

/// The inverse of an odd number modulo 2^64: each step of Newton's doubles the bits that are right, from 3 on.
fn inverse(odd: u64) -> u64 {
    (0..5).fold(odd, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))))
}

impl<M: Memory> RawPool<M> {
    /// A pool over the whole memory. The slot's size is rounded up to the alignment; slots begin at multiples of it,
    /// from the first such address on.
    ///
    /// # Errors
    /// [`BadAlignment`](AllocError::BadAlignment); [`BadParameter`](HeapError::BadParameter) for a slot of 0 bytes
    /// or over `isize::MAX`; [`BadMemory`](HeapError::BadMemory) for memory that cannot hold a slot.
    pub fn new(memory: M, slot_size: usize, alignment: usize) -> Result<Self> {
        check_alignment(alignment)?;
        let slot = slot_size.checked_next_multiple_of(alignment);
        let Some(slot) = slot.filter(|&slot| slot != 0 && slot <= isize::MAX as usize) else {
            let rule = "must be at least 1 and at most isize::MAX, rounded up to the alignment";
            return Err(HeapError::BadParameter { name: "slot_size", value: slot_size as u64, rule });
        };
        let address = memory.start().addr().get();
        let pad = address.wrapping_neg() & (alignment - 1);
        if memory.limit() < pad || memory.limit() - pad < slot {
            let rule = "must hold at least one slot";
            return Err(HeapError::BadMemory { address, bytes: memory.limit(), rule });
        }
        let shift = slot.trailing_zeros();
        let inverse = inverse(slot as u64 >> shift);
        let (live, free) = (Vec::new(), Vec::new());
        let counters = Counters::default();
        Ok(RawPool { memory, pad, slot, alignment, inverse, shift, live, free, touched: 0, counters })
    }

    /// Bytes of a slot. O(1).
    pub fn slot_size(&self) -> usize {
        self.slot
    }

    /// Bytes that every slot begins at a multiple of. O(1).
    pub fn alignment(&self) -> usize {
        self.alignment
    }

    /// Live slots. O(1).
    pub fn len(&self) -> usize {
        self.touched as usize - self.free.len()
    }

    /// True when no slot is live. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Slots in all, in the memory as it is. O(1).
    pub fn slots(&self) -> usize {
        (self.memory.len().saturating_sub(self.pad) / self.slot).min(u32::MAX as usize)
    }

    /// The memory. O(1).
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// The memory again, without the pool. O(1).
    pub fn into_memory(self) -> M {
        self.memory
    }

    /// Frees every slot at once. O(slots ever used).
    pub fn reset(&mut self) {
        let live = self.len() as u64;
        self.counters.frees += live;
        self.counters.shrunk(self.counters.requested, self.counters.used);
        self.live.clear();
        self.free.clear();
        self.touched = 0;
    }

    #[inline(always)]
    fn is_live(&self, slot: u32) -> bool {
        self.live[slot as usize / 64] >> (slot % 64) & 1 == 1
    }

    /// The address of a slot that is in memory.
    #[inline(always)]
    fn address(&self, slot: u32) -> NonNull<u8> {
        // SAFETY: the slot was touched, so it lies within the memory.
        unsafe { self.memory.start().add(self.pad + slot as usize * self.slot) }
    }

    /// The slot that begins at an address, if it was ever used.
    #[inline(always)]
    fn slot_at(&self, address: usize) -> Option<u32> {
        let first = self.memory.start().addr().get() + self.pad;
        let offset = address.wrapping_sub(first) as u64;
        let number = offset.wrapping_mul(self.inverse).rotate_right(self.shift);
        (number < u64::from(self.touched)).then_some(number as u32)
    }

    /// The live slot that begins at an address.
    #[inline(always)]
    fn live_at(&self, address: usize) -> Result<u32> {
        match self.slot_at(address) {
            Some(slot) if self.is_live(slot) => Ok(slot),
            Some(_) => Err(HeapError::NotABlock { address }),
            None => Err(self.nothing_at(address)),
        }
    }

    #[cold]
    fn nothing_at(&self, address: usize) -> HeapError {
        if address.wrapping_sub(self.memory.start().addr().get()) < self.memory.len() {
            HeapError::NotABlock { address }
        } else {
            HeapError::NotInHeap { address }
        }
    }

    /// Takes the lowest slot that was never used, and memory for it where that is needed.
    #[cold]
    fn touch(&mut self, size: usize, alignment: usize) -> Result<u32> {
        let full = AllocError::OutOfSpace {
            size: size as u64,
            alignment: alignment as u64,
            free: 0,
            largest_hole: 0,
        };
        let slot = self.touched;
        if slot == u32::MAX {
            return Err(full.into());
        }
        if slot as usize >= self.slots() {
            let end = (slot as usize + 1).checked_mul(self.slot).and_then(|end| end.checked_add(self.pad));
            let end = end.filter(|&end| end <= self.memory.limit()).ok_or(full)?;
            self.memory.grow(end)?;
        }
        // Whatever is freed later finds its place on the list without memory.
        let none = AllocError::OutOfMetadata { blocks: self.len() as u64 };
        let listed = self.free.len();
        self.free.try_reserve(slot as usize + 1 - listed).map_err(|_| none)?;
        if slot % 64 == 0 {
            self.live.try_reserve(1).map_err(|_| none)?;
            self.live.push(0);
        }
        self.touched += 1;
        Ok(slot)
    }

    #[cold]
    fn refuse(&self, size: usize, alignment: usize) -> Result<()> {
        check_alignment(alignment)?;
        check_size(size)?;
        if size > self.slot {
            return Err(AllocError::TooLarge { size: size as u64, capacity: self.slot as u64 }.into());
        }
        if alignment > self.alignment {
            let rule = "must divide the alignment of the pool";
            return Err(AllocError::BadParameter { name: "alignment", value: alignment as u64, rule }.into());
        }
        Ok(())
    }
}

// SAFETY: slots are disjoint ranges of the memory, whose addresses never change, and each is given out only while its
// bit says that it is not live. Every slot begins at a multiple of the pool's alignment, which each request divides.
unsafe impl<M: Memory> RawHeap for RawPool<M> {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        if size > self.slot || alignment > self.alignment || !alignment.is_power_of_two() {
            self.refuse(size, alignment)?;
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.touch(size, alignment)?,
        };
        self.live[slot as usize / 64] |= 1 << (slot % 64);
        let bytes = self.slot as u64;
        self.counters.allocated(bytes, bytes, (self.pad + (slot as usize + 1) * self.slot) as u64);
        Ok(self.address(slot))
    }

    #[inline]
    fn free(&mut self, block: *mut u8) -> Result<usize> {
        let address = block.addr();
        let Some(slot) = self.slot_at(address) else { return Err(self.nothing_at(address)) };
        if !self.is_live(slot) {
            return Err(HeapError::DoubleFree { address });
        }
        self.live[slot as usize / 64] &= !(1 << (slot % 64));
        self.free.push(slot);
        self.counters.freed(self.slot as u64, self.slot as u64);
        Ok(self.slot)
    }

    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize> {
        let address = block.addr();
        match self.live_at(address) {
            Ok(_) if size > self.slot => {
                Err(HeapError::NoRoomInPlace { address, size, available: self.slot })
            }
            Ok(_) => Ok(self.slot),
            Err(_) if self.slot_at(address).is_some() => Err(HeapError::DoubleFree { address }),
            Err(error) => Err(error),
        }
    }

    fn usable_size(&self, block: *const u8) -> Result<usize> {
        self.live_at(block.addr()).map(|_| self.slot)
    }

    fn contains(&self, address: *const u8) -> bool {
        address.addr().wrapping_sub(self.memory.start().addr().get()) < self.memory.len()
    }

    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        for slot in (0..self.touched).filter(|&slot| self.is_live(slot)) {
            visit(HeapBlock { address: self.address(slot), usable: self.slot, requested: self.slot });
        }
    }

    fn stats(&self) -> Stats {
        let (slots, slot) = (self.slots() as u64, self.slot as u64);
        let rest = (slots - u64::from(self.touched)) * slot;
        let largest = if self.free.is_empty() { rest } else { rest.max(slot) };
        let holes = self.free.len() as u64 + u64::from(rest > 0);
        self.counters.stats(slots * slot, 0, self.len() as u64, holes, largest)
    }

    fn metadata_bytes(&self) -> usize {
        size_of::<Self>() + self.live.capacity() * 8 + self.free.capacity() * 4
    }

    fn trim(&mut self) -> usize {
        let (mut given, mut start) = (0, self.pad);
        for slot in 0..self.touched {
            if self.is_live(slot) {
                let end = self.pad + slot as usize * self.slot;
                given += self.memory.give_back(start..end);
                start = end + self.slot;
            }
        }
        given + self.memory.give_back(start..self.memory.len())
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        let live: u64 = self.live.iter().map(|word| u64::from(word.count_ones())).sum();
        Corruption::unless(live == self.len() as u64, "the count of live slots is wrong", live)?;
        for &slot in &self.free {
            let there = slot < self.touched && !self.is_live(slot);
            Corruption::unless(there, "a live slot is listed as free", slot.into())?;
        }
        let mut free = Vec::new();
        let no_memory = Corruption { what: "there is no memory to check the list of free slots", at: live };
        free.try_reserve_exact(self.free.len()).map_err(|_| no_memory)?;
        free.extend_from_slice(&self.free);
        free.sort_unstable();
        let twice = free.windows(2).find(|pair| pair[0] == pair[1]).map_or(0, |pair| u64::from(pair[0]) + 1);
        Corruption::unless(twice == 0, "a slot is listed as free twice", twice.saturating_sub(1))?;
        let used = live * self.slot as u64;
        Corruption::unless(used == self.counters.used, "the used bytes are wrong", used)
    }
}
