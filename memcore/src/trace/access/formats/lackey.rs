//! valgrind's `--tool=lackey --trace-mem=yes`: every access of a program, a line each.
//!
//! ```text
//!   I  ADDRESS,SIZE      an instruction fetch      ADDRESS hexadecimal without 0x, SIZE decimal, in bytes
//!    L ADDRESS,SIZE      a load
//!    S ADDRESS,SIZE      a store
//!    M ADDRESS,SIZE      a modify: a load and a store by one instruction; read as one write
//! ```
//!
//! With `--trace-syscalls=yes` the log also says what became of the address space:
//!
//! ```text
//!   SYSCALL[PID,TID](NUMBER) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000)
//!   SYSCALL[PID,TID](NUMBER) sys_munmap ( 0x483c000, 34007 )[sync] --> Success(0x0)
//!                            sys_mprotect ( ADDRESS, LENGTH, PROT )      sys_brk ( ADDRESS )
//!                            sys_mremap ( OLD, LENGTH, LENGTH, FLAGS, ADDRESS )
//! ```
//!
//! Successful calls of these five become events, in pages of 4096 bytes: lengths are rounded up, and a break
//! inside a page is followed by the next page. A call that fails changes nothing and gives none.
//!
//! Pitfalls. The log is shared with valgrind's own lines (`==PID==`), with other system calls and, on standard
//! error, with the program's output; such lines are passed over and counted. Threads share one stream.

use super::{Decoder, lines};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, EVENT_PAGE_SHIFT, SpaceEvent, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::input::fields::{decimal, hex};
use crate::trace::input::source::Source;
use crate::trace::notes::{NoteKind, Notes};

/// The kind of access and the rest of a line that is one.
#[inline]
fn access_line(line: &[u8]) -> Option<(AccessKind, &[u8])> {
    let (kind, rest) = match line {
        [b'I', b' ', b' ', rest @ ..] => (AccessKind::Execute, rest),
        [b' ', b'L', b' ', rest @ ..] => (AccessKind::Read, rest),
        [b' ', b'S' | b'M', b' ', rest @ ..] => (AccessKind::Write, rest),
        _ => return None,
    };
    rest.first().is_some_and(u8::is_ascii_hexdigit).then_some((kind, rest))
}

/// Whether a line is an access as this format writes it.
pub(crate) fn is_access(line: &[u8]) -> bool {
    access_line(line).is_some_and(|(kind, rest)| access(kind, rest).is_ok())
}

pub(super) struct Lackey;

impl Decoder for Lackey {
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
            if let Some((kind, rest)) = access_line(line) {
                batch.push(access(kind, rest)?);
                return Ok(());
            }
            match system_call(line)? {
                Some(event) => batch.event(event)?,
                None if !line.is_empty() => notes.add(NoteKind::OtherLine, at),
                None => {}
            }
            Ok(())
        })
    }
}

#[inline]
fn access(kind: AccessKind, rest: &[u8]) -> Result<Access, Reason> {
    let comma = rest.iter().position(|&byte| byte == b',').ok_or(Reason::MissingField { field: "size" })?;
    let address = hex(&rest[..comma], "address")?;
    let size = decimal(rest[comma + 1..].trim_ascii_end(), "size")?;
    let size = u32::try_from(size).map_err(|_| Reason::SizeTooLarge { size })?;
    Ok(Access::new(address, size, kind))
}

/// The event of a line that reports a successful call which changes the address space.
#[cold]
fn system_call(line: &[u8]) -> Result<Option<SpaceEvent>, Reason> {
    if !line.starts_with(b"SYSCALL[") {
        return Ok(None);
    }
    let Some(name) = memchr::memmem::find(line, b" sys_").map(|space| &line[space + 5..]) else {
        return Ok(None);
    };
    let Some(open) = memchr::memmem::find(name, b" ( ") else { return Ok(None) };
    let (name, rest) = (&name[..open], &name[open + 3..]);
    if !matches!(name, b"mmap" | b"munmap" | b"mprotect" | b"brk" | b"mremap") {
        return Ok(None);
    }
    let close = memchr::memchr(b')', rest).ok_or(Reason::Truncated { what: "arguments" })?;
    let (arguments, outcome) = (&rest[..close], &rest[close + 1..]);
    let Some(success) = memchr::memmem::find(outcome, b"Success(") else { return Ok(None) };
    let result = &outcome[success + 8..];
    let end = memchr::memchr(b')', result).ok_or(Reason::Truncated { what: "result" })?;
    let result = number(&result[..end], "result")?;
    let mut arguments = arguments.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let mut next = |field| match arguments.next() {
        Some(text) => number(text, field),
        None => Err(Reason::MissingField { field }),
    };
    let page = |address: u64| address >> EVENT_PAGE_SHIFT;
    let pages = |bytes: u64| bytes.div_ceil(1 << EVENT_PAGE_SHIFT);
    Ok(Some(match name {
        b"mmap" => {
            next("address")?;
            let (length, protection, flags) = (next("length")?, next("protection")?, next("flags")?);
            SpaceEvent::Map { page: page(result), pages: pages(length), protection, flags }
        }
        b"munmap" => SpaceEvent::Unmap { page: page(next("address")?), pages: pages(next("length")?) },
        b"mprotect" => {
            let (address, length) = (next("address")?, next("length")?);
            SpaceEvent::Protect { page: page(address), pages: pages(length), protection: next("protection")? }
        }
        b"brk" => SpaceEvent::Break { page: pages(result) },
        _ => {
            let (old, length, new_length) = (next("address")?, next("length")?, next("new length")?);
            let (old_pages, new_pages) = (pages(length), pages(new_length));
            SpaceEvent::Remap { old: page(old), old_pages, new: page(result), new_pages }
        }
    }))
}

/// A number as valgrind prints arguments: decimal, or hexadecimal with `0x`.
fn number(text: &[u8], field: &'static str) -> Result<u64, Reason> {
    match text.strip_prefix(b"0x") {
        Some(digits) => hex(digits, field),
        None => decimal(text, field),
    }
}
