//! PGTR version 1: the binary form of [page text](super::page_text), a third of its size when compressed.
//!
//! All integers are little-endian; a *varint* is unsigned LEB128 (seven bits a byte, low first).
//!
//! ```text
//!   0  "PGTR"
//!   4  u32  version, 1
//!   8  u32  page shift: the base-two logarithm of the page size
//!  12  u32  flags: 1 data only (no instruction fetches), 2 has events
//!  16  u64  references            the sum of all counts
//!  24  u64  runs
//!  32  u64  distinct pages
//!  40  u64  events
//!  48  16 zero bytes
//!  64  runs + events items, one after the other, each beginning with a varint V:
//!
//!      V & 3 = 0 read, 1 write, 2 fetch:   a run
//!         V & 4      a varint follows, COUNT - 2; else COUNT is 1
//!         V >> 3     zigzag of the page minus the page of the run before of the same class
//!                    (classes: data, instructions; both begin at page 0)
//!      V & 3 = 3:    an event
//!         V >> 3     0 mmap, 1 munmap, 2 mprotect, 3 brk, 4 mremap
//!                    then its 4, 2, 3, 1 or 4 numbers as varints
//! ```
//!
//! Zigzag maps 0, -1, 1, -2, ... to 0, 1, 2, 3, ... so that steps back are as short as steps ahead.
//!
//! Pitfalls. There is no checksum: a reader checks the references stated against those found, and that the
//! file ends where it should. V has 61 bits for a step, so keys that lie farther apart cannot be written. The number of distinct pages is not checked, for a streaming reader does not
//! know it. The pages of events are of 4096 bytes, whatever the shift.

use std::io::{self, Write};

use super::Decoder;
use super::page_text::{page_address, run_length};
use crate::trace::access::access_trace::AccessTrace;
use crate::trace::access::convert::{Item, items, page_shift};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, SpaceEvent, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::formats::records::{decode_records, u32_at, u64_at};
use crate::trace::input::fields::{VARINT_BYTES, put_varint, varint};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;
use crate::trace::numbering::Numbering;

pub(crate) const MAGIC: [u8; 4] = *b"PGTR";
const VERSION: u32 = 1;
const HEADER: usize = 64;
const FLAGS: u32 = 3;
const EVENT: u64 = 3;
const HAS_COUNT: u64 = 4;
/// A kind and four numbers.
const LONGEST_ITEM: usize = 5 * VARINT_BYTES;
const WHAT: &str = "item";

pub(super) struct Pgtr {
    shift: u32,
    /// Items still to come.
    left: u64,
    stated: u64,
    found: u64,
    /// The page of the run before, for data and for instructions.
    pages: [u64; 2],
}

impl Pgtr {
    pub(super) fn new(source: &mut Source<'_>) -> Result<Pgtr, TraceError> {
        let header = source.peek(HEADER)?;
        if header.len() < HEADER {
            return Err(source.byte_error(0, Reason::Truncated { what: "header" }));
        }
        let (version, shift, flags) = (u32_at(header, 4), u32_at(header, 8), u32_at(header, 12));
        let [stated, runs, events] = [16, 24, 40].map(|at| u64_at(header, at));
        if header[..4] != MAGIC {
            return Err(source.byte_error(0, Reason::UnknownOperation));
        }
        if version != VERSION {
            let reason = Reason::UnsupportedVersion { version: version.into(), newest: VERSION.into() };
            return Err(source.byte_error(4, reason));
        }
        if shift > 63 {
            return Err(source.byte_error(8, Reason::Undefined { what: "page shift", number: shift.into() }));
        }
        if flags & !FLAGS != 0 {
            return Err(source.byte_error(12, Reason::Undefined { what: "flag word", number: flags.into() }));
        }
        source.consume(HEADER);
        // More items than 2^64 - 1 cannot be in any file; the sum then only has to be unreachable.
        Ok(Pgtr { shift, left: runs.saturating_add(events), stated, found: 0, pages: [0; 2] })
    }

