//! The page-walk cache: upper levels of the page table that need not be read again.
//!
//! ```text
//!   prefix of the address     what is remembered         levels that a walk skips (of 4)
//!   PML4 PDPT PD              the table of level 0       3
//!   PML4 PDPT                 the table of level 1       2
//!   PML4                      the table of level 2       1
//! ```
//!
//! Intel calls them paging-structure caches (manual, volume 3A, 4.10.3); T. Barr, A. Cox and S. Rixner, "Translation
//! caching: skip, don't walk (the page table)", ISCA 2010, compare the designs. This is their translation-path
//! form without the path: an array a level, fully associative and LRU, by prefix. The longest prefix that is known
//! decides. Which tables the entries lead to is not kept, as the walk is a look into the table anyway; what counts
//! is which of its reads cost nothing.
//!
//! As text: `none`, `intel-skylake`, or `pwc:entries=32;4;1`, from the lowest level up. The sizes of the preset are
//! as commonly quoted; Intel does not publish them.

use super::super::error::VmError;
use super::config::{INDEX_BITS, PagingConfig};
use super::spaces::{Drop, Spaces};
use crate::cache::{SetPolicy, Tlb, TlbConfig, TlbEntry};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::borrow::ToOwned;
use std_alloc::string::String;
use std_alloc::vec;
use std_alloc::vec::Vec;

/// How many entries the page-walk cache has for each level.
///
/// ```
/// use memcore::vm::WalkCacheConfig;
/// let config: WalkCacheConfig = "pwc:entries=32;4;1".parse()?;
/// assert_eq!(config, WalkCacheConfig::preset("intel-skylake").unwrap());
/// assert_eq!("none".parse::<WalkCacheConfig>()?.entries, []);
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WalkCacheConfig {
    /// Entries that lead to tables of level 0, of level 1, and so on; 0: none for this level. What is beyond the
    /// levels of the hardware is not used.
    pub entries: Vec<u32>,
}

/// Levels of tables at most, and entries a level at most.
const MAX_LEVELS: usize = 8;
const MAX_ENTRIES: u32 = 1 << 16;
const RULE: &str = "must be at most 8 numbers up to 65536 such as 32;4;1";

impl WalkCacheConfig {
    /// The names of the presets.
    pub const PRESETS: &'static [&'static str] = &["none", "intel-skylake"];

    /// The preset of this name, if there is one.
    pub fn preset(name: &str) -> Option<WalkCacheConfig> {
        match name {
            "none" => Some(WalkCacheConfig::default()),
            "intel-skylake" => Some(WalkCacheConfig { entries: vec![32, 4, 1] }),
            _ => None,
        }
    }

    fn is_right(&self) -> bool {
        self.entries.len() <= MAX_LEVELS && self.entries.iter().all(|entries| *entries <= MAX_ENTRIES)
    }
}

impl FromStr for WalkCacheConfig {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let spec: Spec = text.parse()?;
        if spec.name() != "pwc" {
            spec.allow(&[])?;
            let (name, known) = (spec.name().to_owned(), Names(&["none", "intel-skylake", "pwc"]));
            return WalkCacheConfig::preset(spec.name()).ok_or(SpecError::UnknownName {
                kind: "page-walk cache",
                name,
                known,
            });
        }
        spec.allow(&["entries"])?;
        let bad = || spec.bad_value("entries", RULE);
        let numbers = spec.text("entries").ok_or_else(bad)?.split(';').map(str::parse);
        let config = WalkCacheConfig { entries: numbers.collect::<Result<_, _>>().map_err(|_| bad())? };
        if config.is_right() { Ok(config) } else { Err(bad()) }
    }
}

impl fmt::Display for WalkCacheConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entries) in self.entries.iter().enumerate() {
            write!(f, "{}{entries}", if index == 0 { "pwc:entries=" } else { ";" })?;
        }
        if self.entries.is_empty() { f.write_str("none") } else { Ok(()) }
    }
}

crate::spec::text_is_serde! {
    WalkCacheConfig, SpecError;
}

/// The counts of the page-walk cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkCacheStats {
    /// Walks that could skip levels.
    pub hits: u64,
    /// Walks that began at the root.
    pub misses: u64,
    /// Levels skipped, all walks together.
    pub skipped: u64,
    /// Entries that were dropped.
    pub flushes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Array {
    prefixes: Tlb<()>,
    /// The table that its entries lead to has this level.
    level: u32,
}

/// A page-walk cache at work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct WalkCache {
    config: WalkCacheConfig,
    /// Levels of the page table.
    levels: u32,
    page_bits: u32,
    arrays: Vec<Array>,
    spaces: Spaces,
    stats: WalkCacheStats,
    /// The last look-up and how many levels it could skip, if nothing was put in since.
    #[serde(skip)]
    asked: Option<(u64, u32, u32)>,
}

/// The shape of the array for a level.
fn shape(config: &WalkCacheConfig, level: u32, page_bits: u32) -> TlbConfig {
    let ways = config.entries.get(level as usize).copied().unwrap_or(0);
    let page_sizes = vec![1 << (page_bits + INDEX_BITS * (level + 1))];
    TlbConfig { sets: 1, ways, policy: SetPolicy::Lru, page_sizes }
}

/// The levels that have an array.
fn levels_of(config: &WalkCacheConfig, levels: u32) -> impl Iterator<Item = u32> + '_ {
    let above = config.entries.iter().zip(0..levels.saturating_sub(1));
    above.filter(|(entries, _)| **entries != 0).map(|(_, level)| level)
}

