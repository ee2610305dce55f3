//! Policies that were written to a file and read again: they go on as if nothing had been; and a file that somebody
//! else wrote is refused, or is a policy like any other.

use crate::agree::cases;
use crate::world::World;
use memcore::replacement::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;

const PAGES: u32 = 40;

/// Every policy, each also with parameters that change what it keeps.
fn specs() -> Vec<PolicySpec> {
    let more =
        ["lfu:history=kept", "lru-k:k=3,correlated=4", "car:p=integer", "s3-fifo:warm=main", "aging:tick=5"];
    let names = PolicySpec::names().iter().chain(&more);
    names.map(|text| text.parse().unwrap()).collect()
}

/// A string that is skewed, with a loop in it.
fn string(length: u32, seed: u32) -> Vec<Page> {
    let mut state = seed | 1;
    let mut draw = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    (0..length)
        .map(|time| if time / 50 % 3 == 2 { time % 13 } else { draw() % (1 + draw() % PAGES) })
        .collect()
}

/// One step with its pins, bits, removals and ticks: all that a policy can be asked.
fn step(policy: &mut AnyPolicy, world: &mut World, time: u32, page: Page) -> bool {
    let other = (page * 7 + time) % PAGES;
    match time % 11 {
        0 => drop(world.pinned.insert(other)),
        1 => world.pinned.clear(),
        2 => drop(world.referenced.insert(other)),
        3 => drop(world.dirty.insert(other)),
        4 if time % 5 == 0 && !world.pinned.contains(&other) && policy.remove(other, world) => {
            world.drop_bits(other);
        }
        5 if time % 4 == 0 => policy.tick(world),
        6 if time % 3 == 0 => drop(policy.evict(world)),
        _ => {}
    }
    policy.access(page, world)
}

/// A policy in the middle of a string.
fn begun(spec: &PolicySpec, frames: u32, string: &[Page], steps: usize) -> (AnyPolicy, World) {
    let mut policy = AnyPolicy::of(spec, frames).unwrap();
    policy.reserve(PAGES).unwrap();
    policy.foresee(string).unwrap();
    let mut world = World::default();
    for (time, &page) in (0..).zip(&string[..steps]) {
        step(&mut policy, &mut world, time, page);
    }
    (policy, world)
}

/// What reads a file does: checks, and makes room again.
fn read(bytes: &[u8]) -> Option<AnyPolicy> {
    let mut policy: AnyPolicy = postcard::from_bytes(bytes).ok()?;
    policy.validate().ok()?;
    let pages = policy.reserved();
    policy.reserve(pages).unwrap();
    Some(policy)
}

#[test]
fn goes_on_as_if_nothing_had_been() {
    for (number, spec) in (0..).zip(specs()) {
        for frames in [1, 2, 9, 30] {
            let string = string(900, 77 * number + frames);
            for steps in [0, 3, 200, 555] {
                let (mut through, mut world) = begun(&spec, frames, &string, steps);
                let bytes = postcard::to_allocvec(&through).unwrap();
                let mut again = read(&bytes).unwrap_or_else(|| panic!("{spec} in {frames} is refused"));
                assert_eq!(again.reserved(), PAGES);
                assert_eq!(postcard::to_allocvec(&again).unwrap(), bytes, "{spec}");
                let mut other = world.clone();
                for (time, &page) in (0..).zip(&string).skip(steps) {
                    let hits = (
                        step(&mut through, &mut world, time, page),
                        step(&mut again, &mut other, time, page),
                    );
                    assert_eq!(hits.0, hits.1, "{spec} in {frames} at {time}");
                    assert_eq!(world, other, "{spec} in {frames} at {time}");
                }
                assert!(!world.evicted.is_empty(), "{spec} in {frames}: nothing was tested");
            }
        }
    }
}

/// Changes to a file.
fn change(bytes: &mut Vec<u8>, changes: &[(usize, u8, u8)]) {
    for &(place, how, value) in changes {
        let place = place % bytes.len();
        match how % 4 {
            0 => bytes[place] = value,
            1 => bytes[place] ^= 1 << (value % 8),
            2 => bytes[place] = bytes[(place + usize::from(value)) % bytes.len()],
            _ => bytes.truncate(place.max(1)),
        }
    }
}

/// Decoding never panics nor hangs; and what is accepted can be used.
#[test]
fn a_hostile_file_is_refused_or_is_a_policy() {
    let specs = specs();
    let places = prop::collection::vec((0usize..4000, any::<u8>(), any::<u8>()), 1..3);
    let strategy = (0..specs.len(), 1u32..20, 0usize..150, prop::collection::vec(places, 40));
    let (refused, accepted) = (Cell::new(0), Cell::new(0));
    TestRunner::new(cases(2000))
        .run(&strategy, |(number, frames, steps, all)| {
            let string = string(300, number as u32);
            let (policy, _) = begun(&specs[number], frames, &string, steps);
            let bytes = postcard::to_allocvec(&policy).unwrap();
            for changes in all {
                let mut changed = bytes.clone();
                change(&mut changed, &changes);
                let Some(mut policy) = read(&changed) else {
                    refused.set(refused.get() + 1);
                    continue;
                };
                accepted.set(accepted.get() + 1);
                policy.reserve(PAGES).unwrap();
                let mut world = World::default();
                for (time, &page) in (0..).zip(&string[steps..]) {
                    step(&mut policy, &mut world, time, page);
                }
            }
            Ok(())
        })
        .unwrap();
    let (refused, accepted) = (refused.get(), accepted.get());
    assert!(refused > 1000 && accepted > 100, "{refused} refused, {accepted} accepted");
}

/// Each of these would be followed somewhere bad, were it not looked at.
#[test]
fn lies_are_found() {
    #[derive(serde::Serialize)]
    struct Node(u32, u32, u32);
    // Two rings where one is counted; a length that would be walked for ever.
    let clock = |hand: u32, length: u32, nodes: [Node; 2]| {
        let state = (5u32, 4u32, 1u8, (nodes.as_slice(), hand, length));
        read(&postcard::to_allocvec(&state).unwrap()).is_some()
    };
    assert!(clock(0, 2, [Node(1, 1, 0), Node(0, 0, 1)]));
    assert!(!clock(0, 2, [Node(0, 0, 0), Node(1, 1, 1)]));
    assert!(!clock(0, u32::MAX, [Node(1, 1, 0), Node(0, 0, 1)]));
    assert!(!clock(2, 2, [Node(1, 1, 0), Node(0, 0, 1)]));
}

#[test]
fn a_spec_is_its_text() {
    for spec in specs() {
        let bytes = postcard::to_allocvec(&spec).unwrap();
        assert_eq!(postcard::from_bytes::<String>(&bytes).unwrap(), spec.to_string());
        assert_eq!(postcard::from_bytes::<PolicySpec>(&bytes).unwrap(), spec);
    }
    let bad = postcard::to_allocvec("lur").unwrap();
    assert!(postcard::from_bytes::<PolicySpec>(&bad).is_err());
}
