//! Accesses: from an address to a frame, and the bytes there.
//!
//! The common path is one look into the TLB. All else is cold: the walk with its walk cache, the fault, and what a
//! policy or a listener wants to hear of each reference.

use super::Machine;
use crate::cache::Operation;
use crate::replacement::Policy;
use crate::vm::config::Sight;
use crate::vm::counters::{Cause, Count};
use crate::vm::error::{Fault, FaultKind, Shortage, VmError};
use crate::vm::event::Event;
use crate::vm::paging::{Entry, PagingConfig};
use crate::vm::types::{Access, ProcessId};

/// An access on its way through the machine.
#[derive(Clone, Copy, Debug)]
pub(in crate::vm) struct Reference {
    pub process: ProcessId,
    pub address: u64,
    pub access: Access,
}

impl Reference {
    pub fn fault(self, kind: FaultKind) -> Fault {
        Fault { kind, address: self.address, process: self.process, access: self.access }
    }
}

/// Whether an entry lets an access pass without the kernel. A write through a clean entry does not count: the dirty
/// bit is set by a walk.
#[inline]
fn passes(entry: Entry, access: Access) -> bool {
    permits(entry, access) && (access != Access::Write || entry.is_dirty())
}

/// Whether an entry permits an access.
#[inline]
fn permits(entry: Entry, access: Access) -> bool {
    entry.is_present()
        && !entry.is_protnone()
        && match access {
            Access::Read => true,
            Access::Write => entry.is_writable(),
            Access::Execute => entry.is_executable(),
        }
}

/// The counter of an access.
#[inline]
fn count_of(access: Access) -> Count {
    match access {
        Access::Read => Count::Reads,
        Access::Write => Count::Writes,
        Access::Execute => Count::Executes,
    }
}

impl Machine {
    /// Accesses `length` bytes without moving any: what a trace records. A length of 0 does nothing.
    /// O(pages touched).
    ///
    /// # Errors
    /// The [`Fault`] of the first page that could not be served; pages before it were accessed.
    pub fn access(
        &mut self,
        process: ProcessId,
        address: u64,
        length: u64,
        access: Access,
    ) -> Result<(), Fault> {
        let within = address & (self.page_size - 1);
        if length.wrapping_sub(1) < self.page_size - within {
            // The common case: within one page.
            let reference = Reference { process, address, access };
            let physical = self.reach(reference)?;
            self.charge_data(physical, length, access);
            return Ok(());
        }
        self.each_page(process, address, length, access, |_, _, _, _| Ok(()))
    }

    /// Reads bytes. O(bytes + pages).
    ///
    /// # Errors
    /// As [`access`](Self::access); bytes before the fault are there.
    pub fn read(&mut self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), Fault> {
        self.each_page(process, address, into.len() as u64, Access::Read, |machine, physical, from, count| {
            let part = &mut into[from..from + count];
            match machine.bytes_at(physical, count) {
                Some(bytes) => part.copy_from_slice(bytes),
                None => part.fill(0),
            }
            Ok(())
        })
    }

    /// Writes bytes. O(bytes + pages).
    ///
    /// # Errors
    /// As [`access`](Self::access); bytes before the fault are written.
    pub fn write(&mut self, process: ProcessId, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.each_page(
            process,
            address,
            bytes.len() as u64,
            Access::Write,
            |machine, physical, from, count| machine.put_bytes(physical, &bytes[from..from + count]),
        )
    }

    /// Fetches instructions. O(pages).
    ///
    /// # Errors
    /// As [`access`](Self::access).
    pub fn execute(&mut self, process: ProcessId, address: u64, length: u64) -> Result<(), Fault> {
        self.access(process, address, length, Access::Execute)
    }

    /// Writes `new` where the bytes are `expected`, with nothing in between; tells whether they were. Both must be
    /// as long as each other and lie within one page: else nothing is written and the answer is no.
    ///
    /// # Errors
    /// As [`access`](Self::access). It is a write, whatever the bytes are, as on real processors.
    pub fn compare_exchange(
        &mut self,
        process: ProcessId,
        address: u64,
        expected: &[u8],
        new: &[u8],
    ) -> Result<bool, Fault> {
        let within = address & (self.page_size - 1);
        if expected.len() != new.len() || within + expected.len() as u64 > self.page_size {
            return Ok(false);
        }
        let reference = Reference { process, address, access: Access::Write };
        let physical = self.reach(reference)?;
        self.charge_data(physical, new.len() as u64, Access::Write);
        let is_equal = match self.bytes_at(physical, expected.len()) {
            Some(bytes) => bytes == expected,
            None => expected.iter().all(|&byte| byte == 0),
        };
        if is_equal {
            self.put_bytes(physical, new).map_err(|_| reference.fault(FaultKind::OutOfMemory))?;
        }
        Ok(is_equal)
    }

