//! How many areas a call would leave, for the limit that a system sets on them, before anything is touched.

use super::areas::NONE;
use super::{Area, Areas};

impl Areas {
    /// How many areas [`remove`](Self::remove) would leave: one more when the range lies within one.
    /// O(log n + areas touched).
    pub fn areas_after_remove(&self, from: u64, to: u64) -> usize {
        let mut left = self.count;
        for area in self.range(from, to) {
            left = left - 1 + usize::from(area.start < from) + usize::from(area.end > to);
        }
        left
    }

    /// How many areas [`change`](Self::change) would leave, splits and merges counted. O(log n + areas touched).
    pub fn areas_after_change(&self, from: u64, to: u64, mut change: impl FnMut(&mut Area)) -> usize {
        let mut record = if from < to { self.at_or_after(from) } else { NONE };
        let mut left = self.count;
        // What ends where the next part begins: the area before the range at first.
        let mut before = match self.records.get(record as usize) {
            None => return left,
            Some(record) if record.area.start < from => None,
            Some(record) => self.records.get(record.previous as usize).map(|record| record.area.clone()),
        };
        while record != NONE && self.area(record).start < to {
            let area = self.area(record);
            let (old, new) = self.changed_part(record, from, to, &mut change);
            let changed = old != new;
            left += usize::from(changed && area.start < from) + usize::from(changed && area.end > to);
            left -= usize::from(before.is_some_and(|before| before.merges_with(&new)));
            // Where the area goes on behind the range, it is its own other part that follows, which differs.
            before = (area.end <= to).then_some(new);
            record = self.after(record);
        }
        let merges = |before: Area| record != NONE && before.merges_with(self.area(record));
        left - usize::from(before.is_some_and(merges))
    }
}
