//! Misses at all sizes.

use std::ffi::{c_char, c_void};

use memcore::{
    replacement::{PolicySpec, curve::Sampling},
    replay::paging::{CurveOptions, miss_ratio_curve},
};

use crate::{
    error::Failure,
    panic::{guarded, guarded_status},
    pointer::{array, object, out},
    replacement::memcore_curve,
    status::memcore_status,
    text::text,
    trace::{Watcher, memcore_page_trace, memcore_progress},
};

/// How to find a miss-ratio curve. `memcore_curve_options_default` fills it in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct memcore_curve_options {
    /// The numbers of frames, ascending. Null (the default): every one for LRU and OPT, what the sample tells apart
    /// for a sampled curve, and for other policies the powers of two and the middles between them.
    pub frames: *const u32,
    /// Entries of `frames`. Default: 0.
    pub frame_count: usize,
    /// Sample each page with this probability, above 0 and at most 1, for LRU only; 0: do not. Default: 0.
    pub sampling_rate: f64,
    /// Sample as many pages as this, for LRU only; 0: do not. Not together with a rate. Default: 0.
    pub sampling_pages: u32,
    /// The seed of the sample. Default: 1.
    pub seed: u64,
    /// Threads for a policy that has to be run for each size; 0 is as many as the machine runs at once. Default: 0.
    pub threads: usize,
}

impl memcore_curve_options {
    /// # Safety
    /// `frames` is null or points to `frame_count` numbers.
    unsafe fn read(&self) -> Result<CurveOptions, Failure> {
        let frames = match self.frames.is_null() {
            true if self.frame_count > 0 => return Err(memcore_status::NullArgument.into()),
            true => None,
            false => {
                // SAFETY: the caller's promise.
                let given = unsafe { array(self.frames, self.frame_count) }?;
                let mut frames = Vec::new();
                frames.try_reserve_exact(given.len()).map_err(|_| memcore_status::OutOfMemory)?;
                frames.extend_from_slice(given);
                Some(frames)
            }
        };
        let sampling = match (self.sampling_rate, self.sampling_pages) {
            (0.0, 0) => None,
            (0.0, pages) => Some(Sampling::Pages(pages)),
            (rate, 0) => Some(Sampling::Rate(rate)),
            _ => {
                let text = "a rate and a number of pages were given to sample by".to_owned();
                return Err(Failure::Told(memcore_status::InvalidArgument, self.sampling_pages.into(), text));
            }
        };
        Ok(CurveOptions { frames, sampling, seed: self.seed, threads: self.threads })
    }
}

/// The default options.
///
/// \return the options, to be changed as wanted.
#[unsafe(no_mangle)]
pub extern "C" fn memcore_curve_options_default() -> memcore_curve_options {
    let none = memcore_curve_options {
        frames: std::ptr::null(),
        frame_count: 0,
        sampling_rate: 0.0,
        sampling_pages: 0,
        seed: 0,
        threads: 0,
    };
    guarded(none, || {
        let default = CurveOptions::default();
        memcore_curve_options { seed: default.seed, threads: default.threads, ..none }
    })
}

/// Finds the miss-ratio curve of a policy on a page trace: LRU's and OPT's exact in one pass, LRU's from a sample of
/// the pages (SHARDS), that of others by a run for each size.
///
/// \param trace the trace.
/// \param policy as for `memcore_paging_simulate`.
/// \param options how; null: the default ones.
/// \param progress told the references done; may be null.
/// \param user passed to `progress`.
/// \param curve where the handle is written; `memcore_curve_destroy` ends it.
/// \return as `memcore_paging_simulate`; `MEMCORE_STATUS_POLICY_VARIES_ALLOCATION` for a policy that has no sizes;
/// `MEMCORE_STATUS_POLICY_NOT_SAMPLED` iff another policy than LRU shall be sampled; `MEMCORE_STATUS_POLICY_RATE` iff
/// the rate is out of its range; `MEMCORE_STATUS_REPLAY_BAD_OPTION` iff the frames do not ascend, with the offending
/// number in the details' `value`; `MEMCORE_STATUS_INVALID_ARGUMENT` iff both a rate and a number of pages are given;
/// `MEMCORE_STATUS_POLICY_PAGES`; `MEMCORE_STATUS_REPLAY_THREAD`.
///
/// LRU: O(references log64 pages). OPT: O(records log16 pages) a reference, a record being a page met that is used
/// later than all above it. Others: a run for each size.
///
/// \code
/// const uint64_t pages[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
/// memcore_page_trace *trace;
/// memcore_curve *curve;
/// const uint32_t *frames;
/// const uint64_t *misses;
/// size_t count;
/// if (memcore_page_trace_from_keys(12, pages, NULL, &trace) == MEMCORE_STATUS_OK) {
///     if (memcore_miss_ratio_curve(trace, "lru", NULL, NULL, NULL, &curve) == MEMCORE_STATUS_OK) {
///         memcore_curve_points(curve, &frames, &misses, &count);
///         for (size_t i = 0; i < count; i += 1) {
///             printf("%" PRIu32 " frames: %" PRIu64 " misses\n", frames[i], misses[i]); // 12, 12, 10, 8, 5
///         }
///         memcore_curve_destroy(curve);
///     }
///     memcore_page_trace_destroy(trace);
/// }
/// \endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcore_miss_ratio_curve(
    trace: *const memcore_page_trace,
    policy: *const c_char,
    options: *const memcore_curve_options,
    progress: memcore_progress,
    user: *mut c_void,
    curve: *mut *mut memcore_curve,
) -> i32 {
    guarded_status(|| {
        // SAFETY: each is null or as the header asks.
        let (trace, policy, given, curve) =
            unsafe { (object(trace)?, text(policy)?, options.as_ref(), out(curve)?) };
        let policy: PolicySpec = policy.parse()?;
        let options = match given {
            // SAFETY: as the header asks.
            Some(given) => unsafe { given.read() }?,
            None => CurveOptions::default(),
        };
        let mut watcher = Watcher { callback: progress, user };
        let found = miss_ratio_curve(&trace.trace, &policy, &options, &mut watcher)?;
        curve.write(memcore_curve::handle(found)?);
        Ok::<_, Failure>(())
    })
}
