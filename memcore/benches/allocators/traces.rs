//! The bundled recordings of real programs, every contender on the same stream of operations.
//!
//! A realloc is a free and an allocation here, since not all peers have one, and all blocks are aligned to 16. What
//! lives at the end is freed, so that each round begins with an empty space.

use super::contender::{Entry, OWN, Run};
use super::peers::{LISTS, REFERENCE, SCALABLE};
use memcore::trace::{AllocTrace, EventKind, ReadOptions};
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 7;
const SAMPLES: [&str; 4] = ["cc1_tlsf_O2", "sqlite3_3000", "numpy_sgd", "pyav_video"];

/// The trace as `(slot, size)`, size 0 for a free, sizes rounded up to 16.
fn operations(trace: &AllocTrace) -> Vec<(u32, u32)> {
    let size = |bytes: u64| u32::try_from(bytes.max(1).next_multiple_of(16)).expect("blocks below 4 GiB");
    let operation = |event: &memcore::trace::Event| match event.kind() {
        EventKind::Free => (event.id(), 0),
        _ => (event.id(), size(event.size())),
    };
    trace.events().iter().map(operation).collect()
}

/// Prints a table for each sample.
pub fn run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/memcore/samples");
    for name in SAMPLES {
        let path = folder.join(format!("{name}.matr.zst"));
        let trace = AllocTrace::open(&path, &ReadOptions::default(), &mut ()).expect("a bundled sample");
        let entries: Vec<Entry> = [REFERENCE]
            .iter()
            .chain(OWN)
            .chain(SCALABLE)
            .chain(LISTS)
            .copied()
            .filter(|(name, _)| !name.contains("pool"))
            .collect();
        table(name, &trace, &entries);
    }
}

fn table(name: &str, trace: &AllocTrace, entries: &[Entry]) {
    let summary = trace.summary();
    let operations = operations(trace);
    let capacity = (summary.peak_live_bytes * 16).next_power_of_two().max(1 << 26);
    let slots = trace.ids() as usize;
    let mut runs: Vec<Box<dyn Run>> =
        entries.iter().map(|(_, make)| make(capacity, summary.peak_live_blocks as usize)).collect();
    let mut times = vec![Vec::new(); runs.len()];
    for round in 0..=ROUNDS {
        for (run, times) in runs.iter_mut().zip(&mut times) {
            let before = Instant::now();
            run.operations(&operations, slots);
            let elapsed = before.elapsed().as_nanos() as f64 / operations.len() as f64;
            if round > 0 {
                times.push(elapsed); // the first round touches fresh memory
            }
        }
    }
    println!(
        "\n{name}: {} operations, peak {} bytes in {} blocks",
        operations.len(),
        summary.peak_live_bytes,
        summary.peak_live_blocks
    );
    println!("{:<28} {:>9} {:>9} {:>10}", "", "ns/op", "x offset", "footprint");
    let reference = times[0].clone();
    for (index, (name, _)) in entries.iter().enumerate() {
        let mut ratios: Vec<f64> =
            times[index].iter().zip(&reference).map(|(own, other)| own / other).collect();
        let footprint = runs[index]
            .footprint()
            .map_or(String::new(), |bytes| format!("{:.3}", bytes as f64 / summary.peak_live_bytes as f64));
        let (time, ratio) = (super::pairs::median(&mut times[index]), super::pairs::median(&mut ratios));
        println!("{name:<28} {time:>9.1} {ratio:>9.2} {footprint:>10}");
    }
}
