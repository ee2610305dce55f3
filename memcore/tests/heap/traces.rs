//! Recorded traces of real programs through real bytes: contents stay, and a replay has predicted everything.

use std::path::Path;
use std::ptr::NonNull;

use super::addresses::Bytes;
use super::harness::{fill, first_difference};
use memcore::alloc::{Allocator, Strategy};
use memcore::heap::{Heap, Memory, RawHeap};
use memcore::replay::{ReplayOptions, ReplayResult, replay_strategy};
use memcore::trace::{AllocTrace, EventKind, ReadOptions};

/// A sample trace, as the Python package carries it.
pub fn sample(name: &str) -> AllocTrace {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/memcore/samples");
    AllocTrace::open(folder.join(format!("{name}.matr.zst")), &ReadOptions::default(), &mut ()).unwrap()
}

/// Of large blocks only the ends are written: it is the small ones that are many.
const WRITTEN: usize = 2048;

#[derive(Clone, Copy)]
struct Held {
    block: NonNull<u8>,
    size: usize,
    alignment: usize,
    seed: u64,
}

impl Held {
    /// The parts that have a pattern.
    fn parts(&self) -> [(NonNull<u8>, usize); 2] {
        let ends = self.size.min(WRITTEN);
        // SAFETY: within the block.
        [(self.block, ends), (unsafe { self.block.add(self.size - ends) }, ends)]
    }

    fn fill(&self) {
        let [(first, bytes), (last, _)] = self.parts();
        // SAFETY: the block is live. The later part wins where they meet.
        unsafe {
            fill(first, bytes, self.seed);
            fill(last, bytes, self.seed);
        }
    }

    /// How many of the first bytes have the pattern of the first part.
    fn of_the_first(&self) -> usize {
        if self.size <= WRITTEN { self.size } else { WRITTEN.min(self.size - WRITTEN) }
    }

    fn check(&self) {
        let [(first, _), (last, bytes)] = self.parts();
        // SAFETY: the block is live, and was filled.
        unsafe {
            assert_eq!(first_difference(last, bytes, self.seed), None, "a block has changed");
            assert_eq!(first_difference(first, self.of_the_first(), self.seed), None, "a block has changed");
        }
    }
}

/// What came of a trace.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub failures: u64,
    pub footprint: u64,
    pub peak_used: u64,
    pub allocations: u64,
}

/// Replays a trace with contents, and frees what the program left.
pub fn replay<H: RawHeap>(trace: &AllocTrace, heap: &mut H) -> Outcome {
    let mut held: Vec<Option<Held>> = vec![None; trace.ids() as usize];
    let mut failures = 0;
    for (place, event) in trace.events().iter().enumerate() {
        let entry = &mut held[event.id() as usize];
        let size = (event.size() as usize).max(1);
        let (block, alignment) = match event.kind() {
            EventKind::Malloc => (heap.allocate(size, 1), 1),
            EventKind::Calloc => (heap.allocate_zeroed(size, 1), 1),
            EventKind::Aligned => {
                let alignment = 1 << event.log2_alignment();
                (heap.allocate(size, alignment), alignment)
            }
            EventKind::Realloc => {
                let Some(old) = *entry else { continue };
                old.check();
                let block = heap.reallocate(old.block.as_ptr(), size, old.alignment);
                if let Ok(block) = block {
                    // SAFETY: the block is live, and its first bytes were written before it moved.
                    let lost = unsafe { first_difference(block, old.of_the_first().min(size), old.seed) };
                    assert_eq!(lost, None, "lost in a move");
                }
                (block, old.alignment)
            }
            EventKind::Free => {
                if let Some(old) = entry.take() {
                    old.check();
                    heap.free(old.block.as_ptr()).unwrap();
                }
                continue;
            }
        };
        match block {
            Ok(block) => {
                assert_eq!(block.addr().get() % alignment.max(16), 0);
                let new = Held { block, size, alignment, seed: place as u64 };
                new.fill();
                *entry = Some(new);
            }
            Err(_) => failures += 1,
        }
    }
    heap.validate().unwrap();
    let stats = heap.stats();
    for old in held.into_iter().flatten() {
        old.check();
        heap.free(old.block.as_ptr()).unwrap();
    }
    assert_eq!((heap.stats().blocks, heap.stats().used), (0, 0));
    heap.validate().unwrap();
    let (footprint, peak_used, allocations) = (stats.footprint, stats.peak_used, stats.allocations);
    Outcome { failures, footprint, peak_used, allocations }
}

fn predicted(trace: &AllocTrace, strategy: &Strategy, align: u64, capacity: u64) -> ReplayResult {
    let capacity = Some(capacity);
    let options =
        ReplayOptions { header: 8, granularity: 8, align, capacity, series_points: 1, ..Default::default() };
    replay_strategy(trace, strategy, &options, &mut ()).unwrap()
}

/// The heap in so many bytes does exactly what a replay says.
fn agree(name: &str, capacity: usize, strategies: &[&str], align: u64) -> u64 {
    let trace = sample(name);
    let bytes = Bytes::new(capacity);
    let mut failures = 0;
    for text in strategies {
        let strategy: Strategy = text.parse().unwrap();
        let mut heap = Heap::new(&strategy, bytes.part(0, capacity)).unwrap();
        assert!(heap.allocator().capacity() + 8192 > heap.memory().len() as u64);
        let expected = predicted(&trace, &strategy, align, heap.allocator().capacity());
        let found = replay(&trace, &mut heap);
        assert_eq!(
            (found.failures, found.footprint, found.peak_used),
            (expected.failures, expected.footprint, expected.peak_used),
            "{name}: {text} in {capacity}"
        );
        failures += found.failures;
    }
    failures
}

/// All that place a request where its alignment says.
const BIASED: [&str; 8] = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "tlsf:tie=lowest",
    "size-classes",
];

#[test]
fn a_replay_predicts_a_program_that_has_room() {
    assert_eq!(agree("numpy_sgd", 32 << 20, &BIASED, 16), 0);
}

#[test]
fn a_replay_predicts_every_failure_in_a_tight_space() {
    assert!(agree("numpy_sgd", 7_700_000, &BIASED, 16) > 0);
}

#[test]
fn a_replay_predicts_alignments_of_a_video_codec() {
    assert_eq!(agree("pyav_video", 40 << 20, &["first-fit", "best-fit", "tlsf"], 16), 0);
}

#[test]
fn a_replay_predicts_a_database() {
    agree("sqlite3_3000", 1_900_000, &["tlsf", "next-fit"], 16);
}

#[test]
fn a_replay_predicts_blocks_at_multiples_of_their_size_with_an_alignment_of_eight() {
    agree("numpy_sgd", 16 << 20, &["buddy", "pool:slot=512"], 8);
}
