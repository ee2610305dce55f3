//! The table of segments, and accesses to their bytes.

use super::error::SegmentMemoryError as Error;
use crate::alloc::{Allocator, AnyAllocator, BlockId, Options, Request, Stats, Strategy};
use crate::vm::{Access, Protection};
use core::ops::Range;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// Where a segment is.
#[derive(Clone)]
pub(super) enum Place {
    Memory { block: BlockId, base: u64 },
    Swap { bytes: Vec<u8> },
}

#[derive(Clone)]
pub(super) struct Segment {
    pub(super) place: Place,
    pub(super) length: u64,
    pub(super) protection: Protection,
}

/// A slot of the table: free ones are chained, so that destroying a segment takes no memory.
#[derive(Clone)]
pub(super) enum Slot {
    Segment(Segment),
    Free { next: Option<u32> },
}

/// A segment, as told to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentRow {
    /// Its number.
    pub segment: u32,
    /// Where its first byte is; `None` while it is swapped out.
    pub base: Option<u64>,
    /// Its length in bytes.
    pub length: u64,
    /// What may be done to it.
    pub protection: Protection,
}

/// Memory divided into segments.
///
/// ```
/// use memcore::vm::Protection;
/// use memcore::vm::segment::SegmentMemory;
/// let mut memory = SegmentMemory::new(&"first-fit".parse()?, 1000)?;
/// let all = Protection::READ | Protection::WRITE;
/// let (code, data) = (memory.create(400, all)?, memory.create(300, all)?);
/// memory.write(data, 100, b"hello")?;
/// memory.destroy(code)?;
/// // 700 bytes are free, in two holes.
/// assert!(memory.create(600, all).is_err());
/// assert_eq!(memory.stats().external_fragmentation(), 1.0 - 400.0 / 700.0);
/// memory.compact(memcore::alloc::Budget::UNLIMITED)?;
/// memory.create(600, all)?;
/// let mut bytes = [0; 5];
/// memory.read(data, 100, &mut bytes)?;
/// assert_eq!(&bytes, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SegmentMemory {
    pub(super) space: AnyAllocator,
    pub(super) bytes: Vec<u8>,
    pub(super) slots: Vec<Slot>,
    pub(super) next_free: Option<u32>,
}

impl core::fmt::Debug for SegmentMemory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SegmentMemory")
            .field("strategy", &self.space.name())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

impl SegmentMemory {
    /// An empty memory of `capacity` bytes, divided by a strategy. O(capacity).
    ///
    /// # Errors
    /// [`Alloc`](Error::Alloc) for what the strategy refuses; [`OutOfMemory`](Error::OutOfMemory).
    pub fn new(strategy: &Strategy, capacity: u64) -> Result<SegmentMemory, Error> {
        let space = AnyAllocator::new(strategy, Options::new(capacity))?;
        let bytes = zeroes(space.capacity())?;
        Ok(SegmentMemory { space, bytes, slots: Vec::new(), next_free: None })
    }

    /// A new segment, all zero; its number. The number of the segment that was destroyed last is used again first.
    /// O(length) and an allocation.
    ///
    /// # Errors
    /// [`Alloc`](Error::Alloc): a length of 0, no hole that is large enough (which [`compact`](Self::compact) may
    /// cure); [`OutOfMemory`](Error::OutOfMemory).
    pub fn create(&mut self, length: u64, protection: Protection) -> Result<u32, Error> {
        let (number, next) = match self.next_free {
            Some(number) => match self.slots[number as usize] {
                Slot::Free { next } => (number, next),
                Slot::Segment(_) => (number, None),
            },
            None => {
                let bytes = (self.slots.len() as u64 + 1).saturating_mul(size_of::<Slot>() as u64);
                let error = Error::OutOfMemory { bytes };
                self.slots.try_reserve(1).map_err(|_| error)?;
                (u32::try_from(self.slots.len()).map_err(|_| error)?, None)
            }
        };
        let block = self.space.allocate(Request::new(length))?;
        self.bytes[range(block.start, length)].fill(0);
        let place = Place::Memory { block: block.id, base: block.start };
        let slot = Slot::Segment(Segment { place, length, protection });
        match self.slots.get_mut(number as usize) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        self.next_free = next;
        Ok(number)
    }

