//! A ring of bytes: records of any size, first in, first out.
//!
//! ```text
//!         wrapped around:   [ 5 | 6 |   free   | 2 | pad | 3 | 4 | gap ]
//!                           0       tail       oldest               len
//!                                   the next record begins here, if it fits in front of the oldest
//! ```
//!
//! A record never lies across the end: when it does not fit there, the rest of the bytes is a gap, and it begins at 0.
//! Gaps and pads are gaps of the record that follows them, and are free again once the record in front of them is
//! released. When the last record goes, the ring begins at 0 again, so that an empty ring takes a record of its whole
//! length.
//!
//! Nothing of the ring's own lies between the records: 16 bytes a record lie outside (on 64-bit machines), so that
//! whoever writes past a record's end spoils the next record's bytes, never the ring.
//! Circular buffers with records of any size carry the logs and message queues of most systems; the form here, with
//! no record across the end, is Simon Cooke's bip buffer ("The Bip Buffer", The Code Project, 2003) with pads.

use super::raw::{check_alignment, check_size};
use super::{HeapBlock, HeapError, Memory, Result};
use crate::alloc::{AllocError, Corruption};
use core::ptr::NonNull;
use std_alloc::collections::VecDeque;

#[derive(Clone, Copy, Debug)]
struct Record {
    start: usize,
    size: usize,
}

/// First-in, first-out blocks in a ring of bytes; see the [module](self).
///
/// ```
/// use memcore::heap::{Borrowed, Ring};
/// let mut bytes = [0u8; 100];
/// let mut ring = Ring::new(Borrowed::new(&mut bytes))?;
/// let first = ring.allocate(40, 1)?;
/// ring.allocate(40, 1)?;
/// assert!(ring.allocate(30, 1).is_err());
/// assert_eq!(ring.release(first.as_ptr())?, 40);
/// assert_eq!(ring.allocate(30, 1)?, first); // wrapped around, past a gap of 20 bytes
/// assert_eq!((ring.len(), ring.used(), ring.gaps(), ring.free()), (2, 70, 20, 10));
/// # Ok::<(), memcore::heap::HeapError>(())
/// ```
#[derive(Debug)]
pub struct Ring<M: Memory> {
    memory: M,
    capacity: usize,
    /// Oldest first.
    records: VecDeque<Record>,
    /// One past the newest record.
    tail: usize,
    used: usize,
}

impl<M: Memory> Ring<M> {
    /// An empty ring over the memory as it is now; it does not grow.
    ///
    /// # Errors
    /// [`BadMemory`](HeapError::BadMemory) for memory of 0 bytes.
    pub fn new(memory: M) -> Result<Self> {
        let capacity = memory.len();
        if capacity == 0 {
            let address = memory.start().addr().get();
            return Err(HeapError::BadMemory { address, bytes: 0, rule: "must have at least 1 byte" });
        }
        Ok(Ring { memory, capacity, records: VecDeque::new(), tail: 0, used: 0 })
    }

    /// Hands out `size` bytes (0 counts as 1) behind the newest record, at a multiple of `alignment`. O(1), amortised
    /// over the growth of the list of records.
    ///
    /// # Errors
    /// [`BadAlignment`](AllocError::BadAlignment), [`TooLarge`](AllocError::TooLarge);
    /// [`OutOfSpace`](AllocError::OutOfSpace) until older records are released;
    /// [`OutOfMetadata`](AllocError::OutOfMetadata).
    #[inline]
    pub fn allocate(&mut self, size: usize, alignment: usize) -> Result<NonNull<u8>> {
        check_alignment(alignment)?;
        let size = check_size(size)?;
        let place = match self.records.front() {
            None => self.fit(0, self.capacity, size, alignment),
            Some(oldest) if self.tail > oldest.start => self
                .fit(self.tail, self.capacity, size, alignment)
                .or_else(|| self.fit(0, oldest.start, size, alignment)),
            Some(oldest) => self.fit(self.tail, oldest.start, size, alignment),
        };
        let Some(start) = place else { return Err(self.full(size, alignment)) };
        if self.records.len() == self.records.capacity() {
            self.grow()?;
        }
        self.records.push_back(Record { start, size });
        (self.tail, self.used) = (start + size, self.used + size);
        // SAFETY: the record ends within the memory.
        Ok(unsafe { self.memory.start().add(start) })
    }

    /// The first place in `[from, to)` where a record fits.
    #[inline(always)]
    fn fit(&self, from: usize, to: usize, size: usize, alignment: usize) -> Option<usize> {
        let pad = (self.memory.start().addr().get() + from).wrapping_neg() & (alignment - 1);
        let room = to - from;
        (pad <= room && size <= room - pad).then_some(from + pad)
    }

    #[cold]
    fn grow(&mut self) -> Result<()> {
        let blocks = self.records.len() as u64;
        self.records.try_reserve(1).map_err(|_| AllocError::OutOfMetadata { blocks }.into())
    }

