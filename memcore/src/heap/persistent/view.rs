//! Looking at an image without writing to it.

use super::journal::{Overlay, Step};
use super::layout::*;
use super::{Offset, PersistentBlock};
use crate::alloc::AllocError;
use crate::heap::{HeapError, Result};
use std_alloc::vec::Vec;

/// An image that is only read: of a file that another process made, say.
///
/// A step that a crash has left in the journal is seen as done, and the image stays as it is.
///
/// ```
/// use memcore::heap::{Borrowed, PersistentHeap, PersistentView};
/// #[repr(align(8))]
/// struct Aligned([u8; 4096]);
/// let mut bytes = Aligned([0; 4096]);
/// let mut heap = PersistentHeap::create(Borrowed::new(&mut bytes.0))?;
/// let block = heap.allocate(5, 1)?;
/// heap.bytes_mut(block)?.copy_from_slice(b"hello");
/// heap.close()?;
/// let view = PersistentView::new(&bytes.0)?;
/// assert_eq!(view.bytes(block)?, b"hello");
/// assert_eq!(view.blocks().count(), 1);
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PersistentView<'a> {
    bytes: &'a [u8],
    superblock: Superblock,
    blocks: Vec<PersistentBlock>,
    pending: bool,
}

/// Words of a slice, at whatever address it is.
struct Slice<'a>(&'a [u8]);

impl Words for Slice<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn word(&self, at: u64) -> u64 {
        let at = at as usize;
        self.0[at..at + 8].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
    }
}

impl<'a> PersistentView<'a> {
    /// Reads and checks an image. The bytes may be at any address, and more than the image has. O(n).
    ///
    /// # Errors
    /// [`BadImage`](HeapError::BadImage); `OutOfMetadata` without memory for 24 bytes a block.
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        let words = Slice(bytes);
        check_begin(&words)?;
        let step = Step::pending(&words)?;
        let words = Overlay { words: &words, step: step.as_ref() };
        let superblock = Superblock::read(&words)?;
        let mut blocks = Vec::new();
        let mut chunks = Chunks::new(&words, superblock.capacity);
        while let Some(chunk) = chunks.next()? {
            if let Some(block) = PersistentBlock::of(&chunk) {
                let full = AllocError::OutOfMetadata { blocks: blocks.len() as u64 };
                blocks.try_reserve(1).map_err(|_| full)?;
                blocks.push(block);
            }
        }
        let view = PersistentView { bytes, superblock, blocks, pending: step.is_some() };
        for (at, &root) in (AT_ROOTS..).step_by(8).zip(&view.superblock.roots) {
            if let Some(offset) = Offset::from_bits(root) {
                view.find(offset).or_else(|_| bad("a root is not a block", at, root))?;
            }
        }
        Ok(view)
    }

    fn find(&self, offset: Offset) -> Result<&PersistentBlock> {
        let found = self.blocks.binary_search_by_key(&offset, |block| block.offset);
        let place = found.map_err(|_| HeapError::NotABlock { address: offset.to_bits() as usize })?;
        Ok(&self.blocks[place])
    }

    /// A root, as [`PersistentHeap::root`](super::PersistentHeap::root). O(1).
    ///
    /// # Errors
    /// [`BadParameter`](HeapError::BadParameter) for a number of [`ROOTS`] or more.
    pub fn root(&self, number: usize) -> Result<Option<Offset>> {
        super::check_root(number)?;
        Ok(Offset::from_bits(self.superblock.roots[number]))
    }

    /// The bytes of a block. O(log n).
    ///
    /// # Errors
    /// [`NotABlock`](HeapError::NotABlock).
    pub fn bytes(&self, offset: Offset) -> Result<&'a [u8]> {
        let block = self.find(offset)?;
        let start = block.offset.to_bits() as usize;
        Ok(&self.bytes[start..start + block.size])
    }

    /// Bytes that a block was asked for with. O(log n).
    ///
    /// # Errors
    /// [`NotABlock`](HeapError::NotABlock).
    pub fn size_of(&self, offset: Offset) -> Result<usize> {
        Ok(self.find(offset)?.size)
    }

    /// Live blocks in the order of their offsets. O(1) a block.
    pub fn blocks(&self) -> impl Iterator<Item = PersistentBlock> + '_ {
        self.blocks.iter().copied()
    }

    /// Bytes of the image, superblock and headers included.
    pub fn capacity(&self) -> u64 {
        self.superblock.capacity
    }

    /// How many steps have changed the image since it was made: whoever keeps it, knows later whether it has changed.
    pub fn generation(&self) -> u64 {
        self.superblock.generation
    }

    /// True when the last writer has closed the image.
    pub fn is_clean(&self) -> bool {
        self.superblock.clean && !self.pending
    }
}
