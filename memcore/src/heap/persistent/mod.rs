//! A heap of offsets in place of pointers, which survives its process.
//!
//! An image means the same at any address, in any process, in any language: blocks are named by their [`Offset`] from
//! the beginning, and all that must survive is in the bytes themselves. What makes it fast is not: the strategy's
//! tables are made anew from the headers when an image is opened.
//!
//! # The image
//!
//! All numbers are little-endian. A word has 8 bytes and lies at a multiple of 8; the memory begins at one.
//!
//! ```text
//! byte      0  magic         "memcore" and a zero byte
//!           8  version       4 bytes: 1
//!          12  header size   4 bytes: where the first chunk begins, 1280
//!          16  capacity      where the last chunk ends
//!          24  generation    steps since the image was made
//!          32  writer        0: closed; 1: a writer is attached, or was when it died
//!          40  checksum      of the words at 0, 8, 16 and 64 to 120
//!          64  strategy      64 bytes of text, filled up with zero bytes
//!         128  roots         16 words: the offset of a block, or 0
//!         256  checksum      of the roots
//!         504  commit        0: no step; else the number of its entries, and its checksum in the upper 4 bytes
//!         512  journal       48 entries: the place of a word, the word
//!        1280  chunks, one after the other up to the capacity
//!
//! chunk     0  size and state     bytes of the chunk, a multiple of 32, + 1: a block, + 2: free
//!           8  previous           bytes of the chunk before it; 0: it is the first
//!          16  requested          bytes asked for; 0 when it is free
//!          24  alignment          4 bytes: its logarithm to base 2; 0 when it is free
//!          28  checksum           4 bytes: the lower half of that of its own place and the four numbers above
//!          32  the block's bytes: this place is its offset
//! ```
//!
//! Two free chunks never touch. A checksum begins with the magic as a number; for each word w of those it covers, it
//! becomes mix(checksum XOR w), where mix is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
//! pseudorandom number generators", OOPSLA 2014): x ^= x >> 30, x *= bf58476d1ce4e5b9, x ^= x >> 27, x *=
//! 94d049bb133111eb, x ^= x >> 31. Bytes between 264 and 504 and in free chunks behind their header mean nothing.
//!
//! # After a crash
//!
//! Each call is one step: a list of words that is written to the journal, committed by one store, applied, and ended
//! (redo logging: Gray and Reuter, "Transaction processing", 1993, chapter 9). A process that is killed at any
//! point leaves an image that [`open`](PersistentHeap::open) brings to the state before the call or after it. That
//! holds for blocks, sizes and roots; what was written *in* blocks is there as far as it was written, which is the
//! program's own to order, say by preparing a block completely before [`set_root`](PersistentHeap::set_root) shows it.
//!
//! Should the power fail, the pages of a file are as of the last [`sync`](PersistentHeap::sync), or as of some later
//! moment each: `open` then finds a state that fits together, or refuses with [`BadImage`](HeapError::BadImage). It
//! never believes a header that does not fit.
//!
//! One writer at a time: [`FileMemory`](super::FileMemory) locks its file; other memory is the caller's to guard.

mod image;
mod journal;
mod layout;
mod operations;
mod view;

#[cfg(test)]
mod tests;

use super::raw::{check_alignment, check_size};
use super::{HeapError, Memory, Result};
use crate::alloc::{
    AllocError, Allocator, AnyAllocator, Block, Corruption, Options, Request, Stats, Strategy,
};
use core::fmt;
use core::num::NonZeroU64;
use image::Image;
use journal::{Overlay, Step};
pub use layout::ROOTS;
use layout::*;
pub use view::PersistentView;

/// What memory that can grow has from the beginning.
const FIRST_BYTES: usize = 1 << 16;

/// Where a block begins, counted from the beginning of the memory: it means the same wherever that is.
///
/// ```
/// use memcore::heap::Offset;
/// assert_eq!(size_of::<Option<Offset>>(), 8);
/// assert_eq!(Offset::from_bits(1312).unwrap().to_bits(), 1312);
/// assert_eq!(Offset::from_bits(0), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Offset(NonZeroU64);

impl Offset {
    /// The offset as a number that is never 0.
    pub fn to_bits(self) -> u64 {
        self.0.get()
    }

    /// The offset of this number; `None` for 0. Any other is safe to try: a heap knows its blocks.
    pub fn from_bits(bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).map(Offset)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offset({self})")
    }
}

