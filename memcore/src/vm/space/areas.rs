//! The areas of one process, in order, and how one looks them up.
//!
//! ```text
//!   records   [ area | hole before | previous | next ] ...     a table; vacant records are linked
//!                 ^
//!   tree      by start; weight = the hole before the area
//! ```
//!
//! Each record knows its neighbours, so walking and merging need no search. The weight of a record is what may be
//! mapped in the hole before it; the largest weight of each subtree is in the [tree](crate::alloc::tree), so the
//! lowest or the highest hole of a size is found in O(log n). The last hole, above all areas, has no record: it is
//! looked at by itself.

use super::{Area, AreaFlags};
use crate::alloc::storage::Growable;
use crate::alloc::tree::{Key, Order, Tree};
use crate::vm::{Protection, Shortage, VmError};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// The link to nothing.
pub(super) const NONE: u32 = u32::MAX;

/// New areas that one call can need at most: one where a hole is cut into an area, one that is inserted.
const MOST_NEW: u32 = 2;

#[derive(Clone)]
pub(super) struct Record {
    pub area: Area,
    /// Bytes of the hole before the area that may be mapped: the guard of a stack is not among them.
    pub gap: u64,
    pub previous: u32,
    /// In a vacant record, the next vacant one.
    pub next: u32,
}

/// Areas by their start, weighed by the holes before them.
#[derive(Clone, Copy)]
pub(super) struct ByStart;

impl Order<Vec<Record>> for ByStart {
    const AUGMENTED: bool = true;
    const WEIGHT_IS_MAJOR: bool = false;

    #[inline]
    fn key(&self, records: &Vec<Record>, record: u32) -> Key {
        at(records[record as usize].area.start)
    }

    #[inline]
    fn weight(&self, records: &Vec<Record>, record: u32) -> u64 {
        records[record as usize].gap
    }
}

/// The key of an area that starts at this address.
#[inline]
pub(super) fn at(address: u64) -> Key {
    Key { major: address, minor: 0 }
}

/// Pages by what they are counted as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub total: u64,
    pub accounted: u64,
    pub locked: u64,
}

/// The areas of one process: pairwise disjoint, in order, and as few as there can be.
///
/// ```
/// use memcore::vm::{Area, Areas, Protection};
/// let (read, write) = (Protection::READ, Protection::READ | Protection::WRITE);
/// let mut areas = Areas::new(0x1000, 0x8000_0000, 0x1000);
/// areas.insert(Area::anonymous(0x10_0000, 0x10_4000, write));
/// areas.insert(Area::anonymous(0x10_4000, 0x10_8000, write));
/// assert_eq!(areas.len(), 1); // equal neighbours are one area
/// areas.change(0x10_2000, 0x10_3000, |area| area.protection = read);
/// assert_eq!(areas.len(), 3);
/// assert_eq!(areas.find(0x10_2abc).map(|area| area.protection), Some(read));
/// assert_eq!(areas.gap_top_down(0x3000, 0x1000, 0x1000, 0x10_8000), Some(0xf_d000));
/// assert_eq!(areas.total_pages(), 8);
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "super::saved::Saved", into = "super::saved::Saved")]
pub struct Areas {
    pub(super) low: u64,
    pub(super) high: u64,
    pub(super) page_size: u64,
    pub(super) stack_guard: u64,
    pub(super) records: Vec<Record>,
    pub(super) tree: Tree<ByStart, Growable>,
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) vacant: u32,
    pub(super) count: usize,
    pub(super) sums: Sums,
}

impl Areas {
    /// No areas in the space `[low, high)`; every length and address is a multiple of `page_size` bytes.
    pub fn new(low: u64, high: u64, page_size: u64) -> Areas {
        let Ok(tree) = Tree::new(ByStart, &mut Growable::default(), u32::MAX) else {
            unreachable!("an empty growable tree takes no memory")
        };
        Areas {
            low,
            high: high.max(low),
            page_size: page_size.max(1),
            stack_guard: 0,
            records: Vec::new(),
            tree,
            first: NONE,
            last: NONE,
            vacant: NONE,
            count: 0,
            sums: Sums::default(),
        }
    }

