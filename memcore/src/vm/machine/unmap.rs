//! munmap, and what it shares with every call that takes a mapping away: entries, frames, swap, charges.

use super::Machine;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::VmError;
use crate::vm::event::Event;
use crate::vm::paging::Entry;
use crate::vm::space::{Area, AreaFlags};
use crate::vm::types::ProcessId;
use std_alloc::vec::Vec;

impl Machine {
    /// Unmaps a range; parts that are not mapped do not matter. O(log areas + entries in the range).
    ///
    /// # Errors
    /// EINVAL: an address that is no multiple of the page size, a length of 0, a range that leaves the address
    /// space, or that cuts a huge page of a pool. ENOMEM: an area would be cut in two and be one too many.
    pub fn munmap(&mut self, process: ProcessId, start: u64, length: u64) -> Result<(), VmError> {
        let high = self.process(process)?.layout.high;
        if length == 0 {
            return Err(VmError::invalid("length", 0, "must not be 0"));
        }
        let range = self.range(start, length)?.filter(|range| range.to <= high);
        let range = range.ok_or(VmError::invalid("length", length, "leaves the address space"))?;
        self.check_cut(process, range.from, range.to)?;
        let areas = self.process(process)?.areas.areas_after_remove(range.from, range.to);
        self.check_areas(areas, length)?;
        self.living(process).areas.reserve()?;
        self.unmap_range(process, range.from, range.to)?;
        self.tell(Event::Unmap { process, from: range.from, to: range.to });
        Ok(())
    }

    /// That a range cuts no huge page of a pool.
    pub(super) fn check_cut(&self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        for area in self.process(process)?.areas.range(from, to) {
            if area.flags.contains(AreaFlags::HUGETLB) {
                let unit = self.config.paging.leaf_size(area.huge_level.into());
                let begin = from.max(area.start);
                let end = to.min(area.end);
                if begin % unit != 0 || end % unit != 0 {
                    let rule = "must be a multiple of the huge page size";
                    return Err(VmError::invalid(
                        "address",
                        if begin % unit != 0 { begin } else { end },
                        rule,
                    ));
                }
            }
        }
        Ok(())
    }

    /// Takes away all that is mapped in a range. Huge pages at its ends are split, for which there must be frames.
    pub(super) fn unmap_range(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        if self.living(process).areas.is_free(from, to) {
            return Ok(());
        }
        self.split_ends(process, from, to)?;
        self.empty_range(process, from, to);
        let mut gone: Vec<Area> = Vec::new();
        let areas = &mut self.living(process).areas;
        areas.remove(from, to, &mut |part| gone.push(part.clone()));
        for part in gone {
            if part.flags.contains(AreaFlags::ACCOUNTED) {
                self.commit.uncharge(part.length() / self.page_size);
            }
            self.object_loses(&part);
        }
        self.prune_tables(process, from, to);
        Ok(())
    }

    /// Splits huge pages that an end of a range cuts.
    pub(super) fn split_ends(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        for end in [from, to] {
            let (entry, level) = self.living(process).table.get(end);
            let is_cut = level > 0 && entry.is_present() && end % self.config.paging.leaf_size(level) != 0;
            if is_cut {
                let id = self.memory.owner(entry.frame());
                self.split_for(process, id)?;
            }
        }
        Ok(())
    }

    /// Empties the entries of a range, and lets go of what they stood for. Areas stay.
    pub(super) fn empty_range(&mut self, process: ProcessId, from: u64, to: u64) {
        self.release_range(process, from, to, |_| true);
    }

    /// Empties those entries of a range that are `wanted`.
    pub(super) fn release_range(
        &mut self,
        process: ProcessId,
        from: u64,
        to: u64,
        wanted: impl Fn(Entry) -> bool,
    ) {
        let mut taken = core::mem::take(&mut self.scratch);
        self.living(process).table.for_each_mut(from, to, |address, _, entry| {
            if wanted(*entry) {
                taken.push((address, *entry));
                *entry = Entry::EMPTY;
            }
        });
        if !taken.is_empty() {
            self.flush_range(process, from, to);
        }
        for &(address, entry) in &taken {
            self.let_go(process, address, entry);
        }
        taken.clear();
        self.scratch = taken;
    }

    /// Drops the translations of a range.
    pub(super) fn flush_range(&mut self, process: ProcessId, from: u64, to: u64) {
        let dropped = self.tlbs.invalidate_range(from, to, process.0);
        self.walk_cache.invalidate_range(from, to, process.0);
        self.counters[Count::TlbFlush] += dropped;
        self.time[Cause::Shootdown] += self.config.latencies.shootdown;
        self.tell(Event::TlbFlush { process, from, to });
    }

    /// Gives back page tables without entries around a range where nothing is mapped.
    pub(super) fn prune_tables(&mut self, process: ProcessId, from: u64, to: u64) {
        let Ok(found) = self.process(process) else { return };
        let low = found.areas.last_ending_by(from).map_or(0, |area| area.end);
        let high = found.areas.next_at_or_after(to).map_or(u64::MAX, |area| area.start);
        self.prune_tables_within(process, low, high);
    }

    /// Gives back page tables without entries that lie wholly in a range, whatever is mapped there.
    pub(super) fn prune_tables_within(&mut self, process: ProcessId, from: u64, to: u64) {
        let Machine { processes, stash, walk_cache, .. } = self;
        if let Some(found) = processes[process.0 as usize].as_deref_mut() {
            found.table.prune(from, to, stash);
            walk_cache.invalidate_range(from, to, process.0);
        }
        self.return_stash();
    }
}
