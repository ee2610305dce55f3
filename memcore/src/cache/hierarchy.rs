//! A memory hierarchy at work: what becomes of an access, level by level.
//!
//! ```text
//!   load or fetch          look up l1, l2, ... until one has the line; then fill those that missed,
//!                          the outermost first; each fill may push a victim out
//!
//!   victim of level i  ->  level i is inclusive: drop the line from the levels nearer to the processor
//!                          next level exclusive: it takes the victim, clean or dirty
//!                          else: a dirty victim is written to the next level, a clean one is forgotten
//! ```
//!
//! The rules, where textbooks leave a choice:
//!
//! * **A store** that hits a write-back level makes the line dirty; one that hits a write-through level is also
//!   passed on to the next level. A store that misses fetches the line as a load does and then hits, if the level
//!   allocates on writes; else it is passed on and leaves no trace here.
//! * **A write-back** is a use of the line at the next level, though no look-up in its statistics. If the line is
//!   not there: a level that allocates on writes takes it in, without a fetch if its lines are not longer; else it
//!   is passed on.
//! * **An inclusive level** whose line leaves drops it from all inner levels that it serves; what is dirty there
//!   leaves with it.
//! * **An exclusive level** is filled by the victims of the level in front of it alone. A line found there moves:
//!   it leaves, and takes along that it is dirty. Writes and write-backs passed on to it change a line that it
//!   has and pass by otherwise. With two levels in front (split caches), a line may be in one of them and here, as in AMD's
//!   processors.
//! * **Prefetches** happen after the access that caused them, those of the innermost level first, and go the way
//!   of a load. What would go to disk is not prefetched. A line brought in by a prefetch counts as used at once.
//! * **An access that spans lines** of the first level it meets is one access to each, in ascending order; where
//!   no level serves it, pages take the place of lines.
//!
//! Coherence between processors, ports, banks, miss registers and time that overlaps are not modelled.

use super::config::{HierarchyConfig, feeds};
use super::error::CacheError;
use super::level::{Inclusion, Serves, WritePolicy};
use super::memory::Memory;
use super::prefetch::{Prefetcher, Seen, Wish};
use super::set_associative::{LineState, SetAssociative, Victim};
use super::stage::{Level, NO_WAIT, Request, Wait};
use super::stats::LevelStats;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What the processor does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// A load.
    #[default]
    Read,
    /// A store.
    Write,
    /// An instruction fetch.
    Fetch,
}

/// Caches, RAM and disk, driven by addresses.
///
/// An access is O(levels x ways), and O(levels x page / line) more when a page leaves a finite RAM. 10 bytes a
/// line, and what the policies need.
///
/// ```
/// use memcore::cache::{Hierarchy, HierarchyConfig, Operation};
/// let config: HierarchyConfig = "l1d:size=128,ways=1,latency=4 l2:size=1K,ways=2,latency=12
///     ram:latency=200".parse()?;
/// let mut memory = Hierarchy::new(config)?;
/// let cycles: Result<Vec<u64>, _> =
///     [0, 8, 128, 0].into_iter().map(|address| memory.access(address, 8, Operation::Read)).collect();
/// assert_eq!(cycles?, [200, 4, 200, 12]);
/// assert_eq!(memory.stats(0).read.misses, 3);
/// assert_eq!(memory.average_access_time().average, 104.0);
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hierarchy {
    pub(super) config: HierarchyConfig,
    pub(super) levels: Vec<Level>,
    /// The first level that data and instructions meet.
    first: [Option<usize>; 2],
    pub(super) memory: Memory,
    wishes: Vec<(usize, Wish)>,
    pub(super) accesses: u64,
    pub(super) register_accesses: u64,
}

