//! memcore's heaps against other allocators, in one run: `memcore-heap-bench [WHAT...] [TRACE...]`.
//!
//! ```text
//! traces      recorded programs, one thread: region heaps in a region, malloc-like ones in what the system gives
//! latency     single calls of the same: p50, p99, p99.9, the longest
//! memory      what the system gives to the malloc-like ones for the same, in a process of its own each
//! threads     the same programs on 1 and 2 threads over one heap
//! larson scratch xmalloc sizes     the classic benchmarks, a file each
//! ```
//!
//! Times are the processor's for the thread that works, so that other programs of the machine count little. Everything
//! is measured in turns: each round runs every contender once, and what is told beside the median time is the median of
//! the ratios to a peer *within* a round: how many times faster than it.
//!
//! Every block is written to, a byte in each cache line, as a program would: a heap that hands out cold memory pays for
//! it. Without names of files it takes the recordings that the Python package carries.

mod contender;
mod general;
mod larson;
mod latency;
mod measure;
mod memory;
mod own;
mod region;
mod scratch;
mod sizes;
mod threads;
mod trace;
mod traces;
mod xmalloc;

use std::path::PathBuf;

const ALL: [&str; 8] = ["traces", "latency", "memory", "threads", "larson", "scratch", "xmalloc", "sizes"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, heap, file] = &arguments[..]
        && mode == memory::CHILD
    {
        return memory::child(heap, &PathBuf::from(file));
    }
    let (mut wanted, mut files) = (vec![], vec![]);
    for argument in arguments {
        match ALL.iter().find(|&&name| name == argument) {
            Some(&name) => wanted.push(name),
            None => files.push(PathBuf::from(argument)),
        }
    }
    if wanted.is_empty() {
        wanted = ALL.to_vec();
    }
    let traces = trace::load(files);
    for what in wanted {
        println!("\n## {what}");
        match what {
            "traces" => traces::run(&traces),
            "latency" => latency::run(&traces),
            "memory" => memory::run(&traces),
            "threads" => threads::run(&traces),
            "larson" => larson::run(),
            "scratch" => scratch::run(),
            "xmalloc" => xmalloc::run(),
            _ => sizes::run(),
        }
    }
}
