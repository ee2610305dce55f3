//! A heap whose blocks move while their handles stay.
//!
//! ```text
//! handle (generation | index) --> table of the strategy --> start, size
//!
//! before  [A][ hole ][B][ hole ][C pinned][ hole ][D]
//! compact [A][B][    hole      ][C pinned][D][ hole ]     A, B, C and D are still called A, B, C and D
//! ```
//!
//! Whoever holds addresses can never be moved, so that an ordinary heap keeps the holes it has. Here the program holds
//! the ids of the strategy's table, and asks for the bytes when it uses them: [`bytes`](HandleHeap::bytes) and
//! [`bytes_mut`](HandleHeap::bytes_mut) borrow the heap, so that the compiler sees to it that nothing moves meanwhile.
//! The idea is that of the relocatable blocks of the Macintosh (Inside Macintosh II, "The Memory Manager", Apple
//! 1985), without their master pointers: the table is the only level between.
//!
//! # Pins and locks
//!
//! | held by | may move | may be freed or resized | for |
//! |---|---|---|---|
//! | nothing | yes | yes | |
//! | [`lock`](HandleHeap::lock) | yes | no: [`Held`](HeapError::Held) | somebody else still counts on the contents |
//! | [`pin`](HandleHeap::pin) | no | no: [`Held`](HeapError::Held) | an address that is given away: a device, a view of Python |
//!
//! Both are counted, so that holders need not know of each other.
//!
//! # Compaction in small steps
//!
//! Blocks slide towards the beginning without changing their order: the "LISP 2" order (Cohen and Nicolau, "Comparison
//! of compacting algorithms for garbage collection", TOPLAS 1983). A sweep goes up through the blocks; a step of it
//! costs what its [`Budget`](crate::alloc::Budget) says and no more, however many blocks there are, and the next step
//! goes on where it ended, while the program allocates and frees between the steps. Once a whole sweep has passed since
//! the last change, a step is O(1). Free-list strategies compact so; a pool plans as a whole, in O(n); the other
//! strategies cannot compact, and say so.
//!
//! # Memory
//!
//! There are no headers: all that is kept of a block is in tables outside. The heap grows with its memory, as far as
//! that can grow. Each byte is set to zero before it is handed out for the first time, so that no block ever shows
//! memory that nobody has written.

mod compact;
mod holds;

use super::raw::{check_alignment, check_size};
use super::{Borrowed, HeapError, Memory, Result};
use crate::alloc::{AllocError, Allocator, AnyAllocator, Block, BlockId, Corruption, Options};
use crate::alloc::{Regions, Request, Stats, Strategy};
pub use compact::Compaction;
use compact::Sweep;
use core::{ptr, ptr::NonNull, slice};
use hashbrown::HashMap;
use holds::Holds;

/// Starts and sizes of blocks are multiples of it.
const GRANULARITY: u64 = 8;
/// The most that the beginning of the managed bytes is aligned to.
const MOST_BASE_ALIGNMENT: usize = 4096;
/// What memory that can grow has from the beginning.
const FIRST_BYTES: usize = 1 << 16;

type Map<V> = HashMap<BlockId, V, foldhash::fast::FixedState>;

/// A heap whose blocks move while their handles stay; see the [module](self).
///
/// ```
/// use memcore::alloc::{Budget, Strategy};
/// use memcore::heap::{Borrowed, HandleHeap};
/// let mut bytes = [0u8; 4096];
/// let mut heap = HandleHeap::new(&Strategy::FirstFit, Borrowed::new(&mut bytes))?;
/// let first = heap.allocate(1000, 8)?;
/// let second = heap.allocate(5, 1)?;
/// heap.bytes_mut(second)?.copy_from_slice(b"hello");
/// heap.free(first)?;
/// let done = heap.compact(Budget::UNLIMITED)?;
/// assert_eq!((done.moves, done.fragmentation_after, done.done), (1, 0.0, true));
/// assert_eq!(heap.bytes(second)?, b"hello");
/// assert!(heap.bytes(first).is_err());
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
pub struct HandleHeap<A: Allocator = AnyAllocator, M: Memory = Borrowed<'static>> {
    memory: M,
    allocator: A,
    /// Bytes in front of the managed ones, for the sake of alignment.
    skip: usize,
    /// Managed bytes up to here have been written, or are known to be zero. They lie within the memory.
    written: u64,
    /// Pins and locks of blocks that have some, by the strategy's id.
    holds: Map<Holds>,
    /// A block that changed its place to be resized has a new id in the strategy: from its handle to that, and back.
    renamed: Map<BlockId>,
    handles: Map<BlockId>,
    sweep: Sweep,
}

