//! OPT over a whole trace: the times of next uses are the set of resident pages.
//!
//! A page is resident at time t iff t is in the set of next uses, so a hit needs no look at the page:
//!
//! ```text
//!   time        0 1 2 3 4 5        next use of a (time 0) is 3, of b (time 1) is 4
//!   reference   a b c a b c        set after time 1: {3, 4}; time 2 misses; of {3, 4, 5} the 4 leaves,
//!                                  so time 3 is in the set (a hit) and time 4 is not (a miss)
//! ```
//!
//! Pages that are not used again need no identity: they are counted, and leave first.

use crate::replacement::error::PolicyError;
use crate::replacement::policy::{Page, check_frames};
use crate::replacement::tables;
use crate::replacement::time_set::TimeSet;
use std_alloc::vec::Vec;

/// No next use.
pub(crate) const NEVER: u32 = u32::MAX;
/// How often the caller is asked whether to go on.
const STRIDE: usize = 1 << 16;

/// For each reference the time of the next one to the same page: what OPT needs to know of the future, the
/// same for every number of frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextUses(Vec<u32>);

impl NextUses {
    /// The next uses of these references, to pages below `pages`. O(references + pages).
    ///
    /// # Errors
    /// [`PolicyError::References`] for 2^32 - 1 references or more; [`PolicyError::OutOfMemory`].
    pub fn of(references: &[Page], pages: u32) -> Result<NextUses, PolicyError> {
        if references.len() >= NEVER as usize {
            return Err(PolicyError::References { references: references.len() as u64 });
        }
        let (mut next, mut upcoming) = (Vec::new(), Vec::new());
        tables::extend(&mut upcoming, pages, NEVER)?;
        tables::make_room(&mut next, references.len())?;
        next.resize(references.len(), NEVER);
        for (time, &page) in references.iter().enumerate().rev() {
            next[time] = core::mem::replace(&mut upcoming[page as usize], time as u32);
        }
        Ok(NextUses(next))
    }

    pub(crate) fn into_vec(self) -> Vec<u32> {
        self.0
    }

    /// By time the time of the next reference to the same page, or `u32::MAX`. O(1).
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

/// The misses of OPT in so many frames. `go_on` is asked now and then, with the references done; where it
/// says false, the count so far is given. O(references log64 references).
///
/// ```
/// use memcore::replacement::{NextUses, count_opt_misses};
/// let next = NextUses::of(&[0, 1, 2, 3, 0, 1, 4, 0, 1, 2, 3, 4], 5)?;
/// assert_eq!(count_opt_misses(&next, 3, &mut |_| true)?, 7);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
///
/// # Errors
/// [`PolicyError::Frames`], [`PolicyError::OutOfMemory`].
pub fn count_opt_misses(
    next: &NextUses,
    frames: u32,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<u64, PolicyError> {
    let frames = check_frames(frames)?;
    let mut uses = TimeSet::new(next.0.len())?;
    let (mut resident, mut never_again, mut misses) = (0, 0u32, 0);
    let mut time = 0;
    for chunk in next.0.chunks(STRIDE) {
        for &next_use in chunk {
            if uses.contains(time) {
                uses.remove(time);
            } else {
                misses += 1;
                if resident < frames {
                    resident += 1;
                } else if never_again > 0 {
                    never_again -= 1;
                } else if let Some(latest) = uses.greatest() {
                    uses.remove(latest);
                }
            }
            if next_use == NEVER {
                never_again += 1;
            } else {
                uses.insert(next_use as usize);
            }
            time += 1;
        }
        if !go_on(time as u64) {
            break;
        }
    }
    Ok(misses)
}
