//! Page tables against the slow picture of them, by long random sequences of all operations.

use super::model::{Frames, Model, below};
use crate::vm::paging::{Entry, NoFrame, NoFrames, PageTable, PagingConfig};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std_alloc::vec::Vec;

const CONFIGS: [&str; 10] = [
    "x86-64",
    "x86-64:levels=5",
    "sv39",
    "sv48",
    "inverted:buckets=64",
    "inverted:page=64,address-bits=63,buckets=1",
    "one-level:page=256,pages=8",
    "one-level:page=8,pages=1000",
    "one-level:pages=300000",
    "one-level:page=1,pages=9223372036854775808",
];

struct Both {
    random: Xoshiro256PlusPlus,
    config: PagingConfig,
    table: PageTable,
    model: Model,
    frames: Frames,
}

impl Both {
    fn new(config: &str, seed: u64) -> Both {
        let config: PagingConfig = config.parse().unwrap();
        let mut frames = Frames::new(1 << 16);
        let table = PageTable::new(&config, &mut frames).unwrap();
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Both { random, config, table, model: Model::new(config), frames }
    }

    fn below(&mut self, end: u64) -> u64 {
        below(&mut self.random, end)
    }

    /// An address of a page, near one of a few places.
    fn page(&mut self) -> u64 {
        let limit = self.config.address_limit();
        let far = limit - limit.min(3 << 20);
        let base = [0, 0, 1 << 30, (1 << 30) - (1 << 20), far][self.below(5) as usize];
        let size = self.config.page_size();
        let address = base + self.below(1500) * size;
        if address < limit { address / size * size } else { self.below(limit / size) * size }
    }

    fn range(&mut self) -> (u64, u64) {
        let from = self.page();
        let pages = [1, 3, 600, 3000][self.below(4) as usize];
        let length = (1 + self.below(pages)) * self.config.page_size();
        (from, from.saturating_add(length).min(self.config.address_limit()))
    }

    fn entry(&mut self) -> Entry {
        let frame = self.below(1 << 20);
        match self.below(8) {
            0 => Entry::GUARD,
            1 => Entry::swapped(frame as u32),
            _ => Entry::present(frame).with_dirty(frame % 2 == 0),
        }
    }

    fn level(&mut self) -> u32 {
        let level = [0, 0, 0, 0, 0, 0, 1, 1, 2][self.below(9) as usize];
        if self.config.can_map_at(level) { level } else { 0 }
    }

    fn step(&mut self) {
        match self.below(14) {
            0..=3 => {
                let (address, level, entry) = (self.page(), self.level(), self.entry());
                self.set(address, level, entry);
            }
            4 => {
                let (address, level) = (self.page(), self.level());
                self.set(address, level, Entry::EMPTY);
            }
            5 => self.set_many(),
            6 => self.get(),
            7 => self.update(),
            8 => self.for_each(),
            9 => self.for_each_mut(),
            10 => self.copy(),
            11 => self.move_range(),
            12 => self.split(),
            _ => {
                let (from, to) = self.range();
                let to = if self.below(3) == 0 { u64::MAX } else { to };
                self.table.prune(from, to, &mut self.frames);
                self.model.prune(from, to);
            }
        }
    }

    fn set(&mut self, address: u64, level: u32, entry: Entry) {
        let size = self.config.leaf_size(level);
        let is_in_larger = self.model.get(address).is_some_and(|(_, found, _)| found > level);
        if is_in_larger || address / size * size + size > self.config.address_limit() {
            return;
        }
        self.table.set(address, level, entry, &mut self.frames).unwrap();
        self.model.set(address, level, entry);
    }

    fn set_many(&mut self) {
        let (mut at, to) = self.range();
        while at < to {
            let entry = self.entry();
            self.set(at, 0, entry);
            at += self.config.page_size();
        }
    }

    fn get(&mut self) {
        for _ in 0..50 {
            let address = self.page() + self.below(self.config.page_size());
            let (entry, level) = self.table.get(address);
            let (mut last, mut steps) = (None, 0);
            let walked = self.table.walk(address, |step| {
                last = Some(step);
                steps += 1;
            });
            assert_eq!(walked, (entry, level));
            match self.model.get(address) {
                Some((_, found, expected)) => {
                    assert_eq!((entry, level), (expected, found));
                    assert_eq!(last.unwrap().entry, expected);
                    if self.model.has_tables {
                        assert_eq!(steps, self.config.levels() - level);
                    }
                }
                None => assert!(entry.is_empty()),
            }
        }
        assert_eq!(self.table.get(self.config.address_limit()).0, Entry::EMPTY);
        assert_eq!(self.table.get(u64::MAX).0, Entry::EMPTY);
    }

    fn update(&mut self) {
        let address = self.page();
        let entry = if self.below(3) == 0 { Entry::EMPTY } else { self.entry() };
        let result = self.table.update(address, |_| entry);
        match self.model.get(address) {
            None => assert_eq!(result, None),
            Some((start, level, _)) => {
                assert_eq!(result, Some(entry));
                self.model.entries.insert(start, (level, entry));
                self.model.entries.retain(|_, (_, entry)| !entry.is_empty());
            }
        }
    }

