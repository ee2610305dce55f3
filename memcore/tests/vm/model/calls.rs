//! The calls that change what is mapped, each with its errors in order.

use super::access::Mode;
use super::*;

type Result<T> = std::result::Result<T, i32>;

impl Model {
    /// The answer, and whether the number of faults is sure.
    pub(super) fn answer(&mut self, who: usize, call: &Call) -> (Answer, bool) {
        let result = match *call {
            Call::Read { at, length } => return self.read(who, at, length),
            Call::Write { at, ref bytes } => return self.write(who, at, bytes),
            Call::Execute { at } => return self.execute(who, at),
            Call::CompareExchange { at, expected, new } => {
                return self.compare_exchange(who, at, expected, new);
            }
            Call::Incore { at, length } => return (self.incore(who, at, length), true),
            Call::Map { at, length, protection, flags, file, offset } => {
                self.map(who, at, length, protection, flags, file, offset)
            }
            Call::Unmap { at, length } => self.unmap(who, at, length),
            Call::Protect { at, length, protection } => self.protect(who, at, length, protection),
            Call::Remap { at, old, new, way } => self.remap(who, at, old, new, way),
            Call::Advise { at, length, advice } => self.advise(who, at, length, advice),
            Call::Lock { at, length } => self.lock(who, at, length, false),
            Call::LockOnFault { at, length } => self.lock(who, at, length, true),
            Call::Unlock { at, length } => self.unlock(who, at, length),
            Call::Sync { at, length } => self.sync(who, at, length),
            Call::Break { by } => self.set_break(who, by),
            Call::Fork => self.fork(who),
            Call::Exit => {
                self.exit(who);
                Ok(0)
            }
            Call::Truncate { file, length } => {
                self.truncate(file as usize, length);
                Ok(0)
            }
        };
        (result.map_or_else(Answer::Error, Answer::Done), false)
    }

    #[allow(clippy::too_many_arguments)] // mmap has as many
    fn map(
        &mut self,
        who: usize,
        mut at: u64,
        length: u64,
        protection: u32,
        flags: u32,
        file: Option<u32>,
        offset: u64,
    ) -> Result<u64> {
        if offset % PAGE != 0 {
            return Err(EINVAL);
        }
        if file.is_some_and(|file| file as usize >= FILES.len()) {
            return Err(EBADF);
        }
        if length == 0 {
            return Err(EINVAL);
        }
        let length = up(length).filter(|&length| length <= LIMIT).ok_or(ENOMEM)?;
        if flags & (FIXED | NOREPLACE) != 0 {
            if at > LIMIT - length {
                return Err(ENOMEM);
            }
            if at % PAGE != 0 {
                return Err(EINVAL);
            }
            if flags & NOREPLACE != 0 && !self.is_free(who, at, at + length) {
                return Err(EEXIST);
            }
        } else {
            at = at / PAGE * PAGE;
            let wished = at != 0 && at <= LIMIT - length && self.is_free(who, at, at + length);
            at = if wished { at } else { self.place(who, length)? };
        }
        let shared = match flags & (SHARED | PRIVATE) {
            SHARED => true,
            PRIVATE => false,
            _ => return Err(EINVAL),
        };
        let read_only_file = file.is_some_and(|file| !self.objects[file as usize].writable);
        if shared && read_only_file && protection & WRITE != 0 {
            return Err(EACCES);
        }
        let pages = length / PAGE;
        let noreserve = flags & NORESERVE != 0 && !matches!(self.rules.commit, Commit::Never { .. });
        let anonymous = Attributes {
            protection,
            object: None,
            number: at / PAGE,
            shared,
            read_only_file,
            noreserve,
            charged: false,
            locked: flags & LOCKED != 0,
            on_fault: false,
            dont_fork: false,
            wipe_on_fork: false,
            mergeable: false,
            huge: 0,
            order: 0,
            private: false,
            heap: false,
        };
        let charged = anonymous.is_charged(self.rules.commit);
        let object_charge = if shared && file.is_none() && !noreserve { pages } else { 0 };
        let gone: u64 = self.processes[who]
            .pages
            .range(at / PAGE..at / PAGE + pages)
            .filter(|(_, attributes)| attributes.charged)
            .count() as u64;
        // Private memory is charged for what it adds to what it replaces.
        self.may_commit(if charged { pages - gone } else { object_charge })?;
        if at == ELSEWHERE {
            return Ok(ELSEWHERE);
        }
        self.unmap_pages(who, at, at + length);
        let object = match file {
            Some(file) => Some(file as usize),
            None if shared => {
                let object = Object {
                    pages: BTreeMap::new(),
                    length,
                    file: false,
                    writable: true,
                    charged: object_charge,
                };
                self.objects.push(object);
                Some(self.objects.len() - 1)
            }
            None => None,
        };
        let first = if object.is_some() { offset / PAGE } else { at / PAGE };
        for i in 0..pages {
            let attributes = Attributes { object, charged, number: first + i, ..anonymous.clone() };
            self.processes[who].pages.insert(at / PAGE + i, attributes);
        }
        if flags & (POPULATE | LOCKED) != 0 {
            // As far as it goes: mmap does not tell.
            let _ = self.populate(who, at, at + length);
        }
        Ok(at)
    }

