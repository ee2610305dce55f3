//! A tree of tables with 512 entries each: the page table of x86-64 and RISC-V.
//!
//! ```text
//!   address:   | index 2 | index 1 | index 0 | offset |
//!                   |         |         |
//!   level 2   [ . . T . . ]   |         |            T: the entry points to a table
//!                   |         |         |            L: a leaf; above level 0 a large page
//!   level 1        [ . L . . T . ]      |
//!                            |          |
//!   level 0                 [ . . . L L . . ]
//! ```
//!
//! All tables are in one array of entries, 512 apart, so that an entry points to a table by its number and a step
//! of a walk is one multiplication and one read. Beside it each table has its frame, its level and the count of
//! its entries that are not empty: a table whose count is 0 can be given back, and is passed over by whoever looks
//! for entries. Freed tables are all zeroes and wait in a list for the next that is needed.
//!
//! Ranges are worked off in *runs*: a part of one table in which leaves stand side by side. Finding the next run
//! costs a walk from the root, working through it is a loop over an array; so what is done to a range costs a walk
//! a table, not a walk an entry. The trees of [`one-level`](super::PagingConfig::OneLevel) and
//! [`inverted`](super::PagingConfig::Inverted) tables are the same, but hidden: there a large table is stored in
//! parts, so that only the parts in use take memory.

use super::super::types::Frame;
use super::config::INDEX_BITS;
use super::entry::Entry;
use super::frames::{NoFrame, TableFrames};
use serde::{Deserialize, Serialize};
use std_alloc::vec::Vec;

/// Entries of a table.
const ENTRIES: usize = 1 << INDEX_BITS;
const ROOT: u32 = 0;
const NONE: u32 = u32::MAX;
/// The level of a table that is not in use.
const FREE: u8 = u8::MAX;

/// What is known of a table beside its entries.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Node {
    /// Where the table lives; of a free one the number of the next free one.
    frame: Frame,
    /// Entries that are not empty.
    used: u16,
    level: u8,
}

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

/// The tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Radix {
    page_bits: u32,
    levels: u32,
    /// No address from here on has an entry.
    limit: u64,
    entries: Vec<Entry>,
    nodes: Vec<Node>,
    free: u32,
    live: u64,
}

impl Radix {
    /// A tree for addresses below `limit`, with a root and nothing else. O(1).
    pub(super) fn new(
        page_bits: u32,
        levels: u32,
        limit: u64,
        frames: &mut impl TableFrames,
    ) -> Result<Radix, NoFrame> {
        let (entries, nodes) = (Vec::new(), Vec::new());
        let mut tree = Radix { page_bits, levels, limit, entries, nodes, free: NONE, live: 0 };
        tree.make(levels - 1, frames)?;
        Ok(tree)
    }

    #[inline]
    fn shift(&self, level: u32) -> u32 {
        self.page_bits + INDEX_BITS * level
    }

    /// Where the entry of an address is in a table of this level.
    #[inline]
    fn slot(&self, node: u32, address: u64, level: u32) -> usize {
        node as usize * ENTRIES + (address >> self.shift(level)) as usize % ENTRIES
    }

    /// The entry of an address, and the level where the walk ended. O(levels).
    #[inline]
    pub(super) fn get(&self, address: u64) -> (Entry, u32) {
        self.walk(address, |_, _, _, _| {})
    }

    /// The same, and each step on the way: level, frame of the table, index, entry.
    #[inline]
    pub(super) fn walk(&self, address: u64, mut step: impl FnMut(u32, Frame, u64, Entry)) -> (Entry, u32) {
        let (mut node, mut level) = (ROOT, self.levels - 1);
        if address >= self.limit {
            return (Entry::EMPTY, level);
        }
        loop {
            let slot = self.slot(node, address, level);
            let Some(&entry) = self.entries.get(slot) else { return (Entry::EMPTY, level) };
            step(level, self.nodes[node as usize].frame, (slot % ENTRIES) as u64, entry);
            match entry.table_number() {
                Some(next) if level > 0 => {
                    node = next;
                    level -= 1;
                }
                _ => return (entry, level),
            }
        }
    }

    /// Changes an entry that is not empty. O(levels).
    pub(super) fn update(&mut self, address: u64, change: impl FnOnce(Entry) -> Entry) -> Option<Entry> {
        let (mut node, mut level) = (ROOT, self.levels - 1);
        if address >= self.limit {
            return None;
        }
        loop {
            let slot = self.slot(node, address, level);
            let entry = *self.entries.get(slot)?;
            match entry.table_number() {
                Some(next) if level > 0 => {
                    node = next;
                    level -= 1;
                }
                _ if entry.is_empty() => return None,
                _ => {
                    let entry = change(entry).normal();
                    self.entries[slot] = entry;
                    self.nodes[node as usize].used -= u16::from(entry.is_empty());
                    return Some(entry);
                }
            }
        }
    }

