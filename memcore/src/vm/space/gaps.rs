//! Holes: the highest or the lowest place of a length between two addresses.
//!
//! ```text
//!        low                                        high
//!   [area]|  hole A  [area] hole B [area]   hole C    |   [area]
//!          \_clipped_/                    \_ clipped _/
//!   bottom-up: A, then B, then C ...      top-down: C, then B, then A
//! ```
//!
//! The holes at the ends of the window are clipped to it; those between are taken as they are, and whole subtrees
//! whose largest hole is too small are passed by. An exact search for a place with an alignment above the page looks
//! at each hole that is long enough but holds no aligned place: O(log n + holes rejected). Linux asks for the length
//! and the alignment together instead, in O(log n), and can miss the only place there is; here a place that exists
//! is found.

use super::Areas;
use super::areas::{NONE, at};

/// A hole between two addresses, cut to a window.
struct Hole {
    from: u64,
    to: u64,
}

impl Hole {
    fn clipped(self, low: u64, high: u64) -> Hole {
        Hole { from: self.from.max(low), to: self.to.min(high) }
    }

    fn highest(&self, length: u64, align: u64) -> Option<u64> {
        let last = self.to.checked_sub(length)?;
        let place = last - last % align;
        (place >= self.from).then_some(place)
    }

    fn lowest(&self, length: u64, align: u64) -> Option<u64> {
        let place = self.from.checked_next_multiple_of(align)?;
        (self.to.checked_sub(length)? >= place).then_some(place)
    }
}

impl Areas {
    /// The highest place for `length` bytes in `[low, high)` that is a multiple of `align` (of the page size at
    /// least), where nothing is mapped and no stack's guard is. `None` when there is none, or for 0 bytes.
    /// O(log n + holes that are long enough but hold no aligned place).
    pub fn gap_top_down(&self, length: u64, align: u64, low: u64, high: u64) -> Option<u64> {
        let (low, high, align) = (low.max(self.low), high.min(self.high), align.max(self.page_size));
        if length == 0 || high <= low || high - low < length {
            return None;
        }
        // The hole that reaches up to `high`, or the one above all areas, is not as long as its weight says.
        let mut cursor = match self.tree.seek(&self.records, at(high)) {
            Some(cursor) => {
                let hole = self.hole_before(self.tree.record(&cursor)).clipped(low, high);
                if let Some(place) = hole.highest(length, align) {
                    return Some(place);
                }
                let mut below = cursor;
                if !self.tree.retreat(&mut below) {
                    return None;
                }
                below
            }
            None => {
                if let Some(place) = self.last_hole().clipped(low, high).highest(length, align) {
                    return Some(place);
                }
                self.tree.last()?
            }
        };
        loop {
            if !self.tree.seek_heavy_back(&mut cursor, length) {
                return None;
            }
            let hole = self.hole_before(self.tree.record(&cursor));
            if hole.to <= low {
                return None;
            }
            if let Some(place) = hole.clipped(low, high).highest(length, align) {
                return Some(place);
            }
            if !self.tree.retreat(&mut cursor) {
                return None;
            }
        }
    }

    /// The lowest place, otherwise as [`gap_top_down`](Self::gap_top_down).
    pub fn gap_bottom_up(&self, length: u64, align: u64, low: u64, high: u64) -> Option<u64> {
        let (low, high, align) = (low.max(self.low), high.min(self.high), align.max(self.page_size));
        if length == 0 || high <= low || high - low < length {
            return None;
        }
        let mut cursor = self.tree.seek(&self.records, at(low));
        while let Some(place) = &mut cursor {
            if !self.tree.seek_heavy(place, length) {
                break;
            }
            let hole = self.hole_before(self.tree.record(place));
            if hole.from >= high {
                return None;
            }
            if let Some(place) = hole.clipped(low, high).lowest(length, align) {
                return Some(place);
            }
            if !self.tree.advance(place) {
                break;
            }
        }
        self.last_hole().clipped(low, high).lowest(length, align)
    }

    /// Where the hole before a record begins.
    pub(super) fn end_before(&self, record: u32) -> u64 {
        match self.records[record as usize].previous {
            NONE => self.low,
            previous => self.area(previous).end,
        }
    }

    fn hole_before(&self, record: u32) -> Hole {
        let from = self.end_before(record);
        Hole { from, to: from + self.records[record as usize].gap }
    }

    fn last_hole(&self) -> Hole {
        let from = if self.last == NONE { self.low } else { self.area(self.last).end };
        Hole { from, to: self.high }
    }
}
