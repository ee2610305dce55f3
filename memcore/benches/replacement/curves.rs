//! Numbering, distances and curves.

use super::rounds::in_turns;
use memcore::replacement::curve::{Sampling, Shards, lru_curve, mean_working_set, opt_curve, reuse_times};
use memcore::trace::PageTrace;
use std::hint::black_box;

type Work = fn(&PageTrace, &[u64]);

const WORKS: [(&str, Work); 8] = [
    ("numbering", |_, keys| drop(black_box(PageTrace::from_keys(keys, None)))),
    ("lru curve", |trace, _| drop(black_box(lru_curve(trace.references(), trace.pages())))),
    ("shards 10 %", |trace, _| shards(trace, Sampling::Rate(0.1))),
    ("shards 1 %", |trace, _| shards(trace, Sampling::Rate(0.01))),
    ("shards 8192", |trace, _| shards(trace, Sampling::Pages(8192))),
    ("opt curve", |trace, _| drop(black_box(opt_curve(trace.references(), trace.pages(), &mut |_| true)))),
    ("reuse times", |trace, _| drop(black_box(reuse_times(trace.references(), trace.pages())))),
    ("working set", |trace, _| {
        drop(black_box(mean_working_set(trace.references(), trace.pages(), &[10, 1000, 100_000])));
    }),
];

pub fn table(traces: &[PageTrace]) {
    println!("\nM references/s");
    print!("{:<16}", "pages");
    for trace in traces {
        print!(" {:>9}", trace.pages());
    }
    println!();
    let keys_of = |trace: &PageTrace| -> Vec<u64> {
        trace.references().iter().map(|&page| trace.keys()[page as usize]).collect()
    };
    let keys: Vec<Vec<u64>> = traces.iter().map(keys_of).collect();
    for (name, work) in WORKS {
        print!("{name:<16}");
        for (trace, keys) in traces.iter().zip(&keys) {
            let seconds = in_turns(&mut [Box::new(|| work(trace, keys))])[0];
            print!(" {:>9.1}", trace.references().len() as f64 / seconds / 1e6);
        }
        println!();
    }
}

fn shards(trace: &PageTrace, sampling: Sampling) {
    let mut shards = Shards::new(sampling, 1).expect("the rate is in range");
    shards.reserve(trace.pages()).expect("there is memory");
    shards.run(trace.references()).expect("there is memory");
    let _ = black_box(shards.curve());
}
