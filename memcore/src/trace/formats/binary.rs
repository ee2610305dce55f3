//! memcore's own binary form: compact, versioned, checksummed, with a place for page traces beside
//! allocation traces.
//!
//! All integers are little-endian; a *varint* is unsigned LEB128 (seven bits a byte, low first).
//!
//! ```text
//!      0  "MEMCORE\0"
//!      8  u8   version, 1
//!      9  u8   kind of trace: 1 allocations (described here), 2 accesses
//!     10  u16  flags, 0
//!     12  u32  bytes of comment, C, at most 1 MiB
//!     16  u64  operations
//!     24  u64  ids
//!     32  C bytes of comment, UTF-8
//!   32+C  u32  CRC-32 of all bytes before
//!   36+C  records
//!    end  u32  CRC-32 of the records; then the file ends
//! ```
//!
//! The CRC-32 is that of IEEE 802.3 (gzip's and zip's). A record is a byte, whose low three bits are a tag
//! and whose high five bits hold a small number V; V = 31 means that a varint follows, and the number is 31
//! plus the varint:
//!
//! ```text
//!   tag  name     V               then
//!    0   malloc   size
//!    1   calloc   size            count times element size
//!    2   aligned  log2 alignment  varint size
//!    3   realloc  D               varint size
//!    4   free     D
//!    5   thread   number          no operation: those that follow are called by this thread (at first: 0)
//!    6   orphan   0 free          an operation on a block that no allocation gave; it takes an id
//!                 1 realloc       varint size
//!    7   not defined
//! ```
//!
//! As in MATR, which this extends, an id is not written: it is the next one, and D is how many ids ago the
//! block's came (0: the newest). What differs: five bits that MATR leaves empty hold the number where it is
//! below 31, so that most frees of young blocks and the smallest allocations take one byte; no operation
//! takes more bytes than in MATR; damage is detected; and operations on unknown blocks survive.

use std::io::{self, Write};

use super::container::{self, Header, read_end, read_header};
use super::records::{decode_records, id_at_distance};
use crate::trace::alloc_trace::AllocTrace;
use crate::trace::builder::AllocTraceBuilder;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::{Event, EventKind};
use crate::trace::format::Format;
use crate::trace::input::fields::{VARINT_BYTES, put_varint, varint};
use crate::trace::input::source::Source;
use crate::trace::trace_kind::TraceKind;

const TAG_THREAD: u8 = 5;
const TAG_ORPHAN: u8 = 6;
const ESCAPE: u64 = 31;
const LONGEST_RECORD: usize = 1 + 2 * VARINT_BYTES;
const WHAT: &str = "record";

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let Header { records: operations, count: ids, comment, .. } =
        read_header(source, TraceKind::Allocations)?;
    let mut trace = AllocTraceBuilder::with_limit(source.options().max_events);
    trace.expect(operations).map_err(|reason| source.byte_error(16, reason))?;
    decode_records(source, operations, LONGEST_RECORD, |bytes, at| decode(&mut trace, bytes, at))?;
    read_end(source)?;
    let found = u64::from(trace.next_id());
    if found != ids {
        return Err(source.byte_error(24, Reason::CountMismatch { what: "ids", stated: ids, found }));
    }
    if !comment.is_empty() {
        trace.set_comment(comment);
    }
    Ok(trace.finish_as(Format::Memcore))
}

#[inline]
fn decode(trace: &mut AllocTraceBuilder, bytes: &[u8], at: &mut usize) -> Result<bool, Reason> {
    let &first = bytes.get(*at).ok_or(Reason::Truncated { what: WHAT })?;
    *at += 1;
    let mut number = u64::from(first >> 3);
    if number == ESCAPE {
        let more = varint(bytes, at, WHAT)?;
        number = more.checked_add(ESCAPE).ok_or(Reason::NumberTooLarge { field: WHAT })?;
    }
    match first & 7 {
        0 => trace.allocate(EventKind::Malloc, number, 0)?,
        1 => trace.allocate(EventKind::Calloc, number, 0)?,
        2 if number > 63 => return Err(Reason::AlignmentTooLarge { log2: number }),
        2 => trace.allocate(EventKind::Aligned, varint(bytes, at, WHAT)?, number as u32)?,
        3 => {
            let id = id_at_distance(number, trace.next_id())?;
            trace.realloc(id, varint(bytes, at, WHAT)?)?;
            id
        }
        4 => {
            let id = id_at_distance(number, trace.next_id())?;
            trace.free(id)?;
            id
        }
        TAG_THREAD => {
            trace.set_thread(number)?;
            return Ok(false);
        }
        TAG_ORPHAN if number == 0 => trace.orphan_free()?,
        TAG_ORPHAN if number == 1 => trace.orphan_realloc(varint(bytes, at, WHAT)?)?,
        tag => return Err(Reason::Undefined { what: "record tag", number: tag.into() }),
    };
    Ok(true)
}

/// The part of the trace's comment that the form holds.
pub(crate) fn held_comment(trace: &AllocTrace) -> &str {
    container::held_comment(trace.comment().unwrap_or_default())
}

pub(crate) fn write(trace: &AllocTrace, output: &mut dyn Write) -> io::Result<()> {
    output.write_all(&container::header(&Header {
        kind: TraceKind::Allocations,
        flags: 0,
        records: trace.events().len() as u64,
        count: trace.ids().into(),
        comment: held_comment(trace).to_owned(),
    }))?;

    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = Vec::with_capacity(1 << 16);
    let (mut thread, mut next_id) = (0, 0);
    for event in trace.events() {
        if event.thread() != thread {
            thread = event.thread();
            put(&mut bytes, TAG_THREAD, thread.into());
        }
        encode(&mut bytes, event, &mut next_id);
        if bytes.len() >= (1 << 16) - 2 * LONGEST_RECORD {
            hasher.update(&bytes);
            output.write_all(&bytes)?;
            bytes.clear();
        }
    }
    hasher.update(&bytes);
    bytes.extend_from_slice(&hasher.finalize().to_le_bytes());
    output.write_all(&bytes)
}

fn encode(bytes: &mut Vec<u8>, event: &Event, next_id: &mut u32) {
    let is_new = event.id() == *next_id;
    *next_id += u32::from(is_new);
    let distance = u64::from(*next_id - 1 - event.id());
    match event.kind() {
        EventKind::Malloc | EventKind::Calloc => put(bytes, event.kind() as u8, event.size()),
        EventKind::Aligned => {
            put(bytes, event.kind() as u8, event.log2_alignment().into());
            put_varint(bytes, event.size());
        }
        EventKind::Realloc if is_new => {
            put(bytes, TAG_ORPHAN, 1);
            put_varint(bytes, event.size());
        }
        EventKind::Free if is_new => put(bytes, TAG_ORPHAN, 0),
        EventKind::Realloc => {
            put(bytes, event.kind() as u8, distance);
            put_varint(bytes, event.size());
        }
        EventKind::Free => put(bytes, event.kind() as u8, distance),
    }
}

fn put(bytes: &mut Vec<u8>, tag: u8, number: u64) {
    if number < ESCAPE {
        bytes.push(tag | (number as u8) << 3);
    } else {
        bytes.push(tag | (ESCAPE as u8) << 3);
        put_varint(bytes, number - ESCAPE);
    }
}
