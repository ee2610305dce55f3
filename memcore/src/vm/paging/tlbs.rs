//! The TLBs of a processor at work.
//!
//! ```text
//!   data access ---> front --miss--> dtlb, dtlb2m --miss--> stlb --miss--> walk
//!   instruction ---> front --miss--> itlb         --miss--> stlb --miss--> walk
//!                  level 0           level 0                level 1
//! ```
//!
//! A look-up asks level after level; what a later level has is brought into those before it. A walk fills all
//! levels that hold its page size, and no level evicts from another.
//!
//! Most accesses are to the page of the access before. So each side has a *front*: a copy of the entry that its
//! last look-up found at level 0. It cannot be seen, neither in a count nor in who leaves next: the hit is counted
//! as one of level 0, and using the entry that was used last once more changes no set: LRU has it in front already,
//! FIFO and random take no notice of uses, the arrows of a tree point away from it, its bit is set, SRRIP expects it
//! soon. Whatever fills, changes or drops entries, or another side that shares the TLB, clears the front.

use super::super::error::{Shortage, VmError};
use super::super::types::Access;
use super::config::{INDEX_BITS, PagingConfig};
use super::entry::Entry;
use super::spaces::{Drop, Spaces};
use super::tlbs_config::TlbsConfig;
use crate::cache::{Serves, Tlb, TlbEntry};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What a look-up found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vm) struct Hit {
    /// The page-table entry, as it was when it was brought in.
    pub entry: Entry,
    /// The level of the TLB that had it, from 0.
    pub level: u8,
    /// The level of the page table that maps the page: its size.
    pub leaf: u8,
}

/// The counts of a level of TLBs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlbLevelStats {
    /// Look-ups that found an entry there.
    pub hits: u64,
    /// Look-ups that came so far and did not.
    pub misses: u64,
    /// Entries that were dropped: invalidated, or by a switch of address spaces.
    pub flushes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Array {
    tlb: Tlb<Entry>,
    /// Its part of the configuration.
    part: u8,
    level: u8,
    serves: Serves,
}

impl Array {
    #[inline]
    fn serves(&self, side: usize) -> bool {
        self.serves == Serves::Unified || self.serves == SIDES[side]
    }
}

const SIDES: [Serves; 2] = [Serves::Data, Serves::Instruction];

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Level {
    latency: u64,
    stats: TlbLevelStats,
}

/// The entry that the last look-up of a side found at level 0.
#[derive(Clone, Copy, Debug)]
struct Front {
    mask: u64,
    start: u64,
    space: u32,
    leaf: u8,
    entry: Entry,
}

/// A front that no address matches.
const NO_FRONT: Front = Front { mask: 0, start: 1, space: 0, leaf: 0, entry: Entry::EMPTY };

impl Default for Front {
    fn default() -> Self {
        NO_FRONT
    }
}

/// A look-up missed at this level.
#[inline]
fn count_miss(levels: &mut [Level], level: Option<u8>) {
    if let Some(level) = level {
        levels[usize::from(level)].stats.misses += 1;
    }
}

/// TLBs in levels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Tlbs {
    config: TlbsConfig,
    /// In order of level.
    arrays: Vec<Array>,
    levels: Vec<Level>,
    spaces: Spaces,
    page_bits: u8,
    /// Hits in the fronts, which are hits of level 0.
    repeated: u64,
    #[serde(skip)]
    fronts: [Front; 2],
    /// The last look-up, if nothing was found and nothing was put in since: what it asked for is not there.
    #[serde(skip)]
    missed: Option<(u64, u32, usize)>,
}

impl Tlbs {
    /// Empty TLBs for pages of 4K, 2M, 1G; `asids`: how many address spaces have tags, 0 for no tags. O(entries).
    ///
    /// # Errors
    /// [`VmError::Cache`], [`VmError::Invalid`], [`VmError::NoMemory`].
    pub fn new(config: &TlbsConfig, asids: u32) -> Result<Tlbs, VmError> {
        Tlbs::for_paging(config, asids, &PagingConfig::default())
    }

