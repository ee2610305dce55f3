//! The bytes of an image in a heap's memory. Every store of the heap's own goes through [`Image::store`].

use super::layout::Words;
use crate::heap::Memory;
use core::sync::atomic::{Ordering, fence};
use core::{ptr, slice};

pub(super) struct Image<M: Memory> {
    pub memory: M,
    /// For the tests: how many more stores come through, as if the process were killed then.
    #[cfg(test)]
    pub stores_left: Option<u64>,
}

impl<M: Memory> Image<M> {
    pub fn new(memory: M) -> Self {
        Image {
            memory,
            #[cfg(test)]
            stores_left: None,
        }
    }

    fn at(&self, at: u64, bytes: usize) -> *mut u8 {
        debug_assert!(at as usize + bytes <= self.memory.len());
        // SAFETY: callers stay within the memory.
        unsafe { self.memory.start().as_ptr().add(at as usize) }
    }

    /// Stores a word at a multiple of 8, after whatever was stored before it.
    pub fn store(&mut self, at: u64, value: u64) {
        #[cfg(test)]
        if let Some(left) = &mut self.stores_left {
            if *left == 0 {
                return;
            }
            *left -= 1;
        }
        // Neither the compiler nor the machine moves an earlier store, the user's included, behind this one.
        fence(Ordering::Release);
        // SAFETY: within the memory, which begins at a multiple of 8; nobody holds a reference to words of the heap's
        // own, or, while the heap is borrowed uniquely, to any other.
        unsafe { self.at(at, 8).cast::<u64>().write_volatile(value.to_le()) };
    }

    /// The bytes of a block.
    pub fn bytes(&self, at: u64, len: usize) -> &[u8] {
        // SAFETY: within the memory, all of which is initialised; blocks change only through a unique borrow.
        unsafe { slice::from_raw_parts(self.at(at, len), len) }
    }

    /// The bytes of a block, to be changed.
    pub fn bytes_mut(&mut self, at: u64, len: usize) -> &mut [u8] {
        // SAFETY: within the memory; the borrow is unique.
        unsafe { slice::from_raw_parts_mut(self.at(at, len), len) }
    }

    /// Copies bytes between two blocks.
    pub fn copy(&mut self, from: u64, to: u64, len: usize) {
        // SAFETY: both within the memory; nobody else has a reference to either.
        unsafe { ptr::copy(self.at(from, len), self.at(to, len), len) };
    }

    /// Sets the whole memory to zero.
    pub fn clear(&mut self, len: usize) {
        let len = len.min(self.memory.len());
        // SAFETY: all of it is the heap's.
        unsafe { self.at(0, 0).write_bytes(0, len) };
    }
}

impl<M: Memory> Words for Image<M> {
    fn len(&self) -> u64 {
        self.memory.len() as u64
    }

    fn word(&self, at: u64) -> u64 {
        // SAFETY: within the memory, which begins at a multiple of 8 and is initialised.
        u64::from_le(unsafe { self.at(at, 8).cast::<u64>().read_volatile() })
    }
}
