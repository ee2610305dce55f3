//! The page-walk cache against lists of prefixes.

use super::model::below;
use crate::vm::paging::{PagingConfig, WalkCache, WalkCacheConfig};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std_alloc::vec::Vec;

#[test]
fn walks_skip_what_is_known() {
    let mut cache = WalkCache::new(&"intel-skylake".parse().unwrap(), 0, &PagingConfig::default()).unwrap();
    assert_eq!(cache.lookup(0x1000, 1), 0);
    cache.insert(0x1000, 1, 3);
    assert_eq!(cache.lookup(0x1f_f000, 1), 3, "the same table of pages");
    assert_eq!(cache.lookup(0x20_0000, 1), 2, "the same directory");
    assert_eq!(cache.lookup(1 << 30, 1), 1, "the same table of directories");
    assert_eq!(cache.lookup(1 << 39, 1), 0);
    // A walk that ends at a page of 2M tells nothing of a table below it.
    cache.insert(1 << 40, 1, 2);
    assert_eq!(cache.lookup(1 << 40, 1), 2);
    // The one entry of the highest level is that of 1 << 40 now.
    assert_eq!(cache.lookup(5 << 30, 1), 0);
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.skipped, stats.flushes), (4, 3, 8, 0));
    // A table goes, and with it the entry that leads to it; those above stay.
    assert_eq!(cache.invalidate_range(0x1000, 0x2000, 2), 0);
    assert_eq!(cache.invalidate_range(0x1000, 0x2000, 1), 2);
    assert_eq!(cache.lookup(0x1000, 1), 0);
    assert_eq!(cache.lookup(1 << 40, 2), 0, "a switch without tags drops all");
    assert_eq!(cache.lookup(1 << 40, 1), 0);
    assert_eq!(cache.stats().flushes, 4);
    cache.reset_stats();
    assert_eq!((cache.stats(), cache.validate(&PagingConfig::default())), (Default::default(), Ok(())));
}

/// Shift of the prefix, levels skipped, entries, what is known: the newest in front.
type List = (u32, u32, usize, Vec<(u32, u64)>);

#[test]
fn caches_agree_with_lists() {
    let paging = PagingConfig::default();
    let config: WalkCacheConfig = "pwc:entries=4;0;2".parse().unwrap();
    let mut cache = WalkCache::new(&config, 8, &paging).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut lists: [List; 2] = [(21, 3, 4, Vec::new()), (39, 1, 2, Vec::new())];
    for step in 0..20_000 {
        let space = below(&mut random, 3) as u32;
        let address = below(&mut random, 3) << 39 | below(&mut random, 5) << 21;
        let found = lists.iter_mut().find_map(|(shift, skipped, _, known)| {
            let at = known.iter().position(|entry| *entry == (space, address >> *shift))?;
            let entry = known.remove(at);
            known.insert(0, entry);
            Some(*skipped)
        });
        assert_eq!(cache.lookup(address, space), found.unwrap_or(0), "step {step}");
        match below(&mut random, 20) {
            0 => {
                let all: usize = lists.iter().map(|list| list.3.len()).sum();
                lists.iter_mut().for_each(|list| list.3.retain(|entry| entry.0 != space));
                let left: usize = lists.iter().map(|list| list.3.len()).sum();
                assert_eq!(cache.invalidate_space(space), (all - left) as u64);
            }
            1 => {
                lists.iter_mut().for_each(|(shift, _, _, known)| {
                    known.retain(|entry| *entry != (space, address >> *shift));
                });
                cache.invalidate_page(address, space);
            }
            _ => {
                let depth = 1 + below(&mut random, 3) as u32;
                for (shift, skipped, most, known) in &mut lists {
                    if *skipped <= depth && *skipped > found.unwrap_or(0) {
                        known.retain(|entry| *entry != (space, address >> *shift));
                        known.insert(0, (space, address >> *shift));
                        known.truncate(*most);
                    }
                }
                cache.insert(address, space, depth);
            }
        }
        if step % 100 == 0 {
            cache = postcard::from_bytes(&postcard::to_allocvec(&cache).unwrap()).unwrap();
            assert_eq!(cache.validate(&paging), Ok(()));
        }
    }
}

#[test]
fn hardware_with_one_level_has_nothing_to_skip() {
    let paging = "one-level".parse().unwrap();
    let mut cache = WalkCache::new(&"intel-skylake".parse().unwrap(), 0, &paging).unwrap();
    cache.insert(0, 1, 0);
    assert_eq!((cache.lookup(0, 1), cache.stats().misses), (0, 0));
    assert_eq!((cache.metadata_bytes(), cache.validate(&paging)), (0, Ok(())));
}
