//! How many accesses a second a memory hierarchy takes: `cargo bench --bench hierarchy`.
//!
//! Streams of 8-byte accesses, one in four a store, made before the clock runs: one that stays in the first
//! level, one that walks through 64 MiB, one at random in 16 MiB. After a warm-up the best of many short
//! stretches counts, so that other programs on the machine disturb little.

use memcore::cache::{Hierarchy, HierarchyConfig, Operation};
use std::hint::black_box;
use std::time::Instant;

const ACCESSES: u64 = 10_000_000;
const STRETCH: usize = 100_000;

fn main() {
    let mut seed = 1u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below * 8
    };
    let streams: [(&str, Vec<u64>); 3] = [
        ("in 24 KiB", (0..ACCESSES).map(|_| random(3 << 10)).collect()),
        ("64 MiB in order", (0..ACCESSES).map(|n| n * 8 % (64 << 20)).collect()),
        ("in 16 MiB", (0..ACCESSES).map(|_| random(2 << 20)).collect()),
    ];
    let plru = "l1d:size=32K,policy=tree-plru l2:size=256K,policy=tree-plru l3:size=8M,ways=16,policy=srrip";
    for config in ["l1d:size=32K", "intel-skylake", "amd-zen2", plru] {
        for (name, addresses) in &streams {
            let parsed: HierarchyConfig = config.parse().expect("a hierarchy");
            let mut memory = Hierarchy::new(parsed.clone()).expect("memory for it");
            let mut best = f64::INFINITY;
            for (number, stretch) in addresses.chunks(STRETCH).enumerate() {
                let start = Instant::now();
                for (index, &address) in stretch.iter().enumerate() {
                    let operation = if index % 4 == 3 { Operation::Write } else { Operation::Read };
                    black_box(memory.access(address, 8, operation)).expect("built-in policies do not fail");
                }
                if number >= 10 {
                    best = best.min(start.elapsed().as_secs_f64());
                }
            }
            let first = parsed.levels.iter().position(|level| level.name == "l1d");
            let misses = memory.stats(first.unwrap_or(0)).demand().misses;
            let rate = STRETCH as f64 / best / 1e6;
            println!("{rate:6.1} M accesses/s  {misses:8} L1 misses  {name:15}  {config}");
        }
    }
}
