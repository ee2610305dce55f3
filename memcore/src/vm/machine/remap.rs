//! mremap: a range grows, shrinks or moves. Entries move; no content is copied.

use super::Machine;
use super::call::Range;
use crate::vm::calls::Remap;
use crate::vm::error::{Shortage, VmError};
use crate::vm::event::Event;
use crate::vm::space::{Area, AreaFlags};
use crate::vm::types::ProcessId;
use std_alloc::vec::Vec;

impl Machine {
    /// Resizes the range at `old`, and moves it where that is allowed; gives where it is. Shrinking unmaps the end.
    /// With an old length of 0, shared memory is mapped a second time, where there is room or at the fixed place.
    /// O(log areas + entries moved).
    ///
    /// # Errors
    /// EINVAL: an address that is no multiple of the page size, a new length of 0, a fixed new place that overlaps
    /// the old one. EFAULT: nothing is mapped at `old`, or the range is resized and lies in several areas. ENOMEM:
    /// it cannot grow where it is and must not move; no room; limits, as for mmap.
    pub fn mremap(
        &mut self,
        process: ProcessId,
        old: u64,
        old_length: u64,
        new_length: u64,
        how: Remap,
    ) -> Result<u64, VmError> {
        let found = self.process(process)?;
        let (low, high) = (found.layout.low, found.layout.high);
        let overflow = |length| VmError::invalid("length", length, "leaves the address space");
        let range = self.range(old, old_length)?.ok_or(overflow(old_length))?;
        let new_bytes = self.whole_pages(new_length).ok_or(overflow(new_length))?;
        if new_bytes == 0 {
            return Err(VmError::invalid("new_length", new_length, "must not be 0"));
        }
        if let Remap::Fixed(to) = how {
            let target = self.range(to, new_bytes)?.filter(|target| target.from >= low && target.to <= high);
            let target = target.ok_or(VmError::invalid("new address", to, "leaves the address space"))?;
            if target.from < range.to && range.from < target.to {
                return Err(VmError::invalid("new address", to, "overlaps the old range"));
            }
        }
        let bad = VmError::BadAddress { address: old };
        let area = self.process(process)?.areas.find(old).cloned().ok_or(bad.clone())?;
        if range.from == range.to {
            return self.map_again(process, &area, old, new_bytes, how);
        }
        let old_bytes = range.to - range.from;
        // What a shrinking range loses may lie anywhere.
        let is_one_area = old + old_bytes.min(new_bytes) <= area.end;
        if !is_one_area && (old_bytes < new_bytes || matches!(how, Remap::Fixed(_)) && old_bytes != new_bytes)
        {
            return Err(bad);
        }
        self.check_cut(process, range.from, range.to)?;
        self.check_pooled_move(process, range, new_bytes, how)?;
        if let Remap::Fixed(to) = how {
            return self.move_fixed(process, range, new_bytes, to, is_one_area);
        }
        if new_bytes < old_bytes {
            let left = self.process(process)?.areas.areas_after_remove(old + new_bytes, range.to);
            self.check_areas(left, new_bytes)?;
            self.living(process).areas.reserve()?;
            self.unmap_range(process, old + new_bytes, range.to)?;
            return Ok(old);
        }
        if new_bytes == old_bytes {
            return Ok(old);
        }
        let grown = new_bytes - old_bytes;
        self.check_growth(process, &area, grown)?;
        let can_extend = range.to == area.end
            && old.checked_add(new_bytes).is_some_and(|to| to <= high)
            && self.process(process)?.areas.is_free(range.to, old + new_bytes);
        if can_extend {
            self.charge_growth(&area, grown);
            let areas = &mut self.living(process).areas;
            areas.reserve()?;
            areas.insert(Area {
                start: range.to,
                end: old + new_bytes,
                offset: area.offset_of(range.to),
                ..area.clone()
            });
            self.object_gains(&Area { start: 0, end: grown, ..area.clone() });
            self.after_growth(process, &area, range.to, old + new_bytes)?;
            return Ok(old);
        }
        if how == Remap::InPlace {
            return Err(VmError::no_memory(new_bytes, Shortage::Addresses));
        }
        let room = self.find_room(process, new_bytes, self.page_size);
        let to = room.ok_or(VmError::no_memory(new_bytes, Shortage::Addresses))?;
        self.move_part(process, &area, range, new_bytes, to)?;
        Ok(to)
    }

