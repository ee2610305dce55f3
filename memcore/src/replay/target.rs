//! What a trace drives: the small contract between the event loop and whoever hands out the ranges.
//!
//! ```text
//! event loop          Target                      alloc::Allocator          PlainTarget<T>
//!   allocation  -->   place(request)         -->  allocate                  T::allocate(size, alignment)
//!   realloc     -->   resize_in_place(h, n)  -->  resize                    T::resize, or refused
//!   free        -->   release(h)             -->  free                      T::free(start)
//!   sample      -->   gaps(), metadata       -->  a walk over the regions   a walk over the blocks seen
//! ```
//!
//! The calls are generic, not virtual: a replay of a concrete allocator has its code in the loop.

use std::error::Error;

use super::fragmentation::Gaps;
use crate::alloc::{Allocator, Block, BlockId, Request};

/// Why a target did not do what it was asked.
#[derive(Debug)]
pub enum Refusal {
    /// It cannot, now or ever: no room, not in place, not out of order. The replay counts it and goes on.
    Refused,
    /// It is broken: the replay ends with this error as [`ReplayError::Target`](super::ReplayError::Target).
    Broken(Box<dyn Error + Send + Sync>),
}

impl Refusal {
    /// A broken target, and why.
    pub fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> Refusal {
        Refusal::Broken(error.into())
    }
}

/// A block that a target placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<H> {
    /// What the target knows it by.
    pub handle: H,
    /// Offset of its first byte.
    pub start: u64,
    /// Bytes it takes from the space. `start + size` is at most the capacity.
    pub size: u64,
}

/// Something that a trace can be replayed through. Every [`Allocator`] is one.
///
/// Live blocks may not overlap; the replay's sums rely on it.
pub trait Target {
    /// Names a block; small, as the replay keeps one for each id of the trace.
    type Handle: Copy;

    /// What results call it.
    fn name(&self) -> String;

    /// Bytes of the space.
    fn capacity(&self) -> u64;

    /// Starts and sizes are multiples of it.
    fn granularity(&self) -> u64;

    /// Hands out a block.
    ///
    /// # Errors
    /// [`Refusal::Refused`] counts as a failure.
    fn place(&mut self, request: Request) -> Result<Placed<Self::Handle>, Refusal>;

    /// Makes a block `size` bytes large where it is.
    ///
    /// # Errors
    /// [`Refusal::Refused`] leaves the block as it is; the replay then moves it.
    fn resize_in_place(&mut self, handle: Self::Handle, size: u64) -> Result<Placed<Self::Handle>, Refusal>;

    /// Takes a block back.
    ///
    /// # Errors
    /// [`Refusal::Refused`] counts as a refused free; the block stays.
    fn release(&mut self, handle: Self::Handle) -> Result<(), Refusal>;

    /// The free bytes below the end of the highest live block. May be O(live blocks): it is asked at the points of
    /// the series only.
    fn gaps(&self) -> Gaps;

    /// Bytes of its tables now, outside the space; `None` where it does not know.
    fn metadata_bytes(&self) -> Option<u64> {
        None
    }

    /// False when no block can ever be placed as the request demands, because of its alignment and bias.
    fn accepts(&self, request: &Request) -> bool {
        let _ = request;
        true
    }
}

impl<A: Allocator> Target for A {
    type Handle = BlockId;

    fn name(&self) -> String {
        Allocator::name(self).to_owned()
    }

    fn capacity(&self) -> u64 {
        Allocator::capacity(self)
    }

    fn granularity(&self) -> u64 {
        Allocator::granularity(self)
    }

    #[inline]
    fn place(&mut self, request: Request) -> Result<Placed<BlockId>, Refusal> {
        self.allocate(request).map(placed).map_err(|_| Refusal::Refused)
    }

    #[inline]
    fn resize_in_place(&mut self, handle: BlockId, size: u64) -> Result<Placed<BlockId>, Refusal> {
        self.resize(handle, size).map(placed).map_err(|_| Refusal::Refused)
    }

    #[inline]
    fn release(&mut self, handle: BlockId) -> Result<(), Refusal> {
        self.free(handle).map(drop).map_err(|_| Refusal::Refused)
    }

    fn gaps(&self) -> Gaps {
        Gaps::of(self)
    }

    fn metadata_bytes(&self) -> Option<u64> {
        Some(Allocator::metadata_bytes(self) as u64)
    }

    /// Judged by what an ample space could do: with a hole that is large enough wherever it begins, a refusal is
    /// due to alignment or bias.
    fn accepts(&self, request: &Request) -> bool {
        let ample = request.size.checked_add(request.alignment).and_then(|sum| sum.checked_add(request.bias));
        let roomy = ample.is_some_and(|ample| ample <= self.largest_hole());
        !roomy || self.can_allocate(*request) || !self.can_allocate(Request::new(request.size))
    }
}

#[inline]
fn placed(block: Block) -> Placed<BlockId> {
    Placed { handle: block.id, start: block.start, size: block.size }
}
