//! Virtual memory: a deterministic machine with processes, page tables, faults, swap, sharing and NUMA nodes.

mod error;
pub mod manager;
pub mod segment;
mod types;

pub use error::{Errno, Fault, FaultKind, Shortage, VmError};
pub use types::{Access, Frame, Node, ProcessId, Protection};
