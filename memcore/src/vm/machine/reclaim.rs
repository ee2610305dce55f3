//! Reclaim: pages lose their frames, by the choice of a policy, and go where they can be had from again.

use super::domain::{Eye, is_dirty};
use super::page::{Mapping, NONE, PageFlags, PageId};
use super::{Machine, policy_frames};
use crate::replacement::{AnyPolicy, Page as Member, Policy};
use crate::vm::counters::{Cause, Count};
use crate::vm::event::{Destination, Event};
use crate::vm::paging::Entry;
use crate::vm::physical::Floor;
use crate::vm::types::Node;
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// What a policy told while it was asked something.
#[derive(Clone, Debug, Default)]
pub(in crate::vm) struct Told {
    evicted: Vec<PageId>,
    forgotten: Vec<(Member, PageId)>,
    cleaned: Vec<PageId>,
}

/// How many of the pages that left lately came back: what thrashing is.
///
/// A window of evictions; when it is full, what is counted is halved, so that the past fades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::vm) struct Recent {
    pub evicted: u64,
    pub came_back: u64,
    /// All that ever left: the clock by which one tells how long a page was away.
    pub clock: u64,
}

impl Recent {
    const WINDOW: u64 = 1 << 12;

    fn fade(&mut self) {
        if self.evicted >= Self::WINDOW {
            self.evicted /= 2;
            self.came_back /= 2;
        }
    }
}

