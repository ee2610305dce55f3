//! Page traces taken apart and put together: for those who send them elsewhere, or write them to a file.

use super::access::{Access, AccessKind, AccessTrace, Unit};
use super::error::{Reason, TraceError};
use super::format::Format;
use super::notes::Notes;
use super::page_trace::PageTrace;

impl PageTrace {
    /// The trace with these columns, which are those of another: see [`references`](Self::references),
    /// [`keys`](Self::keys), [`kinds`](Self::kinds), [`page_size`](Self::page_size). Nothing is numbered anew.
    /// O(references + keys).
    ///
    /// ```
    /// use memcore::trace::PageTrace;
    ///
    /// let trace = PageTrace::from_references(vec![0, 1, 0], vec![7, 9], None, 4096)?;
    /// assert_eq!((trace.pages(), trace.page_size()), (2, 4096));
    /// assert!(PageTrace::from_references(vec![0, 2, 0], vec![7, 9], None, 4096).is_err());
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::PageSize`]; [`TraceError::Event`] with [`Reason::ColumnLength`], with
    /// [`Reason::UnknownReference`] for a number that has no key, or with [`Reason::TooManyPages`].
    pub fn from_references(
        references: Vec<u32>,
        keys: Vec<u64>,
        kinds: Option<Vec<AccessKind>>,
        page_size: u64,
    ) -> Result<PageTrace, TraceError> {
        if !page_size.is_power_of_two() {
            return Err(TraceError::PageSize { page_size });
        }
        let expected = references.len();
        if let Some(found) = kinds.as_ref().map(Vec::len).filter(|&found| found != expected) {
            let reason = Reason::ColumnLength { column: "kinds", found, expected };
            return Err(TraceError::Event { index: 0, reason });
        }
        if keys.len() > crate::replacement::MAX_PAGES as usize {
            return Err(TraceError::Event { index: 0, reason: Reason::TooManyPages });
        }
        let defined = keys.len() as u64;
        if let Some(index) = references.iter().position(|&page| u64::from(page) >= defined) {
            let reason = Reason::UnknownReference { what: "page", number: references[index].into(), defined };
            return Err(TraceError::Event { index, reason });
        }
        let kinds = kinds.filter(|kinds| kinds.iter().any(|&kind| kind != AccessKind::Read));
        Ok(PageTrace::from_parts(references, keys, kinds, page_size, Format::Built, Notes::default()))
    }

    /// The references as accesses to whole pages, equal neighbours as one run: what
    /// [`AccessTrace::save`] writes. Address-space events are not in a page trace. O(references).
    ///
    /// ```
    /// use memcore::trace::PageTrace;
    ///
    /// let trace = PageTrace::from_keys(&[7, 7, 9], None)?;
    /// let accesses = trace.to_accesses()?;
    /// assert_eq!((accesses.accesses().len(), accesses.accesses()[0].count), (2, 2));
    /// assert_eq!(PageTrace::from_accesses(&accesses, None)?.references(), trace.references());
    /// # Ok::<(), memcore::trace::TraceError>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceError::Event`] with [`Reason::OutOfMemory`].
    pub fn to_accesses(&self) -> Result<AccessTrace, TraceError> {
        let shift = self.page_size().trailing_zeros();
        let unit = if shift == 0 { Unit::Numbers } else { Unit::Pages { shift } };
        let mut accesses: Vec<Access> = Vec::new();
        for (index, &page) in self.references().iter().enumerate() {
            let kind = self.kinds().map_or(AccessKind::Read, |kinds| kinds[index]);
            let next = Access::new(self.keys()[page as usize] << shift, 1, kind);
            match accesses.last_mut() {
                Some(last) if (last.address, last.kind) == (next.address, kind) && last.count < u32::MAX => {
                    last.count += 1;
                }
                _ => {
                    let out_of_memory = Reason::OutOfMemory { events: index };
                    let failed = |_| TraceError::Event { index, reason: out_of_memory };
                    accesses.try_reserve(1).map_err(failed)?;
                    accesses.push(next);
                }
            }
        }
        AccessTrace::from_accesses(accesses, Vec::new(), unit)
    }
}
