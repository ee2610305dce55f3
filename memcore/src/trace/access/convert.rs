//! Traces of accesses from one format to another, and what is lost on the way.
//!
//! ```text
//!   memcore     everything
//!   pgtr        pages alone: no places inside pages, no sizes; events are kept
//!   page-text   the same, in pages of 4096 bytes
//!   numbers     pages alone; no events; a line a reference, so that a run takes as many lines as it is long
//! ```
//!
//! The page formats write an access that spans pages as a reference to each, ascending, and equal
//! neighbours as one run.

use std::io::{self, Write};
use std::path::Path;

use super::access_trace::AccessTrace;
use super::formats::{numbers, own, page_text, pgtr};
use super::kind::AccessKind;
use super::types::{Access, SpaceEvent, Unit};
use crate::trace::convert::{Loss, LostKind, write_file};
use crate::trace::error::TraceError;
use crate::trace::format::Format;
use crate::trace::formats::container::held_comment;

impl AccessTrace {
    /// Writes the trace in `format`, uncompressed. O(references) for `numbers`, else O(accesses + pages that
    /// they span).
    ///
    /// ```
    /// use memcore::trace::{AccessTrace, Format, LostKind};
    ///
    /// let trace = AccessTrace::read_bytes(b"I  0401b770,1\n S 1fff000ffc,8\n")?;
    /// let mut text = Vec::new();
    /// let loss = trace.convert(Format::PageText, &mut text)?;
    /// assert_eq!(text, b"X 401b\nW 1fff000\nW 1fff001\n");
    /// assert_eq!(loss.count(LostKind::Place), 2);
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::NotWritable`] for a format of which accesses are not written, [`TraceError::Io`] from
    /// `output`.
    pub fn convert(&self, format: Format, output: &mut dyn Write) -> Result<Loss, TraceError> {
        let written = match format {
            Format::Memcore => own::write(self, output),
            Format::Pgtr => pgtr::write(self, output),
            Format::PageText => page_text::write(self, output),
            Format::Numbers => numbers::write(self, output),
            format => return Err(TraceError::NotWritable { format }),
        };
        written.map_err(|error| TraceError::Io { name: format.name().to_owned(), error })?;
        Ok(self.loss(format))
    }

    /// Writes the trace to a file in `format`, compressed as the name's ending says (`.gz`, `.xz`, `.zst`,
    /// anything else not). A file of that name is replaced.
    ///
    /// # Errors
    /// As [`convert`](Self::convert); the file may then be incomplete.
    pub fn save(&self, path: impl AsRef<Path>, format: Format) -> Result<Loss, TraceError> {
        if !format.holds_accesses() {
            return Err(TraceError::NotWritable { format });
        }
        write_file(path.as_ref(), |output| self.convert(format, output))
    }

    /// What `format` cannot hold of the trace.
    fn loss(&self, format: Format) -> Loss {
        let mut loss = Loss::default();
        let comment = self.comment().unwrap_or_default();
        if format == Format::Memcore {
            loss.add(LostKind::Comment, (comment.len() - held_comment(comment).len()) as u64);
            return loss;
        }
        let shift = written_shift(self.unit(), format);
        // A page recorded as such has size 1; anything else of a size had a place and an end.
        let placed = |access: &&Access| access.size > 1 || access.address & ((1 << shift) - 1) != 0;
        loss.add(
            LostKind::Place,
            self.accesses().iter().filter(placed).map(|access| u64::from(access.count)).sum(),
        );
        if format == Format::Numbers {
            loss.add(LostKind::SpaceEvent, self.events().len() as u64);
        }
        let kept = match (format, self.unit()) {
            (Format::Numbers, unit) => unit == Unit::Numbers,
            (_, unit) => unit == Unit::Pages { shift } || unit == Unit::Bytes,
        };
        if !kept {
            loss.add(LostKind::Unit, self.accesses().len() as u64);
        }
        loss.add(LostKind::Comment, comment.len() as u64);
        loss
    }
}

/// The base-two logarithm of the pages in which `format` holds a trace of `unit`.
fn written_shift(unit: Unit, format: Format) -> u32 {
    match (unit, format) {
        (Unit::Numbers, _) => 0,
        (Unit::Bytes, _) | (_, Format::PageText) => 12,
        (Unit::Pages { shift }, _) => shift,
    }
}

/// A run of references to one page, or an event.
pub(super) enum Item {
    Run { page: u64, kind: AccessKind, count: u64 },
    Event(SpaceEvent),
}

/// The page size with which a page format holds the trace.
pub(super) fn page_shift(trace: &AccessTrace, format: Format) -> u32 {
    written_shift(trace.unit(), format)
}

/// Calls `take` with each run and event in order, as `format` holds them. Equal neighbours are one run, of at
/// most 2^32 - 1.
pub(super) fn items(
    trace: &AccessTrace,
    format: Format,
    mut take: impl FnMut(Item) -> io::Result<()>,
) -> io::Result<()> {
    let shift = written_shift(trace.unit(), format);
    let single = match trace.unit() {
        Unit::Numbers => true,
        Unit::Pages { shift: recorded } => recorded == shift,
        Unit::Bytes => false,
    };
    let mut run: Option<(u64, AccessKind, u64)> = None;
    let mut events = trace.events().iter().peekable();
    for index in 0..=trace.accesses().len() {
        while let Some((_, event)) = events.next_if(|(before, _)| *before <= index) {
            if let Some((page, kind, count)) = run.take() {
                take(Item::Run { page, kind, count })?;
            }
            take(Item::Event(*event))?;
        }
        let Some(access) = trace.accesses().get(index) else { break };
        let first = access.address >> shift;
        let last = if single { first } else { access.last() >> shift };
        // All at once when there is one page, else a round over the pages for each access of the run.
        let (rounds, each) = if first == last { (1, access.count) } else { (access.count, 1) };
        for _ in 0..rounds {
            for page in first..=last {
                let each = u64::from(each);
                run = match run {
                    Some((same, kind, count))
                        if same == page && kind == access.kind && count + each <= u32::MAX.into() =>
                    {
                        Some((same, kind, count + each))
                    }
                    before => {
                        if let Some((page, kind, count)) = before {
                            take(Item::Run { page, kind, count })?;
                        }
                        Some((page, access.kind, each))
                    }
                };
            }
        }
    }
    match run {
        Some((page, kind, count)) => take(Item::Run { page, kind, count }),
        None => Ok(()),
    }
}
