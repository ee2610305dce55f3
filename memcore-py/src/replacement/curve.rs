//! The class `memcore.Curve`.

use std::sync::Arc;

use memcore::replacement::curve::{MissRatioCurve, Sampling};
use pyo3::{prelude::*, types::PyDict};

use crate::{
    column::{Numbers, Slice},
    number::Number,
};

/// A miss-ratio curve: the misses of one policy at some numbers of frames, ascending. `mrc` makes it.
///
/// >>> import memcore
/// >>> curve = memcore.mrc([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])
/// >>> curve.frames.tolist(), curve.misses.tolist()
/// ([1, 2, 3, 4, 5], [12, 12, 10, 8, 5])
/// >>> curve.misses_at(3), curve.miss_ratio_at(1000)
/// (10, 0.4166666666666667)
#[pyclass(frozen, name = "Curve", module = "memcore")]
pub struct PyCurve {
    pub(crate) curve: Arc<MissRatioCurve>,
    pub(crate) policy: String,
    pub(crate) sampling: Option<Sampling>,
    pub(crate) trace: String,
}

#[pymethods]
impl PyCurve {
    /// The numbers of frames: an array (unsigned 32 bits) over the curve's own memory.
    #[getter]
    fn frames<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Numbers::part(&self.curve, |curve| Slice::U32(curve.frames())).into_array(py)
    }

    /// The misses at each: an array (unsigned 64 bits) over the curve's own memory.
    #[getter]
    fn misses<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Numbers::part(&self.curve, |curve| Slice::U64(curve.misses())).into_array(py)
    }

    /// Misses / references at each: an array. O(points).
    #[getter]
    fn miss_ratios<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Numbers::F64(self.curve.miss_ratios().collect()).into_array(py)
    }

    /// The references of the trace.
    #[getter]
    fn accesses(&self) -> u64 {
        self.curve.accesses()
    }

    /// The policy with its parameters.
    #[getter]
    fn policy(&self) -> &str {
        &self.policy
    }

    /// The share of the pages that was looked at: 1 for an exact curve, None where their number was fixed.
    #[getter]
    fn sample_rate(&self) -> Option<f64> {
        match self.sampling {
            None => Some(1.0),
            Some(Sampling::Rate(rate)) => Some(rate),
            Some(Sampling::Pages(_)) => None,
        }
    }

    /// The most pages that were looked at, where their number was fixed.
    #[getter]
    fn sample_pages(&self) -> Option<u32> {
        match self.sampling {
            Some(Sampling::Pages(pages)) => Some(pages),
            _ => None,
        }
    }

    /// Where the trace is from.
    #[getter]
    fn trace_name(&self) -> &str {
        &self.trace
    }

    /// The misses at so many frames: those of the greatest number of frames in the curve that is not above; all
    /// references when there is none. O(log points).
    fn misses_at(&self, frames: Number) -> u64 {
        self.curve.misses_at(u32::try_from(frames.0).unwrap_or(u32::MAX))
    }

    /// ``misses_at(frames)`` over the references; 0 when there are none.
    fn miss_ratio_at(&self, frames: Number) -> f64 {
        self.misses_at(frames) as f64 / self.curve.accesses().max(1) as f64
    }

    /// The mean absolute difference of the miss ratios from those of ``other``, over the numbers of frames of
    /// ``other``: how far a sampled curve is from the exact one.
    fn mean_absolute_error(&self, py: Python<'_>, other: &Bound<'_, PyCurve>) -> f64 {
        let other = &other.get().curve;
        py.detach(|| self.curve.mean_absolute_error(other))
    }

    /// Policy, sample rate, frames and misses by their names, as in ``memcore mrc --json``.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let figures = PyDict::new(py);
        figures.set_item("policy", &self.policy)?;
        figures.set_item("sample_rate", self.sample_rate())?;
        figures.set_item("frames", self.curve.frames().to_vec())?;
        figures.set_item("misses", self.curve.misses().to_vec())?;
        Ok(figures)
    }

    /// Draw the curve with matplotlib, and return the axes; several curves in the same axes stand side by side.
    #[pyo3(signature = (ax: "typing.Any" = None, **options: "typing.Any") -> "typing.Any")]
    fn plot<'py>(
        slf: Bound<'py, Self>,
        ax: Option<Bound<'py, PyAny>>,
        options: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let options = options.unwrap_or_else(|| PyDict::new(py));
        options.set_item("ax", ax)?;
        py.import("memcore.plot")?.call_method("curves", (vec![slf],), Some(&options))
    }

    /// The number of points.
    fn __len__(&self) -> usize {
        self.curve.frames().len()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.policy == other.policy && self.sampling == other.sampling && self.curve == other.curve
    }

    fn __hash__(&self) -> u64 {
        self.curve.accesses() ^ ((self.curve.frames().len() as u64) << 32)
    }

    fn __repr__(&self) -> String {
        let points = self.curve.frames().len();
        let sampled = match self.sampling {
            None => String::new(),
            Some(Sampling::Rate(rate)) => format!(", sampled at {rate}"),
            Some(Sampling::Pages(pages)) => format!(", sampled by {pages} pages"),
        };
        format!(
            "<Curve '{}' of '{}': {points} points{sampled}>",
            self.policy.escape_debug(),
            self.trace.escape_debug()
        )
    }
}
