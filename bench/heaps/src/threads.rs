//! Recorded programs on one and on two threads at once, over one heap that the threads share.
//!
//! A figure is the processor's time per call: what threads do to each other's caches and instructions is in it, what the
//! other programs of the machine do is not. Time asleep for want of a lock is not, either; so the time on the wall is
//! told beside it.

use super::general::{self, Workloads};
use super::measure::{Means, Rounds, thread_time};
use super::trace::Trace;
use std::time::Instant;

const ROUNDS: usize = 7;
/// Calls of a thread in a round, at least.
const CALLS: usize = 1_000_000;

/// Processor's time and time on the wall, in ns per call.
fn measure(contender: &dyn Workloads, trace: &Trace, threads: usize) -> (f64, f64) {
    let times = CALLS.div_ceil(trace.operations.len());
    let calls = (times * trace.operations.len()) as f64;
    let start = Instant::now();
    let work = || {
        let mut live = Vec::with_capacity(trace.slots);
        let start = thread_time();
        for _ in 0..times {
            contender.play(trace, &mut live);
        }
        thread_time() - start
    };
    let total: u64 = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum()
    });
    (total as f64 / threads as f64 / calls, start.elapsed().as_nanos() as f64 / calls)
}

pub fn run(traces: &[Trace]) {
    for threads in [1, 2] {
        let mut means = Means::new(general::PEERS);
        for trace in traces {
            let contenders = general::all();
            let mut rounds = Rounds::new(contenders.iter().map(|(name, _)| *name));
            let mut wall = Rounds::new(contenders.iter().map(|(name, _)| *name));
            for _ in 0..ROUNDS {
                for (place, (_, contender)) in contenders.iter().enumerate() {
                    let (busy, passed) = measure(&**contender, trace, threads);
                    rounds.note(place, busy);
                    wall.note(place, passed);
                }
            }
            let title = format!("\n{}, {threads} at once", trace.name);
            rounds.print(&title, general::PEERS, |place| format!("   on the wall {:8.2}", wall.time(place)));
            means.add(&rounds);
        }
        println!();
        means.print(&format!("geometric means, {threads} at once"));
    }
}
