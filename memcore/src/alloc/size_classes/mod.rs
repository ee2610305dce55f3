//! Segregated size classes: small blocks come from spans of equal slots, large ones from a fallback strategy.
//!
//! ```text
//! fallback   [ span of 64 x 16 ][ large block ][ span of 64 x 48 ][ hole ]
//!              1 0 1 1 0 ...                     1 1 1 1 0 ...               a bit per free slot
//! class 16 ->  span, span       partial spans of each class, the one that became partial last first
//! class 48 ->  span
//! ```
//!
//! A request takes the smallest class that holds it, and the lowest free slot of the first span of the class that has
//! one. A new span is taken from the fallback where none has; an emptied span goes back at once. All this is O(1)
//! beside the fallback's own work, which is needed once for up to 64 blocks.
//!
//! What rounding up to a class costs is internal fragmentation; what half-empty spans hold is free, but only for
//! their class. Choose it for many small blocks of few sizes (this is the scheme of jemalloc, mimalloc and the SLUB
//! of Linux). A request whose alignment is wider than the granularity, or above the largest class, goes to the
//! fallback.
//!
//! Jeff Bonwick: The slab allocator, USENIX 1994.

mod parameters;

pub use parameters::{ClassTable, Fallback, SizeClassParameters};

use parameters::{MOST_CLASSES, MOST_SLOTS};

use super::any::FallbackAllocator;
use super::record::{Link, Record};
use super::request::Fit;
use super::stats::Counters;
use super::storage::{Column, Growable, NIL, Slab, Slot, Storage, StorageFull};
use super::table::RegionTable;
use super::*;
use bytemuck::{Pod as Plain, Zeroable};

/// A block of the fallback that is cut into equal slots.
#[derive(Clone, Copy, Plain, Zeroable)]
#[repr(C)]
struct Span {
    start: u64,
    /// A bit per slot, set where it is free.
    free: u64,
    /// Id of the fallback's block.
    block: u64,
    /// Spans of the class that have free slots, before and after this one.
    previous: u32,
    next: u32,
    class: u32,
    slots: u32,
    /// The block in each slot.
    blocks: [u32; MOST_SLOTS as usize],
}

impl Slot for Span {
    fn vacant(_floor: u32) -> Self {
        Span::zeroed()
    }
    fn free_link(&self) -> u32 {
        self.next
    }
    fn set_free_link(&mut self, next: u32) {
        self.next = next;
    }
}

impl Span {
    fn all_free(&self) -> u64 {
        u64::MAX >> (MOST_SLOTS as u32 - self.slots)
    }
}

/// Class number in a record's detail of a block that the fallback serves.
const LARGE: u32 = MOST_CLASSES as u32;
/// The fallback's tag of a block that is a span; without it, the tag is the slot of a large block.
const IS_SPAN: u32 = 1 << 31;

/// Segregated size classes; see the [module](self).
pub struct SizeClasses<S: Storage = Growable> {
    options: Options,
    /// Sizes of the classes, ascending.
    sizes: S::Column<u64>,
    /// The first partial span of each class.
    partial: S::Column<u32>,
    spans: S::Slab<Span, 16>,
    span_count: u64,
    most_span: u64,
    /// A record's links: the span and the slot in it, or the two halves of the fallback's block id.
    blocks: RegionTable<S>,
    fallback: FallbackAllocator<S>,
    /// Free slots in spans: bytes and number.
    slack: u64,
    free_slots: u64,
    counters: Counters,
}

impl SizeClasses {
    /// Size classes with growable tables.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter), [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(options: impl Into<Options>, parameters: &SizeClassParameters) -> Result<Self> {
        let mut allocator = Self::assemble(options.into(), parameters, &mut Growable::default())?;
        allocator.open()?;
        Ok(allocator)
    }
}

/// What a record says of its block.
enum Home {
    Span { span: u32, slot: u32 },
    Fallback(BlockId),
}

impl<S: Storage> SizeClasses<S> {
    pub(crate) fn assemble(
        options: Options,
        parameters: &SizeClassParameters,
        storage: &mut S,
    ) -> Result<Self> {
        let options = options.checked()?;
        let listed = parameters.sizes(options.granularity)?;
        let mut sizes = storage.column::<u64>(listed.len())?;
        let mut partial = storage.column::<u32>(listed.len())?;
        if sizes.len() == listed.len() {
            sizes.copy_from_slice(&listed); // (a storage that only measures gives no room)
        }
        partial.fill(NIL);
        let behind = Options { tags: true, ..options };
        let own = Options { address_index: false, ..options };
        Ok(SizeClasses {
            sizes,
            partial,
            spans: storage.slab(storage.max_blocks())?,
            span_count: 0,
            most_span: parameters.span,
            blocks: RegionTable::new(storage, &own, 0)?,
            fallback: FallbackAllocator::assemble(parameters, behind, storage)?,
            slack: 0,
            free_slots: 0,
            options,
            counters: Counters::default(),
        })
    }

