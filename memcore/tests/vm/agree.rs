//! Two worlds side by side over sequences drawn at random: every answer, every byte, every fault, every page.

use crate::machine::Simulated;
use crate::model::{Commit, Model, Place, Rules};
use crate::random::{Draw, Step, steps};
use crate::world::*;
use memcore::replacement::PolicySpec;
use memcore::vm::{CompressConfig, Count, HugeMode, MachineConfig, NodeConfig};
use memcore::vm::{LayoutConfig, OvercommitConfig, OvercommitMode, Scope, Sight, WatermarkConfig};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;

/// As many cases as `PROPTEST_CASES` says, the same ones each time.
fn runner(otherwise: u32) -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = ProptestConfig {
        cases: cases.unwrap_or(otherwise),
        // A case that fails becomes a script with a name, not a file of seeds.
        failure_persistence: None,
        max_shrink_iters: 1000,
        ..ProptestConfig::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// What is compared besides answers and bytes.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    /// How many faults an access takes, which pages are in memory.
    Closely,
    /// Nothing: pages come and go by themselves.
    FromAfar,
}

/// Takes the steps in the model and in another world, and compares after each.
fn compare<W: World>(
    model: &mut Model,
    other: &mut W,
    steps: &[Step],
    most: usize,
    look: Look,
    mut meanwhile: impl FnMut(&mut W, usize),
) -> Result<(), TestCaseError> {
    let mut processes = 1;
    for (index, step) in steps.iter().enumerate() {
        let alive = model.alive();
        let who = alive[step.who % alive.len()];
        match step.call {
            ref call if !other.can(call) => continue,
            Call::Fork if processes == most => continue,
            Call::Exit if alive.len() == 1 => continue,
            Call::Fork => processes += 1,
            _ => {}
        }
        let (ours, theirs) = (model.call(who, &step.call), other.call(who, &step.call));
        let what = || format!("step {index}, {:x?} by process {who}", step.call);
        // What a fork hands down is not always sure.
        let told = look == Look::Closely || !matches!(step.call, Call::Incore { .. });
        if ours.answer != Answer::Unable && told {
            prop_assert_eq!(&ours.answer, &theirs.answer, "answers (left: model) of {}", what());
        }
        if let (Look::Closely, Some(ours), Some(theirs)) = (look, ours.faults, theirs.faults) {
            prop_assert_eq!(ours, theirs, "faults (left: model) of {}", what());
        }
        if index % 4 == 3 || index + 1 == steps.len() {
            for who in model.alive() {
                let areas = (by_page(&model.areas(who)), by_page(&other.areas(who)));
                prop_assert_eq!(areas.0, areas.1, "areas (left: model) of process {} after {}", who, what());
                let resident = (look, model.resident(who), other.resident(who));
                if let (Look::Closely, Some(ours), Some(theirs)) = resident {
                    prop_assert_eq!(ours, theirs, "resident pages (left: model) of {} after {}", who, what());
                }
            }
        }
        other.check();
        meanwhile(other, index);
    }
    Ok(())
}

/// The model against Linux itself.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn model_and_linux() {
    use crate::linux::{Linux, WORKERS};
    if Linux::new().is_none() {
        return;
    }
    let draw = Draw { simulated: false, longest: 60, ..AMPLE };
    let run = |steps: Vec<Step>| {
        let mut linux = Linux::new().unwrap();
        compare(&mut Model::new(Rules::default()), &mut linux, &steps, WORKERS, Look::Closely, |_, _| ())
    };
    runner(300).run(&steps(draw), run).unwrap_or_else(|failure| panic!("{failure}"));
}

/// All that is drawn.
const AMPLE: Draw =
    Draw { pages: 20, simulated: true, longest: 80, first: 0, locks: true, huge: false, shared: true };

/// A machine with memory for all, in which nothing happens by itself.
pub fn ample() -> MachineConfig {
    let mut config = MachineConfig::default();
    config.memory.nodes = vec![NodeConfig::new(4096)];
    config.swap.pages = 0;
    config.faults.file_read_ahead = 0;
    config
}

/// The rules in which a machine differs from the Linux that the tests run on.
fn rules(machine: &Simulated) -> Rules {
    Rules { watch_writes: true, remembers_writes: false, heap: machine.heap(), ..Rules::default() }
}

/// The machine against the model: every answer, byte and fault.
#[test]
fn machine_and_model() {
    let run = |steps: Vec<Step>| {
        let mut machine = Simulated::new(ample(), false);
        let rules = rules(&machine);
        compare(&mut Model::new(rules), &mut machine, &steps, 4, Look::Closely, |_, _| ())
    };
    runner(300).run(&steps(AMPLE), run).unwrap_or_else(|failure| panic!("{failure}"));
}

/// What nobody places goes to the highest hole that is large enough.
#[test]
fn places() {
    let run = |steps: Vec<Step>| {
        let mut machine = Simulated::new(ample(), true);
        let window = machine.window();
        let place = Place::TopDown { low: window.start, high: window.end };
        let mut model = Model::new(Rules { place, ..rules(&machine) });
        compare(&mut model, &mut machine, &steps, 4, Look::Closely, |_, _| ())
    };
    runner(200).run(&steps(AMPLE), run).unwrap_or_else(|failure| panic!("{failure}"));
}

