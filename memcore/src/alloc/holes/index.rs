//! The one thing that a fit policy is: an index of the holes.

#[cfg(doc)]
use super::super::AllocError;
use super::super::block_table::{CHUNK, Link};
use super::super::storage::{Slab, Slot, Storage, StorageFull};
use super::super::{Corruption, Options, Result, request::Fit};
use bytemuck::{Pod, Zeroable};

/// A maximal free range. Its neighbours in the space are blocks, never holes.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(32))]
pub(crate) struct Hole {
    pub start: u64,
    pub size: u64,
    /// The block before it, or nothing at the beginning of the space.
    pub previous: Link,
    /// The block after it, or nothing at the end of the space.
    pub next: Link,
    /// For the index: links of a list, or a serial number.
    pub mark: [u32; 2],
}

impl Slot for Hole {
    fn vacant(_floor: u32) -> Self {
        Hole::zeroed()
    }

    #[inline(always)]
    fn free_link(&self) -> u32 {
        self.mark[1]
    }

    #[inline(always)]
    fn set_free_link(&mut self, next: u32) {
        self.mark[1] = next;
    }
}

/// The table of holes, to which an index refers by slot.
pub struct Holes<S: Storage> {
    slots: S::Slab<Hole, CHUNK>,
    count: u64,
}

impl<S: Storage> Clone for Holes<S>
where
    S::Slab<Hole, CHUNK>: Clone,
{
    fn clone(&self) -> Self {
        Holes { slots: self.slots.clone(), count: self.count }
    }
}

impl<S: Storage> Holes<S> {
    pub(crate) fn new(storage: &mut S, most: u32) -> Result<Self> {
        Ok(Holes { slots: storage.slab(most)?, count: 0 })
    }

    /// Offset of the hole's first byte.
    #[inline(always)]
    pub fn start(&self, hole: u32) -> u64 {
        self.slots.get(hole).start
    }

    /// Bytes of the hole.
    #[inline(always)]
    pub fn size(&self, hole: u32) -> u64 {
        self.slots.get(hole).size
    }

    /// Two numbers that the index keeps with the hole.
    #[inline(always)]
    pub fn mark(&self, hole: u32) -> [u32; 2] {
        self.slots.get(hole).mark
    }

    /// Sets the index's two numbers.
    #[inline(always)]
    pub fn set_mark(&mut self, hole: u32, mark: [u32; 2]) {
        self.slots.get_mut(hole).mark = mark;
    }

    /// Changes where the hole is. Only an index calls this, in [`FreeIndex::reshape`].
    #[inline(always)]
    pub fn set_range(&mut self, hole: u32, start: u64, size: u64) {
        let hole = self.slots.get_mut(hole);
        (hole.start, hole.size) = (start, size);
    }

    /// How many holes there are. O(1).
    pub fn count(&self) -> u64 {
        self.count
    }

    #[inline(always)]
    pub(crate) fn get(&self, hole: u32) -> &Hole {
        self.slots.get(hole)
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, hole: u32) -> &mut Hole {
        self.slots.get_mut(hole)
    }

    pub(crate) fn try_get(&self, hole: u32) -> Option<&Hole> {
        self.slots.try_get(hole)
    }

    #[inline(always)]
    pub(crate) fn reserve(&mut self, count: u32) -> core::result::Result<(), StorageFull> {
        self.slots.reserve(count)
    }

    /// Enters a hole; the caller has reserved.
    #[inline(always)]
    pub(crate) fn add(&mut self, start: u64, size: u64, previous: Link, next: Link) -> Result<u32> {
        let slot = self.slots.take()?;
        *self.slots.get_mut(slot) = Hole { start, size, previous, next, mark: [0; 2] };
        self.count += 1;
        Ok(slot)
    }

    #[inline(always)]
    pub(crate) fn remove(&mut self, hole: u32) {
        self.slots.give(hole);
        self.slots.trim(hole);
        self.count -= 1;
    }

    pub(crate) fn bytes(&self) -> usize {
        self.slots.bytes()
    }
}

/// Between n blocks there are at most n + 1 merged holes; one more while a hole is split.
pub(crate) fn most_merged_holes<S: Storage>(storage: &S) -> u32 {
    storage.max_blocks().saturating_add(2)
}

/// Which hole serves a request: everything else (splitting, merging, resizing, statistics) is written once, in
/// [`HoleAllocator`](super::HoleAllocator), around this.
///
/// A policy of your own is one implementation of this trait. Holes are named by their slot in the table, which
/// stays the same while the hole is split, merged or resized.
pub trait FreeIndex<S: Storage>: Sized {
    /// The strategy's name.
    const NAME: &'static str;

    /// What can be chosen about the policy.
    type Parameters: Copy + Default;

    /// An empty index for the holes of a space.
    ///
    /// # Errors
    /// [`BadParameter`](AllocError::BadParameter); [`OutOfMetadata`](AllocError::OutOfMetadata) when the storage is
    /// too small.
    fn new(storage: &mut S, options: &Options, parameters: Self::Parameters) -> Result<Self>;

    /// Makes sure that `count` edits find memory, each of them an insertion and a reshaping.
    ///
    /// # Errors
    /// [`StorageFull`]; nothing has changed then.
    fn reserve(&mut self, count: u32) -> core::result::Result<(), StorageFull>;

    /// A hole has come into being. The caller has [reserved](Self::reserve).
    fn insert(&mut self, holes: &mut Holes<S>, hole: u32);

    /// A hole is about to disappear.
    fn remove(&mut self, holes: &mut Holes<S>, hole: u32);

    /// A hole gets another range, which overlaps or touches the old one and passes no other hole. The index calls
    /// [`Holes::set_range`].
    fn reshape(&mut self, holes: &mut Holes<S>, hole: u32, start: u64, size: u64);

    /// The hole that serves the request, and the block's start in it.
    fn find(&self, holes: &Holes<S>, fit: &Fit) -> Option<(u32, u64)>;

    /// Size of the largest hole, 0 if there is none.
    fn largest(&self, holes: &Holes<S>) -> u64;

    /// The largest size of which an unaligned request is sure to be found.
    fn largest_sure(&self, holes: &Holes<S>) -> u64 {
        self.largest(holes)
    }

    /// A block that ends at `end` was placed.
    fn placed(&mut self, end: u64) {
        let _ = end;
    }

    /// Blocks were moved: positions that the policy remembers mean nothing any more.
    fn compacted(&mut self) {}

    /// Bytes that the index holds.
    fn bytes(&self) -> usize;

    /// Checks the index against the holes, which come in address order.
    ///
    /// # Errors
    /// The first invariant that is broken.
    fn validate(
        &self,
        holes: &Holes<S>,
        in_order: &mut dyn Iterator<Item = u32>,
    ) -> core::result::Result<(), Corruption>;
}
