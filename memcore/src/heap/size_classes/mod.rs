//! The fastest heap: the size classes of [`alloc`](crate::alloc::SizeClasses) bound to bytes, without headers.
//!
//! ```text
//! memory   [ span of class 48  ][ large block          ][ span of class 16 ][ hole .......... ]
//! pages    [ 3 | 3 | 3         ][ 7 | - | - | - | -    ][ 4                ]      span of each page of 1 KiB
//!
//! free(p):  offset = p - start            p in the heap?
//!           span   = spans[pages[offset / 1024]]
//!           place  = (offset - span.start) / span.size      by a multiplication; exact, or no slot begins at p
//!           bit    = span.free >> place & 1                 set: it is free already
//! ```
//!
//! A span is at most 64 slots, and a word of bits says which of them are free: what is free, the least of them and
//! what lives are one word. Allocating takes its lowest bit, freeing sets a bit; no block is read or written, so blocks
//! need no header, freeing a cold block misses no cache, and a program that writes where it should not cannot damage the
//! heap. Each address is checked exactly on the way.
//!
//! The core is the one that the strategy `size-classes` runs on, so that a replay of [`SizeClassHeap::strategy`]
//! predicts the heap to the byte.
//!
//! Bytes of metadata: 64 for a span and 4 for a page, and 32 to 64 for the span as a block of the strategy behind it:
//! 2 for each block of 16 to 256 bytes in full spans.
//!
//! Daan Leijen, Benjamin Zorn, Leonardo de Moura: Mimalloc: free list sharding in action, APLAS 2019, is where pages of
//! one size with lists of their own were shown to be this fast; bits in place of lists are Jason Evans', in jemalloc.

#[cfg(all(feature = "std", unix))]
mod reserved;

#[cfg(all(feature = "std", unix))]
pub use reserved::{MappedHeap, MappingWithTables};

use super::raw::{check_alignment, check_size};
use super::{HeapBlock, HeapError, Memory, RawHeap, Result};
use crate::alloc::size_classes::{LARGE, Placed, Spans};
use crate::alloc::stats::Counters;
use crate::alloc::storage::{Column, Growable, Storage, StorageFull};
use crate::alloc::{
    AllocError, Allocator, ClassTable, Corruption, Fallback, Options, RegionKind, Regions, Request,
    SizeClassParameters, Stats, Strategy,
};
use core::ptr::{self, NonNull};

/// Blocks begin at multiples of it, as malloc's do.
pub const GRANULARITY: usize = 16;

/// Size classes over real bytes; see the [module](self).
///
/// ```
/// use memcore::heap::{Borrowed, HeapError, RawHeap, SizeClassHeap};
/// let mut bytes = vec![0u8; 1 << 20];
/// let mut heap = SizeClassHeap::new(Borrowed::new(&mut bytes))?;
/// let block = heap.allocate(100, 16)?.as_ptr();
/// assert_eq!(heap.usable_size(block)?, 112);
/// heap.free(block)?;
/// assert_eq!(heap.free(block), Err(HeapError::DoubleFree { address: block.addr() }));
/// # Ok::<(), HeapError>(())
/// ```
pub struct SizeClassHeap<M: Memory, S: Storage = Growable> {
    /// The first byte of the space, at a page.
    base: NonNull<u8>,
    /// Bytes of the space.
    length: usize,
    spans: Spans<S>,
    /// The span of each page, plus 1. What a span leaves here when it goes is found out by the span's start.
    pages: S::Column<u32>,
    page_shift: u32,
    counts: Counts,
    /// Bytes of the memory in front of the space.
    skipped: usize,
    /// Bytes of the memory that were there before the heap, and may have been written.
    given: u64,
    memory: M,
}

// SAFETY: the pointer leads into the memory, which is the heap's own.
unsafe impl<M: Memory + Send, S: Storage> Send for SizeClassHeap<M, S>
where
    Spans<S>: Send,
    S::Column<u32>: Send,
{
}

