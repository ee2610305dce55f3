//! The machine: what an access costs by how far it has to go, and what fork, mapping, starting and merging cost.

use memcore::vm::{
    Access, Advice, Count, Machine, MachineConfig, MapRequest, NodeConfig, OvercommitMode, ProcessId,
    Protection,
};
use std::hint::black_box;
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::xxh3_64;

const PAGE: u64 = 4096;
const ROUNDS: usize = 7;

/// A machine of so many frames with one process and so many pages mapped at an address.
fn machine(frames: u64, contents: bool, pages: u64) -> (Machine, ProcessId, u64) {
    let mut config = MachineConfig::default();
    config.memory.contents = contents;
    config.memory.nodes = vec![NodeConfig::new(frames)];
    config.overcommit.mode = OvercommitMode::Always;
    config.max_map_count = u64::MAX;
    let mut machine = Machine::new(config).expect("the configuration is right");
    let process = machine.spawn().expect("there are frames");
    let request = MapRequest::anonymous(pages * PAGE, Protection::READ | Protection::WRITE);
    let at = machine.mmap(process, &request).expect("there is room");
    (machine, process, at)
}

/// The least time of several rounds, for each of `count` things.
fn each(count: u64, mut round: impl FnMut() -> Duration) -> f64 {
    let least = (0..ROUNDS).map(|_| round()).min().unwrap_or_default();
    least.as_nanos() as f64 / count as f64
}

/// Accesses to the pages that `next` names, by reading 8 bytes, with and without the bytes.
fn access(name: &str, frames: u64, pages: u64, next: impl Fn(u64) -> u64) {
    for contents in [true, false] {
        let (mut machine, process, at) = machine(frames, contents, pages);
        for page in 0..pages {
            machine.write(process, at + page * PAGE, b"x").expect("mapped");
        }
        let count = 2_000_000;
        let walks = machine.counters()[Count::Walks];
        let mut bytes = [0; 8];
        let time = each(count, || {
            let begin = Instant::now();
            for turn in 0..count {
                let address = at + next(turn) * PAGE;
                if contents {
                    machine.read(process, address, &mut bytes).expect("mapped");
                    black_box(&bytes);
                } else {
                    machine.access(process, address, 8, Access::Read).expect("mapped");
                }
            }
            begin.elapsed()
        });
        let walks = (machine.counters()[Count::Walks] - walks) as f64 / (count * ROUNDS as u64) as f64;
        let what = if contents { "contents" } else { "metadata" };
        println!("{name:<34} {what:<9} {time:7.1} ns   {walks:.3} walks");
    }
}

pub fn run_access() {
    println!("\n## An access of the machine (x86-64, TLBs and walk cache of a Skylake)\n");
    access("the same page", 1 << 16, 64, |_| 5);
    access("32 pages in turn: level 1 hits", 1 << 16, 32, |turn| turn * 7 % 32);
    access("512 pages in turn: level 2 hits", 1 << 16, 512, |turn| turn * 7 % 512);
    let random = |turn: u64| turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50;
    access("16384 pages at random: page walks", 1 << 16, 1 << 14, random);
}

pub fn run_fork() {
    println!("\n## Fork\n");
    for pages in [1_u64 << 12, 1 << 15, 1 << 18] {
        let (mut machine, process, at) = machine(pages + 4096, false, pages);
        for page in 0..pages {
            machine.access(process, at + page * PAGE, 8, Access::Write).expect("mapped");
        }
        let copies = machine.counters()[Count::Cow];
        let time = each(pages, || {
            let begin = Instant::now();
            let child = machine.fork(process).expect("there are frames");
            let elapsed = begin.elapsed();
            machine.write(child, at, b"copy").expect("mapped");
            machine.exit(child).expect("it lives");
            elapsed
        });
        let copied = (machine.counters()[Count::Cow] - copies) as f64 / ROUNDS as f64;
        let all = time * pages as f64 / 1e6;
        println!(
            "{pages:>7} resident pages: {all:7.2} ms, {time:5.1} ns a page; a 4-byte write then copies {copied} page"
        );
    }
}

pub fn run_calls() {
    println!("\n## Calls on one of n areas, ns a call\n");
    println!("{:>8} {:>14} {:>14}", "areas", "munmap + mmap", "mprotect");
    for areas in [1_000_u64, 10_000, 100_000, 1_000_000] {
        let (mut machine, process, _) = machine(1 << 14, false, 1);
        let (base, write) = (0x1000_0000_0000, Protection::READ | Protection::WRITE);
        let request = |area: u64| MapRequest::anonymous(PAGE, write).fixed(base + area * 2 * PAGE);
        for area in 0..areas {
            machine.mmap(process, &request(area)).expect("there is room");
        }
        let count = 20_000;
        let place = |turn: u64| turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) % areas;
        let map = each(2 * count, || {
            let begin = Instant::now();
            for turn in 0..count {
                let area = place(turn);
                machine.munmap(process, base + area * 2 * PAGE, PAGE).expect("mapped");
                machine.mmap(process, &request(area)).expect("there is room");
            }
            begin.elapsed()
        });
        let protect = each(2 * count, || {
            let begin = Instant::now();
            for turn in 0..count {
                let at = base + place(turn) * 2 * PAGE;
                machine.mprotect(process, at, PAGE, Protection::READ).expect("mapped");
                machine.mprotect(process, at, PAGE, write).expect("mapped");
            }
            begin.elapsed()
        });
        println!("{areas:>8} {map:>14.0} {protect:>14.0}");
    }
}

pub fn run_start() {
    println!("\n## A machine of 64 GiB without contents\n");
    let mut bytes = 0;
    let time = each(1, || {
        let begin = Instant::now();
        let (machine, _, _) = machine(1 << 24, false, 1);
        let elapsed = begin.elapsed();
        bytes = machine.metadata_bytes();
        elapsed
    });
    println!("{:.2} ms to start, {:.2} bytes a frame", time / 1e6, bytes as f64 / (1 << 24) as f64);
}

pub fn run_merge() {
    println!("\n## Merging equal pages\n");
    let pages = 1 << 14;
    // All pages differ, so a scan hashes each and merges none: the second finds them unchanged.
    let (mut machine, process, at) = machine(1 << 16, true, pages);
    let mut page = vec![0_u8; PAGE as usize];
    for number in 0..pages {
        page[..8].copy_from_slice(&(number + 1).to_le_bytes());
        machine.write(process, at + number * PAGE, &page).expect("mapped");
    }
    machine.madvise(process, at, pages * PAGE, Advice::Mergeable).expect("mapped");
    let scan = each(pages, || {
        let begin = Instant::now();
        let report = machine.merge_scan(pages);
        assert_eq!((report.scanned, report.merged), (pages, 0));
        begin.elapsed()
    });
    let contents = vec![1_u8; (pages * PAGE) as usize];
    let hash = each(pages, || {
        let begin = Instant::now();
        for page in contents.chunks(PAGE as usize) {
            black_box(xxh3_64(page));
        }
        begin.elapsed()
    });
    println!("a scan {scan:.0} ns a page, hashing alone {hash:.0} ns: {:.2} times", scan / hash);
}
