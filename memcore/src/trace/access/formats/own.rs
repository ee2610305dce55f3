//! memcore's own binary form of accesses: compact, checksummed, and without loss, whatever the unit.
//!
//! The container is that of [allocation traces](crate::trace::formats::binary) with 2 as the kind of trace;
//! its first count is that of accesses and events, its second that of references (the counts of all runs
//! added), and its flags say what addresses count:
//!
//! ```text
//!   low byte   0 bytes, 1 pages, 2 numbers         high byte   pages: the base-two logarithm of the size
//! ```
//!
//! A record begins with a byte; a *varint* is unsigned LEB128:
//!
//! ```text
//!   bits 0, 1   0 read, 1 write, 2 execute, 3 event
//!
//!   access      bit  2      a varint follows, COUNT - 2; else COUNT is 1
//!               bit  3      a varint follows, SIZE; else SIZE is that of the access of this kind before
//!               bits 4..7   V, the zigzag of ADDRESS minus the address expected; 15: a varint follows,
//!                           and V is 15 plus that
//!               then        V's varint, SIZE, COUNT - 2
//!
//!   event       bits 2, 3   0
//!               bits 4..7   0 map, 1 unmap, 2 protect, 3 break, 4 remap
//!               then        its 4, 2, 3, 1 or 4 numbers as varints
//! ```
//!
//! Each of the three kinds remembers its last access. Expected is, for data, the same address again, and for
//! an instruction the byte behind the one before, so that code without branches costs no step. At the
//! beginning the last accesses are to address 0, of size 1 (and of 0 for instructions). Where the unit is
//! pages, steps are counted in pages. Zigzag maps 0, -1, 1, -2, ... to 0, 1, 2, 3, ...
//!
//! A lackey trace takes about two and a half bytes an access, before any compression.

use std::io::{self, Write};

use super::Decoder;
use super::page_text::{page_address, run_length};
use crate::trace::access::access_trace::AccessTrace;
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, SpaceEvent, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::formats::container::{self, Header, held_comment, read_end, read_header};
use crate::trace::formats::records::decode_records;
use crate::trace::input::fields::{VARINT_BYTES, put_varint, varint};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;
use crate::trace::trace_kind::TraceKind;

const EVENT: u8 = 3;
const HAS_COUNT: u8 = 4;
const HAS_SIZE: u8 = 8;
const ESCAPE: u64 = 15;
/// A byte and four varints.
const LONGEST_RECORD: usize = 1 + 4 * VARINT_BYTES;
const WHAT: &str = "record";

/// What both sides remember: for each kind the address expected, in the unit's steps, and the last size.
struct Last {
    expected: [u64; 3],
    sizes: [u32; 3],
    shift: u32,
}

impl Last {
    fn new(unit: Unit) -> Last {
        let shift = if let Unit::Pages { shift } = unit { shift } else { 0 };
        Last { expected: [0; 3], sizes: [1, 1, 0], shift }
    }

    #[inline]
    fn remember(&mut self, access: &Access) {
        let kind = access.kind as usize;
        self.sizes[kind] = access.size;
        let behind = if access.kind == AccessKind::Execute && self.shift == 0 { access.size } else { 0 };
        self.expected[kind] = (access.address >> self.shift).wrapping_add(behind.into());
    }
}

pub(in crate::trace::access) struct Own {
    unit: Unit,
    comment: String,
    last: Last,
    /// Records still to come.
    left: u64,
    stated: u64,
    found: u64,
    ended: bool,
}

impl Own {
    pub(super) fn new(source: &mut Source<'_>) -> Result<Own, TraceError> {
        let header = read_header(source, TraceKind::Accesses)?;
        let undefined = Reason::Undefined { what: "flag word", number: header.flags.into() };
        let unit = match header.flags.to_le_bytes() {
            [0, 0] => Unit::Bytes,
            [1, shift @ 0..64] => Unit::Pages { shift: shift.into() },
            [2, 0] => Unit::Numbers,
            _ => return Err(source.byte_error(10, undefined)),
        };
        let (left, stated) = (header.records, header.count);
        Ok(Own { unit, comment: header.comment, last: Last::new(unit), left, stated, found: 0, ended: false })
    }

