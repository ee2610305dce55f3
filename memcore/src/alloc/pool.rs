//! A pool of slots of one size.
//!
//! ```text
//! [ slot 0 | slot 1 | slot 2 | slot 3 |   never used   ]
//!              |                 |
//!   free  -> slot 3 <-> slot 1            last freed, first taken; then the lowest never used
//! ```
//!
//! O(1) for every call but a far [`allocate_at`](Allocator::allocate_at), and no external fragmentation that
//! matters: any free slot serves any request that fits in a slot. A slot's number leads to its record, so a block is
//! found by its address without an index. As holes count: each free slot that was used before, and the rest that
//! never was.
//!
//! The tables have one record (and 4 bytes) for each slot up to the highest ever used, until the pool is dropped.

use super::compaction::{Budget, CompactionPlan, Planner};
use super::record::{Link, Record};
use super::request::Fit;
use super::stats::Counters;
use super::storage::{Column, Growable, NIL, Storage, StorageFull};
use super::table::RegionTable;
use super::*;

/// A pool of slots of one size; see the [module](self).
///
/// ```
/// use memcore::alloc::{Allocator, Options, Pool, Request};
/// let mut pool = Pool::new(Options::new(1024), 64)?;
/// let a = pool.allocate(Request::new(48))?;
/// assert_eq!((a.start, a.size, a.requested), (0, 64, 48));
/// assert!(pool.allocate(Request::new(65)).is_err());
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
pub struct Pool<S: Storage = Growable> {
    options: Options,
    slot_size: u64,
    /// Live blocks and free slots; the free ones are killed records, linked through `previous` and `next`.
    blocks: RegionTable<S>,
    free: u32,
    free_slots: u64,
    /// Slots up to here have been used, or skipped over.
    touched: u32,
    /// The record of each slot touched, live or free. A compaction swaps them, so that ids survive.
    owners: S::Column<u32>,
    counters: Counters,
}

impl Pool {
    /// A pool of slots of `slot_size` bytes, rounded up to the granularity, with growable tables.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter) for a slot of 0 bytes or larger than the space;
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(options: impl Into<Options>, slot_size: u64) -> Result<Self> {
        Self::assemble(options.into(), slot_size, &mut Growable::default())
    }
}

/// How far beyond the slots in use a wanted one may lie at first: each slot skipped costs a record.
const SKIP: u64 = 1 << 16;

impl<S: Storage> Pool<S> {
    pub(crate) fn assemble(options: Options, slot_size: u64, storage: &mut S) -> Result<Self> {
        let options = options.checked()?;
        let mask = options.granularity - 1;
        let rounded = slot_size.checked_add(mask).map(|size| size & !mask);
        let Some(slot_size) = rounded.filter(|&size| size != 0 && size <= options.capacity) else {
            let rule = "must be at least 1 and at most the capacity";
            return Err(AllocError::BadParameter { name: "slot", value: slot_size, rule });
        };
        let capacity = options.capacity / slot_size * slot_size;
        let options = Options { capacity, address_index: false, ..options };
        let owners_now = storage.fixed_length(storage.max_blocks());
        Ok(Pool {
            blocks: RegionTable::new(storage, &options, 0)?,
            owners: storage.column(owners_now)?,
            options,
            slot_size,
            free: NIL,
            free_slots: 0,
            touched: 0,
            counters: Counters::default(),
        })
    }

    /// An empty pool needs no preparation.
    pub(crate) fn open(&mut self) -> Result<()> {
        Ok(())
    }

    /// Bytes of a slot.
    pub fn slot_size(&self) -> u64 {
        self.slot_size
    }

    fn slots(&self) -> u64 {
        self.options.capacity / self.slot_size
    }

