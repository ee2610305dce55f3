//! First fit and next fit: holes in address order.
//!
//! ```text
//! address  0        100      300      450                1024
//!          [ block  |  hole  |  block |       hole       ]
//!  first fit of 300:   200 is too small; ^ 574 is enough: 450
//! ```
//!
//! A B+ tree holds the holes by start and knows the largest hole below each of its nodes, so that
//! "the lowest hole of at least n bytes" is one way down. **First fit** is exactly the lowest aligned start at which
//! the request fits. **Next fit** takes the holes in address order from the one that contains or follows its rover,
//! wrapping round, each from its own start; the rover is the end of the last block placed (Knuth, *The Art of
//! Computer Programming* 1, section 2.5, exercise 6).
//!
//! A request aligned above the granularity may be refused by holes that are large enough; each refusal costs one
//! more step to the next such hole.

use super::super::storage::{Storage, StorageFull};
use super::super::table::RegionTable;
use super::super::tree::{Cursor, Key, Order, Tree};
use super::super::{Corruption, Options, Result, request::Fit};
use super::index::{Extent, FreeIndex, Place, most_merged_holes};

/// Holes by start; the weight is the size.
#[derive(Clone, Copy)]
pub(crate) struct ByAddress;

impl<S: Storage> Order<RegionTable<S>> for ByAddress {
    const AUGMENTED: bool = true;
    const WEIGHT_IS_MAJOR: bool = false;

    #[inline]
    fn key(&self, table: &RegionTable<S>, hole: u32) -> Key {
        Key { major: table.hole_start(hole), minor: 0 }
    }

    #[inline]
    fn weight(&self, table: &RegionTable<S>, hole: u32) -> u64 {
        table.hole_size(hole)
    }
}

/// Holes in address order, searched from the bottom or from a rover.
pub struct AddressOrdered<S: Storage, const ROVER: bool> {
    tree: Tree<ByAddress, S>,
    /// Next fit: the end of the last block placed. First fit does not look at it.
    rover: u64,
}

impl<S: Storage, const ROVER: bool> AddressOrdered<S, ROVER> {
    /// The first hole from the cursor on that holds the request.
    fn search(&self, table: &RegionTable<S>, fit: &Fit, mut cursor: Cursor) -> Option<(Place, Cursor)> {
        while self.tree.seek_heavy(&mut cursor, fit.size) {
            let hole = self.tree.record(&cursor);
            let place = Place::within(hole, table.hole_start(hole), table.hole_size(hole), fit);
            if let Some(place) = place {
                return Some((place, cursor));
            }
            if !self.tree.advance(&mut cursor) {
                return None;
            }
        }
        None
    }
}

impl<S: Storage, const ROVER: bool> FreeIndex<S> for AddressOrdered<S, ROVER> {
    const NAME: &'static str = if ROVER { "next-fit" } else { "first-fit" };
    const LINKS: bool = false;
    type Way = Cursor;
    type Parameters = ();

    fn new(storage: &mut S, _options: &Options, (): ()) -> Result<Self> {
        let holes = most_merged_holes(storage);
        Ok(AddressOrdered { tree: Tree::new(ByAddress, storage, holes)?, rover: 0 })
    }

    #[inline]
    fn reserve(&mut self, count: u32) -> core::result::Result<(), StorageFull> {
        self.tree.reserve(count)
    }

    fn reserve_many(&mut self, count: u64, most: u64) -> core::result::Result<(), StorageFull> {
        self.tree.reserve_many(count, most)
    }

    #[inline]
    fn insert(&mut self, table: &mut RegionTable<S>, hole: u32) {
        self.tree.insert(table, hole);
    }

    #[inline]
    fn remove(&mut self, table: &mut RegionTable<S>, hole: u32) {
        self.tree.remove(table, hole, ByAddress.key(table, hole));
    }

    #[inline]
    fn reshape(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent) {
        self.tree.changed(table, hole, Key { major: old.start, minor: 0 });
    }

    #[inline]
    fn find(&self, table: &RegionTable<S>, fit: &Fit) -> Option<(Place, Cursor)> {
        let first = self.tree.first_heavy(fit.size)?;
        if !ROVER {
            return self.search(table, fit, first);
        }
        // The hole that contains the rover begins at or before it.
        let here = self.tree.at_or_before(table, Key { major: self.rover, minor: 0 });
        let from = match here {
            Some(hole) if table.hole_start(hole) + table.hole_size(hole) > self.rover => {
                table.hole_start(hole)
            }
            _ => self.rover,
        };
        self.tree
            .seek(table, Key { major: from, minor: 0 })
            .and_then(|cursor| self.search(table, fit, cursor))
            .or_else(|| self.search(table, fit, first))
    }

    #[inline]
    fn remove_found(&mut self, table: &mut RegionTable<S>, _hole: u32, way: &Cursor) {
        self.tree.remove_at(table, way);
    }

    #[inline]
    fn reshape_found(&mut self, table: &mut RegionTable<S>, _hole: u32, _old: Extent, way: &Cursor) {
        self.tree.changed_at(table, way);
    }

    fn largest(&self, _table: &RegionTable<S>) -> u64 {
        self.tree.heaviest()
    }

    fn placed(&mut self, end: u64) {
        self.rover = end;
    }

    fn compacted(&mut self) {
        self.rover = 0;
    }

    fn bytes(&self) -> usize {
        self.tree.bytes()
    }

    fn validate(
        &self,
        table: &RegionTable<S>,
        in_order: &mut dyn Iterator<Item = u32>,
    ) -> core::result::Result<(), Corruption> {
        self.tree.validate(table, in_order)
    }
}

impl<S: Storage, const ROVER: bool> Clone for AddressOrdered<S, ROVER>
where
    Tree<ByAddress, S>: Clone,
{
    fn clone(&self) -> Self {
        AddressOrdered { tree: self.tree.clone(), rover: self.rover }
    }
}