/// What the heap counts at each call: all else follows from it and the spans.
#[derive(Clone, Copy, Default)]
struct Counts {
    used: u64,
    peak: u64,
    footprint: u64,
    allocations: u64,
    frees: u64,
}

impl Counts {
    fn live(&self) -> u64 {
        self.allocations - self.frees
    }

    #[inline(always)]
    fn grown(&mut self, size: u64, end: u64) {
        self.used += size;
        self.peak = self.peak.max(self.used);
        self.footprint = self.footprint.max(end);
    }

    /// Without headers nobody keeps what was asked for: it is what the blocks have.
    fn counters(&self) -> Counters {
        Counters {
            used: self.used,
            requested: self.used,
            footprint: self.footprint,
            peak_used: self.peak,
            peak_requested: self.peak,
            allocations: self.allocations,
            frees: self.frees,
            other_changes: 0,
        }
    }
}

/// A block that an address was found to begin.
struct Found {
    span: u32,
    place: u32,
    size: usize,
}

impl<M: Memory> SizeClassHeap<M> {
    /// A heap with the parameters that serve most programs, and tables from the global allocator.
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for memory below a page; [`HeapError::Alloc`]: `OutOfMetadata`.
    pub fn new(memory: M) -> Result<Self> {
        Self::with_parameters(memory, &Self::default_parameters(), &mut Growable::default())
    }
}

impl<M: Memory, S: Storage> SizeClassHeap<M, S> {
    /// Pages of 1 KiB, so that 64 slots of the smallest class fill one; eight classes per doubling, which lose at most
    /// an eighth to rounding; spans kept when they are emptied; large blocks by TLSF, in constant time.
    pub fn default_parameters() -> SizeClassParameters {
        SizeClassParameters {
            classes: ClassTable::Geometric { steps: 8, largest: 8 << 10 },
            span: 16 << 10,
            fallback: Fallback::Tlsf,
            page: 1 << 10,
            keep: true,
        }
    }

    /// A heap with parameters and a storage of the caller's choice.
    ///
    /// # Errors
    /// As [`new`](SizeClassHeap::new), and [`BadParameter`](HeapError::BadParameter) for a page below 64 bytes or
    /// spans above 64 KiB.
    pub fn with_parameters(mut memory: M, parameters: &SizeClassParameters, storage: &mut S) -> Result<Self> {
        let bad = |name, value, rule| HeapError::BadParameter { name, value, rule };
        let page = parameters.page.max(GRANULARITY as u64);
        if !page.is_power_of_two() || !(64..=64 << 10).contains(&page) {
            return Err(bad("page", page, "must be a power of two from 64 bytes to 64 KiB"));
        }
        if parameters.span > 64 << 10 {
            return Err(bad("span", parameters.span, "must be at most 64 KiB"));
        }
        let page = page as usize;
        let given = memory.len() as u64;
        if memory.len() < FIRST && memory.limit() > memory.len() {
            memory.grow(FIRST.min(memory.limit()))?;
        }
        let start = memory.start().as_ptr();
        let skipped = start.align_offset(page).min(memory.len());
        let length = (memory.len() - skipped) & !(page - 1);
        // The strategy has all that there may ever be, so that it places blocks as if all of it were there.
        let capacity = memory.limit() - skipped;
        if length == 0 {
            let (address, bytes) = (start.addr(), memory.len());
            return Err(HeapError::BadMemory { address, bytes, rule: "must hold a page" });
        }
        // A fixed storage cannot give more later.
        let mapped = if S::FIXED { capacity } else { length };
        let full = |StorageFull| HeapError::Alloc(AllocError::OutOfMetadata { blocks: 0 });
        let pages = storage.column(mapped.div_ceil(page)).map_err(full)?;
        let options = Options::new(capacity as u64).granularity(GRANULARITY as u64);
        let mut spans = Spans::assemble(&options, parameters, storage)?;
        spans.open()?;
        // SAFETY: `skipped` is at most the length of the memory.
        let base = unsafe { memory.start().add(skipped) };
        Ok(SizeClassHeap {
            base,
            length,
            spans,
            pages,
            page_shift: page.trailing_zeros(),
            counts: Counts::default(),
            skipped,
            given,
            memory,
        })
    }

