//! What the references of a trace say by themselves: stack distances, reuse times, working sets.

use std::{ops::ControlFlow, sync::Arc};

use memcore::progress::Progress;
use memcore::replacement::{
    PolicyError,
    curve::{self, COLD, StackDistances},
};
use pyo3::prelude::*;

use crate::{
    column::{Numbers, numbers_of},
    errors::{MemcoreError, raise},
    long_call::{Watcher, long_call, unwatched_call},
    number::Number,
    replacement::errors::policy_error,
    trace::page_trace::PyPageTrace,
};

/// How many references are run between two looks at Ctrl-C.
const STRIDE: usize = 1 << 15;

/// Why there is no answer.
enum End {
    Policy(PolicyError),
    Interrupted,
}

fn end(py: Python<'_>, end: End) -> PyErr {
    match end {
        End::Policy(error) => policy_error(py, error),
        End::Interrupted => raise!(py, MemcoreError, "cancelled"),
    }
}

/// The LRU stack distance of each reference of a trace, from 1; 0 for a page's first reference: an array (unsigned 32
/// bits). A reference hits in LRU with so many frames or more.
///
/// ``progress`` is called as ``progress(done, total)``. O(references log64 pages).
///
/// >>> import memcore
/// >>> trace = memcore.PageTrace.from_arrays([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])
/// >>> memcore.stack_distances(trace).tolist()
/// [0, 0, 0, 0, 4, 4, 0, 3, 3, 5, 5, 5]
#[pyfunction]
#[pyo3(signature = (
    trace, *, progress: "typing.Callable[[int, int | None], object] | None" = None
) -> "typing.Any")]
pub fn stack_distances<'py>(
    py: Python<'py>,
    trace: &Bound<'py, PyPageTrace>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let trace = Arc::clone(&trace.get().trace);
    let work = |watcher: &mut Watcher| {
        let references = trace.references();
        let total = references.len() as u64;
        let mut stack = StackDistances::new();
        stack.reserve(trace.pages()).map_err(End::Policy)?;
        let mut distances: Vec<u32> = Vec::new();
        let bytes = 4 * total;
        distances
            .try_reserve_exact(references.len())
            .map_err(|_| End::Policy(PolicyError::OutOfMemory { bytes }))?;
        for chunk in references.chunks(STRIDE) {
            distances.extend(chunk.iter().map(|&page| match stack.access(page) {
                COLD => 0,
                distance => distance,
            }));
            if let ControlFlow::Break(()) = watcher.report(distances.len() as u64, Some(total)) {
                return Err(End::Interrupted);
            }
        }
        Ok(distances)
    };
    Numbers::U32(long_call(py, progress, work, end)?).into_array(py)
}

/// For each reference of a trace the time, in references, since the last one to the same page; 0 for a page's first:
/// an array (unsigned 32 bits). O(references + pages).
///
/// >>> import memcore
/// >>> memcore.reuse_times(memcore.PageTrace.from_arrays([7, 8, 7, 7, 8])).tolist()
/// [0, 0, 2, 1, 3]
#[pyfunction]
#[pyo3(signature = (trace) -> "typing.Any")]
pub fn reuse_times<'py>(py: Python<'py>, trace: &Bound<'py, PyPageTrace>) -> PyResult<Bound<'py, PyAny>> {
    let trace = Arc::clone(&trace.get().trace);
    let times = unwatched_call(py, move || curve::reuse_times(trace.references(), trace.pages()));
    let times = times?.map_err(|error| policy_error(py, error))?;
    Numbers::U32(times.into_vec()).into_array(py)
}

/// The size of the working set over a trace: the pages among the last ``tau`` references, at ``points`` times, evenly
/// spaced: two arrays, references so far (unsigned 64 bits) and pages (unsigned 32 bits). O(references + pages).
///
/// >>> import memcore
/// >>> trace = memcore.PageTrace.from_arrays([0, 1, 0, 0, 2, 2])
/// >>> times, sizes = memcore.working_set(trace, 2, points=3)
/// >>> times.tolist(), sizes.tolist()
/// ([2, 4, 6], [2, 1, 1])
#[pyfunction]
#[pyo3(signature = (trace, tau, points = 512) -> "tuple[typing.Any, typing.Any]")]
pub fn working_set<'py>(
    py: Python<'py>,
    trace: &Bound<'py, PyPageTrace>,
    tau: Number,
    points: usize,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let trace = Arc::clone(&trace.get().trace);
    let work = move || curve::working_set_sizes(trace.references(), trace.pages(), tau.0, points);
    let sizes = unwatched_call(py, work)?;
    let (times, sizes) = sizes.map_err(|error| policy_error(py, error))?.into_iter().unzip();
    Ok((Numbers::U64(times).into_array(py)?, Numbers::U32(sizes).into_array(py)?))
}

/// The mean size of the working set, in pages, for each window in ``taus``: an array. O(references + pages).
///
/// >>> import memcore
/// >>> trace = memcore.PageTrace.from_arrays([0, 1, 0, 0])
/// >>> memcore.mean_working_set(trace, [1, 2]).tolist()
/// [1.0, 1.5]
#[pyfunction]
#[pyo3(signature = (trace, taus: "typing.Any") -> "typing.Any")]
pub fn mean_working_set<'py>(
    py: Python<'py>,
    trace: &Bound<'py, PyPageTrace>,
    taus: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let taus = numbers_of(taus)?;
    let trace = Arc::clone(&trace.get().trace);
    let work = move || curve::mean_working_set(trace.references(), trace.pages(), &taus);
    let sizes = unwatched_call(py, work)?;
    Numbers::F64(sizes.map_err(|error| policy_error(py, error))?).into_array(py)
}
