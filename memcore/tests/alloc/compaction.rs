//! Compaction with real bytes: whoever copies in the order of the plan finds every block's contents at its new place.
//!
//! That the plans are the ones that were meant is for the models to say; here it is that they are safe.

use crate::lockstep::cases;
use memcore::alloc::{Allocator, AnyAllocator, Block, Budget, Options, Request};
use proptest::prelude::*;

const STRATEGIES: [&str; 6] =
    ["first-fit", "next-fit", "best-fit:tie=recent", "worst-fit", "tlsf:tie=lowest", "pool:slot=48"];

/// What block number `number` holds at its byte `at`: no two blocks agree for long.
fn content(number: usize, at: u64) -> u8 {
    (number as u64 * 131 + at * 7 + (at >> 5)) as u8
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn contents_survive_every_plan(
        strategy in prop::sample::select(&STRATEGIES[..]),
        index in any::<bool>(),
        granularity in prop::sample::select(&[1u64, 8][..]),
        requests in prop::collection::vec((1..48u64, 0..6u32, 0..8u64), 1..80),
        freed in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        rounds in prop::collection::vec(
            (prop::option::of(0..500u64), prop::option::of(0..12u64), prop::collection::vec(any::<prop::sample::Index>(), 0..4)),
            1..4,
        ),
    ) {
        let options = Options::new(4096).granularity(granularity).address_index(index);
        let mut space = AnyAllocator::new(&strategy.parse().unwrap(), options).unwrap();
        let mut memory = vec![0u8; 4096];
        let mut blocks: Vec<(usize, Request, Block)> = Vec::new();
        for (number, &(size, alignment, bias)) in requests.iter().enumerate() {
            let alignment = if strategy.starts_with("pool") { 1 } else { 1 << alignment };
            let request = Request::new(size).align(alignment).bias(bias / granularity * granularity * alignment);
            if let Ok(block) = space.allocate(request) {
                for at in 0..block.size {
                    memory[(block.start + at) as usize] = content(number, at);
                }
                blocks.push((number, request, block));
            }
        }
        for at in freed {
            if !blocks.is_empty() {
                let (_, _, block) = blocks.swap_remove(at.index(blocks.len()));
                space.free(block.id).unwrap();
            }
        }
        for (bytes, moves, pins) in rounds {
            let pinned: Vec<_> = pins.iter().filter(|_| !blocks.is_empty()).map(|at| at.get(&blocks).2.id).collect();
            let budget = Budget { bytes: bytes.unwrap_or(u64::MAX), moves: moves.unwrap_or(u64::MAX) };
            let plan = space.plan_compaction(budget, &pinned).unwrap();
            prop_assert!(plan.moves().len() as u64 <= budget.moves);
            prop_assert!(plan.bytes() <= budget.bytes);
            prop_assert_eq!(plan.bytes(), plan.moves().iter().map(|step| step.size).sum::<u64>());
            for step in plan.moves() {
                prop_assert!(step.to < step.from, "a block moves up");
                prop_assert!(!pinned.contains(&step.id), "a pinned block moves");
                memory.copy_within(step.from as usize..(step.from + step.size) as usize, step.to as usize);
            }
            space.commit(&plan).unwrap();
            space.validate().unwrap();
            for (number, request, block) in &mut blocks {
                let now = space.block(block.id).unwrap();
                prop_assert_eq!((now.size, now.requested), (block.size, block.requested));
                prop_assert!(!pinned.contains(&now.id) || now.start == block.start);
                prop_assert_eq!((now.start + request.bias) % request.alignment, 0, "an alignment is lost");
                for at in 0..now.size {
                    prop_assert_eq!(memory[(now.start + at) as usize], content(*number, at));
                }
                *block = now;
            }
            // A second plan without limits leaves nothing to do after itself.
            let rest = space.plan_compaction(Budget::UNLIMITED, &pinned).unwrap();
            let mut trial = space.clone();
            trial.commit(&rest).unwrap();
            prop_assert!(trial.plan_compaction(Budget::UNLIMITED, &pinned).unwrap().moves().is_empty());
        }
    }
}

/// A million-block space cannot afford hundreds of bytes of tables for each move.
#[test]
fn a_large_plan_needs_little_memory_for_its_tables() {
    for strategy in ["first-fit", "best-fit", "best-fit:tie=recent", "worst-fit", "tlsf", "tlsf:tie=lowest"] {
        let mut space = AnyAllocator::new(&strategy.parse().unwrap(), Options::new(1 << 40)).unwrap();
        let blocks: Vec<_> = (0..100_000).map(|_| space.allocate(Request::new(10_000)).unwrap()).collect();
        let before = space.metadata_bytes();
        for block in blocks.iter().step_by(2) {
            space.free(block.id).unwrap();
        }
        let plan = space.plan_compaction(Budget::UNLIMITED, &[]).unwrap();
        assert_eq!(plan.moves().len(), 50_000);
        space.commit(&plan).unwrap();
        space.validate().unwrap();
        assert_eq!((space.stats().holes, space.stats().used), (1, 500_000_000));
        // The blocks' own records, and no more than 64 bytes for each of the 100000 regions that there were.
        let now = space.metadata_bytes();
        assert!(now < before + 100_000 * 64, "{strategy}: {before} bytes became {now}");
    }
}
