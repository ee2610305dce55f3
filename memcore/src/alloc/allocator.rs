//! The one interface of every strategy.
//!
//! A strategy decides who gets which range of an abstract space `[0, capacity)`. It never touches the bytes: the
//! space may be memory, a file, a GPU heap, ids. What the calls mean for each strategy is in the table of the
//! [room's essay](super); what a strategy cannot do is a typed error, which
//! [`capabilities`](Allocator::capabilities) foretells.

use super::compaction::{Budget, CompactionPart, CompactionPlan, PartEnd};
use super::{AllocError, Block, BlockId, Corruption, Fit, Histogram, Region, Request, Result, Stats};
use core::fmt;
use std_alloc::{collections::BTreeMap, vec::Vec};

/// What a caller may want and a strategy may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// [`Allocator::free_at`].
    FreeAt,
    /// [`Allocator::block_at`].
    BlockAt,
    /// [`Allocator::containing`].
    Containing,
    /// [`Allocator::allocate_at`].
    AllocateAt,
    /// [`Allocator::plan_compaction`] and [`Allocator::commit`].
    Compact,
    /// [`Allocator::checkpoint`] and [`Allocator::rewind`].
    Checkpoint,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::FreeAt => "free by address",
            Operation::BlockAt => "find a block by its start",
            Operation::Containing => "find the block around an offset",
            Operation::AllocateAt => "allocate at a wanted address",
            Operation::Compact => "compact",
            Operation::Checkpoint => "take checkpoints",
        })
    }
}

/// What a strategy can do. Where an entry is false the call is [`AllocError::Unsupported`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Blocks may be freed in any order (false: only the last one, else [`AllocError::NotTop`]).
    pub free_in_any_order: bool,
    /// Freed bytes can be allocated again at once (false: they stay dead for a while).
    pub reuses_freed: bool,
    /// [`Allocator::allocate_at`] works.
    pub allocate_at: bool,
    /// [`Allocator::free_at`], [`Allocator::block_at`] and [`Allocator::containing`] work, made as it was.
    pub find_by_address: bool,
    /// [`Allocator::plan_compaction`] and [`Allocator::commit`] work.
    pub compaction: bool,
    /// [`Allocator::checkpoint`] and [`Allocator::rewind`] work.
    pub checkpoint: bool,
    /// [`Allocator::tag`], [`Allocator::set_tag`] and [`Allocator::usage_by_tag`] work, made as it was.
    pub tags: bool,
}

/// Marks a state of a bump arena to [rewind](Allocator::rewind) to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Where the next block would have begun.
    pub position: u64,
    /// The block in front of the position, live or dead: slot and generation. None: the arena was empty.
    pub(crate) last: Option<(u32, u32)>,
}

/// A place in a walk over the [regions](Regions) of a space.
///
/// It is good until the allocator changes. Afterwards it still is safe: it then ends early or goes on somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RegionCursor {
    pub(crate) started: bool,
    pub(crate) link: u64,
    pub(crate) offset: u64,
    /// Within a region of the strategy behind this one.
    pub(crate) inner: u64,
}

/// Blocks and bytes that share a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagUsage {
    /// Live blocks.
    pub blocks: u64,
    /// Bytes they asked for.
    pub requested: u64,
    /// Bytes they take.
    pub used: u64,
}

/// Hands out ranges of an abstract space `[0, capacity)`.
///
/// Each call either succeeds or leaves the allocator as it was. Times are per call; n is the number of live
/// blocks, h of holes.
pub trait Allocator {
    /// The strategy's name, without parameters: `first-fit`, `tlsf`, ...
    fn name(&self) -> &'static str;

    /// What the strategy can do. O(1).
    fn capabilities(&self) -> Capabilities;

    /// Bytes of the space, after rounding down. O(1).
    fn capacity(&self) -> u64;

    /// Starts and sizes are multiples of it. O(1).
    fn granularity(&self) -> u64;

    /// Hands out a block.
    ///
    /// Time: first, next, best (lowest tie) and worst fit, buddy: O(log h), and O(holes rejected) more for an
    /// alignment above the granularity. TLSF, pool, bump, stack: O(1). The address index adds O(log n). May take
    /// memory for tables, never more than one chunk per table.
    ///
    /// # Errors
    /// Those of a bad [`Request`]; [`OutOfSpace`](AllocError::OutOfSpace);
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    fn allocate(&mut self, request: Request) -> Result<Block>;

