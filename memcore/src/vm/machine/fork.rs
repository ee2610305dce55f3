//! Processes begin and end: spawn, fork, exit.

use super::Machine;
use super::domain::Domain;
use super::page::{Mapping, NONE};
use super::process::{Process, Usage};
use crate::replacement::MAX_PAGES;
use crate::vm::calls::NumaPolicy;
use crate::vm::counters::{Counters, Cycles};
use crate::vm::error::{Shortage, VmError};
use crate::vm::event::Event;
use crate::vm::paging::{Entry, PageTable};
use crate::vm::physical::Floor;
use crate::vm::space::{Area, AreaFlags, Areas, Layout, LayoutConfig};
use crate::vm::types::ProcessId;
use std_alloc::boxed::Box;
use std_alloc::vec::Vec;

impl Machine {
    /// A new process with the segments of the layout mapped, and nothing in memory. O(frames of its page table).
    ///
    /// # Errors
    /// ENOMEM: the commit limit, no frame for the page table. [`VmError::Config`]: a layout that does not fit.
    pub fn spawn(&mut self) -> Result<ProcessId, VmError> {
        let id = self.next_process()?;
        let layout = self.layout_of(id)?;
        let segments: Vec<Area> = layout.areas().collect();
        let charged = |area: &&Area| area.flags.contains(AreaFlags::ACCOUNTED);
        let pages: u64 = segments.iter().filter(charged).map(|area| area.length() / self.page_size).sum();
        let size = self.memory_size();
        let checked = self.commit.check(&self.config.overcommit, pages, 0, false, &size);
        checked.map_err(|shortage| VmError::no_memory(pages * self.page_size, shortage))?;
        let mut areas =
            Areas::new(layout.low, layout.high, self.page_size).with_stack_guard(layout.stack_guard);
        for area in segments {
            areas.reserve()?;
            areas.insert(area);
        }
        let table = self.new_table(None)?;
        let (domain, table) = self.domain_or_free(table)?;
        let brk = layout.brk_start;
        let process = Process {
            id,
            parent: ProcessId(0),
            areas,
            table,
            layout,
            brk,
            usage: Usage::default(),
            counters: Counters::default(),
            time: Cycles::default(),
            group: 0,
            domain,
            oom_adjustment: 0,
            node: 0,
            numa: NumaPolicy::Default,
            area_policies: Vec::new(),
        };
        self.commit.charge(pages);
        self.processes.push(Some(Box::new(process)));
        self.tell(Event::Spawn { process: id, parent: ProcessId(0) });
        Ok(id)
    }

    fn next_process(&mut self) -> Result<ProcessId, VmError> {
        let host = |_| VmError::no_memory(0, Shortage::Host);
        self.processes.try_reserve(1).map_err(host)?;
        Ok(ProcessId(self.processes.len() as u32))
    }

    /// Small spaces have no segments; each process of a seeded layout has its own.
    fn layout_of(&self, id: ProcessId) -> Result<Layout, VmError> {
        let limit = self.config.paging.address_limit();
        let suggested = LayoutConfig::for_space(limit, self.page_size);
        let config = self.config.layout.as_ref().unwrap_or(&suggested);
        let config =
            LayoutConfig { aslr: config.aslr.map(|seed| seed.wrapping_add(id.0.into())), ..config.clone() };
        Layout::new(&config, limit, self.page_size)
    }

    /// The domain of a new process' pages.
    fn domain_for_process(&mut self) -> Result<u32, VmError> {
        let Some(frames) = self.config.replacement.scope.of_process() else { return Ok(0) };
        let spec = &self.config.replacement.policy;
        let varies = spec.facts().varies_allocation;
        let frames = frames.clamp(1, MAX_PAGES);
        let limit = (!varies).then_some(frames.into());
        let domain = Domain::new(
            spec,
            if varies { super::policy_frames(self.memory.frames()) } else { frames },
            limit,
        )?;
        Ok(self.add_domain(domain))
    }

    /// The same; the page table made for the process is freed if that fails.
    fn domain_or_free(&mut self, mut table: PageTable) -> Result<(u32, PageTable), VmError> {
        match self.domain_for_process() {
            Ok(domain) => Ok((domain, table)),
            Err(error) => {
                table.free(&mut self.stash);
                self.return_stash();
                Err(error)
            }
        }
    }

