//! OPT's misses at every number of frames, in one pass.
//!
//! OPT is a stack algorithm: there is a list of all pages whose first C are, at each moment, those that OPT
//! would hold in C frames. A reference to the page at depth d hits from d frames on; then it goes to the top,
//! and the old top sinks. Whenever the sinking page meets one that is used later than itself, it takes that
//! place and the other sinks on (Mattson et al. 1970); the last one takes the place at depth d:
//!
//! ```text
//!   next uses by depth   5  3  9  4  12  7  x(d)        the records  5, 9, 12  each move to the place of
//!   afterwards           x  3  5  4   9  7  12          the next one; nothing else moves
//! ```
//!
//! So the work is in the records (each greater than all above it), and those are found by a tree of maxima over
//! the depths. There are few where popularity or recency rules; a page that is never used again is the last record
//! at once. There are many, up to as many as pages, where the whole of a set is gone through again and again in
//! another order (a saw, shuffled epochs): there, runs at single sizes are the faster way.

use super::miss_ratio::MissRatioCurve;
use crate::replacement::error::PolicyError;
use crate::replacement::kernels::NextUses;
use crate::replacement::policy::Page;
use crate::replacement::tables;
use std_alloc::vec::Vec;

const FAN_OUT: usize = 16;
const UNSEEN: u32 = u32::MAX;
/// How often the caller is asked whether to go on: the worst reference can take a tenth of a millisecond.
const STRIDE: usize = 1 << 8;

/// OPT's misses at 1, 2, ... frames, up to as many as there are pages; references are to pages below `pages`.
/// `go_on` is asked now and then, with the references done; `None` iff it says false.
///
/// O(records log16 pages) a reference, with few records in practice and `pages` at worst. Memory 12.3 bytes a page and 8 a reference.
///
/// ```
/// use memcore::replacement::curve::opt_curve;
/// let curve = opt_curve(&[0, 1, 2, 3, 0, 1, 4, 0, 1, 2, 3, 4], 5, &mut |_| true)?.unwrap();
/// assert_eq!(curve.misses(), [12, 9, 7, 6, 5]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
///
/// # Errors
/// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`], [`PolicyError::References`].
pub fn opt_curve(
    references: &[Page],
    pages: u32,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Option<MissRatioCurve>, PolicyError> {
    let next = NextUses::of(references, pages)?;
    let mut stack = Stack::new(pages)?;
    let mut hits: Vec<u64> = Vec::new();
    tables::extend(&mut hits, pages, 0)?;
    let mut done = 0;
    for (chunk, next_uses) in references.chunks(STRIDE).zip(next.as_slice().chunks(STRIDE)) {
        for (&page, &next_use) in chunk.iter().zip(next_uses) {
            if let Some(depth) = stack.access(page, next_use) {
                hits[depth] += 1;
            }
        }
        done += chunk.len() as u64;
        if !go_on(done) {
            return Ok(None);
        }
    }
    MissRatioCurve::from_hits(&hits[..stack.depth], references.len() as u64).map(Some)
}

/// The pages by depth, with their next uses.
struct Stack {
    page_at: Vec<Page>,
    depth_of: Vec<u32>,
    depth: usize,
    /// Level 0: the next use at each depth; above, the greatest of each sixteen.
    levels: Vec<Vec<u32>>,
}

impl Stack {
    fn new(pages: u32) -> Result<Stack, PolicyError> {
        let (mut page_at, mut depth_of, mut levels) = (Vec::new(), Vec::new(), Vec::new());
        tables::extend(&mut page_at, pages, 0)?;
        tables::extend(&mut depth_of, pages, UNSEEN)?;
        let mut count = pages;
        loop {
            let mut level = Vec::new();
            tables::extend(&mut level, count.max(1), 0)?;
            levels.push(level);
            if count as usize <= FAN_OUT {
                return Ok(Stack { page_at, depth_of, depth: 0, levels });
            }
            count = count.div_ceil(FAN_OUT as u32);
        }
    }

    /// A reference: the depth of the page from 0, `None` the first time.
    fn access(&mut self, page: Page, next_use: u32) -> Option<usize> {
        let depth = match self.depth_of[page as usize] {
            UNSEEN => None,
            depth => Some(depth as usize),
        };
        let bottom = depth.unwrap_or(self.depth);
        if depth.is_none() {
            self.depth += 1;
        }
        let mut sinking = (page, next_use);
        let mut at = 0;
        while at < bottom {
            let met = (self.page_at[at], self.levels[0][at]);
            self.put(at, sinking);
            sinking = met;
            at = self.next_above(at + 1, sinking.1).map_or(bottom, |record| record.min(bottom));
        }
        self.put(bottom, sinking);
        depth
    }

    fn put(&mut self, depth: usize, (page, next_use): (Page, u32)) {
        self.page_at[depth] = page;
        self.depth_of[page as usize] = depth as u32;
        let before = core::mem::replace(&mut self.levels[0][depth], next_use);
        let (mut at, mut before, mut now) = (depth, before, next_use);
        for height in 1..self.levels.len() {
            let group = at / FAN_OUT * FAN_OUT;
            let (below, above) = self.levels.split_at_mut(height);
            let greatest = &mut above[0][at / FAN_OUT];
            let was = *greatest;
            if now >= was {
                *greatest = now;
            } else if before == was {
                let children = &below[height - 1];
                let end = (group + FAN_OUT).min(children.len());
                *greatest = children[group..end].iter().copied().max().unwrap_or(0);
            }
            if *greatest == was {
                return;
            }
            (before, now) = (was, *greatest);
            at /= FAN_OUT;
        }
    }

    /// The first depth from `from` on whose next use is later than `next_use`.
    fn next_above(&self, from: usize, next_use: u32) -> Option<usize> {
        let mut at = from;
        for (height, level) in self.levels.iter().enumerate() {
            let group_end = ((at / FAN_OUT + 1) * FAN_OUT).min(level.len());
            let rest = level.get(at..group_end).unwrap_or_default();
            if let Some(found) = rest.iter().position(|&other| other > next_use) {
                return Some(self.descend(height, at + found, next_use));
            }
            at = at / FAN_OUT + 1;
        }
        None
    }

    /// The first depth under the place of a level that has a later next use than `next_use`.
    fn descend(&self, height: usize, mut place: usize, next_use: u32) -> usize {
        for level in self.levels[..height].iter().rev() {
            let first = place * FAN_OUT;
            let end = (first + FAN_OUT).min(level.len());
            let found = level[first..end].iter().position(|&other| other > next_use);
            place = first + found.unwrap_or(0);
        }
        place
    }
}
