//! The bytes of one trace as a reader wants them: a window that slides, lines, positions, limits.
//!
//! ```text
//!  file --> counted --> decompressor --> | consumed | window ......... | free |
//!                                                   ^ position          ^ filled
//! ```
//!
//! Each refill of 64 KiB is the moment at which limits are checked and the watcher is asked. Between two
//! refills a reader works on a plain slice.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use super::compression::{Compression, expand};
use crate::progress::Progress;
use crate::trace::error::{Reason, TraceError, excerpt};
use crate::trace::format::Format;
use crate::trace::options::ReadOptions;
use crate::trace::trace_kind::TraceKind;

const REFILL: usize = 1 << 16;
/// heaptrack writes the names of C++ templates on one line; they reach tens of kilobytes.
const LONGEST_LINE: usize = 1 << 20;

/// Counts the bytes that leave the file, before they are expanded.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

pub(crate) struct Source<'a> {
    name: String,
    reader: Box<dyn Read + 'a>,
    compression: Compression,
    options: &'a ReadOptions,
    progress: &'a mut dyn Progress,
    file_bytes: Rc<Cell<u64>>,
    file_length: Option<u64>,
    buffer: Vec<u8>,
    position: usize,
    filled: usize,
    /// The offset in the content of `buffer[0]`.
    base: u64,
    ended: bool,
    line: (usize, usize),
    line_number: u64,
    checksum: Option<crc32fast::Hasher>,
    /// Up to where the checksum has seen the buffer.
    summed: usize,
}

