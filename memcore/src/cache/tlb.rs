//! A translation look-aside buffer: sets x ways over page numbers.
//!
//! An entry stands for a page of one of the sizes that the TLB holds, of one address space, or of all (a global
//! page, such as a kernel's). What it maps to is its owner's: a frame number, permissions, a page-table entry.
//!
//! ```text
//!                         set = page number mod sets, for each page size in turn
//!   address, space -----> [ page | size | space | global | value ] x ways
//!                           match: page and size equal, and (global or space equal)
//! ```
//!
//! Sizes share the sets; a look-up tries each size, the smallest first, as hardware with a unified second level
//! does by several probes. A TLB of one size is a TLB with one size in its list; real first levels are several of
//! these side by side. Levels, page walks and permissions belong to the machine that owns the TLBs.

use super::error::CacheError;
use super::level::read_size;
use super::set_policy::SetPolicy;
use super::sets::{Place, Sets, Tag};
use crate::size::{Bytes, parse_size};
use crate::spec::Spec;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::string::String;
use std_alloc::vec::Vec;

/// The most page sizes of one TLB.
const MAX_SIZES: usize = 8;

/// The shape of a TLB.
///
/// As text it is `name:entries=64,ways=4,pages=4K;2M,policy=lru`; `ways=full` (and no `ways`) is one set.
///
/// ```
/// use memcore::cache::TlbConfig;
/// let config: TlbConfig = "stlb:entries=1536,ways=12,pages=4K;2M".parse()?;
/// assert_eq!((config.sets, config.ways, config.page_sizes.len()), (128, 12, 2));
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TlbConfig {
    /// Sets.
    pub sets: u64,
    /// Entries in a set.
    pub ways: u32,
    /// Who leaves a set; a policy of the replacement room is refused.
    pub policy: SetPolicy,
    /// Bytes in a page, for each size that it can hold: powers of two, 1 to 8 of them.
    pub page_sizes: Vec<u64>,
}

impl FromStr for TlbConfig {
    type Err = CacheError;

    fn from_str(text: &str) -> Result<Self, CacheError> {
        let spec: Spec = text.parse()?;
        spec.allow(&["entries", "ways", "pages", "policy"])?;
        TlbConfig::read(&spec)
    }
}

impl TlbConfig {
    /// The shape that a text tells, whatever else it tells.
    pub(crate) fn read(spec: &Spec) -> Result<TlbConfig, CacheError> {
        let entries = read_size(spec, "entries")?;
        let entries = entries.ok_or_else(|| spec.bad_value("entries", "must be given"))?;
        let ways = match spec.text("ways") {
            None | Some("full") => entries,
            Some(_) => spec.number("ways", 0)?,
        };
        let narrow = u32::try_from(ways).ok().filter(|ways| (1..=1 << 31).contains(ways));
        let Some(narrow) = narrow else { return Err(CacheError::Ways { ways }) };
        if entries == 0 || entries % ways != 0 {
            return Err(CacheError::Size { size: entries, ways, line: 1 });
        }
        let mut page_sizes = Vec::new();
        for size in spec.text("pages").unwrap_or("4K").split(';') {
            let rule = "must be sizes such as 4K;2M";
            page_sizes.push(parse_size(size).ok_or_else(|| spec.bad_value("pages", rule))?);
        }
        let policy = spec.text("policy").map_or(Ok(SetPolicy::Lru), str::parse)?;
        Ok(TlbConfig { sets: entries / ways, ways: narrow, policy, page_sizes })
    }
}

impl fmt::Display for TlbConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.sets.saturating_mul(self.ways.into());
        write!(f, "tlb:entries={entries},ways={},pages=", self.ways)?;
        for (index, &size) in self.page_sizes.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ";" }, Bytes(size))?;
        }
        if self.policy != SetPolicy::Lru {
            write!(f, ",policy={}", self.policy)?;
        }
        Ok(())
    }
}

/// An entry of a TLB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlbEntry<V> {
    /// Address / page size.
    pub page: u64,
    /// The binary logarithm of the page size.
    pub page_bits: u8,
    /// The address space, unless the page is global.
    pub space: u32,
    /// The page is in all address spaces.
    pub is_global: bool,
    /// What its owner keeps.
    pub value: V,
}

