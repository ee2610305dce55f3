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
    pub(super) fn grow_stack(&mut self, process: ProcessId, stack: &Area, address: u64) -> Option<Area> {
        let page = address & !(self.page_size - 1);
        let found = self.process(process).ok()?;
        let is_main = stack.name == AreaName::Stack;
        let lowest = if is_main { found.layout.stack_low } else { found.layout.low };
        let below = found.areas.last_ending_by(stack.start);
        let has_guard = below.is_none_or(|below| {
            let is_accessible = below.protection != Protection::NONE && !below.flags.contains(AreaFlags::GROWS_DOWN);
            !is_accessible || below.end.saturating_add(found.layout.stack_guard) <= page
        });
        if page < lowest || below.is_some_and(|below| below.end > page) || !has_guard {
            return None;
        }
        let pages = (stack.start - page) / self.page_size;
        self.check_address_limit(process, stack.start - page).ok()?;
        let is_charged = stack.flags.contains(AreaFlags::ACCOUNTED);
        if is_charged {
            self.check_commit(process, pages).ok()?;
        }
        let areas = &mut self.living(process).areas;
        areas.reserve().ok()?;
        let more = Area { start: page, end: stack.start, offset: stack.offset.wrapping_sub(stack.start - page), ..stack.clone() };
        areas.insert(more);
        let grown = areas.find(address).cloned();
        if is_charged {
            self.commit.charge(pages);
        }
        grown
    }
}
