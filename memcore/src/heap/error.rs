//! Why a heap refused a call. Every variant carries the offending value, and the heap is as it was before the call.

use crate::alloc::AllocError;
use thiserror::Error;

/// Why a heap refused a call.
///
/// Addresses are those the caller gave, as numbers: they are told, never looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeapError {
    /// The strategy refused: no room, a bad alignment, full tables.
    #[error(transparent)]
    Alloc(#[from] AllocError),
    /// The address lies outside the heap's memory. Null does, too.
    #[error("address {address:#x} is not in this heap")]
    NotInHeap {
        /// What was given.
        address: usize,
    },
    /// The address lies in the heap's memory, and no live block begins there.
    #[error("no live block begins at {address:#x}")]
    NotABlock {
        /// What was given.
        address: usize,
    },
    /// A block began there, and was freed.
    #[error("the block at {address:#x} was freed already")]
    DoubleFree {
        /// What was given.
        address: usize,
    },
    /// The header in front of a live block was written over.
    #[error("the header of the block at {address:#x} was written over: it is {found:#x}")]
    HeaderSmashed {
        /// The block.
        address: usize,
        /// What the header holds.
        found: u64,
    },
    /// Bytes beside a live block were written: a checked heap keeps them and looks at them.
    #[error("the block at {address:#x} was overrun: byte {offset} is {found:#04x}")]
    RedzoneSmashed {
        /// The block.
        address: usize,
        /// The first bad byte, counted from the block's first: negative in front of it, its size or more behind it.
        offset: isize,
        /// What it holds.
        found: u8,
    },
    /// A block was written to after it was freed.
    #[error("the block at {address:#x} was written to after it was freed: byte {offset} is {found:#04x}")]
    FreedWritten {
        /// The block.
        address: usize,
        /// The first bad byte, counted from the block's first.
        offset: usize,
        /// What it holds.
        found: u8,
    },
    /// The block cannot have this size where it is.
    #[error("the block at {address:#x} cannot have {size} bytes in place: {available} is the most")]
    NoRoomInPlace {
        /// The block.
        address: usize,
        /// Bytes asked for.
        size: usize,
        /// The most it could have there.
        available: usize,
    },
    /// The memory is the caller's, or at its limit, and cannot become larger.
    #[error("the memory has {limit} bytes at most, {wanted} are wanted")]
    MemoryLimit {
        /// The most it can have.
        limit: usize,
        /// What was asked for.
        wanted: usize,
    },
    /// The operating system refused a call.
    #[error("{call} of {bytes} bytes failed with error {code}")]
    System {
        /// The call.
        call: &'static str,
        /// The system's number of the error.
        code: i32,
        /// Bytes it was about.
        bytes: usize,
    },
    /// The memory cannot hold a heap.
    #[error("memory of {bytes} bytes at {address:#x}: {rule}")]
    BadMemory {
        /// Where it begins.
        address: usize,
        /// How long it is.
        bytes: usize,
        /// What it must be.
        rule: &'static str,
    },
    /// The parameter of a heap is out of its range.
    #[error("{name} = {value}: {rule}")]
    BadParameter {
        /// Its name.
        name: &'static str,
        /// What was given.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// The handle names nothing that lives.
    #[error("handle {handle:#x} is stale, or of another heap")]
    StaleHandle {
        /// What was given.
        handle: u64,
    },
    /// The block is pinned or locked, so that it can neither move nor go.
    #[error("the block of handle {handle:#x} is held {holds} times")]
    Held {
        /// Its handle.
        handle: u64,
        /// Pins and locks.
        holds: u32,
    },
    /// The bytes are no heap of this kind and version, or were damaged.
    #[error("no heap at byte {at} of the memory: {what}, found {found:#x}")]
    BadImage {
        /// What does not hold.
        what: &'static str,
        /// Where, counted from the beginning of the memory.
        at: u64,
        /// What is there.
        found: u64,
    },
    /// A ring takes back its oldest record only.
    #[error("the record at {address:#x} is not the oldest, that at {oldest:#x} is")]
    NotOldest {
        /// What was given.
        address: usize,
        /// The oldest record.
        oldest: usize,
    },
    /// A pin or lock was taken away that the block does not have.
    #[error("the block of handle {handle:#x} has no such pin or lock")]
    NotHeld {
        /// Its handle.
        handle: u64,
    },
}

/// The result of a call.
pub type Result<T> = core::result::Result<T, HeapError>;
