//! The core of the size classes: spans of equal slots, without ids.
//!
//! It says where a block goes and what a slot's span is; who lives there, its owner knows: the
//! [strategy](super::SizeClasses) by ids, a heap over real bytes by addresses. So the two place every block alike.
//!
//! ```text
//! span  [ start | free: a bit a slot | size of a slot | 2^32 / size | fallback's id | neighbours | class, slots ]
//!         64 bytes, one cache line: a slot is taken or given back in one place
//! ```

use super::super::any::FallbackAllocator;
use super::super::stats::Counters;
use super::super::storage::{Column, NIL, Slab, Slot, Storage, StorageFull};
use super::super::*;
use super::parameters::{MOST_CLASSES, MOST_SLOTS, SizeClassParameters};
use bytemuck::{Pod as Plain, Zeroable};

/// A block of the fallback: cut into equal slots, or one large block by itself.
#[derive(Clone, Copy, Debug, Plain, Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Span {
    pub start: u64,
    /// A bit per slot, set where it is free.
    pub free: u64,
    /// Bytes of a slot.
    pub size: u64,
    /// 2^32 / size, rounded up: a multiplication finds the slot of an offset, if the span is below 4 GiB.
    pub inverse: u64,
    /// Id of the fallback's block.
    block: u64,
    /// Spans of the class that have free slots, before and after this one.
    previous: u32,
    next: u32,
    /// [`LARGE`] for a block by itself.
    pub class: u32,
    pub slots: u32,
    /// Bytes behind the last slot that make up whole pages.
    tail: u64,
}

impl Slot for Span {
    fn vacant(_floor: u32) -> Self {
        Span::zeroed()
    }
    fn free_link(&self) -> u32 {
        self.next
    }
    fn set_free_link(&mut self, next: u32) {
        *self = Span { next, ..Span::zeroed() };
    }
}

impl Span {
    pub fn all_free(&self) -> u64 {
        u64::MAX >> (MOST_SLOTS as u32 - self.slots)
    }

    /// Bytes of the fallback's block.
    pub fn bytes(&self) -> u64 {
        self.size * u64::from(self.slots) + self.tail
    }

    /// True when the slot is taken.
    #[inline(always)]
    pub fn is_live(&self, place: u32) -> bool {
        place < self.slots && self.free >> place & 1 == 0
    }
}

/// The class of a block that has a span by itself.
pub(crate) const LARGE: u32 = MOST_CLASSES as u32;

/// Spans per chunk of their table.
pub(crate) const SPAN_CHUNK: usize = 64;

/// Where a block was placed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub span: u32,
    pub place: u32,
    pub start: u64,
    pub size: u64,
}

/// Spans by class; see the [module](self).
pub(crate) struct Spans<S: Storage> {
    capacity: u64,
    granularity: u64,
    /// Spans and large blocks are multiples of it.
    page: u64,
    most_span: u64,
    /// An emptied span stays where it is the last of its class with a free slot.
    keep: bool,
    /// Sizes of the classes, ascending.
    sizes: S::Column<u64>,
    /// The class of a size by its granules, up to the largest that the table holds.
    by_granules: S::Column<u8>,
    shift: u32,
    /// The first partial span of each class.
    partial: S::Column<u32>,
    /// The span of each class that was emptied and stayed.
    kept: S::Column<u32>,
    spans: S::Slab<Span, SPAN_CHUNK>,
    span_count: u64,
    fallback: FallbackAllocator<S>,
    /// Slots of all spans: bytes and number.
    slot_bytes: u64,
    slots: u64,
    /// Blocks by themselves: bytes and number.
    alone_bytes: u64,
    alone: u64,
    /// Bytes behind the last slots of spans.
    tails: u64,
}

/// Sizes of up to so many granules are looked up, larger ones searched.
const LOOKED_UP: u64 = 1024;

