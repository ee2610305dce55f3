//! lcs: libCacheSim's own binary form, versions 1 to 8, which adds a header to the records of
//! [oracleGeneral](super::oracle_general), and later operations, tenants, lifetimes and features.
//!
//! A header of 8192 bytes, little-endian, then records:
//!
//! ```text
//!      0  u64  0x123456789abcdef0
//!      8  u64  version
//!     16  8000 bytes of statistics: i64 version, i64 requests, i64 objects, ...
//!   8016  21 × u64, unused
//!   8184  u64  0x123456789abcdef0
//!
//!   version 1, 24 bytes     version 2, 28 bytes          version 3, 36 bytes
//!    0  u32  time            0  u32  time                 0  u32  time
//!    4  u64  object          4  u64  object               4  u64  object
//!   12  u32  size           12  u32  size                12  i64  size
//!   16  i64  next request   16  u8   operation           20  u8   operation
//!                           17  u24  tenant              21  u24  tenant
//!                           20  i64  next request        24  u32  lifetime
//!                                                        28  i64  next request
//!   versions 4, 5, 6, 7, 8: version 3 and then 1, 2, 4, 8, 16 features of u32
//! ```
//!
//! Operations: 3 set, 4 add, 5 compare-and-set, 6 replace, 7 append, 8 prepend, 10 increment, 11 decrement,
//! 13 write and 14 update are writes; all others, a delete (9) among them, are read as reads, so that there
//! are as many references as requests. An object is one page, whatever its size; a size above 2^32 - 1 is
//! held as that.
//!
//! An earlier lcs, whose header of 1024 bytes describes the fields by a format string, is refused: its second
//! mark stands elsewhere. The requests that the statistics state are not checked: files whose header was not filled in afterwards
//! state 0.

use super::{Decoder, fixed_records, long, word};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::formats::records::u64_at;
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

pub(crate) const MAGIC: [u8; 8] = 0x1234_5678_9abc_def0_u64.to_le_bytes();
const HEADER: usize = 8192;
const NEWEST: u64 = 8;

pub(super) struct Lcs {
    version: u64,
}

impl Lcs {
    pub(super) fn new(source: &mut Source<'_>) -> Result<Lcs, TraceError> {
        let header = source.peek(HEADER)?;
        if header.len() < HEADER {
            return Err(source.byte_error(0, Reason::Truncated { what: "header" }));
        }
        let version = u64_at(header, 8);
        for at in [0, HEADER - MAGIC.len()] {
            if header[at..at + MAGIC.len()] != MAGIC {
                let reason = Reason::Undefined { what: "mark", number: u64_at(header, at) };
                return Err(source.byte_error(at as u64, reason));
            }
        }
        if !(1..=NEWEST).contains(&version) {
            return Err(source.byte_error(8, Reason::UnsupportedVersion { version, newest: NEWEST }));
        }
        source.consume(HEADER);
        Ok(Lcs { version })
    }
}

impl Decoder for Lcs {
    fn unit(&self) -> Unit {
        Unit::Numbers
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        match self.version {
            1 => records::<24>(source, batch, Layout::First),
            2 => records::<28>(source, batch, Layout::Second),
            3 => records::<36>(source, batch, Layout::Third),
            4 => records::<40>(source, batch, Layout::Third),
            5 => records::<44>(source, batch, Layout::Third),
            6 => records::<52>(source, batch, Layout::Third),
            7 => records::<68>(source, batch, Layout::Third),
            _ => records::<100>(source, batch, Layout::Third),
        }
    }
}

/// Where the size and the operation stand.
#[derive(Clone, Copy)]
enum Layout {
    First,
    Second,
    Third,
}

#[inline]
fn records<const N: usize>(
    source: &mut Source<'_>,
    batch: &mut AccessBatch,
    layout: Layout,
) -> Result<(), TraceError> {
    fixed_records::<N>(source, batch, 1, "record", |record, batch| {
        let (size, operation) = match layout {
            Layout::First => (word(record, 12), 0),
            Layout::Second => (word(record, 12), record[16]),
            Layout::Third => (u32::try_from(long(record, 12)).unwrap_or(u32::MAX), record[20]),
        };
        let kind = match operation {
            3..=8 | 10 | 11 | 13 | 14 => AccessKind::Write,
            _ => AccessKind::Read,
        };
        batch.push(Access::new(long(record, 4), size, kind));
        Ok(())
    })
}
