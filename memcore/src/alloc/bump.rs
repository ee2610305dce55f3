//! A bump arena: allocation is an addition, and memory comes back all at once.
//!
//! ```text
//! [ A | B | C | D |          free         ]      allocate: top += size
//!         ^       ^top                           free(B): dead, until the top comes back below it
//!     checkpoint                                 rewind(checkpoint): C and D are freed, top goes back
//! ```
//!
//! O(1) for everything but a rewind, which visits the blocks that it frees, because their ids must become stale.
//! Choose it for work in phases: parse, use, drop. Freed blocks keep their 32-byte record until the arena is
//! rewound past them; so that a checkpoint can always tell whether it still is a state of this arena.

use super::linear::{Linear, linear_calls, lived};
use super::storage::{Growable, Storage};
use super::*;

/// A bump arena; see the [module](self).
///
/// ```
/// use memcore::alloc::{Allocator, Bump, Request};
/// let mut arena = Bump::new(1024)?;
/// let kept = arena.allocate(Request::new(100))?;
/// let mark = arena.checkpoint()?;
/// let lost = arena.allocate(Request::new(200))?;
/// arena.rewind(mark)?;
/// assert!(arena.block(kept.id).is_ok());
/// assert!(arena.block(lost.id).is_err());
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
pub struct Bump<S: Storage = Growable> {
    linear: Linear<S>,
}

impl Bump {
    /// An arena with growable tables.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter), [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(options: impl Into<Options>) -> Result<Self> {
        Self::assemble(options.into(), &mut Growable::default())
    }
}

impl<S: Storage> Bump<S> {
    pub(crate) fn assemble(options: Options, storage: &mut S) -> Result<Self> {
        Ok(Bump { linear: Linear::assemble(options, storage)? })
    }

    /// An empty arena needs no preparation.
    pub(crate) fn open(&mut self) -> Result<()> {
        Ok(())
    }
}

impl<S: Storage> Allocator for Bump<S> {
    linear_calls!();

    fn name(&self) -> &'static str {
        "bump"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: false,
            allocate_at: false,
            find_by_address: self.linear.blocks.has_address_index(),
            compaction: false,
            checkpoint: true,
            tags: self.linear.options.tags,
        }
    }

    fn free(&mut self, id: BlockId) -> Result<Block> {
        let slot = self.linear.blocks.find_to_free(id).map(|_| id.index())?;
        let block = self.linear.block_of(slot);
        self.linear.blocks.kill(slot);
        self.linear.counters.freed(block.requested, block.size);
        Ok(block)
    }

    fn checkpoint(&self) -> Result<Checkpoint> {
        let last = self.linear.last.as_block();
        let last = last.map(|slot| (slot, lived(self.linear.blocks.get(slot).generation)));
        Ok(Checkpoint { position: self.linear.core.top(), last })
    }

    fn rewind(&mut self, checkpoint: Checkpoint) -> Result<()> {
        if let Some((slot, generation)) = checkpoint.last {
            // The block in front of the checkpoint is still there, or the arena was rewound past it.
            let there =
                self.linear.is_in_chain(slot).is_some_and(|record| lived(record.generation) == generation);
            if !there {
                return Err(AllocError::BadCheckpoint { position: checkpoint.position });
            }
        }
        while self.linear.last.as_block() != checkpoint.last.map(|(slot, _)| slot) {
            self.linear.pop();
        }
        Ok(())
    }
}

impl<S: Storage> Clone for Bump<S>
where
    Linear<S>: Clone,
{
    fn clone(&self) -> Self {
        Bump { linear: self.linear.clone() }
    }
}
