//! The arena of bytes: the strategy `bump` predicts each address, and checkpoints are numbers.

use crate::arenas::fill::{check, fill};
use memcore::alloc::{AllocError, Allocator, Bump, Request};
use memcore::heap::{Borrowed, RawArena};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_strategy_predicts_it_to_the_byte(
        requests in prop::collection::vec((1..200usize, 0..9u32), 0..100),
        bytes in 1usize..6000,
    ) {
        // Memory that begins at a multiple of 256, as mapped memory does: then offsets say everything.
        let mut memory = vec![0u8; bytes + 256];
        let pad = memory.as_ptr().addr().wrapping_neg() % 256;
        let memory = &mut memory[pad..pad + bytes];
        let start = memory.as_ptr().addr();
        let mut arena = RawArena::new(Borrowed::new(memory)).unwrap();
        let mut predicted = Bump::new(bytes as u64).unwrap();
        let mut blocks = Vec::new();
        for (number, (size, log_alignment)) in (0u64..).zip(requests) {
            let wanted = predicted.allocate(Request::new(size as u64).align(1 << log_alignment));
            let block = arena.allocate(size, 1 << log_alignment);
            match (block, wanted) {
                (Ok(block), Ok(wanted)) => {
                    prop_assert_eq!((block.addr().get() - start) as u64, wanted.start);
                    fill(block, size, number);
                    blocks.push((block, size, number));
                }
                (block, wanted) => prop_assert_eq!(block.err(), wanted.err().map(Into::into)),
            }
            prop_assert_eq!(arena.footprint() as u64, predicted.stats().footprint);
            prop_assert!(blocks.last().is_none_or(|&(block, ..)| arena.contains(block.as_ptr())));
        }
        blocks.iter().for_each(|&(block, size, number)| check(block, size, number));
    }
}

#[test]
fn checkpoints_and_the_footprint() {
    let mut memory = [0u8; 1000];
    let mut arena = RawArena::new(Borrowed::new(&mut memory)).unwrap();
    arena.allocate(100, 1).unwrap();
    let checkpoint = arena.checkpoint();
    arena.allocate(500, 1).unwrap();
    arena.rewind(checkpoint).unwrap();
    assert_eq!((arena.used(), arena.footprint(), arena.capacity()), (100, 600, 1000));
    assert_eq!(arena.rewind(101), Err(AllocError::BadCheckpoint { position: 101 }.into()));
    arena.reset();
    assert_eq!((arena.used(), arena.footprint()), (0, 600));
    let zeroed = arena.allocate_zeroed(1000, 1).unwrap();
    // SAFETY: the block has so many bytes, and was written.
    assert!(unsafe { std::slice::from_raw_parts(zeroed.as_ptr(), 1000) }.iter().all(|&byte| byte == 0));
}

#[cfg(unix)]
#[test]
fn a_mapping_grows_under_the_arena_up_to_its_limit() {
    use memcore::heap::{Mapping, MappingOptions};
    let mut arena = RawArena::new(Mapping::reserve(MappingOptions::new(8 << 20)).unwrap()).unwrap();
    let mut blocks = Vec::new();
    for number in 0..8 {
        let block = arena.allocate(1 << 20, 4096).unwrap();
        fill(block, 100, number);
        blocks.push(block);
    }
    (0u64..).zip(&blocks).for_each(|(number, &block)| check(block, 100, number));
    let full = AllocError::OutOfSpace { size: 1, alignment: 1, free: 0, largest_hole: 0 };
    assert_eq!(arena.allocate(1, 1), Err(full.into()));
    arena.reset();
    assert_eq!(arena.trim(), 8 << 20);
    let again = arena.allocate(100, 4096).unwrap();
    assert_eq!(again, blocks[0]);
    // SAFETY: the block has so many bytes; the system gave its pages anew.
    assert_eq!(unsafe { again.read() }, 0);
}
