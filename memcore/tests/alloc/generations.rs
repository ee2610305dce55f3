//! Ids: what was freed is found out for ever, whatever became of its slot.

use memcore::alloc::storage::Fixed;
use memcore::alloc::{
    AllocError, Allocator, AnyAllocator, BlockId, Options, RegionKind, Regions, Request, Strategy,
};
use proptest::prelude::*;
use std::collections::HashSet;

const STRATEGIES: [&str; 9] = [
    "first-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "buddy",
    "size-classes",
    "pool:slot=64",
    "bump",
    "stack",
];

fn space(strategy: &str) -> AnyAllocator {
    let options = Options::new(1 << 40).granularity(16).address_index(true).tags(true);
    AnyAllocator::new(&strategy.parse().unwrap(), options).unwrap()
}

/// Allocates `count` blocks and frees them all, the last first, as a stack demands.
fn come_and_go(space: &mut AnyAllocator, count: usize) -> Vec<BlockId> {
    let ids: Vec<_> = (0..count).map(|_| space.allocate(Request::new(40)).unwrap().id).collect();
    for &id in ids.iter().rev() {
        space.free(id).unwrap();
    }
    ids
}

#[test]
fn a_hundred_thousand_freed_ids_stay_dead_when_their_memory_is_given_back_and_taken_again() {
    for strategy in STRATEGIES {
        let mut space = space(strategy);
        let first = come_and_go(&mut space, 100_000);
        space.reset().unwrap();
        let second: Vec<_> = (0..100_000).map(|_| space.allocate(Request::new(40)).unwrap().id).collect();
        let distinct: HashSet<_> = first.iter().chain(&second).collect();
        assert_eq!(distinct.len(), 200_000, "{strategy} gave an id out twice");
        for &id in &first {
            assert_eq!(space.free(id), Err(AllocError::DoubleFree { id }), "{strategy}");
            assert_eq!(space.block(id), Err(AllocError::StaleId { id }), "{strategy}");
        }
        space.validate().unwrap();
        space.reset().unwrap();
        for id in second {
            assert_eq!(space.free(id), Err(AllocError::DoubleFree { id }), "{strategy}");
        }
    }
}

#[test]
fn the_tables_are_given_back_as_blocks_go() {
    // A pool keeps the records of all slots up to the highest ever used, as it says.
    for strategy in STRATEGIES.into_iter().filter(|strategy| !strategy.starts_with("pool")) {
        let mut space = space(strategy);
        let blocks: Vec<_> = (0..100_000).map(|_| space.allocate(Request::new(40)).unwrap()).collect();
        let (tables, optional) = (space.metadata_bytes(), space.optional_bytes());
        assert!(tables >= 100_000 * 32, "{strategy}: a record has 32 bytes, and there are 100000");
        for block in blocks.iter().rev() {
            space.free(block.id).unwrap();
        }
        space.reset().unwrap(); // an arena's dead blocks leave only now
        // What stays is a few bytes for each chunk of 128 records that ever was, and a chunk or two of each table.
        assert!(space.metadata_bytes() < tables / 20, "{strategy}: {} of {tables}", space.metadata_bytes());
        assert!(
            space.optional_bytes() < optional / 20,
            "{strategy}: {} of {optional}",
            space.optional_bytes()
        );
    }
}

#[test]
fn a_slot_in_steady_use_gives_a_new_id_each_time() {
    for strategy in STRATEGIES {
        let mut space = space(strategy);
        let mut seen = HashSet::new();
        for _ in 0..5000 {
            let block = space.allocate(Request::new(1)).unwrap();
            assert!(seen.insert(block.id), "{strategy}");
            space.free(block.id).unwrap();
        }
        for id in seen {
            assert_eq!(space.free(id), Err(AllocError::DoubleFree { id }), "{strategy}");
        }
    }
}

proptest! {
    #![proptest_config(crate::lockstep::cases(200))]

    /// An id made up of any bits names a live block or is refused; it never panics, and nothing changes.
    #[test]
    fn ids_out_of_the_air_are_refused(bits in any::<u64>(), index in 0..300u64, generation in 0..9u64) {
        for strategy in STRATEGIES {
            let mut space = space(strategy);
            come_and_go(&mut space, 200);
            let live: HashSet<_> = (0..100).map(|_| space.allocate(Request::new(40)).unwrap().id).collect();
            let before = space.stats();
            for bits in [bits, generation << 32 | index, bits << 32 | index] {
                let Some(id) = BlockId::from_bits(bits).filter(|id| !live.contains(id)) else { continue };
                let unknown = matches!(space.block(id), Err(AllocError::StaleId { .. } | AllocError::UnknownId { .. }));
                prop_assert!(unknown, "{} {:?}", strategy, space.block(id));
                let refused = space.free(id);
                let refused = matches!(refused, Err(AllocError::DoubleFree { .. } | AllocError::UnknownId { .. }));
                prop_assert!(refused, "{}", strategy);
                prop_assert!(space.resize(id, 1).is_err() && space.tag(id).is_err() && space.set_tag(id, 1).is_err());
            }
            prop_assert_eq!(space.stats(), before);
        }
    }
}

/// A slot lives through 2^31 - 1 blocks and is then retired. To see that takes as many allocations for each strategy:
/// `cargo test --release -p memcore --test alloc -- --ignored`.
#[test]
#[ignore = "takes some minutes, in release"]
fn a_slot_whose_generations_are_used_up_is_never_used_again() {
    for strategy in ["stack", "first-fit", "pool:slot=64"] {
        let (strategy, options): (Strategy, _) = (strategy.parse().unwrap(), Options::new(64));
        let mut buffer = vec![0; strategy.fixed_words(&options, 1).unwrap()];
        let mut space =
            AnyAllocator::in_storage(&strategy, options, &mut Fixed::new(&mut buffer, 1)).unwrap();
        let first = space.allocate(Request::new(64)).unwrap().id;
        space.free(first).unwrap();
        let mut ids = HashSet::from([first]);
        let mut count = 1u64;
        let last = loop {
            match space.allocate(Request::new(64)) {
                Ok(block) => {
                    // Slots are few, so a wrapped id would be the first of its slot again.
                    assert!(count > 8 || ids.insert(block.id));
                    assert!(
                        count <= 8 || !ids.contains(&block.id),
                        "{strategy}: an id came back after {count} blocks"
                    );
                    space.free(block.id).unwrap();
                    count += 1;
                }
                Err(error) => break error,
            }
        };
        assert!(count >= (1 << 31) - 1, "{strategy} was used up after {count} blocks");
        assert_eq!(space.free(first), Err(AllocError::DoubleFree { id: first }));
        assert_eq!(space.stats().used + space.stats().free + space.stats().dead, 64);
        space.validate().unwrap();
        match strategy {
            Strategy::Pool { .. } => {
                assert!(matches!(last, AllocError::OutOfSpace { free: 0, .. }), "{last}");
                assert!(Regions::new(&space).all(|region| region.kind == RegionKind::Dead));
            }
            _ => assert_eq!(last, AllocError::OutOfMetadata { blocks: 0 }),
        }
    }
}
