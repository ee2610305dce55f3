//! Domains: the pages that one replacement policy decides about, and what it may ask about them.
//!
//! A policy knows dense numbers; a domain says which page each is. The machine has one domain, or one for each
//! process; a group with a limit has its own. What a policy asks (may this page leave, was it referenced) is
//! answered from the page tables by way of the reverse mappings: that is the `Eye`.

use super::page::{NONE, PageFlags, PageId, Pages};
use super::process::Process;
use crate::replacement::{AnyPolicy, Page as Member, Pager, Policy, PolicySpec};
use crate::vm::config::Sight;
use crate::vm::error::{Shortage, VmError};
use crate::vm::paging::Tlbs;
use crate::vm::physical::Memory;
use crate::vm::types::Node;
use serde::{Deserialize, Serialize};
use std_alloc::boxed::Box;
use std_alloc::vec::Vec;

/// The pages of one policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Domain {
    pub policy: AnyPolicy,
    /// The page of each member's number; 0: vacant.
    pub pages: Vec<PageId>,
    vacant: Vec<Member>,
    /// Base pages that are resident.
    pub resident: u64,
    /// The most of them; `None`: as many as there are frames.
    pub limit: Option<u64>,
    /// The domain of a process or group that is gone.
    pub is_vacant: bool,
}

impl Domain {
    pub fn new(spec: &PolicySpec, frames: u32, limit: Option<u64>) -> Result<Domain, VmError> {
        let policy = AnyPolicy::of(spec, frames)?;
        let (pages, vacant) = (Vec::new(), Vec::new());
        Ok(Domain { policy, pages, vacant, resident: 0, limit, is_vacant: false })
    }

    /// A number for a page. O(1), but for growth.
    pub fn admit(&mut self, page: PageId) -> Result<Member, VmError> {
        if let Some(member) = self.vacant.pop() {
            self.pages[member as usize] = page;
            return Ok(member);
        }
        let host = |_| VmError::no_memory(0, Shortage::Host);
        let count = self.pages.len();
        if count == self.pages.capacity() {
            let more = count.max(64);
            self.pages.try_reserve_exact(more).map_err(host)?;
            self.vacant.try_reserve_exact(count + more).map_err(host)?;
            self.policy.reserve((count + more).min(crate::replacement::MAX_PAGES as usize) as u32)?;
        }
        self.pages.push(page);
        Ok(count as Member)
    }

    /// A number is free again. O(1).
    pub fn dismiss(&mut self, member: Member) {
        self.pages[member as usize] = 0;
        self.vacant.push(member);
    }

    pub fn validate(&self) -> Result<(), &'static str> {
        self.policy.validate()?;
        let vacant = self.pages.iter().filter(|&&page| page == 0).count();
        if vacant != self.vacant.len() {
            return Err("vacant numbers of a domain are not all that stand for no page");
        }
        if self.vacant.iter().any(|&member| self.pages.get(member as usize) != Some(&0)) {
            return Err("a vacant number of a domain stands for a page");
        }
        Ok(())
    }
}

/// What a policy sees of the machine, and what it told.
pub(in crate::vm) struct Eye<'a> {
    pub pages: &'a mut Pages,
    pub members: &'a [PageId],
    pub processes: &'a mut [Option<Box<Process>>],
    pub tlbs: &'a mut Tlbs,
    pub memory: &'a Memory,
    pub sight: Sight,
    /// Pages that must stay for the moment.
    pub held: [PageId; 2],
    /// A page without a place in swap can be given one.
    pub has_swap: bool,
    /// Only pages of these nodes help; empty: all do.
    pub nodes: &'a [Node],
    /// Pages that lost their place, were forgotten, shall be cleaned.
    pub evicted: &'a mut Vec<PageId>,
    pub forgotten: &'a mut Vec<(Member, PageId)>,
    pub cleaned: &'a mut Vec<PageId>,
    /// Entries that left the TLBs.
    pub flushed: u64,
}

impl Eye<'_> {
    /// Whether a member was referenced since this was last asked.
    pub fn harvest_member(&mut self, member: Member) -> bool {
        self.harvest(self.page_of(member))
    }

    fn page_of(&self, member: Member) -> PageId {
        self.members[member as usize]
    }

    /// Whether an entry of the page, or a bit kept of former ones, has the flag; clears it if wanted.
    fn harvest(&mut self, id: PageId) -> bool {
        let page = self.pages.get_mut(id);
        let mut found = page.flags.contains(PageFlags::REFERENCED);
        page.flags.remove(PageFlags::REFERENCED);
        for mapping in self.pages.mappings(id) {
            let Some(process) = self.processes[mapping.space as usize].as_mut() else { continue };
            let mut was_set = false;
            process.table.update(mapping.address, |entry| {
                was_set = entry.is_accessed();
                entry.with_accessed(false)
            });
            if was_set {
                found = true;
                // Else the next reference would find the entry in the TLB and leave no trace.
                self.flushed += self.tlbs.invalidate_page(mapping.address, mapping.space);
            }
        }
        found
    }
}

impl Pager for Eye<'_> {
    fn is_evictable(&self, member: Member) -> bool {
        let id = self.page_of(member);
        let page = self.pages.get(id);
        if page.pins > 0
            || self.held.contains(&id)
            || page.flags.intersects(PageFlags::STUCK | PageFlags::POOLED)
            || !page.is_resident()
        {
            return false;
        }
        if !self.nodes.is_empty() && !self.nodes.contains(&self.memory.node_of(page.frame.into())) {
            return false;
        }
        let is_file = page.flags.contains(PageFlags::FILE);
        let may_drop = page.flags.contains(PageFlags::LAZY_FREE) && !is_dirty(self.pages, self.processes, id);
        is_file || self.has_swap || page.slot != NONE || may_drop
    }

    fn take_referenced(&mut self, member: Member) -> bool {
        self.sight == Sight::Bits && self.harvest(self.page_of(member))
    }

    fn is_dirty(&self, member: Member) -> bool {
        is_dirty(self.pages, self.processes, self.page_of(member))
    }

    fn clean(&mut self, member: Member) {
        self.cleaned.push(self.page_of(member));
    }

    fn evicted(&mut self, member: Member) {
        self.evicted.push(self.page_of(member));
    }

    fn forgotten(&mut self, member: Member) {
        self.forgotten.push((member, self.page_of(member)));
    }
}

/// Whether a page has what its file or slot has not: by its own mark, or that of an entry. O(mappings).
pub(super) fn is_dirty(pages: &Pages, processes: &[Option<Box<Process>>], id: PageId) -> bool {
    if pages.get(id).flags.contains(PageFlags::DIRTY) {
        return true;
    }
    pages.mappings(id).any(|mapping| {
        let process = processes.get(mapping.space as usize).and_then(Option::as_ref);
        process.is_some_and(|process| process.table.get(mapping.address).0.is_dirty())
    })
}
