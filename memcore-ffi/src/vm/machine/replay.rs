//! Traces of accesses through a machine.

use std::ffi::c_void;

use memcore::{
    replay::machine::{
        MachineReplayError, MachineReplayOptions, MachineRun, Placement, Schedule, replay_machine_on,
    },
    vm::Count,
};

use super::{handle::memcore_machine, invalid, owned};
use crate::{
    alloc::MEMCORE_NO_LIMIT,
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, object, out},
    status::memcore_status,
    trace::{Watcher, memcore_access_trace, memcore_progress},
};

impl From<MachineReplayError> for Failure {
    fn from(error: MachineReplayError) -> Self {
        let (status, value) = match &error {
            MachineReplayError::Machine { error, .. } => return error.clone().into(),
            MachineReplayError::NoTraces => (memcore_status::ReplayBadOption, 0),
            MachineReplayError::BadOption { value, .. } => (memcore_status::ReplayBadOption, *value),
            MachineReplayError::Address { address, .. } => (memcore_status::ReplayImpossible, *address),
            MachineReplayError::Pages { pages, .. } => (memcore_status::ReplayImpossible, *pages),
            MachineReplayError::OutOfMemory { .. } => (memcore_status::OutOfMemory, 0),
            MachineReplayError::Cancelled => return memcore_status::Cancelled.into(),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}

/// Where the pages of a trace lie.
#[repr(i32)]
#[allow(dead_code)] // some of them are for C alone
pub enum memcore_placement {
    /// As recorded where all addresses fit, else packed.
    Auto = 0,
    /// As recorded; an address that does not fit is an error.
    Recorded = 1,
    /// Numbered from 0 in the order of their addresses, without holes.
    Packed = 2,
}

/// How traces are run through a machine. `memcore_machine_replay_options_default` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_machine_replay_options {
    /// A `memcore_placement`.
    pub placement: i32,
    /// Accesses of a turn, at least 1: each program runs so many, then the next.
    pub quantum: u64,
    /// How many times as long each program's turn is, one number for each trace; null: all once.
    pub weights: *const u64,
    /// Pages that a trace uses become one area across a hole of at most so many pages.
    pub join_pages: u64,
    /// Run at most so many accesses, of all programs together; or `MEMCORE_NO_LIMIT`.
    pub limit: u64,
}

/// The default options: turns of 10000 accesses, placed as they fit, without a limit.
///
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_machine_replay_options_default() -> memcore_machine_replay_options {
    let mut options = memcore_machine_replay_options {
        placement: memcore_placement::Auto as i32,
        quantum: 1,
        weights: std::ptr::null(),
        join_pages: 0,
        limit: MEMCORE_NO_LIMIT,
    };
    guarded(options, || {
        let engine = MachineReplayOptions::default();
        (options.quantum, options.join_pages) = (engine.schedule.quantum, engine.join_pages);
        options
    })
}

/// What a run of traces cost.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_machine_run {
    /// Accesses that were run; one that spans two pages is one.
    pub accesses: u64,
    /// Of these, reads.
    pub reads: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Of these, instruction fetches.
    pub executes: u64,
    /// Accesses that were not run, because their program was killed or the run was cut short.
    pub skipped: u64,
    /// Cycles that somebody waited for.
    pub cycles: u64,
    /// Cycles an access.
    pub average: f64,
    /// Faults served without input from a device.
    pub minor: u64,
    /// Faults that waited for a device or for decompression.
    pub major: u64,
    /// Pages that lost their frame.
    pub evicted: u64,
    /// Accesses that ended in a signal.
    pub signals: u64,
    /// Look-ups that no TLB served, of all; 0 without any.
    pub tlb_miss_ratio: f64,
    /// The most pages in memory that were seen at once, of all programs together.
    pub peak_rss: u64,
    /// The most bytes of page tables that were seen, of all programs together.
    pub peak_table_bytes: u64,
    /// Of the looks at the machine, how many per cent found it thrashing.
    pub thrashing_percent: f64,
    /// Pages that a program used before its trace said they were mapped.
    pub mapped_late: u64,
    /// Events of the traces that were obeyed.
    pub events: u64,
    /// Events that the machine refused.
    pub events_refused: u64,
}

