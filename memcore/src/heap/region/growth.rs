//! Growth: what happens when the strategy says that there is no room, and memory can have more.
//!
//! ```text
//! space   [ blocks and holes | hole ]                         no room for the request
//!         [ blocks and holes | hole | as much as is asked for ]   once more; then twice as much, up to the limit
//! ```
//!
//! The last hole grows with the space, so that what is asked for is enough for most strategies at once; those that round
//! (TLSF, buddy) may need more.

use super::{GRAIN, HEADER, Heap};
use crate::alloc::storage::Storage;
use crate::alloc::{AllocError, Allocator, Block, Request};
use crate::heap::{HeapError, Memory, Result};

impl<A: Allocator, M: Memory, S: Storage> Heap<A, M, S> {
    /// Places a request in a larger space, where `first` says that this one is too small. On failure the first error is
    /// told, or the system's; the space may have grown.
    #[cold]
    #[inline(never)]
    pub(super) fn allocate_in_more(&mut self, request: Request, first: AllocError) -> Result<Block> {
        if !self.could_fit(&request, &first) {
            return Err(first.into());
        }
        let mut step = request.size.saturating_add(request.alignment - GRAIN as u64);
        let mut last = first;
        loop {
            let capacity = self.allocator.capacity();
            match self.grow_by(step) {
                Ok(()) if self.allocator.capacity() > capacity => {}
                Err(error @ HeapError::System { .. }) => return Err(error),
                Ok(()) | Err(_) => return Err(first.into()),
            }
            match self.allocator.allocate(request) {
                Ok(block) => return Ok(block),
                Err(error) if error == last || !is_want_of_room(&error) => return Err(first.into()),
                Err(error) => last = error,
            }
            step = step.saturating_mul(2);
        }
    }

    /// False when no growth would help.
    fn could_fit(&self, request: &Request, error: &AllocError) -> bool {
        let limit = self.memory.limit();
        let is_want = match *error {
            // A pool says so of its slots.
            AllocError::TooLarge { capacity, .. } => capacity == self.allocator.capacity(),
            ref error => is_want_of_room(error),
        };
        if limit == self.memory.len() || !is_want {
            return false;
        }
        // The first aligned payload of an empty space of all the bytes there could be.
        let (start, mask) = (self.memory.start().addr().get(), request.alignment as usize - 1);
        let payload = (self.base() + HEADER).checked_add(mask).map(|end| end & !mask);
        let end = payload.and_then(|payload| payload.checked_add(request.size as usize - HEADER));
        end.is_some_and(|end| end - start <= limit)
    }

    /// Makes the space larger by `step` bytes, or as far as the memory goes.
    fn grow_by(&mut self, step: u64) -> Result<()> {
        let limit = self.memory.limit();
        let wanted = self.allocator.capacity().saturating_add(step).saturating_add(self.skip as u64);
        self.memory.grow(usize::try_from(wanted).unwrap_or(limit).min(limit))?;
        let span = self.memory.len() - self.skip;
        self.starts.extend_to(span).map_err(AllocError::from)?;
        self.allocator.grow(span as u64)?;
        Ok(())
    }
}

fn is_want_of_room(error: &AllocError) -> bool {
    matches!(error, AllocError::OutOfSpace { .. } | AllocError::TooLarge { .. })
}
