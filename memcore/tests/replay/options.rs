//! Options out of range, and what no strategy can be asked for.

use memcore::alloc::AllocError;
use memcore::replay::{ReplayError, ReplayOptions, replay_strategy};
use memcore::trace::Event;

use super::{run, strategy, trace, within};

fn refusal(options: ReplayOptions) -> (&'static str, u64) {
    match replay_strategy(&trace(&[Event::malloc(0, 1)]), &strategy("first-fit"), &options, &mut ()) {
        Err(ReplayError::BadOption { name, value, .. }) => (name, value),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bad_option_is_named_with_its_value() {
    let good = ReplayOptions::default();
    assert_eq!(refusal(ReplayOptions { align: 24, ..good }), ("align", 24));
    assert_eq!(refusal(ReplayOptions { align: 0, ..good }), ("align", 0));
    assert_eq!(refusal(ReplayOptions { granularity: 3, ..good }), ("granularity", 3));
    assert_eq!(refusal(within(15)), ("capacity", 15));
    assert_eq!(refusal(ReplayOptions { series_points: 0, ..good }), ("series_points", 0));
    assert_eq!(refusal(ReplayOptions { series_points: 65537, ..good }), ("series_points", 65537));
    assert_eq!(refusal(ReplayOptions { header: 8, ..good }), ("header", 8));
    assert_eq!(refusal(ReplayOptions { header: 12, granularity: 8, ..good }), ("header", 12));
}

#[test]
fn what_no_block_of_the_strategy_can_have_is_an_error_before_the_start() {
    let trace = trace(&[Event::malloc(0, 1)]);
    let eight = ReplayOptions { granularity: 8, header: 8, ..ReplayOptions::default() };
    for (name, options) in [
        ("buddy", eight),
        ("pool:slot=64", eight),
        ("pool:slot=24", ReplayOptions { granularity: 8, ..ReplayOptions::default() }),
    ] {
        match replay_strategy(&trace, &strategy(name), &options, &mut ()) {
            Err(ReplayError::Impossible { align: 16, header, .. }) => assert_eq!(header, options.header),
            other => panic!("{name}: {other:?}"),
        }
    }
    let sixteen = ReplayOptions { header: 16, ..ReplayOptions::default() };
    for name in super::STRATEGIES {
        assert_eq!(run(&trace, name, &sixteen).failures, 0, "{name}");
    }
}

#[test]
fn a_space_that_is_too_small_for_anything_counts_failures() {
    let trace = trace(&[Event::malloc(0, 1), Event::free(0)]);
    let options = ReplayOptions { header: 16, ..ReplayOptions::default() };
    for (name, capacity) in [("pool:slot=16", None), ("first-fit", Some(16)), ("buddy", Some(16))] {
        let result = run(&trace, name, &ReplayOptions { capacity, ..options });
        assert_eq!((result.failures, result.skipped, result.footprint), (1, 1, 0), "{name}");
    }
}

#[test]
fn a_strategy_that_cannot_be_made_says_why() {
    let trace = trace(&[Event::malloc(0, 1)]);
    match replay_strategy(&trace, &strategy("pool:slot=4096"), &within(1024), &mut ()) {
        Err(ReplayError::Allocator { strategy, error: AllocError::BadParameter { name: "slot", .. } }) => {
            assert_eq!(strategy, "pool:slot=4096");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_result_repeats_the_options_and_rounds_the_capacity() {
    let options = ReplayOptions { align: 32, header: 16, ..within(1000) };
    let result = run(&trace(&[Event::malloc(0, 1)]), "tlsf:probe=3", &options);
    assert_eq!(result.strategy, "tlsf:probe=3");
    assert_eq!((result.capacity, result.align, result.granularity, result.header), (992, 32, 16, 16));
}
