//! Two stacks in one range of bytes, growing towards each other.
//!
//! ```text
//! [ level | textures | pad | mesh |       free       | frame | pad | scratch ]
//! 0                               low             high                     len
//!   -- push_low -->                                   <-- push_high --
//! ```
//!
//! Each end is last in, first out: a marker is the end's position, and a rewind to it takes back all that was pushed
//! after. What lives long goes on one end, what lives for a moment on the other; the free bytes between serve both, so
//! that only their sum has to fit. It is Knuth's way to keep two stacks in one table ("The Art of Computer
//! Programming", volume 1, section 2.2.2). Nothing is kept about blocks: 0 bytes of metadata each.

use super::raw::{check_alignment, check_size};
use super::{HeapError, Memory, Result};
use crate::alloc::AllocError;
use core::ptr::NonNull;

/// Two stacks in one range of bytes; see the [module](self). Every call is O(1).
///
/// ```
/// use memcore::heap::{Borrowed, DoubleStack};
/// let mut bytes = [0u8; 1024];
/// let mut stack = DoubleStack::new(Borrowed::new(&mut bytes))?;
/// stack.push_low(300, 1)?;
/// let mark = stack.mark_high();
/// stack.push_high(700, 1)?;
/// assert_eq!(stack.free(), 24);
/// assert!(stack.push_low(25, 1).is_err());
/// stack.rewind_high(mark)?;
/// assert_eq!((stack.used_low(), stack.used_high()), (300, 0));
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
#[derive(Debug)]
pub struct DoubleStack<M: Memory> {
    memory: M,
    /// One past the last byte of the low stack.
    low: usize,
    /// The first byte of the high stack.
    high: usize,
    len: usize,
}

impl<M: Memory> DoubleStack<M> {
    /// Two empty stacks at the ends of the memory as it is now; it does not grow.
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for memory of 0 bytes.
    pub fn new(memory: M) -> Result<Self> {
        let len = memory.len();
        if len == 0 {
            let address = memory.start().addr().get();
            return Err(HeapError::BadMemory { address, bytes: 0, rule: "must have at least 1 byte" });
        }
        Ok(DoubleStack { memory, low: 0, high: len, len })
    }

    /// Hands out `size` bytes (0 counts as 1) above the low stack, at a multiple of `alignment`. The bytes that are
    /// skipped for it count as used.
    ///
    /// # Errors
    /// [`BadAlignment`](AllocError::BadAlignment), [`TooLarge`](AllocError::TooLarge),
    /// [`OutOfSpace`](AllocError::OutOfSpace).
    #[inline]
    pub fn push_low(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let size = check_size(size)?;
        let start = self.memory.start();
        let pad = (start.addr().get() + self.low).wrapping_neg() & (alignment - 1);
        let free = self.free();
        if pad > free || size > free - pad {
            return Err(self.full(size, alignment));
        }
        let offset = self.low + pad;
        self.low = offset + size;
        // SAFETY: the block ends in front of the high stack, within the memory.
        Ok(unsafe { start.add(offset) })
    }

    /// Hands out `size` bytes (0 counts as 1) below the high stack, at a multiple of `alignment`. The bytes that are
    /// skipped for it count as used.
    ///
    /// # Errors
    /// As [`push_low`](Self::push_low).
    #[inline]
    pub fn push_high(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let size = check_size(size)?;
        let start = self.memory.start();
        let free = self.free();
        if size > free {
            return Err(self.full(size, alignment));
        }
        let pad = (start.addr().get() + self.high - size) & (alignment - 1);
        if pad > free - size {
            return Err(self.full(size, alignment));
        }
        self.high -= size + pad;
        // SAFETY: the block begins behind the low stack, within the memory.
        Ok(unsafe { start.add(self.high) })
    }

    #[cold]
    fn full(&self, size: usize, alignment: usize) -> HeapError {
        if size > self.len {
            return AllocError::TooLarge { size: size as u64, capacity: self.len as u64 }.into();
        }
        let (size, alignment, free) = (size as u64, alignment as u64, self.free() as u64);
        AllocError::OutOfSpace { size, alignment, free, largest_hole: free }.into()
    }

    /// Where the low stack ends, to [rewind](Self::rewind_low) to.
    #[inline]
    pub fn mark_low(&self) -> u64 {
        self.low as u64
    }

    /// Where the high stack begins, to [rewind](Self::rewind_high) to.
    #[inline]
    pub fn mark_high(&self) -> u64 {
        self.high as u64
    }

    /// Takes back what was pushed on the low stack after the mark.
    ///
    /// # Errors
    /// [`BadCheckpoint`](AllocError::BadCheckpoint) for a mark above the low stack: one that was rewound past, or one
    /// of the high stack.
    #[inline]
    pub fn rewind_low(&mut self, mark: u64) -> Result<()> {
        if mark > self.low as u64 {
            return Err(AllocError::BadCheckpoint { position: mark }.into());
        }
        self.low = mark as usize;
        Ok(())
    }

    /// Takes back what was pushed on the high stack after the mark.
    ///
    /// # Errors
    /// [`BadCheckpoint`](AllocError::BadCheckpoint) for a mark below the high stack or past the memory: one that was
    /// rewound past, or one of the low stack.
    #[inline]
    pub fn rewind_high(&mut self, mark: u64) -> Result<()> {
        if mark < self.high as u64 || mark > self.len as u64 {
            return Err(AllocError::BadCheckpoint { position: mark }.into());
        }
        self.high = mark as usize;
        Ok(())
    }

    /// Empties both stacks.
    pub fn reset(&mut self) {
        (self.low, self.high) = (0, self.len);
    }

    /// Bytes of the low stack, with what alignment takes.
    pub fn used_low(&self) -> usize {
        self.low
    }

    /// Bytes of the high stack, with what alignment takes.
    pub fn used_high(&self) -> usize {
        self.len - self.high
    }

    /// Bytes between the stacks.
    #[inline]
    pub fn free(&self) -> usize {
        self.high - self.low
    }

    /// Bytes in all: `used_low() + free() + used_high()`.
    pub fn capacity(&self) -> usize {
        self.len
    }

    /// Bytes of the stacks' own: there is nothing else.
    pub fn metadata_bytes(&self) -> usize {
        size_of::<Self>()
    }

    /// The memory.
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// The memory again, without the stacks.
    pub fn into_memory(self) -> M {
        self.memory
    }
}
