//! heaptrack's data as its preload library writes it (`heaptrack --raw`, `*.raw.zst`), file versions 1 to 3.
//!
//! Beside the lines that [`heaptrack`] lists:
//!
//! ```text
//!   + SIZE TRACE ADDRESS     an allocation gave ADDRESS
//!   - ADDRESS                free
//! ```
//!
//! Pitfalls: heaptrack 1.4 does not hook `memalign`, so blocks that it gave are freed without having been
//! allocated; a realloc is a free followed by an allocation (so it is read as those); `realloc(p, 0)` logs
//! nothing, so that its address can be given out again while it looks live; calloc looks like malloc; failed
//! calls and `free(NULL)` are not logged. The first allocation of 72,704 bytes is the emergency pool of the
//! C++ library that heaptrack brings along.

use super::heaptrack;
use crate::trace::alloc_trace::AllocTrace;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::EventKind;
use crate::trace::format::Format;
use crate::trace::input::source::Source;
use crate::trace::keyed::AddressBuilder;

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let mut blocks = AddressBuilder::new(source.options().max_events);
    while source.next_line()? {
        let at = source.line_number();
        operation(&mut blocks, source.line(), at).map_err(|reason| source.line_error(reason))?;
    }
    Ok(blocks.trace.finish_as(Format::HeaptrackRaw))
}

fn operation(blocks: &mut AddressBuilder, line: &[u8], at: u64) -> Result<(), Reason> {
    let Some((letter, mut fields)) = heaptrack::record(line)? else { return Ok(()) };
    match letter {
        b'+' => {
            let size = fields.hex("size")?;
            fields.hex("trace")?;
            let address = fields.hex("address")?;
            fields.end()?;
            blocks.allocated(EventKind::Malloc, address, size, 0, at)
        }
        b'-' => {
            let address = fields.hex("address")?;
            fields.end()?;
            blocks.freed(address, at)
        }
        letter => heaptrack::skip(letter, &mut fields, b"xm"),
    }
}
