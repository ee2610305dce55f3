//! One area of an address space: a range of pages with one set of properties (Linux' `vm_area_struct`).

use super::AreaFlags;
use crate::vm::Protection;
use serde::{Deserialize, Serialize};

/// What the pages of an area are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AreaKind {
    /// Zeroed memory of one process; a child gets a copy.
    AnonymousPrivate,
    /// A file's contents.
    File {
        /// Which file.
        file: u32,
        /// Whether writes go to the file; else they go to copies of its pages.
        shared: bool,
        /// Whether the file was open for writing, so that a shared area may become writable.
        writable_file: bool,
    },
    /// Zeroed memory that a process and its children share.
    SharedAnonymous {
        /// Which object.
        object: u32,
    },
}

impl AreaKind {
    /// Whether writes are seen by all that map it.
    pub fn is_shared(self) -> bool {
        matches!(self, AreaKind::File { shared: true, .. } | AreaKind::SharedAnonymous { .. })
    }
}

/// What an area is for, as a map of the process tells it. Areas of different names do not merge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AreaName {
    /// What `mmap` made.
    #[default]
    Mmap,
    /// The program's instructions.
    Text,
    /// Its initialised data.
    Data,
    /// Its zeroed data.
    Bss,
    /// What `brk` made.
    Heap,
    /// The stack.
    Stack,
}

impl AreaName {
    /// As a map shows it, in brackets; nothing for what `mmap` made.
    pub fn label(self) -> &'static str {
        match self {
            AreaName::Mmap => "",
            AreaName::Text => "[text]",
            AreaName::Data => "[data]",
            AreaName::Bss => "[bss]",
            AreaName::Heap => "[heap]",
            AreaName::Stack => "[stack]",
        }
    }
}

/// A range of pages with one set of properties.
///
/// ```
/// use memcore::vm::{Area, Protection};
/// let area = Area::anonymous(0x10000, 0x14000, Protection::READ | Protection::WRITE);
/// assert_eq!((area.length(), area.offset), (0x4000, 0x10000));
/// // Its upper half, as a split leaves it: the offset goes along.
/// let half = area.part(0x12000, 0x14000);
/// assert_eq!(half.offset, 0x12000);
/// assert!(area.part(0x10000, 0x12000).merges_with(&half));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// Its first address, at the boundary of a page.
    pub start: u64,
    /// The address after its last.
    pub end: u64,
    /// What may be done to its pages.
    pub protection: Protection,
    /// What its pages are made of.
    pub kind: AreaKind,
    /// What else is said of it.
    pub flags: AreaFlags,
    /// The level of its huge pages, as the paging hardware counts them; 0 without
    /// [`HUGETLB`](AreaFlags::HUGETLB).
    pub huge_level: u8,
    /// Its NUMA policy, by its number among the machine's; `None` is the process's own.
    pub policy: Option<u32>,
    /// What it is for.
    pub name: AreaName,
    /// Bytes from the beginning of the file or object to `start`. For anonymous private memory the address at which
    /// it was first mapped (Linux keeps that address in pages): when moved it keeps its offset, so that page numbers within it stay the
    /// same, and two such areas merge only when they were neighbours from the beginning.
    pub offset: u64,
}

impl Area {
    /// Private anonymous memory, with no flags and the offset that a fresh mapping has.
    pub fn anonymous(start: u64, end: u64, protection: Protection) -> Area {
        Area {
            start,
            end,
            protection,
            kind: AreaKind::AnonymousPrivate,
            flags: AreaFlags::NONE,
            huge_level: 0,
            policy: None,
            name: AreaName::Mmap,
            offset: start,
        }
    }

    /// Whether writes are seen by all that map it.
    pub fn is_shared(&self) -> bool {
        self.kind.is_shared()
    }

    /// Bytes in it.
    #[inline]
    pub fn length(&self) -> u64 {
        self.end - self.start
    }

    /// Whether an address lies in it.
    #[inline]
    pub fn contains(&self, address: u64) -> bool {
        self.start <= address && address < self.end
    }

    /// The offset in its file or object (see [`offset`](Self::offset)) of an address in it.
    #[inline]
    pub fn offset_of(&self, address: u64) -> u64 {
        self.offset.wrapping_add(address.wrapping_sub(self.start))
    }

    /// What lies of it between two addresses, which must overlap it.
    pub fn part(&self, from: u64, to: u64) -> Area {
        let start = self.start.max(from);
        Area { start, end: self.end.min(to), offset: self.offset_of(start), ..self.clone() }
    }

    /// Whether `next` continues this area: it begins where this one ends, in memory and in what is mapped, and
    /// everything else is equal. Areas of the pool of huge pages never merge, as in Linux.
    pub fn merges_with(&self, next: &Area) -> bool {
        self.end == next.start
            && self.offset_of(next.start) == next.offset
            && self.protection == next.protection
            && self.kind == next.kind
            && self.flags == next.flags
            && self.huge_level == next.huge_level
            && self.policy == next.policy
            && self.name == next.name
            && !self.flags.contains(AreaFlags::HUGETLB)
    }

    /// Whether it has pages, all of them in a space of this range and page size.
    pub(super) fn is_placed(&self, low: u64, high: u64, page_size: u64) -> bool {
        let aligned = self.start % page_size == 0 && self.end % page_size == 0;
        low <= self.start && self.start < self.end && self.end <= high && aligned
    }

    /// Checks what must hold of an area by itself, in a space of this range and page size. O(1).
    pub(super) fn validate(&self, low: u64, high: u64, page_size: u64) -> Result<(), &'static str> {
        if !self.is_placed(low, high, page_size) {
            return Err("an area is empty, leaves its address space or does not begin and end at pages");
        }
        if self.kind != AreaKind::AnonymousPrivate && self.offset.checked_add(self.length()).is_none() {
            return Err("an area's offset overflows");
        }
        if Protection::from_bits(self.protection.bits()).is_none() {
            return Err("an area's protection is none that there is");
        }
        if AreaFlags::from_bits(self.flags.bits()).is_none() {
            return Err("an area's flags are none that there are");
        }
        if self.flags.contains(AreaFlags::LOCK_ON_FAULT) && !self.flags.contains(AreaFlags::LOCKED) {
            return Err("an area is locked on faults but not locked");
        }
        if self.flags.contains(AreaFlags::HUGETLB) != (self.huge_level != 0) {
            return Err("an area has a level of huge pages without such pages, or the reverse");
        }
        Ok(())
    }
}
