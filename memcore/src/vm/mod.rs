//! Virtual memory: a deterministic machine with processes, page tables, faults, swap, sharing and NUMA nodes.

mod backing;
mod calls;
mod compress;
mod config;
mod counters;
mod error;
mod event;
mod machine;
pub mod manager;
pub mod paging;
mod physical;
pub mod presets;
pub mod segment;
mod space;
mod swap;
#[cfg(feature = "std")]
mod toml;
mod types;
mod views;

#[cfg(feature = "std")]
pub use self::toml::MachineConfigError;
#[cfg(feature = "std")]
pub use backing::RealFile;
pub use backing::{Backing, BackingError, FaultyFile, MemoryFile, SavedBacking, ZeroFile};
pub use calls::{Advice, MapFlags, MapRequest, NumaPolicy, Remap};
pub use compress::{Codec, CompressConfig, CompressStats, CompressedPool, Rejected, Stored};
pub use config::{
    FaultConfig, HugeConfig, HugeMode, Latencies, MachineConfig, MergeConfig, ReplacementConfig, Scope, Sight,
};
pub use counters::{Cause, Count, Counters, Cycles};
pub use error::{Errno, Fault, FaultKind, Shortage, VmError};
pub use event::{Destination, Event, EventSet, Listener, Served};
pub use machine::{GroupId, Machine, MergeReport, Reopen, SavedInfo, Translation, Usage};
pub use paging::{
    Entry, PageWalk, PagingConfig, TlbLevelStats, TlbPart, TlbsConfig, WalkCacheConfig, WalkCacheStats,
    WalkOutcome, WalkStep,
};
pub use physical::{LOCAL_DISTANCE, MOST_FRAMES, MOST_NODES, REMOTE_DISTANCE};
pub use physical::{MemoryConfig, NodeConfig, WatermarkConfig, Watermarks};
pub use space::{
    Area, AreaFlags, AreaKind, AreaName, Areas, Commit, Layout, LayoutConfig, MemorySize, OvercommitConfig,
    OvercommitMode, is_accounted,
};
pub use swap::{SwapConfig, SwapError, SwapFault};
pub use types::{Access, Frame, Node, ProcessId, Protection};
pub use views::{
    AreaMemory, BuddyInfo, HugePool, MemInfo, NumaStat, ProcessStatus, RowState, TableRow, map_line,
    vmstat_name,
};