impl Machine {
    /// Asks a policy something, and does what follows from it: pages it evicted leave, numbers it forgot are free.
    /// Gives how many pages left.
    pub(in crate::vm) fn consult<R>(
        &mut self,
        domain: u32,
        nodes: &[Node],
        ask: impl FnOnce(&mut AnyPolicy, &mut Eye<'_>) -> R,
    ) -> u64 {
        let mut told = core::mem::take(&mut self.told);
        let has_swap = self.swapping.has_room();
        let asked = &mut self.domains[domain as usize];
        let mut eye = Eye {
            pages: &mut self.pages,
            members: &asked.pages,
            processes: &mut self.processes,
            tlbs: &mut self.tlbs,
            memory: &self.memory,
            sight: self.config.replacement.sight,
            held: self.held,
            has_swap,
            nodes,
            evicted: &mut told.evicted,
            forgotten: &mut told.forgotten,
            cleaned: &mut told.cleaned,
            flushed: 0,
        };
        ask(&mut asked.policy, &mut eye);
        let flushed = eye.flushed;
        self.counters[Count::TlbFlush] += flushed;
        self.time[Cause::Shootdown] += flushed * self.config.latencies.shootdown;
        let mut left = 0;
        for at in 0..told.evicted.len() {
            let id = told.evicted[at];
            left += u64::from(self.pages.is_live(id) && self.page_out(id));
        }
        for &(member, id) in &told.forgotten {
            self.forgotten(domain, member, id);
        }
        for at in 0..told.cleaned.len() {
            self.write_back(told.cleaned[at]);
        }
        told.evicted.clear();
        told.forgotten.clear();
        told.cleaned.clear();
        self.told = told;
        left
    }

    /// A policy knows a member's number no more.
    fn forgotten(&mut self, domain: u32, member: Member, id: PageId) {
        let is_its = |page: &super::page::Page| page.domain == domain && page.member == member;
        if self.pages.is_live(id) && is_its(self.pages.get(id)) {
            let page = self.pages.get_mut(id);
            if page.is_resident() {
                // It is evicted and could not leave: it was given another number, or is about to be.
                return;
            }
            page.member = NONE;
            if page.slot == NONE && page.references() == 0 && id != self.awaited {
                self.remember_leaving(id);
                self.free_page(id);
            }
        }
        let domain = &mut self.domains[domain as usize];
        if domain.pages[member as usize] == id {
            domain.dismiss(member);
        }
    }

    /// One page of a domain leaves, or as many as its policy says; gives how many base pages left.
    pub(in crate::vm) fn evict_from(&mut self, domain: u32, nodes: &[Node]) -> u64 {
        loop {
            let mut chosen = None;
            let before = self.domains[domain as usize].resident;
            let left = self.consult(domain, nodes, |policy, eye| chosen = policy.evict(eye));
            if left > 0 {
                return before.saturating_sub(self.domains[domain as usize].resident).max(1);
            }
            if chosen.is_none() {
                return 0;
            }
            // The chosen page could not be written and stays, never to be chosen again: another one.
        }
    }

    /// About `count` pages leave, from the domain that has most; gives how many did.
    pub(in crate::vm) fn reclaim_some(&mut self, count: u64, nodes: &[Node]) -> u64 {
        let mut left = 0;
        let mut order: Vec<u32> = (0..self.domains.len() as u32).collect();
        while left < count {
            order.sort_by_key(|&number| core::cmp::Reverse(self.domains[number as usize].resident));
            let mut now = 0;
            for &number in &order {
                if self.domains[number as usize].resident > 0 {
                    now = self.evict_from(number, nodes);
                    if now > 0 {
                        break;
                    }
                }
            }
            if now == 0 {
                break;
            }
            left += now;
        }
        left
    }

    /// Reclaims about so many pages now; gives how many frames became free.
    pub fn reclaim(&mut self, pages: u64) -> u64 {
        if pages == 0 { 0 } else { self.reclaim_some(pages, &[]) }
    }

    /// The background reclaimer: until each node is at its high mark, or nothing helps.
    pub(in crate::vm) fn reclaim_in_background(&mut self) {
        if self.is_background {
            return;
        }
        let mut was_woken = false;
        let batch = u64::from(self.config.replacement.batch);
        self.is_background = true;
        for node in 0..self.memory.nodes() {
            if !self.memory.is_below(node, Floor::Low) {
                continue;
            }
            was_woken = true;
            let only = if self.memory.nodes() > 1 { &[node][..] } else { &[] };
            while self.memory.is_below(node, Floor::High) {
                let wanted = (self.memory.watermarks(node).high - self.memory.free_frames(node)).min(batch);
                if self.reclaim_some(wanted, only) == 0 {
                    break;
                }
            }
        }
        self.is_background = false;
        if was_woken {
            self.count(Count::BackgroundWakeups);
        }
    }

    /// A page that a policy has evicted loses its frame; false: it could not, and is resident again.
    pub(super) fn page_out(&mut self, id: PageId) -> bool {
        let page = *self.pages.get(id);
        if !page.is_resident() {
            return false;
        }
        if page.order > 0 {
            return self.page_out_huge(id);
        }
        match self.vacate(id) {
            Some(destination) => {
                self.leave(id, destination);
                true
            }
            None => {
                self.stay(id);
                false
            }
        }
    }

    /// A huge page is split, and its parts leave.
    fn page_out_huge(&mut self, id: PageId) -> bool {
        // The policy has let go of it; the parts are numbered anew.
        self.stay(id);
        let Some(parts) = self.split_page(id) else {
            self.pages.get_mut(id).flags |= PageFlags::STUCK;
            self.stuck += 1;
            return false;
        };
        let mut any = false;
        for part in parts {
            match self.vacate(part) {
                Some(destination) => {
                    let page = self.pages.get(part);
                    let (domain, member) = (page.domain, page.member);
                    if member != NONE {
                        let domain = &mut self.domains[domain as usize];
                        domain.policy.remove(member, &mut ());
                        domain.dismiss(member);
                        self.pages.get_mut(part).member = NONE;
                    }
                    self.leave(part, destination);
                    any = true;
                }
                None => {
                    self.pages.get_mut(part).flags |= PageFlags::STUCK;
                    self.stuck += 1;
                }
            }
        }
        any
    }

    /// Pages that could not leave may be tried again: there may be room for them by now. False: there are none, or
    /// none was freed since they were last tried.
    pub(in crate::vm) fn retry_stuck(&mut self) -> bool {
        let room = self.swapping.device.free_slots();
        if self.stuck == 0 || room == self.room_when_stuck {
            return false;
        }
        (self.stuck, self.room_when_stuck) = (0, room);
        let stuck = self.pages.iter().filter(|(_, page)| page.flags.contains(PageFlags::STUCK));
        let stuck: Vec<PageId> = stuck.map(|(id, _)| id).collect();
        for &id in &stuck {
            self.pages.get_mut(id).flags.remove(PageFlags::STUCK);
        }
        !stuck.is_empty()
    }

    /// A page that could not leave is resident for its policy as well.
    fn stay(&mut self, id: PageId) {
        let page = self.pages.get_mut(id);
        if page.order == 0 {
            page.flags |= PageFlags::STUCK;
            self.stuck += 1;
        }
        let (domain, old) = (page.domain, page.member);
        // Under a new number, so that what the policy says of the old one means nothing.
        let Ok(member) = self.domains[domain as usize].admit(id) else { return };
        self.pages.get_mut(id).member = member;
        let domain = &mut self.domains[domain as usize];
        if old != NONE {
            domain.policy.remove(old, &mut ());
            if domain.pages[old as usize] == id {
                domain.dismiss(old);
            }
        }
        domain.policy.insert(member, &mut ());
    }

    /// Brings the content of a page to where it can be had from again; `None`: that failed.
    fn vacate(&mut self, id: PageId) -> Option<Destination> {
        let page = *self.pages.get(id);
        let is_dirty = is_dirty(&self.pages, &self.processes, id);
        if page.flags.contains(PageFlags::FILE) {
            if !is_dirty {
                return Some(Destination::Dropped);
            }
            return self.write_to_file(id).then_some(Destination::File);
        }
        if page.flags.contains(PageFlags::LAZY_FREE) && !is_dirty {
            return Some(Destination::Dropped);
        }
        if page.slot != NONE && !is_dirty {
            return Some(Destination::Dropped);
        }
        self.store(id)
    }

    /// The entries of a page let go of it, and its frame is free.
    fn leave(&mut self, id: PageId, destination: Destination) {
        let page = *self.pages.get(id);
        let is_gone = page.flags.contains(PageFlags::LAZY_FREE)
            && page.slot == NONE
            && destination == Destination::Dropped;
        let stands_for = match page.object {
            0 if !is_gone => Entry::swapped(id),
            _ => Entry::EMPTY,
        };
        self.unmap_everywhere(id, stands_for);
        self.memory.set_owner(page.frame.into(), 0);
        self.memory.free(page.frame.into(), 0);
        self.domains[page.domain as usize].resident -= 1;
        let now = self.pages.get_mut(id);
        now.frame = NONE;
        now.pins = 0;
        now.flags.remove(PageFlags::DIRTY | PageFlags::REFERENCED | PageFlags::LAZY_FREE);
        if page.flags.contains(PageFlags::MERGED) {
            now.flags.remove(PageFlags::MERGED);
            self.merger.forget(id, page.checksum);
        }
        self.count(Count::Evicted);
        if self.is_background {
            self.count(Count::EvictedBackground);
        }
        self.recent.evicted += 1;
        self.recent.clock += 1;
        self.recent.fade();
        self.pages.get_mut(id).left_at = self.recent.clock;
        let background = self.is_background;
        self.tell(Event::Evict { frame: page.frame.into(), destination, background });
        let now = self.pages.get(id);
        let is_forgotten = now.member == NONE && now.slot == NONE && now.references() == 0;
        if is_gone || is_forgotten {
            self.remember_leaving(id);
            self.free_page(id);
        }
    }

    /// Every entry that maps a page stands for something else from now on.
    pub(in crate::vm) fn unmap_everywhere(&mut self, id: PageId, stands_for: Entry) {
        let mappings: Vec<Mapping> = self.pages.mappings(id).collect();
        for mapping in mappings {
            let Mapping { space, address } = mapping;
            let process = crate::vm::types::ProcessId(space);
            *self.resident_kind(process, id) -= 1;
            self.living(process).table.update(address, |_| stands_for);
            let flushed = self.tlbs.invalidate_page(address, space);
            self.counters[Count::TlbFlush] += flushed;
            self.time[Cause::Shootdown] += self.config.latencies.shootdown;
            self.pages.unmap(id, mapping);
            if stands_for.swapped_page().is_some() {
                self.pages.get_mut(id).swapped += 1;
                self.living(process).usage.swapped += 1;
            }
        }
    }

    /// Writes the dirty pages of all files, if the interval for that is over.
    pub(in crate::vm) fn write_back_in_background(&mut self) {
        let interval = self.config.replacement.writeback_interval;
        if interval == 0 {
            return;
        }
        let accesses = [Count::Reads, Count::Writes, Count::Executes].map(|kind| self.counters[kind]);
        let now = accesses.iter().sum::<u64>();
        if now - self.written_back_at < interval {
            return;
        }
        self.written_back_at = now;
        let of_files = self.pages.iter().filter(|(_, page)| page.flags.contains(PageFlags::FILE));
        let pages: Vec<PageId> = of_files.map(|(id, _)| id).collect();
        self.is_background = true;
        for id in pages {
            self.write_back(id);
        }
        self.is_background = false;
    }

    /// A dirty page of a file is written and stays.
    pub(in crate::vm) fn write_back(&mut self, id: PageId) -> bool {
        if !self.pages.is_live(id) || !self.pages.get(id).is_resident() {
            return true;
        }
        let page = *self.pages.get(id);
        if !page.flags.contains(PageFlags::FILE) || !is_dirty(&self.pages, &self.processes, id) {
            return true;
        }
        if !self.write_to_file(id) {
            return false;
        }
        self.clean_entries(id);
        self.tell(Event::WriteBack { file: page.object, offset: page.index * self.page_size });
        true
    }

    /// Clears the dirty mark of a page and of its entries, which are write-protected, so that the next write is seen.
    pub(in crate::vm) fn clean_entries(&mut self, id: PageId) {
        self.pages.get_mut(id).flags.remove(PageFlags::DIRTY);
        let mappings: Vec<Mapping> = self.pages.mappings(id).collect();
        for Mapping { space, address } in mappings {
            let process = crate::vm::types::ProcessId(space);
            self.living(process).table.update(address, |entry| entry.with_dirty(false).with_writable(false));
            self.counters[Count::TlbFlush] += self.tlbs.invalidate_page(address, space);
        }
    }

    /// Writes the content of a file's page to the file.
    fn write_to_file(&mut self, id: PageId) -> bool {
        let page = *self.pages.get(id);
        let offset = page.index * self.page_size;
        let Machine { objects, memory, page_size, .. } = self;
        let Some(object) = objects[page.object as usize].as_mut() else { return false };
        let length = object.len().saturating_sub(offset).min(*page_size) as usize;
        let super::Source::File(backing) = &mut object.source else { return false };
        if length > 0 && memory.has_contents() {
            let bytes = &memory.bytes(page.frame.into())[..length];
            if backing.write(offset, bytes).is_err() {
                return false;
            }
        }
        self.count(Count::FileWrite);
        self.charge_write(self.config.latencies.file_write, Cause::FileWrite);
        true
    }

    /// Writing waits only where somebody waits.
    pub(in crate::vm) fn charge_write(&mut self, cycles: u64, cause: Cause) {
        let cause = if self.is_background { Cause::Background } else { cause };
        self.time[cause] += cycles;
    }

    /// A page is back that left when so many had left. It was missed if no more have left since than there are
    /// frames: then as much memory again would have kept it (Linux: workingset_refault).
    pub(in crate::vm) fn count_refault(&mut self, left_at: u64) {
        if left_at != 0 && self.recent.clock.saturating_sub(left_at) <= self.memory.frames() {
            self.count(Count::Refault);
            self.recent.came_back += 1;
        }
    }

    /// The record of an object's page goes; when it left is kept with the object.
    fn remember_leaving(&mut self, id: PageId) {
        let page = *self.pages.get(id);
        if page.object != 0 && page.left_at != 0 {
            self.object(page.object).left.insert(page.index, page.left_at);
        }
    }

    /// Whether the machine spends its time bringing back what it has just evicted: of the pages evicted lately,
    /// `replacement.thrashing_percent` or more came back.
    pub fn thrashing(&self) -> bool {
        let Recent { evicted, came_back, .. } = self.recent;
        evicted >= 64 && came_back * 100 >= evicted * u64::from(self.config.replacement.thrashing_percent)
    }

    /// Reads and clears all referenced bits, and tells the policies which pages they were of.
    pub(in crate::vm) fn sample(&mut self) {
        for number in 0..self.domains.len() as u32 {
            if self.domains[number as usize].resident == 0 {
                continue;
            }
            self.consult(number, &[], |policy, eye| {
                for member in 0..eye.members.len() as Member {
                    if eye.members[member as usize] != 0
                        && policy.is_resident(member)
                        && eye.harvest_member(member)
                    {
                        policy.touch(member, eye);
                    }
                }
            });
        }
    }

    /// Makes a domain over for another limit; its pages stay in the order in which they would have left.
    pub(in crate::vm) fn rebuild_domain(
        &mut self,
        number: u32,
        limit: Option<u64>,
    ) -> Result<(), crate::vm::VmError> {
        let spec = self.config.replacement.policy.clone();
        let frames = limit.map_or_else(|| policy_frames(self.memory.frames()), policy_frames);
        let mut fresh = super::domain::Domain::new(&spec, frames, limit)?;
        let old = &self.domains[number as usize];
        let mut policy = old.policy.clone();
        let mut order = Vec::new();
        while let Some(member) = policy.evict(&mut ()) {
            order.push(old.pages[member as usize]);
        }
        let remembered: Vec<PageId> = old.pages.iter().copied().filter(|&id| id != 0).collect();
        fresh.resident = old.resident;
        for &id in &order {
            let member = fresh.admit(id)?;
            fresh.policy.insert(member, &mut ());
        }
        for &id in &remembered {
            self.pages.get_mut(id).member = NONE;
        }
        for (member, &id) in fresh.pages.iter().enumerate() {
            self.pages.get_mut(id).member = member as Member;
        }
        self.domains[number as usize] = fresh;
        for id in remembered {
            // What the old policy alone remembered is nowhere now.
            let page = self.pages.get(id);
            if page.member == NONE && !page.is_resident() && page.slot == NONE && page.references() == 0 {
                self.remember_leaving(id);
                self.free_page(id);
            }
        }
        Ok(())
    }
}
