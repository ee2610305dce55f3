//! A whole trace of accesses in memory, for the caches and the machine.

use std::io::Read;
use std::path::Path;

use super::kind::AccessKind;
use super::options::AccessOptions;
use super::reader::AccessReader;
use super::types::{Access, AccessBatch, SpaceEvent, Unit};
use crate::progress::Progress;
use crate::trace::error::{Reason, TraceError};
use crate::trace::format::Format;
use crate::trace::notes::Notes;
use crate::trace::page_trace::PageTrace;

/// The accesses of a program and what it did to its address space, in order.
///
/// ```
/// use memcore::trace::{AccessTrace, SpaceEvent};
///
/// let trace = AccessTrace::read_bytes(b"X 401 2\nm 4835 2 3 34\nW 4835\n")?;
/// assert_eq!(trace.accesses().len(), 2);
/// assert_eq!(trace.events(), [(1, SpaceEvent::Map { page: 0x4835, pages: 2, protection: 3, flags: 34 })]);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTrace {
    accesses: Vec<Access>,
    events: Vec<(usize, SpaceEvent)>,
    unit: Unit,
    format: Format,
    notes: Notes,
    comment: Option<String>,
}

impl AccessTrace {
    /// Reads a file in any format of [`Format::ACCESS_FILES`], compressed by gzip, xz or zstd or not at all.
    /// O(bytes of the content); memory 24 bytes a run of equal accesses.
    ///
    /// # Errors
    /// As [`AccessReader::open`].
    pub fn open(
        path: impl AsRef<Path>,
        options: &AccessOptions,
        progress: &mut dyn Progress,
    ) -> Result<AccessTrace, TraceError> {
        AccessTrace::collect(AccessReader::open(path, options, progress)?)
    }

