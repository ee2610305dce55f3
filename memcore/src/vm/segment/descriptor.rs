//! The segment descriptor of the x86 processors: where a segment lies, how long it is, and who may do what to it.
//!
//! ```text
//!   63       56 55 54 53 52 51    48 47 46 45 44 43   40 39                            16 15             0
//!  +-----------+--+--+--+--+--------+--+-----+--+-------+-------------------------------+----------------+
//!  |base 31..24| G|DB| L|AV|limit   | P| DPL | S| type  |          base 23..0           |  limit 15..0   |
//!  |           |  |  |  |  |  19..16|  |     |  |       |                               |                |
//!  +-----------+--+--+--+--+--------+--+-----+--+-------+-------------------------------+----------------+
//! ```
//!
//! The limit is the last offset, not the length, in bytes or (G) in units of 4096 bytes. S is 1 for code and data;
//! their type has the bits *code*, *conforming* or *expand-down*, *readable* or *writable*, *accessed*. Every 64-bit
//! word is some descriptor, and decoding loses nothing.
//!
//! Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A, sections 3.4.5 and 5.3.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a segment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SegmentKind {
    /// Data, always readable.
    Data {
        /// Whether it may be written.
        writable: bool,
        /// Whether the valid offsets lie *above* the limit, as for a stack that grows down.
        expand_down: bool,
    },
    /// Code, always executable and never writable.
    Code {
        /// Whether it may be read as data.
        readable: bool,
        /// Whether less privileged code may jump to it and keep its own privilege.
        conforming: bool,
    },
    /// A descriptor of the system: an LDT, a task state, a gate. No access goes through it.
    System {
        /// The 4 bits of its type.
        code: u8,
    },
}

/// A field of a descriptor that has no room in the 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field} = {value}: {rule}")]
pub struct DescriptorError {
    /// Which field.
    pub field: &'static str,
    /// Its value.
    pub value: u64,
    /// What it must be.
    pub rule: &'static str,
}

/// A segment descriptor, field by field.
///
/// ```
/// use memcore::vm::segment::{Descriptor, SegmentKind};
/// // The data segment of every flat system: 4 GiB from 0, for the kernel.
/// let flat = Descriptor::decode(0x00CF_9200_0000_FFFF);
/// assert_eq!((flat.base, flat.last_of_limit(), flat.privilege), (0, 0xFFFF_FFFF, 0));
/// assert_eq!(flat.kind, SegmentKind::Data { writable: true, expand_down: false });
/// assert_eq!(flat.encode()?, 0x00CF_9200_0000_FFFF);
/// # Ok::<(), memcore::vm::segment::DescriptorError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Descriptor {
    /// The linear address of offset 0.
    pub base: u32,
    /// The limit as it is written, 20 bits; [`last_of_limit`](Self::last_of_limit) scales it.
    pub limit: u32,
    /// G: whether the limit counts units of 4096 bytes.
    pub granular: bool,
    /// What the segment is for.
    pub kind: SegmentKind,
    /// Whether the processor has loaded it since this was cleared. Always false for the system's.
    pub accessed: bool,
    /// DPL, the descriptor's privilege level: 0 (the kernel) to 3.
    pub privilege: u8,
    /// P: whether the segment is in memory.
    pub present: bool,
    /// D or B: 32-bit code or stack; for expand-down data, that the highest offset is 2^32 - 1 and not 2^16 - 1.
    pub big: bool,
    /// L: 64-bit code. It is kept and has no effect here: this is protected mode, not long mode.
    pub long: bool,
    /// AVL: free for the operating system.
    pub available: bool,
}

const LIMIT_BITS: u32 = 20;
const SCALE_BITS: u32 = 12;

impl Descriptor {
    /// A present segment of `bytes` bytes from `base` on: in units of bytes up to 1 MiB, of 4096 bytes above. It has
    /// 32-bit offsets (D/B set) and is not accessed yet. For expand-down data `bytes` are those *below* the valid
    /// offsets. O(1).
    ///
    /// ```
    /// use memcore::vm::segment::{Descriptor, SegmentKind};
    /// let code = SegmentKind::Code { readable: true, conforming: false };
    /// // The flat code segment.
    /// assert_eq!(Descriptor::new(0, 1 << 32, code, 0)?.encode()?, 0x00CF_9A00_0000_FFFF);
    /// # Ok::<(), memcore::vm::segment::DescriptorError>(())
    /// ```
    ///
    /// # Errors
    /// A size of 0, above 4 GiB, or above 1 MiB and no multiple of 4096; a privilege above 3.
    pub fn new(
        base: u32,
        bytes: u64,
        kind: SegmentKind,
        privilege: u8,
    ) -> Result<Descriptor, DescriptorError> {
        let granular = bytes > 1 << LIMIT_BITS;
        let fits = bytes != 0 && bytes <= 1 << 32 && (!granular || bytes % (1 << SCALE_BITS) == 0);
        if !fits {
            let rule = "must be from 1 to 2^32, and a multiple of 4096 above 2^20";
            return Err(DescriptorError { field: "size", value: bytes, rule });
        }
        let last = (bytes - 1) as u32;
        let descriptor = Descriptor {
            base,
            limit: if granular { last >> SCALE_BITS } else { last },
            granular,
            kind,
            accessed: false,
            privilege,
            present: true,
            big: true,
            long: false,
            available: false,
        };
        descriptor.encode()?;
        Ok(descriptor)
    }

