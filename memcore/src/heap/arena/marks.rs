//! Marks in an arena, and what it was like at them.
//!
//! ```text
//! chunk   [ header | a | b | mark 1 | c | mark 2 | d |    ]      marks: 2 -> 1, each with its number
//!                                   ^            ^
//!                              checkpoint 1  checkpoint 2        rewind(1) takes c, mark 2 and d away
//! ```
//!
//! A checkpoint is the number and address of its mark. A rewind takes the marks above with it, and numbers are
//! never used again, so that a checkpoint which is not a state of the arena any more is not found in the list.

use super::chunk::Chunk;
use super::drops::Drops;
use core::ptr::NonNull;

/// Bytes that a mark takes.
pub(super) const MARK: usize = size_of::<Mark>();

/// A state to return to, kept in the arena itself.
pub(super) struct Mark {
    /// The mark below.
    pub previous: Option<NonNull<Mark>>,
    pub number: u64,
    /// The chunk that it lies in.
    pub chunk: NonNull<Chunk>,
    pub drops: Option<NonNull<Drops>>,
}

/// What an arena was like. Everything in it was allocated in order, so that taking away what came later makes the
/// arena this again.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub top: NonNull<u8>,
    pub end: NonNull<u8>,
    pub chunk: Option<NonNull<Chunk>>,
    pub drops: Option<NonNull<Drops>>,
    pub marks: Option<NonNull<Mark>>,
}

impl State {
    /// An arena without a chunk.
    pub const fn empty() -> Self {
        let nowhere = NonNull::dangling();
        State { top: nowhere, end: nowhere, chunk: None, drops: None, marks: None }
    }

    /// The first state of a chunk that is the only one.
    ///
    /// # Safety
    /// The chunk is alive.
    pub unsafe fn of_chunk(chunk: NonNull<Chunk>) -> Self {
        // SAFETY: the chunk is alive.
        let (top, end) = unsafe { (Chunk::first(chunk), Chunk::end(chunk)) };
        State { top, end, chunk: Some(chunk), drops: None, marks: None }
    }

    /// The state right after a mark was written.
    ///
    /// # Safety
    /// The mark lies in a chunk that is alive.
    pub unsafe fn at(mark: NonNull<Mark>) -> Self {
        // SAFETY: the mark was written whole, and one past it still is in its chunk.
        unsafe {
            let Mark { chunk, drops, .. } = mark.read();
            let top = mark.add(1).cast::<u8>();
            // A mark in the reserve leaves no room behind it.
            State { top, end: Chunk::end(chunk).max(top), chunk: Some(chunk), drops, marks: Some(mark) }
        }
    }
}

/// A state of an [`Arena`](super::Arena) to [rewind](super::Arena::rewind) to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    /// 0 for the empty arena.
    pub(super) number: u64,
    pub(super) address: usize,
    pub(super) position: u64,
}

impl Checkpoint {
    /// Bytes that were used when it was taken, its own 32 included. O(1).
    pub fn position(&self) -> u64 {
        self.position
    }
}
