//! Segmented paging as in Multics: a process names segments, a segment consists of pages, a page lies in a frame.
//!
//! ```text
//!   process --> descriptor segment            page table of the segment          memory
//!               +---------------------+       +------------------+
//!   (segment,   | 0: -                |       | 0: frame 7       |
//!    offset) -->| 1: rw- rings 1,3,5 -+------>| 1: missing       |
//!               | 2: r-e rings 0,5,5  |       | 2: frame 4 ------+--> frame 4, offset mod page
//!               +---------------------+       +------------------+
//!                 bound, rings, modes           offset / page
//! ```
//!
//! The page table belongs to the *segment*, and the right to use it to the *process*: two processes that have a
//! segment attached share one page table, so that a page brought in for one is there for the other, each with its
//! own rights. That is why Multics needed no files apart from memory: a file is a segment.
//!
//! # What a reference goes through
//!
//! 1. The segment number is compared with the bound of the descriptor segment: *out of bounds*.
//! 2. The descriptor word is looked at: *missing segment*, when the process has none attached there.
//! 3. The offset is compared with the length of the segment: *out of bounds*.
//! 4. Modes and ring brackets: *access violation*.
//! 5. The page table word: *missing page*, when it has no frame. Else used, and for a write modified, are set.
//!
//! # Rings
//!
//! Rings 0 to 7 are circles of trust, 0 the innermost. A segment has three numbers r1 <= r2 <= r3: it may be written
//! in the rings 0 to r1, read in 0 to r2, executed in r1 to r2; from r2 + 1 to r3 it may be *called*, but only at its
//! first words, the gates, and then runs in ring r2. A call out of the rings below r1, outwards, is refused.
//!
//! Words or bytes, that is up to the user: addresses count whatever the page size counts.
//!
//! Sources: R. C. Daley and J. B. Dennis, "Virtual Memory, Processes, and Sharing in MULTICS", CACM 11(5), 1968;
//! A. Bensoussan, C. T. Clingen and R. C. Daley, "The Multics Virtual Memory: Concepts and Design", CACM 15(5),
//! 1972; M. D. Schroeder and J. H. Saltzer, "A Hardware Architecture for Implementing Protection Rings", CACM 15(3),
//! 1972.

mod access;
mod error;
mod machine;
mod walk;

pub use access::{Brackets, MOST_RING, SegmentAccess};
pub use error::{MulticsFault, MulticsFaultKind, SegmentedPagingError};
pub use machine::{PageWord, SegmentedPaging};
pub use walk::{SegmentedStep, SegmentedWalk};
