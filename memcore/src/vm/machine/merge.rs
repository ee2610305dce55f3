//! Same-page merging: equal private pages that asked for it share one write-protected frame. Linux' rules (mm/ksm.c).
//!
//! ```text
//!   a page, scanned:   in the stable tree? ------------------ merged into that page
//!        |             its checksum changed since last time? - volatile: wait
//!        |             in the unstable tree? ---------------- both become one stable page
//!        +------------ into the unstable tree                 (emptied at each full scan)
//! ```
//!
//! So a merge needs two scans. Both trees are kept by a hash of the content here, and a match is compared byte by
//! byte. A stable page is mapped by at most `most_sharing` entries; then a duplicate is begun.

use super::Machine;
use super::access::Reference;
use super::page::{PageFlags, PageId};
use crate::vm::counters::{Cause, Count};
use crate::vm::error::VmError;
use crate::vm::event::Event;
use crate::vm::space::{Area, AreaFlags, AreaKind};
use crate::vm::types::{Access, ProcessId};
use serde::{Deserialize, Serialize};
use std_alloc::collections::BTreeMap;
use std_alloc::vec::Vec;

/// Where the scanner is, and what it has seen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::vm) struct Merger {
    /// The next place to look at.
    process: u32,
    address: u64,
    full_scans: u64,
    /// Stable pages by the hash of their content.
    stable: BTreeMap<u32, Vec<PageId>>,
    /// Pages seen in this scan, by the hash of their content.
    unstable: BTreeMap<u32, Vec<Seen>>,
    volatile: u64,
    zero_pages: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Seen {
    page: PageId,
    process: ProcessId,
    address: u64,
}

impl Merger {
    /// A stable page is gone.
    pub fn forget(&mut self, id: PageId, checksum: u32) {
        if let Some(pages) = self.stable.get_mut(&checksum) {
            pages.retain(|&other| other != id);
            if pages.is_empty() {
                self.stable.remove(&checksum);
            }
        }
    }

    /// The stable pages.
    pub fn stable(&self) -> impl Iterator<Item = PageId> + '_ {
        self.stable.values().flatten().copied()
    }
}

/// What merging has achieved: Linux' /sys/kernel/mm/ksm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Stable pages (pages_shared).
    pub shared: u64,
    /// Entries that map them beyond the first of each: pages saved (pages_sharing).
    pub sharing: u64,
    /// Pages in the unstable tree, alone so far (pages_unshared).
    pub unshared: u64,
    /// Pages whose content changed since the scan before (pages_volatile).
    pub volatile: u64,
    /// Entries that map the shared page of zeros for being zeros (ksm_zero_pages).
    pub zero_pages: u64,
    /// Times that all mergeable areas were scanned.
    pub full_scans: u64,
    /// Pages looked at by this call.
    pub scanned: u64,
    /// Pages merged by this call.
    pub merged: u64,
}

impl Machine {
    /// Looks at the next `pages` pages of mergeable areas, and merges equal ones. Without contents there is nothing
    /// to compare, and nothing is merged. O(pages), a hash of each.
    pub fn merge_scan(&mut self, pages: u64) -> MergeReport {
        let (mut scanned, merged) = (0, self.counters[Count::Merged]);
        // What was scanned when it last began anew: nothing more since then means that nothing is left.
        let mut wrapped_at = None;
        while scanned < pages && self.memory.has_contents() {
            match self.next_candidate() {
                Some((process, address)) => {
                    scanned += 1;
                    self.consider(process, address);
                }
                None if wrapped_at == Some(scanned) => break,
                None => {
                    wrapped_at = Some(scanned);
                    self.merger.full_scans += 1;
                    self.merger.unstable.clear();
                    self.merger.volatile = 0;
                    (self.merger.process, self.merger.address) = (0, 0);
                }
            }
        }
        let merged = self.counters[Count::Merged] - merged;
        MergeReport { scanned, merged, ..self.merge_report() }
    }

