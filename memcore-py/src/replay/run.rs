//! The replay of one trace through several allocators.

use std::sync::Arc;

use memcore::alloc::Strategy;
use memcore::progress::Progress;
use memcore::replay::{
    PlainTarget, ReplayError, ReplayOptions, ReplayResult, rank, replay, replay_all, replay_fresh,
};
use memcore::trace::AllocTrace;
use pyo3::prelude::*;

use super::{
    errors::replay_error,
    own::{Own, OwnAllocator},
    row::PyReplayRow,
};
use crate::{
    errors::{bad_parameter, spec_error},
    long_call::{Watcher, long_call},
    number::Number,
    share::Share,
    trace::alloc_trace::PyTrace,
};

/// One thing to replay through.
enum Target {
    Engine(Strategy),
    Own(Own, String),
}

/// The results of `memcore.replay`, in the order of ``strategies``, which are names or allocators of one's own.
#[pyfunction]
#[pyo3(signature = (
    trace, strategies: "typing.Iterable[typing.Any]", *, capacity = None, align = Number(16),
    granularity = Number(16), header = Number(0), series_points = Number(512), fit = false, timing = true,
    progress: "typing.Callable[[int, int | None], object] | None" = None,
))]
#[allow(clippy::too_many_arguments)] // They are keywords in Python.
pub fn replay_rows(
    py: Python<'_>,
    trace: &Bound<'_, PyTrace>,
    strategies: &Bound<'_, PyAny>,
    capacity: Option<Number>,
    align: Number,
    granularity: Number,
    header: Number,
    series_points: Number,
    fit: bool,
    timing: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<PyReplayRow>> {
    let rule = "must be from 1 to 65536";
    let series_points = u32::try_from(series_points.0)
        .map_err(|_| bad_parameter(py, "series_points", series_points.0, rule))?;
    let options = ReplayOptions {
        capacity: capacity.map(|Number(capacity)| capacity),
        align: align.0,
        granularity: granularity.0,
        header: header.0,
        series_points,
        fit,
        timing,
        latency: timing,
        ..ReplayOptions::default()
    };
    let mut targets = Vec::new();
    for strategy in strategies.try_iter()? {
        targets.push(target(&strategy?)?);
    }
    let trace = Arc::clone(&trace.get().trace);
    let work = |watcher: &mut Watcher| run(&trace, &targets, &options, watcher);
    let results = long_call(py, progress, work, replay_error)?;
    Ok(results.into_iter().map(PyReplayRow).collect())
}

/// The rows' indices, best first: fewest failures, then the smallest footprint, then the fastest.
#[pyfunction]
#[pyo3(signature = (rows: "typing.Sequence[ReplayRow]"))]
pub fn rank_rows(rows: Vec<Bound<'_, PyReplayRow>>) -> Vec<usize> {
    let results: Vec<ReplayResult> = rows.iter().map(|row| row.get().0.clone()).collect();
    rank(&results)
}

fn target(given: &Bound<'_, PyAny>) -> PyResult<Target> {
    let py = given.py();
    if let Ok(text) = given.extract::<&str>() {
        return Ok(Target::Engine(text.parse().map_err(|error| spec_error(py, error))?));
    }
    let own = Own::of(given)?;
    let name = own.name(py)?;
    Ok(Target::Own(own, name))
}

/// The engine's strategies in one study, so that what they share is measured once; then the caller's own.
fn run(
    trace: &AllocTrace,
    targets: &[Target],
    options: &ReplayOptions,
    watcher: &mut Watcher,
) -> Result<Vec<ReplayResult>, ReplayError> {
    let strategies: Vec<Strategy> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Engine(strategy) => Some(strategy.clone()),
            Target::Own(..) => None,
        })
        .collect();
    let mut share = Share::new(watcher, targets.len() as u64, strategies.len() as u64);
    let mut from_engine = replay_all(trace, &strategies, options, &mut share)?.into_iter();
    share.finish();
    let mut results = Vec::new();
    for target in targets {
        match target {
            Target::Engine(_) => results.extend(from_engine.next()),
            Target::Own(own, name) => {
                results.push(run_own(trace, own, name, options, &mut share)?);
                share.finish();
            }
        }
    }
    Ok(results)
}

fn run_own(
    trace: &AllocTrace,
    own: &Own,
    name: &str,
    options: &ReplayOptions,
    progress: &mut dyn Progress,
) -> Result<ReplayResult, ReplayError> {
    let made = |made: PyResult<OwnAllocator>| made.map_err(|error| ReplayError::Make(error.into()));
    match own {
        Own::Object(object) => {
            let inner = made(Python::attach(|py| OwnAllocator::new(object.bind(py))))?;
            replay(trace, &mut PlainTarget::new(inner, name, options), options, progress)
        }
        Own::Factory(factory) => {
            let make = |capacity| {
                let inner =
                    made(Python::attach(|py| OwnAllocator::new(&factory.bind(py).call1((capacity,))?)))?;
                Ok(PlainTarget::with_capacity(inner, name, options, capacity))
            };
            replay_fresh(trace, make, options, progress)
        }
    }
}
