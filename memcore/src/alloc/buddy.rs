//! The binary buddy system: blocks of powers of two that split in halves and join again.
//!
//! ```text
//! 1024 |                              1024                              |
//!  512 |             512              |               512               |     a request of 100 takes 128: the
//!  256 |     256      |      256      |                                       lowest block of the smallest order
//!  128 | [128] | 128  |                                                       that has one, split down
//!      0      128    256             512                              1024
//! ```
//!
//! A block of size 2^k starts at a multiple of 2^k, and its *buddy* is the neighbour at `start xor 2^k`. When a block
//! is freed and its buddy is whole and free, both join, as often as that goes on. A block is aligned by its own
//! size; a wider alignment is met by a larger block. What rounding up to a power of two costs (a quarter of the
//! space on average, at most a half) is internal fragmentation, and counts in `used` and in the footprint.
//!
//! A capacity that is not a power of two is a row of top blocks: 1000 is 512, 256, 128, 64, 32 and 8.
//!
//! Time: O(orders) splits or joins per call, each an O(log holes) edit of the [tree](super::tree) that knows the
//! lowest block of every order. No list of blocks per order could tell the lowest in O(1).
//!
//! K. C. Knowlton: A fast storage allocator, CACM 8(10), 1965; Knuth, TAOCP 1, section 2.5.

use super::chain::Chain;
use super::holes::BySize;
use super::record::{Link, Record};
use super::request::Fit;
use super::stats::Counters;
use super::storage::{Growable, Storage, StorageFull};
use super::tree::{Key, Order, Tree};
use super::*;

/// The binary buddy system; see the [module](self).
pub struct Buddy<S: Storage = Growable> {
    options: Options,
    chain: Chain<S>,
    tree: Tree<BySize<false>, S>,
    counters: Counters,
}

/// A record's detail: binary logarithms of the block's size and of its alignment.
fn detail(size: u64, alignment: u64) -> u32 {
    size.ilog2() | alignment.ilog2() << 8
}

fn size_of_record(record: &Record) -> u64 {
    1 << (record.detail & 63)
}

fn alignment_of_record(record: &Record) -> u64 {
    1 << (record.detail >> 8 & 63)
}

impl Buddy {
    /// A buddy system with growable tables. The smallest block is the granularity.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter), [`OutOfMetadata`](AllocError::OutOfMetadata).
    pub fn new(options: impl Into<Options>) -> Result<Self> {
        let mut buddy = Self::assemble(options.into(), &mut Growable::default())?;
        buddy.open()?;
        Ok(buddy)
    }
}

impl<S: Storage> Buddy<S> {
    pub(crate) fn assemble(options: Options, storage: &mut S) -> Result<Self> {
        let options = options.checked()?;
        let most_holes = Self::most_holes(&options, storage.max_blocks());
        Ok(Buddy {
            chain: Chain::new(storage, &options, most_holes)?,
            tree: Tree::new(BySize, storage, most_holes)?,
            options,
            counters: Counters::default(),
        })
    }

    /// A block keeps at most one free buddy apart on each order; there may be a row of top blocks, one of each
    /// order; and twice as many may be about to be added.
    fn most_holes(options: &Options, max_blocks: u32) -> u32 {
        let orders = Self::orders(options.capacity, options.granularity);
        max_blocks.saturating_add(3).saturating_mul(orders).min((1 << 31) - 1)
    }

    fn orders(capacity: u64, granularity: u64) -> u32 {
        (capacity / granularity).ilog2() + 1
    }

    pub(crate) fn open(&mut self) -> Result<()> {
        self.add_space(0, self.options.capacity)
    }

    fn reserve_holes(&mut self, count: u32) -> Result<()> {
        self.chain.table.reserve_slots(count)?;
        self.tree.reserve(count).map_err(|StorageFull| self.chain.table.out_of_metadata())
    }

    fn insert_hole(&mut self, start: u64, size: u64, previous: Link, next: Link) -> Result<Link> {
        let hole = self.chain.table.add_hole(start, size, previous, next)?;
        self.chain.join(previous, Link::hole(hole), next);
        self.tree.insert(&self.chain.table, hole);
        Ok(Link::hole(hole))
    }