impl Hierarchy {
    /// An empty hierarchy. O(lines of all levels).
    ///
    /// # Errors
    /// As [`HierarchyConfig::check`]; [`CacheError::OutOfMemory`].
    pub fn new(config: HierarchyConfig) -> Result<Hierarchy, CacheError> {
        config.check()?;
        let mut levels = Vec::new();
        for (index, level) in config.levels.iter().enumerate() {
            let outer = config.levels.iter().enumerate().skip(index + 1);
            let line_bits = level.geometry.line_bits();
            levels.push(Level {
                cache: SetAssociative::new(level.geometry, &level.policy)?,
                stats: LevelStats::default(),
                serves: level.serves,
                inclusion: level.inclusion,
                line_bits,
                next: outer
                    .into_iter()
                    .find(|(_, other)| feeds(level.serves, other.serves))
                    .map(|(next, _)| next),
                through: level.write == WritePolicy::Through,
                allocate: level.allocate,
                latency: level.latency,
                prefetcher: Prefetcher::new(level.prefetch, line_bits)?,
            });
        }
        let first = |side| levels.iter().position(|level| feeds(level.serves, side));
        let first = [first(Serves::Data), first(Serves::Instruction)];
        let mut wishes = Vec::new();
        // A level learns of one access at most once as a store, and once for each level in front that stores.
        let most = levels.len() * (levels.len() + 1) / 2;
        let bytes = (most * size_of::<(usize, Wish)>()) as u64;
        wishes.try_reserve_exact(most).map_err(|_| CacheError::OutOfMemory { bytes })?;
        let memory = Memory::new(&config)?;
        Ok(Hierarchy { config, levels, first, memory, wishes, accesses: 0, register_accesses: 0 })
    }

    /// An access to `size` bytes (0 counts as 1) at an address; gives the cycles that the processor waits, those of
    /// all lines added up. What lies beyond the last address is cut off.
    ///
    /// # Errors
    /// [`CacheError::Policy`] with out of memory, see [`CacheError`].
    #[inline]
    pub fn access(&mut self, address: u64, size: u64, operation: Operation) -> Result<u64, CacheError> {
        let first = self.first[usize::from(operation == Operation::Fetch)];
        let bits = first.map_or(self.memory.page_bits, |level| self.levels[level].line_bits);
        let last = address.saturating_add(size.saturating_sub(1)) >> bits;
        let mut line = address >> bits;
        let mut cycles = self.access_line(first, line << bits, operation)?;
        while line != last {
            line += 1;
            cycles = cycles.saturating_add(self.access_line(first, line << bits, operation)?);
        }
        Ok(cycles)
    }

    #[inline]
    fn access_line(
        &mut self,
        first: Option<usize>,
        address: u64,
        operation: Operation,
    ) -> Result<u64, CacheError> {
        self.accesses += 1;
        if let Some(cycles) = first.and_then(|level| self.levels[level].hit(address, operation)) {
            return Ok(cycles);
        }
        self.wishes.clear();
        let wait = Wait { waits: true, cycles: 0 };
        let cycles = match operation {
            Operation::Read => self.fetch(first, address, Request::Read, wait)?.0.cycles,
            Operation::Fetch => self.fetch(first, address, Request::Fetch, wait)?.0.cycles,
            Operation::Write => self.store(first, address, wait)?,
        };
        if !self.wishes.is_empty() {
            self.prefetch()?;
        }
        Ok(cycles)
    }

    /// Tells the prefetcher of a level about a demand access.
    #[inline]
    fn teach(&mut self, index: usize, line: u64, seen: Seen) {
        let level = &mut self.levels[index];
        if matches!(level.prefetcher, Prefetcher::None) {
            return;
        }
        if seen == Seen::FirstUse {
            level.stats.prefetches_useful += 1;
        }
        if let Some(wish) = level.prefetcher.see(line, seen) {
            self.wishes.push((index, wish));
        }
    }

    /// Gets a line for someone in front of the level `start`: fills the levels that lack it. Gives the time spent,
    /// and whether whoever asks must take the line as dirty, because it moves from an exclusive level.
    #[inline]
    fn fetch(
        &mut self,
        start: Option<usize>,
        address: u64,
        request: Request,
        mut wait: Wait,
    ) -> Result<(Wait, bool), CacheError> {
        let mut missed = 0u32;
        let mut moves_dirty = false;
        let mut at = start;
        while let Some(index) = at {
            let level = &mut self.levels[index];
            let line = level.line(address);
            level.wait(&mut wait);
            level.counts(request).accesses += 1;
            let is_exclusive = level.is_exclusive();
            let found = match request {
                _ if is_exclusive => level.cache.remove(line),
                _ if request.is_demand() => level.cache.lookup(line),
                _ => level.cache.peek(line).then(LineState::default),
            };
            if found.is_none() {
                level.counts(request).misses += 1;
            }
            if request.is_demand() {
                self.teach(index, line, seen(found));
            }
            match found {
                Some(state) => {
                    moves_dirty = is_exclusive && state.dirty;
                    break;
                }
                None if is_exclusive => {}
                None => missed |= 1 << index,
            }
            at = self.levels[index].next;
        }
        if at.is_none() {
            self.read_memory(address, request, &mut wait)?;
        }
        while missed != 0 {
            let index = 31 - missed.leading_zeros();
            missed &= !(1 << index);
            let dirty = core::mem::take(&mut moves_dirty);
            self.install(index as usize, address, LineState { dirty, prefetched: false })?;
        }
        Ok((wait, moves_dirty))
    }

