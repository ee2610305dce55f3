//! A compaction in parts, and who lies beside whom, in every strategy.

use memcore::alloc::compaction::PartEnd;
use memcore::alloc::{Allocator, AnyAllocator, Block, BlockId, Budget, Options, Regions, Request, Strategy};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

fn strategies() -> impl Iterator<Item = Strategy> {
    Strategy::names().iter().map(|name| if *name == "pool" { "pool:slot=64" } else { name }.parse().unwrap())
}

fn blocks(space: &AnyAllocator) -> Vec<Block> {
    Regions::new(space).filter_map(|region| region.block()).collect()
}

/// A space with holes in it, where the strategy lets blocks go in any order.
fn with_holes(strategy: &Strategy, random: &mut impl Rng) -> AnyAllocator {
    let mut space = AnyAllocator::new(strategy, Options::new(1 << 14).granularity(8)).unwrap();
    let mut live: Vec<BlockId> = Vec::new();
    for _ in 0..120 {
        let request = Request::new(1 + random.next_u64() % 64).align(1 << (random.next_u64() % 6));
        live.extend(space.allocate(request).map(|block| block.id));
    }
    for _ in 0..70 {
        let one = random.next_u64() as usize % live.len();
        if space.free(live[one]).is_ok() {
            live.swap_remove(one);
        }
    }
    space
}

#[test]
fn neighbours_are_those_of_the_walk() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for strategy in strategies() {
        let space = with_holes(&strategy, &mut random);
        let blocks = blocks(&space);
        for (at, block) in blocks.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| blocks[at]);
            let wanted = (before, blocks.get(at + 1).copied());
            assert_eq!(space.neighbours(block.id), Ok(wanted), "{strategy}");
        }
        let stale = BlockId::from_bits(u64::MAX).unwrap();
        assert_eq!(space.neighbours(stale), space.block(stale).map(|_| (None, None)));
    }
}

#[test]
fn parts_come_to_what_the_whole_plan_comes_to() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    for strategy in strategies().filter(with_compaction) {
        let mut space = with_holes(&strategy, &mut random);
        let pinned = blocks(&space)[20].id;
        let mut whole = space.clone();
        let plan = whole.plan_compaction(Budget::UNLIMITED, &[pinned]).unwrap();
        assert!(!plan.moves().is_empty());
        whole.commit(&plan).unwrap();
        let (mut reached, mut parts, mut moved) = (None, 0, 0);
        loop {
            let budget = Budget { bytes: 200, moves: 1 + random.next_u64() % 4 };
            let part = space.plan_compaction_part(reached, 5, budget, &|id| id == pinned).unwrap();
            let moves = part.plan.moves().len() as u64;
            assert!(part.plan.bytes() <= budget.bytes && moves <= budget.moves, "{strategy}");
            space.commit(&part.plan).unwrap();
            space.validate().unwrap();
            (reached, parts, moved) = (part.reached, parts + 1, moved + moves);
            match part.end {
                PartEnd::End => break,
                PartEnd::Budget(block) => assert_eq!(space.block(block.id), Ok(block)),
                PartEnd::Looked => {}
            }
        }
        assert!(parts > 5, "{strategy}");
        assert_eq!(moved, plan.moves().len() as u64, "{strategy}");
        assert_eq!(blocks(&space), blocks(&whole), "{strategy}");
    }
}

fn with_compaction(strategy: &Strategy) -> bool {
    let space = AnyAllocator::new(strategy, 1 << 14).unwrap();
    let able = space.capabilities().compaction;
    assert_eq!(space.plan_compaction_part(None, 1, Budget::UNLIMITED, &|_| false).is_ok(), able);
    able
}