    fn remove_hole(&mut self, hole: u32) {
        let key = BySize::<false>.key(&self.chain.table, hole);
        self.tree.remove(&self.chain.table, hole, key);
        self.chain.table.remove_hole(hole);
    }

    /// What a block for the request takes.
    fn order_size(&self, request: &Request) -> Result<u64> {
        let &Request { size, alignment, bias, .. } = request;
        let fit = Fit::new(request, self.options.capacity, self.options.granularity)?;
        if bias & (alignment - 1) != 0 {
            // A block starts at a multiple of its size, so only such a point can be aligned.
            return Err(AllocError::BadBias { bias, alignment, granularity: alignment });
        }
        let rounded = fit.size.checked_next_power_of_two().map(|size| size.max(alignment));
        let too_large = AllocError::TooLarge { size, capacity: self.options.capacity };
        rounded.filter(|&rounded| rounded <= self.options.capacity).ok_or(too_large)
    }

    fn find(&self, size: u64) -> Option<u32> {
        let cursor = self.tree.seek(&self.chain.table, Key { major: size, minor: 0 })?;
        Some(self.tree.record(&cursor))
    }

    /// Halves a hole until the part at `start` has the size wanted, and makes that a block.
    fn place(&mut self, hole: u32, start: u64, size: u64, request: &Request) -> Result<Block> {
        let whole = *self.chain.table.get(hole);
        let splits = whole.requested.ilog2() - size.ilog2();
        self.chain.table.reserve(splits)?;
        self.reserve_holes(splits)?;
        self.remove_hole(hole);
        let (mut at, mut half) = (whole.start, whole.requested / 2);
        let (mut previous, mut next) = (whole.previous, whole.next);
        while half >= size {
            if start < at + half {
                next = self.insert_hole(at + half, half, previous, next)?;
            } else {
                previous = self.insert_hole(at, half, previous, next)?;
                at += half;
            }
            half /= 2;
        }
        let detail = detail(size, request.alignment);
        let record = Record { start, requested: request.size, previous, next, generation: 0, detail };
        let id = self.chain.table.add(record, request.tag)?;
        self.chain.join(previous, Link::block(id.index()), next);
        self.counters.allocated(request.size, size, start + size);
        Ok(Block { id, start, size, requested: request.size })
    }

    /// The range becomes free, between these neighbours: joins buddies as long as there are any.
    fn join(&mut self, mut start: u64, mut size: u64, mut previous: Link, mut next: Link) -> Result<()> {
        while let Some(buddy) = self.free_buddy(start, size, previous, next) {
            let hole = *self.chain.table.get(buddy);
            if hole.start > start {
                next = hole.next
            } else {
                previous = hole.previous
            }
            self.remove_hole(buddy);
            start = start.min(hole.start);
            size *= 2;
        }
        self.insert_hole(start, size, previous, next)?;
        Ok(())
    }

    /// The buddy of `[start, start + size)`, if it is whole and free.
    fn free_buddy(&self, start: u64, size: u64, previous: Link, next: Link) -> Option<u32> {
        let neighbour = if start & size == 0 { next } else { previous };
        let hole = neighbour.as_hole()?;
        let is_buddy =
            self.chain.table.hole_start(hole) == start ^ size && self.chain.table.hole_size(hole) == size;
        is_buddy.then_some(hole)
    }

    /// The space has `[from, to)` more: the largest blocks that their alignment allows.
    fn add_space(&mut self, from: u64, to: u64) -> Result<()> {
        // Sizes first rise with the alignment of the start, then fall towards the end.
        let largest_at = |start: u64| {
            let aligned = if start == 0 { u64::MAX } else { 1 << start.trailing_zeros() };
            aligned.min(1 << (to - start).ilog2())
        };
        let next = |&start: &u64| Some(start + largest_at(start)).filter(|&next| next < to);
        let starts = core::iter::successors(Some(from).filter(|&from| from < to), next);
        self.reserve_holes(starts.clone().count() as u32)?;
        for start in starts {
            self.join(start, largest_at(start), self.chain.last, Link::NONE)?;
        }
        Ok(())
    }