    #[inline]
    fn decode(&mut self, bytes: &[u8], at: &mut usize, batch: &mut AccessBatch) -> Result<(), Reason> {
        let first = varint(bytes, at, WHAT)?;
        let step = first >> 3;
        let kind = match first & 3 {
            0 => AccessKind::Read,
            1 => AccessKind::Write,
            2 => AccessKind::Execute,
            _ => return event(first, bytes, at, batch),
        };
        let page = &mut self.pages[usize::from(kind == AccessKind::Execute)];
        *page = page.wrapping_add(step >> 1 ^ (step & 1).wrapping_neg());
        let address = page_address(*page, self.shift)?;
        let count = match first & HAS_COUNT {
            0 => 1,
            _ => run_length(varint(bytes, at, WHAT)?.saturating_add(2))?,
        };
        self.found = self.found.saturating_add(count.into());
        batch.push(Access { address, size: 1, count, kind });
        Ok(())
    }
}

#[cold]
fn event(first: u64, bytes: &[u8], at: &mut usize, batch: &mut AccessBatch) -> Result<(), Reason> {
    let code = (first >> 3) as usize;
    if code >= SpaceEvent::LENGTHS.len() || first & HAS_COUNT != 0 {
        return Err(Reason::Undefined { what: "item", number: first });
    }
    let mut numbers = [0; 4];
    for number in &mut numbers[..SpaceEvent::LENGTHS[code]] {
        *number = varint(bytes, at, WHAT)?;
    }
    batch.event(SpaceEvent::from_numbers(code, numbers))
}

impl Decoder for Pgtr {
    fn unit(&self) -> Unit {
        Unit::Pages { shift: self.shift }
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        let items = self.left.min(batch.room() as u64);
        decode_records(source, items, LONGEST_ITEM, |bytes, at| {
            self.decode(bytes, at, batch)?;
            Ok(true)
        })?;
        self.left -= items;
        if self.left > 0 {
            return Ok(());
        }
        let end = source.offset();
        if !source.peek(1)?.is_empty() {
            return Err(source.byte_error(end, Reason::TrailingBytes));
        }
        if self.found != self.stated {
            let (stated, found) = (self.stated, self.found);
            return Err(source.byte_error(16, Reason::CountMismatch { what: "references", stated, found }));
        }
        Ok(())
    }
}

/// Steps in both directions as numbers from 0: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
fn zigzag(step: u64) -> u64 {
    let step = step as i64;
    (step << 1 ^ step >> 63) as u64
}

pub(in crate::trace::access) fn write(trace: &AccessTrace, output: &mut dyn Write) -> io::Result<()> {
    let shift = page_shift(trace, Format::Pgtr);
    let (mut references, mut runs, mut fetches) = (0u64, 0u64, false);
    let mut pages = Numbering::new();
    let mut last = [0u64; 2];
    items(trace, Format::Pgtr, |item| {
        if let Item::Run { page, kind, count } = item {
            references = references.saturating_add(count);
            runs += 1;
            fetches |= kind == AccessKind::Execute;
            let last = &mut last[usize::from(kind == AccessKind::Execute)];
            if zigzag(page.wrapping_sub(*last)) >> 61 != 0 {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    Reason::StepTooLarge { from: *last, to: page },
                ));
            }
            *last = page;
            pages.number(page).map_err(|reason| io::Error::new(io::ErrorKind::OutOfMemory, reason))?;
        }
        Ok(())
    })?;
    let events = trace.events().len() as u64;
    let flags = u32::from(!fetches) | u32::from(events > 0) << 1;
    let mut bytes = Vec::with_capacity(1 << 16);
    bytes.extend_from_slice(&MAGIC);
    for number in [VERSION, shift, flags] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for number in [references, runs, pages.keys().len() as u64, events, 0, 0] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let mut last = [0u64; 2];
    items(trace, Format::Pgtr, |item| {
        match item {
            Item::Run { page, kind, count } => {
                let last = &mut last[usize::from(kind == AccessKind::Execute)];
                let step = zigzag(page.wrapping_sub(*last));
                *last = page;
                let count_flag = if count > 1 { HAS_COUNT } else { 0 };
                put_varint(&mut bytes, step << 3 | count_flag | kind as u64);
                if count > 1 {
                    put_varint(&mut bytes, count - 2);
                }
            }
            Item::Event(event) => {
                let (code, numbers) = event.to_numbers();
                put_varint(&mut bytes, (code as u64) << 3 | EVENT);
                numbers[..SpaceEvent::LENGTHS[code]]
                    .iter()
                    .for_each(|&number| put_varint(&mut bytes, number));
            }
        }
        if bytes.len() >= (1 << 16) - 2 * LONGEST_ITEM {
            output.write_all(&bytes)?;
            bytes.clear();
        }
        Ok(())
    })?;
    output.write_all(&bytes)
}
