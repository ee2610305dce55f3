//! Policies and sizes side by side, on threads.

use super::error::PagingError;
use super::jobs;
use super::result::{PagingOptions, PagingResult};
use super::run::{Counts, run_one};
use crate::progress::Progress;
use crate::replacement::curve::StackDistances;
use crate::replacement::{NextUses, PolicySpec, check_frames};
use crate::trace::PageTrace;
use std::sync::OnceLock;

/// From this many sizes on, LRU's whole curve in one pass is had sooner than each size by itself.
const SIZES_FOR_CURVE: usize = 12;

/// What one thread does at a time.
enum Job<'a> {
    One { spec: &'a PolicySpec, frames: u32, cell: usize },
    LruCurve { cells: Vec<(u32, usize)> },
}

/// Runs a trace through each policy at each number of frames. The results are in the order of the policies,
/// each with all its sizes in their order; a policy that varies its allocation has one result.
///
/// Each cell is O(references) of its policy; LRU's sizes are had together where that is faster. Memory for as
/// many runs at once as there are threads.
///
/// ```
/// use memcore::replay::paging::{PagingOptions, sweep};
/// use memcore::trace::PageTrace;
///
/// let trace = PageTrace::from_keys(&[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], None)?;
/// let rows = sweep(&trace, &["lru".parse()?, "opt".parse()?], &[3, 4], &PagingOptions::default(), &mut ())?;
/// let misses: Vec<u64> = rows.iter().map(|row| row.misses).collect();
/// assert_eq!(misses, [10, 8, 7, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PagingError`]; the first that occurs.
pub fn sweep(
    trace: &PageTrace,
    specs: &[PolicySpec],
    frames: &[u32],
    options: &PagingOptions,
    progress: &mut dyn Progress,
) -> Result<Vec<PagingResult>, PagingError> {
    let (jobs, cells) = plan(trace, specs, frames, options)?;
    let next_uses = OnceLock::new();
    let steps = trace.references().len() as u64;
    let threads = jobs::threads(options.threads);
    let run = |job: usize, go_on: &mut dyn FnMut(u64) -> bool| match &jobs[job] {
        Job::LruCurve { cells } => lru_cells(trace, cells, options, go_on),
        Job::One { spec, frames, cell } => {
            let next = match spec {
                PolicySpec::Opt(()) => Some(shared(&next_uses, trace)?),
                _ => None,
            };
            Ok(vec![(*cell, run_one(trace, spec, *frames, options, next, go_on)?)])
        }
    };
    let finished = jobs::run_all(jobs.len(), steps, threads, progress, run)?;
    let mut rows: Vec<Option<PagingResult>> = (0..cells).map(|_| None).collect();
    for (cell, row) in finished.into_iter().flatten() {
        rows[cell] = Some(row);
    }
    Ok(rows.into_iter().flatten().collect())
}

/// The jobs, and how many cells they fill.
fn plan<'a>(
    trace: &PageTrace,
    specs: &'a [PolicySpec],
    frames: &[u32],
    options: &PagingOptions,
) -> Result<(Vec<Job<'a>>, usize), PagingError> {
    for &frames in frames {
        check_frames(frames)?;
    }
    let counts_only = !options.writebacks || trace.kinds().is_none();
    let (mut jobs, mut cells) = (Vec::new(), 0);
    for spec in specs {
        if spec.facts().varies_allocation {
            jobs.push(Job::One { spec, frames: 1, cell: cells });
            cells += 1;
            continue;
        }
        let numbered = frames.iter().copied().zip(cells..);
        if *spec == PolicySpec::Lru(()) && counts_only && frames.len() >= SIZES_FOR_CURVE {
            // First, because it is the longest.
            jobs.insert(0, Job::LruCurve { cells: numbered.collect() });
        } else {
            jobs.extend(numbered.map(|(frames, cell)| Job::One { spec, frames, cell }));
        }
        cells += frames.len();
    }
    Ok((jobs, cells))
}

fn lru_cells(
    trace: &PageTrace,
    cells: &[(u32, usize)],
    options: &PagingOptions,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Vec<(usize, PagingResult)>, PagingError> {
    let mut distances = StackDistances::new();
    distances.reserve(trace.pages())?;
    super::curves::run_distances(&mut distances, trace.references(), go_on)?;
    let bytes = distances.metadata_bytes() as u64;
    let curve = distances.curve()?;
    let row = |&(frames, cell): &(u32, usize)| {
        let misses = curve.misses_at(frames);
        let accesses = trace.references().len() as u64;
        let counts = Counts { frames, pages: trace.pages(), accesses, misses };
        let mut row = counts.result(bytes, options.writebacks);
        row.policy = "lru".to_owned();
        (cell, row)
    };
    Ok(cells.iter().map(row).collect())
}

/// The next uses, found by the first who asks. Two who ask at once may both find them; one result is kept.
fn shared<'a>(cell: &'a OnceLock<NextUses>, trace: &PageTrace) -> Result<&'a NextUses, PagingError> {
    if let Some(next) = cell.get() {
        return Ok(next);
    }
    let next = NextUses::of(trace.references(), trace.pages())?;
    Ok(cell.get_or_init(|| next))
}
