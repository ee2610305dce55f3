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
//! of Linux). A request above the largest class, or whose alignment is wider than the granularity and a page,
//! goes to the fallback.
//!
//! With a `page`, spans and large blocks are whole pages: then a map from pages to spans finds the span of any address,
//! slots can be aligned up to a page, and bytes behind the last slot of a span are dead until it goes. With `keep`, a
//! class whose last free slots are an empty span keeps that, so that a program which takes and returns one block in
//! turns does not go to the fallback each time.
//!
//! Jeff Bonwick: The slab allocator, USENIX 1994.

mod parameters;
mod spans;

pub use parameters::{ClassTable, Fallback, SizeClassParameters};
pub(crate) use spans::{LARGE, Placed, Spans};

use parameters::MOST_SLOTS;

use super::record::{Link, Record};
use super::request::Fit;
use super::stats::Counters;
#[cfg(all(feature = "std", unix))]
use super::storage::Measure;
use super::storage::{Column, Growable, Storage, StorageFull};
use super::table::RegionTable;
use super::*;

/// How many u64 words the core needs in fixed storage for so many spans. O(classes).
#[cfg(all(feature = "std", unix))]
pub(crate) fn span_words(capacity: u64, parameters: &SizeClassParameters, most: u32) -> Result<usize> {
    let mut measure = Measure { words: 0, max_blocks: most };
    Spans::assemble(&Options::new(capacity).granularity(16), parameters, &mut measure)?;
    Ok(measure.words)
}

/// Segregated size classes; see the [module](self).
pub struct SizeClasses<S: Storage = Growable> {
    options: Options,
    spans: Spans<S>,
    /// A record's links: the span and the slot in it.
    blocks: RegionTable<S>,
    /// The block in each slot of each span.
    occupants: S::Column<u32>,
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

impl<S: Storage> SizeClasses<S> {
    pub(crate) fn assemble(
        options: Options,
        parameters: &SizeClassParameters,
        storage: &mut S,
    ) -> Result<Self> {
        let options = options.checked()?;
        let spans = Spans::assemble(&options, parameters, storage)?;
        let own = Options { address_index: false, ..options };
        let most = storage.max_blocks().saturating_add(u32::from(u8::MAX));
        let occupants = storage.fixed_length(most).saturating_mul(MOST_SLOTS as usize);
        Ok(SizeClasses {
            options: Options { capacity: spans.capacity(), ..options },
            spans,
            blocks: RegionTable::new(storage, &own, 0)?,
            occupants: storage.column(occupants)?,
            counters: Counters::default(),
        })
    }

    pub(crate) fn open(&mut self) -> Result<()> {
        self.spans.open()
    }

    /// The class that serves a request, if a class does.
    fn class_of(&self, request: &Request, fit: &Fit) -> Option<u32> {
        // A bias within the slot makes another start than the slot's the aligned one.
        let alignment = if fit.is_unaligned() { 1 } else { request.alignment };
        if alignment > 1 && request.bias != 0 { None } else { self.spans.class_of(fit.size, alignment) }
    }

    /// The span and slot of a live block.
    fn home(&self, slot: u32) -> (u32, u32) {
        let record = self.blocks.get(slot);
        (record.previous.to_bits(), record.next.to_bits())
    }

    fn block_of(&self, slot: u32) -> Block {
        let record = self.blocks.get(slot);
        let size = self.spans.span(self.home(slot).0).size;
        Block { id: self.blocks.id(slot), start: record.start, size, requested: record.requested }
    }

    fn occupant(span: u32, place: u32) -> usize {
        span as usize * MOST_SLOTS as usize + place as usize
    }

    /// Room for a block, in one more span if need be, and for its occupants.
    fn reserve(&mut self) -> Result<()> {
        self.blocks.reserve(0)?;
        self.spans.reserve()?;
        // Whichever span is taken next, it lies below this.
        let length = Self::occupant(self.spans.most_spans(), 0);
        if length > self.occupants.len() {
            self.occupants.extend_to(length).map_err(|StorageFull| self.blocks.out_of_metadata())?;
        }
        Ok(())
    }

    /// Enters a block that was placed.
    fn enter(&mut self, placed: Placed, request: &Request) -> Result<Block> {
        let Placed { span, place, start, size } = placed;
        let (previous, next) = (Link::from_bits(span), Link::from_bits(place));
        let (requested, detail) = (request.size, request.alignment.ilog2());
        let record = Record { start, requested, previous, next, generation: 0, detail };
        let id = self.blocks.add(record, request.tag)?;
        self.occupants[Self::occupant(span, place)] = id.index();
        self.counters.allocated(requested, size, start + size);
        Ok(Block { id, start, size, requested })
    }

    fn allocate_small(&mut self, class: u32, request: &Request) -> Result<Block> {
        if !self.spans.has_partial(class) {
            self.spans.add_span(class)?;
        }
        match self.spans.take_slot(class) {
            Some(placed) => self.enter(placed, request),
            None => Err(self.blocks.out_of_metadata()),
        }
    }

    /// Free bytes are those of the fallback and those in spans; blocks are not the fallback's.
    fn in_terms_of_all(&self, error: AllocError) -> AllocError {
        match error {
            AllocError::OutOfMetadata { .. } => self.blocks.out_of_metadata(),
            other => self.spans.in_terms_of_all(other, self.counters.used),
        }
    }

