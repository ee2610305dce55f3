//! The log of `valgrind --trace-malloc=yes`, of any tool that replaces malloc (memcheck, DHAT, helgrind,
//! ...).
//!
//! ```text
//!   --PID-- malloc(SIZE) = ADDRESS                      _Znwm, _Znam, ... (operator new) alike
//!   --PID-- calloc(COUNT,SIZE) = ADDRESS
//!   --PID-- memalign(al ALIGNMENT, size SIZE) = ADDRESS aligned_alloc, posix_memalign alike
//!   --PID-- _ZnwmSt11align_val_t(size SIZE, al ALIGNMENT) = ADDRESS
//!   --PID-- realloc(ADDRESS,SIZE) = ADDRESS
//!   --PID-- free(ADDRESS)                               cfree, _ZdlPv, ... (operator delete) alike
//!
//!   --PID-- realloc(0x0,SIZE)malloc(SIZE) = ADDRESS     one call, reported by two functions
//!   --PID-- realloc(ADDRESS,0)free(ADDRESS)
//!   --PID--  = 0                                        the rest of it
//! ```
//!
//! Addresses are hexadecimal with `0x`, sizes decimal.
//!
//! Pitfalls:
//!
//! * The log is shared with everything else that valgrind says (`==PID==` lines, other `--PID--` lines) and,
//!   on standard error, with the program's own output, which may even stand before the prefix on the same
//!   line. Such text is passed over and counted.
//! * A message may come between a call and its result. The result then stands on a `--PID--  = ` line of its
//!   own.
//! * Failed calls give `0x0`; at exit there are dozens of `free(0x0)`.
//! * glibc rounds an alignment that is no power of two up to the next one, and valgrind does so too; so does
//!   this reader.
//! * With `--trace-children` several processes share the log. Their addresses mean different blocks, so only
//!   the first process is read.
//! * Threads are not recorded.

use crate::trace::alloc_trace::AllocTrace;
use crate::trace::error::{Reason, TraceError};
use crate::trace::event::EventKind;
use crate::trace::format::Format;
use crate::trace::input::fields::{address, decimal};
use crate::trace::input::source::Source;
use crate::trace::keyed::AddressBuilder;
use crate::trace::notes::NoteKind;

/// What valgrind put before a line: the process, and whether the line can be a call.
pub(crate) struct Prefix<'a> {
    process: &'a [u8],
    debugging: bool,
    rest: &'a [u8],
}

/// The prefix at the start of a line, with the time that `--time-stamp=yes` puts into it.
pub(crate) fn prefix(line: &[u8]) -> Option<Prefix<'_>> {
    let mark = line.get(..2).filter(|mark| matches!(*mark, b"--" | b"==" | b"**"))?;
    let inside = &line[2..];
    let length = inside.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b':' | b'.' | b' '))?;
    let process = inside[..length].rsplit(|&byte| byte == b' ').next()?;
    if process.is_empty() || !process.iter().all(u8::is_ascii_digit) || !inside[length..].starts_with(mark) {
        return None;
    }
    let rest = &inside[length + 2..];
    Some(Prefix { process, debugging: mark == b"--", rest: rest.strip_prefix(b" ").unwrap_or(rest) })
}

/// The prefix of a call that stands behind unfinished output of the program.
fn later_prefix(line: &[u8]) -> Option<Prefix<'_>> {
    memchr::memmem::find_iter(line, b"--")
        .find_map(|start| prefix(&line[start..]).filter(|found| call_name(found.rest).is_some()))
}

/// A call whose result decides what it was.
#[derive(Clone, Copy)]
enum Call {
    Allocate { kind: EventKind, size: u64, log2_alignment: u32 },
    Realloc { old: u64, size: u64 },
    Free { address: u64 },
}

pub(crate) fn read(source: &mut Source<'_>) -> Result<AllocTrace, TraceError> {
    let mut log =
        Log { blocks: AddressBuilder::new(source.options().max_events), process: Vec::new(), pending: None };
    while source.next_line()? {
        let at = source.line_number();
        log.line(source.line(), at).map_err(|reason| source.line_error(reason))?;
    }
    log.give_up_pending(source.line_number());
    Ok(log.blocks.trace.finish_as(Format::Valgrind))
}

struct Log {
    blocks: AddressBuilder,
    process: Vec<u8>,
    /// A call whose result was not on its line.
    pending: Option<Call>,
}

impl Log {
    fn line(&mut self, line: &[u8], at: u64) -> Result<(), Reason> {
        let Some(prefix) = prefix(line).or_else(|| later_prefix(line)) else {
            if !line.is_empty() {
                self.blocks.trace.note(NoteKind::OtherLine, at);
            }
            return Ok(());
        };
        let result = prefix.rest.strip_prefix(b" = ");
        if !prefix.debugging || result.is_none() && call_name(prefix.rest).is_none() {
            self.blocks.trace.note(NoteKind::OtherLine, at);
            return Ok(());
        }
        if self.process.is_empty() {
            self.process.extend_from_slice(prefix.process);
        } else if self.process != prefix.process {
            self.blocks.trace.note(NoteKind::OtherProcess, at);
            return Ok(());
        }
        match result {
            Some(result) => self.late_result(result, at),
            None => self.calls(prefix.rest, at),
        }
    }

