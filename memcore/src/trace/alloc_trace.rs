//! A whole allocation trace in memory: its operations, what its ids promise, how it is read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::builder::AllocTraceBuilder;
use super::error::{Reason, TraceError};
use super::event::{Event, EventKind};
use super::format::Format;
use super::formats;
use super::input::source::Source;
use super::keyed::NumberedBuilder;
use super::notes::Notes;
use super::options::ReadOptions;
use crate::progress::Progress;

/// The operations of one program run on its heap, decoded once.
///
/// What holds for every trace, whatever it was read from:
///
/// * ids are dense: they appear for the first time in the order 0, 1, 2, ..., and [`ids`](Self::ids) is their
///   number, so that a table with an entry per id is an array;
/// * an id is allocated at most once; after its free it may be named again only by operations that a replay
///   skips; an id that first appears in a realloc or free (an *orphan*) is never allocated;
/// * a realloc has a size above 0 (a realloc to 0 is a free, a realloc of null an allocation);
/// * failed allocations and frees of null are left out ([`notes`](Self::notes) counts them).
///
/// ```
/// use memcore::trace::{AllocTrace, EventKind};
///
/// let trace = AllocTrace::read_bytes(b"2\n4\na 0 512\na 1 128\nr 0 640\nf 1\n")?;
/// assert_eq!(trace.ids(), 2);
/// assert_eq!(trace.events()[2].kind(), EventKind::Realloc);
/// assert_eq!(trace.summary().peak_live_bytes, 768);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocTrace {
    events: Vec<Event>,
    ids: u32,
    orphans: u32,
    format: Format,
    notes: Notes,
    comment: Option<String>,
}

impl AllocTrace {
    pub(super) fn from_parts(
        events: Vec<Event>,
        ids: u32,
        orphans: u32,
        format: Format,
        notes: Notes,
        comment: Option<String>,
    ) -> AllocTrace {
        AllocTrace { events, ids, orphans, format, notes, comment }
    }

    /// Reads a file in any format of [`Format::FILES`], compressed by gzip, xz or zstd or not at all; format
    /// and compression are told by the content. O(bytes of the content); memory 16 bytes an operation, and
    /// for formats with addresses a table of the live blocks.
    ///
    /// `progress` is told the bytes of the file read so far, and the file's length, about every 64 KiB of
    /// content.
    ///
    /// # Errors
    /// Every variant of [`TraceError`] that names a file, and [`TraceError::Cancelled`].
    pub fn open(
        path: impl AsRef<Path>,
        options: &ReadOptions,
        progress: &mut dyn Progress,
    ) -> Result<AllocTrace, TraceError> {
        let path = path.as_ref();
        let name = path.to_string_lossy();
        let failed = |error| TraceError::Io { name: name.clone().into_owned(), error };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let length = metadata.is_file().then_some(metadata.len());
        formats::read(&mut Source::new(file, &name, length, options, progress)?)
    }

