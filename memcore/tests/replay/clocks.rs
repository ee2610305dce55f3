//! The passes with a clock, under a clock that only moves when somebody reads it or a target works.

use std::cell::Cell;

use memcore::alloc::Request;
use memcore::replay::{
    Clock, Gaps, Placed, Refusal, ReplayError, ReplayOptions, Target, rank, replay_all, replay_fresh,
};
use memcore::trace::{AllocTrace, Event};

use super::{run, strategy, trace};

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
}

fn pass(nanoseconds: u64) -> u64 {
    NOW.replace(NOW.get() + nanoseconds)
}

/// Each reading takes 7 ns.
fn clock() -> Clock {
    Clock::new(|| pass(7))
}

/// Takes 1000 ns to allocate, 10 to resize, 100 to free; each 100th allocation takes 30000.
struct Slow(u64);

impl Target for Slow {
    type Handle = u64;

    fn name(&self) -> String {
        "slow".to_owned()
    }
    fn capacity(&self) -> u64 {
        u64::MAX
    }
    fn granularity(&self) -> u64 {
        1
    }
    fn place(&mut self, request: Request) -> Result<Placed<u64>, Refusal> {
        self.0 += 1;
        pass(if self.0 % 100 == 0 { 30_000 } else { 1000 });
        Ok(Placed { handle: 0, start: 0, size: request.size })
    }
    fn resize_in_place(&mut self, _handle: u64, size: u64) -> Result<Placed<u64>, Refusal> {
        pass(10);
        Ok(Placed { handle: 0, start: 0, size })
    }
    fn release(&mut self, _handle: u64) -> Result<(), Refusal> {
        pass(100);
        Ok(())
    }
    fn gaps(&self) -> Gaps {
        Gaps::default()
    }
}

fn slow(trace: &AllocTrace) -> memcore::replay::ReplayResult {
    let options = ReplayOptions { timing: true, latency: true, clock: clock(), ..ReplayOptions::default() };
    replay_fresh(trace, |_| Ok::<_, ReplayError>(Slow(0)), &options, &mut ()).unwrap()
}

/// `count` times malloc, realloc, free, and a free that is skipped.
fn rounds(count: u32) -> AllocTrace {
    let round = |id| [Event::malloc(id, 8), Event::realloc(id, 9), Event::free(id), Event::free(id)];
    trace(&(0..count).flat_map(round).collect::<Vec<_>>())
}

#[test]
fn the_time_of_the_loop_and_the_skipped_do_not_count() {
    // 99 fast and one slow allocation in each hundred; reading the clock is part of the empty loop.
    let result = slow(&rounds(1000));
    let expected = (990.0 * 1000.0 + 10.0 * 30_000.0) / 1000.0 + 10.0 + 100.0;
    assert_eq!(result.nanoseconds_per_operation, Some(expected / 3.0));
}

#[test]
fn latency_is_per_operation_without_the_cost_of_the_clock() {
    let latency = slow(&rounds(1000)).latency.unwrap();
    // 1000 of 3000 take 10, 1000 take 100, 990 take 1000, 10 take 30000.
    assert!((100..=103).contains(&latency.p50), "{latency:?}");
    assert!((1000..=1031).contains(&latency.p99), "{latency:?}");
    assert_eq!((latency.p999, latency.max), (30_000, 30_000));
}

#[test]
fn nothing_done_has_no_time() {
    let result = slow(&trace(&[Event::free(0), Event::realloc(1, 5)]));
    assert_eq!((result.skipped, result.nanoseconds_per_operation, result.latency), (2, None, None));
}

#[test]
fn figures_do_not_depend_on_the_clock() {
    let trace = rounds(500);
    let timed = ReplayOptions { timing: true, latency: true, ..ReplayOptions::default() };
    let without = run(&trace, "tlsf", &ReplayOptions::default());
    assert_eq!((without.nanoseconds_per_operation, without.latency), (None, None));
    let mut with = run(&trace, "tlsf", &timed);
    assert!(with.nanoseconds_per_operation.take().is_some() && with.latency.take().is_some());
    assert!(with == without);
}

#[test]
fn a_clock_is_not_read_unless_asked_for() {
    let options = ReplayOptions { fit: true, clock: clock(), ..ReplayOptions::default() };
    let before = NOW.get();
    run(&rounds(100), "first-fit", &options);
    assert_eq!(NOW.get(), before);
}

#[test]
fn the_best_comes_first() {
    let events = [Event::malloc(0, 64), Event::malloc(1, 64), Event::free(0), Event::malloc(2, 64)];
    let strategies = ["stack", "bump", "pool:slot=16", "first-fit", "best-fit"].map(strategy);
    let mut results = replay_all(&trace(&events), &strategies, &ReplayOptions::default(), &mut ()).unwrap();
    assert_eq!(rank(&results), [3, 4, 1, 0, 2]);
    results[3].nanoseconds_per_operation = Some(9.0);
    results[4].nanoseconds_per_operation = Some(8.0);
    assert_eq!(rank(&results), [4, 3, 1, 0, 2]);
}
