//! The run: programs take turns on a machine.
//!
//! The inner loop is an access of the machine for each access of the trace, and nothing else; events, looks at the
//! machine and turns lie at its ends.

use super::error::MachineReplayError;
use super::options::MachineReplayOptions;
use super::plan::{Plan, Space};
use super::result::{CacheLevelRun, MachinePoint, MachineRun, ProcessRun, TlbLevelRun};
use super::space::AddressSpace;
use crate::progress::Progress;
use crate::trace::{AccessKind, AccessTrace};
use crate::vm::{
    Access, Count, Counters, Cycles, Fault, FaultKind, LayoutConfig, Machine, MachineConfig, ProcessId,
};

/// Accesses between two looks at the machine.
const LOOK: u64 = 1 << 10;
/// Looks between two reports.
const REPORT: u64 = 1 << 6;

impl From<AccessKind> for Access {
    #[inline]
    fn from(kind: AccessKind) -> Access {
        match kind {
            AccessKind::Read => Access::Read,
            AccessKind::Write => Access::Write,
            AccessKind::Execute => Access::Execute,
        }
    }
}

/// Runs traces through a machine of this configuration, a process for each; gives what it cost, and the machine
/// to look at. The layout of the configuration is not used: the traces say what lies where.
/// O(accesses) of the machine, and for each trace O(pages log pages) before. `progress` is told the accesses done.
///
/// ```
/// use memcore::replay::machine::{MachineReplayOptions, replay_machine};
/// use memcore::trace::{AccessTrace, PageTrace};
/// use memcore::vm::{Count, MachineConfig};
///
/// // Belady's string through the machine, with FIFO: more frames, more faults.
/// let pages = PageTrace::from_keys(&[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], None)?;
/// let trace = AccessTrace::from_pages(&pages)?;
/// let mut config = MachineConfig::preset("textbook").unwrap();
/// let mut faults = Vec::new();
/// for frames in ["3", "4"] {
///     config.set("memory.frames", frames)?;
///     let (run, _) = replay_machine(&[&trace], &config, &MachineReplayOptions::default(), &mut ())?;
///     faults.push(run.counters[Count::Minor] + run.counters[Count::Major]);
/// }
/// assert_eq!(faults, [9, 10]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MachineReplayError`].
pub fn replay_machine(
    traces: &[&AccessTrace],
    config: &MachineConfig,
    options: &MachineReplayOptions,
    progress: &mut dyn Progress,
) -> Result<(MachineRun, Machine), MachineReplayError> {
    let mut config = config.clone();
    config.layout = Some(LayoutConfig { flat: true, ..LayoutConfig::default() });
    config.faults.zero_page &= options.zero_page;
    let mut machine = Machine::new(config).map_err(refused)?;
    let run = replay_machine_on(traces, &mut machine, options, progress)?;
    Ok((run, machine))
}

/// As [`replay_machine`], on a machine that there is: its listener hears all, its processes stay, and the figures
/// are those of this run alone. A new process of it should have nothing where the traces have something
/// ([`LayoutConfig::flat`](crate::vm::LayoutConfig::flat)); what is there is replaced.
///
/// # Errors
/// [`MachineReplayError`]; processes that were begun have exited.
pub fn replay_machine_on(
    traces: &[&AccessTrace],
    machine: &mut Machine,
    options: &MachineReplayOptions,
    progress: &mut dyn Progress,
) -> Result<MachineRun, MachineReplayError> {
    options.check()?;
    if traces.is_empty() {
        return Err(MachineReplayError::NoTraces);
    }
    let before = Before::of(machine);
    let mut programs = Vec::new();
    let result = begin(traces, machine, options, &mut programs);
    let total: u64 = programs.iter().map(|program| program.plan.total).fold(0, u64::saturating_add);
    let total = options.limit.map_or(total, |limit| limit.min(total));
    let run =
        MachineRun { page_size: machine.page_size(), frames: machine.frames(), ..MachineRun::default() };
    let mut runner = Runner { machine, programs, options, progress, run, done: 0, total, until_point: 0 };
    let result = result.and_then(|()| runner.all());
    if let Err(error) = result {
        let processes: Vec<ProcessId> = runner.programs.iter().map(|program| program.process).collect();
        for process in processes {
            // Some have exited by themselves.
            let _ = runner.machine.exit(process);
        }
        return Err(error);
    }
    Ok(runner.finish(&before))
}

fn refused(error: crate::vm::VmError) -> MachineReplayError {
    MachineReplayError::Machine { name: String::new(), error }
}