    /// Huge pages of a pool move to their own boundaries, and do not become more: what is promised of a pool cannot
    /// be split.
    fn check_pooled_move(
        &self,
        process: ProcessId,
        range: Range,
        new_bytes: u64,
        how: Remap,
    ) -> Result<(), VmError> {
        for area in self.process(process)?.areas.range(range.from, range.to) {
            if !area.flags.contains(AreaFlags::HUGETLB) {
                continue;
            }
            let unit = self.config.paging.leaf_size(area.huge_level.into());
            if new_bytes % unit != 0 || new_bytes > range.to - range.from {
                let rule = "must be a multiple of the huge page size, and no more than before";
                return Err(VmError::invalid("new_length", new_bytes, rule));
            }
            if let Remap::Fixed(to) = how {
                if (to ^ range.from) % unit != 0 {
                    return Err(VmError::invalid(
                        "new address",
                        to,
                        "must lie in its huge page as the old one does",
                    ));
                }
            }
        }
        Ok(())
    }

    /// With an old length of nothing: shared memory is mapped once more, from `old` on. Its old mapping stays.
    fn map_again(
        &mut self,
        process: ProcessId,
        area: &Area,
        old: u64,
        new_bytes: u64,
        how: Remap,
    ) -> Result<u64, VmError> {
        if !area.is_shared() || area.flags.contains(AreaFlags::HUGETLB) {
            return Err(VmError::invalid("old_length", 0, "must not be 0, but for shared memory"));
        }
        self.check_growth(process, area, new_bytes)?;
        let no_room = VmError::no_memory(new_bytes, Shortage::Addresses);
        let to = match how {
            Remap::InPlace => return Err(no_room),
            Remap::MayMove => self.find_room(process, new_bytes, self.page_size).ok_or(no_room)?,
            Remap::Fixed(to) => {
                self.check_areas(self.process(process)?.areas.len() + 2, new_bytes)?;
                self.check_cut(process, to, to + new_bytes)?;
                self.living(process).areas.reserve()?;
                self.unmap_range(process, to, to + new_bytes)?;
                to
            }
        };
        if self.process(process)?.areas.find(old).is_none() {
            // The new place was over the old.
            return Err(VmError::BadAddress { address: old });
        }
        let again = Area { start: to, end: to + new_bytes, offset: area.offset_of(old), ..area.clone() };
        self.object_gains(&again);
        self.charge_growth(area, new_bytes);
        let areas = &mut self.living(process).areas;
        areas.reserve()?;
        areas.insert(again);
        self.tell(Event::Map { process, from: to, to: to + new_bytes });
        self.after_growth(process, area, to, to + new_bytes)?;
        Ok(to)
    }

    /// Moves to a given place, whatever is mapped there. Several areas move as they are.
    fn move_fixed(
        &mut self,
        process: ProcessId,
        range: Range,
        new_bytes: u64,
        to: u64,
        is_one_area: bool,
    ) -> Result<u64, VmError> {
        let areas = &self.process(process)?.areas;
        self.check_areas(areas.len() + 2, new_bytes)?;
        let first = areas.find(range.from).cloned().ok_or(VmError::BadAddress { address: range.from })?;
        let old_bytes = range.to - range.from;
        if new_bytes > old_bytes {
            self.check_growth(process, &first, new_bytes - old_bytes)?;
        }
        self.check_cut(process, to, to + new_bytes)?;
        let mut range = range;
        if is_one_area {
            self.living(process).areas.reserve()?;
            self.unmap_range(process, to, to + new_bytes)?;
            if new_bytes < old_bytes {
                self.living(process).areas.reserve()?;
                self.unmap_range(process, range.from + new_bytes, range.to)?;
                range.to = range.from + new_bytes;
            }
            self.move_part(process, &first, range, new_bytes, to)?;
            return Ok(to);
        }
        let parts: Vec<Area> = self.process(process)?.areas.range(range.from, range.to).cloned().collect();
        for area in parts {
            let (from, end) = (area.start.max(range.from), area.end.min(range.to));
            let target = to + (from - range.from);
            // As on Linux, what lies where a hole would come stays.
            self.living(process).areas.reserve()?;
            self.unmap_range(process, target, target + (end - from))?;
            self.move_part(process, &area, Range { from, to: end }, end - from, target)?;
        }
        Ok(to)
    }

