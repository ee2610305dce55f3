//! Page text: runs of references to 4 KiB pages, a run a line, and what the program did to its address space.
//!
//! ```text
//!   R PAGE [COUNT]              COUNT (absent: 1) references one after the other: loads,
//!   W PAGE [COUNT]              stores and modifies,
//!   X PAGE [COUNT]              instruction fetches
//!
//!   m PAGE PAGES PROT FLAGS     mmap          u PAGE PAGES           munmap
//!   p PAGE PAGES PROT           mprotect      b PAGE                 brk: the first page above the break
//!   v OLD PAGES NEW PAGES       mremap
//! ```
//!
//! PAGE, OLD and NEW are hexadecimal without `0x`: an address divided by 4096. All other numbers are decimal.
//! PROT is 1 read, 2 write, 4 execute, added; FLAGS are as Linux takes them (2 private, 16 fixed, 32
//! anonymous). Blank lines and lines that begin with `#` are passed over.
//!
//! Runs keep their counts, so at the grain of a page nothing of the reference string is lost. What the kernel
//! mapped before the first instruction (the executable, its loader, the stack) has no event.
//!
//! Pitfall: `R 401` could be a list of numbers with a kind before each. With a capital letter and no `0x` it
//! is page text.

use std::io::{self, Write};

use super::{Decoder, lines};
use crate::trace::access::access_trace::AccessTrace;
use crate::trace::access::convert::{Item, items};
use crate::trace::access::kind::AccessKind;
use crate::trace::access::types::{Access, AccessBatch, EVENT_PAGE_SHIFT, SpaceEvent, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::input::fields::{Fields, decimal};
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

/// Whether a line is one of this format's.
pub(crate) fn begins(line: &[u8]) -> bool {
    let mut batch = AccessBatch::default();
    parse(line, &mut batch).is_ok() && !(batch.accesses.is_empty() && batch.events.is_empty())
}

pub(super) struct PageText;

impl Decoder for PageText {
    fn unit(&self) -> Unit {
        Unit::Pages { shift: EVENT_PAGE_SHIFT }
    }

    fn fill(
        &mut self,
        source: &mut Source<'_>,
        batch: &mut AccessBatch,
        _notes: &mut Notes,
    ) -> Result<(), TraceError> {
        lines(source, batch, |line, _, batch| parse(line, batch))
    }
}

#[inline]
fn parse(line: &[u8], batch: &mut AccessBatch) -> Result<(), Reason> {
    let mut fields = Fields::new(line);
    let kind = match fields.next() {
        Some(b"R") => AccessKind::Read,
        Some(b"W") => AccessKind::Write,
        Some(b"X") => AccessKind::Execute,
        Some([b'#', ..]) | None => return Ok(()),
        Some([letter]) => return event(*letter, fields, batch),
        Some(_) => return Err(Reason::UnknownOperation),
    };
    let address = page_address(fields.hex("page")?, EVENT_PAGE_SHIFT)?;
    let count = match fields.next() {
        None => 1,
        Some(digits) => run_length(decimal(digits, "count")?)?,
    };
    fields.end()?;
    batch.push(Access { address, size: 1, count, kind });
    Ok(())
}

#[cold]
fn event(letter: u8, mut fields: Fields<'_>, batch: &mut AccessBatch) -> Result<(), Reason> {
    const NAMES: [&str; 4] = ["first number", "second number", "third number", "fourth number"];
    let code = SpaceEvent::LETTERS.iter().position(|&known| known == letter);
    let code = code.ok_or(Reason::UnknownOperation)?;
    let mut numbers = [0; 4];
    for index in 0..SpaceEvent::LENGTHS[code] {
        let is_page = index == 0 || letter == b'v' && index == 2;
        numbers[index] = if is_page { fields.hex(NAMES[index])? } else { fields.decimal(NAMES[index])? };
    }
    fields.end()?;
    batch.event(SpaceEvent::from_numbers(code, numbers))
}

/// The address of a recorded page.
#[inline]
pub(super) fn page_address(page: u64, shift: u32) -> Result<u64, Reason> {
    if page > u64::MAX >> shift {
        return Err(Reason::PageTooLarge { page, shift });
    }
    Ok(page << shift)
}

/// The count of a run, as accesses hold it.
#[inline]
pub(super) fn run_length(count: u64) -> Result<u32, Reason> {
    match u32::try_from(count) {
        Ok(0) | Err(_) => Err(Reason::RunLength { count }),
        Ok(count) => Ok(count),
    }
}

pub(in crate::trace::access) fn write(trace: &AccessTrace, output: &mut dyn Write) -> io::Result<()> {
    let mut output = io::BufWriter::with_capacity(1 << 16, output);
    items(trace, Format::PageText, |item| match item {
        Item::Run { page, kind, count } => {
            let letter = ['R', 'W', 'X'][kind as usize];
            match count {
                1 => writeln!(output, "{letter} {page:x}"),
                count => writeln!(output, "{letter} {page:x} {count}"),
            }
        }
        Item::Event(event) => match event {
            SpaceEvent::Map { page, pages, protection, flags } => {
                writeln!(output, "m {page:x} {pages} {protection} {flags}")
            }
            SpaceEvent::Unmap { page, pages } => writeln!(output, "u {page:x} {pages}"),
            SpaceEvent::Protect { page, pages, protection } => {
                writeln!(output, "p {page:x} {pages} {protection}")
            }
            SpaceEvent::Break { page } => writeln!(output, "b {page:x}"),
            SpaceEvent::Remap { old, old_pages, new, new_pages } => {
                writeln!(output, "v {old:x} {old_pages} {new:x} {new_pages}")
            }
        },
    })?;
    output.flush()
}
