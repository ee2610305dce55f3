//! One cache: its policies by hand, and against those of the replacement room.

use memcore::cache::{CacheError, Geometry, LineState, SetAssociative, SetPolicy};
use memcore::replacement::{Cache, PolicySpec};
use proptest::prelude::*;

fn one_set(ways: u64, policy: &str) -> SetAssociative {
    SetAssociative::new(Geometry::new(1, ways, 64).unwrap(), &policy.parse().unwrap()).unwrap()
}

/// Drives lines through a cache; the victims.
fn victims(cache: &mut SetAssociative, lines: &[u64]) -> Vec<Option<u64>> {
    let one = |&line: &u64| match cache.lookup(line) {
        Some(_) => None,
        None => cache.fill(line, LineState::default()).unwrap().map(|victim| victim.line),
    };
    lines.iter().map(one).collect()
}

fn last_victim(cache: &mut SetAssociative, lines: &[u64]) -> Option<u64> {
    victims(cache, lines).pop().unwrap()
}

#[test]
fn tree_plru_of_four_ways_by_hand() {
    // After 0 1 2 3 all arrows point to 0's half and in it to 0: 3 turned the root left, 1 the left node left.
    assert_eq!(last_victim(&mut one_set(4, "tree-plru"), &[0, 1, 2, 3, 4]), Some(0));
    // A hit of 0 turns the root right; there 3 turned the node to 2.
    assert_eq!(last_victim(&mut one_set(4, "tree-plru"), &[0, 1, 2, 3, 0, 4]), Some(2));
    // Not LRU: 0 2 1 3 1: the root points right, its node was turned by 3 to 2, though 0 is the oldest.
    assert_eq!(last_victim(&mut one_set(4, "tree-plru"), &[0, 1, 2, 3, 0, 2, 1, 3, 1, 4]), Some(2));
}

#[test]
fn tree_plru_of_three_ways_by_hand() {
    // The left half has two ways. 0 1 2: the root points left, its node to 0.
    assert_eq!(last_victim(&mut one_set(3, "tree-plru"), &[0, 1, 2, 3]), Some(0));
    assert_eq!(last_victim(&mut one_set(3, "tree-plru"), &[0, 1, 2, 1, 3]), Some(2));
}

#[test]
fn bit_plru_by_hand() {
    // 3 sets the last bit: only its own stays. The lowest way without one is 0.
    assert_eq!(last_victim(&mut one_set(4, "bit-plru"), &[0, 1, 2, 3, 4]), Some(0));
    assert_eq!(last_victim(&mut one_set(4, "bit-plru"), &[0, 1, 2, 3, 0, 4]), Some(1));
    assert_eq!(victims(&mut one_set(1, "bit-plru"), &[5, 6, 6, 7]), [None, Some(5), None, Some(6)]);
}

#[test]
fn srrip_by_hand() {
    // The example of the paper's figure 5: a1 a2 a2 a1 b1 b2 b3 b4 a1 a2 in four ways, two bits: a1 and a2 hit.
    let mut cache = one_set(4, "srrip");
    let victims = victims(&mut cache, &[1, 2, 2, 1, 11, 12, 13, 14, 1, 2]);
    assert_eq!(victims, [None, None, None, None, None, None, Some(11), Some(12), None, None]);
}

#[test]
fn random_takes_every_way_and_the_same_with_the_same_seed() {
    let lines: Vec<u64> = (0..400).collect();
    let first = victims(&mut one_set(4, "random:seed=7"), &lines);
    assert_eq!(first, victims(&mut one_set(4, "random:seed=7"), &lines));
    assert_ne!(first, victims(&mut one_set(4, "random:seed=8"), &lines));
    let ages = lines.iter().zip(&first).filter_map(|(line, victim)| victim.map(|victim| line - victim));
    let newest = ages.filter(|&age| age == 1).count();
    assert!((60..140).contains(&newest), "the newest of four left {newest} times of 396");
}

#[test]
fn a_free_way_is_filled_before_a_line_leaves() {
    for policy in ["lru", "fifo", "random", "tree-plru", "bit-plru", "srrip"] {
        let mut cache = one_set(5, policy);
        victims(&mut cache, &[0, 1, 2, 3, 4]);
        assert!(cache.remove(2).is_some() && cache.remove(2).is_none());
        assert_eq!(
            victims(&mut cache, &[5, 2]).iter().filter(|victim| victim.is_some()).count(),
            1,
            "{policy}"
        );
        assert_eq!(cache.lines().count(), 5);
    }
}

#[test]
fn lines_are_told_from_each_other_to_the_last_address() {
    let mut cache = SetAssociative::new(Geometry::new(3, 2, 1).unwrap(), &SetPolicy::Lru).unwrap();
    cache.fill(u64::MAX, LineState { dirty: true, prefetched: false }).unwrap();
    assert_eq!(cache.state(u64::MAX), Some(LineState { dirty: true, prefetched: false }));
    assert!(!cache.contains(u64::MAX - 3) && !cache.contains(0));
    let mut gone = Vec::new();
    cache.remove_range(0, u64::MAX, |victim| gone.push(victim.line));
    assert_eq!(gone, [u64::MAX]);
}

