//! Each error and each report by itself, with values worked out by hand.

use super::{bytes, heap};
use crate::addresses::Bytes;
use memcore::alloc::AllocError;
use memcore::heap::{
    ALLOCATED_BYTE, Borrowed, CallSite, Checked, Checks, FREED_BYTE, Heap, HeapError, RawHeap, SizeClassHeap,
};
use std::ptr::{null_mut, without_provenance_mut};
use std::sync::{Arc, Mutex};

fn write(block: *mut u8, offset: isize, value: u8) {
    // SAFETY: each test writes within the memory of its heap, and nobody else looks at it meanwhile.
    unsafe { block.offset(offset).write(value) };
}

fn read(block: *const u8, offset: isize) -> u8 {
    // SAFETY: as above.
    unsafe { block.offset(offset).read() }
}

#[test]
fn the_first_bad_byte_is_told_and_the_block_stays() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT);
    let block = heap.allocate(21, 1).unwrap().as_ptr();
    let address = block.addr();
    write(block, 23, 7);
    write(block, 30, 8);
    let behind = HeapError::RedzoneSmashed { address, offset: 23, found: 7 };
    assert_eq!(heap.free(block), Err(behind));
    assert_eq!(heap.resize_in_place(block, 5), Err(behind));
    assert_eq!(heap.reallocate(block, 500, 1), Err(behind));
    assert_eq!(heap.check(), Err(behind));
    assert_eq!((heap.live(), heap.in_use()), (1, 21));
    write(block, -16, 9);
    let before = HeapError::RedzoneSmashed { address, offset: -16, found: 9 };
    assert_eq!(heap.free(block), Err(before));
    assert_eq!(heap.check_block(block), Err(before));
    assert_eq!(heap.release_smashed(block), Ok(21));
    assert_eq!((heap.live(), heap.in_use()), (0, 0));
    assert_eq!(heap.validate(), Ok(()));
    assert_eq!(heap.free(block), Err(HeapError::DoubleFree { address }));
    assert_eq!(heap.release_smashed(block), Err(HeapError::DoubleFree { address }));
}

#[test]
fn bytes_as_they_were_filled_are_no_overrun() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT);
    let block = heap.allocate(10, 1).unwrap().as_ptr();
    write(block, 10, 0xFD);
    write(block, 26, 0); // one byte behind the redzone
    assert_eq!(heap.free(block), Ok(10));
}

#[test]
fn poison_shows_how_far_it_reaches() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::NONE.poison(100));
    let block = heap.allocate(300, 16).unwrap().as_ptr();
    // 100, rounded up to 16.
    assert!((0..112).all(|index| read(block, index) == ALLOCATED_BYTE));
    assert_eq!(read(block, 112), 0x33);
    heap.free(block).unwrap();
    assert!((0..112).all(|index| read(block, index) == FREED_BYTE));
    assert_eq!(read(block, 112), 0x33);
}

#[test]
fn a_block_that_grows_in_place_is_poisoned_where_it_is_new() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT);
    let block = heap.allocate(10, 1).unwrap().as_ptr();
    (0..10).for_each(|index| write(block, index, 1));
    assert_eq!(heap.resize_in_place(block, 14), Ok(14));
    assert!((0..10).all(|index| read(block, index) == 1));
    assert!((10..14).all(|index| read(block, index) == ALLOCATED_BYTE));
    write(block, 14, 2);
    let address = block.addr();
    assert_eq!(heap.free(block), Err(HeapError::RedzoneSmashed { address, offset: 14, found: 2 }));
}

