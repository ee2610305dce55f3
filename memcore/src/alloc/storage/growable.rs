//! Growable storage: chunks of slots from the global allocator.
//!
//! ```text
//! chunks  [ ]--> [slot 0 .. CHUNK)            a slot's index never changes, and no record ever moves
//!         [x]    given back, its highest generation kept as the floor for a later owner
//!         [ ]--> [slot 2 CHUNK .. 3 CHUNK)
//! ```
//!
//! A vector that doubles would copy a million records at once and hold up to twice what it needs; a chunk costs a
//! bounded time, and the memory per block stays near the record's size. A chunk whose slots are all free goes back,
//! save for one that is kept as a reserve against taking and giving at a boundary.

use super::{Column, NIL, Slab, Slot, Storage, StorageFull};
use bytemuck::Pod;
use core::mem::size_of;
use std_alloc::{boxed::Box, vec::Vec};

/// Tables that grow and shrink with the global allocator.
#[derive(Clone, Copy, Debug, Default)]
pub struct Growable;

/// Half of the indices: the other half marks holes in the links between neighbours.
const MOST_SLOTS: u32 = 1 << 31;

impl Storage for Growable {
    type Slab<T: Slot, const CHUNK: usize> = GrowableSlab<T, CHUNK>;
    type Column<T: Pod> = Vec<T>;

    fn slab<T: Slot, const CHUNK: usize>(
        &mut self,
        _most: u32,
    ) -> Result<GrowableSlab<T, CHUNK>, StorageFull> {
        Ok(GrowableSlab { chunks: Vec::new(), state: Vec::new(), free: NIL, free_slots: 0, returned: NIL })
    }

    fn column<T: Pod>(&mut self, length: usize) -> Result<Vec<T>, StorageFull> {
        let mut column = Vec::new();
        column.extend_to(length)?;
        Ok(column)
    }

    fn fixed_length(&self, _most: u32) -> usize {
        0
    }

    fn max_blocks(&self) -> u32 {
        MOST_SLOTS - 2
    }
}

/// A slab in chunks of `CHUNK` slots.
#[derive(Clone)]
pub struct GrowableSlab<T, const CHUNK: usize> {
    chunks: Vec<Option<Box<[T; CHUNK]>>>,
    state: Vec<ChunkState>,
    /// The slot given back last.
    free: u32,
    free_slots: u32,
    /// The chunk given back last, the first to be taken again.
    returned: u32,
}

#[derive(Clone, Copy)]
struct ChunkState {
    used: u32,
    /// While the chunk is given back: the highest generation any of its slots had.
    floor: u32,
    /// While the chunk is given back: the chunk given back before it.
    next_returned: u32,
}

impl<T: Slot, const CHUNK: usize> GrowableSlab<T, CHUNK> {
    const SHIFT: u32 = CHUNK.trailing_zeros();

    fn add_chunk(&mut self) -> Result<(), StorageFull> {
        let index = if self.returned != NIL { self.returned } else { self.chunks.len() as u32 };
        if (u64::from(index) + 1) << Self::SHIFT > u64::from(MOST_SLOTS) {
            return Err(StorageFull);
        }
        if self.returned == NIL {
            self.chunks.try_reserve(1).map_err(|_| StorageFull)?;
            self.state.try_reserve(1).map_err(|_| StorageFull)?;
        }
        let floor = self.state.get(index as usize).map_or(0, |state| state.floor);
        let mut slots = Vec::new();
        slots.try_reserve_exact(CHUNK).map_err(|_| StorageFull)?;
        slots.resize(CHUNK, T::vacant(floor));
        let Ok(chunk) = <Box<[T; CHUNK]>>::try_from(slots.into_boxed_slice()) else {
            return Err(StorageFull);
        };
        if self.returned == NIL {
            self.chunks.push(Some(chunk));
            self.state.push(ChunkState { used: 0, floor: 0, next_returned: NIL });
        } else {
            self.returned = self.state[index as usize].next_returned;
            self.chunks[index as usize] = Some(chunk);
        }
        for slot in (index << Self::SHIFT..(index + 1) << Self::SHIFT).rev() {
            self.push_free(slot);
        }
        Ok(())
    }