    pub(crate) fn open(&mut self) -> Result<()> {
        self.fallback.open()
    }

    /// The class that serves a request, if a class does.
    fn class_of(&self, fit: &Fit) -> Option<u32> {
        let class = self.sizes.partition_point(|&size| size < fit.size);
        (fit.is_unaligned() && class < self.sizes.len()).then_some(class as u32)
    }

    fn slots_of(&self, class: u32) -> u64 {
        (self.most_span / self.sizes[class as usize]).clamp(1, MOST_SLOTS)
    }

    fn span_request(&self, class: u32) -> Request {
        Request::new(self.sizes[class as usize].saturating_mul(self.slots_of(class)))
    }

    fn home(&self, record: &Record) -> Home {
        let (low, high) = (record.previous.to_bits(), record.next.to_bits());
        if record.detail & 0xff != LARGE {
            return Home::Span { span: low, slot: high };
        }
        let bits = u64::from(high) << 32 | u64::from(low);
        // The bits were an id when they were stored.
        Home::Fallback(BlockId::from_bits(bits).unwrap_or(BlockId::new(NIL, NIL)))
    }

    fn block_of(&self, slot: u32) -> Block {
        let record = self.blocks.get(slot);
        let class = record.detail & 0xff;
        let mask = self.options.granularity - 1;
        let size =
            if class == LARGE { (record.requested + mask) & !mask } else { self.sizes[class as usize] };
        Block { id: self.blocks.id(slot), start: record.start, size, requested: record.requested }
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

    /// A new span of a class, from the fallback.
    fn add_span(&mut self, class: u32) -> Result<u32> {
        let full = |StorageFull| self.blocks.out_of_metadata();
        self.spans.reserve(1).map_err(full)?;
        let request = self.span_request(class);
        let block = self.fallback.allocate(request).map_err(|error| self.in_terms_of_all(error))?;
        let (span, _) = self.spans.take()?;
        self.fallback.set_tag(block.id, IS_SPAN | span)?;
        let slots = self.slots_of(class) as u32;
        let entry = self.spans.get_mut(span);
        *entry = Span { start: block.start, block: block.id.to_bits(), class, slots, ..Span::zeroed() };
        entry.free = entry.all_free();
        self.span_count += 1;
        self.slack += block.size;
        self.free_slots += u64::from(slots);
        self.link_partial(span);
        Ok(span)
    }

    fn allocate_small(&mut self, class: u32, request: &Request) -> Result<Block> {
        self.blocks.reserve(0)?;
        let span = match self.partial[class as usize] {
            NIL => self.add_span(class)?,
            span => span,
        };
        let entry = self.spans.get_mut(span);
        let place = entry.free.trailing_zeros();
        entry.free &= entry.free - 1;
        let (start, is_full) = (entry.start, entry.free == 0);
        if is_full {
            self.unlink_partial(span);
        }
        let size = self.sizes[class as usize];
        let start = start + u64::from(place) * size;
        let detail = class | request.alignment.ilog2() << 8;
        let (previous, next) = (Link::from_bits(span), Link::from_bits(place));
        let record = Record { start, requested: request.size, previous, next, generation: 0, detail };
        let slot = self.blocks.add(record, request.tag)?.index();
        self.spans.get_mut(span).blocks[place as usize] = slot;
        self.slack -= size;
        self.free_slots -= 1;
        self.counters.allocated(request.size, size, start + size);
        Ok(self.block_of(slot))
    }

    fn allocate_large(&mut self, request: &Request) -> Result<Block> {
        self.blocks.reserve(0)?;
        let block = self.fallback.allocate(*request).map_err(|error| self.in_terms_of_all(error))?;
        let detail = LARGE | request.alignment.ilog2() << 8;
        let bits = block.id.to_bits();
        let (previous, next) = (Link::from_bits(bits as u32), Link::from_bits((bits >> 32) as u32));
        let (start, requested) = (block.start, request.size);
        let record = Record { start, requested, previous, next, generation: 0, detail };
        let slot = self.blocks.add(record, request.tag)?.index();
        self.fallback.set_tag(block.id, slot)?;
        self.counters.allocated(request.size, block.size, block.end());
        Ok(self.block_of(slot))
    }

    /// Free bytes are those of the fallback and those in spans; blocks are not the fallback's.
    fn in_terms_of_all(&self, error: AllocError) -> AllocError {
        match error {
            AllocError::OutOfSpace { size, alignment, largest_hole, .. } => {
                let free = self.options.capacity - self.counters.used;
                let largest_hole = largest_hole.max(self.largest_partial());
                AllocError::OutOfSpace { size, alignment, free, largest_hole }
            }
            AllocError::OutOfMetadata { .. } => self.blocks.out_of_metadata(),
            other => other,
        }
    }

    fn free_small(&mut self, span: u32, place: u32) -> Result<()> {
        let entry = self.spans.get(span);
        let size = self.sizes[entry.class as usize];
        let (was_full, freed) = (entry.free == 0, entry.free | 1 << place);
        if freed == entry.all_free() {
            let slots = u64::from(entry.slots);
            if let Some(block) = BlockId::from_bits(entry.block) {
                self.fallback.free(block).map_err(|error| self.in_terms_of_all(error))?;
            }
            if !was_full {
                self.unlink_partial(span);
            }
            self.spans.give(span);
            self.span_count -= 1;
            self.slack -= (slots - 1) * size;
            self.free_slots -= slots - 1;
            return Ok(());
        }
        self.spans.get_mut(span).free = freed;
        if was_full {
            self.link_partial(span);
        }
        self.slack += size;
        self.free_slots += 1;
        Ok(())
    }

    /// The block, or free slot, around an offset inside a span.
    fn region_in_span(&self, span: u32, offset: u64) -> Region {
        let entry = self.spans.get(span);
        let size = self.sizes[entry.class as usize];
        let place = (offset - entry.start) / size;
        if entry.free >> place & 1 == 1 {
            Region::hole(entry.start + place * size, size)
        } else {
            Region::used(self.block_of(entry.blocks[place as usize]))
        }
    }

    /// What the fallback's region is made of, from `offset` on.
    fn refine(&self, region: Region, offset: u64) -> Region {
        let Some(block) = region.block() else { return region };
        match self.fallback.tag(block.id) {
            Ok(tag) if tag & IS_SPAN != 0 => self.region_in_span(tag & !IS_SPAN, offset),
            Ok(slot) => Region::used(self.block_of(slot)),
            Err(_) => region,
        }
    }
}

impl<S: Storage> Allocator for SizeClasses<S> {
    fn name(&self) -> &'static str {
        "size-classes"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: false,
            find_by_address: self.options.address_index,
            compaction: false,
            checkpoint: false,
            tags: self.options.tags,
        }
    }

    fn capacity(&self) -> u64 {
        self.options.capacity
    }

    fn granularity(&self) -> u64 {
        self.options.granularity
    }

    fn allocate(&mut self, request: Request) -> Result<Block> {
        let fit = Fit::new(&request, self.options.capacity, self.options.granularity)?;
        match self.class_of(&fit) {
            // Where there is no room for a span, one block alone may still find some.
            Some(class) => match self.allocate_small(class, &request) {
                Err(AllocError::OutOfSpace { .. } | AllocError::TooLarge { .. }) => {
                    self.allocate_large(&request)
                }
                done => done,
            },
            None => self.allocate_large(&request),
        }
    }

    fn can_allocate(&self, request: Request) -> bool {
        let Ok(fit) = Fit::new(&request, self.options.capacity, self.options.granularity) else {
            return false;
        };
        let in_span = self.class_of(&fit).is_some_and(|class| {
            self.partial[class as usize] != NIL || self.fallback.can_allocate(self.span_request(class))
        });
        in_span || self.fallback.can_allocate(request)
    }

    fn size_for(&self, request: &Request) -> Result<u64> {
        let fit = Fit::new(request, self.options.capacity, self.options.granularity)?;
        Ok(self.class_of(&fit).map_or(fit.size, |class| self.sizes[class as usize]))
    }

    fn free(&mut self, id: BlockId) -> Result<Block> {
        let slot = self.blocks.find_to_free(id).map(|_| id.index())?;
        let block = self.block_of(slot);
        match self.home(self.blocks.get(slot)) {
            Home::Span { span, slot } => self.free_small(span, slot)?,
            Home::Fallback(block) => {
                self.fallback.free(block).map_err(|error| self.in_terms_of_all(error))?;
            }
        }
        self.blocks.remove(slot);
        self.counters.freed(block.requested, block.size);
        Ok(block)
    }

    fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
        Fit::new(&Request::new(size), self.options.capacity, self.options.granularity)?;
        let slot = self.blocks.find(id)?;
        let old = self.block_of(slot);
        let end = match self.home(self.blocks.get(slot)) {
            Home::Span { .. } if size > old.size => {
                return Err(AllocError::NoRoomInPlace { id, size, available: old.size });
            }
            Home::Span { .. } => old.end(),
            Home::Fallback(block) => match self.fallback.resize(block, size) {
                Ok(resized) => resized.end(),
                Err(AllocError::NoRoomInPlace { available, .. }) => {
                    return Err(AllocError::NoRoomInPlace { id, size, available });
                }
                Err(error) => return Err(self.in_terms_of_all(error)),
            },
        };
        self.blocks.get_mut(slot).requested = size;
        self.counters.resized((old.requested, old.size), (size, end - old.start), end);
        Ok(self.block_of(slot))
    }

    fn block(&self, id: BlockId) -> Result<Block> {
        Ok(self.block_of(self.blocks.find(id)?))
    }

    fn alignment(&self, id: BlockId) -> Result<u64> {
        Ok(1 << (self.blocks.get(self.blocks.find(id)?).detail >> 8 & 63))
    }

    fn containing(&self, offset: u64) -> Result<Block> {
        let outer = self.fallback.containing(offset)?;
        let region = self.refine(Region::used(outer), offset);
        region.block().ok_or(AllocError::UnknownOffset { offset })
    }

    fn tag(&self, id: BlockId) -> Result<u32> {
        self.blocks.tag(id)
    }

    fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        self.blocks.set_tag(id, tag)
    }

    fn used(&self) -> u64 {
        self.counters.used
    }

    /// O(1), or as the fallback's. Each free slot of a span counts as a hole.
    fn stats(&self) -> Stats {
        let behind = self.fallback.stats();
        let largest = behind.largest_hole.max(self.largest_partial());
        let holes = behind.holes + self.free_slots;
        self.counters.stats(self.options.capacity, 0, self.blocks.len(), holes, largest)
    }

    /// A block that the fallback is sure to place alone, or one in a free slot.
    fn largest_sure(&self) -> u64 {
        self.fallback.largest_sure().max(self.largest_partial())
    }

    fn metadata_bytes(&self) -> usize {
        let behind = self.fallback.metadata_bytes() + self.fallback.optional_bytes();
        let classes = self.sizes.bytes() + self.partial.bytes();
        size_of::<Self>() - size_of::<FallbackAllocator<S>>()
            + behind
            + classes
            + self.spans.bytes()
            + self.blocks.bytes()
    }

    fn optional_bytes(&self) -> usize {
        self.blocks.optional_bytes()
    }

    /// The cursor walks the fallback; its inner offset, the slots of a span.
    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        let mut outer = RegionCursor { inner: 0, ..*cursor };
        let around = self.fallback.next_region(&mut outer)?;
        let offset = cursor.inner.clamp(around.start, around.end() - 1);
        let region = self.refine(around, offset);
        if region.end() < around.end() {
            cursor.inner = region.end(); // more of this span to come
        } else {
            *cursor = outer;
        }
        Some(region)
    }

    fn grow(&mut self, capacity: u64) -> Result<()> {
        self.fallback.grow(capacity).map_err(|error| self.in_terms_of_all(error))?;
        self.options.capacity = self.fallback.capacity();
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        while let Some(block) = Regions::new(&*self).find_map(|region| region.block()) {
            self.free(block.id)?;
        }
        Ok(())
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.fallback.validate()?;
        let (mut used, mut requested, mut live) = (0, 0, 0);
        let (mut slack, mut free_slots, mut end) = (0, 0, 0);
        for region in Regions::new(self) {
            Corruption::unless(region.start == end, "the regions leave a gap or overlap", region.start)?;
            end = region.end();
            if let Some(block) = region.block() {
                live += 1;
                used += block.size;
                requested += block.requested;
                let found = self.blocks.find(block.id).is_ok();
                Corruption::unless(found, "a span names a block that does not live", block.start)?;
            }
        }
        Corruption::unless(end == self.options.capacity, "the regions do not cover the space", end)?;
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
                Corruption::unless(
                    free_slots <= self.free_slots,
                    "there are too many free slots",
                    free_slots,
                )?;
                (previous, span) = (span, entry.next);
            }
        }
        Corruption::unless(slack == self.slack, "the slack is wrong", slack)?;
        Corruption::unless(free_slots == self.free_slots, "the count of free slots is wrong", free_slots)?;
        Corruption::unless(live == self.blocks.len(), "the count of blocks is wrong", live)?;
        Corruption::unless(used == self.counters.used, "the used bytes are wrong", used)?;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)
    }
}

impl<S: Storage> SizeClasses<S> {
    /// The largest class that has a free slot in a span. O(classes).
    fn largest_partial(&self) -> u64 {
        let class = self.partial.iter().rposition(|&span| span != NIL);
        class.map_or(0, |class| self.sizes[class])
    }
}

impl Clone for SizeClasses<Growable> {
    fn clone(&self) -> Self {
        SizeClasses {
            sizes: self.sizes.clone(),
            partial: self.partial.clone(),
            spans: self.spans.clone(),
            blocks: self.blocks.clone(),
            fallback: self.fallback.clone(),
            ..*self
        }
    }
}
