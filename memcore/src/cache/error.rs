//! What can be wrong with a cache, a TLB, a hierarchy, or the use made of them.

use crate::replacement::PolicyError;
use crate::spec::SpecError;
use std_alloc::string::String;
use thiserror::Error;

/// Why a cache cannot be made or used.
///
/// Whatever refuses a configuration leaves nothing behind. The one error that an access can meet is
/// [`Policy`](Self::Policy) with out of memory, from a policy of the replacement room or the pages of a finite
/// RAM; the access is then done in part, and the hierarchy remains usable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// No sets.
    #[error("{sets} sets: must be 1 or more")]
    Sets {
        /// The number given.
        sets: u64,
    },
    /// No ways, or more than are numbered.
    #[error("{ways} ways: must be from 1 to 2^31")]
    Ways {
        /// The number given.
        ways: u64,
    },
    /// A line is not a power of two of bytes.
    #[error("a line of {line} bytes: must be a power of two")]
    Line {
        /// The size given.
        line: u64,
    },
    /// The size is not that of a whole number of sets.
    #[error("a size of {size} bytes is not a multiple of {ways} ways of {line} bytes")]
    Size {
        /// The size given.
        size: u64,
        /// The ways.
        ways: u64,
        /// The line.
        line: u64,
    },
    /// The size differs from sets x ways x line, which were given too.
    #[error("a size of {size} bytes is not {sets} sets of {ways} ways of {line} bytes")]
    SizeDiffers {
        /// The size given.
        size: u64,
        /// The sets given.
        sets: u64,
        /// The ways.
        ways: u64,
        /// The line.
        line: u64,
    },
    /// The sizes of pages are not different powers of two, or there are none or too many.
    #[error("{bytes} as a page size: must be a power of two, given once, at most 8 of them and at least one")]
    PageSize {
        /// The size given; 0 where there is none.
        bytes: u64,
    },
    /// A TLB cannot have a policy of the replacement room.
    #[error("a TLB cannot use {policy}; known: lru, fifo, random, tree-plru, bit-plru, srrip")]
    TlbPolicy {
        /// The policy.
        policy: &'static str,
    },
    /// Too many levels.
    #[error("{levels} levels: at most {} are walked", super::MAX_LEVELS)]
    Levels {
        /// The number given.
        levels: u64,
    },
    /// Two levels have the same name, or a name that is taken.
    #[error("a level cannot be called {name:?}: the name is taken")]
    Name {
        /// The name.
        name: String,
    },
    /// A level for data or instructions alone stands behind a unified one.
    #[error("{level} is split, but {inner}, which is nearer to the processor, is not")]
    SplitBehindUnified {
        /// The level.
        level: String,
        /// The unified level in front of it.
        inner: String,
    },
    /// The lines of a level are smaller than those of a level nearer to the processor, or than a page.
    #[error("{level} has lines of {line} bytes, {inner} nearer to the processor has {inner_line}")]
    LineShrinks {
        /// The outer level, or the RAM.
        level: String,
        /// The size of its lines, or of its pages.
        line: u64,
        /// The inner level.
        inner: String,
        /// The size of its lines.
        inner_line: u64,
    },
    /// An exclusive level has lines of another size than the level that it takes victims from.
    #[error("{level} is exclusive of {inner}, whose lines have {inner_line} bytes, not {line}")]
    ExclusiveLine {
        /// The exclusive level.
        level: String,
        /// The size of its lines.
        line: u64,
        /// The inner level.
        inner: String,
        /// The size of its lines.
        inner_line: u64,
    },
    /// A level is the first that some accesses meet, so there is nothing that it could be exclusive of.
    #[error("{level} cannot be exclusive: for {of} it is the level nearest to the processor")]
    NothingToExclude {
        /// The level.
        level: String,
        /// Which accesses.
        of: &'static str,
    },
    /// A level answers sooner than one nearer to the processor.
    #[error("{level} takes {latency} cycles, {inner} nearer to the processor takes {inner_latency}")]
    LatencyFalls {
        /// The outer level.
        level: String,
        /// Its latency.
        latency: u64,
        /// The inner level.
        inner: String,
        /// Its latency.
        inner_latency: u64,
    },
    /// A prefetcher cannot have this parameter.
    #[error("prefetch {parameter} of {value}: must be {rule}")]
    Prefetch {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// A bad width of SRRIP's predictions.
    #[error("srrip of {bits} bits: must be from 1 to 7")]
    SrripBits {
        /// The width given.
        bits: u64,
    },
    /// There is no memory for the tables.
    #[error("out of memory for {bytes} bytes of tables")]
    OutOfMemory {
        /// What was asked for.
        bytes: u64,
    },
    /// The policy is refused, or is out of memory.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The text of a level or a hierarchy is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
}
