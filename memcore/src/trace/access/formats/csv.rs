//! CSV with a header line that names the columns.
//!
//! ```text
//!   time,op,address,size
//!   0,read,0x7ffc1000,8
//! ```
//!
//! Fields are separated by commas, semicolons or tabs, whichever the header line has; they may stand in
//! quotation marks, and white space around them does not count. Numbers are decimal, or hexadecimal with
//! `0x`. Columns are found by these names, in upper or lower case, the first in this order that the header
//! has:
//!
//! ```text
//!   addresses  address, addr, vaddr, offset              bytes
//!              page, vpn, block, lba, lbn, sector,       numbers, which are pages already
//!              obj_id, object_id, object, key, id, number
//!   sizes      size, length, len, bytes, obj_size, count_bytes       absent: 1
//!   kinds      op, operation, type, kind, rw, access                 absent: reads
//! ```
//!
//! A kind is `r`, `w`, `x` or a word such as `read`, `store`, `get`, `set`, `fetch`, in any case; `0` and `1`
//! are read and write. Other columns are not looked at, and [`Columns`] names others where a file does.
//!
//! Pitfalls. A number below 1 or with a point is no page and is an error with its line, as are keys that are
//! text. A line may have fewer fields than the header when the columns in use are there.

use super::numbers::kind_of;
use super::{Decoder, lines};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::options::Columns;
use crate::trace::access::types::{Access, AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::input::fields::{decimal, hex};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

const BYTES: [&str; 4] = ["address", "addr", "vaddr", "offset"];
const NUMBERS: [&str; 12] =
    ["page", "vpn", "block", "lba", "lbn", "sector", "obj_id", "object_id", "object", "key", "id", "number"];
const SIZES: [&str; 6] = ["size", "length", "len", "bytes", "obj_size", "count_bytes"];
const KINDS: [&str; 6] = ["op", "operation", "type", "kind", "rw", "access"];
const SEPARATORS: [u8; 3] = *b",;\t";

/// Whether a line can be a header: separated names, one of which is a known name of addresses.
pub(crate) fn begins(line: &[u8]) -> bool {
    let Some(separator) = separator_of(line) else { return false };
    let names = || line.split(|&byte| byte == separator).map(plain);
    let known =
        |name: &[u8]| BYTES.iter().chain(&NUMBERS).any(|known| known.as_bytes().eq_ignore_ascii_case(name));
    names().any(known) && names().all(|name| !name.first().is_some_and(u8::is_ascii_digit))
}

fn separator_of(line: &[u8]) -> Option<u8> {
    SEPARATORS.into_iter().find(|separator| line.contains(separator))
}

/// A field without white space and quotation marks around it.
#[inline]
fn plain(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    match field {
        [b'"', inside @ .., b'"'] => inside.trim_ascii(),
        field => field,
    }
}

pub(super) struct Csv {
    separator: u8,
    address: usize,
    size: Option<usize>,
    kind: Option<usize>,
    /// The last column in use.
    last: usize,
    unit: Unit,
}

impl Csv {
    pub(super) fn new(source: &mut Source<'_>, columns: &Columns) -> Result<Csv, TraceError> {
        loop {
            if !source.next_line()? {
                return Err(source.line_error(Reason::MissingField { field: "header line" }));
            }
            if !super::is_blank(source.line()) {
                break;
            }
        }
        Csv::of_header(source.line(), columns).map_err(|reason| source.line_error(reason))
    }

    fn of_header(line: &[u8], columns: &Columns) -> Result<Csv, Reason> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        // A file of one column has no separator.
        let separator = separator_of(line).unwrap_or(b',');
        let names: Vec<&[u8]> = line.split(|&byte| byte == separator).map(plain).collect();
        let known = BYTES.iter().chain(&NUMBERS).copied();
        let address = column(&names, columns.address.as_deref(), known)?;
        let address = address.ok_or(Reason::Column { name: "address".to_owned(), found: 0 })?;
        let size = column(&names, columns.size.as_deref(), SIZES.into_iter())?;
        let kind = column(&names, columns.kind.as_deref(), KINDS.into_iter())?;
        let is_bytes = BYTES.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(names[address]));
        let unit = columns.unit.unwrap_or(if is_bytes { Unit::Bytes } else { Unit::Numbers });
        let last = address.max(size.unwrap_or(0)).max(kind.unwrap_or(0));
        Ok(Csv { separator, address, size, kind, last, unit })
    }

    #[inline]
    fn parse(&self, line: &[u8]) -> Result<Option<Access>, Reason> {
        if super::is_blank(line) {
            return Ok(None);
        }
        let (mut address, mut size, mut kind) = (None, 1, AccessKind::Read);
        for (index, field) in line.split(|&byte| byte == self.separator).enumerate().take(self.last + 1) {
            let field = plain(field);
            if field.first() == Some(&b'"') {
                return Err(Reason::OpenQuotation);
            }
            if index == self.address {
                address = Some(number(field, "address")?);
            } else if Some(index) == self.size {
                let bytes = number(field, "size")?;
                size = u32::try_from(bytes).map_err(|_| Reason::SizeTooLarge { size: bytes })?;
            } else if Some(index) == self.kind {
                kind = match field {
                    b"0" => AccessKind::Read,
                    b"1" => AccessKind::Write,
                    word => kind_of(word)?,
                };
            }
        }
        let address = address.ok_or(Reason::MissingField { field: "address" })?;
        let address = match self.unit {
            Unit::Pages { shift } => super::page_text::page_address(address, shift)?,
            Unit::Bytes | Unit::Numbers => address,
        };
        Ok(Some(Access::new(address, size, kind)))
    }
}

/// The column of the name given, or else of the first known name that there is.
fn column<'a>(
    names: &[&[u8]],
    given: Option<&str>,
    known: impl Iterator<Item = &'a str>,
) -> Result<Option<usize>, Reason> {
    let places = |name: &str| {
        let mut places =
            names.iter().enumerate().filter(|(_, other)| name.as_bytes().eq_ignore_ascii_case(other));
        (places.next().map(|(place, _)| place), places.count())
    };
    let wanted = match given {
        Some(name) => Some(name),
        None => known.into_iter().find(|name| places(name).0.is_some()),
    };
    let Some(name) = wanted else { return Ok(None) };
    match places(name) {
        (Some(place), 0) => Ok(Some(place)),
        (first, more) => {
            Err(Reason::Column { name: name.to_owned(), found: usize::from(first.is_some()) + more })
        }
    }
}

/// A decimal number, or a hexadecimal one with `0x`.
#[inline]
pub(super) fn number(text: &[u8], field: &'static str) -> Result<u64, Reason> {
    match text {
        [b'0', b'x' | b'X', digits @ ..] => hex(digits, field),
        digits => decimal(digits, field),
    }
}

impl Decoder for Csv {
    fn unit(&self) -> Unit {
        self.unit
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        lines(source, batch, |line, _, batch| {
            if let Some(access) = self.parse(line)? {
                batch.push(access);
            }
            Ok(())
        })
    }
}
