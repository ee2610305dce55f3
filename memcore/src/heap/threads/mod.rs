//! A heap for all threads: caches of each thread in front of one common heap.
//!
//! ```text
//! thread 1   [ stacks of free blocks ]  \                      /  marks: a byte for each 16 bytes of the space
//! thread 2   [ stacks of free blocks ] --- common heap (lock) --   . . . 3 . . 3 . . F . . 12 . . .
//! thread 3   [ stacks of free blocks ]  /                      \   class of the block that lives there, or freed
//! ```
//!
//! A call takes from or gives to its own thread's stack of the class; one call in 32 or so moves half a stack between
//! thread and common heap under the lock. Blocks freed by another thread than the one that allocated them stay with the
//! one that freed them, and go round by the common heap. Large blocks are the common heap's, under its lock.
//!
//! What lives is marked by a byte at the block's start: its class. Freeing exchanges the byte for "freed" in one atomic
//! step, so that of two threads that free the same block one gets [`DoubleFree`](HeapError::DoubleFree); an address that
//! has no mark is no block. So each address is checked exactly here, too, without the lock.
//!
//! Bytes of metadata: one for 16 bytes of the space, and up to 66 KiB a thread, beside those of the common heap. A
//! thread that ends leaves its cache to the next one that begins. At most 32 KiB of a class stay in a cache.
//!
//! Sanjay Ghemawat, Paul Menage: TCMalloc: thread-caching malloc, 2005.

mod cache;
mod index;

use super::raw::{check_alignment, check_size};
use super::size_classes::MappedHeap;
use super::{HeapBlock, HeapError, Mapping, MappingOptions, Memory, RawHeap, Result};
use crate::alloc::{Corruption, Stats};
use cache::{Cache, MOST_CLASSES, Stack};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};
use index::{MOST_THREADS, thread_index};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// No block ever began there.
const NEVER: u8 = 0;
/// A block that has no class.
const LARGE: u8 = 254;
/// A block that was freed.
const FREED: u8 = 255;

/// A heap that threads share by reference; see the [module](self).
///
/// ```
/// use memcore::heap::{MappingOptions, ThreadedHeap};
/// let heap = ThreadedHeap::reserve(MappingOptions::new(1 << 32))?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         let block = heap.allocate(100, 16).unwrap();
///         // SAFETY: nobody uses the block any more.
///         unsafe { heap.free(block.as_ptr()) }.unwrap();
///     });
/// });
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
pub struct ThreadedHeap {
    /// First byte of the space, and the length of the whole reservation.
    base: NonNull<u8>,
    limit: usize,
    /// A byte for each granule of the space.
    marks: NonNull<AtomicU8>,
    /// The cache of each thread, by its number.
    caches: NonNull<AtomicPtr<Cache>>,
    /// The size of each class, and the class of each size up to the largest.
    sizes: [u32; MOST_CLASSES],
    by_granules: [u8; SMALL / 16 + 1],
    common: Mutex<MappedHeap>,
    /// Only held: the marks and the table of caches lie in it.
    _tables: Mapping,
}

// SAFETY: the pointers lead into mappings that the heap owns; what they lead to is atomic, or a cache, which its thread
// alone touches.
unsafe impl Send for ThreadedHeap {}
// SAFETY: as above; all else is behind the lock or never changes.
unsafe impl Sync for ThreadedHeap {}

/// The largest size that a cache keeps.
const SMALL: usize = 8 << 10;

impl ThreadedHeap {
    /// A heap that grows up to the limit of the options.
    ///
    /// # Errors
    /// Those of [`Mapping::reserve`].
    pub fn reserve(options: MappingOptions) -> Result<Self> {
        let common = MappedHeap::reserve(options)?;
        let limit = common.memory().limit();
        let marks = (limit / 16 + 1).next_multiple_of(size_of::<AtomicPtr<Cache>>());
        let bytes = marks + MOST_THREADS as usize * size_of::<AtomicPtr<Cache>>();
        let tables = Mapping::reserve(MappingOptions::new(bytes).initial(bytes))?;
        let mut sizes = [0; MOST_CLASSES];
        let mut by_granules = [0; SMALL / 16 + 1];
        for (granules, class) in by_granules.iter_mut().enumerate() {
            let size = granules.max(1) as u64 * 16;
            let found = common.class_of(size, 1).unwrap_or(0);
            *class = found as u8;
            sizes[found as usize] = common.class_size(found) as u32;
        }
        // SAFETY: the table of caches lies behind the marks, in the mapping.
        let caches = unsafe { tables.start().add(marks) }.cast();
        let (base, marks) = (common.base(), tables.start().cast());
        let common = Mutex::new(common);
        Ok(ThreadedHeap { base, limit, marks, caches, sizes, by_granules, common, _tables: tables })
    }

