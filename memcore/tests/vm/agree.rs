//! Two worlds side by side over sequences drawn at random: every answer, every byte, every fault, every page.

use crate::machine::Simulated;
use crate::model::{Commit, Model, Rules};
use crate::random::{Draw, Step, steps};
use crate::world::*;
use memcore::vm::{MachineConfig, NodeConfig};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// As many cases as `PROPTEST_CASES` says, the same ones each time.
fn runner(otherwise: u32) -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = ProptestConfig {
        cases: cases.unwrap_or(otherwise),
        // A case that fails becomes a script with a name, not a file of seeds.
        failure_persistence: None,
        max_shrink_iters: 3000,
        ..ProptestConfig::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Takes the steps in the model and in another world, and compares after each.
fn compare(model: &mut Model, other: &mut dyn World, steps: &[Step], most: usize) -> Result<(), TestCaseError> {
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
        if ours.answer != Answer::Unable {
            prop_assert_eq!(&ours.answer, &theirs.answer, "answers (left: model) of {}", what());
        }
        if let (Some(ours), Some(theirs)) = (ours.faults, theirs.faults) {
            prop_assert_eq!(ours, theirs, "faults (left: model) of {}", what());
        }
        if index % 4 == 3 || index + 1 == steps.len() {
            for who in model.alive() {
                let areas = (by_page(&model.areas(who)), by_page(&other.areas(who)));
                prop_assert_eq!(areas.0, areas.1, "areas (left: model) of process {} after {}", who, what());
                if let (Some(ours), Some(theirs)) = (model.resident(who), other.resident(who)) {
                    prop_assert_eq!(ours, theirs, "resident pages (left: model) of {} after {}", who, what());
                }
            }
        }
        other.check();
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
    let draw = Draw { pages: 20, simulated: false, longest: 60 };
    let run = |steps: Vec<Step>| {
        let mut linux = Linux::new().unwrap();
        compare(&mut Model::new(Rules::default()), &mut linux, &steps, WORKERS)
    };
    runner(300).run(&steps(draw), run).unwrap_or_else(|failure| panic!("{failure}"));
}

/// A machine with memory for all, in which nothing happens by itself.
pub fn ample() -> MachineConfig {
    let mut config = MachineConfig::default();
    config.memory.nodes = vec![NodeConfig::new(4096)];
    config.swap.pages = 0;
    config.faults.file_read_ahead = 0;
    config
}

/// The machine against the model: every answer, byte and fault.
#[test]
fn machine_and_model() {
    let draw = Draw { pages: 20, simulated: true, longest: 80 };
    let run = |steps: Vec<Step>| {
        let mut machine = Simulated::new(ample(), false);
        let rules = Rules {
            watch_writes: true,
            remembers_writes: false,
            heap: machine.heap(),
            commit: Commit::Heuristic { all: 4096 },
            ..Rules::default()
        };
        compare(&mut Model::new(rules), &mut machine, &steps, 4)
    };
    runner(300).run(&steps(draw), run).unwrap_or_else(|failure| panic!("{failure}"));
}