    /// The strategy whose replay, with granularity 16, predicts a heap with these parameters.
    pub fn strategy(parameters: &SizeClassParameters) -> Strategy {
        Strategy::SizeClasses(parameters.clone())
    }

    /// The memory under the heap. O(1).
    pub fn memory(&self) -> &M {
        &self.memory
    }

    #[inline(always)]
    fn hand_out(&mut self, placed: Placed) -> NonNull<u8> {
        self.counts.allocations += 1;
        self.counts.grown(placed.size, placed.start + placed.size);
        // SAFETY: the strategy placed the block within the space.
        unsafe { self.base.add(placed.start as usize) }
    }

    /// The slow way: a new span, a block by itself, more memory under it.
    #[inline(never)]
    fn allocate_elsewhere(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let size = check_size(size)?;
        let rounded = size.next_multiple_of(GRANULARITY) as u64;
        if let Some(class) = self.spans.class_of(rounded, alignment as u64) {
            match self.place_in_span(class) {
                // Where there is no room for a span, one block alone may still find some.
                Err(HeapError::Alloc(AllocError::OutOfSpace { .. } | AllocError::TooLarge { .. })) => {}
                done => return done,
            }
        }
        let request = self.aligned_request(rounded, alignment);
        let placed = self.spans.take_alone(&request).map_err(|error| self.in_terms_of_all(error))?;
        self.back(placed.span)?;
        Ok(self.hand_out(placed))
    }

    fn place_in_span(&mut self, class: u32) -> Result<NonNull<u8>> {
        if !self.spans.has_partial(class) {
            let span = self.spans.add_span(class).map_err(|error| self.in_terms_of_all(error))?;
            self.back(span)?;
        }
        match self.spans.take_slot(class) {
            Some(placed) => Ok(self.hand_out(placed)),
            None => Err(AllocError::OutOfMetadata { blocks: self.counts.live() }.into()),
        }
    }

    fn in_terms_of_all(&self, error: AllocError) -> AllocError {
        self.spans.in_terms_of_all(error, self.counts.used)
    }

    /// It is the address that has to be aligned; the space begins at a page.
    fn aligned_request(&self, size: u64, alignment: usize) -> Request {
        let page = 1 << self.page_shift;
        let bias = if alignment > page { self.base.addr().get() & (alignment - 1) } else { 0 };
        Request::new(size).align(alignment as u64).bias(bias as u64)
    }

    /// Puts memory under a new span and notes it for its pages; where there is none the span goes again.
    fn back(&mut self, span: u32) -> Result<()> {
        let entry = self.spans.span(span);
        let end = (entry.start + entry.bytes()) as usize;
        if end > self.length {
            let extended = self.extend(end);
            if extended.is_err() {
                self.spans.drop_span(span)?;
                return extended;
            }
        }
        let entry = self.spans.span(span);
        let first = (entry.start >> self.page_shift) as usize;
        // Of a large block, the first page alone: no block begins in the others.
        let count = if entry.class == LARGE { 1 } else { (entry.bytes() >> self.page_shift) as usize };
        self.pages[first..first + count].fill(span + 1);
        Ok(())
    }

    /// Makes at least `length` bytes of the space usable.
    #[cold]
    fn extend(&mut self, length: usize) -> Result<()> {
        self.memory.grow(self.skipped + length)?;
        let page = 1usize << self.page_shift;
        let length = (self.memory.len() - self.skipped) & !(page - 1);
        let full = |StorageFull| HeapError::Alloc(AllocError::OutOfMetadata { blocks: self.counts.live() });
        self.pages.extend_to(length >> self.page_shift).map_err(full)?;
        self.length = length;
        Ok(())
    }

