//! What a file holds: allocations or accesses.

use std::path::PathBuf;

use memcore::trace::kind_of;
use pyo3::prelude::*;

use super::{errors::trace_error, options};

/// Whether a file, or the bundled sample of that name, holds ``"allocations"`` (read by `Trace`) or ``"accesses"``
/// (read by `PageTrace` and `AccessTrace`), and its format. The first 64 KiB of the content tell.
///
/// Raises `TraceError` for content that is no trace, OSError as ``open`` does.
///
/// >>> import memcore
/// >>> memcore.trace_kind("sqlite3_3000")
/// ('allocations', 'matr')
#[pyfunction]
#[pyo3(signature = (path: "str | os.PathLike[str]"))]
pub fn trace_kind(py: Python<'_>, path: PathBuf) -> PyResult<(&'static str, &'static str)> {
    let file = options::sample(py, &path)?;
    let (kind, format) = py.detach(|| kind_of(&file)).map_err(|error| trace_error(py, error))?;
    Ok((kind.name(), format.name()))
}
