//! Who gets which range of an abstract space `[0, capacity)`.
//!
//! A strategy hands out blocks and takes them back. It never touches the bytes: the space may be memory, a file, a
//! GPU heap, frames, ids. Its tables lie outside the space, so it can be studied, cloned, checked and replayed.
//!
//! ```text
//!                    Allocator: allocate, free, resize, look up, walk, figures, compaction, validate
//!                        |
//!     +------------------+-------------------+-----------+------------+
//!     |                  |                   |           |            |
//! HoleAllocator        Buddy            SizeClasses     Pool     Bump, Stack      one file each
//!  FreeIndex:            |                   |           |            |
//!   first, next fit      |                spans from     |         BumpCore       raw cores, without ids:
//!   best, worst fit      |              a HoleAllocator  |                        BumpCore, DenseBuddy
//!   TLSF                 |                   |           |            |
//!     +---------+--------+-------------------+-----------+------------+
//!               |                            |
//!             Chain  (who is next to whom)  RegionTable  (what an id means)       Tree  (ordered indices)
//!               +----------------------------+--------------------------------------+
//!                                            |
//!                              storage: Growable, or Fixed in the caller's buffer
//! ```
//!
//! # What the calls mean for each strategy
//!
//! | strategy | free in any order | resize in place | at a wanted address | compaction | note |
//! |---|---|---|---|---|---|
//! | [first](FirstFit), [next](NextFit), [best](BestFit), [worst fit](WorstFit), [TLSF](Tlsf) | yes | shrink always, grow into the hole that follows | yes, with the address index | yes | ties within a size or bin: lowest address or most recent |
//! | [buddy](Buddy) | yes | by giving back or absorbing upper buddies | yes | no | sizes are powers of two, and aligned by themselves |
//! | [size classes](SizeClasses) | yes | within the class, else as the fallback | no | no | spans of equal slots from a fallback strategy |
//! | [pool](Pool) | yes | within the slot | yes | yes | larger requests than a slot are errors |
//! | [bump](Bump) | yes, but dead until rewound | the last block | no | no | checkpoint and rewind |
//! | [stack](Stack) | the top only | the top | no | no | |
//!
//! Anything else is [`AllocError::Unsupported`], which [`Allocator::capabilities`] foretells.
//!
//! # What holds for all of them
//!
//! - Each call succeeds or leaves everything as it was; an error carries the offending number.
//! - An id is an index and a generation. An id kept too long is *detected*, always, in release builds.
//! - `used + free + dead = capacity` after every call, and [figures](Stats) mean the same everywhere.
//! - The space may be of any size from 1 to 2^64 - 1.
//! - Nothing depends on a clock, a thread or chance: the same calls give the same addresses on every machine.
//! - Allocators are `Send` and `Sync`: a shared reference reads, and only a unique one changes.

pub mod compaction;
pub mod layout;
pub mod storage;

mod address_index;
pub mod allocator;
mod any;
pub mod block;
pub mod buddy;
pub mod bump;
pub mod bump_core;
mod chain;
pub mod dense_buddy;
pub mod error;
pub mod holes;
mod linear;
pub mod options;
pub mod pool;
mod record;
pub mod request;
pub mod size_classes;
pub mod stack;
pub mod stats;
pub mod strategy;
pub mod table;
pub(crate) mod tree;
pub mod watched;
pub mod worst_case;

pub use allocator::{Allocator, Capabilities, Checkpoint, Operation, RegionCursor, Regions, TagUsage};
pub use any::{AnyAllocator, FallbackAllocator};
pub use block::{Block, BlockId, Region, RegionKind};
pub use buddy::Buddy;
pub use bump::Bump;
pub use bump_core::BumpCore;
pub use compaction::{Budget, CompactionPart, CompactionPlan, Move, PartEnd};
pub use dense_buddy::{DenseBuddy, MOST_ORDER};
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