impl<M: Memory> HandleHeap<AnyAllocator, M> {
    /// A heap of any strategy in this memory. Those that cannot compact serve, too.
    ///
    /// # Errors
    /// As [`with_allocator`](HandleHeap::with_allocator).
    pub fn new(strategy: &Strategy, memory: M) -> Result<Self> {
        Self::with_allocator(memory, |options| AnyAllocator::new(strategy, options))
    }
}

impl<A: Allocator, M: Memory> HandleHeap<A, M> {
    /// A heap whose strategy is made by `make` from the capacity and granularity that it is given. O(1).
    ///
    /// ```
    /// use memcore::alloc::FirstFit;
    /// use memcore::heap::{Borrowed, HandleHeap};
    /// let mut bytes = [0u8; 4096];
    /// let heap = HandleHeap::with_allocator(Borrowed::new(&mut bytes), FirstFit::new)?;
    /// assert!(heap.stats().capacity > 4000);
    /// # Ok::<(), memcore::heap::HeapError>(())
    /// ```
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for memory without room for a block; those of the strategy and the memory;
    /// [`BadParameter`](HeapError::BadParameter) when the strategy covers more than it was given.
    pub fn with_allocator(
        mut memory: M,
        make: impl FnOnce(Options) -> crate::alloc::Result<A>,
    ) -> Result<Self> {
        let first = FIRST_BYTES.min(memory.limit());
        if memory.len() < first {
            memory.grow(first)?;
        }
        let address = memory.start().addr().get();
        // As aligned as costs at most a 64th of the memory.
        let alignment = (memory.limit() / 64).clamp(GRANULARITY as usize, MOST_BASE_ALIGNMENT);
        let skip = address.wrapping_neg() & ((1 << alignment.ilog2()) - 1);
        let capacity = memory.len().saturating_sub(skip) as u64;
        if capacity < GRANULARITY {
            let rule = "must have room for a block of 8 bytes at a multiple of 8";
            return Err(HeapError::BadMemory { address, bytes: memory.len(), rule });
        }
        let allocator = make(Options::new(capacity).granularity(GRANULARITY))?;
        if allocator.capacity() > capacity || allocator.used() > 0 {
            let rule = "must be at most what the strategy was given, and nothing of it used";
            return Err(HeapError::BadParameter { name: "capacity", value: allocator.capacity(), rule });
        }
        Ok(HandleHeap {
            memory,
            allocator,
            skip,
            written: 0,
            holds: HashMap::default(),
            renamed: HashMap::default(),
            handles: HashMap::default(),
            sweep: Sweep::default(),
        })
    }

    /// How many bytes are managed.
    fn room(&self) -> u64 {
        (self.memory.len() - self.skip) as u64
    }

    /// A strategy is anybody's safe code, so that it is not believed: a range must lie within `limit` bytes.
    fn check_range(start: u64, size: u64, limit: u64) -> Result<()> {
        if start.checked_add(size).is_some_and(|end| end <= limit) {
            return Ok(());
        }
        let rule = "a strategy must stay within its space";
        Err(HeapError::BadParameter { name: "block", value: start, rule })
    }

    /// The byte at an offset of the managed ones, at most [`room`](Self::room).
    fn at(&self, offset: u64) -> *mut u8 {
        debug_assert!(offset <= self.room());
        // SAFETY: callers have checked that the offset lies within the memory behind `skip`.
        unsafe { self.memory.start().as_ptr().add(self.skip + offset as usize) }
    }

