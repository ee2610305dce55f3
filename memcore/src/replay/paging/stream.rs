//! Policies and sizes over a trace that is read as it is run.
//!
//! ```text
//!   PageReader --> block of a million references --> every policy and size, on threads --> next block
//! ```
//!
//! Memory grows with the pages, not with the references. What needs the whole trace is refused: OPT.

use super::error::PagingError;
use super::jobs;
use super::result::{PagingOptions, PagingResult};
use super::run::{Counting, Online, Run};
use crate::replacement::{Policy, PolicyError, PolicySpec, Visitor, check_frames};
use crate::trace::{AccessKind, PageReader};
use std::thread;

/// References in a block: enough that starting threads for it costs nothing.
const BLOCK: usize = 1 << 20;

/// As [`sweep`](super::sweep()), over what `reader` has yet to read; it reports to the reader's progress. Where
/// write-backs are not counted, the faster kernels run.
///
/// O(references) of each policy and size; memory for all of them at once, and 5 MiB.
///
/// ```
/// use memcore::replay::paging::{PagingOptions, sweep_stream};
/// use memcore::trace::{PageOptions, PageReader};
///
/// let (text, options) = (b"1\n2\n3\n4\n1\n2\n5\n1\n2\n3\n4\n5\n".as_slice(), PageOptions::default());
/// let mut nobody = ();
/// let mut reader = PageReader::from_read(text, "numbers", &options, &mut nobody)?;
/// let rows = sweep_stream(&mut reader, &["fifo".parse()?], &[3, 4], &PagingOptions::default())?;
/// assert_eq!((rows[0].misses, rows[1].misses), (9, 10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PagingError::Policy`] with [`PolicyError::NeedsFuture`] for OPT; [`PagingError::Trace`], with
/// [`TraceError::Cancelled`](crate::trace::TraceError::Cancelled) among them.
pub fn sweep_stream(
    reader: &mut PageReader<'_>,
    specs: &[PolicySpec],
    frames: &[u32],
    options: &PagingOptions,
) -> Result<Vec<PagingResult>, PagingError> {
    let mut runs = Vec::new();
    for spec in specs {
        let facts = spec.facts();
        if facts.needs_future {
            return Err(PolicyError::NeedsFuture { policy: spec.name(), wanted_by: "a stream" }.into());
        }
        let sizes = if facts.varies_allocation { &[1][..] } else { frames };
        for &frames in sizes {
            runs.push((spec.to_string(), prepare(spec, frames, options)?));
        }
    }
    let threads = jobs::threads(options.threads);
    let (mut references, mut kinds) = (Vec::new(), Vec::new());
    let mut more = true;
    while more {
        references.clear();
        kinds.clear();
        while more && references.len() < BLOCK {
            let kinds = options.writebacks.then_some(&mut kinds);
            more = reader.append_chunk(&mut references, kinds)?;
        }
        let kinds = options.writebacks.then_some(&kinds[..]);
        run_block(&mut runs, reader.pages(), &references, kinds, threads)?;
    }
    let named = runs.iter().map(|(policy, run)| PagingResult { policy: policy.clone(), ..run.result() });
    Ok(named.collect())
}

type BoxedRun = Box<dyn Run + Send>;

fn prepare(spec: &PolicySpec, frames: u32, options: &PagingOptions) -> Result<BoxedRun, PolicyError> {
    check_frames(frames)?;
    if !options.writebacks {
        if let Some(kernel) = spec.kernel(frames)? {
            return Ok(Box::new(Counting::new(kernel, frames, options)));
        }
    }
    spec.visit(frames, Boxed(options))
}

struct Boxed<'a>(&'a PagingOptions);

impl Visitor for Boxed<'_> {
    type Output = BoxedRun;

    fn visit<P: Policy + Send + 'static>(self, policy: P) -> BoxedRun {
        Box::new(Online::<P, P>::new(policy, self.0))
    }
}

/// Runs one block through all, which are dealt out to the threads.
fn run_block(
    runs: &mut [(String, BoxedRun)],
    pages: u32,
    references: &[u32],
    kinds: Option<&[AccessKind]>,
    threads: usize,
) -> Result<(), PagingError> {
    let share = runs.len().div_ceil(threads).max(1);
    let feed = |runs: &mut [(String, BoxedRun)]| -> Result<(), PolicyError> {
        runs.iter_mut().try_for_each(|(_, run)| {
            run.reserve(pages)?;
            run.feed(references, kinds);
            Ok(())
        })
    };
    thread::scope(|scope| {
        let (mine, others) = runs.split_at_mut(share.min(runs.len()));
        let start = |runs| thread::Builder::new().spawn_scoped(scope, move || feed(runs));
        let workers: Result<Vec<_>, _> = others.chunks_mut(share).map(start).collect();
        let workers = workers.map_err(PagingError::Thread)?;
        let mut outcome = feed(mine);
        for worker in workers {
            let ended = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(ended);
        }
        outcome.map_err(PagingError::Policy)
    })
}