    /// Replaces the entry of an address at a level, and the tables under it. O(levels), and what is replaced.
    pub(super) fn set(
        &mut self,
        address: u64,
        level: u32,
        entry: Entry,
        frames: &mut impl TableFrames,
    ) -> Result<(), NoFrame> {
        let entry = entry.normal();
        let node = match entry.is_empty() {
            true => match self.find(address, level) {
                Some(node) => node,
                None => return Ok(()),
            },
            false => self.ensure(address, level, frames)?,
        };
        let slot = self.slot(node, address, level);
        self.put(node, slot, entry, frames);
        Ok(())
    }

    fn put(&mut self, node: u32, slot: usize, entry: Entry, frames: &mut impl TableFrames) {
        let old = core::mem::replace(&mut self.entries[slot], entry);
        let used = &mut self.nodes[node as usize].used;
        *used = *used + u16::from(!entry.is_empty()) - u16::from(!old.is_empty());
        if let Some(table) = old.table_number() {
            self.drop_tables(table, frames);
        }
    }

    /// The table of this level above an address, if there is one.
    fn find(&self, address: u64, level: u32) -> Option<u32> {
        let mut node = ROOT;
        if address >= self.limit || self.nodes.is_empty() {
            return None;
        }
        for above in (level + 1..self.levels).rev() {
            node = self.entries[self.slot(node, address, above)].table_number()?;
        }
        Some(node)
    }

    /// The table of this level above an address; what is missing on the way is made. No table is left behind by a
    /// failure. No larger leaf may be in the way.
    fn ensure(&mut self, address: u64, level: u32, frames: &mut impl TableFrames) -> Result<u32, NoFrame> {
        self.ensure_noting(address, level, frames).map(|(node, _)| node)
    }

    /// The same, and where the highest table that was made hangs, if one was.
    #[allow(clippy::type_complexity)] // a table, and a place in one
    fn ensure_noting(
        &mut self,
        address: u64,
        level: u32,
        frames: &mut impl TableFrames,
    ) -> Result<(u32, Option<(u32, usize)>), NoFrame> {
        debug_assert!(address < self.limit && level < self.levels);
        if address >= self.limit || self.nodes.is_empty() {
            return Err(NoFrame);
        }
        let (mut node, mut made) = (ROOT, None);
        for above in (level + 1..self.levels).rev() {
            let slot = self.slot(node, address, above);
            let entry = self.entries[slot];
            if let Some(next) = entry.table_number() {
                node = next;
                continue;
            }
            debug_assert!(entry.is_empty(), "a large page must be split first");
            let next = if entry.is_empty() { self.make(above - 1, frames) } else { Err(NoFrame) };
            let Ok(next) = next else {
                if let Some((node, slot)) = made {
                    self.put(node, slot, Entry::EMPTY, frames);
                }
                return Err(NoFrame);
            };
            self.entries[slot] = Entry::table(next);
            self.nodes[node as usize].used += 1;
            made = made.or(Some((node, slot)));
            node = next;
        }
        Ok((node, made))
    }

    /// An empty table.
    fn make(&mut self, level: u32, frames: &mut impl TableFrames) -> Result<u32, NoFrame> {
        let frame = frames.take().ok_or(NoFrame)?;
        let node = Node { frame, used: 0, level: level as u8 };
        if self.free != NONE {
            let number = self.free;
            self.free = self.nodes[number as usize].frame as u32;
            self.nodes[number as usize] = node;
            self.live += 1;
            return Ok(number);
        }
        let is_room = self.nodes.len() < NONE as usize
            && self.nodes.try_reserve(1).is_ok()
            && self.entries.try_reserve(ENTRIES).is_ok();
        if !is_room {
            frames.give(frame);
            return Err(NoFrame);
        }
        self.nodes.push(node);
        self.entries.resize(self.entries.len() + ENTRIES, Entry::EMPTY);
        self.live += 1;
        Ok((self.nodes.len() - 1) as u32)
    }

