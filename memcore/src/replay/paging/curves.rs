//! Miss-ratio curves of traces: in one pass where the policy is a stack algorithm, by a sweep otherwise.

use super::error::PagingError;
use super::result::PagingOptions;
use super::run::STRIDE;
use super::sweep::sweep;
use crate::progress::Progress;
use crate::replacement::curve::{MissRatioCurve, Sampling, Shards, StackDistances, opt_curve};
use crate::replacement::{Page, PolicyError, PolicySpec, check_frames};
use crate::trace::PageTrace;

/// How to find a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveOptions {
    /// The numbers of frames, ascending; absent: every one for LRU and OPT, what the sample tells apart for a
    /// sampled curve, and for other policies the powers of two and the middles between them.
    pub frames: Option<Vec<u32>>,
    /// Sample the pages: for LRU only.
    pub sampling: Option<Sampling>,
    /// The seed of the sample. Default: 1.
    pub seed: u64,
    /// Threads for a policy that has to be run for each size; 0 is as many as the machine runs at once. Default: 0.
    pub threads: usize,
}

impl Default for CurveOptions {
    fn default() -> Self {
        CurveOptions { frames: None, sampling: None, seed: 1, threads: 0 }
    }
}

/// The miss-ratio curve of a policy on a trace.
///
/// LRU: O(references log64 pages), exact at every size. OPT: O(records log16 pages) a reference (see
/// [`opt_curve`]). Others: a run for each size.
///
/// ```
/// use memcore::replay::paging::{CurveOptions, miss_ratio_curve};
/// use memcore::trace::PageTrace;
///
/// let trace = PageTrace::from_keys(&[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], None)?;
/// let curve = miss_ratio_curve(&trace, &"fifo".parse()?, &CurveOptions::default(), &mut ())?;
/// assert_eq!(curve.frames(), [1, 2, 3, 4, 5]);
/// assert_eq!(curve.misses(), [12, 12, 9, 10, 5]); // more frames, more misses: Belady's anomaly
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PagingError::Policy`] with [`PolicyError::VariesAllocation`] for a policy that has no sizes, with
/// [`PolicyError::NotSampled`] for a sampled curve of another policy than LRU, with [`PolicyError::Frames`] for 0
/// frames; [`PagingError::NotAscending`]; [`PagingError::Cancelled`].
pub fn miss_ratio_curve(
    trace: &PageTrace,
    spec: &PolicySpec,
    options: &CurveOptions,
    progress: &mut dyn Progress,
) -> Result<MissRatioCurve, PagingError> {
    if spec.facts().varies_allocation {
        let wanted_by = "a miss-ratio curve";
        return Err(PolicyError::VariesAllocation { policy: spec.name(), wanted_by }.into());
    }
    if let Some(frames) = &options.frames {
        check_ascending(frames)?;
    }
    let total = trace.references().len() as u64;
    let mut go_on = |done| progress.report(done, Some(total)).is_continue();
    let whole = match (spec, options.sampling) {
        (PolicySpec::Lru(()), Some(sampling)) => {
            let mut shards = Shards::new(sampling, options.seed)?;
            shards.reserve(trace.pages())?;
            in_strides(trace.references(), &mut go_on, |chunk| Ok(shards.run(chunk)?))?;
            shards.curve()?
        }
        (_, Some(_)) => return Err(PolicyError::NotSampled { policy: spec.name() }.into()),
        (PolicySpec::Lru(()), None) => {
            let mut distances = StackDistances::new();
            distances.reserve(trace.pages())?;
            run_distances(&mut distances, trace.references(), &mut go_on)?;
            distances.curve()?
        }
        (PolicySpec::Opt(()), None) => {
            let curve = opt_curve(trace.references(), trace.pages(), &mut go_on)?;
            curve.ok_or(PagingError::Cancelled)?
        }
        _ => return swept(trace, spec, options, progress),
    };
    match &options.frames {
        None => Ok(whole),
        Some(frames) => {
            let misses = frames.iter().map(|&frames| whole.misses_at(frames)).collect();
            Ok(MissRatioCurve::from_points(frames.clone(), misses, total))
        }
    }
}

fn swept(
    trace: &PageTrace,
    spec: &PolicySpec,
    options: &CurveOptions,
    progress: &mut dyn Progress,
) -> Result<MissRatioCurve, PagingError> {
    let frames = match &options.frames {
        Some(frames) => frames.clone(),
        None => two_an_octave(trace.pages()),
    };
    let sweep_options = PagingOptions { writebacks: false, threads: options.threads };
    let rows = sweep(trace, std::slice::from_ref(spec), &frames, &sweep_options, progress)?;
    let misses = rows.iter().map(|row| row.misses).collect();
    Ok(MissRatioCurve::from_points(frames, misses, trace.references().len() as u64))
}

fn check_ascending(frames: &[u32]) -> Result<(), PagingError> {
    for &frames in frames {
        check_frames(frames)?;
    }
    match frames.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(PagingError::NotAscending { frames: pair[1], before: pair[0] }),
        None => Ok(()),
    }
}

/// The powers of two up to `pages`, the middles between them, and `pages`: 1, 2, 3, 4, 6, 8, 12, 16, ...
fn two_an_octave(pages: u32) -> Vec<u32> {
    let powers = (0..u32::BITS).map(|shift| 1u32 << shift);
    let with_middles = powers.flat_map(|power| [power, power.saturating_add(power / 2)]);
    let mut sizes: Vec<u32> = with_middles.take_while(|&size| size < pages).collect();
    sizes.push(pages.max(1));
    sizes.dedup();
    sizes
}

pub(super) fn run_distances(
    distances: &mut StackDistances,
    references: &[Page],
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<(), PagingError> {
    in_strides(references, go_on, |chunk| {
        distances.run(chunk);
        Ok(())
    })
}

fn in_strides(
    references: &[Page],
    go_on: &mut dyn FnMut(u64) -> bool,
    mut run: impl FnMut(&[Page]) -> Result<(), PagingError>,
) -> Result<(), PagingError> {
    let mut done = 0;
    for chunk in references.chunks(STRIDE) {
        run(chunk)?;
        done += chunk.len() as u64;
        if !go_on(done) {
            return Err(PagingError::Cancelled);
        }
    }
    Ok(())
}
