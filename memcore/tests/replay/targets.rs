//! Targets of one's own: the same figures through the plain wrapper, and every way to break the contract.

use std::collections::BTreeMap;

use memcore::alloc::{Allocator, AnyAllocator, BlockId, Request};
use memcore::replay::{
    BadPlacement, Gaps, Placed, PlainAllocator, PlainTarget, Refusal, ReplayError, ReplayOptions,
    ReplayResult, Target, replay, replay_fresh,
};
use memcore::trace::generate::{Shape, Workload};
use memcore::trace::{AllocTrace, Event};

use super::{STRATEGIES, run, strategy, trace, within};

/// An engine's allocator that hides all but allocate, free and resize.
struct Disguise {
    allocator: AnyAllocator,
    ids: BTreeMap<u64, BlockId>,
    resizes: bool,
}

impl Disguise {
    fn new(name: &str, options: &ReplayOptions, capacity: u64, resizes: bool) -> Self {
        let allocator = AnyAllocator::new(&strategy(name), options.allocator_options(capacity)).unwrap();
        Disguise { allocator, ids: BTreeMap::new(), resizes }
    }
}

impl PlainAllocator for Disguise {
    fn allocate(&mut self, size: u64, alignment: u64) -> Result<u64, Refusal> {
        let request = Request::new(size).align(alignment);
        let block = self.allocator.allocate(request).map_err(|_| Refusal::Refused)?;
        self.ids.insert(block.start, block.id);
        Ok(block.start)
    }

    fn free(&mut self, start: u64) -> Result<(), Refusal> {
        self.allocator.free(self.ids[&start]).map(drop).map_err(|_| Refusal::Refused)
    }

    fn resize(&mut self, start: u64, size: u64) -> Result<(), Refusal> {
        if !self.resizes {
            return Err(Refusal::Refused);
        }
        self.allocator.resize(self.ids[&start], size).map(drop).map_err(|_| Refusal::Refused)
    }
}

fn workload() -> AllocTrace {
    let workload = Workload {
        operations: 6_000,
        live: 300,
        realloc_percent: 15,
        aligned_percent: 5,
        ..Workload::new(Shape::Phases { phases: 4 })
    };
    workload.generate(&mut ()).unwrap()
}

#[test]
fn the_wrapper_gives_the_figures_of_what_it_wraps() {
    let trace = workload();
    let endless = ReplayOptions::default();
    for name in STRATEGIES {
        if ["buddy", "size", "pool", "bump", "stack"].iter().any(|other| name.starts_with(other)) {
            continue; // these round sizes up in ways of their own, or have dead bytes
        }
        let direct = run(&trace, name, &endless);
        for options in [endless, within(direct.peak_used + 160)] {
            let direct = run(&trace, name, &options);
            let disguise = Disguise::new(name, &options, options.capacity(), true);
            let mut target = PlainTarget::new(disguise, name, &options);
            let wrapped = replay(&trace, &mut target, &options, &mut ()).unwrap();
            assert_eq!(wrapped.metadata_bytes, None);
            let same = wrapped == ReplayResult { metadata_bytes: None, ..direct };
            assert!(same, "{name} in {}", options.capacity());
        }
    }
}

#[test]
fn without_resize_every_realloc_moves() {
    let options = ReplayOptions::default();
    let trace = trace(&[Event::malloc(0, 64), Event::realloc(0, 32), Event::free(0)]);
    let disguise = Disguise::new("first-fit", &options, options.capacity(), false);
    let mut target = PlainTarget::new(disguise, "mine", &options);
    let result = replay(&trace, &mut target, &options, &mut ()).unwrap();
    assert_eq!((result.strategy.as_str(), result.peak_used, result.footprint), ("mine", 96, 96));
    assert_eq!(target.inner().allocator.stats().blocks, 0);
}

#[test]
fn the_figures_are_those_of_the_allocators_own_statistics() {
    let trace = workload();
    let options = ReplayOptions::default();
    for name in STRATEGIES {
        let mut space = AnyAllocator::new(&strategy(name), options.allocator_options(1 << 40)).unwrap();
        let result = replay(&trace, &mut space, &options, &mut ()).unwrap();
        let stats = space.stats();
        assert_eq!(result.footprint, stats.footprint, "{name}");
        assert_eq!(result.peak_used, stats.peak_used, "{name}");
        assert_eq!(result.series.last().unwrap().used, stats.used, "{name}");
        assert_eq!(result.capacity, stats.capacity);
        space.validate().unwrap();
        let by_name = run(&trace, name, &within(1 << 40));
        assert!(by_name.series == result.series, "{name}");
    }
}

#[test]
fn a_wrapped_target_can_be_fitted_and_timed() {
    let trace = workload();
    let options = ReplayOptions { fit: true, timing: true, latency: true, ..ReplayOptions::default() };
    let make = |capacity| {
        let disguise = Disguise::new("best-fit", &options, capacity, true);
        Ok(PlainTarget::with_capacity(disguise, "mine", &options, capacity))
    };
    let wrapped = replay_fresh(&trace, make, &options, &mut ()).unwrap();
    let direct = run(&trace, "best-fit", &options);
    assert_eq!(wrapped.sufficient_capacity, direct.sufficient_capacity);
    assert!(wrapped.nanoseconds_per_operation.is_some() && wrapped.latency.is_some());
}

#[test]
fn what_make_says_is_passed_on() {
    let make = |_| Err::<AnyAllocator, _>(ReplayError::Make("not today".into()));
    let error = replay_fresh(&trace(&[]), make, &ReplayOptions::default(), &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "the target could not be made: not today");
}

