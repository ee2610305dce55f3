//! How long single calls take: a clock around each, in a run of its own.
//!
//! The processor's counter of ticks costs some 20 ns to read, which is in every figure, of every contender alike. On a
//! shared machine the longest calls are those in which something else ran; so they are the least of three runs.

use super::contender::{Block, Contender};
use super::trace::{self, Trace};
use super::traces::{self, Run};
use std::sync::OnceLock;
use std::time::Instant;

const RUNS: usize = 3;

/// A number that grows with time, as fast to read as there is.
#[inline(always)]
fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every such processor has the instruction.
    return unsafe { std::arch::x86_64::_rdtsc() };
    #[cfg(not(target_arch = "x86_64"))]
    return since_start();
}

fn since_start() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// Nanoseconds of a tick.
fn nanoseconds() -> f64 {
    let (from, ticks_from) = (since_start(), ticks());
    while since_start() - from < 20_000_000 {}
    (since_start() - from) as f64 / (ticks() - ticks_from) as f64
}

/// Takes the time of each call of a program.
pub fn sample<C: Contender>(
    trace: &Trace,
    contender: &mut C,
    live: &mut Vec<Option<Block>>,
    times: &mut Vec<u64>,
) {
    live.resize(trace.slots, None);
    for operation in &trace.operations {
        let start = ticks();
        trace::step(operation, contender, live);
        times.push(ticks() - start);
    }
}

fn measure(name: &str, trace: &Trace, contender: &mut dyn Run, nanoseconds: f64) {
    let mut best = [f64::INFINITY; 4];
    let (mut live, mut times) = (vec![], Vec::with_capacity(trace.operations.len()));
    contender.run(trace, &mut live);
    contender.clear(&mut live);
    for _ in 0..RUNS {
        times.clear();
        contender.sample(trace, &mut live, &mut times);
        contender.clear(&mut live);
        times.sort_unstable();
        let last = times.len() - 1;
        let part = |part: f64| times[((times.len() as f64 * part) as usize).min(last)] as f64 * nanoseconds;
        for (best, now) in best.iter_mut().zip([part(0.5), part(0.99), part(0.999), part(1.0)]) {
            *best = best.min(now);
        }
    }
    let [half, p99, p999, longest] = best;
    println!("  {name:32}{half:10.0}{p99:10.0}{p999:10.0}{longest:12.0}");
}

pub fn run(traces: &[Trace]) {
    let nanoseconds = nanoseconds();
    for trace in traces {
        println!("\n{:34}{:>10}{:>10}{:>10}{:>12}", trace.name, "p50 ns", "p99", "p99.9", "longest");
        for (name, make) in traces::REGION.iter().filter(|(name, _)| !traces::is_too_slow(name, trace)) {
            measure(name, trace, &mut *make(traces::capacity(trace)), nanoseconds);
        }
        for (name, mut contender) in traces::malloc_like() {
            measure(name, trace, &mut *contender, nanoseconds);
        }
    }
}
