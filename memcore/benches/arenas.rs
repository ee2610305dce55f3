//! What a block of an arena and a value of a pool cost, beside bumpalo, slab and slotmap:
//! `cargo bench --bench arenas`.
//!
//! ```text
//! round 1   ours  bumpalo          the same work in turns, each on a structure that is warm
//! round 2   ours  bumpalo          the difference is taken within a round, and the median of all rounds counts
//! ...
//! ```
//!
//! A work handles about a million objects a round: 1000 times a thousand, 100 times ten thousand, and so on, each
//! time from an empty structure whose memory is kept. Times are nanoseconds an object.

use allocator_api2::vec::Vec as InVec;
use bumpalo::Bump;
use memcore::heap::{Arena, Handle, Pool};
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use slab::Slab;
use slotmap::SlotMap;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;
const OBJECTS: usize = 1 << 20;

type Work<'w> = (&'static str, Box<dyn FnMut() + 'w>);

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Measures the works in turns; the first is ours.
fn in_turns(case: &str, count: usize, mut works: Vec<Work<'_>>) {
    let times = OBJECTS / count;
    let mut nanos = vec![Vec::new(); works.len()];
    for round in 0..ROUNDS + 2 {
        for ((_, work), nanos) in works.iter_mut().zip(&mut nanos) {
            let begin = Instant::now();
            for _ in 0..times {
                work();
            }
            if round >= 2 {
                nanos.push(begin.elapsed().as_secs_f64() * 1e9 / (times * count) as f64);
            }
        }
    }
    print!("{case:24} {count:8}  ours {:6.2} ns", median(nanos[0].clone()));
    for ((name, _), peer) in works.iter().zip(&nanos).skip(1) {
        let more = median(nanos[0].iter().zip(peer).map(|(ours, peer)| ours - peer).collect());
        print!("   {name} {:6.2} ns ({more:+5.2})", median(peer.clone()));
    }
    println!();
}

/// The same blocks in an arena of ours and in bumpalo's.
macro_rules! blocks {
    ($case:expr, $count:expr, |$arena:ident, $number:ident| $work:expr) => {{
        let (mut ours, mut theirs) = (Arena::new(), Bump::new());
        let ours = move || {
            ours.reset();
            let $arena = &ours;
            for $number in 0..$count {
                $work;
            }
        };
        let theirs = move || {
            theirs.reset();
            let $arena = &theirs;
            for $number in 0..$count {
                $work;
            }
        };
        in_turns($case, $count, vec![("ours", Box::new(ours)), ("bumpalo", Box::new(theirs))]);
    }};
}

fn arenas(count: usize) {
    blocks!("arena: u64", count, |arena, number| black_box(arena.alloc(number as u64)));
    blocks!("arena: [u8; 64]", count, |arena, number| black_box(arena.alloc([number as u8; 64])));
    let text = black_box(*b"a slice of so many bytes");
    blocks!("arena: slice of 24 bytes", count, |arena, number| {
        black_box(arena.alloc_slice_copy(&text[number % 8..]))
    });
    let (mut ours, mut theirs) = (Arena::new(), Bump::new());
    let grow_ours = move || {
        ours.reset();
        let mut numbers = InVec::new_in(&ours);
        (0..count as u64).for_each(|number| numbers.push(number));
        black_box(&numbers);
    };
    let grow_theirs = move || {
        theirs.reset();
        let mut numbers = InVec::new_in(&theirs);
        (0..count as u64).for_each(|number| numbers.push(number));
        black_box(&numbers);
    };
    let works: Vec<Work<'_>> = vec![("ours", Box::new(grow_ours)), ("bumpalo", Box::new(grow_theirs))];
    in_turns("arena: a growing vector", count, works);
}

