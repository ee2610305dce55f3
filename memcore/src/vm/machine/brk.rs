//! brk: the end of the heap.

use super::Machine;
use crate::vm::error::VmError;
use crate::vm::event::Event;
use crate::vm::space::{Area, AreaFlags, AreaName};
use crate::vm::types::{ProcessId, Protection};

impl Machine {
    /// Moves the end of the heap, and gives it: the old one where it cannot be moved there, as Linux does. 0 asks.
    /// What is given is the very end asked for; the heap's area ends at the next page. O(log areas), and a
    /// shrinking heap is unmapped.
    ///
    /// # Errors
    /// ESRCH alone.
    pub fn brk(&mut self, process: ProcessId, wanted: u64) -> Result<u64, VmError> {
        let found = self.process(process)?;
        let (start, old) = (found.layout.brk_start, found.brk);
        let whole = |address: u64| self.whole_pages(address);
        let (Some(old_end), Some(end)) = (whole(old), whole(wanted)) else { return Ok(old) };
        if wanted < start || end > found.layout.high {
            return Ok(old);
        }
        if end <= old_end {
            let reserved = self.living(process).areas.reserve();
            if end < old_end && (reserved.is_err() || self.unmap_range(process, end, old_end).is_err()) {
                return Ok(self.process(process)?.brk);
            }
            self.living(process).brk = wanted;
            return Ok(wanted);
        }
        if self.grow_heap(process, old_end, end).is_err() {
            return Ok(old);
        }
        self.living(process).brk = wanted;
        Ok(wanted)
    }

    fn grow_heap(&mut self, process: ProcessId, from: u64, to: u64) -> Result<(), VmError> {
        // A stack above keeps its distance.
        let guard = self.living(process).layout.stack_guard;
        let areas = &self.living(process).areas;
        if !areas.is_free(from, to) {
            return Err(VmError::Exists { address: from });
        }
        let next = areas.next_at_or_after(to);
        if next.is_some_and(|next| next.flags.contains(AreaFlags::GROWS_DOWN) && next.start - to < guard) {
            return Err(VmError::Exists { address: to });
        }
        let count = areas.len() + 1;
        let pages = (to - from) / self.page_size;
        self.check_address_limit(process, to - from)?;
        self.check_commit(process, pages)?;
        self.check_areas(count, to - from)?;
        self.commit.charge(pages);
        let areas = &mut self.living(process).areas;
        areas.reserve()?;
        areas.insert(Area {
            name: AreaName::Heap,
            flags: AreaFlags::ACCOUNTED,
            ..Area::anonymous(from, to, Protection::READ | Protection::WRITE)
        });
        self.tell(Event::Map { process, from, to });
        Ok(())
    }

    /// A stack grows down to an address that was accessed, if it may; gives its area.
    pub(super) fn grow_stack(&mut self, process: ProcessId, address: u64) -> Option<Area> {
        let found = self.process(process).ok()?;
        let most = found.layout.stack_top - found.layout.stack_low;
        let more = found.areas.growth_down(address, most)?;
        let pages = more.length() / self.page_size;
        self.check_address_limit(process, more.length()).ok()?;
        let is_charged = more.flags.contains(AreaFlags::ACCOUNTED);
        if is_charged {
            self.check_commit(process, pages).ok()?;
        }
        let areas = &mut self.living(process).areas;
        areas.reserve().ok()?;
        areas.insert(more);
        let grown = areas.find(address).cloned();
        if is_charged {
            self.commit.charge(pages);
        }
        grown
    }
}