    /// Hands out `size` bytes (0 counts as 1) that begin at a multiple of `alignment`, now and wherever they move.
    /// What is in them is what was there, or zero. Time as the strategy's.
    ///
    /// # Errors
    /// [`HeapError::Alloc`]: `BadAlignment`, `TooLarge`, `OutOfSpace`, `OutOfMetadata`; those of the memory's growth.
    /// A pool or buddies refuse alignments above the memory's own with `BadBias`.
    pub fn allocate(&mut self, size: usize, alignment: usize) -> Result<BlockId> {
        check_alignment(alignment)?;
        let block = self.place(check_size(size)?, alignment)?;
        Ok(block.id)
    }

    /// The same, every byte zero. O(size) more.
    ///
    /// # Errors
    /// As [`allocate`](Self::allocate).
    pub fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<BlockId> {
        check_alignment(alignment)?;
        let block = self.place(check_size(size)?, alignment)?;
        // SAFETY: the block was just handed out within the memory, and the heap is borrowed uniquely.
        unsafe { self.at(block.start).write_bytes(0, block.requested as usize) };
        Ok(block.id)
    }

    fn place(&mut self, size: usize, alignment: usize) -> Result<Block> {
        let base = self.memory.start().addr().get() + self.skip;
        let bias = (base & (alignment - 1)) as u64;
        let request = Request::new(size as u64).align(alignment as u64).bias(bias);
        let block = match self.allocator.allocate(request) {
            Ok(block) => block,
            Err(error) => self.place_grown(request, error)?,
        };
        self.sweep.changed();
        self.write_up_to(&block)?;
        Ok(block)
    }

    /// After a failure for want of room: makes the memory larger, where it can be, and tries again.
    #[cold]
    fn place_grown(&mut self, request: Request, error: AllocError) -> Result<Block> {
        let (len, limit) = (self.memory.len(), self.memory.limit());
        let capacity = self.allocator.capacity();
        let wants_room = match error {
            AllocError::OutOfSpace { .. } => true,
            AllocError::TooLarge { size, .. } => size > capacity,
            _ => false,
        };
        if !wants_room || len >= limit || request.size > limit as u64 {
            return Err(error.into());
        }
        let more = request.size.saturating_add(request.alignment).saturating_add(GRANULARITY);
        let wanted = usize::try_from(more).unwrap_or(usize::MAX).saturating_add(len).min(limit);
        let all_written = self.written == self.room() && self.memory.starts_zeroed();
        self.memory.grow(wanted)?;
        if all_written {
            self.written = self.room();
        }
        self.allocator.grow(self.room())?;
        self.sweep.changed();
        Ok(self.allocator.allocate(request)?)
    }

    /// Sets what nobody has written up to the end of a block to zero. Each byte once in the heap's life.
    fn write_up_to(&mut self, block: &Block) -> Result<()> {
        let size = block.size.max(block.requested);
        Self::check_range(block.start, size, self.room())?;
        let end = block.start + size;
        if end > self.written {
            // SAFETY: the range lies within the memory; no block has reached beyond `written` yet, but for the one
            // that was just handed out, and the heap is borrowed uniquely.
            unsafe { self.at(self.written).write_bytes(0, (end - self.written) as usize) };
            self.written = end;
        }
        Ok(())
    }

    /// The live block that a handle names, under the strategy's own id.
    fn find(&self, handle: BlockId) -> Result<Block> {
        let block = match self.allocator.block(handle) {
            Ok(block) => block,
            Err(_) => {
                let renamed = self.renamed.get(&handle).and_then(|&id| self.allocator.block(id).ok());
                renamed.ok_or(HeapError::StaleHandle { handle: handle.to_bits() })?
            }
        };
        Self::check_range(block.start, block.requested, self.written)?;
        Ok(block)
    }

    /// The handle of a block of the strategy.
    fn handle_of(&self, id: BlockId) -> BlockId {
        if self.handles.is_empty() { id } else { self.handles.get(&id).copied().unwrap_or(id) }
    }