/// Makes the processes and maps what they begin with.
fn begin<'a>(
    traces: &[&'a AccessTrace],
    machine: &mut Machine,
    options: &MachineReplayOptions,
    programs: &mut Vec<Program<'a>>,
) -> Result<(), MachineReplayError> {
    let paging = machine.config().paging;
    let areas = usize::try_from(machine.config().max_map_count / 2).unwrap_or(usize::MAX);
    let space = Space { page_bits: paging.page_bits(), limit: paging.address_limit(), areas };
    for (number, trace) in traces.iter().enumerate() {
        let plan = Plan::new(number, trace, space, options)?;
        let process = machine.spawn().map_err(refused)?;
        let address_space = AddressSpace::new(process, machine);
        let ranges = plan.areas.clone();
        programs.push(Program {
            process,
            plan,
            space: address_space.clone(),
            at: 0,
            of_run: 0,
            next_event: 0,
            is_over: false,
            run: ProcessRun { process, ..ProcessRun::default() },
        });
        for range in ranges {
            address_space.map(machine, range).map_err(refused)?;
        }
    }
    Ok(())
}

/// A program under way.
struct Program<'a> {
    process: ProcessId,
    plan: Plan<'a>,
    space: AddressSpace,
    /// The access that is next, and how many of its run are done.
    at: usize,
    of_run: u32,
    next_event: usize,
    is_over: bool,
    run: ProcessRun,
}

/// What the machine had counted when the run began.
struct Before {
    counters: Counters,
    time: Cycles,
    tlbs: Vec<TlbLevelRun>,
}

impl Before {
    fn of(machine: &Machine) -> Before {
        Before { counters: machine.counters().clone(), time: machine.time().clone(), tlbs: tlbs(machine) }
    }
}

fn tlbs(machine: &Machine) -> Vec<TlbLevelRun> {
    let levels = machine.tlb_levels();
    let run = |(names, stats): (String, crate::vm::TlbLevelStats)| TlbLevelRun {
        names,
        hits: stats.hits,
        misses: stats.misses,
        flushes: stats.flushes,
    };
    levels.into_iter().map(run).collect()
}

struct Runner<'a, 'p> {
    machine: &'a mut Machine,
    programs: Vec<Program<'a>>,
    options: &'a MachineReplayOptions,
    progress: &'p mut dyn Progress,
    run: MachineRun,
    done: u64,
    total: u64,
    /// Accesses to the next point of the series.
    until_point: u64,
}

impl Runner<'_, '_> {
    fn all(&mut self) -> Result<(), MachineReplayError> {
        self.look()?;
        loop {
            let mut alive = 0;
            for number in 0..self.programs.len() {
                if self.programs[number].is_over {
                    continue;
                }
                self.turn(number)?;
                alive += usize::from(!self.programs[number].is_over);
            }
            if alive == 0 || self.done >= self.total {
                return Ok(());
            }
        }
    }

    /// One program runs for its time, or to its end.
    fn turn(&mut self, number: usize) -> Result<(), MachineReplayError> {
        let mut left = self.options.schedule.turn(number).min(self.total - self.done);
        while left > 0 && !self.programs[number].is_over {
            let program = &mut self.programs[number];
            Self::obey_events(program, self.machine, &mut self.run);
            if program.at >= program.plan.accesses.len() {
                break;
            }
            let stretch = left.min(LOOK);
            let done = self.stretch(number, stretch);
            left -= done;
            self.done += done;
            self.look()?;
        }
        self.look_at(number);
        let program = &mut self.programs[number];
        if program.at >= program.plan.accesses.len() {
            Self::obey_events(program, self.machine, &mut self.run);
            self.end(number);
        }
        Ok(())
    }

    /// Obeys the events that stand before the next access.
    fn obey_events(program: &mut Program<'_>, machine: &mut Machine, run: &mut MachineRun) {
        while let Some(&(_, event)) =
            program.plan.events.get(program.next_event).filter(|(index, _)| *index <= program.at)
        {
            program.next_event += 1;
            match program.space.obey(machine, event) {
                Ok(()) => run.events += 1,
                Err(_) => run.events_refused += 1,
            }
        }
    }

    /// Runs up to so many accesses, to the next event at most; gives how many.
    fn stretch(&mut self, number: usize, most: u64) -> u64 {
        let Runner { machine, programs, run, .. } = self;
        let program = &mut programs[number];
        let process = program.process;
        let to_event = program.plan.events.get(program.next_event).map_or(usize::MAX, |(index, _)| *index);
        let accesses = &program.plan.accesses[..program.plan.accesses.len().min(to_event)];
        let has_sizes = program.plan.has_sizes;
        let mut kinds = [0u64; 3];
        let mut done = 0;
        let (mut at, mut of_run) = (program.at, program.of_run);
        let mut is_over = false;
        while at < accesses.len() && done < most && !is_over {
            let access = accesses[at];
            let size = if has_sizes { u64::from(access.size.max(1)) } else { 1 };
            let times = u64::from(access.count - of_run).min(most - done);
            let kind = Access::from(access.kind);
            for _ in 0..times {
                done += 1;
                if let Err(fault) = machine.access(process, access.address, size, kind) {
                    is_over = Self::faulted(machine, run, &program.space, fault, (access.address, size));
                    if is_over {
                        break;
                    }
                }
            }
            kinds[kind as usize] += times;
            of_run += times as u32;
            if of_run == access.count {
                (at, of_run) = (at + 1, 0);
            }
        }
        (program.at, program.of_run, program.is_over) = (at, of_run, is_over);
        program.run.is_killed |= is_over;
        program.run.accesses += done;
        run.accesses += done;
        run.reads += kinds[Access::Read as usize];
        run.writes += kinds[Access::Write as usize];
        run.executes += kinds[Access::Execute as usize];
        done
    }