impl<'a> Source<'a> {
    /// `file_length` is told to the watcher as the total.
    pub(crate) fn new(
        input: impl Read + 'a,
        name: &str,
        file_length: Option<u64>,
        options: &'a ReadOptions,
        progress: &'a mut dyn Progress,
    ) -> Result<Source<'a>, TraceError> {
        let file_bytes = Rc::new(Cell::new(0));
        let counted = Counted { inner: input, count: Rc::clone(&file_bytes) };
        let (reader, compression) =
            expand(counted).map_err(|error| TraceError::Io { name: name.to_owned(), error })?;
        let mut source = Source {
            name: name.to_owned(),
            reader,
            compression,
            options,
            progress,
            file_bytes,
            file_length,
            buffer: vec![0; 2 * REFILL],
            position: 0,
            filled: 0,
            base: 0,
            ended: false,
            line: (0, 0),
            line_number: 0,
            checksum: None,
            summed: 0,
        };
        if compression != Compression::None {
            let inner = Compression::of_content(source.peek(6)?);
            if inner != Compression::None {
                return Err(TraceError::NestedCompression {
                    name: source.name,
                    outer: compression.name(),
                    inner: inner.name(),
                });
            }
        }
        Ok(source)
    }

    pub(crate) fn options(&self) -> &ReadOptions {
        self.options
    }

    /// What is not yet consumed: at least `wanted` bytes unless the content ends before.
    #[inline]
    pub(crate) fn peek(&mut self, wanted: usize) -> Result<&[u8], TraceError> {
        while self.filled - self.position < wanted && !self.ended {
            self.refill()?;
        }
        Ok(&self.buffer[self.position..self.filled])
    }

    /// Passes over `count` bytes that were peeked at.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        self.position = (self.position + count).min(self.filled);
    }

    /// The offset in the content of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.position as u64
    }

    /// Moves to the next line; false at the end. A last line needs no line end; `\r\n` ends a line as `\n`.
    #[inline]
    pub(crate) fn next_line(&mut self) -> Result<bool, TraceError> {
        let mut searched = 0;
        loop {
            let from = self.position + searched;
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[from..self.filled]) {
                self.take_line(from + length, from + length + 1);
                return Ok(true);
            }
            searched = self.filled - self.position;
            if searched > LONGEST_LINE {
                self.take_line(self.position + searched, self.filled);
                return Err(self.line_error(Reason::LineTooLong { limit: LONGEST_LINE }));
            }
            if self.ended {
                if searched == 0 {
                    return Ok(false);
                }
                self.take_line(self.filled, self.filled);
                return Ok(true);
            }
            self.refill()?;
        }
    }

    #[inline]
    fn take_line(&mut self, mut end: usize, next: usize) {
        let start = self.position;
        if end > start && self.buffer[end - 1] == b'\r' {
            end -= 1;
        }
        self.line = (start, end);
        self.line_number += 1;
        self.position = next;
    }

    /// The line that [`next_line`](Self::next_line) moved to, without its end.
    #[inline]
    pub(crate) fn line(&self) -> &[u8] {
        &self.buffer[self.line.0..self.line.1]
    }

    /// The number of that line, from 1.
    #[inline]
    pub(crate) fn line_number(&self) -> u64 {
        self.line_number
    }

    /// From here on, consumed bytes are summed (CRC-32 of IEEE 802.3).
    pub(crate) fn start_checksum(&mut self) {
        self.checksum = Some(crc32fast::Hasher::new());
        self.summed = self.position;
    }

    /// The sum of the bytes consumed since it was started.
    pub(crate) fn end_checksum(&mut self) -> u32 {
        self.sum_consumed();
        self.checksum.take().map_or(0, crc32fast::Hasher::finalize)
    }

    fn sum_consumed(&mut self) {
        if let Some(hasher) = &mut self.checksum {
            hasher.update(&self.buffer[self.summed..self.position]);
        }
        self.summed = self.position;
    }

    #[cold]
    fn refill(&mut self) -> Result<(), TraceError> {
        self.sum_consumed();
        if self.position > 0 {
            self.buffer.copy_within(self.position..self.filled, 0);
        }
        self.base += self.position as u64;
        self.filled -= self.position;
        self.position = 0;
        self.summed = 0;
        if self.buffer.len() - self.filled < REFILL {
            let longer = 2 * self.buffer.len();
            self.buffer.resize(longer, 0);
        }
        let free = self.filled..self.filled + REFILL;
        let read = loop {
            match self.reader.read(&mut self.buffer[free.clone()]) {
                Ok(read) => break read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(TraceError::Io { name: self.name.clone(), error }),
            }
        };
        self.filled += read;
        self.ended = read == 0;
        self.check_expansion()?;
        let done = self.file_bytes.get();
        if self.progress.report(done, self.file_length).is_break() {
            return Err(TraceError::Cancelled);
        }
        Ok(())
    }

    fn check_expansion(&self) -> Result<(), TraceError> {
        if self.compression == Compression::None {
            return Ok(());
        }
        let options = self.options;
        let expanded = self.base + self.filled as u64;
        if expanded > options.max_expanded_bytes {
            return Err(self.limit("max_expanded_bytes", options.max_expanded_bytes));
        }
        let most = options.max_expansion_ratio.saturating_mul(self.file_bytes.get());
        if expanded > options.expansion_allowance && expanded > most {
            return Err(self.limit("max_expansion_ratio", options.max_expansion_ratio));
        }
        Ok(())
    }

    fn limit(&self, limit: &'static str, value: u64) -> TraceError {
        TraceError::Limit { name: self.name.clone(), limit, value }
    }

    /// The error that the current line is wrong for `reason`.
    #[cold]
    pub(crate) fn line_error(&self, reason: Reason) -> TraceError {
        match reason {
            Reason::TooManyEvents { limit } => self.limit("max_events", limit),
            reason => TraceError::Line {
                name: self.name.clone(),
                line: self.line_number,
                excerpt: excerpt(self.line()),
                reason,
            },
        }
    }

    /// The error that the record at `offset` is wrong for `reason`.
    #[cold]
    pub(crate) fn byte_error(&self, offset: u64, reason: Reason) -> TraceError {
        match reason {
            Reason::TooManyEvents { limit } => self.limit("max_events", limit),
            reason => TraceError::Byte { name: self.name.clone(), offset, reason },
        }
    }

    /// The error that the content, of this format, is not of the kind wanted.
    #[cold]
    pub(crate) fn other_kind(&self, format: Format, wanted: TraceKind) -> TraceError {
        TraceError::OtherKind { name: self.name.clone(), format, kind: wanted.other() }
    }

    /// The error that the content is of no known format.
    pub(crate) fn unknown_format(&mut self) -> Result<TraceError, TraceError> {
        let excerpt = excerpt(self.peek(1)?);
        Ok(TraceError::UnknownFormat { name: self.name.clone(), excerpt })
    }
}