#[test]
fn addresses_that_are_no_blocks() {
    for checks in [Checks::LIGHT, Checks::FULL, Checks::NONE.limit(1 << 20)] {
        let mut memory = bytes();
        let end = memory.as_mut_ptr().wrapping_add(memory.len());
        let mut heap = heap(&mut memory, checks);
        let usual = heap.allocate(100, 16).unwrap().as_ptr();
        let aligned = heap.allocate(100, 4096).unwrap().as_ptr();
        let outside = [null_mut(), without_provenance_mut(usize::MAX), end, without_provenance_mut(1)];
        for address in outside {
            let expected = HeapError::NotInHeap { address: address.addr() };
            assert_eq!(heap.free(address), Err(expected));
            assert_eq!(heap.usable_size(address), Err(expected));
            assert_eq!(heap.reallocate(address, 10, 1), Err(expected));
        }
        // Every address near a block that is not its own, fronts and marks included.
        for block in [usual, aligned] {
            for offset in (-4500..4500).filter(|offset| *offset != 0) {
                let address = block.wrapping_offset(offset);
                if heap.contains(address) && ![usual, aligned].contains(&address) {
                    let address = address.addr();
                    let expected = Err(HeapError::NotABlock { address });
                    assert_eq!(heap.usable_size(without_provenance_mut(address)), expected);
                    assert_eq!(heap.check_block(without_provenance_mut(address)), expected.map(drop));
                }
            }
        }
        assert_eq!(heap.usable_size(without_provenance_mut(aligned.addr())), Ok(100));
        assert_eq!(heap.free(usual), Ok(100));
        assert_eq!(heap.free(aligned), Ok(100));
        assert_eq!(heap.usable_size(usual), Err(HeapError::NotABlock { address: usual.addr() }));
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn writes_after_free_are_found_when_the_block_leaves() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT.quarantine(1000));
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    heap.on_failure(move |error| list.lock().unwrap().push(*error));
    let blocks: Vec<_> = (0..8).map(|_| heap.allocate(100, 16).unwrap().as_ptr()).collect();
    heap.free(blocks[0]).unwrap();
    heap.free(blocks[1]).unwrap();
    write(blocks[1], 42, 0x11);
    let address = blocks[1].addr();
    let written = HeapError::FreedWritten { address, offset: 42, found: 0x11 };
    assert_eq!(heap.check(), Err(written));
    assert_eq!(*told.lock().unwrap(), [written]);
    // 160 bytes are held by each: six wait at most, and the calls that let them go succeed.
    blocks[2..6].iter().for_each(|&block| assert_eq!(heap.free(block), Ok(100)));
    assert_eq!((heap.found(), heap.quarantined()), (0, (6, 960)));
    assert_eq!(heap.free(blocks[6]), Ok(100));
    assert_eq!((heap.found(), heap.quarantined()), (0, (6, 960)));
    assert_eq!(heap.free(blocks[7]), Ok(100));
    assert_eq!((heap.found(), heap.last_found()), (1, Some(written)));
    assert_eq!(*told.lock().unwrap(), [written, written]);
    write(blocks[7], 99, 0);
    let last = HeapError::FreedWritten { address: blocks[7].addr(), offset: 99, found: 0 };
    assert_eq!(heap.empty_quarantine(), Err(last));
    assert_eq!((heap.found(), heap.quarantined()), (2, (0, 0)));
    assert_eq!(heap.empty_quarantine(), Ok(0));
    assert_eq!(heap.inner().stats().blocks, 0);
}

#[test]
fn freed_blocks_are_not_given_out_again_while_they_wait() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::NONE.quarantine(1 << 20));
    let block = heap.allocate(100, 16).unwrap();
    heap.free(block.as_ptr()).unwrap();
    for _ in 0..100 {
        let other = heap.allocate(100, 16).unwrap();
        assert_ne!(other, block);
        heap.free(other.as_ptr()).unwrap();
        assert_eq!(heap.free(block.as_ptr()), Err(HeapError::DoubleFree { address: block.as_ptr().addr() }));
    }
}

#[test]
fn the_quarantine_gives_way_when_there_is_no_room() {
    let mut memory = vec![0u8; 64 << 10];
    let mut heap = heap(&mut memory, Checks::LIGHT.quarantine(usize::MAX));
    let most = 40 << 10;
    for _ in 0..20 {
        let block = heap.allocate(most, 16).unwrap().as_ptr();
        heap.free(block).unwrap();
    }
    assert_eq!(heap.quarantined().0, 1);
    let block = heap.allocate(most, 16).unwrap().as_ptr();
    let error = heap.allocate(most, 16).unwrap_err();
    assert!(matches!(error, HeapError::Alloc(AllocError::OutOfSpace { .. })), "{error}");
    assert_eq!(heap.free(block), Ok(most));
}

#[test]
fn the_limit_counts_bytes_as_they_were_asked_for() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT.limit(1000));
    let passed = |size, used| HeapError::Alloc(AllocError::LimitExceeded { size, used, limit: 1000 });
    let first = heap.allocate(600, 16).unwrap().as_ptr();
    assert_eq!(heap.allocate(401, 16), Err(passed(401, 600)));
    let second = heap.allocate(400, 16).unwrap().as_ptr();
    assert_eq!(heap.allocate(0, 16), Err(passed(1, 1000)));
    assert_eq!(heap.reallocate(second, 401, 16), Err(passed(1, 1000)));
    assert_eq!(heap.resize_in_place(second, 402), Err(passed(2, 1000)));
    // A block that moves is not counted twice.
    heap.free(second).unwrap();
    let first = heap.reallocate(first, 1000, 4096).unwrap().as_ptr();
    assert_eq!(heap.in_use(), 1000);
    heap.free(first).unwrap();
    assert!(heap.allocate(1000, 1).is_ok());
    assert_eq!(heap.stats().peak_requested, 1000);
}

