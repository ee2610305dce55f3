//! Collections that live in a heap: behind a lock, for one thread, and as the global allocator's calls.

use std::alloc::{GlobalAlloc, Layout};

use super::addresses::Bytes;
use allocator_api2::alloc::Allocator as Collections;
use allocator_api2::{boxed::Box, vec::Vec};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use memcore::heap::{Borrowed, Heap, LocalHeap, Locked, RawHeap, StaticHeap};

type Inner = Heap<memcore::alloc::AnyAllocator, Borrowed<'static>>;

fn heap(bytes: &Bytes, strategy: &str) -> Inner {
    Heap::new(&strategy.parse().unwrap(), bytes.part(0, 1 << 20)).unwrap()
}

/// Collections that grow, move, shrink and go.
fn use_collections<A: Collections + Copy>(heap: A, seed: u64) {
    let mut map = HashMap::with_hasher_in(FixedState::default(), heap);
    let mut lists = Vec::new_in(heap);
    for key in 0..2000u64 {
        map.insert(key, Box::new_in(key * seed, heap));
        if key % 3 == 0 {
            map.remove(&(key / 2));
        }
        if key % 50 == 0 {
            let mut list = Vec::new_in(heap);
            list.extend((0..key).map(|number| number ^ seed));
            lists.push(list);
        }
    }
    for (key, boxed) in &map {
        assert_eq!(**boxed, key * seed);
    }
    for (place, list) in lists.iter_mut().enumerate() {
        list.shrink_to_fit();
        assert!(list.iter().copied().eq((0..50 * place as u64).map(|number| number ^ seed)));
    }
    lists.truncate(3);
    lists.shrink_to_fit();
    map.shrink_to_fit();
    assert!(!map.is_empty());
}

#[test]
fn collections_live_in_a_heap_of_one_thread() {
    let bytes = Bytes::new(1 << 20);
    for strategy in ["tlsf", "best-fit", "buddy", "size-classes"] {
        let heap = LocalHeap::new(heap(&bytes, strategy));
        use_collections(&heap, 3);
        let heap = heap.into_inner();
        heap.validate().unwrap();
        assert_eq!((heap.stats().blocks, heap.stats().used), (0, 0), "{strategy}");
        assert!(heap.stats().allocations > 1000);
    }
}

#[test]
fn threads_share_a_locked_heap() {
    let bytes = Bytes::new(1 << 20);
    let heap = Locked::new(heap(&bytes, "tlsf"));
    std::thread::scope(|scope| {
        for seed in 1..4 {
            let heap = &heap;
            scope.spawn(move || use_collections(heap, seed));
        }
    });
    heap.look(|heap| heap.validate().unwrap());
    assert_eq!(heap.into_inner().stats().blocks, 0);
}

#[test]
fn a_lock_that_a_panic_left_is_taken_all_the_same() {
    let bytes = Bytes::new(1 << 20);
    let heap = Locked::new(heap(&bytes, "tlsf"));
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: no collection lives in the heap.
            let _heap = unsafe { heap.lock() };
            std::panic::resume_unwind(std::boxed::Box::new(0));
        });
        assert!(thread.join().is_err());
    });
    assert!(heap.into_inner().allocate(10, 1).is_ok());
}

#[test]
fn a_full_heap_is_an_error_and_a_call_from_within_one_too() {
    let bytes = Bytes::new(1 << 20);
    let heap = LocalHeap::new(heap(&bytes, "first-fit"));
    let layout = Layout::from_size_align(64, 8).unwrap();
    assert!((&heap).allocate(Layout::from_size_align(2 << 20, 8).unwrap()).is_err());
    let within = |_: &mut _| {
        assert!((&heap).allocate(layout).is_err());
        // SAFETY: no collection lives in the heap.
        assert!(unsafe { heap.with(|_| ()) }.is_none());
    };
    // SAFETY: as above.
    unsafe { heap.with(within) };
    assert_eq!(heap.into_inner().stats().allocations, 0);
}

