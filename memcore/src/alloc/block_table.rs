//! The table of live blocks: what an id means.
//!
//! ```text
//! id = (generation | index)
//!                     |
//!                     v
//! records  [ start | requested | previous | next | generation | detail ]   32 bytes, two to a cache line
//! tags     [ u32 ]                                                          optional column
//! addresses  start -> index, ordered                                        optional, a B+ tree
//! ```
//!
//! `previous` and `next` lead to the neighbours in the space, so that merging needs no search. `detail` is the
//! strategy's: the order of a buddy block, say. A block's size is not stored: every strategy derives it from what
//! was requested and the detail.

use super::address_index::AddressIndex;
use super::storage::{Column, NIL, Slab, Slot, Storage, StorageFull};
use super::{AllocError, BlockId, Operation, Options, Result};
use bytemuck::{Pod, Zeroable};

/// Slots per chunk: 4 KiB of records, so that an emptied part of a large table can go back.
pub(crate) const CHUNK: usize = 128;

/// After this generation a slot is never used again.
const LAST_GENERATION: u32 = u32::MAX - 1;

/// A neighbour in the space: a block, a hole (high bit), or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub(crate) struct Link(u32);

impl Link {
    pub const NONE: Link = Link(NIL);
    const HOLE: u32 = 1 << 31;

    #[inline(always)]
    pub fn block(slot: u32) -> Self {
        Link(slot)
    }

    #[inline(always)]
    pub fn hole(slot: u32) -> Self {
        Link(slot | Self::HOLE)
    }

    #[inline(always)]
    pub fn as_hole(self) -> Option<u32> {
        if self.0 & Self::HOLE != 0 && self.0 != NIL { Some(self.0 & !Self::HOLE) } else { None }
    }

    #[inline(always)]
    pub fn as_block(self) -> Option<u32> {
        if self.0 & Self::HOLE == 0 { Some(self.0) } else { None } // NONE has the bit of a hole
    }

    pub fn to_bits(self) -> u32 {
        self.0
    }

    pub fn from_bits(bits: u32) -> Self {
        Link(bits)
    }
}

/// What the table keeps of a block.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(32))]
pub(crate) struct Record {
    pub start: u64,
    pub requested: u64,
    pub previous: Link,
    pub next: Link,
    pub generation: u32,
    pub detail: u32,
}

impl Record {
    pub fn is_live(&self) -> bool {
        self.generation % 2 == 1
    }
}

impl Slot for Record {
    fn vacant(floor: u32) -> Self {
        Record { generation: floor, ..Record::zeroed() }
    }

    #[inline(always)]
    fn free_link(&self) -> u32 {
        self.next.to_bits()
    }

    #[inline(always)]
    fn set_free_link(&mut self, next: u32) {
        self.next = Link::from_bits(next);
    }

    fn generation(&self) -> u32 {
        self.generation
    }
}

/// Live blocks by id, and the optional columns.
pub(crate) struct BlockTable<S: Storage> {
    records: S::Slab<Record, CHUNK>,
    tags: Option<S::Column<u32>>,
    addresses: Option<AddressIndex<S>>,
    /// There are tags or addresses.
    has_columns: bool,
    live: u64,
}

impl<S: Storage> BlockTable<S> {
    pub fn new(storage: &mut S, options: &Options) -> Result<Self> {
        let most = storage.max_blocks();
        let tags_now = if options.tags { storage.fixed_length(most) } else { 0 };
        Ok(BlockTable {
            records: storage.slab(most)?,
            tags: if options.tags { Some(storage.column(tags_now)?) } else { None },
            addresses: if options.address_index { Some(AddressIndex::new(storage)?) } else { None },
            has_columns: options.tags || options.address_index,
            live: 0,
        })
    }

    /// Makes sure that the next [`add`](Self::add) succeeds.
    #[inline(always)]
    pub fn reserve(&mut self) -> Result<()> {
        match self.has_columns {
            false => self.records.reserve(1).map_err(|StorageFull| self.out_of_metadata()),
            true => self.reserve_many(1),
        }
    }

