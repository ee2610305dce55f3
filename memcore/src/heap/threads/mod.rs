//! A heap for all threads: each has spans of its own, and takes its blocks from them without a lock.
//!
//! ```text
//! thread 1   [ shard: spans of each class ] --\                          pages  [ 3 | 3 | 3 | 7 | - | 4 ]
//! thread 2   [ shard: spans of each class ] ---- common part (lock):            the span of each page
//! thread 3   [ shard: spans of each class ] --/  pages, large blocks     spans  [ .. free .. remote .. owner .. ]
//!
//! free by the owner      a bit in `free`: plain loads and stores
//! free by another        a bit in `remote`: one atomic operation; the owner takes the bits over when it has no slot left
//! ```
//!
//! The slots are those of the [size-class heap](super::SizeClassHeap): a word of bits says what is free in a span, and
//! every address is checked exactly by arithmetic, here by any thread without the lock. Of two threads that free the
//! same block one gets [`DoubleFree`](HeapError::DoubleFree), unless they do it in the same instant: then both may
//! succeed, and the block is free once; one that comes when the block has its next owner ends that one's, as any stale
//! address does. A thread goes to the common part once for a span of up to 64 blocks, and for
//! each block above 8 KiB.
//!
//! A thread that ends leaves its spans to the next one that begins. The last span of each class stays with its thread
//! when it is emptied: at most 16 KiB a class and thread.
//!
//! Bytes of metadata: 64 a span and 4 a page of 1 KiB, 36 to 72 for the pages of a span, and 2 KiB a thread.
//!
//! Daan Leijen, Benjamin Zorn, Leonardo de Moura: Mimalloc: free list sharding in action, APLAS 2019: spans that belong
//! to threads, with a second list for what others free.

mod collections;
mod common;
mod index;
mod shard;
mod span;

use super::raw::{check_alignment, check_size};
use super::{HeapBlock, HeapError, Mapping, MappingOptions, Memory, RawHeap, Result, SizeClassHeap};
use crate::alloc::storage::Fixed;
use crate::alloc::{AllocError, Corruption, RegionCursor, Request, Stats};
use common::{Common, PAGE, PAGE_SHIFT, Wanted};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU32, Ordering};
use index::{MOST_THREADS, thread_index};
use shard::{MOST_CLASSES, Shard};
use span::{Dead, LARGE, SharedSpan, Slot};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The largest size that threads have for themselves.
const SMALL: usize = 8 << 10;

/// The shard of threads without a number, which go by the lock.
const NOBODYS: u32 = 0;

/// A class: the size of its slots, and how many a span has in how many bytes.
#[derive(Clone, Copy)]
struct Class {
    size: u32,
    slots: u32,
    bytes: u32,
}

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
    base: NonNull<u8>,
    limit: usize,
    /// The span of each page, 0 for none.
    map: &'static [AtomicU32],
    spans: &'static [SharedSpan],
    /// By the number of a thread.
    shards: &'static [Shard],
    classes: [Class; MOST_CLASSES],
    class_count: usize,
    by_granules: [u8; SMALL / 16 + 1],
    common: Mutex<Common>,
    /// Only held: the tables lie in it.
    _tables: Mapping,
}

// SAFETY: what the pointers and slices lead to lies in mappings that the heap owns.
unsafe impl Send for ThreadedHeap {}
// SAFETY: spans and pages are atomic; a shard's lists are touched by the thread alone that has its number, or under the
// lock; all else never changes.
unsafe impl Sync for ThreadedHeap {}

/// `count` values of `T` at an offset of a mapping.
///
/// # Safety
/// The mapping is as long, aligned and zero there, zeros are a valid `T`, and the slice is gone before the mapping.
unsafe fn table<T>(tables: &Mapping, at: usize, count: usize) -> &'static [T] {
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(tables.start().as_ptr().add(at).cast(), count) }
}

