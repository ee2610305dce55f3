//! TLBs: against a list that is searched.

use memcore::cache::{CacheError, Tlb, TlbConfig, TlbEntry};
use proptest::prelude::*;

type Entry = TlbEntry<u32>;

/// Sets as lists of entries, the newest first.
struct Model {
    config: TlbConfig,
    sets: Vec<Vec<Entry>>,
}

impl Model {
    fn size(entry: &Entry) -> u64 {
        1 << entry.page_bits
    }

    /// Of the pages that a space sees at an address, that of the smallest size.
    fn find(&self, address: u64, space: u32) -> Option<(usize, usize)> {
        let mut found: Option<(u64, usize, usize)> = None;
        for (set, entries) in self.sets.iter().enumerate() {
            for (at, entry) in entries.iter().enumerate() {
                let sees = entry.is_global || entry.space == space;
                let size = Model::size(entry);
                if sees && address / size == entry.page && found.is_none_or(|found| size < found.0) {
                    found = Some((size, set, at));
                }
            }
        }
        found.map(|(_, set, at)| (set, at))
    }

    fn lookup(&mut self, address: u64, space: u32) -> Option<u32> {
        let (set, at) = self.find(address, space)?;
        let entry = self.sets[set].remove(at);
        self.sets[set].insert(0, entry);
        Some(entry.value)
    }

    fn insert(&mut self, entry: Entry) -> Option<Entry> {
        let set = &mut self.sets[(entry.page % self.config.sets) as usize];
        let is_it = |old: &Entry| {
            old.page == entry.page
                && old.page_bits == entry.page_bits
                && (old.is_global || old.space == entry.space)
        };
        let known = set.iter().position(is_it);
        if let Some(at) = known {
            set.remove(at);
        }
        set.insert(0, entry);
        if set.len() > self.config.ways as usize { set.pop() } else { None }
    }

    fn remove(&mut self, gone: impl Fn(&Entry) -> bool) -> u64 {
        let before: usize = self.sets.iter().map(Vec::len).sum();
        self.sets.iter_mut().for_each(|set| set.retain(|entry| !gone(entry)));
        (before - self.sets.iter().map(Vec::len).sum::<usize>()) as u64
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entries_are_those_of_the_model(
        sets in 1u64..5,
        ways in 1u32..5,
        sizes in 1usize..4,
        steps in prop::collection::vec((0u8..14, 0u64..40, 0u32..3, 0usize..3, any::<bool>()), 1..300),
    ) {
        let page_sizes = vec![1 << 12, 1 << 21, 1 << 14][..sizes].to_vec();
        let config = TlbConfig { sets, ways, policy: Default::default(), page_sizes: page_sizes.clone() };
        let mut tlb: Tlb<u32> = Tlb::new(&config).unwrap();
        let mut model = Model { config, sets: vec![Vec::new(); sets as usize] };
        let (mut hits, mut lookups, mut gone) = (0, 0, 0);
        for (index, (what, at, space, size, is_global)) in steps.into_iter().enumerate() {
            // Pages of all sizes near each other, at both ends of the address space.
            let address = if at % 2 == 0 { at << 11 } else { u64::MAX - (at << 12) };
            match what {
                0..=5 => {
                    lookups += 1;
                    let found = tlb.lookup(address, space).copied();
                    hits += u64::from(found.is_some());
                    prop_assert_eq!(found, model.lookup(address, space));
                }
                6..=9 => {
                    let page_size = page_sizes[size % sizes];
                    let page_bits = page_size.trailing_zeros() as u8;
                    let (page, value) = (address / page_size, index as u32);
                    let victim = tlb.insert(address, page_size, space, is_global, value).unwrap();
                    prop_assert_eq!(victim, model.insert(Entry { page, page_bits, space, is_global, value }));
                }
                10 => {
                    let sees = |entry: &Entry| {
                        address / Model::size(entry) == entry.page && (entry.is_global || entry.space == space)
                    };
                    let removed = model.remove(sees);
                    gone += removed;
                    prop_assert_eq!(tlb.invalidate_page(address, space), removed);
                }
                11 => {
                    let removed = model.remove(|entry| !entry.is_global && entry.space == space);
                    gone += removed;
                    prop_assert_eq!(tlb.invalidate_space(space), removed);
                }
                12 if is_global => {
                    let removed = model.remove(|entry| !entry.is_global);
                    gone += removed;
                    prop_assert_eq!(tlb.invalidate_non_global(), removed);
                }
                13 if is_global => {
                    let removed = model.remove(|_| true);
                    gone += removed;
                    prop_assert_eq!(tlb.invalidate_all(), removed);
                }
                _ => {
                    let expected = model.find(address, space).map(|(set, at)| model.sets[set][at]);
                    prop_assert_eq!(tlb.probe(address, space), expected);
                }
            }
            prop_assert_eq!(tlb.entries().collect::<Vec<_>>(), model.sets.concat());
        }
        let stats = tlb.stats();
        prop_assert_eq!((stats.hits, stats.hits + stats.misses, stats.invalidations), (hits, lookups, gone));
    }
}

#[test]
fn a_value_can_be_changed_where_it_is() {
    let mut tlb: Tlb<u64> = Tlb::new(&"tlb:entries=2".parse().unwrap()).unwrap();
    tlb.insert(0x5000, 4096, 0, false, 1).unwrap();
    *tlb.lookup(0x5fff, 0).unwrap() |= 2;
    assert_eq!(tlb.probe(0x5000, 0).unwrap().value, 3);
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    let new = |text: &str| -> Result<(), CacheError> { Tlb::<u8>::new(&text.parse()?).map(drop) };
    let sizes = |bytes| Err(CacheError::PageSize { bytes });
    assert_eq!(new("t:entries=8,pages=4K;4K"), sizes(4096));
    assert_eq!(new("t:entries=8,pages=5000"), sizes(5000));
    assert_eq!(new("t:entries=8,pages=1;2;4;8;16;32;64;128;256"), sizes(256));
    assert_eq!(new("t:entries=9,ways=2"), Err(CacheError::Size { size: 9, ways: 2, line: 1 }));
    assert_eq!(new("t:entries=0"), Err(CacheError::Ways { ways: 0 }));
    assert!(new("t:ways=2").is_err() && new("t:entries=2,size=3").is_err());
    let room = TlbConfig {
        policy: memcore::cache::SetPolicy::Room("fifo".parse().unwrap()),
        ..TlbConfig { sets: 1, ways: 1, policy: Default::default(), page_sizes: vec![4096] }
    };
    assert_eq!(Tlb::<u8>::new(&room).unwrap_err(), CacheError::TlbPolicy { policy: "fifo" });
    let none = TlbConfig { page_sizes: Vec::new(), ..room };
    let none = TlbConfig { policy: Default::default(), ..none };
    assert_eq!(Tlb::<u8>::new(&none).unwrap_err(), CacheError::PageSize { bytes: 0 });
    let mut tlb: Tlb<u8> =
        Tlb::new(&"t:entries=4,pages=4K;2M,ways=2,policy=tree-plru".parse().unwrap()).unwrap();
    assert_eq!(tlb.insert(0, 1 << 30, 0, false, 0), Err(CacheError::PageSize { bytes: 1 << 30 }));
    let config: TlbConfig = "x:entries=4,pages=4K;2M,ways=2,policy=tree-plru".parse().unwrap();
    assert_eq!(config.to_string(), "tlb:entries=4,ways=2,pages=4K;2M,policy=tree-plru");
}
