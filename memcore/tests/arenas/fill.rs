//! Patterns in blocks: each block is filled with its own, which nobody else may change.

use std::ptr::NonNull;

/// A byte of the pattern with this number.
fn pattern(number: u64, index: usize) -> u8 {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8 ^ index as u8
}

/// Fills a block.
pub fn fill(block: NonNull<u8>, size: usize, number: u64) {
    for index in 0..size {
        // SAFETY: the tests fill blocks that are live, within their size.
        unsafe { block.add(index).write(pattern(number, index)) };
    }
}

/// Checks that a block holds what it was filled with.
pub fn check(block: NonNull<u8>, size: usize, number: u64) {
    for index in 0..size {
        // SAFETY: the tests read blocks that are live, within their size, after they filled them.
        let found = unsafe { block.add(index).read() };
        assert_eq!(found, pattern(number, index), "byte {index} of block {number}");
    }
}
