//! Collections of `allocator_api2` in an arena.

use allocator_api2::alloc::Allocator;
use allocator_api2::{boxed::Box, vec::Vec};
use hashbrown::HashMap;
use memcore::heap::Arena;
use std::alloc::Layout;
use std::hash::RandomState;

#[test]
fn a_vector_alone_grows_and_shrinks_where_it_is() {
    let mut arena = Arena::with_chunk(100_000).unwrap();
    {
        let mut numbers = Vec::new_in(&arena);
        numbers.push(0u64);
        let address = numbers.as_ptr();
        numbers.extend(1..10_000u64);
        assert_eq!(numbers.as_ptr(), address);
        assert!(numbers.iter().copied().eq(0..10_000));
        numbers.truncate(10);
        numbers.shrink_to_fit();
        assert_eq!(arena.used(), 80);
    }
    assert_eq!(arena.used(), 0);
    arena.reset();
}

#[test]
fn two_vectors_that_grow_in_turns_keep_their_contents() {
    let arena = Arena::new();
    let (mut even, mut odd) = (Vec::new_in(&arena), Vec::new_in(&arena));
    for number in 0..10_000u32 {
        if number % 2 == 0 { even.push(number) } else { odd.push(number) }
    }
    assert!(
        even.iter()
            .zip(&odd)
            .enumerate()
            .all(|(index, (&even, &odd))| { even as usize == 2 * index && odd as usize == 2 * index + 1 })
    );
}

#[test]
fn a_hash_map_and_boxes_live_in_an_arena() {
    let arena = Arena::new();
    let mut map = HashMap::with_hasher_in(RandomState::new(), &arena);
    for number in 0..5000u64 {
        map.insert(number, Box::new_in(number.to_string(), &arena));
    }
    for number in (0..5000).step_by(3) {
        map.remove(&number);
    }
    for number in 0..5000u64 {
        let found = map.get(&number).map(|text| text.as_str());
        assert_eq!(found, (number % 3 != 0).then(|| number.to_string()).as_deref());
    }
    assert!(arena.used() > 0);
}

#[test]
fn grown_bytes_are_zero_where_that_is_asked_and_moved_blocks_keep_theirs() {
    let arena = Arena::new();
    let allocator = &arena;
    let layout = |size, alignment| Layout::from_size_align(size, alignment).unwrap();
    // SAFETY: each call is given a live block with the layout that it has, and bytes are touched within it.
    unsafe {
        let dirty = allocator.allocate(layout(100, 1)).unwrap();
        dirty.cast::<u8>().write_bytes(0xaa, 100);
        allocator.deallocate(dirty.cast(), layout(100, 1));
        let block = allocator.allocate(layout(10, 1)).unwrap().cast::<u8>();
        block.write_bytes(7, 10);
        let grown = allocator.grow_zeroed(block, layout(10, 1), layout(60, 1)).unwrap();
        assert_eq!(grown.cast(), block);
        assert!(grown.as_ref()[..10].iter().all(|&byte| byte == 7));
        assert!(grown.as_ref()[10..].iter().all(|&byte| byte == 0));
        allocator.allocate(layout(1, 1)).unwrap();
        let moved = allocator.grow(block, layout(60, 1), layout(70, 64)).unwrap();
        assert_ne!(moved.cast(), block);
        assert_eq!(moved.cast::<u8>().addr().get() % 64, 0);
        assert!(moved.as_ref()[..10].iter().all(|&byte| byte == 7));
        let again = allocator.shrink(moved.cast(), layout(70, 64), layout(10, 512)).unwrap();
        assert_eq!(again.cast::<u8>().addr().get() % 512, 0);
        assert!(again.as_ref()[..10].iter().all(|&byte| byte == 7));
    }
}