    /// An access ended in a signal; tells whether the program is over.
    #[cold]
    fn faulted(
        machine: &mut Machine,
        run: &mut MachineRun,
        space: &AddressSpace,
        fault: Fault,
        (address, size): (u64, u64),
    ) -> bool {
        let mut fault = fault;
        if fault.kind == FaultKind::MapErr {
            if let Ok(mapped) = space.map_late(machine, address, size) {
                run.mapped_late += mapped;
                match machine.access(fault.process, address, size, fault.access) {
                    Ok(()) => return false,
                    Err(again) => fault = again,
                }
            }
        }
        match run.signals.iter_mut().find(|(kind, _)| *kind == fault.kind) {
            Some((_, count)) => *count += 1,
            None => run.signals.push((fault.kind, 1)),
        }
        matches!(fault.kind, FaultKind::OutOfMemory | FaultKind::NoProcess)
    }

    /// A program has come to the end of its trace: it exits, unless it is the last.
    fn end(&mut self, number: usize) {
        self.account(number);
        let is_last = self.programs.iter().filter(|program| !program.is_over).count() <= 1;
        let program = &mut self.programs[number];
        if !program.is_over && !is_last {
            let _ = self.machine.exit(program.process);
        }
        program.is_over = true;
    }

    /// Notes what a program has, while it lives.
    fn account(&mut self, number: usize) {
        let program = &mut self.programs[number];
        if let (Ok(counters), Ok(time), Ok(usage)) = (
            self.machine.process_counters(program.process),
            self.machine.process_time(program.process),
            self.machine.usage(program.process),
        ) {
            (program.run.counters, program.run.time, program.run.usage) = (counters, time, usage);
        }
    }

    /// Looks at one program.
    fn look_at(&mut self, number: usize) {
        let program = &mut self.programs[number];
        if let Ok(usage) = self.machine.usage(program.process) {
            program.run.peak_rss = program.run.peak_rss.max(usage.rss());
        }
    }

    /// Looks at the machine, keeps a point and reports where that is due.
    fn look(&mut self) -> Result<(), MachineReplayError> {
        let (mut rss, mut tables) = (0, 0);
        for program in &mut self.programs {
            if let Ok(usage) = self.machine.usage(program.process) {
                rss += usage.rss();
                program.run.peak_rss = program.run.peak_rss.max(usage.rss());
            }
            tables += self.machine.table_bytes(program.process).unwrap_or(0);
        }
        let is_thrashing = self.machine.thrashing();
        self.run.peak_rss = self.run.peak_rss.max(rss);
        self.run.peak_table_bytes = self.run.peak_table_bytes.max(tables);
        self.run.looks += 1;
        self.run.thrashing_looks += u64::from(is_thrashing);
        let interval = self.options.series_interval;
        if interval > 0 && self.done >= self.until_point {
            self.until_point = self.done.saturating_add(interval);
            let (counters, time) = (self.machine.counters(), self.machine.time());
            let major = counters[Count::Major];
            self.run.series.push(MachinePoint {
                accesses: self.done,
                cycles: time.total() - time[crate::vm::Cause::Background],
                faults: counters[Count::Minor] + major,
                major,
                evicted: counters[Count::Evicted],
                rss,
                free_frames: self.machine.free_frames(),
                is_thrashing,
            });
        }
        if self.run.looks % REPORT == 0 && self.progress.report(self.done, Some(self.total)).is_break() {
            return Err(MachineReplayError::Cancelled);
        }
        Ok(())
    }

    fn finish(mut self, before: &Before) -> MachineRun {
        for number in 0..self.programs.len() {
            if !self.programs[number].is_over {
                self.account(number);
            }
        }
        let mut run = self.run;
        for (count, _) in before.counters.iter() {
            run.counters[count] = self.machine.counters()[count] - before.counters[count];
        }
        for (cause, _) in before.time.iter() {
            run.time[cause] = self.machine.time()[cause] - before.time[cause];
        }
        run.tlbs = tlbs(self.machine);
        for (level, before) in run.tlbs.iter_mut().zip(&before.tlbs) {
            level.hits -= before.hits;
            level.misses -= before.misses;
            level.flushes -= before.flushes;
        }
        if let Some(caches) = self.machine.caches() {
            let levels = caches.config().levels.iter().enumerate();
            let level = |(number, level): (usize, &crate::cache::LevelConfig)| CacheLevelRun {
                name: level.name.clone(),
                stats: caches.stats(number),
            };
            run.caches = levels.map(level).collect();
        }
        for program in self.programs {
            let mut of_program = program.run;
            of_program.skipped = program.plan.total - of_program.accesses;
            run.skipped += of_program.skipped;
            run.processes.push(of_program);
        }
        run
    }
}
