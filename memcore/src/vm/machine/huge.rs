//! Huge pages: taken at a fault, made of small ones, split again.

use super::Machine;
use super::access::Reference;
use super::call::object_of;
use super::fault::Outcome;
use super::frames::NoFrame;
use super::page::{Mapping, PageFlags, PageId};
use crate::replacement::Policy;
use crate::vm::config::HugeMode;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{Shortage, VmError};
use crate::vm::event::{Event, Served};
use crate::vm::paging::Entry;
use crate::vm::space::{Area, AreaFlags, AreaKind};
use crate::vm::types::{Access, Frame, ProcessId};
use std_alloc::vec::Vec;

impl Machine {
    /// The order of the huge pages that may be taken at faults: those of level 1, where there are such.
    fn huge_order(&self) -> Option<u8> {
        let paging = &self.config.paging;
        let exists = paging.levels() > 1 && paging.can_map_at(1);
        exists.then(|| (paging.leaf_size(1) / self.page_size).ilog2() as u8).filter(|&order| order <= 10)
    }

    fn wants_huge(&self, area: &Area) -> bool {
        let is_advised = area.flags.contains(AreaFlags::HUGEPAGE);
        let is_refused = area.flags.contains(AreaFlags::NOHUGEPAGE);
        match self.config.huge.mode {
            HugeMode::Never => false,
            HugeMode::Advised => is_advised,
            HugeMode::Always => !is_refused,
        }
    }

    /// Whether a huge page keeps the limit of a process' domain.
    fn fits_limit(&mut self, process: ProcessId, order: u8) -> bool {
        let domain = self.living(process).domain;
        let domain = &self.domains[domain as usize];
        domain.limit.is_none_or(|limit| domain.resident + (1 << order) <= limit)
    }

    /// Serves a write fault by a huge page, if one fits into the area, nothing is there yet, and a block is free.
    pub(super) fn bring_in_huge(&mut self, reference: Reference, area: &Area) -> Option<Outcome> {
        let Reference { process, address, access } = reference;
        let order = self.huge_order()?;
        let takes_frame = access == Access::Write || !self.config.faults.zero_page;
        if !takes_frame || area.kind != AreaKind::AnonymousPrivate || !self.wants_huge(area) {
            return None;
        }
        let bytes = self.page_size << order;
        let from = address & !(bytes - 1);
        if from < area.start || from.checked_add(bytes)? > area.end {
            return None;
        }
        let mut is_empty = true;
        self.living(process).table.for_each(from, from + bytes, |_, _, _| is_empty = false);
        if !is_empty {
            return None;
        }
        let place = self.placement(process, address);
        let frame = if self.fits_limit(process, order) { self.try_frame(&place, order) } else { None };
        let Some(frame) = frame else {
            self.count(Count::HugeFallback);
            return None;
        };
        for part in 0..1 << order {
            self.memory.zero(frame + part);
        }
        self.time[Cause::Zero] += self.config.latencies.zero << order;
        let id = self.adopt(process, frame, order).ok()?;
        let may_write = area.protection.allows(Access::Write);
        let entry =
            self.entry_for(area, frame).with_writable(may_write).with_exclusive(true).with_dirty(true);
        // An empty table may be in the way.
        self.prune_tables_within(process, from, from + bytes);
        if self.map_page(process, from, id, entry).is_err() {
            if self.pages.is_live(id) && self.pages.get(id).references() == 0 {
                self.free_page(id);
            }
            return None;
        }
        self.count(Count::HugeFault);
        self.count(Count::ZeroFill);
        Some(Outcome { entry, level: 1, served: Served::Huge })
    }

    /// Makes small pages of a huge one on behalf of a process, which may have to reclaim for the page tables. The
    /// page may be gone afterwards, or small already: that is well, too.
    pub(in crate::vm) fn split_for(&mut self, process: ProcessId, id: PageId) -> Result<(), NoFrame> {
        let mappings = self.pages.get(id).mappings;
        self.hold(id);
        let stashed = self.stash_tables(process, mappings.into());
        self.unhold();
        stashed?;
        if !self.pages.is_live(id) || self.pages.get(id).order == 0 {
            self.return_stash();
            return Ok(());
        }
        self.split_page(id).map(drop).ok_or(NoFrame)
    }

