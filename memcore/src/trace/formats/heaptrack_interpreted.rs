//! heaptrack's data after `heaptrack_interpret` (what the `heaptrack` script stores, `heaptrack.*.zst`), file
//! versions 1 to 3.
//!
//! Beside the lines that [`heaptrack`] lists:
//!
//! ```text
//!   a SIZE TRACE      defines the next allocation *class*, from 0: this size, asked for at this call stack
//!   + CLASS           an allocation of the class
//!   - CLASS [1]       a free of one block of the class (1: directly after its allocation, old versions)
//! ```
//!
//! Pitfalls: a class is no block. Two blocks of one size from one call stack are both `+ 7`, and `- 7` does
//! not say which of them goes. Sizes, counts and live bytes are exact all the same; only lifetimes and places
//! are not. This reader lets the youngest go, as heaptrack itself does when it counts short-lived blocks.
//! Frees of blocks never seen are left out by the interpreter, and what its raw form loses is lost here too.

use super::heaptrack;
use crate::trace::alloc_trace::AllocTrace;
use crate::trace::builder::AllocTraceBuilder;
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::input::fields::{Fields, hex};
use crate::trace::input::source::Source;
use crate::trace::notes::NoteKind;

const NONE: u32 = u32::MAX;

/// Which of the two forms content is that begins as heaptrack's: the first line that only one form has, or
/// whose operation only one form writes, tells. With none, it is raw.
pub(crate) fn tell(prefix: &[u8]) -> Format {
    for line in prefix.split(|&byte| byte == b'\n') {
        let mut fields = Fields::new(line);
        match fields.next() {
            Some(b"x" | b"m") => return Format::HeaptrackRaw,
            Some(b"s" | b"i" | b"a") => return Format::HeaptrackInterpreted,
            Some(b"+") => {
                fields.next();
                let more = fields.next().is_some();
                return if more { Format::HeaptrackRaw } else { Format::HeaptrackInterpreted };
            }
            _ => {}
        }
    }
    Format::HeaptrackRaw
}

/// A class: its size, and the youngest of its live blocks.
struct Class {
    size: u64,
    youngest: u32,
}

struct Classes {
    trace: AllocTraceBuilder,
    classes: Vec<Class>,
    /// For each block, the next older live one of its class.
    older: Vec<u32>,
}

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let trace = AllocTraceBuilder::with_limit(source.options().max_events);
    let mut state = Classes { trace, classes: Vec::new(), older: Vec::new() };
    while source.next_line()? {
        let at = source.line_number();
        state.operation(source.line(), at).map_err(|reason| source.line_error(reason))?;
    }
    Ok(state.trace.finish_as(Format::HeaptrackInterpreted))
}

impl Classes {
    fn operation(&mut self, line: &[u8], at: u64) -> Result<(), Reason> {
        let Some((letter, mut fields)) = heaptrack::record(line)? else { return Ok(()) };
        match letter {
            b'a' => {
                let size = fields.hex("size")?;
                fields.hex("trace")?;
                fields.end()?;
                let events = self.trace.events().len();
                self.classes.try_reserve(1).map_err(|_| Reason::OutOfMemory { events })?;
                self.classes.push(Class { size, youngest: NONE });
                Ok(())
            }
            b'+' => {
                let class = self.class(&mut fields)?;
                fields.end()?;
                let id = self.trace.malloc(self.classes[class].size)?;
                self.older.push(self.classes[class].youngest);
                self.classes[class].youngest = id;
                Ok(())
            }
            b'-' => {
                let class = self.class(&mut fields)?;
                if let Some(flag) = fields.next() {
                    hex(flag, "flag")?;
                }
                fields.end()?;
                match self.classes[class].youngest {
                    NONE => self.trace.note(NoteKind::UnmatchedFree, at),
                    id => {
                        self.trace.free(id)?;
                        self.classes[class].youngest = self.older[id as usize];
                    }
                }
                Ok(())
            }
            letter => heaptrack::skip(letter, &mut fields, b"si"),
        }
    }

    fn class(&self, fields: &mut Fields<'_>) -> Result<usize, Reason> {
        let number = fields.hex("class")?;
        match usize::try_from(number) {
            Ok(class) if class < self.classes.len() => Ok(class),
            _ => Err(Reason::UnknownReference { what: "class", number, defined: self.classes.len() as u64 }),
        }
    }
}
