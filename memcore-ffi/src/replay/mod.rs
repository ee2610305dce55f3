//! Replay: what a recorded program would have cost with another allocator.
//!
//! ```text
//!   run.rs     through a strategy, by name        plain.rs   through an allocator of the caller's, as callbacks
//!   result.rs  figures and series of a replay       paging/    page traces through replacement policies
//! ```

mod paging;
mod plain;
mod result;
mod run;

use memcore::replay::ReplayError;

use crate::{error::Failure, status::memcore_status};

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        let (status, value) = match &error {
            ReplayError::Cancelled => return memcore_status::Cancelled.into(),
            ReplayError::BadOption { value, .. } => (memcore_status::ReplayBadOption, *value),
            ReplayError::Allocator { error, .. } => ((*error).into(), 0),
            ReplayError::Impossible { .. } => (memcore_status::ReplayImpossible, 0),
            ReplayError::Target { operation, .. } => (memcore_status::ReplayTarget, *operation),
            ReplayError::Make(_) => (memcore_status::ReplayMake, 0),
            ReplayError::OutOfMemory { ids } => (memcore_status::OutOfMemory, u64::from(*ids)),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}
