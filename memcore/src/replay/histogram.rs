//! A histogram of nanoseconds in a fixed table: exact below 32, then 32 buckets for each power of two.
//!
//! ```text
//! value    0 1 2 ... 31 | 32 33 ... 63 | 64-65 66-67 ... 126-127 | 128-131 ...
//! bucket   0 1 2 ... 31 | 32 33 ... 63 |  64    65   ...   95    |   96    ...  1919
//! ```
//!
//! A bucket is at most 1/32 of its values wide, so that a percentile is known to 3 %, from a nanosecond to a
//! century, in 15 KiB and without an allocation while it is filled. (The scheme is that of G. Tene's HdrHistogram.)

use super::result::Latency;

const STEP_BITS: u32 = 5;
const STEPS: usize = 1 << STEP_BITS;
const BUCKETS: usize = STEPS * (u64::BITS - STEP_BITS + 1) as usize;

pub(super) struct Histogram {
    counts: Box<[u64; BUCKETS]>,
    total: u64,
    max: u64,
}

fn bucket(value: u64) -> usize {
    if value < STEPS as u64 {
        return value as usize;
    }
    let shift = value.ilog2() - STEP_BITS;
    (shift as usize) * STEPS + (value >> shift) as usize
}

/// The highest value in the bucket.
fn upper_end(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (shift, step) = (bucket / STEPS - 1, bucket % STEPS + STEPS);
    // One past the end of the last bucket is 2^64, which wraps to the right result.
    ((step as u64 + 1) << shift).wrapping_sub(1)
}

impl Histogram {
    pub fn new() -> Self {
        Histogram { counts: Box::new([0; BUCKETS]), total: 0, max: 0 }
    }

    #[inline]
    pub fn add(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }

    /// The upper end of the bucket in which the value of this rank lies.
    fn permille(&self, permille: u64) -> u64 {
        let rank = (u128::from(self.total) * u128::from(permille)).div_ceil(1000);
        let mut below = 0u128;
        for (bucket, &count) in self.counts.iter().enumerate() {
            below += u128::from(count);
            if count > 0 && below >= rank {
                return upper_end(bucket).min(self.max);
            }
        }
        self.max
    }

    /// `None` when nothing was added.
    pub fn latency(&self) -> Option<Latency> {
        (self.total > 0).then(|| Latency {
            p50: self.permille(500),
            p99: self.permille(990),
            p999: self.permille(999),
            max: self.max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_cover_all_numbers_without_gap() {
        let mut next = 0u64;
        for index in 0..BUCKETS {
            assert_eq!(bucket(next), index);
            let end = upper_end(index);
            assert_eq!(bucket(end), index);
            assert!(end - next <= next / STEPS as u64, "bucket {index} is too wide");
            next = end.wrapping_add(1);
        }
        assert_eq!(next, 0, "the last bucket ends at 2^64 - 1");
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_values() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.latency(), None);
        let values: Vec<u64> = (1..=5000).map(|index| index * index).collect();
        values.iter().for_each(|&value| histogram.add(value));
        let latency = histogram.latency().unwrap();
        for (found, rank) in [(latency.p50, 2500), (latency.p99, 4950), (latency.p999, 4995)] {
            let exact = values[rank - 1];
            assert!(found >= exact && found - exact <= exact / STEPS as u64, "{found} for {exact}");
        }
        assert_eq!(latency.max, 25_000_000);
    }

    #[test]
    fn a_rank_between_two_values_is_the_higher_one() {
        let mut histogram = Histogram::new();
        [1, 2, 3].into_iter().for_each(|value| histogram.add(value));
        assert_eq!(histogram.latency(), Some(Latency { p50: 2, p99: 3, p999: 3, max: 3 }));
    }

    #[test]
    fn one_value_is_every_percentile() {
        let mut histogram = Histogram::new();
        histogram.add(1_000_003);
        let all = 1_000_003;
        assert_eq!(histogram.latency(), Some(Latency { p50: all, p99: all, p999: all, max: all }));
    }
}
