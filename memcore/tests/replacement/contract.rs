//! What every policy promises, whatever it decides: pins hold, each loss is told once, and memory follows the pages.

use crate::agree::cases;
use crate::tables::misses;
use memcore::replacement::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeSet, HashMap};

/// Every policy that can serve a cache.
fn specs() -> impl Iterator<Item = PolicySpec> {
    let specs = PolicySpec::names().iter().map(|name| name.parse::<PolicySpec>().unwrap());
    specs.filter(|spec| !spec.facts().needs_future)
}

/// What is known of a page from what was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    No,
    Yes,
    /// It was referenced when nothing could leave for it: the policy may remember that.
    Perhaps,
}

/// A pager that keeps the books, and objects.
#[derive(Debug, Default)]
struct Ledger {
    resident: BTreeSet<Page>,
    pinned: BTreeSet<Page>,
    referenced: BTreeSet<Page>,
    dirty: BTreeSet<Page>,
    known: HashMap<Page, Known>,
    /// Told in the last call.
    evicted: Vec<Page>,
    forgotten: Vec<Page>,
}

impl Ledger {
    fn known(&self, page: Page) -> Known {
        self.known.get(&page).copied().unwrap_or(Known::No)
    }

    fn begin(&mut self) {
        self.evicted.clear();
        self.forgotten.clear();
    }

    /// The page is, or is not, resident after it was referenced or inserted.
    fn came(&mut self, page: Page, resident: bool) {
        if resident {
            assert!(!self.forgotten.contains(&page), "{page} is resident and was told as forgotten");
            self.resident.insert(page);
            self.known.insert(page, Known::Yes);
        } else if self.known(page) == Known::No {
            self.known.insert(page, Known::Perhaps);
        }
    }
}

impl Pager for Ledger {
    fn is_evictable(&self, page: Page) -> bool {
        assert!(self.resident.contains(&page), "asked whether {page} may leave, which is not resident");
        !self.pinned.contains(&page)
    }

    fn take_referenced(&mut self, page: Page) -> bool {
        assert!(self.resident.contains(&page), "asked for the bit of {page}, which is not resident");
        self.referenced.remove(&page)
    }

    fn is_dirty(&self, page: Page) -> bool {
        self.dirty.contains(&page)
    }

    fn clean(&mut self, page: Page) {
        self.dirty.remove(&page);
    }

    fn evicted(&mut self, page: Page) {
        assert!(self.resident.remove(&page), "{page} was evicted and was not resident");
        assert!(!self.pinned.contains(&page), "{page} was evicted and is pinned");
        self.referenced.remove(&page);
        self.dirty.remove(&page);
        self.evicted.push(page);
    }

    fn forgotten(&mut self, page: Page) {
        assert!(!self.resident.contains(&page), "{page} was forgotten before it was evicted");
        assert_ne!(self.known(page), Known::No, "{page} was forgotten, of whom nothing was known");
        self.known.insert(page, Known::No);
        self.forgotten.push(page);
    }
}

/// One call, by a number that says which, and a page.
type Call = (u8, Page);

