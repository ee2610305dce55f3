//! Reuse times and working sets: how long ago pages were last referenced, and how many were lately.
//!
//! The working set W(t, tau) is the pages among the last tau references (Denning, "The working set model for
//! program behavior", CACM 11(5), 1968). Its mean size over a run needs no window: a reference keeps its page
//! in the working set for tau references, or until the page's next one, or until the end, whichever is first;
//! so the mean is the sum of these over the number of references (Denning, Schwartz, "Properties of the
//! working-set model", CACM 15(3), 1972).
//!
//! ```text
//!   reference     a b a c b ...       kept by the a at 0 with tau = 3:  times 0, 1 (its next is at 2)
//! ```

use crate::replacement::error::PolicyError;
use crate::replacement::kernels::{NEVER, NextUses};
use crate::replacement::policy::Page;
use crate::replacement::tables;
use std_alloc::vec::Vec;

/// How long ago, in references, each reference's page was last referenced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReuseTimes(Vec<u32>);

impl ReuseTimes {
    /// For each reference the time since the last one to the same page, at least 1; 0 for a page's first. O(1).
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }

    /// The times themselves. O(1).
    pub fn into_vec(self) -> Vec<u32> {
        self.0
    }
}

/// The reuse time of each reference, to pages below `pages`. O(references + pages).
///
/// ```
/// use memcore::replacement::curve::reuse_times;
/// assert_eq!(reuse_times(&[0, 1, 0, 0, 1], 2)?.as_slice(), [0, 0, 2, 1, 3]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
///
/// # Errors
/// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`], [`PolicyError::References`].
pub fn reuse_times(references: &[Page], pages: u32) -> Result<ReuseTimes, PolicyError> {
    if references.len() >= NEVER as usize {
        return Err(PolicyError::References { references: references.len() as u64 });
    }
    let (mut last, mut times) = (Vec::new(), Vec::new());
    tables::extend(&mut last, pages, NEVER)?;
    tables::make_room(&mut times, references.len())?;
    for (now, &page) in references.iter().enumerate() {
        let before = core::mem::replace(&mut last[page as usize], now as u32);
        times.push(if before == NEVER { 0 } else { now as u32 - before });
    }
    Ok(ReuseTimes(times))
}

/// The mean size of the working set, in pages, for each window in `taus` (in references). O(references +
/// windows log references).
///
/// ```
/// use memcore::replacement::curve::mean_working_set;
/// // W(t, 2) is {0}, {0, 1}, {0, 1}, {0}.
/// assert_eq!(mean_working_set(&[0, 1, 0, 0], 2, &[1, 2])?, [1.0, 1.5]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
///
/// # Errors
/// As [`reuse_times`].
pub fn mean_working_set(references: &[Page], pages: u32, taus: &[u64]) -> Result<Vec<f64>, PolicyError> {
    let next = NextUses::of(references, pages)?;
    let length = references.len();
    // By how long a reference can keep its page: how many can keep it exactly so long.
    let mut keeps: Vec<u64> = Vec::new();
    tables::make_room(&mut keeps, length + 1)?;
    keeps.resize(length + 1, 0);
    for (now, &next_use) in next.as_slice().iter().enumerate() {
        let until = if next_use == NEVER { length } else { next_use as usize };
        keeps[until - now] += 1;
    }
    // Turned into: how many page-times a window of so many references holds.
    let (mut at_least, mut held) = (length as u64, 0);
    for keep in &mut keeps {
        let exactly = core::mem::replace(keep, held);
        at_least -= exactly;
        held += at_least;
    }
    let mean = |&tau: &u64| keeps[tau.min(length as u64) as usize] as f64 / length.max(1) as f64;
    Ok(taus.iter().map(mean).collect())
}

/// The size of the working set of window `tau` at `points` times, evenly spaced over the run (fewer where there
/// are fewer references): (references so far, pages). O(references + pages).
///
/// ```
/// use memcore::replacement::curve::working_set_sizes;
/// assert_eq!(working_set_sizes(&[0, 1, 0, 0, 2, 2], 3, 2, 3)?, [(2, 2), (4, 1), (6, 1)]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
///
/// # Errors
/// As [`reuse_times`].
pub fn working_set_sizes(
    references: &[Page],
    pages: u32,
    tau: u64,
    points: usize,
) -> Result<Vec<(u64, u32)>, PolicyError> {
    let next = NextUses::of(references, pages)?;
    let next = next.as_slice();
    let length = references.len();
    let points = points.min(length);
    let mut series = Vec::new();
    tables::make_room(&mut series, points)?;
    let tau = tau.min(length as u64) as usize;
    let mut last: Vec<u32> = Vec::new();
    tables::extend(&mut last, pages, NEVER)?;
    let mut size = 0;
    for (now, &page) in references.iter().enumerate() {
        let before = core::mem::replace(&mut last[page as usize], now as u32);
        let is_new = before == NEVER || now - before as usize > tau;
        size += u32::from(is_new && tau > 0);
        // The reference that falls out of the window takes its page along, unless there was a later one.
        if now >= tau && tau > 0 {
            let fallen = now - tau;
            size -= u32::from(next[fallen] as usize > now);
        }
        if series.len() < points && (now + 1) * points >= (series.len() + 1) * length {
            series.push((now as u64 + 1, size));
        }
    }
    Ok(series)
}
