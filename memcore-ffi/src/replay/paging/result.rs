//! How to simulate, and what a simulation tells.

use memcore::replay::paging::{PagingOptions, PagingResult};

use crate::panic::guarded;

/// How to simulate. `memcore_paging_options_default` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_paging_options {
    /// Not 0: count write-backs, where the trace has writes; this excludes the fastest ways of counting misses.
    /// Default: 1.
    pub writebacks: i32,
    /// Threads of a sweep; 0 is as many as the machine runs at once. Default: 0.
    pub threads: usize,
}

impl From<&memcore_paging_options> for PagingOptions {
    fn from(options: &memcore_paging_options) -> Self {
        PagingOptions { writebacks: options.writebacks != 0, threads: options.threads }
    }
}

/// The default options.
///
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_paging_options_default() -> memcore_paging_options {
    guarded(memcore_paging_options { writebacks: 0, threads: 0 }, || {
        let default = PagingOptions::default();
        memcore_paging_options { writebacks: default.writebacks.into(), threads: default.threads }
    })
}

/// # Safety
/// `options` is null or points to initialised options.
pub(super) unsafe fn options(options: *const memcore_paging_options) -> PagingOptions {
    // SAFETY: the caller's promise.
    unsafe { options.as_ref() }.map_or_else(PagingOptions::default, PagingOptions::from)
}

/// One policy on one number of frames. A page takes one frame; a miss is a reference to a page that is not resident,
/// first references included; all frames are empty at first. What was not counted is 0, and its flag says so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_paging_result {
    /// References.
    pub accesses: u64,
    /// References to resident pages.
    pub hits: u64,
    /// References to pages that were not resident.
    pub misses: u64,
    /// misses / accesses; 0 when there are no accesses.
    pub miss_ratio: f64,
    /// Whether there is a number of frames: not for a policy that chooses how many it takes.
    pub has_frames: bool,
    /// Whether evictions were counted: not for a policy of the caller's that does not tell them.
    pub has_evictions: bool,
    /// Whether write-backs were counted, and the dirty pages at the end.
    pub has_writebacks: bool,
    /// Whether there are figures of the resident set: for a policy that chooses how many frames it takes.
    pub has_resident_set: bool,
    /// The frames.
    pub frames: u32,
    /// The most pages that were resident at once.
    pub peak_resident: u32,
    /// The mean number of resident pages over all references, after each.
    pub mean_resident: f64,
    /// Pages that lost their frame.
    pub evictions: u64,
    /// Dirty pages that were written: at their eviction, or earlier when the policy wanted them clean.
    pub writebacks: u64,
    /// Pages dirty and resident at the end, whose write-back is still to come.
    pub dirty_at_end: u64,
    /// Bytes that the simulation held beside the trace.
    pub metadata_bytes: u64,
}

impl From<&PagingResult> for memcore_paging_result {
    fn from(result: &PagingResult) -> Self {
        memcore_paging_result {
            accesses: result.accesses,
            hits: result.hits,
            misses: result.misses,
            miss_ratio: result.miss_ratio(),
            has_frames: result.frames.is_some(),
            has_evictions: true,
            has_writebacks: result.writebacks.is_some(),
            has_resident_set: result.resident_set.is_some(),
            frames: result.frames.unwrap_or(0),
            peak_resident: result.resident_set.map_or(0, |set| set.peak),
            mean_resident: result.resident_set.map_or(0.0, |set| set.mean),
            evictions: result.evictions,
            writebacks: result.writebacks.unwrap_or(0),
            dirty_at_end: result.dirty_at_end.unwrap_or(0),
            metadata_bytes: result.metadata_bytes,
        }
    }
}
