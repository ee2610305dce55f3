//! Traces: what programs did to their memory.
//!
//! ```text
//!   open.rs     a file, bytes, columns, a workload --> memcore_trace     progress.rs  callbacks that watch and stop
//!   look.rs     events, notes, comment             summary.rs  figures, series       save.rs  into a file or a callback
//!   access/     accesses to addresses              pages/      references to pages   kind.rs  which of them a file is
//! ```
//!
//! A trace never changes once it is made, so every function takes it `const`.

mod access;
mod kind;
mod look;
mod open;
mod pages;
mod progress;
mod save;
mod summary;

pub(crate) use access::{access_options, memcore_access_kind, memcore_access_options, memcore_access_trace};
pub(crate) use pages::{memcore_page_trace, wanted};
pub(crate) use progress::{Watcher, memcore_progress};

use memcore::trace::{AllocTrace, TraceError};

use crate::{error::Failure, status::memcore_status};

/// An allocation trace, decoded. Opaque, and constant from its making to its end: any number of threads may use it.
pub struct memcore_trace {
    pub(crate) trace: AllocTrace,
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        let (status, value) = match &error {
            TraceError::Cancelled => return memcore_status::Cancelled.into(),
            TraceError::Io { error, .. } => {
                (memcore_status::TraceIo, error.raw_os_error().unwrap_or_default() as u64)
            }
            TraceError::UnknownFormat { .. } => (memcore_status::TraceUnknownFormat, 0),
            TraceError::Line { line, .. } => (memcore_status::TraceLine, *line),
            TraceError::Byte { offset, .. } => (memcore_status::TraceByte, *offset),
            TraceError::Event { index, .. } => (memcore_status::TraceEvent, *index as u64),
            TraceError::Limit { value, .. } => (memcore_status::TraceLimit, *value),
            TraceError::NestedCompression { .. } => (memcore_status::TraceNestedCompression, 0),
            TraceError::NotWritable { .. } => (memcore_status::TraceNotWritable, 0),
            TraceError::Workload(_) => (memcore_status::TraceWorkload, 0),
            TraceError::Spec(error) => return error.clone().into(),
            TraceError::OtherKind { .. } => (memcore_status::TraceOtherKind, 0),
            TraceError::PageSize { page_size } => (memcore_status::TracePageSize, *page_size),
            _ => (memcore_status::Other, 0),
        };
        Failure::Told(status, value, error.to_string())
    }
}
