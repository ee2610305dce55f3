//! LRU stack distances: how many distinct pages were referenced since a page's last reference, itself
//! included; and from their histogram LRU's misses at every number of frames.
//!
//! A reference hits in C frames iff its distance is at most C (Mattson et al. 1970). The pages' last references
//! are marks on a time axis, and a distance is the count of marks from a page's own on:
//!
//! ```text
//!   time         0 1 2 3 4 5
//!   reference    a b c b d a           marks before time 5:  1 0 1 1 1     a, c, b, d
//!                                      from a's on: 4 distinct pages, a's distance
//! ```
//!
//! (Bennett, Kruskal, "LRU stack processing", IBM J. Res. Dev. 19(4), 1975; Olken 1981.) The axis is as long as
//! twice the pages; when its end is reached, the marks are moved together, which keeps their order.

use super::marks::Marks;
use super::miss_ratio::MissRatioCurve;
use crate::replacement::error::PolicyError;
use crate::replacement::policy::{MAX_PAGES, Page};
use crate::replacement::tables;
use std_alloc::vec::Vec;

/// The distance of a page's first reference: none.
pub const COLD: u32 = u32::MAX;
const NEVER: u32 = u32::MAX;
const SHORTEST_AXIS: usize = 1 << 12;

/// Computes LRU stack distances, reference by reference, and counts them.
///
/// ```
/// use memcore::replacement::curve::{COLD, StackDistances};
/// let mut stack = StackDistances::new();
/// stack.reserve(3)?;
/// let distances: Vec<u32> = [0, 1, 2, 1, 0].map(|page| stack.access(page)).to_vec();
/// assert_eq!(distances, [COLD, COLD, COLD, 2, 3]);
/// # Ok::<(), memcore::replacement::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StackDistances {
    /// By page the place of its mark.
    last: Vec<u32>,
    /// By place the page whose mark was put there.
    page_at: Vec<Page>,
    marks: Marks,
    now: usize,
    axis: usize,
    marked: u32,
    /// By distance less one.
    histogram: Vec<u64>,
    accesses: u64,
}

impl StackDistances {
    /// Nothing seen. O(1).
    pub fn new() -> StackDistances {
        StackDistances::default()
    }

    /// Makes room for the pages 0 to `pages` - 1: 24.3 bytes a page. O(pages).
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`]; nothing is changed.
    pub fn reserve(&mut self, pages: u32) -> Result<(), PolicyError> {
        if pages as usize <= self.last.len() && self.axis > 0 {
            return Ok(());
        }
        if pages > MAX_PAGES / 2 {
            return Err(PolicyError::Pages { pages: pages.into() });
        }
        let axis = (2 * pages as usize).max(SHORTEST_AXIS);
        let marks = Marks::new(axis)?;
        tables::make_room(&mut self.page_at, axis)?;
        tables::make_room(&mut self.histogram, pages as usize)?;
        tables::extend(&mut self.last, pages, NEVER)?;
        self.page_at.resize(axis, 0);
        self.histogram.resize(pages as usize, 0);
        self.axis = axis;
        self.gather(marks);
        Ok(())
    }

    /// One reference: its distance from 1, or [`COLD`]. O(log64 pages), amortised.
    #[inline]
    pub fn access(&mut self, page: Page) -> u32 {
        let distance = self.place(page);
        self.accesses += 1;
        if distance != COLD {
            self.histogram[distance as usize - 1] += 1;
        }
        distance
    }

    /// As [`access`](Self::access) for each of these references.
    pub fn run(&mut self, references: &[Page]) {
        for &page in references {
            self.access(page);
        }
    }

    /// Moves a page's mark to now: its distance, not counted.
    #[inline]
    pub(crate) fn place(&mut self, page: Page) -> u32 {
        if self.now == self.axis {
            self.compact();
        }
        let now = self.now;
        self.now += 1;
        self.page_at[now] = page;
        let last = core::mem::replace(&mut self.last[page as usize], now as u32);
        let distance = if last == NEVER {
            self.marked += 1;
            COLD
        } else if last as usize + 1 == now {
            self.marks.clear(last as usize);
            1
        } else {
            let distance = 1 + self.marks.behind(last as usize);
            self.marks.clear(last as usize);
            distance
        };
        self.marks.set(now);
        distance
    }

    /// Takes a page's mark away, as if it had never been referenced.
    pub(crate) fn forget(&mut self, page: Page) {
        let last = core::mem::replace(&mut self.last[page as usize], NEVER);
        if last != NEVER {
            self.marks.clear(last as usize);
            self.marked -= 1;
        }
    }

    #[cold]
    fn compact(&mut self) {
        let mut marks = core::mem::take(&mut self.marks);
        marks.empty();
        self.gather(marks);
    }

    /// Puts the marks side by side from the beginning of the axis, into `marks`, which is empty.
    fn gather(&mut self, mut marks: Marks) {
        let mut kept = 0;
        for place in 0..self.now {
            let page = self.page_at[place];
            let last = &mut self.last[page as usize];
            if *last == place as u32 {
                *last = kept as u32;
                self.page_at[kept] = page;
                marks.set(kept);
                kept += 1;
            }
        }
        self.now = kept;
        self.marks = marks;
    }

    /// How many references had each distance: at index d - 1 those of distance d. O(1).
    pub fn histogram(&self) -> &[u64] {
        &self.histogram
    }

    /// How many references there were. O(1).
    pub fn accesses(&self) -> u64 {
        self.accesses
    }

    /// How many pages were referenced, first references so far. O(1).
    pub fn pages(&self) -> u32 {
        self.marked
    }

    /// LRU's misses at 1, 2, ... frames, up to as many as there are pages. O(pages).
    ///
    /// # Errors
    /// [`PolicyError::OutOfMemory`].
    pub fn curve(&self) -> Result<MissRatioCurve, PolicyError> {
        MissRatioCurve::from_hits(&self.histogram[..self.marked as usize], self.accesses)
    }

    /// Bytes of memory held. O(1).
    pub fn metadata_bytes(&self) -> usize {
        tables::bytes_of(&self.last)
            + tables::bytes_of(&self.page_at)
            + tables::bytes_of(&self.histogram)
            + self.marks.bytes()
    }
}

/// LRU's misses at every number of frames, for references to pages below `pages`. O(references log64 pages).
///
/// # Errors
/// [`PolicyError::OutOfMemory`], [`PolicyError::Pages`].
pub fn lru_curve(references: &[Page], pages: u32) -> Result<MissRatioCurve, PolicyError> {
    let mut distances = StackDistances::new();
    distances.reserve(pages)?;
    distances.run(references);
    distances.curve()
}
