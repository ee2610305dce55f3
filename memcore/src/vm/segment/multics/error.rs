//! What a call refuses, and what a reference traps with.

use crate::vm::Access;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a call was refused. Everything is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SegmentedPagingError {
    /// An argument that makes no sense.
    #[error("{what} {value}: {rule}")]
    Invalid {
        /// Which argument.
        what: &'static str,
        /// Its value.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// There is no such segment, process, or page.
    #[error("there is no {what} {value}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// Its number.
        value: u64,
    },
    /// The segment number is taken, or the page is in memory already.
    #[error("{what} {value} is taken already")]
    Taken {
        /// What is taken.
        what: &'static str,
        /// Its number.
        value: u64,
    },
    /// A segment that processes still have attached cannot be deleted.
    #[error("segment {segment} is still attached {times} times")]
    Attached {
        /// The segment.
        segment: u32,
        /// In how many places.
        times: u64,
    },
    /// Every frame is in use.
    #[error("all {frames} frames are in use")]
    NoFrames {
        /// How many there are.
        frames: u32,
    },
    /// There is no memory for the tables.
    #[error("out of memory for tables of {entries} entries")]
    OutOfMemory {
        /// What was asked for.
        entries: u64,
    },
}

/// Why a reference trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MulticsFaultKind {
    /// The segment number is past the bound of the descriptor segment, or the offset past the length.
    OutOfBounds,
    /// Nothing is attached at this segment number.
    MissingSegment,
    /// Modes, brackets or gates forbid it.
    AccessViolation,
    /// The page is in no frame.
    MissingPage,
    /// There is no such process or ring: the reference never began.
    NoProcess,
}

impl MulticsFaultKind {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            MulticsFaultKind::OutOfBounds => "out-of-bounds",
            MulticsFaultKind::MissingSegment => "missing-segment",
            MulticsFaultKind::AccessViolation => "access-violation",
            MulticsFaultKind::MissingPage => "missing-page",
            MulticsFaultKind::NoProcess => "no-process",
        }
    }
}

/// A reference that trapped. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Error)]
#[error("{}: {} of segment {segment}, offset {offset}, in ring {ring} by process {process}", kind.name(), access.name())]
pub struct MulticsFault {
    /// What happened.
    pub kind: MulticsFaultKind,
    /// Who referred.
    pub process: u32,
    /// From which ring.
    pub ring: u8,
    /// To which segment number.
    pub segment: u32,
    /// To which offset.
    pub offset: u64,
    /// How.
    pub access: Access,
}