    /// The block, unless it is pinned or locked.
    fn find_free_to_go(&self, handle: BlockId) -> Result<Block> {
        let block = self.find(handle)?;
        match self.holds.get(&block.id) {
            Some(holds) => Err(HeapError::Held { handle: handle.to_bits(), holds: holds.count() }),
            None => Ok(block),
        }
    }

    /// Takes a block back, and tells how many bytes it was asked for with. Time as the strategy's.
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle), always, for a handle whose block was freed before;
    /// [`Held`](HeapError::Held); those of the strategy: `NotTop`, `OutOfMetadata`.
    pub fn free(&mut self, id: BlockId) -> Result<usize> {
        let block = self.find_free_to_go(id)?;
        self.release(&block)?;
        if block.id != id {
            self.renamed.remove(&id);
            self.handles.remove(&block.id);
        }
        Ok(block.requested as usize)
    }

    fn release(&mut self, block: &Block) -> Result<()> {
        let before = match self.sweep.is_at(block.id) {
            true => self.allocator.neighbours(block.id)?.0,
            false => None,
        };
        self.allocator.free(block.id)?;
        self.sweep.changed();
        self.sweep.freed(block.id, before.map(|block| block.id));
        Ok(())
    }

    /// Changes the size of a block (0 counts as 1), in place where that can be, else at another place. The handle
    /// stays, and so do the contents as far as both sizes reach. Time as the strategy's, O(size) more for a move.
    ///
    /// # Errors
    /// Those of [`free`](Self::free) and [`allocate`](Self::allocate); the block is as it was then.
    pub fn resize(&mut self, id: BlockId, size: usize) -> Result<()> {
        let size = check_size(size)?;
        let old = self.find_free_to_go(id)?;
        match self.allocator.resize(old.id, size as u64) {
            Ok(block) => {
                self.sweep.changed();
                self.write_up_to(&block)
            }
            // A space that is full to its last byte, or cannot hold as much: growth may help.
            Err(AllocError::NoRoomInPlace { .. } | AllocError::TooLarge { .. }) => {
                self.resize_elsewhere(id, &old, size)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn resize_elsewhere(&mut self, handle: BlockId, old: &Block, size: usize) -> Result<()> {
        let full = |_| AllocError::OutOfMetadata { blocks: self.allocator.stats().blocks };
        self.renamed.try_reserve(1).map_err(full)?;
        let full = |_| AllocError::OutOfMetadata { blocks: self.allocator.stats().blocks };
        self.handles.try_reserve(1).map_err(full)?;
        let alignment = self.allocator.alignment(old.id)?;
        let new = self.place(size, alignment as usize)?;
        let bytes = old.requested.min(new.requested) as usize;
        // SAFETY: both blocks lie within the memory with as many bytes, and the heap is borrowed uniquely.
        unsafe { ptr::copy(self.at(old.start), self.at(new.start), bytes) };
        if let Err(error) = self.release(old) {
            self.release(&new)?;
            return Err(error);
        }
        self.handles.remove(&old.id);
        self.renamed.insert(handle, new.id);
        self.handles.insert(new.id, handle);
        Ok(())
    }

    /// Bytes that a block was asked for with. O(1).
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle).
    pub fn size(&self, id: BlockId) -> Result<usize> {
        Ok(self.find(id)?.requested as usize)
    }

    /// The bytes of a block. They stay where they are as long as they are borrowed. O(1).
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle).
    pub fn bytes(&self, id: BlockId) -> Result<&[u8]> {
        let block = self.find(id)?;
        // SAFETY: the block lies within what was written, and the heap is borrowed, so that only who got the address
        // of a pinned block could write to it: that is his unsafe business.
        Ok(unsafe { slice::from_raw_parts(self.at(block.start), block.requested as usize) })
    }

    /// The bytes of a block, to be changed. O(1).
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle).
    pub fn bytes_mut(&mut self, id: BlockId) -> Result<&mut [u8]> {
        let block = self.find(id)?;
        // SAFETY: as for `bytes`; the heap is borrowed as a whole, and no two live blocks overlap.
        Ok(unsafe { slice::from_raw_parts_mut(self.at(block.start), block.requested as usize) })
    }

    /// The figures. Time as the strategy's.
    pub fn stats(&self) -> Stats {
        self.allocator.stats()
    }

    /// The strategy. A block that was resized elsewhere has another id there than its handle.
    pub fn allocator(&self) -> &A {
        &self.allocator
    }

    /// The memory.
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// Live blocks in address order, each with its handle as id and its start counted from the first managed byte.
    /// O(1) a block, and O(1) for each hole between.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let blocks = Regions::new(&self.allocator).filter_map(|region| region.block());
        blocks.map(|block| Block { id: self.handle_of(block.id), ..block })
    }

    /// Checks every invariant: those of the strategy, that every block lies within the memory, at an address as
    /// aligned as it was asked for, and that pins, locks and handles are of live blocks. O(n log n).
    ///
    /// # Errors
    /// The first that is broken.
    pub fn validate(&self) -> core::result::Result<(), Corruption> {
        self.allocator.validate()?;
        let room = self.room();
        Corruption::unless(self.allocator.capacity() <= room, "the space passes the memory", room)?;
        for block in Regions::new(&self.allocator).filter_map(|region| region.block()) {
            let alignment = self.allocator.alignment(block.id).unwrap_or(1);
            let address = self.at(block.start).addr() as u64;
            Corruption::unless(address & (alignment - 1) == 0, "a block is not aligned", block.start)?;
            let written = block.end() <= self.written;
            Corruption::unless(written, "a block shows bytes that nobody wrote", block.start)?;
        }
        for id in self.holds.keys() {
            let lives = self.allocator.block(*id).is_ok();
            Corruption::unless(lives, "a block that is held was freed", id.to_bits())?;
        }
        let pairs = self.renamed.len() == self.handles.len();
        Corruption::unless(pairs, "renamed blocks do not pair", self.renamed.len() as u64)?;
        for (handle, id) in &self.renamed {
            let paired = self.handles.get(id) == Some(handle) && self.allocator.block(*id).is_ok();
            Corruption::unless(paired, "a renamed block is not what its handle says", handle.to_bits())?;
        }
        Ok(())
    }
}