    /// Makes small pages of a huge one, for all that map it; gives them. The frames for page tables are those set
    /// aside, then the last that there are, since reclaim itself calls this. `None`: there are not enough, or the page
    /// is of a pool.
    pub(in crate::vm) fn split_page(&mut self, id: PageId) -> Option<Vec<PageId>> {
        let page = *self.pages.get(id);
        if page.order == 0 || page.flags.contains(PageFlags::POOLED) || !page.is_resident() {
            return None;
        }
        let mappings: Vec<Mapping> = self.pages.mappings(id).collect();
        let parts = match self.stash_last(mappings.len() as u64) {
            true => self.split_records(id),
            false => None,
        };
        if let Some(parts) = &parts {
            for mapping in mappings {
                self.split_mapping(mapping, parts, page.frame.into());
            }
            self.count(Count::HugeSplit);
            self.tell(Event::Split { frame: page.frame.into() });
        }
        self.return_stash();
        parts
    }

    /// A record for each part of a huge page; the first keeps the number of the whole.
    fn split_records(&mut self, id: PageId) -> Option<Vec<PageId>> {
        let page = *self.pages.get(id);
        let count = 1_u32 << page.order;
        let mut parts = Vec::new();
        parts.try_reserve(count as usize).ok()?;
        parts.push(id);
        for _ in 1..count {
            match self.pages.create(0, 0) {
                Ok(part) => parts.push(part),
                Err(_) => {
                    parts[1..].iter().for_each(|&part| self.pages.release(part));
                    return None;
                }
            }
        }
        self.memory.split(page.frame.into(), page.order.into());
        for (at, &part) in parts.iter().enumerate() {
            let frame = page.frame + at as u32;
            self.memory.set_owner(frame.into(), part);
            let record = self.pages.get_mut(part);
            record.order = 0;
            record.frame = frame;
            record.pins = page.pins;
            record.flags = page.flags;
            if at > 0 {
                record.domain = page.domain;
                if let Ok(member) = self.domains[page.domain as usize].admit(part) {
                    self.pages.get_mut(part).member = member;
                    self.domains[page.domain as usize].policy.insert(member, &mut ());
                }
            }
        }
        Some(parts)
    }

    /// One mapping of a huge page becomes mappings of its parts.
    fn split_mapping(&mut self, mapping: Mapping, parts: &[PageId], frame: Frame) {
        let Mapping { space, address } = mapping;
        let Machine { processes, stash, pages, page_size, .. } = self;
        let Some(found) = processes[space as usize].as_deref_mut() else { return };
        let split =
            found.table.split(address, stash, |index, entry| entry.with_frame(frame + u64::from(index)));
        debug_assert!(split.is_ok(), "the frames of the tables were set aside");
        for (at, &part) in parts.iter().enumerate().skip(1) {
            // The first stands where the whole stood.
            let mapping = Mapping { space, address: address + at as u64 * *page_size };
            let _ = pages.map(part, mapping);
        }
        let end = address + parts.len() as u64 * self.page_size;
        self.flush_range(ProcessId(space), address, end);
    }

    /// Makes huge pages of the small ones of a range, wherever that may be done (MADV_COLLAPSE).
    ///
    /// # Errors
    /// EINVAL where not one huge page fits; ENOMEM where no block is free.
    pub(super) fn collapse_range(
        &mut self,
        process: ProcessId,
        area: &Area,
        from: u64,
        to: u64,
    ) -> Result<(), VmError> {
        let refuse = |rule| VmError::invalid("address", from, rule);
        let order = self.huge_order().ok_or(refuse("the page table has no huge pages"))?;
        if object_of(area).is_some() {
            return Err(refuse("is no private anonymous memory"));
        }
        let bytes = self.page_size << order;
        let mut at = from.checked_next_multiple_of(bytes).unwrap_or(u64::MAX);
        if at.checked_add(bytes).is_none_or(|end| end > to) {
            return Err(refuse("holds no whole huge page"));
        }
        while at.checked_add(bytes).is_some_and(|end| end <= to) {
            if !self.collapse(process, at, order) {
                return Err(VmError::no_memory(bytes, Shortage::Frames));
            }
            at += bytes;
        }
        Ok(())
    }