    /// Moves a part of one area, growing it on the way.
    fn move_part(
        &mut self,
        process: ProcessId,
        area: &Area,
        range: Range,
        new_bytes: u64,
        to: u64,
    ) -> Result<(), VmError> {
        let old_bytes = range.to - range.from;
        self.split_ends(process, range.from, range.to)?;
        self.split_crooked(process, range, to)?;
        let levels = u64::from(self.config.paging.levels());
        let leaf = self.config.paging.page_size() << self.config.paging.level_bits(0);
        // Each table of the old range has its entries in two of the new one, at most.
        let most = 2 * self.living(process).table.tables();
        self.stash_tables(process, (old_bytes.div_ceil(leaf) + 2 * levels).min(most))?;
        let mut is_touched = false;
        let Machine { processes, stash, pages, memory, .. } = self;
        let table = &mut processes[process.0 as usize].as_mut().expect("it lives").table;
        let moved = table.move_range(range.from, to, old_bytes, stash);
        if moved.is_ok() {
            table.for_each(to, to + old_bytes, |address, _, entry| {
                is_touched |= !entry.is_special();
                if entry.is_present() && !entry.is_special() {
                    let id = memory.owner(entry.frame());
                    pages.moved(id, process.0, address - to + range.from, address);
                }
            });
        }
        self.return_stash();
        moved.map_err(|_| super::frames::NoFrame)?;
        self.flush_range(process, range.from, range.to);
        let mut part = area.part(range.from, range.to);
        let is_private = super::call::object_of(&part).is_none();
        // What was never touched may merge at its new place as if it had been mapped there.
        part.offset = if is_private && !is_touched { to } else { part.offset };
        (part.start, part.end) = (to, to + new_bytes);
        let areas = &mut self.living(process).areas;
        areas.reserve()?;
        areas.remove(range.from, range.to, &mut |_| ());
        areas.reserve()?;
        areas.insert(part);
        if new_bytes > old_bytes {
            self.charge_growth(area, new_bytes - old_bytes);
            self.object_gains(&Area { start: 0, end: new_bytes - old_bytes, ..area.clone() });
        }
        self.prune_tables(process, range.from, range.to);
        self.tell(Event::Unmap { process, from: range.from, to: range.to });
        self.tell(Event::Map { process, from: to, to: to + new_bytes });
        if new_bytes > old_bytes {
            self.after_growth(process, area, to + old_bytes, to + new_bytes)?;
        }
        Ok(())
    }

    /// Splits the huge pages of a range that would not come to stand on their own boundaries.
    fn split_crooked(&mut self, process: ProcessId, range: Range, to: u64) -> Result<(), VmError> {
        let mut crooked: Vec<u64> = Vec::new();
        let paging = self.config.paging;
        self.living(process).table.for_each(range.from, range.to, |address, level, _| {
            if level > 0 && (range.from ^ to) & (paging.leaf_size(level) - 1) != 0 {
                crooked.push(address);
            }
        });
        for address in crooked {
            // Reclaim for the one before may have taken it.
            let (entry, level) = self.living(process).table.get(address);
            if level > 0 && entry.is_present() {
                self.split_for(process, self.memory.owner(entry.frame()))?;
            }
        }
        Ok(())
    }

    fn check_growth(&self, process: ProcessId, area: &Area, bytes: u64) -> Result<(), VmError> {
        let end = area.offset.checked_add(area.length()).and_then(|end| end.checked_add(bytes));
        if super::call::object_of(area).is_some() && end.is_none() {
            return Err(VmError::invalid("new_length", bytes, "passes the end of the file's offsets"));
        }
        self.check_address_limit(process, bytes)?;
        if area.flags.contains(AreaFlags::ACCOUNTED) {
            self.check_commit(process, bytes / self.page_size)?;
        }
        if area.flags.contains(AreaFlags::LOCKED) {
            self.check_locked(process, bytes / self.page_size)?;
        }
        self.check_areas(self.process(process)?.areas.len() + 1, bytes)
    }

    fn charge_growth(&mut self, area: &Area, bytes: u64) {
        if area.flags.contains(AreaFlags::ACCOUNTED) {
            self.commit.charge(bytes / self.page_size);
        }
    }

    fn after_growth(&mut self, process: ProcessId, area: &Area, from: u64, to: u64) -> Result<(), VmError> {
        if area.flags.contains(AreaFlags::LOCKED) {
            let _ = self.populate(process, from, to);
            self.process(process)?;
        }
        Ok(())
    }
}
