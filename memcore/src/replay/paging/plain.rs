//! A policy of one's own that tells nothing but hits and misses.
//!
//! [`simulate_policy`](super::simulate_policy) wants a whole [`Policy`](crate::replacement::Policy). For a
//! comparison in the same table less will do: an object that is told each reference, and says whether the page
//! was there. What it keeps, and by what names, is its own affair; so a door can pass an object of another
//! language.

use super::error::PagingError;
use super::result::PagingResult;
use super::run::STRIDE;
use crate::progress::Progress;
use crate::trace::{AccessKind, PageTrace};

/// A policy of one's own, as a simulation sees it.
pub trait PlainPolicy {
    /// One reference to a page, by its key (not by its dense number): true iff the page was resident.
    ///
    /// # Errors
    /// What broke, in words; the simulation ends with it.
    fn access(&mut self, page: u64, kind: AccessKind) -> Result<bool, String>;

    /// How many pages have lost their frame so far.
    fn evictions(&self) -> u64;
}

/// Runs a trace through a policy of one's own. `frames` is what the result says of them. O(references) of the
/// policy; write-backs are not counted.
///
/// ```
/// use memcore::replay::paging::{PlainPolicy, simulate_plain};
/// use memcore::trace::{AccessKind, PageTrace};
///
/// /// Keeps the first pages that come, for ever.
/// struct First(Vec<u64>);
///
/// impl PlainPolicy for First {
///     fn access(&mut self, page: u64, _kind: AccessKind) -> Result<bool, String> {
///         let is_there = self.0.contains(&page);
///         if !is_there && self.0.len() < 2 {
///             self.0.push(page);
///         }
///         Ok(is_there)
///     }
///
///     fn evictions(&self) -> u64 {
///         0
///     }
/// }
///
/// let trace = PageTrace::from_keys(&[70, 80, 90, 70, 90, 80], None)?;
/// let result = simulate_plain(&trace, &mut First(Vec::new()), "first", Some(2), &mut ())?;
/// assert_eq!((result.hits, result.misses), (2, 4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PagingError::Plain`] with what the policy said; [`PagingError::Cancelled`].
pub fn simulate_plain(
    trace: &PageTrace,
    policy: &mut impl PlainPolicy,
    name: &str,
    frames: Option<u32>,
    progress: &mut dyn Progress,
) -> Result<PagingResult, PagingError> {
    let accesses = trace.references().len();
    let (keys, kinds) = (trace.keys(), trace.kinds());
    let mut hits = 0;
    for (index, &page) in trace.references().iter().enumerate() {
        let kind = kinds.map_or(AccessKind::Read, |kinds| kinds[index]);
        let was_there = policy.access(keys[page as usize], kind);
        hits += u64::from(was_there.map_err(|what| PagingError::Plain { reference: index as u64, what })?);
        let done = index + 1;
        let is_look = done % STRIDE == 0 || done == accesses;
        if is_look && progress.report(done as u64, Some(accesses as u64)).is_break() {
            return Err(PagingError::Cancelled);
        }
    }
    Ok(PagingResult {
        policy: name.to_owned(),
        frames,
        accesses: accesses as u64,
        hits,
        misses: accesses as u64 - hits,
        evictions: policy.evictions(),
        writebacks: None,
        dirty_at_end: None,
        resident_set: None,
        metadata_bytes: 0,
    })
}
