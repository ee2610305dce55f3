//! The ring against a list of records that is searched from its beginning, contents checked.

use crate::arenas::fill::{check, fill};
use memcore::alloc::AllocError;
use memcore::heap::{Borrowed, HeapError, Ring};
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
enum Step {
    Allocate { size: usize, log_alignment: u32 },
    Release,
    ReleaseWrong(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..120usize, 0..6u32).prop_map(|(size, log_alignment)| Step::Allocate { size, log_alignment }),
        5 => Just(Step::Release),
        1 => any::<usize>().prop_map(Step::ReleaseWrong),
    ]
}

/// The place of a record by trying each: behind the newest up to the end, then from 0 on, in both cases without a
/// byte that lies between the oldest and the newest.
fn place(
    records: &VecDeque<(usize, usize, u64)>,
    start: usize,
    bytes: usize,
    size: usize,
    alignment: usize,
) -> Option<usize> {
    let free = |at: usize| (at + start) % alignment == 0 && at + size <= bytes;
    let Some((&(oldest, ..), &(newest, last, _))) = records.front().zip(records.back()) else {
        return (0..bytes).find(|&at| free(at));
    };
    let tail = newest + last;
    if oldest <= newest {
        let behind = (tail..bytes).find(|&at| free(at));
        return behind.or_else(|| (0..oldest).find(|&at| free(at) && at + size <= oldest));
    }
    (tail..oldest).find(|&at| free(at) && at + size <= oldest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ring_gives_out_in_order_and_takes_back_in_order(
        steps in prop::collection::vec(step(), 0..200),
        bytes in 1usize..600,
    ) {
        let mut memory = vec![0u8; bytes];
        let start = memory.as_ptr().addr();
        let mut ring = Ring::new(Borrowed::new(&mut memory)).unwrap();
        let mut model = VecDeque::<(usize, usize, u64)>::new();
        for (number, step) in (0u64..).zip(steps) {
            match step {
                Step::Allocate { size, log_alignment } => {
                    let (alignment, taken) = (1 << log_alignment, size.max(1));
                    let wanted = place(&model, start, bytes, taken, alignment);
                    let block = ring.allocate(size, alignment).ok();
                    prop_assert_eq!(block.map(|block| block.addr().get() - start), wanted);
                    if let Some(block) = block {
                        fill(block, taken, number);
                        model.push_back((block.addr().get() - start, taken, number));
                    }
                }
                Step::Release => {
                    let front = ring.front();
                    prop_assert_eq!(front.map(|front| (front.address.addr().get() - start, front.usable)),
                        model.front().map(|&(at, size, _)| (at, size)));
                    if let Some(front) = front {
                        prop_assert_eq!(ring.release(front.address.as_ptr()), Ok(front.usable));
                        model.pop_front();
                    }
                }
                Step::ReleaseWrong(address) => {
                    let offset = address % (bytes + 10);
                    let address = start + offset;
                    let oldest = model.front().map_or(bytes, |front| front.0);
                    let wanted = if offset >= bytes {
                        HeapError::NotInHeap { address }
                    } else if model.iter().any(|record| record.0 == offset) {
                        HeapError::NotOldest { address, oldest: start + oldest }
                    } else {
                        HeapError::NotABlock { address }
                    };
                    if offset != oldest {
                        let record = std::ptr::without_provenance_mut(address);
                        prop_assert_eq!(ring.release(record), Err(wanted));
                    }
                }
            }
            prop_assert_eq!(ring.validate(), Ok(()));
            prop_assert_eq!(ring.len(), model.len());
            prop_assert_eq!(ring.used(), model.iter().map(|record| record.1).sum::<usize>());
            prop_assert_eq!(ring.used() + ring.gaps() + ring.free(), bytes);
            for (block, &(_, size, filled)) in ring.iter().zip(&model) {
                check(block.address, size, filled);
            }
            // What is told as the largest hole is one, and nothing larger is.
            let largest = (1..=bytes).rev().find(|&size| place(&model, start, bytes, size, 1).is_some());
            prop_assert_eq!(ring.largest_hole(), largest.unwrap_or(0));
        }
    }
}

#[test]
fn a_full_ring_says_what_is_free_and_an_empty_one_begins_again() {
    let mut memory = [0u8; 100];
    let mut ring = Ring::new(Borrowed::new(&mut memory)).unwrap();
    let first = ring.allocate(60, 1).unwrap();
    let second = ring.allocate(20, 1).unwrap();
    ring.release(first.as_ptr()).unwrap();
    let full = AllocError::OutOfSpace { size: 61, alignment: 1, free: 80, largest_hole: 60 };
    assert_eq!(ring.allocate(61, 1), Err(full.into()));
    assert_eq!(ring.release(second.as_ptr()), Ok(20));
    assert_eq!(ring.allocate(100, 1), Ok(first));
    assert!(ring.allocate(1, 1).is_err());
    ring.reset();
    assert_eq!((ring.len(), ring.used(), ring.gaps(), ring.free()), (0, 0, 0, 100));
}
