//! The table of blocks and holes: what an id means, and who is next to whom.
//!
//! ```text
//! id = (generation | index)
//!                     |
//!                     v
//! block   [ start          | requested | previous | next | generation | detail ]   32 bytes, two to a cache line
//! hole    [ start or links | size      | previous | next | generation | HOLE   ]
//! tags      [ u32 ]                                               optional column
//! addresses   start -> index, ordered                             optional, a B+ tree
//! ```
//!
//! Blocks and holes share the slots, so that freeing a block between two others turns its record into a hole where it
//! is, and an exact fit turns it back: nothing is taken or given. `previous` and `next` lead to the neighbours in the
//! space, and say by themselves whether those are blocks or holes, so that merging needs no search and reads no
//! neighbour in vain. `detail` is the strategy's: the order of a buddy block, say. A block's size is not stored:
//! every strategy derives it from what was requested and the detail.
//!
//! A free-list index that keeps holes in lists has its two links in the hole's first word; the hole's start then is
//! the end of the block before it. Other indices have the start there.

use super::address_index::AddressIndex;
use super::holes::Extent;
use super::record::{HOLE, Link, Record};
use super::storage::{Column, Slab, Storage, StorageFull};
use super::{AllocError, BlockId, Operation, Options, Result};

/// Slots per chunk: 4 KiB of records, so that an emptied part of a large table can go back.
pub(crate) const CHUNK: usize = 128;

/// After this generation a slot is never used again.
const LAST_GENERATION: u32 = u32::MAX - 1;

/// Blocks by id and holes by slot, and the optional columns.
pub struct RegionTable<S: Storage> {
    records: S::Slab<Record, CHUNK>,
    tags: Option<S::Column<u32>>,
    addresses: Option<AddressIndex<S>>,
    /// There are tags or addresses.
    has_columns: bool,
    live: u64,
    most_live: u64,
    holes: u64,
    /// Granularity - 1, by which free-list strategies round sizes up.
    mask: u64,
}

impl<S: Storage> RegionTable<S> {
    /// A table for at most so many holes beside the blocks.
    pub(crate) fn new(storage: &mut S, options: &Options, most_holes: u32) -> Result<Self> {
        let most = storage.max_blocks().saturating_add(most_holes).min((1 << 31) - 1);
        let tags_now = if options.tags { storage.fixed_length(most) } else { 0 };
        Ok(RegionTable {
            records: storage.slab(most)?,
            tags: if options.tags { Some(storage.column(tags_now)?) } else { None },
            addresses: if options.address_index { Some(AddressIndex::new(storage)?) } else { None },
            has_columns: options.tags || options.address_index,
            live: 0,
            most_live: storage.max_blocks().into(),
            holes: 0,
            mask: options.granularity - 1,
        })
    }

    /// Makes sure that a block and `holes` holes can be [added](Self::add).
    #[inline(always)]
    pub(crate) fn reserve(&mut self, holes: u32) -> Result<()> {
        if self.live >= self.most_live {
            return Err(self.out_of_metadata());
        }
        match self.has_columns {
            false => self.reserve_slots(1 + holes),
            true => self.reserve_many(1, holes),
        }
    }

    /// Makes sure that `count` slots can be taken for holes.
    #[inline(always)]
    pub(crate) fn reserve_slots(&mut self, count: u32) -> Result<()> {
        self.records.reserve(count).map_err(|StorageFull| self.out_of_metadata())
    }

    /// Makes sure that so many blocks can be added; more than one only where there is no address index.
    #[inline(never)]
    pub(crate) fn reserve_many(&mut self, blocks: u64, holes: u32) -> Result<()> {
        if blocks > self.most_live - self.live {
            return Err(self.out_of_metadata());
        }
        let count = u32::try_from(blocks).map_err(|_| self.out_of_metadata())?.saturating_add(holes);
        let reserved = self.records.reserve(count).and_then(|()| match &mut self.addresses {
            Some(addresses) => addresses.reserve(),
            None => Ok(()),
        });
        let reserved = reserved.and_then(|()| match &mut self.tags {
            // Whatever slots are taken next, they lie below this.
            Some(tags) => {
                tags.extend_to((self.records.len() as usize + count as usize).min(self.records.most()))
            }
            None => Ok(()),
        });
        reserved.map_err(|StorageFull| self.out_of_metadata())
    }

