//! The counts of a hierarchy, each with its definition, and the average access time.
//!
//! The unit of the processor's accesses is the line: an access that spans two lines of the first level it meets
//! is two. The average access time is the cycles that the processor waits, divided by its accesses, those to
//! registers included; it is broken down by where the cycles pass:
//!
//! ```text
//!   l1d: 4 cycles, l2: 12, ram: 200           spent at   l1d   l2   ram
//!   a load that l1d has                                    4
//!   a load that l2 has                                     4    8
//!   a load that neither has                                4    8   188
//!                                              sums       12   16   188    / 3 accesses = 4 + 5.3 + 62.7
//! ```
//!
//! This is the formula of Hennessy and Patterson (appendix B), hit time + miss rate x miss penalty, where the
//! penalty of a level is the time that the next one takes beyond it. Loads, fetches and the fetch of a line for a
//! store that allocates are waited for. What a write buffer hides is not: writes passed on to outer levels,
//! write-backs, prefetches. Nor is anything overlapped: a processor that runs ahead of its misses waits less.

use core::ops::AddAssign;
use serde::{Deserialize, Serialize};
use std_alloc::string::String;
use std_alloc::vec::Vec;

/// Look-ups of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Look-ups.
    pub accesses: u64,
    /// Look-ups that did not find the line.
    pub misses: u64,
}

impl Counts {
    /// Look-ups that found the line.
    pub fn hits(&self) -> u64 {
        self.accesses - self.misses
    }

    /// Misses / accesses; 0 without accesses.
    pub fn miss_ratio(&self) -> f64 {
        if self.accesses == 0 { 0.0 } else { self.misses as f64 / self.accesses as f64 }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.accesses += other.accesses;
        self.misses += other.misses;
    }
}

/// The counts of one level, since the hierarchy was made or reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelStats {
    /// Loads: of the processor, or of lines that inner levels lacked for them.
    pub read: Counts,
    /// Stores: of the processor, of lines that inner levels lacked for them, and writes passed on by inner
    /// levels that write through or do not allocate. A write-back is no look-up, but for the rest of a line
    /// that is longer than what is written back.
    pub write: Counts,
    /// Instruction fetches: of the processor, or of lines that inner levels lacked for them.
    pub fetch: Counts,
    /// Lines asked for by the prefetchers of inner levels.
    pub prefetch: Counts,
    /// Lines that left for others.
    pub evictions: u64,
    /// Dirty lines written to the next level: evicted, invalidated from outside, or flushed.
    pub write_backs: u64,
    /// Writes passed on to the next level because this one writes through or does not allocate.
    pub writes_passed: u64,
    /// Lines that its own prefetcher brought in.
    pub prefetches: u64,
    /// Of these, lines that were asked for while they were there.
    pub prefetches_useful: u64,
    /// Lines that left because an inclusive outer level, or the RAM, lost what they are part of.
    pub invalidations: u64,
    /// Cycles that the processor waited here: of each look-up it waited for, what this level takes beyond the
    /// one before.
    pub cycles: u64,
}

impl LevelStats {
    /// Loads, stores and fetches together: all look-ups but those for prefetchers.
    pub fn demand(&self) -> Counts {
        let mut all = self.read;
        all += self.write;
        all += self.fetch;
        all
    }
}

/// The counts of RAM and disk, since the hierarchy was made or reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryStats {
    /// Lines read from RAM because something was asked for.
    pub reads: u64,
    /// Lines read from RAM for a prefetcher.
    pub prefetch_reads: u64,
    /// Writes to RAM: lines written back, and writes passed on.
    pub writes: u64,
    /// Pages brought in from disk.
    pub page_faults: u64,
    /// Pages that left a RAM of finite size.
    pub page_evictions: u64,
    /// Of these, pages that were written to disk.
    pub page_writes: u64,
    /// Cycles that the processor waited for the RAM, beyond the last cache.
    pub ram_cycles: u64,
    /// Cycles that the processor waited for the disk, beyond the RAM.
    pub disk_cycles: u64,
}

/// The cycles that pass at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeShare {
    /// `registers`, the name of a level, `ram` or `disk`.
    pub name: String,
    /// Cycles that passed there.
    pub cycles: u64,
    /// Cycles that passed there, divided by all accesses.
    pub average: f64,
}

/// The average access time, broken down by where the cycles pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessTime {
    /// The processor's accesses to lines and registers.
    pub accesses: u64,
    /// Cycles an access; 0 without accesses.
    pub average: f64,
    /// Its parts: registers (if configured), each level, RAM, disk (if the RAM is finite). They add up.
    pub shares: Vec<TimeShare>,
}