impl ThreadedHeap {
    /// A heap that grows up to the limit of the options.
    ///
    /// # Errors
    /// Those of [`Mapping::reserve`].
    pub fn reserve(options: MappingOptions) -> Result<Self> {
        let memory = Mapping::reserve(options)?;
        let (base, limit) = (memory.start(), memory.limit());
        let pages = (limit >> PAGE_SHIFT) + 1;
        let most = u32::try_from(pages).unwrap_or(u32::MAX - 1);
        let words = common::words(limit as u64, most)?;
        // Each table begins at a cache line.
        let mut end = 0usize;
        let mut place = |bytes: usize| {
            let at = end;
            end = at.saturating_add(bytes).next_multiple_of(align_of::<SharedSpan>());
            at
        };
        let spans_at = place((most as usize + 1) * size_of::<SharedSpan>());
        let shards_at = place(MOST_THREADS as usize * size_of::<Shard>());
        let map_at = place(pages * size_of::<AtomicU32>());
        let words_at = place(words * size_of::<u64>());
        let tables = Mapping::reserve(MappingOptions::new(end).initial(end))?;
        // SAFETY: the places lie in the mapping, one behind another, at cache lines; it is zero, which is a span, a shard
        // and a page of nothing; it is dropped with the heap, after everything that has the slices.
        let (spans, shards, map) = unsafe {
            (
                table::<SharedSpan>(&tables, spans_at, most as usize + 1),
                table::<Shard>(&tables, shards_at, MOST_THREADS as usize),
                table::<AtomicU32>(&tables, map_at, pages),
            )
        };
        // SAFETY: as above; nobody else has these words.
        let words = unsafe {
            let start = tables.start().as_ptr().add(words_at).cast::<u64>();
            core::slice::from_raw_parts_mut(start, words)
        };
        let common = Mutex::new(Common::new(memory, &mut Fixed::zeroed(words, most))?);
        let mut heap = ThreadedHeap {
            base,
            limit,
            map,
            spans,
            shards,
            classes: [Class { size: 0, slots: 0, bytes: 0 }; MOST_CLASSES],
            class_count: 0,
            by_granules: [0; SMALL / 16 + 1],
            common,
            _tables: tables,
        };
        heap.set_classes()?;
        Ok(heap)
    }

    /// The classes and spans of the size-class heap.
    fn set_classes(&mut self) -> Result<()> {
        let parameters = SizeClassHeap::<Mapping>::default_parameters();
        let sizes = parameters.sizes(16)?;
        for (class, &size) in self.classes.iter_mut().zip(sizes.iter()) {
            let bytes = (size * (parameters.span / size).clamp(1, 64)).next_multiple_of(PAGE);
            *class = Class { size: size as u32, slots: (bytes / size).min(64) as u32, bytes: bytes as u32 };
        }
        self.class_count = sizes.len().min(MOST_CLASSES);
        for (granules, class) in self.by_granules.iter_mut().enumerate() {
            *class = sizes.partition_point(|&size| size < granules as u64 * 16) as u8;
        }
        Ok(())
    }