impl WalkCache {
    /// An empty one; `asids` as for the TLBs. O(entries).
    ///
    /// # Errors
    /// [`VmError::Config`], [`VmError::Cache`], [`VmError::Invalid`], [`VmError::NoMemory`].
    pub fn new(config: &WalkCacheConfig, asids: u32, paging: &PagingConfig) -> Result<WalkCache, VmError> {
        if !config.is_right() {
            use std_alloc::string::ToString;
            return Err(VmError::Config { key: "entries", value: config.to_string(), rule: RULE });
        }
        let (levels, page_bits) = (paging.levels(), paging.page_bits());
        let mut arrays = Vec::new();
        for level in levels_of(config, levels) {
            arrays.push(Array { prefixes: Tlb::new(&shape(config, level, page_bits))?, level });
        }
        let spaces = Spaces::new(asids)?;
        let config = config.clone();
        Ok(WalkCache {
            config,
            levels,
            page_bits,
            arrays,
            spaces,
            stats: WalkCacheStats::default(),
            asked: None,
        })
    }

    /// How many levels a walk for an address can skip, from the root down. O(entries).
    #[inline]
    pub fn lookup(&mut self, address: u64, space: u32) -> u32 {
        if self.arrays.is_empty() {
            return 0;
        }
        self.switch(space);
        let highest = self.levels - 1;
        let mut found = self
            .arrays
            .iter_mut()
            .filter_map(|array| array.prefixes.use_entry(address, space).map(|_| highest - array.level));
        let skipped = found.next().unwrap_or(0);
        self.asked = Some((address, space, skipped));
        self.stats.hits += u64::from(skipped != 0);
        self.stats.misses += u64::from(skipped == 0);
        self.stats.skipped += u64::from(skipped);
        skipped
    }

    /// A walk has gone through `depth` entries that point to tables, seen from the root: 3 of 4 levels for a single
    /// page, 2 for one of 2M. Those that the look-up for it could skip were not read and stay as they are; the
    /// others are remembered. O(entries).
    pub fn insert(&mut self, address: u64, space: u32, depth: u32) {
        if self.arrays.is_empty() {
            return;
        }
        self.switch(space);
        let asked = self.asked.take().filter(|asked| (asked.0, asked.1) == (address, space));
        let skipped = asked.map_or(0, |(_, _, skipped)| skipped);
        for array in &mut self.arrays {
            let reaches = self.levels - 1 - array.level;
            if reaches <= skipped || reaches > depth {
                continue;
            }
            let page_bits = (self.page_bits + INDEX_BITS * (array.level + 1)) as u8;
            if asked.is_some() {
                let page = address >> page_bits;
                array.prefixes.insert_absent(TlbEntry {
                    page,
                    page_bits,
                    space,
                    is_global: false,
                    value: (),
                });
            } else {
                // The one error is a page size that it does not hold.
                let _ = array.prefixes.insert(address, 1 << page_bits, space, false, ());
            }
        }
    }

    /// This address space runs from now on, as for the TLBs.
    #[inline]
    pub fn switch(&mut self, space: u32) {
        if !self.spaces.is_current(space) {
            match self.spaces.switch(space) {
                Drop::Nothing => {}
                Drop::NonGlobal => {
                    self.drop_by(Tlb::invalidate_all);
                }
                Drop::Space(old) => {
                    self.drop_by(|prefixes| prefixes.invalidate_space(old));
                }
            }
        }
    }

    fn drop_by(&mut self, drop: impl Fn(&mut Tlb<()>) -> u64) -> u64 {
        let dropped = self.arrays.iter_mut().map(|array| drop(&mut array.prefixes)).sum();
        self.stats.flushes += dropped;
        dropped
    }

    /// Drops what is known of the tables above an address. Gives how many entries. O(entries).
    pub fn invalidate_page(&mut self, address: u64, space: u32) -> u64 {
        self.drop_by(|prefixes| prefixes.invalidate_page(address, space))
    }

    /// Drops what is known of the tables above a range; needed whenever tables go. Gives how many. O(entries).
    pub fn invalidate_range(&mut self, from: u64, to: u64, space: u32) -> u64 {
        self.drop_by(|prefixes| prefixes.invalidate_range(from, to, space))
    }

    /// Drops the entries of an address space. Gives how many. O(entries).
    pub fn invalidate_space(&mut self, space: u32) -> u64 {
        self.spaces.forget(space);
        self.drop_by(|prefixes| prefixes.invalidate_space(space))
    }

    /// Drops all entries. Gives how many. O(entries).
    pub fn invalidate_all(&mut self) -> u64 {
        self.drop_by(Tlb::invalidate_all)
    }

    /// The counts. O(1).
    pub fn stats(&self) -> WalkCacheStats {
        self.stats
    }

    /// Forgets the counts.
    pub fn reset_stats(&mut self) {
        self.stats = WalkCacheStats::default();
    }

    /// The configuration.
    pub fn config(&self) -> &WalkCacheConfig {
        &self.config
    }

    /// Bytes of the host's memory.
    pub fn metadata_bytes(&self) -> usize {
        self.arrays.iter().map(|array| array.prefixes.metadata_bytes() + size_of::<Array>()).sum()
    }

    /// Checks all that must hold. O(entries).
    pub fn validate(&self, paging: &PagingConfig) -> Result<(), &'static str> {
        self.spaces.validate()?;
        if !self.config.is_right() || (self.levels, self.page_bits) != (paging.levels(), paging.page_bits()) {
            return Err("a page-walk cache for other hardware");
        }
        if !levels_of(&self.config, self.levels).eq(self.arrays.iter().map(|array| array.level)) {
            return Err("a page-walk cache has other levels than configured");
        }
        self.arrays
            .iter()
            .try_for_each(|array| array.prefixes.validate(&shape(&self.config, array.level, self.page_bits)))
    }
}
