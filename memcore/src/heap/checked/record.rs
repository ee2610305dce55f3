//! The record in front of a block, and where everything lies.
//!
//! ```text
//! block of the heap inside                                      its usable end
//! |                                                                     |
//! [ mark . . . | record | redzone | bytes asked for | redzone | rest ...]
//!   only when    16, or   a           ^ the address     a
//!   aligned      48 when                that is given
//!   above 16     tracked                out
//! ```
//!
//! The record is directly in front of the redzone, so that an alignment only adds bytes before it. It begins with
//! a word computed from everything else and from the block's address. A record that was written over is told with
//! certainty when one of its words changed, and with probability 1 - 2^-64 when several did; one that was copied elsewhere
//! does not fit its new address.

use super::super::HeapError;
use super::bytes::{self, Word};
use super::{ALLOCATED_BYTE, FREED_BYTE, REDZONE_BYTE, tools::Tools};

/// What is known of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Bytes asked for.
    pub size: usize,
    pub tag: u32,
    pub site: u64,
    pub number: u64,
}

/// Whose record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Live(Record),
    Quarantined(Record),
    /// No record: the first word is told.
    Nothing(u64),
}

/// Keys of the first word: they tell a live block from a freed one.
const LIVE: u64 = 0x6d65_6d63_6f72_6521;
const QUARANTINED: u64 = 0x1f8a_5c3e_d024_97b6;
const MARK: u64 = 0xb3d1_0e67_495f_2ac8;

/// Odd numbers without pattern, so that each word of the record takes part with all of its bits (multiplying by an
/// odd number loses none).
const FACTORS: [u64; 5] = [
    0x9e37_79b9_7f4a_7c15,
    0xc2b2_ae3d_27d4_eb4f,
    0x1656_67b1_9e37_79f9,
    0x27d4_eb2f_1656_67c5,
    0xd6e8_feb8_6659_fd93,
];

/// The bytes of the mark at the start of an aligned block.
const MARK_BYTES: usize = 16;

/// Where the parts of a block lie, the same for all blocks of a heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub redzone: usize,
    pub tracked: bool,
    /// Bytes in front of a block that is aligned to 16 at most.
    pub front: usize,
    /// What is filled in, by words.
    redzone_word: Word,
    allocated_word: Word,
    freed_word: Word,
}

impl Shape {
    pub fn new(redzone: usize, tracked: bool) -> Shape {
        let record = if tracked { 48 } else { 16 };
        Shape {
            redzone,
            tracked,
            front: record + redzone,
            redzone_word: bytes::word(REDZONE_BYTE),
            allocated_word: bytes::word(ALLOCATED_BYTE),
            freed_word: bytes::word(FREED_BYTE),
        }
    }

    /// The bytes that a block takes with everything beside it. Without a redzone its size is rounded up, so that
    /// whole words can be filled.
    #[inline(always)]
    pub fn total(&self, front: usize, size: usize) -> Option<usize> {
        let behind = if self.redzone == 0 { size.wrapping_neg() & 15 } else { self.redzone };
        front.checked_add(size)?.checked_add(behind)
    }

    /// The most bytes that a block can have in `room` bytes from its address on.
    #[inline(always)]
    pub fn most(&self, room: usize) -> usize {
        if self.redzone == 0 { room & !15 } else { room.saturating_sub(self.redzone) }
    }

    /// Bytes in front of a block of this alignment.
    #[inline]
    pub fn front_for(&self, alignment: usize) -> Option<usize> {
        if alignment <= 16 { Some(self.front) } else { self.front.checked_next_multiple_of(alignment) }
    }

    #[inline(always)]
    fn word(&self, payload: usize, key: u64, record: &Record) -> u64 {
        let mut word = (payload as u64 ^ key).wrapping_mul(FACTORS[0]).rotate_left(32)
            ^ (record.size as u64).wrapping_mul(FACTORS[1]);
        if self.tracked {
            word ^= record.number.wrapping_mul(FACTORS[2]).rotate_left(17)
                ^ record.site.wrapping_mul(FACTORS[3]).rotate_left(29)
                ^ u64::from(record.tag).wrapping_mul(FACTORS[4]).rotate_left(41);
        }
        word
    }

    /// # Safety
    /// `front` bytes in front of `payload`, which is aligned to 16, are valid for writes.
    #[inline(always)]
    pub unsafe fn write(&self, payload: *mut u8, record: &Record, live: bool) {
        let word = self.word(payload.addr(), if live { LIVE } else { QUARANTINED }, record);
        // SAFETY: the record is the first part of the `front` bytes; as all parts have multiples of 16 bytes, it is
        // aligned.
        unsafe {
            let words = payload.sub(self.front).cast::<u64>();
            words.write(word);
            words.add(1).write(record.size as u64);
            if self.tracked {
                words.add(2).write(record.number);
                words.add(3).write(record.site);
                words.add(4).write(record.tag.into());
            }
        }
    }

