//! Moving the segments together.

use super::error::SegmentMemoryError as Error;
use super::segments::{Place, SegmentMemory, Slot, range};
use crate::alloc::{Allocator, BlockId, Budget};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactionReport {
    /// Segments that have another base now.
    pub moved: u64,
    /// Bytes that were copied.
    pub bytes: u64,
}

impl SegmentMemory {
    /// Moves segments towards address 0, in their order, within a budget: contents are copied and bases rewritten.
    /// O(segments log segments + bytes copied).
    ///
    /// # Errors
    /// [`Alloc`](Error::Alloc) where the strategy cannot be compacted; [`OutOfMemory`](Error::OutOfMemory).
    pub fn compact(&mut self, budget: Budget) -> Result<CompactionReport, Error> {
        let plan = self.space.plan_compaction(budget, &[])?;
        let numbers = self.by_block()?;
        // Once it is carried out the bytes are moved; from there on nothing can fail.
        self.space.commit(&plan)?;
        let mut report = CompactionReport::default();
        for step in plan.moves() {
            self.bytes.copy_within(range(step.from, step.size), step.to as usize);
            report.moved += 1;
            report.bytes += step.size;
            let found = numbers.binary_search_by_key(&step.id, |&(block, _)| block);
            let number = found.ok().map(|index| numbers[index].1);
            if let Some(Slot::Segment(segment)) =
                number.and_then(|number| self.slots.get_mut(number as usize))
            {
                segment.place = Place::Memory { block: step.id, base: step.to };
            }
        }
        Ok(report)
    }

    /// Which segment has each block, by block.
    fn by_block(&self) -> Result<Vec<(BlockId, u32)>, Error> {
        let mut numbers = Vec::new();
        let bytes = (self.slots.len() as u64).saturating_mul(size_of::<(BlockId, u32)>() as u64);
        numbers.try_reserve_exact(self.slots.len()).map_err(|_| Error::OutOfMemory { bytes })?;
        for (number, slot) in (0..).zip(&self.slots) {
            if let Slot::Segment(segment) = slot {
                if let Place::Memory { block, .. } = segment.place {
                    numbers.push((block, number));
                }
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}
