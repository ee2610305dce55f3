//! What a simulation tells.

/// How to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagingOptions {
    /// Count write-backs, where the trace has writes. Without, the faster kernels can run. Default: true.
    pub writebacks: bool,
    /// Threads of a sweep; 0 is as many as the machine runs at once. Default: 0.
    pub threads: usize,
}

impl Default for PagingOptions {
    fn default() -> Self {
        PagingOptions { writebacks: true, threads: 0 }
    }
}

/// One policy on one number of frames. A page is one frame; a miss is a reference to a page that is not
/// resident, first references included; all frames are empty at first.
#[derive(Clone, Debug, PartialEq)]
pub struct PagingResult {
    /// The policy with its parameters, as on the command line.
    pub policy: String,
    /// The frames; `None` for a policy that chooses how many it takes.
    pub frames: Option<u32>,
    /// References.
    pub accesses: u64,
    /// References to resident pages.
    pub hits: u64,
    /// References to pages that were not resident.
    pub misses: u64,
    /// Pages that lost their frame.
    pub evictions: u64,
    /// Dirty pages that were written: at their eviction, or earlier when the policy wanted them clean. `None`
    /// where it was not counted.
    pub writebacks: Option<u64>,
    /// Pages dirty and resident at the end, whose write-back is still to come.
    pub dirty_at_end: Option<u64>,
    /// How many pages were resident, for a policy that chooses.
    pub resident_set: Option<ResidentSet>,
    /// Bytes that the simulation held beside the trace.
    pub metadata_bytes: u64,
}

/// The number of resident pages over a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResidentSet {
    /// Mean over all references, after each.
    pub mean: f64,
    /// The greatest.
    pub peak: u32,
}

impl PagingResult {
    /// Misses / accesses; 0 when there are no accesses.
    pub fn miss_ratio(&self) -> f64 {
        if self.accesses == 0 { 0.0 } else { self.misses as f64 / self.accesses as f64 }
    }
}
