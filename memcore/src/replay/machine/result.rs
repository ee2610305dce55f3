//! What a run through a machine gives: every figure with its definition.

use crate::cache::LevelStats;
use crate::vm::{Cause, Counters, Cycles, FaultKind, ProcessId, Usage};

/// One TLB level in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlbLevelRun {
    /// Names of its TLBs, with blanks between.
    pub names: String,
    /// Look-ups that found an entry there.
    pub hits: u64,
    /// Look-ups that came so far and did not.
    pub misses: u64,
    /// Entries dropped.
    pub flushes: u64,
}

impl TlbLevelRun {
    /// Misses / look-ups; 0 without any.
    pub fn miss_ratio(&self) -> f64 {
        ratio(self.misses, self.hits + self.misses)
    }
}

/// One cache level in a run. Reads of page-table entries are among its look-ups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheLevelRun {
    /// Its name.
    pub name: String,
    /// Its counts.
    pub stats: LevelStats,
}

/// What one program did in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessRun {
    /// Its number in the machine.
    pub process: ProcessId,
    /// Accesses of its trace that were run, those that ended in a signal among them.
    pub accesses: u64,
    /// Accesses of its trace that were not run, because it had been killed or the run was cut short.
    pub skipped: u64,
    /// Counts while it ran.
    pub counters: Counters,
    /// Cycles while it ran.
    pub time: Cycles,
    /// Its pages at its end.
    pub usage: Usage,
    /// The most pages that it was seen to have in memory; looked at every 1024 accesses of its, and at the end of each turn.
    pub peak_rss: u64,
    /// It was killed for want of memory.
    pub is_killed: bool,
}

/// One point in time of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MachinePoint {
    /// Accesses so far.
    pub accesses: u64,
    /// Cycles so far.
    pub cycles: u64,
    /// Faults so far, minor and major.
    pub faults: u64,
    /// Of these, major ones.
    pub major: u64,
    /// Pages evicted so far.
    pub evicted: u64,
    /// Pages in memory of all programs, each counted for each program that has it.
    pub rss: u64,
    /// Free frames.
    pub free_frames: u64,
    /// The machine is thrashing; see [`Machine::thrashing`](crate::vm::Machine::thrashing).
    pub is_thrashing: bool,
}

/// A run of traces through a machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MachineRun {
    /// The name of the configuration; empty if it has none.
    pub name: String,
    /// Bytes of a base page.
    pub page_size: u64,
    /// Frames of the machine.
    pub frames: u64,
    /// Accesses of the traces that were run; one that spans two pages is one.
    pub accesses: u64,
    /// Of these, reads.
    pub reads: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Of these, instruction fetches.
    pub executes: u64,
    /// Accesses that were not run; see [`ProcessRun::skipped`].
    pub skipped: u64,
    /// What happened, of all programs. Counted by pages: an access that spans two is two reads there.
    pub counters: Counters,
    /// Cycles by cause.
    pub time: Cycles,
    /// TLBs, the first level first.
    pub tlbs: Vec<TlbLevelRun>,
    /// Caches, as configured; none without.
    pub caches: Vec<CacheLevelRun>,
    /// How many accesses ended in each kind of signal, of those kinds that occurred.
    pub signals: Vec<(FaultKind, u64)>,
    /// Each program, in the order of the traces.
    pub processes: Vec<ProcessRun>,
    /// The most pages in memory that were seen at once, of all programs together.
    pub peak_rss: u64,
    /// The most bytes of page tables that were seen, of all programs together.
    pub peak_table_bytes: u64,
    /// Of the looks at the machine (one for every 1024 accesses), how many found it thrashing.
    pub thrashing_looks: u64,
    /// Looks at the machine.
    pub looks: u64,
    /// Pages that a program used before its trace said they were mapped: mapped then.
    pub mapped_late: u64,
    /// Events of the traces that were obeyed.
    pub events: u64,
    /// Events that the machine refused.
    pub events_refused: u64,
    /// The run over time, if asked for.
    pub series: Vec<MachinePoint>,
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl MachineRun {
    /// Cycles that somebody waited for: all but those in the background.
    pub fn cycles(&self) -> u64 {
        self.time.total() - self.time[Cause::Background]
    }

    /// Cycles an access: the effective access time. 0 without accesses.
    pub fn average(&self) -> f64 {
        ratio(self.cycles(), self.accesses)
    }

    /// Each cause with its share of the cycles that somebody waited for, in per cent, the largest first; causes
    /// that took nothing are left out.
    ///
    /// ```
    /// use memcore::replay::machine::MachineRun;
    /// use memcore::vm::Cause;
    /// let mut run = MachineRun { accesses: 10, ..MachineRun::default() };
    /// (run.time[Cause::Data], run.time[Cause::Walk], run.time[Cause::Background]) = (1000, 3000, 77);
    /// assert_eq!(run.breakdown(), [(Cause::Walk, 75.0), (Cause::Data, 25.0)]);
    /// assert_eq!(run.average(), 400.0);
    /// ```
    pub fn breakdown(&self) -> Vec<(Cause, f64)> {
        let all = self.cycles();
        let waited = self.time.iter().filter(|&(cause, cycles)| cause != Cause::Background && cycles > 0);
        let mut shares: Vec<_> = waited.collect();
        shares.sort_by_key(|&(_, cycles)| std::cmp::Reverse(cycles));
        shares.into_iter().map(|(cause, cycles)| (cause, 100.0 * ratio(cycles, all))).collect()
    }

    /// Look-ups that no TLB served / look-ups of the first level; 0 without any.
    pub fn tlb_miss_ratio(&self) -> f64 {
        use crate::vm::Count::{TlbHit1, TlbHit2, TlbMiss};
        let misses = self.counters[TlbMiss];
        ratio(misses, self.counters[TlbHit1] + self.counters[TlbHit2] + misses)
    }

    /// Of the looks at the machine, how many per cent found it thrashing.
    pub fn thrashing_percent(&self) -> f64 {
        100.0 * ratio(self.thrashing_looks, self.looks)
    }
}
