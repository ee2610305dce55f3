//! NUMA: on which node a page is placed, pages that move to who touches them next, and what distance costs.

use super::Machine;
use super::access::Reference;
use super::fault::Outcome;
use super::frames::Placement;
use super::page::{Mapping, PageFlags};
use crate::vm::calls::NumaPolicy;
use crate::vm::counters::{Cause, Count, Counters};
use crate::vm::error::{FaultKind, VmError};
use crate::vm::event::{Event, Served};
use crate::vm::paging::Entry;
use crate::vm::space::Area;
use crate::vm::types::{Access, Frame, Node, ProcessId};
use std_alloc::vec;
use std_alloc::vec::Vec;

impl Machine {
    /// Where the page of an address should be: by the policy of its area, else of its process.
    pub(in crate::vm) fn placement(&mut self, process: ProcessId, address: u64) -> Placement {
        if self.memory.nodes() == 1 {
            return Placement { nodes: vec![0], ..Placement::default() };
        }
        let page_size = self.page_size;
        let Ok(found) = self.process(process) else {
            return Placement { nodes: vec![0], ..Placement::default() };
        };
        let area = found.areas.find(address);
        let of_area = area.and_then(|area| area.policy).and_then(|at| found.area_policies.get(at as usize));
        let policy = of_area.unwrap_or(&found.numa);
        let page = area.map_or(0, |area| (address - area.start) / page_size);
        let near = |node: Node| self.memory.fallback(node).to_vec();
        let first = |node: Node| Placement { nodes: near(node), ..Placement::default() };
        match policy {
            NumaPolicy::Default => first(found.node),
            NumaPolicy::Preferred(node) => first(*node),
            NumaPolicy::Bind(nodes) => {
                let ordered = near(found.node).into_iter().filter(|node| nodes.contains(node)).collect();
                Placement { nodes: ordered, is_strict: true, is_interleaved: false }
            }
            NumaPolicy::Interleave(nodes) => {
                let node = nodes[(page % nodes.len() as u64) as usize];
                Placement { is_interleaved: true, ..first(node) }
            }
            NumaPolicy::WeightedInterleave(weighted) => {
                let total: u64 = weighted.iter().map(|&(_, weight)| u64::from(weight)).sum();
                let mut turn = page % total.max(1);
                let node = weighted.iter().find(|&&(_, weight)| {
                    let is_it = turn < u64::from(weight);
                    turn = turn.saturating_sub(weight.into());
                    is_it
                });
                Placement { is_interleaved: true, ..first(node.map_or(0, |&(node, _)| node)) }
            }
        }
    }

    pub(super) fn check_policy(&self, policy: &NumaPolicy) -> Result<(), VmError> {
        let nodes: Vec<Node> = match policy {
            NumaPolicy::Default => return Ok(()),
            NumaPolicy::Preferred(node) => vec![*node],
            NumaPolicy::Bind(nodes) | NumaPolicy::Interleave(nodes) => nodes.clone(),
            NumaPolicy::WeightedInterleave(weighted) => {
                if let Some(&(node, _)) = weighted.iter().find(|&&(_, weight)| weight == 0) {
                    return Err(VmError::invalid("node", node.into(), "has weight 0"));
                }
                weighted.iter().map(|&(node, _)| node).collect()
            }
        };
        if nodes.is_empty() {
            return Err(VmError::invalid("nodes", 0, "are none"));
        }
        match nodes.iter().find(|&&node| node >= self.memory.nodes()) {
            Some(&node) => Err(VmError::invalid("node", node.into(), "does not exist")),
            None => Ok(()),
        }
    }

    /// Where pages of a process are placed from now on, unless their area says otherwise: set_mempolicy.
    ///
    /// # Errors
    /// ESRCH; EINVAL: no nodes, one that does not exist, a weight of 0.
    pub fn set_policy(&mut self, process: ProcessId, policy: NumaPolicy) -> Result<(), VmError> {
        self.check_policy(&policy)?;
        self.process_mut(process)?.numa = policy;
        Ok(())
    }

    /// Where pages of a range are placed from now on; `None`: as the process says. Pages in memory stay.
    ///
    /// # Errors
    /// EINVAL, as [`set_policy`](Self::set_policy), and an address that is no multiple of the page size. EFAULT:
    /// a hole. ENOMEM: the number of areas.
    pub fn mbind(
        &mut self,
        process: ProcessId,
        start: u64,
        length: u64,
        policy: Option<NumaPolicy>,
    ) -> Result<(), VmError> {
        self.process(process)?;
        let overflow = VmError::invalid("length", length, "leaves the address space");
        let range = self.range(start, length)?.ok_or(overflow)?;
        policy.as_ref().map_or(Ok(()), |policy| self.check_policy(policy))?;
        let areas = &self.process(process)?.areas;
        if let Some(address) = areas.first_hole(range.from, range.to) {
            return Err(VmError::BadAddress { address });
        }
        let known = &self.process(process)?.area_policies;
        let number = policy
            .as_ref()
            .map(|policy| known.iter().position(|other| other == policy).unwrap_or(known.len()) as u32);
        let set = |area: &mut Area| area.policy = number;
        self.change_areas(process, range.from, range.to, set)?;
        let known = &mut self.process_mut(process)?.area_policies;
        if let (Some(policy), Some(number)) = (policy, number) {
            if number as usize == known.len() {
                known.push(policy);
            }
        }
        Ok(())
    }

