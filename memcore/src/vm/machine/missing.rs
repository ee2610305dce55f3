//! Missing pages: zeros for private memory, pages of files and of shared memory, each with what Linux maps beside.

use super::Machine;
use super::access::Reference;
use super::fault::Outcome;
use super::object::Source;
use super::page::{NONE, PageFlags, PageId};
use crate::vm::counters::{Cause, Count};
use crate::vm::error::FaultKind;
use crate::vm::event::Served;
use crate::vm::paging::Entry;
use crate::vm::space::{Area, AreaFlags, AreaKind};
use crate::vm::types::{Access, ProcessId};

impl Machine {
    /// Serves a fault on an entry that stands for nothing.
    pub(super) fn bring_in(&mut self, reference: Reference, area: &Area) -> Result<Outcome, FaultKind> {
        match area.kind {
            _ if area.flags.contains(AreaFlags::HUGETLB) => self.bring_in_pooled(reference, area),
            AreaKind::AnonymousPrivate => self.bring_in_zeros(reference, area),
            AreaKind::File { file, .. } => self.bring_in_object(reference, area, file),
            AreaKind::SharedAnonymous { object } => self.bring_in_object(reference, area, object),
        }
    }

    fn bring_in_zeros(&mut self, reference: Reference, area: &Area) -> Result<Outcome, FaultKind> {
        let Reference { process, address, access } = reference;
        let page_address = address & !(self.page_size - 1);
        if let Some(outcome) = self.bring_in_huge(reference, area) {
            return Ok(outcome);
        }
        if access != Access::Write && self.config.faults.zero_page {
            let entry = self.entry_for(area, self.zero_frame()).with_special(true);
            self.install(process, page_address, 0, entry)?;
            self.count(Count::ZeroMap);
            return Ok(Outcome { entry, level: 0, served: Served::ZeroPage });
        }
        let id = self.new_zeroed(reference)?;
        let outcome = self.map_copy(reference, area, id)?;
        Ok(Outcome { served: Served::ZeroFill, ..outcome })
    }

