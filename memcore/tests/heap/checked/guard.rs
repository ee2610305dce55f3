//! Guard pages. What faults does so in a process of its own: this very program, asked for one test alone.

use super::{Heap, bytes, heap};
use memcore::heap::{ALLOCATED_BYTE, Checks, HeapError, RawHeap};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

const MISTAKE: &str = "MEMCORE_TEST_MISTAKE";

fn guarded(memory: &mut [u8]) -> Heap<'_> {
    heap(memory, Checks::LIGHT.track(true).guard_every(1))
}

#[test]
fn one_of_so_many_is_guarded() {
    for (every, offset) in [(1, 0), (3, 0), (3, 2), (10, 25)] {
        let mut memory = bytes();
        let range = memory.as_ptr_range();
        let mut heap = heap(&mut memory, Checks::LIGHT.guard_every(every).guard_offset(offset));
        for number in 0..40 {
            let block = heap.allocate(100, 16).unwrap().as_ptr();
            let outside = !range.contains(&block.cast_const());
            assert_eq!(outside, number % every == offset % every, "allocation {number} of 1 in {every}");
            assert!(heap.contains(block));
            heap.free(block).unwrap();
        }
    }
}

#[test]
fn guarded_blocks_are_blocks() {
    let mut memory = bytes();
    let mut heap = guarded(&mut memory);
    for (size, alignment) in [(1, 1), (100, 1), (100, 16), (4096, 16), (5000, 1024), (65536, 1)] {
        let block = heap.allocate_tagged(size, alignment, 9, 8).unwrap().as_ptr();
        assert_eq!(block.addr() % alignment, 0);
        // SAFETY: the block has so many bytes.
        let contents = unsafe { std::slice::from_raw_parts_mut(block, size) };
        assert!(contents.iter().take(128).all(|&byte| byte == ALLOCATED_BYTE));
        contents.fill(1);
        assert_eq!(heap.usable_size(block), Ok(size));
        assert_eq!(
            heap.usable_size(block.wrapping_add(1)),
            Err(HeapError::NotABlock { address: block.addr() + 1 })
        );
        assert_eq!(heap.tag(block), Ok(9));
        assert_eq!(heap.check(), Ok(1));
        assert_eq!(heap.validate(), Ok(()));
        let stats = heap.stats();
        assert_eq!((stats.blocks, stats.requested), (1, size as u64));
        assert_eq!(stats.used + stats.free + stats.dead, stats.capacity);
        let moved = heap.reallocate(block, size + 5000, alignment).unwrap().as_ptr();
        // SAFETY: as above.
        assert!(unsafe { std::slice::from_raw_parts(moved, size) }.iter().all(|&byte| byte == 1));
        assert_eq!((heap.tag(moved), heap.in_use()), (Ok(9), size as u64 + 5000));
        assert_eq!(heap.free(block), Err(HeapError::DoubleFree { address: block.addr() }));
        assert_eq!(heap.free(moved), Ok(size + 5000));
    }
    let zeroed = heap.allocate_zeroed(5000, 16).unwrap().as_ptr();
    // SAFETY: as above.
    assert!(unsafe { std::slice::from_raw_parts(zeroed, 5000) }.iter().all(|&byte| byte == 0));
}

#[test]
fn bytes_beside_a_guarded_block_are_checked() {
    let mut memory = bytes();
    let mut heap = guarded(&mut memory);
    // Aligned to 16, 100 bytes end 12 bytes before the page does.
    let block = heap.allocate(100, 16).unwrap().as_ptr();
    let address = block.addr();
    for offset in [-16isize, -1, 100, 111] {
        // SAFETY: the byte lies in the block's page.
        unsafe { block.offset(offset).write(5) };
        let smashed = HeapError::RedzoneSmashed { address, offset, found: 5 };
        assert_eq!(heap.free(block), Err(smashed));
        // SAFETY: as above.
        unsafe { block.offset(offset).write(0xFD) };
    }
    assert_eq!(heap.resize_in_place(block, 112), Ok(112));
    let refused = HeapError::NoRoomInPlace { address, size: 113, available: 112 };
    assert_eq!(heap.resize_in_place(block, 113), Err(refused));
    assert_eq!(heap.resize_in_place(block, 50), Ok(50));
    // SAFETY: as above.
    unsafe { block.add(50).write(0) };
    assert_eq!(heap.check(), Err(HeapError::RedzoneSmashed { address, offset: 50, found: 0 }));
    assert_eq!(heap.release_smashed(block), Ok(50));
}

#[test]
fn slots_run_out_and_the_oldest_is_used_again() {
    let mut memory = bytes();
    let range = memory.as_ptr_range();
    let mut heap = guarded(&mut memory);
    let blocks: Vec<_> = (0..130).map(|_| heap.allocate(10, 1).unwrap().as_ptr()).collect();
    let inside = blocks.iter().filter(|block| range.contains(&block.cast_const())).count();
    assert_eq!(inside, 2, "128 of them have pages of their own");
    assert_eq!(heap.check(), Ok(130));
    heap.free(blocks[5]).unwrap();
    heap.free(blocks[3]).unwrap();
    assert_eq!(heap.allocate(10, 1).unwrap().as_ptr(), blocks[5]);
    assert_eq!(heap.free(blocks[3]), Err(HeapError::DoubleFree { address: blocks[3].addr() }));
    assert_eq!(heap.allocate(10, 1).unwrap().as_ptr(), blocks[3]);
    let too_large = heap.allocate(65537, 1).unwrap().as_ptr();
    assert!(range.contains(&too_large.cast_const()));
}

/// Makes the mistake that it is asked for; without one, nothing.
#[test]
fn make_a_mistake() {
    let Ok(mistake) = std::env::var(MISTAKE) else { return };
    let mut memory = bytes();
    let mut heap = guarded(&mut memory);
    let block = heap.allocate(100, 1).unwrap().as_ptr();
    let offset = match mistake.as_str() {
        "write behind" | "read behind" => 100,
        "in front of the page" => -(block.addr() as isize & 4095) - 1,
        "last byte" => 99,
        "after free" => {
            heap.free(block).unwrap();
            0
        }
        _ => return,
    };
    // SAFETY: not so: that it faults is what is tested, in a process that nobody needs.
    unsafe {
        if mistake == "read behind" {
            std::hint::black_box(block.offset(offset).read_volatile());
        } else {
            block.offset(offset).write_volatile(1);
        }
    }
}

#[test]
fn mistakes_fault_at_once() {
    for (mistake, faults) in [
        ("write behind", true),
        ("read behind", true),
        ("in front of the page", true),
        ("after free", true),
        ("last byte", false),
    ] {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .args(["--exact", "checked::guard::make_a_mistake"])
            .env(MISTAKE, mistake)
            .output()
            .unwrap();
        let fault = [Some(11), Some(10)].contains(&output.status.signal()); // SIGSEGV; SIGBUS elsewhere
        assert_eq!(fault, faults, "{mistake}: {:?}", output.status);
        assert!(faults || output.status.success());
    }
}
