//! How long blocks live, and so which block goes next.
//!
//! A lifetime is drawn when its block is allocated, as a moment of death on a clock that counts allocations.
//! When the shape of a workload asks for a free, the block whose moment comes first goes, due or not: so the
//! number of live blocks is the shape's, and the order of frees is the lifetimes'.

use core::fmt;
use core::str::FromStr;

use super::WorkloadError;
use super::random::Random;

/// A distribution of lifetimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lifetimes {
    /// Memoryless: a block's age says nothing about its rest. The mean is the number of live blocks.
    Exponential,
    /// Every lifetime up to twice the mean alike.
    Uniform,
    /// The generational hypothesis: nine blocks in ten die young (their mean is an eighth of the live
    /// blocks), one in ten lives long (71 eighths, so that the mean over all is the number of live blocks).
    Generational,
    /// The oldest goes first: queues.
    Fifo,
    /// The youngest goes first: stacks.
    Lifo,
}

impl Lifetimes {
    /// All of them.
    pub const ALL: [Lifetimes; 5] = [
        Lifetimes::Exponential,
        Lifetimes::Uniform,
        Lifetimes::Generational,
        Lifetimes::Fifo,
        Lifetimes::Lifo,
    ];

    /// The name in a preset: `exponential`, `uniform`, `generational`, `fifo`, `lifo`.
    pub const fn name(self) -> &'static str {
        match self {
            Lifetimes::Exponential => "exponential",
            Lifetimes::Uniform => "uniform",
            Lifetimes::Generational => "generational",
            Lifetimes::Fifo => "fifo",
            Lifetimes::Lifo => "lifo",
        }
    }

    /// The moment of death of a block allocated at `now`, where `live` blocks are to live at once.
    pub(super) fn death(self, now: u64, live: u64, random: &mut Random) -> u64 {
        match self {
            Lifetimes::Exponential => now + 1 + random.exponential(live),
            Lifetimes::Uniform => now + 1 + random.below(2 * live),
            Lifetimes::Generational if random.chance(90) => now + 1 + random.exponential(live / 8),
            Lifetimes::Generational => now + 1 + random.exponential(71 * live / 8),
            Lifetimes::Fifo => now,
            Lifetimes::Lifo => u64::MAX - now,
        }
    }
}

impl fmt::Display for Lifetimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Lifetimes {
    type Err = WorkloadError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Lifetimes::ALL.into_iter().find(|lifetimes| lifetimes.name() == name).ok_or_else(|| {
            WorkloadError::UnknownChoice {
                key: "lifetimes",
                value: name.to_owned(),
                known: Lifetimes::ALL.map(Lifetimes::name).join(", "),
            }
        })
    }
}
