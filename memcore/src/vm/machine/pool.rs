//! Pools: huge pages set aside at the start, for areas that ask for them (MAP_HUGETLB). They are never evicted, split
//! or merged, and an area is mapped only if its pool has as many as all areas may come to use.

use super::access::Reference;
use super::call::object_of;
use super::fault::Outcome;
use super::page::{PageFlags, PageId};
use super::{Machine, POOL};
use crate::vm::config::MachineConfig;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{FaultKind, Shortage, VmError};
use crate::vm::event::Served;
use crate::vm::paging::Entry;
use crate::vm::physical::{Floor, Memory};
use crate::vm::space::{Area, AreaFlags};
use crate::vm::types::{Access, Frame, ProcessId};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// Huge pages of one level, set aside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Pool {
    pub level: u32,
    pub order: u8,
    pub total: u64,
    pub free: Vec<Frame>,
}

impl Pool {
    /// Sets the huge pages of a configuration aside. A huge page of more than the largest block of the buddy
    /// system is made of blocks side by side.
    pub fn fill(config: &MachineConfig, memory: &mut Memory) -> Result<Vec<Pool>, VmError> {
        let mut pools = Vec::new();
        for &(level, count) in &config.huge.pool {
            let refuse = |rule| VmError::Config {
                key: "huge.pool",
                value: std_alloc::format!("({level}, {count})"),
                rule,
            };
            if level == 0 || level >= config.paging.levels() || !config.paging.can_map_at(level) {
                return Err(refuse("names a level whose entries cannot map a page"));
            }
            let pages = config.paging.leaf_size(level) / config.paging.page_size();
            let order = pages.ilog2() as u8;
            let mut free = Vec::new();
            for _ in 0..count {
                let frame =
                    take_block(memory, pages).ok_or(refuse("is more than the memory has in one piece"))?;
                memory.set_owner(frame, POOL);
                free.push(frame);
            }
            free.reverse();
            pools.push(Pool { level, order, total: count, free });
        }
        Ok(pools)
    }

    /// Base pages of the pool.
    pub fn frames_total(&self) -> u64 {
        self.total << self.order
    }
}

/// So many frames side by side and aligned by their number, out of the largest blocks that there are.
fn take_block(memory: &mut Memory, pages: u64) -> Option<Frame> {
    let nodes: Vec<u32> = (0..memory.nodes()).collect();
    let largest = 10.min(pages.ilog2());
    let blocks = pages >> largest;
    if blocks == 1 {
        return memory.allocate(largest, &nodes, Floor::None);
    }
    // The buddy system gives the lowest block first: neighbours come in a row.
    let (mut row, mut apart) = (Vec::<Frame>::new(), Vec::new());
    let found = loop {
        let Some(frame) = memory.allocate(largest, &nodes, Floor::None) else { break None };
        let follows = row.last().is_some_and(|&last| last + (1 << largest) == frame);
        if !follows || row.is_empty() {
            apart.append(&mut row);
        }
        if row.is_empty() && frame % pages != 0 {
            apart.push(frame);
            continue;
        }
        row.push(frame);
        if row.len() as u64 == blocks {
            break Some(row[0]);
        }
    };
    if found.is_none() {
        apart.append(&mut row);
    }
    for frame in apart {
        memory.free(frame, largest);
    }
    found
}

impl Machine {
    /// Whether the pool has pages for an area that is about to be mapped.
    pub(super) fn check_pool(&self, area: &Area) -> Result<(), VmError> {
        let level = u32::from(area.huge_level);
        let pool = self.huge_pool.iter().find(|pool| pool.level == level);
        let wanted = area.length() / self.config.paging.leaf_size(level);
        let in_use: u64 = self.pool_pages_mapped(level);
        match pool {
            Some(pool) if in_use + wanted <= pool.total => Ok(()),
            _ => Err(VmError::no_memory(area.length(), Shortage::HugePages)),
        }
    }

    /// Huge pages of a pool that are promised to areas and not there yet.
    pub(in crate::vm) fn pool_reserved(&self, level: u32) -> u64 {
        let pool = self.huge_pool.iter().find(|pool| pool.level == level);
        let in_use = pool.map_or(0, |pool| pool.total - pool.free.len() as u64);
        self.pool_pages_mapped(level).saturating_sub(in_use)
    }

