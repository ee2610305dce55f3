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
    /// A thread could not be started.
    #[error("no thread: {0}")]
    Thread(std::io::Error),
    /// The [`Progress`](crate::progress::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
}
