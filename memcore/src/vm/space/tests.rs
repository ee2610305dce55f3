//! Areas against a plain map of pages: each page has its attributes by itself, and areas are read off it.

use super::*;
use crate::vm::Protection;
use proptest::prelude::*;
use std_alloc::collections::BTreeMap;
use std_alloc::vec::Vec;

const PAGE: u64 = 16;
const PAGES: u64 = 64;
const READ: Protection = Protection::READ;

/// The model: each mapped page as an area of one page, and the places between hugetlb pages that stay apart.
#[derive(Clone, Default)]
struct Model {
    pages: BTreeMap<u64, Area>,
    /// Where two areas of huge pages touch without being one.
    seams: Vec<u64>,
    guard: u64,
}

impl Model {
    fn insert(&mut self, area: &Area) {
        self.remove(area.start, area.end);
        for start in (area.start..area.end).step_by(PAGE as usize) {
            self.pages.insert(start, area.part(start, start + PAGE));
        }
        self.seams.extend([area.start, area.end]);
    }

    fn remove(&mut self, from: u64, to: u64) -> Vec<Area> {
        let gone = self.clone().between(from, to);
        self.pages.retain(|&page, _| page < from || page >= to);
        self.seams.retain(|&seam| seam < from || seam > to);
        gone
    }

    fn change(&mut self, from: u64, to: u64, change: impl Fn(&mut Area)) {
        let mut seams = Vec::new();
        for area in self.between(from, to) {
            let mut new = area.clone();
            change(&mut new);
            if new != area {
                seams.extend([area.start, area.end]);
                for start in (area.start..area.end).step_by(PAGE as usize) {
                    self.pages.insert(start, new.part(start, start + PAGE));
                }
            }
        }
        self.seams.extend(seams);
    }

    /// The areas, each as long as it can be.
    fn areas(&self) -> Vec<Area> {
        let mut areas: Vec<Area> = Vec::new();
        for page in self.pages.values() {
            let continues = |area: &Area| {
                let as_if_small =
                    |area: &Area| Area { flags: area.flags.without(AreaFlags::HUGETLB), ..area.clone() };
                let huge = (area.flags.contains(AreaFlags::HUGETLB), page.flags.contains(AreaFlags::HUGETLB));
                match huge {
                    (true, true) => {
                        as_if_small(area).merges_with(&as_if_small(page)) && !self.seams.contains(&page.start)
                    }
                    _ => area.merges_with(page),
                }
            };
            match areas.last_mut() {
                Some(area) if continues(area) => area.end = page.end,
                _ => areas.push(page.clone()),
            }
        }
        areas
    }

    /// The parts of areas in a range.
    fn between(&self, from: u64, to: u64) -> Vec<Area> {
        let meets = |area: &&Area| area.start < to && from < area.end;
        self.areas().iter().filter(meets).map(|area| area.part(from, to)).collect()
    }

    fn is_usable(&self, start: u64) -> bool {
        let guarded = |page: &Area| {
            let first = self.areas().iter().any(|area| area.start == page.start);
            first && page.flags.contains(AreaFlags::GROWS_DOWN)
        };
        !self.pages.contains_key(&start)
            && !self
                .pages
                .range(start..)
                .next()
                .is_some_and(|(&at, page)| guarded(page) && at - start <= self.guard)
    }

