//! What a bump arena and a stack share: blocks side by side, a top, and nothing but space above it.
//!
//! ```text
//! [ block | block | gap | block |            free            ]
//! 0                             top                    capacity
//! ```
//!
//! Gaps are alignment padding and, in an arena, freed blocks: dead bytes, until the top comes back below them.

use super::bump_core::BumpCore;
use super::record::{Link, Record};
use super::request::Fit;
use super::stats::Counters;
use super::storage::Storage;
use super::table::RegionTable;
use super::*;

pub(crate) struct Linear<S: Storage> {
    pub options: Options,
    pub core: BumpCore,
    pub blocks: RegionTable<S>,
    pub first: Link,
    pub last: Link,
    /// Records in the chain, those of dead blocks included: the bound on blocks is one on them.
    records: u64,
    pub counters: Counters,
}

/// A record of the chain, live or dead, has this bit in its detail; the alignment's logarithm is below it.
const IN_CHAIN: u32 = 1 << 31;

/// A block's generation while it lived, of a record that is live or dead.
pub fn lived(generation: u32) -> u32 {
    generation.wrapping_sub(1) | 1
}

impl<S: Storage> Linear<S> {
    pub fn assemble(options: Options, storage: &mut S) -> Result<Self> {
        let options = options.checked()?;
        Ok(Linear {
            blocks: RegionTable::new(storage, &options, 0)?,
            options,
            core: BumpCore::new(options)?,
            first: Link::NONE,
            last: Link::NONE,
            records: 0,
            counters: Counters::default(),
        })
    }

    pub fn fit(&self, request: &Request) -> Result<Fit> {
        Fit::new(request, self.options.capacity, self.options.granularity)
    }

    pub fn can_allocate(&self, request: &Request) -> bool {
        self.fit(request).is_ok_and(|fit| self.core.place(&fit, request).is_ok())
    }

    pub fn allocate(&mut self, request: &Request) -> Result<Block> {
        let fit = self.fit(request)?;
        let start = self.core.place(&fit, request)?;
        if self.records >= self.blocks.most_live() {
            return Err(self.blocks.out_of_metadata());
        }
        self.blocks.reserve(0)?;
        let detail = request.alignment.ilog2() | IN_CHAIN;
        let (previous, next) = (self.last, Link::NONE);
        let record = Record { start, requested: request.size, previous, next, generation: 0, detail };
        let slot = self.blocks.add(record, request.tag)?.index();
        match self.last.as_block() {
            Some(last) => self.blocks.get_mut(last).next = Link::block(slot),
            None => self.first = Link::block(slot),
        }
        self.last = Link::block(slot);
        let end = start + fit.size;
        self.core.set_top(end);
        self.records += 1;
        self.counters.allocated(request.size, fit.size, end);
        Ok(self.block_of(slot))
    }

    pub fn block_of(&self, slot: u32) -> Block {
        let Record { start, requested, .. } = *self.blocks.get(slot);
        let mask = self.options.granularity - 1;
        Block { id: self.blocks.id(slot), start, size: (requested + mask) & !mask, requested }
    }

    pub fn end_of(&self, slot: u32) -> u64 {
        let Record { start, requested, .. } = *self.blocks.get(slot);
        let mask = self.options.granularity - 1;
        start + ((requested + mask) & !mask)
    }

    /// The slot of a block that has to be the last one. Who is the last one may be dead, in an arena.
    pub fn find_last(&self, id: BlockId, slot: u32) -> Result<u32> {
        match self.last.as_block() {
            Some(last) if last != slot => {
                let top = BlockId::new(last, lived(self.blocks.get(last).generation));
                Err(AllocError::NotTop { id, top })
            }
            _ => Ok(slot),
        }
    }

    /// Takes the last record out of the chain, its block with it if it still lives.
    pub fn pop(&mut self) {
        let Some(slot) = self.last.as_block() else { return };
        if self.blocks.get(slot).is_live() {
            let block = self.block_of(slot);
            self.counters.freed(block.requested, block.size);
            self.blocks.kill(slot);
        }
        let previous = self.blocks.get(slot).previous;
        self.blocks.bury(slot);
        self.records -= 1;
        self.last = previous;
        match previous.as_block() {
            Some(last) => {
                self.blocks.get_mut(last).next = Link::NONE;
                self.core.set_top(self.end_of(last));
            }
            None => {
                self.first = Link::NONE;
                self.core.set_top(0);
            }
        }
    }

