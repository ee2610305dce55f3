//! MATR version 1: the binary form of an `LD_PRELOAD` recorder, which knows calloc, alignments and threads.
//!
//! All integers are little-endian; a *varint* is unsigned LEB128 (seven bits a byte, low first).
//!
//! ```text
//!   0  "MATR"
//!   4  u32  version, 1
//!   8  u64  operations
//!  16  u64  ids
//!  24  u64  peak live bytes         sum of requested sizes
//!  32  u64  peak live blocks
//!  40  u64  threads                 1 + the highest number that the recorder saw
//!  48  u64  blocks live at the end
//!  56  u64  0
//!  64  operations, one after the other:
//!
//!      byte B: bits 0..3 kind (0 malloc, 1 calloc, 2 aligned, 3 realloc, 4 free)
//!              bit  3    a varint thread number follows; else: the thread of the operation before (first: 0)
//!      then    kind 0, 1: varint size       kind 2: u8 log2(alignment), varint size
//!              kind 3: varint D, varint size                kind 4: varint D
//! ```
//!
//! Ids are not written: an allocation's is the next, and D is how many allocations ago the block came
//! (0: the newest).
//!
//! Pitfalls. There is no checksum, so a reader can only check what must agree: the operations and ids stated
//! against those found, and that the file ends where it should. Bits 4 to 7 of B are unused and must be 0.
//! The thread count may exceed the threads that have an operation. A block that no allocation gave cannot be
//! named, so a writer drops such operations.

use std::io::{self, Write};

use super::records::{decode_records, id_at_distance, u32_at, u64_at};
use crate::trace::alloc_trace::AllocTrace;
use crate::trace::builder::AllocTraceBuilder;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::EventKind;
use crate::trace::format::Format;
use crate::trace::input::fields::{VARINT_BYTES, put_varint, varint};
use crate::trace::input::source::Source;

pub(crate) const MAGIC: [u8; 4] = *b"MATR";
const VERSION: u32 = 1;
const HEADER: usize = 64;
const HAS_THREAD: u8 = 8;
/// A byte, a thread, a distance or alignment, a size.
const LONGEST_RECORD: usize = 1 + 3 * VARINT_BYTES;

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let header = source.peek(HEADER)?;
    if header.len() < HEADER {
        return Err(source.byte_error(0, Reason::Truncated { what: "header" }));
    }
    let version = u32_at(header, 4);
    let (operations, ids) = (u64_at(header, 8), u64_at(header, 16));
    if version != VERSION {
        let reason = Reason::UnsupportedVersion { version: version.into(), newest: VERSION.into() };
        return Err(source.byte_error(4, reason));
    }
    source.consume(HEADER);
    let mut trace = AllocTraceBuilder::with_limit(source.options().max_events);
    trace.expect(operations).map_err(|reason| source.byte_error(8, reason))?;
    decode_records(source, operations, LONGEST_RECORD, |bytes, at| decode(&mut trace, bytes, at))?;
    let end = source.offset();
    if !source.peek(1)?.is_empty() {
        return Err(source.byte_error(end, Reason::TrailingBytes));
    }
    if u64::from(trace.next_id()) != ids {
        let found = u64::from(trace.next_id());
        return Err(source.byte_error(16, Reason::CountMismatch { what: "ids", stated: ids, found }));
    }
    Ok(trace.finish_as(Format::Matr))
}

#[inline]
fn decode(trace: &mut AllocTraceBuilder, bytes: &[u8], at: &mut usize) -> Result<bool, Reason> {
    const WHAT: &str = "operation";
    let &first = bytes.get(*at).ok_or(Reason::Truncated { what: WHAT })?;
    *at += 1;
    if first & HAS_THREAD != 0 {
        trace.set_thread(varint(bytes, at, WHAT)?)?;
    }
    let undefined = Reason::Undefined { what: "operation byte", number: first.into() };
    if first & 0xf0 != 0 {
        return Err(undefined);
    }
    match EventKind::from_number(first & 7).ok_or(undefined)? {
        kind @ (EventKind::Malloc | EventKind::Calloc) => {
            trace.allocate(kind, varint(bytes, at, WHAT)?, 0)?;
        }
        EventKind::Aligned => {
            let log2 = u64::from(*bytes.get(*at).ok_or(Reason::Truncated { what: WHAT })?);
            *at += 1;
            if log2 > 63 {
                return Err(Reason::AlignmentTooLarge { log2 });
            }
            trace.allocate(EventKind::Aligned, varint(bytes, at, WHAT)?, log2 as u32)?;
        }
        EventKind::Realloc => {
            let id = id_at_distance(varint(bytes, at, WHAT)?, trace.next_id())?;
            trace.realloc(id, varint(bytes, at, WHAT)?)?;
        }
        EventKind::Free => {
            let id = id_at_distance(varint(bytes, at, WHAT)?, trace.next_id())?;
            trace.free(id)?;
        }
    }
    Ok(true)
}

pub(crate) fn write(trace: &AllocTrace, output: &mut dyn Write) -> io::Result<()> {
    let summary = trace.summary();
    let threads = trace.events().iter().map(|event| event.thread()).max().map_or(0, |most| most + 1);
    let mut bytes = Vec::with_capacity(1 << 16);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    let stated = [
        summary.operations.total() - summary.orphan_operations,
        u64::from(summary.blocks),
        summary.peak_live_bytes,
        summary.peak_live_blocks,
        u64::from(threads),
        summary.end_live_blocks,
        0,
    ];
    for number in stated {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let mut numbering = trace.block_numbering();
    let mut thread = 0;
    for event in trace.events() {
        let Some(distance) = numbering.distance(event) else { continue };
        let mut first = event.kind() as u8;
        if event.thread() != thread {
            first |= HAS_THREAD;
        }
        bytes.push(first);
        if event.thread() != thread {
            thread = event.thread();
            put_varint(&mut bytes, thread.into());
        }
        match event.kind() {
            EventKind::Malloc | EventKind::Calloc => put_varint(&mut bytes, event.size()),
            EventKind::Aligned => {
                bytes.push(event.log2_alignment() as u8);
                put_varint(&mut bytes, event.size());
            }
            EventKind::Realloc => {
                put_varint(&mut bytes, distance);
                put_varint(&mut bytes, event.size());
            }
            EventKind::Free => put_varint(&mut bytes, distance),
        }
        if bytes.len() >= (1 << 16) - LONGEST_RECORD {
            output.write_all(&bytes)?;
            bytes.clear();
        }
    }
    output.write_all(&bytes)
}