    /// As many bytes below each area that [grows down](AreaFlags::GROWS_DOWN) are passed over when a hole is looked
    /// for (Linux: 256 pages). What asks for a fixed address may still take them. Set while there are no areas.
    pub fn with_stack_guard(mut self, bytes: u64) -> Areas {
        if self.count == 0 {
            self.stack_guard = bytes;
        }
        self
    }

    /// Makes room in the tables for all that the next call of [`insert`](Self::insert), [`remove`](Self::remove),
    /// [`change`](Self::change) or [`with`](Self::with) can need, so that it cannot fail. Without it, such a call
    /// that finds no memory aborts the program, as a `Vec` does. O(1) amortised.
    ///
    /// # Errors
    /// [`VmError::NoMemory`] when the host has none, or with 2^31 areas.
    pub fn reserve(&mut self) -> Result<(), VmError> {
        self.reserve_many(MOST_NEW.into())
    }

    /// As [`reserve`](Self::reserve), for as many areas more.
    pub(super) fn reserve_many(&mut self, more: u64) -> Result<(), VmError> {
        let after = self.count as u64 + more;
        let bytes = more.saturating_mul(size_of::<Record>() as u64);
        let short = || VmError::no_memory(bytes, Shortage::Host);
        let missing = after.saturating_sub(self.records.len() as u64);
        if after >= u64::from(u32::MAX >> 1) {
            return Err(short());
        }
        self.records.try_reserve(missing as usize).map_err(|_| short())?;
        self.tree.reserve_many(more, after).map_err(|_| short())
    }

    /// The lowest address.
    pub fn low(&self) -> u64 {
        self.low
    }

    /// The address after the highest.
    pub fn high(&self) -> u64 {
        self.high
    }

    /// Bytes in a page.
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// How many areas there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Pages in all areas. O(1).
    pub fn total_pages(&self) -> u64 {
        self.sums.total
    }

    /// Pages in areas that are [charged](AreaFlags::ACCOUNTED). O(1).
    pub fn accounted_pages(&self) -> u64 {
        self.sums.accounted
    }

    /// Pages in areas that are [locked](AreaFlags::LOCKED), be they in memory or not. O(1).
    pub fn locked_pages(&self) -> u64 {
        self.sums.locked
    }

    #[inline]
    pub(super) fn area(&self, record: u32) -> &Area {
        &self.records[record as usize].area
    }

    /// The record that holds an address, or else the first one above it.
    #[inline]
    pub(super) fn at_or_after(&self, address: u64) -> u32 {
        match self.tree.at_or_before(&self.records, at(address)) {
            None => self.first,
            Some(record) if address < self.area(record).end => record,
            Some(record) => self.records[record as usize].next,
        }
    }

    /// The area that holds an address. O(log n).
    #[inline]
    pub fn find(&self, address: u64) -> Option<&Area> {
        let record = self.tree.at_or_before(&self.records, at(address))?;
        let area = self.area(record);
        (address < area.end).then_some(area)
    }

    /// The area that holds an address, or else the first one above it. O(log n).
    pub fn next_at_or_after(&self, address: u64) -> Option<&Area> {
        Some(&self.records.get(self.at_or_after(address) as usize)?.area)
    }

    /// The last area that ends at an address or below it. O(log n).
    pub fn last_ending_by(&self, address: u64) -> Option<&Area> {
        let record = match self.at_or_after(address) {
            NONE => self.last,
            after => self.records[after as usize].previous,
        };
        Some(&self.records.get(record as usize)?.area)
    }

