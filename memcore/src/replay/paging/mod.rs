//! Page traces through replacement policies: misses, evictions, write-backs; many policies and sizes at once.
//!
//! ```text
//!   PageTrace --+--> simulate: one policy, one number of frames ------------------> PagingResult
//!               +--> sweep: policies x sizes, on threads -------------------------> PagingResult each
//!               |      a job is a kernel's run, an online run, OPT with next uses
//!               |      found once, or LRU's whole curve where many sizes are wanted
//!               +--> miss_ratio_curve: LRU and OPT in one pass, sampled, others swept
//!   PageReader ----> sweep_stream: the same, a chunk at a time, for traces larger than memory
//! ```

mod curves;
mod error;
mod jobs;
mod plain;
mod result;
mod run;
mod stream;
mod sweep;

pub use curves::{CurveOptions, miss_ratio_curve};
pub use error::PagingError;
pub use plain::{PlainPolicy, simulate_plain};
pub use result::{PagingOptions, PagingResult, ResidentSet};
pub use run::{simulate, simulate_policy};
pub use stream::sweep_stream;
pub use sweep::sweep;
