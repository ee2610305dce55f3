//! One access, what its address counts, and what happens to the address space between accesses.

use super::kind::AccessKind;
use crate::trace::error::Reason;

/// One access, or a run of equal ones, in 24 bytes.
///
/// ```
/// use memcore::trace::access::{Access, AccessKind};
///
/// let store = Access::new(0x7fff_0ffc, 8, AccessKind::Write);
/// assert_eq!((store.count, store.last()), (1, 0x7fff_1003));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// The first byte, or the number of a page or object: what it counts is the trace's [`Unit`].
    pub address: u64,
    /// Bytes. A size of 0 touches what its address names, as a size of 1 does.
    pub size: u32,
    /// How many equal accesses follow each other; at least 1.
    pub count: u32,
    /// What it does.
    pub kind: AccessKind,
}

impl Access {
    /// One access. O(1).
    pub const fn new(address: u64, size: u32, kind: AccessKind) -> Access {
        Access { address, size, count: 1, kind }
    }

    /// The last byte touched. What would lie beyond 2^64 - 1 is not touched: address spaces do not wrap.
    /// O(1).
    #[inline]
    pub const fn last(&self) -> u64 {
        let more = if self.size == 0 { 0 } else { self.size as u64 - 1 };
        self.address.saturating_add(more)
    }
}

/// What the addresses of a trace count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Bytes of an address space.
    Bytes,
    /// Recorded numbers of pages (or of disk sectors) of 2^`shift` bytes: the address is that of the page's
    /// first byte, and at this page size the numbers are taken as they were recorded.
    Pages {
        /// The base-two logarithm of the recorded size, at most 63.
        shift: u32,
    },
    /// Keys, blocks, objects: the numbers are pages already, and sizes say nothing about neighbours.
    Numbers,
}

impl Unit {
    /// The page size at which such a trace is read unless another is asked for: 4096 for bytes, the recorded
    /// one for pages, 1 for numbers. O(1).
    pub const fn default_page_size(self) -> u64 {
        match self {
            Unit::Bytes => 4096,
            Unit::Pages { shift } => 1 << shift,
            Unit::Numbers => 1,
        }
    }
}

/// The bits of an address below its page number in a [`SpaceEvent`].
pub const EVENT_PAGE_SHIFT: u32 = 12;

/// What a program did to its address space (successful calls only). Pages are of 4096 bytes: a page is an
/// address divided by that, whatever the page size of a later simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpaceEvent {
    /// `mmap`.
    Map {
        /// The first page.
        page: u64,
        /// How many.
        pages: u64,
        /// 1 read, 2 write, 4 execute, added.
        protection: u64,
        /// As passed on Linux: 2 private, 16 fixed, 32 anonymous, ...
        flags: u64,
    },
    /// `munmap`.
    Unmap {
        /// The first page.
        page: u64,
        /// How many.
        pages: u64,
    },
    /// `mprotect`.
    Protect {
        /// The first page.
        page: u64,
        /// How many.
        pages: u64,
        /// 1 read, 2 write, 4 execute, added.
        protection: u64,
    },
    /// `brk`: the heap's new end.
    Break {
        /// The first page above the break.
        page: u64,
    },
    /// `mremap`.
    Remap {
        /// The first page before.
        old: u64,
        /// How many before.
        old_pages: u64,
        /// The first page after.
        new: u64,
        /// How many after.
        new_pages: u64,
    },
}

impl SpaceEvent {
    /// How many numbers each kind has, by its code: map, unmap, protect, break, remap.
    pub(crate) const LENGTHS: [usize; 5] = [4, 2, 3, 1, 4];
    /// The letter of each kind in page text, by its code.
    pub(crate) const LETTERS: [u8; 5] = *b"mupbv";

    /// The code (0 to 4) and the numbers, of which the first [`LENGTHS`](Self::LENGTHS) count.
    pub(crate) fn to_numbers(self) -> (usize, [u64; 4]) {
        match self {
            SpaceEvent::Map { page, pages, protection, flags } => (0, [page, pages, protection, flags]),
            SpaceEvent::Unmap { page, pages } => (1, [page, pages, 0, 0]),
            SpaceEvent::Protect { page, pages, protection } => (2, [page, pages, protection, 0]),
            SpaceEvent::Break { page } => (3, [page, 0, 0, 0]),
            SpaceEvent::Remap { old, old_pages, new, new_pages } => (4, [old, old_pages, new, new_pages]),
        }
    }

    /// The event of a code below 5 and its numbers.
    pub(crate) fn from_numbers(code: usize, numbers: [u64; 4]) -> SpaceEvent {
        let [first, second, third, fourth] = numbers;
        match code {
            0 => SpaceEvent::Map { page: first, pages: second, protection: third, flags: fourth },
            1 => SpaceEvent::Unmap { page: first, pages: second },
            2 => SpaceEvent::Protect { page: first, pages: second, protection: third },
            3 => SpaceEvent::Break { page: first },
            _ => SpaceEvent::Remap { old: first, old_pages: second, new: third, new_pages: fourth },
        }
    }
}

/// A part of a trace as [`AccessReader::next_batch`](super::AccessReader::next_batch) gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessBatch {
    /// The accesses in order.
    pub accesses: Vec<Access>,
    /// The events in order, each with the index of the access of this batch that it stands before.
    pub events: Vec<(usize, SpaceEvent)>,
}

/// Accesses and events in a full batch: their memory stays in a second-level cache.
pub(crate) const BATCH: usize = 1 << 13;

impl AccessBatch {
    /// Empties it and makes room for a full batch, so that [`push`](Self::push) need not.
    pub(crate) fn begin(&mut self) -> Result<(), Reason> {
        self.accesses.clear();
        self.events.clear();
        self.accesses.try_reserve(BATCH).map_err(|_| Reason::OutOfMemory { events: 0 })
    }

    /// How many more accesses and events a full batch takes.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        BATCH.saturating_sub(self.accesses.len() + self.events.len())
    }

    #[inline]
    pub(crate) fn push(&mut self, access: Access) {
        self.accesses.push(access);
    }

    pub(crate) fn event(&mut self, event: SpaceEvent) -> Result<(), Reason> {
        self.events.try_reserve(1).map_err(|_| Reason::OutOfMemory { events: self.accesses.len() })?;
        self.events.push((self.accesses.len(), event));
        Ok(())
    }
}
