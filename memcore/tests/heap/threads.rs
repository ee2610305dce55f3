//! `ThreadedHeap`: alone like any heap, and with threads that pass blocks on, free twice, end and begin.

use super::harness::{Expectations, drive, fill, first_difference, steps};
use memcore::heap::{HeapError, MappingOptions, RawHeap, ThreadedHeap};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier};

fn reserve(limit: usize) -> ThreadedHeap {
    ThreadedHeap::reserve(MappingOptions::new(limit)).unwrap()
}

fn free(heap: &ThreadedHeap, block: NonNull<u8>) -> memcore::heap::Result<usize> {
    // SAFETY: no collection lives in these heaps.
    unsafe { heap.free(block.as_ptr()) }
}

#[test]
fn one_thread_alone_sees_a_heap_like_any_other() {
    for (limit, seed) in [(16 << 20, 1), (1 << 20, 2), (256 << 10, 3)] {
        let expectations = Expectations {
            knows_double_frees: false,
            slots_count_as_freed: true,
            validate_every: 16,
            ..Expectations::default()
        };
        let mut heap = drive(|| reserve(limit), expectations, &steps(seed, 2500));
        RawHeap::trim(&mut heap);
        assert_eq!((heap.stats().blocks, heap.stats().used), (0, 0));
        heap.validate().unwrap();
    }
}

#[test]
fn a_block_is_freed_once_however_it_is_asked() {
    let heap = reserve(1 << 24);
    for size in [1, 100, 5000, 100_000] {
        let block = heap.allocate(size, 16).unwrap();
        let address = block.addr().get();
        let inside = std::ptr::without_provenance_mut(address + 16);
        // SAFETY: no collection lives in the heap.
        let within = unsafe { heap.free(inside) };
        assert!(matches!(within, Err(HeapError::NotABlock { .. } | HeapError::DoubleFree { .. })));
        let usable = heap.usable_size(block.as_ptr()).unwrap();
        assert_eq!(free(&heap, block), Ok(usable));
        let again = free(&heap, block).unwrap_err();
        let freed = [HeapError::DoubleFree { address }, HeapError::NotABlock { address }];
        assert!(freed.contains(&again), "{again:?}");
        // What is in a span is known exactly.
        assert!(size > 8 << 10 || again == freed[0]);
        // SAFETY: as above.
        assert_eq!(unsafe { heap.reallocate(block.as_ptr(), 10, 16) }, Err(again));
        assert_eq!(heap.usable_size(block.as_ptr()), Err(HeapError::NotABlock { address }));
    }
}

/// A block on its way to another thread.
struct Parcel {
    block: NonNull<u8>,
    size: usize,
    seed: u64,
}

// SAFETY: a block has one holder at a time.
unsafe impl Send for Parcel {}

impl Parcel {
    fn pack(heap: &ThreadedHeap, size: usize, seed: u64) -> Self {
        let block = heap.allocate(size, 16).unwrap();
        // SAFETY: a live block of so many bytes.
        unsafe { fill(block, size, seed) };
        Parcel { block, size, seed }
    }

    fn open(self, heap: &ThreadedHeap) {
        // SAFETY: a live block of so many bytes, which were filled.
        let difference = unsafe { first_difference(self.block, self.size, self.seed) };
        assert_eq!(difference, None, "a block has changed");
        assert!(free(heap, self.block).unwrap() >= self.size);
    }
}

#[test]
fn threads_pass_blocks_on_and_none_is_lost() {
    const THREADS: usize = 4;
    let heap = reserve(1 << 30);
    let (senders, receivers): (Vec<Sender<Parcel>>, Vec<_>) = (0..THREADS).map(|_| channel()).unzip();
    std::thread::scope(|scope| {
        for (thread, inbox) in receivers.into_iter().enumerate() {
            let (heap, senders) = (&heap, senders.clone());
            scope.spawn(move || {
                let mut random = Xoshiro256PlusPlus::seed_from_u64(thread as u64);
                let mut kept: Vec<Parcel> = vec![];
                for turn in 0..4000u64 {
                    let (choice, a) = (random.next_u64(), random.next_u64());
                    let most = if choice % 64 == 0 { 1 << 16 } else { 600 };
                    let parcel = Parcel::pack(heap, 1 + (a >> 8) as usize % most, turn << 8 | thread as u64);
                    match choice >> 8 & 3 {
                        0 => kept.push(parcel),
                        1 => parcel.open(heap),
                        _ => senders[(a % THREADS as u64) as usize].send(parcel).unwrap(),
                    }
                    inbox.try_iter().take(3).for_each(|parcel| parcel.open(heap));
                    if kept.len() > 200 {
                        kept.swap_remove((a >> 32) as usize % 200).open(heap);
                    }
                }
                kept.into_iter().for_each(|parcel| parcel.open(heap));
                drop(senders);
                // Until every other thread has sent its last.
                inbox.iter().for_each(|parcel| parcel.open(heap));
                heap.trim();
            });
        }
        drop(senders);
    });
    RawHeap::validate(&heap).unwrap();
    let stats = heap.stats();
    assert_eq!((stats.blocks, stats.used, stats.allocations), (0, 0, stats.frees));
}