    fn common(&self) -> MutexGuard<'_, MappedHeap> {
        self.common.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mark of an address within the space.
    #[inline(always)]
    fn mark(&self, offset: usize) -> &AtomicU8 {
        // SAFETY: there is a mark for each granule of the reservation, zero from the beginning.
        unsafe { self.marks.add(offset / 16).as_ref() }
    }

    fn offset(&self, address: usize) -> usize {
        address.wrapping_sub(self.base.addr().get())
    }

    /// The mark at an address that may begin a block; none where no block can begin.
    #[inline(always)]
    fn mark_at(&self, address: usize) -> Option<&AtomicU8> {
        let offset = self.offset(address);
        if offset < self.limit && offset % 16 == 0 { Some(self.mark(offset)) } else { None }
    }

    /// This thread's cache; none where it cannot have one.
    #[inline(always)]
    fn cache(&self) -> Option<&Cache> {
        let index = thread_index()?;
        // SAFETY: numbers of threads are below MOST_THREADS, the length of the table.
        let entry = unsafe { self.caches.add(index as usize).as_ref() };
        // Written by the thread that has this number now, or had it before and ended.
        let cache = entry.load(Ordering::Acquire);
        // SAFETY: a cache stays where it is as long as the heap.
        if cache.is_null() { self.make_cache(entry) } else { Some(unsafe { &*cache }) }
    }

    #[cold]
    fn make_cache(&self, entry: &AtomicPtr<Cache>) -> Option<&Cache> {
        let block = self.common().allocate(size_of::<Cache>(), align_of::<Cache>()).ok()?;
        let cache = block.cast::<Cache>().as_ptr();
        for class in 0..MOST_CLASSES {
            // SAFETY: the block is this thread's alone, and large and aligned enough for a cache.
            unsafe { (&raw mut (*cache).stacks[class]).write(Stack::new(self.sizes[class].into())) };
        }
        entry.store(cache, Ordering::Release);
        // SAFETY: it was written just now, and stays where it is as long as the heap.
        Some(unsafe { &*cache })
    }

    /// Hands out `size` bytes (0 counts as 1) at a multiple of `alignment`. O(1), and O(log h) for large blocks.
    ///
    /// # Errors
    /// As [`RawHeap::allocate`].
    #[inline]
    pub fn allocate(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        if size <= SMALL && alignment <= 16 && alignment.is_power_of_two() {
            let class = self.by_granules[size.div_ceil(16)];
            if let Some(cache) = self.cache() {
                let stack = &cache.stacks[class as usize % MOST_CLASSES];
                let block = match stack.pop() {
                    Some(block) => Some(block),
                    None => self.refill(stack, class),
                };
                if let Some(block) = block.and_then(NonNull::new) {
                    self.mark(self.offset(block.addr().get())).store(class + 1, Ordering::Relaxed);
                    return Ok(block);
                }
            }
        }
        self.allocate_common(size, alignment, false)
    }

    /// Half a stack from the common heap, less one for the caller.
    #[cold]
    fn refill(&self, stack: &Stack, class: u8) -> Option<*mut u8> {
        let mut common = self.common();
        let first = common.allocate_class(class.into())?;
        for _ in 1..stack.batch() {
            let Some(block) = common.allocate_class(class.into()) else { break };
            stack.push(block.as_ptr());
        }
        Some(first.as_ptr())
    }

    #[cold]
    fn allocate_common(&self, size: usize, alignment: usize, zeroed: bool) -> Result<NonNull<u8>> {
        let mut common = self.common();
        let block = match zeroed {
            true => common.allocate_zeroed(size, alignment)?,
            false => common.allocate(size, alignment)?,
        };
        let mark = match common.class_at(block.as_ptr()) {
            Some(class) if self.sizes[class as usize % MOST_CLASSES] != 0 => class as u8 + 1,
            _ => LARGE,
        };
        self.mark(self.offset(block.addr().get())).store(mark, Ordering::Relaxed);
        Ok(block)
    }

