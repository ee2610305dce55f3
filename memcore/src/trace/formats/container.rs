//! The container of memcore's own binary forms: a header with a checksum, records, their checksum.
//!
//! [`binary`](super::binary) draws it; what differs between the kinds of trace are the flags, what the two
//! counts count, and the records.

use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::formats::records::{u32_at, u64_at};
use crate::trace::input::source::Source;
use crate::trace::trace_kind::TraceKind;

pub(crate) const MAGIC: [u8; 8] = *b"MEMCORE\0";
const VERSION: u8 = 1;
const ALLOCATIONS: u8 = 1;
const ACCESSES: u8 = 2;
const FIXED_HEADER: usize = 32;
const CHECKSUM: usize = 4;
/// The longest comment in bytes.
const LONGEST_COMMENT: usize = 1 << 20;

/// What a header says.
pub(crate) struct Header {
    pub(crate) kind: TraceKind,
    pub(crate) flags: u16,
    /// Operations, or accesses and events.
    pub(crate) records: u64,
    /// Ids, or references.
    pub(crate) count: u64,
    pub(crate) comment: String,
}

/// Whether content that begins so is a trace of accesses.
pub(crate) fn holds_accesses(prefix: &[u8]) -> bool {
    prefix.get(9) == Some(&ACCESSES)
}

/// Reads the header of a trace of the kind wanted, and starts the checksum of its records.
pub(crate) fn read_header(source: &mut Source<'_>, wanted: TraceKind) -> Result<Header, TraceError> {
    let truncated = Reason::Truncated { what: "header" };
    source.start_checksum();
    let header = source.peek(FIXED_HEADER)?;
    if header.len() < FIXED_HEADER {
        return Err(source.byte_error(0, truncated));
    }
    let (mark, version, kind) = (u64_at(header, 0), header[8], header[9]);
    let flags = (u32_at(header, 8) >> 16) as u16;
    let (length, records, count) = (u32_at(header, 12) as usize, u64_at(header, 16), u64_at(header, 24));
    if mark != u64::from_le_bytes(MAGIC) {
        return Err(source.byte_error(0, Reason::Undefined { what: "mark", number: mark }));
    }
    if version != VERSION {
        let reason = Reason::UnsupportedVersion { version: version.into(), newest: VERSION.into() };
        return Err(source.byte_error(8, reason));
    }
    let kind = match kind {
        ALLOCATIONS => TraceKind::Allocations,
        ACCESSES => TraceKind::Accesses,
        kind => {
            let reason = Reason::Undefined { what: "kind of trace", number: kind.into() };
            return Err(source.byte_error(9, reason));
        }
    };
    if kind != wanted {
        return Err(source.other_kind(Format::Memcore, wanted));
    }
    if kind == TraceKind::Allocations && flags != 0 {
        return Err(source.byte_error(10, Reason::Undefined { what: "flag word", number: flags.into() }));
    }
    if length > LONGEST_COMMENT {
        let reason = Reason::Undefined { what: "comment of a length of", number: length as u64 };
        return Err(source.byte_error(12, reason));
    }
    source.consume(FIXED_HEADER);
    let text = source.peek(length)?;
    if text.len() < length {
        return Err(source.byte_error(FIXED_HEADER as u64, truncated));
    }
    let comment = String::from_utf8(text[..length].to_vec());
    source.consume(length);
    let computed = source.end_checksum();
    let at = source.offset();
    let sum = source.peek(CHECKSUM)?;
    if sum.len() < CHECKSUM {
        return Err(source.byte_error(at, truncated));
    }
    let stated = u32_at(sum, 0);
    if stated != computed {
        return Err(source.byte_error(at, Reason::Checksum { part: "header", stated, computed }));
    }
    source.consume(CHECKSUM);
    source.start_checksum();
    let comment = comment.map_err(|_| source.byte_error(FIXED_HEADER as u64, Reason::CommentNotText))?;
    Ok(Header { kind, flags, records, count, comment })
}

/// Checks that the records end here, with their checksum.
pub(crate) fn read_end(source: &mut Source<'_>) -> Result<(), TraceError> {
    let computed = source.end_checksum();
    let end = source.offset();
    let tail = source.peek(CHECKSUM + 1)?;
    if tail.len() < CHECKSUM {
        return Err(source.byte_error(end, Reason::Truncated { what: "checksum" }));
    }
    let (stated, more) = (u32_at(tail, 0), tail.len() > CHECKSUM);
    if stated != computed {
        return Err(source.byte_error(end, Reason::Checksum { part: "records", stated, computed }));
    }
    if more {
        return Err(source.byte_error(end + CHECKSUM as u64, Reason::TrailingBytes));
    }
    Ok(())
}

/// The bytes of a header; the comment is one that is [held](held_comment).
pub(crate) fn header(header: &Header) -> Vec<u8> {
    let kind = match header.kind {
        TraceKind::Allocations => ALLOCATIONS,
        TraceKind::Accesses => ACCESSES,
    };
    let mut bytes = Vec::with_capacity(FIXED_HEADER + header.comment.len() + CHECKSUM);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[VERSION, kind]);
    bytes.extend_from_slice(&header.flags.to_le_bytes());
    bytes.extend_from_slice(&(header.comment.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&header.records.to_le_bytes());
    bytes.extend_from_slice(&header.count.to_le_bytes());
    bytes.extend_from_slice(header.comment.as_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// The part of a comment that the form holds: its first 1 MiB, cut between two characters.
pub(crate) fn held_comment(comment: &str) -> &str {
    let mut end = comment.len().min(LONGEST_COMMENT);
    while !comment.is_char_boundary(end) {
        end -= 1;
    }
    &comment[..end]
}
