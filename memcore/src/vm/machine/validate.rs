//! The invariants of the machine, executable: what must be true after every call.

use super::page::{NONE, PageFlags};
use super::{Machine, POOL, TABLE};
use crate::replacement::Policy;
use crate::vm::types::Access;
use std_alloc::collections::BTreeMap;
use std_alloc::vec;

impl Machine {
    /// Checks every invariant: each frame has one owner or is free; a page has as many mappings as entries map it;
    /// merged and shared private pages are write-protected; TLBs agree with page tables; the commit charge, resident
    /// and swapped pages add up; each slot of swap belongs to one page. O(everything).
    ///
    /// # Errors
    /// The invariant that does not hold, in words.
    pub fn validate(&self) -> Result<(), &'static str> {
        self.memory.validate()?;
        self.pages.validate()?;
        self.swapping.device.validate()?;
        self.domains.iter().try_for_each(super::domain::Domain::validate)?;
        self.check_processes()?;
        self.check_pages()?;
        self.check_swap()?;
        self.check_domains()?;
        self.check_frames()?;
        self.check_translations()
    }

    /// Entries of page tables against pages, areas and sums.
    fn check_processes(&self) -> Result<(), &'static str> {
        let mut mapped: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        let mut charged = 0;
        for process in self.processes.iter().flatten() {
            process.areas.validate()?;
            process.table.validate()?;
            process.layout.validate()?;
            charged += process.areas.accounted_pages();
            let mut usage = super::Usage::default();
            let mut wrong = None;
            process.table.for_each(0, u64::MAX, |address, level, entry| {
                let Some(area) = process.areas.find(address) else {
                    wrong = Some("an entry lies in no area");
                    return;
                };
                if let Some(id) = entry.swapped_page() {
                    usage.swapped += 1;
                    mapped.entry(id).or_default().1 += 1;
                    return;
                }
                if !entry.is_present() || entry.is_special() {
                    return;
                }
                if entry.is_writable() && !area.protection.allows(Access::Write) {
                    wrong = Some("an entry allows more than its area");
                }
                if entry.frame() >= self.memory.frames() {
                    wrong = Some("an entry maps a frame that does not exist");
                    return;
                }
                let id = self.memory.owner(entry.frame());
                if !self.pages.is_live(id) {
                    wrong = Some("an entry maps a frame that belongs to no page");
                    return;
                }
                let page = self.pages.get(id);
                mapped.entry(id).or_default().0 += 1;
                match (page.object, page.flags.contains(PageFlags::FILE)) {
                    (0, _) => usage.rss_anonymous += page.weight(),
                    (_, true) => usage.rss_file += page.weight(),
                    (_, false) => usage.rss_shared += page.weight(),
                }
                if self.level_of(page.order) != level {
                    wrong = Some("an entry maps a page of another size");
                }
                let is_shared_private = page.is_private() && page.references() > 1;
                let is_merged = page.flags.contains(PageFlags::MERGED);
                if entry.is_writable() && (is_shared_private || is_merged) {
                    wrong = Some("a shared or merged page is not write-protected");
                }
                let place = super::page::Mapping { space: process.id.0, address };
                if page.mappings < 64 && !self.pages.mappings(id).any(|mapping| mapping == place) {
                    wrong = Some("a page does not know an entry that maps it");
                }
            });
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
            if usage != process.usage {
                return Err("the pages of a process do not add up");
            }
        }
        if charged != self.commit.committed() {
            return Err("the commit charge is not the sum of what processes are charged");
        }
        for (id, page) in self.pages.iter() {
            let (present, swapped) = mapped.get(&id).copied().unwrap_or_default();
            if u64::from(page.mappings) != present || u64::from(page.swapped) != swapped {
                return Err("a page's references are not as many as the entries that have it");
            }
        }
        Ok(())
    }

    /// Pages against frames and objects.
    fn check_pages(&self) -> Result<(), &'static str> {
        for (id, page) in self.pages.iter() {
            if page.is_resident() {
                if u64::from(page.frame) >= self.memory.frames() || self.memory.owner(page.frame.into()) != id
                {
                    return Err("a page's frame is not its own");
                }
            } else if page.mappings > 0 {
                return Err("a page without a frame is mapped");
            }
            if page.is_private() && page.references() == 0 {
                return Err("a private page is nobody's");
            }
            if !page.is_resident() && page.slot == NONE && (page.is_private() || page.member == NONE) {
                return Err("a page is nowhere and remembered by nobody");
            }
            if page.object != 0 {
                let object = self.objects.get(page.object as usize).and_then(Option::as_ref);
                if object.and_then(|object| object.pages.get(&page.index)) != Some(&id) {
                    return Err("an object does not know its page");
                }
            }
        }
        let mut mapped: BTreeMap<u32, u64> = BTreeMap::new();
        for area in self.processes.iter().flatten().flat_map(|process| process.areas.iter()) {
            if let Some(object) = super::call::object_of(area) {
                *mapped.entry(object).or_default() += area.length() / self.page_size;
            }
        }
        for (number, object) in self.objects.iter().enumerate() {
            let count = mapped.get(&(number as u32)).copied().unwrap_or(0);
            if count != object.as_ref().map_or(0, |object| object.mapped) {
                return Err("an object is not mapped as often as it says");
            }
        }
        for object in self.objects.iter().flatten() {
            if object.pages.values().any(|&id| !self.pages.is_live(id)) {
                return Err("an object has a page that does not exist");
            }
        }
        Ok(())
    }

    fn check_swap(&self) -> Result<(), &'static str> {
        let mut used = 0;
        for (slot, &id) in self.swapping.pages.iter().enumerate() {
            if id == 0 {
                continue;
            }
            used += 1;
            if !self.pages.is_live(id) || self.pages.get(id).slot != slot as u32 {
                return Err("a slot of swap belongs to a page that has another");
            }
        }
        if used != self.swapping.device.used() {
            return Err("slots of swap in use are not those of pages");
        }
        let with_slot = self.pages.iter().filter(|(_, page)| page.slot != NONE).count() as u64;
        if with_slot != used {
            return Err("pages with a slot are not as many as slots in use");
        }
        self.swapping.pool.as_ref().map_or(Ok(()), |pool| pool.validate())
    }

    fn check_domains(&self) -> Result<(), &'static str> {
        let mut resident = vec![0; self.domains.len()];
        for (id, page) in self.pages.iter() {
            if page.member == NONE {
                continue;
            }
            let domain = self.domains.get(page.domain as usize).ok_or("a page is in no domain")?;
            if domain.pages.get(page.member as usize) != Some(&id) {
                return Err("a domain does not know its page");
            }
            if page.is_resident() != domain.policy.is_resident(page.member) {
                return Err("a policy and the machine disagree on what is in memory");
            }
            if page.is_resident() {
                resident[page.domain as usize] += page.weight();
            }
        }
        let counts = self.domains.iter().map(|domain| domain.resident);
        if !counts.eq(resident) {
            return Err("the pages of a domain do not add up");
        }
        Ok(())
    }

    /// Frames in use are those of pages, page tables and pools.
    fn check_frames(&self) -> Result<(), &'static str> {
        let of_pages: u64 = self
            .pages
            .iter()
            .filter(|(_, page)| page.is_resident() && !page.flags.contains(PageFlags::POOLED))
            .map(|(_, page)| page.weight())
            .sum();
        let of_pools: u64 = self.huge_pool.iter().map(super::pool::Pool::frames_total).sum();
        let of_tables: u64 = match self.stash.beyond {
            Some(_) => 0,
            None => {
                (0..self.memory.frames()).filter(|&frame| self.memory.owner(frame) == TABLE).count() as u64
            }
        };
        if of_pages + of_pools + of_tables + self.memory.total_free() != self.memory.frames() {
            return Err("frames of pages, tables and pools and free frames are not all frames");
        }
        let tables: u64 = self.processes.iter().flatten().map(|process| process.table.tables()).sum();
        let in_tree = self.config.paging.levels() > 1;
        if in_tree && self.stash.beyond.is_none() && tables != of_tables {
            return Err("frames of page tables are not those of processes");
        }
        let in_pools = self.huge_pool.iter().flat_map(|pool| &pool.free);
        if in_pools.into_iter().any(|&frame| self.memory.owner(frame) != POOL) {
            return Err("a free huge page has an owner");
        }
        Ok(())
    }

    /// What TLBs hold is what page tables say.
    fn check_translations(&self) -> Result<(), &'static str> {
        self.tlbs.validate(&self.config.paging)?;
        self.walk_cache.validate(&self.config.paging)?;
        for (_, address, _, space, _, cached) in self.tlbs.entries() {
            let found = self.processes.get(space as usize).and_then(Option::as_deref);
            let process = found.ok_or("a TLB holds a translation of a process that has ended")?;
            let (entry, _) = process.table.get(address);
            if entry != cached {
                return Err("a TLB and a page table disagree");
            }
        }
        Ok(())
    }
}
