//! Adding, cutting and changing areas, so that there are never more of them than need be.
//!
//! ```text
//!   change [from, to)      before   [   a    ][   b   ]   .   [ c ]
//!                                       |from                   |to
//!                          split    [ a ][ a ][   b   ]   .   [c|c]
//!                          change   [ a ][ x ][   x   ]   .   [x|c]
//!                          merge    [ a ][     x      ]   .   [x|c]
//! ```
//!
//! A part that a change leaves as it was is not split off, so locking what is locked costs a look at each area.

use super::Areas;
use super::areas::{NONE, Record, at};
use super::{Area, AreaFlags};
use crate::vm::VmError;
use std_alloc::alloc::handle_alloc_error;

impl Areas {
    /// Adds an area and returns how many there are now: it may merge with the neighbour on either side. The range is
    /// to be free; what is mapped there is removed. An area that is empty, leaves the space or does not begin and end
    /// at pages is not added. O(log n).
    pub fn insert(&mut self, area: Area) -> u64 {
        if !area.is_placed(self.low, self.high, self.page_size) {
            return self.count as u64;
        }
        if !self.is_free(area.start, area.end) {
            self.remove(area.start, area.end, &mut |_| ());
        }
        let previous = self.tree.at_or_before(&self.records, at(area.start)).unwrap_or(NONE);
        let next = self.after(previous);
        let joins_left = previous != NONE && self.area(previous).merges_with(&area);
        let joins_right = next != NONE && area.merges_with(self.area(next));
        match (joins_left, joins_right) {
            (true, true) => {
                let end = self.area(next).end;
                self.drop_record(next);
                self.set_end(previous, end);
                self.update_gap(self.after(previous));
            }
            (true, false) => {
                self.set_end(previous, area.end);
                self.update_gap(next);
            }
            (false, true) => self.set_start(next, area.start),
            (false, false) => {
                self.add_record(area, previous);
            }
        }
        self.count as u64
    }

    /// Unmaps `[from, to)`, two boundaries of pages: areas are cut there, and `removed` gets each part that goes, in
    /// order. O(log n) for each area touched.
    pub fn remove(&mut self, from: u64, to: u64, removed: &mut impl FnMut(&Area)) {
        if from >= to {
            return;
        }
        let mut record = self.at_or_after(from);
        while record != NONE && self.area(record).start < to {
            let next = self.after(record);
            let area = self.area(record);
            let (starts_before, end) = (area.start < from, area.end);
            removed(&area.part(from, to));
            match (starts_before, end > to) {
                (false, false) => self.drop_record(record),
                (true, false) => self.set_end(record, from),
                (false, true) => self.set_start(record, to),
                (true, true) => {
                    let tail = area.part(to, end);
                    self.set_end(record, from);
                    self.add_record(tail, record);
                }
            }
            record = next;
        }
        self.update_gap(record);
    }

    /// Changes what is mapped in `[from, to)`, two boundaries of pages. `change` gets each part of an area there
    /// once, in order; it may set anything but where the part lies. Where a part differs afterwards, its area is
    /// split, and what has become equal to its neighbour merges. Holes are passed over. O(log n) for each area
    /// changed, O(1) for each that stays as it was.
    pub fn change(&mut self, from: u64, to: u64, mut change: impl FnMut(&mut Area)) {
        if from >= to {
            return;
        }
        let mut record = self.at_or_after(from);
        let mut previous_changed = false;
        while record != NONE && self.area(record).start < to {
            let (old, new) = self.changed_part(record, from, to, &mut change);
            let changed = old != new;
            if changed {
                record = self.replace_part(record, new);
            }
            if changed || previous_changed {
                record = self.merge_with_previous(record);
            }
            previous_changed = changed;
            record = self.after(record);
        }
        if previous_changed && record != NONE {
            self.merge_with_previous(record);
        }
    }

    /// Changes the whole area that holds an address, as [`change`](Self::change) does, and returns what `change`
    /// returned; `None` when nothing is mapped there. O(log n).
    pub fn with<R>(&mut self, address: u64, change: impl FnOnce(&mut Area) -> R) -> Option<R> {
        let area = self.find(address)?;
        let (start, end) = (area.start, area.end);
        let (mut change, mut result) = (Some(change), None);
        self.change(start, end, |area| result = change.take().map(|change| change(area)));
        result
    }

    /// What a child of the process gets: a copy without the areas that say [so](AreaFlags::DONTFORK), with nothing
    /// locked. Emptying those with [`WIPEONFORK`](AreaFlags::WIPEONFORK) is the caller's. O(n log n).
    ///
    /// # Errors
    /// [`VmError::NoMemory`] when the host has none.
    pub fn forked(&self) -> Result<Areas, VmError> {
        let mut child = Areas::new(self.low, self.high, self.page_size).with_stack_guard(self.stack_guard);
        let inherited = || self.iter().filter(|area| !area.flags.contains(AreaFlags::DONTFORK));
        child.reserve_many(inherited().count() as u64)?;
        for area in inherited() {
            let flags = area.flags.without(AreaFlags::LOCKED | AreaFlags::LOCK_ON_FAULT);
            let added = child.add_record(Area { flags, ..area.clone() }, child.last);
            child.merge_with_previous(added);
        }
        Ok(child)
    }

