//! Running out of memory for tables: an error value and an unchanged allocator, at whatever allocation it happens.
//!
//! The global allocator of this test counts down and then refuses. Each call is made with memory for 0, 1, 2, ... more
//! allocations until it succeeds; every failure before that has to be [`AllocError::OutOfMetadata`] with nothing
//! changed, and the success has to be the one that a copy with memory in plenty arrives at.

use memcore::alloc::{
    AllocError, Allocator, AnyAllocator, Block, Budget, Options, Region, Regions, Request, Stats,
};
use memcore::vm::{CompressConfig, CompressedPool, Rejected};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Allocations that this thread may still make; none: as many as it likes.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The system's allocator until the count runs out.
struct Rationed;

impl Rationed {
    fn refuses() -> bool {
        LEFT.with(|left| match left.get() {
            None => false,
            Some(0) => true,
            Some(count) => {
                left.set(Some(count - 1));
                false
            }
        })
    }
}

// SAFETY: every call is handed to the system's allocator as it came, or answered with null, which every method that
// allocates may do. The count is a thread-local cell without a destructor, so that it needs no memory itself.
unsafe impl GlobalAlloc for Rationed {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is the system's.
        if Self::refuses() { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: every pointer that was given out is the system's, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Making a block smaller always succeeds, as it does in any real allocator.
        if size > layout.size() && Self::refuses() {
            return std::ptr::null_mut();
        }
        // SAFETY: every pointer that was given out is the system's, with this layout.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static GLOBAL: Rationed = Rationed;

/// Makes a call with memory for `count` allocations.
fn rationed<T>(count: u64, call: impl FnOnce() -> T) -> T {
    LEFT.with(|left| left.set(Some(count)));
    let result = call();
    LEFT.with(|left| left.set(None));
    result
}

/// SplitMix64, for a spread of choices that is the same in each run.
fn random(state: &mut u64, limit: u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) % limit
}

fn state(space: &AnyAllocator) -> (Stats, Vec<Region>) {
    (space.stats(), Regions::new(space).collect())
}

/// What a call returned, without ids: which slot is taken may depend on chunks that an earlier failure left.
type Outcome = Result<Option<(u64, u64, u64)>, AllocError>;

fn shown(block: Block) -> Option<(u64, u64, u64)> {
    Some((block.start, block.size, block.requested))
}

/// Makes the call with more and more memory until it does not run out; returns how often it did.
fn press(space: &mut AnyAllocator, what: &str, mut call: impl FnMut(&mut AnyAllocator) -> Outcome) -> u64 {
    let expected = call(&mut space.clone());
    let before = state(space);
    for count in 0.. {
        let outcome = rationed(count, || call(space));
        space
            .validate()
            .unwrap_or_else(|corruption| panic!("{what}, after {count} allocations: {corruption}"));
        match outcome {
            Err(AllocError::OutOfMetadata { blocks }) => {
                assert_eq!(blocks, before.0.blocks, "{what}");
                assert_eq!(
                    state(space),
                    before,
                    "{what} failed after {count} allocations and changed something"
                );
            }
            outcome => {
                assert_eq!(outcome, expected, "{what} with memory for {count} allocations");
                return count;
            }
        }
    }
    unreachable!()
}

fn drive(strategy: &str) {
    let options = Options::new(1 << 30).granularity(16).address_index(true).tags(true);
    let parsed = strategy.parse().unwrap();
    let mut failures = 0;
    for count in 0.. {
        match rationed(count, || AnyAllocator::new(&parsed, options)) {
            Err(AllocError::OutOfMetadata { blocks: 0 }) => failures += 1,
            made => {
                made.unwrap();
                break;
            }
        }
    }
    let mut space = AnyAllocator::new(&parsed, options).unwrap();
    let mut seed = 5;
    // Enough blocks for many chunks and levels, then up and down around their number.
    for round in 0..3000 {
        let live: Vec<Block> = Regions::new(&space).filter_map(|region| region.block()).collect();
        let size = 1 + random(&mut seed, 300);
        let choice = random(&mut seed, 10);
        let grows = if round < 1500 { choice < 8 } else { choice < 3 };
        if live.is_empty() || grows {
            let align = 1 << random(&mut seed, 8);
            let request =
                Request::new(size).align(align.min(if strategy.starts_with("pool") { 64 } else { align }));
            failures += press(&mut space, strategy, |space| space.allocate(request).map(shown));
        } else {
            // A stack's only choice is the last one.
            let at = if strategy == "stack" {
                live.len() - 1
            } else {
                random(&mut seed, live.len() as u64) as usize
            };
            let id = live[at].id;
            failures += match choice {
                9 => press(&mut space, strategy, |space| space.resize(id, size).map(shown)),
                _ => press(&mut space, strategy, |space| space.free(id).map(shown)),
            };
        }
        if round % 100 == 99 {
            if space.capabilities().compaction {
                let budget = Budget { bytes: u64::MAX, moves: 40 };
                let id = space.allocate(Request::new(1)).unwrap().id;
                failures += press(&mut space, strategy, |space| {
                    let plan = space.plan_compaction(budget, &[id])?;
                    space.commit(&plan).map(|()| None)
                });
            }
            let capacity = space.capacity() + (1 << 20);
            failures += press(&mut space, strategy, |space| space.grow(capacity).map(|()| None));
        }
    }
    failures += press(&mut space, strategy, |space| space.reset().map(|()| None));
    // Tables of chunks take memory some of the time, or nothing was tested.
    assert!(failures > 0, "{strategy} never ran out of memory");
}

macro_rules! strategies {
    ($($test:ident: $strategy:literal,)+) => {
        $(#[test]
        fn $test() {
            drive($strategy);
        })+
    };
}

strategies! {
    first_fit: "first-fit",
    next_fit: "next-fit",
    best_fit: "best-fit",
    best_fit_recent: "best-fit:tie=recent",
    worst_fit: "worst-fit",
    tlsf: "tlsf",
    tlsf_lowest: "tlsf:tie=lowest",
    buddy: "buddy",
    size_classes: "size-classes:largest=256,span=1024",
    pool: "pool:slot=64",
    bump: "bump",
    stack: "stack",
}

/// A page that there is no memory for is refused, whatever the pool had for its key is gone, and the pool is whole.
#[test]
fn a_pool_of_compressed_pages_runs_out() {
    let config = CompressConfig { max_pool_percent: 100, ..CompressConfig::default() };
    let full = (0..).find_map(|count| rationed(count, || CompressedPool::new(&config, 4096, 64 << 20)).ok());
    let mut pool = full.expect("with enough memory it is made");
    let (mut seed, mut failures) = (1, 0);
    for key in 0..300 {
        let page: Vec<u8> =
            (0..4096).map(|at| if at < 1500 { random(&mut seed, 256) as u8 } else { 7 }).collect();
        for count in 0.. {
            let stored = rationed(count, || pool.store(key % 250, &page));
            pool.validate().unwrap();
            assert_eq!(pool.contains(key % 250), stored.is_ok());
            match stored {
                Ok(_) => break,
                Err(why) => assert_eq!(why, Rejected::Failed),
            }
            failures += 1;
        }
        let mut back = vec![0; 4096];
        assert!(rationed(0, || pool.load(key % 250, &mut back)) && back == page);
    }
    assert!(failures > 10, "{failures}");
}
