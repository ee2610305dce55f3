//! What is in a page trace, in numbers, from one walk over its references.
//!
//! ```text
//!   references  0 1 0 2 | 2 2 2 2 | 3 0 3 1
//!   windows         4         4         4
//!   working set     3         1         3      distinct pages in the window
//!   new pages       3         0         1      of them, those never seen before
//! ```
//!
//! The working set of a window as long as the time that a program is given is what Denning ("The working set
//! model for program behavior", CACM 11, 1968) would keep in memory for it at the window's end.

use super::kind::AccessKind;
use crate::trace::page_trace::PageTrace;
use crate::trace::summary::DEFAULT_SERIES_POINTS;

/// One window of [`AccessSummary::working_set`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingSetPoint {
    /// References up to the window's end.
    pub references: u64,
    /// Distinct pages that the window refers to.
    pub pages: u32,
    /// Those of them that nothing before the window refers to.
    pub new_pages: u32,
}

/// A page trace in numbers.
///
/// ```
/// use memcore::trace::PageTrace;
///
/// let summary = PageTrace::read_bytes(b"X 401 3\nW 402\nR 401\n")?.summary();
/// assert_eq!((summary.references, summary.pages), (5, 2));
/// assert_eq!((summary.reads, summary.writes, summary.executes), (1, 1, 3));
/// assert_eq!(summary.footprint_bytes, 8192);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSummary {
    /// All references, runs expanded.
    pub references: u64,
    /// The loads among them.
    pub reads: u64,
    /// The stores and modifies.
    pub writes: u64,
    /// The instruction fetches.
    pub executes: u64,
    /// Distinct pages.
    pub pages: u32,
    /// Distinct pages that are read from.
    pub pages_read: u32,
    /// Distinct pages that are written to.
    pub pages_written: u32,
    /// Distinct pages that are executed from.
    pub pages_executed: u32,
    /// Bytes of a page.
    pub page_size: u64,
    /// The distinct pages times their size, at most 2^64 - 1.
    pub footprint_bytes: u64,
    /// The lowest page (an address divided by the page size), when there is one.
    pub first_page: Option<u64>,
    /// The highest page.
    pub last_page: Option<u64>,
    /// Address-space events.
    pub events: u64,
    /// References of a window of the series; the last one may be shorter.
    pub window: u64,
    /// The working set over time, window by window.
    pub working_set: Vec<WorkingSetPoint>,
}

impl PageTrace {
    /// The trace in numbers, with a series of at most [`DEFAULT_SERIES_POINTS`] windows.
    /// O(references + pages); memory 8 bytes a page while it runs.
    pub fn summary(&self) -> AccessSummary {
        self.summary_with_points(DEFAULT_SERIES_POINTS)
    }

    /// As [`summary`](Self::summary), with a series of at most `points` windows (0: none; never more than 2^24).
    pub fn summary_with_points(&self, points: usize) -> AccessSummary {
        let references = self.references();
        let points = points.min(1 << 24);
        let window = if points == 0 { references.len() } else { references.len().div_ceil(points) }.max(1);
        let mut kinds = [0u64; 3];
        // For each page the kinds of its references, a bit each, and the last window that refers to it.
        let mut seen = vec![(0u8, 0u32); self.pages() as usize];
        let mut working_set = Vec::new();
        for (index, part) in references.chunks(window).enumerate() {
            let begin = index * window;
            let stamp = index as u32 + 1;
            let (mut pages, mut new_pages) = (0, 0);
            for (offset, &reference) in part.iter().enumerate() {
                let kind = self.kinds().map_or(AccessKind::Read, |kinds| kinds[begin + offset]);
                let (kinds_seen, last) = &mut seen[reference as usize];
                kinds[kind as usize] += 1;
                *kinds_seen |= 1 << kind as u8;
                if *last != stamp {
                    pages += 1;
                    new_pages += u32::from(*last == 0);
                    *last = stamp;
                }
            }
            if points > 0 {
                let references = (begin + part.len()) as u64;
                working_set.push(WorkingSetPoint { references, pages, new_pages });
            }
        }
        let pages_with =
            |kind: AccessKind| seen.iter().filter(|(kinds, _)| kinds & 1 << kind as u8 != 0).count() as u32;
        AccessSummary {
            references: references.len() as u64,
            reads: kinds[AccessKind::Read as usize],
            writes: kinds[AccessKind::Write as usize],
            executes: kinds[AccessKind::Execute as usize],
            pages: self.pages(),
            pages_read: pages_with(AccessKind::Read),
            pages_written: pages_with(AccessKind::Write),
            pages_executed: pages_with(AccessKind::Execute),
            page_size: self.page_size(),
            footprint_bytes: u64::from(self.pages()).saturating_mul(self.page_size()),
            first_page: self.keys().iter().min().copied(),
            last_page: self.keys().iter().max().copied(),
            events: self.events(),
            window: window as u64,
            working_set,
        }
    }
}