/// Where nothing is promised that cannot be kept: private memory alone, for here Linux charges shared memory once,
/// and the machine each mapping of it.
#[test]
fn promises() {
    let draw = Draw { simulated: false, shared: false, ..AMPLE };
    let run = |steps: Vec<Step>| {
        let mut config = ample();
        config.layout = Some(LayoutConfig { flat: true, ..LayoutConfig::default() });
        config.overcommit = OvercommitConfig {
            mode: OvercommitMode::Never,
            kbytes: Some(25 * PAGE / 1024),
            admin_reserve_kb: 0,
            user_reserve_kb: 0,
            ..OvercommitConfig::default()
        };
        let mut machine = Simulated::new(config, false);
        let mut model = Model::new(Rules { commit: Commit::Never { limit: 25 }, ..rules(&machine) });
        compare(&mut model, &mut machine, &steps, 4, Look::Closely, |_, _| ())
    };
    runner(200).run(&steps(draw), run).unwrap_or_else(|failure| panic!("{failure}"));
}

/// A machine with far too little memory for what is asked of it, but swap for all of it.
fn scarce(policy: &str) -> MachineConfig {
    let mut config = MachineConfig::default();
    config.memory.nodes = vec![NodeConfig::new(24)];
    config.memory.watermarks = WatermarkConfig::Frames { min: 2, low: 4, high: 6 };
    config.tables_take_frames = false;
    config.swap.pages = 1024;
    config.overcommit.mode = OvercommitMode::Always;
    config.replacement.policy = policy.parse().unwrap();
    config.replacement.batch = 4;
    config
}

/// Steps on a machine where pages leave: reclaimed because memory is short, or on request; merged; compressed.
///
/// All these must have happened in the end.
fn under_pressure(config: &MachineConfig, draw: Draw, cases: u32, prologue: &[Call], happen: &[Count]) {
    let happened = RefCell::new(vec![0; happen.len()]);
    let first: Vec<Step> = prologue.iter().map(|call| Step { who: 0, call: call.clone() }).collect();
    let run = |steps: Vec<Step>| {
        let mut machine = Simulated::new(config.clone(), false);
        let mut model = Model::new(rules(&machine));
        let steps = [first.as_slice(), &steps].concat();
        compare(&mut model, &mut machine, &steps, 3, Look::FromAfar, |machine, index| {
            match index % 8 {
                2 => drop(machine.machine.merge_scan(30)),
                5 => drop(machine.machine.reclaim(index as u64 % 7)),
                7 => machine.collapse(),
                _ => {}
            }
            machine.check();
        })?;
        for (sum, &count) in happened.borrow_mut().iter_mut().zip(happen) {
            *sum += machine.machine.counters()[count];
        }
        Ok(())
    };
    let done = runner(cases).run(&steps(draw), run);
    done.unwrap_or_else(|failure| panic!("{}: {failure}", config.replacement.policy));
    let happened = happened.into_inner();
    assert!(!happened.contains(&0), "{}: {happen:?} happened {happened:?} times", config.replacement.policy);
}

const POOL: [Count; 4] = [Count::ZswapOut, Count::ZswapIn, Count::Merged, Count::Unmerged];
const SWAPPING: [Count; 3] = [Count::SwapOut, Count::SwapIn, Count::Merged];

/// Without locks, which may leave no frame for others, and without advice that contents may be lost.
const PRESSED: Draw = Draw { locks: false, ..AMPLE };

/// Equal pages that may be merged, in two processes.
fn mergeable(pages: u64) -> [Call; 4] {
    let length = pages * PAGE;
    let (protection, flags) = (RW, PRIVATE | FIXED);
    [
        Call::Map { at: BASE, length, protection, flags, file: None, offset: 0 },
        Call::Advise { at: BASE, length, advice: MERGEABLE },
        Call::Write { at: BASE, bytes: vec![5; length.min(16 * PAGE) as usize] },
        Call::Fork,
    ]
}

/// Whichever policy chooses who leaves, and whatever it knows: no byte is lost, and no answer changes.
#[test]
fn scarce_memory_under_each_policy() {
    for name in PolicySpec::names() {
        let facts = name.parse::<PolicySpec>().unwrap().facts();
        if facts.needs_future {
            continue;
        }
        for sight in [Sight::Bits, Sight::Every, Sight::Sampled(16)] {
            if facts.varies_allocation && sight != Sight::Every {
                continue;
            }
            let mut config = scarce(name);
            config.replacement.sight = sight;
            if sight == Sight::Sampled(16) {
                config.compression = Some(CompressConfig::default());
            }
            under_pressure(
                &config,
                PRESSED,
                12,
                &mergeable(20),
                if config.compression.is_some() { &POOL } else { &SWAPPING },
            );
        }
    }
}

/// Each process in frames of its own.
#[test]
fn scarce_memory_of_each_process() {
    for name in ["fifo", "clock", "working-set", "pff"] {
        let mut config = scarce(name);
        config.replacement.scope = Scope::Process(9);
        config.replacement.sight = Sight::Every;
        under_pressure(&config, PRESSED, 24, &mergeable(20), &SWAPPING);
    }
}

/// With a compressed pool that is soon full, on a device read in clusters.
#[test]
fn scarce_memory_with_compression() {
    let mut config = scarce("clock");
    config.compression = Some(CompressConfig::default());
    under_pressure(&config, PRESSED, 100, &mergeable(20), &POOL);
}

/// With huge pages: the steps cross the boundary between two of them.
#[test]
fn huge_pages_in_scarce_memory() {
    let mut config = scarce("clock");
    config.huge.mode = HugeMode::Always;
    config.memory.nodes = vec![NodeConfig::new(1800)];
    config.swap.pages = 8192;
    let draw = Draw { first: 502, huge: true, ..PRESSED };
    let happen = [Count::HugeFault, Count::HugeSplit, Count::HugeCollapse, Count::SwapIn];
    under_pressure(&config, draw, 40, &mergeable(1024), &happen);
}