#[test]
fn leaks_are_told_in_the_order_of_allocation() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT.track(true));
    let first = heap.allocate_tagged(10, 16, 1, 100).unwrap().as_ptr();
    let gone = heap.allocate_tagged(20, 16, 2, 200).unwrap().as_ptr();
    let third = heap.allocate_tagged(30, 4096, 3, 300).unwrap().as_ptr();
    heap.allocate_tagged(40, 16, 1, 100).unwrap();
    heap.free(gone).unwrap();
    heap.allocate(50, 16).unwrap();
    // What is reallocated stays what it was.
    let first = heap.reallocate(first, 5000, 16).unwrap().as_ptr();
    heap.set_tag(third, 33).unwrap();
    assert_eq!((heap.tag(first), heap.tag(third)), (Ok(1), Ok(33)));
    let leaks = heap.leaks().unwrap();
    let told: Vec<_> = leaks.iter().map(|leak| (leak.number, leak.size, leak.tag, leak.site)).collect();
    assert_eq!(told, [(1, 5000, 1, 100), (3, 30, 33, 300), (4, 40, 1, 100), (5, 50, 0, 0)]);
    assert_eq!(leaks[0].address.as_ptr(), first);
    let groups = heap.leak_summary().unwrap();
    let told: Vec<_> =
        groups.iter().map(|group| (group.tag, group.site, group.blocks, group.bytes, group.first)).collect();
    assert_eq!(told, [(1, 100, 2, 5040, 1), (33, 300, 1, 30, 3), (0, 0, 1, 50, 5)]);
    for leak in leaks {
        heap.free(leak.address.as_ptr()).unwrap();
    }
    assert_eq!(heap.leaks(), Ok(vec![]));
}

#[test]
fn call_sites_read_back() {
    #[track_caller]
    fn allocate() -> CallSite {
        CallSite::here()
    }
    let line = line!() + 1;
    let site = allocate();
    // SAFETY: the numbers are from this process.
    unsafe {
        assert_eq!(CallSite::from_number(site.number()), Some(site));
        assert_eq!(CallSite::from_number(0), None);
    }
    assert_eq!((site.location().file(), site.location().line()), (file!(), line));
    assert_eq!(site.to_string(), format!("{}:{line}:16", file!()));
}

#[test]
fn tags_need_tracking() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT);
    let block = heap.allocate_tagged(10, 16, 5, 6).unwrap().as_ptr();
    assert_eq!(heap.tag(block), Err(AllocError::NoTags.into()));
    assert_eq!(heap.set_tag(block, 1), Err(AllocError::NoTags.into()));
    let leaks = heap.leaks().unwrap();
    assert_eq!((leaks.len(), leaks[0].size, leaks[0].tag, leaks[0].number), (1, 10, 0, 0));
}

#[test]
fn a_record_that_was_written_over_is_told_and_let_go() {
    for (alignment, checks) in
        [(16, Checks::LIGHT), (4096, Checks::LIGHT), (16, Checks::FULL), (512, Checks::FULL)]
    {
        let mut memory = bytes();
        let mut heap = heap(&mut memory, checks.tools(false));
        let front = checks.redzone as isize + if checks.track { 48 } else { 16 };
        let other = heap.allocate(77, 16).unwrap().as_ptr();
        // Each byte of the record alone, and all of them at once.
        for offset in (-front..-front + 16)
            .map(|offset| offset..offset + 1)
            .chain(core::iter::once(-front..-front + 16))
        {
            let block = heap.allocate(100, alignment).unwrap().as_ptr();
            let address = block.addr();
            offset.clone().for_each(|offset| write(block, offset, !read(block, offset)));
            let smashed =
                |result| matches!(result, Err(HeapError::HeaderSmashed { address: at, .. }) if at == address);
            assert!(smashed(heap.free(block)), "{offset:?}");
            assert!(smashed(heap.usable_size(block)));
            assert!(smashed(heap.check()));
            assert!(smashed(heap.resize_in_place(block, 1)));
            assert!(heap.validate().is_err());
            assert_eq!(heap.leaks().unwrap().len(), 2);
            assert!(heap.release_smashed(block).unwrap() >= 100);
            assert_eq!((heap.live(), heap.in_use(), heap.validate()), (1, 77, Ok(())));
        }
        assert_eq!(heap.free(other), Ok(77));
        heap.empty_quarantine().unwrap();
        assert_eq!(heap.inner().stats().blocks, 0);
    }
}

