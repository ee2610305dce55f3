//! The one thing that a fit policy is: an index of the holes.

#[cfg(doc)]
use super::super::AllocError;
use super::super::storage::{Storage, StorageFull};
use super::super::table::RegionTable;
use super::super::{Corruption, Options, Result, request::Fit};

/// Between n blocks there are at most n + 1 merged holes; one more while a hole is split.
pub(crate) fn most_merged_holes<S: Storage>(storage: &S) -> u32 {
    storage.max_blocks().saturating_add(2)
}

/// What a hole covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its first byte; of no meaning for an index that keeps [links](FreeIndex::LINKS).
    pub start: u64,
    /// Its bytes.
    pub size: u64,
}

/// Where a block goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The hole's slot.
    pub hole: u32,
    /// The hole's first byte.
    pub hole_start: u64,
    /// The hole's bytes.
    pub hole_size: u64,
    /// The block's first byte.
    pub start: u64,
}

impl Place {
    /// The lowest place for a request in a hole.
    #[inline(always)]
    pub fn within(hole: u32, hole_start: u64, hole_size: u64, fit: &Fit) -> Option<Self> {
        let start = fit.start_in(hole_start, hole_size)?;
        Some(Place { hole, hole_start, hole_size, start })
    }
}

/// Which hole serves a request: everything else (splitting, merging, resizing, statistics) is written once, in
/// [`HoleAllocator`](super::HoleAllocator), around this.
///
/// A policy of your own is one implementation of this trait. Holes are named by their slot in the table, which
/// stays the same while the hole is split, merged or resized.
///
/// An index that keeps [links](Self::LINKS) with its holes finds their starts
/// [by their neighbours](RegionTable::extent_by_neighbour).
pub trait FreeIndex<S: Storage>: Sized {
    /// The strategy's name.
    const NAME: &'static str;

    /// The index keeps [links](RegionTable::links) with its holes, which then have no start in the table.
    const LINKS: bool;

    /// What [`find`](Self::find) remembers of the way to the hole that it found, until the next change.
    type Way: Copy;

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

    /// Makes sure that `count` edits find memory, each of them an insertion and a reshaping, between which there
    /// are never more than `most` holes.
    ///
    /// # Errors
    /// [`StorageFull`]; nothing has changed then.
    fn reserve_many(&mut self, count: u64, most: u64) -> core::result::Result<(), StorageFull>;

    /// A hole has come into being. The caller has [reserved](Self::reserve).
    fn insert(&mut self, table: &mut RegionTable<S>, hole: u32);

    /// A hole disappears, which is in the table as it was.
    fn remove(&mut self, table: &mut RegionTable<S>, hole: u32);

    /// A hole has another range: it was `old`, and is in the table as it is now. It passes no other hole.
    fn reshape(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent);

    /// Where the request is served, and the way to that hole.
    fn find(&self, table: &RegionTable<S>, fit: &Fit) -> Option<(Place, Self::Way)>;

    /// [`remove`](Self::remove) of the hole that was found on this way.
    fn remove_found(&mut self, table: &mut RegionTable<S>, hole: u32, way: &Self::Way);

    /// [`reshape`](Self::reshape) of the hole that was found on this way.
    fn reshape_found(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent, way: &Self::Way);

    /// Size of the largest hole, 0 if there is none.
    fn largest(&self, table: &RegionTable<S>) -> u64;

    /// The largest size of which an unaligned request is sure to be found.
    fn largest_sure(&self, table: &RegionTable<S>) -> u64 {
        self.largest(table)
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
        table: &RegionTable<S>,
        in_order: &mut dyn Iterator<Item = u32>,
    ) -> core::result::Result<(), Corruption>;
}
