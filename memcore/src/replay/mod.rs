//! Replay: what a recorded program would have cost with another allocator.
//!
//! A trace says what a program asked for; a strategy says where it goes. Driving the one through the other gives
//! the figures that an allocator is chosen by: how much space the program would have needed (footprint), how
//! much of it was its own (utilisation), where the rest went (external and internal fragmentation), how long
//! calls take, and how small the space may be.
//!
//! ```text
//!  AllocTrace                     one pass per question, each on a fresh target
//!  [ev ev ev ...] --> event loop ----------------------------------------------> ReplayResult
//!   ids are dense      ids[id] -> handle   1 figures   exact, no clock            strategy, footprint, ...
//!                          |               2 timing    loop time - empty loop     ns per operation
//!                          v               3 latency   a clock around each call   p50 .. max
//!                  Target: place           4 fit       bisect the capacity        sufficient capacity
//!                          resize_in_place
//!                          release
//! ```
//!
//! * [`replay_strategy`] and [`replay_all`] take strategies by name; [`replay_fresh`] any [`Target`] that can be
//!   made anew for each pass; [`replay`] one target as it is, in the exact pass only.
//! * A [`Target`] is every [`Allocator`](crate::alloc::Allocator), and whatever a [`PlainTarget`] wraps: a type
//!   that has no more than allocate(size, alignment) and free(start).
//! * [`ReplayOptions`] sets the space and which passes run; [`ReplayResult`] defines each figure.
//!
//! The rules of a replay, so that two implementations agree to the byte:
//!
//! * A request is rounded up to the granularity. An allocation of 0 bytes asks for 1. A header is added to the
//!   size and lies in front of the aligned point. calloc is malloc. A stated alignment counts where it is wider
//!   than the one of the options.
//! * realloc is tried in place. Where that is refused, a new block is allocated with the block's own alignment
//!   and then the old one is freed; for a moment both are held, and peak and footprint include that.
//! * A failed allocation leaves its id absent, a failed realloc keeps the block; either is one failure.
//! * realloc and free of an absent id are skipped and counted.
//! * A free that the target refuses (a stack frees its top only) is counted as a refused free. The program is done
//!   with the block, so it is not live any more; but its bytes stay used until the end.
//! * No refusal ends a replay. A target that breaks its contract does.
//!
//! Traces of accesses go through a memory hierarchy with [`replay_hierarchy`], and through the virtual memory machine
//! with [`machine`].
//!
//! Everything but the two passes with a clock is deterministic: the same trace and options give the same figures
//! everywhere.

#![forbid(unsafe_code)]

mod clock;
mod driver;
mod error;
mod figures;
mod fit;
mod fragmentation;
mod hierarchy;
mod histogram;
pub mod machine;
mod meter;
mod options;
pub mod paging;
mod plain;
mod result;
mod run;
mod target;
mod timing;

pub use clock::Clock;
pub use error::{BadPlacement, ReplayError};
pub use fragmentation::{Gaps, Spread};
pub use hierarchy::{HierarchyReplayError, replay_hierarchy, replay_hierarchy_from};
pub use options::{ENDLESS, MAX_SERIES_POINTS, ReplayOptions};
pub use plain::{PlainAllocator, PlainTarget};
pub use result::{Latency, ReplayPoint, ReplayResult, rank};
pub use run::{replay, replay_all, replay_fresh, replay_strategy};
pub use target::{Placed, Refusal, Target};