fn pools(count: usize) {
    // With memory for all of them; the structure is made and goes within the time.
    let works: Vec<Work<'_>> = vec![
        (
            "ours",
            Box::new(|| {
                let mut pool = Pool::with_capacity(count).expect("there is memory");
                (0..count as u64).for_each(|number| _ = black_box(pool.insert(number)));
            }),
        ),
        (
            "slab",
            Box::new(|| {
                let mut slab = Slab::with_capacity(count);
                (0..count as u64).for_each(|number| _ = black_box(slab.insert(number)));
            }),
        ),
        (
            "slotmap",
            Box::new(|| {
                let mut map = SlotMap::<slotmap::DefaultKey, u64>::with_capacity(count);
                (0..count as u64).for_each(|number| _ = black_box(map.insert(number)));
            }),
        ),
    ];
    in_turns("pool: make and fill", count, works);

    let (mut pool, mut slab) = (Pool::new(), Slab::new());
    let mut map = SlotMap::<slotmap::DefaultKey, u64>::new();
    let works: Vec<Work<'_>> = vec![
        (
            "ours",
            Box::new(|| {
                pool.clear();
                (0..count as u64).for_each(|number| _ = black_box(pool.insert(number)));
            }),
        ),
        (
            "slab",
            Box::new(|| {
                slab.clear();
                (0..count as u64).for_each(|number| _ = black_box(slab.insert(number)));
            }),
        ),
        (
            "slotmap",
            Box::new(|| {
                map.clear();
                (0..count as u64).for_each(|number| _ = black_box(map.insert(number)));
            }),
        ),
    ];
    in_turns("pool: clear and fill", count, works);

    // Any value goes and another comes, then any value is read.
    let mut random = Xoshiro256PlusPlus::from_rng(&mut SplitMix64::seed_from_u64(1));
    let places: Vec<usize> = (0..count).map(|_| random.next_u64() as usize % count).collect();
    let mut handles: Vec<Handle<u64>> = pool.iter().map(|(handle, _)| handle).collect();
    let mut keys: Vec<usize> = slab.iter().map(|(key, _)| key).collect();
    let mut names: Vec<_> = map.keys().collect();
    let works: Vec<Work<'_>> = vec![
        (
            "ours",
            Box::new(|| {
                for &place in &places {
                    let value = pool.remove(handles[place]).expect("it lives");
                    handles[place] = pool.insert(value).expect("there is memory");
                }
            }),
        ),
        (
            "slab",
            Box::new(|| {
                for &place in &places {
                    let value = slab.remove(keys[place]);
                    keys[place] = slab.insert(value);
                }
            }),
        ),
        (
            "slotmap",
            Box::new(|| {
                for &place in &places {
                    let value = map.remove(names[place]).expect("it lives");
                    names[place] = map.insert(value);
                }
            }),
        ),
    ];
    in_turns("pool: remove and insert", count, works);
    let works: Vec<Work<'_>> = vec![
        (
            "ours",
            Box::new(|| {
                black_box(places.iter().filter_map(|&place| pool.get(handles[place])).sum::<u64>());
            }),
        ),
        (
            "slab",
            Box::new(|| {
                black_box(places.iter().filter_map(|&place| slab.get(keys[place])).sum::<u64>());
            }),
        ),
        (
            "slotmap",
            Box::new(|| {
                black_box(places.iter().filter_map(|&place| map.get(names[place])).sum::<u64>());
            }),
        ),
    ];
    in_turns("pool: get", count, works);
    let works: Vec<Work<'_>> = vec![
        ("ours", Box::new(|| _ = black_box(pool.iter().map(|(_, value)| value).sum::<u64>()))),
        ("slab", Box::new(|| _ = black_box(slab.iter().map(|(_, value)| value).sum::<u64>()))),
        ("slotmap", Box::new(|| _ = black_box(map.values().sum::<u64>()))),
    ];
    in_turns("pool: walk", count, works);
}

fn main() {
    for count in [1000, 10_000, 100_000, 1_000_000] {
        arenas(count);
        pools(count);
    }
}
