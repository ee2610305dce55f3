//! How addresses are translated: the paging hardware, as it is configured.
//!
//! ```text
//!   x86-64:levels=4   | not used | PML4 9 | PDPT 9 | PD 9 | PT 9 | offset 12 |     leaves of 4K, 2M, 1G
//!   x86-64:levels=5   |  | PML5 9 | PML4 9 | PDPT 9 | PD 9 | PT 9 | offset 12 |
//!   sv39              | not used | VPN[2] 9 | VPN[1] 9 | VPN[0] 9 | offset 12 |     leaves of 4K, 2M, 1G
//!   sv48              | VPN[3] 9 | VPN[2] 9 | VPN[1] 9 | VPN[0] 9 | offset 12 |     and 512G
//!   one-level         |      page number, any count of them       |  offset   |     leaves of one size
//!   inverted          |      page number, hashed to a bucket      |  offset   |
//! ```
//!
//! | text | keys |
//! |---|---|
//! | `x86-64` | `levels`: 4 or 5 (default 4) |
//! | `sv39`, `sv48` | none |
//! | `inverted` | `page` (default `4K`), `address-bits` (default 48), `buckets`: a power of two; 0: as many as frames |
//! | `one-level` | `page` (default `4K`), `pages`: how many (default 16) |
//!
//! Sources: Intel, "64 and IA-32 Architectures Software Developer's Manual", volume 3A, chapter 4; "The RISC-V
//! Instruction Set Manual, Volume II: Privileged Architecture", sections on Sv39 and Sv48. Levels are counted from
//! the leaves here, as RISC-V does: level 0 maps single pages.

use super::super::error::VmError;
use crate::cache::{Bytes, parse_size};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::borrow::ToOwned;
use std_alloc::string::{String, ToString};

/// The paging hardware.
///
/// ```
/// use memcore::vm::PagingConfig;
/// let paging: PagingConfig = "x86-64".parse()?;
/// assert_eq!((paging.levels(), paging.leaf_size(0), paging.leaf_size(1)), (4, 4096, 2 << 20));
/// assert_eq!(paging.address_limit(), 0x7fff_ffff_f000);
/// assert!(!paging.is_canonical(0x8000_0000_0000));
/// let seed: PagingConfig = "one-level:page=256,pages=8".parse()?;
/// assert_eq!(seed.address_limit(), 2048);
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum PagingConfig {
    /// x86-64 in long mode.
    X86_64 {
        /// Levels of tables, 4 or 5.
        levels: u32,
    },
    /// RISC-V with 39 bits of address.
    Sv39,
    /// RISC-V with 48 bits of address.
    Sv48,
    /// A hashed table with a chain for each bucket, as IBM's System/38 and RS/6000 had.
    Inverted {
        /// Bytes in a page: a power of two, 64 to 1G.
        page: u64,
        /// Bits of an address: more than those within a page, at most 63.
        address_bits: u32,
        /// Buckets: a power of two, at most 2^31; 0: as many as frames.
        buckets: u64,
    },
    /// One table with an entry for each page.
    OneLevel {
        /// Bytes in a page: a power of two, up to 1G.
        page: u64,
        /// Pages, at least one, and 2^63 bytes in all at most.
        pages: u64,
    },
}

impl Default for PagingConfig {
    fn default() -> Self {
        PagingConfig::X86_64 { levels: 4 }
    }
}

/// Bits of an index into a table of a tree.
pub(super) const INDEX_BITS: u32 = 9;
const MAX_PAGE: u64 = 1 << 30;
const MAX_BYTES: u64 = 1 << 63;
const MAX_BUCKETS: u64 = 1 << 31;

