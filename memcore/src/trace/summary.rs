//! What is in a trace, in numbers, from one walk over its operations.
//!
//! The definitions stand at [`Summary`], where every door's documentation takes them from. The walk keeps a
//! small record per id (size, birth, thread, state) and sums in 128 bits, because real traces ask for sizes
//! of 10^17.

use super::alloc_trace::AllocTrace;
use super::event::EventKind;

/// The points of a series unless another number is asked for.
pub const DEFAULT_SERIES_POINTS: usize = 512;

/// Counts by power of two.
///
/// ```text
///   bucket   0      1      2       3        ...   64
///   values   0      1      2..4    4..8           2^63..2^64
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log2Histogram {
    counts: [u64; 65],
}

impl Log2Histogram {
    fn new() -> Self {
        Log2Histogram { counts: [0; 65] }
    }

    fn add(&mut self, value: u64) {
        self.counts[(u64::BITS - value.leading_zeros()) as usize] += 1;
    }

    /// The counts of the 65 buckets.
    pub fn counts(&self) -> &[u64; 65] {
        &self.counts
    }

    /// The lowest value of a bucket: 0, 1, 2, 4, ...; `None` above bucket 64.
    pub fn lower_bound(bucket: usize) -> Option<u64> {
        match bucket {
            0 => Some(0),
            1..=64 => Some(1 << (bucket - 1)),
            _ => None,
        }
    }

    /// The number of values counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The buckets that are not empty, as (lowest value, count), ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let bounds = (0..).map_while(Log2Histogram::lower_bound);
        bounds.zip(self.counts).filter(|&(_, count)| count > 0)
    }
}

/// How many operations of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// mallocs.
    pub malloc: u64,
    /// callocs.
    pub calloc: u64,
    /// Aligned allocations.
    pub aligned: u64,
    /// Reallocs of a block to another size.
    pub realloc: u64,
    /// Frees.
    pub free: u64,
}

impl Operations {
    /// All operations.
    pub fn total(&self) -> u64 {
        self.malloc + self.calloc + self.aligned + self.realloc + self.free
    }

    /// The operations that made a block.
    pub fn allocations(&self) -> u64 {
        self.malloc + self.calloc + self.aligned
    }

    fn add(&mut self, kind: EventKind) {
        *match kind {
            EventKind::Malloc => &mut self.malloc,
            EventKind::Calloc => &mut self.calloc,
            EventKind::Aligned => &mut self.aligned,
            EventKind::Realloc => &mut self.realloc,
            EventKind::Free => &mut self.free,
        } += 1;
    }
}

/// The live bytes at one moment of a trace, and since the moment before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// How many operations are done.
    pub operations: u64,
    /// The bytes live now.
    pub live_bytes: u64,
    /// The blocks live now.
    pub live_blocks: u64,
    /// The most bytes live after any operation since the point before, so that no peak falls between points.
    pub highest_live_bytes: u64,
}

/// A trace in numbers.
///
/// Definitions, so that two tools agree: *live bytes* is the sum of the requested sizes of the live blocks; a
/// moving realloc counts its new size only (a peak is what the program asked for, not what an allocator
/// needed while it moved). A *lifetime* is the number of operations from a block's allocation to its free. A
/// *cross-thread free* is a free by another thread than the one that allocated the block. Operations on
/// blocks that are not live count in their kind and as absent, nowhere else. Sums above 2^64 - 1 are given as
/// 2^64 - 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Operations by kind.
    pub operations: Operations,
    /// Blocks: ids that an allocation has.
    pub blocks: u32,
    /// The most requested bytes live at once.
    pub peak_live_bytes: u64,
    /// How many operations were done when the bytes were first at their peak.
    pub peak_at: u64,
    /// The most blocks live at once.
    pub peak_live_blocks: u64,
    /// Requested bytes live at the end.
    pub end_live_bytes: u64,
    /// Blocks live at the end.
    pub end_live_blocks: u64,
    /// The sum of all requested sizes: allocations, and reallocs by what they grow.
    pub requested_bytes: u64,
    /// The largest size asked for.
    pub largest_size: u64,
    /// The largest alignment asked for; 1 when none was.
    pub largest_alignment: u64,
    /// Threads that have an operation.
    pub threads: u32,
    /// Frees by another thread than the allocating one.
    pub cross_thread_frees: u64,
    /// Reallocs and frees of blocks that were not live (freed before, or orphans).
    pub absent_operations: u64,
    /// Those of them on ids that no allocation has.
    pub orphan_operations: u64,
    /// Sizes at allocation.
    pub sizes: Log2Histogram,
    /// Lifetimes of the blocks that were freed, in operations.
    pub lifetimes: Log2Histogram,
    /// Live bytes over time, ending with the last operation.
    pub series: Vec<SeriesPoint>,
}

