//! The edits of the chain of blocks and holes. Each first makes sure of memory, then cannot fail half-way.

use super::index::Hole;
use super::*;
use crate::alloc::block_table::Record;

impl<I: FreeIndex<S>, S: Storage> HoleAllocator<I, S> {
    #[inline(always)]
    pub(super) fn block_of(&self, slot: u32) -> Block {
        self.chain.block_of(slot, self.rounded(self.chain.blocks.get(slot).requested))
    }

    /// What a block of `requested` bytes takes. It fitted once, so this cannot overflow.
    #[inline(always)]
    pub(super) fn rounded(&self, requested: u64) -> u64 {
        (requested + (self.options.granularity - 1)) & !(self.options.granularity - 1)
    }

    #[cold]
    pub(super) fn out_of_space(&self, request: &Request) -> AllocError {
        AllocError::OutOfSpace {
            size: request.size,
            alignment: request.alignment,
            free: self.options.capacity - self.counters.used,
            largest_hole: self.index.largest(&self.chain.holes),
        }
    }

    #[inline(always)]
    pub(super) fn reserve_holes(&mut self, count: u32) -> Result<()> {
        let reserved = self.chain.holes.reserve(count).and_then(|()| self.index.reserve(count));
        reserved.map_err(|StorageFull| self.chain.blocks.out_of_metadata())
    }

    /// Enters a new hole between two neighbours; the caller has reserved.
    #[inline(always)]
    pub(super) fn insert_hole(&mut self, start: u64, size: u64, previous: Link, next: Link) -> Result<()> {
        let hole = self.chain.add_hole(start, size, previous, next)?;
        self.index.insert(&mut self.chain.holes, hole);
        Ok(())
    }

    /// Takes a hole out of the index and the table; the caller mends the chain.
    #[inline(always)]
    fn remove_hole(&mut self, hole: u32) {
        self.index.remove(&mut self.chain.holes, hole);
        self.chain.holes.remove(hole);
    }

    /// Cuts a block out of a hole.
    ///
    /// ```text
    /// hole   [ pad | block | rest ]     pad and rest stay holes, where they are not empty:
    ///                                   the rest keeps the hole's slot, unless there is a pad, which then does
    /// ```
    #[inline(always)]
    pub(super) fn place(&mut self, hole: u32, start: u64, fit: &Fit, request: &Request) -> Result<Block> {
        let whole = *self.chain.holes.get(hole);
        let pad = start - whole.start;
        let rest = whole.size - pad - fit.size;
        let end = start + fit.size;
        self.chain.blocks.reserve()?;
        self.reserve_holes(1)?;
        let slot = self.chain.blocks.add(start, request.size, request.alignment.ilog2(), request.tag)?;
        let block = Link::block(slot);
        let (mut previous, mut next) = (whole.previous, whole.next);
        if pad > 0 {
            previous = Link::hole(hole);
            self.index.reshape(&mut self.chain.holes, hole, whole.start, pad);
        } else if rest > 0 {
            next = Link::hole(hole);
            self.index.reshape(&mut self.chain.holes, hole, end, rest);
        } else {
            self.remove_hole(hole);
        }
        self.chain.link_block(slot, previous, next);
        if pad > 0 && rest > 0 {
            self.insert_hole(end, rest, block, next)?;
        }
        self.counters.allocated(request.size, fit.size, end);
        Ok(Block { id: self.chain.blocks.id(slot), start, size: fit.size, requested: request.size })
    }

    /// Turns a block into free space, merged with the holes at its sides.
    #[inline(always)]
    pub(super) fn release(&mut self, slot: u32, block: &Block) -> Result<()> {
        let Record { previous, next, .. } = *self.chain.blocks.get(slot);
        let (start, size) = (block.start, block.size);
        self.reserve_holes(1)?;
        match (previous.as_hole(), next.as_hole()) {
            (None, None) => self.insert_hole(start, size, previous, next)?,
            (Some(before), None) => {
                let hole = self.chain.holes.get_mut(before);
                hole.next = next;
                let (from, grown) = (hole.start, hole.size + size);
                self.chain.set_previous(next, previous);
                self.index.reshape(&mut self.chain.holes, before, from, grown);
            }
            (None, Some(after)) => {
                let hole = self.chain.holes.get_mut(after);
                hole.previous = previous;
                let grown = hole.size + size;
                self.chain.set_next(previous, next);
                self.index.reshape(&mut self.chain.holes, after, start, grown);
            }
            (Some(before), Some(after)) => {
                let Hole { next: beyond, size: behind, .. } = *self.chain.holes.get(after);
                self.remove_hole(after);
                let hole = self.chain.holes.get_mut(before);
                hole.next = beyond;
                let (from, grown) = (hole.start, hole.size + size + behind);
                self.chain.set_previous(beyond, previous);
                self.index.reshape(&mut self.chain.holes, before, from, grown);
            }
        }
        self.chain.blocks.remove(slot);
        self.counters.freed(block.requested, size);
        Ok(())
    }