    /// One or more calls, one inside the other, and at the end perhaps a result.
    fn calls(&mut self, mut rest: &[u8], at: u64) -> Result<(), Reason> {
        loop {
            let (call, tail) = parse_call(rest)?;
            if call_name(tail).is_some() {
                // A realloc that another function carries out is that function's call.
                if !matches!(call, Call::Realloc { .. }) {
                    self.suspend(call, at);
                }
                rest = tail;
                continue;
            }
            return match (call, tail.strip_prefix(b" = ")) {
                (Call::Free { address }, _) => self.blocks.freed(address, at),
                (call, Some(result)) => self.finish(call, address(result.trim_ascii_end(), "result")?, at),
                (call, None) => {
                    self.suspend(call, at);
                    Ok(())
                }
            };
        }
    }

    fn late_result(&mut self, result: &[u8], at: u64) -> Result<(), Reason> {
        let result = result.trim_ascii_end();
        // A plain 0 ends a realloc to size 0, whose free stood on the line before.
        if result == b"0" {
            return Ok(());
        }
        let result = address(result, "result")?;
        match self.pending.take() {
            Some(call) => self.finish(call, result, at),
            None => {
                self.blocks.trace.note(NoteKind::OtherLine, at);
                Ok(())
            }
        }
    }

    fn finish(&mut self, call: Call, result: u64, at: u64) -> Result<(), Reason> {
        match call {
            Call::Allocate { kind, size, log2_alignment } => {
                self.blocks.allocated(kind, result, size, log2_alignment, at)
            }
            Call::Realloc { old, size } => self.blocks.reallocated(old, result, size, at),
            Call::Free { address } => self.blocks.freed(address, at),
        }
    }

    fn suspend(&mut self, call: Call, at: u64) {
        self.give_up_pending(at);
        self.pending = Some(call);
    }

    fn give_up_pending(&mut self, at: u64) {
        if self.pending.take().is_some() {
            self.blocks.trace.note(NoteKind::UnknownResult, at);
        }
    }
}

/// The functions that are traced, by what their arguments mean.
#[derive(Clone, Copy)]
enum Function {
    Malloc,
    Calloc,
    Realloc,
    Free,
}

/// The traced function that `text` begins with a call of, and the text after the parenthesis.
fn call_name(text: &[u8]) -> Option<(Function, &[u8])> {
    let open = text.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')?;
    let arguments = text[open..].strip_prefix(b"(")?;
    let function = match &text[..open] {
        b"malloc" | b"memalign" | b"aligned_alloc" | b"posix_memalign" | b"valloc" => Function::Malloc,
        b"__builtin_new" | b"__builtin_vec_new" => Function::Malloc,
        b"calloc" => Function::Calloc,
        b"realloc" => Function::Realloc,
        b"free" | b"cfree" | b"__builtin_delete" | b"__builtin_vec_delete" => Function::Free,
        name if name.starts_with(b"_Znw") || name.starts_with(b"_Zna") => Function::Malloc,
        name if name.starts_with(b"_Zdl") || name.starts_with(b"_Zda") => Function::Free,
        _ => return None,
    };
    Some((function, arguments))
}

fn parse_call(text: &[u8]) -> Result<(Call, &[u8]), Reason> {
    let (function, rest) = call_name(text).ok_or(Reason::UnknownOperation)?;
    let close = memchr::memchr(b')', rest).ok_or(Reason::Truncated { what: "arguments" })?;
    let (arguments, tail) = (&rest[..close], &rest[close + 1..]);
    let mut arguments = arguments.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let mut next = |field| arguments.next().ok_or(Reason::MissingField { field });
    let call = match function {
        Function::Malloc => {
            let mut size = None;
            let mut alignment = None;
            for argument in arguments {
                match argument.strip_prefix(b"al ") {
                    Some(number) => alignment = Some(decimal(number, "alignment")?),
                    None => {
                        let number = argument.strip_prefix(b"size ").unwrap_or(argument);
                        size = Some(decimal(number, "size")?);
                    }
                }
            }
            let size = size.ok_or(Reason::MissingField { field: "size" })?;
            match alignment {
                None => Call::Allocate { kind: EventKind::Malloc, size, log2_alignment: 0 },
                Some(alignment) => {
                    let power =
                        alignment.checked_next_power_of_two().ok_or(Reason::BadAlignment { alignment })?;
                    Call::Allocate { kind: EventKind::Aligned, size, log2_alignment: power.trailing_zeros() }
                }
            }
        }
        Function::Calloc => {
            let count = decimal(next("count")?, "count")?;
            // A product that does not fit is a call that fails, whatever is noted as its size.
            let size = count.saturating_mul(decimal(next("size")?, "size")?);
            Call::Allocate { kind: EventKind::Calloc, size, log2_alignment: 0 }
        }
        Function::Realloc => {
            let old = address(next("address")?, "address")?;
            Call::Realloc { old, size: decimal(next("size")?, "size")? }
        }
        Function::Free => Call::Free { address: address(next("address")?, "address")? },
    };
    Ok((call, tail))
}