    fn common(&self) -> MutexGuard<'_, Common> {
        self.common.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline(always)]
    fn shard(&self, number: u32) -> &Shard {
        &self.shards[number as usize % MOST_THREADS as usize]
    }

    #[inline(always)]
    fn at(&self, offset: u64) -> NonNull<u8> {
        // SAFETY: the offset was placed within the space.
        unsafe { self.base.add(offset as usize) }
    }

    /// The live slot that begins at an address.
    #[inline(always)]
    fn find(&self, address: usize) -> Result<Slot> {
        let offset = address.wrapping_sub(self.base.addr().get());
        if offset >= self.limit {
            return Err(HeapError::NotInHeap { address });
        }
        let number = self.map[offset >> PAGE_SHIFT].load(Ordering::Relaxed);
        let span = &self.spans[number as usize];
        match span.slot_at(offset as u64) {
            Ok(bit) => Ok(Slot { span: number, bit, size: span.size.load(Ordering::Relaxed) }),
            Err(dead) => Err(self.no_block(address, dead)),
        }
    }

    #[cold]
    fn no_block(&self, address: usize, dead: Dead) -> HeapError {
        match dead {
            Dead::Freed => HeapError::DoubleFree { address },
            Dead::NotABlock if self.contains(ptr::without_provenance(address)) => {
                HeapError::NotABlock { address }
            }
            Dead::NotABlock => HeapError::NotInHeap { address },
        }
    }

    /// Hands out `size` bytes (0 counts as 1) at a multiple of `alignment`. O(1).
    ///
    /// # Errors
    /// As [`RawHeap::allocate`].
    #[inline]
    pub fn allocate(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        if size <= SMALL && alignment <= 16 && alignment.is_power_of_two() {
            if let Some(index) = thread_index() {
                let (shard, class) = (self.shard(index), self.by_granules[size.div_ceil(16)]);
                if let Some(offset) = shard.take(self.spans, class.into()) {
                    shard.count_allocation();
                    return Ok(self.at(offset));
                }
            }
        }
        self.allocate_elsewhere(size, alignment)
    }

    /// The class that serves a size at an alignment up to a page.
    fn class_of(&self, size: usize, alignment: usize) -> Option<u32> {
        if size > SMALL || alignment > PAGE as usize {
            return None;
        }
        let least = self.by_granules[size.div_ceil(16)].into();
        let serves = |&class: &usize| self.classes[class].size as usize % alignment == 0;
        (least..self.class_count).find(serves).map(|class| class as u32)
    }

    #[inline(never)]
    fn allocate_elsewhere(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let size = check_size(size)?;
        if let Some(class) = self.class_of(size, alignment) {
            let taken = match thread_index() {
                Some(index) => self.take_or_add(index, class, None),
                None => self.take_or_add(NOBODYS, class, Some(&mut *self.common())),
            };
            match taken {
                Err(HeapError::Alloc(AllocError::OutOfSpace { .. } | AllocError::TooLarge { .. })) => {}
                done => return done,
            }
            // Where there is no room for a span, another thread may have freed a slot of this one's.
            if let Some(offset) = self.take_collected(class) {
                return Ok(self.at(offset));
            }
        }
        // One block alone may still find room.
        self.allocate_alone(size, alignment, false)
    }

    /// A slot of a shard, which gets a new span where it has none. The lock is the caller's or taken for the span.
    fn take_or_add(&self, owner: u32, class: u32, common: Option<&mut Common>) -> Result<NonNull<u8>> {
        let shard = self.shard(owner);
        let mut offset = shard.take(self.spans, class);
        if offset.is_none() && shard.look_for_remote(self.spans, class) {
            offset = shard.take(self.spans, class);
        }
        if offset.is_none() {
            let Class { size, slots, bytes } = self.classes[class as usize];
            let wanted = Wanted { class, size: size.into(), slots, owner };
            let request = Request::new(bytes.into());
            let number = match common {
                Some(common) => common.add(self.spans, self.map, request, wanted)?,
                None => self.common().add(self.spans, self.map, request, wanted)?,
            };
            shard.add(self.spans, number, class);
            offset = shard.take(self.spans, class);
        }
        shard.count_allocation();
        let offset = offset.ok_or(AllocError::OutOfMetadata { blocks: 0 })?;
        Ok(self.at(offset))
    }

    /// A block with pages of its own.
    fn allocate_alone(&self, size: usize, alignment: usize, zeroed: bool) -> Result<NonNull<u8>> {
        // It is the address that has to be aligned; the space begins at a page of the system's.
        let bias = if alignment > PAGE as usize { self.base.addr().get() & (alignment - 1) } else { 0 };
        let request = Request::new(size as u64).align(alignment as u64).bias(bias as u64);
        let wanted = || Wanted { class: LARGE, size: 0, slots: 1, owner: NOBODYS };
        let mut common = self.common();
        let highest = common.highest();
        let added = match common.add(self.spans, self.map, request, wanted()) {
            Err(HeapError::Alloc(AllocError::OutOfSpace { .. })) if self.return_empty(&mut common) > 0 => {
                common.add(self.spans, self.map, request, wanted())
            }
            done => done,
        };
        let span = &self.spans[added? as usize];
        span.free.store(0, Ordering::Relaxed);
        if zeroed {
            let start = span.start.load(Ordering::Relaxed);
            // What lies above the highest page that was ever used is as the system gave it.
            let written = highest.saturating_sub(start).min(size as u64) as usize;
            // SAFETY: the block was just placed with at least `size` bytes, and is nobody else's.
            unsafe { self.at(start).as_ptr().write_bytes(0, written) };
        }
        self.shard(NOBODYS).count_allocation();
        Ok(self.at(span.start.load(Ordering::Relaxed)))
    }

    /// A slot of this thread's, after everything that others freed was taken over.
    #[cold]
    fn take_collected(&self, class: u32) -> Option<u64> {
        let owner = thread_index();
        let mut common = self.common();
        self.return_empty(&mut common);
        let shard = self.shard(owner.unwrap_or(NOBODYS));
        let offset = shard.take(self.spans, class)?;
        shard.count_allocation();
        Some(offset)
    }

    /// The empty spans of this thread, of none, and of those that ended go back to the common part; how many.
    fn return_empty(&self, common: &mut Common) -> usize {
        let mut returned = 0;
        let mut sweep = |number: u32| {
            self.shard(number).take_empty(self.spans, |span| {
                // The pages were given by the common part, so it takes them back.
                returned += usize::from(common.remove(self.spans, span).is_ok());
            });
        };
        sweep(NOBODYS);
        if let Some(index) = index::known_index() {
            sweep(index);
        }
        index::for_each_free(sweep);
        returned
    }

    /// The same as [`allocate`](Self::allocate), every byte zero. O(size) more for small blocks, and for large ones in
    /// memory that was used before.
    ///
    /// # Errors
    /// As [`RawHeap::allocate`].
    pub fn allocate_zeroed(&self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        if self.class_of(size, alignment).is_none() {
            return self.allocate_alone(check_size(size)?, alignment, true);
        }
        let block = self.allocate(size, alignment)?;
        // SAFETY: the block was just handed out with at least `size` bytes, and is nobody else's.
        unsafe { block.as_ptr().write_bytes(0, size) };
        Ok(block)
    }

    /// Takes back the block that begins at `block`, whichever thread it was handed out to, and tells how many usable
    /// bytes it had. O(1).
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
        let slot = self.find(block.addr())?;
        let span = &self.spans[slot.span as usize];
        let owner = span.owner.load(Ordering::Relaxed);
        if let Some(index) = thread_index() {
            if owner == index {
                let shard = self.shard(index);
                shard.count_free();
                if shard.give(self.spans, slot.span, slot.bit) {
                    self.remove(shard, slot.span);
                }
                return Ok(slot.size as usize);
            }
            if owner != NOBODYS {
                self.free_remote(block, span, slot.bit)?;
                self.shard(index).count_free();
                return Ok(slot.size as usize);
            }
        }
        self.free_locked(block)
    }

    /// An emptied span goes back to the common part.
    #[cold]
    fn remove(&self, shard: &Shard, span: u32) {
        if self.common().remove(self.spans, span).is_err() {
            shard.add(self.spans, span, self.spans[span as usize].class());
        }
    }

    fn free_remote(&self, block: *mut u8, span: &SharedSpan, bit: u64) -> Result<()> {
        // What this thread wrote into the block comes before what its next owner writes.
        let before = span.remote.fetch_or(bit, Ordering::Release);
        if before & bit != 0 {
            return Err(HeapError::DoubleFree { address: block.addr() });
        }
        Ok(())
    }

    /// A large block, one of the shard that goes by the lock, or a thread without a number.
    #[inline(never)]
    fn free_locked(&self, block: *mut u8) -> Result<usize> {
        let mut common = self.common();
        let slot = self.find_locked(block.addr(), &common)?;
        let (span, nobodys) = (&self.spans[slot.span as usize], self.shard(NOBODYS));
        if span.class() == LARGE {
            span.free.store(1, Ordering::Relaxed);
            common.remove(self.spans, slot.span)?;
        } else if span.owner.load(Ordering::Relaxed) != NOBODYS {
            self.free_remote(block, span, slot.bit)?;
        } else if nobodys.give(self.spans, slot.span, slot.bit) {
            common.remove(self.spans, slot.span)?;
        }
        nobodys.count_free();
        Ok(slot.size as usize)
    }

    /// As [`find`](Self::find), by one who has the lock.
    fn find_locked(&self, address: usize, common: &Common) -> Result<Slot> {
        let offset = address.wrapping_sub(self.base.addr().get());
        if offset >= common.memory().len() {
            return Err(HeapError::NotInHeap { address });
        }
        let number = self.map[offset >> PAGE_SHIFT].load(Ordering::Relaxed);
        let span = &self.spans[number as usize];
        match span.slot_at(offset as u64) {
            Ok(bit) => Ok(Slot { span: number, bit, size: span.size.load(Ordering::Relaxed) }),
            Err(Dead::Freed) => Err(HeapError::DoubleFree { address }),
            Err(Dead::NotABlock) => Err(HeapError::NotABlock { address }),
        }
    }

    /// How many bytes of a block can be used. O(1).
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock).
    pub fn usable_size(&self, block: *const u8) -> Result<usize> {
        match self.find(block.addr()) {
            Ok(slot) => Ok(slot.size as usize),
            Err(HeapError::DoubleFree { address }) => Err(HeapError::NotABlock { address }),
            Err(error) => Err(error),
        }
    }

    /// Changes the size of a block where it is, and tells how many usable bytes it has then.
    ///
    /// # Errors
    /// As [`RawHeap::resize_in_place`].
    ///
    /// # Safety
    /// As for [`free`](Self::free).
    pub unsafe fn resize_in_place(&self, block: *mut u8, size: usize) -> Result<usize> {
        let (address, slot) = (block.addr(), self.find(block.addr())?);
        let size = check_size(size)?;
        let available = slot.size as usize;
        if self.spans[slot.span as usize].class() != LARGE {
            return match size <= available {
                true => Ok(available),
                false => Err(HeapError::NoRoomInPlace { address, size, available }),
            };
        }
        let mut common = self.common();
        let slot = self.find_locked(address, &common)?;
        if self.spans[slot.span as usize].class() != LARGE {
            // Another thread has freed it meanwhile, and a small block begins there now.
            return Err(HeapError::NotABlock { address });
        }
        match common.resize(&self.spans[slot.span as usize], size as u64) {
            Ok(now) => Ok(now as usize),
            Err(HeapError::Alloc(AllocError::NoRoomInPlace { available, .. })) => {
                Err(HeapError::NoRoomInPlace { address, size, available: available as usize })
            }
            Err(HeapError::Alloc(AllocError::TooLarge { .. })) => {
                Err(HeapError::NoRoomInPlace { address, size, available })
            }
            Err(error) => Err(error),
        }
    }

    /// Changes the size of a block, in place where that can be, else by moving its bytes.
    ///
    /// # Errors
    /// As [`RawHeap::reallocate`].
    ///
    /// # Safety
    /// As for [`free`](Self::free).
    pub unsafe fn reallocate(&self, block: *mut u8, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let old = self.find(block.addr())?.size as usize;
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

    /// The figures. Peak and footprint are those of the pages; nobody keeps what was asked for, so `requested` is what
    /// the blocks have. What other threads do meanwhile may be in it or not. O(spans).
    pub fn stats(&self) -> Stats {
        let common = self.common();
        let (mut blocks, mut used, mut holes, mut largest, mut dead) = (0, 0, 0, 0, 0);
        common.visit_spans(|number| {
            let span = &self.spans[number as usize];
            let (live, size) = (u64::from(span.live().count_ones()), span.size.load(Ordering::Relaxed));
            blocks += live;
            used += live * size;
            let free = u64::from(span.slots()) - live;
            if span.class() != LARGE {
                let Class { size, slots, bytes } = self.classes[span.class() as usize % MOST_CLASSES];
                dead += u64::from(bytes - size * slots);
            }
            holes += free;
            largest = if free > 0 { size.max(largest) } else { largest };
        });
        let pages = common.stats();
        let (mut allocations, mut frees) = (0, 0);
        for shard in &self.shards[..index::most_given() as usize] {
            let counts = shard.counts();
            allocations += counts.0;
            frees += counts.1;
        }
        Stats {
            capacity: pages.capacity,
            used,
            free: pages.capacity - used - dead,
            dead,
            requested: used,
            blocks,
            holes: holes + pages.holes,
            largest_hole: pages.largest_hole.max(largest),
            footprint: pages.footprint,
            peak_used: pages.peak_used,
            peak_requested: pages.peak_used,
            allocations,
            frees,
        }
    }

    /// True for an address in the heap's memory.
    pub fn contains(&self, address: *const u8) -> bool {
        address.addr().wrapping_sub(self.base.addr().get()) < self.common().memory().len()
    }

    /// Gives this thread's empty spans back to the common part, and whole free pages to the system; tells how many
    /// bytes. O(spans of the thread, holes).
    pub fn trim(&self) -> usize {
        let mut common = self.common();
        self.return_empty(&mut common);
        common.trim()
    }
}

