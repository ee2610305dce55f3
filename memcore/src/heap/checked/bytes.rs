//! Filling bytes and looking for the first that differs, by words.
//!
//! Most fills are of a few dozen bytes. For those a call of the system's `memset` costs more than the stores, so they are
//! straight lines of 16-byte words, of which the last may overlap the one before:
//!
//! ```text
//!   37 bytes:   [ 16 ][ 16 ]
//!                    [ 16 ]      counted from the end
//! ```

/// Above this many bytes the system's own fill is faster.
const SHORT: usize = 128;

type Word = u128;
const WORD: usize = size_of::<Word>();

/// Writes `byte` to `len` bytes.
///
/// # Safety
/// They are valid for writes.
#[inline(always)]
pub(super) unsafe fn fill(start: *mut u8, len: usize, byte: u8) {
    let word = Word::from_ne_bytes([byte; WORD]);
    // SAFETY: each store below begins at or behind `start` and ends at or before `start + len`: in each branch `len` is
    // at least as large as the words counted from either end.
    unsafe {
        let end = start.add(len);
        let front = |index: usize| start.add(index * WORD).cast::<Word>().write_unaligned(word);
        let back = |index: usize| end.sub(index * WORD).cast::<Word>().write_unaligned(word);
        if len > SHORT {
            start.write_bytes(byte, len);
        } else if len >= WORD {
            front(0);
            back(1);
            if len > 2 * WORD {
                front(1);
                back(2);
            }
            if len > 4 * WORD {
                front(2);
                front(3);
                back(3);
                back(4);
            }
        } else if len >= 8 {
            start.cast::<u64>().write_unaligned(word as u64);
            end.sub(8).cast::<u64>().write_unaligned(word as u64);
        } else {
            for index in 0..len {
                start.add(index).write(byte);
            }
        }
    }
}

/// The index and value of the first of `len` bytes that is not `byte`.
///
/// # Safety
/// They are valid for reads, and were written.
#[inline(always)]
pub(super) unsafe fn first_other(start: *const u8, len: usize, byte: u8) -> Option<(usize, u8)> {
    let word = Word::from_ne_bytes([byte; WORD]);
    let mut at = 0;
    while len - at >= WORD {
        // SAFETY: the word ends at `at + WORD`, which is at most `len`.
        if unsafe { start.add(at).cast::<Word>().read_unaligned() } != word {
            // SAFETY: as above.
            return unsafe { first_byte(start, at, at + WORD, byte) };
        }
        at += WORD;
    }
    // SAFETY: the rest of the bytes.
    unsafe { first_byte(start, at, len, byte) }
}

/// # Safety
/// As [`first_other`], for the bytes `from..to`.
#[inline]
unsafe fn first_byte(start: *const u8, from: usize, to: usize, byte: u8) -> Option<(usize, u8)> {
    (from..to).find_map(|index| {
        // SAFETY: the index is below `to`.
        let found = unsafe { start.add(index).read() };
        (found != byte).then_some((index, found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::vec;

    #[test]
    fn every_length_is_filled_exactly() {
        for len in 0..300 {
            let mut bytes = vec![1u8; len + 2];
            // SAFETY: `len` bytes follow the first.
            unsafe { fill(bytes.as_mut_ptr().add(1), len, 7) };
            assert_eq!((bytes[0], bytes[len + 1]), (1, 1), "length {len}");
            assert!(bytes[1..=len].iter().all(|&byte| byte == 7), "length {len}");
            // SAFETY: as above, and they were written.
            assert_eq!(unsafe { first_other(bytes.as_ptr().add(1), len, 7) }, None);
        }
    }

    #[test]
    fn the_first_other_byte_is_found() {
        for len in 1..80 {
            for index in 0..len {
                let mut bytes = vec![7u8; len];
                bytes[index] = 9;
                bytes[len - 1] = 9;
                // SAFETY: the bytes of the vector.
                assert_eq!(unsafe { first_other(bytes.as_ptr(), len, 7) }, Some((index, 9)));
            }
        }
    }
}
