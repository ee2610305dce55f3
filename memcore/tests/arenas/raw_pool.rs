//! The pool of bytes: the strategy `pool` predicts each address, and every other address is told apart.

use crate::arenas::fill::{check, fill};
use memcore::alloc::{Allocator, Options, Pool, Request};
use memcore::heap::{Borrowed, HeapError, RawHeap, RawPool};
use proptest::prelude::*;
use std::collections::HashMap;
use std::ptr::{NonNull, without_provenance_mut};

#[derive(Clone, Debug)]
enum Step {
    Allocate,
    Free(usize),
    Any(usize),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => Just(Step::Allocate),
        20 => any::<usize>().prop_map(Step::Free),
        15 => any::<usize>().prop_map(Step::Any),
        1 => Just(Step::Reset),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_strategy_predicts_it_and_every_address_is_answered(
        steps in prop::collection::vec(step(), 0..200),
        slot in 1usize..100,
        log_alignment in 0u32..6,
        bytes in 1usize..4000,
    ) {
        let mut memory = vec![0u8; bytes + 200];
        let start = memory.as_ptr().addr();
        let alignment = 1usize << log_alignment;
        let bytes = memory.len();
        let mut pool = RawPool::new(Borrowed::new(&mut memory), slot, alignment).unwrap();
        let size = slot.next_multiple_of(alignment);
        let first = start.next_multiple_of(alignment);
        let capacity = (start + bytes - first) / size * size;
        prop_assert_eq!((pool.slot_size(), pool.slots()), (size, capacity / size));
        let made = || Pool::new(Options::new(capacity as u64), size as u64).unwrap();
        let mut predicted = made();
        // Address to: when it was filled, if live.
        let mut model = HashMap::<usize, Option<(NonNull<u8>, u64)>>::new();
        for (number, step) in (0u64..).zip(steps) {
            match step {
                Step::Allocate => {
                    let wanted = predicted.allocate(Request::new(slot as u64)).ok();
                    let block = pool.allocate(slot, alignment).ok();
                    prop_assert_eq!(block.map(|block| (block.addr().get() - first) as u64), wanted.map(|wanted| wanted.start));
                    if let Some(block) = block {
                        fill(block, size, number);
                        model.insert(block.addr().get(), Some((block, number)));
                    }
                }
                Step::Free(which) => {
                    let mut live: Vec<_> = model.iter().filter(|(_, block)| block.is_some()).map(|(&at, _)| at).collect();
                    live.sort_unstable();
                    if !live.is_empty() {
                        let address = live[which % live.len()];
                        let (block, _) = model.insert(address, None).flatten().unwrap();
                        prop_assert_eq!(pool.usable_size(block.as_ptr()), Ok(size));
                        prop_assert_eq!(pool.free(block.as_ptr()), Ok(size));
                        predicted.free_at((address - first) as u64).unwrap();
                    }
                }
                Step::Any(which) => {
                    let address = (start + which % (bytes + 20)).wrapping_sub(10);
                    let pointer = without_provenance_mut::<u8>(address);
                    let inside = address >= start && address < start + bytes;
                    prop_assert_eq!(pool.contains(pointer), inside);
                    let freed = match model.get(&address) {
                        _ if !inside => Err(HeapError::NotInHeap { address }),
                        None => Err(HeapError::NotABlock { address }),
                        Some(None) => Err(HeapError::DoubleFree { address }),
                        Some(Some(_)) => Ok(size),
                    };
                    let usable = match freed {
                        Err(HeapError::DoubleFree { .. }) => Err(HeapError::NotABlock { address }),
                        other => other,
                    };
                    prop_assert_eq!(pool.usable_size(pointer), usable);
                    prop_assert_eq!(pool.resize_in_place(pointer, size), freed);
                    let available = size;
                    let larger = freed.and(Err(HeapError::NoRoomInPlace { address, size: size + 1, available }));
                    prop_assert_eq!(pool.resize_in_place(pointer, size + 1), larger);
                    if freed.is_err() {
                        prop_assert_eq!(pool.free(pointer), freed);
                    }
                }
                Step::Reset => {
                    pool.reset();
                    model.clear();
                    predicted = made();
                }
            }
            prop_assert_eq!(pool.validate(), Ok(()));
            let stats = pool.stats();
            prop_assert_eq!(stats.used + stats.free + stats.dead, stats.capacity);
            let wanted = predicted.stats();
            prop_assert_eq!((stats.used, stats.free, stats.holes, stats.largest_hole, stats.blocks),
                (wanted.used, wanted.free, wanted.holes, wanted.largest_hole, wanted.blocks));
            let mut seen = 0;
            pool.visit_blocks(&mut |block| {
                let (_, filled) = model[&block.address.addr().get()].expect("a block that lives");
                check(block.address, block.usable, filled);
                seen += 1;
            });
            prop_assert_eq!(seen, model.values().flatten().count());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_mapping_grows_under_the_pool_and_pages_of_free_slots_go_back() {
    use memcore::heap::{Mapping, MappingOptions};
    let memory = Mapping::reserve(MappingOptions::new(4 << 20)).unwrap();
    let mut pool = RawPool::new(memory, 1000, 8).unwrap();
    let mut blocks = Vec::new();
    while let Ok(block) = pool.allocate(1000, 8) {
        fill(block, 1000, blocks.len() as u64);
        blocks.push(block);
    }
    assert_eq!(blocks.len(), (4 << 20) / 1000);
    (0u64..).zip(&blocks).for_each(|(number, &block)| check(block, 1000, number));
    assert_eq!(pool.trim(), 0);
    // All but the last: every whole page in front of it goes.
    let last = blocks.pop().unwrap();
    let pages = (last.addr().get() - blocks[0].addr().get()) / 4096 * 4096;
    blocks.iter().for_each(|block| _ = pool.free(block.as_ptr()).unwrap());
    assert_eq!(pool.trim(), pages);
    check(last, 1000, 4193);
    assert!(pool.metadata_bytes() < 4194 * 5 + 8192 * 4);
}
