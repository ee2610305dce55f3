//! A page trace in figures.

use memcore::trace::{AccessSummary, WorkingSetPoint};

use super::memcore_page_trace;
use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{fill, object, out, out_array},
};

/// A page trace in figures.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_page_trace_figures {
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
    /// The lowest page (an address divided by the page size); 0 when there is none.
    pub first_page: u64,
    /// The highest page; 0 when there is none.
    pub last_page: u64,
    /// Address-space events.
    pub events: u64,
}

impl From<&AccessSummary> for memcore_page_trace_figures {
    fn from(summary: &AccessSummary) -> Self {
        memcore_page_trace_figures {
            references: summary.references,
            reads: summary.reads,
            writes: summary.writes,
            executes: summary.executes,
            pages: summary.pages,
            pages_read: summary.pages_read,
            pages_written: summary.pages_written,
            pages_executed: summary.pages_executed,
            page_size: summary.page_size,
            footprint_bytes: summary.footprint_bytes,
            first_page: summary.first_page.unwrap_or(0),
            last_page: summary.last_page.unwrap_or(0),
            events: summary.events,
        }
    }
}

/// The pages that a window of a page trace refers to. Windows follow each other without a gap.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_window {
    /// References up to the window's end.
    pub references: u64,
    /// Distinct pages that the window refers to.
    pub pages: u32,
    /// Those of them that nothing before the window refers to.
    pub new_pages: u32,
}

impl From<&WorkingSetPoint> for memcore_window {
    fn from(point: &WorkingSetPoint) -> Self {
        memcore_window { references: point.references, pages: point.pages, new_pages: point.new_pages }
    }
}

/// Tells what is in a page trace.
///
/// \param trace the trace.
/// \param figures where the figures are written.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(references + pages). Allocates 8 bytes a page while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_summary(
    trace: *const memcore_page_trace,
    figures: *mut memcore_page_trace_figures,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, figures) = unsafe { (object(trace)?, out(figures)?) };
        figures.write((&trace.trace.summary_with_points(0)).into());
        Ok::<_, Failure>(())
    })
}

/// Tells the pages that each window of a page trace refers to, all windows of equal length but for the last.
///
/// \param trace the trace.
/// \param windows an array that the windows are written to; may be null when `most` is 0.
/// \param most entries of the array: as many windows as wanted.
/// \param count where the number of windows written is written, at most `most`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff `most` is more than memory holds;
/// `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(references + pages). Allocates 8 bytes a page and the windows while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_page_trace_windows(
    trace: *const memcore_page_trace,
    windows: *mut memcore_window,
    most: usize,
    count: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, windows, count) = unsafe { (object(trace)?, out_array(windows, most)?, out(count)?) };
        let summary = trace.trace.summary_with_points(most);
        count.write(fill(windows, summary.working_set.iter().map(memcore_window::from)));
        Ok::<_, Failure>(())
    })
}
