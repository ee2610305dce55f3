//! Who gets a frame: placement, watermarks, limits, and what is done when there is none.
//!
//! ```text
//!   free frames of the node
//!   ------------------------- high    the background reclaimer stops here
//!   ------------------------- low     below: it is woken, and allocations may go on down to min
//!   ------------------------- min     below: who allocates reclaims by itself, a batch at a time
//!   ------------------------- 0       nothing left to reclaim: somebody is killed
//! ```

use super::{Machine, TABLE};
use crate::vm::counters::Count;
use crate::vm::error::{FaultKind, Shortage, VmError};
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
            if self.reclaim_some(batch, strict) == 0 && !self.retry_stuck() {
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
        let is_own = self.config.replacement.scope.of_process().is_some();
        loop {
            let number = self.living(process).domain;
            let domain = &self.domains[number as usize];
            let Some(limit) = domain.limit else { return Ok(()) };
            if domain.resident + more <= limit || (domain.resident == 0 && is_own) {
                return Ok(());
            }
            if self.evict_from(number, &[]) > 0 || self.retry_stuck() {
                continue;
            }
            // Nobody else's end makes room among a process' own pages.
            let group = self.living(process).group;
            let victim = if is_own { self.as_victim(process) } else { self.choose_victim(group) };
            let victim = victim.ok_or(NoFrame)?;
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

    /// Lays ready so many frames for page tables, on behalf of a process.
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

    /// The same without reclaim, down to the last frame; false: there are not so many.
    pub(in crate::vm) fn stash_last(&mut self, tables: u64) -> bool {
        if self.stash.beyond.is_some() {
            return true;
        }
        let nodes = self.memory.fallback(0).to_vec();
        while (self.stash.ready.len() as u64) < tables {
            let Some(frame) = self.memory.allocate(0, &nodes, Floor::None) else { return false };
            self.memory.set_owner(frame, TABLE);
            self.stash.ready.push(frame);
        }
        true
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
}
