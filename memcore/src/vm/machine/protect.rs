//! mprotect: other permissions for a range, area by area, up to the first hole.

use super::Machine;
use super::page::Pages;
use crate::vm::error::VmError;
use crate::vm::event::Event;
use crate::vm::paging::Entry;
use crate::vm::physical::Memory;
use crate::vm::space::{Area, AreaFlags, AreaKind};
use crate::vm::types::{Access, ProcessId, Protection};

impl Machine {
    /// Changes what may be done to the pages of a range. Contents stay, through no permission at all as well.
    /// O(log areas + entries in the range).
    ///
    /// # Errors
    /// EINVAL: an address that is no multiple of the page size. ENOMEM: a hole, with the part before it already
    /// changed; the commit limit, where private memory becomes writable; the number of areas. EACCES: shared
    /// memory of a file that is open for reading becomes writable.
    pub fn mprotect(
        &mut self,
        process: ProcessId,
        start: u64,
        length: u64,
        protection: Protection,
    ) -> Result<(), VmError> {
        self.process(process)?;
        let range = self.range(start, length)?.ok_or(VmError::Hole { address: start })?;
        let mut at = range.from;
        while at < range.to {
            let area = self.process(process)?.areas.find(at).cloned().ok_or(VmError::Hole { address: at })?;
            let end = area.end.min(range.to);
            self.protect_part(process, &area, at, end, protection)?;
            at = end;
        }
        Ok(())
    }

    fn protect_part(
        &mut self,
        process: ProcessId,
        area: &Area,
        from: u64,
        to: u64,
        protection: Protection,
    ) -> Result<(), VmError> {
        if area.protection == protection {
            return Ok(());
        }
        if let AreaKind::File { file, shared: true, writable_file: false } = area.kind {
            if protection.allows(Access::Write) {
                return Err(VmError::Denied { file });
            }
        }
        let pages = (to - from) / self.page_size;
        // Once charged, memory stays so, whatever happens to its permissions.
        let is_charged = area.flags.contains(AreaFlags::ACCOUNTED);
        let is_new_charge =
            !is_charged && self.is_charged(area.kind, protection, area.flags) && !area.is_shared();
        if is_new_charge {
            self.check_commit(process, pages)?;
        }
        let flags = area.flags.with(AreaFlags::ACCOUNTED, is_charged || is_new_charge);
        let set = |area: &mut Area| (area.protection, area.flags) = (protection, flags);
        self.change_areas(process, from, to, set)?;
        if is_new_charge {
            self.commit.charge(pages);
        }
        let Machine { processes, pages, memory, .. } = self;
        let table = &mut processes[process.0 as usize].as_mut().expect("it lives").table;
        table.for_each_mut(from, to, |_, _, entry| {
            if entry.is_present() {
                *entry = with_protection(*entry, area, protection, pages, memory);
            }
        });
        self.flush_range(process, from, to);
        self.tell(Event::Protect { process, from, to });
        let is_locked = area.flags.contains(AreaFlags::LOCKED) && !area.is_shared();
        if is_locked && !area.protection.allows(Access::Write) && protection.allows(Access::Write) {
            // Locked pages shall not fault: what a write would copy is copied now, as far as it goes.
            let _ = self.populate(process, from, to);
            self.process(process)?;
        }
        Ok(())
    }
}

/// An entry under other permissions. It is writable at once where a write would change nothing but that.
fn with_protection(
    entry: Entry,
    area: &Area,
    protection: Protection,
    pages: &Pages,
    memory: &Memory,
) -> Entry {
    let entry = entry
        .with_protnone(protection == Protection::NONE)
        .with_executable(protection.allows(Access::Execute));
    if !protection.allows(Access::Write) || entry.is_special() {
        return entry.with_writable(false);
    }
    let page = pages.get(memory.owner(entry.frame()));
    let is_file = page.flags.contains(super::page::PageFlags::FILE);
    let is_writable = match area.is_shared() {
        true => !is_file || entry.is_dirty(),
        false => page.is_exclusive(),
    };
    entry.with_writable(is_writable)
}