    fn for_each(&mut self) {
        let (from, to) = self.range();
        let mut seen = Vec::new();
        self.table.for_each(from, to, |address, level, entry| seen.push((address, level, entry)));
        assert_eq!(seen, self.model.within(from, to));
    }

    fn for_each_mut(&mut self) {
        let (from, to) = self.range();
        let (mut seen, kind) = (Vec::new(), self.below(3));
        let change = |address: u64, entry: Entry| match (kind, address / 8192 % 2) {
            (0, _) | (1, 0) => Entry::EMPTY.with_dirty(true),
            _ => entry.with_accessed(true),
        };
        self.table.for_each_mut(from, to, |address, level, entry| {
            seen.push((address, level, *entry));
            *entry = change(address, *entry);
        });
        assert_eq!(seen, self.model.within(from, to));
        for (start, level, entry) in seen {
            let entry = change(start, entry);
            self.model.entries.insert(start, (level, entry));
            if entry.is_empty() {
                self.model.entries.remove(&start);
            }
        }
    }

    fn copy(&mut self) {
        let (from, to) = self.range();
        let mut child = PageTable::new(&self.config, &mut self.frames).unwrap();
        let mut copy = Model::new(self.config);
        let kind = self.below(4);
        let theirs = |address: u64, entry: Entry| match (kind, address / 4096 % 2) {
            (0, _) | (1, 0) => Entry::EMPTY,
            _ => entry.with_cow(true),
        };
        let mine = |entry: Entry| if entry.frame() % 5 == 0 { Entry::EMPTY } else { entry.with_cow(true) };
        let mut seen = Vec::new();
        let copied =
            self.table.copy_range(&mut child, from, to, &mut self.frames, |address, level, entry| {
                seen.push((address, level, *entry));
                let copy = theirs(address, *entry);
                *entry = mine(*entry);
                copy
            });
        assert_eq!(copied, Ok(()));
        assert_eq!(seen, self.model.within(from, to));
        for (start, level, entry) in seen {
            copy.set(start, level, theirs(start, entry));
            self.model.entries.insert(start, (level, mine(entry)));
        }
        self.model.entries.retain(|_, (_, entry)| !entry.is_empty());
        copy.check(&child, None);
        child.free(&mut self.frames);
        assert_eq!(child.get(from).0, Entry::EMPTY);
    }

    fn move_range(&mut self) {
        let (from, end) = self.range();
        let to = self.page();
        let length = end - from;
        if to < end && from < to + length || to + length > self.config.address_limit() {
            return;
        }
        let moving = self.model.within(from, end);
        let is_clean = |(start, level, _): &(u64, u32, Entry)| {
            let size = self.config.leaf_size(*level);
            *start >= from && start + size <= end && to.wrapping_sub(from) % size == 0
        };
        let can_stand = moving.iter().all(is_clean) && self.model.within(to, to + length).is_empty();
        if !can_stand {
            return;
        }
        // A large page replaces a table; the kernel sees to it that none with entries is there.
        self.table.move_range(from, to, length, &mut self.frames).unwrap();
        moving.iter().for_each(|(start, ..)| assert!(self.model.entries.remove(start).is_some()));
        moving.iter().for_each(|&(start, level, entry)| self.model.set(start - from + to, level, entry));
    }

    fn split(&mut self) {
        let address = self.page();
        let change = |index: u32, entry: Entry| match index % 7 {
            0 => Entry::EMPTY,
            _ if entry.is_present() => entry.with_frame(entry.frame() + u64::from(index)),
            _ => entry,
        };
        self.table.split(address, &mut self.frames, change).unwrap();
        if let Some((start, level, entry)) = self.model.get(address).filter(|(_, level, _)| *level > 0) {
            self.model.entries.remove(&start);
            self.model.make_path(address, level - 1);
            for index in 0..512 {
                let part = change(index, entry);
                if !part.is_empty() {
                    let at = start + u64::from(index) * self.config.leaf_size(level - 1);
                    self.model.entries.insert(at, (level - 1, part));
                }
            }
        }
    }
}

#[test]
fn tables_agree_with_the_model() {
    for (seed, config) in CONFIGS.iter().enumerate() {
        let mut both = Both::new(config, seed as u64);
        for step in 0..800 {
            both.step();
            if step % 10 == 0 {
                both.model.check(&both.table, Some(&both.frames));
            }
            if step % 300 == 299 {
                let saved = postcard::to_allocvec(&both.table).unwrap();
                both.table = postcard::from_bytes(&saved).unwrap();
            }
        }
        both.table.free(&mut both.frames);
        assert!(both.frames.taken.is_empty(), "{config}");
        assert_eq!(both.table.validate(), Ok(()));
    }
}

