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
//! save when no other has free slots. Each chunk links its own free slots, so that giving one back touches nothing else.

use super::{Column, NIL, Slab, Slot, Storage, StorageFull};
use bytemuck::Pod;
use core::mem::size_of;
use std_alloc::{boxed::Box, vec::Vec};

/// Tables that grow and shrink with the global allocator, for as many blocks as memory holds or as it is bounded to.
#[derive(Clone, Copy, Debug)]
pub struct Growable {
    max_blocks: u32,
}

impl Default for Growable {
    /// Bounded by memory alone (and by the 2^31 numbers that a block can have).
    fn default() -> Self {
        Self::bounded(u32::MAX)
    }
}

impl Growable {
    /// For at most `max_blocks` live blocks, so that the tables have a known largest size.
    pub fn bounded(max_blocks: u32) -> Self {
        Growable { max_blocks: max_blocks.min(MOST_SLOTS - 2) }
    }
}

/// Half of the indices, less the one that names nothing: the other half marks holes in the links between neighbours.
const MOST_SLOTS: u32 = (1 << 31) - 1;

impl Storage for Growable {
    const FIXED: bool = false;
    type Slab<T: Slot, const CHUNK: usize> = GrowableSlab<T, CHUNK>;
    type Column<T: Pod> = Vec<T>;

    fn slab<T: Slot, const CHUNK: usize>(
        &mut self,
        _most: u32,
    ) -> Result<GrowableSlab<T, CHUNK>, StorageFull> {
        Ok(GrowableSlab {
            chunks: Vec::new(),
            state: Vec::new(),
            available: NIL,
            free_slots: 0,
            returned: NIL,
            kept: NIL,
            end: 0,
        })
    }

    fn column<T: Pod>(&mut self, length: usize) -> Result<Vec<T>, StorageFull> {
        // Zeroes from the operating system: a table that is hardly used takes hardly any memory.
        bytemuck::try_zeroed_vec(length).map_err(|()| StorageFull)
    }

    fn fixed_length(&self, _most: u32) -> usize {
        0
    }

    fn max_blocks(&self) -> u32 {
        self.max_blocks
    }
}

/// A slab in chunks of `CHUNK` slots.
#[derive(Clone)]
pub struct GrowableSlab<T, const CHUNK: usize> {
    chunks: Vec<Option<Box<[T; CHUNK]>>>,
    state: Vec<ChunkState>,
    /// The first of the chunks that have free slots.
    available: u32,
    free_slots: u32,
    /// The chunk given back last, the first to be taken again.
    returned: u32,
    /// The chunk that was kept last although it was unused.
    kept: u32,
    /// One more than the highest chunk in memory.
    end: u32,
}

#[derive(Clone, Copy)]
struct ChunkState {
    /// The chunk's free slot that was given last.
    free: u32,
    used: u32,
    /// Chunks that have free slots, before and after this one; for a chunk that was given back, the next such.
    previous: u32,
    next: u32,
    /// While the chunk is given back: the highest generation any of its slots had.
    floor: u32,
}

impl<T: Slot, const CHUNK: usize> GrowableSlab<T, CHUNK> {
    const SHIFT: u32 = CHUNK.trailing_zeros();

    #[cold]
    fn add_chunk(&mut self) -> Result<(), StorageFull> {
        let is_new = self.returned == NIL;
        let index = if is_new { self.chunks.len() as u32 } else { self.returned };
        if (u64::from(index) + 1) << Self::SHIFT > u64::from(MOST_SLOTS) {
            return Err(StorageFull);
        }
        if is_new {
            self.chunks.try_reserve(1).map_err(|_| StorageFull)?;
            self.state.try_reserve(1).map_err(|_| StorageFull)?;
        }
        let floor = self.state.get(index as usize).map_or(0, |state| state.floor);
        let mut slots = Vec::new();
        slots.try_reserve_exact(CHUNK).map_err(|_| StorageFull)?;
        let first = index << Self::SHIFT;
        for slot in first..first + CHUNK as u32 {
            let mut vacant = T::vacant(floor);
            vacant.set_free_link(if slot + 1 == first + CHUNK as u32 { NIL } else { slot + 1 });
            slots.push(vacant);
        }
        let Ok(chunk) = <Box<[T; CHUNK]>>::try_from(slots.into_boxed_slice()) else {
            return Err(StorageFull);
        };
        let state = ChunkState { free: first, used: 0, previous: NIL, next: NIL, floor: 0 };
        if is_new {
            self.chunks.push(Some(chunk));
            self.state.push(state);
        } else {
            self.returned = self.state[index as usize].next;
            self.chunks[index as usize] = Some(chunk);
            self.state[index as usize] = state;
        }
        self.free_slots += CHUNK as u32;
        self.end = self.end.max(index + 1);
        self.make_available(index);
        Ok(())
    }

