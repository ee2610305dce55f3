//! Two-level segregated fit (TLSF): constant time, good fit.
//!
//! ```text
//! size in granules   0  1  2 .. 31 | 32 33 .. 63 | 64-65 66-67 .. 126-127 | 128-131 ..
//! first level              0       |      1      |           2            |     3
//! second level       one bin each  |  one each   |     32 bins of 2       | 32 bins of 4 ..
//!
//! request 70  ->  rounded up to 70 -> bin 70-71     any hole there holds it: take the first
//! request 71  ->  rounded up to 72 -> bin 72-73     a hole of 71 in bin 70-71 is passed over
//! ```
//!
//! Each power of two is divided into `subdivisions` bins of equal width. A request is rounded up to the next bin's
//! lower bound, so that *any* hole found fits and no list is searched: O(1), at the price of holes that would fit
//! and are not seen. A block is never larger than asked for, so nothing is lost inside; a hole is passed over at
//! most when it is larger than the request by less than one part in `subdivisions`.
//!
//! After such a miss the first `probe` holes of the bin below may be tried (bounded; 0, the default, is strict).
//! Within a bin the most recent hole is taken, or, with [`TlsfLowest`], the lowest: that costs O(log holes).
//! A hole that changes its size within its bin keeps its place in the bin's list.
//!
//! M. Masmano, I. Ripoll, A. Crespo, J. Real: TLSF: a new dynamic memory allocator for real-time systems, ECRTS 2004.

use super::super::storage::{Storage, StorageFull};
use super::super::table::RegionTable;
use super::super::tree::{Cursor, Key, Order, Tree};
use super::super::{AllocError, Corruption, Options, Result, request::Fit};
use super::bins::Bins;
use super::index::{Extent, FreeIndex, Place, most_merged_holes};
use super::size_ordered::validate_sorted;

/// What can be chosen about TLSF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsfParameters {
    /// Bins per power of two: a power of two up to 64. More of them pass fewer holes over.
    pub subdivisions: u32,
    /// Holes of the bin below that are tried when no bin is sure to serve.
    pub probe: u32,
}

impl Default for TlsfParameters {
    fn default() -> Self {
        TlsfParameters { subdivisions: 32, probe: 0 }
    }
}

impl TlsfParameters {
    fn classes(&self, options: &Options) -> Result<Classes> {
        if !self.subdivisions.is_power_of_two() || self.subdivisions > 64 {
            let (name, value) = ("subdivisions", self.subdivisions.into());
            return Err(AllocError::BadParameter { name, value, rule: "must be a power of two up to 64" });
        }
        Ok(Classes::new(options.granularity, self.subdivisions))
    }
}

/// How sizes map to bins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Classes {
    granule_shift: u32,
    /// Binary logarithm of the subdivisions of a power of two.
    second_shift: u32,
}

impl Classes {
    pub fn new(granularity: u64, subdivisions: u32) -> Self {
        Classes { granule_shift: granularity.trailing_zeros(), second_shift: subdivisions.trailing_zeros() }
    }

    pub fn count(&self) -> usize {
        (65 - self.second_shift as usize) << self.second_shift
    }

    /// The bin of a hole.
    #[inline(always)]
    pub fn of(&self, size: u64) -> usize {
        self.of_granules(size >> self.granule_shift)
    }

    #[inline(always)]
    fn of_granules(&self, granules: u64) -> usize {
        let level = (granules | 1 << self.second_shift).ilog2() - self.second_shift;
        // Below the first power of two that is divided, level is 0 and a bin holds one size.
        ((level as usize) << self.second_shift) + (granules >> level) as usize
    }

    /// The first bin all of whose holes have at least `size` bytes; past the last when there is none.
    #[inline(always)]
    pub fn sure(&self, size: u64) -> usize {
        let granules = size >> self.granule_shift;
        let level = (granules | 1 << self.second_shift).ilog2() - self.second_shift;
        match granules.checked_add((1 << level) - 1) {
            Some(rounded) => self.of_granules(rounded),
            None => self.count(),
        }
    }

