//! Curves: what every number of frames would give, from one pass over the references.
//!
//! * [`StackDistances`]: LRU's, exact; [`Shards`]: the same from a sample of the pages.
//! * [`opt_curve`]: OPT's, exact.
//! * [`MissRatioCurve`]: misses by number of frames.
//! * [`reuse_times`], [`mean_working_set`], [`working_set_sizes`]: how a program's working set behaves.

mod marks;
mod miss_ratio;
mod opt;
mod reuse;
mod shards;
mod stack_distances;

pub use miss_ratio::MissRatioCurve;
pub use opt::opt_curve;
pub use reuse::{ReuseTimes, mean_working_set, reuse_times, working_set_sizes};
pub use shards::{Sampling, Shards};
pub use stack_distances::{COLD, StackDistances, lru_curve};
