//! What is done to all entries of a range: looking, changing, copying for a child, moving, giving tables back.
//!
//! Ranges are worked off in *runs*: a part of one table in which leaves stand side by side. Finding the next run
//! costs a walk from the root, working through it is a loop over an array; so what is done to a range costs a walk
//! a table, not a walk an entry.
//!
//! ```text
//!   level 1   [ . T . . . . T . . ]          two runs: two walks from the root,
//!                 |         |                two loops
//!   level 0   [ . . L L ] [ L . L . ]
//!                  run       run
//! ```

use super::super::entry::Entry;
use super::super::frames::{NoFrame, TableFrames};
use super::{ENTRIES, ROOT, Radix};

/// Leaves side by side in a table, the first of them not empty.
#[derive(Clone, Copy)]
struct Run {
    node: u32,
    level: u32,
    first: usize,
    last: usize,
    /// The address of the first.
    address: u64,
}

impl Radix {
    /// The first run of leaves that intersects the range. O(levels x entries of a table), most often O(levels).
    fn next_run(&self, from: u64, last: u64) -> Option<Run> {
        if self.nodes.is_empty() { None } else { self.seek(ROOT, self.levels - 1, 0, from, last) }
    }

    /// The same, under a table that begins at `base`. Recurses as deep as there are levels.
    fn seek(&self, node: u32, level: u32, base: u64, from: u64, last: u64) -> Option<Run> {
        if self.nodes[node as usize].used == 0 {
            return None;
        }
        let (low, high) = self.part(level, base, from, last);
        let table = &self.entries[node as usize * ENTRIES..][..ENTRIES];
        let shift = self.shift(level);
        let address = |index: usize| base + ((index as u64) << shift);
        let run = |first, last| Some(Run { node, level, first, last, address: address(first) });
        if level == 0 {
            let first = low + table[low..=high].iter().position(|entry| !entry.is_empty())?;
            return run(first, high);
        }
        for (index, entry) in table.iter().enumerate().take(high + 1).skip(low) {
            match entry.table_number() {
                Some(next) => {
                    let found = self.seek(next, level - 1, address(index), from, last);
                    if found.is_some() {
                        return found;
                    }
                }
                None if !entry.is_empty() => return run(index, index),
                None => {}
            }
        }
        None
    }

    /// The indices of a table that begins at `base` within a range that intersects it.
    #[inline]
    fn part(&self, level: u32, base: u64, from: u64, last: u64) -> (usize, usize) {
        let shift = self.shift(level);
        let low = (from.saturating_sub(base) >> shift) as usize;
        let high = (((last - base) >> shift) as usize).min(ENTRIES - 1);
        (low, high)
    }

    /// The first and last address of a range that can have entries, if any.
    fn clip(&self, from: u64, to: u64) -> Option<(u64, u64)> {
        let to = to.min(self.limit);
        (from < to).then(|| (from, to - 1))
    }

    /// The address behind a run, if it is not behind `last`.
    fn behind(&self, run: &Run, last: u64) -> Option<u64> {
        let size = (run.last - run.first + 1) as u64;
        let end = run.address.checked_add(size << self.shift(run.level))?;
        (end <= last).then_some(end)
    }

    /// Each entry that is not empty and intersects the range, in order of address. O(tables + entries).
    pub(in super::super) fn for_each(&self, from: u64, to: u64, mut f: impl FnMut(u64, u32, Entry)) {
        let Some((mut cursor, last)) = self.clip(from, to) else { return };
        while let Some(run) = self.next_run(cursor, last) {
            let first = run.node as usize * ENTRIES;
            let shift = self.shift(run.level);
            for (index, &entry) in self.entries[first + run.first..=first + run.last].iter().enumerate() {
                if !entry.is_empty() {
                    f(run.address + ((index as u64) << shift), run.level, entry);
                }
            }
            match self.behind(&run, last) {
                Some(next) => cursor = next,
                None => return,
            }
        }
    }

    /// The same; `f` may change the entries. O(tables + entries).
    pub(in super::super) fn for_each_mut(
        &mut self,
        from: u64,
        to: u64,
        mut f: impl FnMut(u64, u32, &mut Entry),
    ) {
        let Some((mut cursor, last)) = self.clip(from, to) else { return };
        while let Some(run) = self.next_run(cursor, last) {
            let first = run.node as usize * ENTRIES;
            let shift = self.shift(run.level);
            let mut emptied = 0;
            for (index, entry) in self.entries[first + run.first..=first + run.last].iter_mut().enumerate() {
                if !entry.is_empty() {
                    f(run.address + ((index as u64) << shift), run.level, entry);
                    *entry = entry.normal();
                    emptied += u16::from(entry.is_empty());
                }
            }
            self.nodes[run.node as usize].used -= emptied;
            match self.behind(&run, last) {
                Some(next) => cursor = next,
                None => return,
            }
        }
    }