    /// A store by someone in front of the level `start`; gives the cycles that are waited for.
    fn store(&mut self, start: Option<usize>, address: u64, mut wait: Wait) -> Result<u64, CacheError> {
        let mut at = start;
        while let Some(index) = at {
            let level = &mut self.levels[index];
            let line = level.line(address);
            let (through, next) = (level.through, level.next);
            let allocates = level.allocate && !level.is_exclusive();
            level.wait(&mut wait);
            level.stats.write.accesses += 1;
            let found = if through { level.cache.lookup(line) } else { level.cache.write(line) };
            if found.is_none() {
                level.stats.write.misses += 1;
            }
            self.teach(index, line, seen(found));
            if found.is_none() && allocates {
                let (waited, dirty) = self.fetch(next, address, Request::Write, wait)?;
                wait = waited;
                self.install(index, address, LineState { dirty: dirty || !through, prefetched: false })?;
            }
            if !through && (found.is_some() || allocates) {
                return Ok(wait.cycles);
            }
            self.levels[index].stats.writes_passed += 1;
            wait.waits = false;
            at = next;
        }
        self.write_memory(address, &mut wait)?;
        Ok(wait.cycles)
    }

    /// Brings a line into a level.
    fn install(&mut self, index: usize, address: u64, state: LineState) -> Result<(), CacheError> {
        let level = &mut self.levels[index];
        let line = level.line(address);
        let Some(victim) = level.cache.fill(line, state)? else { return Ok(()) };
        level.stats.evictions += 1;
        self.retire(index, victim)
    }

    /// Brings a line into a level that comes from the inside; an exclusive level behind must not keep it.
    fn install_from_inside(&mut self, index: usize, address: u64, mut dirty: bool) -> Result<(), CacheError> {
        if let Some(next) = self.levels[index].next {
            let next = &mut self.levels[next];
            if next.is_exclusive() {
                let line = next.line(address);
                dirty |= next.cache.remove(line).is_some_and(|state| state.dirty);
            }
        }
        self.install(index, address, LineState { dirty, prefetched: false })
    }

    /// Where a victim goes. Each call inside it is for a level further out, so it nests no deeper than levels.
    fn retire(&mut self, from: usize, victim: Victim) -> Result<(), CacheError> {
        let line_bits = self.levels[from].line_bits;
        let address = victim.line << line_bits;
        let mut dirty = victim.state.dirty;
        if self.levels[from].inclusion == Inclusion::Inclusive {
            let last = address | ((1 << line_bits) - 1);
            dirty |= self.drop_inside(from, address, last);
        }
        self.levels[from].stats.write_backs += u64::from(dirty);
        let mut at = self.levels[from].next;
        let taker = at;
        while let Some(index) = at {
            let level = &mut self.levels[index];
            let line = level.line(address);
            let (through, next) = (level.through, level.next);
            let is_exclusive = level.is_exclusive();
            if is_exclusive && at == taker {
                self.install_from_inside(index, address, dirty && !through)?;
                if !(dirty && through) {
                    return Ok(());
                }
            } else if !dirty {
                return Ok(());
            } else if level.cache.peek(line) {
                if !through {
                    level.cache.soil(line);
                    return Ok(());
                }
            } else if level.allocate && !is_exclusive {
                if level.line_bits > line_bits {
                    let (_, moves_dirty) = self.fetch(next, address, Request::Rest, NO_WAIT)?;
                    self.install(
                        index,
                        address,
                        LineState { dirty: moves_dirty || !through, prefetched: false },
                    )?;
                } else {
                    self.install_from_inside(index, address, !through)?;
                }
                if !through {
                    return Ok(());
                }
            }
            self.levels[index].stats.writes_passed += 1;
            at = next;
        }
        if dirty { self.write_memory(address, &mut { NO_WAIT }) } else { Ok(()) }
    }

