//! How often a block is pinned and locked. Only blocks that are have an entry.

use super::*;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holds {
    pub pins: u32,
    pub locks: u32,
}

impl Holds {
    pub fn count(&self) -> u32 {
        self.pins.saturating_add(self.locks)
    }
}

/// Which of the two counters is meant.
type Counter = fn(&mut Holds) -> &mut u32;

impl<A: Allocator, M: Memory> HandleHeap<A, M> {
    pub(super) fn hold(&mut self, handle: BlockId, block: &Block, counter: Counter) -> Result<()> {
        let full = |_| AllocError::OutOfMetadata { blocks: self.allocator.stats().blocks };
        self.holds.try_reserve(1).map_err(full)?;
        let holds = self.holds.entry(block.id).or_default();
        let count = holds.count();
        let counter = counter(holds);
        let held = HeapError::Held { handle: handle.to_bits(), holds: count };
        *counter = counter.checked_add(1).ok_or(held)?;
        Ok(())
    }

    pub(super) fn unhold(&mut self, handle: BlockId, counter: Counter) -> Result<()> {
        let id = self.find(handle)?.id;
        let not_held = HeapError::NotHeld { handle: handle.to_bits() };
        let holds = self.holds.get_mut(&id).ok_or(not_held)?;
        let count = counter(holds);
        *count = count.checked_sub(1).ok_or(not_held)?;
        if holds.count() == 0 {
            self.holds.remove(&id);
        }
        Ok(())
    }
}