impl From<&MachineRun> for memcore_machine_run {
    fn from(run: &MachineRun) -> Self {
        memcore_machine_run {
            accesses: run.accesses,
            reads: run.reads,
            writes: run.writes,
            executes: run.executes,
            skipped: run.skipped,
            cycles: run.cycles(),
            average: run.average(),
            minor: run.counters[Count::Minor],
            major: run.counters[Count::Major],
            evicted: run.counters[Count::Evicted],
            signals: run.signals.iter().map(|(_, count)| count).sum(),
            tlb_miss_ratio: run.tlb_miss_ratio(),
            peak_rss: run.peak_rss,
            peak_table_bytes: run.peak_table_bytes,
            thrashing_percent: run.thrashing_percent(),
            mapped_late: run.mapped_late,
            events: run.events,
            events_refused: run.events_refused,
        }
    }
}

/// # Safety
/// `weights` is null, or points to `traces` numbers.
unsafe fn options(
    options: &memcore_machine_replay_options,
    traces: usize,
) -> Result<MachineReplayOptions, Failure> {
    let placement = match options.placement {
        0 => Placement::Auto,
        1 => Placement::Recorded,
        2 => Placement::Packed,
        other => return Err(invalid("placement", other as u32 as u64, "is unknown")),
    };
    let weights = if options.weights.is_null() {
        Vec::new()
    } else {
        // SAFETY: the caller's promise.
        owned(unsafe { array(options.weights, traces) }?.iter().copied())?
    };
    Ok(MachineReplayOptions {
        placement,
        schedule: Schedule { quantum: options.quantum, weights },
        join_pages: options.join_pages,
        limit: (options.limit != MEMCORE_NO_LIMIT).then_some(options.limit),
        ..MachineReplayOptions::default()
    })
}

/// Runs traces through a machine, a new process for each; its listener hears all. What a trace uses is mapped first;
/// `layout.flat` in the machine's configuration keeps the addresses free that a program would lie at.
///
/// \param machine the handle. `progress` may not use it.
/// \param traces the traces.
/// \param count how many, at least 1.
/// \param options how; null: the default ones.
/// \param progress told the accesses done; may be null.
/// \param user passed to `progress`.
/// \param run where the figures of this run are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_REPLAY_BAD_OPTION` iff there is no trace, or the quantum or a weight is
/// 0; `MEMCORE_STATUS_VM_INVALID` iff the placement is none; `MEMCORE_STATUS_REPLAY_IMPOSSIBLE` iff addresses or pages of
/// a trace do not fit the machine's address space; `MEMCORE_STATUS_CANCELLED` iff `progress` asked to stop;
/// `MEMCORE_STATUS_OUT_OF_MEMORY`; a status of `memcore_machine_spawn` or `memcore_machine_mmap`;
/// `MEMCORE_STATUS_REENTERED`; `MEMCORE_STATUS_NULL_ARGUMENT`. After an error the processes that were begun have ended.
///
/// O(accesses + pages log pages).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_machine_replay(
    machine: *mut memcore_machine,
    traces: *const *const memcore_access_trace,
    count: usize,
    options: *const memcore_machine_replay_options,
    progress: memcore_progress,
    user: *mut c_void,
    run: *mut memcore_machine_run,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (mut machine, traces, run) =
            unsafe { (memcore_machine::using(machine)?, array(traces, count)?, out(run)?) };
        // SAFETY: as the header asks.
        let options = match unsafe { options.as_ref() } {
            None => MachineReplayOptions::default(),
            // SAFETY: as the header asks.
            Some(given) => unsafe { self::options(given, traces.len()) }?,
        };
        // SAFETY: as the header asks.
        let each = |&trace: &*const memcore_access_trace| unsafe { object(trace) }.map(|trace| &trace.trace);
        let traces = traces.iter().map(each).collect::<Result<Vec<_>, Failure>>()?;
        let mut watcher = Watcher { callback: progress, user };
        run.write((&replay_machine_on(&traces, &mut machine, &options, &mut watcher)?).into());
        Ok::<_, Failure>(())
    })
}
