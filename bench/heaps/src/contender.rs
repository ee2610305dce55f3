//! What an allocator is here: one that a thread has for itself, or one that threads share.

use std::ptr::NonNull;

/// A block and what it was asked with, since some allocators want to be told again.
#[derive(Clone, Copy)]
pub struct Block {
    pub start: NonNull<u8>,
    pub size: usize,
    pub alignment: usize,
}

// SAFETY: a block has one holder at a time, whichever thread that is.
unsafe impl Send for Block {}

/// An allocator that one thread has for itself. It stops the program where it has no room, or is given a wrong block.
pub trait Contender {
    /// Hands out `size` bytes, at least one.
    fn allocate(&mut self, size: usize, alignment: usize) -> Block;

    /// Takes back a block of its own.
    fn free(&mut self, block: Block);

    /// Changes the size of a block, in place where it can.
    fn reallocate(&mut self, block: Block, size: usize) -> Block {
        let new = self.allocate(size, block.alignment);
        // SAFETY: both are live blocks of at least so many bytes, and distinct.
        unsafe { new.start.copy_from_nonoverlapping(block.start, size.min(block.size)) };
        self.free(block);
        new
    }
}

/// An allocator that threads share.
pub trait Shared: Sync {
    fn allocate(&self, size: usize, alignment: usize) -> Block;
    fn free(&self, block: Block);
    fn reallocate(&self, block: Block, size: usize) -> Block;
}

impl<S: Shared> Contender for &S {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Block {
        Shared::allocate(*self, size, alignment)
    }

    #[inline]
    fn free(&mut self, block: Block) {
        Shared::free(*self, block);
    }

    #[inline]
    fn reallocate(&mut self, block: Block, size: usize) -> Block {
        Shared::reallocate(*self, block, size)
    }
}

/// Where there is no room the benchmark means nothing.
#[cold]
pub fn stop(what: &str) -> ! {
    eprintln!("an allocator failed: {what}");
    std::process::exit(1)
}

/// A block at an address that an allocator gave.
#[inline]
pub fn block(start: *mut u8, size: usize, alignment: usize) -> Block {
    match NonNull::new(start) {
        Some(start) => Block { start, size, alignment },
        None => stop("no room"),
    }
}
