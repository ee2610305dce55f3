//! Traces through the machine, held against the simulation of pages alone, against counts by hand, and against
//! themselves by other ways.

use core::ops::ControlFlow;
use memcore::replacement::PolicySpec;
use memcore::replay::machine::*;
use memcore::replay::paging::{PagingOptions, simulate};
use memcore::trace::{Access, AccessKind, AccessTrace, PageTrace, Unit};
use memcore::vm::*;

/// Pages in no order that a policy could know, with some locality; every third access writes.
fn string(length: usize, pages: u64, seed: u64) -> (Vec<u64>, Vec<AccessKind>) {
    let mut state = seed;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut near = 0;
    let keys = (0..length).map(|_| {
        if draw(40) == 0 {
            near = draw(pages);
        }
        if draw(3) == 0 { draw(pages) } else { (near + draw(5)) % pages }
    });
    let keys = keys.collect();
    let kinds =
        (0..length).map(|at| if at % 3 == 0 { AccessKind::Write } else { AccessKind::Read }).collect();
    (keys, kinds)
}

fn textbook(policy: &str, frames: u64) -> MachineConfig {
    let mut config = MachineConfig::preset("textbook").unwrap();
    config.set("memory.frames", &frames.to_string()).unwrap();
    config.set("replacement.policy", policy).unwrap();
    config
}

fn faults(counters: &Counters) -> u64 {
    counters[Count::Minor] + counters[Count::Major]
}

fn run(
    traces: &[&AccessTrace],
    config: &MachineConfig,
    options: &MachineReplayOptions,
) -> (MachineRun, Machine) {
    let (run, machine) = replay_machine(traces, config, options, &mut ()).unwrap();
    machine.validate().unwrap();
    let parts: u64 = run.processes.iter().map(|process| process.accesses).sum();
    assert_eq!(parts, run.accesses);
    assert_eq!(run.reads + run.writes + run.executes, run.accesses);
    (run, machine)
}

/// A machine in which a policy sees each reference misses as often as the policy alone does.
#[test]
fn the_machine_faults_where_the_simulation_misses() {
    for (number, policy) in PolicySpec::names().iter().enumerate() {
        let facts = policy.parse::<PolicySpec>().unwrap().facts();
        // NRU asks what is dirty, and private memory that is nowhere else always is.
        if facts.needs_future || facts.varies_allocation || *policy == "nru" {
            continue;
        }
        for frames in [1, 3, 10, 25] {
            let (keys, kinds) = string(3000, 40, number as u64 * 31 + frames);
            let pages = PageTrace::from_keys(&keys, None).unwrap();
            let alone =
                simulate(&pages, &policy.parse().unwrap(), frames as u32, &PagingOptions::default(), &mut ());
            let accesses = keys.iter().zip(&kinds).map(|(&key, &kind)| Access::new(key, 1, kind)).collect();
            let trace = AccessTrace::from_accesses(accesses, Vec::new(), Unit::Numbers).unwrap();
            let (run, _) = run(&[&trace], &textbook(policy, frames), &MachineReplayOptions::default());
            assert_eq!(faults(&run.counters), alone.unwrap().misses, "{policy} in {frames}");
            assert_eq!(run.writes, 1000);
            assert_eq!(run.peak_rss, frames.min(40), "{policy} in {frames}");
        }
    }
}

/// Silberschatz' formula by hand: memory 200 ns, twice an access without a TLB, and 8 ms for a page from the device.
#[test]
fn the_effective_access_time_is_that_of_the_formula() {
    // Three pages, all written, in two frames by FIFO: each access faults; from the fourth on the page comes back
    // from the device.
    let keys: Vec<u64> = (0..30).map(|at| at % 3).collect();
    let accesses = keys.iter().map(|&key| Access::new(key, 1, AccessKind::Write)).collect();
    let trace = AccessTrace::from_accesses(accesses, Vec::new(), Unit::Numbers).unwrap();
    let (run, _) = run(&[&trace], &textbook("fifo", 2), &MachineReplayOptions::default());
    assert_eq!((run.counters[Count::Minor], run.counters[Count::Major]), (3, 27));
    assert_eq!(run.time[Cause::SwapRead], 27 * 8_000_000);
    assert_eq!(run.time[Cause::Data], 30 * 200);
    assert_eq!(run.time[Cause::Walk], 30 * 200);
    let all: f64 = run.breakdown().iter().map(|(_, percent)| percent).sum();
    assert!((all - 100.0).abs() < 1e-9);
    assert_eq!(run.average(), run.cycles() as f64 / 30.0);
}

fn protections(machine: &Machine, process: ProcessId) -> Vec<(u64, u64, String)> {
    let areas = machine.areas(process).unwrap();
    areas.map(|area| (area.start / 4096, area.end / 4096, area.protection.to_string())).collect()
}

