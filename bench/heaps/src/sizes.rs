//! Random sizes over a set of live blocks that grows from a thousand to a million: what a call costs as the work grows.
//!
//! Each turn frees a random block and allocates one in its place, mostly small: a size is the product of two even random
//! numbers. Past some ten thousand blocks the program's own misses are most of the time; a heap that reads or writes
//! freed blocks adds to them.
//!
//! The alloc-test of the mimalloc benchmarks (Daan Leijen, mimalloc-bench, 2019) does this; it follows Dmitri Ignatchenko
//! ("alloc-test", 2018).

use super::contender::{Block, Contender};
use super::general;
use super::measure::{Rounds, thread_time};
use super::own;
use super::trace::touch;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const ROUNDS: usize = 5;
const TURNS: u64 = 1_000_000;

/// Up to 1024 bytes.
fn size(number: u64) -> usize {
    let (a, b) = (number & 31, number >> 5 & 31);
    ((a + 1) * (b + 1)) as usize
}

/// Fills up to `count` blocks, replaces random ones, and tells the time of the latter. The blocks stay.
pub fn replace<C: Contender>(
    heap: &mut C,
    live: &mut Vec<Block>,
    count: usize,
    turns: u64,
    random: &mut Xoshiro256PlusPlus,
) -> u64 {
    while live.len() < count {
        let block = heap.allocate(size(random.next_u64()), 16);
        touch(block, 0);
        live.push(block);
    }
    let start = thread_time();
    for _ in 0..turns {
        let number = random.next_u64();
        let entry = &mut live[((number >> 32) * count as u64 >> 32) as usize];
        heap.free(*entry);
        *entry = heap.allocate(size(number), 16);
        touch(*entry, 0);
    }
    thread_time() - start
}

pub fn run() {
    const NAME: &str = "memcore MappedHeap";
    for count in [1000, 10_000, 100_000, 1_000_000] {
        let contenders = general::all();
        let mut mapped = own::mapped();
        let mut rounds = Rounds::new(contenders.iter().map(|(name, _)| *name).chain([NAME]));
        for round in 0..ROUNDS {
            let random = || Xoshiro256PlusPlus::seed_from_u64(round as u64);
            for (place, (_, heap)) in contenders.iter().enumerate() {
                let mut live = Vec::with_capacity(count);
                let time = heap.replace(&mut live, count, TURNS, &mut random());
                rounds.note(place, time as f64 / TURNS as f64);
                live.into_iter().for_each(|block| heap.free_one(block));
            }
            let mut live = Vec::with_capacity(count);
            let time = replace(&mut mapped, &mut live, count, TURNS, &mut random());
            rounds.note(contenders.len(), time as f64 / TURNS as f64);
            live.into_iter().for_each(|block| mapped.free(block));
        }
        rounds.print(&format!("\nfree + allocate, {count} live"), general::PEERS, |_| String::new());
    }
}