#[test]
fn a_record_copied_to_another_block_does_not_fit_it() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::LIGHT);
    let [first, second] = [(); 2].map(|()| heap.allocate(100, 16).unwrap().as_ptr());
    (-32..-16).for_each(|offset| write(second, offset, read(first, offset)));
    assert!(matches!(heap.free(second), Err(HeapError::HeaderSmashed { .. })));
    assert_eq!(heap.free(first), Ok(100));
}

#[test]
fn nothing_checked_is_the_heap_inside() {
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::NONE);
    let block = heap.allocate(100, 16).unwrap().as_ptr();
    assert_eq!(heap.usable_size(block), heap.inner().usable_size(block));
    assert_eq!(heap.stats(), heap.inner().stats());
    assert_eq!((heap.live(), heap.check(), heap.leaks().unwrap().len()), (1, Ok(0), 1));
    assert_eq!(heap.free(block), Ok(112));
    assert_eq!(heap.free(block), Err(HeapError::DoubleFree { address: block.addr() }));
}

#[test]
fn bad_requests_and_parameters_are_errors() {
    let mut memory = bytes();
    {
        let mut heap = heap(&mut memory, Checks::FULL);
        let alloc = |result| match result {
            Err(HeapError::Alloc(error)) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(alloc(heap.allocate(1, 3)), AllocError::BadAlignment { alignment: 3 });
        assert_eq!(alloc(heap.allocate(1, 0)), AllocError::BadAlignment { alignment: 0 });
        for size in [usize::MAX, isize::MAX as usize, isize::MAX as usize - 100] {
            assert!(matches!(alloc(heap.allocate(size, 16)), AllocError::TooLarge { .. }), "{size}");
        }
        assert!(heap.allocate(1, 1 << 63).is_err());
        let block = heap.allocate(10, 16).unwrap().as_ptr();
        assert_eq!(alloc(heap.reallocate(block, 10, 7)), AllocError::BadAlignment { alignment: 7 });
        assert!(heap.reallocate(block, usize::MAX, 16).is_err());
        assert!(heap.resize_in_place(block, isize::MAX as usize).is_err());
        assert_eq!((heap.check(), heap.live(), heap.in_use()), (Ok(1), 1, 10));
    }
    let inside = || SizeClassHeap::new(Borrowed::new(Vec::leak(vec![0; 1 << 16]))).unwrap();
    let wide = Checked::new(inside(), Checks::NONE.redzone((1 << 20) + 1)).unwrap_err();
    assert!(matches!(wide, HeapError::BadParameter { name: "redzone", value: 1_048_577, .. }));
    let mut used = inside();
    used.allocate(1, 1).unwrap();
    let used = Checked::new(used, Checks::LIGHT).unwrap_err();
    assert!(matches!(used, HeapError::BadParameter { name: "blocks", value: 1, .. }));
    assert_eq!(Checked::new(inside(), Checks::NONE.redzone(1)).unwrap().checks().redzone, 16);
}

#[test]
fn heaps_may_be_sent_and_shared() {
    fn whole<T: Send + Sync>(_: &T) {}
    let mut memory = bytes();
    let heap = heap(&mut memory, Checks::FULL);
    whole(heap.checks());
    fn send<T: Send>(_: &T) {}
    send(&heap);
}

#[test]
fn a_stray_free_does_not_take_an_aligned_block_that_begins_elsewhere() {
    let bytes = Bytes::new(8192);
    // Where the memory begins decides where the aligned block does.
    for offset in (0..256).step_by(16) {
        let heap = Heap::new(&"first-fit".parse().unwrap(), bytes.part(offset, 8000)).unwrap();
        let mut heap = Checked::new(heap, Checks::NONE.redzone(64)).unwrap();
        let first = heap.allocate(1, 16).unwrap().as_ptr();
        heap.free(first).unwrap();
        // The heap inside gives the same bytes again, whose payload begins farther in or not.
        let aligned = heap.allocate(1, 128).unwrap();
        if aligned.as_ptr() != first {
            let address = first.addr();
            let refused = [HeapError::NotABlock { address }, HeapError::DoubleFree { address }];
            assert!(refused.contains(&heap.free(first).unwrap_err()), "{offset}");
            assert!(refused.contains(&heap.resize_in_place(first, 8).unwrap_err()), "{offset}");
        }
        assert_eq!(heap.usable_size(aligned.as_ptr()), Ok(1));
        heap.validate().unwrap();
        heap.free(aligned.as_ptr()).unwrap();
    }
}
