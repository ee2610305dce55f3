//! What the calls have in common: find the block at an address, hand one out, take one back.

use super::super::raw::{check_alignment, check_size};
use super::super::{HeapError, RawHeap, Result};
use super::quarantine::Waiting;
use super::record::{Reading, Record};
use super::{ALLOCATED_BYTE, Block, Checked, FREED_BYTE, Guarded, Place, at, bytes};
use crate::alloc::AllocError;
use core::ptr::{self, NonNull};

/// The same error, about the address that the caller knows.
fn about(error: HeapError, address: usize) -> HeapError {
    match error {
        HeapError::NotInHeap { .. } => HeapError::NotInHeap { address },
        HeapError::NotABlock { .. } => HeapError::NotABlock { address },
        HeapError::DoubleFree { .. } => HeapError::DoubleFree { address },
        HeapError::HeaderSmashed { found, .. } => HeapError::HeaderSmashed { address, found },
        other => other,
    }
}

impl<H: RawHeap> Checked<H> {
    /// The live block at an address. O(1).
    #[inline]
    pub(super) fn find(&self, address: usize) -> Result<Place> {
        let start = address.wrapping_sub(self.state.shape.front);
        match self.inner.usable_size(at(start)) {
            Ok(held) => self.read(address, start, held).map(Place::Inside),
            Err(error) => self.find_elsewhere(address, error),
        }
    }

    /// The block at an address that is not the usual way behind the start of a block of the heap inside.
    #[cold]
    fn find_elsewhere(&self, address: usize, error: HeapError) -> Result<Place> {
        if let Some(guard) = self.state.guard.as_ref().filter(|guard| guard.contains(address)) {
            return guard.find(address).map(Place::Guarded);
        }
        if let Some(&start) = self.state.aligned.get(&address) {
            let held = self.inner.usable_size(at(start)).map_err(|error| about(error, address))?;
            return self.read(address, start, held).map(Place::Inside);
        }
        Err(match error {
            // What is known of the start need not hold for the address behind it.
            HeapError::NotInHeap { .. } | HeapError::NotABlock { .. } if self.inner.contains(at(address)) => {
                HeapError::NotABlock { address }
            }
            HeapError::NotInHeap { .. } | HeapError::NotABlock { .. } => HeapError::NotInHeap { address },
            error => about(error, address),
        })
    }

    /// Reads the record of a block. `start` is where a block of the heap inside begins, of `held` bytes.
    #[inline(always)]
    fn read(&self, payload: usize, start: usize, held: usize) -> Result<Block> {
        let shape = &self.state.shape;
        if held < payload - start {
            // Somebody else had the block from the heap inside.
            return Err(HeapError::NotABlock { address: payload });
        }
        self.state.tools.open(at(start), payload - start);
        // SAFETY: each block of the heap inside was handed out by `allocate_with`, which wrote the bytes in front of
        // its payload, or marked it and put it into the table of aligned blocks. A mark is as long as the shortest record;
        // what a longer record has behind it was filled.
        let reading = unsafe { shape.read(at(payload)) };
        self.state.tools.close(at(start), payload - start);
        match reading {
            Reading::Live(record) if record.size <= shape.most(held.saturating_sub(payload - start)) => {
                Ok(Block { payload, start, held, record })
            }
            Reading::Live(record) => {
                Err(HeapError::HeaderSmashed { address: payload, found: record.size as u64 })
            }
            Reading::Quarantined(_) => Err(HeapError::DoubleFree { address: payload }),
            // SAFETY: as above.
            Reading::Nothing(found) => match unsafe { self.mark(start) } {
                // An aligned block begins there, and its address is another.
                Some(front) if start + front != payload => Err(HeapError::NotABlock { address: payload }),
                _ => Err(HeapError::HeaderSmashed { address: payload, found }),
            },
        }
    }

    /// The bytes in front of an aligned block.
    ///
    /// # Safety
    /// A block of the heap inside begins at `start`.
    pub(super) unsafe fn mark(&self, start: usize) -> Option<usize> {
        self.state.tools.open(at(start), 16);
        // SAFETY: a block has at least the 16 bytes of a record or a mark, which were written.
        let mark = unsafe { self.state.shape.read_mark(at(start)) };
        self.state.tools.close(at(start), 16);
        mark
    }

