//! A page trace in memory: which page each reference is to, as dense numbers.

use std::io::Read;
use std::path::Path;

use super::access::{AccessKind, AccessTrace, PageOptions, PageReader};
use super::access::{Expansion, Paging, room_for_chunk};
use super::error::{Reason, TraceError};
use super::format::Format;
use super::notes::Notes;
use super::numbering::Numbering;
use super::options::ReadOptions;
use crate::progress::Progress;

/// The references of a program to pages, numbered densely once for every simulation.
///
/// ```
/// use memcore::trace::PageTrace;
///
/// let trace = PageTrace::from_keys(&[7, 0, 1, 2, 0], None)?;
/// assert_eq!(trace.references(), [0, 1, 2, 3, 1]);
/// assert_eq!(trace.keys(), [7, 0, 1, 2]);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PageTrace {
    references: Vec<u32>,
    keys: Vec<u64>,
    kinds: Option<Vec<AccessKind>>,
    page_size: u64,
    events: u64,
    format: Format,
    notes: Notes,
    comment: Option<String>,
}

impl PageTrace {
    pub(crate) fn from_parts(
        references: Vec<u32>,
        keys: Vec<u64>,
        kinds: Option<Vec<AccessKind>>,
        page_size: u64,
        format: Format,
        notes: Notes,
    ) -> PageTrace {
        PageTrace { references, keys, kinds, page_size, events: 0, format, notes, comment: None }
    }

    /// Reads a file in any format of [`Format::ACCESS_FILES`], compressed or not, a batch of accesses at a
    /// time, and numbers its pages. Expected O(bytes of the content + references); memory 4 bytes a
    /// reference, 1 more when not all are reads, and a table of the distinct pages.
    ///
    /// ```no_run
    /// use memcore::trace::{PageOptions, PageTrace};
    ///
    /// let trace = PageTrace::open("ls.lackey.zst", &PageOptions::default(), &mut ())?;
    /// println!("{} pages of {} bytes", trace.pages(), trace.page_size());
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// As [`PageReader::open`].
    pub fn open(
        path: impl AsRef<Path>,
        options: &PageOptions,
        progress: &mut dyn Progress,
    ) -> Result<PageTrace, TraceError> {
        PageTrace::collect(PageReader::open(path, options, progress)?)
    }

