//! Replacement: who leaves when the space is full.
//!
//! ```text
//!   policy.rs  the policies and what kind each is     cache.rs    a cache of any keys
//!   curve.rs   misses by number of frames             locality.rs stack distances, reuse times, working sets
//! ```

mod cache;
mod curve;
mod locality;
mod policy;

pub(crate) use curve::memcore_curve;

use memcore::replacement::PolicyError;

use crate::{error::Failure, status::memcore_status};

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        let (status, value) = match &error {
            PolicyError::Frames { frames } => (memcore_status::PolicyFrames, *frames),
            PolicyError::Pages { pages } => (memcore_status::PolicyPages, *pages),
            PolicyError::References { references } => (memcore_status::PolicyReferences, *references),
            PolicyError::OutOfMemory { bytes } => (memcore_status::OutOfMemory, *bytes),
            PolicyError::NeedsFuture { .. } => (memcore_status::PolicyNeedsFuture, 0),
            PolicyError::VariesAllocation { .. } => (memcore_status::PolicyVariesAllocation, 0),
            PolicyError::NotSampled { .. } => (memcore_status::PolicyNotSampled, 0),
            PolicyError::Rate { .. } => (memcore_status::PolicyRate, 0),
            PolicyError::Spec(error) => return error.clone().into(),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}
