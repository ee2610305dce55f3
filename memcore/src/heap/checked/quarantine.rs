//! Freed blocks that wait before their bytes are used again, oldest first.
//!
//! ```text
//!   free ->  [ newest | ... | ... | oldest ]  -> looked at, then free in the heap inside
//!            at most so many bytes in all
//! ```
//!
//! The longer bytes wait, the more of the writes through pointers that should be forgotten are found, and the fewer go
//! into somebody else's block.

use std_alloc::collections::VecDeque;

/// A freed block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// Its first byte.
    pub payload: usize,
    /// Where the block of the heap inside begins.
    pub start: usize,
    /// Usable bytes of that block.
    pub held: usize,
    /// Bytes that were asked for.
    pub size: usize,
}

#[derive(Debug, Default)]
pub(super) struct Quarantine {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    limit: usize,
}

impl Quarantine {
    pub fn new(limit: usize) -> Quarantine {
        Quarantine { limit, ..Quarantine::default() }
    }

    /// Bytes held now.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Blocks held now.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes of its table.
    pub fn metadata_bytes(&self) -> usize {
        self.waiting.capacity() * size_of::<Waiting>()
    }

    /// True when a block may wait: it alone is within the limit, and the table has room. O(1) amortised.
    #[inline]
    pub fn takes(&mut self, held: usize) -> bool {
        held <= self.limit && (self.limit != 0) && self.waiting.try_reserve(1).is_ok()
    }

    /// Takes a block that it [`takes`](Self::takes).
    pub fn push(&mut self, waiting: Waiting) {
        self.bytes += waiting.held;
        self.waiting.push_back(waiting);
    }

    /// The oldest block, when there are more bytes than shall be.
    pub fn pop_over_limit(&mut self) -> Option<Waiting> {
        if self.bytes > self.limit { self.pop() } else { None }
    }

    /// The oldest block.
    pub fn pop(&mut self) -> Option<Waiting> {
        let oldest = self.waiting.pop_front()?;
        self.bytes -= oldest.held;
        Some(oldest)
    }
}
