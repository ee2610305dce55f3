//! What one thread keeps at hand: a stack of free blocks for each class.
//!
//! ```text
//! class 16   [ p p p p p . . . . ]     pop to allocate, push to free: no lock, no atomic operation
//! class 32   [ p . . . . . . . . ]     empty: half a stack comes from the common heap
//! class 48   [ p p p p p p p p p ]     full: half a stack goes there
//! ```

use core::cell::Cell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Blocks of one class that a thread keeps at most: enough to go to the common heap once in 32 calls.
pub const MOST_KEPT: usize = 64;

/// Bytes of one class that a thread keeps at most, so that large classes are kept in small numbers.
const MOST_BYTES: u64 = 32 << 10;

/// The most classes that a cache can have.
pub const MOST_CLASSES: usize = 128;

/// Free blocks of one class. Its thread alone changes it; others read the count for their figures.
pub struct Stack {
    count: AtomicU32,
    most: Cell<u32>,
    blocks: [Cell<*mut u8>; MOST_KEPT],
}

impl Stack {
    /// An empty stack for blocks of `size` bytes.
    pub fn new(size: u64) -> Self {
        let most = (MOST_BYTES / size.max(1)).clamp(2, MOST_KEPT as u64) as u32;
        let blocks = [const { Cell::new(null_mut()) }; MOST_KEPT];
        Stack { count: AtomicU32::new(0), most: Cell::new(most), blocks }
    }

    #[inline(always)]
    pub fn pop(&self) -> Option<*mut u8> {
        let top = self.count.load(Relaxed).checked_sub(1)?;
        self.count.store(top, Relaxed);
        self.blocks.get(top as usize).map(Cell::get)
    }

    /// False when the stack is full.
    #[inline(always)]
    pub fn push(&self, block: *mut u8) -> bool {
        let count = self.count.load(Relaxed);
        let room = count < self.most.get();
        if room {
            self.blocks[count as usize % MOST_KEPT].set(block);
            self.count.store(count + 1, Relaxed);
        }
        room
    }

    pub fn count(&self) -> u32 {
        self.count.load(Relaxed)
    }

    /// How many come or go at once.
    pub fn batch(&self) -> u32 {
        self.most.get() / 2
    }

    /// Takes the oldest blocks out, at most `count`; those above stay in their order.
    pub fn take_oldest(&self, count: u32) -> impl Iterator<Item = *mut u8> + '_ {
        let all = (self.count.load(Relaxed) as usize).min(MOST_KEPT);
        let leaving = all.min(count as usize);
        self.blocks[..all].rotate_cells(leaving);
        self.count.store((all - leaving) as u32, Relaxed);
        self.blocks[all - leaving..all].iter().map(Cell::get)
    }
}

/// Rotation to the left through shared cells.
trait RotateCells {
    fn rotate_cells(&self, by: usize);
}

impl RotateCells for [Cell<*mut u8>] {
    fn rotate_cells(&self, by: usize) {
        let mut copy = [null_mut(); MOST_KEPT];
        for (to, from) in copy.iter_mut().zip(self) {
            *to = from.get();
        }
        copy[..self.len()].rotate_left(by);
        for (to, from) in self.iter().zip(copy) {
            to.set(from);
        }
    }
}

/// The stacks of one thread.
pub struct Cache {
    pub stacks: [Stack; MOST_CLASSES],
}
