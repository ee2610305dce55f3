//! Page traces through replacement policies.
//!
//! ```text
//!   result.rs    options, and what a simulation tells     simulate.rs  one policy, one number of frames
//!   sweep.rs     policies x sizes, on threads             plain.rs     a policy of the caller's, as callbacks
//!   curve.rs     misses at all sizes
//! ```

mod curve;
mod plain;
mod result;
mod simulate;
mod sweep;

use memcore::replay::paging::PagingError;

use crate::{error::Failure, status::memcore_status};

impl From<PagingError> for Failure {
    fn from(error: PagingError) -> Self {
        let text = error.to_string();
        let (status, value) = match error {
            PagingError::Cancelled => return memcore_status::Cancelled.into(),
            PagingError::Policy(error) => return error.into(),
            PagingError::Trace(error) => return error.into(),
            PagingError::Thread(error) => {
                (memcore_status::ReplayThread, error.raw_os_error().unwrap_or_default() as u64)
            }
            PagingError::NotAscending { frames, .. } => (memcore_status::ReplayBadOption, frames.into()),
            PagingError::Plain { reference, .. } => (memcore_status::ReplayTarget, reference),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, text)
    }
}