    fn unmap(&mut self, who: usize, at: u64, length: u64) -> Result<u64> {
        if at % PAGE != 0 || at > LIMIT || length > LIMIT - at || length == 0 {
            return Err(EINVAL);
        }
        self.unmap_pages(who, at, at + up(length).unwrap());
        Ok(0)
    }

    fn protect(&mut self, who: usize, at: u64, length: u64, protection: u32) -> Result<u64> {
        if at % PAGE != 0 {
            return Err(EINVAL);
        }
        if length == 0 {
            return Ok(0);
        }
        let end =
            up(length).and_then(|length| at.checked_add(length)).filter(|&end| end > at).ok_or(ENOMEM)?;
        if protection & !(RW | EXEC) != 0 {
            return Err(EINVAL);
        }
        let mut page = at / PAGE;
        while page < end / PAGE {
            // Area by area: what came before a failure stays changed.
            let Some(old) = self.processes[who].pages.get(&page).cloned() else { return Err(ENOMEM) };
            let area_end = self.area_end(who, page).min(end / PAGE);
            if old.shared && old.read_only_file && protection & WRITE != 0 {
                return Err(EACCES);
            }
            let new = Attributes { protection, ..old.clone() };
            let charge = !old.charged && new.is_charged(self.rules.commit);
            if charge {
                self.may_commit(area_end - page)?;
            }
            for page in page..area_end {
                let attributes = self.processes[who].pages.get_mut(&page).unwrap();
                attributes.protection = protection;
                attributes.charged |= charge;
            }
            if old.locked
                && !old.on_fault
                && !old.shared
                && old.protection & WRITE == 0
                && protection & WRITE != 0
            {
                let _ = self.populate(who, page * PAGE, area_end * PAGE);
            }
            page = area_end;
        }
        Ok(0)
    }

