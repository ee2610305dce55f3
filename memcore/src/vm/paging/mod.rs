//! Paging hardware: page tables, TLBs, the page-walk cache.
//!
//! ```text
//!   address --> Tlbs --hit--------------------------------------------> Entry
//!                 |miss                                                   ^
//!                 +--> WalkCache: how many levels can be skipped          |
//!                        +--> PageTable: an entry a level ----------------+
//! ```
//!
//! * [`PagingConfig`] says which hardware: x86-64, Sv39, Sv48, a hashed table, one table.
//! * `PageTable` is the table of one address space; its entries are [`Entry`]s, the same for all hardware, and
//!   `hardware` shows the words that a processor would see.
//! * [`TlbsConfig`] and [`WalkCacheConfig`] say what is remembered of walks.

mod config;
mod entry;
mod frames;
pub mod hardware;
mod inverted;
mod page_walk;
mod radix;
mod spaces;
mod table;
#[cfg(test)]
mod tests;
mod tlbs;
mod tlbs_config;
mod walk_cache;

pub use config::PagingConfig;
pub use entry::Entry;
pub(in crate::vm) use frames::TableFrames;
#[cfg(test)]
pub(in crate::vm) use frames::{NoFrame, NoFrames};
pub use page_walk::{PageWalk, WalkOutcome, WalkStep};
pub(in crate::vm) use table::PageTable;
pub use tlbs::TlbLevelStats;
pub(in crate::vm) use tlbs::Tlbs;
pub use tlbs_config::{TlbPart, TlbsConfig};
pub(in crate::vm) use walk_cache::WalkCache;
pub use walk_cache::{WalkCacheConfig, WalkCacheStats};
