//! The ends of the range: no bytes, the largest alignments, the largest layouts, no room.

use crate::arenas::fill::{check, fill};
use memcore::alloc::AllocError;
use memcore::heap::{Arena, Borrowed, DoubleStack, HeapError, RawArena, RawHeap, RawPool, Ring};
use std::alloc::Layout;
use std::mem::MaybeUninit;

const MOST: usize = isize::MAX as usize;

#[test]
fn blocks_of_every_alignment_up_to_a_mebibyte_hold_what_is_written() {
    let arena = Arena::new();
    let mut bytes = vec![0u8; 8 << 20];
    let (low, high) = bytes.split_at_mut(4 << 20);
    let mut raw = RawArena::new(Borrowed::new(low)).unwrap();
    let mut stack = DoubleStack::new(Borrowed::new(high)).unwrap();
    let mut blocks = Vec::new();
    for log in 0..=20 {
        let (size, alignment) = (log * 7 + 1, 1 << log);
        let layout = Layout::from_size_align(size, alignment).unwrap();
        blocks.push((arena.alloc_layout(layout).unwrap(), size, alignment));
        blocks.push((raw.allocate(size, alignment).unwrap(), size, alignment));
        blocks.push((stack.push_low(size, alignment).unwrap(), size, alignment));
        if log < 20 {
            blocks.push((stack.push_high(size, alignment).unwrap(), size, alignment));
        }
    }
    for (number, &(block, size, alignment)) in blocks.iter().enumerate() {
        assert_eq!(block.addr().get() % alignment, 0);
        fill(block, size, number as u64);
    }
    blocks.iter().enumerate().for_each(|(number, &(block, size, _))| check(block, size, number as u64));
}

#[test]
fn a_ring_keeps_every_alignment() {
    let mut bytes = vec![0u8; 4 << 20];
    let mut ring = Ring::new(Borrowed::new(&mut bytes)).unwrap();
    for log in 0..=20 {
        let block = ring.allocate(100, 1 << log).unwrap();
        assert_eq!(block.addr().get() % (1 << log), 0);
        fill(block, 100, log);
        check(block, 100, log);
        ring.release(block.as_ptr()).unwrap();
    }
}

#[test]
fn types_of_no_bytes_and_of_a_page_are_aligned() {
    #[repr(align(4096))]
    struct Page;
    #[repr(align(4096))]
    struct Filled([u8; 5000]);
    let arena = Arena::new();
    assert_eq!(std::ptr::from_ref(arena.alloc(Page)).addr() % 4096, 0);
    assert_eq!(arena.used(), 0);
    for number in 0..10 {
        let filled = arena.alloc(Filled([number; 5000]));
        assert_eq!(std::ptr::from_ref(filled).addr() % 4096, 0);
        assert!(filled.0.iter().all(|&byte| byte == number));
    }
    assert_eq!(arena.alloc_slice_fill_with(MOST, |_| ()).len(), MOST);
    assert_eq!(arena.alloc_slice_copy::<u64>(&[]).len(), 0);
    assert_eq!(arena.alloc_str(""), "");
}

