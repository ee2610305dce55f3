//! The room `trace`: each format against hand-written bytes and real tools' files, and against hostile input.

#[path = "trace/binary.rs"]
mod binary;
#[path = "trace/compression.rs"]
mod compression;
#[path = "trace/convert.rs"]
mod convert;
#[path = "trace/event.rs"]
mod event;
#[path = "trace/generate.rs"]
mod generate;
#[path = "trace/hostile.rs"]
mod hostile;
#[path = "trace/malformed.rs"]
mod malformed;
#[path = "trace/recorded.rs"]
mod recorded;
#[path = "trace/summary.rs"]
mod summary;
#[path = "trace/text.rs"]
mod text;

use memcore::trace::{AllocTrace, Event, ReadOptions, TraceError};

/// A file of `tests/data`.
fn data(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn open(name: &str) -> AllocTrace {
    AllocTrace::open(data(name), &ReadOptions::default(), &mut ()).unwrap()
}

fn read(bytes: impl AsRef<[u8]>) -> AllocTrace {
    AllocTrace::read_bytes(bytes.as_ref()).unwrap()
}

fn failure(bytes: impl AsRef<[u8]>) -> TraceError {
    AllocTrace::read_bytes(bytes.as_ref()).unwrap_err()
}

fn aligned(id: u32, size: u64, alignment: u64) -> Event {
    Event::aligned(id, size, alignment).unwrap()
}
