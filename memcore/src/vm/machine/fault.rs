//! Faults: what the kernel does about an access that the page table does not allow, in Linux' order.

use super::Machine;
use super::access::Reference;
use super::page::Mapping;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{Fault, FaultKind};
use crate::vm::event::{Event, Served};
use crate::vm::paging::Entry;
use crate::vm::space::Area;
use crate::vm::types::{Access, Protection};

/// A fault that was served: the entry, its level, and how.
pub(in crate::vm) struct Outcome {
    pub entry: Entry,
    pub level: u32,
    pub served: Served,
}

impl Machine {
    /// Serves a fault, or ends it in a signal. Gives the entry that lets the access pass.
    pub(super) fn serve(
        &mut self,
        reference: Reference,
        entry: Entry,
        level: u32,
    ) -> Result<(Entry, u32), Fault> {
        self.time[Cause::Trap] += self.config.latencies.trap;
        self.write_back_in_background();
        match self.resolve(reference, entry, level) {
            Ok(outcome) => {
                let Outcome { entry, level, served } = outcome;
                let major = matches!(served, Served::FileRead | Served::SwapRead | Served::Decompressed);
                self.count(if major { Count::Major } else { Count::Minor });
                let Reference { process, address, access } = reference;
                let address = address & !(self.page_size - 1);
                let frame = entry.frame();
                self.tell(Event::Fault { process, address, access, served, major, frame });
                Ok((entry, level))
            }
            Err(kind) => Err(self.signal(reference, kind)),
        }
    }

    /// Ends an access in a signal.
    pub(in crate::vm) fn signal(&mut self, reference: Reference, kind: FaultKind) -> Fault {
        match kind {
            FaultKind::AccErr => {
                self.count(Count::Protection);
                self.count(Count::Segv);
            }
            FaultKind::MapErr | FaultKind::GeneralProtection => self.count(Count::Segv),
            FaultKind::AdrErr | FaultKind::Io => self.count(Count::Bus),
            FaultKind::OutOfMemory | FaultKind::NoProcess => {}
        }
        let Reference { process, address, access } = reference;
        self.tell(Event::Signal { process, address, access, kind });
        reference.fault(kind)
    }

    fn resolve(&mut self, reference: Reference, entry: Entry, level: u32) -> Result<Outcome, FaultKind> {
        let access = reference.access;
        let area = self.area_or_stack(reference)?;
        if !area.protection.allows(access) {
            return Err(FaultKind::AccErr);
        }
        if entry.is_guard() {
            return Err(FaultKind::MapErr);
        }
        if entry.is_empty() {
            return self.bring_in(reference, &area);
        }
        if let Some(id) = entry.swapped_page() {
            return self.bring_back(reference, &area, id);
        }
        if entry.is_protnone() {
            return self.next_touch(reference, &area, entry, level);
        }
        if access == Access::Write && !entry.is_writable() {
            return self.write_protected(reference, &area, entry, level);
        }
        // The entry allows it after all.
        Ok(Outcome { entry, level, served: Served::Cached })
    }

    /// The area of an address; a stack below which one reaches grows.
    fn area_or_stack(&mut self, reference: Reference) -> Result<Area, FaultKind> {
        let Reference { process, address, .. } = reference;
        let areas = &self.living(process).areas;
        if let Some(area) = areas.find(address) {
            return Ok(area.clone());
        }
        self.grow_stack(process, address).ok_or(FaultKind::MapErr)
    }

    /// A swapped page is wanted again.
    fn bring_back(&mut self, reference: Reference, area: &Area, id: u32) -> Result<Outcome, FaultKind> {
        let Reference { process, address, access } = reference;
        let served = self.swap_in(reference, id)?;
        let page_address = address & !(self.page_size - 1);
        self.pages.get_mut(id).swapped -= 1;
        self.living(process).usage.swapped -= 1;
        let frame = self.pages.get(id).frame.into();
        // The mapping that is about to be made is counted already.
        let is_alone = self.pages.get(id).references() == 0;
        let is_write = access == Access::Write;
        let may_write = is_alone && area.protection.allows(Access::Write);
        if is_write && may_write {
            self.drop_slot(id);
        }
        let entry = self.entry_for(area, frame).with_writable(may_write).with_exclusive(is_alone);
        let mapped = self.map_page(process, page_address, id, entry.with_dirty(is_write && may_write));
        if let Err(kind) = mapped {
            // The process is gone, or the entry stands for the page as before.
            if self.process(process).is_ok() {
                self.pages.get_mut(id).swapped += 1;
                self.living(process).usage.swapped += 1;
            }
            return Err(kind);
        }
        if is_write && !may_write {
            let (entry, level) = self.living(process).table.get(page_address);
            let outcome = self.write_protected(reference, area, entry, level)?;
            return Ok(Outcome { served, ..outcome });
        }
        let (entry, level) = self.living(process).table.get(page_address);
        Ok(Outcome { entry, level, served })
    }