    /// All places for so many bytes, by trying each.
    fn places(&self, length: u64, align: u64, low: u64, high: u64) -> Vec<u64> {
        let usable: Vec<bool> = (0..PAGES).map(|page| self.is_usable(page * PAGE)).collect();
        let high = high.min(PAGES * PAGE);
        (low.div_ceil(PAGE)..PAGES)
            .map(|page| page * PAGE)
            .filter(|&place| place % align == 0 && place + length <= high)
            .filter(|&place| {
                (place..place + length).step_by(PAGE as usize).all(|page| usable[(page / PAGE) as usize])
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
enum Call {
    Insert(Area),
    Remove(u64, u64),
    Protect(u64, u64, Protection),
    Flag(u64, u64, AreaFlags, bool),
}

fn range() -> impl Strategy<Value = (u64, u64)> {
    (0..PAGES, 1..12u64).prop_map(|(first, pages)| (first * PAGE, (first + pages).min(PAGES) * PAGE))
}

fn flag() -> impl Strategy<Value = AreaFlags> {
    prop::sample::select(&[AreaFlags::LOCKED, AreaFlags::ACCOUNTED, AreaFlags::GROWS_DOWN, AreaFlags::NONE])
}

fn area() -> impl Strategy<Value = Area> {
    let kinds = [
        AreaKind::AnonymousPrivate,
        AreaKind::AnonymousPrivate,
        AreaKind::File { file: 1, shared: true, writable_file: true },
        AreaKind::SharedAnonymous { object: 3 },
    ];
    let offset = prop_oneof![Just(None), (0..4u64).prop_map(|page| Some(page * PAGE))];
    (range(), prop::sample::select(kinds.to_vec()), flag(), offset, 0..8u32).prop_map(
        |((start, end), kind, flags, offset, odd)| {
            let huge = odd == 0;
            Area {
                kind,
                flags: if huge { flags | AreaFlags::HUGETLB } else { flags },
                huge_level: u8::from(huge),
                offset: offset.unwrap_or(start),
                policy: (odd == 1).then_some(2),
                ..Area::anonymous(start, end, READ)
            }
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let protection = (0..3u32).prop_map(|bits| Protection::from_bits(bits).unwrap());
    prop_oneof![
        3 => area().prop_map(Call::Insert),
        2 => range().prop_map(|(from, to)| Call::Remove(from, to)),
        3 => (range(), protection).prop_map(|((from, to), protection)| Call::Protect(from, to, protection)),
        2 => (range(), flag(), any::<bool>()).prop_map(|((from, to), flag, set)| Call::Flag(from, to, flag, set)),
    ]
}

fn changed(areas: &mut Areas, model: &mut Model, from: u64, to: u64, change: impl Fn(&mut Area)) {
    let foreseen = areas.areas_after_change(from, to, &change);
    areas.change(from, to, &change);
    assert_eq!(areas.len(), foreseen);
    model.change(from, to, change);
}

fn perform(areas: &mut Areas, model: &mut Model, call: &Call) {
    areas.reserve().unwrap();
    match *call {
        Call::Insert(ref area) => {
            let count = areas.insert(area.clone());
            model.insert(area);
            assert_eq!(count, model.areas().len() as u64);
        }
        Call::Remove(from, to) => {
            let foreseen = areas.areas_after_remove(from, to);
            let mut removed = Vec::new();
            areas.remove(from, to, &mut |area| removed.push(area.clone()));
            assert_eq!(areas.len(), foreseen);
            assert_eq!(removed, model.remove(from, to));
        }
        Call::Protect(from, to, protection) => {
            changed(areas, model, from, to, |area| area.protection = protection);
        }
        Call::Flag(from, to, flag, set) => {
            changed(areas, model, from, to, |area| area.flags = area.flags.with(flag, set));
        }
    }
}

fn compare(areas: &Areas, model: &Model) {
    assert_eq!(areas.validate(), Ok(()));
    let expected = model.areas();
    assert!(areas.iter().eq(&expected), "{areas:#?}\nexpected {expected:#?}");
    let pages = |flag| model.pages.values().filter(|page| page.flags.contains(flag)).count() as u64;
    assert_eq!(areas.total_pages(), model.pages.len() as u64);
    assert_eq!(areas.accounted_pages(), pages(AreaFlags::ACCOUNTED));
    assert_eq!(areas.locked_pages(), pages(AreaFlags::LOCKED));
}

fn look(areas: &Areas, model: &Model, from: u64, to: u64) {
    let expected = model.areas();
    for address in [from, from + PAGE / 2, to] {
        let held = expected.iter().find(|area| area.contains(address));
        assert_eq!(areas.find(address), held);
        assert_eq!(areas.next_at_or_after(address), expected.iter().find(|area| address < area.end));
        assert_eq!(areas.last_ending_by(address), expected.iter().rev().find(|area| area.end <= address));
    }
    assert!(areas.range(from, to).eq(expected.iter().filter(|area| area.start < to && from < area.end)));
    let pages = || (from..to).step_by(PAGE as usize);
    assert_eq!(areas.first_overlap(from, to), pages().find(|page| model.pages.contains_key(page)));
    assert_eq!(areas.first_hole(from, to), pages().find(|page| !model.pages.contains_key(page)));
    assert_eq!(areas.is_free(from, to), pages().all(|page| !model.pages.contains_key(&page)));
}

proptest! {
    #[test]
    fn areas_are_those_of_their_pages(calls in prop::collection::vec(call(), 1..60), seen in range()) {
        let (mut areas, mut model) = (Areas::new(0, PAGES * PAGE, PAGE), Model::default());
        for call in &calls {
            perform(&mut areas, &mut model, call);
            compare(&areas, &model);
            look(&areas, &model, seen.0, seen.1);
        }
        let bytes = postcard::to_allocvec(&areas).unwrap();
        let back: Areas = postcard::from_bytes(&bytes).unwrap();
        prop_assert_eq!(back.validate(), Ok(()));
        prop_assert_eq!(back, areas);
    }

    #[test]
    fn holes_are_the_highest_and_the_lowest(
        calls in prop::collection::vec(call(), 1..40),
        guard in 0..3u64,
        wanted in prop::collection::vec((1..9u64, 0..4u32, range()), 8),
    ) {
        let guard = guard * PAGE;
        let mut areas = Areas::new(0, PAGES * PAGE, PAGE).with_stack_guard(guard);
        let mut model = Model { guard, ..Model::default() };
        for call in &calls {
            perform(&mut areas, &mut model, call);
        }
        compare(&areas, &model);
        for (pages, shift, (low, high)) in wanted {
            let (length, align) = (pages * PAGE, PAGE << shift);
            for (low, high) in [(low, high), (0, high), (low, u64::MAX), (0, PAGES * PAGE)] {
                let places = model.places(length, align, low, high);
                prop_assert_eq!(areas.gap_bottom_up(length, align, low, high), places.first().copied());
                prop_assert_eq!(areas.gap_top_down(length, align, low, high), places.last().copied());
            }
        }
    }
}

fn write(start: u64, end: u64) -> Area {
    Area::anonymous(start * PAGE, end * PAGE, Protection::READ | Protection::WRITE)
}

fn places(areas: &Areas) -> Vec<(u64, u64)> {
    areas.iter().map(|area| (area.start / PAGE, area.end / PAGE)).collect()
}

#[test]
fn neighbours_merge_when_all_is_equal() {
    let mut areas = Areas::new(0, 1000 * PAGE, PAGE);
    assert_eq!(areas.insert(write(10, 20)), 1);
    assert_eq!(areas.insert(write(30, 40)), 2);
    assert_eq!(areas.insert(write(20, 30)), 1);
    assert_eq!(places(&areas), [(10, 40)]);
    // Moved memory keeps its offset, and does not merge where it was not a neighbour from the beginning.
    assert_eq!(areas.insert(Area { offset: 0, ..write(40, 50) }), 2);
    // Nor does another file, name, policy or flag.
    assert_eq!(areas.insert(Area { name: AreaName::Heap, ..write(8, 10) }), 3);
    assert_eq!(areas.insert(Area { policy: Some(1), ..write(6, 8) }), 4);
    assert_eq!(areas.insert(Area { flags: AreaFlags::DONTFORK, ..write(4, 6) }), 5);
    assert_eq!(areas.validate(), Ok(()));
}

#[test]
fn huge_pages_never_merge_and_split_only_when_changed() {
    let mut areas = Areas::new(0, 1000 * PAGE, PAGE);
    let huge = |start, end| Area { flags: AreaFlags::HUGETLB, huge_level: 1, ..write(start, end) };
    areas.insert(huge(0, 4));
    assert_eq!(areas.insert(huge(4, 8)), 2);
    areas.change(PAGE, 6 * PAGE, |area| area.protection = area.protection | Protection::READ);
    assert_eq!(places(&areas), [(0, 4), (4, 8)]);
    areas.change(2 * PAGE, 4 * PAGE, |area| area.protection = Protection::NONE);
    assert_eq!(places(&areas), [(0, 2), (2, 4), (4, 8)]);
}

#[test]
fn a_stack_grows_down_to_its_guard_and_its_limit() {
    let grows = |start, end| Area { flags: AreaFlags::GROWS_DOWN, ..write(start, end) };
    let below = |area: Area| {
        let mut areas = Areas::new(PAGE, 100 * PAGE, PAGE).with_stack_guard(5 * PAGE);
        areas.insert(area);
        areas.insert(grows(50, 60));
        move |page, most| {
            areas.growth_down(page * PAGE + 3, most * PAGE).map(|area| (area.start / PAGE, area.end / PAGE))
        }
    };
    let growth = below(write(20, 30));
    assert_eq!(growth(49, 60), Some((49, 50)));
    assert_eq!(growth(40, 20), Some((40, 50)));
    assert_eq!(growth(40, 19), None); // 20 pages from 40 to 60
    assert_eq!((growth(35, 60), growth(34, 60)), (Some((35, 50)), None));
    // Not what is mapped, what is above, or what lies below an area that does not grow.
    assert_eq!((growth(50, 60), growth(60, 60), growth(10, 60)), (None, None, None));
    // Areas that nobody can reach, and other stacks, need no distance.
    let growth = below(Area { protection: Protection::NONE, ..write(20, 30) });
    assert_eq!(growth(30, 60), Some((30, 50)));
    assert_eq!(below(grows(20, 30))(30, 60), Some((30, 50)));
    assert_eq!(below(write(70, 71))(0, 90), None); // below the lowest address
    assert_eq!(below(write(70, 71))(1, 90), Some((1, 50)));
    // A stack that was moved keeps its offset, and grows as one area all the same.
    let mut areas = Areas::new(0, 100 * PAGE, PAGE);
    areas.insert(Area { offset: PAGE, ..grows(50, 60) });
    let area = areas.growth_down(40 * PAGE, u64::MAX).unwrap();
    assert_eq!((areas.insert(area), places(&areas)), (1, [(40, 60)].to_vec()));
}

#[test]
fn a_child_inherits_no_locks_and_not_all() {
    let mut areas = Areas::new(0, 1000 * PAGE, PAGE).with_stack_guard(PAGE);
    areas.insert(write(0, 4));
    areas.insert(Area { flags: AreaFlags::LOCKED | AreaFlags::LOCK_ON_FAULT, ..write(4, 8) });
    areas.insert(Area { flags: AreaFlags::DONTFORK, ..write(8, 12) });
    areas.insert(Area { flags: AreaFlags::WIPEONFORK | AreaFlags::ACCOUNTED, ..write(12, 16) });
    let child = areas.forked().unwrap();
    assert_eq!(places(&child), [(0, 8), (12, 16)]);
    assert_eq!((child.total_pages(), child.accounted_pages(), child.locked_pages()), (12, 4, 0));
    assert_eq!((child.validate(), areas.locked_pages()), (Ok(()), 4));
    assert_eq!(child.find(12 * PAGE), areas.find(12 * PAGE));
}

#[test]
fn a_change_back_leaves_one_area() {
    let mut areas = Areas::new(0, 1000 * PAGE, PAGE);
    areas.insert(write(0, 100));
    for page in (0..100).step_by(2) {
        areas.change(page * PAGE, (page + 1) * PAGE, |area| area.protection = READ);
    }
    assert_eq!(areas.len(), 100);
    assert_eq!(areas.areas_after_change(0, 100 * PAGE, |area| area.protection = READ), 1);
    areas.change(0, 100 * PAGE, |area| area.protection = READ);
    assert_eq!(places(&areas), [(0, 100)]);
}

#[test]
fn what_cannot_be_placed_is_left_out() {
    let mut areas = Areas::new(2 * PAGE, 10 * PAGE, PAGE);
    for area in [write(0, 3), write(9, 11), write(4, 4), Area { start: 33, ..write(0, 3) }] {
        assert_eq!(areas.insert(area), 0);
    }
    assert_eq!(areas.gap_top_down(0, PAGE, 0, u64::MAX), None);
    assert_eq!(areas.gap_top_down(9 * PAGE, PAGE, 0, u64::MAX), None);
    assert_eq!(areas.gap_top_down(8 * PAGE, 0, 0, u64::MAX), Some(2 * PAGE));
    assert_eq!(areas.gap_bottom_up(PAGE, u64::MAX, 0, u64::MAX), None);
    assert_eq!(areas.gap_bottom_up(u64::MAX, PAGE, 0, u64::MAX), None);
    assert_eq!(Areas::new(9, 3, 0).gap_bottom_up(1, 1, 0, u64::MAX), None);
    areas.insert(write(2, 10));
    assert_eq!(areas.gap_top_down(PAGE, PAGE, 0, u64::MAX), None);
    assert_eq!(areas.gap_bottom_up(PAGE, PAGE, 0, u64::MAX), None);
}

#[test]
fn with_changes_the_whole_area_or_nothing() {
    let mut areas = Areas::new(0, 100 * PAGE, PAGE);
    areas.insert(write(0, 4));
    areas.insert(Area { protection: READ, ..write(4, 8) });
    let old = areas.with(5 * PAGE, |area| core::mem::replace(&mut area.protection, write(0, 1).protection));
    assert_eq!((old, places(&areas)), (Some(READ), [(0, 8)].to_vec()));
    // The place of an area is not the caller's to change.
    areas.with(0, |area| (area.start, area.end) = (7, 9));
    assert_eq!((areas.with(8 * PAGE, |_| ()), places(&areas)), (None, [(0, 8)].to_vec()));
}

/// A space of many areas at the upper end of 2^64, against a list that is searched from end to end.
#[test]
fn many_areas_in_a_large_space() {
    use rand_xoshiro::rand_core::{Rng, SeedableRng};
    let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(4);
    let (page, high) = (4096, u64::MAX - 4095);
    let low = high - 40_000 * page;
    let mut areas = Areas::new(low, high, page);
    let mut model: BTreeMap<u64, u64> = BTreeMap::new();
    for step in 0..20_000u64 {
        let pages = random.next_u64() % 4 + 1;
        if step % 5 == 4 && !model.is_empty() {
            let chosen = random.next_u64() as usize % model.len();
            let (&start, &end) = model.iter().nth(chosen).unwrap();
            let mut removed = 0;
            areas.remove(start, end, &mut |area| removed += area.length());
            assert_eq!(removed, end - start);
            model.remove(&start);
        } else {
            let length = pages * page;
            let mut expected = None;
            let mut above = high;
            for (&start, &end) in model.iter().rev() {
                if above - end >= length {
                    expected = Some(above - length);
                    break;
                }
                above = start;
            }
            let expected = expected.or_else(|| (above - low >= length).then(|| above - length));
            assert_eq!(areas.gap_top_down(length, page, 0, u64::MAX), expected);
            if let Some(start) = expected {
                // Each has a policy of its own, so that none merge.
                let area = Area::anonymous(start, start + length, READ);
                areas.insert(Area { policy: Some(step as u32), ..area });
                model.insert(start, start + length);
            }
        }
    }
    assert_eq!(areas.validate(), Ok(()));
    assert!(areas.len() > 3000);
    assert!(areas.iter().map(|area| (area.start, area.end)).eq(model));
}

#[test]
fn hostile_snapshots_are_refused() {
    let saved = |low, high, page, list: &[Area]| {
        let bytes = postcard::to_allocvec(&(low, high, page, 0u64, list.to_vec())).unwrap();
        postcard::from_bytes::<Areas>(&bytes).is_ok()
    };
    let all = 100 * PAGE;
    assert!(saved(0, all, PAGE, &[write(1, 2), write(3, 4)]));
    assert!(!saved(0, all, PAGE, &[write(1, 2), write(2, 4)]));
    assert!(!saved(0, all, PAGE, &[write(3, 4), write(1, 2)]));
    assert!(!saved(0, all, PAGE, &[write(1, 3), Area { protection: READ, ..write(2, 4) }]));
    assert!(!saved(0, all, PAGE, &[write(99, 101)]));
    assert!(!saved(0, all, PAGE, &[Area { end: 3 * PAGE + 1, ..write(2, 3) }]));
    assert!(!saved(0, all, PAGE, &[Area { start: u64::MAX, ..write(2, 3) }]));
    assert!(!saved(0, all, 0, &[]));
    assert!(!saved(all, 0, PAGE, &[]));
    let file = AreaKind::File { file: 0, shared: false, writable_file: false };
    assert!(!saved(0, all, PAGE, &[Area { kind: file, offset: u64::MAX, ..write(2, 3) }]));
    assert!(!saved(0, all, PAGE, &[Area { flags: AreaFlags::LOCK_ON_FAULT, ..write(2, 3) }]));
    assert!(!saved(0, all, PAGE, &[Area { huge_level: 1, ..write(2, 3) }]));
}