impl<V: Copy> Tag for TlbEntry<V> {
    #[inline]
    fn number(&self) -> u64 {
        self.page
    }
}

/// Counts since the TLB was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlbStats {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Entries that left for others.
    pub evictions: u64,
    /// Entries that were invalidated.
    pub invalidations: u64,
}

/// A translation look-aside buffer with a value `V` for each page.
///
/// ```
/// use memcore::cache::Tlb;
/// let mut tlb: Tlb<u64> = Tlb::new(&"dtlb:entries=4,ways=2,pages=4K;2M".parse()?)?;
/// tlb.insert(0x1000, 4096, 1, false, 77)?;
/// tlb.insert(0x20_0000, 2 << 20, 1, true, 88)?;
/// assert_eq!(tlb.lookup(0x1fff, 1), Some(&mut 77));
/// assert_eq!(tlb.lookup(0x1fff, 2), None);            // another address space
/// assert_eq!(tlb.lookup(0x3f_ffff, 2), Some(&mut 88)); // a global page
/// assert_eq!(tlb.invalidate_space(1), 1);
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tlb<V> {
    entries: Sets<TlbEntry<V>>,
    /// The sizes, a bit at the binary logarithm of each.
    sizes: u64,
    /// Those of which there are entries: the others need no probe.
    present: u64,
    /// A global entry was put in at some time: a page may have several entries that an address space sees, and
    /// the newest counts.
    has_globals: bool,
    /// How many entries there are of each size, from the smallest up.
    held: [u32; MAX_SIZES],
    stats: TlbStats,
}

/// The binary logarithms of some sizes, the smallest first.
#[inline]
fn each_size(mut sizes: u64) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let bits = (sizes != 0).then(|| sizes.trailing_zeros() as u8);
        sizes &= sizes.wrapping_sub(1);
        bits
    })
}

/// How many of the sizes are smaller than this one, which is one of them.
#[inline]
fn rank(sizes: u64, page_bits: u8) -> usize {
    (sizes & ((1 << (page_bits % 64)) - 1)).count_ones() as usize % MAX_SIZES
}

impl<V: Copy + Default> Tlb<V> {
    /// An empty TLB. O(entries).
    ///
    /// # Errors
    /// [`CacheError::Sets`], [`CacheError::Ways`], [`CacheError::PageSize`], [`CacheError::TlbPolicy`],
    /// [`CacheError::SrripBits`], [`CacheError::OutOfMemory`].
    pub fn new(config: &TlbConfig) -> Result<Tlb<V>, CacheError> {
        let TlbConfig { sets, ways, policy, page_sizes } = config;
        if let SetPolicy::Room(spec) = policy {
            return Err(CacheError::TlbPolicy { policy: spec.name() });
        }
        super::geometry::Geometry::new(*sets, (*ways).into(), 1)?;
        let mut sizes = 0u64;
        for &bytes in page_sizes {
            if !bytes.is_power_of_two() || sizes & bytes != 0 || sizes.count_ones() as usize == MAX_SIZES {
                return Err(CacheError::PageSize { bytes });
            }
            sizes |= bytes;
        }
        if sizes == 0 {
            return Err(CacheError::PageSize { bytes: 0 });
        }
        let entries = Sets::new(*sets, *ways, policy, TlbEntry::default())?;
        Ok(Tlb {
            entries,
            sizes,
            present: 0,
            has_globals: false,
            held: [0; MAX_SIZES],
            stats: TlbStats::default(),
        })
    }

    /// The value of the page of an address in an address space, which is used. O(page sizes x ways).
    #[inline]
    pub fn lookup(&mut self, address: u64, space: u32) -> Option<&mut V> {
        self.use_entry(address, space).map(|entry| &mut entry.value)
    }

    /// As [`lookup`](Self::lookup), the whole entry.
    #[inline]
    pub(crate) fn use_entry(&mut self, address: u64, space: u32) -> Option<&mut TlbEntry<V>> {
        match self.find(address, space) {
            Some(at) => {
                self.stats.hits += 1;
                self.entries.used(at);
                Some(self.entries.tag_mut(at))
            }
            None => {
                self.stats.misses += 1;
                None
            }
        }
    }