    /// Looks at the redzones of a live block.
    #[inline(always)]
    pub(super) fn check_place(&self, place: &Place) -> Result<()> {
        match place {
            // SAFETY: the record fits its block, so that both redzones lie within it; they were filled.
            Place::Inside(block) => unsafe {
                self.state.shape.check_redzones(at(block.payload), block.record.size, &self.state.tools)
            },
            Place::Guarded(block) => self.check_guarded(block),
        }
    }

    #[cold]
    fn check_guarded(&self, block: &Guarded) -> Result<()> {
        self.state.guard.as_ref().map_or(Ok(()), |guard| guard.check(block.slot))
    }

    /// Bytes that are filled of a block of this size.
    #[inline(always)]
    pub(super) fn poisoned(&self, size: usize) -> usize {
        size.min(self.state.checks.poison)
    }

    /// Refuses what would pass the limit.
    #[inline(always)]
    fn check_limit(&self, more: usize) -> Result<()> {
        let (limit, used) = (self.state.checks.limit, self.state.counts.in_use);
        if more as u64 > limit.saturating_sub(used) {
            return Err(AllocError::LimitExceeded { size: more as u64, used, limit }.into());
        }
        Ok(())
    }

    /// Hands out a block, within the limit.
    #[inline]
    pub(super) fn allocate_with(
        &mut self,
        size: usize,
        alignment: usize,
        tag: u32,
        site: u64,
        zeroed: bool,
    ) -> Result<NonNull<u8>> {
        if self.state.nothing {
            return if zeroed {
                self.inner.allocate_zeroed(size, alignment)
            } else {
                self.inner.allocate(size, alignment)
            };
        }
        check_alignment(alignment)?;
        let size = check_size(size)?;
        self.check_limit(size)?;
        let record = Record { size, tag, site, number: self.state.counts.allocations + 1 };
        if self.state.allocates_directly && alignment <= 16 {
            if let Some(block) = self.allocate_directly(record, zeroed) {
                return Ok(block);
            }
        }
        self.allocate_any(alignment, record, zeroed)
    }

    #[inline(never)]
    fn allocate_any(&mut self, alignment: usize, record: Record, zeroed: bool) -> Result<NonNull<u8>> {
        let block = self.hand_out(alignment, record, zeroed)?;
        self.state.counts.allocated(record.size);
        Ok(block)
    }

    /// The short way for most blocks: no alignment, no tool, no guard pages, and the heap inside has room.
    #[inline(always)]
    fn allocate_directly(&mut self, record: Record, zeroed: bool) -> Option<NonNull<u8>> {
        let shape = &self.state.shape;
        let total = shape.total(shape.front, record.size)?;
        let block =
            if zeroed { self.inner.allocate_zeroed(total, 16) } else { self.inner.allocate(total, 16) };
        let block = block.ok()?.as_ptr();
        block.expose_provenance();
        // SAFETY: the block has `total` bytes from its start on, which is aligned to 16, and is nobody else's.
        let payload = unsafe {
            let payload = block.add(shape.front);
            shape.write(payload, &record, true);
            shape.fill_allocated(payload, record.size, if zeroed { 0 } else { self.state.checks.poison });
            NonNull::new_unchecked(payload)
        };
        self.state.counts.allocated(record.size);
        Some(payload)
    }

    /// The short way to take most blocks back: no tool, no quarantine, no mistake. `None`, and nothing but perhaps poison
    /// changed: the long way tells why.
    #[inline(always)]
    pub(super) fn free_directly(&mut self, payload: usize) -> Option<usize> {
        let shape = &self.state.shape;
        let start = payload.wrapping_sub(shape.front);
        let held = self.inner.usable_size(at(start)).ok()?;
        // SAFETY: as in `read`: a block of the heap inside begins at `start`.
        let Reading::Live(record) = (unsafe { shape.read(at(payload)) }) else { return None };
        if record.size > shape.most(held.saturating_sub(shape.front)) {
            return None;
        }
        // SAFETY: the record fits its block, so that the redzones lie within it.
        unsafe {
            if !shape.is_whole(at(payload), record.size) {
                return None;
            }
            shape.fill_freed(at(payload), record.size, self.state.checks.poison);
        }
        self.inner.free(at(start)).ok()?;
        self.state.counts.freed(record.size);
        Some(record.size)
    }

