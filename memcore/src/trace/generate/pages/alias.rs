//! Draws from a Zipf distribution in constant time, in integers: Walker's alias method.
//!
//! The n weights are cut up and packed into n buckets of equal height, each of which holds at most two
//! ranks: its own up to a threshold, and above it one other, its alias. A draw takes a bucket and a height.
//!
//! ```text
//!   weights   5 2 1 0        buckets of height 2        draw: bucket 2 at height 0.7 of 2: below its
//!                                                       threshold of 1, so rank 2; above it, rank 0
//!                            | 0 | 1 | 0 | 0 |
//!                            | 0 | 1 |-2-| 0 |
//! ```
//!
//! A. J. Walker, "An efficient method for generating discrete random variables with general distributions",
//! ACM TOMS 3, 1977; built in linear time after M. D. Vose, "A linear algorithm for generating random numbers
//! with a given distribution", IEEE TSE 17, 1991.
//!
//! Weights are powers 2^62 / k^s in fixed point, thresholds have 32 bits: the probability of each rank is
//! right to 2^-32 of a bucket.

use super::super::random::{POINT, Random, exp2, log2};
use super::Exponent;

/// The weight of rank 1 is 2 to this power.
const TOP: u64 = 62;

pub(super) struct Zipf {
    /// For each bucket its threshold out of 2^32, and its alias (its own rank: the bucket is whole).
    buckets: Vec<(u32, u32)>,
}

impl Zipf {
    /// Ranks 0 .. `ranks`, at least 1 and below 2^32. `None` when memory runs out. O(ranks).
    pub(super) fn new(ranks: u64, exponent: Exponent) -> Option<Zipf> {
        let count = ranks as usize;
        let mut weights: Vec<u64> = Vec::new();
        weights.try_reserve_exact(count).ok()?;
        weights.extend((1..=ranks).map(|rank| weight(rank, exponent)));
        let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();

        let mut buckets: Vec<(u32, u32)> = Vec::new();
        buckets.try_reserve_exact(count).ok()?;
        buckets.extend((0..ranks).map(|rank| (0, rank as u32)));
        // Heights are weights times the ranks: a full bucket is the total, and nothing is rounded. Weights
        // fall, so the heavy ranks, above a bucket's height, stand first, and the light ones behind them.
        let height_of = |rank: usize| u128::from(weights[rank]) * u128::from(ranks);
        let heavy = weights.partition_point(|&weight| u128::from(weight) * u128::from(ranks) > total);
        let mut light = heavy..count;
        let mut alias = 0;
        let mut left = height_of(alias);
        // A heavy rank that has given away so much that it is light now.
        let mut spent = None;
        while alias < heavy {
            let next = spent.take().or_else(|| light.next().map(|rank| (rank, height_of(rank))));
            let Some((rank, height)) = next else { break };
            let threshold = u32::try_from((height << 32) / total).unwrap_or(u32::MAX);
            buckets[rank] = (threshold, alias as u32);
            left -= total - height;
            if left <= total {
                spent = Some((alias, left));
                alias += 1;
                left = if alias < heavy { height_of(alias) } else { 0 };
            }
        }
        // The heights add up to the total a bucket, so what is left over fills its own bucket exactly.
        Some(Zipf { buckets })
    }

    /// A rank from 0.
    #[inline]
    pub(super) fn draw(&self, random: &mut Random) -> u64 {
        // The high half of the product is the bucket; the low one is where between two buckets the number
        // fell, and so a second random number for nothing.
        let product = u128::from(random.next()) * self.buckets.len() as u128;
        let (bucket, height) = ((product >> 64) as u64, (product >> 32) as u32);
        let (threshold, alias) = self.buckets[bucket as usize];
        if height < threshold { bucket } else { alias.into() }
    }
}

/// 2^62 / rank^exponent, rounded down.
fn weight(rank: u64, exponent: Exponent) -> u64 {
    let log = u128::from(log2(rank)) * u128::from(exponent.thousandths()) / 1000;
    match u64::try_from(log) {
        Ok(log) if log <= TOP << POINT => exp2((TOP << POINT) - log),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of each rank in 2^32 parts of all buckets, from the table itself.
    fn shares(zipf: &Zipf) -> Vec<u128> {
        let mut shares = vec![0u128; zipf.buckets.len()];
        for (rank, &(threshold, alias)) in zipf.buckets.iter().enumerate() {
            shares[rank] += u128::from(threshold);
            shares[alias as usize] += (1 << 32) - u128::from(threshold);
        }
        shares
    }

    #[test]
    fn the_buckets_hold_the_weights() {
        for (ranks, thousandths) in [(1, 1000), (2, 1000), (7, 0), (100, 1000), (1000, 800), (50, 10_000)] {
            let exponent = Exponent::from_thousandths(thousandths).unwrap();
            let shares = shares(&Zipf::new(ranks, exponent).unwrap());
            let power = f64::from(thousandths) / 1000.0;
            let sum: f64 = (1..=ranks).map(|rank| (rank as f64).powf(-power)).sum();
            for (index, &share) in shares.iter().enumerate() {
                let expected = ((index + 1) as f64).powf(-power) / sum;
                let found = share as f64 / ((1u64 << 32) as f64 * ranks as f64);
                assert!((found - expected).abs() < 1e-8, "{ranks} {thousandths} {index}: {found} {expected}");
            }
        }
    }

    #[test]
    fn draws_follow_the_weights() {
        let (mut random, zipf) = (Random::new(3), Zipf::new(3, Exponent::ONE).unwrap());
        let mut counts = [0; 3];
        for _ in 0..110_000 {
            counts[zipf.draw(&mut random) as usize] += 1;
        }
        // 6, 3 and 2 elevenths.
        for (count, expected) in counts.into_iter().zip([60_000, 30_000, 20_000]) {
            assert!((expected - 600..expected + 600).contains(&count), "{counts:?}");
        }
    }
}