    #[inline]
    fn decode(&mut self, bytes: &[u8], at: &mut usize, batch: &mut AccessBatch) -> Result<(), Reason> {
        let &first = bytes.get(*at).ok_or(Reason::Truncated { what: WHAT })?;
        *at += 1;
        let kind = match first & 3 {
            0 => AccessKind::Read,
            1 => AccessKind::Write,
            2 => AccessKind::Execute,
            _ => return event(first, bytes, at, batch),
        };
        let mut step = u64::from(first >> 4);
        if step == ESCAPE {
            let more = varint(bytes, at, WHAT)?;
            step = more.checked_add(ESCAPE).ok_or(Reason::NumberTooLarge { field: WHAT })?;
        }
        let mut size = self.last.sizes[kind as usize];
        if first & HAS_SIZE != 0 {
            let stated = varint(bytes, at, WHAT)?;
            size = u32::try_from(stated).map_err(|_| Reason::SizeTooLarge { size: stated })?;
        }
        let mut count = 1;
        if first & HAS_COUNT != 0 {
            count = run_length(varint(bytes, at, WHAT)?.saturating_add(2))?;
        }
        let place = self.last.expected[kind as usize].wrapping_add(step >> 1 ^ (step & 1).wrapping_neg());
        let access = Access { address: page_address(place, self.last.shift)?, size, count, kind };
        self.last.remember(&access);
        self.found = self.found.saturating_add(count.into());
        batch.push(access);
        Ok(())
    }
}

#[cold]
fn event(first: u8, bytes: &[u8], at: &mut usize, batch: &mut AccessBatch) -> Result<(), Reason> {
    let code = usize::from(first >> 4);
    if code >= SpaceEvent::LENGTHS.len() || first & (HAS_COUNT | HAS_SIZE) != 0 {
        return Err(Reason::Undefined { what: WHAT, number: first.into() });
    }
    let mut numbers = [0; 4];
    for number in &mut numbers[..SpaceEvent::LENGTHS[code]] {
        *number = varint(bytes, at, WHAT)?;
    }
    batch.event(SpaceEvent::from_numbers(code, numbers))
}

impl Decoder for Own {
    fn unit(&self) -> Unit {
        self.unit
    }

    fn comment(&self) -> Option<&str> {
        Some(self.comment.as_str()).filter(|comment| !comment.is_empty())
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        let records = self.left.min(batch.room() as u64);
        decode_records(source, records, LONGEST_RECORD, |bytes, at| {
            self.decode(bytes, at, batch)?;
            Ok(true)
        })?;
        self.left -= records;
        if self.left > 0 || self.ended {
            return Ok(());
        }
        self.ended = true;
        read_end(source)?;
        if self.found != self.stated {
            let (stated, found) = (self.stated, self.found);
            return Err(source.byte_error(24, Reason::CountMismatch { what: "references", stated, found }));
        }
        Ok(())
    }
}

pub(in crate::trace::access) fn write(trace: &AccessTrace, output: &mut dyn Write) -> io::Result<()> {
    let flags = match trace.unit() {
        Unit::Bytes => [0, 0],
        Unit::Pages { shift } => [1, shift as u8],
        Unit::Numbers => [2, 0],
    };
    let references =
        trace.accesses().iter().fold(0u64, |sum, access| sum.saturating_add(access.count.into()));
    output.write_all(&container::header(&Header {
        kind: TraceKind::Accesses,
        flags: u16::from_le_bytes(flags),
        records: trace.accesses().len() as u64 + trace.events().len() as u64,
        count: references,
        comment: held_comment(trace.comment().unwrap_or_default()).to_owned(),
    }))?;

    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = Vec::with_capacity(1 << 16);
    let mut last = Last::new(trace.unit());
    let mut events = trace.events().iter().peekable();
    // One place more than there are accesses: for the events behind the last.
    for index in 0..=trace.accesses().len() {
        while let Some((_, event)) = events.next_if(|(before, _)| *before <= index) {
            let (code, numbers) = event.to_numbers();
            bytes.push(EVENT | (code as u8) << 4);
            numbers[..SpaceEvent::LENGTHS[code]].iter().for_each(|&number| put_varint(&mut bytes, number));
        }
        if let Some(access) = trace.accesses().get(index) {
            encode(&mut bytes, access, &mut last);
        }
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

fn encode(bytes: &mut Vec<u8>, access: &Access, last: &mut Last) {
    let kind = access.kind as usize;
    let step = (access.address >> last.shift).wrapping_sub(last.expected[kind]) as i64;
    let step = (step << 1 ^ step >> 63) as u64;
    let has_size = access.size != last.sizes[kind];
    let has_count = access.count > 1;
    let flags = if has_count { HAS_COUNT } else { 0 } | if has_size { HAS_SIZE } else { 0 };
    bytes.push(kind as u8 | flags | (step.min(ESCAPE) as u8) << 4);
    if step >= ESCAPE {
        put_varint(bytes, step - ESCAPE);
    }
    if has_size {
        put_varint(bytes, access.size.into());
    }
    if has_count {
        put_varint(bytes, u64::from(access.count) - 2);
    }
    last.remember(access);
}