    /// The part of an area between two addresses, as it is and as a change makes it.
    pub(super) fn changed_part(
        &self,
        record: u32,
        from: u64,
        to: u64,
        change: &mut impl FnMut(&mut Area),
    ) -> (Area, Area) {
        let old = self.area(record).part(from, to);
        let mut new = old.clone();
        change(&mut new);
        (new.start, new.end) = (old.start, old.end);
        (old, new)
    }

    pub(super) fn after(&self, record: u32) -> u32 {
        self.records.get(record as usize).map_or(self.first, |record| record.next)
    }

    /// `new` takes its place within the area of a record, which is split where it goes on. Returns its record.
    fn replace_part(&mut self, record: u32, new: Area) -> u32 {
        let area = self.area(record);
        let tail = (new.end < area.end).then(|| area.part(new.end, area.end));
        let placed = if area.start < new.start {
            self.set_end(record, new.start);
            self.add_record(new, record)
        } else {
            self.count_out(self.sums_of(self.area(record)));
            self.count_in(self.sums_of(&new));
            self.records[record as usize].area = new;
            self.update_gap(record);
            record
        };
        if let Some(tail) = tail {
            self.add_record(tail, placed);
        }
        placed
    }

    /// Joins a record with the one before it, if they merge. Returns the record that holds the area then.
    fn merge_with_previous(&mut self, record: u32) -> u32 {
        let previous = self.records[record as usize].previous;
        if previous == NONE || !self.area(previous).merges_with(self.area(record)) {
            return record;
        }
        let end = self.area(record).end;
        self.drop_record(record);
        self.set_end(previous, end);
        previous
    }

    /// Adds an area behind a record, or before all.
    pub(super) fn add_record(&mut self, area: Area, previous: u32) -> u32 {
        if self.reserve_many(1).is_err() {
            handle_alloc_error(core::alloc::Layout::new::<Record>());
        }
        let next = self.after(previous);
        self.count_in(self.sums_of(&area));
        self.count += 1;
        let record = Record { area, gap: 0, previous, next };
        let slot = if self.vacant == NONE {
            self.records.push(record);
            self.records.len() as u32 - 1
        } else {
            let slot = self.vacant;
            self.vacant = self.records[slot as usize].next;
            self.records[slot as usize] = record;
            slot
        };
        self.link(previous, slot);
        self.link(slot, next);
        self.records[slot as usize].gap = self.gap_before(slot);
        self.tree.insert(&self.records, slot);
        self.update_gap(next);
        slot
    }

    /// Removes a record. The caller sees to the hole before the one that follows.
    fn drop_record(&mut self, record: u32) {
        let Record { previous, next, ref area, .. } = self.records[record as usize];
        let (start, sums) = (area.start, self.sums_of(area));
        self.tree.remove(&self.records, record, at(start));
        self.link(previous, next);
        self.records[record as usize].next = self.vacant;
        self.vacant = record;
        self.count -= 1;
        self.count_out(sums);
    }

    /// Makes two records neighbours; either may be none.
    fn link(&mut self, previous: u32, next: u32) {
        match self.records.get_mut(previous as usize) {
            Some(record) => record.next = next,
            None => self.first = next,
        }
        match self.records.get_mut(next as usize) {
            Some(record) => record.previous = previous,
            None => self.last = previous,
        }
    }

    /// Moves the end of an area. The caller sees to the hole behind it.
    fn set_end(&mut self, record: u32, end: u64) {
        self.count_out(self.sums_of(self.area(record)));
        self.records[record as usize].area.end = end;
        self.count_in(self.sums_of(self.area(record)));
    }

    /// Moves the start of an area, and its offset with it.
    fn set_start(&mut self, record: u32, start: u64) {
        self.count_out(self.sums_of(self.area(record)));
        let offset = self.area(record).offset_of(start);
        let area = &mut self.records[record as usize].area;
        let old = area.start;
        (area.start, area.offset) = (start, offset);
        self.count_in(self.sums_of(self.area(record)));
        self.records[record as usize].gap = self.gap_before(record);
        self.tree.changed(&self.records, record, at(old));
    }

    /// Bytes of the hole before a record that may be mapped.
    pub(super) fn gap_before(&self, record: u32) -> u64 {
        let area = self.area(record);
        let guard = if area.flags.contains(AreaFlags::GROWS_DOWN) { self.stack_guard } else { 0 };
        (area.start - self.end_before(record)).saturating_sub(guard)
    }

    /// Brings the hole before a record up to date; nothing for none.
    fn update_gap(&mut self, record: u32) {
        if record == NONE {
            return;
        }
        let gap = self.gap_before(record);
        if gap != self.records[record as usize].gap {
            self.records[record as usize].gap = gap;
            let start = self.area(record).start;
            self.tree.changed(&self.records, record, at(start));
        }
    }
}
