//! Splitting and merging: the free-list allocator, written once around a [`FreeIndex`].
//!
//! ```text
//! space   [ block A ][ hole 0 ][ block B ][ block C ][ hole 1        ]
//!            |    <->    |  <->   |   <->    |   <->    |               neighbours, both ways
//! index               { hole 0, hole 1 }                                who serves the next request
//!
//! free B:   hole 0 grows over B, keeps its slot           (the four cases: no neighbour is a hole: a new one;
//! free C:   hole 0 grows over C and hole 1, which goes     the one before grows; the one after grows downwards;
//!                                                          both: the one before takes all)
//! ```
//!
//! Blocks and holes cover the space without gap, and two holes never touch: freeing merges at once, in constant time.
//!
//! Metadata lies outside the space: 32 bytes a block or hole in the [table](super::RegionTable), and what the index
//! holds.

pub mod address_ordered;
pub mod best_recent;
mod bins;
mod compact;
mod edit;
pub mod index;
pub mod size_ordered;
pub mod tlsf;

pub use address_ordered::AddressOrdered;
pub use best_recent::BestRecent;
pub use index::{Extent, FreeIndex, Place};
pub use size_ordered::SizeOrdered;
pub use tlsf::{Tlsf as TlsfIndex, TlsfLowest as TlsfLowestIndex, TlsfParameters};

pub(crate) use size_ordered::{BySize, validate_sorted};

use super::chain::Chain;
use super::compaction::{Budget, CompactionPart, CompactionPlan};
use super::record::{Link, Record};
use super::request::Fit;
use super::stats::Counters;
use super::storage::{Growable, Storage, StorageFull};
use super::{
    AllocError, Allocator, Block, BlockId, Capabilities, Corruption, Operation, Options, Region,
    RegionCursor, Regions, Request, Result, StartRule, Stats,
};

/// First fit: the lowest aligned start at which the request fits.
pub type FirstFit<S = Growable> = HoleAllocator<AddressOrdered<S, false>, S>;
/// Next fit: first fit from the end of the last block placed, wrapping round.
pub type NextFit<S = Growable> = HoleAllocator<AddressOrdered<S, true>, S>;
/// Best fit: the smallest hole that fits, the lowest of equal ones.
pub type BestFit<S = Growable> = HoleAllocator<SizeOrdered<S, false>, S>;
/// Best fit: the smallest hole that fits, the most recent of equal ones.
pub type BestFitRecent<S = Growable> = HoleAllocator<BestRecent<S>, S>;
/// Worst fit: the largest hole, the lowest of equal ones.
pub type WorstFit<S = Growable> = HoleAllocator<SizeOrdered<S, true>, S>;
/// Two-level segregated fit, the most recent hole of a bin: O(1).
pub type Tlsf<S = Growable> = HoleAllocator<TlsfIndex<S>, S>;
/// Two-level segregated fit, the lowest hole of a bin.
pub type TlsfLowest<S = Growable> = HoleAllocator<TlsfLowestIndex<S>, S>;

/// An allocator whose holes are found by the index `I`; see the [module](self).
pub struct HoleAllocator<I, S: Storage = Growable> {
    options: Options,
    chain: Chain<S>,
    index: I,
    counters: Counters,
}

impl<I: FreeIndex<Growable>> HoleAllocator<I, Growable> {
    /// An allocator with growable tables and the policy's default parameters. O(1).
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter) for a granularity that is not a power of two or a capacity
    /// below it; [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(options: impl Into<Options>) -> Result<Self> {
        Self::in_storage(options, I::Parameters::default(), &mut Growable::default())
    }
}

impl<I: FreeIndex<S>, S: Storage> HoleAllocator<I, S> {
    /// An allocator in a storage of the caller's choice. O(1), or O(size of the bins).
    ///
    /// # Errors
    /// As [`new`](HoleAllocator::new), and [`BadParameter`](AllocError::BadParameter) for one of the policy's;
    /// [`OutOfMetadata`](AllocError::OutOfMetadata) when a fixed buffer is too small.
    pub fn in_storage(
        options: impl Into<Options>,
        parameters: I::Parameters,
        storage: &mut S,
    ) -> Result<Self> {
        let mut allocator = Self::assemble(options.into(), parameters, storage)?;
        allocator.open()?;
        Ok(allocator)
    }

    /// The empty tables, not yet ready for use.
    pub(crate) fn assemble(options: Options, parameters: I::Parameters, storage: &mut S) -> Result<Self> {
        let options = options.checked()?;
        Ok(HoleAllocator {
            chain: Chain::new(storage, &options, index::most_merged_holes(storage))?,
            index: I::new(storage, &options, parameters)?,
            options,
            counters: Counters::default(),
        })
    }

    /// Makes the whole space one hole.
    pub(crate) fn open(&mut self) -> Result<()> {
        self.add_space(0, self.options.capacity)
    }
}