    #[cold]
    fn full(&self, size: usize, alignment: usize) -> HeapError {
        if size > self.capacity {
            return AllocError::TooLarge { size: size as u64, capacity: self.capacity as u64 }.into();
        }
        let (free, largest_hole) = (self.free() as u64, self.largest_hole() as u64);
        AllocError::OutOfSpace { size: size as u64, alignment: alignment as u64, free, largest_hole }.into()
    }

    /// Takes the oldest record back, and tells how many bytes it had. O(1); O(log records) to name an error.
    ///
    /// # Errors
    /// [`NotInHeap`](HeapError::NotInHeap), [`NotABlock`](HeapError::NotABlock);
    /// [`NotOldest`](HeapError::NotOldest) for a record that is not the oldest.
    #[inline]
    pub fn release(&mut self, record: *mut u8) -> Result<usize> {
        let offset = record.addr().wrapping_sub(self.memory.start().addr().get());
        match self.records.front() {
            Some(&Record { start, size }) if start == offset => {
                self.records.pop_front();
                self.used -= size;
                if self.records.is_empty() {
                    self.tail = 0;
                }
                Ok(size)
            }
            _ => Err(self.not_oldest(record.addr(), offset)),
        }
    }

    #[cold]
    fn not_oldest(&self, address: usize, offset: usize) -> HeapError {
        if offset >= self.capacity {
            return HeapError::NotInHeap { address };
        }
        let Some(oldest) = self.records.front() else { return HeapError::NotABlock { address } };
        // Seen from the oldest, the offsets go up.
        let turned = |start: usize| (start < oldest.start, start);
        match self.records.binary_search_by_key(&turned(offset), |record| turned(record.start)) {
            Ok(_) => HeapError::NotOldest { address, oldest: address - offset + oldest.start },
            Err(_) => HeapError::NotABlock { address },
        }
    }

    /// Empties the ring. O(1).
    pub fn reset(&mut self) {
        self.records.clear();
        (self.tail, self.used) = (0, 0);
    }

    /// The oldest record. O(1).
    #[inline]
    pub fn front(&self) -> Option<HeapBlock> {
        self.records.front().map(|record| self.block(record))
    }

    /// The records, oldest first. O(1) each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = HeapBlock> + '_ {
        self.records.iter().map(|record| self.block(record))
    }

    fn block(&self, record: &Record) -> HeapBlock {
        // SAFETY: the record lies within the memory.
        let address = unsafe { self.memory.start().add(record.start) };
        HeapBlock { address, usable: record.size, requested: record.size }
    }

    /// Records in the ring. O(1).
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True when no record is in the ring. O(1).
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Bytes of records. O(1).
    pub fn used(&self) -> usize {
        self.used
    }

    /// Bytes between the oldest and the newest record that belong to none: pads, and the gap at the end. O(1).
    pub fn gaps(&self) -> usize {
        self.capacity - self.used - self.free()
    }

    /// Bytes from the newest record around to the oldest: `used() + gaps() + free() = capacity()`. O(1).
    pub fn free(&self) -> usize {
        match self.records.front() {
            None => self.capacity,
            Some(oldest) if self.tail > oldest.start => self.capacity - self.tail + oldest.start,
            Some(oldest) => oldest.start - self.tail,
        }
    }

    /// The most bytes that a record of alignment 1 can have now. O(1).
    pub fn largest_hole(&self) -> usize {
        match self.records.front() {
            None => self.capacity,
            Some(oldest) if self.tail > oldest.start => (self.capacity - self.tail).max(oldest.start),
            Some(oldest) => oldest.start - self.tail,
        }
    }

    /// Bytes in all. O(1).
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes of the ring itself and its list of records. O(1).
    pub fn metadata_bytes(&self) -> usize {
        size_of::<Self>() + self.records.capacity() * size_of::<Record>()
    }

    /// The memory. O(1).
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// The memory again, without the ring. O(1).
    pub fn into_memory(self) -> M {
        self.memory
    }

    /// Checks every invariant. O(records).
    ///
    /// # Errors
    /// The first that is broken.
    pub fn validate(&self) -> core::result::Result<(), Corruption> {
        let (mut used, mut end, mut turns) = (0, 0, 0);
        for record in &self.records {
            turns += u64::from(record.start < end);
            let fits = record.start <= self.capacity && record.size <= self.capacity - record.start;
            Corruption::unless(fits && turns <= 1, "a record overlaps another", record.start as u64)?;
            (used, end) = (used + record.size, record.start + record.size);
        }
        let behind = turns == 0 || self.records.front().is_some_and(|oldest| end <= oldest.start);
        Corruption::unless(behind, "the newest record overlaps the oldest", end as u64)?;
        Corruption::unless(end == self.tail, "the tail is not behind the newest record", self.tail as u64)?;
        Corruption::unless(used == self.used, "the used bytes are wrong", used as u64)
    }
}
