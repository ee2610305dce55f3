//! Who gets a frame: placement, watermarks, limits, and what is done when there is none.
//!
//! ```text
//!   free frames of the node
//!   ------------------------- high    the background reclaimer stops here
//!   ------------------------- low     below: it is woken, and allocations may go on down to min
//!   ------------------------- min     below: who allocates reclaims by itself, a batch at a time
//!   ------------------------- 0       nothing left to reclaim: somebody is killed
//! ```

use super::access::Reference;
use super::page::{NONE, PageFlags, PageId};
use super::{Machine, TABLE, host_full};
use crate::replacement::Policy;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{FaultKind, Shortage, VmError};
use crate::vm::paging::Entry;
use crate::vm::physical::Floor;
use crate::vm::types::{Frame, Node, ProcessId};
use std_alloc::vec::Vec;

/// Where a frame should come from.
#[derive(Clone, Debug, Default)]
pub(in crate::vm) struct Placement {
    /// Nodes in the order in which they are tried.
    pub nodes: Vec<Node>,
    /// No other node will do.
    pub is_strict: bool,
    /// By turns.
    pub is_interleaved: bool,
}

/// There is no frame: a process had to end, this one or none could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vm) struct NoFrame;

impl From<NoFrame> for FaultKind {
    fn from(_: NoFrame) -> FaultKind {
        FaultKind::OutOfMemory
    }
}

impl From<NoFrame> for VmError {
    fn from(_: NoFrame) -> VmError {
        VmError::no_memory(0, Shortage::Frames)
    }
}

impl Machine {
    /// The first free frame that one may have without reclaim: for what can do without.
    pub(in crate::vm) fn try_frame(&mut self, place: &Placement, order: u8) -> Option<Frame> {
        let frame = self.memory.allocate(order.into(), &place.nodes, Floor::Low)?;
        self.count_node(place, frame, order);
        Some(frame)
    }

    /// A block of 2^order frames for a process, whatever that takes. Pages that are [held](Self::hold) stay.
    pub(in crate::vm) fn take_frame(
        &mut self,
        process: ProcessId,
        place: &Placement,
        order: u8,
    ) -> Result<Frame, NoFrame> {
        self.keep_limit(process, 1 << order)?;
        let found = match self.memory.allocate(order.into(), &place.nodes, Floor::Low) {
            Some(frame) => frame,
            None => self.take_frame_slowly(process, place, order)?,
        };
        self.count_node(place, found, order);
        Ok(found)
    }

    #[cold]
    fn take_frame_slowly(
        &mut self,
        process: ProcessId,
        place: &Placement,
        order: u8,
    ) -> Result<Frame, NoFrame> {
        self.reclaim_in_background();
        let strict: &[Node] = if place.is_strict { &place.nodes } else { &[] };
        loop {
            if let Some(frame) = self.memory.allocate(order.into(), &place.nodes, Floor::Min) {
                return Ok(frame);
            }
            self.count(Count::DirectReclaim);
            let batch = self.config.replacement.batch.into();
            if self.reclaim_some(batch, strict) == 0 {
                break;
            }
        }
        loop {
            let victim = self.choose_victim(0).ok_or(NoFrame)?;
            self.kill(victim);
            if victim.id == process {
                return Err(NoFrame);
            }
            if let Some(frame) = self.memory.allocate(order.into(), &place.nodes, Floor::Min) {
                return Ok(frame);
            }
        }
    }

    /// Makes room for `more` pages in the limit of a process' domain.
    fn keep_limit(&mut self, process: ProcessId, more: u64) -> Result<(), NoFrame> {
        loop {
            let number = self.living(process).domain;
            let domain = &self.domains[number as usize];
            let Some(limit) = domain.limit else { return Ok(()) };
            if domain.resident + more <= limit
                || (domain.resident == 0 && self.config.replacement.scope.of_process().is_some())
            {
                return Ok(());
            }
            if self.evict_from(number, &[]) > 0 {
                continue;
            }
            let group = self.living(process).group;
            let victim = self.choose_victim(group).ok_or(NoFrame)?;
            self.kill(victim);
            if victim.id == process {
                return Err(NoFrame);
            }
        }
    }

    fn count_node(&mut self, place: &Placement, frame: Frame, order: u8) {
        if self.memory.nodes() == 1 {
            return;
        }
        let node = self.memory.node_of(frame);
        let is_wanted = place.nodes.first() == Some(&node);
        let what = if is_wanted { Count::NumaHit } else { Count::NumaMiss };
        for counters in [&mut self.counters, &mut self.node_counters[node as usize]] {
            counters[what] += 1 << order;
            counters[Count::NumaInterleave] += u64::from(place.is_interleaved && is_wanted) << order;
        }
    }