    fn remap(&mut self, who: usize, at: u64, old: u64, new: u64, way: Way) -> Result<u64> {
        if at % PAGE != 0 {
            return Err(EINVAL);
        }
        let (old, new) = (up(old).ok_or(EINVAL)?, up(new).ok_or(EINVAL)?);
        if new == 0 || new > LIMIT {
            return Err(EINVAL);
        }
        if let Way::To(to) = way {
            let overlaps = at + old > to && to + new > at;
            if to % PAGE != 0 || to > LIMIT - new || overlaps {
                return Err(EINVAL);
            }
        }
        let Some(area) = self.processes[who].pages.get(&(at / PAGE)).cloned() else { return Err(EFAULT) };
        let moves = matches!(way, Way::To(_));
        if !moves && new <= old {
            // Whatever lies there: this is an munmap.
            self.unmap_pages(who, at + new, at + old);
            return Ok(at);
        }
        if old == 0 && !area.shared {
            return Err(EINVAL);
        }
        if let (Way::To(to), true) = (way, old == new) {
            self.move_areas(who, at, old, to);
            return Ok(to);
        }
        let area_end = self.area_end(who, at / PAGE) * PAGE;
        if old.min(new) > area_end - at {
            return Err(EFAULT);
        }
        let grown = new.saturating_sub(old);
        if area.charged {
            self.may_commit(grown / PAGE)?;
        }
        let populate = |model: &mut Model, from: u64| {
            if area.locked && !area.on_fault && grown > 0 {
                let _ = model.populate(who, from + old, from + new);
            }
        };
        if !moves
            && at + old == area_end
            && at + new <= LIMIT
            && self.is_free(who, area_end, at + new)
            && old > 0
        {
            for i in old / PAGE..new / PAGE {
                let more = Attributes { number: area.number + i, ..area.clone() };
                self.processes[who].pages.insert(at / PAGE + i, more);
            }
            populate(self, at);
            return Ok(at);
        }
        let to = match way {
            Way::InPlace => return Err(ENOMEM),
            Way::MayMove => self.place(who, new)?,
            Way::To(to) => to,
        };
        if to == ELSEWHERE {
            self.unmap_pages(who, at, at + old);
            return Ok(ELSEWHERE);
        }
        if new < old {
            self.unmap_pages(who, at + new, at + old);
        }
        if old == 0 && (to..to + new).contains(&at) {
            // The new place is over the old.
            self.unmap_pages(who, to, to + new);
            return Err(EFAULT);
        }
        self.move_area(who, at, old.min(new), to, new);
        populate(self, to);
        Ok(to)
    }

    /// Moves what lies in a range, area by area, to a place of the same size. Holes move too, in that what lies at
    /// their new place stays.
    fn move_areas(&mut self, who: usize, at: u64, length: u64, to: u64) {
        let mut page = at / PAGE;
        while page < (at + length) / PAGE {
            if !self.processes[who].pages.contains_key(&page) {
                page += 1;
                continue;
            }
            let end = self.area_end(who, page).min((at + length) / PAGE);
            let length = (end - page) * PAGE;
            self.move_area(who, page * PAGE, length, page * PAGE - at + to, length);
            page = end;
        }
    }

    /// Moves a part of one area to where it shall be `new` long, over what is there.
    fn move_area(&mut self, who: usize, at: u64, old: u64, to: u64, new: u64) {
        self.unmap_pages(who, to, to + new);
        let area = self.processes[who].pages[&(at / PAGE)].clone();
        // Anonymous memory that was never written counts its pages from its new place.
        let written = area.private && self.rules.remembers_writes
            || (at / PAGE..(at + old) / PAGE).any(|page| {
                matches!(self.processes[who].entries.get(&page), Some(Entry::Own { .. } | Entry::Guard))
            });
        let renumber = area.object.is_none() && !written;
        let first = if renumber { to / PAGE } else { area.number };
        for i in 0..new / PAGE {
            let attributes = Attributes { number: first + i, ..area.clone() };
            self.processes[who].pages.insert(to / PAGE + i, attributes);
        }
        for i in 0..old / PAGE {
            let (from, to) = (at / PAGE + i, to / PAGE + i);
            if let Some(entry) = self.processes[who].entries.remove(&from) {
                self.processes[who].entries.insert(to, entry);
            }
            self.processes[who].pages.remove(&from);
        }
    }