    /// Makes sure that the next `blocks` calls of [`add`](Self::add) succeed; more than one only where there is no
    /// address index.
    #[inline(never)]
    pub fn reserve_many(&mut self, blocks: u64) -> Result<()> {
        let count = u32::try_from(blocks).map_err(|_| self.out_of_metadata())?;
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

    pub fn out_of_metadata(&self) -> AllocError {
        AllocError::OutOfMetadata { blocks: self.live }
    }

    /// Enters a block. The caller has [reserved](Self::reserve).
    #[inline(always)]
    pub fn add(&mut self, start: u64, requested: u64, detail: u32, tag: u32) -> Result<u32> {
        let Ok(slot) = self.records.take() else { return Err(self.out_of_metadata()) };
        self.records.get_mut(slot).start = start;
        self.revive(slot, requested, detail, tag);
        Ok(slot)
    }

    /// Strikes a live block out.
    #[inline(always)]
    pub fn remove(&mut self, slot: u32) {
        self.kill(slot);
        self.bury(slot);
    }

    /// Makes the id of a live block stale, but keeps its record, so that the links through it stay.
    #[inline(always)]
    pub fn kill(&mut self, slot: u32) {
        if let Some(addresses) = &mut self.addresses {
            addresses.remove(&self.records, slot);
        }
        self.live -= 1;
        self.records.get_mut(slot).generation += 1;
    }

    /// Gives back the record of a block that was [killed](Self::kill), unless its generations are used up: a
    /// wrapped one would let an old id match.
    #[inline(always)]
    pub fn bury(&mut self, slot: u32) {
        if self.is_retired(slot) {
            return;
        }
        self.records.give(slot);
        if self.records.trim(slot) {
            let length = self.records.len() as usize;
            if let Some(tags) = &mut self.tags {
                tags.shrink_to(length);
            }
        }
    }

    /// Brings a record that was [killed](Self::kill) and not buried to life again, for a new block.
    #[inline(always)]
    pub fn revive(&mut self, slot: u32, requested: u64, detail: u32, tag: u32) {
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
    pub fn is_retired(&self, slot: u32) -> bool {
        self.records.get(slot).generation >= LAST_GENERATION
    }

    /// The slot of a live block.
    ///
    /// # Errors
    /// `StaleId`, `UnknownId`.
    #[inline(always)]
    pub fn find(&self, id: BlockId) -> Result<u32> {
        match self.records.try_get(id.index()) {
            Some(record) if record.generation == id.generation() => Ok(id.index()),
            record => Err(self.not_found(id, record.map_or(0, |record| record.generation))),
        }
    }

    /// As [`find`](Self::find), for a call of free: a stale id is a double free there.
    #[inline(always)]
    pub fn find_to_free(&self, id: BlockId) -> Result<u32> {
        self.find(id).map_err(|error| match error {
            AllocError::StaleId { id } => AllocError::DoubleFree { id },
            other => other,
        })
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
    pub fn get(&self, slot: u32) -> &Record {
        self.records.get(slot)
    }

    /// The record, whose start the caller leaves alone: [`relocate`](Self::relocate) changes that.
    #[inline(always)]
    pub fn get_mut(&mut self, slot: u32) -> &mut Record {
        self.records.get_mut(slot)
    }

    /// The record if the slot is in memory, for links of unknown origin.
    pub fn try_get(&self, slot: u32) -> Option<&Record> {
        self.records.try_get(slot)
    }

    /// The block moves without changing its place among its neighbours.
    pub fn relocate(&mut self, slot: u32, start: u64) {
        let old = self.records.get(slot).start;
        self.records.get_mut(slot).start = start;
        if let Some(addresses) = &mut self.addresses {
            addresses.moved(&self.records, slot, old);
        }
    }

    #[inline(always)]
    pub fn id(&self, slot: u32) -> BlockId {
        BlockId::new(slot, self.records.get(slot).generation)
    }

    pub fn len(&self) -> u64 {
        self.live
    }

    /// The live block with the highest start not above `offset`.
    ///
    /// # Errors
    /// `NoAddressIndex`.
    pub fn at_or_before(&self, offset: u64, operation: Operation) -> Result<Option<u32>> {
        match &self.addresses {
            Some(addresses) => Ok(addresses.at_or_before(&self.records, offset)),
            None => Err(AllocError::NoAddressIndex { operation }),
        }
    }

    pub fn has_address_index(&self) -> bool {
        self.addresses.is_some()
    }

    pub fn tag(&self, id: BlockId) -> Result<u32> {
        let slot = self.find(id)?;
        self.tags.as_ref().map(|tags| tags[slot as usize]).ok_or(AllocError::NoTags)
    }

    pub fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        let slot = self.find(id)?;
        let tags = self.tags.as_mut().ok_or(AllocError::NoTags)?;
        tags[slot as usize] = tag;
        Ok(())
    }

    pub fn bytes(&self) -> usize {
        self.records.bytes()
    }

    pub fn optional_bytes(&self) -> usize {
        self.tags.as_ref().map_or(0, |tags| tags.bytes())
            + self.addresses.as_ref().map_or(0, |addresses| addresses.bytes())
    }
}

impl<S: Storage> BlockTable<S> {
    /// Checks the optional address index against the blocks in address order.
    pub fn validate_addresses(
        &self,
        in_order: impl Iterator<Item = u32>,
    ) -> core::result::Result<(), super::Corruption> {
        match &self.addresses {
            Some(addresses) => addresses.validate(&self.records, in_order),
            None => Ok(()),
        }
    }
}

impl<S: Storage> Clone for BlockTable<S>
where
    S::Slab<Record, CHUNK>: Clone,
    S::Column<u32>: Clone,
    AddressIndex<S>: Clone,
{
    fn clone(&self) -> Self {
        BlockTable {
            records: self.records.clone(),
            tags: self.tags.clone(),
            addresses: self.addresses.clone(),
            has_columns: self.has_columns,
            live: self.live,
        }
    }
}