    pub(super) fn resize_in_place(&mut self, slot: u32, fit: &Fit, size: u64) -> Result<Block> {
        let old = self.block_of(slot);
        let next = self.chain.blocks.get(slot).next;
        let following = next.as_hole();
        let room = following.map_or(0, |hole| self.chain.holes.size(hole));
        if fit.size > old.size && fit.size - old.size > room {
            return Err(AllocError::NoRoomInPlace { id: old.id, size, available: old.size + room });
        }
        let (end, block) = (old.start + fit.size, Link::block(slot));
        let left = old.size + room - fit.size;
        if fit.size != old.size {
            self.reserve_holes(1)?;
            match following {
                Some(hole) if left > 0 => self.index.reshape(&mut self.chain.holes, hole, end, left),
                Some(hole) => {
                    let beyond = self.chain.holes.get(hole).next;
                    self.remove_hole(hole);
                    self.chain.blocks.get_mut(slot).next = beyond;
                    self.chain.set_previous(beyond, block);
                }
                None => self.insert_hole(end, left, block, next)?,
            }
        }
        self.chain.blocks.get_mut(slot).requested = size;
        self.counters.resized((old.requested, old.size), (size, fit.size), end);
        Ok(Block { size: fit.size, requested: size, ..old })
    }

    /// The space has `size` more bytes at its end.
    pub(super) fn add_space(&mut self, end: u64, size: u64) -> Result<()> {
        self.reserve_holes(1)?;
        match self.chain.last.as_hole() {
            Some(hole) => {
                let start = self.chain.holes.start(hole);
                let grown = self.chain.holes.size(hole) + size;
                self.index.reshape(&mut self.chain.holes, hole, start, grown);
            }
            None => self.insert_hole(end, size, self.chain.last, Link::NONE)?,
        }
        Ok(())
    }

    /// Moves a block down to `to`, within the hole before it; the room behind it grows. The caller has reserved a
    /// hole.
    ///
    /// ```text
    /// [ hole       ][ block ][ hole? ]   =>   [ pad? ][ block ][ hole         ]
    /// ```
    pub(super) fn slide(&mut self, slot: u32, to: u64) -> Result<()> {
        let block = self.block_of(slot);
        let record = *self.chain.blocks.get(slot);
        let Some(before) = record.previous.as_hole() else { return Ok(()) };
        let whole = *self.chain.holes.get(before);
        let (pad, gained) = (to - whole.start, block.start - to);
        if pad > 0 {
            self.index.reshape(&mut self.chain.holes, before, whole.start, pad);
        } else {
            self.remove_hole(before);
            self.chain.blocks.get_mut(slot).previous = whole.previous;
            self.chain.set_next(whole.previous, Link::block(slot));
        }
        self.chain.blocks.relocate(slot, to);
        match record.next.as_hole() {
            Some(after) => {
                let grown = self.chain.holes.size(after) + gained;
                self.index.reshape(&mut self.chain.holes, after, to + block.size, grown);
                Ok(())
            }
            None => self.insert_hole(to + block.size, gained, Link::block(slot), record.next),
        }
    }

    pub(super) fn check(&self) -> core::result::Result<(), Corruption> {
        let size_of = |record: &Record| self.rounded(record.requested);
        let sums = self.chain.check(&self.options, size_of, |_, _| false)?;
        Corruption::unless(sums.used == self.counters.used, "the used bytes are wrong", sums.used)?;
        let requested = sums.requested;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)?;
        self.index.validate(&self.chain.holes, &mut self.chain.links().filter_map(Link::as_hole))
    }
}