    /// Hands out the block that begins at `start`. A tie-break does not matter, the rover of next fit moves.
    ///
    /// Time: as a look-up by address and an allocation.
    ///
    /// # Errors
    /// Those of [`allocate`](Self::allocate); [`BadStart`](AllocError::BadStart) for a start that is not a
    /// multiple of the granularity or not aligned as asked; [`RangeTaken`](AllocError::RangeTaken);
    /// [`NoAddressIndex`](AllocError::NoAddressIndex); [`Unsupported`](AllocError::Unsupported).
    fn allocate_at(&mut self, start: u64, request: Request) -> Result<Block> {
        let _ = (start, request);
        Err(AllocError::Unsupported { operation: Operation::AllocateAt, strategy: self.name() })
    }

    /// True when [`allocate`](Self::allocate) would succeed, memory for tables permitting. Changes nothing.
    /// Time as for `allocate`.
    fn can_allocate(&self, request: Request) -> bool;

    /// What a block for this request would take from the space: its size, rounded up as the strategy does. O(1).
    ///
    /// # Errors
    /// Those of a bad [`Request`].
    fn size_for(&self, request: &Request) -> Result<u64> {
        Ok(Fit::new(request, self.capacity(), self.granularity())?.size)
    }

    /// Takes a block back and tells what it was.
    ///
    /// Time: as [`allocate`](Self::allocate). May take memory for tables of holes, in growable storage only.
    ///
    /// # Errors
    /// [`DoubleFree`](AllocError::DoubleFree) for the id of any block that was freed before, however long ago;
    /// [`UnknownId`](AllocError::UnknownId); [`NotTop`](AllocError::NotTop) on a stack;
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    fn free(&mut self, id: BlockId) -> Result<Block>;

    /// [`free`](Self::free) of the block that begins at `start`.
    ///
    /// # Errors
    /// [`UnknownStart`](AllocError::UnknownStart) and those of `free` and [`block_at`](Self::block_at).
    fn free_at(&mut self, start: u64) -> Result<Block> {
        match self.block_at(start) {
            Ok(block) => self.free(block.id),
            Err(AllocError::NoAddressIndex { .. }) => {
                Err(AllocError::NoAddressIndex { operation: Operation::FreeAt })
            }
            Err(error) => Err(error),
        }
    }

    /// Changes the size of a block where it is. Shrinking to a size that is not 0 always succeeds, save on a stack
    /// or in an arena for a block that is not the last.
    ///
    /// Time: as [`allocate`](Self::allocate).
    ///
    /// # Errors
    /// [`ZeroSize`](AllocError::ZeroSize), [`Overflow`](AllocError::Overflow), [`TooLarge`](AllocError::TooLarge);
    /// [`StaleId`](AllocError::StaleId), [`UnknownId`](AllocError::UnknownId);
    /// [`NoRoomInPlace`](AllocError::NoRoomInPlace) with the most it could have; [`NotTop`](AllocError::NotTop);
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    fn resize(&mut self, id: BlockId, size: u64) -> Result<Block>;

    /// The block that an id names. O(1).
    ///
    /// # Errors
    /// [`StaleId`](AllocError::StaleId), [`UnknownId`](AllocError::UnknownId).
    fn block(&self, id: BlockId) -> Result<Block>;

    /// The alignment that a block was asked with. O(1).
    ///
    /// # Errors
    /// As [`block`](Self::block).
    fn alignment(&self, id: BlockId) -> Result<u64>;

    /// The block that begins at `start`. O(log n) through the address index.
    ///
    /// # Errors
    /// [`UnknownStart`](AllocError::UnknownStart), [`NoAddressIndex`](AllocError::NoAddressIndex).
    fn block_at(&self, start: u64) -> Result<Block> {
        match self.containing(start) {
            Ok(block) if block.start == start => Ok(block),
            Ok(_) | Err(AllocError::UnknownOffset { .. }) => Err(AllocError::UnknownStart { start }),
            Err(AllocError::NoAddressIndex { .. }) => {
                Err(AllocError::NoAddressIndex { operation: Operation::BlockAt })
            }
            Err(error) => Err(error),
        }
    }

    /// The block that holds `offset`. O(log n) through the address index.
    ///
    /// # Errors
    /// [`UnknownOffset`](AllocError::UnknownOffset), [`NoAddressIndex`](AllocError::NoAddressIndex).
    fn containing(&self, offset: u64) -> Result<Block>;

    /// The tag of a block. O(1).
    ///
    /// # Errors
    /// [`NoTags`](AllocError::NoTags) and those of [`block`](Self::block).
    fn tag(&self, id: BlockId) -> Result<u32>;

