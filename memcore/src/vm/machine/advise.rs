//! madvise: what a process says about a range, one decision per advice.

use super::Machine;
use super::call::object_of;
use super::page::{NONE, PageFlags, PageId};
use crate::replacement::Policy;
use crate::vm::calls::Advice;
use crate::vm::error::{FaultKind, Shortage, VmError};
use crate::vm::paging::Entry;
use crate::vm::space::{Area, AreaFlags, AreaKind};
use crate::vm::types::{Access, ProcessId, Protection};
use std_alloc::vec::Vec;

impl Machine {
    /// Takes advice about a range. O(log areas + entries in the range).
    ///
    /// # Errors
    /// EINVAL: an address that is no multiple of the page size; DONTNEED, FREE, PAGEOUT, COLD and guards on locked
    /// areas; FREE, WIPEONFORK on other than private anonymous areas; POPULATE_READ on what may not be read and
    /// POPULATE_WRITE on what may not be written. ENOMEM: a hole, with all mapped parts advised (but for
    /// POPULATE, which stops there). EFAULT: POPULATE found a page that cannot be brought in.
    pub fn madvise(
        &mut self,
        process: ProcessId,
        start: u64,
        length: u64,
        advice: Advice,
    ) -> Result<(), VmError> {
        self.process(process)?;
        let overflow = VmError::invalid("length", length, "leaves the address space");
        let range = self.range(start, length)?.ok_or(overflow)?;
        if matches!(advice, Advice::PopulateRead | Advice::PopulateWrite) {
            return self.advise_populate(process, range.from, range.to, advice);
        }
        let (mut at, mut hole) = (range.from, None);
        while at < range.to {
            let Some(area) = self.process(process)?.areas.next_at_or_after(at).cloned() else { break };
            if area.start > at {
                hole = hole.or(Some(at));
                at = area.start;
                continue;
            }
            let end = area.end.min(range.to);
            self.advise_part(process, &area, at, end, advice)?;
            at = end;
        }
        if at < range.to {
            hole = hole.or(Some(at));
        }
        hole.map_or(Ok(()), |address| Err(VmError::Hole { address }))
    }

    fn advise_part(
        &mut self,
        process: ProcessId,
        area: &Area,
        from: u64,
        to: u64,
        advice: Advice,
    ) -> Result<(), VmError> {
        let is_private = area.kind == AreaKind::AnonymousPrivate;
        let is_locked = area.flags.contains(AreaFlags::LOCKED);
        let refuse = |rule| Err(VmError::invalid("address", from, rule));
        let is_pooled = area.flags.contains(AreaFlags::HUGETLB);
        match advice {
            Advice::Free | Advice::GuardInstall | Advice::Collapse if is_pooled => {
                refuse("is of a pool of huge pages")
            }
            Advice::Normal => {
                self.set_flags(process, from, to, AreaFlags::RANDOM | AreaFlags::SEQUENTIAL, AreaFlags::NONE)
            }
            Advice::Random => self.set_flags(process, from, to, AreaFlags::SEQUENTIAL, AreaFlags::RANDOM),
            Advice::Sequential => self.set_flags(process, from, to, AreaFlags::RANDOM, AreaFlags::SEQUENTIAL),
            Advice::DontFork => self.set_flags(process, from, to, AreaFlags::NONE, AreaFlags::DONTFORK),
            Advice::DoFork => self.set_flags(process, from, to, AreaFlags::DONTFORK, AreaFlags::NONE),
            Advice::WipeOnFork if !is_private => refuse("is no private anonymous memory"),
            Advice::WipeOnFork => self.set_flags(process, from, to, AreaFlags::NONE, AreaFlags::WIPEONFORK),
            Advice::KeepOnFork => self.set_flags(process, from, to, AreaFlags::WIPEONFORK, AreaFlags::NONE),
            Advice::HugePage => self.set_flags(process, from, to, AreaFlags::NOHUGEPAGE, AreaFlags::HUGEPAGE),
            Advice::NoHugePage => {
                self.set_flags(process, from, to, AreaFlags::HUGEPAGE, AreaFlags::NOHUGEPAGE)
            }
            // Shared memory is not merged; Linux takes the advice and does nothing.
            Advice::Mergeable if area.is_shared() => Ok(()),
            Advice::Mergeable => self.set_flags(process, from, to, AreaFlags::NONE, AreaFlags::MERGEABLE),
            Advice::Unmergeable => self.unmerge(process, area, from, to),
            Advice::WillNeed => self.bring_near(process, area, from, to),
            Advice::DontNeed if is_locked => refuse("is locked"),
            Advice::DontNeed => self.drop_contents(process, from, to),
            Advice::Free if !is_private => refuse("is no private anonymous memory"),
            Advice::Free if is_locked => refuse("is locked"),
            Advice::Free => self.free_lazily(process, from, to),
            Advice::Cold | Advice::PageOut if is_locked => refuse("is locked"),
            Advice::Cold => {
                self.cool(process, from, to);
                Ok(())
            }
            Advice::PageOut => {
                self.page_out_range(process, from, to);
                Ok(())
            }
            Advice::GuardInstall if is_locked => refuse("is locked"),
            Advice::GuardInstall => self.install_guards(process, from, to),
            Advice::GuardRemove => {
                self.release_range(process, from, to, Entry::is_guard);
                Ok(())
            }
            Advice::Collapse => self.collapse_range(process, area, from, to),
            // Both are whole-range advice.
            Advice::PopulateRead | Advice::PopulateWrite => Ok(()),
        }
    }

