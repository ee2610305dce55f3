//! Pages come to be: their policy hears of the miss, they get a frame, they are mapped; and at the end they are freed.
//!
//! A policy is told of a miss before it chooses who leaves for it, as [`Policy::access`] does it: that is where
//! policies with ghosts adapt. So a page has its record, and its number in the policy, before it has a frame.

use super::Machine;
use super::access::Reference;
use super::page::{Mapping, NONE, PageFlags, PageId};
use crate::replacement::Policy;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{FaultKind, VmError};
use crate::vm::paging::Entry;
use crate::vm::types::{Frame, ProcessId};

impl Machine {
    /// A page is about to get a frame: its policy hears of the miss. Until it is [settled](Self::settle_in) or
    /// [given up](Self::give_up) its record stays, whatever leaves in between.
    pub(in crate::vm) fn await_page(&mut self, domain: u32, id: PageId) -> Result<(), VmError> {
        let page = self.pages.get(id);
        if page.member == NONE || page.domain != domain {
            // Another domain only remembers it.
            self.forget_member(id);
            let member = self.domains[domain as usize].admit(id)?;
            let page = self.pages.get_mut(id);
            (page.domain, page.member) = (domain, member);
        }
        self.awaited = id;
        let member = self.pages.get(id).member;
        self.consult(domain, &[], |policy, eye| policy.miss(member, eye));
        Ok(())
    }

    /// A page that was awaited gets no frame.
    pub(in crate::vm) fn give_up(&mut self, id: PageId) {
        self.awaited = 0;
        if !self.pages.is_live(id) || self.pages.get(id).is_resident() {
            return;
        }
        self.forget_member(id);
        let page = self.pages.get(id);
        if page.slot == NONE && page.references() == 0 {
            self.free_page(id);
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

    /// The same in a given domain. If that fails, the frame is free.
    pub(in crate::vm) fn settle_in(
        &mut self,
        domain: u32,
        id: PageId,
        frame: Frame,
        order: u8,
    ) -> Result<(), VmError> {
        let page = self.pages.get(id);
        let is_expected = self.awaited == id && page.member != NONE && page.domain == domain;
        if !is_expected {
            if let Err(error) = self.await_page(domain, id) {
                self.memory.free(frame, order.into());
                return Err(error);
            }
        }
        self.awaited = 0;
        let page = self.pages.get_mut(id);
        page.frame = frame as u32;
        page.order = order;
        let (weight, member) = (page.weight(), page.member);
        let left_at = core::mem::take(&mut page.left_at);
        self.count_refault(left_at);
        self.memory.set_owner(frame, id);
        self.domains[domain as usize].resident += weight;
        self.hold(id);
        self.consult(domain, &[], |policy, eye| policy.insert(member, eye));
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
        if self.fresh == id {
            self.fresh = 0;
        }
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

    /// A private page without a frame, which its policy awaits.
    fn new_page(&mut self, process: ProcessId) -> Result<PageId, FaultKind> {
        let id = self.pages.create(0, 0).map_err(|_| FaultKind::OutOfMemory)?;
        self.pages.get_mut(id).flags |= PageFlags::DIRTY;
        let domain = self.living(process).domain;
        if self.await_page(domain, id).is_err() {
            self.give_up(id);
            return Err(FaultKind::OutOfMemory);
        }
        Ok(id)
    }

    /// A frame for a page that is awaited; the page is given up where there is none.
    pub(in crate::vm) fn frame_for(&mut self, reference: Reference, id: PageId) -> Result<Frame, FaultKind> {
        let place = self.placement(reference.process, reference.address);
        match self.take_frame(reference.process, &place, 0) {
            Ok(frame) => Ok(frame),
            Err(error) => {
                self.give_up(id);
                Err(error.into())
            }
        }
    }

    /// A fresh private page with a zeroed frame, not mapped yet.
    pub(in crate::vm) fn new_zeroed(&mut self, reference: Reference) -> Result<PageId, FaultKind> {
        let id = self.new_page(reference.process)?;
        let frame = self.frame_for(reference, id)?;
        self.memory.zero(frame);
        self.time[Cause::Zero] += self.config.latencies.zero;
        self.count(Count::ZeroFill);
        self.settle_new(reference.process, id, frame, 0)
    }

    /// A fresh private page with the content of a frame; the frame's page must be [held](Self::hold).
    pub(in crate::vm) fn new_copy(&mut self, reference: Reference, of: Frame) -> Result<PageId, FaultKind> {
        let id = self.new_page(reference.process)?;
        let frame = self.frame_for(reference, id)?;
        if of == self.zero_frame() {
            self.memory.zero(frame);
            self.time[Cause::Zero] += self.config.latencies.zero;
        } else {
            if self.memory.copy(of, frame).is_err() {
                self.memory.free(frame, 0);
                self.give_up(id);
                return Err(FaultKind::OutOfMemory);
            }
            self.time[Cause::Copy] += self.config.latencies.copy;
        }
        self.settle_new(reference.process, id, frame, 0)
    }

    /// A block of frames that was to be had without reclaim becomes a private page of a process.
    pub(in crate::vm) fn adopt(
        &mut self,
        process: ProcessId,
        frame: Frame,
        order: u8,
    ) -> Result<PageId, FaultKind> {
        match self.new_page(process) {
            Ok(id) => self.settle_new(process, id, frame, order),
            Err(kind) => {
                self.memory.free(frame, order.into());
                Err(kind)
            }
        }
    }

    fn settle_new(
        &mut self,
        process: ProcessId,
        id: PageId,
        frame: Frame,
        order: u8,
    ) -> Result<PageId, FaultKind> {
        match self.settle_page(process, id, frame, order) {
            Ok(()) => Ok(id),
            Err(_) => {
                self.give_up(id);
                Err(FaultKind::OutOfMemory)
            }
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
        let mapping = Mapping { space: process.0, address };
        if self.pages.map(id, mapping).is_err() {
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
