//! Collections in an arena: `&Arena` is an allocator of `allocator_api2`.
//!
//! The last block grows, shrinks and goes where it is; any other one moves, and leaves its bytes to the next rewind.

use super::super::raw::MOST_BYTES;
use super::super::{HeapError, Result};
use super::Arena;
use crate::alloc::AllocError;
use allocator_api2::alloc::{AllocError as NoMemory, Allocator};
use core::alloc::Layout;
use core::ptr::{self, NonNull};

impl Arena<'_> {
    #[inline(always)]
    fn is_last(&self, block: NonNull<u8>, size: usize) -> bool {
        size != 0 && block.addr().get() + size == self.top.get().addr().get()
    }

    /// Takes a block back when it is the last one; else it waits for a rewind. O(1).
    #[inline]
    pub(super) fn give_back(&self, block: NonNull<u8>, size: usize) {
        self.shrink_block(block, size, 0);
    }

    /// Gives back what a block has above `size` bytes, when it is the last one. O(1).
    #[inline]
    pub(super) fn shrink_block(&self, block: NonNull<u8>, old: usize, size: usize) {
        if self.is_last(block, old) {
            // SAFETY: the last block ends at the top, and is at least as long as what it gives.
            self.top.set(unsafe { self.top.get().sub(old - size) });
        }
    }

    /// Makes a block larger, where it is if it is the last one and there is room, else at another place with a copy
    /// of its bytes. A block of 0 bytes is none. O(1), O(old) when it moves.
    #[inline]
    pub(super) fn grow_block(
        &self,
        block: NonNull<u8>,
        old: usize,
        size: usize,
        alignment: usize,
    ) -> Result<NonNull<u8>> {
        if size > MOST_BYTES {
            return Err(HeapError::Alloc(AllocError::TooLarge {
                size: size as u64,
                capacity: MOST_BYTES as u64,
            }));
        }
        let top = self.top.get();
        let (aligned, more) = (block.addr().get() & (alignment - 1) == 0, size - old);
        if aligned && self.is_last(block, old) && more <= self.end.get().addr().get() - top.addr().get() {
            // SAFETY: there is room for so many bytes above the top, and the block begins `old` bytes below it.
            unsafe {
                self.top.set(top.add(more));
                return Ok(top.sub(old));
            }
        }
        let new = self.bump(size, alignment)?;
        // SAFETY: the new block has at least as many bytes, and no other block overlaps it.
        unsafe { ptr::copy_nonoverlapping(block.as_ptr(), new.as_ptr(), old) };
        Ok(new)
    }
}

fn whole(block: NonNull<u8>, size: usize) -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(block, size)
}

/// ```
/// use allocator_api2::vec::Vec;
/// use memcore::heap::Arena;
/// let arena = Arena::new();
/// let mut numbers = Vec::new_in(&arena);
/// numbers.extend(0..1000u32);
/// assert_eq!(numbers.iter().sum::<u32>(), 499_500);
/// ```
// SAFETY: a block stays valid while the arena is borrowed, for only `&mut` calls and the arena's end take blocks back;
// a copy of the reference is the same arena. Blocks are disjoint, and aligned and as long as asked.
unsafe impl Allocator for &Arena<'_> {
    #[inline]
    fn allocate(&self, layout: Layout) -> core::result::Result<NonNull<[u8]>, NoMemory> {
        self.alloc_layout(layout).map(|block| whole(block, layout.size())).map_err(|_| NoMemory)
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        self.give_back(block, layout.size());
    }

    #[inline]
    unsafe fn grow(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, NoMemory> {
        let grown = self.grow_block(block, old.size(), new.size(), new.align());
        grown.map(|block| whole(block, new.size())).map_err(|_| NoMemory)
    }

    #[inline]
    unsafe fn grow_zeroed(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, NoMemory> {
        // SAFETY: the caller promises what `grow` needs; what is new lies behind the old bytes.
        unsafe {
            let grown = self.grow(block, old, new)?;
            grown.cast::<u8>().add(old.size()).write_bytes(0, new.size() - old.size());
            Ok(grown)
        }
    }

    #[inline]
    unsafe fn shrink(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, NoMemory> {
        if block.addr().get() & (new.align() - 1) == 0 {
            self.shrink_block(block, old.size(), new.size());
            return Ok(whole(block, new.size()));
        }
        let moved = self.alloc_layout(new).map_err(|_| NoMemory)?;
        // SAFETY: the new block is as long as what is copied, and is nobody else's.
        unsafe { ptr::copy_nonoverlapping(block.as_ptr(), moved.as_ptr(), new.size()) };
        Ok(whole(moved, new.size()))
    }
}
