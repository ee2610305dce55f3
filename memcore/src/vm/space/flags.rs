//! What is said of an area beside its protection: a set of flags.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A set of properties of an area, as Linux keeps them in `vm_flags`.
///
/// Areas that differ in any of them do not merge.
///
/// ```
/// use memcore::vm::AreaFlags;
/// let flags = AreaFlags::LOCKED | AreaFlags::ACCOUNTED;
/// assert!(flags.contains(AreaFlags::LOCKED));
/// assert_eq!(flags.without(AreaFlags::LOCKED), AreaFlags::ACCOUNTED);
/// assert_eq!(flags.to_string(), "locked accounted");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AreaFlags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])+ $name:ident = $bit:literal, $text:literal, $code:literal;)+) => {
        impl AreaFlags {
            $($(#[$doc])+ pub const $name: AreaFlags = AreaFlags(1 << $bit);)+

            /// All that there are, in the order of their bits, with their names.
            const ALL: &'static [(AreaFlags, &'static str, &'static str)] =
                &[$((AreaFlags::$name, $text, $code)),+];
        }
    };
}
flags! {
    /// Its pages stay in memory (`mlock`).
    LOCKED = 0, "locked", "lo";
    /// Locked, but a page only once it is there (`MLOCK_ONFAULT`). Set with [`LOCKED`](Self::LOCKED).
    LOCK_ON_FAULT = 1, "lock-on-fault", "lf";
    /// The commit charge was waived (`MAP_NORESERVE`).
    NORESERVE = 2, "noreserve", "nr";
    /// Its pages are part of the commit charge.
    ACCOUNTED = 3, "accounted", "ac";
    /// It grows towards lower addresses on a fault below it, as a stack does.
    GROWS_DOWN = 4, "grows-down", "gd";
    /// A child does not get it (`MADV_DONTFORK`).
    DONTFORK = 5, "dontfork", "dc";
    /// A child gets it empty (`MADV_WIPEONFORK`).
    WIPEONFORK = 6, "wipeonfork", "wf";
    /// Equal pages may be merged (`MADV_MERGEABLE`).
    MERGEABLE = 7, "mergeable", "mg";
    /// Huge pages are welcome (`MADV_HUGEPAGE`).
    HUGEPAGE = 8, "hugepage", "hg";
    /// No huge pages (`MADV_NOHUGEPAGE`).
    NOHUGEPAGE = 9, "nohugepage", "nh";
    /// Read here and there: no readahead (`MADV_RANDOM`).
    RANDOM = 10, "random", "rr";
    /// Read in order: much readahead (`MADV_SEQUENTIAL`).
    SEQUENTIAL = 11, "sequential", "sr";
    /// It is made of pages from the pool of huge pages of its level (`MAP_HUGETLB`). Such areas never merge.
    HUGETLB = 12, "hugetlb", "ht";
}

impl AreaFlags {
    /// None.
    pub const NONE: AreaFlags = AreaFlags(0);

    /// The bits.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The flags of these bits; `None` when some stand for nothing.
    pub fn from_bits(bits: u32) -> Option<AreaFlags> {
        (bits >> Self::ALL.len() == 0).then_some(AreaFlags(bits))
    }

    /// Whether all of `other` are set.
    #[inline]
    pub fn contains(self, other: AreaFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// These, less those of `other`.
    pub fn without(self, other: AreaFlags) -> AreaFlags {
        AreaFlags(self.0 & !other.0)
    }

    /// These, with those of `other` set or cleared.
    pub fn with(self, other: AreaFlags, set: bool) -> AreaFlags {
        if set { self | other } else { self.without(other) }
    }

    /// The names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(flag, ..)| self.contains(*flag)).map(|&(_, name, _)| name)
    }

    /// The two-letter names of those that are set, as the line `VmFlags` of `/proc/PID/smaps` has them.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(flag, ..)| self.contains(*flag)).map(|&(.., code)| code)
    }
}

impl core::ops::BitOr for AreaFlags {
    type Output = AreaFlags;

    fn bitor(self, other: AreaFlags) -> AreaFlags {
        AreaFlags(self.0 | other.0)
    }
}

impl fmt::Display for AreaFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{name}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for AreaFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
