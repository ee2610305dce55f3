//! The heap under valgrind: this very program, asked for one test alone. Where there is no valgrind, there is nothing to
//! ask, and a line says so.

use memcore::heap::{Borrowed, Checked, Checks, Mapping, MappingOptions, Memory, RawHeap, SizeClassHeap};
use std::hint::black_box;
use std::process::{Command, Output};

const PROGRAM: &str = "MEMCORE_TEST_TOOLS";
const BYTES: usize = 4 << 20;

fn read(block: *const u8, offset: isize) -> u8 {
    // SAFETY: the byte lies in the memory of the heap. That a tool objects is what is tested.
    unsafe { block.offset(offset).read_volatile() }
}

/// A program with mistakes or without, as it is asked; without a word, nothing.
#[test]
fn run_under_a_tool() {
    let Ok(program) = std::env::var(PROGRAM) else { return };
    let mapping = Mapping::reserve(MappingOptions::new(BYTES).initial(BYTES)).unwrap();
    // SAFETY: the bytes of the mapping, which outlives the heap.
    let memory = unsafe { Borrowed::from_raw(mapping.start().as_ptr(), BYTES) }.unwrap();
    let heap = Checked::new(SizeClassHeap::new(memory).unwrap(), Checks::FULL).unwrap();
    if program == "mistakes" {
        make_mistakes(heap);
    } else {
        make_none(heap);
        // Somebody else uses the memory afterwards.
        // SAFETY: as above, and the heap is gone.
        let bytes = unsafe { std::slice::from_raw_parts_mut(mapping.start().as_ptr(), BYTES) };
        bytes.fill(4);
        assert_eq!(bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>(), 4 * BYTES as u64);
    }
}

fn make_mistakes(mut heap: Checked<SizeClassHeap<Borrowed<'_>>>) {
    let block = heap.allocate(101, 16).unwrap().as_ptr();
    let aligned = heap.allocate(50, 1024).unwrap().as_ptr();
    black_box(read(block, 101));
    black_box(read(block, -1));
    black_box(read(aligned, 50));
    if read(block, 5) == 3 {
        println!("by chance");
    }
    let block = heap.reallocate(block, 90, 16).unwrap().as_ptr();
    black_box(read(block, 92));
    heap.free(block).unwrap();
    black_box(read(block, 7));
}

fn make_none(mut heap: Checked<SizeClassHeap<Borrowed<'_>>>) {
    let block = heap.allocate(101, 16).unwrap().as_ptr();
    let aligned = heap.allocate(50, 1024).unwrap().as_ptr();
    // SAFETY: the blocks have so many bytes.
    unsafe { block.write_bytes(1, 101) };
    let block = heap.reallocate(block, 80, 16).unwrap().as_ptr();
    let block = heap.reallocate(block, 105, 16).unwrap().as_ptr();
    // SAFETY: as above.
    unsafe { block.add(80).write_bytes(2, 25) };
    let block = heap.reallocate(block, 5000, 64).unwrap().as_ptr();
    assert_eq!((0..105).map(|index| u32::from(read(block, index))).sum::<u32>(), 80 + 50);
    let zeroed = heap.allocate_zeroed(1000, 16).unwrap().as_ptr();
    assert_eq!((0..1000).map(|index| u32::from(read(zeroed, index))).sum::<u32>(), 0);
    heap.set_tag(zeroed, 5).unwrap();
    assert_eq!(heap.check(), Ok(4), "one of them in the quarantine");
    assert!(heap.free(zeroed.wrapping_add(16)).is_err());
    for block in [block, aligned, zeroed] {
        heap.free(block).unwrap();
    }
    // Enough to make the first leave the quarantine, so that their bytes come back.
    for _ in 0..300 {
        let block = heap.allocate(6000, 16).unwrap().as_ptr();
        // SAFETY: as above.
        unsafe { block.write_bytes(3, 6000) };
        heap.free(block).unwrap();
    }
    assert_eq!((heap.found(), heap.live()), (0, 0));
    heap.allocate(100, 16).unwrap(); // lives until the end
}

fn under_valgrind(program: &str) -> Output {
    Command::new("valgrind")
        .args(["--quiet", "--error-exitcode=9", "--leak-check=no"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "checked::tools::run_under_a_tool", "--test-threads=1"])
        .env(PROGRAM, program)
        .output()
        .unwrap()
}

#[test]
fn memcheck_finds_mistakes_and_nothing_else() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not tested: there is no valgrind");
        return;
    }
    let output = under_valgrind("none");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stdout));
    let output = under_valgrind("mistakes");
    let report = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(9), "{report}");
    for expected in [
        "is 0 bytes after a block of size 101 client-defined",
        "is 1 bytes before a block of size 101 client-defined",
        "is 0 bytes after a block of size 50 client-defined",
        "depends on uninitialised value",
        "is 2 bytes after a block of size 90 client-defined",
        "is 7 bytes inside a block of size 90 free'd",
    ] {
        assert!(report.contains(expected), "{expected:?} is not in\n{report}");
    }
}
