//! What the calls of a process have in common: ranges, charges, populating.

use super::Machine;
use super::access::Reference;
use super::object::Source;
use crate::vm::error::{FaultKind, Shortage, VmError};
use crate::vm::space::{Area, AreaFlags, AreaKind, MemorySize, is_accounted};
use crate::vm::types::{Access, ProcessId, Protection};

/// A range of whole pages, given by an aligned address and any length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub from: u64,
    pub to: u64,
}

impl Machine {
    /// A range whose start must be aligned: else EINVAL. `None`: rounding passes the end of all addresses.
    pub(super) fn range(&self, start: u64, length: u64) -> Result<Option<Range>, VmError> {
        if start & (self.page_size - 1) != 0 {
            return Err(VmError::invalid("address", start, "must be a multiple of the page size"));
        }
        let rounded = length.checked_next_multiple_of(self.page_size);
        Ok(rounded.and_then(|length| Some(Range { from: start, to: start.checked_add(length)? })))
    }

    /// A length in whole pages; `None`: it passes the end of all addresses.
    pub(super) fn whole_pages(&self, length: u64) -> Option<u64> {
        length.checked_next_multiple_of(self.page_size)
    }

    /// What promises are measured by.
    pub(in crate::vm) fn memory_size(&self) -> MemorySize {
        let hugetlb_pages = self.huge_pool.iter().map(|pool| pool.frames_total()).sum();
        MemorySize {
            ram_pages: self.memory.frames(),
            hugetlb_pages,
            swap_pages: self.swapping.device.slots(),
            page_size: self.page_size,
        }
    }

    /// Whether so many pages more may be promised to a process.
    pub(super) fn check_commit(&self, process: ProcessId, pages: u64) -> Result<(), VmError> {
        let total = self.process(process)?.areas.total_pages();
        let config = &self.config.overcommit;
        let checked = self.commit.check(config, pages, total, false, &self.memory_size());
        checked.map_err(|shortage| VmError::no_memory(pages * self.page_size, shortage))
    }

    /// Whether a process may have so many bytes of addresses more.
    pub(super) fn check_address_limit(&self, process: ProcessId, more: u64) -> Result<(), VmError> {
        let total = self.process(process)?.areas.total_pages() * self.page_size;
        match self.config.address_limit {
            Some(limit) if total.saturating_add(more) > limit => {
                Err(VmError::no_memory(more, Shortage::AddressLimit))
            }
            _ => Ok(()),
        }
    }

    /// Whether a process may have so many areas.
    pub(super) fn check_areas(&self, areas: usize, wanted: u64) -> Result<(), VmError> {
        if areas as u64 > self.config.max_map_count {
            return Err(VmError::no_memory(wanted, Shortage::Areas));
        }
        Ok(())
    }

    /// Changes the areas of a range, cutting them and the huge pages at its ends where need be.
    ///
    /// # Errors
    /// EINVAL: a huge page of a pool would be cut. ENOMEM: the number of areas; no frame for a page table.
    pub(super) fn change_areas(
        &mut self,
        process: ProcessId,
        from: u64,
        to: u64,
        change: impl Fn(&mut Area),
    ) -> Result<(), VmError> {
        let areas = &self.process(process)?.areas;
        let is_changed = |area: &Area| {
            let mut changed = area.clone();
            change(&mut changed);
            changed != *area
        };
        if !areas.range(from, to).any(is_changed) {
            return Ok(());
        }
        self.check_areas(areas.areas_after_change(from, to, &change), to - from)?;
        self.check_cut(process, from, to)?;
        self.split_ends(process, from, to)?;
        let areas = &mut self.process_mut(process)?.areas;
        areas.reserve()?;
        areas.change(from, to, change);
        Ok(())
    }

    /// Whether an area of this kind is charged.
    pub(super) fn is_charged(&self, kind: AreaKind, protection: Protection, flags: AreaFlags) -> bool {
        let no_reserve = flags.contains(AreaFlags::NORESERVE);
        !flags.contains(AreaFlags::HUGETLB)
            && is_accounted(kind, protection, no_reserve, self.config.overcommit.mode)
    }

    /// Faults in a range, as mlock and MAP_POPULATE do: for writing where private memory may be written.
    /// Areas locked on fault are passed over; one without permissions ends it.
    pub(super) fn populate(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), FaultKind> {
        let mut at = from;
        while at < to {
            let Some(area) =
                self.process(process).ok().and_then(|process| process.areas.next_at_or_after(at))
            else {
                return Ok(());
            };
            let (begin, end) = (area.start.max(at), area.end.min(to));
            let (protection, is_shared) = (area.protection, area.is_shared());
            let skip = area.flags.contains(AreaFlags::LOCK_ON_FAULT);
            let access = match protection.allows(Access::Write) && !is_shared {
                true => Access::Write,
                false => Access::Read,
            };
            if begin >= to {
                return Ok(());
            }
            if !skip && protection == Protection::NONE {
                return Err(FaultKind::AccErr);
            }
            if !skip {
                self.populate_part(process, begin, end, access)?;
            }
            at = end;
        }
        Ok(())
    }

    /// Faults in the pages of a range that lie in areas which allow the access.
    pub(super) fn populate_part(
        &mut self,
        process: ProcessId,
        from: u64,
        to: u64,
        access: Access,
    ) -> Result<(), FaultKind> {
        let mut at = from;
        while at < to {
            let (entry, level) = self.living(process).table.get(at);
            let is_there = entry.is_present()
                && !entry.is_protnone()
                && (access != Access::Write || entry.is_writable());
            if !is_there {
                let reference = Reference { process, address: at, access };
                self.serve(reference, entry, level).map_err(|fault| fault.kind)?;
            }
            let (_, level) = self.living(process).table.get(at);
            let leaf = self.config.paging.leaf_size(level);
            at = (at & !(leaf - 1)).saturating_add(leaf);
        }
        Ok(())
    }

    /// Counts what an area maps of its object.
    pub(super) fn object_gains(&mut self, area: &Area) {
        if let Some(object) = object_of(area) {
            let pages = area.length() / self.page_size;
            self.object(object).mapped += pages;
        }
    }

    /// Counts what a part of an area mapped of its object, which may now be out of everybody's reach.
    pub(super) fn object_loses(&mut self, area: &Area) {
        if let Some(number) = object_of(area) {
            let pages = area.length() / self.page_size;
            let object = self.object(number);
            object.mapped -= pages;
            if object.is_dead() {
                self.drop_object(number);
            }
        }
    }

    /// Drops an object that nobody can reach: dirty pages of a file are written first.
    pub(super) fn drop_object(&mut self, number: u32) {
        let pages: std_alloc::vec::Vec<u32> = self.object(number).pages.values().copied().collect();
        let is_file = matches!(self.object(number).source, Source::File(_));
        for id in pages {
            if is_file {
                self.write_back(id);
            }
            self.free_page(id);
        }
        self.objects[number as usize] = None;
    }
}

/// The file or shared memory behind an area.
pub(in crate::vm) fn object_of(area: &Area) -> Option<u32> {
    match area.kind {
        AreaKind::AnonymousPrivate => None,
        AreaKind::File { file, .. } => Some(file),
        AreaKind::SharedAnonymous { object } => Some(object),
    }
}
