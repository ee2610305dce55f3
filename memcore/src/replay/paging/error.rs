//! What can go wrong when a trace is run through policies.

use crate::replacement::PolicyError;
use crate::trace::TraceError;

/// Why a simulation, a sweep or a curve failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PagingError {
    /// The policy cannot be made, or cannot serve this use.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The trace could not be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The numbers of frames for a curve do not ascend.
    #[error("{frames} frames after {before}: must ascend")]
    NotAscending {
        /// The first that is not above the one before.
        frames: u32,
        /// The one before.
        before: u32,
    },
    /// A policy of one's own broke.
    #[error("reference {reference}: {what}")]
    Plain {
        /// Which reference it was told, from 0.
        reference: u64,
        /// What broke, as it said.
        what: String,
    },
    /// A thread could not be started.
    #[error("no thread: {0}")]
    Thread(std::io::Error),
    /// The [`Progress`](crate::progress::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
}