#[test]
fn a_failure_for_want_of_frames_leaves_all_as_it_was() {
    let config = "x86-64".parse().unwrap();
    for count in 1..7 {
        let mut frames = Frames::new(count);
        let mut table = PageTable::new(&config, &mut frames).unwrap();
        let first = table.set(0x1000, 0, Entry::present(7), &mut frames);
        assert_eq!(first.is_ok(), count >= 4);
        let tables = table.tables();
        assert_eq!(tables, if count >= 4 { 4 } else { 1 });
        // Another table of each level but the highest two: two frames more.
        let second = table.set(1 << 30, 0, Entry::present(8), &mut frames);
        assert_eq!(second.is_ok(), count >= 6);
        if count == 5 {
            assert_eq!((second, table.tables(), frames.free.len()), (Err(NoFrame), 4, 1));
        }
        assert_eq!(table.validate(), Ok(()));
        let moved = table.move_range(0x1000, 1 << 40, 0x1000, &mut frames);
        assert_eq!(moved.is_ok(), count < 4, "nothing to move, or three tables more");
        assert_eq!(table.get(0x1000).0.frame(), if count >= 4 { 7 } else { 0 });
        assert_eq!(table.validate(), Ok(()));
        let mut child_frames = Frames::new(3);
        let mut child = PageTable::new(&config, &mut child_frames).unwrap();
        let mut calls = 0;
        let copied = table.copy_range(&mut child, 0, 1 << 47, &mut child_frames, |_, _, entry| {
            calls += 1;
            *entry
        });
        assert_eq!((copied.is_ok(), calls), (count < 4, 0));
        assert_eq!(child.tables(), 1);
    }
    let mut none = Frames::new(0);
    assert!(PageTable::new(&config, &mut none).is_err());
    assert!(PageTable::new(&"one-level".parse().unwrap(), &mut none).is_ok(), "takes no frames");
}

#[test]
fn a_split_without_a_frame_changes_nothing() {
    let mut frames = Frames::new(3);
    let mut table = PageTable::new(&"x86-64".parse().unwrap(), &mut frames).unwrap();
    table.set(0x20_0000, 1, Entry::present(512), &mut frames).unwrap();
    assert_eq!(table.split(0x20_0000, &mut frames, |_, large| large), Err(NoFrame));
    assert_eq!(table.get(0x3f_ffff), (Entry::present(512), 1));
    assert_eq!(table.validate(), Ok(()));
}

#[test]
fn inverted_chains_are_walked_link_by_link() {
    let config = "inverted:buckets=1".parse().unwrap();
    let mut table = PageTable::new(&config, &mut NoFrames::default()).unwrap();
    for page in [3, 9, 27] {
        table.set(page * 4096, 0, Entry::present(page), &mut NoFrames::default()).unwrap();
    }
    // The newest is in front: 27, 9, 3; links 2, 1, 0 behind the one anchor of 8 bytes, 32 bytes each.
    let mut at = Vec::new();
    table.walk(3 * 4096, |step| at.push((step.level, step.index, step.entry_address, step.entry)));
    let other = Entry::EMPTY;
    let all = [(1, 0, 0, other), (0, 2, 8 + 64, other), (0, 1, 8 + 32, other), (0, 0, 8, Entry::present(3))];
    assert_eq!(at, all);
    // The last link takes the place of one that goes.
    table.set(3 * 4096, 0, Entry::EMPTY, &mut NoFrames::default()).unwrap();
    let mut at = Vec::new();
    table.walk(27 * 4096, |step| at.push(step.index));
    assert_eq!(at, [0, 0]);
    assert_eq!((table.table_bytes(), table.validate()), (8 + 2 * 32, Ok(())));
}

#[test]
fn hostile_snapshots_are_refused_without_a_panic() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for config in ["x86-64", "inverted:buckets=4", "one-level:pages=1000"] {
        let mut frames = Frames::new(100);
        let mut table = PageTable::new(&config.parse().unwrap(), &mut frames).unwrap();
        for page in 0..20 {
            table.set(page * 40960, 0, Entry::present(page), &mut frames).unwrap();
        }
        table.prune(0, u64::MAX, &mut frames);
        let saved = postcard::to_allocvec(&table).unwrap();
        let (mut refused, mut read) = (0, 0);
        for _ in 0..3000 {
            let mut changed = saved.clone();
            for _ in 0..=below(&mut random, 3) {
                let at = below(&mut random, changed.len().min(400) as u64) as usize;
                let at = if below(&mut random, 2) == 0 { changed.len() - 1 - at } else { at };
                changed[at] = random.next_u64() as u8;
            }
            let Ok(loaded) = postcard::from_bytes::<PageTable>(&changed) else { continue };
            read += 1;
            match loaded.validate() {
                Err(_) => refused += 1,
                Ok(()) => loaded.for_each(0, u64::MAX, |address, _, entry| {
                    assert_eq!(loaded.get(address).0, entry);
                }),
            }
        }
        assert!(refused > 50, "{config}: {refused} of {read} refused");
    }
}