fn keeps_the_contract(
    spec: &PolicySpec,
    frames: u32,
    pages: u32,
    calls: &[Call],
) -> Result<(), TestCaseError> {
    let fixed = !spec.facts().varies_allocation;
    let mut policy = AnyPolicy::of(spec, frames).unwrap();
    policy.reserve(pages).unwrap();
    let bytes = policy.metadata_bytes();
    let mut ledger = Ledger::default();
    for (index, &(call, page)) in calls.iter().enumerate() {
        let story = || format!("{spec}, {frames} frames, in the last of {:?}", &calls[..=index]);
        let was_resident = ledger.resident.contains(&page);
        ledger.begin();
        match call {
            0..50 => {
                let room = ledger.resident.len() < frames as usize
                    || ledger.resident.iter().any(|page| !ledger.pinned.contains(page));
                let hit = policy.access(page, &mut ledger);
                let resident = policy.is_resident(page);
                prop_assert_eq!(hit, was_resident, "{}", story());
                prop_assert!(resident == (hit || room) || !fixed, "resident: {}, {}", resident, story());
                ledger.came(page, resident);
                if resident && call % 3 == 0 {
                    ledger.dirty.insert(page);
                }
            }
            50..58 if fixed => {
                let can = ledger.resident.iter().any(|page| !ledger.pinned.contains(page));
                let victim = policy.evict(&mut ledger);
                prop_assert_eq!(victim.is_some(), can, "{}", story());
                prop_assert_eq!(Vec::from_iter(victim), ledger.evicted.clone(), "{}", story());
            }
            58..64 if !was_resident && ledger.resident.len() < frames as usize => {
                policy.insert(page, &mut ledger);
                ledger.came(page, policy.is_resident(page));
            }
            64..70 => {
                ledger.pinned.remove(&page);
                ledger.resident.remove(&page);
                let known = ledger.known(page);
                let removed = policy.remove(page, &mut ledger);
                // Ghosts may go with it (LIRS prunes its stack).
                prop_assert_eq!(ledger.forgotten.contains(&page), removed, "{}", story());
                prop_assert_eq!(&ledger.evicted, &vec![], "{}", story());
                prop_assert!(known == Known::Perhaps || removed == (known == Known::Yes), "{}", story());
                ledger.known.insert(page, Known::No);
            }
            70..80 if was_resident => drop(ledger.pinned.insert(page)),
            80..86 => drop(ledger.pinned.remove(&page)),
            86..98 if was_resident => drop(ledger.referenced.insert(page)),
            98.. => policy.tick(&mut ledger),
            _ => {}
        }
        let resident: BTreeSet<Page> = (0..pages).filter(|&page| policy.is_resident(page)).collect();
        prop_assert_eq!(&resident, &ledger.resident, "{}", story());
        prop_assert_eq!(policy.resident() as usize, resident.len(), "{}", story());
        prop_assert!(!fixed || resident.len() <= frames as usize, "{}", story());
        prop_assert_eq!(policy.validate(), Ok(()), "{}", story());
        prop_assert_eq!(policy.metadata_bytes(), bytes, "{}", story());
        prop_assert_eq!(&Vec::from_iter(ledger.pinned.difference(&resident)), &Vec::<&Page>::new());
    }
    Ok(())
}

#[test]
fn pins_hold_and_each_loss_is_told_once() {
    let sizes = (1u32..=16, 1u32..=40);
    let cases_of = sizes.prop_flat_map(|(frames, pages)| {
        (Just(frames), Just(pages), prop::collection::vec((0u8..100, 0..pages), 1..300))
    });
    for spec in specs() {
        let test =
            |(frames, pages, calls): (u32, u32, Vec<Call>)| keeps_the_contract(&spec, frames, pages, &calls);
        TestRunner::new(cases(100))
            .run(&cases_of, test)
            .unwrap_or_else(|failure| panic!("{spec}: {failure}"));
    }
}

/// The pager's bits say referenced whenever asked: an eviction ends all the same.
#[test]
fn bits_that_are_always_set_stop_nobody() {
    struct Busy;
    impl Pager for Busy {
        fn take_referenced(&mut self, _page: Page) -> bool {
            true
        }
    }
    for spec in specs().filter(|spec| !spec.facts().varies_allocation) {
        let mut policy = AnyPolicy::of(&spec, 4).unwrap();
        policy.reserve(100).unwrap();
        for page in 0..100 {
            assert!(!policy.access(page, &mut Busy), "{spec}");
            assert!(policy.is_resident(page), "{spec}");
            policy.tick(&mut Busy);
        }
    }
}

