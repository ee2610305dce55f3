//! The formats of accesses, one module each: what it is, who writes it, its grammar, its pitfalls.
//!
//! The modules hold documentation only, as far as the public sees; traces are read by
//! [`AccessReader`](super::AccessReader), [`AccessTrace`](super::AccessTrace) and
//! [`PageTrace`](crate::trace::PageTrace).

pub mod champsim;
pub mod csv;
pub mod dinero;
pub mod drmemtrace;
pub mod lackey;
pub mod lcs;
pub mod msr;
pub mod numbers;
pub mod oracle_general;
pub mod own;
pub mod page_text;
pub mod pgtr;
pub mod vscsi;

use super::options::AccessOptions;
use super::types::{AccessBatch, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::{Format, TELLING_PREFIX};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;
use crate::trace::trace_kind::TraceKind;

/// A reader of one format, which goes on where it stopped.
pub(super) trait Decoder {
    /// What the addresses count.
    fn unit(&self) -> Unit;

    /// The comment that the format carries.
    fn comment(&self) -> Option<&str> {
        None
    }

    /// Fills the batch, which is empty and has room for as much as it holds; leaves it empty at the end only.
    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        notes: &mut Notes,
    ) -> Result<(), TraceError>;
}

/// The reader for what `source` holds, and its format.
pub(super) fn decoder<'a>(
    source: &mut Source<'a>,
    options: &'a AccessOptions,
) -> Result<(Box<dyn Decoder + 'a>, Format), TraceError> {
    let prefix = source.peek(TELLING_PREFIX)?;
    let told = options.format.or_else(|| Format::of_content(prefix));
    let Some(format) = told else { return Err(source.unknown_format()?) };
    let decoder: Box<dyn Decoder> = match format {
        Format::Memcore => Box::new(own::Own::new(source)?),
        Format::PageText => Box::new(page_text::PageText),
        Format::Pgtr => Box::new(pgtr::Pgtr::new(source)?),
        Format::Lackey => Box::new(lackey::Lackey),
        Format::Numbers => Box::new(numbers::Numbers::new(source)?),
        Format::OracleGeneral => Box::new(oracle_general::OracleGeneral),
        Format::Dinero => Box::new(dinero::Dinero),
        Format::Csv => Box::new(csv::Csv::new(source, &options.columns)?),
        Format::Msr => Box::new(msr::Msr),
        Format::Lcs => Box::new(lcs::Lcs::new(source)?),
        Format::Vscsi => Box::new(vscsi::Vscsi::new(source)?),
        Format::Champsim => Box::new(champsim::Champsim),
        Format::Drmemtrace => Box::new(drmemtrace::Drmemtrace::default()),
        format => return Err(source.other_kind(format, TraceKind::Accesses)),
    };
    Ok((decoder, format))
}

/// Whether a line is blank or a comment.
#[inline]
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii_start().first().is_none_or(|&first| first == b'#')
}

/// Calls `parse` with each line and its number until the batch is full.
#[inline]
fn lines(
    source: &mut Source<'_>,
    batch: &mut AccessBatch,
    mut parse: impl FnMut(&[u8], u64, &mut AccessBatch) -> Result<(), Reason>,
) -> Result<(), TraceError> {
    while batch.room() > 0 && source.next_line()? {
        let at = source.line_number();
        parse(source.line(), at, batch).map_err(|reason| source.line_error(reason))?;
    }
    Ok(())
}

/// Calls `decode` with each record of `N` bytes while there are `most` records' room in the batch. Errors
/// carry the offset of the record.
#[inline]
fn fixed_records<const N: usize>(
    source: &mut Source<'_>,
    batch: &mut AccessBatch,
    most: usize,
    what: &'static str,
    mut decode: impl FnMut(&[u8; N], &mut AccessBatch) -> Result<(), Reason>,
) -> Result<(), TraceError> {
    while batch.room() >= most {
        let offset = source.offset();
        let window = source.peek(N)?;
        if window.len() < N {
            return match window.len() {
                0 => Ok(()),
                _ => Err(source.byte_error(offset, Reason::Truncated { what })),
            };
        }
        let mut done = 0;
        let mut failure = None;
        for record in window.chunks_exact(N).take(batch.room() / most) {
            // The chunks are of N bytes, so this always holds.
            let Some(record) = record.first_chunk::<N>() else { break };
            if let Err(reason) = decode(record, batch) {
                failure = Some(reason);
                break;
            }
            done += N;
        }
        if let Some(reason) = failure {
            return Err(source.byte_error(offset + done as u64, reason));
        }
        source.consume(done);
    }
    Ok(())
}

/// The little-endian number in the eight bytes of a record that begin at `at`.
#[inline]
fn long<const N: usize>(record: &[u8; N], at: usize) -> u64 {
    record.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The little-endian number in the four bytes of a record that begin at `at`.
#[inline]
fn word<const N: usize>(record: &[u8; N], at: usize) -> u32 {
    record.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
