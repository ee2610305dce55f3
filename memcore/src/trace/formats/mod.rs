//! The formats, one module each: what it is, who writes it, its grammar byte by byte or line by line, its
//! pitfalls.
//!
//! The modules hold documentation only, as far as the public sees; traces are read by
//! [`AllocTrace::open`](super::AllocTrace::open) and written by [`convert`](super::convert()).

pub mod binary;
pub mod heaptrack;
pub mod heaptrack_interpreted;
pub mod heaptrack_raw;
pub mod matr;
pub mod mtrace;
mod records;
pub mod rep;
pub mod valgrind;

use super::alloc_trace::AllocTrace;
use super::error::TraceError;
use super::format::Format;
use super::input::source::Source;

/// How much of the content is looked at to tell its format.
const TELLING_PREFIX: usize = 1 << 16;

/// Reads the one trace that `source` holds.
pub(super) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    match Format::of_content(source.peek(TELLING_PREFIX)?) {
        Some(Format::Memcore) => binary::read(source),
        Some(Format::Matr) => matr::read(source),
        Some(Format::Rep) => rep::read(source),
        Some(Format::Mtrace) => mtrace::read(source),
        Some(Format::HeaptrackRaw) => heaptrack_raw::read(source),
        Some(Format::HeaptrackInterpreted) => heaptrack_interpreted::read(source),
        Some(Format::Valgrind) => valgrind::read(source),
        Some(Format::Built) | None => Err(source.unknown_format()?),
    }
}