impl<S: Storage> Spans<S> {
    pub fn assemble(options: &Options, parameters: &SizeClassParameters, storage: &mut S) -> Result<Self> {
        let page = parameters.page(options.granularity)?;
        let behind = Options { granularity: page, tags: true, ..*options }.checked()?;
        let listed = parameters.sizes(options.granularity)?;
        let mut sizes = storage.column::<u64>(listed.len())?;
        let mut partial = storage.column::<u32>(listed.len())?;
        let mut kept = storage.column::<u32>(listed.len())?;
        let granules = (listed[listed.len() - 1] / options.granularity).min(LOOKED_UP);
        let mut by_granules = storage.column::<u8>(granules as usize + 1)?;
        if sizes.len() == listed.len() {
            sizes.copy_from_slice(&listed); // (a storage that only measures gives no room)
            for (granules, class) in by_granules.iter_mut().enumerate() {
                let size = granules as u64 * options.granularity;
                *class = listed.partition_point(|&listed| listed < size) as u8;
            }
        }
        partial.fill(NIL);
        kept.fill(NIL);
        let most = storage.max_blocks().saturating_add(listed.len() as u32);
        Ok(Spans {
            capacity: behind.capacity,
            granularity: options.granularity,
            page,
            most_span: parameters.span,
            keep: parameters.keep,
            sizes,
            by_granules,
            shift: options.granularity.trailing_zeros(),
            partial,
            kept,
            spans: storage.slab(most)?,
            span_count: 0,
            fallback: FallbackAllocator::assemble(parameters, behind, storage)?,
            slot_bytes: 0,
            slots: 0,
            alone_bytes: 0,
            alone: 0,
            tails: 0,
        })
    }

    pub fn open(&mut self) -> Result<()> {
        self.fallback.open()
    }

    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// The strategy behind the spans. Its tag of a block is the span.
    pub fn fallback(&self) -> &FallbackAllocator<S> {
        &self.fallback
    }

    /// The smallest class of at least `size` bytes, a multiple of the granularity.
    #[inline(always)]
    fn class_of_size(&self, size: u64) -> usize {
        match self.by_granules.get((size >> self.shift) as usize) {
            Some(&class) => class.into(),
            None => self.sizes.partition_point(|&listed| listed < size),
        }
    }

    /// The class that serves `size` bytes, a multiple of the granularity, at a multiple of `alignment`; none where
    /// the fallback has to. Slots begin at pages, so that a class of multiples of an alignment obeys it.
    #[inline(always)]
    pub fn class_of(&self, size: u64, alignment: u64) -> Option<u32> {
        let class = self.class_of_size(size);
        if alignment <= self.granularity {
            return if class < self.sizes.len() { Some(class as u32) } else { None };
        }
        self.aligned_class(class, alignment)
    }

    #[inline(never)]
    fn aligned_class(&self, least: usize, alignment: u64) -> Option<u32> {
        let serves = |&class: &usize| self.sizes[class] & (alignment - 1) == 0;
        if alignment > self.page {
            return None;
        }
        (least..self.sizes.len()).find(serves).map(|class| class as u32)
    }

    pub fn class_size(&self, class: u32) -> u64 {
        self.sizes[class as usize]
    }

    /// Slots of a new span of a class, and the bytes it takes; `None` past 2^64 - 1.
    fn shape(&self, class: u32) -> Option<(u32, u64)> {
        let size = self.sizes[class as usize];
        let slots = (self.most_span / size).clamp(1, MOST_SLOTS);
        let bytes = size.checked_mul(slots)?.checked_next_multiple_of(self.page)?;
        Some(((bytes / size).min(MOST_SLOTS) as u32, bytes))
    }

    #[inline(always)]
    pub fn span(&self, span: u32) -> &Span {
        self.spans.get(span)
    }

    /// One more than the highest span that there ever was at once.
    pub fn most_spans(&self) -> u32 {
        self.spans.len()
    }

    /// Makes sure that the table has room for one more span.
    pub fn reserve(&mut self) -> Result<()> {
        self.spans.reserve(1).map_err(|StorageFull| AllocError::OutOfMetadata { blocks: self.span_count })
    }

    fn link_partial(&mut self, span: u32) {
        let class = self.spans.get(span).class as usize;
        let next = self.partial[class];
        let entry = self.spans.get_mut(span);
        (entry.previous, entry.next) = (NIL, next);
        if next != NIL {
            self.spans.get_mut(next).previous = span;
        }
        self.partial[class] = span;
    }

    fn unlink_partial(&mut self, span: u32) {
        let Span { previous, next, class, .. } = *self.spans.get(span);
        match previous {
            NIL => self.partial[class as usize] = next,
            _ => self.spans.get_mut(previous).next = next,
        }
        if next != NIL {
            self.spans.get_mut(next).previous = previous;
        }
    }

    /// The lowest free slot of the first partial span of a class; none where a new span is needed.
    #[inline(always)]
    pub fn take_slot(&mut self, class: u32) -> Option<Placed> {
        let span = *self.partial.get(class as usize)?;
        if span == NIL {
            return None;
        }
        let entry = self.spans.get_mut(span);
        let place = entry.free.trailing_zeros();
        entry.free &= entry.free - 1;
        let size = entry.size;
        let start = entry.start + u64::from(place) * size;
        if entry.free == 0 {
            self.unlink_partial(span);
        }
        Some(Placed { span, place, start, size })
    }

