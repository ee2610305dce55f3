//! Best fit that takes the most recent of equally good holes: a bin per exact size, and an ordered tail.
//!
//! ```text
//! size / granularity    1     2     3    ...   4096   | larger
//!                      bin   bin   bin   ...   bin    | tree by (size, most recent first)
//! ```
//!
//! With a bin for each size up to 4096 granules nothing is searched: the smallest hole that fits is the head of the
//! first bin that is not empty. It is as exact as [best fit by size and address](super::size_ordered) and several
//! times faster, at the price of a less dense space: equal holes are taken wherever they lie.
//! A hole is as recent as the last change of its range.

use super::super::storage::{Storage, StorageFull};
use super::super::table::RegionTable;
use super::super::tree::{Key, Order, Tree};
use super::super::{Corruption, Options, Result, request::Fit};
use super::bins::{Bins, MOST_BINS};
use super::index::{Extent, FreeIndex, Place, most_merged_holes};
use super::size_ordered::validate_sorted;

/// Holes by size, the most recent of equal ones first. The links hold the hole's serial number.
#[derive(Clone, Copy)]
pub(crate) struct BySizeAndAge;

impl BySizeAndAge {
    fn key_of(size: u64, [low, high]: [u32; 2]) -> Key {
        Key { major: size, minor: !(u64::from(high) << 32 | u64::from(low)) }
    }
}

impl<S: Storage> Order<RegionTable<S>> for BySizeAndAge {
    const AUGMENTED: bool = false;
    const WEIGHT_IS_MAJOR: bool = true;

    #[inline(always)]
    fn key(&self, table: &RegionTable<S>, hole: u32) -> Key {
        Self::key_of(table.hole_size(hole), table.links(hole))
    }

    #[inline(always)]
    fn weight(&self, table: &RegionTable<S>, hole: u32) -> u64 {
        table.hole_size(hole)
    }
}

/// Exact best fit with most-recent ties.
pub struct BestRecent<S: Storage> {
    bins: Bins<S>,
    tail: Tree<BySizeAndAge, S>,
    serial: u64,
    shift: u32,
}

impl<S: Storage> BestRecent<S> {
    /// The bin of a size, if it is one of the small ones.
    #[inline(always)]
    fn bin(&self, size: u64) -> Option<usize> {
        let granules = (size >> self.shift) - 1;
        if granules < MOST_BINS as u64 { Some(granules as usize) } else { None }
    }

    /// Takes out a hole that had this size.
    #[inline(always)]
    fn take_out(&mut self, table: &mut RegionTable<S>, hole: u32, size: u64) {
        match self.bin(size) {
            Some(bin) => self.bins.unlink(table, bin, hole),
            None => self.tail.remove(table, hole, BySizeAndAge::key_of(size, table.links(hole))),
        }
    }
}

impl<S: Storage> FreeIndex<S> for BestRecent<S> {
    const NAME: &'static str = "best-fit";
    const LINKS: bool = true;
    type Way = ();
    type Parameters = ();

    fn new(storage: &mut S, options: &Options, (): ()) -> Result<Self> {
        let holes = most_merged_holes(storage);
        Ok(BestRecent {
            bins: Bins::new(storage, MOST_BINS)?,
            tail: Tree::new(BySizeAndAge, storage, holes)?,
            serial: 0,
            shift: options.granularity.trailing_zeros(),
        })
    }

    #[inline(always)]
    fn reserve(&mut self, count: u32) -> core::result::Result<(), StorageFull> {
        self.tail.reserve(2 * count)
    }

    fn reserve_many(&mut self, count: u64, most: u64) -> core::result::Result<(), StorageFull> {
        self.tail.reserve_many(2 * count, most)
    }

    #[inline(always)]
    fn insert(&mut self, table: &mut RegionTable<S>, hole: u32) {
        match self.bin(table.hole_size(hole)) {
            Some(bin) => self.bins.push(table, bin, hole),
            None => {
                self.serial += 1;
                table.set_links(hole, [self.serial as u32, (self.serial >> 32) as u32]);
                self.tail.insert(table, hole);
            }
        }
    }

    #[inline(always)]
    fn remove(&mut self, table: &mut RegionTable<S>, hole: u32) {
        self.take_out(table, hole, table.hole_size(hole));
    }

    #[inline(always)]
    fn reshape(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent) {
        self.take_out(table, hole, old.size);
        self.insert(table, hole);
    }

    #[inline(always)]
    fn find(&self, table: &RegionTable<S>, fit: &Fit) -> Option<(Place, ())> {
        let place = |hole| {
            let Extent { start, size } = table.extent_by_neighbour(hole);
            Some((Place::within(hole, start, size, fit)?, ()))
        };
        let mut next = self.bin(fit.size);
        if fit.is_unaligned() {
            // Any hole of the first bin will do.
            if let Some(bin) = next.and_then(|bin| self.bins.first_from(bin)) {
                return place(self.bins.head(bin)?);
            }
            next = None;
        }
        while let Some(bin) = next.and_then(|bin| self.bins.first_from(bin)) {
            let found = self.bins.iter(table, bin).find_map(place);
            if found.is_some() {
                return found;
            }
            next = Some(bin + 1);
        }
        let mut cursor = self.tail.seek(table, Key { major: fit.size, minor: 0 })?;
        loop {
            let found = place(self.tail.record(&cursor));
            if found.is_some() || !self.tail.advance(&mut cursor) {
                return found;
            }
        }
    }

    #[inline(always)]
    fn remove_found(&mut self, table: &mut RegionTable<S>, hole: u32, _way: &()) {
        self.remove(table, hole);
    }

    #[inline(always)]
    fn reshape_found(&mut self, table: &mut RegionTable<S>, hole: u32, old: Extent, _way: &()) {
        self.reshape(table, hole, old);
    }

    fn largest(&self, table: &RegionTable<S>) -> u64 {
        let in_bins = || self.bins.last().map_or(0, |bin| (bin as u64 + 1) << self.shift);
        self.tail.last_record().map_or_else(in_bins, |hole| table.hole_size(hole))
    }

    fn bytes(&self) -> usize {
        self.bins.bytes() + self.tail.bytes()
    }

    fn validate(
        &self,
        table: &RegionTable<S>,
        in_order: &mut dyn Iterator<Item = u32>,
    ) -> core::result::Result<(), Corruption> {
        let binned = self.bins.validate(table, |hole| self.bin(table.hole_size(hole)))?;
        let mut small = 0;
        let mut large = in_order.filter(|&hole| {
            let is_small = self.bin(table.hole_size(hole)).is_some();
            small += u64::from(is_small);
            !is_small
        });
        validate_sorted(&self.tail, table, &mut large)?;
        Corruption::unless(small == binned, "the bins do not hold every small hole", binned)
    }
}

impl<S: Storage> Clone for BestRecent<S>
where
    Bins<S>: Clone,
    Tree<BySizeAndAge, S>: Clone,
{
    fn clone(&self) -> Self {
        BestRecent {
            bins: self.bins.clone(),
            tail: self.tail.clone(),
            serial: self.serial,
            shift: self.shift,
        }
    }
}
