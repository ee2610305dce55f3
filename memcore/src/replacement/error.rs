//! What can be wrong with a policy, a number of frames, or the use made of them.

use crate::spec::SpecError;
use std_alloc::string::String;
use thiserror::Error;

use super::policy::MAX_PAGES;

/// Why a policy cannot be made, fed or used. The state is as it was before the call.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// No frames, or more than are numbered.
    #[error("{frames} frames: must be from 1 to {MAX_PAGES}")]
    Frames {
        /// The number given.
        frames: u64,
    },
    /// More distinct pages than are numbered.
    #[error("{pages} distinct pages: at most {MAX_PAGES} are numbered")]
    Pages {
        /// The number wanted.
        pages: u64,
    },
    /// More references than can be foreseen.
    #[error("{references} references: at most 2^32 - 2 can be foreseen")]
    References {
        /// The number given.
        references: u64,
    },
    /// There is no memory for the tables.
    #[error("out of memory for {bytes} bytes of tables")]
    OutOfMemory {
        /// What was asked for.
        bytes: u64,
    },
    /// The policy decides by references to come, which this use cannot know.
    #[error("{policy} needs the future, which {wanted_by} does not know")]
    NeedsFuture {
        /// The policy.
        policy: &'static str,
        /// What it was to be used for.
        wanted_by: &'static str,
    },
    /// The policy chooses its number of frames itself, which this use cannot serve.
    #[error("{policy} varies its allocation, which {wanted_by} cannot serve")]
    VariesAllocation {
        /// The policy.
        policy: &'static str,
        /// What it was to be used for.
        wanted_by: &'static str,
    },
    /// A curve by sampling, of a policy for which it is not known.
    #[error("a sampled curve is for lru only, not for {policy}")]
    NotSampled {
        /// The policy.
        policy: &'static str,
    },
    /// A rate of sampling outside its range.
    #[error("sampling rate {rate}: must be above 0 and at most 1")]
    Rate {
        /// The rate given, as text.
        rate: String,
    },
    /// The name or a parameter is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
}
