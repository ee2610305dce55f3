//! `Heap<A, M>`: any strategy of [`alloc`](crate::alloc) over real bytes.
//!
//! ```text
//!          a block of the strategy          the next one
//!   |<---------- size + 8 ---------->|<--------------------
//!   | id: 8 bytes | payload ......   | id: 8 bytes | payload
//!                 ^ multiple of 16                 ^
//!   start bits    1                                1             one bit for each 16 bytes, outside the memory
//!   table         id -> start, requested, neighbours             the strategy's, outside the memory
//! ```
//!
//! The eight bytes in front of each payload hold the block's [id](BlockId). An address that comes back goes through
//! three questions, each O(1): does a block begin there (the bit)? whose is it (the header)? does the table agree that
//! this block lives and begins there? Only then is anything done. So a header is believed only where the heap wrote one,
//! a header that was written over is found out ([`HeaderSmashed`](HeapError::HeaderSmashed)), and the heap is as it was
//! before. The header of a freed block is left alone: as long as its bytes were not given out again, a second `free`
//! finds a stale id there, and says [`DoubleFree`](HeapError::DoubleFree). (So does the address behind a copy of such a
//! header, or behind one that an earlier heap left in the same memory.) A use of an address that was given out again
//! is found by ids: [`Heap::id`], [`Heap::address`], [`Heap::free_id`].
//!
//! # What a replay predicts
//!
//! A call for `size` bytes becomes the request for `size + 8` bytes, aligned to 16 or what was asked for, with a bias of
//! 8: that of a [`replay`](../../replay/index.html) with a header of 8, a granularity of 8 and an alignment of 16, in a
//! space of as many bytes as [`Stats::capacity`](crate::alloc::Stats::capacity) says. It predicts every offset, failure
//! and figure exactly, where the memory begins at a multiple of the widest alignment asked for. Payloads are multiples
//! of 16 whatever smaller alignment is asked for, as malloc's are. The figures count the header as asked for.
//!
//! Some strategies begin blocks at multiples of their size only: buddy, pool, and any with a granularity of 16. Their
//! space begins 8 bytes in front of a multiple of 16, and their requests have no bias; a replay with a header of 8 and an
//! alignment of 8 predicts them, as long as nothing wider than 16 is asked for.
//!
//! # What it costs
//!
//! In the memory: 8 bytes a block, and what rounding to 16 takes. Outside: the strategy's table (32 bytes a block or hole),
//! and one bit for each 16 bytes of memory, which is 0.8 percent of it. Time: the strategy's, and O(1).

mod growth;
mod raw;
mod starts;

pub use starts::start_words;

use super::raw::{check_alignment, check_size};
use super::{HeapError, Memory, Result};
use crate::alloc::storage::{Growable, Storage};
use crate::alloc::{
    AllocError, Allocator, AnyAllocator, Block, BlockId, Options, Request, Result as Placed, Strategy,
};
use core::fmt;
use core::ptr::NonNull;
use starts::{GRAIN, Starts};

/// Bytes in front of each payload: the block's id.
pub const HEADER: usize = 8;

/// A heap of strategy `A` in memory `M`; see the [module](self).
///
/// ```
/// use memcore::heap::{Borrowed, Heap, HeapError, RawHeap};
/// let mut bytes = [0u8; 4096];
/// let mut heap = Heap::new(&"best-fit".parse()?, Borrowed::new(&mut bytes))?;
/// let block = heap.allocate(100, 64)?;
/// assert_eq!(block.addr().get() % 64, 0);
/// assert!(heap.usable_size(block.as_ptr())? >= 100);
/// heap.free(block.as_ptr())?;
/// let address = block.addr().get();
/// assert_eq!(heap.free(block.as_ptr()), Err(HeapError::DoubleFree { address }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Heap<A: Allocator, M: Memory, S: Storage = Growable> {
    allocator: A,
    memory: M,
    starts: Starts<S>,
    /// Where the strategy's space begins in the memory.
    skip: usize,
    /// One past the last byte of the space that was ever in a block.
    touched: u64,
    /// Bytes of the memory that were there before the heap, and may have been written.
    given: u64,
}

impl<M: Memory> Heap<AnyAllocator, M> {
    /// A heap with growable tables. A memory that has no bytes yet is grown first. O(1), and O(memory / 1024) for the
    /// bits.
    ///
    /// # Errors
    /// [`Alloc`](HeapError::Alloc): what the strategy says of its parameters, and `OutOfMetadata`;
    /// [`BadMemory`](HeapError::BadMemory) when there is no room for one block; [`System`](HeapError::System).
    pub fn new(strategy: &Strategy, memory: M) -> Result<Self> {
        let by_size = matches!(strategy, Strategy::Buddy | Strategy::Pool { .. });
        // Payloads can be aligned as the space is: to pages, where those 4 KiB are next to nothing.
        let wide = (memory.limit() / 256).clamp(GRAIN, 4096).next_power_of_two();
        let frame = if by_size { Frame::Before(wide) } else { Frame::Open };
        let make =
            |options: Options, storage: &mut Growable| AnyAllocator::in_storage(strategy, options, storage);
        Self::assemble(memory, &mut Growable::default(), frame, make)
    }
}

