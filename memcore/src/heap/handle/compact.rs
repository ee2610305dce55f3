//! The sweep: compaction in steps, each of which goes on where the last one ended.
//!
//! ```text
//! [A][B][C][   hole   ][D][ hole ][E]
//!       ^ the last block of the sweep: all before it is as close as it can be
//! ```
//!
//! A block that is freed at the sweep's place hands the place to the one before it. What changes behind the sweep waits
//! for the next one.

use super::*;
use crate::alloc::compaction::{CompactionPart, PartEnd};
use crate::alloc::{Budget, CompactionPlan, Operation};

/// Blocks looked at in one part: its plan is short.
const PART_BLOCKS: u64 = 256;
/// A move costs as much as looking at so many blocks, more or less.
const LOOKS_PER_MOVE: u64 = 4;
/// A step under a time budget.
#[cfg_attr(not(feature = "std"), allow(dead_code))]
const STEP: Budget = Budget { bytes: 64 << 10, moves: 64 };

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Compaction {
    /// Blocks moved.
    pub moves: u64,
    /// Bytes moved.
    pub bytes: u64,
    /// The largest hole beforehand.
    pub largest_hole_before: u64,
    /// The largest hole afterwards.
    pub largest_hole_after: u64,
    /// External fragmentation beforehand, as [`Stats`] defines it.
    pub fragmentation_before: f64,
    /// External fragmentation afterwards.
    pub fragmentation_after: f64,
    /// Nothing is left that could move, but for blocks larger than the whole budget.
    pub done: bool,
}

/// Where the compaction is.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// The last block looked at; none: at the beginning.
    reached: Option<BlockId>,
    /// Something has changed since the sweep began.
    changed: bool,
    /// Blocks that the sweep left as too large have this size at least.
    too_large: Option<u64>,
    /// A whole sweep has passed since the last change: nothing is left to move but what was too large.
    settled: bool,
}

impl Sweep {
    pub fn changed(&mut self) {
        self.changed = true;
        self.settled = false;
    }

    pub fn is_at(&self, id: BlockId) -> bool {
        self.reached == Some(id)
    }

    /// A block was freed; `before` lies before it.
    pub fn freed(&mut self, id: BlockId, before: Option<BlockId>) {
        if self.is_at(id) {
            self.reached = before;
        }
    }

    /// True when no block that the budget could move is left.
    fn is_settled(&self, budget: &Budget) -> bool {
        self.settled && self.too_large.is_none_or(|size| budget.bytes < size)
    }

    /// Everything is still to be looked at.
    fn begin(&mut self) {
        *self = Sweep::default();
    }

    fn at_end(&mut self) {
        self.settled = !self.changed;
        (self.reached, self.changed) = (None, false);
    }
}

impl<A: Allocator, M: Memory> HandleHeap<A, M> {
    /// Moves blocks together, at most `budget` of them, and tells what came of it. Handles stay, pinned blocks do too.
    ///
    /// Time: a call looks at 256 blocks and at most 4 for each block that it could move, and each move is a free and
    /// a copy; a call with nothing to do since the last complete sweep is O(1). A block of more bytes than
    /// the whole budget stays. With [`Budget::UNLIMITED`] everything is done in one call, in O(n).
    ///
    /// # Errors
    /// `Unsupported` for a strategy that cannot compact; `OutOfMetadata`, what was moved until then being moved.
    pub fn compact(&mut self, budget: Budget) -> Result<Compaction> {
        self.watch(|heap, done| heap.compact_within(budget, done))
    }

    /// Compacts in small steps as long as `keep_going` says so, which is asked before each: that is where a clock can
    /// be. A step moves 64 KiB, or one larger block.
    ///
    /// # Errors
    /// As [`compact`](Self::compact).
    pub fn compact_while(&mut self, mut keep_going: impl FnMut() -> bool) -> Result<Compaction> {
        self.watch(|heap, done| {
            while !done.done && keep_going() {
                heap.step(done)?;
            }
            Ok(())
        })
    }

    /// [`compact_while`](Self::compact_while) less than `time` has passed.
    ///
    /// # Errors
    /// As [`compact`](Self::compact).
    #[cfg(feature = "std")]
    pub fn compact_for(&mut self, time: core::time::Duration) -> Result<Compaction> {
        let begin = std::time::Instant::now();
        self.compact_while(|| begin.elapsed() < time)
    }

    /// The figures around a compaction.
    fn watch(
        &mut self,
        compact: impl FnOnce(&mut Self, &mut Compaction) -> Result<()>,
    ) -> Result<Compaction> {
        if !self.allocator.capabilities().compaction {
            let strategy = self.allocator.name();
            return Err(AllocError::Unsupported { operation: Operation::Compact, strategy }.into());
        }
        let before = self.allocator.stats();
        let mut done = Compaction::default();
        compact(self, &mut done)?;
        let after = self.allocator.stats();
        done.largest_hole_before = before.largest_hole;
        done.largest_hole_after = after.largest_hole;
        done.fragmentation_before = before.external_fragmentation();
        done.fragmentation_after = after.external_fragmentation();
        Ok(done)
    }

