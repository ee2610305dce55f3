//! Page traces: which page each reference is to, as dense numbers.
//!
//! ```text
//!   open.rs     a file, bytes, columns, accesses, a workload      look.rs  references, keys, kinds, notes
//!   summary.rs  figures, the working set over time
//! ```

mod look;
mod open;
mod summary;

pub(crate) use open::wanted;

use memcore::trace::PageTrace;

/// The references of a program to pages, numbered densely. Opaque, and constant from its making to its end: any number
/// of threads may use it.
pub struct memcore_page_trace {
    pub(crate) trace: PageTrace,
}