    fn bring_in_object(
        &mut self,
        reference: Reference,
        area: &Area,
        object: u32,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, access } = reference;
        let page_address = address & !(self.page_size - 1);
        let index = (area.offset + (page_address - area.start)) / self.page_size;
        let is_write = access == Access::Write;
        if !is_write {
            self.map_around(process, area, object, page_address, index);
            self.process(process).map_err(|_| FaultKind::OutOfMemory)?;
        }
        let (id, served) = self.object_page(reference, object, index)?;
        if is_write && !area.is_shared() {
            // A private page with the file's content.
            self.hold(id);
            let frame = self.pages.get(id).frame.into();
            let copy = self.new_copy(reference, frame);
            self.unhold();
            let outcome = self.map_copy(reference, area, copy?)?;
            let served = if served == Served::FileRead { served } else { Served::Copied };
            return Ok(Outcome { served, ..outcome });
        }
        let is_file = self.pages.get(id).flags.contains(PageFlags::FILE);
        let is_writable = area.is_shared() && area.protection.allows(Access::Write) && (is_write || !is_file);
        if is_write {
            self.pages.get_mut(id).flags |= PageFlags::DIRTY;
            self.drop_slot(id);
        }
        let frame = self.pages.get(id).frame.into();
        let entry = self.entry_for(area, frame).with_writable(is_writable).with_dirty(is_write);
        self.map_page(process, page_address, id, entry)?;
        self.count(Count::FileMap);
        Ok(Outcome { entry, level: 0, served })
    }

    /// A page of an object, in a frame; says how it came there.
    pub(in crate::vm) fn object_page(
        &mut self,
        reference: Reference,
        object: u32,
        index: u64,
    ) -> Result<(PageId, Served), FaultKind> {
        let page_size = self.page_size;
        let source = self.object(object);
        if index >= source.len().div_ceil(page_size) {
            return Err(FaultKind::AdrErr);
        }
        let is_file = source.is_file();
        let known = source.pages.get(&index).copied();
        if let Some(id) = known {
            let page = self.pages.get(id);
            if page.is_resident() {
                return Ok((id, Served::Cached));
            }
            if page.slot != NONE {
                return Ok((id, self.swap_in(reference, id)?));
            }
        }
        let id = self.object_record(object, index)?;
        let domain = self.living(reference.process).domain;
        self.await_page(domain, id).map_err(|_| FaultKind::OutOfMemory)?;
        let frame = self.frame_for(reference, id)?;
        if self.fill_from(object, index, frame).is_err() {
            self.memory.free(frame, 0);
            self.give_up(id);
            return Err(FaultKind::Io);
        }
        let settled = self.settle_page(reference.process, id, frame, 0);
        settled.map_err(|_| FaultKind::OutOfMemory)?;
        if !is_file {
            self.count(Count::ZeroFill);
            self.time[Cause::Zero] += self.config.latencies.zero;
            return Ok((id, Served::ZeroFill));
        }
        self.count(Count::FileRead);
        self.time[Cause::FileRead] += self.config.latencies.file_read;
        self.hold(id);
        self.read_ahead(reference, object, index);
        self.unhold();
        self.fresh = id;
        Ok((id, Served::FileRead))
    }

    /// The record of an object's page that is not in memory, made where there is none.
    fn object_record(&mut self, object: u32, index: u64) -> Result<PageId, FaultKind> {
        let is_file = self.object(object).is_file();
        let known = self.object(object).pages.get(&index).copied();
        let id = match known {
            Some(id) => id,
            None => {
                let id = self.pages.create(object, index).map_err(|_| FaultKind::OutOfMemory)?;
                self.object(object).pages.insert(index, id);
                id
            }
        };
        let page = self.pages.get_mut(id);
        page.flags.set(PageFlags::FILE, is_file);
        page.flags.set(PageFlags::DIRTY, !is_file);
        Ok(id)
    }

    /// The bytes of an object's page, from where it has them; past the end are zeros.
    fn fill_from(&mut self, object: u32, index: u64, frame: u64) -> Result<(), ()> {
        self.memory.zero(frame);
        let has_contents = self.memory.has_contents();
        let Machine { objects, memory, page_size, .. } = self;
        let Some(Source::File(backing)) = objects[object as usize].as_mut().map(|object| &mut object.source)
        else {
            return Ok(());
        };
        let offset = index * *page_size;
        let length = backing.len().saturating_sub(offset).min(*page_size) as usize;
        if !has_contents {
            return backing.read(offset, &mut []).map_err(|_| ());
        }
        let bytes = memory.bytes_mut(frame).map_err(|_| ())?;
        backing.read(offset, &mut bytes[..length]).map_err(|_| ())
    }

    /// Reads pages that follow in the file, as long as frames are free for them.
    fn read_ahead(&mut self, reference: Reference, object: u32, index: u64) {
        let Reference { process, address, .. } = reference;
        let Some(area) = self.living(process).areas.find(address).cloned() else { return };
        let ahead = match area.flags {
            flags if flags.contains(AreaFlags::RANDOM) => 0,
            flags if flags.contains(AreaFlags::SEQUENTIAL) => {
                2 * u64::from(self.config.faults.file_read_ahead)
            }
            _ => self.config.faults.file_read_ahead.into(),
        };
        let end = self.object(object).len().div_ceil(self.page_size).min(index.saturating_add(1 + ahead));
        let domain = self.living(process).domain;
        let place = self.placement(process, address);
        for next in index + 1..end {
            let known = self.object(object).pages.get(&next).copied();
            if known.is_some_and(|id| self.pages.get(id).is_resident()) {
                continue;
            }
            if self.is_at_limit(domain) {
                return;
            }
            let Some(frame) = self.try_frame(&place, 0) else { return };
            if self.fill_from(object, next, frame).is_err() {
                self.memory.free(frame, 0);
                return;
            }
            let Ok(id) = self.object_record(object, next) else {
                self.memory.free(frame, 0);
                return;
            };
            if self.settle_page(process, id, frame, 0).is_err() {
                self.give_up(id);
                return;
            }
            self.count(Count::ReadAhead);
            self.count(Count::FileRead);
        }
    }

    /// Maps pages in memory around one that a read wants: within the area, as many as the window has, from its
    /// aligned beginning or that of the area, whichever is later, and in one page table. As on Linux, before it is
    /// known whether the page itself can be had.
    fn map_around(&mut self, process: ProcessId, area: &Area, object: u32, address: u64, index: u64) {
        let window = u64::from(self.config.faults.around.max(1)) * self.page_size;
        if window == self.page_size {
            return;
        }
        let from = (address - address % window).max(area.start);
        let mut to = from.saturating_add(window).min(area.end);
        if self.config.paging.levels() > 1 {
            let table = self.config.paging.leaf_size(1);
            to = to.min((address - address % table).saturating_add(table));
        }
        let mut at = from;
        while at < to {
            let near = index + at / self.page_size - address / self.page_size;
            let found = self.object(object).pages.get(&near).copied();
            let is_empty = at != address && self.living(process).table.get(at).0.is_empty();
            if let Some(id) = found.filter(|&id| is_empty && self.pages.get(id).is_resident()) {
                let is_file = self.pages.get(id).flags.contains(PageFlags::FILE);
                let is_writable = area.is_shared() && !is_file && area.protection.allows(Access::Write);
                let frame = self.pages.get(id).frame.into();
                let entry = self.entry_for(area, frame).with_writable(is_writable);
                if self.map_page(process, at, id, entry).is_err() {
                    return;
                }
                self.count(Count::FaultAround);
            }
            at += self.page_size;
        }
    }

    /// The first write through an entry of a shared area: the page is dirty from now on.
    pub(super) fn make_writable(
        &mut self,
        reference: Reference,
        entry: Entry,
        level: u32,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, .. } = reference;
        let page_address = address & !(self.page_size - 1);
        let id = self.memory.owner(entry.frame());
        self.drop_slot(id);
        self.pages.get_mut(id).flags |= PageFlags::DIRTY;
        let table = &mut self.living(process).table;
        let set = |entry: Entry| entry.with_writable(true).with_dirty(true);
        let entry = table.update(page_address, set).unwrap_or(entry);
        self.flush_page(process, page_address);
        Ok(Outcome { entry, level, served: Served::MadeWritable })
    }
}