    /// Gives back a table that nothing points to, and those under it. O(entries of tables of tables).
    fn drop_tables(&mut self, number: u32, frames: &mut impl TableFrames) {
        let node = self.nodes[number as usize];
        let first = number as usize * ENTRIES;
        if node.level > 0 {
            for slot in first..first + ENTRIES {
                if let Some(table) = self.entries[slot].table_number() {
                    self.drop_tables(table, frames);
                }
            }
        }
        if node.used > 0 {
            self.entries[first..first + ENTRIES].fill(Entry::EMPTY);
        }
        frames.give(node.frame);
        self.nodes[number as usize] = Node { frame: self.free.into(), used: 0, level: FREE };
        self.free = number;
        self.live -= 1;
    }

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
    pub(super) fn for_each(&self, from: u64, to: u64, mut f: impl FnMut(u64, u32, Entry)) {
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
    pub(super) fn for_each_mut(&mut self, from: u64, to: u64, mut f: impl FnMut(u64, u32, &mut Entry)) {
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
    pub(super) fn copy_range(
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
    pub(super) fn move_range(
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
    pub(super) fn split(
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
    pub(super) fn prune(&mut self, from: u64, to: u64, frames: &mut impl TableFrames) {
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

    /// Gives back all tables, the root too. O(tables of tables).
    pub(super) fn free(&mut self, frames: &mut impl TableFrames) {
        if !self.nodes.is_empty() {
            self.drop_tables(ROOT, frames);
            self.nodes = Vec::new();
            self.entries = Vec::new();
            self.free = NONE;
        }
    }

    /// Tables in use.
    pub(super) fn tables(&self) -> u64 {
        self.live
    }

    /// The frame of the root.
    pub(super) fn root(&self) -> Frame {
        self.nodes.first().map_or(0, |node| node.frame)
    }

    /// Bytes of the host's memory.
    pub(super) fn metadata_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.nodes.capacity() * size_of::<Node>()
    }

    /// The frame of a table that an entry points to.
    #[inline]
    pub(super) fn frame_of(&self, number: u32) -> Frame {
        self.nodes.get(number as usize).map_or(0, |node| node.frame)
    }

    /// Checks all that must hold, for a tree of this shape (page bits, levels, limit) with leaves at the levels
    /// that `can_map` allows. O(entries).
    pub(super) fn validate(
        &self,
        shape: (u32, u32, u64),
        can_map: impl Fn(u32) -> bool,
    ) -> Result<(), &'static str> {
        if (self.page_bits, self.levels, self.limit) != shape {
            return Err("a page table has another shape than its hardware");
        }
        if self.nodes.len().checked_mul(ENTRIES) != Some(self.entries.len()) {
            return Err("a page table has entries without a table");
        }
        let used = self.nodes.iter().filter(|node| node.level != FREE).count() as u64;
        if used != self.live || (!self.nodes.is_empty() && used == 0) {
            return Err("the count of page tables is wrong");
        }
        if let Some(root) = self.nodes.first() {
            if u32::from(root.level) != self.levels - 1 {
                return Err("the root of a page table has another level");
            }
        }
        self.validate_free()?;
        let mut pointed: Vec<bool> = Vec::new();
        pointed.try_reserve_exact(self.nodes.len()).map_err(|_| "no memory to check a page table")?;
        pointed.resize(self.nodes.len(), false);
        for (node, table) in self.nodes.iter().zip(self.entries.chunks_exact(ENTRIES)) {
            let count = table.iter().filter(|entry| !entry.is_empty()).count();
            if count != usize::from(node.used) || (node.level == FREE && count != 0) {
                return Err("the count of a page table's entries is wrong");
            }
            for entry in table {
                entry.validate()?;
                let level = node.level;
                match entry.table_number() {
                    None if entry.is_empty() || can_map(level.into()) => {}
                    None => return Err("a page is larger than this hardware has"),
                    Some(next) => {
                        let below = self
                            .nodes
                            .get(next as usize)
                            .filter(|below| level > 0 && level != FREE && below.level == level - 1);
                        if below.is_none() || core::mem::replace(&mut pointed[next as usize], true) {
                            return Err("an entry points to no table of the level below, or to a shared one");
                        }
                    }
                }
            }
        }
        // As levels fall along each pointer and each table has one pointer to it, the tables form a tree.
        let is_tree = |(number, node): (usize, &Node)| pointed[number] == (number != 0 && node.level != FREE);
        if !self.nodes.iter().enumerate().all(is_tree) {
            return Err("a page table is not reached from the root");
        }
        if self.nodes.is_empty() || self.is_inside(ROOT, self.levels - 1, 0) {
            Ok(())
        } else {
            Err("a page table has entries above the end of its addresses")
        }
    }

    /// Whether no entry of a table begins at the limit or above it. Recurses as deep as there are levels.
    fn is_inside(&self, node: u32, level: u32, base: u128) -> bool {
        let table = &self.entries[node as usize * ENTRIES..][..ENTRIES];
        table.iter().enumerate().filter(|(_, entry)| !entry.is_empty()).all(|(index, entry)| {
            let start = base + ((index as u128) << self.shift(level));
            start < self.limit.into()
                && entry.table_number().is_none_or(|next| self.is_inside(next, level - 1, start))
        })
    }

    /// Whether the list of free tables holds each of them once.
    fn validate_free(&self) -> Result<(), &'static str> {
        let (mut at, mut free) = (self.free, 0);
        while at != NONE {
            let node = self.nodes.get(at as usize).filter(|node| node.level == FREE);
            let next = node.and_then(|node| u32::try_from(node.frame).ok());
            at = next.ok_or("the list of free page tables is broken")?;
            free += 1;
            if free > self.nodes.len() {
                return Err("the list of free page tables is a circle");
            }
        }
        if free as u64 + self.live == self.nodes.len() as u64 {
            Ok(())
        } else {
            Err("a free page table is not in the list")
        }
    }
}
