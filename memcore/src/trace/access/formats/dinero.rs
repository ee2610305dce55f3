//! Dinero's traditional input ("din"), which Hill's cache simulators DineroIII and DineroIV read and many
//! teaching tools write.
//!
//! ```text
//!   0 ADDRESS [...]      a load              ADDRESS hexadecimal, with 0x or without
//!   1 ADDRESS [...]      a store             what follows on the line is a comment
//!   2 ADDRESS [...]      an instruction fetch
//!   3 ADDRESS [...]      no access (an unknown one, or a remark): passed over and counted
//!   4 ADDRESS [...]      no access (a flush of the cache): passed over and counted
//! ```
//!
//! No sizes are recorded; an access touches one byte.
//!
//! Pitfall. A list of numbers with something behind each could look alike, so content is taken for this
//! format only when its first line is such a label, an address that is hexadecimal throughout, and more
//! after it only behind white space.

use super::{Decoder, lines};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::input::fields::{Fields, hex};
use crate::trace::input::source::Source;
use crate::trace::notes::{NoteKind, Notes};

/// Whether a line is one of this format's.
pub(crate) fn begins(line: &[u8]) -> bool {
    matches!(parse(line), Ok(Line::Access(_) | Line::Escape))
}

pub(super) struct Dinero;

impl Decoder for Dinero {
    fn unit(&self) -> Unit {
        Unit::Bytes
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        notes: &mut Notes,
    ) -> Result<(), TraceError> {
        lines(source, batch, |line, at, batch| {
            match parse(line)? {
                Line::Access(access) => batch.push(access),
                Line::Escape => notes.add(NoteKind::OtherLine, at),
                Line::Blank => {}
            }
            Ok(())
        })
    }
}

enum Line {
    Access(Access),
    Escape,
    Blank,
}

#[inline]
fn parse(line: &[u8]) -> Result<Line, Reason> {
    let mut fields = Fields::new(line);
    let kind = match fields.next() {
        Some(b"0") => Some(AccessKind::Read),
        Some(b"1") => Some(AccessKind::Write),
        Some(b"2") => Some(AccessKind::Execute),
        Some(b"3" | b"4") => None,
        Some([b'#', ..]) | None => return Ok(Line::Blank),
        Some(_) => return Err(Reason::UnknownOperation),
    };
    let field = fields.next().ok_or(Reason::MissingField { field: "address" })?;
    let digits = field.strip_prefix(b"0x").or_else(|| field.strip_prefix(b"0X")).unwrap_or(field);
    let address = hex(digits, "address")?;
    Ok(match kind {
        Some(kind) => Line::Access(Access::new(address, 1, kind)),
        None => Line::Escape,
    })
}