    /// Calls `each` with the physical address of each page's part, where it lies in the range, and its length.
    fn each_page(
        &mut self,
        process: ProcessId,
        address: u64,
        length: u64,
        access: Access,
        mut each: impl FnMut(&mut Machine, u64, usize, usize) -> Result<(), VmError>,
    ) -> Result<(), Fault> {
        let mut done = 0;
        while done < length {
            let reference = Reference { process, address: address.wrapping_add(done), access };
            if done > 0 && reference.address == 0 {
                // Past the end of all addresses.
                return Err(self.signal(reference, FaultKind::GeneralProtection));
            }
            let count = (self.page_size - (reference.address & (self.page_size - 1))).min(length - done);
            let physical = self.reach(reference)?;
            self.charge_data(physical, count, access);
            each(self, physical, done as usize, count as usize)
                .map_err(|_| reference.fault(FaultKind::OutOfMemory))?;
            done += count;
        }
        Ok(())
    }

    /// The physical address of an address in the page of the last access, where nobody wants to hear of it.
    #[inline(always)]
    fn reach_again(&mut self, reference: Reference) -> Option<u64> {
        let Reference { process, address, access } = reference;
        let (entry, leaf) = self.tlbs.front(address, process.0, access)?;
        if process != self.current || self.is_watched || !passes(entry, access) {
            return None;
        }
        self.tlbs.count_repeated();
        self.counters[count_of(access)] += 1;
        self.counters[Count::TlbHit1] += 1;
        Some(self.physical(entry, leaf.into(), address))
    }

    /// The physical address of an address.
    #[inline(always)]
    fn reach(&mut self, reference: Reference) -> Result<u64, Fault> {
        match self.reach_again(reference) {
            Some(physical) => Ok(physical),
            None => self.reach_anew(reference),
        }
    }

    /// The same, where the page of the last access does not help.
    fn reach_anew(&mut self, reference: Reference) -> Result<u64, Fault> {
        let Reference { process, address, access } = reference;
        if process != self.current {
            self.begin_turn(reference)?;
        }
        self.counters[count_of(access)] += 1;
        if let Some(hit) = self.tlbs.search(address, process.0, access) {
            if passes(hit.entry, access) && !self.is_watched {
                self.count_hit(hit.level);
                return Ok(self.physical(hit.entry, hit.leaf.into(), address));
            }
            return self.reach_slowly(reference, Some((hit.entry, hit.level, hit.leaf.into())));
        }
        self.counters[Count::TlbMiss] += 1;
        self.reach_slowly(reference, None)
    }

    /// A process that did not run accesses memory: what is counted from here on is its own.
    #[cold]
    fn begin_turn(&mut self, reference: Reference) -> Result<(), Fault> {
        if self.process(reference.process).is_err() {
            return Err(reference.fault(FaultKind::NoProcess));
        }
        self.switch_to(reference.process);
        Ok(())
    }

    #[inline]
    fn count_hit(&mut self, level: u8) {
        if level == 0 {
            self.counters[Count::TlbHit1] += 1;
        } else {
            self.counters[Count::TlbHit2] += 1;
            self.time[Cause::Tlb] += self.tlbs.latency(level as usize);
        }
    }

    /// The physical address that an entry gives.
    #[inline]
    pub(in crate::vm) fn physical(&self, entry: Entry, level: u32, address: u64) -> u64 {
        let within = match level {
            0 => self.page_size - 1,
            level => self.config.paging.leaf_size(level) - 1,
        };
        (entry.frame() << self.page_bits) + (address & within)
    }

    fn reach_slowly(&mut self, reference: Reference, hit: Option<(Entry, u8, u32)>) -> Result<u64, Fault> {
        let Reference { process, address, access } = reference;
        if let Some((_, level, _)) = hit {
            self.count_hit(level);
        }
        self.tell_of_tlb(reference, hit.map(|(_, level, _)| level));
        let (entry, level) = match hit {
            Some((entry, _, level)) if passes(entry, access) => (entry, level),
            _ => self.translate_by_walk(reference)?,
        };
        self.refer(entry);
        self.tell(Event::Access { process, address, access, frame: entry.frame() });
        Ok(self.physical(entry, level, address))
    }

    fn tell_of_tlb(&mut self, reference: Reference, level: Option<u8>) {
        if !self.is_watched {
            return;
        }
        let Reference { process, address, .. } = reference;
        self.tell(match level {
            Some(level) => Event::TlbHit { process, address, level: level.into() },
            None => Event::TlbMiss { process, address },
        });
    }

