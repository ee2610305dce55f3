//! Why a replay could not begin or go on. What a target merely refuses is no error: it is counted.

use std::error::Error;

use crate::alloc::AllocError;

/// Why a replay gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// A field of [`ReplayOptions`](super::ReplayOptions) is out of its range.
    #[error("{name} = {value}: {rule}")]
    BadOption {
        /// The field.
        name: &'static str,
        /// What was given.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// The allocator could not be made with these options.
    #[error("{strategy}: {error}")]
    Allocator {
        /// Which strategy.
        strategy: String,
        /// Why.
        error: AllocError,
    },
    /// The target can never place a block as the options demand, so that every operation would fail.
    #[error(
        "{strategy} cannot place blocks with alignment {align}, {header} bytes in front of the aligned point"
    )]
    Impossible {
        /// The target.
        strategy: String,
        /// [`ReplayOptions::align`](super::ReplayOptions::align).
        align: u64,
        /// [`ReplayOptions::header`](super::ReplayOptions::header).
        header: u64,
    },
    /// The target broke: it gave an error that is no refusal.
    #[error("operation {operation}: {error}")]
    Target {
        /// The operation of the trace, counted from 0.
        operation: u64,
        /// What it said; a [`BadPlacement`] when a [`PlainTarget`](super::PlainTarget) found it out.
        error: Box<dyn Error + Send + Sync>,
    },
    /// A target for another pass could not be made by the caller's function.
    #[error("the target could not be made: {0}")]
    Make(Box<dyn Error + Send + Sync>),
    /// There is no memory for the table of the trace's blocks.
    #[error("no memory for a table of {ids} blocks")]
    OutOfMemory {
        /// Its entries.
        ids: u32,
    },
    /// The [`Progress`](crate::progress::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// A place that no correct allocator could have given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadPlacement {
    /// The start is not aligned as asked.
    #[error("the block at {start} should be aligned to {alignment}")]
    Misaligned {
        /// Where it was put.
        start: u64,
        /// What was asked for.
        alignment: u64,
    },
    /// The block passes the end of the space.
    #[error("the block of {size} bytes at {start} passes the end of the space at {capacity}")]
    PastTheEnd {
        /// Where it was put.
        start: u64,
        /// Bytes.
        size: u64,
        /// Bytes of the space.
        capacity: u64,
    },
    /// The block lies on another one that is live.
    #[error("the block of {size} bytes at {start} overlaps the live one of {other_size} bytes at {other}")]
    Overlap {
        /// Where it was put.
        start: u64,
        /// Bytes.
        size: u64,
        /// Where the live block begins.
        other: u64,
        /// Its bytes.
        other_size: u64,
    },
}