    fn check(&self, request: &Request) -> Result<()> {
        let &Request { size, alignment, bias, .. } = request;
        Fit::new(request, u64::MAX, self.options.granularity)?;
        if size > self.slot_size {
            return Err(AllocError::TooLarge { size, capacity: self.slot_size });
        }
        if self.slot_size & (alignment - 1) != 0 {
            let rule = "must divide the slot size of the pool";
            return Err(AllocError::BadParameter { name: "alignment", value: alignment, rule });
        }
        if bias & (alignment - 1) != 0 {
            return Err(AllocError::BadBias { bias, alignment, granularity: self.options.granularity });
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.free != NIL || u64::from(self.touched) < self.slots()
    }

    fn unlink_free(&mut self, slot: u32) {
        let (previous, next) = (self.blocks.get(slot).previous, self.blocks.get(slot).next);
        match previous.as_block() {
            Some(before) => self.blocks.get_mut(before).next = next,
            None => self.free = next.as_block().unwrap_or(NIL),
        }
        if let Some(after) = next.as_block() {
            self.blocks.get_mut(after).previous = previous;
        }
        self.free_slots -= 1;
    }

    fn push_free(&mut self, slot: u32) {
        let next = if self.free == NIL { Link::NONE } else { Link::block(self.free) };
        let record = self.blocks.get_mut(slot);
        (record.previous, record.next) = (Link::NONE, next);
        if let Some(after) = next.as_block() {
            self.blocks.get_mut(after).previous = Link::block(slot);
        }
        self.free = slot;
        self.free_slots += 1;
    }

    /// Brings the next slot that was never used into the table, not yet alive for anyone but the caller.
    fn touch(&mut self, request: &Request) -> Result<u32> {
        self.reserve(1)?;
        let start = u64::from(self.touched) * self.slot_size;
        let (previous, next, detail) = (Link::NONE, Link::NONE, request.alignment.ilog2());
        let record = Record { start, requested: request.size, previous, next, generation: 0, detail };
        let slot = self.blocks.add(record, request.tag)?.index();
        self.owners[self.touched as usize] = slot;
        self.touched += 1;
        Ok(slot)
    }

    fn reserve(&mut self, slots: u64) -> Result<()> {
        // A slot that was skipped has a record, too, so the bound on blocks is one on slots.
        if u64::from(self.touched) + slots > self.blocks.most_live() {
            return Err(self.blocks.out_of_metadata());
        }
        self.blocks.reserve_many(slots, 0)?;
        let length = self.touched as usize + slots as usize;
        self.owners.extend_to(length).map_err(|StorageFull| self.blocks.out_of_metadata())
    }

    fn take(&mut self, slot: u32, request: &Request) {
        self.unlink_free(slot);
        self.blocks.revive(slot, request.size, request.alignment.ilog2(), request.tag);
    }

    fn placed(&mut self, slot: u32, request: &Request) -> Block {
        let block = self.block_of(slot);
        self.counters.allocated(request.size, self.slot_size, block.end());
        block
    }

    fn block_of(&self, slot: u32) -> Block {
        let record = self.blocks.get(slot);
        let (id, start, requested) = (self.blocks.id(slot), record.start, record.requested);
        Block { id, start, size: self.slot_size, requested }
    }

    /// The record of the slot around an offset, if it was ever used.
    fn slot_around(&self, offset: u64) -> Option<u32> {
        let place = offset / self.slot_size;
        (place < u64::from(self.touched)).then(|| self.owners[place as usize])
    }

    fn is_free(&self, slot: u32) -> bool {
        !self.blocks.get(slot).is_live() && !self.blocks.is_retired(slot)
    }

    fn rest(&self) -> u64 {
        self.options.capacity - u64::from(self.touched) * self.slot_size
    }

    /// Strikes a block out; its slot is free again unless its generations are used up, which makes it dead.
    fn release(&mut self, slot: u32) {
        let block = self.block_of(slot);
        self.blocks.kill(slot);
        if !self.blocks.is_retired(slot) {
            self.push_free(slot);
        }
        self.counters.freed(block.requested, block.size);
    }
}

impl<S: Storage> Allocator for Pool<S> {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: true,
            find_by_address: true,
            compaction: true,
            checkpoint: false,
            tags: self.options.tags,
        }
    }

    fn capacity(&self) -> u64 {
        self.options.capacity
    }

    fn granularity(&self) -> u64 {
        self.options.granularity
    }

    #[inline]
    fn allocate(&mut self, request: Request) -> Result<Block> {
        self.check(&request)?;
        let slot = if self.free != NIL {
            let slot = self.free;
            self.take(slot, &request);
            slot
        } else if u64::from(self.touched) < self.slots() {
            self.touch(&request)?
        } else {
            let &Request { size, alignment, .. } = &request;
            return Err(AllocError::OutOfSpace { size, alignment, free: 0, largest_hole: 0 });
        };
        Ok(self.placed(slot, &request))
    }

    /// A slot beyond those in use makes records for all in between, so it may lie at most as far beyond them as
    /// they reach, plus 65536 slots; farther ones are [`AllocError::OutOfMetadata`].
    fn allocate_at(&mut self, start: u64, request: Request) -> Result<Block> {
        self.check(&request)?;
        if start % self.slot_size != 0 {
            return Err(AllocError::BadStart { start, needs: StartRule::Start, multiple: self.slot_size });
        }
        let (wanted, touched) = (start / self.slot_size, u64::from(self.touched));
        let taken = AllocError::RangeTaken { start, size: self.slot_size };
        if wanted >= self.slots() {
            return Err(taken);
        }
        if wanted < touched {
            let slot = self.owners[wanted as usize];
            if !self.is_free(slot) {
                return Err(taken);
            }
            self.take(slot, &request);
            return Ok(self.placed(slot, &request));
        }
        if wanted - touched > touched + SKIP {
            return Err(self.blocks.out_of_metadata());
        }
        self.reserve(wanted - touched + 1)?;
        for _ in touched..wanted {
            let skipped = self.touch(&request)?;
            self.blocks.kill(skipped);
        }
        let slot = self.touch(&request)?;
        // Skipped slots are free, the lowest to be taken first.
        for place in (touched..wanted).rev() {
            self.push_free(self.owners[place as usize]);
        }
        Ok(self.placed(slot, &request))
    }

    fn can_allocate(&self, request: Request) -> bool {
        self.check(&request).is_ok() && self.has_room()
    }

    fn size_for(&self, request: &Request) -> Result<u64> {
        self.check(request).map(|()| self.slot_size)
    }

    #[inline]
    fn free(&mut self, id: BlockId) -> Result<Block> {
        let slot = self.blocks.find_to_free(id).map(|_| id.index())?;
        let block = self.block_of(slot);
        self.release(slot);
        Ok(block)
    }

    fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
        if size == 0 {
            return Err(AllocError::ZeroSize);
        }
        let slot = self.blocks.find(id)?;
        if size > self.slot_size {
            return Err(AllocError::NoRoomInPlace { id, size, available: self.slot_size });
        }
        let old = self.block_of(slot);
        self.blocks.get_mut(slot).requested = size;
        self.counters.resized((old.requested, old.size), (size, old.size), old.end());
        Ok(Block { requested: size, ..old })
    }

    fn block(&self, id: BlockId) -> Result<Block> {
        Ok(self.block_of(self.blocks.find(id)?))
    }

    fn alignment(&self, id: BlockId) -> Result<u64> {
        Ok(1 << self.blocks.get(self.blocks.find(id)?).detail)
    }

    fn containing(&self, offset: u64) -> Result<Block> {
        let live = self.slot_around(offset).filter(|&slot| self.blocks.get(slot).is_live());
        live.map(|slot| self.block_of(slot)).ok_or(AllocError::UnknownOffset { offset })
    }

    fn tag(&self, id: BlockId) -> Result<u32> {
        self.blocks.tag(id)
    }

    fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        self.blocks.set_tag(id, tag)
    }

    fn used(&self) -> u64 {
        self.counters.used
    }

    fn stats(&self) -> Stats {
        let rest = self.rest();
        let holes = self.free_slots + u64::from(rest > 0);
        let largest = if self.free != NIL { rest.max(self.slot_size) } else { rest };
        let retired = self.options.capacity - self.counters.used - self.free_slots * self.slot_size - rest;
        self.counters.stats(self.options.capacity, retired, self.blocks.len(), holes, largest)
    }

    fn largest_sure(&self) -> u64 {
        if self.has_room() { self.slot_size } else { 0 }
    }

    fn metadata_bytes(&self) -> usize {
        size_of::<Self>() + self.blocks.bytes() + self.owners.bytes()
    }

    fn optional_bytes(&self) -> usize {
        self.blocks.optional_bytes()
    }

    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        let start = cursor.offset;
        let region = match self.slot_around(start) {
            Some(slot) if self.blocks.get(slot).is_live() => Region::used(self.block_of(slot)),
            Some(slot) if self.blocks.is_retired(slot) => Region::dead(start, self.slot_size),
            Some(_) => Region::hole(start, self.slot_size),
            None if start < self.options.capacity => Region::hole(start, self.options.capacity - start),
            None => return None,
        };
        cursor.offset = region.end();
        Some(region)
    }

    fn grow(&mut self, capacity: u64) -> Result<()> {
        let wanted = capacity / self.slot_size * self.slot_size;
        let capacity = self.options.capacity;
        if wanted < capacity {
            return Err(AllocError::CapacityShrink { capacity, wanted });
        }
        if wanted > capacity {
            self.options.capacity = wanted;
            self.counters.other_changes += 1;
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        for place in (0..self.touched as usize).rev() {
            let slot = self.owners[place];
            if self.blocks.get(slot).is_live() {
                self.release(slot);
            }
        }
        Ok(())
    }

    fn plan_compaction(&self, budget: Budget, pinned: &[BlockId]) -> Result<CompactionPlan> {
        let mut planner = Planner::new(self, self.counters.changes(), budget, pinned)?;
        let owners = &self.owners[..self.touched as usize];
        let mut free = (0..owners.len()).filter(|&place| self.is_free(owners[place]));
        let mut next = free.next();
        for (place, &slot) in owners.iter().enumerate().rev() {
            let Some(to) = next.filter(|&to| to < place) else { break };
            if self.blocks.get(slot).is_live()
                && planner.try_move(&self.block_of(slot), to as u64 * self.slot_size)?
            {
                next = free.next();
            }
        }
        Ok(planner.finish())
    }

    fn commit(&mut self, plan: &CompactionPlan) -> Result<()> {
        plan.check_current(self.counters.changes())?;
        for step in plan.moves() {
            let slot = self.blocks.find(step.id)?;
            let (from, to) = ((step.from / self.slot_size) as usize, (step.to / self.slot_size) as usize);
            self.owners.swap(from, to);
            self.blocks.get_mut(self.owners[from]).start = step.from;
            self.blocks.get_mut(slot).start = step.to;
            self.counters.other_changes += 1;
        }
        Ok(())
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        let (mut live, mut requested, mut listed) = (0, 0, 0);
        for (place, &slot) in self.owners[..self.touched as usize].iter().enumerate() {
            let record = self.blocks.get(slot);
            let placed = record.start == place as u64 * self.slot_size;
            Corruption::unless(placed, "a slot is not where its number says", record.start)?;
            if record.is_live() {
                live += 1;
                requested += record.requested;
            }
        }
        let (mut slot, mut previous) = (self.free, Link::NONE);
        while slot != NIL {
            listed += 1;
            let Some(record) = self.blocks.try_get(slot).filter(|_| listed <= self.free_slots) else {
                return Err(Corruption { what: "the free list is broken", at: slot.into() });
            };
            Corruption::unless(!record.is_live(), "a live slot is listed as free", record.start)?;
            Corruption::unless(record.previous == previous, "the free list's links disagree", record.start)?;
            (previous, slot) = (Link::block(slot), record.next.as_block().unwrap_or(NIL));
        }
        Corruption::unless(listed == self.free_slots, "the count of free slots is wrong", listed)?;
        Corruption::unless(live == self.blocks.len(), "the count of blocks is wrong", live)?;
        Corruption::unless(live * self.slot_size == self.counters.used, "the used bytes are wrong", live)?;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)
    }
}

impl<S: Storage> Clone for Pool<S>
where
    RegionTable<S>: Clone,
    S::Column<u32>: Clone,
{
    fn clone(&self) -> Self {
        Pool { blocks: self.blocks.clone(), owners: self.owners.clone(), ..*self }
    }
}