    /// The smallest size of a bin.
    pub fn smallest(&self, bin: usize) -> u64 {
        let level = (bin >> self.second_shift).saturating_sub(1);
        let granules = (bin - (level << self.second_shift)) as u64;
        granules << level << self.granule_shift
    }
}

/// TLSF with the most recent hole of a bin: strict O(1).
pub struct Tlsf<S: Storage> {
    bins: Bins<S>,
    classes: Classes,
    probe: u32,
}

impl<S: Storage> Tlsf<S> {
    /// The first hole of the bin below that fits, among as many as may be tried.
    #[cold]
    fn probe(&self, table: &RegionTable<S>, fit: &Fit) -> Option<(Place, usize)> {
        let bin = self.classes.of(fit.size);
        self.bins.iter(table, bin).take(self.probe as usize).find_map(|hole| {
            let Extent { start, size } = table.extent_by_neighbour(hole);
            Some((Place::within(hole, start, size, fit)?, bin))
        })
    }
}

impl<S: Storage> FreeIndex<S> for Tlsf<S> {
    const NAME: &'static str = "tlsf";
    const LINKS: bool = true;
    /// The bin.
    type Way = usize;
    type Parameters = TlsfParameters;

    fn new(storage: &mut S, options: &Options, parameters: TlsfParameters) -> Result<Self> {
        let classes = parameters.classes(options)?;
        Ok(Tlsf { bins: Bins::new(storage, classes.count())?, classes, probe: parameters.probe })
    }

    #[inline(always)]
    fn reserve(&mut self, _count: u32) -> core::result::Result<(), StorageFull> {
        Ok(())
    }

    fn reserve_many(&mut self, _count: u64, _most: u64) -> core::result::Result<(), StorageFull> {
        Ok(())
    }

    #[inline(always)]
    fn insert(&mut self, table: &mut RegionTable<S>, hole: u32) {
        let bin = self.classes.of(table.hole_size(hole));
        self.bins.push(table, bin, hole);
    }

    #[inline(always)]
    fn remove(&mut self, table: &mut RegionTable<S>, hole: u32) {
        let bin = self.classes.of(table.hole_size(hole));
        self.bins.unlink(table, bin, hole);
    }

    #[inline(always)]
    fn reshape(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent) {
        let (from, to) = (self.classes.of(old.size), self.classes.of(table.hole_size(hole)));
        if from != to {
            self.bins.unlink(table, from, hole);
            self.bins.push(table, to, hole);
        }
    }

    #[inline(always)]
    fn find(&self, table: &RegionTable<S>, fit: &Fit) -> Option<(Place, usize)> {
        let sure = match fit.is_unaligned() {
            true => self.bins.first_from(self.classes.sure(fit.size)),
            false => fit.sure_size().and_then(|size| self.bins.first_from(self.classes.sure(size))),
        };
        match sure {
            Some(bin) => {
                let hole = self.bins.head(bin)?;
                let Extent { start, size } = table.extent_by_neighbour(hole);
                Some((Place::within(hole, start, size, fit)?, bin))
            }
            None if self.probe == 0 => None,
            None => self.probe(table, fit),
        }
    }

    #[inline(always)]
    fn remove_found(&mut self, table: &mut RegionTable<S>, hole: u32, &bin: &usize) {
        self.bins.unlink(table, bin, hole);
    }

    #[inline(always)]
    fn reshape_found(&mut self, table: &mut RegionTable<S>, hole: u32, _old: Extent, &bin: &usize) {
        let to = self.classes.of(table.hole_size(hole));
        if bin != to {
            self.bins.unlink(table, bin, hole);
            self.bins.push(table, to, hole);
        }
    }

