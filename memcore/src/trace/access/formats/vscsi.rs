//! The block traces of VMware's vscsiStats, both versions, as libCacheSim and the CloudPhysics traces have
//! them (Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST 2015, is measured on these).
//!
//! Records, little-endian, and nothing else:
//!
//! ```text
//!   version 1, 32 bytes               version 2, 40 bytes
//!    0  u32  serial number             0  u16  SCSI command
//!    4  u32  length in bytes           2  u16  version: 2 in the high byte
//!    8  u32  scatter-gather elements   4  u32  serial number
//!   12  u16  SCSI command              8  u32  length in bytes
//!   14  u16  version: 1 in the high   12  u32  scatter-gather elements
//!            byte                     16  u64  first block, of 512 bytes
//!   16  u64  first block               24  u64  time in microseconds
//!   24  u64  time in microseconds     32  u64  response time
//! ```
//!
//! The SCSI commands WRITE (0x0a, 0x2a, 0xaa, 0x8a) and WRITE AND VERIFY (0x2e, 0xae, 0x8e) are writes, all
//! others are read as reads.
//!
//! The unit is pages of 512 bytes. At that size, which is the default, each record is one reference to its
//! first block, as cache simulators count; at any other, a record touches every page of its length.
//!
//! Pitfall. There is no mark at the beginning. Content is taken for this format when it holds two records and
//! the version stands in each of the first 64.

use super::{Decoder, fixed_records, long, word};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

const FIRST: usize = 32;
const SECOND: usize = 40;
/// Records that are looked at.
const TOLD_BY: usize = 64;
const SECTOR_SHIFT: u32 = 9;

/// Whether content can be of this format.
pub(crate) fn begins(prefix: &[u8]) -> bool {
    version(prefix).is_some()
}

/// The version of content that begins so.
fn version(prefix: &[u8]) -> Option<u8> {
    let told = |length: usize, at: usize, version: u8| {
        let mut records = prefix.chunks_exact(length).take(TOLD_BY);
        records.len() >= 2 && records.all(|record| record[at] == version)
    };
    match () {
        () if told(SECOND, 3, 2) => Some(2),
        () if told(FIRST, 15, 1) => Some(1),
        () => None,
    }
}

pub(super) struct Vscsi {
    version: u8,
}

impl Vscsi {
    pub(super) fn new(source: &mut Source<'_>) -> Result<Vscsi, TraceError> {
        match version(source.peek(TOLD_BY * SECOND)?) {
            Some(version) => Ok(Vscsi { version }),
            None => Err(source.byte_error(0, Reason::UnknownOperation)),
        }
    }
}

impl Decoder for Vscsi {
    fn unit(&self) -> Unit {
        Unit::Pages { shift: SECTOR_SHIFT }
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        match self.version {
            1 => fixed_records::<FIRST>(source, batch, 1, "record", |record, batch| {
                request(word(record, 12), long(record, 16), word(record, 4), batch)
            }),
            _ => fixed_records::<SECOND>(source, batch, 1, "record", |record, batch| {
                request(word(record, 0), long(record, 16), word(record, 8), batch)
            }),
        }
    }
}

/// Takes a request; the command is the low half of `command`.
#[inline]
fn request(command: u32, block: u64, length: u32, batch: &mut AccessBatch) -> Result<(), Reason> {
    let kind = match command & 0xffff {
        0x0a | 0x2a | 0xaa | 0x8a | 0x2e | 0xae | 0x8e => AccessKind::Write,
        _ => AccessKind::Read,
    };
    let address = super::page_text::page_address(block, SECTOR_SHIFT)?;
    batch.push(Access::new(address, length, kind));
    Ok(())
}
