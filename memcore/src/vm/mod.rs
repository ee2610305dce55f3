//! Virtual memory: a deterministic machine with processes, page tables, faults, swap, sharing and NUMA nodes.

mod error;
#[allow(dead_code, unused_imports)]
pub mod paging;
mod types;

pub use error::{Errno, Fault, FaultKind, Shortage, VmError};
pub use paging::{
    Entry, PageWalk, PagingConfig, TlbLevelStats, TlbPart, TlbsConfig, WalkCacheConfig, WalkCacheStats,
    WalkOutcome, WalkStep,
};
pub use types::{Access, Frame, Node, ProcessId, Protection};