    /// As [`open`](Self::open), from any input; `name` stands in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(
        input: impl Read,
        name: &str,
        options: &AccessOptions,
        progress: &mut dyn Progress,
    ) -> Result<AccessTrace, TraceError> {
        AccessTrace::collect(AccessReader::from_read(input, name, options, progress)?)
    }

    /// As [`open`](Self::open), from bytes in memory, with the default options and nobody watching.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read_bytes(bytes: &[u8]) -> Result<AccessTrace, TraceError> {
        AccessTrace::read(bytes, "<bytes>", &AccessOptions::default(), &mut ())
    }

    fn collect(mut reader: AccessReader<'_>) -> Result<AccessTrace, TraceError> {
        let (mut accesses, mut events) = (Vec::new(), Vec::new());
        let mut batch = AccessBatch::default();
        while reader.next_batch(&mut batch)? {
            let before = accesses.len();
            let reserved = accesses.try_reserve(batch.accesses.len()).is_ok()
                && events.try_reserve(batch.events.len()).is_ok();
            if !reserved {
                return Err(reader.error(Reason::OutOfMemory { events: before }));
            }
            events.extend(batch.events.iter().map(|&(index, event)| (before + index, event)));
            accesses.extend_from_slice(&batch.accesses);
        }
        let (unit, format, notes) = (reader.unit(), reader.format(), reader.notes().clone());
        let comment = reader.comment().map(str::to_owned);
        Ok(AccessTrace { accesses, events, unit, format, notes, comment })
    }

    /// The trace of these accesses, and of events each with the index of the access that it stands before
    /// (ascending, at most the number of accesses). O(accesses + events).
    ///
    /// # Errors
    /// [`TraceError::Event`] with [`Reason::RunLength`] for a count of 0, [`Reason::NotAPage`] where the unit is
    /// pages and an address is no page's first byte, or [`Reason::EventOutOfOrder`].
    pub fn from_accesses(
        accesses: Vec<Access>,
        events: Vec<(usize, SpaceEvent)>,
        unit: Unit,
    ) -> Result<AccessTrace, TraceError> {
        let shift = if let Unit::Pages { shift } = unit { shift } else { 0 };
        if shift > 63 {
            let reason = Reason::Undefined { what: "page shift", number: shift.into() };
            return Err(TraceError::Event { index: 0, reason });
        }
        for (index, access) in accesses.iter().enumerate() {
            if access.count == 0 {
                return Err(TraceError::Event { index, reason: Reason::RunLength { count: 0 } });
            }
            if access.address & ((1 << shift) - 1) != 0 {
                let reason = Reason::NotAPage { address: access.address, shift };
                return Err(TraceError::Event { index, reason });
            }
        }
        let mut last = 0;
        for &(index, _) in &events {
            if index < last || index > accesses.len() {
                return Err(TraceError::Event { index, reason: Reason::EventOutOfOrder });
            }
            last = index;
        }
        let (format, notes) = (Format::Built, Notes::default());
        Ok(AccessTrace { accesses, events, unit, format, notes, comment: None })
    }

    /// The trace of accesses to these addresses, in bytes, one entry an access: sizes in bytes (absent: 1)
    /// and kinds (absent: all reads). O(accesses).
    ///
    /// ```
    /// use memcore::trace::{AccessKind, AccessTrace};
    ///
    /// let kinds = [AccessKind::Read, AccessKind::Write];
    /// let trace = AccessTrace::from_columns(&[0x1000, 0x1ffc], Some(&[8, 8]), Some(&kinds))?;
    /// assert_eq!(trace.accesses()[1].kind, AccessKind::Write);
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::Event`] with [`Reason::ColumnLength`] or [`Reason::OutOfMemory`].
    pub fn from_columns(
        addresses: &[u64],
        sizes: Option<&[u32]>,
        kinds: Option<&[AccessKind]>,
    ) -> Result<AccessTrace, TraceError> {
        let expected = addresses.len();
        let failed = |reason| TraceError::Event { index: 0, reason };
        for (column, found) in
            [("sizes", sizes.map_or(expected, <[u32]>::len)), ("kinds", kinds.map_or(expected, <[_]>::len))]
        {
            if found != expected {
                return Err(failed(Reason::ColumnLength { column, found, expected }));
            }
        }
        let mut accesses = Vec::new();
        accesses.try_reserve_exact(expected).map_err(|_| failed(Reason::OutOfMemory { events: 0 }))?;
        accesses.extend(addresses.iter().enumerate().map(|(index, &address)| {
            let size = sizes.map_or(1, |sizes| sizes[index]);
            Access::new(address, size, kinds.map_or(AccessKind::Read, |kinds| kinds[index]))
        }));
        AccessTrace::from_accesses(accesses, Vec::new(), Unit::Bytes)
    }

    /// The references of a page trace as accesses, equal neighbours as runs: numbers where its page size is 1,
    /// else pages. Events are not among them. O(references).
    ///
    /// ```
    /// use memcore::trace::{AccessTrace, PageTrace};
    ///
    /// let pages = PageTrace::from_keys(&[7, 7, 9], None)?;
    /// let accesses = AccessTrace::from_pages(&pages)?;
    /// assert_eq!((accesses.accesses()[0].address, accesses.accesses()[0].count), (7, 2));
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::Event`] with [`Reason::OutOfMemory`].
    pub fn from_pages(pages: &PageTrace) -> Result<AccessTrace, TraceError> {
        let shift = pages.page_size().trailing_zeros();
        let unit = if shift == 0 { Unit::Numbers } else { Unit::Pages { shift } };
        let mut accesses: Vec<Access> = Vec::new();
        for (index, &reference) in pages.references().iter().enumerate() {
            let address = pages.keys()[reference as usize] << shift;
            let kind = pages.kinds().map_or(AccessKind::Read, |kinds| kinds[index]);
            match accesses.last_mut() {
                Some(run) if run.address == address && run.kind == kind && run.count < u32::MAX => {
                    run.count += 1
                }
                _ => {
                    if accesses.try_reserve(1).is_err() {
                        let reason = Reason::OutOfMemory { events: accesses.len() };
                        return Err(TraceError::Event { index, reason });
                    }
                    accesses.push(Access::new(address, 1, kind));
                }
            }
        }
        let mut trace = AccessTrace::from_accesses(accesses, Vec::new(), unit)?;
        trace.comment = pages.comment().map(str::to_owned);
        Ok(trace)
    }

    /// The accesses in order. O(1).
    pub fn accesses(&self) -> &[Access] {
        &self.accesses
    }

    /// The events in order, each with the index of the access that it stands before. O(1).
    pub fn events(&self) -> &[(usize, SpaceEvent)] {
        &self.events
    }

    /// What the addresses count. O(1).
    pub fn unit(&self) -> Unit {
        self.unit
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
