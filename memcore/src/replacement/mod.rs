//! Who leaves when the space is full: page replacement, caches, miss-ratio curves.
//!
//! ```text
//!   pages, dense numbers --> Policy --> who is resident, who leaves
//!   any u64 keys --> Cache --> Policy
//!   a whole trace --> Kernel (misses alone, fast); curve (all sizes at once, for LRU and OPT)
//! ```
//!
//! * [`Policy`] is the contract, [`Pager`] the other side of it; [`policies`] holds one file each.
//! * [`PolicySpec`] names one with its parameters, [`AnyPolicy`] is one chosen at run time.
//! * [`Cache`] is a cache of any keys that decides by a policy.
//! * [`curve`] has stack distances, miss-ratio curves, reuse times, working sets.
//!
//! Nothing here needs `std`.

#![forbid(unsafe_code)]

mod any;
mod cache;
pub mod curve;
mod error;
mod heap;
mod kernels;
mod lists;
mod numbers;
pub mod policies;
mod policy;
mod read;
mod recency;
mod ring;
mod tables;
mod ticker;
mod time_set;
mod walk;

pub use any::{AnyPolicy, PolicySpec, Visitor};
pub use cache::{Cache, CacheStats, Outcome};
pub use error::PolicyError;
pub use kernels::{Kernel, NextUses, count_opt_misses};
pub use policies::*;
pub use policy::{Facts, MAX_PAGES, Named, Page, Pager, Parameters, Policy, check_frames};