/// A cache gives the numbers of forgotten keys to others; what it decides does not depend on them.
#[test]
fn a_cache_of_any_keys_decides_as_the_policy_over_dense_numbers() {
    let runs = (1u32..=16, 1u32..=48).prop_flat_map(|(frames, pages)| {
        (Just(frames), Just(pages), any::<u64>(), prop::collection::vec((0u8..20, 0..pages), 1..400))
    });
    let key = |page: Page, salt: u64| (u64::from(page) + 1).wrapping_mul(salt | 1);
    for spec in specs() {
        let test = |(frames, pages, salt, run): (u32, u32, u64, Vec<(u8, Page)>)| {
            let mut policy = AnyPolicy::of(&spec, frames).unwrap();
            policy.reserve(pages).unwrap();
            let mut cache = Cache::new(&spec, frames).unwrap();
            let mut world = crate::world::World::default();
            for &(call, page) in &run {
                if call == 0 {
                    let resident = policy.is_resident(page);
                    world.drop_bits(page);
                    policy.remove(page, &mut world);
                    prop_assert_eq!(cache.remove(key(page, salt)), resident, "{}, {} frames", spec, frames);
                    continue;
                }
                world.evicted.clear();
                let hit = policy.access(page, &mut world);
                let outcome = cache.access(key(page, salt), call == 1).unwrap();
                if call == 1 && policy.is_resident(page) {
                    world.dirty.insert(page);
                }
                prop_assert_eq!(outcome.hit, hit, "{}, {} frames", spec, frames);
                let evicted: Vec<u64> = world.evicted.iter().map(|&page| key(page, salt)).collect();
                prop_assert_eq!(cache.evicted(), &evicted[..], "{}, {} frames", spec, frames);
            }
            Ok(())
        };
        TestRunner::new(cases(100)).run(&runs, test).unwrap_or_else(|failure| panic!("{spec}: {failure}"));
    }
}

/// As many frames as pages, or more: each page misses once, in every size.
#[test]
fn what_fits_misses_once() {
    for spec in specs().filter(|spec| !spec.facts().varies_allocation) {
        for pages in 1..=16 {
            let string: Vec<Page> = (0..pages).cycle().take(100).collect();
            for frames in pages..=17 {
                assert_eq!(misses(&spec, frames, &string), u64::from(pages), "{spec}, {frames} frames");
            }
        }
    }
}

#[test]
fn more_frames_never_miss_more_in_a_stack_algorithm() {
    let strings = prop::collection::vec(0u32..24, 1..300);
    for spec in PolicySpec::names().iter().map(|name| name.parse::<PolicySpec>().unwrap()) {
        if spec.facts().is_stack {
            let test = |string: Vec<Page>| {
                let curve: Vec<u64> = (1..=20).map(|frames| misses(&spec, frames, &string)).collect();
                prop_assert!(curve.windows(2).all(|pair| pair[0] >= pair[1]), "{}: {:?}", spec, curve);
                Ok(())
            };
            TestRunner::new(cases(100))
                .run(&strings, test)
                .unwrap_or_else(|failure| panic!("{spec}: {failure}"));
        }
    }
}

#[test]
fn numbers_out_of_range_are_errors() {
    for spec in specs() {
        for frames in [0, MAX_PAGES + 1] {
            let error = AnyPolicy::of(&spec, frames).unwrap_err();
            assert_eq!(error, PolicyError::Frames { frames: frames.into() }, "{spec}");
        }
        let mut policy = AnyPolicy::of(&spec, 3).unwrap();
        assert!(matches!(policy.reserve(u32::MAX), Err(PolicyError::Pages { .. })), "{spec}");
        assert!(!policy.is_resident(0), "{spec}");
        policy.reserve(10).unwrap();
        policy.reserve(2).unwrap();
        policy.access(9, &mut ());
        assert_eq!(policy.validate(), Ok(()), "{spec}");
    }
}

#[test]
fn the_simple_ones_take_at_most_16_bytes_a_page() {
    for name in ["fifo", "lru", "mru", "random", "clock", "nru", "slru", "2q", "sieve"] {
        let mut policy = AnyPolicy::of(&name.parse().unwrap(), 100).unwrap();
        policy.reserve(100_000).unwrap();
        assert!(policy.metadata_bytes() <= 1_600_000, "{name}: {}", policy.metadata_bytes());
    }
}
