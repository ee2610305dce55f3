//! What a format could not hold of a trace.

use memcore::trace::Loss;
use pyo3::{prelude::*, types::PyDict};

/// How much of what was lost, by a description of it; empty when nothing was.
pub fn lost<'py>(py: Python<'py>, loss: &Loss) -> PyResult<Bound<'py, PyDict>> {
    let lost = PyDict::new(py);
    for (kind, count) in loss.as_slice() {
        lost.set_item(kind.description(), count)?;
    }
    Ok(lost)
}
