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
//! What is done to ranges is in [`ranges`], what must hold in [`check`]. The trees of
//! [`one-level`](super::PagingConfig::OneLevel) and [`inverted`](super::PagingConfig::Inverted) tables are the same,
//! but hidden: there a large table is stored in parts, so that only the parts in use take memory.

mod check;
mod ranges;

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
        self.descend(address, |_, _, _, _| {})
    }

    /// The same, and each step on the way: level, frame of the table, index, entry.
    #[inline]
    pub(super) fn walk(&self, address: u64, mut step: impl FnMut(u32, Frame, u64, Entry)) -> (Entry, u32) {
        self.descend(address, |level, node, slot, entry| {
            step(level, self.nodes[node as usize].frame, (slot % ENTRIES) as u64, entry);
        })
    }

    /// The same, each step with its table and slot: who needs no frames reads no nodes.
    #[inline]
    fn descend(&self, address: u64, mut step: impl FnMut(u32, u32, usize, Entry)) -> (Entry, u32) {
        let (mut node, mut level) = (ROOT, self.levels - 1);
        if address >= self.limit {
            return (Entry::EMPTY, level);
        }
        loop {
            let slot = self.slot(node, address, level);
            let Some(&entry) = self.entries.get(slot) else { return (Entry::EMPTY, level) };
            step(level, node, slot, entry);
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

    /// Bytes of the host's memory.
    pub(super) fn metadata_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.nodes.capacity() * size_of::<Node>()
    }

    /// The frame of a table that an entry points to.
    #[inline]
    pub(super) fn frame_of(&self, number: u32) -> Frame {
        self.nodes.get(number as usize).map_or(0, |node| node.frame)
    }
}