    /// The block that begins at an address.
    #[inline(always)]
    fn find(&self, address: usize) -> Result<Found> {
        let offset = address.wrapping_sub(self.base.addr().get());
        if offset >= self.length {
            return Err(self.not_in_space(address));
        }
        let entry = self.pages[offset >> self.page_shift];
        if entry == 0 {
            return Err(HeapError::NotABlock { address });
        }
        let span = self.spans.span(entry - 1);
        let within = (offset as u64).wrapping_sub(span.start);
        // Offsets and sizes within a span are below 2^16, so that the product is exact for whole slots.
        let place = (within & u64::from(u32::MAX)).wrapping_mul(span.inverse) >> 32;
        if place * span.size != within || place >= u64::from(span.slots) {
            return Err(HeapError::NotABlock { address });
        }
        if span.free >> place & 1 == 1 {
            return Err(HeapError::DoubleFree { address });
        }
        Ok(Found { span: entry - 1, place: place as u32, size: span.size as usize })
    }

    #[cold]
    fn not_in_space(&self, address: usize) -> HeapError {
        if self.contains(ptr::without_provenance(address)) {
            HeapError::NotABlock { address }
        } else {
            HeapError::NotInHeap { address }
        }
    }

    /// As [`find`](Self::find), for one that is not to be freed.
    fn find_live(&self, address: usize) -> Result<Found> {
        self.find(address).map_err(|error| match error {
            HeapError::DoubleFree { address } => HeapError::NotABlock { address },
            other => other,
        })
    }

    #[inline(never)]
    fn drop_span(&mut self, found: &Found) -> Result<()> {
        let dropped = self.spans.drop_span(found.span);
        dropped.map_err(|error| {
            self.spans.take_again(found.span, found.place);
            self.in_terms_of_all(error).into()
        })
    }
}

/// Memory that a heap begins with.
const FIRST: usize = 64 << 10;

