//! TLBs against lists of entries, with and without their fronts.

use super::model::below;
use crate::vm::Access;
use crate::vm::paging::tlbs::Hit;
use crate::vm::paging::{Entry, PagingConfig, TlbLevelStats, Tlbs, TlbsConfig};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std_alloc::collections::VecDeque;
use std_alloc::string::ToString;
use std_alloc::vec;
use std_alloc::vec::Vec;

/// Page number, its bits, address space, global, entry.
type Known = (u64, u32, u32, bool, Entry);

/// A TLB as lists, one a set, the entry used last in front.
struct List {
    side: Option<bool>,
    level: usize,
    sizes: &'static [u32],
    ways: usize,
    sets: Vec<VecDeque<Known>>,
}

impl List {
    fn new(side: Option<bool>, level: usize, sizes: &'static [u32], sets: usize, ways: usize) -> List {
        List { side, level, sizes, ways, sets: vec![VecDeque::new(); sets] }
    }

    fn place(&self, address: u64, space: u32, bits: u32) -> (usize, Option<usize>) {
        let page = address >> bits;
        let set = (page % self.sets.len() as u64) as usize;
        let is_it = |e: &Known| e.0 == page && e.1 == bits && (e.3 || e.2 == space);
        (set, self.sets[set].iter().position(is_it))
    }

    fn find(&mut self, address: u64, space: u32) -> Option<Known> {
        for &bits in self.sizes {
            if let (set, Some(at)) = self.place(address, space, bits) {
                let entry = self.sets[set].remove(at).unwrap();
                self.sets[set].push_front(entry);
                return Some(entry);
            }
        }
        None
    }

    fn put(&mut self, address: u64, entry: Known) {
        if !self.sizes.contains(&entry.1) {
            return;
        }
        let (set, at) = self.place(address, entry.2, entry.1);
        at.map(|at| self.sets[set].remove(at));
        self.sets[set].push_front(entry);
        self.sets[set].truncate(self.ways);
    }

    fn remove(&mut self, leaves: impl Fn(&Known) -> bool) -> u64 {
        let mut gone = 0;
        for set in &mut self.sets {
            let before = set.len();
            set.retain(|entry| !leaves(entry));
            gone += (before - set.len()) as u64;
        }
        gone
    }
}

/// All TLBs of a processor as lists.
struct Lists {
    lists: Vec<List>,
    stats: [TlbLevelStats; 2],
    tags: usize,
    current: Option<u32>,
    recent: Vec<u32>,
}

impl Lists {
    fn new(tags: usize) -> Lists {
        let lists = vec![
            List::new(Some(true), 0, &[12], 4, 2),
            List::new(Some(false), 0, &[12], 2, 2),
            List::new(Some(false), 0, &[21], 1, 2),
            List::new(None, 1, &[12, 21], 4, 4),
        ];
        Lists { lists, stats: Default::default(), tags, current: None, recent: Vec::new() }
    }

    fn switch(&mut self, space: u32) {
        if self.current == Some(space) {
            return;
        }
        self.current = Some(space);
        if self.tags == 0 {
            self.remove(|entry| !entry.3);
            return;
        }
        self.recent.retain(|known| *known != space);
        self.recent.push(space);
        if self.recent.len() > self.tags {
            let old = self.recent.remove(0);
            self.remove(|entry| !entry.3 && entry.2 == old);
        }
    }

    fn remove(&mut self, leaves: impl Fn(&Known) -> bool) -> u64 {
        let mut all = 0;
        for list in &mut self.lists {
            let gone = list.remove(&leaves);
            self.stats[list.level].flushes += gone;
            all += gone;
        }
        all
    }

    fn lookup(&mut self, address: u64, space: u32, fetch: bool) -> Option<Hit> {
        self.switch(space);
        for level in 0..2 {
            let mut found = None;
            for list in self.lists.iter_mut().filter(|list| list.level == level) {
                if list.side.is_none_or(|side| side == fetch) && found.is_none() {
                    found = list.find(address, space);
                }
            }
            let Some(entry) = found else {
                self.stats[level].misses += 1;
                continue;
            };
            self.stats[level].hits += 1;
            if level == 1 {
                for list in self.lists.iter_mut().filter(|list| list.side == Some(fetch)) {
                    list.put(address, (entry.0, entry.1, space, entry.3, entry.4));
                }
            }
            return Some(Hit { entry: entry.4, level: level as u8, leaf: ((entry.1 - 12) / 9) as u8 });
        }
        None
    }

