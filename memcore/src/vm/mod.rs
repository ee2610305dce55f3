//! Virtual memory: a deterministic machine with processes, page tables, faults, swap, sharing and NUMA nodes.

mod error;
mod space;
mod types;
mod views;

pub use error::{Errno, Fault, FaultKind, Shortage, VmError};
pub use space::{
    Area, AreaFlags, AreaKind, AreaName, Areas, Commit, Layout, LayoutConfig, MemorySize, OvercommitConfig,
    OvercommitMode, is_accounted,
};
pub use types::{Access, Frame, Node, ProcessId, Protection};
pub use views::map_line;