    /// The entry of an address in an address space; no use, not counted. O(page sizes x ways).
    pub fn probe(&self, address: u64, space: u32) -> Option<TlbEntry<V>> {
        self.find(address, space).map(|at| self.entries.tag(at))
    }

    /// Whether it holds pages of this size.
    #[inline]
    pub(crate) fn holds(&self, page_bits: u8) -> bool {
        self.sizes.checked_shr(page_bits.into()).is_some_and(|sizes| sizes & 1 != 0)
    }

    #[inline]
    fn find(&self, address: u64, space: u32) -> Option<Place> {
        each_size(self.present).find_map(|bits| self.find_size(address, space, bits))
    }

    #[inline]
    fn find_size(&self, address: u64, space: u32, bits: u8) -> Option<Place> {
        let page = address >> bits;
        let is_it = |entry: &TlbEntry<V>| {
            entry.page == page && entry.page_bits == bits && (entry.is_global || entry.space == space)
        };
        let found = self.entries.find(page, is_it)?;
        if self.has_globals { self.entries.newest(found, is_it) } else { Some(found) }
    }

    /// Puts in the page of `page_size` bytes that an address is in; gives the entry that left for it. An entry of
    /// that page and size which this address space sees is replaced. O(ways).
    ///
    /// # Errors
    /// [`CacheError::PageSize`] for a size that this TLB does not hold.
    pub fn insert(
        &mut self,
        address: u64,
        page_size: u64,
        space: u32,
        is_global: bool,
        value: V,
    ) -> Result<Option<TlbEntry<V>>, CacheError> {
        let page_bits = page_size.trailing_zeros() as u8;
        if !page_size.is_power_of_two() || !self.holds(page_bits) {
            return Err(CacheError::PageSize { bytes: page_size });
        }
        let entry = TlbEntry { page: address >> page_bits, page_bits, space, is_global, value };
        if let Some(at) = self.find_size(address, space, page_bits) {
            self.entries.used(at);
            self.has_globals |= is_global;
            *self.entries.tag_mut(at) = entry;
            return Ok(None);
        }
        Ok(self.insert_absent(entry))
    }

    /// As [`insert`](Self::insert), for an entry of a size that this TLB holds and of which it is known, from a
    /// look-up that missed, that it is not there. O(ways).
    #[inline]
    pub(crate) fn insert_absent(&mut self, entry: TlbEntry<V>) -> Option<TlbEntry<V>> {
        self.has_globals |= entry.is_global;
        let Some((victim, _)) = self.entries.fill(entry, 0) else {
            self.count(entry.page_bits, 1);
            return None;
        };
        if victim.page_bits != entry.page_bits {
            self.count(entry.page_bits, 1);
            self.count(victim.page_bits, -1);
        }
        self.stats.evictions += 1;
        Some(victim)
    }

    /// So many entries of a size more, or fewer.
    #[inline]
    fn count(&mut self, page_bits: u8, more: i32) {
        let size = 1 << (page_bits % 64);
        let held = &mut self.held[rank(self.sizes, page_bits)];
        *held = held.wrapping_add_signed(more);
        self.present = if *held == 0 { self.present & !size } else { self.present | size };
    }

    /// Removes what an address space sees of the page of an address, in all sizes, global entries included (x86:
    /// INVLPG). Gives the entries removed. O(page sizes x ways).
    pub fn invalidate_page(&mut self, address: u64, space: u32) -> u64 {
        let mut removed = 0;
        for bits in each_size(self.present) {
            while let Some(at) = self.find_size(address, space, bits) {
                self.entries.remove(at);
                self.count(bits, -1);
                removed += 1;
            }
        }
        self.stats.invalidations += removed;
        removed
    }

    /// Changes what an address space sees of the page of an address, in all sizes; no use, not counted.
    /// O(page sizes x ways).
    pub(crate) fn update(&mut self, address: u64, space: u32, change: impl Fn(V) -> V) {
        for bits in each_size(self.present) {
            if let Some(at) = self.find_size(address, space, bits) {
                let entry = self.entries.tag_mut(at);
                entry.value = change(entry.value);
            }
        }
    }

