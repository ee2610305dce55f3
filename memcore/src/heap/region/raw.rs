//! The calls of [`RawHeap`].

use super::{HEADER, Heap, Lost};
use crate::alloc::storage::Storage;
use crate::alloc::{AllocError, Allocator, BlockId, Corruption, RegionKind, Regions, Stats};
use crate::heap::raw::{check_alignment, check_size};
use crate::heap::{HeapBlock, HeapError, Memory, RawHeap, Result};
use core::ptr::{self, NonNull};

// SAFETY: the strategy gives each block a range of its own, in a space that lies in the memory; the memory stays where it
// is for as long as the heap lives. A payload is the block without its header, and aligned as asked by the request's bias.
unsafe impl<A: Allocator, M: Memory, S: Storage> RawHeap for Heap<A, M, S> {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let block = self.place(size, alignment, 0)?;
        Ok(self.payload(&block))
    }

    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        // Above what was ever in a block, memory of the system is zero.
        let written = if self.memory.starts_zeroed() { self.touched.max(self.given) } else { u64::MAX };
        let block = self.place(size, alignment, 0)?;
        let payload = self.payload(&block);
        let written = written.saturating_sub(block.start + HEADER as u64);
        let bytes = usize::try_from(written).unwrap_or(usize::MAX).min(size);
        // SAFETY: the block was just handed out with at least `size` bytes, and is nobody else's.
        unsafe { payload.as_ptr().write_bytes(0, bytes) };
        Ok(payload)
    }

    #[inline]
    fn free(&mut self, block: *mut u8) -> Result<usize> {
        let address = block.addr();
        let Ok((offset, block)) = self.find(address) else { return Err(self.refuse(address, true)) };
        self.allocator.free(block.id)?;
        self.starts.remove(offset);
        Ok(block.size as usize - HEADER)
    }

    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize> {
        let address = block.addr();
        let (_, block) = self.find(address).map_err(|Lost| self.refuse(address, true))?;
        let size = check_size(size)?;
        let available = match self.allocator.resize(block.id, (size + HEADER) as u64) {
            Ok(resized) => {
                self.touched = self.touched.max(resized.end());
                return Ok(resized.size as usize - HEADER);
            }
            Err(AllocError::NoRoomInPlace { available, .. }) => available,
            // A stack or an arena changes its last block only; a size may be more than the space, or a pool's slot, has.
            Err(AllocError::NotTop { .. } | AllocError::TooLarge { .. } | AllocError::Overflow { .. }) => {
                block.size
            }
            Err(error) => return Err(error.into()),
        };
        Err(HeapError::NoRoomInPlace { address, size, available: available as usize - HEADER })
    }

    fn reallocate(&mut self, block: *mut u8, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let address = block.addr();
        check_alignment(alignment)?;
        let (_, old) = self.find(address).map_err(|Lost| self.refuse(address, true))?;
        let size = check_size(size)?;
        if address & (alignment - 1) == 0 {
            if let Ok(resized) = self.allocator.resize(old.id, (size + HEADER) as u64) {
                self.touched = self.touched.max(resized.end());
                return Ok(self.payload(&resized));
            }
        }
        let from = self.payload(&old);
        let new = self.place(size, alignment, self.allocator.tag(old.id).unwrap_or(0))?;
        let to = self.payload(&new);
        // SAFETY: both are live blocks of this heap with at least as many usable bytes, and distinct.
        unsafe { ptr::copy_nonoverlapping(from.as_ptr(), to.as_ptr(), size.min(old.size as usize - HEADER)) };
        match self.free_id(old.id) {
            Ok(_) => Ok(to),
            Err(error) => {
                self.free_id(new.id)?;
                Err(error)
            }
        }
    }

    #[inline]
    fn usable_size(&self, block: *const u8) -> Result<usize> {
        let address = block.addr();
        let (_, block) = self.find(address).map_err(|Lost| self.refuse(address, false))?;
        Ok(block.size as usize - HEADER)
    }

    #[inline]
    fn contains(&self, address: *const u8) -> bool {
        address.addr().wrapping_sub(self.memory.start().addr().get()) < self.memory.len()
    }

    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        for block in Regions::new(&self.allocator).filter_map(|region| region.block()) {
            visit(HeapBlock {
                address: self.payload(&block),
                usable: block.size as usize - HEADER,
                requested: block.requested as usize - HEADER,
            });
        }
    }

    /// The strategy's figures: a header counts as used, and as asked for.
    fn stats(&self) -> Stats {
        self.allocator.stats()
    }

    fn metadata_bytes(&self) -> usize {
        let own = size_of::<Self>() - size_of::<A>();
        own + self.allocator.metadata_bytes() + self.allocator.optional_bytes() + self.starts.bytes()
    }

    fn trim(&mut self) -> usize {
        let mut bytes = 0;
        for region in Regions::new(&self.allocator) {
            if !matches!(region.kind, RegionKind::Used(_)) {
                let start = self.skip + region.start as usize;
                bytes += self.memory.give_back(start..start + region.size as usize);
            }
        }
        bytes
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.allocator.validate()?;
        let span = (self.memory.len() - self.skip) as u64;
        let capacity = self.allocator.capacity();
        Corruption::unless(capacity <= span, "the space passes the end of the memory", capacity)?;
        let mut blocks = 0;
        for block in Regions::new(&self.allocator).filter_map(|region| region.block()) {
            blocks += 1;
            let offset = block.start as usize + HEADER;
            let is_on_grid = (self.base() + offset) % super::GRAIN == 0;
            Corruption::unless(is_on_grid, "a payload is off the grid of 16 bytes", block.start)?;
            Corruption::unless(self.starts.has(offset), "a block has no start bit", block.start)?;
            let named = BlockId::from_bits(self.header(offset));
            Corruption::unless(named == Some(block.id), "a header was written over", block.start)?;
            Corruption::unless(block.end() <= self.touched, "a block lies in untouched bytes", block.start)?;
        }
        Corruption::unless(self.starts.count() == blocks, "there are start bits without blocks", blocks)
    }
}