    /// Drops the bytes from `first` to `last` from all levels in front of `before`; whether any were dirty.
    fn drop_inside(&mut self, before: usize, first: u64, last: u64) -> bool {
        let serves = self.levels.get(before).map_or(Serves::Unified, |level| level.serves);
        let mut dirty = false;
        for level in self.levels[..before].iter_mut().filter(|level| feeds(level.serves, serves)) {
            let (first, last) = (level.line(first), level.line(last));
            let stats = &mut level.stats;
            level.cache.remove_range(first, last, |victim| {
                stats.invalidations += 1;
                stats.write_backs += u64::from(victim.state.dirty);
                dirty |= victim.state.dirty;
            });
        }
        dirty
    }

    /// Brings in what the prefetchers wished for during an access.
    #[cold]
    fn prefetch(&mut self) -> Result<(), CacheError> {
        for wish in 0..self.wishes.len() {
            let (index, wish) = self.wishes[wish];
            let line_bits = self.levels[index].line_bits;
            for line in wish.lines(u64::MAX >> line_bits) {
                let address = line << line_bits;
                if self.is_at_or_inside(index, address) || !self.memory.holds(address) {
                    continue;
                }
                self.levels[index].stats.prefetches += 1;
                let (_, dirty) = self.fetch(self.levels[index].next, address, Request::Prefetch, NO_WAIT)?;
                self.install(index, address, LineState { dirty, prefetched: true })?;
            }
        }
        Ok(())
    }

    /// Whether a level has a line, or, if it is exclusive, one in front of it.
    fn is_at_or_inside(&self, index: usize, address: u64) -> bool {
        let level = &self.levels[index];
        let has = |level: &Level| level.cache.contains(level.line(address));
        let inner = || self.levels[..index].iter().filter(|inner| feeds(inner.serves, level.serves)).any(has);
        has(level) || level.is_exclusive() && inner()
    }

    fn read_memory(&mut self, address: u64, request: Request, wait: &mut Wait) -> Result<(), CacheError> {
        match request {
            Request::Prefetch => self.memory.stats.prefetch_reads += 1,
            _ => self.memory.stats.reads += 1,
        }
        self.page(address, false, wait)
    }

    fn write_memory(&mut self, address: u64, wait: &mut Wait) -> Result<(), CacheError> {
        self.memory.stats.writes += 1;
        self.page(address, true, wait)
    }

    /// Uses the page of an address; a fault is waited for whoever caused it, because the processor traps.
    fn page(&mut self, address: u64, write: bool, wait: &mut Wait) -> Result<(), CacheError> {
        let memory = &mut self.memory;
        let stats = &mut memory.stats;
        if wait.waits {
            let more = memory.latency.saturating_sub(wait.cycles);
            stats.ram_cycles = stats.ram_cycles.saturating_add(more);
            wait.cycles += more;
        }
        let paged = memory.page(address, write)?;
        if !paged.fault {
            return Ok(());
        }
        let stats = &mut self.memory.stats;
        let more = self.memory.disk.saturating_sub(wait.cycles);
        stats.page_faults += 1;
        stats.disk_cycles = stats.disk_cycles.saturating_add(more);
        wait.cycles += more;
        let mut wrote = paged.wrote;
        for index in 0.. {
            let Some(page) = self.memory.evicted(index) else { break };
            let first = page << self.memory.page_bits;
            let last = first | ((1 << self.memory.page_bits) - 1);
            wrote |= self.drop_inside(self.levels.len(), first, last);
            self.memory.stats.page_evictions += 1;
            self.memory.stats.page_writes += u64::from(core::mem::take(&mut wrote));
        }
        Ok(())
    }
}

fn seen(found: Option<LineState>) -> Seen {
    match found {
        None => Seen::Miss,
        Some(state) if state.prefetched => Seen::FirstUse,
        Some(_) => Seen::Hit,
    }
}

/// The levels that missed are the bits of a `u32`.
const _: () = assert!(super::config::MAX_LEVELS <= 32);
