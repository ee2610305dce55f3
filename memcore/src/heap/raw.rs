//! The one interface of every heap over real bytes.
//!
//! It is malloc's, with three differences: the alignment is a part of each request, every error is a value, and every
//! address that comes back is checked. `free` of any number whatever is an answer, never undefined behaviour, which
//! is why it is a safe function here. What a program does *through* a pointer is its own business: that is where its
//! `unsafe` is.

use super::{HeapError, Result};
use crate::alloc::{AllocError, Corruption, Stats};
use core::ptr::{self, NonNull};

/// The most bytes that one block can have: pointers into it can be told apart by an `isize`.
pub const MOST_BYTES: usize = isize::MAX as usize;

/// A live block, as a [walk](RawHeap::visit_blocks) shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapBlock {
    /// Its first byte.
    pub address: NonNull<u8>,
    /// Bytes that can be used, at least those asked for.
    pub usable: usize,
    /// Bytes that were asked for, where the heap keeps that; else as `usable`.
    pub requested: usize,
}

/// A heap: blocks of real bytes, by address.
///
/// Each call succeeds or leaves the heap as it was. Times are per call and as those of the strategy behind the heap;
/// the checks of an address add O(1).
///
/// # Safety
/// Whoever implements it promises that a block it hands out is valid for reads and writes of its usable bytes, is
/// aligned as asked, overlaps no other live block, and stays so until it is freed or the heap is dropped, also when
/// the heap's value is moved.
pub unsafe trait RawHeap {
    /// Hands out `size` bytes (0 counts as 1) at an address that is a multiple of `alignment`. The contents are
    /// whatever was there.
    ///
    /// # Errors
    /// [`HeapError::Alloc`]: `BadAlignment`, `TooLarge`, `OutOfSpace`, `OutOfMetadata`. [`HeapError::System`] when
    /// memory could not grow.
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>>;

    /// The same, every byte zero. O(size) more, but for memory that the system has just given and zeroed itself.
    ///
    /// # Errors
    /// As [`allocate`](Self::allocate).
    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let block = self.allocate(size, alignment)?;
        // SAFETY: the block was just handed out with at least `size` bytes, and is nobody else's.
        unsafe { block.as_ptr().write_bytes(0, size) };
        Ok(block)
    }

    /// Takes back the block that begins at `block`, and tells how many usable bytes it had.
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock),
    /// [`DoubleFree`](HeapError::DoubleFree), [`HeaderSmashed`](HeapError::HeaderSmashed).
    fn free(&mut self, block: *mut u8) -> Result<usize>;

    /// Changes the size of a block where it is, and tells how many usable bytes it has then.
    ///
    /// # Errors
    /// Those of [`free`](Self::free); [`NoRoomInPlace`](HeapError::NoRoomInPlace) with the most it could have.
    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize>;

    /// Changes the size of a block, in place where that can be, else by moving its bytes to a new one. `alignment` is
    /// what the block shall have afterwards. On an error the block is as it was.
    ///
    /// # Errors
    /// Those of [`free`](Self::free) and [`allocate`](Self::allocate).
    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "usable_size has found a live block there")]
    fn reallocate(&mut self, block: *mut u8, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let old = match self.usable_size(block) {
            Ok(old) => old,
            // This knows a freed block from no block.
            Err(error) => return Err(self.resize_in_place(block, size).err().unwrap_or(error)),
        };
        if block.addr() & (alignment - 1) == 0 {
            match self.resize_in_place(block, size) {
                Ok(_) => return NonNull::new(block).ok_or(HeapError::NotInHeap { address: 0 }),
                Err(HeapError::NoRoomInPlace { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let new = self.allocate(size, alignment)?;
        // SAFETY: both blocks are live blocks of this heap with at least as many usable bytes, and distinct.
        unsafe { ptr::copy_nonoverlapping(block, new.as_ptr(), old.min(size)) };
        match self.free(block) {
            Ok(_) => Ok(new),
            Err(error) => {
                self.free(new.as_ptr())?;
                Err(error)
            }
        }
    }

    /// How many bytes of a block can be used. O(1).
    ///
    /// # Errors
    /// Those of [`free`](Self::free), `NotABlock` in place of `DoubleFree`.
    fn usable_size(&self, block: *const u8) -> Result<usize>;

    /// True for an address in the heap's memory, whatever is there. O(1).
    fn contains(&self, address: *const u8) -> bool;

    /// Shows every live block in address order. O(n).
    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock));

    /// The figures, defined as everywhere: see [`Stats`]. Headers count as used. Time as the strategy's.
    fn stats(&self) -> Stats;

    /// Bytes of tables outside the blocks.
    fn metadata_bytes(&self) -> usize;

    /// Gives whole pages that are free back to the system, and tells how many bytes: 0 for memory of the caller's.
    /// O(holes) system calls.
    fn trim(&mut self) -> usize {
        0
    }

    /// Checks every invariant, headers included. O(n log n).
    ///
    /// # Errors
    /// The first that is broken.
    fn validate(&self) -> core::result::Result<(), Corruption>;
}

/// Checks an alignment that came from outside.
pub(crate) fn check_alignment(alignment: usize) -> Result<()> {
    if alignment.is_power_of_two() {
        return Ok(());
    }
    Err(AllocError::BadAlignment { alignment: alignment as u64 }.into())
}

/// Checks a size that came from outside: 0 counts as 1.
pub(crate) fn check_size(size: usize) -> Result<usize> {
    if size > MOST_BYTES {
        return Err(AllocError::TooLarge { size: size as u64, capacity: MOST_BYTES as u64 }.into());
    }
    Ok(size.max(1))
}