/// Where the space begins in the memory.
#[derive(Clone, Copy)]
enum Frame {
    /// On a multiple of 16, or a header in front of one, as the strategy needs it.
    Open,
    /// A header in front of a multiple of this.
    Before(usize),
}

impl Frame {
    /// Bytes to skip from `start` on: where requests have a bias, and where they have none.
    fn skips(self, start: usize) -> (usize, usize) {
        let to = |alignment: usize, past: usize| (alignment - (start + past) % alignment) % alignment;
        match self {
            Frame::Open => (to(GRAIN, 0), to(GRAIN, HEADER)),
            Frame::Before(alignment) => (to(alignment, HEADER), to(alignment, HEADER)),
        }
    }
}

impl<A: Allocator, M: Memory, S: Storage> Heap<A, M, S> {
    /// A heap of parts. `make` gets the options of the space, with a granularity of 8, and makes the strategy; `storage`
    /// holds the bits afterwards, [`start_words`] of them. (A fixed storage must have room for those of the memory's
    /// limit.) The space has up to 23 bytes less than the memory.
    ///
    /// `make` may set another granularity that is a multiple of 8. With 16 every start is aligned as it must be, so that
    /// no strategy searches for one: a third less time under TLSF, for the same footprint.
    ///
    /// The heap relies on the allocator: one that hands out a range twice makes a heap that does.
    ///
    /// ```
    /// use memcore::alloc::{Strategy, Tlsf, Options, storage::Fixed};
    /// use memcore::heap::{Borrowed, Heap, RawHeap, start_words};
    /// let mut bytes = [0u8; 1 << 16];
    /// let words = "tlsf".parse::<Strategy>()?.fixed_words(&Options::new(1 << 16), 100)?;
    /// let mut tables = vec![0u64; words + start_words(1 << 16)];
    /// let mut storage = Fixed::new(&mut tables, 100);
    /// let make = |options, storage: &mut _| Tlsf::in_storage(options, Default::default(), storage);
    /// // SAFETY: the allocator is the library's.
    /// let mut heap = unsafe { Heap::with_parts(Borrowed::new(&mut bytes), &mut storage, make)? };
    /// heap.allocate(1000, 16)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Heap::new), and what `make` says; [`BadParameter`](HeapError::BadParameter) for an allocator with a
    /// granularity below 8 or a capacity above the one it was given.
    ///
    /// # Safety
    /// The allocator keeps its contract: live blocks lie within its capacity and do not overlap. Every one of this
    /// library does; one of somebody else's is safe code, which could say anything.
    pub unsafe fn with_parts(
        memory: M,
        storage: &mut S,
        make: impl FnOnce(Options, &mut S) -> Placed<A>,
    ) -> Result<Self> {
        Self::assemble(memory, storage, Frame::Open, make)
    }

