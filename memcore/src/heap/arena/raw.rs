//! An arena of bytes in one range of memory, for programs in C and Python.
//!
//! ```text
//! memory   [ block | pad | block | block |        free        ]
//!          0               checkpoint    top              limit      a checkpoint is an offset
//! ```
//!
//! It is the strategy's own pointer, [`BumpCore`], bound to bytes: a replay of `bump` predicts every offset, because a
//! request's bias accounts for where the memory begins. It keeps nothing about blocks: 0 bytes of metadata each.

use super::super::raw::check_alignment;
use super::super::{HeapError, Memory, Result};
use crate::alloc::{AllocError, BumpCore, Options, Request};
use core::ptr::NonNull;

/// An arena of bytes; see the [module](self). Every call is O(1).
///
/// ```
/// use memcore::heap::{Borrowed, RawArena};
/// let mut bytes = [0u8; 1024];
/// let mut arena = RawArena::new(Borrowed::new(&mut bytes))?;
/// let kept = arena.allocate(100, 16)?;
/// let checkpoint = arena.checkpoint();
/// let lost = arena.allocate(200, 16)?;
/// arena.rewind(checkpoint)?;
/// assert_eq!(arena.allocate(200, 16)?, lost);
/// assert_eq!(arena.used(), arena.footprint());
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
#[derive(Debug)]
pub struct RawArena<M: Memory> {
    memory: M,
    core: BumpCore,
    /// The highest top before the last rewind.
    footprint: u64,
}

impl<M: Memory> RawArena<M> {
    /// An arena over the whole memory, which grows as far as the memory does.
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for memory of 0 bytes; those of [`Memory::grow`].
    pub fn new(mut memory: M) -> Result<Self> {
        if memory.limit() == 0 {
            let address = memory.start().addr().get();
            return Err(HeapError::BadMemory { address, bytes: 0, rule: "must have at least 1 byte" });
        }
        memory.grow(1)?;
        let core = BumpCore::new(Options::new(memory.len() as u64))?;
        Ok(RawArena { memory, core, footprint: 0 })
    }

    /// Hands out `size` bytes (0 counts as 1) at a multiple of `alignment`. The contents are whatever was there.
    ///
    /// # Errors
    /// [`BadAlignment`](AllocError::BadAlignment), [`TooLarge`](AllocError::TooLarge),
    /// [`OutOfSpace`](AllocError::OutOfSpace); those of [`Memory::grow`].
    #[inline]
    pub fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let start = self.memory.start();
        let bias = (start.addr().get() & alignment.wrapping_sub(1)) as u64;
        let request = Request { size: size.max(1) as u64, alignment: alignment as u64, bias, tag: 0 };
        let offset = match self.core.allocate(&request) {
            Ok(offset) => offset,
            Err(_) => self.allocate_and_grow(&request)?,
        };
        // SAFETY: the block lies within the memory.
        Ok(unsafe { start.add(offset as usize) })
    }

    #[cold]
    fn allocate_and_grow(&mut self, request: &Request) -> Result<u64> {
        let &Request { size, alignment, bias, .. } = request;
        check_alignment(alignment as usize)?;
        let (top, limit) = (self.core.top(), self.memory.limit() as u64);
        if size > limit {
            return Err(AllocError::TooLarge { size, capacity: limit }.into());
        }
        let pad = 0u64.wrapping_sub(top).wrapping_sub(bias) & (alignment - 1);
        let end = top.checked_add(pad).and_then(|start| start.checked_add(size)).filter(|&end| end <= limit);
        let Some(end) = end else {
            let free = limit - top;
            return Err(AllocError::OutOfSpace { size, alignment, free, largest_hole: free }.into());
        };
        self.memory.grow(end as usize)?;
        self.core.grow(self.memory.len() as u64)?;
        Ok(self.core.allocate(request)?)
    }

    /// The same, every byte zero. O(size).
    ///
    /// # Errors
    /// As [`allocate`](Self::allocate).
    pub fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let block = self.allocate(size, alignment)?;
        // SAFETY: the block was just handed out with so many bytes.
        unsafe { block.write_bytes(0, size.max(1)) };
        Ok(block)
    }

    /// This state, to [rewind](Self::rewind) to: the bytes that are used.
    #[inline]
    pub fn checkpoint(&self) -> u64 {
        self.core.top()
    }

    /// Takes back everything that was handed out after the checkpoint.
    ///
    /// # Errors
    /// [`BadCheckpoint`](AllocError::BadCheckpoint) for one above what is used. An older one that the arena was
    /// rewound past, and has grown over again since, cannot be told from a good one: it is a number and no more.
    #[inline]
    pub fn rewind(&mut self, checkpoint: u64) -> Result<()> {
        self.footprint = self.footprint.max(self.core.top());
        Ok(self.core.rewind(checkpoint)?)
    }

    /// Takes back everything.
    pub fn reset(&mut self) {
        self.footprint = self.footprint.max(self.core.top());
        self.core.set_top(0);
    }

    /// Bytes handed out, with what alignment takes.
    #[inline]
    pub fn used(&self) -> usize {
        self.core.top() as usize
    }

    /// The most bytes that were ever used.
    pub fn footprint(&self) -> usize {
        self.footprint.max(self.core.top()) as usize
    }

    /// Bytes that can be used before the memory has to grow.
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// True for an address in the part that is handed out.
    pub fn contains(&self, address: *const u8) -> bool {
        address.addr().wrapping_sub(self.memory.start().addr().get()) < self.used()
    }

    /// Gives whole pages above the top back to the system, and tells how many bytes: 0 for memory of the caller's.
    pub fn trim(&mut self) -> usize {
        self.memory.give_back(self.used()..self.memory.len())
    }

    /// Bytes of the arena itself: there is nothing else.
    pub fn metadata_bytes(&self) -> usize {
        size_of::<Self>()
    }

    /// The memory.
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// The memory again, without the arena.
    pub fn into_memory(self) -> M {
        self.memory
    }
}