    /// Takes all slots of an unused chunk out of the free list and drops its memory.
    fn return_chunk(&mut self, index: u32) {
        let mut floor = 0;
        for slot in index << Self::SHIFT..(index + 1) << Self::SHIFT {
            floor = floor.max(self.get(slot).generation());
            let (previous, next) = self.get(slot).free_links();
            self.link_free(previous, next);
            self.free_slots -= 1;
        }
        self.chunks[index as usize] = None;
        self.state[index as usize].floor = floor;
        self.state[index as usize].next_returned = self.returned;
        self.returned = index;
    }

    fn link_free(&mut self, previous: u32, next: u32) {
        match previous {
            NIL => self.free = next,
            _ => {
                let (before, _) = self.get(previous).free_links();
                self.get_mut(previous).set_free_links(before, next);
            }
        }
        if next != NIL {
            let (_, after) = self.get(next).free_links();
            self.get_mut(next).set_free_links(previous, after);
        }
    }

    fn push_free(&mut self, slot: u32) {
        let head = self.free;
        self.get_mut(slot).set_free_links(NIL, head);
        if head != NIL {
            let (_, after) = self.get(head).free_links();
            self.get_mut(head).set_free_links(slot, after);
        }
        self.free = slot;
        self.free_slots += 1;
    }
}

impl<T: Slot, const CHUNK: usize> Slab<T> for GrowableSlab<T, CHUNK> {
    fn reserve(&mut self, slots: u32) -> Result<(), StorageFull> {
        while self.free_slots < slots {
            self.add_chunk()?;
        }
        Ok(())
    }

    #[inline]
    fn take(&mut self) -> Result<u32, StorageFull> {
        if self.free == NIL {
            self.add_chunk()?;
        }
        let slot = self.free;
        let (_, next) = self.get(slot).free_links();
        self.free = next;
        if next != NIL {
            let (_, after) = self.get(next).free_links();
            self.get_mut(next).set_free_links(NIL, after);
        }
        self.free_slots -= 1;
        self.state[(slot >> Self::SHIFT) as usize].used += 1;
        Ok(slot)
    }

    #[inline]
    fn give(&mut self, slot: u32) {
        self.push_free(slot);
        self.state[(slot >> Self::SHIFT) as usize].used -= 1;
    }

    #[inline]
    fn trim(&mut self, slot: u32) -> bool {
        let chunk = slot >> Self::SHIFT;
        let unused = self.state[chunk as usize].used == 0 && self.free_slots as usize >= 2 * CHUNK;
        if unused {
            self.return_chunk(chunk);
        }
        unused
    }

    #[inline]
    fn get(&self, slot: u32) -> &T {
        match &self.chunks[(slot >> Self::SHIFT) as usize] {
            Some(chunk) => &chunk[slot as usize & (CHUNK - 1)],
            None => unreachable!("slot {slot} lies in a chunk that was given back"),
        }
    }

    #[inline]
    fn get_mut(&mut self, slot: u32) -> &mut T {
        match &mut self.chunks[(slot >> Self::SHIFT) as usize] {
            Some(chunk) => &mut chunk[slot as usize & (CHUNK - 1)],
            None => unreachable!("slot {slot} lies in a chunk that was given back"),
        }
    }

    #[inline]
    fn try_get(&self, slot: u32) -> Option<&T> {
        let chunk = self.chunks.get((slot >> Self::SHIFT) as usize)?.as_ref()?;
        Some(&chunk[slot as usize & (CHUNK - 1)])
    }

    fn floor(&self, slot: u32) -> u32 {
        self.state.get((slot >> Self::SHIFT) as usize).map_or(0, |state| state.floor)
    }

    fn len(&self) -> u32 {
        (self.chunks.len() as u32) << Self::SHIFT
    }

    fn most(&self) -> usize {
        MOST_SLOTS as usize
    }

    fn bytes(&self) -> usize {
        let chunks = self.chunks.iter().flatten().count() * size_of::<[T; CHUNK]>();
        chunks
            + self.chunks.capacity() * size_of::<Option<Box<[T; CHUNK]>>>()
            + self.state.capacity() * size_of::<ChunkState>()
    }
}

impl<T: Pod> Column<T> for Vec<T> {
    fn extend_to(&mut self, length: usize) -> Result<(), StorageFull> {
        if length > self.len() {
            self.try_reserve(length - self.len()).map_err(|_| StorageFull)?;
            self.resize(length, T::zeroed());
        }
        Ok(())
    }

    fn shrink_to(&mut self, length: usize) {
        self.truncate(length);
        Vec::shrink_to(self, length * 2);
    }

    fn bytes(&self) -> usize {
        self.capacity() * size_of::<T>()
    }
}
