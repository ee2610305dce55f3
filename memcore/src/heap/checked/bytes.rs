//! Filling bytes and looking for the first that differs, by words.
//!
//! Most fills are of a few dozen bytes. For those a call of the system's `memset` costs more than the stores, and so does
//! each branch that depends on a length: it is as random as the sizes of blocks are. Where a redzone follows that is filled
//! next, the last word may reach into it, and a fill of up to 128 bytes is always eight stores, of which those that
//! are not needed repeat the last:
//!
//! ```text
//!   37 bytes:   [ 16 ][ 16 ][ 16 ]      no branch to guess
//!                              [ redzone ]
//! ```

pub(super) type Word = u128;
const WORD: usize = size_of::<Word>();

/// From this many bytes on the system's own fill is faster.
const LONG: usize = 512;

/// A word of one byte.
pub(super) const fn word(byte: u8) -> Word {
    Word::from_ne_bytes([byte; WORD])
}

/// Writes so many words of a byte that `len` bytes are filled.
///
/// The word is a variable to the compiler, which would make a call of the loop if it saw that its bytes are equal.
///
/// # Safety
/// `len` bytes, rounded up to 16, are valid for writes.
#[inline(always)]
pub(super) unsafe fn fill_words(start: *mut u8, len: usize, word: Word) {
    if len >= LONG {
        // SAFETY: as promised.
        return unsafe { start.write_bytes(word as u8, len) };
    }
    let mut at = 0;
    while at < len {
        // SAFETY: the word ends at most at `len` rounded up.
        unsafe { start.add(at).cast::<Word>().write_unaligned(word) };
        at += WORD;
    }
}

/// The same for a length that nobody can guess.
///
/// # Safety
/// As [`fill_words`]; at least 16 bytes are valid for writes when `len` is 0, too.
#[inline(always)]
pub(super) unsafe fn fill_some_words(start: *mut u8, len: usize, word: Word) {
    if len > 8 * WORD {
        // SAFETY: as promised.
        return unsafe { fill_words(start, len, word) };
    }
    let last = len.saturating_sub(1) & !(WORD - 1);
    for index in 0..8 {
        // SAFETY: the last word ends at `len` rounded up, and at 16 at least.
        unsafe { start.add((index * WORD).min(last)).cast::<Word>().write_unaligned(word) };
    }
}

/// The index and value of the first of `len` bytes that is not `byte`.
///
/// # Safety
/// They are valid for reads, and were written.
#[inline(always)]
pub(super) unsafe fn first_other(start: *const u8, len: usize, byte: u8) -> Option<(usize, u8)> {
    let word = word(byte);
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
    fn whole_words_are_filled() {
        for (len, some) in (1..1100).flat_map(|len| [(len, false), (len, true)]) {
            let filled = if len >= LONG { len } else { len.next_multiple_of(16) };
            let mut bytes = vec![1u8; filled + 2];
            // SAFETY: so many bytes follow the first.
            unsafe {
                let start = bytes.as_mut_ptr().add(1);
                if some { fill_some_words(start, len, word(7)) } else { fill_words(start, len, word(7)) }
            }
            assert_eq!((bytes[0], bytes[filled + 1]), (1, 1), "length {len}");
            assert!(bytes[1..=filled].iter().all(|&byte| byte == 7), "length {len}");
            // SAFETY: as above, and they were written.
            assert_eq!(unsafe { first_other(bytes.as_ptr().add(1), filled, 7) }, None);
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