    /// Removes what an address space sees of all pages that intersect a range, global entries included. Gives how
    /// many. O(pages in the range, or entries).
    pub(crate) fn invalidate_range(&mut self, from: u64, to: u64, space: u32) -> u64 {
        let Some(last) = to.checked_sub(1).filter(|last| from <= *last) else { return 0 };
        let smallest = self.sizes.trailing_zeros();
        let pages = (last >> smallest) - (from >> smallest) + 1;
        if pages <= 8 {
            let first = from >> smallest;
            return (first..first + pages).map(|page| self.invalidate_page(page << smallest, space)).sum();
        }
        self.remove_if(|entry| {
            let first = entry.page << entry.page_bits;
            let end = first | ((1 << entry.page_bits) - 1);
            first <= last && from <= end && (entry.is_global || entry.space == space)
        })
    }

    /// Removes the entries of an address space, but for global ones. Gives how many. O(entries).
    pub fn invalidate_space(&mut self, space: u32) -> u64 {
        self.remove_if(|entry| !entry.is_global && entry.space == space)
    }

    /// Removes all entries but for global ones (x86: a write to CR3 without address-space ids). Gives how many.
    /// O(entries).
    pub fn invalidate_non_global(&mut self) -> u64 {
        self.remove_if(|entry| !entry.is_global)
    }

    /// Removes all entries. Gives how many. O(entries).
    pub fn invalidate_all(&mut self) -> u64 {
        self.remove_if(|_| true)
    }

    fn remove_if(&mut self, mut leaves: impl FnMut(&TlbEntry<V>) -> bool) -> u64 {
        let (mut removed, mut gone) = (0, [0; MAX_SIZES]);
        let sizes = self.sizes;
        self.entries.remove_if(|_, entry, _| {
            let leaves = leaves(entry);
            if leaves {
                removed += 1;
                gone[rank(sizes, entry.page_bits)] += 1;
            }
            leaves
        });
        for (bits, gone) in each_size(sizes).zip(gone) {
            self.count(bits, -gone);
        }
        self.stats.invalidations += removed;
        removed
    }

    /// The entries, set by set. O(entries).
    pub fn entries(&self) -> impl Iterator<Item = TlbEntry<V>> + '_ {
        self.entries.entries().map(|(entry, _)| entry)
    }

    /// The counts. O(1).
    pub fn stats(&self) -> TlbStats {
        self.stats
    }

    /// Forgets the counts. O(1).
    pub fn reset_stats(&mut self) {
        self.stats = TlbStats::default();
    }

    /// Whether it is one that can have come to be from this configuration. O(entries).
    pub(crate) fn validate(&self, config: &TlbConfig) -> Result<(), &'static str> {
        let sizes = config.page_sizes.iter().fold(0, |sizes, size| sizes | size);
        let most = config.page_sizes.len().min(MAX_SIZES);
        if self.sizes != sizes || sizes == 0 || sizes.count_ones() as usize > most {
            return Err("a TLB has other page sizes than configured");
        }
        let (mut held, mut present, mut known) = ([0; MAX_SIZES], 0, true);
        self.entries.validate(config.sets, config.ways, &config.policy, |entry| {
            if self.holds(entry.page_bits)
                && entry.page <= u64::MAX >> entry.page_bits
                && (self.has_globals || !entry.is_global)
            {
                held[rank(sizes, entry.page_bits)] += 1;
                present |= 1 << entry.page_bits;
            } else {
                known = false;
            }
        })?;
        if known && (held, present) == (self.held, self.present) {
            Ok(())
        } else {
            Err("a TLB has entries of other kinds than it says")
        }
    }

    /// As when it was made, counts included. O(entries).
    pub fn reset(&mut self) {
        self.entries.reset();
        (self.present, self.has_globals, self.held) = (0, false, [0; MAX_SIZES]);
        self.stats = TlbStats::default();
    }

    /// Bytes of memory held. O(1).
    pub fn metadata_bytes(&self) -> usize {
        self.entries.metadata_bytes()
    }
}