    /// Hands out a block with its record, and counts nothing.
    fn hand_out(&mut self, alignment: usize, record: Record, zeroed: bool) -> Result<NonNull<u8>> {
        if self.state.checks.guard_every != 0 {
            if let Some(block) = self.hand_out_guarded(alignment, record, zeroed) {
                return Ok(block);
            }
        }
        let shape = self.state.shape;
        let too_large = || {
            let capacity = super::super::MOST_BYTES as u64;
            HeapError::Alloc(AllocError::TooLarge { size: record.size as u64, capacity })
        };
        let front = shape.front_for(alignment).ok_or_else(too_large)?;
        let total = shape.total(front, record.size).ok_or_else(too_large)?;
        let unusual = front != shape.front;
        if unusual && self.state.aligned.try_reserve(1).is_err() {
            return Err(AllocError::OutOfMetadata { blocks: self.state.counts.live }.into());
        }
        let block = match self.take(total, alignment.max(16), zeroed) {
            Ok(block) => block,
            Err(error) => self.take_again(total, alignment.max(16), zeroed, error)?,
        };
        let start = block.as_ptr().expose_provenance();
        // SAFETY: the block has `total` bytes from its start on, which is aligned to 16, and is nobody else's.
        let payload = unsafe {
            let payload = block.as_ptr().add(front);
            if unusual {
                // All of the front, so that a longer record than a mark reads bytes that were written.
                block.as_ptr().write_bytes(super::REDZONE_BYTE, shape.front);
                shape.write_mark(block.as_ptr(), front);
            }
            shape.write(payload, &record, true);
            shape.fill_allocated(payload, record.size, if zeroed { 0 } else { self.state.checks.poison });
            payload
        };
        if unusual {
            self.state.aligned.insert(payload.addr(), start);
        }
        if self.state.tools.is_on() {
            let held = self.inner.usable_size(block.as_ptr())?;
            self.state.tools.allocated(block.as_ptr(), held, payload, record.size, zeroed);
        }
        // SAFETY: it lies in a block, where null is not.
        Ok(unsafe { NonNull::new_unchecked(payload) })
    }

    fn take(&mut self, total: usize, alignment: usize, zeroed: bool) -> Result<NonNull<u8>> {
        if zeroed {
            self.inner.allocate_zeroed(total, alignment)
        } else {
            self.inner.allocate(total, alignment)
        }
    }

    /// There was no room: the quarantine is given up for it.
    fn take_again(
        &mut self,
        total: usize,
        alignment: usize,
        zeroed: bool,
        error: HeapError,
    ) -> Result<NonNull<u8>> {
        let helps = matches!(
            error,
            HeapError::Alloc(AllocError::OutOfSpace { .. } | AllocError::OutOfMetadata { .. })
                | HeapError::MemoryLimit { .. }
                | HeapError::System { .. }
        );
        if !helps || self.state.quarantine.len() == 0 {
            return Err(error);
        }
        while let Some(waiting) = self.state.quarantine.pop() {
            // What is found is counted there.
            let _ = self.let_go(waiting);
        }
        self.take(total, alignment, zeroed)
    }

    /// Counts down to the next guarded block, and hands it out when its turn has come and there is room.
    fn hand_out_guarded(&mut self, alignment: usize, record: Record, zeroed: bool) -> Option<NonNull<u8>> {
        if self.state.until_guard > 0 {
            self.state.until_guard -= 1;
            return None;
        }
        self.state.until_guard = self.state.checks.guard_every - 1;
        let block = self.state.guard.as_mut()?.allocate(alignment, record)?;
        let (filled, byte) =
            if zeroed { (record.size, 0) } else { (self.poisoned(record.size), ALLOCATED_BYTE) };
        // SAFETY: the block has as many bytes as its record says.
        unsafe { block.as_ptr().write_bytes(byte, filled) };
        Some(block)
    }

