//! Looking at the machine without changing it.

use super::Machine;
use super::process::Usage;
use crate::vm::compress::CompressStats;
use crate::vm::counters::{Counters, Cycles};
use crate::vm::error::VmError;
use crate::vm::paging::PageWalk;
use crate::vm::space::{Area, Layout};
use crate::vm::swap::SwapFault;
use crate::vm::types::{Frame, Node, ProcessId, Protection};

/// What an address is translated to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The physical address. For the shared page of zeros it lies beyond all memory.
    pub physical: u64,
    /// The frame.
    pub frame: Frame,
    /// Bytes of the page.
    pub page_size: u64,
    /// What the entry allows at this moment; less than the area where a write must copy first.
    pub protection: Protection,
    /// The page was referenced.
    pub is_accessed: bool,
    /// The page was written.
    pub is_dirty: bool,
    /// The node of the frame.
    pub node: Node,
}

impl Machine {
    /// What an address is translated to now; `None` where an access would fault for want of a page. Pure: no bit
    /// and no counter changes. O(levels).
    pub fn translate(&self, process: ProcessId, address: u64) -> Option<Translation> {
        let found = self.process(process).ok()?;
        if !self.config.paging.is_canonical(address) {
            return None;
        }
        let (entry, level) = found.table.get(address);
        if !entry.is_present() || entry.is_protnone() {
            return None;
        }
        let physical = self.physical(entry, level, address);
        let mut protection = Protection::READ;
        if entry.is_writable() {
            protection = protection | Protection::WRITE;
        }
        if entry.is_executable() {
            protection = protection | Protection::EXECUTE;
        }
        let frame = physical >> self.page_bits;
        Some(Translation {
            physical,
            frame,
            page_size: self.config.paging.leaf_size(level),
            protection,
            is_accessed: entry.is_accessed(),
            is_dirty: entry.is_dirty(),
            node: if frame < self.memory.frames() { self.memory.node_of(frame) } else { 0 },
        })
    }

    /// The page walk of an address, entry by entry, as the hardware sees them; for teaching. Pure. O(levels).
    ///
    /// # Errors
    /// ESRCH.
    pub fn walk(&self, process: ProcessId, address: u64) -> Result<PageWalk, VmError> {
        let found = self.process(process)?;
        found.table.page_walk(address)
    }

    /// Counts since the machine was made.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Cycles by cause since the machine was made.
    pub fn time(&self) -> &Cycles {
        &self.time
    }

    /// What was counted while a process ran, its own work and what the machine did meanwhile.
    ///
    /// # Errors
    /// ESRCH.
    pub fn process_counters(&self, process: ProcessId) -> Result<Counters, VmError> {
        let mut counters = self.process(process)?.counters.clone();
        if process == self.current {
            counters.add_difference(&self.counters, &self.counters_then);
        }
        Ok(counters)
    }

    /// Cycles by cause while a process ran.
    ///
    /// # Errors
    /// ESRCH.
    pub fn process_time(&self, process: ProcessId) -> Result<Cycles, VmError> {
        let mut time = self.process(process)?.time.clone();
        if process == self.current {
            time.add_difference(&self.time, &self.time_then);
        }
        Ok(time)
    }

    /// What a process has of memory. O(1).
    ///
    /// # Errors
    /// ESRCH.
    pub fn usage(&self, process: ProcessId) -> Result<Usage, VmError> {
        Ok(self.process(process)?.usage)
    }

    /// The areas of a process, in order.
    ///
    /// # Errors
    /// ESRCH.
    pub fn areas(&self, process: ProcessId) -> Result<impl Iterator<Item = &Area> + '_, VmError> {
        Ok(self.process(process)?.areas.iter())
    }

    /// Where the segments of a process lie.
    ///
    /// # Errors
    /// ESRCH.
    pub fn layout(&self, process: ProcessId) -> Result<&Layout, VmError> {
        Ok(&self.process(process)?.layout)
    }

    /// The processes that live, in the order of their numbers.
    pub fn processes(&self) -> impl Iterator<Item = ProcessId> + '_ {
        self.processes.iter().flatten().map(|process| process.id)
    }

    /// Bytes of a base page.
    pub fn page_size(&self) -> u64 {
        self.page_size
    }

    /// Frames of the machine, all nodes together.
    pub fn frames(&self) -> u64 {
        self.memory.frames()
    }

    /// Frames that nobody has.
    pub fn free_frames(&self) -> u64 {
        self.memory.total_free()
    }

    /// Pages promised to processes.
    pub fn committed(&self) -> u64 {
        self.commit.committed()
    }

    /// Makes the swap device fail, on purpose.
    ///
    /// # Errors
    /// EIO: a slot that does not exist or holds nothing.
    pub fn inject(&mut self, fault: SwapFault) -> Result<(), VmError> {
        let injected = self.swapping.device.inject(fault);
        injected.map_err(|error| VmError::Io { why: std_alloc::format!("{error}") })
    }

    /// What the compressed pool holds and refused; `None` where there is no pool.
    pub fn compression(&self) -> Option<CompressStats> {
        self.swapping.pool.as_ref().map(|pool| pool.stats())
    }

    /// Bytes of this program's memory that contents of frames take; they stay taken. O(1).
    pub fn contents_bytes(&self) -> u64 {
        self.memory.contents_bytes()
    }

    /// Bytes of this program's memory that the machine takes beside the contents of frames. O(1).
    pub fn metadata_bytes(&self) -> u64 {
        let tables: usize =
            self.processes.iter().flatten().map(|process| process.table.metadata_bytes()).sum();
        self.memory.metadata_bytes()
            + (self.pages.metadata_bytes() + tables + self.tlbs.metadata_bytes()) as u64
    }
}
