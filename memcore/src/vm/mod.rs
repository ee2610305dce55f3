//! Virtual memory: a deterministic machine with processes, page tables, faults, swap, sharing and NUMA nodes.

mod backing;
mod compress;
mod error;
#[allow(dead_code)]
mod physical;
#[allow(dead_code)]
mod swap;
mod types;

#[cfg(feature = "std")]
pub use backing::RealFile;
pub use backing::{Backing, BackingError, FaultyFile, MemoryFile, SavedBacking, ZeroFile};
pub use compress::{Codec, CompressConfig, CompressStats, CompressedPool, Rejected, Stored};
pub use error::{Errno, Fault, FaultKind, Shortage, VmError};
pub use physical::{LOCAL_DISTANCE, MOST_FRAMES, MOST_NODES, REMOTE_DISTANCE};
pub use physical::{MemoryConfig, NodeConfig, WatermarkConfig, Watermarks};
pub use swap::{SwapConfig, SwapError, SwapFault};
pub use types::{Access, Frame, Node, ProcessId, Protection};
