//! Plain lists: one number a line, the form of exercises, of scripts and of a first try.
//!
//! ```text
//!   # comment            a line that begins with '#', and blank lines, are passed over
//!   7                    decimal
//!   0x1f40               hexadecimal
//!   1f40                 hexadecimal too, when the list is one of bare hexadecimal numbers
//!   W 0x1f40             a kind before the number: R (or L), W (or S, M), X (or I, F), upper or lower case;
//!   7 W                  or after it; none: a read
//! ```
//!
//! The numbers are pages already: a list of addresses is read with a page size.
//!
//! Whether bare digits are decimal or hexadecimal is decided once, for the whole list: when a number without
//! `0x` in its first 64 KiB has one of the digits a to f, all numbers without `0x` are hexadecimal. A list
//! whose first such digit comes later ends with an error at that line.
//!
//! Pitfalls. A header of a malloclab trace is a list of numbers too; a line that only such a trace has (`a 0
//! 512`) decides. A kind in a capital letter before a bare number (`R 401`) is [page text](super::page_text),
//! whose numbers are hexadecimal.

use std::io::{self, Write};

use super::{Decoder, lines};
use crate::trace::access::access_trace::AccessTrace;
use crate::trace::access::convert::{Item, items};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::{Format, TELLING_PREFIX, whole_lines};
use crate::trace::input::fields::{Fields, decimal, hex};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

pub(super) struct Numbers {
    bare_hexadecimal: bool,
}

/// Whether a line is one of this format's, a number being decimal or hexadecimal.
pub(crate) fn begins(line: &[u8]) -> bool {
    [false, true].iter().any(|&hexadecimal| parse(line, hexadecimal).is_ok_and(|access| access.is_some()))
}

impl Numbers {
    pub(super) fn new(source: &mut Source<'_>) -> Result<Numbers, TraceError> {
        let prefix = source.peek(TELLING_PREFIX)?;
        let bare_hexadecimal = whole_lines(prefix).any(|line| {
            parse(line, false).is_err() && parse(line, true).is_ok_and(|access| access.is_some())
        });
        Ok(Numbers { bare_hexadecimal })
    }
}

impl Decoder for Numbers {
    fn unit(&self) -> Unit {
        Unit::Numbers
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        lines(source, batch, |line, _, batch| {
            if let Some(access) = parse(line, self.bare_hexadecimal)? {
                batch.push(access);
            }
            Ok(())
        })
    }
}

#[inline]
fn parse(line: &[u8], bare_hexadecimal: bool) -> Result<Option<Access>, Reason> {
    let mut fields = Fields::new(line);
    let Some(mut field) = fields.next() else { return Ok(None) };
    if field[0] == b'#' {
        return Ok(None);
    }
    let mut kind = None;
    // A kind's letter alone: of the digits of hexadecimal numbers only F is one, and never stands first.
    if !field[0].is_ascii_digit() && field.len() == 1 && !(bare_hexadecimal && field[0].is_ascii_hexdigit()) {
        kind = Some(kind_of(field)?);
        field = fields.next().ok_or(Reason::MissingField { field: "number" })?;
    }
    let number = match field {
        [b'0', b'x' | b'X', digits @ ..] => hex(digits, "number")?,
        digits if bare_hexadecimal => hex(digits, "number")?,
        digits => decimal(digits, "number")?,
    };
    let kind = match (kind, fields.next()) {
        (Some(_), Some(_)) => return Err(Reason::ExtraField),
        (Some(kind), None) => kind,
        (None, Some(field)) => kind_of(field)?,
        (None, None) => AccessKind::Read,
    };
    fields.end()?;
    Ok(Some(Access::new(number, 1, kind)))
}

/// The kind that a letter or word names, in either case.
#[inline]
pub(super) fn kind_of(field: &[u8]) -> Result<AccessKind, Reason> {
    const WORDS: [(&[u8], AccessKind); 26] = [
        (b"r", AccessKind::Read),
        (b"w", AccessKind::Write),
        (b"x", AccessKind::Execute),
        (b"l", AccessKind::Read),
        (b"s", AccessKind::Write),
        (b"m", AccessKind::Write),
        (b"i", AccessKind::Execute),
        (b"f", AccessKind::Execute),
        (b"read", AccessKind::Read),
        (b"load", AccessKind::Read),
        (b"get", AccessKind::Read),
        (b"gets", AccessKind::Read),
        (b"write", AccessKind::Write),
        (b"store", AccessKind::Write),
        (b"modify", AccessKind::Write),
        (b"put", AccessKind::Write),
        (b"set", AccessKind::Write),
        (b"add", AccessKind::Write),
        (b"replace", AccessKind::Write),
        (b"update", AccessKind::Write),
        (b"execute", AccessKind::Execute),
        (b"exec", AccessKind::Execute),
        (b"fetch", AccessKind::Execute),
        (b"instr", AccessKind::Execute),
        (b"ifetch", AccessKind::Execute),
        (b"instruction", AccessKind::Execute),
    ];
    WORDS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(field))
        .map(|&(_, kind)| kind)
        .ok_or(Reason::UnknownAccessKind)
}

/// Writes a decimal number a line, the kind behind it unless it is a read. Events have no place.
pub(in crate::trace::access) fn write(trace: &AccessTrace, output: &mut dyn Write) -> io::Result<()> {
    let mut output = io::BufWriter::with_capacity(1 << 16, output);
    items(trace, Format::Numbers, |item| {
        let Item::Run { page, kind, count } = item else { return Ok(()) };
        for _ in 0..count {
            match kind {
                AccessKind::Read => writeln!(output, "{page}")?,
                AccessKind::Write => writeln!(output, "{page} W")?,
                AccessKind::Execute => writeln!(output, "{page} X")?,
            }
        }
        Ok(())
    })?;
    output.flush()
}
