//! Allocators may cross threads, and a clone is a snapshot that lives on by itself.

use crate::engine::Engine;
use crate::lockstep::cases;
use crate::random::{Names, Step, space, step};
use crate::script::{Call, Subject};
use memcore::alloc::storage::{Fixed, Growable, Storage};
use memcore::alloc::{AllocError, Allocator, AnyAllocator, CompactionPlan, Region, Regions, Stats};
use memcore::alloc::{BestFit, BestFitRecent, FirstFit, NextFit, Tlsf, TlsfLowest, WorstFit};
use memcore::alloc::{Buddy, Bump, Pool, SizeClasses, Stack};
use proptest::prelude::*;

fn crosses_threads<T: Send + Sync>() {}

fn all_cross_threads_in<S: Storage>()
where
    AnyAllocator<S>: Send + Sync,
    FirstFit<S>: Send + Sync,
    NextFit<S>: Send + Sync,
    BestFit<S>: Send + Sync,
    BestFitRecent<S>: Send + Sync,
    WorstFit<S>: Send + Sync,
    Tlsf<S>: Send + Sync,
    TlsfLowest<S>: Send + Sync,
    Buddy<S>: Send + Sync,
    SizeClasses<S>: Send + Sync,
    Pool<S>: Send + Sync,
    Bump<S>: Send + Sync,
    Stack<S>: Send + Sync,
{
    crosses_threads::<AnyAllocator<S>>();
}

/// The bounds are the test: without them this would not compile.
#[test]
fn every_allocator_is_send_and_sync() {
    all_cross_threads_in::<Growable>();
    all_cross_threads_in::<Fixed<'static>>();
    crosses_threads::<CompactionPlan>();
    crosses_threads::<AllocError>();
    crosses_threads::<memcore::alloc::Strategy>();
}

fn state(space: &AnyAllocator) -> (Stats, Vec<Region>, u64) {
    (space.stats(), Regions::new(space).collect(), space.largest_sure())
}

fn take(engine: &mut Engine<Growable>, names: &mut Names, steps: &[Step]) {
    for step in steps {
        // Plans and checkpoints belong to one allocator; blocks mean the same in both.
        match names.call(step) {
            None | Some(Call::Plan(..) | Call::Commit(_) | Call::Checkpoint(_) | Call::Rewind(_)) => {}
            Some(call) => {
                let outcome = engine.call(&call);
                names.note(&call, &outcome, engine);
            }
        }
    }
}

const STRATEGIES: [&str; 11] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "tlsf:tie=lowest",
    "buddy",
    "size-classes:largest=128,span=512",
    "pool:slot=16",
    "bump",
];

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_clone_is_a_snapshot(
        case in prop::sample::select(&STRATEGIES[..]).prop_flat_map(|strategy| space(strategy, false)),
        before in prop::collection::vec(step(), 0..80),
        after in prop::collection::vec(step(), 1..80),
        other in prop::collection::vec(step(), 1..80),
    ) {
        let mut names = Names::new(&case);
        let mut original = Engine::new(AnyAllocator::new(&case.strategy, case.options).unwrap());
        take(&mut original, &mut names, &before);
        let snapshot = state(&original.space);
        let clone = original.space.clone();
        prop_assert_eq!(&state(&clone), &snapshot);

        take(&mut original, &mut names, &after);
        prop_assert_eq!(&state(&clone), &snapshot, "what the original did reached the clone");
        clone.validate().unwrap();

        // From the same state the same calls lead to the same state, ids included.
        let mut twin = Engine::new(clone.clone());
        let mut again = Engine::new(clone);
        for engine in [&mut twin, &mut again] {
            take(engine, &mut Names::new(&case), &other);
            engine.space.validate().unwrap();
        }
        prop_assert_eq!(state(&twin.space), state(&again.space));
        original.space.validate().unwrap();
    }
}
