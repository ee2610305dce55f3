//! What the calls of a process take: requests to map, advice, ways to move, NUMA policies.

use super::error::VmError;
use super::types::{Node, Protection};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

bitflags::bitflags! {
    /// How a range is mapped; the names are those of `MAP_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct MapFlags: u32 {
        /// Writes are seen by all who map the same, and reach the file.
        const SHARED = 0x1;
        /// Writes are the process' own.
        const PRIVATE = 0x2;
        /// At the given address, whatever is mapped there.
        const FIXED = 0x10;
        /// Grows downwards when the page below is touched: a stack.
        const GROWSDOWN = 0x100;
        /// Locked into memory, as by mlock.
        const LOCKED = 0x2000;
        /// No commit is charged (but for overcommit mode 2).
        const NORESERVE = 0x4000;
        /// Faulted in now.
        const POPULATE = 0x8000;
        /// From the pool of huge pages; see [`MapRequest::huge_level`].
        const HUGETLB = 0x4_0000;
        /// At the given address, unless something is mapped there.
        const FIXED_NOREPLACE = 0x10_0000;
    }
}

/// A request to map a range: what mmap is given.
///
/// ```
/// use memcore::vm::{MapRequest, Protection};
/// let stack = MapRequest::anonymous(8 << 20, Protection::READ | Protection::WRITE);
/// let file = MapRequest::file(3, 4096, Protection::READ).shared();
/// assert_eq!((stack.length, file.offset), (8 << 20, 0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapRequest {
    /// A wish; with FIXED the very address.
    pub address: u64,
    /// Bytes; rounded up to whole pages.
    pub length: u64,
    /// What may be done to the pages.
    pub protection: Protection,
    /// How.
    pub flags: MapFlags,
    /// The file, unless the range is anonymous.
    pub file: Option<u32>,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// With HUGETLB: the level of the page table whose entries map the pages (1: 2 MiB, 2: 1 GiB on x86-64).
    pub huge_level: u32,
}

impl MapRequest {
    /// Private memory that begins as zeros.
    pub fn anonymous(length: u64, protection: Protection) -> MapRequest {
        let flags = MapFlags::PRIVATE;
        MapRequest { address: 0, length, protection, flags, file: None, offset: 0, huge_level: 1 }
    }

    /// A file from its beginning, private.
    pub fn file(file: u32, length: u64, protection: Protection) -> MapRequest {
        MapRequest { file: Some(file), ..MapRequest::anonymous(length, protection) }
    }

    /// Shared in place of private.
    pub fn shared(mut self) -> MapRequest {
        self.flags = self.flags.difference(MapFlags::PRIVATE) | MapFlags::SHARED;
        self
    }

    /// At this address, whatever is mapped there.
    pub fn fixed(mut self, address: u64) -> MapRequest {
        self.address = address;
        self.with(MapFlags::FIXED)
    }

    /// From this offset of the file.
    pub fn at_offset(mut self, offset: u64) -> MapRequest {
        self.offset = offset;
        self
    }

    /// With these flags as well.
    pub fn with(mut self, flags: MapFlags) -> MapRequest {
        self.flags |= flags;
        self
    }
}

/// What a process says about a range of its pages: madvise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
#[repr(i32)]
pub enum Advice {
    /// Nothing special.
    Normal = 0,
    /// References will come in no order: no read-ahead.
    Random = 1,
    /// References will come in order: more read-ahead.
    Sequential = 2,
    /// The pages will be needed: they are read now.
    WillNeed = 3,
    /// The contents are not needed any more.
    DontNeed = 4,
    /// The contents may go when memory is short, unless they are written again.
    Free = 8,
    /// A child shall not have them.
    DontFork = 10,
    /// Undoes [`DontFork`](Advice::DontFork).
    DoFork = 11,
    /// Equal pages may be merged.
    Mergeable = 12,
    /// Undoes [`Mergeable`](Advice::Mergeable), and parts what was merged.
    Unmergeable = 13,
    /// Huge pages are wanted.
    HugePage = 14,
    /// Huge pages are not wanted.
    NoHugePage = 15,
    /// A child shall see zeros.
    WipeOnFork = 18,
    /// Undoes [`WipeOnFork`](Advice::WipeOnFork).
    KeepOnFork = 19,
    /// They may leave first.
    Cold = 20,
    /// They leave now.
    PageOut = 21,
    /// Faulted in now, for reading.
    PopulateRead = 22,
    /// Faulted in now, for writing.
    PopulateWrite = 23,
    /// Made a huge page now.
    Collapse = 25,
    /// From now on an access is a fault.
    GuardInstall = 102,
    /// Undoes [`GuardInstall`](Advice::GuardInstall).
    GuardRemove = 103,
}

impl Advice {
    /// All of them.
    pub const ALL: &'static [Advice] = &[
        Advice::Normal,
        Advice::Random,
        Advice::Sequential,
        Advice::WillNeed,
        Advice::DontNeed,
        Advice::Free,
        Advice::DontFork,
        Advice::DoFork,
        Advice::Mergeable,
        Advice::Unmergeable,
        Advice::HugePage,
        Advice::NoHugePage,
        Advice::WipeOnFork,
        Advice::KeepOnFork,
        Advice::Cold,
        Advice::PageOut,
        Advice::PopulateRead,
        Advice::PopulateWrite,
        Advice::Collapse,
        Advice::GuardInstall,
        Advice::GuardRemove,
    ];

    /// The advice with this number of `MADV_*` on Linux.
    ///
    /// # Errors
    /// EINVAL for a number that is none.
    pub fn from_number(number: i32) -> Result<Advice, VmError> {
        let found = Advice::ALL.iter().find(|&&advice| advice as i32 == number);
        found.copied().ok_or(VmError::invalid("advice", number as u32 as u64, "is unknown"))
    }

    /// The name, in lower case with underscores.
    pub fn name(self) -> &'static str {
        match self {
            Advice::Normal => "normal",
            Advice::Random => "random",
            Advice::Sequential => "sequential",
            Advice::WillNeed => "willneed",
            Advice::DontNeed => "dontneed",
            Advice::Free => "free",
            Advice::DontFork => "dontfork",
            Advice::DoFork => "dofork",
            Advice::Mergeable => "mergeable",
            Advice::Unmergeable => "unmergeable",
            Advice::HugePage => "hugepage",
            Advice::NoHugePage => "nohugepage",
            Advice::WipeOnFork => "wipeonfork",
            Advice::KeepOnFork => "keeponfork",
            Advice::Cold => "cold",
            Advice::PageOut => "pageout",
            Advice::PopulateRead => "populate_read",
            Advice::PopulateWrite => "populate_write",
            Advice::Collapse => "collapse",
            Advice::GuardInstall => "guard_install",
            Advice::GuardRemove => "guard_remove",
        }
    }
}

/// How mremap may move a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remap {
    /// Not at all: it grows or shrinks where it is.
    #[default]
    InPlace,
    /// To wherever there is room, if it cannot grow where it is.
    MayMove,
    /// To this address, whatever is mapped there.
    Fixed(u64),
}

/// On which nodes pages are placed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumaPolicy {
    /// On the node of the processor that touches the page first, else by distance from it.
    #[default]
    Default,
    /// On these nodes alone.
    Bind(Vec<Node>),
    /// On this node, else by distance from it.
    Preferred(Node),
    /// Page by page over these nodes, by the page's place in its area.
    Interleave(Vec<Node>),
    /// Likewise, each node as many pages in turn as its weight says.
    WeightedInterleave(Vec<(Node, u32)>),
}