    /// Replaces the tag of a block. O(1).
    ///
    /// # Errors
    /// As [`tag`](Self::tag).
    fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()>;

    /// The figures of the space. O(1); for TLSF O(holes in its largest bin), for the sake of `largest_hole`.
    fn stats(&self) -> Stats;

    /// Bytes of live blocks, rounding included. O(1).
    fn used(&self) -> u64;

    /// The largest hole. Time as [`stats`](Self::stats).
    fn largest_hole(&self) -> u64 {
        self.stats().largest_hole
    }

    /// The largest size of which an unaligned request is sure to succeed now. It is the largest hole, except for
    /// strategies that round (TLSF, buddy) or hand out in slots (pool). O(1), TLSF included.
    fn largest_sure(&self) -> u64 {
        self.largest_hole()
    }

    /// Bytes that the tables hold now, without the optional columns. O(chunks of the tables).
    fn metadata_bytes(&self) -> usize;

    /// Bytes that the optional columns (tags, address index) hold now. O(chunks of the tables).
    fn optional_bytes(&self) -> usize;

    /// One step of a walk in address order: see [`Regions`]. O(1).
    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region>;

    /// Makes the space larger; it ends at `capacity`, rounded down, afterwards. Time as a free.
    ///
    /// # Errors
    /// [`CapacityShrink`](AllocError::CapacityShrink); [`OutOfMetadata`](AllocError::OutOfMetadata).
    fn grow(&mut self, capacity: u64) -> Result<()>;

    /// Frees every block. Their ids become stale; peaks and counts go on. O(n) frees.
    ///
    /// # Errors
    /// [`OutOfMetadata`](AllocError::OutOfMetadata) in growable storage when there is no memory for a hole.
    fn reset(&mut self) -> Result<()>;

    /// Marks the state of an arena. O(1).
    ///
    /// # Errors
    /// [`Unsupported`](AllocError::Unsupported).
    fn checkpoint(&self) -> Result<Checkpoint> {
        Err(AllocError::Unsupported { operation: Operation::Checkpoint, strategy: self.name() })
    }

    /// Frees every block that was allocated after the checkpoint. O(blocks rewound).
    ///
    /// # Errors
    /// [`BadCheckpoint`](AllocError::BadCheckpoint) when the arena was rewound past it since;
    /// [`Unsupported`](AllocError::Unsupported).
    fn rewind(&mut self, checkpoint: Checkpoint) -> Result<()> {
        let _ = checkpoint;
        Err(AllocError::Unsupported { operation: Operation::Checkpoint, strategy: self.name() })
    }

    /// Plans how to move blocks together, within a budget, without moving the `pinned` ones. Changes nothing.
    /// See [`compaction`](super::compaction). O(n).
    ///
    /// # Errors
    /// [`Unsupported`](AllocError::Unsupported); for a pinned id, those of [`block`](Self::block);
    /// [`OutOfMetadata`](AllocError::OutOfMetadata) when there is no memory for the plan.
    fn plan_compaction(&self, budget: Budget, pinned: &[BlockId]) -> Result<CompactionPlan> {
        let _ = (budget, pinned);
        Err(AllocError::Unsupported { operation: Operation::Compact, strategy: self.name() })
    }

    /// Plans a part of a compaction, so that a long one can be done in many short steps: begins behind the live
    /// block `after` (else, or where that is stale, at the lowest address), looks at `blocks` blocks at most, and stops
    /// at the first that the budget keeps from moving. Changes nothing. See [`compaction`](super::compaction).
    ///
    /// Free-list spaces: O(blocks looked at). A pool plans the whole each time, in O(n), and then says
    /// [`PartEnd::Looked`] with nothing reached until nothing is left to move.
    ///
    /// # Errors
    /// [`Unsupported`](AllocError::Unsupported); [`OutOfMetadata`](AllocError::OutOfMetadata) when there is no memory
    /// for the plan.
    fn plan_compaction_part(
        &self,
        after: Option<BlockId>,
        blocks: u64,
        budget: Budget,
        is_pinned: &dyn Fn(BlockId) -> bool,
    ) -> Result<CompactionPart> {
        let _ = (after, blocks);
        let mut pinned = Vec::new();
        for block in Regions::new(self).filter_map(|region| region.block()) {
            if is_pinned(block.id) {
                let full = |_| AllocError::OutOfMetadata { blocks: self.stats().blocks };
                pinned.try_reserve(1).map_err(full)?;
                pinned.push(block.id);
            }
        }
        let plan = self.plan_compaction(budget, &pinned)?;
        let end = if !plan.moves().is_empty() {
            PartEnd::Looked
        } else {
            match self.plan_compaction(Budget::UNLIMITED, &pinned)?.moves().first() {
                Some(step) => PartEnd::Budget(self.block(step.id)?),
                None => PartEnd::End,
            }
        };
        Ok(CompactionPart { plan, reached: None, end })
    }

