//! Engine and model side by side over long random runs.
//!
//! After every call the outcomes are equal, and so are the statistics, all regions, the largest hole, look-ups, tags and
//! histograms; `validate` finds nothing; and after an error everything is as it was before. Each strategy runs with all
//! kinds of spaces, with growable tables and with fixed ones, whose end it reaches.

use crate::engine::Engine;
use crate::model::model;
use crate::random::{Names, Step, space, step};
use crate::script::{Call, Space, Subject};
use memcore::alloc::storage::Fixed;
use memcore::alloc::{AnyAllocator, Strategy as Fit};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// As many cases as `PROPTEST_CASES` says.
pub fn cases(otherwise: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    // A case that fails becomes a vector or a test with a name, not a file of seeds.
    ProptestConfig {
        cases: cases.unwrap_or(otherwise),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Takes the steps with both, and compares after each.
fn compare(space: &Space, steps: &[Step], engine: &mut dyn Subject) -> Result<(), TestCaseError> {
    let mut model = model(space).unwrap();
    let mut names = Names::new(space);
    // Empty spans that were kept go before a request is refused; that each step's questions find.
    let gives_back = matches!(&space.strategy, Fit::SizeClasses(parameters) if parameters.keep);
    let state = |engine: &mut dyn Subject| (engine.call(&Call::Stats), engine.call(&Call::Regions));
    let mut before = state(engine);
    let mut story = String::new();
    for step in steps {
        let Some(call) = names.call(step) else { continue };
        let outcome = model.call(&call);
        story += &format!("\n{call:?} = {outcome}");
        prop_assert_eq!(engine.call(&call), &*outcome, "in the last of{}", story);
        names.note(&call, &outcome, &mut *model);
        let after = state(engine);
        if outcome.starts_with("error") && !gives_back {
            prop_assert_eq!(&before, &after, "an error changed something, in the last of{}", story);
        }
        for question in names.questions(step) {
            prop_assert_eq!(engine.call(&question), model.call(&question), "{:?} after{}", question, story);
        }
        before = after;
    }
    Ok(())
}

fn run(strategy: &'static str) {
    let case = |fixed| (space(strategy, fixed), prop::collection::vec(step(), 1..150));
    let growable = |(space, steps): (Space, Vec<Step>)| {
        let allocator = AnyAllocator::new(&space.strategy, space.options).unwrap();
        compare(&space, &steps, &mut Engine::new(allocator))
    };
    let fixed = |(space, steps): (Space, Vec<Step>)| {
        let most = space.fixed.unwrap();
        // What was in the buffer does not matter.
        let mut buffer = vec![u64::MAX; space.strategy.fixed_words(&space.options, most).unwrap()];
        let mut storage = Fixed::new(&mut buffer, most);
        let allocator = AnyAllocator::in_storage(&space.strategy, space.options, &mut storage);
        let allocator = allocator.expect("a buffer of fixed_words is large enough");
        compare(&space, &steps, &mut Engine::new(allocator))
    };
    let done = TestRunner::new(cases(120)).run(&case(false), growable);
    done.unwrap_or_else(|failure| panic!("{strategy}, growable: {failure}"));
    let done = TestRunner::new(cases(60)).run(&case(true), fixed);
    done.unwrap_or_else(|failure| panic!("{strategy}, fixed: {failure}"));
}

macro_rules! lockstep {
    ($($test:ident: $strategy:literal,)+) => {
        $(#[test]
        fn $test() {
            run($strategy);
        })+
    };
}

lockstep! {
    first_fit: "first-fit",
    next_fit: "next-fit",
    best_fit_lowest: "best-fit",
    best_fit_recent: "best-fit:tie=recent",
    worst_fit: "worst-fit",
    tlsf: "tlsf",
    tlsf_with_few_bins_and_probes: "tlsf:subdivisions=2,probe=3",
    tlsf_with_one_bin_a_power: "tlsf:subdivisions=1,probe=1",
    tlsf_lowest: "tlsf:tie=lowest",
    tlsf_lowest_with_probes: "tlsf:subdivisions=4,probe=2,tie=lowest",
    buddy: "buddy",
    size_classes: "size-classes:largest=256,span=512",
    size_classes_listed: "size-classes:classes=10+24+100,span=200,fallback=best-fit",
    size_classes_single_slots: "size-classes:steps=2,span=1,fallback=next-fit",
    size_classes_worst: "size-classes:steps=1,largest=64,span=300,fallback=worst-fit",
    size_classes_with_pages: "size-classes:largest=256,span=512,page=64",
    size_classes_with_dead_tails: "size-classes:classes=24+40+100,span=200,page=32,fallback=best-fit",
    size_classes_that_keep: "size-classes:largest=256,span=256,keep=1,fallback=tlsf",
    size_classes_that_keep_pages: "size-classes:classes=10+24+96,span=100,page=32,keep=1",
    size_classes_tlsf: "size-classes:largest=128,span=4096,fallback=tlsf",
    pool: "pool:slot=16",
    pool_of_large_slots: "pool:slot=1099511627776",
    bump: "bump",
    stack: "stack",
}
