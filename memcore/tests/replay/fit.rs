//! The search for a sufficient capacity.

use memcore::replay::{ReplayOptions, ReplayResult, replay_strategy};
use memcore::trace::generate::{Shape, Workload};
use memcore::trace::{AllocTrace, Event};

use super::recorded::sample;
use super::{STRATEGIES, run, strategy, trace, within};

fn fitted(trace: &AllocTrace, name: &str, capacity: Option<u64>) -> ReplayResult {
    run(trace, name, &ReplayOptions { capacity, fit: true, ..ReplayOptions::default() })
}

fn fails_in(trace: &AllocTrace, name: &str, capacity: u64) -> bool {
    match replay_strategy(trace, &strategy(name), &within(capacity), &mut ()) {
        Ok(result) => result.failures > 0,
        Err(_) => true, // no space at all: less than a slot
    }
}

/// The search as it is laid down, over whole replays.
fn by_the_book(trace: &AllocTrace, name: &str) -> u64 {
    let ReplayResult { peak_used, footprint, .. } = run(trace, name, &ReplayOptions::default());
    let (mut low, mut high) = (peak_used.div_ceil(16), footprint.div_ceil(16));
    while fails_in(trace, name, high * 16) {
        (low, high) = (high + 1, 2 * high);
    }
    while low < high {
        let middle = (low + high) / 2;
        if fails_in(trace, name, middle * 16) { low = middle + 1 } else { high = middle }
    }
    high * 16
}

#[test]
fn the_capacity_found_suffices_and_is_the_one_that_the_rules_give() {
    for shape in Shape::ALL {
        let workload = Workload { operations: 4_000, live: 200, realloc_percent: 10, ..Workload::new(shape) };
        let trace = workload.generate(&mut ()).unwrap();
        for name in STRATEGIES {
            let result = fitted(&trace, name, None);
            if result.failures > 0 {
                assert!(name.starts_with("pool"), "{name} {shape:?}");
                assert_eq!(result.sufficient_capacity, None);
                continue;
            }
            let capacity = result.sufficient_capacity.unwrap();
            assert!(!fails_in(&trace, name, capacity), "{name} {shape:?}");
            assert!(capacity >= result.peak_used);
            assert_eq!(capacity, by_the_book(&trace, name), "{name} {shape:?}");
        }
    }
}

#[test]
fn a_footprint_that_does_not_suffice_is_doubled() {
    // Seen from the endless space the rest is the largest hole; cut off at the footprint it is one among others.
    let events: Vec<Event> = (0..40)
        .flat_map(|round| {
            let id = 3 * round;
            let size = u64::from(round % 7 + 1) * 48;
            [
                Event::malloc(id, size),
                Event::malloc(id + 1, 16),
                Event::malloc(id + 2, size / 2),
                Event::free(id),
            ]
        })
        .collect();
    let trace = trace(&events);
    let doubled = ["first-fit", "best-fit", "worst-fit", "next-fit", "tlsf", "buddy"]
        .into_iter()
        .filter(|name| {
            let footprint = run(&trace, name, &ReplayOptions::default()).footprint;
            let found = fitted(&trace, name, None).sufficient_capacity.unwrap();
            assert_eq!(found, by_the_book(&trace, name), "{name}");
            found > footprint
        })
        .count();
    assert!(doubled > 0, "no strategy needs more than its footprint here");
}

#[test]
fn the_search_is_about_the_endless_space_whatever_the_capacity() {
    let trace = sample("numpy_sgd");
    let endless = fitted(&trace, "worst-fit", None);
    let tight = fitted(&trace, "worst-fit", Some(endless.peak_used));
    assert!(tight.failures > 0);
    assert_eq!(tight.sufficient_capacity, endless.sufficient_capacity);
}

#[test]
fn there_is_none_where_operations_fail_anyway() {
    let trace = trace(&[Event::malloc(0, 100)]);
    assert_eq!(fitted(&trace, "pool:slot=64", None).sufficient_capacity, None);
    assert_eq!(fitted(&trace, "first-fit", Some(64)).sufficient_capacity, Some(112));
    let unasked = run(&trace, "first-fit", &ReplayOptions::default());
    assert_eq!(unasked.sufficient_capacity, None);
}

#[test]
fn a_trace_without_blocks_needs_no_space() {
    assert_eq!(fitted(&trace(&[Event::free(0)]), "first-fit", None).sufficient_capacity, Some(0));
}
