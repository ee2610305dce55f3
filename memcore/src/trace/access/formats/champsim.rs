//! ChampSim's instruction traces, usually in xz or gzip: one record an executed instruction.
//!
//! Records of 64 bytes, little-endian, and nothing else:
//!
//! ```text
//!    0  u64     address of the instruction
//!    8  u8      1: a branch
//!    9  u8      1: a branch taken
//!   10  2 × u8  registers written; 0: none
//!   12  4 × u8  registers read
//!   16  2 × u64 addresses written; 0: none
//!   32  4 × u64 addresses read
//! ```
//!
//! Each record gives the instruction fetch, the loads, then the stores. Lengths are not recorded; an access
//! touches one byte.
//!
//! Pitfalls. There is no mark at the beginning. Content is taken for this format when it holds one whole record
//! or more than one, and in each of the first 64 records the two flags are 0 or 1, a branch that is none is not
//! taken, and the instruction's address is canonical and not in the first 4 KiB, where nothing is mapped. Addresses of 0 cannot be
//! told from absent ones. The wider records of the CloudSuite traces are another format.

use super::{Decoder, fixed_records, long};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::TraceError;
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

const RECORD: usize = 64;
/// Records that are looked at.
const TOLD_BY: usize = 64;
/// A fetch, four loads, two stores.
const MOST: usize = 7;

/// Whether content can be of this format.
pub(crate) fn begins(prefix: &[u8]) -> bool {
    let records = || prefix.chunks_exact(RECORD).take(TOLD_BY).filter_map(<[u8]>::first_chunk::<RECORD>);
    (prefix.len() == RECORD || prefix.len() >= 2 * RECORD)
        && records().all(|record| {
            let (address, branch, taken) = (long(record, 0), record[8], record[9]);
            // A canonical address has all bits above the 57th equal.
            let canonical = matches!(address >> 57, 0 | 0x7f) && address >= 4096;
            canonical && branch <= 1 && taken <= branch
        })
}

pub(super) struct Champsim;

impl Decoder for Champsim {
    fn unit(&self) -> Unit {
        Unit::Bytes
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        fixed_records::<RECORD>(source, batch, MOST, "record", |record, batch| {
            batch.push(Access::new(long(record, 0), 1, AccessKind::Execute));
            for (places, kind) in [(32..64, AccessKind::Read), (16..32, AccessKind::Write)] {
                for address in places.step_by(8).map(|at| long(record, at)).filter(|&address| address != 0) {
                    batch.push(Access::new(address, 1, kind));
                }
            }
            Ok(())
        })
    }
}