    /// The same, every byte zero.
    ///
    /// # Errors
    /// As [`RawHeap::allocate`].
    pub fn allocate_zeroed(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        if size > SMALL {
            return self.allocate_common(size, alignment, true);
        }
        let block = self.allocate(size, alignment)?;
        // SAFETY: the block was just handed out with at least `size` bytes, and is nobody else's.
        unsafe { block.as_ptr().write_bytes(0, size) };
        Ok(block)
    }

    /// Takes back the block that begins at `block`, whichever thread it was handed out to, and tells how many usable
    /// bytes it had.
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock),
    /// [`DoubleFree`](HeapError::DoubleFree).
    ///
    /// # Safety
    /// The number is checked, whatever it is. But where a value of safe code lives in the block, a box or a collection
    /// that has this heap as its allocator, that value alone may give it back.
    #[inline]
    pub unsafe fn free(&self, block: *mut u8) -> Result<usize> {
        let Some(mark) = self.mark_at(block.addr()) else { return Err(self.no_block(block.addr())) };
        let mut seen = mark.load(Ordering::Relaxed);
        // Of several threads that free the same block, one exchanges its class. Nothing but a class is exchanged, so that
        // what became of the block meanwhile stays marked.
        let class = loop {
            match seen {
                NEVER | FREED => return Err(self.no_block(block.addr())),
                LARGE => return self.free_common(block, mark),
                class => match mark.compare_exchange(class, FREED, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => break class as usize - 1,
                    Err(now) => seen = now,
                },
            }
        };
        let size = self.sizes[class % MOST_CLASSES] as usize;
        if let Some(cache) = self.cache() {
            let stack = &cache.stacks[class % MOST_CLASSES];
            if stack.push(block) {
                return Ok(size);
            }
            self.spill(stack)?;
            stack.push(block);
            return Ok(size);
        }
        self.common().free(block)?;
        Ok(size)
    }

    /// Half a stack goes to the common heap.
    #[cold]
    fn spill(&self, stack: &Stack) -> Result<()> {
        let mut common = self.common();
        for block in stack.take_oldest(stack.batch()) {
            common.free(block)?;
        }
        Ok(())
    }

    #[cold]
    fn free_common(&self, block: *mut u8, mark: &AtomicU8) -> Result<usize> {
        let mut common = self.common();
        if mark.load(Ordering::Relaxed) != LARGE {
            drop(common);
            return Err(self.no_block(block.addr()));
        }
        let size = common.free(block)?;
        mark.store(FREED, Ordering::Relaxed);
        Ok(size)
    }

    /// Why no live block begins at an address. A block that the common heap knows and no mark tells of is in a cache.
    #[cold]
    fn no_block(&self, address: usize) -> HeapError {
        match self.common().usable_or_freed(address) {
            Ok(_) => HeapError::DoubleFree { address },
            Err(error) => error,
        }
    }

    /// How many bytes of a block can be used. O(1).
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock).
    pub fn usable_size(&self, block: *const u8) -> Result<usize> {
        self.size_of(block).map_err(|error| match error {
            HeapError::DoubleFree { address } => HeapError::NotABlock { address },
            other => other,
        })
    }

    /// The same, with the errors of [`free`](Self::free).
    fn size_of(&self, block: *const u8) -> Result<usize> {
        let address = block.addr();
        match self.mark_at(address).map_or(NEVER, |mark| mark.load(Ordering::Relaxed)) {
            NEVER | FREED => Err(self.no_block(address)),
            LARGE => self.common().usable_size(block),
            class => Ok(self.sizes[(class - 1) as usize % MOST_CLASSES] as usize),
        }
    }

    /// Changes the size of a block where it is, and tells how many usable bytes it has then.
    ///
    /// # Errors
    /// As [`RawHeap::resize_in_place`].
    ///
    /// # Safety
    /// The number is checked, whatever it is. But where a value of safe code lives in the block, a box or a collection
    /// that has this heap as its allocator, that value alone may give it back.
    pub unsafe fn resize_in_place(&self, block: *mut u8, size: usize) -> Result<usize> {
        let available = self.size_of(block)?;
        let size = check_size(size)?;
        if available > SMALL {
            return self.common().resize_in_place(block, size);
        }
        if size <= available {
            return Ok(available);
        }
        Err(HeapError::NoRoomInPlace { address: block.addr(), size, available })
    }

    /// Changes the size of a block, in place where that can be, else by moving its bytes.
    ///
    /// # Errors
    /// As [`RawHeap::reallocate`].
    ///
    /// # Safety
    /// The number is checked, whatever it is. But where a value of safe code lives in the block, a box or a collection
    /// that has this heap as its allocator, that value alone may give it back.
    pub unsafe fn reallocate(&self, block: *mut u8, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let old = self.size_of(block)?;
        if block.addr() % alignment == 0 {
            // SAFETY: the caller's promise.
            match unsafe { self.resize_in_place(block, size) } {
                Ok(_) => return NonNull::new(block).ok_or(HeapError::NotInHeap { address: 0 }),
                Err(HeapError::NoRoomInPlace { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let new = self.allocate(size, alignment)?;
        // SAFETY: both are live blocks with at least as many usable bytes, and distinct; the caller gave the old one.
        unsafe {
            ptr::copy_nonoverlapping(block, new.as_ptr(), old.min(size));
            self.free(block)?;
        }
        Ok(new)
    }

    /// How many blocks lie in caches. O(threads that there ever were at once).
    pub fn cached(&self) -> u64 {
        let mut cached = 0;
        for index in 1..MOST_THREADS {
            // SAFETY: the index is within the table.
            let cache = unsafe { self.caches.add(index as usize).as_ref() }.load(Ordering::Acquire);
            if cache.is_null() {
                // Numbers are given out from the lowest on, so that hardly any lies behind a gap as long as this.
                if index > 64 {
                    break;
                }
                continue;
            }
            // SAFETY: a cache stays where it is as long as the heap; another thread's is read by its counts alone,
            // which are atomic.
            let stacks = unsafe { &(*cache).stacks };
            cached += stacks.iter().map(|stack| u64::from(stack.count())).sum::<u64>();
        }
        cached
    }

    /// The figures of the common heap: blocks in caches, and the caches themselves, count as used.
    pub fn stats(&self) -> Stats {
        self.common().stats()
    }

    /// True for an address in the heap's memory.
    pub fn contains(&self, address: *const u8) -> bool {
        self.common().contains(address)
    }

    /// Gives this thread's cache back to the common heap, and whole free pages to the system; tells how many bytes.
    pub fn trim(&self) -> usize {
        if let Some(cache) = self.cache() {
            for stack in &cache.stacks {
                let mut common = self.common();
                for block in stack.take_oldest(u32::MAX) {
                    // The common heap handed it out, so it takes it back.
                    let _ = common.free(block);
                }
            }
        }
        self.common().trim()
    }
}

// SAFETY: the common heap's blocks are disjoint, and each goes from hand to hand: common heap, one cache, one caller.
unsafe impl RawHeap for ThreadedHeap {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        ThreadedHeap::allocate(self, size, alignment)
    }

    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        ThreadedHeap::allocate_zeroed(self, size, alignment)
    }

    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "the address is checked, not looked through")]
    #[inline]
    fn free(&mut self, block: *mut u8) -> Result<usize> {
        // SAFETY: a heap that is borrowed uniquely is no collection's allocator.
        unsafe { ThreadedHeap::free(self, block) }
    }

    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "the address is checked, not looked through")]
    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize> {
        // SAFETY: as in `free`.
        unsafe { ThreadedHeap::resize_in_place(self, block, size) }
    }

    fn usable_size(&self, block: *const u8) -> Result<usize> {
        ThreadedHeap::usable_size(self, block)
    }

    fn contains(&self, address: *const u8) -> bool {
        ThreadedHeap::contains(self, address)
    }

    /// Blocks that live at the time of the call, and are not in a cache.
    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        let common = self.common();
        common.visit_blocks(&mut |block| {
            let mark = self.mark(self.offset(block.address.addr().get())).load(Ordering::Relaxed);
            match mark {
                NEVER | FREED => {}
                LARGE => visit(block),
                // Where there was no room for a span it has a little more than its class says.
                class => {
                    let usable = self.sizes[(class - 1) as usize % MOST_CLASSES] as usize;
                    visit(HeapBlock { usable, requested: usable, ..block });
                }
            }
        });
    }

    fn stats(&self) -> Stats {
        ThreadedHeap::stats(self)
    }

    fn metadata_bytes(&self) -> usize {
        let common = self.common();
        common.metadata_bytes() + common.memory().len() / 16
    }

    fn trim(&mut self) -> usize {
        ThreadedHeap::trim(self)
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.common().validate()
    }
}
