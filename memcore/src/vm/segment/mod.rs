//! Segmentation: memory as named pieces of their own length, instead of, or above, pages of one size.
//!
//! Three machines, from the oldest idea to the one in every PC:
//!
//! ```text
//!   SegmentMemory      (segment, offset) --base + offset, if offset < length--> memory, contiguous
//!
//!   SegmentedPaging    (segment, offset) --descriptor segment--> page table --page--> frame + offset
//!
//!   SegmentUnit        (register, offset) --hidden descriptor--> linear address --> paging, or memory
//! ```
//!
//! * [`SegmentMemory`] is pure segmentation: base and limit registers over a memory that a strategy of
//!   [`alloc`](crate::alloc) divides. Holes arise between segments; compaction moves the segments together and
//!   rewrites their bases, which no program notices, since a program only knows (segment, offset).
//! * [`SegmentedPaging`] is Multics: a segment is named by number in a process' descriptor segment, is divided into
//!   pages, and is shared as a whole; rings guard it.
//! * [`SegmentUnit`] is the protected mode of the x86 processors: descriptors of 8 bytes in a global and a local
//!   table, selectors, segment registers with a hidden part, four privilege levels, typed faults.
//!
//! Each is deterministic, knows no clock and no thread, and answers nonsense with a typed error.

#![forbid(unsafe_code)]

mod descriptor;
mod fault;
mod linear;
pub mod memory;
pub mod multics;
mod selector;
mod table;
mod unit;

pub use descriptor::{Descriptor, DescriptorError, SegmentKind};
pub use fault::{FaultReason, SegmentFault, Vector};
pub use linear::{LinearParts, LinearRange};
pub use memory::{SegmentMemory, SegmentMemoryError};
pub use multics::{SegmentedPaging, SegmentedPagingError};
pub use selector::Selector;
pub use table::{DescriptorTable, MOST_DESCRIPTORS};
pub use unit::{SegmentRegister, SegmentUnit};