    /// What merging has achieved so far. O(stable pages).
    pub fn merge_report(&self) -> MergeReport {
        let stable = self.merger.stable();
        let (shared, mapped) = stable.fold((0, 0), |(pages, entries), id| {
            (pages + 1, entries + u64::from(self.pages.get(id).mappings))
        });
        MergeReport {
            shared,
            sharing: mapped - shared.min(mapped),
            unshared: self.merger.unstable.values().map(|seen| seen.len() as u64).sum(),
            volatile: self.merger.volatile,
            zero_pages: self.merger.zero_pages,
            full_scans: self.merger.full_scans,
            scanned: 0,
            merged: 0,
        }
    }

    /// The next page in memory of a mergeable area; `None` at the end of all.
    fn next_candidate(&mut self) -> Option<(ProcessId, u64)> {
        loop {
            let number = self.merger.process;
            if number as usize >= self.processes.len() {
                return None;
            }
            let found = self.processes[number as usize].as_deref();
            let area = found.and_then(|process| {
                let from = self.merger.address;
                let is_wanted = |area: &&Area| area.flags.contains(AreaFlags::MERGEABLE);
                process.areas.range(from, u64::MAX).find(is_wanted)
            });
            let (Some(found), Some(area)) = (found, area) else {
                (self.merger.process, self.merger.address) = (number + 1, 0);
                continue;
            };
            let from = self.merger.address.max(area.start);
            let end = area.end;
            let mut next = None;
            // Windows, so that the rest of a large area is not walked for one page.
            let window = from.saturating_add(512 * self.page_size).min(end);
            found.table.for_each(from, window, |address, level, entry| {
                if next.is_none()
                    && entry.is_present()
                    && !entry.is_special()
                    && level == 0
                    && address >= from
                {
                    next = Some(address);
                }
            });
            match next {
                Some(address) => {
                    self.merger.address = address + self.page_size;
                    return Some((ProcessId(number), address));
                }
                None => self.merger.address = window,
            }
        }
    }

    /// Looks at one page.
    fn consider(&mut self, process: ProcessId, address: u64) {
        let entry = self.living(process).table.get(address).0;
        let id = self.memory.owner(entry.frame());
        let page = *self.pages.get(id);
        if !page.is_private() || page.flags.intersects(PageFlags::MERGED | PageFlags::POOLED) {
            return;
        }
        self.time[Cause::Background] += self.config.latencies.merge;
        if self.config.merging.use_zero_page && self.memory.is_zero(entry.frame()) {
            self.become_zero(process, address);
            return;
        }
        let checksum = self.memory.checksum(entry.frame()) as u32;
        if let Some(stable) = self.find_stable(checksum, entry.frame()) {
            self.join_stable(process, address, stable);
            return;
        }
        if page.checksum != checksum {
            self.pages.get_mut(id).checksum = checksum;
            self.merger.volatile += 1;
            return;
        }
        if let Some(seen) = self.find_unstable(checksum, id) {
            self.make_stable(seen, checksum);
            self.join_stable(process, address, seen.page);
            return;
        }
        self.merger.unstable.entry(checksum).or_default().push(Seen { page: id, process, address });
    }

    fn find_stable(&self, checksum: u32, frame: u64) -> Option<PageId> {
        let most = self.config.merging.most_sharing.max(2);
        let pages = self.merger.stable.get(&checksum)?;
        pages.iter().copied().find(|&id| {
            let page = self.pages.get(id);
            page.mappings < most && page.is_resident() && self.memory.equal(page.frame.into(), frame)
        })
    }