    fn set_break(&mut self, who: usize, by: i64) -> Result<u64> {
        let start = self.rules.heap;
        let heap = self.processes[who].heap;
        let Some(wanted) = heap.checked_add_signed(by).filter(|&wanted| wanted < LIMIT - start) else {
            return Ok(0);
        };
        let (from, to) = (start + up(heap).unwrap(), start + up(wanted).unwrap());
        if to > from {
            let pages = (to - from) / PAGE;
            if !self.is_free(who, from, to) || self.may_commit(pages).is_err() {
                return Ok(0);
            }
            for page in from / PAGE..to / PAGE {
                let heap = Attributes {
                    protection: RW,
                    object: None,
                    number: page,
                    shared: false,
                    read_only_file: false,
                    noreserve: false,
                    charged: true,
                    locked: false,
                    on_fault: false,
                    dont_fork: false,
                    wipe_on_fork: false,
                    mergeable: false,
                    huge: 0,
                    order: 0,
                    private: false,
                    heap: true,
                };
                self.processes[who].pages.insert(page, heap);
            }
        } else {
            self.unmap_pages(who, to, from);
        }
        self.processes[who].heap = wanted;
        Ok(by.unsigned_abs())
    }

    fn lock(&mut self, who: usize, at: u64, length: u64, on_fault: bool) -> Result<u64> {
        let (from, to) = (at / PAGE * PAGE, up(at % PAGE + length).ok_or(EINVAL)? + at / PAGE * PAGE);
        for page in from / PAGE..to / PAGE {
            let attributes = self.processes[who].pages.get_mut(&page).ok_or(ENOMEM)?;
            attributes.locked = true;
            attributes.on_fault = on_fault;
        }
        if !on_fault {
            self.populate(who, from, to).map_err(|_| ENOMEM)?;
        }
        Ok(0)
    }

    fn unlock(&mut self, who: usize, at: u64, length: u64) -> Result<u64> {
        let (from, to) = (at / PAGE * PAGE, up(at % PAGE + length).ok_or(EINVAL)? + at / PAGE * PAGE);
        for page in from / PAGE..to / PAGE {
            let attributes = self.processes[who].pages.get_mut(&page).ok_or(ENOMEM)?;
            attributes.locked = false;
            attributes.on_fault = false;
        }
        Ok(0)
    }

    fn sync(&mut self, who: usize, at: u64, length: u64) -> Result<u64> {
        if at % PAGE != 0 {
            return Err(EINVAL);
        }
        let end = up(length).and_then(|length| at.checked_add(length)).ok_or(ENOMEM)?;
        if self.hole(who, at, end).is_some() { Err(ENOMEM) } else { Ok(0) }
    }

    fn incore(&self, who: usize, at: u64, length: u64) -> Answer {
        if at % PAGE != 0 {
            return Answer::Error(EINVAL);
        }
        let Some(end) = up(length).and_then(|length| at.checked_add(length)) else {
            return Answer::Error(ENOMEM);
        };
        if self.hole(who, at, end).is_some() {
            return Answer::Error(ENOMEM);
        }
        let process = &self.processes[who];
        if process.vague {
            return Answer::Unable;
        }
        let in_memory = |page: u64| {
            let attributes = &process.pages[&page];
            let cached =
                attributes.object.is_some_and(|o| self.objects[o].pages.contains_key(&attributes.number));
            match process.entries.get(&page) {
                None | Some(Entry::Guard) => cached,
                Some(_) => true,
            }
        };
        Answer::Bits((at / PAGE..end / PAGE).map(in_memory).collect())
    }

    /// Faults a range in, as mlock and MAP_POPULATE do: for writing where that would copy. Stops where it fails.
    pub(super) fn populate(&mut self, who: usize, from: u64, to: u64) -> std::result::Result<(), Kind> {
        for page in from / PAGE..to / PAGE {
            let attributes = self.processes[who].pages.get(&page).ok_or(Kind::MapErr)?;
            let write = attributes.protection & WRITE != 0 && !attributes.shared;
            if attributes.on_fault {
                continue;
            }
            self.touch(who, page, if write { Mode::Write } else { Mode::Read })?;
        }
        Ok(())
    }
}
