//! A server: threads replace blocks of random sizes at random, end, and leave their blocks to threads that begin.
//!
//! ```text
//! thread 1  [ b b b ... b ]  replace, replace, ...  -> thread 1'  [ the same blocks ]  replace, ... -> thread 1''
//! ```
//!
//! So most blocks are freed by another thread than the one that allocated them.
//!
//! Per-Ake Larson, Murali Krishnan: Memory allocation for long-running server applications, ISMM 1998.

use super::contender::{Block, Shared};
use super::general::{self, Workloads};
use super::measure::{Rounds, thread_time};
use super::trace::touch;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const ROUNDS: usize = 7;
const BLOCKS: usize = 1000;
const GENERATIONS: usize = 10;
const TURNS: u64 = 100_000;

/// Replaces random blocks by blocks of 8 to 500 bytes.
pub fn serve<S: Shared>(heap: &S, blocks: &mut [Option<Block>], turns: u64, random: &mut Xoshiro256PlusPlus) {
    for _ in 0..turns {
        let number = random.next_u64();
        let place = (number % blocks.len() as u64) as usize;
        if let Some(old) = blocks[place].take() {
            heap.free(old);
        }
        let new = heap.allocate(8 + (number >> 32) as usize % 493, 16);
        touch(new, 0);
        blocks[place] = Some(new);
    }
}

fn measure(heap: &dyn Workloads, threads: usize) -> f64 {
    let mut owned: Vec<Vec<Option<Block>>> = vec![vec![None; BLOCKS]; threads];
    let mut total = 0;
    for generation in 0..GENERATIONS {
        total += std::thread::scope(|scope| {
            let workers: Vec<_> = owned
                .iter_mut()
                .enumerate()
                .map(|(thread, blocks)| {
                    scope.spawn(move || {
                        let seed = (generation * threads + thread) as u64;
                        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
                        let start = thread_time();
                        heap.serve(blocks, TURNS, &mut random);
                        thread_time() - start
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum::<u64>()
        });
        // What one has left the next one takes over.
        owned.rotate_left(1);
    }
    owned.into_iter().flatten().flatten().for_each(|block| heap.free_one(block));
    total as f64 / (GENERATIONS as u64 * TURNS * threads as u64) as f64
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
        rounds.print(&format!("\nfree + allocate, {threads} at once"), general::PEERS, |_| String::new());
    }
}