    /// As [`open`](Self::open), from a stream; `name` stands for it in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(
        input: impl Read,
        name: &str,
        options: &ReadOptions,
        progress: &mut dyn Progress,
    ) -> Result<AllocTrace, TraceError> {
        formats::read(&mut Source::new(input, name, None, options, progress)?)
    }

    /// As [`open`](Self::open), from bytes in memory, with the default limits and nobody watching.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read_bytes(bytes: &[u8]) -> Result<AllocTrace, TraceError> {
        AllocTrace::read(bytes, "<bytes>", &ReadOptions::default(), &mut ())
    }

    /// The trace of these operations, whose ids must be as every trace's: an allocation's id the next new
    /// one, any other operation's an old one or (an orphan's) the next new one. A realloc to size 0 becomes a
    /// free. O(operations).
    ///
    /// ```
    /// use memcore::trace::{AllocTrace, Event};
    ///
    /// let trace = AllocTrace::from_events(vec![Event::malloc(0, 64), Event::free(0)])?;
    /// assert_eq!(trace.ids(), 1);
    /// assert!(AllocTrace::from_events(vec![Event::malloc(1, 64)]).is_err());
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::Event`] with [`Reason::IdOutOfOrder`].
    pub fn from_events(mut events: Vec<Event>) -> Result<AllocTrace, TraceError> {
        let (mut next, mut orphans) = (0u32, 0);
        for (index, event) in events.iter_mut().enumerate() {
            let failed = |reason| TraceError::Event { index, reason };
            let id = event.id();
            if id > next || id < next && event.kind().allocates() {
                return Err(failed(Reason::IdOutOfOrder { id, next }));
            }
            if id == next {
                next = next.checked_add(1).ok_or_else(|| failed(Reason::TooManyIds))?;
                orphans += u32::from(!event.kind().allocates());
            }
            if event.kind() == EventKind::Realloc && event.size() == 0 {
                *event = Event::free(id).on_thread(event.thread()).map_err(failed)?;
            }
        }
        Ok(AllocTrace::from_parts(events, next, orphans, Format::Built, Notes::default(), None))
    }

    /// The trace of the operations in these columns, one entry an operation.
    ///
    /// `kinds` are numbers of [`EventKind`]; `ids` may be sparse and used again after a free, and are
    /// renumbered; `sizes` in bytes (ignored for a free); `alignments`, where given, are powers of two for
    /// the aligned allocations (others ignored); `threads`, where given, are at most
    /// [`MAX_THREAD`](super::MAX_THREAD). O(operations).
    ///
    /// ```
    /// use memcore::trace::AllocTrace;
    ///
    /// let trace = AllocTrace::from_columns(&[0, 0, 4], &[700, 7, 700], &[64, 32, 0], None, None)?;
    /// assert_eq!(trace.events()[2].id(), 0);
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::Event`] with the index of the first operation that cannot be taken, or 0 for
    /// [`Reason::ColumnLength`].
    pub fn from_columns(
        kinds: &[u8],
        ids: &[u64],
        sizes: &[u64],
        alignments: Option<&[u64]>,
        threads: Option<&[u32]>,
    ) -> Result<AllocTrace, TraceError> {
        let lengths = [
            ("ids", ids.len()),
            ("sizes", sizes.len()),
            ("alignments", alignments.map_or(kinds.len(), <[u64]>::len)),
            ("threads", threads.map_or(kinds.len(), <[u32]>::len)),
        ];
        for (column, found) in lengths {
            if found != kinds.len() {
                let reason = Reason::ColumnLength { column, found, expected: kinds.len() };
                return Err(TraceError::Event { index: 0, reason });
            }
        }
        let mut blocks = NumberedBuilder::new(u64::MAX);
        for (index, &number) in kinds.iter().enumerate() {
            let alignment = alignments.map_or(1, |alignments| alignments[index]);
            let thread = threads.map_or(0, |threads| threads[index]);
            add_row(&mut blocks, number, ids[index], sizes[index], alignment, thread, index as u64)
                .map_err(|reason| TraceError::Event { index, reason })?;
        }
        Ok(blocks.trace.finish())
    }

    /// A builder for a trace of one's own.
    pub fn builder() -> AllocTraceBuilder {
        AllocTraceBuilder::new()
    }

    /// The operations in order. O(1).
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The number of ids; every operation's id is below it. O(1).
    pub fn ids(&self) -> u32 {
        self.ids
    }

    /// The number of ids that no allocation has. O(1).
    pub fn orphans(&self) -> u32 {
        self.orphans
    }

    /// What it was read from. O(1).
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the reader left out or noticed. O(1).
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The comment that memcore's own format carries. O(1).
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Sets or removes the comment.
    pub fn set_comment(&mut self, comment: Option<String>) {
        self.comment = comment;
    }

    /// How many allocations ago blocks came, as MATR counts: orphans are left out.
    pub(super) fn block_numbering(&self) -> BlockNumbering {
        BlockNumbering { numbers: if self.orphans == 0 { None } else { Some(Vec::new()) }, blocks: 0 }
    }
}

fn add_row(
    blocks: &mut NumberedBuilder,
    number: u8,
    id: u64,
    size: u64,
    alignment: u64,
    thread: u32,
    at: u64,
) -> Result<(), Reason> {
    blocks.trace.set_thread(thread.into())?;
    match EventKind::from_number(number).ok_or(Reason::UnknownKind { number })? {
        kind @ (EventKind::Malloc | EventKind::Calloc) => blocks.allocate(kind, id, size, 0, at),
        EventKind::Aligned if !alignment.is_power_of_two() => Err(Reason::BadAlignment { alignment }),
        EventKind::Aligned => blocks.allocate(EventKind::Aligned, id, size, alignment.trailing_zeros(), at),
        EventKind::Realloc => blocks.realloc(id, size, at),
        EventKind::Free => blocks.free(id, at),
    }
}

/// Numbers the allocated ids without gaps, for formats that cannot name an orphan.
pub(super) struct BlockNumbering {
    /// For each id its number (orphans have none); absent when ids and numbers are the same.
    numbers: Option<Vec<Option<u32>>>,
    blocks: u32,
}

impl BlockNumbering {
    /// How many allocations before the newest the operation's block came; `None` for an orphan's operation.
    pub(super) fn distance(&mut self, event: &Event) -> Option<u64> {
        let allocates = event.kind().allocates();
        let number = match &mut self.numbers {
            None => event.id(),
            Some(numbers) => {
                if event.id() as usize == numbers.len() {
                    numbers.push(allocates.then_some(self.blocks));
                }
                numbers[event.id() as usize]?
            }
        };
        self.blocks += u32::from(allocates);
        Some(u64::from(self.blocks - 1 - number))
    }
}
