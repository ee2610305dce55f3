//! LRU's and OPT's distances and curves.

use super::model::{MORE_PAGES, PAGES, TEXTBOOK, opt_misses, skewed, stack_distances, strings};
use memcore::replacement::curve::{COLD, StackDistances, lru_curve, opt_curve};
use memcore::replacement::{Lru, Named, NextUses, Policy, PolicyError, count_opt_misses};
use proptest::prelude::*;

const INF: u32 = 0;

fn distances(references: &[u32], pages: u32) -> Vec<u32> {
    let mut stack = StackDistances::new();
    stack.reserve(pages).unwrap();
    let plain = |distance| if distance == COLD { INF } else { distance };
    references.iter().map(|&page| plain(stack.access(page))).collect()
}

#[test]
fn the_textbook_strings_have_the_published_distances() {
    assert_eq!(distances(TEXTBOOK[0], PAGES), [INF, INF, INF, INF, 4, 4, INF, 3, 3, 5, 5, 5]);
    assert_eq!(
        distances(TEXTBOOK[1], PAGES),
        [INF, INF, INF, INF, 3, INF, 2, INF, 4, 4, 4, 2, 3, 5, 2, 4, 3, 6, 3, 3]
    );
}

#[test]
fn the_textbook_strings_have_the_published_curves() {
    let at_3_4_5 = |misses: &dyn Fn(u32) -> u64| [3, 4, 5].map(misses);
    let lru = [[10, 8, 5], [12, 8, 7], [5, 4, 4]];
    let opt = [[7, 6, 5], [9, 8, 7], [5, 4, 4]];
    for (string, (lru, opt)) in TEXTBOOK.iter().zip(lru.iter().zip(&opt)) {
        let curve = lru_curve(string, PAGES).unwrap();
        assert_eq!(at_3_4_5(&|frames| curve.misses_at(frames)), *lru);
        let curve = opt_curve(string, PAGES, &mut |_| true).unwrap().unwrap();
        assert_eq!(at_3_4_5(&|frames| curve.misses_at(frames)), *opt);
    }
}

/// Long enough for the time axis to be gathered many times, and for all levels of its tree.
#[test]
fn a_long_string_has_the_distances_of_the_model() {
    let references = skewed(3, 60_000, 3000);
    assert_eq!(distances(&references, 3000), stack_distances(&references));
}

/// A tree of three levels of counts: more than 64 x 64 blocks of 512 places.
#[test]
fn distances_are_right_where_the_axis_is_long() {
    let pages = 1 << 21;
    let mut stack = StackDistances::new();
    stack.reserve(pages).unwrap();
    for page in 0..pages {
        assert_eq!(stack.access(page), COLD);
    }
    // The oldest page first: everything else is above it.
    for page in [0, 1, pages / 2, pages - 1] {
        let depth =
            pages - page + [0, 1, pages / 2, pages - 1].iter().filter(|&&other| other < page).count() as u32;
        assert_eq!(stack.access(page), depth, "page {page}");
    }
    assert_eq!(stack.access(pages - 1), 1);
}

#[test]
fn a_stack_can_be_given_more_pages_while_it_runs() {
    let references = skewed(9, 20_000, 900);
    let mut stack = StackDistances::new();
    let mut known = 0;
    let mut found = Vec::new();
    for &page in &references {
        if page >= known {
            known = page + 1;
            stack.reserve(known).unwrap();
        }
        let distance = stack.access(page);
        found.push(if distance == COLD { INF } else { distance });
    }
    assert_eq!(found, stack_distances(&references));
}

#[test]
fn a_loop_has_one_distance() {
    let references: Vec<u32> = (0..50_000).map(|i| i % 1000).collect();
    let curve = lru_curve(&references, 1000).unwrap();
    assert_eq!((curve.misses_at(999), curve.misses_at(1000)), (50_000, 1000));
    // The published values of OPT on this loop.
    let curve = opt_curve(&references, 1000, &mut |_| true).unwrap().unwrap();
    assert_eq!([500, 900, 999].map(|frames| curve.misses_at(frames)), [25_500, 5_900, 1_049]);
}

#[test]
fn nothing_has_an_empty_curve() {
    let curve = lru_curve(&[], 0).unwrap();
    assert_eq!((curve.frames().len(), curve.accesses(), curve.misses_at(1)), (0, 0, 0));
    assert!(opt_curve(&[], 0, &mut |_| true).unwrap().unwrap().misses().is_empty());
    let none = NextUses::of(&[], 0).unwrap();
    assert_eq!(count_opt_misses(&none, 1, &mut |_| true), Ok(0));
    assert_eq!(count_opt_misses(&none, 0, &mut |_| true), Err(PolicyError::Frames { frames: 0 }));
}

#[test]
fn an_opt_curve_stops_when_asked() {
    let references = skewed(1, 100_000, 500);
    let mut asked = 0;
    let stopped = opt_curve(&references, 500, &mut |done| {
        asked += 1;
        done < 20_000
    });
    // After each 256 references.
    assert_eq!((stopped.unwrap(), asked), (None, 79));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn distances_agree_with_the_model(references in strings()) {
        prop_assert_eq!(distances(&references, MORE_PAGES), stack_distances(&references));
    }

    #[test]
    fn the_lru_curve_is_what_the_policy_does(references in strings()) {
        let curve = lru_curve(&references, MORE_PAGES).unwrap();
        for frames in 1..=MORE_PAGES {
            let mut policy = Lru::new(&(), frames).unwrap();
            policy.reserve(MORE_PAGES).unwrap();
            let misses = references.iter().filter(|&&page| !policy.access(page, &mut ())).count();
            prop_assert_eq!(curve.misses_at(frames), misses as u64);
        }
    }

    #[test]
    fn the_opt_curve_is_what_the_model_says(references in strings()) {
        let curve = opt_curve(&references, MORE_PAGES, &mut |_| true).unwrap().unwrap();
        let next = NextUses::of(&references, MORE_PAGES).unwrap();
        for frames in 1..=MORE_PAGES {
            let expected = opt_misses(&references, frames as usize);
            prop_assert_eq!(curve.misses_at(frames), expected);
            prop_assert_eq!(count_opt_misses(&next, frames, &mut |_| true).unwrap(), expected);
        }
    }

    /// With more pages than one group of the tree holds.
    #[test]
    fn the_opt_curve_and_the_count_agree_on_larger_strings(seed in any::<u64>(), pages in 17u32..900) {
        let references = skewed(seed, 6000, pages);
        let curve = opt_curve(&references, pages, &mut |_| true).unwrap().unwrap();
        let next = NextUses::of(&references, pages).unwrap();
        for frames in [1, 2, 3, 15, 16, 17, 100, 255, 256, 257, 500] {
            prop_assert_eq!(curve.misses_at(frames), count_opt_misses(&next, frames, &mut |_| true).unwrap());
        }
    }
}
