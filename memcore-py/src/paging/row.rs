//! One result of a simulation.

use memcore::replay::paging::{PagingResult, ResidentSet};
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use crate::figures::Figures;

/// What one policy did with one trace on one number of frames.
///
/// A miss is a reference to a page that is not resident, first references included; all frames are empty at first.
/// The figures are those of ``memcore pages --json``, by the same names.
#[pyclass(frozen, eq, name = "PagingRow", module = "memcore")]
#[derive(PartialEq)]
pub struct PyPagingRow {
    pub result: PagingResult,
    /// A policy of one's own need not tell whom it evicts.
    pub counts_evictions: bool,
}

#[pymethods]
impl PyPagingRow {
    /// The policy with its parameters, or the name of the caller's own.
    #[getter]
    fn policy(&self) -> &str {
        &self.result.policy
    }

    /// The frames; None for a policy that chooses how many it takes.
    #[getter]
    fn frames(&self) -> Option<u32> {
        self.result.frames
    }

    /// References.
    #[getter]
    fn accesses(&self) -> u64 {
        self.result.accesses
    }

    /// References to resident pages.
    #[getter]
    fn hits(&self) -> u64 {
        self.result.hits
    }

    /// References to pages that were not resident.
    #[getter]
    fn misses(&self) -> u64 {
        self.result.misses
    }

    /// ``misses / accesses``; 0 when there are no accesses.
    #[getter]
    fn miss_ratio(&self) -> f64 {
        self.result.miss_ratio()
    }

    /// Pages that lost their frame; None where a policy of one's own does not tell.
    #[getter]
    pub fn evictions(&self) -> Option<u64> {
        self.counts_evictions.then_some(self.result.evictions)
    }

    /// Dirty pages that were written, when they left or because the policy wanted them clean; None where it was not
    /// counted.
    #[getter]
    fn writebacks(&self) -> Option<u64> {
        self.result.writebacks
    }

    /// Pages dirty and resident at the end, whose write-back is still to come; None where it was not counted.
    #[getter]
    fn dirty_at_end(&self) -> Option<u64> {
        self.result.dirty_at_end
    }

    /// How many pages were resident, ``mean`` and ``peak`` over the references, for a policy that chooses how many;
    /// None for others.
    #[getter]
    fn resident_set(&self) -> Option<Figures<f64>> {
        let ResidentSet { mean, peak } = self.result.resident_set?;
        Some(Figures(vec![("mean", mean), ("peak", peak.into())]))
    }

    /// Bytes that the simulation held beside the trace. They are those of how it was run: LRU at many sizes is had in
    /// one pass, by another structure than at one.
    #[getter]
    fn metadata_bytes(&self) -> u64 {
        self.result.metadata_bytes
    }

    /// Every figure by its name, as in ``memcore pages --json``.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        row.set_item("policy", self.policy())?;
        row.set_item("frames", self.frames())?;
        row.set_item("accesses", self.accesses())?;
        row.set_item("hits", self.hits())?;
        row.set_item("misses", self.misses())?;
        row.set_item("miss_ratio", self.miss_ratio())?;
        row.set_item("evictions", self.evictions())?;
        row.set_item("writebacks", self.writebacks())?;
        row.set_item("dirty_at_end", self.dirty_at_end())?;
        row.set_item("resident_set", self.resident_set())?;
        row.set_item("metadata_bytes", self.metadata_bytes())?;
        Ok(row)
    }

    /// The row of what ``__reduce__`` took apart.
    #[staticmethod]
    #[pyo3(name = "_restore")]
    #[allow(clippy::too_many_arguments)] // One for each figure.
    fn restore(
        policy: String,
        frames: Option<u32>,
        accesses: u64,
        misses: u64,
        evictions: Option<u64>,
        writebacks: Option<u64>,
        dirty_at_end: Option<u64>,
        resident_set: Option<(f64, u32)>,
        metadata_bytes: u64,
    ) -> Self {
        let result = PagingResult {
            policy,
            frames,
            accesses,
            hits: accesses.saturating_sub(misses),
            misses,
            evictions: evictions.unwrap_or(0),
            writebacks,
            dirty_at_end,
            resident_set: resident_set.map(|(mean, peak)| ResidentSet { mean, peak }),
            metadata_bytes,
        };
        PyPagingRow { result, counts_evictions: evictions.is_some() }
    }

    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let result = &self.result;
        let make = py.get_type::<PyPagingRow>().getattr("_restore")?;
        let figures = (
            &result.policy,
            result.frames,
            result.accesses,
            result.misses,
            self.evictions(),
            result.writebacks,
            result.dirty_at_end,
            result.resident_set.map(|ResidentSet { mean, peak }| (mean, peak)),
            result.metadata_bytes,
        );
        (make, figures).into_pyobject(py)
    }

    fn __repr__(&self) -> String {
        let PagingResult { policy, accesses, misses, .. } = &self.result;
        let frames = match self.result.frames {
            Some(frames) => format!(" at {frames} frames"),
            None => String::new(),
        };
        format!("<PagingRow '{}'{frames}: {misses} misses of {accesses}>", policy.escape_debug())
    }
}