#[test]
fn policies_that_cannot_serve_are_refused() {
    let shape = Geometry::new(1, 2, 64).unwrap();
    let bits = |bits| SetAssociative::new(shape, &SetPolicy::Srrip { bits }).unwrap_err();
    assert_eq!(bits(0), CacheError::SrripBits { bits: 0 });
    assert_eq!(bits(8), CacheError::SrripBits { bits: 8 });
    for text in ["lru:k=1", "srrip:bits=9", "random:bits=1", "no-such-policy", "tree-plru:x=1"] {
        assert!(text.parse::<SetPolicy>().is_err(), "{text}");
    }
    for name in PolicySpec::names() {
        let spec: PolicySpec = name.parse().unwrap();
        let facts = spec.facts();
        let made = SetAssociative::new(shape, &SetPolicy::Room(spec));
        assert_eq!(made.is_err(), facts.needs_future || facts.varies_allocation, "{name}");
    }
}

fn steps() -> impl Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((0u64..60, 0u8..8), 1..400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each policy of the replacement room, one cache of it a set, against one cache of it a set held here; and
    /// the built-in LRU and FIFO against the same.
    #[test]
    fn sets_decide_as_the_room(
        sets in 1u64..4,
        ways in 1u64..6,
        steps in steps(),
        policy in prop::sample::select(PolicySpec::names()),
        by_range in any::<bool>(),
    ) {
        let spec: PolicySpec = policy.parse().unwrap();
        let facts = spec.facts();
        if facts.needs_future || facts.varies_allocation {
            return Ok(());
        }
        let shape = Geometry::new(sets, ways, 64).unwrap();
        let mut caches = vec![SetAssociative::new(shape, &SetPolicy::Room(spec.clone())).unwrap()];
        if matches!(policy, "lru" | "fifo") {
            caches.push(SetAssociative::new(shape, &policy.parse().unwrap()).unwrap());
        }
        let mut rooms: Vec<Cache> = (0..sets).map(|_| Cache::new(&spec, ways as u32).unwrap()).collect();
        for (line, what) in steps {
            let room = &mut rooms[(line % sets) as usize];
            if what == 0 {
                // A cache removes lines that it holds; what a policy remembers of others stays.
                let gone = room.contains(line) && room.remove(line);
                for cache in &mut caches {
                    if by_range {
                        let mut count = 0;
                        cache.remove_range(line, line, |_| count += 1);
                        prop_assert_eq!(count == 1, gone);
                    } else {
                        prop_assert_eq!(cache.remove(line).is_some(), gone);
                    }
                }
                continue;
            }
            let outcome = room.access(line, false).unwrap();
            for cache in &mut caches {
                prop_assert_eq!(cache.lookup(line).is_some(), outcome.hit);
                if !outcome.hit {
                    let victim = cache.fill(line, LineState::default()).unwrap();
                    let victim = Vec::from_iter(victim.map(|victim| victim.line));
                    prop_assert_eq!(&victim[..], room.evicted());
                }
            }
        }
        for cache in &caches {
            let mut lines: Vec<u64> = cache.lines().map(|line| line.line).collect();
            let mut keys: Vec<u64> = rooms.iter().flat_map(|room| room.keys()).collect();
            lines.sort_unstable();
            keys.sort_unstable();
            prop_assert_eq!(lines, keys);
        }
    }

    /// A range that is longer than the cache is swept, a short one is looked up: the same lines leave.
    #[test]
    fn a_range_leaves_whole(
        lines in prop::collection::vec(0u64..64, 0..80),
        first in 0u64..64,
        length in 0u64..64,
        policy in prop::sample::select(vec!["lru", "fifo", "random", "bit-plru"]),
        is_room in any::<bool>(),
    ) {
        let policy = if is_room { SetPolicy::Room("lru".parse().unwrap()) } else { policy.parse().unwrap() };
        let mut cache = SetAssociative::new(Geometry::new(3, 4, 64).unwrap(), &policy).unwrap();
        victims(&mut cache, &lines);
        let all: Vec<u64> = cache.lines().map(|line| line.line).collect();
        let mut gone = Vec::new();
        cache.remove_range(first, first + length, |victim| gone.push(victim.line));
        gone.sort_unstable();
        let (mut inside, outside): (Vec<u64>, Vec<u64>) =
            all.into_iter().partition(|line| (first..=first + length).contains(line));
        inside.sort_unstable();
        prop_assert_eq!(gone, inside);
        prop_assert_eq!(cache.lines().map(|line| line.line).collect::<Vec<_>>(), outside);
    }
}