    /// Gives a frame to a page, which joins the policy of the process' domain.
    pub(in crate::vm) fn settle_page(
        &mut self,
        process: ProcessId,
        id: PageId,
        frame: Frame,
        order: u8,
    ) -> Result<(), VmError> {
        let domain = self.living(process).domain;
        self.settle_in(domain, id, frame, order)
    }

    /// The same in a given domain.
    pub(in crate::vm) fn settle_in(
        &mut self,
        domain: u32,
        id: PageId,
        frame: Frame,
        order: u8,
    ) -> Result<(), VmError> {
        let page = self.pages.get_mut(id);
        page.frame = frame as u32;
        page.order = order;
        let (old_domain, weight) = (page.domain, page.weight());
        self.memory.set_owner(frame, id);
        let is_remembered = page.member != NONE && old_domain == domain;
        if page.member != NONE && !is_remembered {
            self.forget_member(id);
        }
        if is_remembered {
            self.count_refault();
        } else {
            let member = self.domains[domain as usize].admit(id);
            match member {
                Ok(member) => {
                    let page = self.pages.get_mut(id);
                    (page.domain, page.member) = (domain, member);
                }
                Err(error) => {
                    self.pages.get_mut(id).frame = NONE;
                    self.memory.set_owner(frame, 0);
                    self.memory.free(frame, order.into());
                    return Err(error);
                }
            }
        }
        self.domains[domain as usize].resident += weight;
        let member = self.pages.get(id).member;
        self.hold(id);
        self.consult(domain, &[], |policy, eye| {
            policy.miss(member, eye);
            policy.insert(member, eye);
        });
        self.unhold();
        self.fresh = id;
        Ok(())
    }

    /// Drops a page from its policy, remembered or resident.
    pub(in crate::vm) fn forget_member(&mut self, id: PageId) {
        let page = self.pages.get_mut(id);
        let (domain, member) = (page.domain, page.member);
        if member == NONE {
            return;
        }
        page.member = NONE;
        if page.is_resident() {
            let weight = page.weight();
            self.domains[domain as usize].resident -= weight;
        }
        let domain = &mut self.domains[domain as usize];
        domain.policy.remove(member, &mut ());
        domain.dismiss(member);
    }

    /// Takes the frame, the place in swap and the record of a page that nobody refers to any more.
    pub(in crate::vm) fn free_page(&mut self, id: PageId) {
        self.forget_member(id);
        let page = *self.pages.get(id);
        if page.is_resident() {
            self.memory.set_owner(page.frame.into(), 0);
            if page.flags.contains(PageFlags::POOLED) {
                self.give_to_pool(page.frame.into(), page.order);
            } else {
                self.memory.free(page.frame.into(), page.order.into());
            }
        }
        if page.slot != NONE {
            self.swapping.free(page.slot);
        }
        if page.flags.contains(PageFlags::MERGED) {
            self.merger.forget(id, page.checksum);
        }
        if page.object != 0 {
            self.object(page.object).pages.remove(&page.index);
        }
        self.pages.release(id);
    }

    /// A fresh private page with a zeroed frame, not mapped yet.
    pub(in crate::vm) fn new_zeroed(&mut self, reference: Reference) -> Result<PageId, FaultKind> {
        let place = self.placement(reference.process, reference.address);
        let frame = self.take_frame(reference.process, &place, 0)?;
        self.memory.zero(frame);
        self.time[Cause::Zero] += self.config.latencies.zero;
        self.count(Count::ZeroFill);
        self.adopt(reference.process, frame, 0)
    }

    /// A fresh private page with the content of a frame; the frame's page must be [held](Self::hold).
    pub(in crate::vm) fn new_copy(&mut self, reference: Reference, of: Frame) -> Result<PageId, FaultKind> {
        let place = self.placement(reference.process, reference.address);
        let frame = self.take_frame(reference.process, &place, 0)?;
        if of == self.zero_frame() {
            self.memory.zero(frame);
            self.time[Cause::Zero] += self.config.latencies.zero;
        } else {
            if self.memory.copy(of, frame).is_err() {
                self.memory.free(frame, 0);
                return Err(FaultKind::OutOfMemory);
            }
            self.time[Cause::Copy] += self.config.latencies.copy;
        }
        self.adopt(reference.process, frame, 0)
    }

