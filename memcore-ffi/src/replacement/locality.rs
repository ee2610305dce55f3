//! How a program goes about its pages: stack distances, reuse times, working sets.
//!
//! These take arrays of dense page numbers, which `memcore_page_trace_references` gives for a trace.

use memcore::replacement::{
    Page,
    curve::{COLD, StackDistances, mean_working_set, reuse_times, working_set_sizes},
};

use crate::{
    error::Failure,
    panic::guarded_status,
    pointer::{array, fill, out, out_array},
    status::memcore_status,
};

/// The stack distance of a page's first reference: there is none.
pub const MEMCORE_COLD: u32 = u32::MAX;

const _: () = assert!(MEMCORE_COLD == COLD);

/// References, all of them to pages that are there.
///
/// # Safety
/// As [`array`].
unsafe fn dense<'a>(references: *const u32, count: usize, pages: u32) -> Result<&'a [Page], Failure> {
    // SAFETY: the caller's promise.
    let references = unsafe { array(references, count) }?;
    match references.iter().position(|&page| page >= pages) {
        None => Ok(references),
        Some(index) => {
            let page = references[index];
            let text = format!("reference {index} is to page {page}, but there are {pages} pages");
            Err(Failure::Told(memcore_status::OutOfRange, page.into(), text))
        }
    }
}

/// Computes LRU stack distances: for each reference how many distinct pages were referenced since the last one to
/// the same page, itself included. LRU hits iff the distance is at most the frames.
///
/// \param references pages below `pages`; may be null when `count` is 0.
/// \param count how many references.
/// \param pages how many pages there are, up to 2^31 - 9.
/// \param distances where `count` distances are written; `MEMCORE_COLD` for a page's first reference. Must not overlap
/// `references`.
/// \return `MEMCORE_STATUS_OK`; `MEMCORE_STATUS_OUT_OF_RANGE` iff a reference is not below `pages`, with the page in
/// the details' `value`; `MEMCORE_STATUS_POLICY_PAGES`; `MEMCORE_STATUS_OUT_OF_MEMORY`;
/// `MEMCORE_STATUS_INVALID_ARGUMENT` iff `count` is more than memory holds; `MEMCORE_STATUS_NULL_ARGUMENT`.
///
/// O(count log64 pages). Allocates 24.3 bytes a page while it works.
///
/// \code
/// const uint32_t references[] = {0, 1, 2, 1, 0};
/// uint32_t distances[5]; // cold, cold, cold, 2, 3
/// memcore_stack_distances(references, 5, 3, distances);
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_stack_distances(
    references: *const u32,
    count: usize,
    pages: u32,
    distances: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (references, distances) =
            unsafe { (dense(references, count, pages)?, out_array(distances, count)?) };
        let mut stack = StackDistances::new();
        stack.reserve(pages)?;
        fill(distances, references.iter().map(|&page| stack.access(page)));
        Ok::<_, Failure>(())
    })
}

/// Computes reuse times: for each reference how many references ago the same page was last referenced.
///
/// \param references pages below `pages`; may be null when `count` is 0.
/// \param count how many references.
/// \param pages how many pages there are.
/// \param times where `count` times are written; 0 for a page's first reference. Must not overlap `references`.
/// \return as `memcore_stack_distances`; `MEMCORE_STATUS_POLICY_REFERENCES` iff there are more than 2^32 - 2
/// references.
///
/// O(count + pages). Allocates 4 bytes a reference and a page while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_reuse_times(
    references: *const u32,
    count: usize,
    pages: u32,
    times: *mut u32,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (references, times) = unsafe { (dense(references, count, pages)?, out_array(times, count)?) };
        fill(times, reuse_times(references, pages)?.into_vec().into_iter());
        Ok::<_, Failure>(())
    })
}

/// Computes the mean size of the working set for windows of several lengths. The working set is the pages among the
/// last so many references.
///
/// \param references pages below `pages`; may be null when `count` is 0.
/// \param count how many references.
/// \param pages how many pages there are.
/// \param windows lengths of windows, in references; may be null when `window_count` is 0.
/// \param window_count how many windows.
/// \param means where for each window the mean number of pages is written. Must not overlap the other arrays.
/// \return as `memcore_reuse_times`.
///
/// O(count + pages + windows). Allocates 12 bytes a reference while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_mean_working_set(
    references: *const u32,
    count: usize,
    pages: u32,
    windows: *const u64,
    window_count: usize,
    means: *mut f64,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (references, windows, means) = unsafe {
            (dense(references, count, pages)?, array(windows, window_count)?, out_array(means, window_count)?)
        };
        fill(means, mean_working_set(references, pages, windows)?.into_iter());
        Ok::<_, Failure>(())
    })
}

/// The size of the working set at one moment.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_working_set_point {
    /// How many references are done.
    pub references: u64,
    /// Pages in the working set.
    pub pages: u32,
}

/// Computes the size of the working set over time, at moments evenly spaced over the references and ending with the
/// last.
///
/// \param references pages below `pages`; may be null when `count` is 0.
/// \param count how many references.
/// \param pages how many pages there are.
/// \param window the length of the window, in references.
/// \param points an array that the points are written to; may be null when `most` is 0.
/// \param most entries of the array: as many points as wanted.
/// \param written where the number of points written is written: `most`, or `count` where that is less.
/// \return as `memcore_reuse_times`.
///
/// O(count + pages). Allocates 4 bytes a reference, 8 a page, and the points while it works.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_working_set_sizes(
    references: *const u32,
    count: usize,
    pages: u32,
    window: u64,
    points: *mut memcore_working_set_point,
    most: usize,
    written: *mut usize,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (references, points, written) =
            unsafe { (dense(references, count, pages)?, out_array(points, most)?, out(written)?) };
        let series = working_set_sizes(references, pages, window, most)?;
        let told =
            series.into_iter().map(|(references, pages)| memcore_working_set_point { references, pages });
        written.write(fill(points, told));
        Ok::<_, Failure>(())
    })
}
