//! SHARDS: what it says of its error, held to it.

use super::model::{MORE_PAGES, skewed, strings};
use memcore::replacement::PolicyError;
use memcore::replacement::curve::{MissRatioCurve, Sampling, Shards, lru_curve};
use proptest::prelude::*;

fn sampled(references: &[u32], pages: u32, sampling: Sampling, seed: u64) -> (MissRatioCurve, Shards) {
    let mut shards = Shards::new(sampling, seed).unwrap();
    shards.reserve(pages).unwrap();
    shards.run(references).unwrap();
    (shards.curve().unwrap(), shards)
}

/// The promise of the documentation, for some 3,400 sampled pages: below 0.01, and 0.005 in the mean.
#[test]
fn one_percent_of_a_zipf_stream_is_within_its_error() {
    let pages = 800_000;
    let references = skewed(5, 2_000_000, pages);
    let exact = lru_curve(&references, pages).unwrap();
    let seeds = 1..=5;
    let errors = seeds.map(|seed| {
        let (curve, shards) = sampled(&references, pages, Sampling::Rate(0.01), seed);
        // 1 % of the 340,000 pages that occur.
        assert!((3_100..3_700).contains(&shards.sampled_pages()), "{} pages", shards.sampled_pages());
        curve.mean_absolute_error(&exact)
    });
    let errors: Vec<f64> = errors.collect();
    assert!(errors.iter().all(|&error| error < 0.01), "{errors:?}");
    assert!(errors.iter().sum::<f64>() / (errors.len() as f64) < 0.005, "{errors:?}");
}

/// The paper: a mean absolute error below 0.01 with 8,192 pages.
#[test]
fn a_fixed_number_of_pages_is_within_its_error() {
    let pages = 400_000;
    let references = skewed(6, 1_000_000, pages);
    let exact = lru_curve(&references, pages).unwrap();
    for seed in 1..=3 {
        let (curve, shards) = sampled(&references, pages, Sampling::Pages(8192), seed);
        assert_eq!(shards.sampled_pages(), 8192);
        assert!(shards.rate() < 0.1, "the rate has fallen");
        let error = curve.mean_absolute_error(&exact);
        assert!(error < 0.01, "seed {seed}: {error}");
    }
}

/// A loop is the hardest case: all distances are one, and where the curve falls is what the sample says.
#[test]
fn the_cliff_of_a_loop_is_found() {
    let references: Vec<u32> = (0..500_000).map(|i| i % 50_000).collect();
    let (curve, _) = sampled(&references, 50_000, Sampling::Rate(0.1), 1);
    assert!(curve.misses_at(45_000) > 490_000, "{}", curve.misses_at(45_000));
    assert!(curve.misses_at(55_000) < 60_000, "{}", curve.misses_at(55_000));
}

#[test]
fn the_same_seed_gives_the_same_sample_in_chunks_too() {
    let references = skewed(8, 50_000, 4000);
    for sampling in [Sampling::Rate(0.3), Sampling::Pages(300)] {
        let (whole, _) = sampled(&references, 4000, sampling, 7);
        let mut shards = Shards::new(sampling, 7).unwrap();
        for (index, chunk) in references.chunks(999).enumerate() {
            shards.reserve((200 * (index as u32 + 1)).clamp(chunk.iter().max().unwrap() + 1, 4000)).unwrap();
            shards.run(chunk).unwrap();
        }
        assert_eq!(shards.curve().unwrap(), whole);
        let (other, _) = sampled(&references, 4000, sampling, 8);
        assert_ne!(other, whole);
    }
}

#[test]
fn rates_out_of_range_are_refused() {
    for rate in [0.0, -0.5, 1.0001, f64::NAN, f64::INFINITY] {
        let refused = Shards::new(Sampling::Rate(rate), 1).unwrap_err();
        assert_eq!(refused, PolicyError::Rate { rate: rate.to_string() });
    }
    assert_eq!(Shards::new(Sampling::Pages(0), 1).unwrap_err(), PolicyError::Frames { frames: 0 });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// All pages sampled: the exact curve, by either kind. Distances below 512 have a bucket each.
    #[test]
    fn sampling_everything_is_exact(references in strings(), seed in any::<u64>()) {
        let exact = lru_curve(&references, MORE_PAGES).unwrap();
        for sampling in [Sampling::Rate(1.0), Sampling::Pages(MORE_PAGES)] {
            let (curve, _) = sampled(&references, MORE_PAGES, sampling, seed);
            for frames in 1..=MORE_PAGES {
                prop_assert_eq!(curve.misses_at(frames), exact.misses_at(frames), "{:?} at {}", sampling, frames);
            }
        }
    }

    /// However few pages may be sampled, nothing breaks, and misses never exceed references.
    #[test]
    fn small_samples_hold_together(seed in any::<u64>(), most in 1u32..20) {
        let references = skewed(seed, 3000, 500);
        let (curve, shards) = sampled(&references, 500, Sampling::Pages(most), seed);
        prop_assert!(shards.sampled_pages() <= most);
        prop_assert!(curve.misses().iter().all(|&misses| misses <= 3000));
        prop_assert!(curve.misses().is_sorted_by(|a, b| a >= b));
    }
}
