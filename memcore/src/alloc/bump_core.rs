//! The raw bump pointer: a top and a capacity, and no table at all.
//!
//! ```text
//! [ everything handed out | pad | next block |        free        ]
//! 0                      top                               capacity
//! ```
//!
//! A [bump arena](super::Bump) and a [stack](super::Stack) keep a table of blocks beside it; a nursery or a scratch
//! arena that never asks who owns what takes this alone. Three words of state, O(1) for every call.

use super::request::Fit;
use super::{AllocError, Options, Request, Result};

/// A bump pointer over `[0, capacity)`.
///
/// ```
/// use memcore::alloc::{BumpCore, Request};
/// let mut nursery = BumpCore::new(1024)?;
/// assert_eq!(nursery.allocate(&Request::new(10))?, 0);
/// let mark = nursery.top();
/// assert_eq!(nursery.allocate(&Request::new(10).align(16))?, 16);
/// nursery.rewind(mark)?;
/// assert_eq!(nursery.top(), 10);
/// # Ok::<(), memcore::alloc::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BumpCore {
    capacity: u64,
    granularity: u64,
    top: u64,
}

impl BumpCore {
    /// An empty space. Of the options only capacity and granularity matter.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter).
    pub fn new(options: impl Into<Options>) -> Result<Self> {
        let Options { capacity, granularity, .. } = options.into().checked()?;
        Ok(BumpCore { capacity, granularity, top: 0 })
    }

    /// One past the last byte handed out.
    pub fn top(&self) -> u64 {
        self.top
    }

    /// Bytes above the top.
    pub fn room(&self) -> u64 {
        self.capacity - self.top
    }

    /// Hands out the next block and tells its start.
    ///
    /// # Errors
    /// Those of a bad [`Request`]; [`OutOfSpace`](AllocError::OutOfSpace).
    #[inline]
    pub fn allocate(&mut self, request: &Request) -> Result<u64> {
        let fit = Fit::new(request, self.capacity, self.granularity)?;
        let start = self.place(&fit, request)?;
        self.top = start + fit.size;
        Ok(start)
    }

    /// Where the next block would start. Changes nothing.
    ///
    /// # Errors
    /// [`OutOfSpace`](AllocError::OutOfSpace).
    #[inline]
    pub(crate) fn place(&self, fit: &Fit, request: &Request) -> Result<u64> {
        let room = self.room();
        let (size, alignment) = (request.size, request.alignment);
        let full = AllocError::OutOfSpace { size, alignment, free: room, largest_hole: room };
        fit.start_in(self.top, room).ok_or(full)
    }

    /// Takes back everything from `top` on.
    ///
    /// # Errors
    /// [`BadCheckpoint`](AllocError::BadCheckpoint) for a position above the top.
    pub fn rewind(&mut self, top: u64) -> Result<()> {
        if top > self.top {
            return Err(AllocError::BadCheckpoint { position: top });
        }
        self.top = top;
        Ok(())
    }

    /// Puts the top where the caller's table says that it is.
    pub(crate) fn set_top(&mut self, top: u64) {
        self.top = top;
    }

    /// Makes the space larger.
    ///
    /// # Errors
    /// [`CapacityShrink`](AllocError::CapacityShrink).
    pub fn grow(&mut self, capacity: u64) -> Result<()> {
        let wanted = capacity & !(self.granularity - 1);
        let capacity = self.capacity;
        if wanted < capacity {
            return Err(AllocError::CapacityShrink { capacity, wanted });
        }
        self.capacity = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nursery_ends_at_its_capacity_and_says_how_much_room_was_left() {
        let mut nursery = BumpCore::new(100).unwrap();
        nursery.allocate(&Request::new(90)).unwrap();
        let full = AllocError::OutOfSpace { size: 11, alignment: 1, free: 10, largest_hole: 10 };
        assert_eq!(nursery.allocate(&Request::new(11)), Err(full));
        assert_eq!(nursery.allocate(&Request::new(10)), Ok(90));
        assert_eq!(nursery.rewind(101), Err(AllocError::BadCheckpoint { position: 101 }));
        assert_eq!(nursery.grow(99), Err(AllocError::CapacityShrink { capacity: 100, wanted: 99 }));
    }
}
