//! How large the blocks are that a workload asks for.

use std::collections::HashMap;

use super::WorkloadError;
use super::random::Random;
use crate::trace::alloc_trace::AllocTrace;

/// The largest size that a distribution may give: 2^48.
pub const MAX_SIZE: u64 = 1 << 48;

/// A distribution of requested sizes, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SizeDistribution {
    /// Always this size.
    Fixed(u64),
    /// Every size from `min` to `max` alike.
    Uniform {
        /// The smallest size.
        min: u64,
        /// The largest size.
        max: u64,
    },
    /// Every doubling from `min` (at least 1) to `max` alike: what programs are like at a first look.
    LogUniform {
        /// The smallest size.
        min: u64,
        /// The largest size.
        max: u64,
    },
    /// Every power of two from `min` to `max` alike.
    PowersOfTwo {
        /// The smallest size.
        min: u64,
        /// The largest size.
        max: u64,
    },
    /// `large` so many times in a hundred, else `small`.
    Bimodal {
        /// The small size.
        small: u64,
        /// The large size.
        large: u64,
        /// How often the large one, in per cent.
        large_percent: u8,
    },
    /// Sizes with weights, as counted in a real program.
    Histogram(Vec<(u64, u64)>),
}

impl SizeDistribution {
    /// The sizes of the allocations of a trace, each as often as there. O(operations).
    pub fn of_trace(trace: &AllocTrace) -> SizeDistribution {
        let mut counts = HashMap::new();
        for event in trace.events().iter().filter(|event| event.kind().allocates()) {
            *counts.entry(event.size()).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        SizeDistribution::Histogram(counts)
    }

    /// The name in a preset: `fixed`, `uniform`, `log-uniform`, `powers`, `bimodal`, `histogram`.
    pub const fn name(&self) -> &'static str {
        match self {
            SizeDistribution::Fixed(_) => "fixed",
            SizeDistribution::Uniform { .. } => "uniform",
            SizeDistribution::LogUniform { .. } => "log-uniform",
            SizeDistribution::PowersOfTwo { .. } => "powers",
            SizeDistribution::Bimodal { .. } => "bimodal",
            SizeDistribution::Histogram(_) => "histogram",
        }
    }

    pub(super) fn sampler(&self) -> Result<Sampler<'_>, WorkloadError> {
        let invalid = |reason| Err(WorkloadError::Invalid { field: "sizes", reason });
        let (min, max) = match self {
            SizeDistribution::Fixed(size) => (*size, *size),
            SizeDistribution::Uniform { min, max }
            | SizeDistribution::LogUniform { min, max }
            | SizeDistribution::PowersOfTwo { min, max } => (*min, *max),
            SizeDistribution::Bimodal { small, large, large_percent } => {
                if *large_percent > 100 {
                    return invalid("the large share is above 100 per cent");
                }
                (*small, *large)
            }
            SizeDistribution::Histogram(counts) => {
                (0, counts.iter().map(|&(size, _)| size).max().unwrap_or(0))
            }
        };
        if min > max {
            return invalid("the smallest size is above the largest");
        }
        if max > MAX_SIZE {
            return invalid("the largest size is above 2^48");
        }
        if min == 0 && matches!(self, SizeDistribution::LogUniform { .. }) {
            return invalid("log-uniform sizes begin at 1");
        }
        let mut sums = Vec::new();
        match self {
            SizeDistribution::Histogram(counts) => {
                let mut sum = 0u64;
                for &(_, weight) in counts {
                    match sum.checked_add(weight) {
                        Some(more) => sum = more,
                        None => return invalid("the weights sum up to more than 2^64 - 1"),
                    }
                    sums.push(sum);
                }
                if sum == 0 {
                    return invalid("the weights of the histogram are all 0");
                }
            }
            SizeDistribution::PowersOfTwo { min, max } if min.next_power_of_two() > *max => {
                return invalid("there is no power of two between the smallest and the largest size");
            }
            _ => {}
        }
        Ok(Sampler { sizes: self, sums })
    }
}

/// A distribution with what drawing from it needs.
pub(super) struct Sampler<'a> {
    sizes: &'a SizeDistribution,
    /// Of a histogram, the sums of the weights so far.
    sums: Vec<u64>,
}

impl Sampler<'_> {
    pub(super) fn draw(&self, random: &mut Random) -> u64 {
        match self.sizes {
            SizeDistribution::Fixed(size) => *size,
            SizeDistribution::Uniform { min, max } => random.between(*min, *max),
            SizeDistribution::LogUniform { min, max } => random.log_uniform(*min, *max),
            SizeDistribution::PowersOfTwo { min, max } => {
                let (low, high) = (min.next_power_of_two().ilog2(), max.ilog2());
                1 << random.between(low.into(), high.into())
            }
            SizeDistribution::Bimodal { small, large, large_percent } => {
                if random.chance(*large_percent) {
                    *large
                } else {
                    *small
                }
            }
            SizeDistribution::Histogram(counts) => {
                let point = random.below(self.sums.last().copied().unwrap_or(0));
                counts[self.sums.partition_point(|&sum| sum <= point)].0
            }
        }
    }
}
