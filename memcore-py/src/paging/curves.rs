//! Miss-ratio curves.

use std::sync::Arc;

use memcore::replacement::curve::Sampling;
use memcore::replay::paging::{CurveOptions, miss_ratio_curve as engine_curve};
use pyo3::{exceptions::PyTypeError, prelude::*, types::PyInt};

use super::{errors::paging_error, run::threads_of};
use crate::{
    errors::bad_parameter,
    long_call::{Watcher, long_call},
    number::Number,
    replacement::{cache::frames_of, curve::PyCurve, facts::policy_of},
    trace::page_trace::PyPageTrace,
};

/// The curve of `memcore.mrc`.
#[pyfunction]
#[pyo3(signature = (
    trace, policy, *, sample: "float | int | None" = None, frames: "typing.Iterable[int] | None" = None,
    seed = Number(1), threads = Number(0),
    progress: "typing.Callable[[int, int | None], object] | None" = None,
))]
#[allow(clippy::too_many_arguments)] // They are keywords in Python.
pub fn miss_ratio_curve(
    py: Python<'_>,
    trace: &Bound<'_, PyPageTrace>,
    policy: &str,
    sample: Option<&Bound<'_, PyAny>>,
    frames: Option<&Bound<'_, PyAny>>,
    seed: Number,
    threads: Number,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyCurve> {
    let spec = policy_of(py, policy)?;
    let sampling = sample.map(sampling_of).transpose()?;
    let options = CurveOptions {
        frames: frames.map(ascending).transpose()?,
        sampling,
        seed: seed.0,
        threads: threads_of(py, threads)?,
    };
    let opened = trace.get();
    let trace = Arc::clone(&opened.trace);
    let work = |watcher: &mut Watcher| engine_curve(&trace, &spec, &options, watcher);
    let curve = long_call(py, progress, work, paging_error)?;
    Ok(PyCurve {
        curve: Arc::new(curve),
        policy: spec.to_string(),
        sampling,
        trace: opened.name().to_owned(),
    })
}

/// A whole number is a number of pages, any other number a rate.
fn sampling_of(sample: &Bound<'_, PyAny>) -> PyResult<Sampling> {
    if sample.is_instance_of::<pyo3::types::PyBool>() {
        return Err(PyTypeError::new_err("sample is a rate, such as 0.01, or a number of pages"));
    }
    if sample.is_instance_of::<PyInt>() {
        return frames_of(sample.py(), sample.extract()?).map(Sampling::Pages);
    }
    Ok(Sampling::Rate(sample.extract()?))
}

fn ascending(frames: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let py = frames.py();
    let mut sizes = Vec::new();
    for frames in frames.try_iter()? {
        let frames = frames_of(py, frames?.extract()?)?;
        if sizes.last().is_some_and(|&last| last >= frames) || frames == 0 {
            return Err(bad_parameter(py, "frames", frames, "must be above 0 and above the one before"));
        }
        sizes.push(frames);
    }
    Ok(sizes)
}
