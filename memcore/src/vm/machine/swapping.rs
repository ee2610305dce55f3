//! Swap: pages leave to the compressed pool or the device, and come back.
//!
//! A page that leaves is given a slot of the device, also where the pool takes it: the pool stands in front of the
//! device, slot by slot, and may move what it holds on to it. A page that came back keeps its slot until it is
//! written (the swap cache): if it leaves again unchanged, nothing need be stored.

use super::Machine;
use super::access::Reference;
use super::page::{NONE, PageFlags, PageId};
use crate::vm::compress::{CompressedPool, Stored};
use crate::vm::config::MachineConfig;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{FaultKind, VmError};
use crate::vm::event::{Destination, Event, Served};
use crate::vm::physical::Memory;
use crate::vm::swap::SwapDevice;
use serde::{Deserialize, Serialize};
use std_alloc::vec;
use std_alloc::vec::Vec;

/// The device, the pool in front of it, and which page each slot holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::vm) struct Swapping {
    pub device: SwapDevice,
    pub pool: Option<CompressedPool>,
    pub pages: Vec<PageId>,
}

impl Swapping {
    pub fn new(config: &MachineConfig, memory: &Memory) -> Result<Swapping, VmError> {
        let page_size = config.paging.page_size();
        let device = SwapDevice::new(&config.swap, page_size, memory.has_contents())?;
        let bytes = memory.frames() * page_size;
        let pool = config.compression.as_ref();
        let pool = pool.map(|pool| CompressedPool::new(pool, page_size, bytes)).transpose()?;
        let pages = vec![0; device.slots() as usize];
        Ok(Swapping { device, pool, pages })
    }

    /// A page without a slot could be given one.
    pub fn has_room(&self) -> bool {
        self.device.free_slots() > 0
    }

    /// A slot is free again.
    pub fn free(&mut self, slot: u32) {
        self.pages[slot as usize] = 0;
        if let Some(pool) = &mut self.pool {
            pool.invalidate(slot);
        }
        self.device.free(slot);
    }
}

impl Machine {
    /// Stores the content of a page in the pool or on the device; `None`: neither took it.
    pub(in crate::vm) fn store(&mut self, id: PageId) -> Option<Destination> {
        let page = *self.pages.get(id);
        let is_new = page.slot == NONE;
        let slot = if is_new { self.swapping.device.allocate()? } else { page.slot };
        let Machine { swapping: Swapping { device, pool, pages }, memory, .. } = self;
        pages[slot as usize] = id;
        let bytes = if memory.has_contents() { memory.bytes(page.frame.into()) } else { &[] };
        let pooled = pool.as_mut().map(|pool| pool.store(slot, bytes));
        let destination = match pooled {
            Some(Ok(stored)) => {
                self.counters[Count::ZswapOut] += 1;
                if let Stored::Compressed { .. } = stored {
                    self.charge_write(self.config.latencies.compress, Cause::Compress);
                }
                Destination::Compressed
            }
            rejected => {
                let is_stored = device.write(slot, bytes).is_ok();
                self.counters[Count::ZswapReject] += u64::from(rejected.is_some());
                if !is_stored {
                    if is_new {
                        self.swapping.free(slot);
                    }
                    return None;
                }
                self.counters[Count::SwapOut] += 1;
                self.charge_write(self.config.latencies.swap_write, Cause::SwapWrite);
                Destination::Swap
            }
        };
        self.pages.get_mut(id).slot = slot;
        self.shrink_pool();
        Some(destination)
    }

    /// Moves pages on from the pool to the device, as long as the pool is over its limit.
    fn shrink_pool(&mut self) {
        if !self.swapping.pool.as_ref().is_some_and(|pool| pool.needs_shrink()) {
            return;
        }
        let mut bytes = vec![0; if self.memory.has_contents() { self.page_size as usize } else { 0 }];
        loop {
            let Swapping { device, pool, .. } = &mut self.swapping;
            let Some(pool) = pool.as_mut().filter(|pool| pool.needs_shrink()) else { return };
            let Some(slot) = pool.writeback_candidate() else { return };
            if !pool.load(slot, &mut bytes) || device.write(slot, &bytes).is_err() {
                return;
            }
            pool.written_back(slot);
            self.counters[Count::ZswapWriteback] += 1;
            self.time[Cause::Background] +=
                self.config.latencies.decompress + self.config.latencies.swap_write;
            self.tell(Event::PoolWriteBack { slot });
        }
    }