    /// All areas, in order. O(n).
    pub fn iter(&self) -> impl Iterator<Item = &Area> + '_ {
        self.walk(self.first)
    }

    /// The areas that share an address with `[from, to)`, whole and in order. O(log n + areas).
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = &Area> + '_ {
        let first = if from < to { self.at_or_after(from) } else { NONE };
        self.walk(first).take_while(move |area| area.start < to)
    }

    /// The areas from a record on.
    pub(super) fn walk(&self, first: u32) -> impl Iterator<Item = &Area> + '_ {
        let step = |record: &Record| self.records.get(record.next as usize);
        core::iter::successors(self.records.get(first as usize), move |&record| step(record))
            .map(|record| &record.area)
    }

    /// Whether nothing is mapped in `[from, to)`. O(log n).
    pub fn is_free(&self, from: u64, to: u64) -> bool {
        self.first_overlap(from, to).is_none()
    }

    /// The first address in `[from, to)` that is mapped. O(log n).
    pub fn first_overlap(&self, from: u64, to: u64) -> Option<u64> {
        self.range(from, to).next().map(|area| area.start.max(from))
    }

    /// The first address in `[from, to)` that is not mapped. O(log n + areas before it).
    pub fn first_hole(&self, from: u64, to: u64) -> Option<u64> {
        let mut reached = from;
        for area in self.range(from, to) {
            if area.start > reached {
                break;
            }
            reached = area.end;
        }
        (reached < to).then_some(reached)
    }

    /// What an access to an unmapped address adds to the area above it, if that [grows
    /// down](AreaFlags::GROWS_DOWN): from the address' page to that area, whose neighbour it is to be
    /// [inserted](Self::insert) as. `None` when that area would exceed `most` bytes, when less than the stack's
    /// guard would be left above an accessible area that does not grow down itself, or when nothing grows there.
    /// Limits and charges are the caller's. O(log n).
    ///
    /// ```
    /// use memcore::vm::{Area, AreaFlags, Areas, Protection};
    /// let mut areas = Areas::new(0, 0x100_0000, 0x1000).with_stack_guard(0x10_0000);
    /// let stack = Area::anonymous(0xff_0000, 0x100_0000, Protection::READ | Protection::WRITE);
    /// areas.insert(Area { flags: AreaFlags::GROWS_DOWN, ..stack });
    /// let growth = areas.growth_down(0xfe_1234, 0x80_0000).expect("a growing stack");
    /// assert_eq!((growth.start, growth.end), (0xfe_1000, 0xff_0000));
    /// assert_eq!(areas.insert(growth), 1);
    /// assert_eq!(areas.growth_down(0x7f_fff8, 0x80_0000), None);
    /// ```
    pub fn growth_down(&self, address: u64, most: u64) -> Option<Area> {
        let area = self.next_at_or_after(address)?;
        let start = address - address % self.page_size;
        let grows = area.flags.contains(AreaFlags::GROWS_DOWN);
        if !grows || area.contains(address) || start < self.low || area.end - start > most {
            return None;
        }
        let stands_back = |below: &Area| {
            let reachable = below.protection != Protection::NONE;
            reachable && !below.flags.contains(AreaFlags::GROWS_DOWN)
        };
        match self.last_ending_by(start) {
            Some(below) if stands_back(below) && start - below.end < self.stack_guard => None,
            _ => Some(Area { start, end: area.start, offset: area.offset_of(start), ..area.clone() }),
        }
    }

    /// What a record adds to the sums.
    pub(super) fn sums_of(&self, area: &Area) -> Sums {
        let pages = area.length() / self.page_size;
        let counted = |flag| if area.flags.contains(flag) { pages } else { 0 };
        Sums { total: pages, accounted: counted(AreaFlags::ACCOUNTED), locked: counted(AreaFlags::LOCKED) }
    }

    pub(super) fn count_in(&mut self, sums: Sums) {
        self.sums.total += sums.total;
        self.sums.accounted += sums.accounted;
        self.sums.locked += sums.locked;
    }

    pub(super) fn count_out(&mut self, sums: Sums) {
        self.sums.total -= sums.total;
        self.sums.accounted -= sums.accounted;
        self.sums.locked -= sums.locked;
    }
}

impl core::fmt::Debug for Areas {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Areas {
    fn eq(&self, other: &Areas) -> bool {
        let shape = |areas: &Areas| (areas.low, areas.high, areas.page_size, areas.stack_guard, areas.count);
        shape(self) == shape(other) && self.iter().eq(other.iter())
    }
}
