//! Traces of accesses: what programs did with their memory, address by address.
//!
//! ```text
//!   kind.rs  kinds, units, columns of kinds      options.rs  how to read
//!   open.rs  a file, bytes, columns, pages       look.rs     accesses, events, notes
//!   save.rs  into a file or a callback
//! ```

mod kind;
mod look;
mod open;
mod options;
mod save;

pub(super) use kind::kinds;
pub(crate) use kind::memcore_access_kind;
pub(crate) use options::{access_options, memcore_access_options};

use memcore::trace::AccessTrace;

/// A trace of accesses to addresses, decoded. Opaque, and constant from its making to its end: any number of threads
/// may use it.
pub struct memcore_access_trace {
    pub(crate) trace: AccessTrace,
}