    /// A process runs on a processor of this node from now on.
    ///
    /// # Errors
    /// ESRCH; EINVAL: no such node.
    pub fn set_node(&mut self, process: ProcessId, node: Node) -> Result<(), VmError> {
        if node >= self.memory.nodes() {
            return Err(VmError::invalid("node", node.into(), "does not exist"));
        }
        self.process_mut(process)?.node = node;
        Ok(())
    }

    /// Counts of one node.
    ///
    /// # Errors
    /// EINVAL: no such node.
    pub fn node_counters(&self, node: Node) -> Result<&Counters, VmError> {
        let counters = self.node_counters.get(node as usize);
        counters.ok_or(VmError::invalid("node", node.into(), "does not exist"))
    }

    /// The pages of a range will ask at their next touch where they should be, and move there; gives how many.
    /// O(log areas + entries in the range).
    ///
    /// # Errors
    /// ESRCH; EINVAL: an address that is no multiple of the page size.
    pub fn mark_next_touch(&mut self, process: ProcessId, start: u64, length: u64) -> Result<u64, VmError> {
        self.process(process)?;
        let overflow = VmError::invalid("length", length, "leaves the address space");
        let range = self.range(start, length)?.ok_or(overflow)?;
        let mut marked = 0;
        self.living(process).table.for_each_mut(range.from, range.to, |_, _, entry| {
            if entry.is_present() && !entry.is_special() && !entry.is_protnone() {
                *entry = entry.with_protnone(true);
                marked += 1;
            }
        });
        self.flush_range(process, range.from, range.to);
        Ok(marked)
    }

    /// A page that was marked is touched: it moves to the node of who touches it, if there is room.
    pub(super) fn next_touch(
        &mut self,
        reference: Reference,
        area: &Area,
        entry: Entry,
        level: u32,
    ) -> Result<Outcome, FaultKind> {
        let Reference { process, address, access } = reference;
        self.count(Count::NumaHint);
        let whole = address & !(self.config.paging.leaf_size(level) - 1);
        let entry =
            self.living(process).table.update(whole, |entry| entry.with_protnone(false)).unwrap_or(entry);
        self.flush_page(process, whole);
        let wanted = self.living(process).node;
        let here = self.memory.node_of(entry.frame());
        let id = self.memory.owner(entry.frame());
        if here != wanted && self.pages.get(id).mappings == 1 {
            self.migrate(process, whole, id, wanted);
        }
        let (entry, level) = self.living(process).table.get(address);
        if access == Access::Write && !entry.is_writable() {
            // Asking and writing are one fault.
            let page = self.pages.get(self.memory.owner(entry.frame()));
            if !area.is_shared() && page.is_exclusive() {
                self.count(Count::Reuse);
                let set = |entry: Entry| entry.with_writable(true).with_exclusive(true).with_dirty(true);
                let entry = self.living(process).table.update(whole, set).unwrap_or(entry);
                return Ok(Outcome { entry, level, served: Served::Hint });
            }
            return self.write_after_hint(reference, area, entry, level);
        }
        Ok(Outcome { entry, level, served: Served::Hint })
    }

    /// Moves a page to another node, if a frame is free there; tells whether.
    pub(super) fn migrate(&mut self, process: ProcessId, address: u64, id: u32, to: Node) -> bool {
        let page = *self.pages.get(id);
        if page.flags.contains(PageFlags::POOLED) {
            return false;
        }
        let place = Placement { nodes: vec![to], is_strict: true, is_interleaved: false };
        let Some(frame) = self.try_frame(&place, page.order) else { return false };
        let old: Frame = page.frame.into();
        for part in 0..page.weight() {
            if self.memory.copy(old + part, frame + part).is_err() {
                self.memory.free(frame, page.order.into());
                return false;
            }
        }
        let mappings: Vec<Mapping> = self.pages.mappings(id).collect();
        for Mapping { space, address } in mappings {
            let mapper = ProcessId(space);
            self.living(mapper).table.update(address, |entry| entry.with_frame(frame));
            self.flush_page(mapper, address);
        }
        self.memory.set_owner(old, 0);
        self.memory.free(old, page.order.into());
        self.memory.set_owner(frame, id);
        self.pages.get_mut(id).frame = frame as u32;
        let from = self.memory.node_of(old);
        self.counters[Count::NumaMigrate] += page.weight();
        self.node_counters[to as usize][Count::NumaMigrate] += page.weight();
        self.time[Cause::Migrate] += self.config.latencies.copy * page.weight();
        self.tell(Event::Migrate { process, address, from, to });
        true
    }

    /// Data of another node takes longer, by the distance.
    #[cold]
    pub(super) fn charge_distance(&mut self, physical: u64) {
        let frame = physical >> self.page_bits;
        let Ok(found) = self.process(self.current) else { return };
        if frame >= self.memory.frames() {
            return;
        }
        let here = self.memory.distance(found.node, found.node).max(1);
        let distance = self.memory.distance(found.node, self.memory.node_of(frame));
        let more = u64::from(distance.saturating_sub(here));
        self.time[Cause::Data] += self.config.latencies.memory * more / u64::from(here);
    }
}
