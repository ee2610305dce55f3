//! False sharing: one thread hands each worker a small block; the worker frees it, and then works on small blocks of its
//! own. A heap that gives two workers parts of one cache line makes each write of the one a miss of the other.
//!
//! ```text
//! cache line  [ block of worker 1 | block of worker 2 | ... ]    passed by the first thread, reused by the heap or not
//! ```
//!
//! Emery Berger, Kathryn McKinley, Robert Blumofe, Paul Wilson: Hoard: a scalable memory allocator for multithreaded
//! applications, ASPLOS 2000 (there it is cache-scratch).

use super::contender::{Block, Shared};
use super::general::{self, Workloads};
use super::measure::{Rounds, thread_time};
use std::hint::black_box;

const ROUNDS: usize = 7;
const TURNS: u64 = 4000;
const WRITES: u64 = 500;
const SIZE: usize = 8;

/// Frees what was given, then allocates, writes many times and frees, in turns.
pub fn work<S: Shared>(heap: &S, given: Block, turns: u64) {
    heap.free(given);
    for _ in 0..turns {
        let block = heap.allocate(SIZE, 16);
        let word = block.start.as_ptr().cast::<u64>();
        for turn in 0..WRITES {
            // SAFETY: a live block of eight bytes at a multiple of 16.
            unsafe { word.write_volatile(black_box(word.read_volatile() ^ turn)) };
        }
        heap.free(block);
    }
}

fn measure(heap: &dyn Workloads, threads: usize) -> f64 {
    let given: Vec<Block> = (0..threads).map(|_| heap.allocate_one(SIZE)).collect();
    let total = std::thread::scope(|scope| {
        let work = |block| {
            let start = thread_time();
            heap.scratch(block, TURNS);
            thread_time() - start
        };
        let workers: Vec<_> = given.into_iter().map(|block| scope.spawn(move || work(block))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum::<u64>()
    });
    total as f64 / (threads as u64 * TURNS) as f64
}

pub fn run() {
    for threads in [1, 2] {
        let contenders = general::all();
        let mut rounds = Rounds::new(contenders.iter().map(|(name, _)| *name));
        for _ in 0..ROUNDS {
            for (place, (_, heap)) in contenders.iter().enumerate() {
                rounds.note(place, measure(&**heap, threads));
            }
        }
        let title = format!("\na block and {WRITES} writes, {threads} at once");
        rounds.print(&title, general::PEERS, |_| String::new());
    }
}