/// Answers what it was told to, whatever is asked.
struct Liar {
    starts: std::vec::IntoIter<Option<u64>>,
}

impl PlainAllocator for Liar {
    fn allocate(&mut self, _size: u64, _alignment: u64) -> Result<u64, Refusal> {
        self.starts.next().flatten().ok_or_else(|| Refusal::broken("it hurts"))
    }

    fn free(&mut self, _start: u64) -> Result<(), Refusal> {
        Ok(())
    }

    fn resize(&mut self, _start: u64, _size: u64) -> Result<(), Refusal> {
        Ok(())
    }
}

fn lied(starts: &[Option<u64>], events: &[Event]) -> (u64, Box<dyn std::error::Error + Send + Sync>) {
    let options = within(1024);
    let liar = Liar { starts: Vec::from(starts).into_iter() };
    let mut target = PlainTarget::new(liar, "liar", &options);
    match replay(&trace(events), &mut target, &options, &mut ()) {
        Err(ReplayError::Target { operation, error }) => (operation, error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_start_is_found_out_at_once() {
    let blocks = [Event::malloc(0, 32), Event::malloc(1, 64)];
    let cases = [
        (vec![Some(8)], 0, BadPlacement::Misaligned { start: 8, alignment: 16 }),
        (vec![Some(0), Some(16)], 1, BadPlacement::Overlap { start: 16, size: 64, other: 0, other_size: 32 }),
        (
            vec![Some(64), Some(48)],
            1,
            BadPlacement::Overlap { start: 48, size: 64, other: 64, other_size: 32 },
        ),
        (
            vec![Some(64), Some(64)],
            1,
            BadPlacement::Overlap { start: 64, size: 64, other: 64, other_size: 32 },
        ),
        (vec![Some(0), Some(976)], 1, BadPlacement::PastTheEnd { start: 976, size: 64, capacity: 1024 }),
        (
            vec![Some(u64::MAX - 15)],
            0,
            BadPlacement::PastTheEnd { start: u64::MAX - 15, size: 32, capacity: 1024 },
        ),
    ];
    for (starts, operation, expected) in cases {
        let (at, error) = lied(&starts, &blocks);
        assert_eq!(at, operation);
        assert_eq!(error.downcast_ref(), Some(&expected));
    }
    let grown = [Event::malloc(0, 32), Event::malloc(1, 32), Event::realloc(0, 64)];
    let (at, error) = lied(&[Some(0), Some(32)], &grown);
    let expected = BadPlacement::Overlap { start: 0, size: 64, other: 32, other_size: 32 };
    assert_eq!((at, error.downcast_ref()), (2, Some(&expected)));
}

#[test]
fn neighbours_and_reused_places_are_no_overlap() {
    let options = within(1024);
    let starts = vec![Some(32), Some(0), Some(64), Some(960), Some(32)];
    let mut target = PlainTarget::new(Liar { starts: starts.into_iter() }, "liar", &options);
    let events = [32, 32, 64, 64].into_iter().zip(0..).map(|(size, id)| Event::malloc(id, size));
    let events: Vec<Event> = events.chain([Event::free(0), Event::malloc(4, 32)]).collect();
    let result = replay(&trace(&events), &mut target, &options, &mut ()).unwrap();
    assert_eq!((result.footprint, result.failures), (1024, 0));
}

#[test]
fn a_broken_target_ends_the_replay_with_its_error() {
    let mut events: Vec<Event> = (0..3000).map(|id| Event::malloc(id, 16)).collect();
    let starts: Vec<Option<u64>> = (0..2500).map(|id| Some(16 * id)).chain([None]).collect();
    let options = ReplayOptions::default();
    let mut target = PlainTarget::new(Liar { starts: starts.into_iter() }, "liar", &options);
    let error = replay(&trace(&events), &mut target, &options, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "operation 2500: it hurts");
    // A bias that the plain contract cannot express is an error before the first call.
    events.truncate(1);
    let biased = ReplayOptions { header: 8, granularity: 8, ..options };
    let mut target = PlainTarget::new(Liar { starts: vec![].into_iter() }, "liar", &biased);
    let error = replay(&trace(&events), &mut target, &biased, &mut ()).unwrap_err();
    assert!(matches!(error, ReplayError::Impossible { header: 8, .. }), "{error}");
}

/// Gives every block the whole space: a target outside the contract.
struct Overlapping;

impl Target for Overlapping {
    type Handle = u64;

    fn name(&self) -> String {
        "overlapping".to_owned()
    }
    fn capacity(&self) -> u64 {
        u64::MAX
    }
    fn granularity(&self) -> u64 {
        1
    }
    fn place(&mut self, _request: Request) -> Result<Placed<u64>, Refusal> {
        Ok(Placed { handle: 0, start: u64::MAX, size: u64::MAX })
    }
    fn resize_in_place(&mut self, _handle: u64, _size: u64) -> Result<Placed<u64>, Refusal> {
        Ok(Placed { handle: 0, start: 0, size: 1 })
    }
    fn release(&mut self, _handle: u64) -> Result<(), Refusal> {
        Err(Refusal::Refused)
    }
    fn gaps(&self) -> Gaps {
        Gaps { free: 1, largest: 9 }
    }
}

#[test]
fn a_target_outside_the_contract_gives_nonsense_but_no_panic() {
    let trace = workload();
    let options = ReplayOptions { fit: true, timing: true, latency: true, ..ReplayOptions::default() };
    let result = replay_fresh(&trace, |_| Ok(Overlapping), &options, &mut ()).unwrap();
    assert_eq!(result.failures, 0);
    assert!(result.refused_frees > 0);
}
