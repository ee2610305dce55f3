//! The log of glibc's `mtrace(3)`, written to the file that `MALLOC_TRACE` names.
//!
//! ```text
//!   = Start
//!   @ PROGRAM:(FUNCTION+OFFSET)[ADDRESS] OPERATION
//!   = End
//!
//!   + ADDRESS SIZE      malloc, calloc, memalign gave ADDRESS; (nil): the call failed
//!   - ADDRESS           free
//!   < ADDRESS           realloc of ADDRESS; the line that follows says what came of it:
//!   > ADDRESS SIZE      its new address
//!   ! ADDRESS SIZE      realloc of ADDRESS to SIZE failed; ADDRESS stays
//! ```
//!
//! Addresses are `%p` (`0x...` or `(nil)`), sizes `%#lx` (`0x...`, and a plain `0` for zero). The place of
//! the call (`@ ...`) may be missing and may contain spaces.
//!
//! Pitfalls: alignments are lost, calloc looks like malloc, threads are not recorded. Blocks from before the
//! call of `mtrace()` are freed without having been allocated. A `free(NULL)` is not logged. A realloc to
//! size 0 appears as a free.

use crate::trace::alloc_trace::AllocTrace;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::EventKind;
use crate::trace::format::Format;
use crate::trace::input::fields::{Fields, address};
use crate::trace::input::source::Source;
use crate::trace::keyed::AddressBuilder;

/// Whether a first line is one of this format's.
pub(crate) fn begins(line: &[u8]) -> bool {
    line == b"= Start" || line.starts_with(b"@ ") && !matches!(call(line), [] | [b'@', ..])
}

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let mut blocks = AddressBuilder::new(source.options().max_events);
    // The address in a `<` line, until its `>` line comes.
    let mut moving = None;
    while source.next_line()? {
        let at = source.line_number();
        operation(&mut blocks, &mut moving, source.line(), at).map_err(|reason| source.line_error(reason))?;
    }
    if moving.is_some() {
        return Err(source.line_error(Reason::Unpaired { first: '<' }));
    }
    Ok(blocks.trace.finish_as(Format::Mtrace))
}

/// The part of a line after the place of the call.
fn call(line: &[u8]) -> &[u8] {
    if !line.starts_with(b"@") {
        return line;
    }
    match memchr::memmem::rfind(line, b"] ") {
        Some(end) => &line[end + 2..],
        None => line,
    }
}

fn operation(
    blocks: &mut AddressBuilder,
    moving: &mut Option<u64>,
    line: &[u8],
    at: u64,
) -> Result<(), Reason> {
    let mut fields = Fields::new(call(line));
    let Some(name) = fields.next() else { return Ok(()) };
    if moving.is_some() && name != b">" {
        return Err(Reason::Unpaired { first: '<' });
    }
    match name {
        b"=" => return Ok(()),
        b"+" => {
            let (address, size) = (pointer(&mut fields)?, size(&mut fields)?);
            blocks.allocated(EventKind::Malloc, address, size, 0, at)?;
        }
        b"-" => blocks.freed(pointer(&mut fields)?, at)?,
        b"<" => *moving = Some(pointer(&mut fields)?),
        b">" => {
            let old = moving.take().ok_or(Reason::UnknownOperation)?;
            let (new, size) = (pointer(&mut fields)?, size(&mut fields)?);
            blocks.reallocated(old, new, size, at)?;
        }
        b"!" => {
            // A failure whatever the size, so the size must not read as a free.
            let (old, size) = (pointer(&mut fields)?, size(&mut fields)?);
            blocks.reallocated(old, 0, size.max(1), at)?;
        }
        _ => return Err(Reason::UnknownOperation),
    }
    fields.end()
}

fn pointer(fields: &mut Fields<'_>) -> Result<u64, Reason> {
    address(fields.next().ok_or(Reason::MissingField { field: "address" })?, "address")
}

fn size(fields: &mut Fields<'_>) -> Result<u64, Reason> {
    match fields.next().ok_or(Reason::MissingField { field: "size" })? {
        b"0" => Ok(0),
        text => address(text, "size"),
    }
}