    pub(crate) fn out_of_metadata(&self) -> AllocError {
        AllocError::OutOfMetadata { blocks: self.live }
    }

    /// Enters a block between two neighbours, who do not know yet. The caller has [reserved](Self::reserve).
    #[inline(always)]
    pub(crate) fn add(&mut self, record: Record, tag: u32) -> Result<BlockId> {
        let Ok((slot, entry)) = self.records.take() else {
            return Err(AllocError::OutOfMetadata { blocks: self.live });
        };
        let generation = entry.generation + 1;
        *entry = Record { generation, ..record };
        self.live += 1;
        if self.has_columns {
            self.fill_columns(slot, tag);
        }
        Ok(BlockId::new(slot, generation))
    }

    /// Strikes a live block out.
    #[inline(always)]
    pub(crate) fn remove(&mut self, slot: u32) {
        self.kill(slot);
        self.bury(slot);
    }

    /// Makes the id of a live block stale, but keeps its record, so that the links through it stay.
    #[inline(always)]
    pub(crate) fn kill(&mut self, slot: u32) {
        if let Some(addresses) = &mut self.addresses {
            addresses.remove(&self.records, slot);
        }
        self.live -= 1;
        self.records.get_mut(slot).generation += 1;
    }

    /// Gives back a record that nobody needs: a block's that was [killed](Self::kill), or a hole's. One whose
    /// generations are used up is never used again: a wrapped one would let an old id match.
    #[inline(always)]
    pub(crate) fn bury(&mut self, slot: u32) {
        let record = self.records.get_mut(slot);
        record.detail = 0;
        if record.generation < LAST_GENERATION && self.records.give(slot) && self.has_columns {
            self.shrink_columns();
        }
    }

    #[cold]
    fn shrink_columns(&mut self) {
        let length = self.records.len() as usize;
        if let Some(tags) = &mut self.tags {
            tags.shrink_to(length);
        }
    }

    /// Enters a hole between two neighbours, who do not know yet. The caller has reserved.
    #[inline(always)]
    pub(crate) fn add_hole(&mut self, start: u64, size: u64, previous: Link, next: Link) -> Result<u32> {
        let Ok((slot, entry)) = self.records.take() else {
            return Err(AllocError::OutOfMetadata { blocks: self.live });
        };
        let generation = entry.generation;
        *entry = Record { start, requested: size, previous, next, generation, detail: HOLE };
        self.holes += 1;
        Ok(slot)
    }

    /// Takes a hole out.
    #[inline(always)]
    pub(crate) fn remove_hole(&mut self, hole: u32) {
        self.holes -= 1;
        self.bury(hole);
    }

    /// A live block becomes a hole where it is.
    #[inline(always)]
    pub(crate) fn block_to_hole(&mut self, slot: u32, size: u64) {
        if let Some(addresses) = &mut self.addresses {
            addresses.remove(&self.records, slot);
        }
        self.live -= 1;
        self.holes += 1;
        let record = self.records.get_mut(slot);
        record.generation += 1;
        record.requested = size;
        record.detail = HOLE;
    }

    /// A hole becomes a block where it is. `None` when the generations of its slot are used up.
    #[inline(always)]
    pub(crate) fn hole_to_block(&mut self, hole: u32, block: Record, tag: u32) -> Option<BlockId> {
        let record = self.records.get_mut(hole);
        if record.generation >= LAST_GENERATION {
            return None;
        }
        let generation = record.generation + 1;
        *record = Record { generation, ..block };
        self.holes -= 1;
        self.live += 1;
        if self.has_columns {
            self.fill_columns(hole, tag);
        }
        Some(BlockId::new(hole, generation))
    }

