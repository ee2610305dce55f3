//! Workloads from a seed: traces for those who have none, and for questions that no recorded trace asks.
//!
//! A [`Workload`] is a shape (how many blocks live when), a distribution of sizes, one of lifetimes, and a
//! seed. The same workload gives the same trace on every machine and in every later version of this crate:
//! the generator is fixed (xoshiro256++), and all arithmetic is in integers.
//!
//! ```text
//!   live                  steady            ramp            phases             fragmenter       growth
//!   blocks               ________           /\  /\         ___  ___ ___        /|/|/|/|       vectors that
//!                       /                  /  \/  \       /   |/   |           holes, then     double by
//!                      /                                                       twice the size  realloc
//! ```
//!
//! A workload has a text form, which is also how the command line and the other doors name it:
//!
//! ```
//! use memcore::trace::generate::Workload;
//!
//! let workload: Workload =
//!     "steady:live=1000,operations=100000,sizes=log-uniform,min=16,max=4096,seed=1".parse()?;
//! let trace = workload.generate(&mut ())?;
//! assert_eq!(trace.events().len(), 100_000);
//! assert_eq!(trace.summary().peak_live_blocks, 1000);
//! # Ok::<(), memcore::trace::TraceError>(())
//! ```
//!
//! A [`PageWorkload`] is the same for references to pages: Zipf, loops, scans, phases.
//!
//! What generated traces are not: real. They have no correlation between the sizes and lifetimes of
//! neighbours, which is what fragmentation in real programs comes from (Wilson et al., "Dynamic Storage
//! Allocation: A Survey and Critical Review", 1995). Use them to begin, to stress and to isolate; decide on
//! recorded ones.

mod lifetimes;
mod pages;
mod preset;
mod random;
mod shapes;
mod sizes;

pub use lifetimes::Lifetimes;
pub use pages::{Depths, Exponent, PagePattern, PageWorkload};
pub use shapes::Shape;
pub use sizes::{MAX_SIZE, SizeDistribution};

use super::alloc_trace::AllocTrace;
use super::error::TraceError;
use super::event::MAX_THREAD;
use crate::progress::Progress;

/// Why a workload cannot be read from text or generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkloadError {
    /// A name that no workload has.
    #[error("there is no workload {name:?}; known are {}", Shape::list())]
    UnknownName {
        /// The name given.
        name: String,
    },
    /// A key that this workload does not take.
    #[error("the workload {workload} has no key {key:?}; known are {known}")]
    UnknownKey {
        /// The workload.
        workload: &'static str,
        /// The key given.
        key: String,
        /// The keys that it takes.
        known: String,
    },
    /// A word where one of several is wanted.
    #[error("{value:?} is no choice for {key}; known are {known}")]
    UnknownChoice {
        /// The key.
        key: &'static str,
        /// The word given.
        value: String,
        /// The choices.
        known: String,
    },
    /// Text that is not `key=value`, or whose value is no number that fits.
    #[error("{text:?} is not {expected}")]
    BadValue {
        /// The text given.
        text: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A field that does not make sense.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field of [`Workload`].
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
}

/// What to generate. All fields are free to set; [`generate`](Self::generate) checks them.
///
/// ```
/// use memcore::trace::generate::{Lifetimes, Shape, SizeDistribution, Workload};
///
/// let workload = Workload {
///     live: 100,
///     operations: 5_000,
///     sizes: SizeDistribution::Fixed(48),
///     lifetimes: Lifetimes::Fifo,
///     ..Workload::new(Shape::Steady)
/// };
/// assert_eq!(workload.generate(&mut ())?.summary().peak_live_bytes, 4800);
/// # Ok::<(), memcore::trace::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// How many blocks live when.
    pub shape: Shape,
    /// The blocks live at once, at most: 1 to 2^31.
    pub live: u64,
    /// The operations in all: 1 to 2^32 - 2.
    pub operations: u64,
    /// The sizes of the blocks.
    pub sizes: SizeDistribution,
    /// The lifetimes of the blocks (the fragmenter and growth have their own).
    pub lifetimes: Lifetimes,
    /// How many operations in a hundred resize a live block instead of making or freeing one.
    pub realloc_percent: u8,
    /// How many allocations in a hundred are callocs.
    pub calloc_percent: u8,
    /// How many allocations in a hundred have a stated alignment.
    pub aligned_percent: u8,
    /// That alignment in bytes, a power of two.
    pub alignment: u64,
    /// The threads among which allocations are spread evenly.
    pub threads: u32,
    /// How many frees in a hundred come from any thread instead of the block's own.
    pub cross_percent: u8,
    /// Another seed is another trace of the same kind.
    pub seed: u64,
}

impl Workload {
    /// The workload of this shape with the defaults: 1,000 live blocks, 100,000 operations, log-uniform sizes
    /// from 16 to 4096, exponential lifetimes, mallocs, reallocs by growth only, and frees on one thread,
    /// seed 1.
    pub fn new(shape: Shape) -> Workload {
        Workload {
            shape,
            live: 1_000,
            operations: 100_000,
            sizes: SizeDistribution::LogUniform { min: 16, max: 4096 },
            lifetimes: Lifetimes::Exponential,
            realloc_percent: 0,
            calloc_percent: 0,
            aligned_percent: 0,
            alignment: 64,
            threads: 1,
            cross_percent: 0,
            seed: 1,
        }
    }

    /// The trace. It has exactly [`operations`](Self::operations) operations, valid in order (no operation on
    /// a block that is not live); blocks may be live at its end; its comment is the workload's text form.
    /// O(operations × log live).
    ///
    /// # Errors
    /// [`TraceError::Workload`] with [`WorkloadError::Invalid`], [`TraceError::Event`] when memory runs out,
    /// [`TraceError::Cancelled`].
    pub fn generate(&self, progress: &mut dyn Progress) -> Result<AllocTrace, TraceError> {
        self.check()?;
        shapes::generate(self, progress)
    }

    fn check(&self) -> Result<(), WorkloadError> {
        let invalid = |field, reason| Err(WorkloadError::Invalid { field, reason });
        if self.live == 0 || self.live > 1 << 31 {
            return invalid("live", "must be from 1 to 2^31");
        }
        if self.operations == 0 || self.operations > u64::from(u32::MAX) - 1 {
            return invalid("operations", "must be from 1 to 2^32 - 2");
        }
        match self.shape {
            Shape::Ramp { cycles: 0 } => return invalid("cycles", "must be at least 1"),
            Shape::Phases { phases: 0 } => return invalid("phases", "must be at least 1"),
            _ => {}
        }
        if self.realloc_percent > 100 {
            return invalid("realloc", "must be at most 100");
        }
        if u32::from(self.calloc_percent) + u32::from(self.aligned_percent) > 100 {
            return invalid("calloc", "must be, with aligned, at most 100");
        }
        if self.cross_percent > 100 {
            return invalid("cross", "must be at most 100");
        }
        if !self.alignment.is_power_of_two() {
            return invalid("alignment", "must be a power of two");
        }
        if self.threads == 0 || self.threads > MAX_THREAD + 1 {
            return invalid("threads", "must be from 1 to 2^23");
        }
        Ok(())
    }
}