    fn set_flags(
        &mut self,
        process: ProcessId,
        from: u64,
        to: u64,
        remove: AreaFlags,
        add: AreaFlags,
    ) -> Result<(), VmError> {
        let set = |area: &mut Area| area.flags = area.flags.without(remove) | add;
        self.change_areas(process, from, to, set)
    }

    fn advise_populate(
        &mut self,
        process: ProcessId,
        from: u64,
        to: u64,
        advice: Advice,
    ) -> Result<(), VmError> {
        let (access, needed) = match advice {
            Advice::PopulateWrite => (Access::Write, Protection::WRITE),
            _ => (Access::Read, Protection::READ),
        };
        let mut at = from;
        while at < to {
            let area = self.process(process)?.areas.find(at).cloned().ok_or(VmError::Hole { address: at })?;
            if !area.protection.contains(needed) {
                return Err(VmError::invalid("address", at, "does not allow this access"));
            }
            let end = area.end.min(to);
            self.populate_part(process, at, end, access).map_err(|kind| match kind {
                FaultKind::OutOfMemory => VmError::no_memory(end - at, Shortage::Frames),
                _ => VmError::BadAddress { address: at },
            })?;
            at = end;
        }
        Ok(())
    }

    /// The contents of a range are not needed: private pages are gone, shared ones stay with their object.
    fn drop_contents(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        self.check_cut(process, from, to)?;
        self.split_ends(process, from, to)?;
        self.release_range(process, from, to, |entry| !entry.is_guard());
        self.prune_tables_within(process, from, to);
        Ok(())
    }

    /// The contents of a range may go when memory is short, page by page, unless they are written again.
    fn free_lazily(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        self.split_ends(process, from, to)?;
        // Swapped contents go at once.
        self.release_range(process, from, to, |entry| entry.swapped_page().is_some());
        let mut slots = Vec::new();
        let Machine { processes, pages, memory, .. } = self;
        let table = &mut processes[process.0 as usize].as_mut().expect("it lives").table;
        table.for_each_mut(from, to, |_, _, entry| {
            if !entry.is_present() || entry.is_special() {
                return;
            }
            let id = memory.owner(entry.frame());
            let page = pages.get_mut(id);
            if page.is_exclusive() && page.pins == 0 {
                *entry = entry.with_dirty(false).with_accessed(false);
                page.flags.remove(PageFlags::DIRTY | PageFlags::REFERENCED);
                page.flags |= PageFlags::LAZY_FREE;
                slots.push(id);
            }
        });
        for id in slots {
            self.drop_slot_quietly(id);
        }
        self.flush_range(process, from, to);
        Ok(())
    }