#[test]
fn what_no_memory_can_hold_is_an_error() {
    let arena = Arena::new();
    let too_large = |error: HeapError| matches!(error, HeapError::Alloc(AllocError::TooLarge { .. }));
    for (size, alignment) in [(MOST, 1), (MOST - 4096, 4096), (8, 1 << 62), (1 << 61, 1 << 62)] {
        let layout = Layout::from_size_align(size, alignment).unwrap();
        let error = arena.alloc_layout(layout).unwrap_err();
        let no_room = matches!(error, HeapError::Alloc(AllocError::OutOfSpace { .. }));
        assert!(too_large(error) || no_room, "{error}");
    }
    assert!(too_large(arena.try_alloc_slice_fill_with(MOST, |_| 0u64).unwrap_err()));
    assert!(too_large(arena.try_alloc_slice_fill_with(usize::MAX, |_| 0u8).unwrap_err()));
    assert!(too_large(arena.try_alloc_slice_fill_with(MOST, |_| String::new()).unwrap_err()));
    assert!(too_large(Arena::with_chunk(usize::MAX).unwrap_err()));
    assert_eq!((arena.used(), arena.chunks()), (0, 0));
    let mut bytes = [0u8; 256];
    let far = 1usize << 63;
    let mut raw = RawArena::new(Borrowed::new(&mut bytes)).unwrap();
    for (size, alignment) in [(usize::MAX, 1), (257, 1), (1, far), (MOST, far), (256, 0), (1, 3)] {
        assert!(raw.allocate(size, alignment).is_err(), "{size} {alignment}");
    }
    assert_eq!(raw.used(), 0);
    let mut stack = DoubleStack::new(Borrowed::new(&mut bytes)).unwrap();
    for (size, alignment) in [(usize::MAX, 1), (257, 1), (1, far), (MOST, far), (256, 0), (1, 3)] {
        assert!(stack.push_low(size, alignment).is_err(), "{size} {alignment}");
        assert!(stack.push_high(size, alignment).is_err(), "{size} {alignment}");
    }
    assert_eq!(stack.free(), 256);
    let mut ring = Ring::new(Borrowed::new(&mut bytes)).unwrap();
    for (size, alignment) in [(usize::MAX, 1), (257, 1), (1, far), (MOST, far), (256, 0), (1, 3)] {
        assert!(ring.allocate(size, alignment).is_err(), "{size} {alignment}");
    }
    assert_eq!(ring.free(), 256);
    for (slot, alignment) in [(usize::MAX, 1), (0, 8), (MOST, 8), (257, 1), (8, 3), (8, 0), (1, far)] {
        assert!(RawPool::new(Borrowed::new(&mut bytes), slot, alignment).is_err(), "{slot} {alignment}");
    }
    let mut pool = RawPool::new(Borrowed::new(&mut bytes), 16, 8).unwrap();
    for (size, alignment) in [(usize::MAX, 1), (17, 1), (1, far), (1, 16), (16, 0), (1, 3)] {
        assert!(pool.allocate(size, alignment).is_err(), "{size} {alignment}");
    }
}

#[test]
fn no_memory_at_all_is_an_arena_without_room_and_no_heap() {
    let arena = Arena::over(&mut []);
    assert!(arena.try_alloc(1u8).is_err());
    assert!(arena.try_alloc(()).is_ok());
    assert_eq!((arena.used(), arena.capacity(), arena.chunks()), (0, 0, 0));
    let mut small = [MaybeUninit::uninit(); 64];
    assert!(Arena::over(&mut small).try_alloc(1u8).is_err());
    let empty = || Borrowed::new(&mut []);
    assert!(RawArena::new(empty()).is_err());
    assert!(DoubleStack::new(empty()).is_err());
    assert!(Ring::new(empty()).is_err());
    assert!(RawPool::new(empty(), 1, 1).is_err());
}

#[test]
fn text_that_does_not_fit_leaves_the_arena_as_it_was() {
    use std::fmt;
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("12345")?;
            Err(fmt::Error)
        }
    }
    let mut memory = [MaybeUninit::uninit(); 200];
    let arena = Arena::over(&mut memory);
    let text = "x".repeat(60);
    assert_eq!(arena.try_alloc_fmt(format_args!("{text}-{}", 1)).map(|text| text.len()), Ok(62));
    let used = arena.used();
    assert_eq!(used, 62);
    assert!(arena.try_alloc_fmt(format_args!("{}{text}{text}", 1)).is_err());
    assert_eq!(arena.used(), used);
    let rule = "must be formatted without an error of its own";
    let error = HeapError::BadParameter { name: "text", value: 5, rule };
    assert_eq!(arena.try_alloc_fmt(format_args!("{Broken}")), Err(error));
    assert_eq!(arena.used(), used);
}