    /// The most live blocks that the table was made for.
    pub(crate) fn most_live(&self) -> u64 {
        self.most_live
    }

    /// How many holes there are. O(1).
    pub fn holes(&self) -> u64 {
        self.holes
    }

    /// First byte of a hole, for an index that does not keep [links](Self::links).
    #[inline(always)]
    pub fn hole_start(&self, hole: u32) -> u64 {
        self.records.get(hole).start
    }

    /// What a hole covers, for an index that does: it begins at the end of the block before it.
    #[inline(always)]
    pub fn extent_by_neighbour(&self, hole: u32) -> Extent {
        let record = self.records.get(hole);
        Extent { start: self.end_of(record.previous), size: record.requested }
    }

    /// One past the last byte of a block whose size is rounded to the granularity; 0 before the first.
    #[inline(always)]
    pub(crate) fn end_of(&self, block: Link) -> u64 {
        block.as_block().map_or(0, |slot| {
            let block = self.records.get(slot);
            block.start + ((block.requested + self.mask) & !self.mask)
        })
    }

    /// Bytes of a hole.
    #[inline(always)]
    pub fn hole_size(&self, hole: u32) -> u64 {
        self.records.get(hole).requested
    }

    /// Two numbers that the index keeps with the hole, in place of its start.
    #[inline(always)]
    pub fn links(&self, hole: u32) -> [u32; 2] {
        let word = self.records.get(hole).start;
        [word as u32, (word >> 32) as u32]
    }

    /// Sets the index's two numbers.
    #[inline(always)]
    pub fn set_links(&mut self, hole: u32, links: [u32; 2]) {
        self.records.get_mut(hole).start = u64::from(links[0]) | u64::from(links[1]) << 32;
    }

    /// Sets the first of the index's two numbers.
    #[inline(always)]
    pub fn set_first_link(&mut self, hole: u32, link: u32) {
        let word = &mut self.records.get_mut(hole).start;
        *word = *word >> 32 << 32 | u64::from(link);
    }

    /// Sets the second of the index's two numbers.
    #[inline(always)]
    pub fn set_second_link(&mut self, hole: u32, link: u32) {
        let word = &mut self.records.get_mut(hole).start;
        *word = u64::from(*word as u32) | u64::from(link) << 32;
    }

    /// True for the slot of a hole that there is.
    pub fn is_hole(&self, hole: u32) -> bool {
        self.records.try_get(hole).is_some_and(Record::is_hole)
    }

    /// Brings a record that was [killed](Self::kill) and not buried to life again, for a new block.
    #[inline(always)]
    pub(crate) fn revive(&mut self, slot: u32, requested: u64, detail: u32, tag: u32) {
        let record = self.records.get_mut(slot);
        record.requested = requested;
        record.generation += 1;
        record.detail = detail;
        self.live += 1;
        if self.has_columns {
            self.fill_columns(slot, tag);
        }
    }

    #[inline(never)]
    fn fill_columns(&mut self, slot: u32, tag: u32) {
        if let Some(tags) = &mut self.tags {
            tags[slot as usize] = tag;
        }
        if let Some(addresses) = &mut self.addresses {
            addresses.insert(&self.records, slot);
        }
    }

    /// True when no block will ever have this record again.
    #[inline(always)]
    pub(crate) fn is_retired(&self, slot: u32) -> bool {
        self.records.get(slot).generation >= LAST_GENERATION
    }

    /// The slot of a live block.
    ///
    /// # Errors
    /// `StaleId`, `UnknownId`.
    #[inline(always)]
    pub(crate) fn find(&self, id: BlockId) -> Result<u32> {
        match self.records.try_get(id.index()) {
            Some(record) if record.is_named_by(id) => Ok(id.index()),
            record => Err(self.not_found(id, record.map_or(0, |record| record.generation))),
        }
    }

