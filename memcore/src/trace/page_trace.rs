//! A page trace in memory: which page each reference is to, as dense numbers.

use super::access::AccessKind;
use super::error::{Reason, TraceError};
use super::format::Format;
use super::notes::Notes;
use super::numbering::Numbering;

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
    format: Format,
    notes: Notes,
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
        PageTrace { references, keys, kinds, page_size, format, notes }
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
        for (index, &key) in keys.iter().enumerate() {
            let number = numbering.number(key).map_err(|reason| TraceError::Event { index, reason })?;
            references.push(number);
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

    /// What it was read from. O(1).
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the reader left out or noticed. O(1).
    pub fn notes(&self) -> &Notes {
        &self.notes
    }
}
