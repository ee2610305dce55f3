//! Whole segments out of the memory and back, as before there were pages.

use super::error::SegmentMemoryError as Error;
use super::segments::{Place, SegmentMemory, range, zeroes};
use crate::alloc::{Allocator, Request};

impl SegmentMemory {
    /// Takes a segment out of the memory; its bytes are kept, and its place is free. An access to it is refused as
    /// not present until [`swap_in`](Self::swap_in). O(length).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`NotPresent`](Error::NotPresent); [`Alloc`](Error::Alloc) where the strategy
    /// frees in some order only; [`OutOfMemory`](Error::OutOfMemory).
    ///
    /// ```
    /// use memcore::vm::Protection;
    /// use memcore::vm::segment::{SegmentMemory, SegmentMemoryError};
    /// let mut memory = SegmentMemory::new(&"first-fit".parse()?, 100)?;
    /// let first = memory.create(80, Protection::READ | Protection::WRITE)?;
    /// memory.write(first, 3, &[7])?;
    /// memory.swap_out(first)?;
    /// let second = memory.create(90, Protection::READ)?;
    /// let mut byte = [0];
    /// assert_eq!(memory.read(first, 3, &mut byte), Err(SegmentMemoryError::NotPresent { segment: first }));
    /// memory.destroy(second)?;
    /// memory.swap_in(first)?;
    /// memory.read(first, 3, &mut byte)?;
    /// assert_eq!(byte, [7]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn swap_out(&mut self, segment: u32) -> Result<(), Error> {
        let (block, base, length) = self.present(segment)?;
        let mut bytes = zeroes(length)?;
        self.space.free(block)?;
        bytes.copy_from_slice(&self.bytes[range(base, length)]);
        self.segment_mut(segment)?.place = Place::Swap { bytes };
        Ok(())
    }

    /// Brings a segment back, to wherever the strategy has room; tells its new base. O(length).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`Present`](Error::Present), [`Alloc`](Error::Alloc).
    pub fn swap_in(&mut self, segment: u32) -> Result<u64, Error> {
        let Place::Swap { bytes } = &self.segment(segment)?.place else {
            return Err(Error::Present { segment });
        };
        let block = self.space.allocate(Request::new(bytes.len() as u64))?;
        let place = Place::Memory { block: block.id, base: block.start };
        if let Place::Swap { bytes } = core::mem::replace(&mut self.segment_mut(segment)?.place, place) {
            self.bytes[range(block.start, bytes.len() as u64)].copy_from_slice(&bytes);
        }
        Ok(block.start)
    }
}
