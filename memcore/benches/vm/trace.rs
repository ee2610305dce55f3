//! A recorded trace through the machine, and through what one writes in an afternoon: a hash map from pages to frames
//! with a first-in-first-out queue. The latter has no TLBs, page tables, protections, costs or processes.

use memcore::replay::machine::{MachineReplayOptions, replay_machine};
use memcore::trace::AccessTrace;
use memcore::vm::MachineConfig;
use std::collections::{HashMap, VecDeque};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 7;

/// Faults of a program with so many frames, by a hash map.
fn naive(trace: &AccessTrace, frames: usize) -> u64 {
    let (mut resident, mut queue, mut faults) = (HashMap::new(), VecDeque::new(), 0);
    for access in trace.accesses() {
        let last = access.address + u64::from(access.size).max(1) - 1;
        for page in access.address >> 12..=last >> 12 {
            if resident.contains_key(&page) {
                continue;
            }
            faults += 1;
            if resident.len() == frames {
                resident.remove(&queue.pop_front().expect("one for each frame"));
            }
            resident.insert(page, faults);
            queue.push_back(page);
        }
    }
    faults
}

pub fn run() {
    println!("\n## A recorded trace (lackey), one core\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/walk.lackey.xz");
    let trace = AccessTrace::open(path, &Default::default(), &mut ()).expect("the sample is there");
    let accesses = trace.accesses().len() as f64;
    let pace = |mut round: Box<dyn FnMut() + '_>| {
        let least = (0..ROUNDS).map(|_| {
            let begin = Instant::now();
            round();
            begin.elapsed()
        });
        accesses / least.min().unwrap_or_default().as_secs_f64() / 1e6
    };
    println!("{accesses} accesses; M accesses/s, the best of {ROUNDS} rounds");
    for contents in [true, false] {
        let mut config = MachineConfig::default();
        config.memory.contents = contents;
        let traces = [&trace];
        let machine = pace(Box::new(|| {
            black_box(
                replay_machine(&traces, &config, &MachineReplayOptions::default(), &mut ()).expect("it runs"),
            );
        }));
        println!(
            "{:<44} {machine:6.1}",
            if contents { "machine, with contents" } else { "machine, metadata only" }
        );
    }
    let map = pace(Box::new(|| {
        black_box(naive(&trace, 65_536));
    }));
    println!("{:<44} {map:6.1}", "hash map and queue");
}
