//! The state machine of all heaps, over checked ones.

use super::super::addresses::Bytes;
use super::super::harness::{Expectations, drive, step, steps};
use memcore::heap::{Checked, Checks, Heap, RawHeap};
use proptest::prelude::*;

const STRATEGIES: [&str; 7] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "worst-fit",
    "tlsf",
    "size-classes",
    "size-classes:fallback=best-fit",
];

fn expectations() -> Expectations {
    // What was in front of a block may be given out again before its bytes are.
    Expectations { knows_double_frees: false, ..Expectations::default() }
}

/// The quarantine is emptied when there is no room, which the figures show: here there is enough.
fn with_quarantine() -> Vec<Checks> {
    let mut all = vec![Checks::FULL.quarantine(32 << 10), Checks::LIGHT.quarantine(1000).track(true)];
    if cfg!(unix) {
        all.push(Checks::LIGHT.quarantine(4096).guard_every(3).guard_offset(1));
    }
    all
}

#[test]
fn every_strategy_keeps_its_word_within_checks() {
    let bytes = Bytes::new(1 << 20);
    let expectations = Expectations { validate_every: 16, ..expectations() };
    for (seed, name) in STRATEGIES.iter().enumerate() {
        let strategy = name.parse().unwrap();
        for checks in [Checks::LIGHT, Checks::NONE.limit(u64::MAX - 1), Checks::NONE.redzone(48).track(true)]
        {
            let make =
                || Checked::new(Heap::new(&strategy, bytes.part(seed, 1 << 20)).unwrap(), checks).unwrap();
            let heap = drive(make, expectations, &steps(seed as u64, 500));
            assert_eq!(heap.into_inner().unwrap().stats().blocks, 0);
        }
    }
}

#[test]
fn quarantine_and_guard_pages_keep_their_word() {
    let bytes = Bytes::new(64 << 20);
    let expectations = Expectations { validate_every: 16, largest: 64 << 10, ..expectations() };
    for (seed, checks) in with_quarantine().into_iter().enumerate() {
        let strategy = "best-fit".parse().unwrap();
        let make =
            || Checked::new(Heap::new(&strategy, bytes.part(seed, 64 << 20)).unwrap(), checks).unwrap();
        let heap = drive(make, expectations, &steps(seed as u64, 500));
        assert_eq!(heap.found(), 0);
        assert_eq!(heap.into_inner().unwrap().stats().blocks, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_memory_within_checks(
        log2 in 12u32..18,
        offset in 0usize..70,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let bytes = Bytes::new(1 << log2);
        for name in ["first-fit", "tlsf"] {
            let strategy = name.parse().unwrap();
            let inner = || Heap::new(&strategy, bytes.part(offset, 1 << log2)).unwrap();
            drive(|| Checked::new(inner(), Checks::LIGHT).unwrap(), expectations(), &steps);
        }
    }
}