    /// Takes a live block back, and counts it.
    pub(super) fn release(&mut self, place: &Place) -> Result<usize> {
        let size = place.record().size;
        self.take_back(place)?;
        self.state.counts.freed(size);
        Ok(size)
    }

    /// Takes a live block back, into the quarantine where there is one, and counts nothing.
    fn take_back(&mut self, place: &Place) -> Result<()> {
        match place {
            Place::Inside(block) => {
                if self.state.quarantine.takes(block.held) {
                    self.quarantine(block);
                    return Ok(());
                }
                let shape = self.state.shape;
                // SAFETY: the block is live, and its record fits it.
                unsafe { shape.fill_freed(at(block.payload), block.record.size, self.state.checks.poison) };
                self.state.tools.freed(at(block.start), block.held, at(block.payload));
                self.state.tools.open(at(block.start), block.held);
                self.inner.free(at(block.start)).map_err(|error| about(error, block.payload))?;
                if block.payload - block.start != shape.front {
                    self.state.aligned.remove(&block.payload);
                }
                Ok(())
            }
            Place::Guarded(block) => match self.state.guard.as_mut() {
                Some(guard) => guard.free(block.slot),
                None => Err(HeapError::NotABlock { address: block.payload }),
            },
        }
    }

    /// Keeps a freed block from reuse.
    fn quarantine(&mut self, block: &Block) {
        let Block { payload, start, held, record } = *block;
        self.state.tools.open(at(start), held);
        // SAFETY: the block is live in the heap inside, and its record fits it.
        unsafe {
            self.state.shape.fill_freed(at(payload), record.size, self.state.checks.poison);
            self.state.shape.fill_redzones(at(payload), record.size);
            self.state.shape.write(at(payload), &record, false);
        }
        self.state.tools.freed(at(start), held, at(payload));
        self.state.counts.kept += held as u64;
        self.state.quarantine.push(Waiting { payload, start, held, size: record.size });
        while let Some(waiting) = self.state.quarantine.pop_over_limit() {
            // What is found is counted there.
            let _ = self.let_go(waiting);
        }
    }

    /// Looks at a block that leaves the quarantine, and gives it back to the heap inside. A mistake that is found is
    /// counted and told to the callback, and is the error.
    pub(super) fn let_go(&mut self, waiting: Waiting) -> Result<()> {
        let Waiting { payload, start, held, size } = waiting;
        let looked = self.check_freed(payload, start, size);
        self.state.tools.open(at(start), held);
        let freed = self.inner.free(at(start)).map_err(|error| about(error, payload));
        if freed.is_ok() {
            self.state.counts.kept -= held as u64;
            if payload - start != self.state.shape.front {
                self.state.aligned.remove(&payload);
            }
        }
        for result in [looked, freed.map(drop)] {
            if let Err(error) = result {
                self.state.found(error);
            }
        }
        looked.and(freed.map(drop))
    }

    /// Looks at a block in the quarantine: its bytes as far as they were filled, its redzones, its record.
    pub(super) fn check_freed(&self, payload: usize, start: usize, size: usize) -> Result<()> {
        let (shape, tools) = (&self.state.shape, &self.state.tools);
        let filled = self.poisoned(size);
        tools.open(at(payload), size);
        // SAFETY: the block is live in the heap inside, and so many bytes were filled when it was freed.
        let other = unsafe { bytes::first_other(at(payload), filled, FREED_BYTE) };
        tools.close(at(payload), size);
        if let Some((offset, found)) = other {
            return Err(HeapError::FreedWritten { address: payload, offset, found });
        }
        // SAFETY: as above, for the parts beside those bytes.
        unsafe { shape.check_redzones(at(payload), size, tools) }?;
        tools.open(at(start), payload - start);
        // SAFETY: as above.
        let reading = unsafe { shape.read(at(payload)) };
        tools.close(at(start), payload - start);
        match reading {
            Reading::Quarantined(record) if record.size == size => Ok(()),
            Reading::Quarantined(record) | Reading::Live(record) => {
                Err(HeapError::HeaderSmashed { address: payload, found: record.size as u64 })
            }
            Reading::Nothing(found) => Err(HeapError::HeaderSmashed { address: payload, found }),
        }
    }