    /// The block, free slot or tail around an offset inside a span.
    fn region_in_span(&self, span: u32, offset: u64) -> Region {
        let entry = self.spans.span(span);
        let place = (offset - entry.start) / entry.size;
        let start = entry.start + place * entry.size;
        if place >= u64::from(entry.slots) {
            let end = entry.start + entry.size * u64::from(entry.slots);
            Region::dead(end, entry.start + entry.bytes() - end)
        } else if entry.free >> place & 1 == 1 {
            Region::hole(start, entry.size)
        } else {
            Region::used(self.block_of(self.occupants[Self::occupant(span, place as u32)]))
        }
    }

    /// What the fallback's region is made of, from `offset` on.
    fn refine(&self, region: Region, offset: u64) -> Region {
        let Some(block) = region.block() else { return region };
        match self.spans.fallback().tag(block.id) {
            Ok(span) => self.region_in_span(span, offset),
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
        let class = self.class_of(&request, &fit);
        if class.is_none() {
            // The fallback has pages for its granularity, of which a bias has to be a multiple.
            self.spans.fallback().size_for(&request)?;
        }
        self.reserve()?;
        let small = match class {
            // Where there is no room for a span, one block alone may still find some.
            Some(class) => match self.allocate_small(class, &request) {
                Err(AllocError::OutOfSpace { .. } | AllocError::TooLarge { .. }) => None,
                done => Some(done),
            },
            None => None,
        };
        let done = match small {
            Some(done) => done,
            None => match self.spans.take_alone(&request) {
                Ok(placed) => self.enter(placed, &request),
                Err(error) => Err(error),
            },
        };
        done.map_err(|error| self.in_terms_of_all(error))
    }

    /// With kept spans it may say no although giving them back would make room.
    fn can_allocate(&self, request: Request) -> bool {
        let Ok(fit) = Fit::new(&request, self.options.capacity, self.options.granularity) else {
            return false;
        };
        let in_span = self
            .class_of(&request, &fit)
            .is_some_and(|class| self.spans.has_partial(class) || self.spans.can_add_span(class));
        in_span || self.spans.fallback().can_allocate(request)
    }

    fn size_for(&self, request: &Request) -> Result<u64> {
        let fit = Fit::new(request, self.options.capacity, self.options.granularity)?;
        match self.class_of(request, &fit) {
            Some(class) => Ok(self.spans.class_size(class)),
            None => self.spans.fallback().size_for(request),
        }
    }

    fn free(&mut self, id: BlockId) -> Result<Block> {
        let slot = self.blocks.find_to_free(id).map(|_| id.index())?;
        let block = self.block_of(slot);
        let (span, place) = self.home(slot);
        if self.spans.give_slot(span, place) {
            let before = self.spans.most_spans();
            if let Err(error) = self.spans.drop_span(span) {
                self.spans.take_again(span, place);
                return Err(self.in_terms_of_all(error));
            }
            if self.spans.most_spans() < before {
                self.occupants.shrink_to(Self::occupant(self.spans.most_spans(), 0));
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
        let (span, _) = self.home(slot);
        let now = if self.spans.span(span).class != LARGE {
            if size > old.size {
                return Err(AllocError::NoRoomInPlace { id, size, available: old.size });
            }
            old.size
        } else {
            self.spans.resize_alone(span, size).map_err(|error| match error {
                AllocError::NoRoomInPlace { available, .. } => {
                    AllocError::NoRoomInPlace { id, size, available }
                }
                other => self.in_terms_of_all(other),
            })?
        };
        self.counters.resized((old.requested, old.size), (size, now), old.start + now);
        self.blocks.get_mut(slot).requested = size;
        Ok(self.block_of(slot))
    }

    fn block(&self, id: BlockId) -> Result<Block> {
        Ok(self.block_of(self.blocks.find(id)?))
    }

    fn alignment(&self, id: BlockId) -> Result<u64> {
        Ok(1 << self.blocks.get(self.blocks.find(id)?).detail)
    }

    fn containing(&self, offset: u64) -> Result<Block> {
        let outer = self.spans.fallback().containing(offset)?;
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
        self.spans.stats(&self.counters, self.blocks.len())
    }

    /// A block that the fallback is sure to place alone, or one in a free slot.
    fn largest_sure(&self) -> u64 {
        self.spans.fallback().largest_sure().max(self.spans.largest_partial())
    }

    fn metadata_bytes(&self) -> usize {
        let own = size_of::<Self>() - size_of::<Spans<S>>();
        own + self.spans.bytes() + self.occupants.bytes() + self.blocks.bytes()
    }

    fn optional_bytes(&self) -> usize {
        self.blocks.optional_bytes()
    }

    /// The cursor walks the fallback; its inner offset, the slots of a span.
    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        let mut outer = RegionCursor { inner: 0, ..*cursor };
        let around = self.spans.fallback().next_region(&mut outer)?;
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
        self.spans.grow(capacity).map_err(|error| self.in_terms_of_all(error))?;
        self.options.capacity = self.spans.capacity();
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        while let Some(block) = Regions::new(&*self).find_map(|region| region.block()) {
            self.free(block.id)?;
        }
        Ok(())
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        self.spans.validate(self.blocks.len(), self.counters.used)?;
        let (mut used, mut requested, mut live, mut end) = (0, 0, 0, 0);
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
        Corruption::unless(live == self.blocks.len(), "the count of blocks is wrong", live)?;
        Corruption::unless(used == self.counters.used, "the used bytes are wrong", used)?;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)
    }
}

impl Clone for SizeClasses<Growable> {
    fn clone(&self) -> Self {
        SizeClasses {
            options: self.options,
            spans: self.spans.clone(),
            blocks: self.blocks.clone(),
            occupants: self.occupants.clone(),
            counters: self.counters,
        }
    }
}