    /// Ends a segment, in memory or swapped out. As a free.
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown); [`Alloc`](Error::Alloc) where the strategy frees in some order only.
    pub fn destroy(&mut self, segment: u32) -> Result<(), Error> {
        if let Place::Memory { block, .. } = self.segment(segment)?.place {
            self.space.free(block)?;
        }
        self.slots[segment as usize] = Slot::Free { next: self.next_free };
        self.next_free = Some(segment);
        Ok(())
    }

    /// Changes the length of a segment that is in memory: where it is if possible, else by moving it, for which
    /// the old and the new place must both fit. New bytes are zero. Tells whether it moved. O(length).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`NotPresent`](Error::NotPresent), [`Alloc`](Error::Alloc).
    pub fn resize(&mut self, segment: u32, length: u64) -> Result<bool, Error> {
        let (block, base, old) = self.present(segment)?;
        let (place, moved) = match self.space.resize(block, length) {
            Ok(_) => (Place::Memory { block, base }, false),
            Err(in_place) => {
                let fresh = match length > old {
                    true => self.space.allocate(Request::new(length))?,
                    false => return Err(in_place.into()),
                };
                if let Err(error) = self.space.free(block) {
                    // The strategy frees in an order of its own: the newest block goes first.
                    self.space.free(fresh.id)?;
                    return Err(error.into());
                }
                self.bytes.copy_within(range(base, old), fresh.start as usize);
                (Place::Memory { block: fresh.id, base: fresh.start }, true)
            }
        };
        if let Place::Memory { base, .. } = place {
            self.bytes[range(base + old.min(length), length - old.min(length))].fill(0);
        }
        let entry = self.segment_mut(segment)?;
        (entry.place, entry.length) = (place, length);
        Ok(moved)
    }

    /// Changes what may be done to a segment. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown).
    pub fn protect(&mut self, segment: u32, protection: Protection) -> Result<(), Error> {
        self.segment_mut(segment)?.protection = protection;
        Ok(())
    }

    /// Where the bytes of an access are. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown), [`Limit`](Error::Limit), [`Protection`](Error::Protection),
    /// [`NotPresent`](Error::NotPresent), in this order.
    pub fn translate(&self, segment: u32, offset: u64, size: u64, access: Access) -> Result<u64, Error> {
        let Segment { place, length, protection } = self.segment(segment)?;
        if offset.checked_add(size).is_none_or(|end| end > *length) {
            return Err(Error::Limit { segment, offset, size, length: *length });
        }
        if !protection.allows(access) {
            return Err(Error::Protection { segment, access });
        }
        match place {
            Place::Memory { base, .. } => Ok(base + offset),
            Place::Swap { .. } => Err(Error::NotPresent { segment }),
        }
    }

    /// Reads bytes. O(bytes).
    ///
    /// # Errors
    /// As [`translate`](Self::translate).
    pub fn read(&self, segment: u32, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        let start = self.translate(segment, offset, bytes.len() as u64, Access::Read)?;
        bytes.copy_from_slice(&self.bytes[range(start, bytes.len() as u64)]);
        Ok(())
    }

    /// Writes bytes. O(bytes).
    ///
    /// # Errors
    /// As [`translate`](Self::translate).
    pub fn write(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        let start = self.translate(segment, offset, bytes.len() as u64, Access::Write)?;
        self.bytes[range(start, bytes.len() as u64)].copy_from_slice(bytes);
        Ok(())
    }

    /// A segment. O(1).
    ///
    /// # Errors
    /// [`Unknown`](Error::Unknown).
    pub fn row(&self, segment: u32) -> Result<SegmentRow, Error> {
        let &Segment { ref place, length, protection } = self.segment(segment)?;
        let base = match *place {
            Place::Memory { base, .. } => Some(base),
            Place::Swap { .. } => None,
        };
        Ok(SegmentRow { segment, base, length, protection })
    }

    /// All segments, by number. O(1) a slot of the table.
    pub fn rows(&self) -> impl Iterator<Item = SegmentRow> + '_ {
        (0..self.slots.len() as u32).filter_map(|segment| self.row(segment).ok())
    }

    /// Bytes of the memory.
    pub fn capacity(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The figures of the memory, fragmentation among them, as defined in [`alloc::stats`](crate::alloc::stats).
    pub fn stats(&self) -> Stats {
        self.space.stats()
    }

    /// The allocator, to look at: regions, histograms, capabilities.
    pub fn space(&self) -> &AnyAllocator {
        &self.space
    }

    /// Checks that segments and blocks are the same, and every invariant of the allocator. O(n log n).
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn validate(&self) -> Result<(), &'static str> {
        self.space.validate().map_err(|corruption| corruption.what)?;
        let mut blocks = 0;
        let mut free = 0;
        for slot in &self.slots {
            let Slot::Segment(Segment { place, length, .. }) = slot else {
                free += 1;
                continue;
            };
            match place {
                Place::Swap { bytes } if bytes.len() as u64 == *length => {}
                Place::Swap { .. } => return Err("a swapped segment has not as many bytes as it is long"),
                &Place::Memory { block, base } => {
                    blocks += 1;
                    let block = self.space.block(block).map_err(|_| "a segment has no block")?;
                    if (block.start, block.requested) != (base, *length) {
                        return Err("a segment and its block do not agree");
                    }
                }
            }
        }
        let mut next_free = self.next_free;
        while let Some(number) = next_free {
            match self.slots.get(number as usize) {
                Some(&Slot::Free { next }) if free > 0 => next_free = next,
                _ => return Err("the chain of free numbers leads to a segment, or round"),
            }
            free -= 1;
        }
        if free != 0 || self.space.stats().blocks != blocks || self.space.capacity() != self.capacity() {
            return Err("segments, free numbers and blocks do not add up");
        }
        Ok(())
    }

    pub(super) fn segment(&self, segment: u32) -> Result<&Segment, Error> {
        match self.slots.get(segment as usize) {
            Some(Slot::Segment(entry)) => Ok(entry),
            _ => Err(Error::Unknown { segment }),
        }
    }

    pub(super) fn segment_mut(&mut self, segment: u32) -> Result<&mut Segment, Error> {
        match self.slots.get_mut(segment as usize) {
            Some(Slot::Segment(entry)) => Ok(entry),
            _ => Err(Error::Unknown { segment }),
        }
    }

    /// Block, base and length of a segment that is in memory.
    pub(super) fn present(&self, segment: u32) -> Result<(BlockId, u64, u64), Error> {
        match self.segment(segment)? {
            &Segment { place: Place::Memory { block, base }, length, .. } => Ok((block, base, length)),
            Segment { place: Place::Swap { .. }, .. } => Err(Error::NotPresent { segment }),
        }
    }
}

/// Bytes of the memory as a range of the vector: they lie in it, so that they fit a usize.
pub(super) fn range(start: u64, size: u64) -> Range<usize> {
    start as usize..(start + size) as usize
}

/// So many zero bytes.
pub(super) fn zeroes(size: u64) -> Result<Vec<u8>, Error> {
    let error = Error::OutOfMemory { bytes: size };
    let length = usize::try_from(size).map_err(|_| error)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| error)?;
    bytes.resize(length, 0);
    Ok(bytes)
}
