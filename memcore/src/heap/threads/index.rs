//! A small number for each thread that lives.
//!
//! Numbers of threads that ended are given out again, so that a table with an entry per thread stays small. The number
//! is kept twice: in a plain cell, which every call reads, and in a guard, whose destructor gives it back.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::Mutex;

/// The thread has no number yet.
const UNKNOWN: u32 = 0;
/// The thread is at its end, or there were too many at once.
const NONE: u32 = u32::MAX;

/// One more than the highest number: numbers are from 1 on.
pub const MOST_THREADS: u32 = 1 << 16;

/// One more than the highest number that was ever given.
static HIGHEST: AtomicU32 = AtomicU32::new(1);

/// How long a table by numbers is in use. O(1).
pub fn most_given() -> u32 {
    HIGHEST.load(Ordering::Relaxed)
}

/// A bit per number that is taken.
struct Taken {
    words: [u64; MOST_THREADS as usize / 64],
    /// No word below this has a free bit.
    first: usize,
}

static TAKEN: Mutex<Taken> = Mutex::new(Taken { words: [0; MOST_THREADS as usize / 64], first: 0 });

thread_local! {
    static INDEX: Cell<u32> = const { Cell::new(UNKNOWN) };
    static GUARD: Guard = const { Guard };
}

/// Gives the thread's number back at its end.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        let index = INDEX.replace(NONE);
        if index == UNKNOWN || index == NONE {
            return;
        }
        let mut taken = TAKEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let word = index as usize / 64;
        taken.words[word] &= !(1 << (index % 64));
        taken.first = taken.first.min(word);
    }
}

/// The thread's number, from 1 to [`MOST_THREADS`] - 1; none where it has none. O(1).
#[inline(always)]
pub fn thread_index() -> Option<u32> {
    match INDEX.get() {
        UNKNOWN => assign(),
        NONE => None,
        index => Some(index),
    }
}

/// The thread's number, where it has one already.
pub fn known_index() -> Option<u32> {
    Some(INDEX.get()).filter(|&index| index != UNKNOWN && index != NONE)
}

/// Calls `each` with every number that was given and is no thread's now; none is given meanwhile.
pub fn for_each_free(mut each: impl FnMut(u32)) {
    let taken = TAKEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for index in 1..most_given() {
        if taken.words[index as usize / 64] >> (index % 64) & 1 == 0 {
            each(index);
        }
    }
}

#[cold]
fn assign() -> Option<u32> {
    let index = lowest_free();
    INDEX.set(index.unwrap_or(NONE));
    // From here on the guard's destructor runs at the end of the thread. Where it has run, there is no number.
    if GUARD.try_with(|_| ()).is_err() {
        INDEX.set(NONE);
        return None;
    }
    index
}

fn lowest_free() -> Option<u32> {
    let mut taken = TAKEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    taken.words[0] |= 1; // 0 says that there is no number
    let word = (taken.first..taken.words.len()).find(|&word| taken.words[word] != u64::MAX)?;
    let bit = taken.words[word].trailing_ones();
    taken.words[word] |= 1 << bit;
    taken.first = word;
    let index = word as u32 * 64 + bit;
    HIGHEST.fetch_max(index + 1, Ordering::Relaxed);
    Some(index)
}
