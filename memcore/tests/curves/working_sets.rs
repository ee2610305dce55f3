//! Reuse times and working sets.

use super::model::{MORE_PAGES, strings, working_set};
use memcore::replacement::curve::{mean_working_set, reuse_times, working_set_sizes};
use proptest::prelude::*;

#[test]
fn a_loop_reuses_after_its_length() {
    let references: Vec<u32> = (0..30).map(|i| i % 10).collect();
    let times = reuse_times(&references, 10).unwrap();
    assert_eq!(times.as_slice()[..10], [0; 10]);
    assert_eq!(times.as_slice()[10..], [10; 20]);
    // Once warm, a window of 4 holds 4 pages and one of 20 holds all 10.
    let sizes = working_set_sizes(&references, 10, 4, 30).unwrap();
    assert_eq!((sizes[0], sizes[3], sizes[29]), ((1, 1), (4, 4), (30, 4)));
    assert_eq!(working_set_sizes(&references, 10, 20, 1).unwrap(), [(30, 10)]);
}

#[test]
fn windows_of_nothing_and_of_everything() {
    let references = [0, 1, 0, 2];
    assert_eq!(
        mean_working_set(&references, 3, &[0, u64::MAX]).unwrap(),
        [0.0, (1 + 2 + 2 + 3) as f64 / 4.0]
    );
    assert_eq!(working_set_sizes(&references, 3, 0, 2).unwrap(), [(2, 0), (4, 0)]);
    assert_eq!(working_set_sizes(&references, 3, u64::MAX, 9).unwrap().last(), Some(&(4, 3)));
    assert!(working_set_sizes(&[], 0, 5, 5).unwrap().is_empty());
    assert_eq!(mean_working_set(&[], 0, &[3]).unwrap(), [0.0]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reuse_times_agree_with_looking_back(references in strings()) {
        let looking_back = (0..references.len()).map(|now| {
            let before = references[..now].iter().rev().position(|page| *page == references[now]);
            before.map_or(0, |distance| distance as u32 + 1)
        });
        prop_assert_eq!(reuse_times(&references, MORE_PAGES).unwrap().into_vec(), looking_back.collect::<Vec<_>>());
    }

    #[test]
    fn working_sets_agree_with_counting(references in strings(), tau in 1usize..40) {
        let every = working_set_sizes(&references, MORE_PAGES, tau as u64, references.len()).unwrap();
        let counted: Vec<(u64, u32)> = (0..references.len())
            .map(|now| (now as u64 + 1, working_set(&references, now, tau) as u32))
            .collect();
        prop_assert_eq!(&every, &counted);
        let sum: u32 = counted.iter().map(|&(_, size)| size).sum();
        let mean = mean_working_set(&references, MORE_PAGES, &[tau as u64]).unwrap()[0];
        // Both are the same quotient of whole numbers.
        prop_assert_eq!(mean, f64::from(sum) / references.len().max(1) as f64);
    }
}