    /// The descriptor of these 8 bytes, taken as one little-endian number. Every number is one. O(1).
    pub fn decode(word: u64) -> Descriptor {
        let bit = |number: u32| word >> number & 1 == 1;
        let kind = match (bit(44), bit(43)) {
            (false, _) => SegmentKind::System { code: (word >> 40 & 0xF) as u8 },
            (true, false) => SegmentKind::Data { writable: bit(41), expand_down: bit(42) },
            (true, true) => SegmentKind::Code { readable: bit(41), conforming: bit(42) },
        };
        Descriptor {
            base: (word >> 16 & 0xFF_FFFF | word >> 56 << 24) as u32,
            limit: (word & 0xFFFF | word >> 32 & 0xF_0000) as u32,
            granular: bit(55),
            kind,
            accessed: bit(44) && bit(40),
            privilege: (word >> 45 & 3) as u8,
            present: bit(47),
            big: bit(54),
            long: bit(53),
            available: bit(52),
        }
    }

    /// The 8 bytes, as one little-endian number. O(1).
    ///
    /// # Errors
    /// A limit of more than 20 bits, a privilege above 3, a system type above 15, an accessed system descriptor.
    pub fn encode(&self) -> Result<u64, DescriptorError> {
        let (base, limit) = (u64::from(self.base), u64::from(self.limit));
        let error = |field, value, rule| Err(DescriptorError { field, value, rule });
        if limit >> LIMIT_BITS != 0 {
            return error("limit", limit, "must be below 2^20");
        }
        if self.privilege > 3 {
            return error("privilege", self.privilege.into(), "must be from 0 to 3");
        }
        let flag = |set: bool, number: u32| u64::from(set) << number;
        let kind = match self.kind {
            SegmentKind::Data { writable, expand_down } => {
                flag(true, 44) | flag(expand_down, 42) | flag(writable, 41)
            }
            SegmentKind::Code { readable, conforming } => {
                flag(true, 44) | flag(true, 43) | flag(conforming, 42) | flag(readable, 41)
            }
            SegmentKind::System { code } if code > 15 => {
                return error("system type", code.into(), "must be from 0 to 15");
            }
            SegmentKind::System { .. } if self.accessed => {
                return error("accessed", 1, "must be false for a descriptor of the system");
            }
            SegmentKind::System { code } => u64::from(code) << 40,
        };
        let flags = flag(self.granular, 55)
            | flag(self.big, 54)
            | flag(self.long, 53)
            | flag(self.available, 52)
            | flag(self.present, 47)
            | flag(self.accessed, 40);
        let places = (base & 0xFF_FFFF) << 16 | base >> 24 << 56 | limit & 0xFFFF | (limit & 0xF_0000) << 32;
        Ok(places | kind | flags | u64::from(self.privilege) << 45)
    }

    /// The limit in bytes: the last valid offset, or for expand-down data the last one that is *not* valid. In units
    /// of 4096 bytes the lower 12 bits are ones. O(1).
    pub fn last_of_limit(&self) -> u32 {
        if self.granular { self.limit << SCALE_BITS | ((1 << SCALE_BITS) - 1) } else { self.limit }
    }

    /// The first and the last valid offset; `None` when there is none, as for expand-down data whose limit is at the
    /// top. O(1).
    ///
    /// ```
    /// use memcore::vm::segment::Descriptor;
    /// let mut stack = Descriptor::decode(0x0040_9600_0000_0FFF);
    /// assert_eq!(stack.offsets(), Some((0x1000, 0xFFFF_FFFF)));
    /// stack.big = false;
    /// assert_eq!(stack.offsets(), Some((0x1000, 0xFFFF)));
    /// ```
    pub fn offsets(&self) -> Option<(u32, u32)> {
        let last = self.last_of_limit();
        match self.kind {
            SegmentKind::Data { expand_down: true, .. } => {
                let top = if self.big { u32::MAX } else { 0xFFFF };
                (last < top).then(|| (last + 1, top))
            }
            _ => Some((0, last)),
        }
    }

    /// Whether every one of `size` bytes from `offset` on is valid; no bytes always are. O(1).
    pub fn holds(&self, offset: u32, size: u32) -> bool {
        if size == 0 {
            return true;
        }
        let end = u64::from(offset) + u64::from(size) - 1;
        self.offsets().is_some_and(|(first, last)| first <= offset && end <= last.into())
    }
}