    /// The record of a block that is to be freed: a stale id is a double free there.
    ///
    /// # Errors
    /// `DoubleFree`, `UnknownId`.
    #[inline(always)]
    pub(crate) fn find_to_free(&self, id: BlockId) -> Result<Record> {
        match self.records.try_get(id.index()) {
            Some(record) if record.is_named_by(id) => Ok(*record),
            record => match self.not_found(id, record.map_or(0, |record| record.generation)) {
                AllocError::StaleId { id } => Err(AllocError::DoubleFree { id }),
                other => Err(other),
            },
        }
    }

    #[cold]
    fn not_found(&self, id: BlockId, generation: u32) -> AllocError {
        let newest = generation.max(self.records.floor(id.index()));
        if id.generation() % 2 == 1 && id.generation() < newest {
            AllocError::StaleId { id }
        } else {
            AllocError::UnknownId { id }
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self, slot: u32) -> &Record {
        self.records.get(slot)
    }

    /// The record, whose start the caller leaves alone: [`relocate`](Self::relocate) changes that.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Record {
        self.records.get_mut(slot)
    }

    /// The record if the slot is in memory, for links of unknown origin.
    pub(crate) fn try_get(&self, slot: u32) -> Option<&Record> {
        self.records.try_get(slot)
    }

    /// The block moves without changing its place among its neighbours.
    pub(crate) fn relocate(&mut self, slot: u32, start: u64) {
        let old = self.records.get(slot).start;
        self.records.get_mut(slot).start = start;
        if let Some(addresses) = &mut self.addresses {
            addresses.moved(&self.records, slot, old);
        }
    }

    #[inline(always)]
    pub(crate) fn id(&self, slot: u32) -> BlockId {
        BlockId::new(slot, self.records.get(slot).generation)
    }

    pub(crate) fn len(&self) -> u64 {
        self.live
    }

    /// The live block with the highest start not above `offset`.
    ///
    /// # Errors
    /// `NoAddressIndex`.
    pub(crate) fn at_or_before(&self, offset: u64, operation: Operation) -> Result<Option<u32>> {
        match &self.addresses {
            Some(addresses) => Ok(addresses.at_or_before(&self.records, offset)),
            None => Err(AllocError::NoAddressIndex { operation }),
        }
    }

    pub(crate) fn has_address_index(&self) -> bool {
        self.addresses.is_some()
    }

    pub(crate) fn tag(&self, id: BlockId) -> Result<u32> {
        let slot = self.find(id)?;
        self.tags.as_ref().map(|tags| tags[slot as usize]).ok_or(AllocError::NoTags)
    }

    pub(crate) fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        let slot = self.find(id)?;
        let tags = self.tags.as_mut().ok_or(AllocError::NoTags)?;
        tags[slot as usize] = tag;
        Ok(())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.records.bytes()
    }

    pub(crate) fn optional_bytes(&self) -> usize {
        self.tags.as_ref().map_or(0, |tags| tags.bytes())
            + self.addresses.as_ref().map_or(0, |addresses| addresses.bytes())
    }
}

impl<S: Storage> RegionTable<S> {
    /// Checks the optional address index against the blocks in address order.
    pub(crate) fn validate_addresses(
        &self,
        in_order: impl Iterator<Item = u32>,
    ) -> core::result::Result<(), super::Corruption> {
        match &self.addresses {
            Some(addresses) => addresses.validate(&self.records, in_order),
            None => Ok(()),
        }
    }
}

impl<S: Storage> Clone for RegionTable<S>
where
    S::Slab<Record, CHUNK>: Clone,
    S::Column<u32>: Clone,
    AddressIndex<S>: Clone,
{
    fn clone(&self) -> Self {
        RegionTable {
            records: self.records.clone(),
            tags: self.tags.clone(),
            addresses: self.addresses.clone(),
            has_columns: self.has_columns,
            live: self.live,
            most_live: self.most_live,
            holes: self.holes,
            mask: self.mask,
        }
    }
}
