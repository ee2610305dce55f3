//! Page tables and address spaces to look at: the entries of a process as rows, and a picture of its areas.

use crate::vm::machine::Machine;
use crate::vm::paging::Entry;
use crate::vm::{ProcessId, Protection, VmError};
use core::fmt;
use std_alloc::string::String;
use std_alloc::vec::Vec;

/// What the entries of a row stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowState {
    /// Frames.
    Present,
    /// The shared page of zeros.
    Zero,
    /// Pages in swap.
    Swapped,
    /// An access is a fault.
    Guard,
}

impl RowState {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            RowState::Present => "present",
            RowState::Zero => "zero",
            RowState::Swapped => "swapped",
            RowState::Guard => "guard",
        }
    }
}

/// Entries of a page table side by side that say the same, in frames side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// The first address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// The level of the entries; 0 maps single pages.
    pub level: u32,
    /// What they stand for.
    pub state: RowState,
    /// The first frame, or the first page's number in swap; 0 for guards.
    pub number: u64,
    /// What they allow.
    pub protection: Protection,
    /// They were used.
    pub is_accessed: bool,
    /// They were written.
    pub is_dirty: bool,
    /// Entries.
    pub entries: u64,
}

impl TableRow {
    fn of(address: u64, level: u32, size: u64, entry: Entry) -> TableRow {
        let (state, number) = match entry.swapped_page() {
            Some(page) => (RowState::Swapped, page.into()),
            None if entry.is_guard() => (RowState::Guard, 0),
            None if entry.is_special() => (RowState::Zero, entry.frame()),
            None => (RowState::Present, entry.frame()),
        };
        let mut protection = Protection::NONE;
        if entry.is_present() && !entry.is_protnone() {
            protection = Protection::READ;
            if entry.is_writable() {
                protection = protection | Protection::WRITE;
            }
            if entry.is_executable() {
                protection = protection | Protection::EXECUTE;
            }
        }
        let (is_accessed, is_dirty) = (entry.is_accessed(), entry.is_dirty());
        let (start, end) = (address, address.saturating_add(size));
        TableRow { start, end, level, state, number, protection, is_accessed, is_dirty, entries: 1 }
    }

    /// Whether `next` goes on where this row ends. `pages` are the base pages of an entry.
    fn goes_on(&self, next: &TableRow, pages: u64) -> bool {
        let number = match self.state {
            RowState::Present => self.number + self.entries * pages,
            RowState::Swapped => self.number + self.entries,
            RowState::Zero | RowState::Guard => self.number,
        };
        self.end == next.start
            && self.level == next.level
            && self.state == next.state
            && number == next.number
            && self.protection == next.protection
            && (self.is_accessed, self.is_dirty) == (next.is_accessed, next.is_dirty)
    }
}

/// One line: addresses, level, what is there, `rwx`, `A` for accessed, `D` for dirty.
impl fmt::Display for TableRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |is, letter| if is { letter } else { '-' };
        let TableRow { start, end, level, number, protection, entries, .. } = self;
        let (accessed, dirty) = (mark(self.is_accessed, 'A'), mark(self.is_dirty, 'D'));
        let state = self.state.name();
        write!(
            f,
            "{start:012x}-{end:012x} L{level} {protection}{accessed}{dirty} {entries:>8} {state} {number}"
        )
    }
}

impl Machine {
    /// Every entry of a process' page table, those side by side that say the same as one row; ascending.
    /// O(entries).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection, RowState};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// let request = MapRequest::anonymous(1 << 20, Protection::READ | Protection::WRITE);
    /// let at = machine.mmap(process, &request)?;
    /// machine.write(process, at, &[1; 3 * 4096]).unwrap();
    /// let mut byte = [0];
    /// machine.read(process, at + 5 * 4096, &mut byte).unwrap();
    /// let rows = machine.page_table(process)?;
    /// assert_eq!(rows.iter().map(|row| row.entries).sum::<u64>(), 4);
    /// assert_eq!(rows.last().map(|row| row.state), Some(RowState::Zero));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// ESRCH.
    pub fn page_table(&self, process: ProcessId) -> Result<Vec<TableRow>, VmError> {
        let mut rows: Vec<TableRow> = Vec::new();
        self.process(process)?.table.for_each(0, u64::MAX, |address, level, entry| {
            let size = self.config.paging.leaf_size(level);
            let next = TableRow::of(address & !(size - 1), level, size, entry);
            match rows.last_mut() {
                Some(row) if row.goes_on(&next, size / self.page_size) => {
                    row.end = next.end;
                    row.entries += 1;
                }
                _ => rows.push(next),
            }
        });
        Ok(rows)
    }

    /// A picture of a process' address space, the highest addresses first: a line for each area, with a bar of what
    /// of it is in memory (`#`), in swap (`s`) or not there (`.`). O(areas + entries).
    ///
    /// ```
    /// use memcore::vm::{Machine, MachineConfig, MapRequest, Protection};
    /// let mut machine = Machine::new(MachineConfig::default())?;
    /// let process = machine.spawn()?;
    /// let request = MapRequest::anonymous(8 * 4096, Protection::READ | Protection::WRITE).fixed(0x10_0000);
    /// machine.mmap(process, &request)?;
    /// machine.write(process, 0x10_0000, &[1; 2 * 4096]).unwrap();
    /// let picture = machine.picture(process)?;
    /// assert!(picture.contains("000000100000 |####............| rw- 32K, 8K in memory"));
    /// # Ok::<(), memcore::vm::VmError>(())
    /// ```
    ///
    /// # Errors
    /// ESRCH.
    pub fn picture(&self, process: ProcessId) -> Result<String, VmError> {
        const BAR: usize = 16;
        let found = self.process(process)?;
        let areas: Vec<_> = found.areas.iter().collect();
        let mut text = String::new();
        let mut above = None;
        for area in areas.into_iter().rev() {
            if above.is_some_and(|start| start != area.end) {
                text.push_str("             :                :\n");
            }
            let (mut resident, mut swapped) = ([0u64; BAR], [0u64; BAR]);
            let length = area.length().max(1);
            found.table.for_each(area.start, area.end, |address, level, entry| {
                let size = self.config.paging.leaf_size(level);
                let start = (address & !(size - 1)).max(area.start);
                let end = (address & !(size - 1)).saturating_add(size).min(area.end);
                let counts = if entry.swapped_page().is_some() { &mut swapped } else { &mut resident };
                if entry.is_guard() || entry.is_special() {
                    return;
                }
                let place = |address: u64| {
                    let scaled = u128::from(address - area.start) * BAR as u128 / u128::from(length);
                    (scaled as usize).min(BAR - 1)
                };
                for part in &mut counts[place(start)..=place(end - 1)] {
                    *part += (end - start) / (place(end - 1) - place(start) + 1) as u64;
                }
            });
            let bar: String = (0..BAR)
                .map(|part| match (resident[part], swapped[part]) {
                    (0, 0) => '.',
                    (resident, swapped) if resident >= swapped => '#',
                    _ => 's',
                })
                .collect();
            let in_memory: u64 = resident.iter().sum();
            let (start, protection) = (area.start, area.protection);
            let sizes = (crate::cache::Bytes(area.length()), crate::cache::Bytes(in_memory));
            let name = area.name.label();
            let line = std_alloc::format!(
                "{start:012x} |{bar}| {protection} {}, {} in memory {name}",
                sizes.0,
                sizes.1
            );
            text.push_str(line.trim_end());
            text.push('\n');
            above = Some(area.start);
        }
        Ok(text)
    }
}
