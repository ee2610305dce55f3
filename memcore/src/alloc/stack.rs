//! A stack: last in, first out.
//!
//! ```text
//! [ A | B | C |          free         ]      free(C), then free(B), then free(A); anything else is NotTop
//!             ^top
//! ```
//!
//! O(1) for everything, no fragmentation but alignment padding, and padding comes back with the block behind it.
//! Choose it where lifetimes nest: call frames, scopes, recursive algorithms.

use super::linear::{Linear, linear_calls};
use super::storage::{Growable, Storage};
use super::*;

/// A stack of blocks; see the [module](self).
///
/// ```
/// use memcore::alloc::{AllocError, Allocator, Request, Stack};
/// let mut stack = Stack::new(1024)?;
/// let below = stack.allocate(Request::new(100))?;
/// let top = stack.allocate(Request::new(200))?;
/// assert_eq!(stack.free(below.id), Err(AllocError::NotTop { id: below.id, top: top.id }));
/// stack.free(top.id)?;
/// stack.free(below.id)?;
/// # Ok::<(), AllocError>(())
/// ```
pub struct Stack<S: Storage = Growable> {
    linear: Linear<S>,
}

impl Stack {
    /// A stack with growable tables.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter), [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(options: impl Into<Options>) -> Result<Self> {
        Self::assemble(options.into(), &mut Growable::default())
    }
}

impl<S: Storage> Stack<S> {
    pub(crate) fn assemble(options: Options, storage: &mut S) -> Result<Self> {
        Ok(Stack { linear: Linear::assemble(options, storage)? })
    }

    /// An empty stack needs no preparation.
    pub(crate) fn open(&mut self) -> Result<()> {
        Ok(())
    }
}

impl<S: Storage> Allocator for Stack<S> {
    linear_calls!();

    fn name(&self) -> &'static str {
        "stack"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            free_in_any_order: false,
            reuses_freed: true,
            allocate_at: false,
            find_by_address: self.linear.blocks.has_address_index(),
            compaction: false,
            checkpoint: false,
            tags: self.linear.options.tags,
        }
    }

    fn free(&mut self, id: BlockId) -> Result<Block> {
        let slot = self.linear.find_last(id, self.linear.blocks.find_to_free(id).map(|_| id.index())?)?;
        let block = self.linear.block_of(slot);
        self.linear.pop();
        Ok(block)
    }
}

impl<S: Storage> Clone for Stack<S>
where
    Linear<S>: Clone,
{
    fn clone(&self) -> Self {
        Stack { linear: self.linear.clone() }
    }
}