#[test]
fn events_are_obeyed() {
    // 401 and 402 are there from the beginning; 4835 to 4838 are mapped, the last is taken away, one forbidden.
    let text = b"X 401 2\nR 402\nm 4835 4 3 34\nW 4835\nW 4836\np 4836 1 1\nW 4836\nu 4838 1\nR 4838\n\
                 b 6000\nb 6002\nW 6001\nb 6001\nv 4835 1 7000 2\nW 7001\n";
    let trace = AccessTrace::read_bytes(text).unwrap();
    let (run, machine) = run(&[&trace], &MachineConfig::default(), &MachineReplayOptions::default());
    let process = run.processes[0].process;
    // The write to a page that may only be read ends in a signal; the page that was taken away comes back late.
    assert_eq!(run.signals, [(FaultKind::AccErr, 1)]);
    assert_eq!((run.mapped_late, run.events, run.events_refused), (1, 7, 0));
    let expected = [
        (0x401, 0x403, "rwx"),
        (0x4836, 0x4837, "r--"),
        (0x4837, 0x4838, "rw-"),
        (0x4838, 0x4839, "rwx"),
        (0x6000, 0x6001, "rw-"),
        (0x7000, 0x7002, "rw-"),
    ];
    let found = protections(&machine, process);
    let found: Vec<_> =
        found.iter().map(|(start, end, protection)| (*start, *end, protection.as_str())).collect();
    assert_eq!(found, expected);
    // Pages 4835 (at 7000 by now) and 7001 were written, 4836 too; 401, 402 and 4838 hold data of the program.
    assert_eq!(machine.usage(process).unwrap().rss(), 6);
}

#[test]
fn programs_take_turns_by_their_weights() {
    let trace = |pages: u64, length: u64| {
        let addresses: Vec<u64> = (0..length).map(|at| 0x10_0000 + at % pages * 4096).collect();
        AccessTrace::from_columns(&addresses, None, None).unwrap()
    };
    let (one, two) = (trace(10, 4000), trace(30, 1000));
    let schedule = Schedule { quantum: 100, weights: vec![3, 1] };
    let options = MachineReplayOptions { schedule, series_interval: 400, ..MachineReplayOptions::default() };
    let config = MachineConfig { asids: 0, ..MachineConfig::default() };
    let (run, machine) = run(&[&one, &two], &config, &options);
    // 300 and 100 in turn: after 4000 the second has its 1000 done, the first 3000.
    assert_eq!((run.processes[0].accesses, run.processes[1].accesses), (4000, 1000));
    assert_eq!((run.processes[0].peak_rss, run.processes[1].peak_rss), (10, 30));
    // Without address-space ids each turn begins with empty TLBs: ten turns of both, then one of the first (it
    // keeps its translations, for nobody else runs).
    let misses = |process: usize| run.processes[process].counters[Count::TlbMiss];
    assert_eq!((misses(0), misses(1)), (10 * 10 + 10, 10 * 30));
    for count in Count::ALL {
        let sum: u64 = run.processes.iter().map(|process| process.counters[*count]).sum();
        // What is dropped as a process exits is nobody's.
        let is_all = sum == run.counters[*count] || *count == Count::TlbFlush;
        assert!(is_all, "{}: {sum} of {}", count.name(), run.counters[*count]);
    }
    assert_eq!(run.peak_rss, 40);
    // The second ended first, and exited; the last stays.
    assert_eq!(machine.processes().collect::<Vec<_>>(), [run.processes[0].process]);
    assert!(run.series.len() >= 10 && run.series.windows(2).all(|pair| pair[0].accesses < pair[1].accesses));
}

#[test]
fn what_does_not_fit_is_packed() {
    let high = [u64::MAX - 5, 0x8000_0000_1000, 0x8000_0000_2ffe, 77];
    let trace = AccessTrace::from_columns(&high, Some(&[8, 8, 8, 1]), None).unwrap();
    let config = MachineConfig::default();
    let (run, machine) = run(&[&trace], &config, &MachineReplayOptions::default());
    // Pages 0, 0x8000_0000_1 to _3 and the last one: five.
    assert_eq!(protections(&machine, run.processes[0].process), [(0, 5, "rwx".to_owned())]);
    assert_eq!(machine.usage(run.processes[0].process).unwrap().rss(), 5);
    assert_eq!(run.signals, []);
    let recorded = MachineReplayOptions { placement: Placement::Recorded, ..MachineReplayOptions::default() };
    let error = replay_machine(&[&trace], &config, &recorded, &mut ()).unwrap_err();
    assert!(
        matches!(error, MachineReplayError::Address { trace: 0, limit: 0x7fff_ffff_f000, .. }),
        "{error}"
    );
    let many =
        AccessTrace::from_columns(&(0..65).map(|at| at * 4096).collect::<Vec<_>>(), None, None).unwrap();
    let error = replay_machine(&[&many], &textbook("fifo", 4), &MachineReplayOptions::default(), &mut ());
    assert!(matches!(error, Err(MachineReplayError::Pages { pages: 65, limit: 64, .. })));
}

