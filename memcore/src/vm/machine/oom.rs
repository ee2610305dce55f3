//! Who is killed when no memory can be had: Linux' points (mm/oom_kill.c).
//!
//! points = pages in memory + swapped pages + pages of page tables + adjustment x (all pages / 1000)

use super::Machine;
use crate::vm::counters::Count;
use crate::vm::error::VmError;
use crate::vm::event::Event;
use crate::vm::types::ProcessId;

/// A process that would be killed, and its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vm) struct Victim {
    pub id: ProcessId,
    pub points: i64,
}

impl Machine {
    /// The points of a process; `None` for one that is never killed (adjustment -1000).
    ///
    /// # Errors
    /// ESRCH.
    pub fn oom_points(&self, process: ProcessId) -> Result<Option<i64>, VmError> {
        let found = self.process(process)?;
        if found.oom_adjustment == -1000 {
            return Ok(None);
        }
        let total = self.memory.frames() + self.swapping.device.slots();
        let own = found.usage.rss() + found.usage.swapped + found.table_pages(self.page_size);
        Ok(Some(own as i64 + i64::from(found.oom_adjustment) * (total / 1000) as i64))
    }

    /// Favours (down to -1000: never killed) or disfavours (up to 1000) a process.
    ///
    /// # Errors
    /// ESRCH; EINVAL: a value outside.
    pub fn set_oom_adjustment(&mut self, process: ProcessId, adjustment: i32) -> Result<(), VmError> {
        let found = self.process_mut(process)?;
        if !(-1000..=1000).contains(&adjustment) {
            let rule = "must be from -1000 to 1000";
            return Err(VmError::invalid("adjustment", adjustment as u32 as u64, rule));
        }
        found.oom_adjustment = adjustment;
        Ok(())
    }

    /// Who would be killed, of all processes (group 0) or of those of a group: the most points, of equal ones the
    /// later process. O(processes).
    pub(in crate::vm) fn choose_victim(&self, group: u32) -> Option<Victim> {
        let alive = self.processes.iter().flatten().filter(|process| group == 0 || process.group == group);
        alive.filter_map(|process| self.as_victim(process.id)).max_by_key(|victim| victim.points)
    }

    /// A process as the one to be killed, unless it never is.
    pub(in crate::vm) fn as_victim(&self, id: ProcessId) -> Option<Victim> {
        let points = self.oom_points(id).ok().flatten()?;
        Some(Victim { id, points })
    }

    /// Kills a process.
    pub(in crate::vm) fn kill(&mut self, victim: Victim) {
        self.count(Count::OomKill);
        self.tell(Event::Kill { process: victim.id, points: victim.points });
        self.end(victim.id);
    }
}