    /// Puts a domain where one is vacant, or at the end.
    pub(super) fn add_domain(&mut self, domain: Domain) -> u32 {
        match self.domains.iter().position(|domain| domain.is_vacant) {
            Some(at) => {
                self.domains[at] = domain;
                at as u32
            }
            None => {
                self.domains.push(domain);
                self.domains.len() as u32 - 1
            }
        }
    }

    /// An empty page table. Its frames are found on behalf of a parent, if there is one.
    fn new_table(&mut self, parent: Option<ProcessId>) -> Result<PageTable, VmError> {
        let made = PageTable::new(&self.config.paging, &mut self.stash);
        if let Ok(table) = made {
            return Ok(table);
        }
        match parent {
            Some(parent) => self.stash_tables(parent, 1)?,
            None => {
                let frame = self.memory.allocate(0, self.memory.fallback(0).to_vec().as_slice(), Floor::Min);
                let frame = frame.ok_or(VmError::no_memory(self.page_size, Shortage::Frames))?;
                self.memory.set_owner(frame, super::TABLE);
                self.stash.ready.push(frame);
            }
        }
        let made = PageTable::new(&self.config.paging, &mut self.stash);
        self.return_stash();
        made.map_err(|_| VmError::no_memory(self.page_size, Shortage::Frames))
    }

    /// A copy of a process. Private memory is shared until either writes; what it has in swap is counted once more.
    /// Locks are not inherited. O(areas + entries).
    ///
    /// # Errors
    /// ENOMEM: the commit limit, over all that the parent is charged for; no frames for page tables.
    pub fn fork(&mut self, parent: ProcessId) -> Result<ProcessId, VmError> {
        self.process(parent)?;
        self.switch_to(parent);
        let child = self.next_process()?;
        let found = self.process(parent)?;
        let kept = |area: &&Area| !area.flags.contains(AreaFlags::DONTFORK);
        let areas: Vec<Area> = found.areas.iter().filter(kept).cloned().collect();
        let charged = |area: &&Area| area.flags.contains(AreaFlags::ACCOUNTED);
        let pages: u64 = areas.iter().filter(charged).map(|area| area.length() / self.page_size).sum();
        self.check_commit(parent, pages)?;
        let table = self.new_table(Some(parent))?;
        let domain = match self.config.replacement.scope.of_process() {
            Some(_) => self.domain_for_process()?,
            None => self.process(parent)?.domain,
        };
        let found = self.process(parent)?;
        let mut child_areas = Areas::new(found.layout.low, found.layout.high, self.page_size)
            .with_stack_guard(found.layout.stack_guard);
        for area in &areas {
            child_areas.reserve()?;
            let flags = area.flags.without(AreaFlags::LOCKED | AreaFlags::LOCK_ON_FAULT);
            child_areas.insert(Area { flags, ..area.clone() });
        }
        let process = Process {
            id: child,
            parent,
            areas: child_areas,
            table,
            layout: found.layout.clone(),
            brk: found.brk,
            usage: Usage::default(),
            counters: Counters::default(),
            time: Cycles::default(),
            group: found.group,
            domain,
            oom_adjustment: found.oom_adjustment,
            node: found.node,
            numa: found.numa.clone(),
            area_policies: found.area_policies.clone(),
        };
        self.commit.charge(pages);
        for area in &areas {
            self.object_gains(area);
        }
        self.processes.push(Some(Box::new(process)));
        self.tell(Event::Spawn { process: child, parent });
        let tables = self.process(parent)?.table.tables();
        let copied = self.stash_tables(parent, tables).map_err(VmError::from).and_then(|()| {
            areas
                .iter()
                .filter(|area| needs_copy(area))
                .try_for_each(|area| self.copy_area(parent, child, area))
        });
        self.return_stash();
        self.drop_translations(parent.0);
        if let Err(error) = copied {
            if self.process(child).is_ok() {
                self.end(child);
            }
            return Err(error);
        }
        Ok(child)
    }

