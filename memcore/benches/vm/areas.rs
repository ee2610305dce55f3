//! Calls on an address space of 10^3 to 10^6 areas, none of which merge: each should cost O(log n).
//!
//! The median of rounds counts, so that other programs on the machine disturb little.

use memcore::vm::{Area, AreaFlags, Areas, Protection};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::hint::black_box;
use std::time::Instant;

const PAGE: u64 = 4096;
const HIGH: u64 = 0x7fff_ffff_f000;
const CALLS: usize = 2_000;
const ROUNDS: usize = 25;

/// Nanoseconds a call, where `round` makes `CALLS` of them.
fn median(mut round: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_nanos() as f64 / CALLS as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// Areas of 4 pages with holes of 1 to 4 pages between them.
fn build(count: u64, random: &mut Xoshiro256PlusPlus) -> (Areas, Vec<u64>) {
    let mut areas = Areas::new(0, HIGH, PAGE);
    let (mut starts, mut at) = (Vec::new(), 0x10_0000);
    for _ in 0..count {
        areas.insert(Area::anonymous(at, at + 4 * PAGE, Protection::READ | Protection::WRITE));
        starts.push(at);
        at += (5 + random.next_u64() % 4) * PAGE;
    }
    (areas, starts)
}

pub fn run() {
    println!("areas of one process: ns a call");
    println!(
        "{:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "areas", "find", "find hot", "gap", "mmap", "mprotect", "mlock"
    );
    for exponent in 3..=6 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let (mut areas, starts) = build(10u64.pow(exponent), &mut random);
        let mut any = || starts[random.next_u64() as usize % starts.len()];
        let chosen: Vec<u64> = (0..CALLS).map(|_| any()).collect();
        let end = starts[starts.len() - 1];
        let find = median(|| {
            for _ in 0..CALLS {
                black_box(areas.find(any() + PAGE));
            }
        });
        let hot = median(|| {
            for address in &chosen {
                black_box(areas.find(address + PAGE));
            }
        });
        let gap = median(|| {
            for &address in &chosen {
                black_box(areas.gap_top_down(4 * PAGE, PAGE, 0, address));
            }
        });
        // An area goes, and one comes in its place.
        let mmap = median(|| {
            for _ in 0..CALLS {
                let start = any();
                areas.remove(start, start + 4 * PAGE, &mut |area| {
                    black_box(area);
                });
                let place = areas.gap_top_down(4 * PAGE, PAGE, 0, start + 4 * PAGE);
                black_box(place);
                areas.insert(Area::anonymous(start, start + 4 * PAGE, Protection::READ | Protection::WRITE));
            }
        });
        // A page becomes read-only and writable again: two splits and two merges.
        let protect = median(|| {
            for _ in 0..CALLS {
                let start = any() + PAGE;
                areas.change(start, start + PAGE, |area| area.protection = Protection::READ);
                areas.change(start, start + PAGE, |area| {
                    area.protection = Protection::READ | Protection::WRITE
                });
            }
        });
        // A whole area is locked and unlocked.
        let lock = median(|| {
            for _ in 0..CALLS {
                let start = any();
                for locked in [true, false] {
                    areas.change(start, start + 4 * PAGE, |area| {
                        area.flags = area.flags.with(AreaFlags::LOCKED, locked);
                    });
                }
            }
        });
        assert!(areas.find(end).is_some() && areas.len() == starts.len());
        println!(
            "{:>9} {find:>8.0} {hot:>8.0} {gap:>8.0} {mmap:>8.0} {protect:>8.0} {lock:>8.0}",
            starts.len()
        );
    }
}
