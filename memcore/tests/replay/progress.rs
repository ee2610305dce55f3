//! Reports often enough, one count over all passes, and an end when asked for it.

use std::ops::ControlFlow;

use memcore::replay::{ReplayError, ReplayOptions, replay_all};
use memcore::trace::AllocTrace;
use memcore::trace::generate::{Shape, Workload};

use super::{STRATEGIES, strategy};

fn workload() -> AllocTrace {
    Workload { operations: 5_000, live: 100, ..Workload::new(Shape::Steady) }.generate(&mut ()).unwrap()
}

fn all_passes(capacity: Option<u64>) -> ReplayOptions {
    let on = true;
    ReplayOptions { capacity, fit: on, timing: on, latency: on, ..ReplayOptions::default() }
}

#[test]
fn the_count_runs_from_nothing_to_all() {
    let trace = workload();
    let strategies: Vec<_> = STRATEGIES.iter().map(|name| strategy(name)).collect();
    let cases = [
        (ReplayOptions::default(), &strategies[..]),
        (ReplayOptions { timing: true, ..ReplayOptions::default() }, &strategies[..]),
        (all_passes(None), &strategies[..]),
        (all_passes(Some(200_000)), &strategies[..]),
        (all_passes(None), &strategies[..0]),
    ];
    for (options, strategies) in cases {
        let mut reports = Vec::new();
        let mut watcher = |done: u64, total: Option<u64>| {
            reports.push((done, total.unwrap()));
            ControlFlow::Continue(())
        };
        replay_all(&trace, strategies, &options, &mut watcher).unwrap();
        let (mut before, mut last) = (0, (0, 0));
        for &(done, total) in &reports {
            assert!(done >= before && done <= total, "{done} of {total} after {before}");
            assert!(done - before <= 2048, "{} operations without a report", done - before);
            (before, last) = (done, (done, total));
        }
        assert_eq!(last.0, last.1);
        assert_eq!(last.0 == 0, strategies.is_empty());
    }
}

#[test]
fn any_report_can_end_the_work() {
    let trace = workload();
    let strategies = [strategy("first-fit"), strategy("worst-fit")];
    let options = all_passes(Some(100_000));
    let mut count = 0u64;
    replay_all(&trace, &strategies, &options, &mut |_: u64, _: Option<u64>| {
        count += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    for stop in (1..=count).step_by(61).chain([count]) {
        let mut seen = 0;
        let mut watcher = |_: u64, _: Option<u64>| {
            seen += 1;
            if seen == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let ended = replay_all(&trace, &strategies, &options, &mut watcher);
        assert!(matches!(ended, Err(ReplayError::Cancelled)), "report {stop} of {count}");
        assert_eq!(seen, stop, "a report after the one that asked to stop");
    }
}
