//! From accesses to references: runs written out, spans split, pages numbered.
//!
//! ```text
//!   access    address 0x1ffc, size 8, count 2           a run of two, across the end of page 1
//!   pages     1, 2, 1, 2                                each access touches each page once, ascending
//!   numbers   0, 1, 0, 1                                in the order of their first appearance
//! ```
//!
//! One access may stand for 2^64 references, so the work stops where the caller's room ends and goes on there.

use super::kind::AccessKind;
use super::types::{Access, Unit};
use crate::trace::error::{Reason, TraceError};
use crate::trace::numbering::Numbering;

/// References in a full chunk.
pub(crate) const CHUNK: usize = 1 << 16;

/// How many pages are numbered together.
const TOGETHER: usize = 128;

/// Which pages an access touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The base-two logarithm of the page size.
    shift: u32,
    /// Whether an access touches only the page of its address.
    single: bool,
    /// Whether the pages are keys of objects, which seldom follow themselves.
    scattered: bool,
}

impl Paging {
    /// How a trace in `unit` is paged at the size asked for.
    pub(crate) fn new(unit: Unit, page_size: Option<u64>) -> Result<Paging, TraceError> {
        let page_size = page_size.unwrap_or(unit.default_page_size());
        if !page_size.is_power_of_two() {
            return Err(TraceError::PageSize { page_size });
        }
        let shift = page_size.trailing_zeros();
        let single = match unit {
            Unit::Bytes => false,
            Unit::Pages { shift: recorded } => shift == recorded,
            Unit::Numbers => true,
        };
        Ok(Paging { shift, single, scattered: unit == Unit::Numbers })
    }

    pub(crate) fn page_size(self) -> u64 {
        1 << self.shift
    }

    /// The first and the last page.
    #[inline]
    fn pages(self, access: &Access) -> (u64, u64) {
        let first = access.address >> self.shift;
        let last = if self.single { first } else { access.last() >> self.shift };
        (first, last)
    }
}

/// A run of accesses to several pages, or one longer than the room that was left.
#[derive(Clone, Copy)]
struct Span {
    first: u64,
    last: u64,
    /// The page that comes next.
    next: u64,
    /// Accesses still to come, the one under way included.
    count: u32,
    kind: AccessKind,
}

/// The work and where it stands.
pub(crate) struct Expansion {
    paging: Paging,
    pub(crate) numbering: Numbering,
    /// The span under way, when the room ended in it.
    pending: Option<Span>,
    /// The page last referred to and its number, for data and for instructions: most references are to it.
    recent: [Option<(u64, u32)>; 2],
    /// References given so far, and how many may be.
    pub(crate) given: u64,
    limit: u64,
    pub(crate) reads_only: bool,
}

impl Expansion {
    pub(crate) fn new(paging: Paging, limit: u64) -> Expansion {
        let numbering = Numbering::new();
        Expansion { paging, numbering, pending: None, recent: [None; 2], given: 0, limit, reads_only: true }
    }

    pub(crate) fn paging(&self) -> Paging {
        self.paging
    }

    /// Appends the references of the accesses from `at` on, which it moves, until there are `full` (for which
    /// there is room) or the accesses end.
    pub(crate) fn take(
        &mut self,
        accesses: &[Access],
        at: &mut usize,
        full: usize,
        references: &mut Vec<u32>,
        kinds: &mut Option<&mut Vec<AccessKind>>,
    ) -> Result<(), Reason> {
        let before = references.len();
        if let Some(span) = self.pending.take() {
            self.pending = self.write_out(span, full, references, kinds)?;
        }
        while references.len() < full {
            if self.paging.scattered && self.take_together(accesses, at, full, references, kinds)? {
                continue;
            }
            let Some(access) = accesses.get(*at) else { break };
            *at += 1;
            let (first, last) = self.paging.pages(access);
            let count = access.count.max(1);
            self.reads_only &= access.kind == AccessKind::Read;
            if first != last || count as usize > full - references.len() {
                // Refused before it is written out: no memory may hold it.
                let more = (u128::from(last - first) + 1) * u128::from(count);
                let given = u128::from(self.given) + (references.len() - before) as u128;
                if given + more > u128::from(self.limit) {
                    return Err(Reason::TooManyEvents { limit: self.limit });
                }
                let span = Span { first, last, next: first, count, kind: access.kind };
                self.pending = self.write_out(span, full, references, kinds)?;
                continue;
            }
            let number = self.number(first, access.kind)?;
            if count == 1 {
                references.push(number);
            } else {
                references.resize(references.len() + count as usize, number);
            }
            if let Some(kinds) = kinds {
                kinds.resize(kinds.len() + count as usize, access.kind);
            }
        }
        self.given += (references.len() - before) as u64;
        if self.given > self.limit {
            return Err(Reason::TooManyEvents { limit: self.limit });
        }
        Ok(())
    }

    /// Numbers the next accesses together, as far as each is to one page, once; whether there was any.
    fn take_together(
        &mut self,
        accesses: &[Access],
        at: &mut usize,
        full: usize,
        references: &mut Vec<u32>,
        kinds: &mut Option<&mut Vec<AccessKind>>,
    ) -> Result<bool, Reason> {
        let mut keys = [0; TOGETHER];
        let mut count = 0;
        let room = (full - references.len()).min(TOGETHER);
        for access in accesses[*at..].iter().take(room).take_while(|access| access.count <= 1) {
            keys[count] = access.address >> self.paging.shift;
            self.reads_only &= access.kind == AccessKind::Read;
            if let Some(kinds) = kinds {
                kinds.push(access.kind);
            }
            count += 1;
        }
        *at += count;
        self.numbering.number_all(&keys[..count], references)?;
        Ok(count > 0)
    }

    /// Appends a span's references as far as there is room; gives what is left of it.
    fn write_out(
        &mut self,
        mut span: Span,
        full: usize,
        references: &mut Vec<u32>,
        kinds: &mut Option<&mut Vec<AccessKind>>,
    ) -> Result<Option<Span>, Reason> {
        while references.len() < full {
            let number = self.number(span.next, span.kind)?;
            let room = (full - references.len()).min(span.count as usize);
            let taken = if span.first == span.last { room } else { 1 };
            references.resize(references.len() + taken, number);
            if let Some(kinds) = kinds {
                kinds.resize(kinds.len() + taken, span.kind);
            }
            if span.next == span.last {
                span.count -= taken as u32;
                span.next = span.first;
            } else {
                span.next += 1;
            }
            if span.count == 0 {
                return Ok(None);
            }
        }
        Ok(Some(span))
    }

    /// Whether a span is under way.
    pub(crate) fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    #[inline]
    fn number(&mut self, page: u64, kind: AccessKind) -> Result<u32, Reason> {
        let class = usize::from(kind == AccessKind::Execute);
        if let Some((recent, number)) = self.recent[class] {
            if recent == page {
                return Ok(number);
            }
        }
        let number = self.numbering.number(page)?;
        self.recent[class] = Some((page, number));
        Ok(number)
    }
}

/// Makes room for a chunk behind what is there; gives the length of a full one.
pub(crate) fn room_for_chunk(
    references: &mut Vec<u32>,
    kinds: &mut Option<&mut Vec<AccessKind>>,
) -> Result<usize, Reason> {
    let events = references.len();
    let reserved = references.try_reserve(CHUNK).is_ok()
        && kinds.as_mut().is_none_or(|kinds| kinds.try_reserve(CHUNK).is_ok());
    if reserved { Ok(events + CHUNK) } else { Err(Reason::OutOfMemory { events }) }
}