    /// Why there is no live block at an address that was to be freed: the heap inside may know more.
    #[cold]
    pub(super) fn why_no_block(&mut self, address: usize) -> HeapError {
        let start = address.wrapping_sub(self.state.shape.front);
        if self.inner.usable_size(at(start)).is_ok() {
            // An aligned block begins there, whose address is another.
            return HeapError::NotABlock { address };
        }
        // It refuses, as no live block of its own begins there.
        match self.inner.free(at(start)) {
            Err(error @ HeapError::DoubleFree { .. }) => about(error, address),
            _ => HeapError::NotABlock { address },
        }
    }

    /// Changes the size of a live block where it is. Its redzones were looked at.
    pub(super) fn resize(&mut self, place: &Place, size: usize) -> Result<usize> {
        let old = place.record().size;
        self.check_limit(size.saturating_sub(old))?;
        let (payload, record) = match place {
            Place::Inside(block) => (block.payload, Record { size, ..block.record }),
            Place::Guarded(block) => (block.payload, Record { size, ..block.record }),
        };
        match place {
            Place::Inside(block) => self.resize_inside(block, &record)?,
            Place::Guarded(block) => {
                if size > block.most {
                    return Err(HeapError::NoRoomInPlace { address: payload, size, available: block.most });
                }
                if let Some(guard) = self.state.guard.as_mut() {
                    guard.set_record(block.slot, record);
                }
            }
        }
        let (before, after) = (self.poisoned(old), self.poisoned(size));
        if after > before && old < after {
            // SAFETY: the block has `size` bytes now; those from `old` on are new.
            unsafe { at(payload + old).write_bytes(ALLOCATED_BYTE, after - old) };
        }
        let counts = &mut self.state.counts;
        counts.in_use = counts.in_use - old as u64 + size as u64;
        counts.peak = counts.peak.max(counts.in_use);
        Ok(size)
    }

    fn resize_inside(&mut self, block: &Block, record: &Record) -> Result<()> {
        let &Block { payload, start, held, record: Record { size: old, .. } } = block;
        let shape = self.state.shape;
        let front = payload - start;
        let no_room = |available| HeapError::NoRoomInPlace { address: payload, size: record.size, available };
        let most = |held: usize| shape.most(held.saturating_sub(front));
        let total = shape.total(front, record.size).ok_or_else(|| no_room(most(held)))?;
        // The heap inside may write notes into what it takes back.
        self.state.tools.open(at(payload + old), held - front - old);
        let resized = self.inner.resize_in_place(at(start), total).map_err(|error| match error {
            HeapError::NoRoomInPlace { available, .. } => no_room(most(available)),
            error => about(error, payload),
        });
        let held = match resized {
            Ok(held) => held,
            Err(error) => {
                self.state.tools.close(at(payload + old), held - front - old);
                return Err(error);
            }
        };
        self.state.tools.open(at(start), front);
        // SAFETY: the block has room for the front, `size` bytes and a redzone.
        unsafe {
            shape.write(at(payload), record, true);
            shape.fill_redzones(at(payload), record.size);
        }
        self.state.tools.close(at(start), front);
        self.state.tools.resized(at(payload), old, record.size, start + held);
        Ok(())
    }

    /// Moves a live block to a new one with the same tag, site and number. Its redzones were looked at.
    pub(super) fn move_to(&mut self, place: &Place, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let record = place.record();
        self.check_limit(size.saturating_sub(record.size))?;
        let new = self.hand_out(alignment, Record { size, ..record }, false)?;
        let payload = match place {
            Place::Inside(block) => block.payload,
            Place::Guarded(block) => block.payload,
        };
        // SAFETY: both are live blocks with at least as many bytes, and distinct.
        unsafe { ptr::copy_nonoverlapping(at(payload), new.as_ptr(), record.size.min(size)) };
        if let Err(error) = self.take_back(place) {
            let new = self.find(new.as_ptr().addr())?;
            self.take_back(&new)?;
            return Err(error);
        }
        let counts = &mut self.state.counts;
        counts.in_use = counts.in_use - record.size as u64 + size as u64;
        counts.peak = counts.peak.max(counts.in_use);
        Ok(new)
    }
}