    /// Looks at all areas of a process that want huge pages, and collapses what may be; gives how many huge pages
    /// were made. O(areas + entries).
    ///
    /// # Errors
    /// ESRCH.
    pub fn collapse_scan(&mut self, process: ProcessId) -> Result<u64, VmError> {
        self.process(process)?;
        let Some(order) = self.huge_order() else { return Ok(0) };
        let bytes = self.page_size << order;
        let areas: Vec<Area> = self.process(process)?.areas.iter().cloned().collect();
        let mut made = 0;
        for area in areas {
            if object_of(&area).is_some()
                || !self.wants_huge(&area)
                || area.flags.contains(AreaFlags::HUGETLB)
            {
                continue;
            }
            let Some(mut at) = area.start.checked_next_multiple_of(bytes) else { continue };
            while at.checked_add(bytes).is_some_and(|end| end <= area.end) {
                made += u64::from(self.may_collapse(process, at, bytes) && self.collapse(process, at, order));
                at += bytes;
            }
        }
        Ok(made)
    }

    /// Whether so much is in a range, and so little elsewhere, that a huge page is worth it.
    fn may_collapse(&mut self, process: ProcessId, from: u64, bytes: u64) -> bool {
        let (mut present, mut swapped, mut shared, mut is_huge) = (0_u64, 0_u64, 0_u64, false);
        let Machine { processes, pages, memory, config, page_size, .. } = self;
        let Some(found) = processes[process.0 as usize].as_deref() else { return false };
        found.table.for_each(from, from + bytes, |_, level, entry| {
            is_huge |= level > 0 || entry.is_guard();
            swapped += u64::from(entry.swapped_page().is_some());
            if entry.is_present() && !entry.is_special() {
                present += 1;
                shared += u64::from(pages.get(memory.owner(entry.frame())).mappings > 1);
            }
        });
        let empty = bytes / *page_size - present - swapped;
        !is_huge
            && present > 0
            && empty <= config.huge.most_empty.into()
            && swapped <= config.huge.most_swapped.into()
            && shared <= config.huge.most_shared.into()
    }

    /// Makes one huge page of what is mapped in its range. False: it is one already and all is well, or there is no
    /// block for it; what was there stays.
    fn collapse(&mut self, process: ProcessId, from: u64, order: u8) -> bool {
        let bytes = self.page_size << order;
        let (entry, level) = self.living(process).table.get(from);
        if level > 0 && entry.is_present() {
            return true;
        }
        let Some(area) = self.living(process).areas.find(from).cloned() else { return false };
        // Swapped pages first: they may need frames themselves.
        let mut swapped = Vec::new();
        let mut has_guard = false;
        self.living(process).table.for_each(from, from + bytes, |address, _, entry| {
            swapped.extend(entry.swapped_page().map(|_| address));
            has_guard |= entry.is_guard();
        });
        if has_guard {
            return false;
        }
        for address in swapped {
            if self.populate_part(process, address, address + self.page_size, Access::Read).is_err() {
                return false;
            }
        }
        let place = self.placement(process, from);
        if !self.fits_limit(process, order) {
            return false;
        }
        let Some(frame) = self.try_frame(&place, order) else { return false };
        let mut taken: Vec<(u64, Entry)> = Vec::new();
        self.living(process)
            .table
            .for_each(from, from + bytes, |address, _, entry| taken.push((address, entry)));
        if taken.iter().any(|(_, entry)| entry.swapped_page().is_some()) {
            // Bringing one in pushed another out.
            self.memory.free(frame, order.into());
            return false;
        }
        for part in 0..1_u64 << order {
            self.memory.zero(frame + part);
        }
        for &(address, entry) in taken.iter().filter(|(_, entry)| !entry.is_special()) {
            let part = frame + (address - from) / self.page_size;
            if self.memory.copy(entry.frame(), part).is_err() {
                self.memory.free(frame, order.into());
                return false;
            }
            self.time[Cause::Copy] += self.config.latencies.copy;
        }
        let Ok(id) = self.adopt(process, frame, order) else { return false };
        self.release_range(process, from, from + bytes, |_| true);
        self.prune_tables_within(process, from, from + bytes);
        let may_write = area.protection.allows(Access::Write);
        let entry =
            self.entry_for(&area, frame).with_writable(may_write).with_exclusive(true).with_dirty(true);
        if self.map_page(process, from, id, entry).is_err() {
            return false;
        }
        self.count(Count::HugeCollapse);
        self.tell(Event::Collapse { process, address: from, frame });
        true
    }
}
