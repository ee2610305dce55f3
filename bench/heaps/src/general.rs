//! Peers that serve whole programs.

use super::contender::{Block, Shared, block};
use super::trace::{self, Trace};
use super::{larson, latency, own, scratch, sizes, xmalloc};
use libc::c_void;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::mpsc::{Receiver, SyncSender};

/// An allocator of C: its functions for 16-byte alignment, and for wider ones.
macro_rules! of_c {
    ($name:ident, $allocate:expr, $aligned:expr, $free:expr, $reallocate:expr) => {
        pub struct $name;

        impl Shared for $name {
            #[inline]
            fn allocate(&self, size: usize, alignment: usize) -> Block {
                // SAFETY: any size and any power of two may be asked for.
                let start: *mut c_void = unsafe {
                    match alignment <= 16 {
                        true => $allocate(size),
                        false => $aligned(alignment, size),
                    }
                };
                block(start.cast(), size, alignment)
            }

            #[inline]
            fn free(&self, block: Block) {
                // SAFETY: a live block of its own.
                unsafe { $free(block.start.as_ptr().cast()) };
            }

            #[inline]
            fn reallocate(&self, old: Block, size: usize) -> Block {
                // SAFETY: as above. No program of the recordings lets a widely aligned block grow.
                let start: *mut c_void = unsafe { $reallocate(old.start.as_ptr().cast(), size) };
                block(start.cast(), size, old.alignment)
            }
        }
    };
}

of_c!(Glibc, libc::malloc, libc::memalign, libc::free, libc::realloc);
of_c!(
    Mimalloc,
    libmimalloc_sys::mi_malloc,
    |alignment, size| libmimalloc_sys::mi_malloc_aligned(size, alignment),
    libmimalloc_sys::mi_free,
    libmimalloc_sys::mi_realloc
);
of_c!(
    Jemalloc,
    tikv_jemalloc_sys::malloc,
    tikv_jemalloc_sys::aligned_alloc,
    tikv_jemalloc_sys::free,
    tikv_jemalloc_sys::realloc
);

/// snmalloc's interface is that of Rust: it wants to be told sizes and alignments.
pub struct Snmalloc;

impl Shared for Snmalloc {
    #[inline]
    fn allocate(&self, size: usize, alignment: usize) -> Block {
        // SAFETY: any size and any power of two may be asked for.
        block(unsafe { snmalloc_sys::sn_rust_alloc(alignment, size) }.cast(), size, alignment)
    }

    #[inline]
    fn free(&self, block: Block) {
        // SAFETY: a live block of its own, as it was asked for.
        unsafe { snmalloc_sys::sn_rust_dealloc(block.start.as_ptr().cast(), block.alignment, block.size) };
    }

    #[inline]
    fn reallocate(&self, old: Block, size: usize) -> Block {
        let Block { start, size: before, alignment } = old;
        // SAFETY: as above.
        let start = unsafe { snmalloc_sys::sn_rust_realloc(start.as_ptr().cast(), alignment, before, size) };
        block(start.cast(), size, alignment)
    }
}

/// What threads do with an allocator that they share: whole loops, so that the call of an unknown type is paid once
/// for many operations.
pub trait Workloads: Sync {
    /// A recorded program; at the end, what it left is freed.
    fn play(&self, trace: &Trace, live: &mut Vec<Option<Block>>);
    /// The same without the end.
    fn run_program(&self, trace: &Trace, live: &mut Vec<Option<Block>>);
    /// And each single call timed.
    fn sample(&self, trace: &Trace, live: &mut Vec<Option<Block>>, ticks: &mut Vec<u64>);
    fn serve(&self, blocks: &mut [Option<Block>], turns: u64, random: &mut Xoshiro256PlusPlus);
    fn scratch(&self, given: Block, turns: u64);
    fn produce(&self, sender: &SyncSender<Vec<Block>>, back: &Receiver<Vec<Block>>, batches: u64);
    fn consume(&self, receiver: &Receiver<Vec<Block>>, back: &SyncSender<Vec<Block>>);
    fn replace(
        &self,
        live: &mut Vec<Block>,
        count: usize,
        turns: u64,
        random: &mut Xoshiro256PlusPlus,
    ) -> u64;
    fn allocate_one(&self, size: usize) -> Block;
    fn free_one(&self, block: Block);
}

impl<S: Shared> Workloads for S {
    fn play(&self, trace: &Trace, live: &mut Vec<Option<Block>>) {
        trace::run(trace, &mut &*self, live);
        trace::clear(&mut &*self, live);
    }
    fn run_program(&self, trace: &Trace, live: &mut Vec<Option<Block>>) {
        trace::run(trace, &mut &*self, live);
    }
    fn sample(&self, trace: &Trace, live: &mut Vec<Option<Block>>, ticks: &mut Vec<u64>) {
        latency::sample(trace, &mut &*self, live, ticks);
    }
    fn serve(&self, blocks: &mut [Option<Block>], turns: u64, random: &mut Xoshiro256PlusPlus) {
        larson::serve(self, blocks, turns, random);
    }
    fn scratch(&self, given: Block, turns: u64) {
        scratch::work(self, given, turns);
    }
    fn produce(&self, sender: &SyncSender<Vec<Block>>, back: &Receiver<Vec<Block>>, batches: u64) {
        xmalloc::produce(self, sender, back, batches);
    }
    fn consume(&self, receiver: &Receiver<Vec<Block>>, back: &SyncSender<Vec<Block>>) {
        xmalloc::consume(self, receiver, back);
    }
    fn replace(
        &self,
        live: &mut Vec<Block>,
        count: usize,
        turns: u64,
        random: &mut Xoshiro256PlusPlus,
    ) -> u64 {
        sizes::replace(&mut &*self, live, count, turns, random)
    }
    fn allocate_one(&self, size: usize) -> Block {
        self.allocate(size, 16)
    }
    fn free_one(&self, block: Block) {
        self.free(block);
    }
}

/// Every allocator that threads can share, by name; memcore's made anew.
pub fn all() -> Vec<(&'static str, Box<dyn Workloads>)> {
    vec![
        ("mimalloc", Box::new(Mimalloc)),
        ("glibc", Box::new(Glibc)),
        ("snmalloc", Box::new(Snmalloc)),
        ("jemalloc", Box::new(Jemalloc)),
        ("memcore ThreadedHeap", Box::new(own::threaded())),
        ("memcore Locked<MappedHeap>", Box::new(own::locked())),
    ]
}

/// Those that the others are compared with.
pub const PEERS: &[&str] = &["mimalloc", "glibc"];
