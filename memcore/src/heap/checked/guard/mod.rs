//! Blocks with pages of their own, between pages without access.
//!
//! ```text
//!  slot 0                                       slot 1
//!  [ no access | no access ... | page   block ] [ no access | ...
//!    guard       not needed      ^       ^   ^    guard
//!                                |       |   the byte behind faults
//!                                |       the block ends where the page ends, as near as its alignment lets it
//!                                the rest of the page, of which a redzone's width is checked
//! ```
//!
//! A read or write past the end faults at once, in the instruction that does it, and so does any use after the
//! block was freed: its pages lose their access, and the slot is used again when it is the one that was freed first. That
//! costs system calls and whole pages, so it is done to a sample of the allocations, as in K. Serebryany and others,
//! "GWP-ASan: sampling-based detection of memory-safety bugs in production", ICSE-SEIP 2024: cheap enough to run
//! everywhere, and what runs everywhere finds what tests did not.
//!
//! There is a fixed number of slots. When all of them hold live blocks, or a block is too large for one, the allocation is an
//! ordinary one.

#[cfg(not(all(feature = "std", unix)))]
mod absent;
#[cfg(all(feature = "std", unix))]
mod pages;

#[cfg(not(all(feature = "std", unix)))]
pub(super) use absent::Guard;
#[cfg(all(feature = "std", unix))]
pub(super) use pages::Guard;

use super::record::Record;

/// A live block that has pages of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guarded {
    pub slot: usize,
    pub payload: usize,
    pub record: Record,
    /// The most bytes it can have where it is.
    pub most: usize,
}