    /// Huge pages of a pool that areas of all processes may come to use.
    fn pool_pages_mapped(&self, level: u32) -> u64 {
        let unit = self.config.paging.leaf_size(level);
        let areas = self.processes.iter().flatten().flat_map(|process| process.areas.iter());
        let pooled = areas
            .filter(|area| area.flags.contains(AreaFlags::HUGETLB) && u32::from(area.huge_level) == level);
        pooled.map(|area| area.length() / unit).sum()
    }

    /// Serves a fault in an area of huge pages from a pool.
    pub(super) fn bring_in_pooled(
        &mut self,
        reference: Reference,
        area: &Area,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, .. } = reference;
        let level = u32::from(area.huge_level);
        let from = address & !(self.config.paging.leaf_size(level) - 1);
        // Shared memory may have the page already.
        let index = area.offset_of(from) / self.page_size;
        let object = object_of(area).unwrap_or(0);
        let known = match object {
            0 => None,
            _ => self.object(object).pages.get(&index).copied(),
        };
        let id = match known {
            Some(id) => id,
            None => self.take_pooled(level, object, index)?,
        };
        let entry = self.map_pooled(process, area, from, id)?;
        Ok(Outcome { entry, level, served: Served::Huge })
    }

    /// A zeroed page of a pool. As on Linux, an empty pool at a fault is a SIGBUS.
    fn take_pooled(&mut self, level: u32, object: u32, index: u64) -> Result<PageId, FaultKind> {
        let pool = self.huge_pool.iter_mut().find(|pool| pool.level == level).ok_or(FaultKind::AdrErr)?;
        let frame = pool.free.pop().ok_or(FaultKind::AdrErr)?;
        let order = pool.order;
        let Ok(id) = self.pages.create(object, index) else {
            pool.free.push(frame);
            return Err(FaultKind::OutOfMemory);
        };
        for part in 0..1_u64 << order {
            self.memory.zero(frame + part);
        }
        self.time[Cause::Zero] += self.config.latencies.zero << order;
        self.count(Count::HugeFault);
        let page = self.pages.get_mut(id);
        (page.frame, page.order) = (frame as u32, order);
        page.flags |= PageFlags::POOLED | PageFlags::DIRTY;
        self.memory.set_owner(frame, id);
        if object != 0 {
            self.object(object).pages.insert(index, id);
        }
        Ok(id)
    }

    fn map_pooled(
        &mut self,
        process: ProcessId,
        area: &Area,
        from: u64,
        id: PageId,
    ) -> Result<Entry, FaultKind> {
        let frame = self.pages.get(id).frame.into();
        let entry = self
            .entry_for(area, frame)
            .with_writable(area.protection.allows(Access::Write))
            .with_exclusive(object_of(area).is_none())
            .with_dirty(true);
        if let Err(kind) = self.map_page(process, from, id, entry) {
            if self.pages.is_live(id)
                && self.pages.get(id).is_private()
                && self.pages.get(id).references() == 0
            {
                self.free_page(id);
            }
            return Err(kind);
        }
        Ok(entry)
    }

    /// Copies a huge page of a pool for a write to one that is shared since a fork.
    pub(super) fn copy_pooled(
        &mut self,
        reference: Reference,
        area: &Area,
        entry: Entry,
        level: u32,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, .. } = reference;
        let from = address & !(self.config.paging.leaf_size(level) - 1);
        let id = self.take_pooled(level, 0, 0)?;
        let (old, page) = (entry.frame(), *self.pages.get(id));
        for part in 0..page.weight() {
            if self.memory.copy(old + part, u64::from(page.frame) + part).is_err() {
                self.free_page(id);
                return Err(FaultKind::OutOfMemory);
            }
        }
        self.time[Cause::Copy] += self.config.latencies.copy << page.order;
        self.count(Count::Cow);
        self.living(process).table.update(from, |_| Entry::EMPTY);
        self.flush_page(process, from);
        self.let_go(process, from, entry);
        let entry = self.map_pooled(process, area, from, id)?;
        Ok(Outcome { entry, level, served: Served::Copied })
    }

    /// A huge page of a pool is free again.
    pub(super) fn give_to_pool(&mut self, frame: Frame, order: u8) {
        self.memory.set_owner(frame, POOL);
        if let Some(pool) = self.huge_pool.iter_mut().find(|pool| pool.order == order) {
            pool.free.push(frame);
        }
    }
}
