//! What a trace says of its address space, done in the machine.

use crate::trace::SpaceEvent;
use crate::trace::access::EVENT_PAGE_SHIFT;
use crate::vm::{Machine, MapFlags, MapRequest, ProcessId, Protection, Remap, VmError};
use std::ops::Range;

/// All that a program may do.
const ALL: u32 = 7;

/// The address space of one program.
#[derive(Clone, Debug)]
pub(super) struct AddressSpace {
    process: ProcessId,
    page_size: u64,
    limit: u64,
    /// The end of the heap, once the trace has told of one.
    heap_end: Option<u64>,
}

impl AddressSpace {
    pub(super) fn new(process: ProcessId, machine: &Machine) -> AddressSpace {
        let limit = machine.config().paging.address_limit();
        AddressSpace { process, page_size: machine.page_size(), limit, heap_end: None }
    }

    /// Maps a range to do anything with.
    pub(super) fn map(&self, machine: &mut Machine, range: Range<u64>) -> Result<(), VmError> {
        self.map_as(machine, range, Protection::from_bits(ALL).unwrap_or_default(), MapFlags::PRIVATE)
    }

    /// Maps the pages of a range that are not mapped; tells how many these were.
    pub(super) fn map_late(&self, machine: &mut Machine, address: u64, length: u64) -> Result<u64, VmError> {
        let range = self.outward(address..address.saturating_add(length.max(1)));
        let mut mapped = 0;
        let mut page = range.start;
        while page < range.end {
            let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
            match self.map_as(
                machine,
                page..page + self.page_size,
                Protection::from_bits(ALL).unwrap_or_default(),
                flags,
            ) {
                Ok(()) => mapped += 1,
                Err(VmError::Exists { .. }) => {}
                Err(error) => return Err(error),
            }
            page += self.page_size;
        }
        Ok(mapped)
    }

    fn map_as(
        &self,
        machine: &mut Machine,
        range: Range<u64>,
        protection: Protection,
        flags: MapFlags,
    ) -> Result<(), VmError> {
        let length = range.end - range.start;
        let mut request = MapRequest::anonymous(length, protection);
        request.address = range.start;
        request.flags = flags | MapFlags::NORESERVE;
        if !flags.contains(MapFlags::FIXED_NOREPLACE) {
            request.flags |= MapFlags::FIXED;
        }
        machine.mmap(self.process, &request).map(drop)
    }

    /// Whole pages around a range, as far as the space goes.
    fn outward(&self, range: Range<u64>) -> Range<u64> {
        let below = range.start & !(self.page_size - 1);
        let above = range.end.checked_next_multiple_of(self.page_size).unwrap_or(u64::MAX);
        below..above.min(self.limit).max(below)
    }

    /// Whole pages within a range.
    fn inward(&self, range: Range<u64>) -> Range<u64> {
        let start = range.start.checked_next_multiple_of(self.page_size).unwrap_or(u64::MAX);
        start..(range.end & !(self.page_size - 1)).max(start)
    }

    /// Obeys an event. Where the machine's pages are larger than those of the trace, a mapping grows to whole
    /// pages, and what is taken away or forbidden shrinks to them.
    pub(super) fn obey(&mut self, machine: &mut Machine, event: SpaceEvent) -> Result<(), VmError> {
        let bytes = |page: u64| page.saturating_mul(1 << EVENT_PAGE_SHIFT);
        let range = |page: u64, pages: u64| bytes(page)..bytes(page).saturating_add(bytes(pages));
        match event {
            SpaceEvent::Map { page, pages, protection, flags } => {
                let protection = Protection::from_bits((protection & 7) as u32).unwrap_or_default();
                let known = MapFlags::from_bits_truncate(flags as u32);
                let kept = known & (MapFlags::SHARED | MapFlags::POPULATE | MapFlags::LOCKED);
                let sharing = if kept.contains(MapFlags::SHARED) { kept } else { kept | MapFlags::PRIVATE };
                self.map_as(machine, self.outward(range(page, pages)), protection, sharing)
            }
            SpaceEvent::Unmap { page, pages } => self.unmap(machine, range(page, pages)),
            SpaceEvent::Protect { page, pages, protection } => {
                let range = self.inward(range(page, pages));
                let protection = Protection::from_bits((protection & 7) as u32).unwrap_or_default();
                machine.mprotect(self.process, range.start, range.end - range.start, protection)
            }
            SpaceEvent::Break { page } => {
                let end = bytes(page);
                match self.heap_end.replace(end) {
                    Some(before) if before < end => {
                        let protection = Protection::READ | Protection::WRITE;
                        self.map_as(machine, self.outward(before..end), protection, MapFlags::PRIVATE)
                    }
                    Some(before) => self.unmap(machine, end..before),
                    // Where the heap begins; what is below was there.
                    None => Ok(()),
                }
            }
            SpaceEvent::Remap { old, old_pages, new, new_pages } => {
                let (from, to) = (self.outward(range(old, old_pages)), self.outward(range(new, new_pages)));
                let how = if from.start == to.start { Remap::InPlace } else { Remap::Fixed(to.start) };
                let (old_length, new_length) = (from.end - from.start, to.end - to.start);
                machine.mremap(self.process, from.start, old_length, new_length, how).map(drop)
            }
        }
    }

    fn unmap(&self, machine: &mut Machine, range: Range<u64>) -> Result<(), VmError> {
        let range = self.inward(range);
        if range.is_empty() {
            Ok(())
        } else {
            machine.munmap(self.process, range.start, range.end - range.start)
        }
    }
}