    /// # Safety
    /// `front` bytes in front of `payload`, which is aligned to 16, are valid for reads, and the record's were written.
    #[inline(always)]
    pub unsafe fn read(&self, payload: *const u8) -> Reading {
        // SAFETY: as for `write`.
        let (found, size, rest) = unsafe {
            let words = payload.sub(self.front).cast::<u64>();
            let rest = if self.tracked {
                [words.add(2).read(), words.add(3).read(), words.add(4).read()]
            } else {
                [0; 3]
            };
            (words.read(), words.add(1).read(), rest)
        };
        let [number, site, tag] = rest;
        let (Ok(size), Ok(tag)) = (usize::try_from(size), u32::try_from(tag)) else {
            return Reading::Nothing(found);
        };
        let record = Record { size, tag, site, number };
        if found == self.word(payload.addr(), LIVE, &record) {
            Reading::Live(record)
        } else if found == self.word(payload.addr(), QUARANTINED, &record) {
            Reading::Quarantined(record)
        } else {
            Reading::Nothing(found)
        }
    }

    /// Marks the start of a block that is not directly at its record.
    ///
    /// # Safety
    /// `front`, more than [`Shape::front`] bytes from `start` on, which is aligned to 16, are valid for writes.
    pub unsafe fn write_mark(&self, start: *mut u8, front: usize) {
        let word = self.word(start.addr(), MARK, &Record { size: front, ..Record::default() });
        // SAFETY: both are multiples of 16, so that the mark ends before the record begins.
        unsafe {
            let words = start.cast::<u64>();
            words.write(word);
            words.add(1).write(front as u64);
        }
    }

    /// The bytes in front of the block, told by the mark at its start.
    ///
    /// # Safety
    /// The first 16 bytes from `start` on, which is aligned to 16, are valid for reads and were written.
    pub unsafe fn read_mark(&self, start: *const u8) -> Option<usize> {
        // SAFETY: a mark has two words.
        let (found, front) = unsafe { (start.cast::<u64>().read(), start.cast::<u64>().add(1).read()) };
        let front = usize::try_from(front).ok()?;
        let word = self.word(start.addr(), MARK, &Record { size: front, ..Record::default() });
        (found == word && front >= self.front + MARK_BYTES).then_some(front)
    }

    /// Fills the redzones of a block.
    ///
    /// # Safety
    /// `front` bytes in front of it and `size` plus `redzone` from it on are valid for writes.
    #[inline(always)]
    pub unsafe fn fill_redzones(&self, payload: *mut u8, size: usize) {
        // SAFETY: the redzone is the last part of the front; the other one follows the bytes asked for. Their lengths
        // are multiples of 16.
        unsafe {
            bytes::fill_words(payload.sub(self.redzone), self.redzone, self.redzone_word);
            bytes::fill_words(payload.add(size), self.redzone, self.redzone_word);
        }
    }

    /// Fills the first `poison` bytes of a block that is handed out, and its redzones.
    ///
    /// # Safety
    /// As for [`fill_redzones`](Self::fill_redzones); without a redzone, for the size rounded up to 16.
    #[inline(always)]
    pub unsafe fn fill_allocated(&self, payload: *mut u8, size: usize, poison: usize) {
        // SAFETY: as promised. What is filled too far is in the redzone, which is filled next.
        unsafe {
            if poison != 0 {
                bytes::fill_some_words(payload, size.min(poison), self.allocated_word);
            }
            self.fill_redzones(payload, size);
        }
    }

    /// Fills the first `poison` bytes of a block that is freed. The first 15 bytes behind it are lost.
    ///
    /// # Safety
    /// As for [`fill_allocated`](Self::fill_allocated).
    #[inline(always)]
    pub unsafe fn fill_freed(&self, payload: *mut u8, size: usize, poison: usize) {
        if poison != 0 {
            // SAFETY: as promised.
            unsafe { bytes::fill_some_words(payload, size.min(poison), self.freed_word) };
        }
    }

    /// True when both redzones of a block are as they were filled.
    ///
    /// # Safety
    /// As for [`fill_redzones`](Self::fill_redzones), which was called before.
    #[inline(always)]
    pub unsafe fn is_whole(&self, payload: *const u8, size: usize) -> bool {
        // SAFETY: as promised.
        unsafe {
            bytes::first_other(payload.sub(self.redzone), self.redzone, REDZONE_BYTE).is_none()
                && bytes::first_other(payload.add(size), self.redzone, REDZONE_BYTE).is_none()
        }
    }

    /// Looks at the redzones of a block.
    ///
    /// # Safety
    /// As for [`fill_redzones`](Self::fill_redzones), which was called before.
    #[inline(always)]
    pub unsafe fn check_redzones(
        &self,
        payload: *const u8,
        size: usize,
        tools: &Tools,
    ) -> Result<(), HeapError> {
        if self.redzone == 0 {
            return Ok(());
        }
        let zones = [(-(self.redzone as isize)), size as isize];
        for offset in zones {
            // SAFETY: both zones lie within the block of the heap inside.
            let found = unsafe {
                let zone = payload.offset(offset);
                tools.open(zone, self.redzone);
                let found = bytes::first_other(zone, self.redzone, REDZONE_BYTE);
                tools.close(zone, self.redzone);
                found
            };
            if let Some((index, found)) = found {
                let offset = offset + index as isize;
                return Err(HeapError::RedzoneSmashed { address: payload.addr(), offset, found });
            }
        }
        Ok(())
    }
}
