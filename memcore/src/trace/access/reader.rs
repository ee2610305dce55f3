//! Accesses from a file, a batch at a time: memory does not grow with the trace.
//!
//! ```text
//!   file --> Source: decompressed, a window --> decoder of the format --> AccessBatch, 8192 accesses
//! ```

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::formats::{self, Decoder};
use super::options::AccessOptions;
use super::types::{AccessBatch, Unit};
use crate::progress::Progress;
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::input::source::Source;
use crate::trace::notes::Notes;

/// Reads a trace of accesses of any size in any format of [`Format::ACCESS_FILES`].
///
/// ```
/// use memcore::trace::{AccessBatch, AccessKind, AccessOptions, AccessReader, Unit};
///
/// let text: &[u8] = b" S 1fff000668,8\nI  0401b770,1\n";
/// let options = AccessOptions::default();
/// let mut nobody = ();
/// let mut reader = AccessReader::from_read(text, "lackey", &options, &mut nobody)?;
/// let mut batch = AccessBatch::default();
/// assert!(reader.next_batch(&mut batch)?);
/// assert_eq!(batch.accesses[0].kind, AccessKind::Write);
/// assert_eq!(batch.accesses[1].address, 0x401_b770);
/// assert!(!reader.next_batch(&mut batch)?);
/// assert_eq!(reader.unit(), Unit::Bytes);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
pub struct AccessReader<'a> {
    source: Source<'a>,
    decoder: Box<dyn Decoder + 'a>,
    format: Format,
    notes: Notes,
    /// Accesses and events given so far.
    given: u64,
    ended: bool,
}

impl<'a> AccessReader<'a> {
    /// Opens a file, compressed by gzip, xz or zstd or not at all; format and compression are told by the
    /// content. O(1) in the length of the trace. `progress` is told the bytes of the file read so far, and
    /// the file's length, about every 64 KiB of content.
    ///
    /// # Errors
    /// Every variant of [`TraceError`] that names a file, and [`TraceError::Cancelled`].
    pub fn open(
        path: impl AsRef<Path>,
        options: &'a AccessOptions,
        progress: &'a mut dyn Progress,
    ) -> Result<AccessReader<'a>, TraceError> {
        let path = path.as_ref();
        let name = path.to_string_lossy();
        let failed = |error| TraceError::Io { name: name.clone().into_owned(), error };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let length = metadata.is_file().then_some(metadata.len());
        AccessReader::new(Source::new(file, &name, length, &options.read, progress)?, options)
    }

    /// As [`open`](Self::open), from any input (a pipe, bytes in memory); `name` stands in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_read(
        input: impl Read + 'a,
        name: &str,
        options: &'a AccessOptions,
        progress: &'a mut dyn Progress,
    ) -> Result<AccessReader<'a>, TraceError> {
        AccessReader::new(Source::new(input, name, None, &options.read, progress)?, options)
    }

    fn new(mut source: Source<'a>, options: &'a AccessOptions) -> Result<AccessReader<'a>, TraceError> {
        let (decoder, format) = formats::decoder(&mut source, options)?;
        Ok(AccessReader { source, decoder, format, notes: Notes::default(), given: 0, ended: false })
    }

    /// What the addresses count. O(1).
    pub fn unit(&self) -> Unit {
        self.decoder.unit()
    }

    /// The format that is read. O(1).
    pub fn format(&self) -> Format {
        self.format
    }

    /// The comment that memcore's own format carries. O(1).
    pub fn comment(&self) -> Option<&str> {
        self.decoder.comment()
    }

    /// What was left out or noticed so far. O(1).
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Replaces what is in `batch` by the next accesses and events; `false`, with an empty batch, at the end.
    /// O(accesses of the batch); the batch's memory is used again.
    ///
    /// # Errors
    /// As [`open`](Self::open). After an error the reader is at its end.
    pub fn next_batch(&mut self, batch: &mut AccessBatch) -> Result<bool, TraceError> {
        batch.begin().map_err(|reason| self.error(reason))?;
        if self.ended {
            return Ok(false);
        }
        let filled = self.fill(batch);
        if !matches!(filled, Ok(true)) {
            batch.accesses.clear();
            batch.events.clear();
            self.ended = true;
        }
        filled
    }

    fn fill(&mut self, batch: &mut AccessBatch) -> Result<bool, TraceError> {
        self.decoder.fill(&mut self.source, batch, &mut self.notes)?;
        let new = batch.accesses.len() + batch.events.len();
        self.given += new as u64;
        let limit = self.source.options().max_events;
        if self.given > limit {
            return Err(self.error(Reason::TooManyEvents { limit }));
        }
        Ok(new > 0)
    }

    /// The most accesses or references that may be given.
    pub(crate) fn limit(&self) -> u64 {
        self.source.options().max_events
    }

    /// The error that reading cannot go on here for `reason`.
    #[cold]
    pub(crate) fn error(&self, reason: Reason) -> TraceError {
        self.source.byte_error(self.source.offset(), reason)
    }
}
