//! References to pages from a file, a chunk at a time, numbered densely.
//!
//! ```text
//!   AccessReader --> batch of accesses --> Expansion --> chunk of 65,536 references, 0 .. pages
//! ```

use std::io::Read;
use std::path::Path;

use super::expansion::{Expansion, Paging, room_for_chunk};
use super::kind::AccessKind;
use super::options::PageOptions;
use super::reader::AccessReader;
use super::types::{AccessBatch, Unit};
use crate::progress::Progress;
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::notes::Notes;

/// Reads the references of a trace of any size: memory grows with its pages, not with its length.
///
/// ```
/// use memcore::trace::{PageOptions, PageReader};
///
/// let text: &[u8] = b"X 401\nW 1fff 2\nX 401\n";
/// let options = PageOptions::default();
/// let mut nobody = ();
/// let mut reader = PageReader::from_read(text, "pages", &options, &mut nobody)?;
/// let mut references = Vec::new();
/// assert!(reader.next_chunk(&mut references, None)?);
/// assert_eq!(references, [0, 1, 1, 0]);
/// assert!(!reader.next_chunk(&mut references, None)?);
/// assert_eq!(reader.keys(), [0x401, 0x1fff]);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
pub struct PageReader<'a> {
    reader: AccessReader<'a>,
    expansion: Expansion,
    batch: AccessBatch,
    /// The access of the batch that comes next.
    at: usize,
    events: u64,
}

impl<'a> PageReader<'a> {
    /// Opens a file; see [`AccessReader::open`].
    ///
    /// # Errors
    /// As [`AccessReader::open`], and [`TraceError::PageSize`].
    pub fn open(
        path: impl AsRef<Path>,
        options: &'a PageOptions,
        progress: &'a mut dyn Progress,
    ) -> Result<PageReader<'a>, TraceError> {
        PageReader::new(AccessReader::open(path, &options.access, progress)?, options.page_size)
    }

    /// As [`open`](Self::open), from any input; `name` stands in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_read(
        input: impl Read + 'a,
        name: &str,
        options: &'a PageOptions,
        progress: &'a mut dyn Progress,
    ) -> Result<PageReader<'a>, TraceError> {
        PageReader::new(AccessReader::from_read(input, name, &options.access, progress)?, options.page_size)
    }

    /// The references of what `reader` has yet to read, at this page size (absent:
    /// [`Unit::default_page_size`]). O(1).
    ///
    /// # Errors
    /// [`TraceError::PageSize`] when the size is no power of two.
    pub fn new(reader: AccessReader<'a>, page_size: Option<u64>) -> Result<PageReader<'a>, TraceError> {
        let expansion = Expansion::new(Paging::new(reader.unit(), page_size)?, reader.limit());
        Ok(PageReader { reader, expansion, batch: AccessBatch::default(), at: 0, events: 0 })
    }

    /// Replaces what is in `references` (and in `kinds`, entry by entry) by the next references; `false`, with
    /// nothing in them, at the end. Expected O(references of the chunk).
    ///
    /// # Errors
    /// As [`open`](Self::open), with [`TraceError::Limit`] when the references, runs and spans expanded,
    /// exceed [`ReadOptions::max_events`](crate::trace::ReadOptions::max_events). What the chunk holds after an
    /// error is of no use, and reading cannot go on.
    pub fn next_chunk(
        &mut self,
        references: &mut Vec<u32>,
        kinds: Option<&mut Vec<AccessKind>>,
    ) -> Result<bool, TraceError> {
        references.clear();
        let Some(kinds) = kinds else { return self.append_chunk(references, None) };
        kinds.clear();
        self.append_chunk(references, Some(kinds))
    }

    /// As [`next_chunk`](Self::next_chunk), behind what is there.
    pub(crate) fn append_chunk(
        &mut self,
        references: &mut Vec<u32>,
        mut kinds: Option<&mut Vec<AccessKind>>,
    ) -> Result<bool, TraceError> {
        let begin = references.len();
        let full = room_for_chunk(references, &mut kinds).map_err(|reason| self.reader.error(reason))?;
        while references.len() < full {
            if self.at == self.batch.accesses.len() && !self.expansion.is_pending() {
                self.at = 0;
                if !self.reader.next_batch(&mut self.batch)? {
                    break;
                }
                self.events += self.batch.events.len() as u64;
            }
            self.expansion
                .take(&self.batch.accesses, &mut self.at, full, references, &mut kinds)
                .map_err(|reason| self.reader.error(reason))?;
        }
        Ok(references.len() > begin)
    }

    /// The error that reading cannot go on here for `reason`.
    #[cold]
    pub(crate) fn error(&self, reason: Reason) -> TraceError {
        self.reader.error(reason)
    }

    /// Bytes of a page; 1 where the trace has numbers only. O(1).
    pub fn page_size(&self) -> u64 {
        self.expansion.paging().page_size()
    }

    /// The distinct pages numbered so far. O(1).
    pub fn pages(&self) -> u32 {
        self.expansion.numbering.keys().len() as u32
    }

    /// For each number so far the page that it stands for. O(1).
    pub fn keys(&self) -> &[u64] {
        self.expansion.numbering.keys()
    }

    /// As [`keys`](Self::keys), without the reader. O(1).
    pub fn into_keys(self) -> Vec<u64> {
        self.expansion.numbering.into_keys()
    }

    /// The references given so far. O(1).
    pub fn references(&self) -> u64 {
        self.expansion.given
    }

    /// The address-space events passed so far. O(1).
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether all accesses so far were reads. O(1).
    pub fn reads_only(&self) -> bool {
        self.expansion.reads_only
    }

    /// What the addresses of the trace count. O(1).
    pub fn unit(&self) -> Unit {
        self.reader.unit()
    }

    /// The format that is read. O(1).
    pub fn format(&self) -> Format {
        self.reader.format()
    }

    /// The comment that memcore's own format carries. O(1).
    pub fn comment(&self) -> Option<&str> {
        self.reader.comment()
    }

    /// What was left out or noticed so far. O(1).
    pub fn notes(&self) -> &Notes {
        self.reader.notes()
    }
}