// SAFETY: the core hands out ranges of the space that are disjoint as long as they live, and the memory does not move.
unsafe impl<M: Memory, S: Storage> RawHeap for SizeClassHeap<M, S> {
    #[inline]
    fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        if size <= SMALL && alignment <= GRANULARITY && alignment.is_power_of_two() {
            let rounded = (size.max(1) + (GRANULARITY - 1)) & !(GRANULARITY - 1);
            if let Some(class) = self.spans.class_of(rounded as u64, 1) {
                if let Some(placed) = self.spans.take_slot(class) {
                    return Ok(self.hand_out(placed));
                }
            }
        }
        self.allocate_elsewhere(size, alignment)
    }

    fn allocate_zeroed(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        let touched = match self.memory.starts_zeroed() {
            true => self.counts.footprint.max(self.given) as usize,
            false => usize::MAX,
        };
        let block = self.allocate(size, alignment)?;
        let start = block.addr().get() - self.base.addr().get();
        // SAFETY: the block was just handed out with at least `size` bytes, and is nobody else's. What lies above the
        // highest block that there ever was is as the system gave it.
        unsafe { block.as_ptr().write_bytes(0, size.min(touched.saturating_sub(start))) };
        Ok(block)
    }

    #[inline]
    fn free(&mut self, block: *mut u8) -> Result<usize> {
        let found = self.find(block.addr())?;
        if self.spans.give_slot(found.span, found.place) {
            self.drop_span(&found)?;
        }
        self.counts.frees += 1;
        self.counts.used -= found.size as u64;
        Ok(found.size)
    }

    fn resize_in_place(&mut self, block: *mut u8, size: usize) -> Result<usize> {
        let (address, found) = (block.addr(), self.find(block.addr())?);
        let size = check_size(size)?;
        if self.spans.span(found.span).class != LARGE {
            return match size <= found.size {
                true => Ok(found.size),
                false => Err(HeapError::NoRoomInPlace { address, size, available: found.size }),
            };
        }
        let rounded = size.next_multiple_of(GRANULARITY) as u64;
        let end = self.spans.span(found.span).start + rounded;
        match self.spans.resize_alone(found.span, rounded) {
            Ok(now) => {
                let end = end - rounded + now;
                if end as usize > self.length {
                    let extended = self.extend(end as usize);
                    if extended.is_err() {
                        self.spans.resize_alone(found.span, found.size as u64)?;
                        return extended.map(|()| found.size);
                    }
                }
                self.counts.used -= found.size as u64;
                self.counts.grown(now, end);
                Ok(now as usize)
            }
            Err(AllocError::NoRoomInPlace { available, .. }) => {
                Err(HeapError::NoRoomInPlace { address, size, available: available as usize })
            }
            Err(AllocError::TooLarge { .. }) => {
                Err(HeapError::NoRoomInPlace { address, size, available: found.size })
            }
            Err(error) => Err(self.in_terms_of_all(error).into()),
        }
    }

    fn usable_size(&self, block: *const u8) -> Result<usize> {
        Ok(self.find_live(block.addr())?.size)
    }

    fn contains(&self, address: *const u8) -> bool {
        address.addr().wrapping_sub(self.memory.start().addr().get()) < self.memory.len()
    }

    fn visit_blocks(&self, visit: &mut dyn FnMut(HeapBlock)) {
        let fallback = self.spans.fallback();
        for outer in Regions::new(fallback).filter_map(|region| region.block()) {
            let Ok(span) = fallback.tag(outer.id) else { continue };
            let span = self.spans.span(span);
            for place in (0..span.slots).filter(|&place| span.is_live(place)) {
                let start = span.start + u64::from(place) * span.size;
                // SAFETY: the strategy placed the block within the space.
                let address = unsafe { self.base.add(start as usize) };
                let usable = span.size as usize;
                visit(HeapBlock { address, usable, requested: usable });
            }
        }
    }

    /// Without headers nobody keeps what was asked for: `requested` is what the blocks have.
    fn stats(&self) -> Stats {
        self.spans.stats(&self.counts.counters(), self.counts.live())
    }

    fn metadata_bytes(&self) -> usize {
        let pages = (self.length >> self.page_shift) * size_of::<u32>();
        size_of::<Self>() - size_of::<Spans<S>>() + self.spans.bytes() + pages
    }

    fn trim(&mut self) -> usize {
        // What cannot be given back now for want of memory for a table stays as it is.
        let _ = self.spans.return_kept();
        let holes = Regions::new(self.spans.fallback()).filter(|region| region.kind == RegionKind::Hole);
        let given = holes.map(|hole| {
            let (start, end) = (self.skipped + hole.start as usize, self.skipped + hole.end() as usize);
            self.memory.give_back(start..end)
        });
        given.sum()
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.spans.validate(self.counts.live(), self.counts.used)?;
        let fallback = self.spans.fallback();
        let (mut live, mut used) = (0, 0);
        for outer in Regions::new(fallback).filter_map(|region| region.block()) {
            let span = fallback.tag(outer.id).unwrap_or(u32::MAX);
            let entry = match span < self.spans.most_spans() {
                true => self.spans.span(span),
                false => return Err(Corruption { what: "a block names no span", at: outer.start }),
            };
            let same = entry.start == outer.start && entry.bytes() == outer.size;
            Corruption::unless(same, "a span is not where its block is", outer.start)?;
            let first = (entry.start >> self.page_shift) as usize;
            let count = if entry.class == LARGE { 1 } else { (entry.bytes() >> self.page_shift) as usize };
            let mapped = self.pages[first..first + count].iter().all(|&page| page == span + 1);
            Corruption::unless(mapped, "a page does not name its span", outer.start)?;
            let here = u64::from(entry.slots - entry.free.count_ones());
            live += here;
            used += here * entry.size;
        }
        Corruption::unless(live == self.counts.live(), "the count of blocks is wrong", live)?;
        Corruption::unless(used == self.counts.used, "the used bytes are wrong", used)
    }
}

/// Requests of up to so many bytes try the short way.
const SMALL: usize = 16 << 10;
