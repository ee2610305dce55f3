//! One trace through several policies at several sizes.

use std::sync::Arc;

use memcore::replacement::PolicySpec;
use memcore::replay::paging::{PagingError, PagingOptions, PagingResult, simulate_policy, sweep};
use memcore::trace::PageTrace;
use pyo3::prelude::*;

use super::{
    errors::paging_error,
    own::{Own, OwnPolicy},
    row::PyPagingRow,
};
use crate::{
    errors::bad_parameter,
    long_call::{Watcher, long_call},
    number::Number,
    replacement::{cache::frames_of, facts::policy_of},
    share::Share,
    trace::page_trace::PyPageTrace,
};

/// One policy to compare.
enum Entry {
    Engine(PolicySpec),
    Own(Own, String),
}

/// Why the runs ended early.
enum End {
    Engine(PagingError),
    /// What a policy of one's own raised.
    Own(PyErr),
}

/// The results of `memcore.pages`: for each policy, which is a name or one of one's own, those at each number of
/// frames.
#[pyfunction]
#[pyo3(signature = (
    trace, policies: "typing.Iterable[typing.Any]", frames: "typing.Iterable[int]", *, writebacks = true,
    threads = Number(0), progress: "typing.Callable[[int, int | None], object] | None" = None,
))]
pub fn paging_rows(
    py: Python<'_>,
    trace: &Bound<'_, PyPageTrace>,
    policies: &Bound<'_, PyAny>,
    frames: &Bound<'_, PyAny>,
    writebacks: bool,
    threads: Number,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<PyPagingRow>> {
    let threads = threads_of(py, threads)?;
    let entries = policies.try_iter()?.map(|policy| entry(&policy?)).collect::<PyResult<Vec<_>>>()?;
    let sizes = sizes_of(frames)?;
    let trace = Arc::clone(&trace.get().trace);
    let options = PagingOptions { writebacks, threads };
    let work = |watcher: &mut Watcher| run(&trace, &entries, &sizes, &options, watcher);
    long_call(py, progress, work, |py, end| match end {
        End::Engine(error) => paging_error(py, error),
        End::Own(error) => error,
    })
}

/// Several numbers of frames.
pub fn sizes_of(frames: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let py = frames.py();
    frames.try_iter()?.map(|frames| frames_of(py, frames?.extract()?)).collect()
}

/// A number of threads; 0 is as many as the machine runs at once.
pub fn threads_of(py: Python<'_>, Number(threads): Number) -> PyResult<usize> {
    const MOST: u64 = 1024;
    match usize::try_from(threads) {
        Ok(count) if threads <= MOST => Ok(count),
        _ => Err(bad_parameter(py, "threads", threads, &format!("must be from 0 to {MOST}"))),
    }
}

fn entry(given: &Bound<'_, PyAny>) -> PyResult<Entry> {
    if let Ok(text) = given.extract::<&str>() {
        return policy_of(given.py(), text).map(Entry::Engine);
    }
    let own = Own::of(given)?;
    let name = own.name(given.py())?;
    Ok(Entry::Own(own, name))
}

/// The engine's policies in one sweep, on threads; then the caller's own, one after the other.
fn run(
    trace: &Arc<PageTrace>,
    entries: &[Entry],
    sizes: &[u32],
    options: &PagingOptions,
    watcher: &mut Watcher,
) -> Result<Vec<PyPagingRow>, End> {
    let specs: Vec<PolicySpec> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Engine(spec) => Some(spec.clone()),
            Entry::Own(..) => None,
        })
        .collect();
    let runs = |entry: &Entry| match entry {
        Entry::Engine(spec) if spec.facts().varies_allocation => 1,
        Entry::Own(Own::Object(_), _) => 1,
        _ => sizes.len(),
    };
    let of_engine: usize = entries.iter().filter(|entry| matches!(entry, Entry::Engine(_))).map(runs).sum();
    let in_all: usize = entries.iter().map(runs).sum();
    let mut share = Share::new(watcher, in_all as u64, of_engine as u64);
    let mut from_engine = sweep(trace, &specs, sizes, options, &mut share).map_err(End::Engine)?.into_iter();
    share.finish();
    let mut rows = Vec::new();
    for entry in entries {
        match entry {
            Entry::Engine(_) => {
                let results = from_engine.by_ref().take(runs(entry));
                rows.extend(results.map(|result| PyPagingRow { result, counts_evictions: true }));
            }
            Entry::Own(Own::Object(object), name) => {
                let stated = Python::attach(|py| OwnPolicy::stated_frames(object.bind(py)));
                let made = Python::attach(|py| OwnPolicy::new(object.bind(py), stated.unwrap_or(0), trace));
                let mut row = run_own(trace, made, name, options, &mut share)?;
                row.result.frames = stated;
                rows.push(row);
            }
            Entry::Own(Own::Factory(factory), name) => {
                for &frames in sizes {
                    let made = Python::attach(|py| {
                        OwnPolicy::new(&factory.bind(py).call1((frames,))?, frames, trace)
                    });
                    rows.push(run_own(trace, made, name, options, &mut share)?);
                }
            }
        }
    }
    Ok(rows)
}

fn run_own(
    trace: &Arc<PageTrace>,
    made: PyResult<OwnPolicy>,
    name: &str,
    options: &PagingOptions,
    share: &mut Share<'_>,
) -> Result<PyPagingRow, End> {
    let mut policy = made.map_err(End::Own)?;
    let counts_evictions = policy.tells_evictions();
    // Whoever does not tell whom it evicts cannot have its write-backs counted.
    let options = PagingOptions { writebacks: options.writebacks && counts_evictions, ..*options };
    let outcome = simulate_policy(trace, &mut policy, name, &options, share);
    if let Some(failure) = policy.into_failure() {
        return Err(End::Own(failure));
    }
    let result: PagingResult = outcome.map_err(End::Engine)?;
    share.finish();
    Ok(PyPagingRow { result, counts_evictions })
}