impl<I: FreeIndex<S>, S: Storage> Allocator for HoleAllocator<I, S> {
    fn name(&self) -> &'static str {
        I::NAME
    }

    fn capabilities(&self) -> Capabilities {
        let by_address = self.chain.table.has_address_index();
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: by_address,
            find_by_address: by_address,
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
        let fit = Fit::new(&request, self.options.capacity, self.options.granularity)?;
        let Some((place, way)) = self.index.find(&self.chain.table, &fit) else {
            return Err(self.out_of_space(&request));
        };
        let block = self.place(place, Some(&way), &fit, &request)?;
        self.index.placed(block.end());
        Ok(block)
    }

    fn allocate_at(&mut self, start: u64, request: Request) -> Result<Block> {
        let fit = Fit::new(&request, self.options.capacity, self.options.granularity)?;
        let (needs, multiple) = (StartRule::Start, self.options.granularity);
        if start & (multiple - 1) != 0 {
            return Err(AllocError::BadStart { start, needs, multiple });
        }
        if fit.pad(start) != 0 {
            let needs = StartRule::BiasedStart;
            return Err(AllocError::BadStart { start, needs, multiple: request.alignment });
        }
        let before = self.chain.table.at_or_before(start, Operation::AllocateAt)?;
        let after = before.map_or(self.chain.first, |slot| self.chain.table.get(slot).next);
        let taken = AllocError::RangeTaken { start, size: fit.size };
        let hole = after.as_hole().ok_or(taken)?;
        let (hole_start, hole_size) = (self.hole_start(hole), self.chain.table.hole_size(hole));
        let offset = start.checked_sub(hole_start).ok_or(taken)?;
        if offset >= hole_size || fit.size > hole_size - offset {
            return Err(taken);
        }
        let block = self.place(Place { hole, hole_start, hole_size, start }, None, &fit, &request)?;
        self.index.placed(block.end());
        Ok(block)
    }

    fn can_allocate(&self, request: Request) -> bool {
        Fit::new(&request, self.options.capacity, self.options.granularity)
            .is_ok_and(|fit| self.index.find(&self.chain.table, &fit).is_some())
    }

    #[inline]
    fn free(&mut self, id: BlockId) -> Result<Block> {
        let record = self.chain.table.find_to_free(id)?;
        let (start, requested) = (record.start, record.requested);
        let block = Block { id, start, size: self.rounded(requested), requested };
        self.release(&record, &block)?;
        Ok(block)
    }

    fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
        let fit = Fit::new(&Request::new(size), self.options.capacity, self.options.granularity)?;
        let slot = self.chain.table.find(id)?;
        self.resize_in_place(slot, &fit, size)
    }

    fn block(&self, id: BlockId) -> Result<Block> {
        Ok(self.block_of(self.chain.table.find(id)?))
    }

    fn alignment(&self, id: BlockId) -> Result<u64> {
        Ok(1 << self.chain.table.get(self.chain.table.find(id)?).detail)
    }

    fn containing(&self, offset: u64) -> Result<Block> {
        let slot = self.chain.table.at_or_before(offset, Operation::Containing)?;
        let block = slot.map(|slot| self.block_of(slot)).filter(|block| offset < block.end());
        block.ok_or(AllocError::UnknownOffset { offset })
    }

    fn tag(&self, id: BlockId) -> Result<u32> {
        self.chain.table.tag(id)
    }

    fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        self.chain.table.set_tag(id, tag)
    }

    fn used(&self) -> u64 {
        self.counters.used
    }

    fn stats(&self) -> Stats {
        let largest = self.index.largest(&self.chain.table);
        self.counters.stats(
            self.options.capacity,
            0,
            self.chain.table.len(),
            self.chain.table.holes(),
            largest,
        )
    }

    fn largest_hole(&self) -> u64 {
        self.index.largest(&self.chain.table)
    }

    fn largest_sure(&self) -> u64 {
        self.index.largest_sure(&self.chain.table)
    }

    fn metadata_bytes(&self) -> usize {
        size_of::<Self>() + self.chain.table.bytes() + self.index.bytes()
    }

    fn optional_bytes(&self) -> usize {
        self.chain.table.optional_bytes()
    }

    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        self.chain.next_region(cursor, |record| self.rounded(record.requested))
    }

    fn grow(&mut self, capacity: u64) -> Result<()> {
        let wanted = capacity & !(self.options.granularity - 1);
        let capacity = self.options.capacity;
        if wanted < capacity {
            return Err(AllocError::CapacityShrink { capacity, wanted });
        }
        if wanted > capacity {
            self.add_space(capacity, wanted - capacity)?;
            self.options.capacity = wanted;
            self.counters.other_changes += 1;
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        // The lowest block has at most one region before it, so that this is O(n).
        while let Some(block) = Regions::new(&*self).find_map(|region| region.block()) {
            self.free(block.id)?;
        }
        Ok(())
    }

    fn plan_compaction(&self, budget: Budget, pinned: &[BlockId]) -> Result<CompactionPlan> {
        compact::plan(self, budget, pinned)
    }

    fn plan_compaction_part(
        &self,
        after: Option<BlockId>,
        blocks: u64,
        budget: Budget,
        is_pinned: &dyn Fn(BlockId) -> bool,
    ) -> Result<CompactionPart> {
        compact::plan_part(self, after, blocks, budget, is_pinned)
    }

    fn commit(&mut self, plan: &CompactionPlan) -> Result<()> {
        self.carry_out(plan)
    }

    fn neighbours(&self, id: BlockId) -> Result<(Option<Block>, Option<Block>)> {
        let slot = self.chain.table.find(id)?;
        let table = &self.chain.table;
        // Two holes never touch, so behind a hole is a block.
        let block = |link: Link| link.as_block().map(|slot| self.block_of(slot));
        let Record { previous, next, .. } = *table.get(slot);
        let before = previous.as_hole().map_or(previous, |hole| table.get(hole).previous);
        let after = next.as_hole().map_or(next, |hole| table.get(hole).next);
        Ok((block(before), block(after)))
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.check()
    }
}

impl<I: Clone, S: Storage> Clone for HoleAllocator<I, S>
where
    Chain<S>: Clone,
{
    fn clone(&self) -> Self {
        HoleAllocator {
            options: self.options,
            chain: self.chain.clone(),
            index: self.index.clone(),
            counters: self.counters,
        }
    }
}