/// A live block of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersistentBlock {
    /// Where it begins.
    pub offset: Offset,
    /// Bytes that it was asked for with.
    pub size: usize,
    /// What its offset is a multiple of.
    pub alignment: u64,
}

impl PersistentBlock {
    fn of(chunk: &Chunk) -> Option<Self> {
        let (size, alignment) = chunk.block?;
        let offset = Offset::from_bits(chunk.at + HEADER)?;
        Some(PersistentBlock { offset, size: size as usize, alignment: 1 << alignment })
    }
}

/// What [`PersistentHeap::open`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last writer closed the image.
    pub clean: bool,
    /// A step was in the journal, and was completed.
    pub completed: bool,
    /// Live blocks.
    pub blocks: u64,
    /// Bytes that they were asked for with.
    pub bytes: u64,
}

/// A heap whose memory is all that it needs to be opened again; see the [module](self).
///
/// ```
/// use memcore::heap::{Borrowed, PersistentHeap};
/// let mut words = vec![0u64; 1024];
/// let bytes = bytemuck::cast_slice_mut(&mut words);
/// let mut heap = PersistentHeap::create(Borrowed::new(bytes))?;
/// let block = heap.allocate(5, 1)?;
/// heap.bytes_mut(block)?.copy_from_slice(b"hello");
/// heap.set_root(3, Some(block))?;
/// drop(heap);
///
/// let bytes = bytemuck::cast_slice_mut(&mut words);
/// let (heap, recovery) = PersistentHeap::open(Borrowed::new(bytes))?;
/// assert_eq!((recovery.clean, recovery.blocks, recovery.bytes), (true, 1, 5));
/// assert_eq!(heap.root(3)?, Some(block));
/// assert_eq!(heap.bytes(block)?, b"hello");
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
pub struct PersistentHeap<M: Memory> {
    image: Image<M>,
    /// Who has what, in a space that begins at the first chunk. Headers count as a part of their blocks.
    allocator: AnyAllocator,
    roots: [u64; ROOTS],
    generation: u64,
    strategy_words: [u64; STRATEGY_WORDS],
}

fn check_root(number: usize) -> Result<()> {
    if number < ROOTS {
        return Ok(());
    }
    Err(HeapError::BadParameter { name: "root", value: number as u64, rule: "must be below 16" })
}

fn check_memory(memory: &impl Memory) -> Result<()> {
    let address = memory.start().addr().get();
    let bad = |rule| Err(HeapError::BadMemory { address, bytes: memory.len(), rule });
    if address % 8 != 0 {
        return bad("must begin at a multiple of 8");
    }
    if (memory.len() as u64) < FIRST + UNIT {
        return bad("must have at least 1312 bytes");
    }
    Ok(())
}

/// The strategy over the chunks of an image, before there are blocks.
fn make_allocator(strategy: &Strategy, capacity: u64) -> Result<AnyAllocator> {
    let options = Options::new(capacity - FIRST).granularity(UNIT).address_index(true);
    Ok(AnyAllocator::new(strategy, options)?)
}

/// What is asked of the strategy for a block of `size` bytes: the point behind the header is to be aligned.
fn request(size: u64, alignment: u64) -> Request {
    Request::new(size + HEADER).align(alignment).bias(FIRST + HEADER)
}

impl<M: Memory> PersistentHeap<M> {
    /// Makes an image in this memory, whose blocks [TLSF](crate::alloc::Tlsf) places. What was there is gone.
    /// O(1) where the memory is zero, else O(bytes).
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for memory of less than 1312 bytes, or that does not begin at a multiple of
    /// 8; `OutOfMetadata`.
    pub fn create(memory: M) -> Result<Self> {
        let parameters = crate::alloc::TlsfParameters::default();
        Self::create_with(memory, &Strategy::Tlsf { parameters, tie: crate::alloc::Tie::Recent })
    }

    /// The same, with a strategy of the caller's choice: first, next, best or worst fit, or TLSF.
    ///
    /// # Errors
    /// As [`create`](Self::create); `Unsupported` for other strategies.
    pub fn create_with(mut memory: M, strategy: &Strategy) -> Result<Self> {
        let strategy_words = strategy_words(strategy)?;
        let first = FIRST_BYTES.min(memory.limit());
        if memory.len() < first {
            memory.grow(first)?;
        }
        check_memory(&memory)?;
        Self::format(Image::new(memory), strategy, strategy_words)
    }

