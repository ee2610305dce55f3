//! The malloclab `.rep` text: the traces of the CMU malloc lab and of everybody who borrowed from it.
//!
//! A header of two or four lines of one number each, then one operation a line:
//!
//! ```text
//!   two lines     four lines, old      four lines, new
//!   ids           heap size            weight
//!   operations    ids                  ids
//!                 operations           operations
//!                 weight               peak live bytes
//!
//!   [THREAD] a ID SIZE [ALIGNMENT]     malloc (or an aligned allocation)
//!   [THREAD] r ID SIZE                 realloc; the block keeps its id
//!   [THREAD] f ID                      free
//! ```
//!
//! Pitfalls, all of which occur in files that people have:
//!
//! * The two four-line forms have the same shape, and nothing in them says which it is. Both have the ids in
//!   the second line and the operations in the third, so this reader takes those two and believes neither the
//!   first line nor the fourth: stated peaks are wrong in well-known files.
//! * The counts of ids and operations are advice: where they differ from the body, the body is taken and a
//!   note is made.
//! * Line ends may be `\r\n`, and blank lines occur.
//! * An ID may be used again after its free (each allocation gets an id of its own here), or even while live
//!   (the old block stays live for ever). An operation on an ID that is not live stays in the trace as it is,
//!   so that a replay skips and counts it.
//! * Blocks may stay live at the end ("unbalanced"); sizes are anything up to 2^64 - 1, also 0.
//! * A realloc to size 0 is a free.
//! * calloc is written as malloc. The alignment and the thread are extensions; a reader of the lab's own
//!   form has to ignore the third number. The thread stands before the operation, in all lines or in some.

use std::io::{self, Write};

use crate::trace::alloc_trace::AllocTrace;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::EventKind;
use crate::trace::format::Format;
use crate::trace::input::fields::{Fields, decimal};
use crate::trace::input::source::Source;
use crate::trace::keyed::NumberedBuilder;
use crate::trace::notes::NoteKind;

/// Lines of the longer header.
pub(crate) const LONGEST_HEADER: usize = 4;

/// Whether a first line is one decimal number.
pub(crate) fn begins(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(u8::is_ascii_digit)
}

/// Whether a line is an operation by its letter and the number of its fields.
pub(crate) fn is_operation(line: &[u8]) -> bool {
    let mut fields = Fields::new(line);
    let mut name = fields.next().unwrap_or_default();
    if name.first().is_some_and(u8::is_ascii_digit) {
        name = fields.next().unwrap_or_default();
    }
    let mut numbers = 0;
    while fields.next().is_some() {
        numbers += 1;
    }
    matches!((name, numbers), (b"a", 2 | 3) | (b"r", 2) | (b"f", 1))
}

/// Whether content is a header of this format and no more.
pub(crate) fn is_header(content: &[u8]) -> bool {
    let mut lines = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    content.len() < 100 && lines.all(|line| line.is_empty() || begins(line)) && {
        let lines = content.split(|&byte| byte == b'\n');
        matches!(lines.filter(|line| !line.trim_ascii().is_empty()).count(), 2 | 4)
    }
}

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let mut blocks = NumberedBuilder::new(source.options().max_events);
    let mut header = [0; 4];
    let mut header_lines = 0;
    let mut operations_begun = false;
    while source.next_line()? {
        let line = source.line();
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if !operations_begun && header_lines < 4 && line.iter().all(|b| b.is_ascii_digit() || *b == b' ') {
            header[header_lines] = header_number(line).map_err(|reason| source.line_error(reason))?;
            header_lines += 1;
            continue;
        }
        operations_begun = true;
        let number = source.line_number();
        operation(&mut blocks, line, number).map_err(|reason| source.line_error(reason))?;
    }
    let (ids, operations) = match header_lines {
        2 => (header[0], header[1]),
        4 => (header[1], header[2]),
        _ => {
            let reason =
                Reason::Undefined { what: "header with this many lines:", number: header_lines as u64 };
            return Err(source.line_error(reason));
        }
    };
    let mut trace = blocks.trace;
    if ids != u64::from(trace.next_id()) {
        trace.notes.state(NoteKind::StatedIds, ids, header_lines as u64 / 2);
    }
    if operations != trace.events().len() as u64 {
        trace.notes.state(NoteKind::StatedOperations, operations, header_lines as u64 / 2 + 1);
    }
    Ok(trace.finish_as(Format::Rep))
}

fn header_number(line: &[u8]) -> Result<u64, Reason> {
    let mut fields = Fields::new(line);
    let number = fields.decimal("number of the header")?;
    fields.end()?;
    Ok(number)
}

#[inline]
fn operation(blocks: &mut NumberedBuilder, line: &[u8], at: u64) -> Result<(), Reason> {
    let mut fields = Fields::new(line);
    let mut name = fields.next().ok_or(Reason::UnknownOperation)?;
    if name[0].is_ascii_digit() {
        blocks.trace.set_thread(decimal(name, "thread")?)?;
        name = fields.next().ok_or(Reason::MissingField { field: "operation" })?;
    }
    match name {
        b"a" => {
            let id = fields.decimal("id")?;
            let size = fields.decimal("size")?;
            match fields.next() {
                None => blocks.allocate(EventKind::Malloc, id, size, 0, at),
                Some(field) => {
                    let alignment = decimal(field, "alignment")?;
                    fields.end()?;
                    if !alignment.is_power_of_two() {
                        return Err(Reason::BadAlignment { alignment });
                    }
                    blocks.allocate(EventKind::Aligned, id, size, alignment.trailing_zeros(), at)
                }
            }
        }
        b"r" => {
            let id = fields.decimal("id")?;
            let size = fields.decimal("size")?;
            fields.end()?;
            blocks.realloc(id, size, at)
        }
        b"f" => {
            let id = fields.decimal("id")?;
            fields.end()?;
            blocks.free(id, at)
        }
        _ => Err(Reason::UnknownOperation),
    }
}

/// Writes the new four-line form, with the alignment as third number of an aligned allocation.
pub(crate) fn write(trace: &AllocTrace, output: &mut dyn Write) -> io::Result<()> {
    let mut output = io::BufWriter::with_capacity(1 << 16, output);
    let peak = trace.summary().peak_live_bytes;
    writeln!(output, "1\n{}\n{}\n{peak}", trace.ids(), trace.events().len())?;
    for event in trace.events() {
        let (id, size) = (event.id(), event.size());
        match event.kind() {
            EventKind::Malloc | EventKind::Calloc => writeln!(output, "a {id} {size}")?,
            EventKind::Aligned => writeln!(output, "a {id} {size} {}", 1u64 << event.log2_alignment())?,
            EventKind::Realloc => writeln!(output, "r {id} {size}")?,
            EventKind::Free => writeln!(output, "f {id}")?,
        }
    }
    output.flush()
}
