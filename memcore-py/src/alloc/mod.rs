//! The engine's room `alloc`: who gets which range of an abstract space.
//!
//! ```text
//! Allocator --- Space (lock, listener) --- the engine
//!    | allocate, block_at, iter        Block, Region
//!    | allocate_many, free_many        columns
//!    | plan_compaction, checkpoint     CompactionPlan, Checkpoint, Scope
//!    | stats, histograms               Stats, Histogram, TagUsage, Capabilities
//! worst_case                           WorstCase
//! ```

pub mod allocator;
pub mod block;
pub mod compaction;
pub mod errors;
pub mod event;
pub mod regions;
pub mod stats;
pub mod worst_case;

mod batch;
mod space;
