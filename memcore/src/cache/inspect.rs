//! What can be asked of a hierarchy, and done to it beside accesses.

use super::config::HierarchyConfig;
use super::config::feeds;
use super::error::CacheError;
use super::hierarchy::Hierarchy;
use super::level::Inclusion;
use super::set_associative::SetAssociative;
use super::stats::{AccessTime, LevelStats, MemoryStats, TimeShare};
use std_alloc::borrow::ToOwned;
use std_alloc::vec::Vec;

impl Hierarchy {
    /// How it is configured. O(1).
    pub fn config(&self) -> &HierarchyConfig {
        &self.config
    }

    /// The counts of a level, by its place in [`HierarchyConfig::levels`]; all 0 for a place that is none. O(1).
    pub fn stats(&self, level: usize) -> LevelStats {
        self.levels.get(level).map(|level| level.stats).unwrap_or_default()
    }

    /// The counts of RAM and disk. O(1).
    pub fn memory_stats(&self) -> MemoryStats {
        self.memory.stats
    }

    /// The processor's accesses: each line that was loaded from, stored to or fetched from. O(1).
    pub fn accesses(&self) -> u64 {
        self.accesses
    }

    /// A level's cache, by its place in [`HierarchyConfig::levels`]. O(1).
    pub fn cache(&self, level: usize) -> Option<&SetAssociative> {
        self.levels.get(level).map(|level| &level.cache)
    }

    /// Counts accesses that found their operands in registers: they take the time of the registers and are part
    /// of the average. O(1).
    pub fn count_register_accesses(&mut self, accesses: u64) {
        self.register_accesses = self.register_accesses.saturating_add(accesses);
    }

    /// The average access time, broken down by where the cycles pass. O(levels).
    ///
    /// ```
    /// use memcore::cache::{Hierarchy, Operation};
    /// let mut memory = Hierarchy::new("l1:sets=1,ways=1,latency=1 ram:latency=101".parse()?)?;
    /// for address in [0, 1, 2, 3] {
    ///     memory.access(address, 1, Operation::Read)?;
    /// }
    /// let time = memory.average_access_time();
    /// assert_eq!(time.average, 1.0 + 0.25 * 100.0); // hit time + miss rate x miss penalty
    /// assert_eq!((time.shares[1].name.as_str(), time.shares[1].average), ("ram", 25.0));
    /// # Ok::<(), memcore::cache::CacheError>(())
    /// ```
    pub fn average_access_time(&self) -> AccessTime {
        let accesses = self.accesses.saturating_add(self.register_accesses);
        let mean = |cycles: u64| if accesses == 0 { 0.0 } else { cycles as f64 / accesses as f64 };
        let mut shares = Vec::new();
        let mut total = 0u64;
        let mut add = |name: &str, cycles: u64| {
            total = total.saturating_add(cycles);
            shares.push(TimeShare { name: name.to_owned(), cycles, average: mean(cycles) });
        };
        if let Some(latency) = self.config.registers {
            add("registers", self.register_accesses.saturating_mul(latency));
        }
        for (level, config) in self.levels.iter().zip(&self.config.levels) {
            add(&config.name, level.stats.cycles);
        }
        add("ram", self.memory.stats.ram_cycles);
        if self.config.ram.size.is_some() {
            add("disk", self.memory.stats.disk_cycles);
        }
        AccessTime { accesses, average: mean(total), shares }
    }

    /// The first level that has the line of an address, by its place in [`HierarchyConfig::levels`]; no access.
    /// O(levels x ways).
    pub fn find(&self, address: u64) -> Option<usize> {
        self.levels.iter().position(|level| level.cache.contains(address >> level.line_bits))
    }

    /// Whether a level has the line of an address; no access. O(ways).
    pub fn contains(&self, level: usize, address: u64) -> bool {
        self.levels.get(level).is_some_and(|level| level.cache.contains(address >> level.line_bits))
    }