    /// What swap has of a page is not needed any more, and the page is no dirtier for it.
    fn drop_slot_quietly(&mut self, id: u32) {
        let was_dirty = self.pages.get(id).flags.contains(PageFlags::DIRTY);
        self.drop_slot(id);
        self.pages.get_mut(id).flags.set(PageFlags::DIRTY, was_dirty);
    }

    /// Forgets that a range was referenced.
    fn cool(&mut self, process: ProcessId, from: u64, to: u64) {
        let Machine { processes, pages, memory, .. } = self;
        let table = &mut processes[process.0 as usize].as_mut().expect("it lives").table;
        table.for_each_mut(from, to, |_, _, entry| {
            if entry.is_present() && !entry.is_special() {
                *entry = entry.with_accessed(false);
                pages.get_mut(memory.owner(entry.frame())).flags.remove(PageFlags::REFERENCED);
            }
        });
        self.flush_range(process, from, to);
    }

    /// Reclaims the pages of a range that this process alone maps.
    fn page_out_range(&mut self, process: ProcessId, from: u64, to: u64) {
        let mut chosen = Vec::new();
        let Machine { processes, pages, memory, .. } = self;
        let table = &processes[process.0 as usize].as_ref().expect("it lives").table;
        table.for_each(from, to, |_, _, entry| {
            if entry.is_present() && !entry.is_special() {
                let id = memory.owner(entry.frame());
                if pages.get(id).mappings == 1 {
                    chosen.push(id);
                }
            }
        });
        for id in chosen {
            self.evict_page(id);
        }
    }

    /// Swapped pages and pages of files are brought into memory, and not mapped.
    fn bring_near(&mut self, process: ProcessId, area: &Area, from: u64, to: u64) -> Result<(), VmError> {
        let reference = |address| super::access::Reference { process, address, access: Access::Read };
        let mut swapped = Vec::new();
        self.living(process).table.for_each(from, to, |address, _, entry| {
            swapped.extend(entry.swapped_page().map(|id| (address, id)));
        });
        for (address, id) in swapped {
            let is_there = self.pages.is_live(id) && self.pages.get(id).is_resident();
            if !is_there && self.swap_in(reference(address), id).is_err() {
                self.process(process)?;
                return Ok(());
            }
        }
        let Some(object) = object_of(area) else { return Ok(()) };
        let mut at = from;
        while at < to {
            let index = area.offset_of(at) / self.page_size;
            if index >= self.object(object).len().div_ceil(self.page_size) {
                break;
            }
            let is_file = self.object(object).is_file();
            let is_known = self.object(object).pages.contains_key(&index);
            if (is_file || is_known) && self.object_page(reference(at), object, index).is_err() {
                self.process(process)?;
                break;
            }
            at += self.page_size;
        }
        Ok(())
    }

    /// From now on an access to the range is a fault; what was there is gone.
    fn install_guards(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        self.split_ends(process, from, to)?;
        self.release_range(process, from, to, |entry| !entry.is_guard());
        let mut at = from;
        while at < to {
            self.install(process, at, 0, Entry::GUARD).map_err(|_| super::frames::NoFrame)?;
            at += self.page_size;
        }
        Ok(())
    }

    /// A page leaves now, if it can; tells whether.
    pub(super) fn evict_page(&mut self, id: PageId) -> bool {
        let page = *self.pages.get(id);
        let is_bound = page.flags.intersects(PageFlags::POOLED | PageFlags::STUCK) || page.pins > 0;
        let has_place = page.flags.intersects(PageFlags::FILE | PageFlags::LAZY_FREE) || page.slot != NONE;
        let is_homeless = !has_place && !self.swapping.has_room();
        if is_bound || is_homeless || !page.is_resident() || page.member == NONE {
            return false;
        }
        let domain = page.domain;
        let member = page.member;
        self.domains[domain as usize].policy.remove(member, &mut ());
        self.domains[domain as usize].dismiss(member);
        self.pages.get_mut(id).member = NONE;
        self.page_out(id)
    }
}