    /// As [`open`](Self::open), from any input; `name` stands in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(
        input: impl Read,
        name: &str,
        options: &PageOptions,
        progress: &mut dyn Progress,
    ) -> Result<PageTrace, TraceError> {
        PageTrace::collect(PageReader::from_read(input, name, options, progress)?)
    }

    /// As [`open`](Self::open), from bytes in memory, with the default options and nobody watching.
    ///
    /// ```
    /// let trace = memcore::trace::PageTrace::read_bytes(b" S 1ffc,8\n L 2000,4\n")?;
    /// assert_eq!(trace.keys(), [1, 2]);
    /// assert_eq!(trace.references(), [0, 1, 1]);
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read_bytes(bytes: &[u8]) -> Result<PageTrace, TraceError> {
        PageTrace::read(bytes, "<bytes>", &PageOptions::default(), &mut ())
    }

    fn collect(mut reader: PageReader<'_>) -> Result<PageTrace, TraceError> {
        let (mut references, mut chunk) = (Vec::new(), Vec::new());
        let mut kinds = Kinds::default();
        loop {
            let before = references.len();
            chunk.clear();
            if !reader.append_chunk(&mut references, Some(&mut chunk))? {
                break;
            }
            kinds.add(before, &chunk, reader.reads_only()).map_err(|reason| reader.error(reason))?;
        }
        let (page_size, events) = (reader.page_size(), reader.events());
        let (format, notes) = (reader.format(), reader.notes().clone());
        let comment = reader.comment().map(str::to_owned);
        Ok(PageTrace {
            references,
            keys: reader.into_keys(),
            kinds: kinds.0,
            page_size,
            events,
            format,
            notes,
            comment,
        })
    }

    /// The references of accesses in memory, at this page size (absent: the default of their unit).
    /// Expected O(references).
    ///
    /// ```
    /// use memcore::trace::{AccessTrace, PageTrace};
    ///
    /// let accesses = AccessTrace::from_columns(&[0x1ffc, 0x2000], Some(&[8, 8]), None)?;
    /// let trace = PageTrace::from_accesses(&accesses, Some(4096))?;
    /// assert_eq!(trace.references(), [0, 1, 1]);
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::PageSize`]; [`TraceError::Event`] with [`Reason::TooManyPages`] or
    /// [`Reason::OutOfMemory`], or [`Reason::TooManyEvents`] beyond the references that
    /// [`ReadOptions`](super::ReadOptions) allow by default.
    pub fn from_accesses(accesses: &AccessTrace, page_size: Option<u64>) -> Result<PageTrace, TraceError> {
        let paging = Paging::new(accesses.unit(), page_size)?;
        let mut expansion = Expansion::new(paging, ReadOptions::default().max_events);
        let (mut references, mut chunk, mut at) = (Vec::new(), Vec::new(), 0);
        let mut kinds = Kinds::default();
        while at < accesses.accesses().len() || expansion.is_pending() {
            let before = references.len();
            chunk.clear();
            let mut into = Some(&mut chunk);
            room_for_chunk(&mut references, &mut into)
                .and_then(|full| {
                    expansion.take(accesses.accesses(), &mut at, full, &mut references, &mut into)
                })
                .and_then(|()| kinds.add(before, &chunk, expansion.reads_only))
                .map_err(|reason| TraceError::Event { index: at.saturating_sub(1), reason })?;
        }
        Ok(PageTrace {
            references,
            keys: expansion.numbering.into_keys(),
            kinds: kinds.0,
            page_size: paging.page_size(),
            events: accesses.events().len() as u64,
            format: accesses.format(),
            notes: accesses.notes().clone(),
            comment: accesses.comment().map(str::to_owned),
        })
    }

    /// The trace of these references to pages, named by any numbers, of these kinds (absent: all reads).
    /// Expected O(references).
    ///
    /// # Errors
    /// [`TraceError::Event`] with [`Reason::ColumnLength`], [`Reason::TooManyPages`] or
    /// [`Reason::OutOfMemory`].
    pub fn from_keys(keys: &[u64], kinds: Option<&[AccessKind]>) -> Result<PageTrace, TraceError> {
        if let Some(found) = kinds.map(<[AccessKind]>::len).filter(|&found| found != keys.len()) {
            let reason = Reason::ColumnLength { column: "kinds", found, expected: keys.len() };
            return Err(TraceError::Event { index: 0, reason });
        }
        let out_of_memory = |_| TraceError::Event { index: 0, reason: Reason::OutOfMemory { events: 0 } };
        let mut references = Vec::new();
        references.try_reserve_exact(keys.len()).map_err(out_of_memory)?;
        let mut numbering = Numbering::new();
        if let Err(reason) = numbering.number_all(keys, &mut references) {
            return Err(TraceError::Event { index: references.len(), reason });
        }
        let kinds = kinds.filter(|kinds| kinds.iter().any(|&kind| kind != AccessKind::Read));
        let kinds = kinds.map(<[AccessKind]>::to_vec);
        Ok(PageTrace::from_parts(
            references,
            numbering.into_keys(),
            kinds,
            1,
            Format::Built,
            Notes::default(),
        ))
    }

    /// The page of each reference, by its number. O(1).
    pub fn references(&self) -> &[u32] {
        &self.references
    }

    /// For each number the page that it stands for: the address divided by the page size. O(1).
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// The kind of each reference; `None` when all are reads. O(1).
    pub fn kinds(&self) -> Option<&[AccessKind]> {
        self.kinds.as_deref()
    }

    /// How many distinct pages there are. O(1).
    pub fn pages(&self) -> u32 {
        self.keys.len() as u32
    }

    /// Bytes of a page; 1 where the trace has no addresses, only numbers of pages or blocks. O(1).
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// How many address-space events stood between the references. O(1).
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What it was read from. O(1).
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the reader left out or noticed. O(1).
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The comment that memcore's own format carries: where the trace comes from, how it was made. O(1).
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Sets or removes the comment.
    pub fn set_comment(&mut self, comment: Option<String>) {
        self.comment = comment;
    }
}

/// The kinds of the references, held from the first that is no read.
#[derive(Default)]
struct Kinds(Option<Vec<AccessKind>>);

impl Kinds {
    /// Takes those of a chunk that stands behind `before` references.
    fn add(&mut self, before: usize, chunk: &[AccessKind], reads_only: bool) -> Result<(), Reason> {
        if reads_only {
            return Ok(());
        }
        let kinds = self.0.get_or_insert_default();
        if kinds.try_reserve(before + chunk.len() - kinds.len()).is_err() {
            return Err(Reason::OutOfMemory { events: before });
        }
        kinds.resize(before, AccessKind::Read);
        kinds.extend_from_slice(chunk);
        Ok(())
    }
}
