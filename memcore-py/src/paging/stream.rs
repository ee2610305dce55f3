//! A file, read piece by piece, through several policies: for traces larger than memory.

use std::path::PathBuf;

use memcore::replay::paging::{PagingError, PagingOptions, sweep_stream};
use memcore::trace::{PageOptions, PageReader};
use pyo3::prelude::*;

use super::{
    errors::paging_error,
    row::PyPagingRow,
    run::{sizes_of, threads_of},
};
use crate::{
    long_call::{Watcher, long_call},
    number::Number,
    replacement::facts::policy_of,
    trace::options,
};

/// The results of `memcore.stream_pages`, in the order of the policies.
#[pyfunction]
#[pyo3(signature = (
    path: "str | os.PathLike[str]", policies: "typing.Iterable[str]", frames: "typing.Iterable[int]", *,
    page_size = None, format = None, writebacks = true, threads = Number(0), max_events = None,
    max_expanded_bytes = None, progress: "typing.Callable[[int, int | None], object] | None" = None,
))]
#[allow(clippy::too_many_arguments)] // They are keywords in Python.
pub fn stream_rows(
    py: Python<'_>,
    path: PathBuf,
    policies: &Bound<'_, PyAny>,
    frames: &Bound<'_, PyAny>,
    page_size: Option<Number>,
    format: Option<&str>,
    writebacks: bool,
    threads: Number,
    max_events: Option<Number>,
    max_expanded_bytes: Option<Number>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<PyPagingRow>> {
    let options = PagingOptions { writebacks, threads: threads_of(py, threads)? };
    let specs = policies.try_iter()?.map(|policy| policy_of(py, &policy?.extract::<String>()?));
    let specs = specs.collect::<PyResult<Vec<_>>>()?;
    let sizes = sizes_of(frames)?;
    let access = options::accesses(py, format, max_events, max_expanded_bytes)?;
    let page_options = PageOptions { page_size: page_size.map(|Number(size)| size), access };
    let file = options::sample(py, &path)?;
    let work = |watcher: &mut Watcher| -> Result<_, PagingError> {
        let mut reader = PageReader::open(&file, &page_options, watcher)?;
        sweep_stream(&mut reader, &specs, &sizes, &options)
    };
    let results = long_call(py, progress, work, paging_error)?;
    Ok(results.into_iter().map(|result| PyPagingRow { result, counts_evictions: true }).collect())
}