    fn assemble(
        mut memory: M,
        storage: &mut S,
        frame: Frame,
        make: impl FnOnce(Options, &mut S) -> Placed<A>,
    ) -> Result<Self> {
        let (address, given) = (memory.start().addr().get(), memory.len() as u64);
        let (biased, unbiased) = frame.skips(address);
        let most_skipped = biased.max(unbiased);
        let least = most_skipped + HEADER + GRAIN;
        if memory.len() < least && least <= memory.limit() {
            memory.grow(least)?;
        }
        let bytes = memory.len();
        if bytes < least {
            return Err(HeapError::BadMemory { address, bytes, rule: "must have room for one block" });
        }
        let capacity = (bytes - most_skipped) as u64;
        let options = Options::new(capacity).granularity(HEADER as u64);
        let allocator = make(options, storage)?;
        let granularity = allocator.granularity();
        if granularity % HEADER as u64 != 0 {
            let rule = "must be a multiple of 8";
            return Err(HeapError::BadParameter { name: "granularity", value: granularity, rule });
        }
        if allocator.capacity() > capacity {
            let (name, rule) = ("capacity", "must be at most that of the options given");
            return Err(HeapError::BadParameter { name, value: allocator.capacity(), rule });
        }
        let smallest = Request::new((HEADER + 1) as u64).align(GRAIN as u64);
        let takes = |bias: usize| match allocator.size_for(&smallest.bias(bias as u64)) {
            Err(AllocError::TooLarge { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        let skip = match takes((address + biased + HEADER) % GRAIN) {
            Ok(()) => biased,
            Err(_) => takes(0).map(|()| unbiased)?,
        };
        let span = if S::FIXED { memory.limit() } else { bytes } - skip;
        let starts = Starts::new(storage, span).map_err(AllocError::from)?;
        Ok(Heap { allocator, memory, starts, skip, touched: 0, given })
    }

    /// The strategy. O(1).
    #[inline]
    pub fn allocator(&self) -> &A {
        &self.allocator
    }

    /// The memory. O(1).
    #[inline]
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// The id of the block that begins at `block`, which stays its name for as long as it lives. O(1).
    ///
    /// ```
    /// use memcore::heap::{Borrowed, Heap, RawHeap};
    /// let mut bytes = [0u8; 4096];
    /// let mut heap = Heap::new(&"tlsf".parse()?, Borrowed::new(&mut bytes))?;
    /// let old = heap.allocate(100, 16)?;
    /// let id = heap.id(old.as_ptr())?;
    /// heap.free(old.as_ptr())?;
    /// let new = heap.allocate(100, 16)?;
    /// assert_eq!(old, new); // the address alone cannot tell
    /// assert!(heap.address(id).is_err() && heap.free_id(id).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`free`](super::RawHeap::free).
    #[inline]
    pub fn id(&self, block: *const u8) -> Result<BlockId> {
        let (_, block) = self.find(block.addr()).map_err(|Lost| self.refuse(block.addr(), true))?;
        Ok(block.id)
    }

    /// Where the block of an id begins. O(1).
    ///
    /// # Errors
    /// [`Alloc`](HeapError::Alloc): `StaleId`, `UnknownId`.
    #[inline]
    pub fn address(&self, id: BlockId) -> Result<NonNull<u8>> {
        Ok(self.payload(&self.allocator.block(id)?))
    }

    /// Takes back the block of an id, and tells how many usable bytes it had. It goes by the table alone, so that a block
    /// whose header was written over can be freed in this way. Time as the strategy's.
    ///
    /// # Errors
    /// [`Alloc`](HeapError::Alloc): `DoubleFree` for the id of any block that was freed before, however long ago, and
    /// whoever has the address now; `UnknownId`, `NotTop`, `OutOfMetadata`.
    #[inline]
    pub fn free_id(&mut self, id: BlockId) -> Result<usize> {
        let block = self.allocator.free(id)?;
        self.starts.remove(block.start as usize + HEADER);
        Ok(block.size as usize - HEADER)
    }

    /// Hands out a block, with a tag where the allocator keeps tags, and tells its id and its address. Time as the
    /// strategy's.
    ///
    /// ```
    /// use memcore::alloc::{Allocator, FirstFit, Options, Request, storage::Growable};
    /// use memcore::heap::{Borrowed, Heap};
    /// let (mut bytes, mut storage) = ([0u8; 4096], Growable::default());
    /// let make = |options: Options, _: &mut _| FirstFit::new(options.tags(true));
    /// // SAFETY: the allocator is the library's.
    /// let mut heap = unsafe { Heap::with_parts(Borrowed::new(&mut bytes), &mut storage, make)? };
    /// let (id, _) = heap.allocate_block(Request::new(100).tag(7))?;
    /// assert_eq!(heap.allocator().tag(id), Ok(7));
    /// # Ok::<(), memcore::heap::HeapError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`allocate`](super::RawHeap::allocate); [`Alloc`](HeapError::Alloc): `BadBias` for a bias, which is the
    /// heap's own affair.
    #[inline]
    pub fn allocate_block(&mut self, request: Request) -> Result<(BlockId, NonNull<u8>)> {
        let Request { size, alignment, bias, tag } = request;
        if bias != 0 {
            let granularity = self.allocator.granularity();
            return Err(AllocError::BadBias { bias, alignment, granularity }.into());
        }
        let wide = || HeapError::from(AllocError::BadAlignment { alignment });
        let block = self.place(
            usize::try_from(size).unwrap_or(usize::MAX),
            usize::try_from(alignment).map_err(|_| wide())?,
            tag,
        )?;
        Ok((block.id, self.payload(&block)))
    }

    /// Frees every block. Time as so many frees, and O(memory / 1024).
    ///
    /// ```
    /// use memcore::heap::{Borrowed, Heap, RawHeap};
    /// let mut bytes = [0u8; 4096];
    /// let mut heap = Heap::new(&"bump".parse()?, Borrowed::new(&mut bytes))?;
    /// heap.allocate(4000, 16)?;
    /// assert!(heap.allocate(4000, 16).is_err());
    /// heap.reset()?;
    /// heap.allocate(4000, 16)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Alloc`](HeapError::Alloc): `OutOfMetadata` in growable storage when there is no memory for a hole; some blocks
    /// are free then.
    pub fn reset(&mut self) -> Result<()> {
        let done = self.allocator.reset();
        self.starts.clear();
        if done.is_err() {
            let Heap { allocator, starts, .. } = self;
            let blocks = crate::alloc::Regions::new(allocator).filter_map(|region| region.block());
            blocks.for_each(|block| starts.insert(block.start as usize + HEADER));
        }
        Ok(done?)
    }

    /// The first byte of the strategy's space.
    #[inline(always)]
    fn base(&self) -> usize {
        self.memory.start().addr().get() + self.skip
    }

    /// The byte at an offset of the space, which is at most its capacity.
    #[inline(always)]
    fn at(&self, offset: usize) -> *mut u8 {
        // SAFETY: the space lies in the memory, from `skip` on; so does every offset up to its capacity, or one past it.
        unsafe { self.memory.start().as_ptr().add(self.skip + offset) }
    }

    #[inline(always)]
    fn payload(&self, block: &Block) -> NonNull<u8> {
        let payload = self.at(block.start as usize + HEADER);
        // SAFETY: it is an address within memory that begins at a non-null one.
        unsafe { NonNull::new_unchecked(payload) }
    }

    /// The header in front of a payload that a set bit tells of.
    #[inline(always)]
    fn header(&self, payload: usize) -> u64 {
        // SAFETY: bits are set for payloads alone, which have a header in front of them, within the space and aligned for
        // a u64. Whoever holds the block has no business there, so that nobody else writes to it now.
        unsafe { self.at(payload - HEADER).cast::<u64>().read() }
    }

    #[inline(always)]
    fn place(&mut self, size: usize, alignment: usize, tag: u32) -> Result<Block> {
        let size = check_size(size)?;
        check_alignment(alignment)?;
        let alignment = alignment.max(GRAIN);
        let bias = (self.base() + HEADER) & (alignment - 1);
        let request =
            Request { size: (size + HEADER) as u64, alignment: alignment as u64, bias: bias as u64, tag };
        let block = match self.allocator.allocate(request) {
            Ok(block) => block,
            Err(error) => self.allocate_in_more(request, error)?,
        };
        let start = block.start as usize;
        // SAFETY: the strategy has just given these bytes to this block alone; starts and the space's first byte are
        // multiples of 8.
        unsafe { self.at(start).cast::<u64>().write(block.id.to_bits()) };
        self.starts.insert(start + HEADER);
        self.touched = self.touched.max(block.end());
        Ok(block)
    }

    /// The offset of the payload at an address, and its block.
    #[inline(always)]
    fn find(&self, address: usize) -> core::result::Result<(usize, Block), Lost> {
        let offset = address.wrapping_sub(self.base());
        if address % GRAIN != 0 || !self.starts.has(offset) {
            return Err(Lost);
        }
        let named = BlockId::from_bits(self.header(offset)).and_then(|id| self.allocator.block(id).ok());
        named.filter(|block| block.start as usize + HEADER == offset).map(|block| (offset, block)).ok_or(Lost)
    }

    /// Why no live block was found at an address. `is_freed` asks whether one was freed there.
    #[cold]
    #[inline(never)]
    fn refuse(&self, address: usize, is_freed: bool) -> HeapError {
        let first = self.memory.start().addr().get();
        if address < first || address - first >= self.memory.len() {
            return HeapError::NotInHeap { address };
        }
        let offset = address.wrapping_sub(self.base());
        if address % GRAIN == 0 && self.starts.has(offset) {
            return HeapError::HeaderSmashed { address, found: self.header(offset) };
        }
        // In the first bytes of the space there is no room for a header; above what was ever handed out there is none.
        let within = (HEADER..self.touched as usize).contains(&offset);
        if is_freed && within && address % GRAIN == 0 {
            // SAFETY: these eight bytes lie in the space, and are aligned for a u64. They may be anybody's: volatile, so
            // that nothing is concluded from the read but the number, which is shown to the table and nobody else.
            let bits = unsafe { self.at(offset - HEADER).cast::<u64>().read_volatile() };
            let stale = BlockId::from_bits(bits).map(|id| self.allocator.block(id));
            if matches!(stale, Some(Err(AllocError::StaleId { .. }))) {
                return HeapError::DoubleFree { address };
            }
        }
        HeapError::NotABlock { address }
    }
}

/// No live block begins at the address.
struct Lost;

impl<A: Allocator, M: Memory, S: Storage> fmt::Debug for Heap<A, M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("strategy", &self.allocator.name())
            .field("start", &self.memory.start())
            .field("capacity", &self.allocator.capacity())
            .field("used", &self.allocator.used())
            .finish_non_exhaustive()
    }
}
