//! The formats, one module each: what it is, who writes it, its grammar byte by byte or line by line, its
//! pitfalls.
//!
//! The modules hold documentation only, as far as the public sees; traces are read by
//! [`AllocTrace::open`](super::AllocTrace::open) and written by [`convert`](super::convert()).

pub mod binary;
pub(super) mod container;
pub mod heaptrack;
pub mod heaptrack_interpreted;
pub mod heaptrack_raw;
pub mod matr;
pub mod mtrace;
pub(super) mod records;
pub mod rep;
pub mod valgrind;

use super::alloc_trace::AllocTrace;
use super::error::TraceError;
use super::format::{Format, TELLING_PREFIX};
use super::input::source::Source;
use super::trace_kind::TraceKind;

/// Reads the one trace that `source` holds.
pub(super) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let prefix = source.peek(TELLING_PREFIX)?;
    match Format::of_content(prefix) {
        // Asked for an allocation trace, a header alone is one without operations.
        Some(Format::Numbers) if rep::is_header(prefix) => rep::read(source),
        Some(Format::Memcore) => binary::read(source),
        Some(Format::Matr) => matr::read(source),
        Some(Format::Rep) => rep::read(source),
        Some(Format::Mtrace) => mtrace::read(source),
        Some(Format::HeaptrackRaw) => heaptrack_raw::read(source),
        Some(Format::HeaptrackInterpreted) => heaptrack_interpreted::read(source),
        Some(Format::Valgrind) => valgrind::read(source),
        Some(format) => Err(source.other_kind(format, TraceKind::Allocations)),
        None => Err(source.unknown_format()?),
    }
}
