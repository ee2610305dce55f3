//! A [`RawHeap`] behind the interface of collections, `allocator_api2::alloc::Allocator`: layouts in place of sizes.
//!
//! A layout of no bytes gets an address that is aligned and is nobody's: nothing is taken from the heap for it, and
//! nothing given back.

use super::RawHeap;
use allocator_api2::alloc::AllocError;
use core::alloc::Layout;
use core::ptr::{self, NonNull};

/// What the interface of collections answers.
pub(super) type Answer = Result<NonNull<[u8]>, AllocError>;

/// Whoever can lend a heap for the time of a call.
pub(super) trait Lend {
    type Heap: RawHeap;

    /// Calls `call` with the heap, unless it is lent already.
    fn lend<R>(&self, call: impl FnOnce(&mut Self::Heap) -> R) -> Option<R>;
}

/// The blocks of a heap, of a size or of none.
pub(super) struct Blocks<'a, L>(pub &'a L);

impl<L: Lend> Blocks<'_, L> {
    fn nowhere(layout: Layout) -> NonNull<[u8]> {
        let address = ptr::without_provenance_mut(layout.align());
        NonNull::slice_from_raw_parts(NonNull::new(address).unwrap_or(NonNull::dangling()), 0)
    }

    fn take(&self, layout: Layout, call: impl FnOnce(&mut L::Heap) -> super::Result<NonNull<u8>>) -> Answer {
        let block = self.0.lend(call).and_then(Result::ok).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(block, layout.size()))
    }

    pub fn allocate(&self, layout: Layout) -> Answer {
        match layout.size() {
            0 => Ok(Self::nowhere(layout)),
            size => self.take(layout, |heap| heap.allocate(size, layout.align())),
        }
    }

    pub fn allocate_zeroed(&self, layout: Layout) -> Answer {
        match layout.size() {
            0 => Ok(Self::nowhere(layout)),
            size => self.take(layout, |heap| heap.allocate_zeroed(size, layout.align())),
        }
    }

    /// A refusal has nobody to go to: the interface has no error here.
    pub fn free(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() > 0 {
            let _ = self.0.lend(|heap| heap.free(block.as_ptr()));
        }
    }

    pub fn resize(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Answer {
        match (old.size(), new.size()) {
            (0, _) => self.allocate(new),
            (_, 0) => {
                self.free(block, old);
                Ok(Self::nowhere(new))
            }
            (_, size) => self.take(new, |heap| heap.reallocate(block.as_ptr(), size, new.align())),
        }
    }

    pub fn grow_zeroed(&self, block: NonNull<u8>, old: Layout, new: Layout) -> Answer {
        if old.size() == 0 {
            return self.allocate_zeroed(new);
        }
        let grown = self.resize(block, old, new)?;
        // SAFETY: the block has the new layout's bytes, of which the old layout's are the caller's contents.
        unsafe {
            let end = grown.cast::<u8>().as_ptr().add(old.size());
            end.write_bytes(0, new.size().saturating_sub(old.size()));
        }
        Ok(grown)
    }
}

/// Implements the interface of collections for a reference to a type that lends a heap.
macro_rules! collections_live_in {
    (for [$($parameters:tt)*] $type:ty) => {
        // SAFETY: a block is valid until it is freed or the heap goes, which the reference outlives; a copy of a
        // reference leads to the same heap. Blocks of no bytes are no memory.
        unsafe impl<$($parameters)*> allocator_api2::alloc::Allocator for &$type {
            fn allocate(
                &self,
                layout: core::alloc::Layout,
            ) -> $crate::heap::layouts::Answer {
                $crate::heap::layouts::Blocks(*self).allocate(layout)
            }

            fn allocate_zeroed(
                &self,
                layout: core::alloc::Layout,
            ) -> $crate::heap::layouts::Answer {
                $crate::heap::layouts::Blocks(*self).allocate_zeroed(layout)
            }

            unsafe fn deallocate(&self, block: core::ptr::NonNull<u8>, layout: core::alloc::Layout) {
                $crate::heap::layouts::Blocks(*self).free(block, layout);
            }

            unsafe fn grow(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> $crate::heap::layouts::Answer {
                $crate::heap::layouts::Blocks(*self).resize(block, old, new)
            }

            unsafe fn grow_zeroed(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> $crate::heap::layouts::Answer {
                $crate::heap::layouts::Blocks(*self).grow_zeroed(block, old, new)
            }

            unsafe fn shrink(
                &self,
                block: core::ptr::NonNull<u8>,
                old: core::alloc::Layout,
                new: core::alloc::Layout,
            ) -> $crate::heap::layouts::Answer {
                $crate::heap::layouts::Blocks(*self).resize(block, old, new)
            }
        }
    };
}
pub(super) use collections_live_in;

/// Implements the interface of global allocators for a type that lends a heap.
macro_rules! global_in {
    (for [$($parameters:tt)*] $type:ty) => {
        // SAFETY: the heap hands out blocks of at least the layout's size and alignment, never one twice. Nothing
        // unwinds: errors are null.
        unsafe impl<$($parameters)*> core::alloc::GlobalAlloc for $type {
            unsafe fn alloc(&self, layout: core::alloc::Layout) -> *mut u8 {
                $crate::heap::layouts::or_null($crate::heap::layouts::Lend::lend(self, |heap| {
                    heap.allocate(layout.size(), layout.align())
                }))
            }

            unsafe fn alloc_zeroed(&self, layout: core::alloc::Layout) -> *mut u8 {
                $crate::heap::layouts::or_null($crate::heap::layouts::Lend::lend(self, |heap| {
                    heap.allocate_zeroed(layout.size(), layout.align())
                }))
            }

            unsafe fn dealloc(&self, block: *mut u8, _layout: core::alloc::Layout) {
                let _ = $crate::heap::layouts::Lend::lend(self, |heap| heap.free(block));
            }

            unsafe fn realloc(&self, block: *mut u8, layout: core::alloc::Layout, size: usize) -> *mut u8 {
                $crate::heap::layouts::or_null($crate::heap::layouts::Lend::lend(self, |heap| {
                    heap.reallocate(block, size, layout.align())
                }))
            }
        }
    };
}
pub(super) use global_in;

/// What C and the global allocator's interface know as failure.
pub(super) fn or_null(result: Option<super::Result<NonNull<u8>>>) -> *mut u8 {
    result.and_then(Result::ok).map_or(ptr::null_mut(), NonNull::as_ptr)
}