    /// A page of equal content that was seen in this scan and has not changed since.
    fn find_unstable(&mut self, checksum: u32, id: PageId) -> Option<Seen> {
        let frame = self.pages.get(id).frame;
        let Machine { merger, pages, memory, processes, .. } = self;
        let list = merger.unstable.get_mut(&checksum)?;
        let still = |seen: &Seen| {
            let found = processes.get(seen.process.0 as usize).and_then(Option::as_deref);
            let entry = found.map(|process| process.table.get(seen.address).0);
            entry.is_some_and(|entry| {
                entry.is_present() && !entry.is_special() && memory.owner(entry.frame()) == seen.page
            }) && pages.is_live(seen.page)
                && seen.page != id
        };
        list.retain(|seen| still(seen) || seen.page == id);
        let at = list.iter().position(|seen| {
            seen.page != id && memory.equal(pages.get(seen.page).frame.into(), frame.into())
        })?;
        Some(list.swap_remove(at))
    }

    /// A page becomes a stable one: nobody writes it any more.
    fn make_stable(&mut self, seen: Seen, checksum: u32) {
        self.drop_slot(seen.page);
        let mappings: Vec<_> = self.pages.mappings(seen.page).collect();
        for mapping in mappings {
            let mapper = ProcessId(mapping.space);
            let protect = |entry: crate::vm::paging::Entry| entry.with_writable(false).with_exclusive(false);
            self.living(mapper).table.update(mapping.address, protect);
            self.flush_page(mapper, mapping.address);
        }
        let page = self.pages.get_mut(seen.page);
        page.flags |= PageFlags::MERGED | PageFlags::DIRTY;
        page.checksum = checksum;
        self.merger.stable.entry(checksum).or_default().push(seen.page);
    }

    /// An entry maps a stable page of equal content in place of its own page.
    fn join_stable(&mut self, process: ProcessId, address: u64, stable: PageId) {
        let Some(area) = self.living(process).areas.find(address).cloned() else { return };
        let old = self.living(process).table.get(address).0;
        self.hold(stable);
        self.living(process).table.update(address, |_| crate::vm::paging::Entry::EMPTY);
        self.let_go(process, address, old);
        let frame = self.pages.get(stable).frame.into();
        let entry =
            self.entry_for(&area, frame).with_accessed(old.is_accessed()).with_protnone(old.is_protnone());
        self.flush_page(process, address);
        let mapped = self.map_page(process, address, stable, entry);
        self.unhold();
        if mapped.is_ok() {
            self.count(Count::Merged);
            self.tell(Event::Merge { process, address, frame });
        }
    }

    /// A page of zeros becomes the shared one.
    fn become_zero(&mut self, process: ProcessId, address: u64) {
        let Some(area) = self.living(process).areas.find(address).cloned() else { return };
        let old = self.living(process).table.get(address).0;
        let entry =
            self.entry_for(&area, self.zero_frame()).with_special(true).with_protnone(old.is_protnone());
        self.living(process).table.update(address, |_| entry);
        self.flush_page(process, address);
        self.let_go(process, address, old);
        self.merger.zero_pages += 1;
        self.count(Count::Merged);
        let frame = self.zero_frame();
        self.tell(Event::Merge { process, address, frame });
    }

    /// A range is no longer mergeable; merged pages in it become the process' own again.
    pub(super) fn unmerge(
        &mut self,
        process: ProcessId,
        area: &Area,
        from: u64,
        to: u64,
    ) -> Result<(), VmError> {
        if area.kind == AreaKind::AnonymousPrivate {
            let mut merged = Vec::new();
            let Machine { processes, pages, memory, .. } = self;
            let table = &processes[process.0 as usize].as_ref().expect("it lives").table;
            table.for_each(from, to, |address, _, entry| {
                if entry.is_present() && !entry.is_special() {
                    let page = pages.get(memory.owner(entry.frame()));
                    if page.flags.contains(PageFlags::MERGED) {
                        merged.push(address);
                    }
                }
            });
            for address in merged {
                let reference = Reference { process, address, access: Access::Write };
                let entry = self.living(process).table.get(address).0;
                let unshared = self.write_after_hint(reference, area, entry, 0);
                unshared.map_err(|_| super::frames::NoFrame)?;
            }
        }
        let set = |area: &mut Area| area.flags = area.flags.without(AreaFlags::MERGEABLE);
        self.change_areas(process, from, to, set)
    }
}
