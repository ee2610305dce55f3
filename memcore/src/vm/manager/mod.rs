//! The virtual memory manager of the textbooks: one page table, a list of free frames, and a replacement policy.
//!
//! ```text
//!   virtual address
//!   +--------+--------+       page table                        memory
//!   |  page  | offset |      +-----------------------------+    +---------+
//!   +---+----+---+----+      | 0: frame 2, referenced      |    | frame 0 |
//!       |        |           | 1: allocated, in no frame   |    | frame 1 |
//!       +--------|---------->| 2: frame 0, modified -------+--->| frame 2 |
//!                |           | 3: not allocated            |    +---------+
//!                +-----------------------------------------------> + offset
//! ```
//!
//! It is the smallest machine that shows what virtual memory is. A page is *allocated* and then has a frame; when
//! there are fewer frames than pages, an allocated page may lose its frame to another, and gets one back by a page
//! fault at its next access: the policy, any of [`replacement`](crate::replacement), says who leaves.
//! Processes, areas, swap devices, sharing, TLBs: that is the whole machine of [`vm`](crate::vm), which this
//! manager is no part of; contents it has none.
//!
//! # What counts
//!
//! * A *hit* is a translation of an address whose page has a frame.
//! * A *fault* is a translation of an address whose page has none: of a page that is allocated, which then gets one,
//!   or of one that is not, which is an error.
//! * A *replacement* is a page that loses its frame to another, by a fault or by an allocation.
//! * A *write-back* is a page that was modified when it lost its frame, or that the policy had cleaned before. One
//!   that is deallocated is not written.
//! * An address or page outside the manager, and an access that the protection forbids, count nothing.
//!
//! # What it corrects
//!
//! The design begins as a well-known teaching program, whose printed example comes out here to the byte. There:
//! as many frames as pages exist always, so that its counter of replacements stays 0; an address of -1 is
//! translated to page 0, offset -1, and gives a physical address of -1; *modified* is never set, and the
//! protection never looked at; an address may be any number up to the machine's limit, but a page size of 0 divides
//! by zero. Here replacement happens, negative addresses and empty sizes are errors, writes set *modified*, and a
//! protection holds.
//!
//! Two rules are kept as they are: a page takes the frame at the *front* of the list of free frames (0, 1, 2, ...),
//! and a deallocated one goes to its *end*; and a page is referenced from its allocation on.

#![forbid(unsafe_code)]

mod error;
mod frames;
mod options;
mod run;
mod statistics;
mod table;

pub use error::ManagerError;
pub use options::ManagerOptions;
pub use run::{Translation, VirtualMemoryManager};
pub use statistics::ManagerStatistics;
pub use table::{PageEntry, PageRow, PageTable};
