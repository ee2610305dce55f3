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
mod inverted;
mod radix;
mod table;

pub use config::PagingConfig;
pub use entry::Entry;
pub(in crate::vm) use entry::MAX_FRAMES;
pub(in crate::vm) use frames::{NoFrame, NoFrames, TableFrames};
pub(in crate::vm) use table::{PageTable, Step};