    fn insert(&mut self, address: u64, bits: u32, space: u32, global: bool, entry: Entry, fetch: bool) {
        self.switch(space);
        for list in self.lists.iter_mut().filter(|list| list.side.is_none_or(|side| side == fetch)) {
            list.put(address, (address >> bits, bits, space, global, entry));
        }
    }
}

/// The TLBs of [`Lists`].
const CONFIG: &str = "itlb:entries=8,ways=2 dtlb:entries=4,ways=2 dtlb2m:entries=2,pages=2M \
                      stlb:entries=16,ways=4,pages=4K;2M,latency=7";

fn access(number: u64) -> Access {
    [Access::Read, Access::Write, Access::Execute][number as usize % 3]
}

#[test]
fn tlbs_agree_with_lists() {
    let paging = PagingConfig::default();
    for tags in 0..4 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(tags);
        let mut tlbs = Tlbs::new(&CONFIG.parse().unwrap(), tags as u32).unwrap();
        let mut lists = Lists::new(tags as usize);
        let (mut address, mut space, mut kind) = (0, 1, Access::Read);
        for step in 0..40_000 {
            // Often the same page again, in the same way.
            if below(&mut random, 3) == 0 {
                let page = below(&mut random, 24);
                address = page % 3 * (2 << 20) + page * 4096 + below(&mut random, 4096);
                kind = access(below(&mut random, 3));
            }
            if below(&mut random, 40) == 0 {
                space = 1 + below(&mut random, 4) as u32;
            }
            let fetch = kind == Access::Execute;
            match below(&mut random, 60) {
                0 => {
                    let gone = lists.remove(|e| e.0 == address >> e.1 && (e.3 || e.2 == space));
                    assert_eq!(tlbs.invalidate_page(address, space), gone);
                }
                1 => {
                    let to = address + (1 << below(&mut random, 24));
                    let gone = lists.remove(|e| {
                        let start = e.0 << e.1;
                        (e.3 || e.2 == space) && start < to && address < start + (1 << e.1)
                    });
                    assert_eq!(tlbs.invalidate_range(address, to, space), gone);
                }
                2 if step % 7 == 0 => {
                    let gone = lists.remove(|e| !e.3 && e.2 == space);
                    lists.recent.retain(|known| *known != space);
                    lists.current = lists.current.filter(|current| *current != space);
                    assert_eq!(tlbs.invalidate_space(space), gone);
                }
                3 if step % 11 == 0 => assert_eq!(tlbs.invalidate_all(), lists.remove(|_| true)),
                4 => {
                    let change = |entry: Entry| entry.with_dirty(true);
                    tlbs.update(address, space, change);
                    for entry in lists.lists.iter_mut().flat_map(|list| &mut list.sets).flatten() {
                        if entry.0 == address >> entry.1 && (entry.3 || entry.2 == space) {
                            entry.4 = change(entry.4);
                        }
                    }
                }
                _ => {
                    let found = tlbs.lookup(address, space, kind);
                    assert_eq!(found, lists.lookup(address, space, fetch), "step {step}");
                    if found.is_none() {
                        let leaf = u32::from(address >> 21 == 1);
                        let (bits, global) = (12 + 9 * leaf, address >> 12 == 5);
                        let entry = Entry::present(address >> bits).with_global(global);
                        tlbs.insert(address, leaf, space, global, entry, kind);
                        lists.insert(address, bits, space, global, entry, fetch);
                        // Once more, as after a write that walks again for the dirty bit.
                        if below(&mut random, 3) == 0 {
                            let entry = entry.with_dirty(true);
                            tlbs.insert(address, leaf, space, global, entry, kind);
                            lists.insert(address, bits, space, global, entry, fetch);
                        }
                    }
                }
            }
            assert_eq!([tlbs.stats(0), tlbs.stats(1)], lists.stats, "step {step}");
            if step % 100 == 0 {
                assert_eq!(tlbs.validate(&paging), Ok(()));
                let all = lists.lists.iter().flat_map(|list| {
                    let entries = list.sets.iter().flatten();
                    entries.map(|e| (list.level, e.0 << e.1, 1 << e.1, e.2, e.3, e.4)).collect::<Vec<_>>()
                });
                assert!(tlbs.entries().eq(all), "step {step}");
            }
        }
        assert!(lists.stats[0].hits > 10_000 && lists.stats[1].hits > 1000);
    }
}

