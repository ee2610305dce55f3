//! DynamoRIO's memory traces (drmemtrace, drcachesim), final form: the records of one thread after
//! `raw2trace`, unpacked to plain bytes or in gzip or zstd.
//!
//! Records of 12 bytes, little-endian, packed, and nothing else:
//!
//! ```text
//!   0  u16  type       2  u16  size       4  u64  address
//!
//!   type  0, 47..   what                                    address             read as
//!      0            load                                    its address         a read
//!      1            store                                   its address         a write
//!     2..9, 32..46  prefetches by instruction               its address         nothing
//!    10..16, 31,    instructions, branches of all sorts,    its address         an instruction fetch
//!    48, 49         sysenter                                                    of size bytes
//!     17            a bundle: size more instructions        their lengths,      a fetch each, one behind
//!                                                           a byte each         the other
//!    18..21         flushes                                 their beginning     nothing
//!    22, 23, 24     thread, thread's exit, process          number              nothing
//!     25            header: the first record                version             nothing
//!     26            footer                                  0                   nothing
//!     27            prefetch by hardware                    its address         nothing
//!     28            marker, its sub-type in size            value               nothing
//!     29            an instruction that fetches nothing     its address         nothing
//!     30            one that may                            its address         an instruction fetch
//!     47            the encoding of an instruction          bytes               nothing
//! ```
//!
//! What is read as nothing is counted, the header, footer, markers, threads and encodings apart.
//!
//! Pitfalls. A trace of several threads is a folder of such files; each is a trace of its own. Files in zip
//! archives have to be taken out first. An instruction without a fetch (a later round of a string operation)
//! still has its loads and stores.

use super::{Decoder, fixed_records, long, word};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::input::source::Source;
use crate::trace::notes::{NoteKind, Notes};

const RECORD: usize = 12;
const HEADER: u16 = 25;
/// A bundle has the lengths of at most eight instructions.
const MOST: usize = 8;
/// No version is as high; the first with a header was 1.
const NEWEST: u64 = 32;

/// Whether content can be of this format: a header with a version.
pub(crate) fn begins(prefix: &[u8]) -> bool {
    prefix.first_chunk::<RECORD>().is_some_and(|record| {
        word(record, 0) & 0xffff == u32::from(HEADER) && (1..=NEWEST).contains(&long(record, 4))
    })
}

#[derive(Default)]
pub(super) struct Drmemtrace {
    /// The byte behind the last instruction.
    behind: u64,
    /// Records so far.
    records: u64,
}

impl Decoder for Drmemtrace {
    fn unit(&self) -> Unit {
        Unit::Bytes
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        notes: &mut Notes,
    ) -> Result<(), TraceError> {
        fixed_records::<RECORD>(source, batch, MOST, "record", |record, batch| {
            let at = self.records;
            self.records += 1;
            let (kind, size, address) = (word(record, 0) as u16, word(record, 0) >> 16, long(record, 4));
            match kind {
                0 => batch.push(Access::new(address, size, AccessKind::Read)),
                1 => batch.push(Access::new(address, size, AccessKind::Write)),
                10..=16 | 30 | 31 | 48 | 49 => self.fetch(address, size, batch),
                17 if size as usize > MOST => {
                    return Err(Reason::Undefined {
                        what: "bundle of this many instructions:",
                        number: size.into(),
                    });
                }
                17 => {
                    for &length in &address.to_le_bytes()[..size as usize] {
                        self.fetch(self.behind, length.into(), batch);
                    }
                }
                22..=26 | 28 | 47 => {}
                2..=9 | 18..=21 | 27 | 29 | 32..=46 => notes.add(NoteKind::OtherRecord, at),
                _ => return Err(Reason::Undefined { what: "record type", number: kind.into() }),
            }
            Ok(())
        })
    }
}

impl Drmemtrace {
    #[inline]
    fn fetch(&mut self, address: u64, size: u32, batch: &mut AccessBatch) {
        batch.push(Access::new(address, size, AccessKind::Execute));
        self.behind = address.wrapping_add(size.into());
    }
}
