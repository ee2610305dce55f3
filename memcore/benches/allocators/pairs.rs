//! A steady state: a random block is freed, another of a random size takes its place.

use super::contender::{Entry, OWN, Run};
use super::peers::{LISTS, REFERENCE, SCALABLE};
use super::random::Random;
use std::time::Instant;

const ROUNDS: usize = 9;
const PAIRS_A_ROUND: usize = 100_000;
/// Single pairs timed for the tail.
const TIMED: usize = 200_000;
/// More live blocks than this, and a search through lists would take minutes.
const MOST_FOR_LISTS: usize = 10_000;

fn random_pairs(random: &mut Random, live: usize, count: usize) -> Vec<(u32, u32)> {
    (0..count).map(|_| (random.below(live as u64) as u32, random.size())).collect()
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds of single pairs, ascending, the clock's own cost taken off.
fn single_pairs(run: &mut dyn Run, pairs: &[(u32, u32)]) -> Vec<u64> {
    let mut clock: Vec<u64> = (0..1000).map(|_| Instant::now().elapsed().as_nanos() as u64).collect();
    clock.sort_unstable();
    let mut times: Vec<u64> = pairs
        .iter()
        .map(|pair| {
            let before = Instant::now();
            run.pairs(std::slice::from_ref(pair));
            (before.elapsed().as_nanos() as u64).saturating_sub(clock[500])
        })
        .collect();
    times.sort_unstable();
    times
}

/// Prints a table for each number of live blocks.
pub fn run(numbers: &[usize]) {
    for &live in numbers {
        let mut entries: Vec<Entry> = vec![REFERENCE];
        entries.extend(OWN.iter().chain(SCALABLE));
        if live <= MOST_FOR_LISTS {
            entries.extend(LISTS);
        }
        table(live, &entries);
    }
}

fn table(live: usize, entries: &[Entry]) {
    let mut random = Random(live as u64);
    let sizes: Vec<u32> = (0..live).map(|_| random.size()).collect();
    let total: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
    let capacity = (total * 4).max(1 << 24).next_power_of_two();
    let mut runs: Vec<Box<dyn Run>> = Vec::new();
    for (name, make) in entries {
        // A pool's slots are all as large as the largest size.
        let room = if name.contains("pool") { capacity.max(live as u64 * 8192) } else { capacity };
        let mut run = make(room, live);
        run.fill(&sizes);
        runs.push(run);
    }
    // Until the holes have found their steady state.
    let settle = random_pairs(&mut random, live, (live * 3).max(PAIRS_A_ROUND));
    runs.iter_mut().for_each(|run| run.pairs(&settle));
    let mut times = vec![Vec::new(); runs.len()];
    for _ in 0..ROUNDS {
        let pairs = random_pairs(&mut random, live, PAIRS_A_ROUND);
        for (run, times) in runs.iter_mut().zip(&mut times) {
            let before = Instant::now();
            run.pairs(&pairs);
            times.push(before.elapsed().as_nanos() as f64 / pairs.len() as f64);
        }
    }
    println!("\n{live} live blocks, sizes log-uniform 16 to 4096, free + allocate pairs");
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>10} {:>10} {:>11}",
        "", "ns/pair", "x offset", "p99.9 ns", "max ns", "footprint", "bytes/region"
    );
    let reference = times[0].clone();
    for (index, (name, _)) in entries.iter().enumerate() {
        let mut ratios: Vec<f64> =
            times[index].iter().zip(&reference).map(|(own, other)| own / other).collect();
        let tail = single_pairs(runs[index].as_mut(), &random_pairs(&mut random, live, TIMED));
        let footprint = runs[index]
            .footprint()
            .map_or(String::new(), |bytes| format!("{:.3}", bytes as f64 / total as f64));
        let metadata = runs[index]
            .metadata()
            .map_or(String::new(), |(bytes, regions)| format!("{:.1}", bytes as f64 / regions as f64));
        println!(
            "{name:<28} {:>9.1} {:>9.2} {:>9} {:>10} {footprint:>10} {metadata:>11}",
            median(&mut times[index]),
            median(&mut ratios),
            tail[tail.len() * 999 / 1000],
            tail[tail.len() - 1],
        );
    }
}
