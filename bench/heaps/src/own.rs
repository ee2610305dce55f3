//! memcore's heaps as contenders.

use super::contender::{Block, Contender, Shared, block, stop};
use memcore::alloc::{BestFitRecent, Tlsf, storage::Growable};
use memcore::heap::{
    Borrowed, Heap, Locked, MappedHeap, MappingOptions, RawHeap, SizeClassHeap, ThreadedHeap,
};

/// Addresses for the heaps that grow.
const MOST: usize = 1 << 38;

/// Any heap with the interface of them all.
pub struct Own<H>(pub H);

impl<H: RawHeap> Contender for Own<H> {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        match self.0.allocate(size, alignment) {
            Ok(start) => Block { start, size, alignment },
            Err(error) => stop(&error.to_string()),
        }
    }

    #[inline]
    fn free(&mut self, block: Block) {
        if let Err(error) = self.0.free(block.start.as_ptr()) {
            stop(&error.to_string());
        }
    }

    #[inline]
    fn reallocate(&mut self, block: Block, size: usize) -> Block {
        match self.0.reallocate(block.start.as_ptr(), size, block.alignment) {
            Ok(start) => Block { start, size, ..block },
            Err(error) => stop(&error.to_string()),
        }
    }
}

fn told<T>(made: memcore::heap::Result<T>) -> T {
    made.unwrap_or_else(|error| stop(&error.to_string()))
}

/// A region that stays for the rest of the run.
fn borrowed(bytes: usize) -> Borrowed<'static> {
    let start = super::region::arena(bytes);
    // SAFETY: the arena is this heap's alone, zeroed, and stays.
    told(unsafe { Borrowed::from_raw(start.as_ptr(), bytes) })
}

pub fn size_classes(bytes: usize) -> Own<SizeClassHeap<Borrowed<'static>>> {
    Own(told(SizeClassHeap::new(borrowed(bytes))))
}

pub fn tlsf(bytes: usize) -> Own<Heap<Tlsf, Borrowed<'static>>> {
    let make = |options: memcore::alloc::Options, _: &mut Growable| Tlsf::new(options);
    // SAFETY: the allocator is the library's.
    Own(told(unsafe { Heap::with_parts(borrowed(bytes), &mut Growable::default(), make) }))
}

pub fn best_fit(bytes: usize) -> Own<Heap<BestFitRecent, Borrowed<'static>>> {
    let make = |options: memcore::alloc::Options, _: &mut Growable| BestFitRecent::new(options);
    // SAFETY: the allocator is the library's.
    Own(told(unsafe { Heap::with_parts(borrowed(bytes), &mut Growable::default(), make) }))
}

pub fn mapped() -> Own<MappedHeap> {
    Own(told(MappedHeap::reserve(MappingOptions::new(MOST))))
}

/// The heap with caches of each thread.
pub struct Threaded(ThreadedHeap);

pub fn threaded() -> Threaded {
    Threaded(told(ThreadedHeap::reserve(MappingOptions::new(MOST))))
}

impl Shared for Threaded {
    #[inline]
    fn allocate(&self, size: usize, alignment: usize) -> Block {
        match self.0.allocate(size, alignment) {
            Ok(start) => Block { start, size, alignment },
            Err(error) => stop(&error.to_string()),
        }
    }

    #[inline]
    fn free(&self, block: Block) {
        // SAFETY: the block's holder gives it.
        if let Err(error) = unsafe { self.0.free(block.start.as_ptr()) } {
            stop(&error.to_string());
        }
    }

    #[inline]
    fn reallocate(&self, old: Block, size: usize) -> Block {
        // SAFETY: as in `free`.
        match unsafe { self.0.reallocate(old.start.as_ptr(), size, old.alignment) } {
            Ok(start) => Block { start, size, ..old },
            Err(error) => stop(&error.to_string()),
        }
    }
}

/// The single-threaded heap behind one lock.
pub struct Lock(Locked<MappedHeap>);

pub fn locked() -> Lock {
    Lock(Locked::new(mapped().0))
}

impl Shared for Lock {
    #[inline]
    fn allocate(&self, size: usize, alignment: usize) -> Block {
        // SAFETY: no collection lives in the heap.
        let found = unsafe { self.0.lock() }.allocate(size, alignment);
        block(found.map_or(std::ptr::null_mut(), |start| start.as_ptr()), size, alignment)
    }

    #[inline]
    fn free(&self, block: Block) {
        // SAFETY: as above.
        let freed = unsafe { self.0.lock() }.free(block.start.as_ptr());
        if let Err(error) = freed {
            stop(&error.to_string());
        }
    }

    #[inline]
    fn reallocate(&self, old: Block, size: usize) -> Block {
        // SAFETY: as above.
        let moved = unsafe { self.0.lock() }.reallocate(old.start.as_ptr(), size, old.alignment);
        block(moved.map_or(std::ptr::null_mut(), |start| start.as_ptr()), size, old.alignment)
    }
}
