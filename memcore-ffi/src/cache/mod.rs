//! Sets and ways: the memory hierarchy and TLBs.
//!
//! ```text
//!   hierarchy.rs  caches, RAM and disk: made, accessed, emptied      figures.rs  what they count, where the time goes
//!   replay.rs     traces of accesses through a hierarchy             tlb.rs      translations of pages
//! ```

mod figures;
mod hierarchy;
mod replay;
mod tlb;

use memcore::cache::CacheError;

use crate::{error::Failure, status::memcore_status};

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        let (status, value) = match &error {
            CacheError::Sets { sets } => (memcore_status::CacheSets, *sets),
            CacheError::Ways { ways } => (memcore_status::CacheWays, *ways),
            CacheError::Line { line } => (memcore_status::CacheLine, *line),
            CacheError::Size { size, .. } => (memcore_status::CacheSize, *size),
            CacheError::SizeDiffers { size, .. } => (memcore_status::CacheSizeDiffers, *size),
            CacheError::PageSize { bytes } => (memcore_status::CachePageSize, *bytes),
            CacheError::TlbPolicy { .. } => (memcore_status::CacheTlbPolicy, 0),
            CacheError::Levels { levels } => (memcore_status::CacheLevels, *levels),
            CacheError::Name { .. } => (memcore_status::CacheName, 0),
            CacheError::SplitBehindUnified { .. } => (memcore_status::CacheSplitBehindUnified, 0),
            CacheError::LineShrinks { line, .. } => (memcore_status::CacheLineShrinks, *line),
            CacheError::ExclusiveLine { line, .. } => (memcore_status::CacheExclusiveLine, *line),
            CacheError::NothingToExclude { .. } => (memcore_status::CacheNothingToExclude, 0),
            CacheError::LatencyFalls { latency, .. } => (memcore_status::CacheLatencyFalls, *latency),
            CacheError::Prefetch { value, .. } => (memcore_status::CachePrefetch, *value),
            CacheError::SrripBits { bits } => (memcore_status::CacheSrripBits, *bits),
            CacheError::OutOfMemory { bytes } => (memcore_status::OutOfMemory, *bytes),
            CacheError::Policy(error) => return error.clone().into(),
            CacheError::Spec(error) => return error.clone().into(),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}
