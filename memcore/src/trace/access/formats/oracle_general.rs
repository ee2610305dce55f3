//! oracleGeneral: the binary form in which libCacheSim (Yang, Yue and Rashmi) and the caching community pass
//! traces of caches and block devices around, usually in zstd.
//!
//! Records of 24 bytes, little-endian, and nothing else:
//!
//! ```text
//!    0  u32  time in seconds
//!    4  u64  object
//!   12  u32  size in bytes
//!   16  i64  the number of the request that is the next for this object; -1 (or 2^63 - 1): none
//! ```
//!
//! An object is one page whatever its size, as caches of objects count; no kind is recorded, so all accesses
//! are reads. The next request is not used: it is computed from the trace where a policy needs it.
//!
//! Pitfalls. There is no mark at the beginning. Content is taken for this format when it holds a whole
//! record, and in each of the first 64 records the time is not below the one before and the next request is
//! one of the two marks or lies ahead. libCacheSim passes over requests of size 0 by default; here they are
//! requests.

use super::{Decoder, fixed_records, long, word};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::TraceError;
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

const RECORD: usize = 24;
/// Records that are looked at.
const TOLD_BY: usize = 64;
/// No trace is as long.
const FARTHEST: u64 = 1 << 48;

/// Whether content can be of this format.
pub(crate) fn begins(prefix: &[u8]) -> bool {
    let mut time = 0;
    let mut records = 0;
    for record in prefix.chunks_exact(RECORD).take(TOLD_BY).filter_map(<[u8]>::first_chunk::<RECORD>) {
        let (now, next) = (word(record, 0), long(record, 16));
        let ahead = next > records && next < FARTHEST;
        if now < time || !(ahead || next == u64::MAX || next == i64::MAX as u64) {
            return false;
        }
        time = now;
        records += 1;
    }
    records > 0
}

pub(super) struct OracleGeneral;

impl Decoder for OracleGeneral {
    fn unit(&self) -> Unit {
        Unit::Numbers
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        fixed_records::<RECORD>(source, batch, 1, "record", |record, batch| {
            batch.push(Access::new(long(record, 4), word(record, 12), AccessKind::Read));
            Ok(())
        })
    }
}