/// Saving and loading forgets the fronts, and nothing else.
#[test]
fn fronts_cannot_be_seen() {
    for policy in ["lru", "fifo", "random:seed=3", "tree-plru", "bit-plru", "srrip", "srrip:bits=1"] {
        for shape in
            ["itlb:entries=3,ways=3 dtlb:entries=8,ways=4", "l1:entries=4,ways=4,level=1 l2:entries=8,ways=8"]
        {
            let text = shape.split(' ').map(|tlb| tlb.to_string() + ",policy=" + policy).collect::<Vec<_>>();
            let config: TlbsConfig = text.join(" ").parse().unwrap();
            let mut fast = Tlbs::new(&config, 2).unwrap();
            let mut slow = fast.clone();
            let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
            let (mut address, mut space, mut kind) = (0, 1, Access::Read);
            for step in 0..6000 {
                if below(&mut random, 3) == 0 {
                    address = below(&mut random, 12) * 4096;
                    kind = access(below(&mut random, 3));
                }
                if below(&mut random, 100) == 0 {
                    space = 1 + below(&mut random, 3) as u32;
                }
                slow = postcard::from_bytes(&postcard::to_allocvec(&slow).unwrap()).unwrap();
                let found = fast.lookup(address, space, kind);
                assert_eq!(found, slow.lookup(address, space, kind), "{policy} {shape} step {step}");
                if found.is_none() {
                    let entry = Entry::present(address >> 12);
                    fast.insert(address, 0, space, false, entry, kind);
                    slow.insert(address, 0, space, false, entry, kind);
                }
                for level in 0..fast.levels() {
                    assert_eq!(fast.stats(level), slow.stats(level));
                }
                assert!(fast.entries().eq(slow.entries()), "{policy} {shape} step {step}");
            }
            assert!(fast.stats(0).hits > 3000 && fast.stats(0).misses > 100);
        }
    }
}

#[test]
fn levels_have_names_latencies_and_the_sizes_of_the_hardware() {
    let mut tlbs = Tlbs::new(&"intel-skylake".parse().unwrap(), 0).unwrap();
    assert_eq!(tlbs.levels(), 2);
    assert_eq!(tlbs.names(1).collect::<Vec<_>>(), ["stlb", "stlb1g"]);
    assert_eq!((tlbs.latency(0), tlbs.latency(1), tlbs.latency(2)), (0, 7, 0));
    tlbs.insert(5 << 30, 2, 1, false, Entry::present(5 << 18), Access::Read);
    let hit = tlbs.lookup((5 << 30) + 12345, 1, Access::Write).unwrap();
    assert_eq!((hit.leaf, hit.level), (2, 0));
    assert_eq!(tlbs.lookup(5 << 30, 1, Access::Execute).map(|hit| hit.level), Some(1));
    // No TLB for instructions holds pages of 1G.
    assert_eq!(tlbs.lookup(5 << 30, 1, Access::Execute).map(|hit| hit.level), Some(1));
    tlbs.reset_stats();
    assert_eq!(tlbs.stats(0), TlbLevelStats::default());

    // Pages of 256 bytes, as a small machine has them.
    let paging = "one-level:page=256,pages=8".parse().unwrap();
    let mut tlbs = Tlbs::for_paging(&"tlb:entries=4,pages=256,level=1".parse().unwrap(), 0, &paging).unwrap();
    tlbs.insert(0x1ff, 0, 1, false, Entry::present(1), Access::Read);
    assert!(
        tlbs.lookup(0x100, 1, Access::Execute).is_some() && tlbs.lookup(0x200, 1, Access::Read).is_none()
    );

    let mut none = Tlbs::new(&"none".parse().unwrap(), 0).unwrap();
    none.insert(0, 0, 1, true, Entry::present(1), Access::Read);
    assert_eq!((none.lookup(0, 1, Access::Read), none.levels()), (None, 0));
}

#[test]
fn global_entries_survive_a_switch_without_tags() {
    let mut tlbs = Tlbs::new(&"small".parse().unwrap(), 0).unwrap();
    tlbs.insert(0x1000, 0, 1, false, Entry::present(1), Access::Read);
    tlbs.insert(0x2000, 0, 1, true, Entry::present(2), Access::Read);
    assert!(tlbs.lookup(0x2000, 2, Access::Read).is_some());
    assert!(tlbs.lookup(0x1000, 1, Access::Read).is_none());
    assert_eq!(tlbs.stats(0).flushes, 1);
}