    /// A write to an entry that does not allow it, in an area that does.
    pub(super) fn write_after_hint(
        &mut self,
        reference: Reference,
        area: &Area,
        entry: Entry,
        level: u32,
    ) -> Result<Outcome, FaultKind> {
        let outcome = self.write_protected(reference, area, entry, level)?;
        Ok(Outcome { served: Served::Hint, ..outcome })
    }

    fn write_protected(
        &mut self,
        reference: Reference,
        area: &Area,
        entry: Entry,
        level: u32,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, .. } = reference;
        let page_address = address & !(self.page_size - 1);
        if area.is_shared() {
            return self.make_writable(reference, entry, level);
        }
        if entry.is_special() {
            let id = self.new_copy(reference, self.zero_frame())?;
            self.count(Count::Cow);
            self.living(process).table.update(page_address, |_| Entry::EMPTY);
            return self.map_copy(reference, area, id);
        }
        let id = self.memory.owner(entry.frame());
        if self.pages.get(id).is_exclusive() {
            self.drop_slot(id);
            self.count(Count::Reuse);
            let whole = address & !(self.config.paging.leaf_size(level) - 1);
            let set = |entry: Entry| entry.with_writable(true).with_exclusive(true).with_dirty(true);
            let entry = self.living(process).table.update(whole, set).unwrap_or(entry);
            self.flush_page(process, whole);
            return Ok(Outcome { entry, level, served: Served::Reused });
        }
        if self.pages.get(id).flags.contains(super::page::PageFlags::POOLED) {
            return self.copy_pooled(reference, area, entry, level);
        }
        if level > 0 {
            // Of a huge page one small page is copied.
            self.split_for(process, id)?;
            let (entry, level) = self.living(process).table.get(page_address);
            return self.write_protected(reference, area, entry, level);
        }
        let was_merged = self.pages.get(id).flags.contains(super::page::PageFlags::MERGED);
        self.hold(id);
        let copy = self.new_copy(reference, entry.frame());
        self.unhold();
        let copy = copy?;
        self.count(Count::Cow);
        self.counters[Count::Unmerged] += u64::from(was_merged);
        self.let_go(process, page_address, entry);
        self.map_copy(reference, area, copy)
    }

    /// Maps a fresh private page in place of what was there.
    pub(in crate::vm) fn map_copy(
        &mut self,
        reference: Reference,
        area: &Area,
        id: u32,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, access } = reference;
        let page_address = address & !(self.page_size - 1);
        let frame = self.pages.get(id).frame.into();
        let may_write = area.protection.allows(Access::Write);
        let entry = self.entry_for(area, frame).with_writable(may_write).with_exclusive(true);
        let entry = entry.with_dirty(access == Access::Write);
        self.flush_page(process, page_address);
        if let Err(kind) = self.map_page(process, page_address, id, entry) {
            if self.pages.is_live(id) && self.pages.get(id).references() == 0 {
                self.free_page(id);
            }
            return Err(kind);
        }
        Ok(Outcome { entry, level: 0, served: Served::Copied })
    }

    /// The entry that maps a frame in an area, not writable yet.
    pub(in crate::vm) fn entry_for(&self, area: &Area, frame: u64) -> Entry {
        // Merged pages are parted where nothing is allowed, too.
        Entry::present(frame)
            .with_user(true)
            .with_executable(area.protection.allows(Access::Execute))
            .with_protnone(area.protection == Protection::NONE)
    }

    /// An entry of a process lets go of what it stands for; the table holds it no more, or will not.
    pub(in crate::vm) fn let_go(&mut self, process: crate::vm::ProcessId, address: u64, entry: Entry) {
        if let Some(id) = entry.swapped_page() {
            self.living(process).usage.swapped -= 1;
            let page = self.pages.get_mut(id);
            page.swapped -= 1;
            if page.references() == 0 && page.is_private() {
                self.free_page(id);
            }
            return;
        }
        if !entry.is_present() || entry.is_special() {
            return;
        }
        let id = self.memory.owner(entry.frame());
        *self.resident_kind(process, id) -= self.pages.get(id).weight();
        let is_locked = self.is_locked(process, address);
        let page = self.pages.get_mut(id);
        if entry.is_dirty() {
            page.flags |= super::page::PageFlags::DIRTY;
        }
        if entry.is_accessed() {
            page.flags |= super::page::PageFlags::REFERENCED;
        }
        if is_locked {
            page.pins = page.pins.saturating_sub(1);
        }
        self.pages.unmap(id, Mapping { space: process.0, address });
        let page = self.pages.get(id);
        if page.references() == 0 && page.is_private() {
            self.free_page(id);
        }
    }

    /// Drops the translations of one page.
    pub(in crate::vm) fn flush_page(&mut self, process: crate::vm::ProcessId, address: u64) {
        let dropped = self.tlbs.invalidate_page(address, process.0);
        self.counters[Count::TlbFlush] += dropped;
        self.time[Cause::Shootdown] += self.config.latencies.shootdown;
    }
}