    /// A block of the fallback's, entered as a span; all of its slots are free.
    fn add(&mut self, request: Request, class: u32, slots: u32, size: u64) -> Result<u32> {
        self.reserve()?;
        let block = match self.fallback.allocate(request) {
            Err(AllocError::OutOfSpace { .. } | AllocError::OutOfMetadata { .. })
                if self.return_kept()? =>
            {
                self.fallback.allocate(request)?
            }
            done => done?,
        };
        let (span, entry) = self.spans.take()?;
        let size = if class == LARGE { block.size } else { size };
        let inverse = if class == LARGE { 0 } else { (1 << 32) / size + 1 };
        let tail = block.size - size * u64::from(slots);
        let (start, block) = (block.start, block.id);
        *entry = Span { start, size, inverse, block: block.to_bits(), class, slots, tail, ..Span::zeroed() };
        entry.free = entry.all_free();
        self.fallback.set_tag(block, span)?;
        self.span_count += 1;
        self.tails += tail;
        Ok(span)
    }

    /// A new span of a class, all free, from the fallback.
    pub fn add_span(&mut self, class: u32) -> Result<u32> {
        let size = self.sizes[class as usize];
        let (slots, bytes) =
            self.shape(class).ok_or(AllocError::TooLarge { size, capacity: self.capacity })?;
        let span = self.add(Request::new(bytes), class, slots, size)?;
        self.slot_bytes += size * u64::from(slots);
        self.slots += u64::from(slots);
        self.link_partial(span);
        Ok(span)
    }

    /// A block by itself.
    pub fn take_alone(&mut self, request: &Request) -> Result<Placed> {
        let span = self.add(*request, LARGE, 1, 0)?;
        let entry = self.spans.get_mut(span);
        entry.free = 0;
        self.alone += 1;
        self.alone_bytes += entry.size;
        Ok(Placed { span, place: 0, start: entry.start, size: entry.size })
    }

    /// Gives a live slot back; true when its span is empty now and has to be [dropped](Self::drop_span).
    #[inline(always)]
    pub fn give_slot(&mut self, span: u32, place: u32) -> bool {
        let entry = self.spans.get_mut(span);
        let was_full = entry.free == 0;
        entry.free |= 1 << place;
        let is_empty = entry.free == entry.all_free();
        // Few spans are full or become empty: one test for both.
        if was_full | is_empty { self.given_to_edge(span, was_full, is_empty) } else { false }
    }

    /// The span was full, or is empty.
    #[inline(never)]
    fn given_to_edge(&mut self, span: u32, was_full: bool, is_empty: bool) -> bool {
        if self.spans.get(span).class == LARGE {
            return true;
        }
        if was_full {
            self.link_partial(span);
        }
        is_empty && !self.stays(span)
    }

    /// True for an emptied span that is not given back.
    fn stays(&mut self, span: u32) -> bool {
        let Span { previous, next, class, .. } = *self.spans.get(span);
        let alone = self.keep && previous == NIL && next == NIL;
        if alone {
            self.kept[class as usize] = span;
        }
        alone
    }

    /// Gives an empty span back to the fallback, where that can be: a growable table may have no memory for a hole.
    ///
    /// # Errors
    /// `OutOfMetadata`; the span is empty and stays.
    pub fn drop_span(&mut self, span: u32) -> Result<()> {
        let entry = *self.spans.get(span);
        if let Some(block) = BlockId::from_bits(entry.block) {
            self.fallback.free(block)?;
        }
        if entry.class != LARGE {
            self.unlink_partial(span);
            self.slot_bytes -= entry.size * u64::from(entry.slots);
            self.slots -= u64::from(entry.slots);
            let kept = &mut self.kept[entry.class as usize];
            if *kept == span {
                *kept = NIL;
            }
        } else {
            self.alone -= 1;
            self.alone_bytes -= entry.size;
        }
        self.tails -= entry.tail;
        self.span_count -= 1;
        self.spans.give(span);
        Ok(())
    }

    /// Takes back what [`give_slot`](Self::give_slot) did, when the span could not be dropped.
    #[cold]
    pub fn take_again(&mut self, span: u32, place: u32) {
        let entry = self.spans.get_mut(span);
        entry.free &= !(1 << place);
        if entry.free == 0 && entry.class != LARGE {
            self.unlink_partial(span);
        }
    }