    /// Walks the page table, and lets the kernel serve what the walk cannot.
    fn translate_by_walk(&mut self, reference: Reference) -> Result<(Entry, u32), Fault> {
        let Reference { process, address, access } = reference;
        if self.process(process).is_err() {
            return Err(reference.fault(FaultKind::NoProcess));
        }
        if !self.config.paging.is_canonical(address) {
            return Err(self.signal(reference, FaultKind::GeneralProtection));
        }
        let (mut entry, mut level) = self.walk_counted(reference);
        if !permits(entry, access) {
            (entry, level) = self.serve(reference, entry, level)?;
        }
        let is_write = access == Access::Write;
        if !entry.is_accessed() || (is_write && !entry.is_dirty()) {
            let table = &mut self.living(process).table;
            let set = |entry: Entry| entry.with_accessed(true).with_dirty(entry.is_dirty() || is_write);
            entry = table.update(address, set).unwrap_or(entry);
            // A TLB of the other side may have it as it was: instructions that were fetched before they are written.
            self.tlbs.update(address, process.0, |_| entry);
        }
        self.tlbs.insert(address, level, process.0, entry.is_global(), entry, access);
        Ok((entry, level))
    }

    /// One walk: what it finds, and what it costs.
    fn walk_counted(&mut self, reference: Reference) -> (Entry, u32) {
        let Reference { process, address, .. } = reference;
        let known = self.walk_cache.lookup(address, process.0);
        let (found, references) = {
            let Machine { processes, caches, time, watched, listener, config, .. } = self;
            let table = &processes[process.0 as usize].as_ref().expect("the caller has looked").table;
            let is_heard = watched.contains(crate::vm::event::EventSet::WALK);
            if caches.is_none() && !is_heard {
                let (entry, level) = table.get(address);
                let references = match config.paging {
                    PagingConfig::Inverted { .. } => {
                        let mut probes = 0;
                        table.walk(address, |_| probes += 1);
                        probes
                    }
                    _ => (config.paging.levels() - level).saturating_sub(known),
                };
                time[Cause::Walk] += u64::from(references) * config.latencies.memory;
                ((entry, level), references)
            } else {
                let (mut step_number, mut references) = (0, 0);
                let found = table.walk(address, |step| {
                    step_number += 1;
                    if step_number <= known {
                        return;
                    }
                    references += 1;
                    time[Cause::Walk] += match caches {
                        Some(caches) => caches.access(step.entry_address, 8, Operation::Read).unwrap_or(0),
                        None => config.latencies.memory,
                    };
                    if is_heard {
                        if let Some(listener) = listener {
                            let (level, entry_address) = (step.level, step.entry_address);
                            listener(&Event::WalkStep { process, address, level, entry_address });
                        }
                    }
                });
                (found, references)
            }
        };
        self.counters[Count::Walks] += 1;
        self.counters[Count::WalkReferences] += u64::from(references);
        self.counters[Count::WalkCacheHits] += u64::from(known);
        if found.0.is_present() {
            self.walk_cache.insert(address, process.0, (known + references).saturating_sub(1));
        }
        found
    }

    /// What the data itself costs.
    #[inline]
    fn charge_data(&mut self, physical: u64, length: u64, access: Access) {
        if self.caches.is_none() {
            self.time[Cause::Data] += self.config.latencies.memory;
        } else {
            self.charge_caches(physical, length, access);
        }
        if self.memory.nodes() > 1 {
            self.charge_distance(physical);
        }
    }

    fn charge_caches(&mut self, physical: u64, length: u64, access: Access) {
        let operation = match access {
            Access::Read => Operation::Read,
            Access::Write => Operation::Write,
            Access::Execute => Operation::Fetch,
        };
        if let Some(caches) = &mut self.caches {
            self.time[Cause::Data] += caches.access(physical, length, operation).unwrap_or(0);
        }
    }

    /// Tells a policy of a reference, if it sees references.
    fn refer(&mut self, entry: Entry) {
        match self.config.replacement.sight {
            Sight::Bits => {}
            Sight::Every => {
                if entry.is_special() {
                    return;
                }
                let id = self.memory.owner(entry.frame());
                let page = self.pages.get(id);
                if page.member == super::page::NONE {
                    return;
                }
                let (domain, member) = (page.domain, page.member);
                if self.fresh == id {
                    // The fault has just brought it in: that was this reference.
                    self.fresh = 0;
                    return;
                }
                self.hold(id);
                self.consult(domain, &[], |policy, eye| policy.touch(member, eye));
                self.unhold();
            }
            Sight::Sampled(interval) => {
                self.references += 1;
                if self.references % interval == 0 {
                    self.sample();
                }
            }
        }
    }

    /// The bytes at a physical address; `None` are zeros.
    fn bytes_at(&self, physical: u64, count: usize) -> Option<&[u8]> {
        let (frame, within) = (physical >> self.page_bits, (physical & (self.page_size - 1)) as usize);
        let is_real = frame < self.memory.frames() && self.memory.has_contents();
        is_real.then(|| &self.memory.bytes(frame)[within..within + count])
    }

    fn put_bytes(&mut self, physical: u64, bytes: &[u8]) -> Result<(), VmError> {
        if !self.memory.has_contents() {
            return Ok(());
        }
        let (frame, within) = (physical >> self.page_bits, (physical & (self.page_size - 1)) as usize);
        let host = |_| VmError::no_memory(bytes.len() as u64, Shortage::Host);
        self.memory.bytes_mut(frame).map_err(host)?[within..within + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}
