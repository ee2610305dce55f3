//! `Heap<A, M>`: every strategy, in memory that begins anywhere and in memory that grows.

use super::addresses::{Bytes, with_parts};
use super::harness::{Driver, Expectations, drive, step, steps};
use memcore::alloc::storage::{Fixed, Growable};
use memcore::alloc::{FirstFit, Options, Strategy as Fit, Tlsf};
use memcore::heap::{Heap, Memory, RawHeap, start_words};
use proptest::prelude::*;

/// Every strategy, some with parameters; slots that payloads of 16 bytes fit in.
const STRATEGIES: [&str; 13] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "tlsf:probe=4,tie=lowest",
    "buddy",
    "size-classes",
    "size-classes:fallback=best-fit",
    "pool:slot=2048",
    "bump",
    "stack",
];

fn strategy(text: &str) -> Fit {
    text.parse().unwrap()
}

fn expectations(strategy: &Fit) -> Expectations {
    let default = Expectations::default();
    match strategy {
        // Blocks begin at multiples of their size only, and the space where the memory lets it.
        Fit::Buddy | Fit::Pool { .. } => Expectations { widest: 16, ..default },
        Fit::Stack => Expectations { last_in_first_out: true, resizes_last_only: true, ..default },
        Fit::Bump => Expectations { resizes_last_only: true, ..default },
        _ => default,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_strategy_keeps_its_word_wherever_the_memory_begins(
        log2 in 6u32..18,
        offset in 0usize..70,
        less in 0usize..40,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let bytes = Bytes::new(1 << log2);
        for name in STRATEGIES {
            let strategy = strategy(name);
            let len = (1usize << log2) - less.min(20);
            let make = |_: &Fit| Heap::new(&strategy, bytes.part(offset, len));
            // A pool may have no room for one slot.
            let Ok(_) = make(&strategy) else { continue };
            drive(|| make(&strategy).unwrap(), expectations(&strategy), &steps);
        }
    }
}

#[test]
fn long_runs_in_a_megabyte() {
    let bytes = Bytes::new(1 << 20);
    for (seed, name) in STRATEGIES.iter().enumerate() {
        let strategy = strategy(name);
        let expectations = Expectations { validate_every: 64, ..expectations(&strategy) };
        let make = || Heap::new(&strategy, bytes.part(seed, 1 << 20)).unwrap();
        drive(make, expectations, &steps(seed as u64, 1500));
    }
}

#[test]
#[cfg(all(feature = "std", unix))]
fn memory_grows_under_every_strategy() {
    use memcore::heap::{Mapping, MappingOptions};
    for (seed, name) in STRATEGIES.iter().enumerate() {
        let strategy = strategy(name);
        let expectations = Expectations { validate_every: 64, ..expectations(&strategy) };
        let make = || Heap::new(&strategy, Mapping::reserve(MappingOptions::new(6 << 20)).unwrap()).unwrap();
        let first = make().memory().len();
        let heap = drive(make, expectations, &steps(100 + seed as u64, 1500));
        let served_from_a_slot = matches!(strategy, Fit::Pool { .. });
        assert!(heap.memory().len() > first || served_from_a_slot, "{name}");
    }
}

#[test]
fn a_granularity_of_sixteen_needs_no_bias() {
    let bytes = Bytes::new(1 << 16);
    for offset in [0, 8, 9] {
        let make = || {
            let make = |options: Options, _: &mut Growable| Tlsf::new(options.granularity(16));
            with_parts(bytes.part(offset, 1 << 16), &mut Growable::default(), make).unwrap()
        };
        drive(make, Expectations::default(), &steps(7, 600));
    }
}

#[test]
fn tables_in_a_buffer_of_the_callers() {
    let bytes = Bytes::new(1 << 16);
    let most = 40;
    let options = Options::new(1 << 16).granularity(8);
    let words = Fit::FirstFit.fixed_words(&options, most).unwrap() + start_words(1 << 16);
    let mut tables = vec![0u64; words];
    let mut storage = Fixed::new(&mut tables, most);
    let heap = with_parts(bytes.part(0, 1 << 16), &mut storage, |options, storage| {
        FirstFit::in_storage(options, (), storage)
    });
    let mut driver = Driver::new(heap.unwrap(), Expectations::default());
    steps(8, 600).iter().for_each(|step| driver.take(step));
    let heap = driver.finish();
    assert!(heap.metadata_bytes() <= words * 8 + size_of_val(&heap));
    // One word less is not enough.
    let mut tables = vec![0u64; start_words(1 << 16) - 1];
    let mut storage = Fixed::new(&mut tables, most);
    let memory = bytes.part(0, 1 << 16);
    assert!(with_parts(memory, &mut storage, |options, _| FirstFit::new(options)).is_err());
}
