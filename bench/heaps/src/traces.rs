//! Recorded programs, one thread each: the time of a call, and how far up the region blocks reach.
//!
//! Every heap is warm: it has run the program once before it is timed. What the program left at its end is freed outside
//! the timed part. The footprint is taken in a run of its own, in a region that nobody has used.

use super::contender::{Block, Contender};
use super::general::{self, Workloads};
use super::latency;
use super::measure::{Means, Rounds, thread_time};
use super::trace::{self, Trace};
use super::{own, region};

const ROUNDS: usize = 9;

/// A contender of any kind, for whole runs.
pub trait Run {
    fn run(&mut self, trace: &Trace, live: &mut Vec<Option<Block>>);
    fn clear(&mut self, live: &mut Vec<Option<Block>>);
    fn sample(&mut self, trace: &Trace, live: &mut Vec<Option<Block>>, ticks: &mut Vec<u64>);
    /// From the lowest start of a block to the highest end.
    fn extent(&mut self, trace: &Trace) -> u64;
}

impl<C: Contender> Run for C {
    fn run(&mut self, trace: &Trace, live: &mut Vec<Option<Block>>) {
        trace::run(trace, self, live);
    }

    fn clear(&mut self, live: &mut Vec<Option<Block>>) {
        trace::clear(self, live);
    }

    fn sample(&mut self, trace: &Trace, live: &mut Vec<Option<Block>>, ticks: &mut Vec<u64>) {
        latency::sample(trace, self, live, ticks);
    }

    fn extent(&mut self, trace: &Trace) -> u64 {
        let mut live = vec![None; trace.slots];
        let (mut lowest, mut highest) = (usize::MAX, 0);
        for operation in &trace.operations {
            trace::step(operation, self, &mut live);
            if let Some(block) = live[operation.slot as usize] {
                lowest = lowest.min(block.start.addr().get());
                highest = highest.max(block.start.addr().get() + block.size);
            }
        }
        trace::clear(self, &mut live);
        highest.saturating_sub(lowest) as u64
    }
}

/// An allocator that threads share, used by one.
struct Alone(Box<dyn Workloads>);

impl Run for Alone {
    fn run(&mut self, trace: &Trace, live: &mut Vec<Option<Block>>) {
        self.0.run_program(trace, live);
    }
    fn clear(&mut self, live: &mut Vec<Option<Block>>) {
        live.drain(..).flatten().for_each(|block| self.0.free_one(block));
    }
    fn sample(&mut self, trace: &Trace, live: &mut Vec<Option<Block>>, ticks: &mut Vec<u64>) {
        self.0.sample(trace, live, ticks);
    }
    fn extent(&mut self, _: &Trace) -> u64 {
        0
    }
}

/// A contender by name: made for a region of so many bytes.
pub type Maker = (&'static str, fn(usize) -> Box<dyn Run>);

/// Those that manage a region.
pub const REGION: &[Maker] = &[
    ("rlsf", |bytes| Box::new(region::rlsf(bytes))),
    ("talc", |bytes| Box::new(region::talc(bytes))),
    ("dlmalloc", |bytes| Box::new(region::dlmalloc(bytes))),
    ("linked_list_allocator", |bytes| Box::new(region::linked_list(bytes))),
    ("buddy_system_allocator", |bytes| Box::new(region::buddies(bytes))),
    ("memcore SizeClassHeap", |bytes| Box::new(own::size_classes(bytes))),
    ("memcore Heap<Tlsf>", |bytes| Box::new(own::tlsf(bytes))),
    ("memcore Heap<BestFitRecent>", |bytes| Box::new(own::best_fit(bytes))),
];

/// Those that serve whole programs.
pub fn malloc_like() -> Vec<(&'static str, Box<dyn Run>)> {
    let mut all: Vec<(&'static str, Box<dyn Run>)> = vec![];
    for (name, contender) in general::all() {
        all.push((name, Box::new(Alone(contender))));
    }
    all.push(("memcore MappedHeap", Box::new(own::mapped())));
    all
}

/// Room for every contender: one has no more than twice the peak at any time, and buddies lose half.
pub fn capacity(trace: &Trace) -> usize {
    (trace.peak as usize * 4).max(1 << 24).next_power_of_two()
}

/// Lists that are searched: they would take minutes where thousands of blocks live.
pub fn is_too_slow(name: &str, trace: &Trace) -> bool {
    name == "linked_list_allocator" && trace.operations.len() > 200_000
}

fn rounds(trace: &Trace, contenders: &mut [(&'static str, Box<dyn Run>)]) -> Rounds {
    let mut rounds = Rounds::new(contenders.iter().map(|(name, _)| *name));
    let mut live = vec![];
    for round in 0..=ROUNDS {
        for (place, (_, contender)) in contenders.iter_mut().enumerate() {
            let start = thread_time();
            contender.run(trace, &mut live);
            let time = thread_time() - start;
            contender.clear(&mut live);
            if round > 0 {
                rounds.note(place, time as f64 / trace.operations.len() as f64);
            }
        }
    }
    rounds
}

pub fn run(traces: &[Trace]) {
    const FASTEST: &[&str] = &["rlsf", "talc", "dlmalloc"];
    let (mut region_means, mut malloc_means) = (Means::new(FASTEST), Means::new(general::PEERS));
    for trace in traces {
        println!("\n{}: {} calls, at most {} bytes live", trace.name, trace.operations.len(), trace.peak);
        let makers = || REGION.iter().filter(|(name, _)| !is_too_slow(name, trace));
        let mut contenders: Vec<_> = makers().map(|(name, make)| (*name, make(capacity(trace)))).collect();
        let footprints: Vec<_> =
            contenders.iter_mut().map(|(_, contender)| contender.extent(trace)).collect();
        let times = rounds(trace, &mut contenders);
        let footprint =
            |place: usize| format!("   footprint {:5.3}", footprints[place] as f64 / trace.peak as f64);
        times.print("in a region", FASTEST, footprint);
        region_means.add(&times);
        let times = rounds(trace, &mut malloc_like());
        times.print("for whole programs", general::PEERS, |_| String::new());
        malloc_means.add(&times);
    }
    println!();
    region_means.print("geometric means, in a region");
    malloc_means.print("geometric means, whole programs");
}
