//! mlock and munlock: pages that stay; mincore: which pages are in memory; msync: dirty pages reach their files.

use super::Machine;
use super::call::object_of;
use crate::vm::error::{FaultKind, Shortage, VmError};
use crate::vm::space::{Area, AreaFlags};
use crate::vm::types::ProcessId;
use std_alloc::vec::Vec;

impl Machine {
    /// Locks a range: its pages are brought in, and stay. The range is rounded to whole pages at both ends.
    /// O(log areas + pages).
    ///
    /// # Errors
    /// ENOMEM: a hole, with the part before it locked; more than may be locked; a page that cannot be brought in.
    pub fn mlock(&mut self, process: ProcessId, start: u64, length: u64) -> Result<(), VmError> {
        self.lock_with(process, start, length, AreaFlags::LOCKED)
    }

    /// The same, but a page stays only once it is there.
    ///
    /// # Errors
    /// As [`mlock`](Self::mlock).
    pub fn mlock_on_fault(&mut self, process: ProcessId, start: u64, length: u64) -> Result<(), VmError> {
        self.lock_with(process, start, length, AreaFlags::LOCKED | AreaFlags::LOCK_ON_FAULT)
    }

    /// Unlocks a range. O(log areas + pages).
    ///
    /// # Errors
    /// ENOMEM: a hole, with the part before it unlocked.
    pub fn munlock(&mut self, process: ProcessId, start: u64, length: u64) -> Result<(), VmError> {
        self.lock_with(process, start, length, AreaFlags::NONE)
    }

    fn lock_with(
        &mut self,
        process: ProcessId,
        start: u64,
        length: u64,
        flags: AreaFlags,
    ) -> Result<(), VmError> {
        self.process(process)?;
        let from = start & !(self.page_size - 1);
        let overflow = VmError::invalid("length", length, "leaves the address space");
        let end = start.checked_add(length).and_then(|end| self.whole_pages(end)).ok_or(overflow)?;
        if from == end {
            return Ok(());
        }
        if flags != AreaFlags::NONE {
            let parts = self.process(process)?.areas.range(from, end);
            let unlocked = parts.filter(|area| !area.flags.contains(AreaFlags::LOCKED));
            let fresh: u64 = unlocked.map(|area| area.part(from, end).length()).sum();
            self.check_locked(process, fresh / self.page_size)?;
        }
        let mut at = from;
        while at < end {
            let area = self.process(process)?.areas.find(at).cloned().ok_or(VmError::Hole { address: at })?;
            let to = area.end.min(end);
            self.lock_part(process, &area, at, to, flags)?;
            at = to;
        }
        if flags.contains(AreaFlags::LOCKED) {
            self.populate(process, from, end).map_err(|kind| match kind {
                FaultKind::OutOfMemory => VmError::no_memory(length, Shortage::Frames),
                _ => VmError::Hole { address: from },
            })?;
        }
        Ok(())
    }

    fn lock_part(
        &mut self,
        process: ProcessId,
        area: &Area,
        from: u64,
        to: u64,
        flags: AreaFlags,
    ) -> Result<(), VmError> {
        let both = AreaFlags::LOCKED | AreaFlags::LOCK_ON_FAULT;
        let set = |area: &mut Area| area.flags = area.flags.without(both) | flags;
        self.change_areas(process, from, to, set)?;
        let (was, is) = (area.flags.contains(AreaFlags::LOCKED), flags.contains(AreaFlags::LOCKED));
        if was == is {
            return Ok(());
        }
        let Machine { processes, pages, memory, .. } = self;
        let table = &processes[process.0 as usize].as_ref().expect("it lives").table;
        table.for_each(from, to, |_, _, entry| {
            if entry.is_present() && !entry.is_special() {
                let page = pages.get_mut(memory.owner(entry.frame()));
                page.pins = if is { page.pins + 1 } else { page.pins.saturating_sub(1) };
            }
        });
        Ok(())
    }

    /// Whether a process may lock so many pages more.
    pub(super) fn check_locked(&self, process: ProcessId, pages: u64) -> Result<(), VmError> {
        let locked = self.process(process)?.areas.locked_pages() + pages;
        match self.config.lock_limit {
            Some(limit) if locked.saturating_mul(self.page_size) > limit => {
                Err(VmError::no_memory(pages * self.page_size, Shortage::Locked))
            }
            _ => Ok(()),
        }
    }

    /// Whether an address lies in a locked area.
    pub(super) fn is_locked(&self, process: ProcessId, address: u64) -> bool {
        let areas = self.process(process).ok().map(|process| &process.areas);
        let area = areas.filter(|areas| areas.locked_pages() > 0).and_then(|areas| areas.find(address));
        area.is_some_and(|area| area.flags.contains(AreaFlags::LOCKED))
    }

    /// Which pages of a range are in memory: private ones by the process' own entries, others by their object.
    /// O(pages).
    ///
    /// # Errors
    /// EINVAL: an address that is no multiple of the page size. ENOMEM: a hole.
    pub fn mincore(&mut self, process: ProcessId, start: u64, length: u64) -> Result<Vec<bool>, VmError> {
        let areas = &self.process(process)?.areas;
        let range = self.range(start, length)?.ok_or(VmError::Hole { address: start })?;
        if let Some(address) = areas.first_hole(range.from, range.to) {
            return Err(VmError::Hole { address });
        }
        let mut answer = Vec::new();
        let mut at = range.from;
        while at < range.to {
            answer.push(self.is_in_memory(process, at));
            at += self.page_size;
        }
        Ok(answer)
    }

    fn is_in_memory(&self, process: ProcessId, address: u64) -> bool {
        let Ok(found) = self.process(process) else { return false };
        let entry = found.table.get(address).0;
        if entry.is_present() {
            return true;
        }
        let Some(area) = found.areas.find(address) else { return false };
        let Some(object) = object_of(area).filter(|_| entry.swapped_page().is_none()) else {
            // Swapped: in memory as long as the swap cache has it.
            return entry.swapped_page().is_some_and(|id| self.pages.get(id).is_resident());
        };
        let index = area.offset_of(address) / self.page_size;
        let object = self.objects[object as usize].as_ref();
        let page = object.and_then(|object| object.pages.get(&index));
        page.is_some_and(|&id| self.pages.get(id).is_resident())
    }

    /// Writes the dirty pages that a range maps to their files. O(log areas + pages).
    ///
    /// # Errors
    /// EINVAL: an address that is no multiple of the page size. EIO: a file that could not be written. ENOMEM: a
    /// hole, with all mapped parts written.
    pub fn msync(&mut self, process: ProcessId, start: u64, length: u64) -> Result<(), VmError> {
        self.process(process)?;
        let range = self.range(start, length)?.ok_or(VmError::Hole { address: start })?;
        let areas = &self.process(process)?.areas;
        let hole = areas.first_hole(range.from, range.to);
        let parts: Vec<Area> =
            areas.range(range.from, range.to).map(|area| area.part(range.from, range.to)).collect();
        for part in parts.iter().filter(|part| part.is_shared()) {
            let Some(object) = object_of(part) else { continue };
            let (first, last) =
                (part.offset / self.page_size, (part.offset + part.length()) / self.page_size);
            let pages: Vec<u32> = self.object(object).pages.range(first..last).map(|(_, &id)| id).collect();
            for id in pages {
                if !self.write_back(id) {
                    return Err(VmError::Io {
                        why: std_alloc::format!("file {object} could not be written"),
                    });
                }
            }
        }
        hole.map_or(Ok(()), |address| Err(VmError::Hole { address }))
    }
}
