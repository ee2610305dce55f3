//! Traces: what programs did to their memory, recorded, read, generated, converted.
//!
//! There are two kinds. An *allocation trace* is the sequence of a program's calls of malloc, calloc, realloc,
//! free and their aligned kin. It is the only honest workload for an allocator: distributions of sizes and
//! lifetimes can be fitted, but fragmentation lives in their order. A *trace of accesses* is what the program
//! did with its memory: the workload of page replacement, caches and the machine. This room reads what the
//! field's recorders write, and numbers it so that a simulation is an array walk:
//!
//! ```text
//!   file --> decompressed --> told by content --> allocations: AllocTrace { Vec<Event>, ids }
//!            gzip, xz, zstd    Format             accesses:    AccessTrace, or numbered pages: PageTrace
//!                                                      |        |        |
//!   generate::Workload, generate::PageWorkload --> summary   convert   replay, policies, curves
//! ```
//!
//! * [`AllocTrace`] is a decoded trace, [`Event`] one operation in 16 bytes, [`AllocTraceBuilder`] makes one.
//! * [`PageTrace`] has the references to pages as dense numbers, [`AccessTrace`] the accesses with their
//!   addresses; [`AccessReader`] and [`PageReader`] give both from traces larger than memory ([`access`]).
//! * [`kind_of`] says which kind a file is and in which [`Format`] (each described in [`formats`] and
//!   [`access::formats`]); [`ReadOptions`] bounds what reading may cost; every failure is a [`TraceError`]
//!   with file, line or byte, and reason.
//! * [`Summary`] and [`AccessSummary`] say what is in a trace, [`Notes`] what is not.
//! * [`convert()`] and [`save`], [`AccessTrace::convert`] and [`AccessTrace::save`] write it, and say what was
//!   lost.
//! * [`generate`] makes traces from a seed, so that nobody needs a file to begin.

#![forbid(unsafe_code)]

pub mod access;
mod alloc_trace;
mod builder;
mod convert;
mod error;
mod event;
mod format;
pub mod formats;
pub mod generate;
mod input;
mod keyed;
mod notes;
mod numbering;
mod options;
mod page_parts;
mod page_trace;
mod summary;
mod trace_kind;

pub use access::{
    Access, AccessBatch, AccessKind, AccessOptions, AccessReader, AccessSummary, AccessTrace, Columns,
    PageOptions, PageReader, SpaceEvent, Unit, WorkingSetPoint,
};
pub use alloc_trace::AllocTrace;
pub use builder::AllocTraceBuilder;
pub use convert::{Loss, LostKind, convert, save};
pub use error::{Reason, TraceError};
pub use event::{Event, EventKind, MAX_THREAD};
pub use format::{Format, UnknownFormatName};
pub use input::compression::Compression;
pub use notes::{Note, NoteKind, Notes};
pub use numbering::Numbering;
pub use options::ReadOptions;
pub use page_trace::PageTrace;
pub use summary::{DEFAULT_SERIES_POINTS, Log2Histogram, Operations, SeriesPoint, Summary};
pub use trace_kind::{TraceKind, kind_of, kind_of_read};
