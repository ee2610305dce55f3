//! madvise: area by area, over holes too, which are told at the end.

use super::access::Mode;
use super::*;

impl Model {
    pub(super) fn advise(&mut self, who: usize, at: u64, length: u64, advice: i32) -> Result<u64, i32> {
        if !matches!(advice, 0..=4 | 8 | 10..=15 | 18..=23 | 102 | 103) || at % PAGE != 0 {
            return Err(EINVAL);
        }
        let end = up(length).and_then(|length| at.checked_add(length)).ok_or(EINVAL)?;
        if matches!(advice, POPULATE_READ | POPULATE_WRITE) {
            return self.advise_populate(who, at, end, advice == POPULATE_WRITE);
        }
        let mut missing = false;
        for page in at / PAGE..end / PAGE {
            match self.processes[who].pages.get(&page).cloned() {
                None => missing = true,
                Some(attributes) => self.advise_page(who, page, &attributes, advice)?,
            }
        }
        if missing { Err(ENOMEM) } else { Ok(0) }
    }

    fn advise_page(&mut self, who: usize, page: u64, old: &Attributes, advice: i32) -> Result<(), i32> {
        let guarded = matches!(self.processes[who].entries.get(&page), Some(Entry::Guard));
        let refused = match advice {
            DONTNEED | COLD | PAGEOUT | GUARD_INSTALL => old.locked,
            FREE => old.locked || old.object.is_some(),
            WIPEONFORK => old.object.is_some(),
            _ => false,
        };
        if refused {
            return Err(EINVAL);
        }
        let attributes = self.processes[who].pages.get_mut(&page).unwrap();
        match advice {
            0..=2 => attributes.order = advice,
            DONTFORK => attributes.dont_fork = true,
            DOFORK => attributes.dont_fork = false,
            WIPEONFORK => attributes.wipe_on_fork = true,
            KEEPONFORK => attributes.wipe_on_fork = false,
            MERGEABLE => attributes.mergeable = !old.shared,
            UNMERGEABLE => attributes.mergeable = false,
            HUGEPAGE | NOHUGEPAGE => attributes.huge = advice,
            DONTNEED if !guarded => self.drop_entry(who, page),
            GUARD_INSTALL => self.set_entry(who, page, Entry::Guard),
            GUARD_REMOVE if guarded => self.drop_entry(who, page),
            // FREE: there is always memory, so what may be lost stays.
            _ => {}
        }
        Ok(())
    }

    fn advise_populate(&mut self, who: usize, at: u64, end: u64, write: bool) -> Result<u64, i32> {
        let (mode, needs) = if write { (Mode::Write, WRITE) } else { (Mode::Read, READ) };
        for page in at / PAGE..end / PAGE {
            let Some(attributes) = self.processes[who].pages.get(&page) else { return Err(ENOMEM) };
            if attributes.protection & needs == 0 {
                return Err(EINVAL);
            }
            self.touch(who, page, mode).map_err(|_| EFAULT)?;
        }
        Ok(0)
    }
}
