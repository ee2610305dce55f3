//! The edits of the chain of blocks and holes. Each first makes sure of memory, then cannot fail half-way.

use super::index::Extent;
use super::*;

impl<I: FreeIndex<S>, S: Storage> HoleAllocator<I, S> {
    #[inline(always)]
    pub(super) fn block_of(&self, slot: u32) -> Block {
        self.chain.block_of(slot, self.rounded(self.chain.table.get(slot).requested))
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
            largest_hole: self.index.largest(&self.chain.table),
        }
    }

    /// Makes sure that `count` holes can be entered in table and index.
    #[inline(always)]
    pub(super) fn reserve_holes(&mut self, count: u32) -> Result<()> {
        self.chain.table.reserve_slots(count)?;
        self.reserve_index(count)
    }

    #[inline(always)]
    fn reserve_index(&mut self, count: u32) -> Result<()> {
        self.index.reserve(count).map_err(|StorageFull| self.chain.table.out_of_metadata())
    }

    /// Enters a new hole between two neighbours; the caller has reserved.
    #[inline(always)]
    pub(super) fn insert_hole(&mut self, start: u64, size: u64, previous: Link, next: Link) -> Result<()> {
        let hole = self.chain.table.add_hole(start, size, previous, next)?;
        self.chain.join(previous, Link::hole(hole), next);
        self.index.insert(&mut self.chain.table, hole);
        Ok(())
    }

    /// Gives a hole another range in the table, and tells what it was. The caller tells the index.
    #[inline(always)]
    fn set_extent(&mut self, hole: u32, new: Extent) -> Extent {
        let record = self.chain.table.get_mut(hole);
        let old = Extent { start: record.start, size: record.requested };
        record.requested = new.size;
        if !I::LINKS {
            record.start = new.start;
        }
        old
    }

    /// Gives a hole another range, in table and index.
    fn reshape(&mut self, hole: u32, new: Extent) {
        let old = self.set_extent(hole, new);
        self.index.reshape(&mut self.chain.table, hole, old);
    }

    /// First byte of a hole.
    pub(super) fn hole_start(&self, hole: u32) -> u64 {
        if I::LINKS {
            self.chain.table.extent_by_neighbour(hole).start
        } else {
            self.chain.table.hole_start(hole)
        }
    }

    /// Cuts a block out of a hole, to which the index may have told the way.
    ///
    /// ```text
    /// hole   [ pad | block | rest ]     pad and rest stay holes, where they are not empty: the rest keeps the
    ///                                   hole's slot, unless there is a pad, which then does; where both are
    ///                                   empty the hole's slot becomes the block's
    /// ```
    #[inline(always)]
    pub(super) fn place(
        &mut self,
        place: Place,
        way: Option<&I::Way>,
        fit: &Fit,
        request: &Request,
    ) -> Result<Block> {
        let Place { hole, hole_start, hole_size, start } = place;
        let (pad, end) = (start - hole_start, start + fit.size);
        let rest = hole_size - pad - fit.size;
        self.chain.table.reserve(1)?;
        self.reserve_index(1)?;
        let Record { previous, next, .. } = *self.chain.table.get(hole);
        let (this, detail) = (Link::hole(hole), request.alignment.ilog2());
        let record = Record { start, requested: request.size, previous, next, generation: 0, detail };
        let id = if pad == 0 && rest > 0 {
            let id = self.chain.table.add(Record { next: this, ..record }, request.tag)?;
            self.chain.set_next(previous, Link::block(id.index()));
            self.chain.table.get_mut(hole).previous = Link::block(id.index());
            let old = self.set_extent(hole, Extent { start: end, size: rest });
            match way {
                Some(way) => self.index.reshape_found(&mut self.chain.table, hole, old, way),
                None => self.index.reshape(&mut self.chain.table, hole, old),
            }
            id
        } else if pad == 0 {
            match way {
                Some(way) => self.index.remove_found(&mut self.chain.table, hole, way),
                None => self.index.remove(&mut self.chain.table, hole),
            }
            self.fill(hole, record, request.tag)?
        } else {
            let id = self.chain.table.add(Record { previous: this, ..record }, request.tag)?;
            self.chain.join(this, Link::block(id.index()), next);
            self.reshape(hole, Extent { start: hole_start, size: pad });
            if rest > 0 {
                self.insert_hole(end, rest, Link::block(id.index()), next)?;
            }
            id
        };
        self.counters.allocated(request.size, fit.size, end);
        Ok(Block { id, start, size: fit.size, requested: request.size })
    }

    /// The block takes the whole hole, which is no longer in the index, and its slot with it.
    #[inline(always)]
    fn fill(&mut self, hole: u32, record: Record, tag: u32) -> Result<BlockId> {
        let id = match self.chain.table.hole_to_block(hole, record, tag) {
            Some(id) => id,
            None => {
                self.chain.table.remove_hole(hole);
                self.chain.table.add(record, tag)?
            }
        };
        self.chain.join(record.previous, Link::block(id.index()), record.next);
        Ok(id)
    }

    /// Turns a block into free space, merged with the holes at its sides.
    ///
    /// ```text
    /// [ block ][ THIS ][ block ]    the block's slot becomes a hole's
    /// [ hole  ][ THIS ][ block ]    the hole grows upwards
    /// [ block ][ THIS ][ hole  ]    the hole grows downwards
    /// [ hole  ][ THIS ][ hole  ]    the lower hole takes all
    /// ```
    #[inline(always)]
    pub(super) fn release(&mut self, record: &Record, block: &Block) -> Result<()> {
        let &Record { previous, next, .. } = record;
        let slot = block.id.index();
        let (start, size) = (block.start, block.size);
        self.reserve_index(1)?;
        match (previous.as_hole(), next.as_hole()) {
            (None, None) => {
                self.chain.table.block_to_hole(slot, size);
                self.chain.join(previous, Link::hole(slot), next);
                self.index.insert(&mut self.chain.table, slot);
            }
            (Some(before), None) => {
                self.chain.table.remove(slot);
                self.chain.set_previous(next, previous);
                self.extend_hole(before, size, next);
            }
            (None, Some(after)) => {
                self.chain.table.remove(slot);
                self.chain.set_next(previous, next);
                let hole = self.chain.table.get_mut(after);
                hole.previous = previous;
                let grown = hole.requested + size;
                let old = self.set_extent(after, Extent { start, size: grown });
                self.index.reshape(&mut self.chain.table, after, old);
            }
            (Some(before), Some(after)) => {
                let Record { next: beyond, requested: behind, .. } = *self.chain.table.get(after);
                self.index.remove(&mut self.chain.table, after);
                self.chain.table.remove_hole(after);
                self.chain.table.remove(slot);
                self.chain.set_previous(beyond, previous);
                self.extend_hole(before, size + behind, beyond);
            }
        }
        self.counters.freed(block.requested, size);
        Ok(())
    }

    /// A hole takes in the free bytes that follow it, and is followed by `next` then.
    #[inline(always)]
    fn extend_hole(&mut self, hole: u32, more: u64, next: Link) {
        let record = self.chain.table.get_mut(hole);
        let old = Extent { start: record.start, size: record.requested };
        record.requested += more;
        record.next = next;
        self.index.reshape(&mut self.chain.table, hole, old);
    }

    pub(super) fn resize_in_place(&mut self, slot: u32, fit: &Fit, size: u64) -> Result<Block> {
        let old = self.block_of(slot);
        let next = self.chain.table.get(slot).next;
        let following = next.as_hole();
        let room = following.map_or(0, |hole| self.chain.table.hole_size(hole));
        if fit.size > old.size && fit.size - old.size > room {
            return Err(AllocError::NoRoomInPlace { id: old.id, size, available: old.size + room });
        }
        let (end, this) = (old.start + fit.size, Link::block(slot));
        let left = old.size + room - fit.size;
        if fit.size != old.size {
            self.reserve_holes(1)?;
            // From here on the end of this block is the start of what follows.
            self.chain.table.get_mut(slot).requested = size;
            match following {
                Some(hole) if left > 0 => self.reshape(hole, Extent { start: end, size: left }),
                Some(hole) => {
                    let beyond = self.chain.table.get(hole).next;
                    self.index.remove(&mut self.chain.table, hole);
                    self.chain.table.remove_hole(hole);
                    self.chain.table.get_mut(slot).next = beyond;
                    self.chain.set_previous(beyond, this);
                }
                None => self.insert_hole(end, left, this, next)?,
            }
        }
        self.chain.table.get_mut(slot).requested = size;
        self.counters.resized((old.requested, old.size), (size, fit.size), end);
        Ok(Block { size: fit.size, requested: size, ..old })
    }

    /// The space has `size` more bytes at its end.
    pub(super) fn add_space(&mut self, end: u64, size: u64) -> Result<()> {
        self.reserve_holes(1)?;
        match self.chain.last.as_hole() {
            Some(hole) => self.extend_hole(hole, size, Link::NONE),
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
        let Record { previous, next, .. } = *self.chain.table.get(slot);
        let (Some(before), this) = (previous.as_hole(), Link::block(slot)) else { return Ok(()) };
        let hole_start = self.hole_start(before);
        let (pad, gained) = (to - hole_start, block.start - to);
        if pad > 0 {
            self.reshape(before, Extent { start: hole_start, size: pad });
        } else {
            let below = self.chain.table.get(before).previous;
            self.index.remove(&mut self.chain.table, before);
            self.chain.table.remove_hole(before);
            self.chain.table.get_mut(slot).previous = below;
            self.chain.set_next(below, this);
        }
        self.chain.table.relocate(slot, to);
        match next.as_hole() {
            Some(after) => {
                let grown = self.chain.table.hole_size(after) + gained;
                self.reshape(after, Extent { start: to + block.size, size: grown });
                Ok(())
            }
            None => self.insert_hole(to + block.size, gained, this, next),
        }
    }

    pub(super) fn check(&self) -> core::result::Result<(), Corruption> {
        let size_of = |record: &Record| self.rounded(record.requested);
        let sums = self.chain.check(&self.options, size_of, |_, _| false)?;
        Corruption::unless(sums.used == self.counters.used, "the used bytes are wrong", sums.used)?;
        let requested = sums.requested;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)?;
        self.index.validate(&self.chain.table, &mut self.chain.links().filter_map(Link::as_hole))
    }
}
