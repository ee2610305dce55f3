//! Collections of any thread live in a [`ThreadedHeap`], or in the program's [`GlobalHeap`].

use super::super::layouts::Answer;
use super::super::{GlobalHeap, Result};
use super::ThreadedHeap;
use allocator_api2::alloc::{AllocError, Allocator};
use core::alloc::Layout;
use core::ptr::{NonNull, without_provenance_mut};

/// A layout of no bytes gets an address that is aligned and nobody's.
fn nowhere(layout: Layout) -> NonNull<u8> {
    NonNull::new(without_provenance_mut(layout.align())).unwrap_or(NonNull::dangling())
}

fn answer(layout: Layout, block: Result<NonNull<u8>>) -> Answer {
    Ok(NonNull::slice_from_raw_parts(block.map_err(|_| AllocError)?, layout.size()))
}

// SAFETY: a block is valid until it is freed or the heap goes, which the reference outlives; a copy of a reference leads
// to the same heap. Blocks of no bytes are no memory.
unsafe impl Allocator for &ThreadedHeap {
    #[inline]
    fn allocate(&self, layout: Layout) -> Answer {
        let block = match layout.size() {
            0 => Ok(nowhere(layout)),
            size => ThreadedHeap::allocate(self, size, layout.align()),
        };
        answer(layout, block)
    }

    fn allocate_zeroed(&self, layout: Layout) -> Answer {
        let block = match layout.size() {
            0 => Ok(nowhere(layout)),
            size => ThreadedHeap::allocate_zeroed(self, size, layout.align()),
        };
        answer(layout, block)
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() > 0 {
            // SAFETY: the collection gives its own block. A refusal has nobody to go to.
            let _ = unsafe { self.free(block.as_ptr()) };
        }
    }

    unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Answer {
        if old.size() == 0 {
            return Allocator::allocate(self, new);
        }
        // SAFETY: the collection gives its own block.
        answer(new, unsafe { self.reallocate(block.as_ptr(), new.size(), new.align()) })
    }

    unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Answer {
        if new.size() == 0 {
            // SAFETY: the collection gives its own block.
            unsafe { self.deallocate(block, old) };
            return answer(new, Ok(nowhere(new)));
        }
        // SAFETY: as above.
        answer(new, unsafe { self.reallocate(block.as_ptr(), new.size(), new.align()) })
    }
}

// SAFETY: as for the heap behind it; without one nothing is handed out but blocks of no bytes.
unsafe impl Allocator for &GlobalHeap {
    #[inline]
    fn allocate(&self, layout: Layout) -> Answer {
        Allocator::allocate(&self.heap().ok_or(AllocError)?, layout)
    }

    fn allocate_zeroed(&self, layout: Layout) -> Answer {
        Allocator::allocate_zeroed(&self.heap().ok_or(AllocError)?, layout)
    }

    #[inline]
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        if let Some(heap) = self.heap().filter(|_| layout.size() > 0) {
            // SAFETY: the caller's promise.
            self.noted(unsafe { heap.free(block.as_ptr()) });
        }
    }

    unsafe fn grow(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Answer {
        // SAFETY: the caller's promise.
        unsafe { Allocator::grow(&self.heap().ok_or(AllocError)?, block, old, new) }
    }

    unsafe fn shrink(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Answer {
        // SAFETY: the caller's promise.
        unsafe { Allocator::shrink(&self.heap().ok_or(AllocError)?, block, old, new) }
    }
}
