//! The heap under valgrind: this very program, asked for one test alone. Where there is no valgrind, there is nothing to
//! ask, and a line says so.

use super::{bytes, heap};
use memcore::heap::{Checks, RawHeap};
use std::hint::black_box;
use std::process::Command;

const MISTAKE: &str = "MEMCORE_TEST_TOOLS";

fn read(block: *const u8, offset: isize) -> u8 {
    // SAFETY: the byte lies in the memory of the heap. That a tool objects is what is tested.
    unsafe { block.offset(offset).read_volatile() }
}

/// A program with mistakes or without, as it is asked; without a word, nothing.
#[test]
fn run_under_a_tool() {
    let Ok(mistake) = std::env::var(MISTAKE) else { return };
    let mut memory = bytes();
    let mut heap = heap(&mut memory, Checks::FULL);
    let block = heap.allocate(101, 16).unwrap().as_ptr();
    let aligned = heap.allocate(50, 1024).unwrap().as_ptr();
    match mistake.as_str() {
        "none" => {
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
            assert_eq!(heap.check(), Ok(4));
            for block in [block, aligned, zeroed] {
                heap.free(block).unwrap();
            }
            // Enough to make the first leave the quarantine, and their bytes come back.
            for _ in 0..300 {
                let block = heap.allocate(6000, 16).unwrap().as_ptr();
                // SAFETY: as above.
                unsafe { block.write_bytes(3, 6000) };
                heap.free(block).unwrap();
            }
            assert_eq!((heap.found(), heap.live()), (0, 0));
            drop(heap);
            memory.fill(4);
            assert_eq!(memory.iter().map(|&byte| u64::from(byte)).sum::<u64>(), 4 * memory.len() as u64);
        }
        "behind" => drop(black_box(read(block, 101))),
        "in front" => drop(black_box(read(block, -1))),
        "behind aligned" => drop(black_box(read(aligned, 50))),
        "after free" => {
            heap.free(block).unwrap();
            black_box(read(block, 5));
        }
        "not written" => {
            if read(block, 5) == 3 {
                println!("chance");
            }
        }
        _ => panic!("no such mistake: {mistake}"),
    }
}

#[test]
fn memcheck_finds_mistakes() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not tested: there is no valgrind");
        return;
    }
    for (mistake, expected) in [
        ("none", None),
        ("behind", Some("is 0 bytes after a block of size 101 client-defined")),
        ("in front", Some("is 1 bytes before a block of size 101 client-defined")),
        ("behind aligned", Some("is 0 bytes after a block of size 50 client-defined")),
        ("after free", Some("is 5 bytes inside a block of size 101 client-defined")),
        ("not written", Some("depends on uninitialised value")),
    ] {
        let program = std::env::current_exe().unwrap();
        let output = Command::new("valgrind")
            .args(["--quiet", "--error-exitcode=9", "--leak-check=no"])
            .arg(program)
            .args(["--exact", "checked::tools::run_under_a_tool", "--test-threads=1"])
            .env(MISTAKE, mistake)
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&output.stderr);
        match expected {
            None => assert!(output.status.success(), "{mistake}: {report}"),
            Some(text) => {
                assert_eq!(output.status.code(), Some(9), "{mistake}: {report}");
                assert!(report.contains(text), "{mistake}: {report}");
            }
        }
    }
}