/// What the walk knows of a block.
#[derive(Clone, Copy)]
struct Block {
    size: u64,
    born: u64,
    thread: u32,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    NeverAllocated,
    Live,
    Freed,
}

impl AllocTrace {
    /// The trace in numbers, with a series of at most [`DEFAULT_SERIES_POINTS`] points.
    /// O(operations); memory 24 bytes an id while it runs.
    pub fn summary(&self) -> Summary {
        self.summary_with_points(DEFAULT_SERIES_POINTS)
    }

    /// As [`summary`](Self::summary), with a series of at most `points` points (0: none).
    pub fn summary_with_points(&self, points: usize) -> Summary {
        let mut walk = Walk::new(self);
        let events = self.events();
        let stride = if points == 0 { usize::MAX } else { events.len().div_ceil(points).max(1) };
        for (index, event) in events.iter().enumerate() {
            walk.step(index as u64, event);
            let done = index + 1;
            if points > 0 && (done % stride == 0 || done == events.len()) {
                walk.mark(done as u64);
            }
        }
        walk.finish()
    }
}

struct Walk {
    summary: Summary,
    blocks: Vec<Block>,
    live_bytes: u128,
    peak_bytes: u128,
    highest: u128,
    requested: u128,
    live_blocks: u64,
    threads: Vec<u64>,
}

fn clamped(sum: u128) -> u64 {
    u64::try_from(sum).unwrap_or(u64::MAX)
}

impl Walk {
    fn new(trace: &AllocTrace) -> Walk {
        let unborn = Block { size: 0, born: 0, thread: 0, state: State::NeverAllocated };
        Walk {
            summary: Summary {
                operations: Operations::default(),
                blocks: trace.ids() - trace.orphans(),
                peak_live_bytes: 0,
                peak_at: 0,
                peak_live_blocks: 0,
                end_live_bytes: 0,
                end_live_blocks: 0,
                requested_bytes: 0,
                largest_size: 0,
                largest_alignment: 1,
                threads: 0,
                cross_thread_frees: 0,
                absent_operations: 0,
                orphan_operations: 0,
                sizes: Log2Histogram::new(),
                lifetimes: Log2Histogram::new(),
                series: Vec::new(),
            },
            blocks: vec![unborn; trace.ids() as usize],
            live_bytes: 0,
            peak_bytes: 0,
            highest: 0,
            requested: 0,
            live_blocks: 0,
            threads: Vec::new(),
        }
    }

    fn step(&mut self, index: u64, event: &super::event::Event) {
        let summary = &mut self.summary;
        summary.operations.add(event.kind());
        let word = event.thread() as usize / 64;
        if word >= self.threads.len() {
            self.threads.resize(word + 1, 0);
        }
        self.threads[word] |= 1 << (event.thread() % 64);

        let block = &mut self.blocks[event.id() as usize];
        if event.kind().allocates() {
            *block = Block { size: event.size(), born: index, thread: event.thread(), state: State::Live };
            self.live_bytes += u128::from(event.size());
            self.requested += u128::from(event.size());
            self.live_blocks += 1;
            summary.largest_size = summary.largest_size.max(event.size());
            summary.sizes.add(event.size());
            summary.largest_alignment = summary.largest_alignment.max(event.alignment().unwrap_or(1));
        } else if block.state != State::Live {
            summary.absent_operations += 1;
            summary.orphan_operations += u64::from(block.state == State::NeverAllocated);
        } else if event.kind() == EventKind::Realloc {
            self.live_bytes = self.live_bytes - u128::from(block.size) + u128::from(event.size());
            self.requested += u128::from(event.size().saturating_sub(block.size));
            block.size = event.size();
            summary.largest_size = summary.largest_size.max(event.size());
        } else {
            self.live_bytes -= u128::from(block.size);
            self.live_blocks -= 1;
            block.state = State::Freed;
            summary.lifetimes.add(index - block.born);
            summary.cross_thread_frees += u64::from(block.thread != event.thread());
        }
        summary.peak_live_blocks = summary.peak_live_blocks.max(self.live_blocks);
        self.highest = self.highest.max(self.live_bytes);
        if self.live_bytes > self.peak_bytes {
            self.peak_bytes = self.live_bytes;
            summary.peak_at = index + 1;
        }
    }

    fn mark(&mut self, operations: u64) {
        self.summary.series.push(SeriesPoint {
            operations,
            live_bytes: clamped(self.live_bytes),
            live_blocks: self.live_blocks,
            highest_live_bytes: clamped(self.highest),
        });
        self.highest = 0;
    }

    fn finish(self) -> Summary {
        Summary {
            peak_live_bytes: clamped(self.peak_bytes),
            end_live_bytes: clamped(self.live_bytes),
            end_live_blocks: self.live_blocks,
            requested_bytes: clamped(self.requested),
            threads: self.threads.iter().map(|word| word.count_ones()).sum(),
            ..self.summary
        }
    }
}