    /// Gives the child of a fork its entries: `f` gets each of this tree's and says what the child's is.
    /// O(tables + entries). On failure what was copied so far is there.
    pub(in super::super) fn copy_range(
        &mut self,
        child: &mut Radix,
        from: u64,
        to: u64,
        frames: &mut impl TableFrames,
        mut f: impl FnMut(u64, u32, &mut Entry) -> Entry,
    ) -> Result<(), NoFrame> {
        let Some((mut cursor, last)) = self.clip(from, to) else { return Ok(()) };
        while let Some(run) = self.next_run(cursor, last) {
            let (target, made) = child.ensure_noting(run.address, run.level, frames)?;
            let shift = self.shift(run.level);
            let first = run.node as usize * ENTRIES;
            let theirs = target as usize * ENTRIES;
            let mine = &mut self.entries[first + run.first..=first + run.last];
            let others = &mut child.entries[theirs + run.first..=theirs + run.last];
            let (mut emptied, mut lost, mut gained) = (0, 0, 0);
            for (index, (entry, other)) in mine.iter_mut().zip(others).enumerate() {
                if entry.is_empty() {
                    continue;
                }
                debug_assert!(other.table_number().is_none(), "the child has nothing in this range");
                let copy = f(run.address + ((index as u64) << shift), run.level, entry).normal();
                *entry = entry.normal();
                emptied += u16::from(entry.is_empty());
                lost += u16::from(!other.is_empty());
                gained += u16::from(!copy.is_empty());
                *other = copy;
            }
            self.nodes[run.node as usize].used -= emptied;
            let used = &mut child.nodes[target as usize].used;
            *used = *used + gained - lost;
            if let Some((node, slot)) = made.filter(|_| *used == 0) {
                child.put(node, slot, Entry::EMPTY, frames);
            }
            match self.behind(&run, last) {
                Some(next) => cursor = next,
                None => break,
            }
        }
        Ok(())
    }

    /// Moves the entries of a range to another one, which has none and does not overlap. On failure nothing has
    /// moved, but tables without entries may be left. O(tables + entries).
    pub(in super::super) fn move_range(
        &mut self,
        from: u64,
        to: u64,
        length: u64,
        frames: &mut impl TableFrames,
    ) -> Result<(), NoFrame> {
        let Some((start, last)) = self.clip(from, from.saturating_add(length)) else { return Ok(()) };
        // First every table that will be needed, so that the moves themselves cannot fail.
        let mut cursor = start;
        while let Some(run) = self.next_run(cursor, last) {
            // The entries of a run come to stand in two tables at most, side by side.
            let first = run.node as usize * ENTRIES;
            let mut made = None;
            for index in run.first..=run.last {
                let target = self.moved(&run, index, from, to);
                let table = target >> self.shift(run.level + 1).min(63);
                if !self.entries[first + index].is_empty() && made != Some(table) {
                    self.ensure(target, run.level, frames)?;
                    made = Some(table);
                }
            }
            match self.behind(&run, last) {
                Some(next) => cursor = next,
                None => break,
            }
        }
        let mut cursor = start;
        while let Some(run) = self.next_run(cursor, last) {
            let first = run.node as usize * ENTRIES;
            let mut target_table = None;
            for index in run.first..=run.last {
                let entry = core::mem::take(&mut self.entries[first + index]);
                if entry.is_empty() {
                    continue;
                }
                self.nodes[run.node as usize].used -= 1;
                let target = self.moved(&run, index, from, to);
                let table = target >> self.shift(run.level + 1).min(63);
                let node = match target_table {
                    Some((known, node)) if known == table => node,
                    _ => self.find(target, run.level).ok_or(NoFrame)?,
                };
                target_table = Some((table, node));
                let slot = self.slot(node, target, run.level);
                self.put(node, slot, entry, frames);
            }
            match self.behind(&run, last) {
                Some(next) => cursor = next,
                None => break,
            }
        }
        Ok(())
    }

    fn moved(&self, run: &Run, index: usize, from: u64, to: u64) -> u64 {
        let address = run.address + (((index - run.first) as u64) << self.shift(run.level));
        address.wrapping_sub(from).wrapping_add(to)
    }

    /// Makes a table of leaves out of a large leaf: `f` gets each index and the leaf. Nothing where there is none.
    pub(in super::super) fn split(
        &mut self,
        address: u64,
        frames: &mut impl TableFrames,
        mut f: impl FnMut(u32, Entry) -> Entry,
    ) -> Result<(), NoFrame> {
        let (large, level) = self.get(address);
        if level == 0 || large.is_empty() {
            return Ok(());
        }
        let Some(above) = self.find(address, level) else { return Ok(()) };
        let number = self.make(level - 1, frames)?;
        let table = &mut self.entries[number as usize * ENTRIES..][..ENTRIES];
        let mut used = 0;
        for (index, entry) in table.iter_mut().enumerate() {
            *entry = f(index as u32, large).normal();
            used += u16::from(!entry.is_empty());
        }
        self.nodes[number as usize].used = used;
        let slot = self.slot(above, address, level);
        self.entries[slot] = Entry::table(number);
        Ok(())
    }

    /// Gives back the tables without entries that lie wholly in the range, but for the root. O(tables).
    pub(in super::super) fn prune(&mut self, from: u64, to: u64, frames: &mut impl TableFrames) {
        let Some((from, last)) = self.clip(from, to) else { return };
        // A range up to the limit holds the tables that reach beyond it.
        let last = if last == self.limit - 1 { u64::MAX } else { last };
        if !self.nodes.is_empty() {
            self.prune_under(ROOT, self.levels - 1, 0, from, last, frames);
        }
    }

    fn prune_under(
        &mut self,
        node: u32,
        level: u32,
        base: u64,
        from: u64,
        last: u64,
        frames: &mut impl TableFrames,
    ) {
        if level == 0 || self.nodes[node as usize].used == 0 {
            return;
        }
        let shift = self.shift(level);
        let (low, high) = self.part(level, base, from, last);
        for index in low..=high {
            let slot = node as usize * ENTRIES + index;
            let Some(table) = self.entries[slot].table_number() else { continue };
            let start = base + ((index as u64) << shift);
            self.prune_under(table, level - 1, start, from, last, frames);
            let end = start.saturating_add((1 << shift) - 1);
            if self.nodes[table as usize].used == 0 && from <= start && end <= last {
                self.put(node, slot, Entry::EMPTY, frames);
            }
        }
    }
}
