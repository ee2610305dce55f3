//! Peers that manage a region of memory, as the crates are.

use super::contender::{Block, Contender, block, stop};
use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

/// A zeroed region that the system backs as it is touched. It stays for the rest of the run.
pub fn arena(bytes: usize) -> NonNull<u8> {
    let layout = Layout::from_size_align(bytes, 1 << 12);
    // SAFETY: the size is not 0.
    let start = layout.map(|layout| unsafe { std::alloc::alloc_zeroed(layout) });
    start.ok().and_then(NonNull::new).unwrap_or_else(|| stop("no memory for a region"))
}

fn layout(size: usize, alignment: usize) -> Layout {
    Layout::from_size_align(size, alignment).unwrap_or_else(|_| stop("a layout that cannot be"))
}

pub struct Rlsf(rlsf::Tlsf<'static, u32, u32, 28, 32>);

pub fn rlsf(bytes: usize) -> Rlsf {
    let mut heap = rlsf::Tlsf::new();
    // SAFETY: the region is this allocator's alone, and stays.
    let region = unsafe { std::slice::from_raw_parts_mut(arena(bytes).as_ptr().cast(), bytes) };
    heap.insert_free_block(region);
    Rlsf(heap)
}

impl Contender for Rlsf {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        let start = self.0.allocate(layout(size, alignment));
        block(start.map_or(std::ptr::null_mut(), NonNull::as_ptr), size, alignment)
    }

    #[inline]
    fn free(&mut self, block: Block) {
        // SAFETY: a live block of its own.
        unsafe { self.0.deallocate(block.start, block.alignment) };
    }

    #[inline]
    fn reallocate(&mut self, old: Block, size: usize) -> Block {
        // SAFETY: as above.
        let start = unsafe { self.0.reallocate(old.start, layout(size, old.alignment)) };
        block(start.map_or(std::ptr::null_mut(), NonNull::as_ptr), size, old.alignment)
    }
}

pub struct Talc(talc::base::Talc<talc::source::Manual, talc::base::binning::DefaultBinning>);

pub fn talc(bytes: usize) -> Talc {
    let mut heap = talc::base::Talc::new(talc::source::Manual);
    // SAFETY: the region is this allocator's alone, and stays.
    if unsafe { heap.claim(arena(bytes).as_ptr(), bytes) }.is_none() {
        stop("a region that talc does not take");
    }
    Talc(heap)
}

impl Contender for Talc {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        // SAFETY: the layout's size is not 0.
        let start = unsafe { self.0.allocate(layout(size, alignment)) };
        block(start.map_or(std::ptr::null_mut(), NonNull::as_ptr), size, alignment)
    }

    #[inline]
    fn free(&mut self, block: Block) {
        // SAFETY: a live block of its own with its layout.
        unsafe { self.0.deallocate(block.start.as_ptr(), layout(block.size, block.alignment)) };
    }

    #[inline]
    fn reallocate(&mut self, old: Block, size: usize) -> Block {
        // SAFETY: as above.
        if unsafe { self.0.try_realloc_in_place(old.start.as_ptr(), layout(old.size, old.alignment), size) } {
            return Block { size, ..old };
        }
        let new = self.allocate(size, old.alignment);
        // SAFETY: both are live blocks of at least so many bytes, and distinct.
        unsafe { new.start.copy_from_nonoverlapping(old.start, size.min(old.size)) };
        self.free(old);
        new
    }
}

pub struct Doug(dlmalloc::Dlmalloc<OneArena>);

pub fn dlmalloc(bytes: usize) -> Doug {
    let source = OneArena { start: arena(bytes), bytes, given: AtomicBool::new(false) };
    Doug(dlmalloc::Dlmalloc::new_with_allocator(source))
}

/// Gives dlmalloc one region, once.
struct OneArena {
    start: NonNull<u8>,
    bytes: usize,
    given: AtomicBool,
}

// SAFETY: the pointer is only a place to begin at; the region is dlmalloc's alone.
unsafe impl Send for OneArena {}

// SAFETY: the region is given out once and is as large as it says; nothing else is ever done with it.
unsafe impl dlmalloc::Allocator for OneArena {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let first = !self.given.swap(true, Ordering::Relaxed);
        let fits = first && size <= self.bytes;
        if fits { (self.start.as_ptr(), self.bytes, 1) } else { (std::ptr::null_mut(), 0, 0) }
    }
    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        std::ptr::null_mut()
    }
    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }
    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }
    fn can_release_part(&self, _: u32) -> bool {
        false
    }
    fn allocates_zeros(&self) -> bool {
        true
    }
    fn page_size(&self) -> usize {
        4096
    }
}

impl Contender for Doug {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        // SAFETY: the alignment is a power of two.
        block(unsafe { self.0.malloc(size, alignment) }, size, alignment)
    }

    #[inline]
    fn free(&mut self, block: Block) {
        // SAFETY: a live block of its own.
        unsafe { self.0.free(block.start.as_ptr(), block.size, block.alignment) };
    }

    #[inline]
    fn reallocate(&mut self, old: Block, size: usize) -> Block {
        // SAFETY: as above.
        let start = unsafe { self.0.realloc(old.start.as_ptr(), old.size, old.alignment, size) };
        block(start, size, old.alignment)
    }
}

pub struct LinkedList(linked_list_allocator::Heap);

pub fn linked_list(bytes: usize) -> LinkedList {
    // SAFETY: the region is this allocator's alone, and stays.
    LinkedList(unsafe { linked_list_allocator::Heap::new(arena(bytes).as_ptr(), bytes) })
}

impl Contender for LinkedList {
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        let start = self.0.allocate_first_fit(layout(size, alignment));
        block(start.map_or(std::ptr::null_mut(), NonNull::as_ptr), size, alignment)
    }

    fn free(&mut self, block: Block) {
        // SAFETY: a live block of its own with its layout.
        unsafe { self.0.deallocate(block.start, layout(block.size, block.alignment)) };
    }
}

pub struct Buddies(buddy_system_allocator::Heap<36>);

pub fn buddies(bytes: usize) -> Buddies {
    let mut heap = buddy_system_allocator::Heap::new();
    // SAFETY: the region is this allocator's alone, and stays.
    unsafe { heap.init(arena(bytes).addr().get(), bytes) };
    Buddies(heap)
}

impl Contender for Buddies {
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        let start = self.0.alloc(layout(size, alignment));
        block(start.map_or(std::ptr::null_mut(), NonNull::as_ptr), size, alignment)
    }

    fn free(&mut self, block: Block) {
        // SAFETY: a live block of its own with its layout.
        unsafe { self.0.dealloc(block.start, layout(block.size, block.alignment)) };
    }
}