    fn format(
        mut image: Image<M>,
        strategy: &Strategy,
        strategy_words: [u64; STRATEGY_WORDS],
    ) -> Result<Self> {
        let capacity = FIRST + (image.len() - FIRST) / UNIT * UNIT;
        let allocator = make_allocator(strategy, capacity)?;
        // The magic goes first and comes last: half an image is none.
        image.store(AT_MAGIC, 0);
        image.clear(FIRST as usize);
        image.store(AT_VERSION, VERSION | FIRST << 32);
        image.store(AT_CAPACITY, capacity);
        image.store(AT_WRITER, 1);
        image.store(AT_CHECKSUM, fixed_checksum(capacity, &strategy_words));
        for (at, word) in (AT_STRATEGY..).step_by(8).zip(strategy_words) {
            image.store(at, word);
        }
        let roots = [0; ROOTS];
        image.store(AT_ROOTS_CHECKSUM, checksum(roots));
        let free = Chunk { at: FIRST, size: capacity - FIRST, previous: 0, block: None };
        for (at, word) in (FIRST..).step_by(8).zip(free.words()) {
            image.store(at, word);
        }
        image.store(AT_MAGIC, MAGIC);
        Ok(PersistentHeap { image, allocator, roots, generation: 0, strategy_words })
    }

    /// Opens the image in this memory: checks all of it, and completes a step that a crash has cut. An image that is
    /// refused is not written to. O(n log n).
    ///
    /// # Errors
    /// [`BadImage`](HeapError::BadImage) with what does not hold, and where; [`BadMemory`](HeapError::BadMemory) for
    /// memory that nobody has written yet, too; `OutOfMetadata`.
    pub fn open(memory: M) -> Result<(Self, Recovery)> {
        if !memory.is_initialised() {
            let rule = "must have been written";
            let (address, bytes) = (memory.start().addr().get(), memory.len());
            return Err(HeapError::BadMemory { address, bytes, rule });
        }
        check_memory(&memory)?;
        Self::take_up(Image::new(memory))
    }

    fn take_up(mut image: Image<M>) -> Result<(Self, Recovery)> {
        check_begin(&image)?;
        let step = Step::pending(&image)?;
        let words = Overlay { words: &image, step: step.as_ref() };
        let superblock = Superblock::read(&words)?;
        let mut allocator = make_allocator(&superblock.strategy, superblock.capacity)?;
        let mut recovery =
            Recovery { clean: superblock.clean, completed: step.is_some(), blocks: 0, bytes: 0 };
        let mut chunks = Chunks::new(&words, superblock.capacity);
        while let Some(chunk) = chunks.next()? {
            let Some((size, alignment)) = chunk.block else { continue };
            match allocator.allocate_at(chunk.at - FIRST, request(size, 1 << alignment)) {
                Ok(_) => {}
                Err(error @ AllocError::OutOfMetadata { .. }) => return Err(error.into()),
                Err(_) => return bad("a block cannot be where it is", chunk.at, size),
            }
            recovery.blocks += 1;
            recovery.bytes += size;
        }
        let Superblock { roots, generation, strategy_words, .. } = superblock;
        for (at, &root) in (AT_ROOTS..).step_by(8).zip(&roots) {
            let start = root.wrapping_sub(FIRST + HEADER);
            if root != 0 && allocator.block_at(start).is_err() {
                return bad("a root is not a block", at, root);
            }
        }
        match step {
            Some(step) => step.apply(&mut image),
            None => image.store(AT_COMMIT, 0),
        }
        image.store(AT_WRITER, 1);
        Ok((PersistentHeap { image, allocator, roots, generation, strategy_words }, recovery))
    }

    /// Marks the image as closed, and sees to it that it is kept: see [`sync`](Self::sync). A heap that is dropped is
    /// marked, too.
    ///
    /// # Errors
    /// [`System`](HeapError::System).
    pub fn close(mut self) -> Result<()> {
        self.image.store(AT_WRITER, 0);
        self.image.memory.sync()
    }

    /// Returns when all that was written, in blocks too, would survive a failure of the power, where the memory is a
    /// [file](super::FileMemory). Elsewhere it does nothing.
    ///
    /// # Errors
    /// [`System`](HeapError::System).
    pub fn sync(&mut self) -> Result<()> {
        self.image.memory.sync()
    }
}

impl<M: Memory> Drop for PersistentHeap<M> {
    fn drop(&mut self) {
        self.image.store(AT_WRITER, 0);
    }
}