    fn largest(&self, table: &RegionTable<S>) -> u64 {
        let sizes = self.bins.last().map(|bin| self.bins.iter(table, bin).map(|hole| table.hole_size(hole)));
        sizes.and_then(Iterator::max).unwrap_or(0)
    }

    fn largest_sure(&self, _table: &RegionTable<S>) -> u64 {
        self.bins.last().map_or(0, |bin| self.classes.smallest(bin))
    }

    fn bytes(&self) -> usize {
        self.bins.bytes()
    }

    fn validate(
        &self,
        table: &RegionTable<S>,
        in_order: &mut dyn Iterator<Item = u32>,
    ) -> core::result::Result<(), Corruption> {
        let binned = self.bins.validate(table, |hole| Some(self.classes.of(table.hole_size(hole))))?;
        Corruption::unless(binned == in_order.count() as u64, "the bins do not hold every hole", binned)
    }
}

/// Holes by bin, then by address.
#[derive(Clone, Copy)]
pub(crate) struct ByBin(Classes);

impl<S: Storage> Order<RegionTable<S>> for ByBin {
    const AUGMENTED: bool = false;
    const WEIGHT_IS_MAJOR: bool = true;

    #[inline(always)]
    fn key(&self, table: &RegionTable<S>, hole: u32) -> Key {
        Key { major: self.0.of(table.hole_size(hole)) as u64, minor: table.hole_start(hole) }
    }

    #[inline(always)]
    fn weight(&self, table: &RegionTable<S>, hole: u32) -> u64 {
        self.0.of(table.hole_size(hole)) as u64
    }
}

/// TLSF with the lowest hole of a bin: O(log holes), and a denser space.
pub struct TlsfLowest<S: Storage> {
    tree: Tree<ByBin, S>,
    probe: u32,
}

impl<S: Storage> TlsfLowest<S> {
    fn classes(&self) -> &Classes {
        &self.tree.order().0
    }
}

impl<S: Storage> FreeIndex<S> for TlsfLowest<S> {
    const NAME: &'static str = "tlsf";
    const LINKS: bool = false;
    type Way = Cursor;
    type Parameters = TlsfParameters;

    fn new(storage: &mut S, options: &Options, parameters: TlsfParameters) -> Result<Self> {
        let holes = most_merged_holes(storage);
        let order = ByBin(parameters.classes(options)?);
        Ok(TlsfLowest { tree: Tree::new(order, storage, holes)?, probe: parameters.probe })
    }

    #[inline(always)]
    fn reserve(&mut self, count: u32) -> core::result::Result<(), StorageFull> {
        self.tree.reserve(2 * count)
    }

    fn reserve_many(&mut self, count: u64, most: u64) -> core::result::Result<(), StorageFull> {
        self.tree.reserve_many(2 * count, most)
    }

    #[inline(always)]
    fn insert(&mut self, table: &mut RegionTable<S>, hole: u32) {
        self.tree.insert(table, hole);
    }

    #[inline(always)]
    fn remove(&mut self, table: &mut RegionTable<S>, hole: u32) {
        let key = self.tree.order().key(table, hole);
        self.tree.remove(table, hole, key);
    }

    #[inline(always)]
    fn reshape(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent) {
        let bin = self.classes().of(old.size) as u64;
        self.tree.remove(table, hole, Key { major: bin, minor: old.start });
        self.tree.insert(table, hole);
    }

    #[inline(always)]
    fn find(&self, table: &RegionTable<S>, fit: &Fit) -> Option<(Place, Cursor)> {
        let place = |cursor: Cursor| {
            let hole = self.tree.record(&cursor);
            let place = Place::within(hole, table.hole_start(hole), table.hole_size(hole), fit)?;
            Some((place, cursor))
        };
        let from = |bin: usize| self.tree.seek(table, Key { major: bin as u64, minor: 0 });
        let sure = fit.sure_size().and_then(|size| from(self.classes().sure(size)));
        if let Some(cursor) = sure {
            return place(cursor);
        }
        let floor = self.classes().of(fit.size);
        let mut cursor = from(floor)?;
        for _ in 0..self.probe {
            let hole = self.tree.record(&cursor);
            if self.classes().of(table.hole_size(hole)) != floor {
                break;
            }
            let found = place(cursor);
            if found.is_some() {
                return found;
            }
            if !self.tree.advance(&mut cursor) {
                break;
            }
        }
        None
    }