impl PagingConfig {
    /// The names that a text can begin with.
    pub const NAMES: &'static [&'static str] = &["x86-64", "sv39", "sv48", "inverted", "one-level"];

    /// The name, without parameters.
    pub fn name(&self) -> &'static str {
        match self {
            PagingConfig::X86_64 { .. } => "x86-64",
            PagingConfig::Sv39 => "sv39",
            PagingConfig::Sv48 => "sv48",
            PagingConfig::Inverted { .. } => "inverted",
            PagingConfig::OneLevel { .. } => "one-level",
        }
    }

    /// Checks that there can be such hardware. O(1).
    ///
    /// # Errors
    /// [`VmError::Config`], the first parameter that is wrong.
    pub fn check(&self) -> Result<(), VmError> {
        match self.wrong() {
            None => Ok(()),
            Some((key, value, rule)) => Err(VmError::Config { key, value: value.to_string(), rule }),
        }
    }

    fn wrong(&self) -> Option<(&'static str, u64, &'static str)> {
        let is_page = |page: u64, least: u64| page.is_power_of_two() && (least..=MAX_PAGE).contains(&page);
        match *self {
            PagingConfig::X86_64 { levels } if !(4..=5).contains(&levels) => {
                Some(("levels", levels.into(), "must be 4 or 5"))
            }
            PagingConfig::Inverted { page, .. } if !is_page(page, 64) => {
                Some(("page", page, "must be a power of two from 64 to 1G"))
            }
            PagingConfig::Inverted { page, address_bits, .. }
                if address_bits <= page.trailing_zeros() || address_bits > 63 =>
            {
                Some(("address-bits", address_bits.into(), "must be more than those of a page, at most 63"))
            }
            PagingConfig::Inverted { buckets, .. }
                if buckets > MAX_BUCKETS || (buckets != 0 && !buckets.is_power_of_two()) =>
            {
                Some(("buckets", buckets, "must be a power of two up to 2^31, or 0 for as many as frames"))
            }
            PagingConfig::OneLevel { page, .. } if !is_page(page, 1) => {
                Some(("page", page, "must be a power of two up to 1G"))
            }
            PagingConfig::OneLevel { page, pages }
                if pages == 0 || pages.checked_mul(page).is_none_or(|bytes| bytes > MAX_BYTES) =>
            {
                Some(("pages", pages, "must be one or more, 2^63 bytes in all at most"))
            }
            _ => None,
        }
    }

    /// The same hardware in a machine of so many frames: an inverted table without a count of buckets gets the
    /// least power of two that is as many.
    #[must_use]
    pub fn with_frames(self, frames: u64) -> PagingConfig {
        match self {
            PagingConfig::Inverted { page, address_bits, buckets: 0 } => {
                let buckets = frames.clamp(1, MAX_BUCKETS).next_power_of_two();
                PagingConfig::Inverted { page, address_bits, buckets }
            }
            other => other,
        }
    }

    /// Bytes in a page.
    #[inline]
    pub fn page_size(&self) -> u64 {
        match *self {
            PagingConfig::Inverted { page, .. } | PagingConfig::OneLevel { page, .. } => page,
            _ => 4096,
        }
    }

    /// The binary logarithm of the page size.
    #[inline]
    pub fn page_bits(&self) -> u32 {
        self.page_size().trailing_zeros()
    }

    /// Levels of tables that a walk goes through; 1 for hashed and one-level tables.
    #[inline]
    pub fn levels(&self) -> u32 {
        match *self {
            PagingConfig::X86_64 { levels } => levels,
            PagingConfig::Sv39 => 3,
            PagingConfig::Sv48 => 4,
            PagingConfig::Inverted { .. } | PagingConfig::OneLevel { .. } => 1,
        }
    }

    /// Bits of the index into a table of this level; level 0 is that of single pages. 0 for levels that there are
    /// not.
    pub fn level_bits(&self, level: u32) -> u32 {
        match *self {
            _ if level >= self.levels() => 0,
            PagingConfig::Inverted { address_bits, .. } => address_bits.saturating_sub(self.page_bits()),
            PagingConfig::OneLevel { pages, .. } => u64::BITS - pages.saturating_sub(1).leading_zeros(),
            _ => INDEX_BITS,
        }
    }

    /// Bytes that an entry of this level covers: 4K, 2M, 1G, 512G on x86-64. Of a level above the highest, what
    /// the highest covers.
    #[inline]
    pub fn leaf_size(&self, level: u32) -> u64 {
        let level = level.min(self.levels().saturating_sub(1)).min(5);
        self.page_size() << (INDEX_BITS * level)
    }

    /// Whether an entry of this level may map memory, rather than point to a table.
    #[inline]
    pub fn can_map_at(&self, level: u32) -> bool {
        match self {
            PagingConfig::X86_64 { .. } => level <= 2,
            PagingConfig::Sv39 | PagingConfig::Sv48 => level < self.levels(),
            PagingConfig::Inverted { .. } | PagingConfig::OneLevel { .. } => level == 0,
        }
    }

    /// The end of what processes can use. On x86-64 it is one page below the middle, as on Linux: a return to an
    /// address just behind the last page would not be canonical.
    pub fn address_limit(&self) -> u64 {
        match *self {
            PagingConfig::X86_64 { levels: 5 } => (1 << 56) - 4096,
            PagingConfig::X86_64 { .. } => (1 << 47) - 4096,
            PagingConfig::Sv39 => 1 << 38,
            PagingConfig::Sv48 => 1 << 47,
            PagingConfig::Inverted { address_bits, .. } => 1 << address_bits.min(63),
            PagingConfig::OneLevel { page, pages } => page.saturating_mul(pages),
        }
    }

    /// Bits of an address that are translated, the offset included.
    pub fn address_bits(&self) -> u32 {
        match *self {
            PagingConfig::Inverted { address_bits, .. } => address_bits,
            PagingConfig::OneLevel { .. } => self.page_bits() + self.level_bits(0),
            _ => 12 + INDEX_BITS * self.levels(),
        }
    }

    /// Whether all bits above the highest that is translated equal it, as x86-64 and RISC-V demand; elsewhere,
    /// whether the address is below the limit.
    #[inline]
    pub fn is_canonical(&self, address: u64) -> bool {
        match self {
            PagingConfig::Inverted { .. } | PagingConfig::OneLevel { .. } => address < self.address_limit(),
            _ => {
                let above = 64 - self.address_bits().min(63);
                ((address << above) as i64 >> above) as u64 == address
            }
        }
    }
}