// The calls about pins are with the table they change: see `holds`.
impl<A: Allocator, M: Memory> HandleHeap<A, M> {
    /// Keeps a block where it is until as many [`unpin`](Self::unpin)s, and tells its address, which is good so long,
    /// also when the heap's value is moved. Neither can it be freed or resized meanwhile. O(1).
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle); [`Held`](HeapError::Held) when it is pinned 2^32 - 1 times already;
    /// `OutOfMetadata`.
    pub fn pin(&mut self, id: BlockId) -> Result<NonNull<u8>> {
        let block = self.find(id)?;
        self.hold(id, &block, |holds| &mut holds.pins)?;
        NonNull::new(self.at(block.start)).ok_or(HeapError::NotInHeap { address: 0 })
    }

    /// Takes one pin away. O(1).
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle); [`NotHeld`](HeapError::NotHeld).
    pub fn unpin(&mut self, id: BlockId) -> Result<()> {
        let released = self.unhold(id, |holds| &mut holds.pins);
        // It may move now.
        self.sweep.changed();
        released
    }

    /// Keeps a block from being freed or resized until as many [`unlock`](Self::unlock)s. It may move. O(1).
    ///
    /// # Errors
    /// As [`pin`](Self::pin).
    pub fn lock(&mut self, id: BlockId) -> Result<()> {
        let block = self.find(id)?;
        self.hold(id, &block, |holds| &mut holds.locks)
    }

    /// Takes one lock away. O(1).
    ///
    /// # Errors
    /// As [`unpin`](Self::unpin).
    pub fn unlock(&mut self, id: BlockId) -> Result<()> {
        self.unhold(id, |holds| &mut holds.locks)
    }

    /// How many pins and locks a block has. O(1).
    ///
    /// # Errors
    /// [`StaleHandle`](HeapError::StaleHandle).
    pub fn holds(&self, id: BlockId) -> Result<(u32, u32)> {
        let block = self.find(id)?;
        Ok(self.holds.get(&block.id).map_or((0, 0), |holds| (holds.pins, holds.locks)))
    }
}
