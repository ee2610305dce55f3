//! The slow picture of a page table: a map of entries, and a set of the tables that there are.

use crate::vm::Frame;
use crate::vm::paging::{Entry, PageTable, PagingConfig, TableFrames};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::Rng;
use std_alloc::collections::{BTreeMap, BTreeSet};
use std_alloc::vec::Vec;

/// Frames, each given out once until it comes back.
pub struct Frames {
    pub free: Vec<Frame>,
    pub taken: BTreeSet<Frame>,
}

impl Frames {
    pub fn new(count: u64) -> Frames {
        Frames { free: (100..100 + count).rev().collect(), taken: BTreeSet::new() }
    }
}

impl TableFrames for Frames {
    fn take(&mut self) -> Option<Frame> {
        let frame = self.free.pop()?;
        assert!(self.taken.insert(frame));
        Some(frame)
    }

    fn give(&mut self, frame: Frame) {
        assert!(self.taken.remove(&frame), "frame {frame} comes back twice");
        self.free.push(frame);
    }
}

pub fn below(random: &mut Xoshiro256PlusPlus, end: u64) -> u64 {
    random.next_u64() % end
}

#[derive(Clone)]
pub struct Model {
    pub config: PagingConfig,
    pub has_tables: bool,
    pub entries: BTreeMap<u64, (u32, Entry)>,
    /// Level and first address of each table but the root.
    pub tables: BTreeSet<(u32, u64)>,
}

impl Model {
    pub fn new(config: PagingConfig) -> Model {
        let has_tables = !matches!(config, PagingConfig::Inverted { .. } | PagingConfig::OneLevel { .. });
        Model { config, has_tables, entries: BTreeMap::new(), tables: BTreeSet::new() }
    }

    pub fn size(&self, level: u32) -> u64 {
        self.config.leaf_size(level)
    }

    /// What a table of this level covers.
    fn span(&self, level: u32) -> u64 {
        self.size(level) * 512
    }

    pub fn get(&self, address: u64) -> Option<(u64, u32, Entry)> {
        let (&start, &(level, entry)) = self.entries.range(..=address).next_back()?;
        (address - start < self.size(level)).then_some((start, level, entry))
    }

    /// The entries that intersect a range.
    pub fn within(&self, from: u64, to: u64) -> Vec<(u64, u32, Entry)> {
        let first = from.saturating_sub(self.size(2));
        let all = self.entries.range(first..to).map(|(&start, &(level, entry))| (start, level, entry));
        all.filter(|&(start, level, _)| start < to && start + self.size(level) > from).collect()
    }

    fn has_path(&self, address: u64, level: u32) -> bool {
        (level..self.config.levels() - 1)
            .all(|l| self.tables.contains(&(l, address / self.span(l) * self.span(l))))
    }

    pub fn make_path(&mut self, address: u64, level: u32) {
        for l in level..self.config.levels() - 1 {
            self.tables.insert((l, address / self.span(l) * self.span(l)));
        }
    }

    pub fn set(&mut self, address: u64, level: u32, entry: Entry) {
        if entry.is_empty() && self.has_tables && !self.has_path(address, level) {
            return;
        }
        let size = self.size(level);
        let start = address / size * size;
        let gone: Vec<_> = self.entries.range(start..start + size).map(|(at, _)| *at).collect();
        gone.iter().for_each(|at| assert!(self.entries.remove(at).is_some()));
        for below in 0..level {
            let gone: Vec<_> = self.tables.range((below, start)..(below, start + size)).copied().collect();
            gone.iter().for_each(|table| assert!(self.tables.remove(table)));
        }
        if !entry.is_empty() {
            self.make_path(address, level);
            self.entries.insert(start, (level, entry));
        }
    }

    pub fn prune(&mut self, from: u64, to: u64) {
        let end = if to >= self.config.address_limit() { u64::MAX } else { to };
        for level in 0..self.config.levels() - 1 {
            let span = self.span(level);
            let tables: Vec<_> = self.tables.iter().copied().filter(|(l, _)| *l == level).collect();
            for (l, at) in tables {
                let has_entries = self.entries.range(at..at + span).next().is_some();
                let has_tables =
                    self.tables.iter().any(|(o, base)| *o < l && *base >= at && *base < at + span);
                if from <= at && at + span <= end && !has_entries && !has_tables {
                    self.tables.remove(&(l, at));
                }
            }
        }
    }

    /// The fast one is the same, and so are the frames it has.
    pub fn check(&self, table: &PageTable, frames: Option<&Frames>) {
        let mut seen = Vec::new();
        table.for_each(0, u64::MAX, |address, level, entry| seen.push((address, level, entry)));
        assert_eq!(seen, self.within(0, u64::MAX));
        assert_eq!(table.validate(), Ok(()));
        if self.has_tables {
            assert_eq!(table.tables(), self.tables.len() as u64 + 1);
            assert_eq!(table.table_bytes(), table.tables() * 4096);
        } else {
            assert_eq!(table.tables(), 1);
        }
        if let Some(frames) = frames {
            assert_eq!(frames.taken.len() as u64, if self.has_tables { table.tables() } else { 0 });
        }
    }
}