    fn make_available(&mut self, chunk: u32) {
        let next = self.available;
        if next != NIL {
            self.state[next as usize].previous = chunk;
        }
        let state = &mut self.state[chunk as usize];
        (state.previous, state.next) = (NIL, next);
        self.available = chunk;
    }

    fn make_unavailable(&mut self, chunk: u32) {
        let ChunkState { previous, next, .. } = self.state[chunk as usize];
        match previous {
            NIL => self.available = next,
            _ => self.state[previous as usize].next = next,
        }
        if next != NIL {
            self.state[next as usize].previous = previous;
        }
    }

    /// Drops an unused chunk, unless it is the only one with free slots: that stays, against taking and giving at
    /// a boundary. Of two unused ones the higher goes, so that a column that follows the slots becomes short.
    #[cold]
    fn return_chunk(&mut self, unused: u32) -> bool {
        let ChunkState { previous, next, .. } = self.state[unused as usize];
        if previous == NIL && next == NIL {
            self.kept = unused;
            return false;
        }
        let kept = self.kept;
        let is_unused = |chunk: &Option<_>| chunk.is_some() && self.state[kept as usize].used == 0;
        let swap = kept != NIL && kept > unused && self.chunks.get(kept as usize).is_some_and(is_unused);
        let index = if swap { kept } else { unused };
        if swap {
            self.kept = unused;
        }
        self.make_unavailable(index);
        let slots = self.chunks[index as usize].take();
        let floor = slots.iter().flat_map(|chunk| chunk.iter()).map(T::generation).max().unwrap_or(0);
        self.state[index as usize] =
            ChunkState { free: NIL, used: 0, previous: NIL, next: self.returned, floor };
        self.free_slots -= CHUNK as u32;
        self.returned = index;
        while self.end > 0 && self.chunks[self.end as usize - 1].is_none() {
            self.end -= 1;
        }
        true
    }
}

impl<T: Slot, const CHUNK: usize> Slab<T> for GrowableSlab<T, CHUNK> {
    #[inline(always)]
    fn reserve(&mut self, slots: u32) -> Result<(), StorageFull> {
        while self.free_slots < slots {
            self.add_chunk()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn take(&mut self) -> Result<(u32, &mut T), StorageFull> {
        if self.available == NIL {
            self.add_chunk()?;
        }
        let chunk = self.available;
        let state = &mut self.state[chunk as usize];
        let (slot, after) = (state.free, state.next);
        let Some(slots) = &mut self.chunks[chunk as usize] else {
            unreachable!("an available chunk is there")
        };
        let record = &mut slots[slot as usize & (CHUNK - 1)];
        let next = record.free_link();
        state.free = next;
        state.used += 1;
        self.free_slots -= 1;
        if next == NIL {
            self.available = after;
            if after != NIL {
                self.state[after as usize].previous = NIL;
            }
        }
        Ok((slot, record))
    }

    #[inline(always)]
    fn give(&mut self, slot: u32) -> bool {
        let chunk = slot >> Self::SHIFT;
        let state = &mut self.state[chunk as usize];
        let next = state.free;
        state.free = slot;
        state.used -= 1;
        let is_unused = state.used == 0;
        self.free_slots += 1;
        self.get_mut(slot).set_free_link(next);
        if next == NIL {
            self.make_available(chunk);
        }
        is_unused && self.return_chunk(chunk)
    }

    #[inline(always)]
    fn get(&self, slot: u32) -> &T {
        match &self.chunks[(slot >> Self::SHIFT) as usize] {
            Some(chunk) => &chunk[slot as usize & (CHUNK - 1)],
            None => unreachable!("slot {slot} lies in a chunk that was given back"),
        }
    }

    #[inline(always)]
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
        self.end << Self::SHIFT
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