    /// A frame becomes a private page of a process.
    pub(in crate::vm) fn adopt(
        &mut self,
        process: ProcessId,
        frame: Frame,
        order: u8,
    ) -> Result<PageId, FaultKind> {
        let id = match self.pages.create(0, 0) {
            Ok(id) => id,
            Err(_) => {
                self.memory.free(frame, order.into());
                return Err(FaultKind::OutOfMemory);
            }
        };
        self.pages.get_mut(id).flags |= PageFlags::DIRTY;
        match self.settle_page(process, id, frame, order) {
            Ok(()) => Ok(id),
            Err(_) => {
                self.pages.release(id);
                Err(FaultKind::OutOfMemory)
            }
        }
    }

    /// Makes sure that page tables can grow by what `entries` new entries in one place may need.
    pub(in crate::vm) fn stash_tables(&mut self, process: ProcessId, tables: u64) -> Result<(), NoFrame> {
        if self.stash.beyond.is_some() {
            return Ok(());
        }
        let node = self.living(process).node;
        let nodes = self.memory.fallback(node).to_vec();
        let place = Placement { nodes, ..Placement::default() };
        while (self.stash.ready.len() as u64) < tables {
            match self.take_table_frame(process, &place) {
                Ok(frame) => {
                    self.memory.set_owner(frame, TABLE);
                    self.stash.ready.push(frame);
                }
                Err(error) => {
                    self.return_stash();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// A frame that no limit of a domain counts.
    fn take_table_frame(&mut self, process: ProcessId, place: &Placement) -> Result<Frame, NoFrame> {
        match self.memory.allocate(0, &place.nodes, Floor::Low) {
            Some(frame) => Ok(frame),
            None => self.take_frame_slowly(process, place, 0),
        }
    }

    /// Gives the frames that no table needed back.
    pub(in crate::vm) fn return_stash(&mut self) {
        if self.stash.beyond.is_some() {
            return;
        }
        while let Some(frame) = self.stash.ready.pop() {
            self.memory.set_owner(frame, 0);
            self.memory.free(frame, 0);
        }
    }

    /// Puts an entry for a page into the table of a process, at the address of the page.
    pub(in crate::vm) fn install(
        &mut self,
        process: ProcessId,
        address: u64,
        level: u32,
        entry: Entry,
    ) -> Result<(), FaultKind> {
        let levels = self.config.paging.levels().saturating_sub(level + 1);
        let first = self.processes[process.0 as usize].as_mut().expect("lives").table.set(
            address,
            level,
            entry,
            &mut self.stash,
        );
        if first.is_ok() {
            // A large page may have taken the place of an empty table.
            self.return_stash();
            return Ok(());
        }
        self.stash_tables(process, levels.into())?;
        let Machine { processes, stash, .. } = self;
        let table = &mut processes[process.0 as usize].as_mut().expect("lives").table;
        let result = table.set(address, level, entry, stash);
        self.return_stash();
        result.map_err(|_| FaultKind::OutOfMemory)
    }

    /// Maps a page by an entry made for it.
    pub(in crate::vm) fn map_page(
        &mut self,
        process: ProcessId,
        address: u64,
        id: PageId,
        entry: Entry,
    ) -> Result<(), FaultKind> {
        let order = self.pages.get(id).order;
        let level = self.level_of(order);
        self.hold(id);
        let installed = self.install(process, address, level, entry);
        self.unhold();
        installed?;
        let mapping = super::page::Mapping { space: process.0, address };
        if self.pages.map(id, mapping).map_err(host_full).is_err() {
            self.living(process).table.update(address, |_| Entry::EMPTY);
            return Err(FaultKind::OutOfMemory);
        }
        let weight = 1 << order;
        *self.resident_kind(process, id) += weight;
        if self.is_locked(process, address) {
            self.pages.get_mut(id).pins += 1;
        }
        Ok(())
    }

    /// The counter of resident pages that a page belongs to.
    pub(in crate::vm) fn resident_kind(&mut self, process: ProcessId, id: PageId) -> &mut u64 {
        let page = *self.pages.get(id);
        let usage = &mut self.living(process).usage;
        match (page.object, page.flags.contains(PageFlags::FILE)) {
            (0, _) => &mut usage.rss_anonymous,
            (_, true) => &mut usage.rss_file,
            (_, false) => &mut usage.rss_shared,
        }
    }

    /// The level of the page table whose entries map blocks of 2^order pages.
    pub(in crate::vm) fn level_of(&self, order: u8) -> u32 {
        let bytes = self.page_size << order;
        (0..self.config.paging.levels())
            .find(|&level| self.config.paging.leaf_size(level) == bytes)
            .unwrap_or(0)
    }

    /// Keeps a page from leaving until [`unhold`](Self::unhold); two can be held.
    pub(in crate::vm) fn hold(&mut self, id: PageId) {
        self.held = [id, self.held[0]];
    }

    pub(in crate::vm) fn unhold(&mut self) {
        self.held = [self.held[1], 0];
    }
}