    /// The blocks before and after a block in address order, whatever holes are between.
    ///
    /// O(1) in free-list spaces, O(n) elsewhere.
    ///
    /// ```
    /// # use memcore::alloc::{Allocator, FirstFit, Request};
    /// let mut space = FirstFit::new(100)?;
    /// let [a, b, c] = [10, 20, 30].map(|size| space.allocate(Request::new(size)).unwrap());
    /// space.free(b.id)?;
    /// assert_eq!(space.neighbours(a.id)?, (None, Some(c)));
    /// # Ok::<(), memcore::alloc::AllocError>(())
    /// ```
    ///
    /// # Errors
    /// As [`block`](Self::block).
    fn neighbours(&self, id: BlockId) -> Result<(Option<Block>, Option<Block>)> {
        let this = self.block(id)?;
        let mut before = None;
        for block in Regions::new(self).filter_map(|region| region.block()) {
            if block.start > this.start {
                return Ok((before, Some(block)));
            }
            if block.start < this.start {
                before = Some(block);
            }
        }
        Ok((before, None))
    }

    /// Carries out a plan, after the caller has copied the bytes in its order. Ids stay as they are.
    /// O(moves) times a free.
    ///
    /// # Errors
    /// [`OutdatedPlan`](AllocError::OutdatedPlan) when the space has changed since;
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    fn commit(&mut self, plan: &CompactionPlan) -> Result<()> {
        let _ = plan;
        Err(AllocError::Unsupported { operation: Operation::Compact, strategy: self.name() })
    }

    /// Checks every invariant of the tables. O(n log n).
    ///
    /// # Errors
    /// The first that is broken.
    fn validate(&self) -> core::result::Result<(), Corruption>;

    /// Counts live blocks by size. O(n).
    fn block_histogram(&self) -> Histogram {
        let mut histogram = Histogram::default();
        Regions::new(self).filter_map(|region| region.block()).for_each(|block| histogram.add(block.size));
        histogram
    }

    /// Counts holes by size. O(n).
    fn hole_histogram(&self) -> Histogram {
        let mut histogram = Histogram::default();
        Regions::new(self)
            .filter(|region| region.kind == super::RegionKind::Hole)
            .for_each(|hole| histogram.add(hole.size));
        histogram
    }

    /// What lives under each tag, tags ascending: a leak report when everything should be free. O(n log tags).
    ///
    /// # Errors
    /// [`NoTags`](AllocError::NoTags).
    fn usage_by_tag(&self) -> Result<Vec<(u32, TagUsage)>> {
        if !self.capabilities().tags {
            return Err(AllocError::NoTags);
        }
        let mut usage = BTreeMap::<u32, TagUsage>::new();
        for block in Regions::new(self).filter_map(|region| region.block()) {
            let entry = usage.entry(self.tag(block.id)?).or_default();
            entry.blocks += 1;
            entry.requested += block.requested;
            entry.used += block.size;
        }
        Ok(usage.into_iter().collect())
    }
}

/// The regions of a space in address order: blocks, holes and dead parts, without gap or overlap.
///
/// ```
/// use memcore::alloc::{Allocator, FirstFit, Regions, Request};
/// let mut space = FirstFit::new(1024)?;
/// let first = space.allocate(Request::new(100))?;
/// space.allocate(Request::new(200))?;
/// space.free(first.id)?;
/// let sizes: Vec<u64> = Regions::new(&space).map(|region| region.size).collect();
/// assert_eq!(sizes, [100, 200, 724]);
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
pub struct Regions<'a, A: ?Sized> {
    allocator: &'a A,
    cursor: RegionCursor,
}

impl<'a, A: Allocator + ?Sized> Regions<'a, A> {
    /// A walk from the lowest address. O(1), as is each step.
    pub fn new(allocator: &'a A) -> Self {
        Regions { allocator, cursor: RegionCursor::default() }
    }
}

impl<A: Allocator + ?Sized> Iterator for Regions<'_, A> {
    type Item = Region;

    fn next(&mut self) -> Option<Region> {
        self.allocator.next_region(&mut self.cursor)
    }
}
