//! Pure segmentation: each segment lies in one piece, at a base, and nothing passes its length.
//!
//! ```text
//!   segment 2, offset 17          segments                    memory
//!         |          +---+--------+--------+------+      +---------------------+
//!         |          | 0 | base 0 | 300    | rw-  |----->| 0   segment 0       |
//!         |          | 1 | out    | 120    | r--  |      | 300 hole            |
//!         +--------->| 2 | base   | 200    | r-x  |---+  | 450                 |
//!        17 < 200    |   |   450  |        |      |   +->|     segment 2       |
//!                    +---+--------+--------+------+      +---------------------+
//! ```
//!
//! The memory is divided by a strategy of [`alloc`](crate::alloc), the same that serve a heap, so that what is known
//! of first fit and best fit holds here, figures of fragmentation included. A segment is known by its number: its
//! base is the system's affair. So a segment can grow by moving, be swapped out and come back elsewhere, and all of
//! them can be moved together ([`compact`](SegmentMemory::compact)), which is what segmentation has and a heap of
//! plain pointers has not. The price is the copying, and holes between: paging was invented to pay neither.
//!
//! The bytes are real. A new segment, and what a segment grows by, is zero, so that nobody reads what another left.
//!
//! Sources: J. B. Dennis, "Segmentation and the Design of Multiprogrammed Computer Systems", Journal of the ACM
//! 12(4), 1965; P. J. Denning, "Virtual Memory", ACM Computing Surveys 2(3), 1970.

mod compact;
mod error;
mod segments;
mod swap;

pub use compact::CompactionReport;
pub use error::SegmentMemoryError;
pub use segments::{SegmentMemory, SegmentRow};