    /// Writes everything dirty back and empties all levels (x86: WBINVD). Each dirty line is written once by
    /// each level that has it dirty: into the next level's copy, if there is one, else to the RAM. Gives the lines
    /// written to the RAM. O(lines of all levels).
    ///
    /// # Errors
    /// [`CacheError::Policy`], [`CacheError::OutOfMemory`]: some lines were written back, none was lost.
    pub fn flush(&mut self) -> Result<u64, CacheError> {
        let before = self.memory.stats.writes;
        for index in 0..self.levels.len() {
            let level = &self.levels[index];
            let line_bits = level.line_bits;
            let mut dirty = Vec::new();
            let lines = level.cache.lines().filter(|line| line.state.dirty).count();
            let bytes = (lines * size_of::<u64>()) as u64;
            dirty.try_reserve_exact(lines).map_err(|_| CacheError::OutOfMemory { bytes })?;
            dirty.extend(level.cache.lines().filter(|line| line.state.dirty).map(|line| line.line));
            for line in dirty {
                let address = line << line_bits;
                if !self.soil_next(index, address) {
                    self.memory.page(address, true)?;
                    self.memory.stats.writes += 1;
                }
                self.levels[index].cache.clean(line);
                self.levels[index].stats.write_backs += 1;
            }
        }
        for level in &mut self.levels {
            level.cache.reset()?;
        }
        Ok(self.memory.stats.writes - before)
    }

    /// Makes the copy of the next level dirty, if there is one.
    fn soil_next(&mut self, index: usize, address: u64) -> bool {
        let Some(next) = self.levels[index].next else { return false };
        let next = &mut self.levels[next];
        next.cache.soil(address >> next.line_bits)
    }

    /// Drops the lines that hold any of `size` bytes at an address from all levels, as a device that writes to
    /// memory makes it happen; what was dirty is lost. Gives the lines dropped. O(levels x lines in the range x
    /// ways), or O(lines of all levels) where that is less.
    pub fn invalidate(&mut self, address: u64, size: u64) -> u64 {
        let Some(rest) = size.checked_sub(1) else { return 0 };
        let last = address.saturating_add(rest);
        let mut dropped = 0;
        for level in &mut self.levels {
            level.cache.remove_range(address >> level.line_bits, last >> level.line_bits, |_| dropped += 1);
        }
        dropped
    }

    /// Everything as when it was made, counts included. O(lines of all levels).
    ///
    /// # Errors
    /// As [`Hierarchy::new`], of policies of the replacement room and a finite RAM.
    pub fn reset(&mut self) -> Result<(), CacheError> {
        for level in &mut self.levels {
            level.cache.reset()?;
            level.stats = LevelStats::default();
            level.forget_streams();
        }
        self.memory.empty(&self.config)?;
        self.accesses = 0;
        self.register_accesses = 0;
        Ok(())
    }

    /// Counts from here on: the counts become 0, the contents stay. A warm-up before a measurement. O(levels).
    pub fn reset_stats(&mut self) {
        self.levels.iter_mut().for_each(|level| level.stats = LevelStats::default());
        self.memory.stats = MemoryStats::default();
        self.accesses = 0;
        self.register_accesses = 0;
    }

    /// Bytes of memory held. O(levels), O(sets) with policies of the replacement room.
    pub fn metadata_bytes(&self) -> usize {
        let levels = self.levels.iter().map(|level| level.metadata_bytes()).sum::<usize>();
        levels + self.memory.metadata_bytes()
    }

    /// Checks that inclusive levels, and a finite RAM, hold what the levels in front of them hold. O(lines of all
    /// levels x levels x ways).
    ///
    /// # Errors
    /// What does not hold, in words.
    pub fn validate(&self) -> Result<(), &'static str> {
        for (index, inner) in self.levels.iter().enumerate() {
            for line in inner.cache.lines() {
                let address = line.line << inner.line_bits;
                if !self.memory.holds(address) {
                    return Err("a line is cached whose page is on disk");
                }
                for outer in &self.levels[index + 1..] {
                    let must = outer.inclusion == Inclusion::Inclusive && feeds(inner.serves, outer.serves);
                    if must && !outer.cache.contains(address >> outer.line_bits) {
                        return Err("an inclusive level lacks a line of a level in front of it");
                    }
                }
            }
        }
        Ok(())
    }
}
