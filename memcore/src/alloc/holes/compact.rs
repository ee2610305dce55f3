//! Sliding compaction of a free-list space: see [`compaction`](crate::alloc::compaction).

use super::*;
use crate::alloc::Regions;
use crate::alloc::compaction::{CompactionPart, PartEnd, Planner};

/// Slides blocks down, in address order, as far as the budget reaches and alignments allow.
pub(super) fn plan<I: FreeIndex<S>, S: Storage>(
    allocator: &HoleAllocator<I, S>,
    budget: Budget,
    pinned: &[BlockId],
) -> Result<CompactionPlan> {
    let mut planner = Planner::new(allocator, allocator.counters.changes(), budget, pinned)?;
    let mut floor = 0;
    for block in Regions::new(allocator).filter_map(|region| region.block()) {
        let to = target(allocator, &block, floor)?;
        floor = if planner.try_move(&block, to)? { to + block.size } else { block.end() };
    }
    Ok(planner.finish())
}

/// The same for the blocks behind `after`, at most so many, up to the first that the budget keeps.
pub(super) fn plan_part<I: FreeIndex<S>, S: Storage>(
    allocator: &HoleAllocator<I, S>,
    after: Option<BlockId>,
    blocks: u64,
    budget: Budget,
    is_pinned: &dyn Fn(BlockId) -> bool,
) -> Result<CompactionPart> {
    let table = &allocator.chain.table;
    let mut planner = Planner::unpinned(table.len(), allocator.counters.changes(), budget);
    let (mut cursor, mut floor, mut reached) = (RegionCursor::default(), 0, None);
    if let Some(slot) = after.and_then(|id| table.find(id).ok()) {
        let block = allocator.block_of(slot);
        let (link, offset) = (table.get(slot).next.to_bits().into(), block.end());
        cursor = RegionCursor { started: true, link, offset, inner: 0 };
        (floor, reached) = (offset, after);
    }
    let mut looked = 0;
    while looked < blocks {
        let Some(region) = allocator.next_region(&mut cursor) else {
            return Ok(CompactionPart { plan: planner.finish(), reached, end: PartEnd::End });
        };
        let Some(block) = region.block() else { continue };
        let mut to = target(allocator, &block, floor)?;
        if to != block.start && is_pinned(block.id) {
            to = block.start;
        }
        if to != block.start && !planner.affords(&block) {
            return Ok(CompactionPart { plan: planner.finish(), reached, end: PartEnd::Budget(block) });
        }
        planner.try_move(&block, to)?;
        (floor, reached) = (to + block.size, Some(block.id));
        looked += 1;
    }
    Ok(CompactionPart { plan: planner.finish(), reached, end: PartEnd::Looked })
}

/// Where a block goes when all before it ends at `floor`: moving by a multiple of the alignment keeps whatever point
/// of the block was aligned.
fn target<I: FreeIndex<S>, S: Storage>(
    allocator: &HoleAllocator<I, S>,
    block: &Block,
    floor: u64,
) -> Result<u64> {
    let step = allocator.alignment(block.id)?.max(allocator.options.granularity);
    Ok(block.start - ((block.start - floor) & !(step - 1)))
}

impl<I: FreeIndex<S>, S: Storage> HoleAllocator<I, S> {
    pub(super) fn carry_out(&mut self, plan: &CompactionPlan) -> Result<()> {
        plan.check_current(self.counters.changes())?;
        // One hole more, at most, for each block that keeps a pad in front of it for its alignment; and never more
        // holes than blocks and one.
        let (moves, table) = (plan.moves().len() as u64, &self.chain.table);
        let most = table.len() + 1;
        let more = moves.min(most - table.holes()) as u32;
        self.chain.table.reserve_slots(more)?;
        let reserved = self.index.reserve_many(moves, most);
        reserved.map_err(|StorageFull| self.chain.table.out_of_metadata())?;
        for step in plan.moves() {
            let slot = self.chain.table.find(step.id)?;
            self.slide(slot, step.to)?;
            self.counters.other_changes += 1;
        }
        self.index.compacted();
        Ok(())
    }
}