    /// Changes the size of the last block.
    pub fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
        let fit = self.fit(&Request::new(size))?;
        let slot = self.find_last(id, self.blocks.find(id)?)?;
        let old = self.block_of(slot);
        let available = self.options.capacity - old.start;
        if fit.size > available {
            return Err(AllocError::NoRoomInPlace { id, size, available });
        }
        self.blocks.get_mut(slot).requested = size;
        let end = old.start + fit.size;
        self.core.set_top(end);
        self.counters.resized((old.requested, old.size), (size, fit.size), end);
        Ok(self.block_of(slot))
    }

    pub fn is_in_chain(&self, slot: u32) -> Option<&Record> {
        self.blocks.try_get(slot).filter(|record| record.detail & IN_CHAIN != 0)
    }

    pub fn alignment(&self, id: BlockId) -> Result<u64> {
        Ok(1 << (self.blocks.get(self.blocks.find(id)?).detail & 63))
    }

    pub fn containing(&self, offset: u64) -> Result<Block> {
        let slot = self.blocks.at_or_before(offset, Operation::Containing)?;
        let block = slot.map(|slot| self.block_of(slot)).filter(|block| offset < block.end());
        block.ok_or(AllocError::UnknownOffset { offset })
    }

    pub fn stats(&self) -> Stats {
        let (room, dead) = (self.core.room(), self.core.top() - self.counters.used);
        let holes = u64::from(room > 0);
        self.counters.stats(self.options.capacity, dead, self.blocks.len(), holes, room)
    }

    /// The cursor's link is the next block not passed; its offset, how far the walk has come.
    pub fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        let from = cursor.offset;
        let mut link = if cursor.started { Link::from_bits(cursor.link as u32) } else { self.first };
        let mut live = None;
        while let Some(slot) = link.as_block() {
            let record = self.is_in_chain(slot)?;
            if record.is_live() {
                live = Some(self.block_of(slot));
                break;
            }
            link = record.next;
        }
        let region = match live {
            Some(block) if block.start == from => {
                link = link.as_block().map_or(Link::NONE, |slot| self.blocks.get(slot).next);
                Region::used(block)
            }
            Some(block) => Region::dead(from, block.start.checked_sub(from)?),
            None if from < self.core.top() => Region::dead(from, self.core.top() - from),
            None if from < self.options.capacity => Region::hole(from, self.options.capacity - from),
            None => return None,
        };
        *cursor = RegionCursor { started: true, link: link.to_bits().into(), offset: region.end(), inner: 0 };
        Some(region)
    }

    pub fn grow(&mut self, capacity: u64) -> Result<()> {
        self.core.grow(capacity)?;
        self.options.capacity = capacity & !(self.options.granularity - 1);
        Ok(())
    }

    pub fn reset(&mut self) {
        while self.last != Link::NONE {
            self.pop();
        }
        self.core.set_top(0);
    }

    pub fn validate(&self) -> core::result::Result<(), Corruption> {
        let (mut link, mut previous, mut end) = (self.first, Link::NONE, 0);
        let (mut used, mut requested, mut live) = (0, 0, 0);
        while let Some(slot) = link.as_block() {
            let Some(record) = self.is_in_chain(slot) else {
                return Err(Corruption { what: "the chain leads to a slot that is not in use", at: end });
            };
            Corruption::unless(record.previous == previous, "neighbours disagree", record.start)?;
            Corruption::unless(record.start >= end, "blocks overlap", record.start)?;
            end = self.end_of(slot);
            if record.is_live() {
                live += 1;
                used += end - record.start;
                requested += record.requested;
            }
            (previous, link) = (link, record.next);
        }
        Corruption::unless(previous == self.last, "the chain ends elsewhere", end)?;
        Corruption::unless(
            end == self.core.top(),
            "the top is not the end of the last block",
            self.core.top(),
        )?;
        Corruption::unless(
            self.core.top() <= self.options.capacity,
            "the top passes the end",
            self.core.top(),
        )?;
        Corruption::unless(live == self.blocks.len(), "the count of blocks is wrong", live)?;
        Corruption::unless(used == self.counters.used, "the used bytes are wrong", used)?;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)?;
        let chain =
            core::iter::successors(self.first.as_block(), |&slot| self.blocks.get(slot).next.as_block());
        self.blocks.validate_addresses(chain.filter(|&slot| self.blocks.get(slot).is_live()))
    }
}

impl<S: Storage> Clone for Linear<S>
where
    RegionTable<S>: Clone,
{
    fn clone(&self) -> Self {
        Linear { blocks: self.blocks.clone(), ..*self }
    }
}

/// The calls of [`Allocator`] that an arena and a stack answer alike.
macro_rules! linear_calls {
    () => {
        fn capacity(&self) -> u64 {
            self.linear.options.capacity
        }
        fn granularity(&self) -> u64 {
            self.linear.options.granularity
        }
        #[inline]
        fn allocate(&mut self, request: Request) -> Result<Block> {
            self.linear.allocate(&request)
        }
        fn can_allocate(&self, request: Request) -> bool {
            self.linear.can_allocate(&request)
        }
        fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
            self.linear.resize(id, size)
        }
        fn block(&self, id: BlockId) -> Result<Block> {
            Ok(self.linear.block_of(self.linear.blocks.find(id)?))
        }
        fn alignment(&self, id: BlockId) -> Result<u64> {
            self.linear.alignment(id)
        }
        fn containing(&self, offset: u64) -> Result<Block> {
            self.linear.containing(offset)
        }
        fn tag(&self, id: BlockId) -> Result<u32> {
            self.linear.blocks.tag(id)
        }
        fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
            self.linear.blocks.set_tag(id, tag)
        }
        fn used(&self) -> u64 {
            self.linear.counters.used
        }
        fn stats(&self) -> Stats {
            self.linear.stats()
        }
        fn metadata_bytes(&self) -> usize {
            size_of::<Self>() + self.linear.blocks.bytes()
        }
        fn optional_bytes(&self) -> usize {
            self.linear.blocks.optional_bytes()
        }
        fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
            self.linear.next_region(cursor)
        }
        fn grow(&mut self, capacity: u64) -> Result<()> {
            self.linear.grow(capacity)
        }
        fn reset(&mut self) -> Result<()> {
            self.linear.reset();
            Ok(())
        }
        fn validate(&self) -> core::result::Result<(), Corruption> {
            self.linear.validate()
        }
    };
}
pub(crate) use linear_calls;