    #[inline]
    fn remove_found(&mut self, table: &mut RegionTable<S>, _hole: u32, way: &Cursor) {
        self.tree.remove_at(table, way);
    }

    #[inline]
    fn reshape_found(&mut self, table: &mut RegionTable<S>, hole: u32, _old: Extent, way: &Cursor) {
        self.tree.remove_at(table, way);
        self.tree.insert(table, hole);
    }

    fn largest(&self, table: &RegionTable<S>) -> u64 {
        let Some(last) = self.tree.last_record() else { return 0 };
        let top = self.classes().of(table.hole_size(last)) as u64;
        let mut largest = 0;
        let mut cursor = self.tree.seek(table, Key { major: top, minor: 0 });
        while let Some(at) = &mut cursor {
            largest = largest.max(table.hole_size(self.tree.record(at)));
            if !self.tree.advance(at) {
                break;
            }
        }
        largest
    }

    fn largest_sure(&self, table: &RegionTable<S>) -> u64 {
        self.tree
            .last_record()
            .map_or(0, |hole| self.classes().smallest(self.classes().of(table.hole_size(hole))))
    }

    fn bytes(&self) -> usize {
        self.tree.bytes()
    }

    fn validate(
        &self,
        table: &RegionTable<S>,
        in_order: &mut dyn Iterator<Item = u32>,
    ) -> core::result::Result<(), Corruption> {
        validate_sorted(&self.tree, table, in_order)
    }
}

impl<S: Storage> Clone for Tlsf<S>
where
    Bins<S>: Clone,
{
    fn clone(&self) -> Self {
        Tlsf { bins: self.bins.clone(), classes: self.classes, probe: self.probe }
    }
}

impl<S: Storage> Clone for TlsfLowest<S>
where
    Tree<ByBin, S>: Clone,
{
    fn clone(&self) -> Self {
        TlsfLowest { tree: self.tree.clone(), probe: self.probe }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_divide_each_power_of_two_evenly() {
        let classes = Classes::new(1, 32);
        assert_eq!([classes.of(1), classes.of(31), classes.of(32), classes.of(63)], [1, 31, 32, 63]);
        assert_eq!([classes.of(64), classes.of(65), classes.of(66), classes.of(127)], [64, 64, 65, 95]);
        assert_eq!([classes.of(128), classes.of(131), classes.of(132)], [96, 96, 97]);
        assert_eq!(classes.of(u64::MAX), classes.count() - 1);
        assert_eq!([classes.sure(70), classes.sure(71), classes.sure(72)], [67, 68, 68]);
        assert_eq!(classes.sure(u64::MAX), classes.count());
    }

    #[test]
    fn the_smallest_size_of_a_bin_is_in_it_and_one_less_is_not() {
        for (granularity, subdivisions) in [(1, 1), (1, 2), (16, 32), (4096, 64), (1 << 40, 8)] {
            let classes = Classes::new(granularity, subdivisions);
            // Bins past the last that a size of 64 bits reaches are never used.
            for bin in 1..=classes.of(!(granularity - 1)) {
                let granules = classes.smallest(bin) / granularity;
                if granules == 0 {
                    continue;
                }
                assert_eq!(classes.of(granules * granularity), bin);
                if granules > 1 {
                    assert_eq!(classes.of((granules - 1) * granularity), bin - 1);
                }
                assert_eq!(classes.sure(granules * granularity), bin);
            }
        }
    }
}
