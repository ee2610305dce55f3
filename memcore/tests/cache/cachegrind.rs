//! Against cachegrind, the cache simulator of Valgrind, on the same accesses.
//!
//! `data/walk.lackey.xz` is what Valgrind 3.19's lackey (`--trace-mem=yes`) wrote of a small program without a
//! library (a matrix product, a list in a scattered order, a table of counts, calls of 48 functions, longs at
//! odd addresses); the figures below are those of cachegrind (`--cache-sim=yes`) of the same program at the same
//! addresses (`setarch -R`).
//!
//! Both simulate LRU with allocation on writes and a last level that includes nothing. They count differently:
//!
//! * Cachegrind counts an access that spans two lines once, as one miss if either line misses; a hierarchy
//!   counts each line. So what is compared is how many accesses had a miss.
//! * When such an access misses, cachegrind looks up both lines in the last level, a hierarchy only the one that
//!   missed. The order of uses there differs a little, and so may its misses.
//! * Cachegrind knows no dirty lines. In a hierarchy the write-back of a victim is a use of its line in the last
//!   level, so for the last level stores are driven as loads.
//! * A modify (a load and a store by one instruction) is a read to cachegrind and a write to memcore: reads and
//!   writes are compared together.
//!
//! The first level is equal to the last miss. So is the last level, when two caches are put together in
//! cachegrind's way; as a hierarchy it is within half a percent.

use memcore::cache::{Geometry, Hierarchy, LineState, Operation, SetAssociative, SetPolicy};
use memcore::replay::replay_hierarchy;
use memcore::trace::{AccessKind, AccessOptions, AccessTrace};

/// Size, ways, line.
type Shape = (u64, u64, u64);

/// Cachegrind's options and its figures: I1 misses, D1 misses, LLi misses, LLd misses.
const RECORDED: [([Shape; 3], [u64; 4]); 4] = [
    ([(1024, 2, 64), (1024, 2, 64), (8192, 4, 64)], [1459, 26685, 727, 7663]),
    ([(32768, 8, 64), (32768, 8, 64), (65536, 16, 64)], [86, 3950, 86, 1870]),
    ([(2048, 1, 32), (4096, 4, 64), (16384, 8, 64)], [1915, 9921, 258, 6472]),
    ([(4096, 2, 64), (8192, 8, 32), (131_072, 4, 128)], [419, 8055, 43, 927]),
];

/// Cachegrind's references: I, D.
const REFERENCES: [usize; 2] = [262_873, 81_367];

fn trace() -> AccessTrace {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/walk.lackey.xz");
    AccessTrace::open(path, &AccessOptions::default(), &mut ()).unwrap()
}

/// The accesses one by one: 0 for instructions, 1 for data; address, size, kind.
fn accesses(trace: &AccessTrace) -> impl Iterator<Item = (usize, u64, u64, AccessKind)> + '_ {
    let runs = trace.accesses().iter();
    runs.flat_map(|run| std::iter::repeat_n(run, run.count as usize)).map(|access| {
        let side = usize::from(access.kind != AccessKind::Execute);
        (side, access.address, access.size.into(), access.kind)
    })
}

fn hierarchy([i1, d1, ll]: [Shape; 3]) -> Hierarchy {
    let level = |name, (size, ways, line)| format!("{name}:size={size},ways={ways},line={line} ");
    let text = level("l1i", i1) + &level("l1d", d1) + &level("ll", ll);
    Hierarchy::new(text.parse().unwrap()).unwrap()
}

#[test]
fn the_trace_has_cachegrinds_references() {
    let trace = trace();
    let mut references = [0; 2];
    accesses(&trace).for_each(|(side, ..)| references[side] += 1);
    assert_eq!(references, REFERENCES);
}

#[test]
fn a_hierarchy_misses_as_cachegrind_does() {
    let trace = trace();
    for (shapes, [i1, d1, ll_fetch, ll_data]) in RECORDED {
        let mut memory = hierarchy(shapes);
        let mut stores = hierarchy(shapes);
        let mut misses = [0; 3];
        let mut with_stores = [0; 2];
        for (side, address, size, kind) in accesses(&trace) {
            let before = [side, 2].map(|level| memory.stats(level).demand().misses);
            let operation = if side == 0 { Operation::Fetch } else { Operation::Read };
            memory.access(address, size, operation).unwrap();
            let [first, last] = [side, 2].map(|level| memory.stats(level).demand().misses);
            misses[side] += u64::from(first != before[0]);
            misses[2] += u64::from(last != before[1]);

            let before = stores.stats(side).demand().misses;
            stores.access(address, size, kind.into()).unwrap();
            with_stores[side] += u64::from(stores.stats(side).demand().misses != before);
        }
        assert_eq!(misses[..2], [i1, d1], "{shapes:?}");
        assert_eq!(with_stores, [i1, d1], "{shapes:?}: a store misses the first level as a load does");
        let ll = ll_fetch + ll_data;
        assert!(misses[2].abs_diff(ll) * 200 <= ll, "{shapes:?}: last level {} against {ll}", misses[2]);
    }
}

