//! Accesses, in the order of the reference: no area, protection, guard; then what the entry says.

use super::*;

/// How a page is accessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    Read,
    Write,
    Execute,
}

impl Mode {
    /// As on x86, where all that is not forbidden may be read.
    fn allowed(self, protection: u32) -> bool {
        match self {
            Mode::Read => protection != 0,
            Mode::Write => protection & WRITE != 0,
            Mode::Execute => protection & EXEC != 0,
        }
    }
}

impl Model {
    /// Makes sure that the page is there for the access, and counts the fault that it may take.
    pub(super) fn touch(&mut self, who: usize, page: u64, mode: Mode) -> Result<(), Kind> {
        if page * PAGE > LIMIT {
            let canonical = page * PAGE < 1 << 47 || page * PAGE >= u64::MAX << 47;
            return Err(if canonical { Kind::MapErr } else { Kind::General });
        }
        let Some(attributes) = self.processes[who].pages.get(&page).cloned() else {
            return Err(Kind::MapErr);
        };
        if !mode.allowed(attributes.protection) {
            return Err(Kind::AccErr);
        }
        let write = mode == Mode::Write;
        let entry = self.processes[who].entries.get(&page).cloned();
        let object = attributes.object;
        let served = match entry {
            Some(Entry::Guard) => return Err(Kind::MapErr),
            None => match object {
                None if write => Some(self.own(ZEROS.to_vec())),
                None => {
                    self.counts.zero_map += 1;
                    Some(Entry::Zero)
                }
                Some(object) => Some(self.first_touch(who, page, &attributes, object, write)?),
            },
            Some(Entry::Zero) if write => {
                self.counts.cow += 1;
                Some(self.own(ZEROS.to_vec()))
            }
            Some(Entry::Own { token, exclusive: false, bytes, .. }) if write => {
                if self.tokens[&token] > 1 {
                    self.counts.cow += 1;
                    Some(self.own(bytes))
                } else {
                    self.counts.reuse += 1;
                    // The token stays: it is the same frame.
                    *self.tokens.get_mut(&token).unwrap() += 1;
                    Some(Entry::Own { token, exclusive: true, bytes })
                }
            }
            Some(Entry::Object { .. }) if write && !attributes.shared => {
                self.counts.cow += 1;
                let bytes = self.objects[object.unwrap()].pages[&attributes.number].clone();
                Some(self.own(bytes))
            }
            Some(Entry::Object { written: false }) if write && self.watched(&attributes) => {
                Some(Entry::Object { written: true })
            }
            Some(_) => None,
        };
        if let Some(entry) = served {
            self.counts.faults += 1;
            self.set_entry(who, page, entry);
        }
        Ok(())
    }

    /// The entry for a page of an object; a read first maps the neighbours that are in memory.
    fn first_touch(
        &mut self,
        who: usize,
        page: u64,
        attributes: &Attributes,
        object: usize,
        write: bool,
    ) -> Result<Entry, Kind> {
        if !write {
            // From the beginning of the aligned window, or of the area if that is later, but not over the table's end.
            let around = self.rules.around;
            let aligned = page / around * around;
            let start = (aligned..=page).find(|&near| self.one_area(who, near, page)).unwrap();
            for near in start..(start + around).min((page / 512 + 1) * 512) {
                let Some(other) = self.processes[who].pages.get(&near) else { continue };
                let same = self.one_area(who, near.min(page), near.max(page));
                let cached = self.objects[object].pages.contains_key(&other.number);
                if near != page && same && cached && !self.processes[who].entries.contains_key(&near) {
                    self.set_entry(who, near, Entry::Object { written: false });
                }
            }
        }
        if attributes.number >= self.objects[object].length.div_ceil(PAGE) {
            return Err(Kind::AdrErr);
        }
        let bytes =
            self.objects[object].pages.entry(attributes.number).or_insert_with(|| ZEROS.to_vec()).clone();
        Ok(if write && !attributes.shared { self.own(bytes) } else { Entry::Object { written: write } })
    }

    /// Whether the first write to a mapped page of an object is a fault.
    fn watched(&self, attributes: &Attributes) -> bool {
        self.rules.watch_writes && attributes.object.is_some_and(|object| self.objects[object].file)
    }

    fn bytes_of(&mut self, who: usize, page: u64) -> &mut [u8] {
        let process = &mut self.processes[who];
        let attributes = &process.pages[&page];
        match process.entries.get_mut(&page).unwrap() {
            Entry::Own { bytes, .. } => bytes,
            Entry::Object { .. } => {
                self.objects[attributes.object.unwrap()].pages.get_mut(&attributes.number).unwrap()
            }
            other => unreachable!("{other:?} has been replaced"),
        }
    }

    /// Page by page: the pages before one that fails have been accessed.
    fn each_page(
        &mut self,
        who: usize,
        from: u64,
        length: u64,
        mode: Mode,
        mut with: impl FnMut(&mut Model, u64),
    ) -> Result<(), (Kind, u64)> {
        for address in from..from + length {
            let page = address / PAGE;
            if address == from || address % PAGE == 0 {
                self.touch(who, page, mode).map_err(|kind| (kind, address))?;
            }
            with(self, address);
        }
        Ok(())
    }

    pub(super) fn read(&mut self, who: usize, from: u64, length: u64) -> (Answer, bool) {
        let mut bytes = Vec::new();
        let with = |model: &mut Model, address| bytes.push(model.peek(who, address).unwrap());
        match self.each_page(who, from, length, Mode::Read, with) {
            Ok(()) => (Answer::Bytes(bytes), true),
            Err((kind, address)) => (Answer::Fault(kind, address), false),
        }
    }

    pub(super) fn write(&mut self, who: usize, from: u64, bytes: &[u8]) -> (Answer, bool) {
        let with = |model: &mut Model, address: u64| {
            model.bytes_of(who, address / PAGE)[(address % PAGE) as usize] = bytes[(address - from) as usize];
        };
        match self.each_page(who, from, bytes.len() as u64, Mode::Write, with) {
            Ok(()) => (Answer::Done(0), true),
            Err((kind, address)) => (Answer::Fault(kind, address), false),
        }
    }

    pub(super) fn execute(&mut self, who: usize, address: u64) -> (Answer, bool) {
        match self.each_page(who, address, 1, Mode::Execute, |_, _| ()) {
            Ok(()) => (Answer::Done(0), true),
            Err((kind, address)) => (Answer::Fault(kind, address), false),
        }
    }

    pub(super) fn compare_exchange(
        &mut self,
        who: usize,
        address: u64,
        expected: u8,
        new: u8,
    ) -> (Answer, bool) {
        let mut equal = false;
        let with = |model: &mut Model, address: u64| {
            let byte = &mut model.bytes_of(who, address / PAGE)[(address % PAGE) as usize];
            equal = *byte == expected;
            if equal {
                *byte = new;
            }
        };
        match self.each_page(who, address, 1, Mode::Write, with) {
            Ok(()) => (Answer::Done(equal.into()), true),
            Err((kind, address)) => (Answer::Fault(kind, address), false),
        }
    }
}
