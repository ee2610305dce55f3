//! What a segment memory refuses.

use crate::alloc::AllocError;
use crate::vm::Access;
use thiserror::Error;

/// Why a call or an access was refused. Everything is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SegmentMemoryError {
    /// There is no such segment.
    #[error("there is no segment {segment}")]
    Unknown {
        /// Its number.
        segment: u32,
    },
    /// The segment is swapped out.
    #[error("segment {segment} is not present")]
    NotPresent {
        /// Its number.
        segment: u32,
    },
    /// The segment is in memory, so that it cannot be swapped in.
    #[error("segment {segment} is present already")]
    Present {
        /// Its number.
        segment: u32,
    },
    /// Some of the bytes are past the end of the segment.
    #[error("{size} bytes at offset {offset} pass the end of segment {segment}, {length} bytes long")]
    Limit {
        /// Its number.
        segment: u32,
        /// The offset.
        offset: u64,
        /// Bytes of the access.
        size: u64,
        /// The length of the segment.
        length: u64,
    },
    /// The segment does not allow this kind of access.
    #[error("segment {segment} does not allow to {}", access.name())]
    Protection {
        /// Its number.
        segment: u32,
        /// What was tried.
        access: Access,
    },
    /// The memory has no place for the segment, or its strategy cannot do this.
    #[error(transparent)]
    Alloc(#[from] AllocError),
    /// The host has no memory for the bytes or the tables.
    #[error("out of memory for {bytes} bytes")]
    OutOfMemory {
        /// What was asked for.
        bytes: u64,
    },
}