/// Looks up every line of an access; true: one was missing.
fn misses(cache: &mut SetAssociative, address: u64, size: u64) -> bool {
    let line = cache.geometry().line();
    let mut missed = false;
    for line in address / line..=(address + size - 1) / line {
        if cache.lookup(line).is_none() {
            missed = true;
            cache.fill(line, LineState::default()).unwrap();
        }
    }
    missed
}

#[test]
fn caches_put_together_in_cachegrinds_way_miss_exactly_as_it_does() {
    let trace = trace();
    for (shapes, [i1, d1, ll_fetch, ll_data]) in RECORDED {
        let mut caches = shapes.map(|(size, ways, line)| {
            SetAssociative::new(Geometry::of_size(size, ways, line).unwrap(), &SetPolicy::Lru).unwrap()
        });
        let mut first = [0; 2];
        let mut last = [0; 2];
        for (side, address, size, _) in accesses(&trace) {
            if misses(&mut caches[side], address, size) {
                first[side] += 1;
                last[side] += u64::from(misses(&mut caches[2], address, size));
            }
        }
        assert_eq!((first, last), ([i1, d1], [ll_fetch, ll_data]), "{shapes:?}");
    }
}

#[test]
fn a_replay_is_the_accesses_one_by_one() {
    let trace = trace();
    let text =
        "l1i:sets=8,ways=2,latency=4 l1d:sets=8,ways=2,latency=4 l2:sets=64,ways=4,latency=12 ram:latency=99";
    let mut whole = Hierarchy::new(text.parse().unwrap()).unwrap();
    let mut single = whole.clone();
    let cycles = replay_hierarchy(&trace, &mut whole, &mut ()).unwrap();
    let mut sum = 0;
    for (_, address, size, kind) in accesses(&trace) {
        sum += single.access(address, size, kind.into()).unwrap();
    }
    assert_eq!(cycles, sum);
    let time = whole.average_access_time();
    assert_eq!(time.shares.iter().map(|share| share.cycles).sum::<u64>(), sum);
    assert_eq!(time.accesses, whole.stats(0).demand().accesses + whole.stats(1).demand().accesses);
    assert_eq!(
        (0..3).map(|level| whole.stats(level)).collect::<Vec<_>>(),
        (0..3).map(|level| single.stats(level)).collect::<Vec<_>>()
    );

    let options = AccessOptions::default();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/walk.lackey.xz");
    let mut nobody = ();
    let mut reader = memcore::trace::AccessReader::open(path, &options, &mut nobody).unwrap();
    whole.reset().unwrap();
    assert_eq!(memcore::replay::replay_hierarchy_from(&mut reader, &mut whole, &mut ()).unwrap(), cycles);
}

#[test]
fn a_replay_can_be_stopped() {
    use memcore::trace::Access;
    let run = Access { count: 5 << 20, ..Access::new(64, 1, AccessKind::Read) };
    let trace = AccessTrace::from_accesses(vec![run], Vec::new(), memcore::trace::Unit::Bytes).unwrap();
    let mut memory = Hierarchy::new("l1:sets=1,ways=1".parse().unwrap()).unwrap();
    let mut seen = Vec::new();
    let mut watch = |done: u64, total: Option<u64>| {
        seen.push((done, total));
        if done < 100_000 { std::ops::ControlFlow::Continue(()) } else { std::ops::ControlFlow::Break(()) }
    };
    let stopped = replay_hierarchy(&trace, &mut memory, &mut watch).unwrap_err();
    assert_eq!(stopped.to_string(), "cancelled");
    // In the midst of the run, often enough for a tenth of a second.
    assert_eq!(seen, [(1 << 16, Some(5 << 20)), (2 << 16, Some(5 << 20))]);
    assert_eq!(memory.accesses(), 2 << 16);
}