    /// The same for the page sizes of other hardware; entries for sizes that it does not have stay empty.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn for_paging(config: &TlbsConfig, asids: u32, paging: &PagingConfig) -> Result<Tlbs, VmError> {
        config.check()?;
        let no_memory = |_| VmError::no_memory(0, Shortage::Host);
        let (mut arrays, mut levels) = (Vec::new(), Vec::new());
        arrays.try_reserve(config.tlbs.len()).map_err(no_memory)?;
        levels.try_reserve(config.tlbs.len()).map_err(no_memory)?;
        // The configured levels in order, each with its number from 0 on; numbers that are left out do not count.
        for wanted in 1..=config.tlbs.iter().map(|part| part.level).max().unwrap_or(0) {
            let mut latency = None;
            for (index, part) in config.tlbs.iter().enumerate().filter(|(_, part)| part.level == wanted) {
                latency = latency.max(Some(part.latency));
                let (tlb, level) = (Tlb::new(&part.shape)?, levels.len() as u8);
                arrays.push(Array { tlb, part: index as u8, level, serves: part.serves });
            }
            if let Some(latency) = latency {
                levels.push(Level { latency, stats: TlbLevelStats::default() });
            }
        }
        Ok(Tlbs {
            config: config.clone(),
            arrays,
            levels,
            spaces: Spaces::new(asids)?,
            page_bits: paging.page_bits() as u8,
            repeated: 0,
            fronts: [NO_FRONT; 2],
            missed: None,
        })
    }

    /// What the TLBs know of an address in an address space, which runs from now on. O(1) for the page of the last
    /// look-up of this side; else O(TLBs x page sizes x ways).
    #[inline]
    pub fn lookup(&mut self, address: u64, space: u32, access: Access) -> Option<Hit> {
        if let Some((entry, leaf)) = self.front(address, space, access) {
            self.count_repeated();
            return Some(Hit { entry, level: 0, leaf });
        }
        self.search(address, space, access)
    }

    /// The entry of an address and its level in the page table, if the last look-up of this side found it at level
    /// 0. Whoever uses it says so: [`count_repeated`](Self::count_repeated). O(1).
    #[inline(always)]
    pub fn front(&self, address: u64, space: u32, access: Access) -> Option<(Entry, u8)> {
        let front = &self.fronts[usize::from(access == Access::Execute)];
        let is_it = address & front.mask == front.start && front.space == space;
        is_it.then_some((front.entry, front.leaf))
    }

    /// The entry in front was used.
    #[inline(always)]
    pub fn count_repeated(&mut self) {
        self.repeated += 1;
    }

    /// As [`lookup`](Self::lookup), without a look at the front: what it has is found at level 0 as well.
    /// O(TLBs x page sizes x ways).
    #[inline(never)]
    pub fn search(&mut self, address: u64, space: u32, access: Access) -> Option<Hit> {
        let side = usize::from(access == Access::Execute);
        self.switch(space);
        // The level that was asked last, and missed if another is asked after it.
        let mut asked = None;
        for (index, array) in self.arrays.iter_mut().enumerate() {
            if !array.serves(side) {
                continue;
            }
            if asked != Some(array.level) {
                count_miss(&mut self.levels, asked);
                asked = Some(array.level);
            }
            let Some(&mut found) = array.tlb.use_entry(address, space) else { continue };
            let level = array.level;
            self.levels[usize::from(level)].stats.hits += 1;
            let leaf = self.leaf_of(found.page_bits);
            if level == 0 {
                self.remember(index, side, found, space, leaf);
            } else {
                self.fill(address, TlbEntry { space, ..found }, side, level, true);
            }
            return Some(Hit { entry: found.value, level, leaf });
        }
        count_miss(&mut self.levels, asked);
        self.missed = Some((address, space, side));
        None
    }

    /// The front of a side becomes what it found. Another side that shares the TLB has no longer the last use.
    #[inline]
    fn remember(&mut self, index: usize, side: usize, found: TlbEntry<Entry>, space: u32, leaf: u8) {
        if self.arrays[index].serves == Serves::Unified {
            self.fronts[1 - side] = NO_FRONT;
        }
        let start = found.page << found.page_bits;
        let mask = u64::MAX << found.page_bits;
        self.fronts[side] = Front { mask, start, space, leaf, entry: found.value };
    }

    fn leaf_of(&self, page_bits: u8) -> u8 {
        page_bits.saturating_sub(self.page_bits) / INDEX_BITS as u8
    }

    /// Puts in what a walk found, at all levels that hold pages of this size; `leaf` is the level of the page
    /// table that maps it. O(TLBs x ways).
    pub fn insert(
        &mut self,
        address: u64,
        leaf: u32,
        space: u32,
        global: bool,
        entry: Entry,
        access: Access,
    ) {
        self.switch(space);
        let page_bits = self.page_bits + (INDEX_BITS * leaf.min(5)) as u8;
        let side = usize::from(access == Access::Execute);
        let is_absent = self.missed == Some((address, space, side));
        let new = TlbEntry { page: address >> page_bits, page_bits, space, is_global: global, value: entry };
        self.fill(address, new, side, u8::MAX, is_absent);
    }

    /// Puts an entry into the TLBs of a side below a level; `is_absent`: none of them has it.
    fn fill(&mut self, address: u64, new: TlbEntry<Entry>, side: usize, below: u8, is_absent: bool) {
        self.missed = None;
        for array in self.arrays.iter_mut().filter(|array| array.level < below) {
            if !array.serves(side) || !array.tlb.holds(new.page_bits) {
                continue;
            }
            if array.level == 0 {
                self.fronts[side] = NO_FRONT;
                if array.serves == Serves::Unified {
                    self.fronts[1 - side] = NO_FRONT;
                }
            }
            if is_absent {
                array.tlb.insert_absent(new);
            } else {
                // The one error is a page size that it does not hold.
                let _ = array.tlb.insert(address, 1 << new.page_bits, new.space, new.is_global, new.value);
            }
        }
    }

    /// Changes all copies of the entry of an address. O(TLBs x page sizes x ways).
    pub fn update(&mut self, address: u64, space: u32, change: impl Fn(Entry) -> Entry) {
        self.fronts = [NO_FRONT; 2];
        for array in &mut self.arrays {
            array.tlb.update(address, space, &change);
        }
    }

    /// This address space runs from now on; a look-up or an insertion says so too. O(1) for the one that runs;
    /// else O(tags), and O(entries) where entries must go.
    #[inline]
    pub fn switch(&mut self, space: u32) {
        if !self.spaces.is_current(space) {
            self.fronts = [NO_FRONT; 2];
            match self.spaces.switch(space) {
                Drop::Nothing => {}
                Drop::NonGlobal => {
                    self.drop_by(Tlb::invalidate_non_global);
                }
                Drop::Space(old) => {
                    self.drop_by(|tlb| tlb.invalidate_space(old));
                }
            }
        }
    }

    fn drop_by(&mut self, drop: impl Fn(&mut Tlb<Entry>) -> u64) -> u64 {
        self.fronts = [NO_FRONT; 2];
        let mut dropped = 0;
        for array in &mut self.arrays {
            let here = drop(&mut array.tlb);
            self.levels[usize::from(array.level)].stats.flushes += here;
            dropped += here;
        }
        dropped
    }

    /// Drops what an address space sees of the page of an address, of whatever size. Gives how many entries.
    /// O(TLBs x page sizes x ways).
    pub fn invalidate_page(&mut self, address: u64, space: u32) -> u64 {
        self.drop_by(|tlb| tlb.invalidate_page(address, space))
    }

    /// Drops what an address space sees of all pages that intersect a range. Gives how many entries.
    /// O(pages), at most O(entries).
    pub fn invalidate_range(&mut self, from: u64, to: u64, space: u32) -> u64 {
        self.drop_by(|tlb| tlb.invalidate_range(from, to, space))
    }

    /// Drops the entries of an address space, which has no tag from now on. Gives how many. O(entries).
    pub fn invalidate_space(&mut self, space: u32) -> u64 {
        self.spaces.forget(space);
        self.drop_by(|tlb| tlb.invalidate_space(space))
    }

    /// Drops all entries. Gives how many. O(entries).
    pub fn invalidate_all(&mut self) -> u64 {
        self.drop_by(Tlb::invalidate_all)
    }

    /// All entries: level, address, bytes, address space, whether global, entry. O(entries).
    pub fn entries(&self) -> impl Iterator<Item = (usize, u64, u64, u32, bool, Entry)> + '_ {
        self.arrays.iter().flat_map(|array| {
            array.tlb.entries().map(|entry| {
                let TlbEntry { page, page_bits, space, is_global, value } = entry;
                (usize::from(array.level), page << page_bits, 1 << page_bits, space, is_global, value)
            })
        })
    }

    /// Levels there are.
    pub fn levels(&self) -> usize {
        self.levels.len()
    }

    /// Cycles that a hit at a level costs beyond the access itself: of its TLBs, the slowest.
    pub fn latency(&self, level: usize) -> u64 {
        self.levels.get(level).map_or(0, |level| level.latency)
    }

    /// The names of the TLBs of a level.
    pub fn names(&self, level: usize) -> impl Iterator<Item = &str> + '_ {
        let of_level = self.arrays.iter().filter(move |array| usize::from(array.level) == level);
        of_level
            .filter_map(|array| self.config.tlbs.get(usize::from(array.part)))
            .map(|part| part.name.as_str())
    }

    /// The counts of a level. O(1).
    pub fn stats(&self, level: usize) -> TlbLevelStats {
        let mut stats = self.levels.get(level).map_or(TlbLevelStats::default(), |level| level.stats);
        if level == 0 {
            stats.hits += self.repeated;
        }
        stats
    }

    /// Forgets the counts.
    pub fn reset_stats(&mut self) {
        self.repeated = 0;
        for level in &mut self.levels {
            level.stats = TlbLevelStats::default();
        }
    }

    /// The configuration.
    pub fn config(&self) -> &TlbsConfig {
        &self.config
    }

    /// Bytes of the host's memory. O(TLBs).
    pub fn metadata_bytes(&self) -> usize {
        self.arrays.iter().map(|array| array.tlb.metadata_bytes() + size_of::<Array>()).sum()
    }

    /// Checks all that must hold. O(entries x ways).
    pub fn validate(&self, paging: &PagingConfig) -> Result<(), &'static str> {
        self.config.check().map_err(|_| "TLBs that there cannot be")?;
        self.spaces.validate()?;
        if u32::from(self.page_bits) != paging.page_bits() || self.arrays.len() != self.config.tlbs.len() {
            return Err("the TLBs are others than configured");
        }
        let mut parts = self.config.tlbs.iter().enumerate().collect::<Vec<_>>();
        parts.sort_by_key(|(_, part)| part.level);
        let (mut level, mut last) = (0, None);
        for (array, (index, part)) in self.arrays.iter().zip(parts) {
            if last.is_some_and(|last| last != part.level) {
                level += 1;
            }
            last = Some(part.level);
            let is_it = usize::from(array.part) == index
                && usize::from(array.level) == level
                && array.serves == part.serves;
            if !is_it {
                return Err("the TLBs are in another order than configured");
            }
            array.tlb.validate(&part.shape)?;
            for entry in array.tlb.entries() {
                entry.value.validate()?;
            }
        }
        if self.levels.len() == level + usize::from(last.is_some()) {
            Ok(())
        } else {
            Err("there are other levels of TLBs than configured")
        }
    }
}
