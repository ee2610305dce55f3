//! One file per format: what it is, who writes it, its grammar, its pitfalls, its reader, and its writer
//! where there is one.

pub(super) mod binary;
mod heaptrack;
pub(super) mod heaptrack_interpreted;
pub(super) mod heaptrack_raw;
pub(super) mod matr;
pub(super) mod mtrace;
mod records;
pub(super) mod rep;
pub(super) mod valgrind;

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
