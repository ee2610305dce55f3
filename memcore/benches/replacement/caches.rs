//! Caches of any keys, against crates that hold values by key: here of no size, so that the work is the order's.

use super::rounds::in_turns;
use memcore::replacement::Cache;
use memcore::trace::PageTrace;
use std::hint::black_box;
use std::num::NonZero;

/// A contender: runs the keys through a cache of so many, and gives the hits.
type Contender = fn(&[u64], u32) -> u64;

const CONTENDERS: [(&str, Contender); 7] = [
    ("Cache lru", |keys, frames| ours("lru", keys, frames)),
    ("Cache clock", |keys, frames| ours("clock", keys, frames)),
    ("Cache sieve", |keys, frames| ours("sieve", keys, frames)),
    ("Cache s3-fifo", |keys, frames| ours("s3-fifo", keys, frames)),
    ("Cache arc", |keys, frames| ours("arc", keys, frames)),
    ("lru crate", lru_crate),
    ("quick_cache", quick_cache),
];

pub fn table(traces: &[PageTrace]) {
    println!("\nCaches of u64 keys, M accesses/s (hit ratio)");
    for trace in traces {
        let frames = (trace.pages() / 10).max(1);
        // Spread, so that keys are no small numbers.
        let spread = |page: &u32| trace.keys()[*page as usize].wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let keys: Vec<u64> = trace.references().iter().map(spread).collect();
        let mut hits = [0; CONTENDERS.len()];
        let works = CONTENDERS.iter().zip(&mut hits).map(|((_, run), hits)| {
            let keys = &keys;
            Box::new(move || *hits = black_box(run(keys, frames))) as Box<dyn FnMut()>
        });
        let seconds = in_turns(&mut works.collect::<Vec<_>>());
        println!("{} pages, {frames} frames", trace.pages());
        for ((name, _), (seconds, hits)) in CONTENDERS.iter().zip(seconds.iter().zip(hits)) {
            let rate = keys.len() as f64 / seconds / 1e6;
            println!("  {name:<14} {rate:>8.1} ({:.4})", hits as f64 / keys.len() as f64);
        }
    }
}

fn ours(name: &str, keys: &[u64], frames: u32) -> u64 {
    let mut cache =
        Cache::new(&name.parse().expect("its own name"), frames).expect("the frames are in range");
    for &key in keys {
        cache.access(key, false).expect("there is memory");
    }
    cache.stats().hits
}

fn lru_crate(keys: &[u64], frames: u32) -> u64 {
    let mut cache = lru::LruCache::new(NonZero::new(frames as usize).expect("at least one frame"));
    keys.iter()
        .filter(|&&key| {
            let hit = cache.get(&key).is_some();
            if !hit {
                cache.put(key, ());
            }
            hit
        })
        .count() as u64
}

fn quick_cache(keys: &[u64], frames: u32) -> u64 {
    let mut cache = quick_cache::unsync::Cache::new(frames as usize);
    keys.iter()
        .filter(|&&key| {
            let hit = cache.get(&key).is_some();
            if !hit {
                cache.insert(key, ());
            }
            hit
        })
        .count() as u64
}
