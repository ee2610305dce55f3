//! Sliding compaction of a free-list space: see [`compaction`](crate::alloc::compaction).

use super::*;
use crate::alloc::Regions;
use crate::alloc::compaction::Planner;

/// Slides blocks down, in address order, as far as the budget reaches and alignments allow.
pub(super) fn plan<I: FreeIndex<S>, S: Storage>(
    allocator: &HoleAllocator<I, S>,
    budget: Budget,
    pinned: &[BlockId],
) -> Result<CompactionPlan> {
    let mut planner = Planner::new(allocator, allocator.counters.changes(), budget, pinned)?;
    let granularity = allocator.options.granularity;
    let mut floor = 0;
    for block in Regions::new(allocator).filter_map(|region| region.block()) {
        // Moving by a multiple of the alignment keeps whatever point of the block was aligned.
        let step = allocator.alignment(block.id)?.max(granularity);
        let to = block.start - ((block.start - floor) & !(step - 1));
        floor = if planner.try_move(&block, to)? { to + block.size } else { block.end() };
    }
    Ok(planner.finish())
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
