//! Virtual memory: a deterministic machine with processes, page tables, faults, swap, sharing and NUMA nodes.

mod backing;
#[allow(dead_code)]
mod compress;
mod error;
#[allow(dead_code)]
mod space;
mod physical;
#[allow(dead_code)]
mod swap;
#[allow(dead_code, unused_imports)]
pub mod paging;
pub mod manager;
pub mod segment;
mod types;
mod views;

#[cfg(feature = "std")]
pub use backing::RealFile;
pub use backing::{Backing, BackingError, FaultyFile, MemoryFile, SavedBacking, ZeroFile};
pub use compress::{Codec, CompressConfig, CompressStats};
pub use error::{Errno, Fault, FaultKind, Shortage, VmError};
pub use space::{
    Area, AreaFlags, AreaKind, AreaName, Areas, Commit, Layout, LayoutConfig, MemorySize, OvercommitConfig,
    OvercommitMode, is_accounted,
};
pub use physical::{LOCAL_DISTANCE, MOST_FRAMES, MOST_NODES, REMOTE_DISTANCE};
pub use physical::{MemoryConfig, NodeConfig, WatermarkConfig, Watermarks};
pub use swap::{SwapConfig, SwapError, SwapFault};
pub use paging::{Entry, PagingConfig};
pub use types::{Access, Frame, Node, ProcessId, Protection};
pub use views::map_line;