impl FromStr for PagingConfig {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let spec: Spec = text.parse()?;
        let size = |key: &str, default: u64| match spec.text(key) {
            None => Ok(default),
            Some(text) => parse_size(text).ok_or_else(|| spec.bad_value(key, "must be a size such as 4K")),
        };
        let narrow = |key: &str, default: u64| {
            spec.number(key, default).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        };
        let config = match spec.name() {
            "x86-64" => {
                spec.allow(&["levels"])?;
                PagingConfig::X86_64 { levels: narrow("levels", 4)? }
            }
            "sv39" => spec.allow(&[]).map(|()| PagingConfig::Sv39)?,
            "sv48" => spec.allow(&[]).map(|()| PagingConfig::Sv48)?,
            "inverted" => {
                spec.allow(&["page", "address-bits", "buckets"])?;
                PagingConfig::Inverted {
                    page: size("page", 4096)?,
                    address_bits: narrow("address-bits", 48)?,
                    buckets: size("buckets", 0)?,
                }
            }
            "one-level" => {
                spec.allow(&["page", "pages"])?;
                PagingConfig::OneLevel { page: size("page", 4096)?, pages: size("pages", 16)? }
            }
            name => {
                let known = Names(PagingConfig::NAMES);
                return Err(SpecError::UnknownName { kind: "paging", name: name.to_owned(), known });
            }
        };
        match config.wrong() {
            None => Ok(config),
            Some((key, value, rule)) => {
                Err(SpecError::BadValue { key: key.to_owned(), value: value.to_string(), rule })
            }
        }
    }
}

impl fmt::Display for PagingConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match *self {
            PagingConfig::X86_64 { levels: 4 } | PagingConfig::Sv39 | PagingConfig::Sv48 => Ok(()),
            PagingConfig::X86_64 { levels } => write!(f, ":levels={levels}"),
            PagingConfig::Inverted { page, address_bits, buckets } => {
                write!(f, ":page={},address-bits={address_bits}", Bytes(page))?;
                if buckets != 0 { write!(f, ",buckets={buckets}") } else { Ok(()) }
            }
            PagingConfig::OneLevel { page, pages } => write!(f, ":page={},pages={pages}", Bytes(page)),
        }
    }
}

crate::spec::text_is_serde! {
    PagingConfig, SpecError;
}