    fn compact_within(&mut self, budget: Budget, done: &mut Compaction) -> Result<()> {
        let movable = budget.moves.min(budget.bytes / GRANULARITY);
        let mut looks = PART_BLOCKS.saturating_add(movable.saturating_mul(LOOKS_PER_MOVE));
        let mut left = budget;
        while !self.sweep.is_settled(&budget) {
            if looks == 0 || left.moves == 0 {
                return Ok(());
            }
            let blocks = looks.min(PART_BLOCKS);
            looks -= blocks;
            let part = self.carry_out_part(blocks, left, done)?;
            left.bytes -= part.plan.bytes();
            left.moves -= part.plan.moves().len() as u64;
            match part.end {
                PartEnd::Budget(block) if block.size > budget.bytes => self.leave(&block),
                PartEnd::Budget(_) => return Ok(()),
                PartEnd::End | PartEnd::Looked => {}
            }
        }
        done.done = true;
        Ok(())
    }

    /// One step of [`compact_while`](Self::compact_while).
    fn step(&mut self, done: &mut Compaction) -> Result<()> {
        if !self.sweep.is_settled(&Budget::UNLIMITED) {
            let part = self.carry_out_part(PART_BLOCKS, STEP, done)?;
            if matches!(part.end, PartEnd::Budget(_)) && part.plan.moves().is_empty() {
                self.carry_out_part(1, Budget { moves: 1, ..Budget::UNLIMITED }, done)?;
            }
        }
        done.done = self.sweep.is_settled(&Budget::UNLIMITED);
        Ok(())
    }

    /// The sweep passes a block that is larger than the whole budget.
    fn leave(&mut self, block: &Block) {
        self.sweep.reached = Some(block.id);
        let size = self.sweep.too_large.map_or(block.size, |size| size.min(block.size));
        self.sweep.too_large = Some(size);
    }

    fn carry_out_part(
        &mut self,
        blocks: u64,
        budget: Budget,
        done: &mut Compaction,
    ) -> Result<CompactionPart> {
        if self.sweep.reached.is_none() {
            self.sweep.begin();
        }
        let holds = &self.holds;
        let is_pinned = |id| !holds.is_empty() && holds.get(&id).is_some_and(|holds| holds.pins > 0);
        let part = self.allocator.plan_compaction_part(self.sweep.reached, blocks, budget, &is_pinned)?;
        self.carry_out(&part.plan)?;
        done.moves += part.plan.moves().len() as u64;
        done.bytes += part.plan.bytes();
        match part.end {
            PartEnd::End => self.sweep.at_end(),
            PartEnd::Looked | PartEnd::Budget(_) => self.sweep.reached = part.reached,
        }
        Ok(part)
    }

    /// The tables first, which may refuse; then the bytes, which cannot.
    fn carry_out(&mut self, plan: &CompactionPlan) -> Result<()> {
        if plan.moves().is_empty() {
            return Ok(());
        }
        for step in plan.moves() {
            Self::check_range(step.from, step.size, self.written)?;
            Self::check_range(step.to, step.size, self.written)?;
        }
        self.allocator.commit(plan)?;
        for step in plan.moves() {
            // SAFETY: both ranges lie within the memory, and the heap is borrowed uniquely. In the order of the plan no
            // block is written over that is still to be moved, and pinned blocks are no part of it.
            unsafe { ptr::copy(self.at(step.from), self.at(step.to), step.size as usize) };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_goes_on_when_the_block_where_it_was_is_freed() {
        let bytes: &'static mut [u8] = std_alloc::vec![0; 40_000].leak();
        let mut heap = HandleHeap::new(&Strategy::FirstFit, Borrowed::new(bytes)).unwrap();
        let live: std_alloc::vec::Vec<BlockId> = (0..4000).map(|_| heap.allocate(8, 8).unwrap()).collect();
        // Nothing can move but the last block, far away.
        for &id in &live[..3998] {
            heap.pin(id).unwrap();
        }
        heap.free(live[3998]).unwrap();
        let mut steps = 0;
        while heap.compact(Budget { bytes: 8, moves: 1 }).unwrap().moves == 0 {
            steps += 1;
            assert!(steps < 40, "the sweep begins anew each time");
            let reached = heap.sweep.reached.unwrap();
            assert_eq!(heap.holds(reached), Ok((1, 0)));
            heap.unpin(reached).unwrap();
            heap.free(reached).unwrap();
        }
        assert!(steps > 5, "a step looked at too many blocks");
        heap.validate().unwrap();
    }
}