    /// Gives back every empty span that was kept; true when there was one. O(classes).
    #[cold]
    pub fn return_kept(&mut self) -> Result<bool> {
        let mut any = false;
        for class in 0..self.kept.len() {
            let span = self.kept[class];
            if span == NIL {
                continue;
            }
            self.kept[class] = NIL;
            let entry = self.spans.get(span);
            if entry.free == entry.all_free() {
                self.drop_span(span)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Changes the size of a large block in place, and tells it. The error speaks of the fallback's block.
    pub fn resize_alone(&mut self, span: u32, size: u64) -> Result<u64> {
        let entry = *self.spans.get(span);
        let Some(block) = BlockId::from_bits(entry.block) else { return Ok(entry.size) };
        let resized = self.fallback.resize(block, size)?.size;
        self.spans.get_mut(span).size = resized;
        self.alone_bytes = self.alone_bytes - entry.size + resized;
        Ok(resized)
    }

    /// The largest class that has a free slot in a span. O(classes).
    pub fn largest_partial(&self) -> u64 {
        let class = self.partial.iter().rposition(|&span| span != NIL);
        class.map_or(0, |class| self.sizes[class])
    }

    pub fn has_partial(&self, class: u32) -> bool {
        self.partial[class as usize] != NIL
    }

    /// True when the fallback would give a span of this class.
    pub fn can_add_span(&self, class: u32) -> bool {
        self.shape(class).is_some_and(|(_, bytes)| self.fallback.can_allocate(Request::new(bytes)))
    }

    /// Each free slot of a span counts as a hole; what lies behind the last slot is dead until the span goes.
    pub fn stats(&self, counters: &Counters, blocks: u64) -> Stats {
        let behind = self.fallback.stats();
        let largest = behind.largest_hole.max(self.largest_partial());
        let holes = behind.holes + self.slots - (blocks - self.alone);
        counters.stats(self.capacity, self.tails, blocks, holes, largest)
    }

    /// The fallback's errors speak of its own free bytes; the slots' belong to them.
    pub fn in_terms_of_all(&self, error: AllocError, used: u64) -> AllocError {
        match error {
            AllocError::OutOfSpace { size, alignment, largest_hole, .. } => {
                let free = self.capacity - used - self.tails;
                let largest_hole = largest_hole.max(self.largest_partial());
                AllocError::OutOfSpace { size, alignment, free, largest_hole }
            }
            other => other,
        }
    }

    pub fn grow(&mut self, capacity: u64) -> Result<()> {
        self.fallback.grow(capacity)?;
        self.capacity = self.fallback.capacity();
        Ok(())
    }

    pub fn bytes(&self) -> usize {
        // A tag for each span; a column that was reserved for all there may ever be is mostly untouched.
        let tags = self.spans.len() as usize * size_of::<u32>();
        let behind = self.fallback.metadata_bytes() + tags;
        let classes =
            self.sizes.bytes() + self.partial.bytes() + self.kept.bytes() + self.by_granules.bytes();
        size_of::<Self>() - size_of::<FallbackAllocator<S>>() + behind + classes + self.spans.bytes()
    }

    /// Checks the lists of partial spans against so many live blocks of so many bytes, and the fallback.
    pub fn validate(&self, live: u64, used: u64) -> core::result::Result<(), Corruption> {
        self.fallback.validate()?;
        let (mut slack, mut free_slots) = (0, 0);
        for class in 0..self.sizes.len() {
            let (mut span, mut previous) = (self.partial[class], NIL);
            while span != NIL {
                let Some(entry) = self.spans.try_get(span) else {
                    return Err(Corruption { what: "the list of spans is broken", at: span.into() });
                };
                let sane = entry.class as usize == class && entry.previous == previous && entry.free != 0;
                Corruption::unless(sane, "a span is in the wrong list", entry.start)?;
                slack += u64::from(entry.free.count_ones()) * self.sizes[class];
                free_slots += u64::from(entry.free.count_ones());
                let bounded = free_slots <= self.slots;
                Corruption::unless(bounded, "there are too many free slots", free_slots)?;
                (previous, span) = (span, entry.next);
            }
        }
        let (blocks, bytes) = (live.checked_sub(self.alone), used.checked_sub(self.alone_bytes));
        let count = blocks.and_then(|blocks| self.slots.checked_sub(blocks));
        Corruption::unless(count == Some(free_slots), "the count of free slots is wrong", free_slots)?;
        let free = bytes.and_then(|bytes| self.slot_bytes.checked_sub(bytes));
        Corruption::unless(free == Some(slack), "the free bytes in slots are wrong", slack)
    }
}

impl Clone for Spans<storage::Growable> {
    fn clone(&self) -> Self {
        Spans {
            sizes: self.sizes.clone(),
            by_granules: self.by_granules.clone(),
            partial: self.partial.clone(),
            kept: self.kept.clone(),
            spans: self.spans.clone(),
            fallback: self.fallback.clone(),
            ..*self
        }
    }
}
