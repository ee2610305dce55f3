//! Sets and ways: caches, TLBs, and the memory hierarchy made of them.
//!
//! ```text
//!   Geometry --+
//!              +--> SetAssociative  one cache: who is in it, who leaves
//!   SetPolicy -+          |
//!        |                +--> Hierarchy   registers, L1, L2, L3, RAM, disk: what an access costs
//!        |
//!        +--------------> Tlb  pages of several sizes, address spaces, global pages
//! ```
//!
//! The modules say what each thing means: [`hierarchy`] the rules of an access, [`level`] and [`config`] every
//! key of their texts, [`set_policy`] who leaves, [`prefetch`] what comes early, [`stats`] the counts, [`presets`] the
//! processors.
//!
//! * [`HierarchyConfig`] describes a hierarchy (as text, as a struct, or one of its
//!   [presets](HierarchyConfig::preset)), [`Hierarchy`] is it at work: hits, misses, write-backs, prefetches by
//!   level, and the [average access time](AccessTime) by where it is spent.
//! * [`SetAssociative`] is one cache, for whoever builds another machine.
//! * [`Tlb`] maps pages to whatever its owner keeps about them.
//! * [`SetPolicy`] says who leaves a set: LRU, FIFO, random, tree-PLRU, bit-PLRU, SRRIP, or any policy of
//!   [`replacement`](crate::replacement).
//!
//! Nothing here needs `std`.

#![forbid(unsafe_code)]

pub mod config;
mod error;
pub mod geometry;
pub mod hierarchy;
mod inspect;
pub mod level;
mod memory;
mod order;
pub mod prefetch;
pub mod presets;
mod queue;
mod set_associative;
pub mod set_policy;
mod sets;
mod stage;
pub mod stats;
pub mod tlb;

crate::spec::text_is_serde! {
    HierarchyConfig, CacheError;
    LevelConfig, CacheError;
    TlbConfig, CacheError;
    SetPolicy, crate::spec::SpecError;
    Prefetch, crate::spec::SpecError;
}

pub(crate) use crate::size::Bytes;
pub use crate::size::parse_size;
pub use config::{HierarchyConfig, MAX_LEVELS, RamConfig};
pub use error::CacheError;
pub use geometry::Geometry;
pub use hierarchy::{Hierarchy, Operation};
pub use level::{Inclusion, LevelConfig, Serves, WritePolicy};
pub use prefetch::{Prefetch, Trigger};
pub use set_associative::{LineState, SetAssociative, Victim};
pub use set_policy::SetPolicy;
pub use stats::{AccessTime, Counts, LevelStats, MemoryStats, TimeShare};
pub use tlb::{Tlb, TlbConfig, TlbEntry, TlbStats};
