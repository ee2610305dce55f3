//! The page-table entry that the kernel of this machine works with, whatever the hardware is.
//!
//! ```text
//!   63                    24 23       13 12                     3 2    0
//!  [ frame or swap page (40) |   spare   |   flags, a bit each    | kind ]
//! ```
//!
//! One word holds what a page table says of a page: where its content is, and what may be done to it. Linux does
//! the same: its `pte_t` has the bits of the hardware, and the bits that the hardware leaves to software. Here all
//! bits are software's; [`hardware`](super::hardware) shows the word that a processor would see.
//!
//! A word of zeroes is the empty entry, so that a new table is all zeroes. The kind "table" is the tree's own: it
//! points from a table to the next one, and no user of a table ever meets it.

use core::fmt;
use serde::{Deserialize, Serialize};

const KIND: u64 = 7;
const PRESENT: u64 = 1;
const SWAPPED: u64 = 2;
const GUARD: u64 = 3;
const TABLE: u64 = 4;
const NUMBER_SHIFT: u32 = 24;

/// What a page table says of a page.
///
/// ```
/// use memcore::vm::Entry;
/// let entry = Entry::present(77).with_writable(true).with_user(true);
/// assert!(entry.is_present() && entry.is_writable() && !entry.is_dirty());
/// assert_eq!(entry.frame(), 77);
/// assert_eq!(Entry::swapped(5).swapped_page(), Some(5));
/// assert!(Entry::default().is_empty());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(transparent)]
#[serde(transparent)]
pub struct Entry(u64);

/// A getter and a builder for each flag.
macro_rules! flags {
    ($($bit:literal $get:ident $with:ident $name:literal $about:literal,)*) => {
        /// The flags, by bit and name.
        pub(super) const FLAGS: &[(u32, &str)] = &[$(($bit, $name)),*];

        impl Entry {
            $(
                #[doc = concat!("Whether ", $about, ".")]
                #[inline]
                pub const fn $get(self) -> bool {
                    self.0 >> $bit & 1 != 0
                }

                #[doc = concat!("The same entry, but ", $about, " if so told.")]
                #[inline]
                #[must_use]
                pub const fn $with(self, on: bool) -> Entry {
                    Entry(self.0 & !(1 << $bit) | (on as u64) << $bit)
                }
            )*
        }
    };
}

flags! {
    3 is_writable with_writable "writable" "the page may be written",
    4 is_user with_user "user" "a process may use the page, and not the kernel alone",
    5 is_executable with_executable "executable" "instructions may be fetched from the page",
    6 is_accessed with_accessed "accessed" "the page was used since the bit was cleared",
    7 is_dirty with_dirty "dirty" "the page was written since the bit was cleared",
    8 is_global with_global "global" "the page is in all address spaces",
    9 is_special with_special "special" "the frame is the shared zero page, which counts to nobody's resident set",
    10 is_exclusive with_exclusive "exclusive" "the frame is anonymous and this mapping alone has it",
    11 is_cow with_cow "cow" "the page is private and a write must copy it, or take it over",
    12 is_protnone with_protnone "protnone" "the page is there, but nothing may be done to it",
    13 is_hint with_hint "hint" "the page is there, but the next use of it shall fault, to tell which node uses it",
}

impl Entry {
    /// Nothing is mapped.
    pub const EMPTY: Entry = Entry(0);
    /// Nothing is mapped, and an access is an error.
    pub const GUARD: Entry = Entry(GUARD);

    /// A page that is in this frame; 40 bits of its number are kept. No flag is set.
    #[inline]
    pub const fn present(frame: u64) -> Entry {
        Entry(frame << NUMBER_SHIFT | PRESENT)
    }

    /// A page that is on the swap device, at this page of it. No flag is set.
    #[inline]
    pub const fn swapped(page: u32) -> Entry {
        Entry((page as u64) << NUMBER_SHIFT | SWAPPED)
    }

    /// The table of this number.
    #[inline]
    pub(super) const fn table(number: u32) -> Entry {
        Entry((number as u64) << NUMBER_SHIFT | TABLE)
    }

    /// Whether nothing is mapped.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 & KIND == 0
    }

    /// Whether the page is in a frame.
    #[inline]
    pub const fn is_present(self) -> bool {
        self.0 & KIND == PRESENT
    }

    /// Whether it is a guard.
    #[inline]
    pub const fn is_guard(self) -> bool {
        self.0 & KIND == GUARD
    }

    /// The page of the swap device, if the page is there.
    #[inline]
    pub const fn swapped_page(self) -> Option<u32> {
        if self.0 & KIND == SWAPPED { Some((self.0 >> NUMBER_SHIFT) as u32) } else { None }
    }

    /// The table's number, if it points to a table.
    #[inline]
    pub(super) const fn table_number(self) -> Option<u32> {
        if self.0 & KIND == TABLE { Some((self.0 >> NUMBER_SHIFT) as u32) } else { None }
    }

    /// The frame of a present page; of another entry a number without meaning.
    #[inline]
    pub const fn frame(self) -> u64 {
        self.0 >> NUMBER_SHIFT
    }

    /// The same entry of a present page with another frame.
    #[inline]
    #[must_use]
    pub const fn with_frame(self, frame: u64) -> Entry {
        Entry(self.0 & ((1 << NUMBER_SHIFT) - 1) | frame << NUMBER_SHIFT)
    }

    /// The word itself, as snapshots keep it.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Empty entries are zeroes: whatever flags an empty one was given are dropped.
    #[inline]
    pub(super) const fn normal(self) -> Entry {
        if self.is_empty() { Entry::EMPTY } else { self }
    }

    /// Whether it is one that this machine makes.
    pub(super) fn validate(self) -> Result<(), &'static str> {
        let spare = self.0 & ((1 << NUMBER_SHIFT) - 1) >> 14 << 14;
        match self.0 & KIND {
            0 if self.0 != 0 => Err("an empty page-table entry has bits set"),
            GUARD if self.0 >> NUMBER_SHIFT != 0 => Err("a guard has a frame"),
            SWAPPED if self.0 >> NUMBER_SHIFT > u32::MAX.into() => {
                Err("a page-table entry names a swap page above 2^32")
            }
            0..=TABLE if spare == 0 => Ok(()),
            _ => Err("a page-table entry of no known kind"),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 & KIND {
            0 => return f.write_str("empty"),
            PRESENT => write!(f, "frame {}", self.frame())?,
            SWAPPED => write!(f, "swap page {}", self.frame())?,
            GUARD => f.write_str("guard")?,
            _ => write!(f, "table {}", self.frame())?,
        }
        for (_, name) in FLAGS.iter().filter(|(bit, _)| self.0 >> bit & 1 != 0) {
            write!(f, " {name}")?;
        }
        Ok(())
    }
}