/// The rules of layouts: nothing is taken for no bytes, growth keeps the contents, new bytes may be asked to be zero.
fn layouts<A: Collections>(heap: A) {
    let layout = |size, alignment| Layout::from_size_align(size, alignment).unwrap();
    let none = heap.allocate(layout(0, 64)).unwrap();
    assert_eq!((none.len(), none.cast::<u8>().addr().get() % 64), (0, 0));
    // SAFETY: each block is used with the layout that it was asked with last, and within it.
    unsafe {
        let dirty = heap.allocate(layout(4000, 8)).unwrap().cast::<u8>();
        dirty.as_ptr().write_bytes(0xff, 4000);
        heap.deallocate(dirty, layout(4000, 8));
        let block = heap.grow(none.cast(), layout(0, 64), layout(100, 64)).unwrap().cast::<u8>();
        block.as_ptr().write_bytes(7, 100);
        let block = heap.grow_zeroed(block, layout(100, 64), layout(1000, 64)).unwrap().cast::<u8>();
        let bytes = std::slice::from_raw_parts(block.as_ptr(), 1000);
        assert!(bytes[..100].iter().all(|&byte| byte == 7) && bytes[100..].iter().all(|&byte| byte == 0));
        let block = heap.grow(block, layout(1000, 64), layout(1000, 4096)).unwrap().cast::<u8>();
        assert_eq!((block.addr().get() % 4096, *block.as_ptr().add(99)), (0, 7));
        let block = heap.shrink(block, layout(1000, 4096), layout(50, 1)).unwrap().cast::<u8>();
        assert_eq!(*block.as_ptr().add(49), 7);
        let none = heap.shrink(block, layout(50, 1), layout(0, 1)).unwrap();
        heap.deallocate(none.cast(), layout(0, 1));
        let zeroed = heap.grow_zeroed(none.cast(), layout(0, 1), layout(4000, 8)).unwrap().cast::<u8>();
        let bytes = std::slice::from_raw_parts(zeroed.as_ptr(), 4000);
        assert!(bytes.iter().all(|&byte| byte == 0));
        heap.deallocate(zeroed, layout(4000, 8));
    }
}

/// The calls of a global allocator, whose errors are null.
fn global(heap: &impl GlobalAlloc) {
    let layout = |size, alignment| Layout::from_size_align(size, alignment).unwrap();
    // SAFETY: no layout is of no bytes; each block is freed once with its layout, but for strays that the heap ignores.
    unsafe {
        assert!(heap.alloc(layout(1 << 40, 8)).is_null());
        let block = heap.alloc(layout(1000, 256));
        assert_eq!(block.addr() % 256, 0);
        block.write_bytes(9, 1000);
        assert!(heap.realloc(block, layout(1000, 256), 1 << 40).is_null());
        let block = heap.realloc(block, layout(1000, 256), 9000);
        assert_eq!((block.addr() % 256, *block.add(999)), (0, 9));
        heap.dealloc(block, layout(9000, 256));
        heap.dealloc(block, layout(9000, 256));
        heap.dealloc(std::ptr::without_provenance_mut(8), layout(1, 1));
        let zeroed = heap.alloc_zeroed(layout(9000, 1));
        assert!(std::slice::from_raw_parts(zeroed, 9000).iter().all(|&byte| byte == 0));
        heap.dealloc(zeroed, layout(9000, 1));
    }
}

#[test]
fn layouts_and_global_calls_mean_what_they_say() {
    let bytes = Bytes::new(1 << 20);
    let local = LocalHeap::new(heap(&bytes, "tlsf"));
    layouts(&local);
    assert_eq!(local.into_inner().stats().blocks, 0);
    let locked = Locked::new(heap(&bytes, "tlsf"));
    layouts(&locked);
    global(&locked);
    assert_eq!(locked.into_inner().stats().blocks, 0);
    static HEAP: StaticHeap<{ 1 << 16 }> = StaticHeap::new();
    layouts(&HEAP);
    global(&HEAP);
    assert_eq!(HEAP.stats().unwrap().blocks, 0);
}

#[test]
fn a_static_heap_has_as_many_blocks_as_its_tables() {
    static HEAP: StaticHeap<{ 1 << 16 }, 10> = StaticHeap::new();
    let layout = Layout::from_size_align(8, 8).unwrap();
    // SAFETY: the layout has bytes.
    let blocks: std::vec::Vec<_> = (0..11).map(|_| unsafe { HEAP.alloc(layout) }).collect();
    assert!(blocks[..10].iter().all(|block| !block.is_null()) && blocks[10].is_null());
    // 64 bytes for each block, and the bins.
    assert!(HEAP.metadata_bytes().unwrap() < 10 * 64 + 12 * 1024);
    // Where the tables alone are too much, every call is an error.
    static SMALL: StaticHeap<4096> = StaticHeap::new();
    assert!(SMALL.stats().is_err());
    // SAFETY: the layout has bytes.
    assert!(unsafe { SMALL.alloc(layout) }.is_null());
}

#[test]
fn a_static_heap_that_was_moved_refuses() {
    let mut heaps = [StaticHeap::<{ 1 << 16 }>::new(), StaticHeap::new()].map(std::boxed::Box::new);
    assert!(heaps[0].stats().is_ok() && heaps[1].stats().is_ok());
    let [first, second] = &mut heaps;
    std::mem::swap(&mut **first, &mut **second);
    assert!(first.stats().is_err() && second.stats().is_err());
}
