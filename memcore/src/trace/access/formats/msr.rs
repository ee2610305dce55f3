//! The block traces of MSR Cambridge (Narayanan, Donnelly and Rowstron, "Write Off-Loading: Practical Power
//! Management for Enterprise Storage", FAST 2008): CSV without a header line.
//!
//! ```text
//!   Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime
//!   128166372003061629,usr,0,Read,7014609920,24576,41286
//! ```
//!
//! Timestamp and ResponseTime count 100 ns, Type is `Read` or `Write`, Offset and Size are in bytes. The unit
//! is bytes: a request touches every page of its length.
//!
//! Pitfalls. Addresses of different disks of one file are told apart by nothing: each file of the collection
//! is of one disk. A header line is passed over.

use super::csv::number;
use super::{Decoder, lines};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

const HEADER: &[u8] = b"timestamp,hostname,disknumber,type,offset,size,responsetime";

/// Whether a line is one of this format's.
pub(crate) fn begins(line: &[u8]) -> bool {
    is_header(line) || parse(line).is_ok() && line.split(|&byte| byte == b',').count() == 7
}

fn is_header(line: &[u8]) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(HEADER)
}

pub(super) struct Msr;

impl Decoder for Msr {
    fn unit(&self) -> Unit {
        Unit::Bytes
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        lines(source, batch, |line, at, batch| {
            let passed_over = super::is_blank(line) || at == 1 && is_header(line);
            if !passed_over {
                batch.push(parse(line)?);
            }
            Ok(())
        })
    }
}

#[inline]
fn parse(line: &[u8]) -> Result<Access, Reason> {
    let mut fields = line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let mut next = |field| fields.next().ok_or(Reason::MissingField { field });
    number(next("timestamp")?, "timestamp")?;
    next("hostname")?;
    next("disk number")?;
    let kind = match next("type")? {
        word if word.eq_ignore_ascii_case(b"read") => AccessKind::Read,
        word if word.eq_ignore_ascii_case(b"write") => AccessKind::Write,
        _ => return Err(Reason::UnknownAccessKind),
    };
    let offset = number(next("offset")?, "offset")?;
    let size = number(next("size")?, "size")?;
    next("response time")?;
    let size = u32::try_from(size).map_err(|_| Reason::SizeTooLarge { size })?;
    Ok(Access::new(offset, size, kind))
}
