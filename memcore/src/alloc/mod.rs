//! alloc essay to come

pub mod compaction;
pub mod layout;
pub mod storage;

mod address_index;
mod allocator;
mod any;
mod block;
mod buddy;
mod bump;
mod chain;
mod error;
mod holes;
mod linear;
mod options;
mod pool;
mod request;
mod size_classes;
mod stack;
mod stats;
mod strategy;
mod table;
mod tree;
mod watched;
mod worst_case;

pub use allocator::{Allocator, Capabilities, Checkpoint, Operation, RegionCursor, Regions, TagUsage};
pub use any::{AnyAllocator, FallbackAllocator};
pub use block::{Block, BlockId, Region, RegionKind};
pub use buddy::Buddy;
pub use bump::Bump;
pub use compaction::{Budget, CompactionPlan, Move};
pub use error::{AllocError, Corruption, Result, StartRule};
pub use holes::{AddressOrdered, BestRecent, Extent, FreeIndex, HoleAllocator, Place, SizeOrdered};
pub use holes::{BestFit, BestFitRecent, FirstFit, NextFit, Tlsf, TlsfLowest, WorstFit};
pub use holes::{TlsfIndex, TlsfLowestIndex, TlsfParameters};
pub use options::Options;
pub use pool::Pool;
pub use request::{Fit, Request};
pub use size_classes::{ClassTable, Fallback, SizeClassParameters, SizeClasses};
pub use stack::Stack;
pub use stats::{Histogram, Stats, one_minus};
pub use strategy::{Strategy, Tie};
pub use table::RegionTable;
pub use watched::{Event, Listener, Watched};
pub use worst_case::{WorstCase, worst_case};
