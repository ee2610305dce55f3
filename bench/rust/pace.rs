//! The engine's own pace, with which bench/python/doors.py compares the doors.
//!
//! - `pace pairs STRATEGY LIVE PAIRS`: bench/c/pairs.c in Rust, request for request.
//! - `pace batch STRATEGY COUNT`: COUNT allocations of 16 to 1023 bytes, starts and ids kept, then their frees.
//! - `pace replay STRATEGY FILE`: the exact pass of a replay.
//!
//! Each line on the standard input asks for one round, and is answered with the nanoseconds of one pair, one operation
//! or one pass: so the caller can let several programs take turns.

use std::{error::Error, hint::black_box, io, time::Instant};

use memcore::{
    alloc::{Allocator, AnyAllocator, BlockId, Options, Request, Strategy},
    replay::{ReplayOptions, replay_strategy},
    trace::{AllocTrace, ReadOptions},
};

const SMALLEST: u64 = 16;
const SIZES: u64 = 1008;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// xorshift64*, as in pairs.c.
struct Random(u64);

impl Random {
    fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// Times `work` once for each line of the standard input; the answer is the time through `parts`.
fn serve(parts: usize, mut work: impl FnMut() -> Outcome<()>) -> Outcome<()> {
    for line in io::stdin().lines() {
        line?;
        let begin = Instant::now();
        work()?;
        println!("{:.3}", begin.elapsed().as_nanos() as f64 / parts as f64);
    }
    Ok(())
}

fn space(strategy: &Strategy, blocks: usize) -> Outcome<AnyAllocator> {
    Ok(AnyAllocator::new(strategy, Options::new(2 * (SMALLEST + SIZES / 2) * blocks as u64 + 4096))?)
}

fn pairs(strategy: &Strategy, live: usize, pairs: usize) -> Outcome<()> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut allocator = space(strategy, live)?;
    let mut ids: Vec<BlockId> = Vec::with_capacity(live);
    for _ in 0..live {
        ids.push(allocator.allocate(Request::new(SMALLEST + random.draw() % SIZES))?.id);
    }
    serve(pairs, || {
        for _ in 0..pairs {
            let drawn = random.draw();
            let id = &mut ids[(drawn >> 32) as usize % live];
            allocator.free(*id)?;
            *id = allocator.allocate(Request::new(SMALLEST + (drawn & u64::from(u32::MAX)) % SIZES))?.id;
        }
        Ok(())
    })
}

fn batch(strategy: &Strategy, count: usize) -> Outcome<()> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let sizes: Vec<u64> = (0..count).map(|_| SMALLEST + random.draw() % SIZES).collect();
    let mut allocator = space(strategy, count)?;
    serve(2 * count, || {
        let (mut starts, mut ids) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for &size in &sizes {
            let block = allocator.allocate(Request::new(size))?;
            starts.push(block.start);
            ids.push(block.id);
        }
        black_box(&starts);
        for &id in &ids {
            allocator.free(id)?;
        }
        Ok(())
    })
}

fn replay(strategy: &Strategy, file: &str) -> Outcome<()> {
    let trace = AllocTrace::open(file, &ReadOptions::default(), &mut ())?;
    serve(1, || {
        black_box(replay_strategy(&trace, strategy, &ReplayOptions::default(), &mut ())?);
        Ok(())
    })
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["pairs", strategy, live, count] => pairs(&strategy.parse()?, live.parse()?, count.parse()?),
        ["batch", strategy, count] => batch(&strategy.parse()?, count.parse()?),
        ["replay", strategy, file] => replay(&strategy.parse()?, file),
        _ => Err("pairs STRATEGY LIVE PAIRS, batch STRATEGY COUNT, or replay STRATEGY FILE".into()),
    }
}