    /// Gives the child what the parent has in one area.
    fn copy_area(&mut self, parent: ProcessId, child: ProcessId, area: &Area) -> Result<(), VmError> {
        let Machine { processes, pages, memory, stash, .. } = self;
        let (first, second) = (parent.0 as usize, child.0 as usize);
        let Some((parents, children)) = processes.split_at_mut_checked(second) else { return Ok(()) };
        let (Some(from), Some(to)) = (parents[first].as_deref_mut(), children[0].as_deref_mut()) else {
            return Ok(());
        };
        if !has_private(from, area, pages, memory) {
            return Ok(());
        }
        let mut is_full = false;
        let Process { usage, table, .. } = to;
        let copied = from.table.copy_range(table, area.start, area.end, stash, |address, _, entry| {
            if let Some(id) = entry.swapped_page() {
                pages.get_mut(id).swapped += 1;
                usage.swapped += 1;
                return *entry;
            }
            if !entry.is_present() || entry.is_special() {
                return *entry;
            }
            let id = memory.owner(entry.frame());
            if pages.map(id, Mapping { space: child.0, address }).is_err() {
                is_full = true;
                return Entry::EMPTY;
            }
            let page = pages.get_mut(id);
            let weight = page.weight();
            if page.is_private() {
                usage.rss_anonymous += weight;
                page.flags.set(
                    super::page::PageFlags::DIRTY,
                    page.flags.contains(super::page::PageFlags::DIRTY) || entry.is_dirty(),
                );
                *entry = entry.with_writable(false).with_exclusive(false);
            } else if page.flags.contains(super::page::PageFlags::FILE) {
                usage.rss_file += weight;
            } else {
                usage.rss_shared += weight;
            }
            entry.with_accessed(false)
        });
        if is_full {
            return Err(VmError::no_memory(0, Shortage::Host));
        }
        copied.map_err(|_| VmError::no_memory(self.page_size, Shortage::Frames))
    }

    /// Ends a process: all that it alone has is free. O(areas + entries).
    ///
    /// # Errors
    /// ESRCH.
    pub fn exit(&mut self, process: ProcessId) -> Result<(), VmError> {
        self.process(process)?;
        self.end(process);
        Ok(())
    }

    pub(super) fn end(&mut self, process: ProcessId) {
        self.settle_counters();
        let high = self.living(process).areas.high();
        self.empty_range(process, 0, high);
        let mut parts = Vec::new();
        self.living(process).areas.remove(0, high, &mut |part| parts.push(part.clone()));
        for part in parts {
            if part.flags.contains(AreaFlags::ACCOUNTED) {
                self.commit.uncharge(part.length() / self.page_size);
            }
            self.object_loses(&part);
        }
        let Machine { processes, stash, .. } = self;
        if let Some(found) = processes[process.0 as usize].as_deref_mut() {
            found.table.free(stash);
        }
        self.return_stash();
        self.drop_translations(process.0);
        let domain = self.living(process).domain;
        self.processes[process.0 as usize] = None;
        if self.current == process {
            self.current = ProcessId(0);
        }
        if self.config.replacement.scope.of_process().is_some() && domain != 0 {
            self.retire_domain(domain);
        }
        self.tell(Event::Exit { process });
    }

    /// The pages left in a domain, which others share, go to the machine's own.
    pub(super) fn retire_domain(&mut self, number: u32) {
        let left: Vec<u32> =
            self.domains[number as usize].pages.iter().copied().filter(|&id| id != 0).collect();
        for id in left {
            let page = *self.pages.get(id);
            self.forget_member(id);
            if !page.is_resident() {
                if page.slot == NONE && page.references() == 0 {
                    self.free_page(id);
                }
                continue;
            }
            if let Ok(member) = self.domains[0].admit(id) {
                let now = self.pages.get_mut(id);
                (now.domain, now.member) = (0, member);
                self.domains[0].resident += page.weight();
                use crate::replacement::Policy;
                self.domains[0].policy.insert(member, &mut ());
            }
        }
        self.domains[number as usize].is_vacant = true;
    }
}

/// Whether a child may need a copy of what the parent has in an area.
fn needs_copy(area: &Area) -> bool {
    !area.flags.contains(AreaFlags::WIPEONFORK)
}

/// Whether anything in an area is the process' own. As on Linux, what is not can be found again by faults; so in
/// shared memory guards alone are.
fn has_private(
    process: &Process,
    area: &Area,
    pages: &super::page::Pages,
    memory: &crate::vm::physical::Memory,
) -> bool {
    let is_private = !area.is_shared();
    let mut found = false;
    process.table.for_each(area.start, area.end, |_, _, entry| {
        found |= entry.is_guard()
            || (is_private && entry.swapped_page().is_some())
            || (is_private
                && entry.is_present()
                && !entry.is_special()
                && pages.get(memory.owner(entry.frame())).is_private());
    });
    found
}