    /// Brings a swapped page into a frame, unless it is in one; says how.
    pub(in crate::vm) fn swap_in(&mut self, reference: Reference, id: PageId) -> Result<Served, FaultKind> {
        if self.pages.get(id).is_resident() {
            self.count(Count::SwapCacheHit);
            return Ok(Served::SwapCache);
        }
        let domain = self.living(reference.process).domain;
        self.await_page(domain, id).map_err(|_| FaultKind::OutOfMemory)?;
        let frame = self.frame_for(reference, id)?;
        let served = match self.load(id, frame) {
            Ok(served) => served,
            Err(kind) => {
                self.memory.free(frame, 0);
                self.give_up(id);
                return Err(kind);
            }
        };
        self.time[if served == Served::SwapRead { Cause::SwapRead } else { Cause::Decompress }] +=
            if served == Served::SwapRead {
                self.config.latencies.swap_read
            } else {
                self.config.latencies.decompress
            };
        self.settle_page(reference.process, id, frame, 0).map_err(|_| FaultKind::OutOfMemory)?;
        if served == Served::SwapRead {
            self.hold(id);
            self.read_cluster(reference, id);
            self.unhold();
            self.fresh = id;
        }
        Ok(served)
    }

    /// Reads the content of a swapped page into a frame.
    fn load(&mut self, id: PageId, frame: u64) -> Result<Served, FaultKind> {
        let slot = self.pages.get(id).slot;
        let has_contents = self.memory.has_contents();
        let Machine { swapping: Swapping { device, pool, .. }, memory, .. } = self;
        let into: &mut [u8] =
            if has_contents { memory.bytes_mut(frame).map_err(|_| FaultKind::OutOfMemory)? } else { &mut [] };
        let compressed = match pool {
            Some(pool) if pool.contains(slot) => {
                if !pool.load(slot, into) {
                    return Err(FaultKind::Io);
                }
                // The only copy is in memory from now on.
                pool.invalidate(slot);
                self.pages.get_mut(id).flags |= PageFlags::DIRTY;
                self.counters[Count::ZswapIn] += 1;
                true
            }
            _ => {
                device.read(slot, into).map_err(|_| FaultKind::Io)?;
                self.counters[Count::SwapIn] += 1;
                false
            }
        };
        self.tell(Event::SwapIn { frame, slot, compressed });
        Ok(if compressed { Served::Decompressed } else { Served::SwapRead })
    }

    /// Reads the pages around one on the device, as long as frames are free for them.
    fn read_cluster(&mut self, reference: Reference, id: PageId) {
        let cluster = u64::from(self.config.faults.swap_cluster.max(1));
        if cluster == 1 {
            return;
        }
        let slot = u64::from(self.pages.get(id).slot);
        let from = slot - slot % cluster;
        let domain = self.living(reference.process).domain;
        let place = self.placement(reference.process, reference.address);
        for near in from..(from + cluster).min(self.swapping.pages.len() as u64) {
            let other = self.swapping.pages[near as usize];
            if other == 0 || self.pages.get(other).is_resident() || self.is_at_limit(domain) {
                continue;
            }
            if self.swapping.pool.as_ref().is_some_and(|pool| pool.contains(near as u32)) {
                continue;
            }
            let Some(frame) = self.try_frame(&place, 0) else { return };
            if self.load(other, frame).is_err() {
                self.memory.free(frame, 0);
                continue;
            }
            if self.settle_in(domain, other, frame, 0).is_err() {
                return;
            }
            self.count(Count::ReadAhead);
        }
    }

    /// Whether a domain has as many pages as it may have.
    pub(in crate::vm) fn is_at_limit(&self, domain: u32) -> bool {
        let domain = &self.domains[domain as usize];
        domain.limit.is_some_and(|limit| domain.resident >= limit)
    }

    /// A page is about to be written by its only owner: what swap has of it is stale.
    pub(in crate::vm) fn drop_slot(&mut self, id: PageId) {
        let page = self.pages.get_mut(id);
        if page.slot != NONE {
            let slot = core::mem::replace(&mut page.slot, NONE);
            page.flags |= PageFlags::DIRTY;
            self.swapping.free(slot);
        }
    }
}