#[test]
fn holes_join_until_the_areas_are_few() {
    let addresses: Vec<u64> = (0..100).map(|at| at * 40 * 4096).collect();
    let trace = AccessTrace::from_columns(&addresses, None, None).unwrap();
    let areas = |max_map_count: u64, join_pages: u64| {
        let config = MachineConfig { max_map_count, ..MachineConfig::default() };
        let options = MachineReplayOptions { join_pages, ..MachineReplayOptions::default() };
        let (run, machine) = run(&[&trace], &config, &options);
        machine.areas(run.processes[0].process).unwrap().count()
    };
    assert_eq!((areas(1000, 0), areas(1000, 38), areas(1000, 39), areas(100, 0)), (100, 100, 1, 1));
}

#[test]
fn a_program_that_is_killed_is_over() {
    let mut config = MachineConfig::preset("small").unwrap();
    config.swap.pages = 0;
    let addresses: Vec<u64> = (0..200).map(|at| at * 4096).collect();
    let kinds = vec![AccessKind::Write; 200];
    let trace = AccessTrace::from_columns(&addresses, None, Some(&kinds)).unwrap();
    let (run, machine) = run(&[&trace], &config, &MachineReplayOptions::default());
    assert!(run.processes[0].is_killed);
    assert_eq!(run.signals, [(FaultKind::OutOfMemory, 1)]);
    assert_eq!((run.accesses + run.skipped, run.counters[Count::OomKill]), (200, 1));
    assert_eq!(machine.processes().count(), 0);
}

#[test]
fn configurations_compare_the_same_on_threads() {
    let (keys, _) = string(20_000, 500, 9);
    let addresses: Vec<u64> = keys.iter().map(|key| 0x4000_0000 + key * 4096).collect();
    let trace = AccessTrace::from_columns(&addresses, None, None).unwrap();
    let mut tight = MachineConfig::preset("small").unwrap();
    tight.swap.pages = 1000;
    let configs = [
        ("tight", tight),
        ("linux", MachineConfig::default()),
        ("sv39", MachineConfig::preset("riscv-sv39").unwrap()),
    ];
    let options = MachineReplayOptions::default();
    let one = compare_machines(&[&trace], &configs, &options, &mut ()).unwrap();
    let threads = MachineReplayOptions { threads: 3, ..options };
    assert_eq!(compare_machines(&[&trace], &configs, &threads, &mut ()).unwrap(), one);
    assert_eq!(one.iter().map(|run| run.name.as_str()).collect::<Vec<_>>(), ["tight", "linux", "sv39"]);
    assert!(one[0].counters[Count::SwapIn] > 0 && one[1].counters[Count::SwapIn] == 0);
    let mut stop = |_: u64, _: Option<u64>| ControlFlow::Break(());
    let long: Vec<u64> = addresses.iter().cycle().take(400_000).copied().collect();
    let long = AccessTrace::from_columns(&long, None, None).unwrap();
    for options in [&threads, &MachineReplayOptions::default()] {
        let stopped = compare_machines(&[&long], &configs, options, &mut stop);
        assert!(matches!(stopped, Err(MachineReplayError::Cancelled)));
    }
}

#[test]
fn options_are_checked() {
    let trace = AccessTrace::from_columns(&[1, 2, 3], None, None).unwrap();
    let config = MachineConfig::preset("small").unwrap();
    let with = |change: fn(&mut MachineReplayOptions)| {
        let mut options = MachineReplayOptions::default();
        change(&mut options);
        replay_machine(&[&trace], &config, &options, &mut ()).map(|(run, _)| run)
    };
    assert!(with(|options| options.schedule.quantum = 0).is_err());
    assert!(with(|options| options.schedule.weights = vec![1, 0]).is_err());
    assert!(with(|options| options.threads = 0).is_err());
    let cut = with(|options| options.limit = Some(2)).unwrap();
    assert_eq!((cut.accesses, cut.skipped), (2, 1));
    let none = replay_machine(&[], &config, &MachineReplayOptions::default(), &mut ());
    assert!(matches!(none, Err(MachineReplayError::NoTraces)));
}

#[test]
fn a_recorded_program_runs_through() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/walk.lackey.xz");
    let trace = AccessTrace::open(path, &Default::default(), &mut ()).unwrap();
    let (run, machine) = run(&[&trace], &MachineConfig::default(), &MachineReplayOptions::default());
    assert_eq!((run.skipped, run.signals.len()), (0, 0));
    let total: u64 = trace.accesses().iter().map(|access| u64::from(access.count)).sum();
    assert_eq!(run.accesses, total);
    // Each page that the trace uses is in memory, and each was a fault.
    let mut pages = std::collections::BTreeSet::new();
    for access in trace.accesses() {
        pages.extend(access.address >> 12..=access.last() >> 12);
    }
    assert_eq!(machine.usage(run.processes[0].process).unwrap().rss(), pages.len() as u64);
    assert_eq!(faults(&run.counters), pages.len() as u64);
}
