//! Accesses: what programs did with their memory, address by address.
//!
//! Caches, TLBs and the virtual memory machine want each access as it was; page replacement wants the pages
//! alone, numbered. Both come from the same readers:
//!
//! ```text
//!   file --> AccessReader --> batches --> AccessTrace           whole, for caches and the machine
//!            one decoder          |
//!            a format             +-----> PageReader --> chunks of dense page numbers
//!            in formats/                        |
//!                                               +-----> PageTrace, whole, for policies and curves
//! ```
//!
//! A reader holds one batch, so a trace may be larger than memory.

mod access_trace;
mod convert;
mod expansion;
pub mod formats;
mod kind;
mod options;
mod page_reader;
mod reader;
mod summary;
mod types;

pub use access_trace::AccessTrace;
pub(super) use expansion::{Expansion, Paging, room_for_chunk};
pub use kind::AccessKind;
pub use options::{AccessOptions, Columns, PageOptions};
pub use page_reader::PageReader;
pub use reader::AccessReader;
pub use summary::{AccessSummary, WorkingSetPoint};
pub use types::{Access, AccessBatch, EVENT_PAGE_SHIFT, SpaceEvent, Unit};