// SAFETY: the common part's pages are disjoint, each span is one shard's, and a slot goes from its bit to one caller.
unsafe impl RawHeap for ThreadedHeap {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        ThreadedHeap::allocate(self, size, alignment)
    }

    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        ThreadedHeap::allocate_zeroed(self, size, alignment)
    }

    #[inline]
    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "the address is checked, not looked through")]
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

    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        let mut cursor = RegionCursor::default();
        loop {
            // The lock is not held while others are called: they may call the heap.
            let next = self.common().next_span(&mut cursor);
            let Some(number) = next else { return };
            let span = &self.spans[number as usize];
            let (live, size) = (span.live(), span.size.load(Ordering::Relaxed));
            for place in (0..64u64).filter(|place| live >> place & 1 == 1) {
                let address = self.at(span.start.load(Ordering::Relaxed) + place * size);
                visit(HeapBlock { address, usable: size as usize, requested: size as usize });
            }
        }
    }

    fn stats(&self) -> Stats {
        ThreadedHeap::stats(self)
    }

    fn metadata_bytes(&self) -> usize {
        let common = self.common();
        let spans = common.spans() as usize * size_of::<SharedSpan>();
        let pages = (common.memory().len() >> PAGE_SHIFT) * size_of::<AtomicU32>();
        let shards = index::most_given() as usize * size_of::<Shard>();
        size_of::<Self>() + common.metadata_bytes() + spans + pages + shards
    }

    fn trim(&mut self) -> usize {
        ThreadedHeap::trim(self)
    }

    /// While no other thread is in a call.
    fn validate(&self) -> core::result::Result<(), Corruption> {
        let common = self.common();
        common.validate(self.spans, self.map)
    }
}