    fn block_of(&self, slot: u32) -> Block {
        self.chain.block_of(slot, size_of_record(self.chain.table.get(slot)))
    }

    /// How large the block could be in place: it absorbs upper buddies that follow it, whole and free.
    fn reach(&self, block: &Block, next: Link, wanted: u64) -> u64 {
        let (mut size, mut next) = (block.size, next);
        while size < wanted && block.start & size == 0 {
            let Some(buddy) = self.free_buddy(block.start, size, Link::NONE, next) else { break };
            next = self.chain.table.get(buddy).next;
            size *= 2;
        }
        size
    }
}

impl<S: Storage> Allocator for Buddy<S> {
    fn name(&self) -> &'static str {
        "buddy"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            free_in_any_order: true,
            reuses_freed: true,
            allocate_at: true,
            find_by_address: self.chain.table.has_address_index(),
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
        let size = self.order_size(&request)?;
        let Some(hole) = self.find(size) else {
            return Err(AllocError::OutOfSpace {
                size: request.size,
                alignment: request.alignment,
                free: self.options.capacity - self.counters.used,
                largest_hole: self.largest_hole(),
            });
        };
        self.place(hole, self.chain.table.hole_start(hole), size, &request)
    }

    fn allocate_at(&mut self, start: u64, request: Request) -> Result<Block> {
        let size = self.order_size(&request)?;
        if start & (size - 1) != 0 {
            return Err(AllocError::BadStart { start, needs: StartRule::Start, multiple: size });
        }
        // The free block around it is of some order, and starts at a multiple of its size.
        let around = (size.ilog2()..64).find_map(|order| {
            let key = Key { major: 1 << order, minor: start & !((1 << order) - 1) };
            let hole = self.tree.at_or_before(&self.chain.table, key)?;
            let found = (self.chain.table.hole_size(hole), self.chain.table.hole_start(hole));
            (found == (key.major, key.minor)).then_some(hole)
        });
        let hole = around.ok_or(AllocError::RangeTaken { start, size })?;
        self.place(hole, start, size, &request)
    }

    fn can_allocate(&self, request: Request) -> bool {
        self.order_size(&request).is_ok_and(|size| self.find(size).is_some())
    }

    fn size_for(&self, request: &Request) -> Result<u64> {
        self.order_size(request)
    }

    fn free(&mut self, id: BlockId) -> Result<Block> {
        let slot = self.chain.table.find_to_free(id).map(|_| id.index())?;
        let (block, record) = (self.block_of(slot), *self.chain.table.get(slot));
        self.reserve_holes(1)?;
        self.chain.table.remove(slot);
        self.join(block.start, block.size, record.previous, record.next)?;
        self.counters.freed(block.requested, block.size);
        Ok(block)
    }

    fn resize(&mut self, id: BlockId, size: u64) -> Result<Block> {
        Fit::new(&Request::new(size), self.options.capacity, self.options.granularity)?;
        let slot = self.chain.table.find(id)?;
        let (old, record) = (self.block_of(slot), *self.chain.table.get(slot));
        let alignment = alignment_of_record(&record);
        let wanted = self.order_size(&Request::new(size).align(alignment))?;
        let reach = self.reach(&old, record.next, wanted);
        if reach < wanted {
            return Err(AllocError::NoRoomInPlace { id, size, available: reach });
        }
        self.reserve_holes(old.size.ilog2().saturating_sub(wanted.ilog2()))?;
        let mut now = old.size;
        while now < wanted {
            let Some(buddy) = self.chain.table.get(slot).next.as_hole() else { break };
            let next = self.chain.table.get(buddy).next;
            self.remove_hole(buddy);
            self.chain.table.get_mut(slot).next = next;
            self.chain.set_previous(next, Link::block(slot));
            now *= 2;
        }
        while now > wanted {
            now /= 2;
            let next = self.chain.table.get(slot).next;
            self.insert_hole(old.start + now, now, Link::block(slot), next)?;
        }
        let record = self.chain.table.get_mut(slot);
        record.requested = size;
        record.detail = detail(wanted, alignment);
        self.counters.resized((old.requested, old.size), (size, wanted), old.start + wanted);
        Ok(Block { size: wanted, requested: size, ..old })
    }

    fn block(&self, id: BlockId) -> Result<Block> {
        Ok(self.block_of(self.chain.table.find(id)?))
    }

    fn alignment(&self, id: BlockId) -> Result<u64> {
        Ok(alignment_of_record(self.chain.table.get(self.chain.table.find(id)?)))
    }

    fn containing(&self, offset: u64) -> Result<Block> {
        let slot = self.chain.table.at_or_before(offset, Operation::Containing)?;
        let block = slot.map(|slot| self.block_of(slot)).filter(|block| offset < block.end());
        block.ok_or(AllocError::UnknownOffset { offset })
    }

    fn tag(&self, id: BlockId) -> Result<u32> {
        self.chain.table.tag(id)
    }

    fn set_tag(&mut self, id: BlockId, tag: u32) -> Result<()> {
        self.chain.table.set_tag(id, tag)
    }

    fn used(&self) -> u64 {
        self.counters.used
    }

    fn stats(&self) -> Stats {
        let largest = self.tree.last_record().map_or(0, |hole| self.chain.table.hole_size(hole));
        let (blocks, holes) = (self.chain.table.len(), self.chain.table.holes());
        self.counters.stats(self.options.capacity, 0, blocks, holes, largest)
    }

    fn metadata_bytes(&self) -> usize {
        size_of::<Self>() + self.chain.table.bytes() + self.tree.bytes()
    }

    fn optional_bytes(&self) -> usize {
        self.chain.table.optional_bytes()
    }

    fn next_region(&self, cursor: &mut RegionCursor) -> Option<Region> {
        self.chain.next_region(cursor, size_of_record)
    }

    /// Tables in fixed storage are made for the orders that the capacity has, and cannot take in more.
    fn grow(&mut self, capacity: u64) -> Result<()> {
        let wanted = capacity & !(self.options.granularity - 1);
        let capacity = self.options.capacity;
        if wanted < capacity {
            return Err(AllocError::CapacityShrink { capacity, wanted });
        }
        let orders = |capacity| Self::orders(capacity, self.options.granularity);
        if S::FIXED && orders(wanted) > orders(capacity) {
            return Err(self.chain.table.out_of_metadata());
        }
        self.add_space(capacity, wanted)?;
        self.options.capacity = wanted;
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        while let Some(block) = Regions::new(&*self).find_map(|region| region.block()) {
            self.free(block.id)?;
        }
        Ok(())
    }

    fn validate(&self) -> core::result::Result<(), Corruption> {
        let are_buddies = |a: &Region, b: &Region| a.size == b.size && a.start ^ a.size == b.start;
        let sums = self.chain.check(&self.options, size_of_record, |a, b| !are_buddies(a, b))?;
        Corruption::unless(sums.used == self.counters.used, "the used bytes are wrong", sums.used)?;
        let requested = sums.requested;
        Corruption::unless(requested == self.counters.requested, "the requested bytes are wrong", requested)?;
        for region in Regions::new(self) {
            let placed = region.size.is_power_of_two() && region.start & (region.size - 1) == 0;
            Corruption::unless(placed, "a block or hole is no buddy block", region.start)?;
        }
        holes::validate_sorted(
            &self.tree,
            &self.chain.table,
            &mut self.chain.links().filter_map(Link::as_hole),
        )
    }
}

impl<S: Storage> Clone for Buddy<S>
where
    Chain<S>: Clone,
    Tree<BySize<false>, S>: Clone,
{
    fn clone(&self) -> Self {
        Buddy {
            options: self.options,
            chain: self.chain.clone(),
            tree: self.tree.clone(),
            counters: self.counters,
        }
    }
}