/// One thread owns the span, and the other does not: in the same instant both may succeed, and the block is free once.
#[test]
fn of_two_threads_that_free_the_same_block_one_succeeds_or_both_and_it_is_free_once() {
    for size in [64, 3000, 50_000] {
        let heap = reserve(1 << 28);
        let (before, after) = (Barrier::new(2), Barrier::new(2));
        let (successes, shared) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let rounds = 1500;
        let both = |allocates: bool| {
            for _ in 0..rounds {
                if allocates {
                    shared.store(
                        heap.allocate(size, 16).unwrap().as_ptr().expose_provenance(),
                        Ordering::Relaxed,
                    );
                }
                before.wait();
                let address = shared.load(Ordering::Relaxed);
                // SAFETY: no collection lives in the heap.
                match unsafe { heap.free(std::ptr::with_exposed_provenance_mut(address)) } {
                    Ok(usable) => {
                        assert!(usable >= size);
                        successes.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(HeapError::DoubleFree { address: told } | HeapError::NotABlock { address: told }) => {
                        assert_eq!(told, address)
                    }
                    Err(error) => panic!("{error:?}"),
                }
                after.wait();
                if allocates {
                    assert_eq!(heap.stats().blocks, 0);
                    // The block's next life is not ended by what was too much.
                    let next = heap.allocate(size, 16).unwrap();
                    assert_eq!(heap.stats().blocks, 1);
                    free(&heap, next).unwrap();
                }
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| both(true));
            both(false);
        });
        let successes = successes.into_inner();
        // The lock lets one alone have a large block.
        let most = if size > 8 << 10 { rounds } else { 2 * rounds };
        assert!((rounds..=most).contains(&successes), "{successes}");
        RawHeap::validate(&heap).unwrap();
    }
}

#[test]
fn threads_that_end_leave_their_spans_to_those_that_begin() {
    let heap = reserve(1 << 28);
    for round in 0..100u64 {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let parcels: Vec<_> = (0..100).map(|size| Parcel::pack(&heap, 1 + size * 8, round)).collect();
                parcels.into_iter().for_each(|parcel| parcel.open(&heap));
            });
        });
    }
    // Other tests of this program have threads, too, so that the numbers may differ; there are few of them.
    assert_eq!(heap.stats().blocks, 0);
    assert!(heap.stats().footprint < 64 << 20);
    RawHeap::validate(&heap).unwrap();
}

thread_local! {
    /// A block that is freed as late as a thread can.
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

struct Late(Arc<ThreadedHeap>, Parcel);

impl Drop for Late {
    fn drop(&mut self) {
        // With the thread's number gone, the shard of the lock serves.
        let parcel = Parcel::pack(&self.0, 50, 7);
        parcel.open(&self.0);
        let Parcel { block, size, seed } = self.1;
        Parcel { block, size, seed }.open(&self.0);
    }
}

#[test]
fn destructors_of_a_thread_allocate_and_free() {
    let heap = Arc::new(reserve(1 << 28));
    for round in 0..20 {
        let heap = Arc::clone(&heap);
        std::thread::spawn(move || {
            // Half of them are made before the thread has its number, so that they go after it.
            let first = (round % 2 == 0).then(|| Parcel::pack(&heap, 20, 1));
            LATE.set(None);
            let parcel = Parcel::pack(&heap, 40, round);
            LATE.set(Some(Late(Arc::clone(&heap), parcel)));
            if let Some(parcel) = first {
                parcel.open(&heap);
            }
        })
        .join()
        .unwrap();
    }
    RawHeap::validate(&*heap).unwrap();
    assert_eq!(heap.stats().blocks, 0);
}
