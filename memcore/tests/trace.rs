//! The room `trace`: each format against hand-written bytes and real tools' files, and against hostile input.

#[path = "trace/access_binary.rs"]
mod access_binary;
#[path = "trace/access_hostile.rs"]
mod access_hostile;
#[path = "trace/access_malformed.rs"]
mod access_malformed;
#[path = "trace/access_recorded.rs"]
mod access_recorded;
#[path = "trace/access_text.rs"]
mod access_text;
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
#[path = "trace/generate_pages.rs"]
mod generate_pages;
#[path = "trace/hostile.rs"]
mod hostile;
#[path = "trace/malformed.rs"]
mod malformed;
#[path = "trace/pages.rs"]
mod pages;
#[path = "trace/recorded.rs"]
mod recorded;
#[path = "trace/summary.rs"]
mod summary;
#[path = "trace/text.rs"]
mod text;

use memcore::trace::{Access, AccessKind, AccessTrace, AllocTrace, Event, ReadOptions, TraceError};

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

fn accesses(bytes: impl AsRef<[u8]>) -> AccessTrace {
    AccessTrace::read_bytes(bytes.as_ref()).unwrap()
}

fn access_failure(bytes: impl AsRef<[u8]>) -> TraceError {
    AccessTrace::read_bytes(bytes.as_ref()).unwrap_err()
}

fn run(address: u64, size: u32, count: u32, kind: AccessKind) -> Access {
    Access { address, size, count, kind }
}

/// CRC-32 of IEEE 802.3, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, &byte| {
        (0..8).fold(
            sum ^ u32::from(byte),
            |sum, _| if sum & 1 != 0 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}
