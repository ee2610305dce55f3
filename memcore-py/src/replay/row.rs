//! One result of a replay.

use memcore::replay::{Latency, ReplayPoint, ReplayResult, Spread};
use pyo3::{prelude::*, types::PyDict};

use crate::{column::Numbers, figures::Figures};

/// What a program's trace costs with one allocator.
///
/// The figures are those of ``memcore replay --json``, by the same names.
#[pyclass(frozen, name = "ReplayRow", module = "memcore")]
pub struct PyReplayRow(pub ReplayResult);

fn spread(Spread { mean, max, last }: Spread) -> Figures<f64> {
    Figures(vec![("mean", mean), ("max", max), ("final", last)])
}

#[pymethods]
impl PyReplayRow {
    /// The strategy as text, or the name of the caller's own allocator.
    #[getter]
    fn strategy(&self) -> &str {
        &self.0.strategy
    }

    /// Bytes of the space, after rounding down.
    #[getter]
    fn capacity(&self) -> u64 {
        self.0.capacity
    }

    /// The alignment of each block.
    #[getter]
    fn align(&self) -> u64 {
        self.0.align
    }

    /// Starts and sizes are multiples of it.
    #[getter]
    fn granularity(&self) -> u64 {
        self.0.granularity
    }

    /// Bytes in front of each block.
    #[getter]
    fn header(&self) -> u64 {
        self.0.header
    }

    /// The operations of the trace.
    #[getter]
    fn operations(&self) -> u64 {
        self.0.operations
    }

    /// Allocations and reallocs that were refused.
    #[getter]
    fn failures(&self) -> u64 {
        self.0.failures
    }

    /// Reallocs and frees of blocks that were not there.
    #[getter]
    fn skipped(&self) -> u64 {
        self.0.skipped
    }

    /// Frees that were refused.
    #[getter]
    fn refused_frees(&self) -> u64 {
        self.0.refused_frees
    }

    /// The most bytes that the program had asked for at once, of the blocks that were placed.
    #[getter]
    fn peak_live(&self) -> u64 {
        self.0.peak_live
    }

    /// The most bytes in blocks at once, headers and rounding included.
    #[getter]
    fn peak_used(&self) -> u64 {
        self.0.peak_used
    }

    /// The highest end of a block ever.
    #[getter]
    fn footprint(&self) -> u64 {
        self.0.footprint
    }

    /// ``peak_live / footprint``; 1 when the footprint is 0.
    #[getter]
    fn utilisation(&self) -> f64 {
        self.0.utilisation
    }

    /// 1 - largest hole / free, both below the end of the highest live block: ``mean``, ``max``, ``final``.
    #[getter]
    fn external_fragmentation(&self) -> Figures<f64> {
        spread(self.0.external_fragmentation)
    }

    /// 1 - live / used: ``mean``, ``max``, ``final``. Headers count as internal.
    #[getter]
    fn internal_fragmentation(&self) -> Figures<f64> {
        spread(self.0.internal_fragmentation)
    }

    /// The most bytes of the allocator's tables; None where it does not know.
    #[getter]
    fn metadata_bytes(&self) -> Option<u64> {
        self.0.metadata_bytes
    }

    /// The time of a whole pass, less that of an empty loop, over the operations: the best of three. None unless
    /// measured.
    #[getter]
    fn nanoseconds_per_operation(&self) -> Option<f64> {
        self.0.nanoseconds_per_operation
    }

    /// How long single operations took, at most 1/32 above the truth: ``p50``, ``p99``, ``p99.9``, ``max``. None
    /// unless measured.
    #[getter]
    fn latency_ns(&self) -> Option<Figures<u64>> {
        let Latency { p50, p99, p999, max } = self.0.latency?;
        Some(Figures(vec![("p50", p50), ("p99", p99), ("p99.9", p999), ("max", max)]))
    }

    /// A capacity with which the whole trace succeeds, not the least one. None unless searched for and found.
    #[getter]
    fn sufficient_capacity(&self) -> Option<u64> {
        self.0.sufficient_capacity
    }

    /// The replay over time, as columns of equal length: ``operations`` done; ``live``, ``used``, ``footprint`` in
    /// bytes; ``external_fragmentation``, ``internal_fragmentation``; ``failures`` so far. Arrays as `Trace.columns`.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn series<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let points = &self.0.series;
        let series = PyDict::new(py);
        let whole = |name, of: fn(&ReplayPoint) -> u64| {
            series.set_item(name, Numbers::U64(points.iter().map(of).collect()).into_array(py)?)
        };
        let part = |name, of: fn(&ReplayPoint) -> f64| {
            series.set_item(name, Numbers::F64(points.iter().map(of).collect()).into_array(py)?)
        };
        whole("operations", |point| point.operations)?;
        whole("live", |point| point.live)?;
        whole("used", |point| point.used)?;
        whole("footprint", |point| point.footprint)?;
        part("external_fragmentation", |point| point.external_fragmentation)?;
        part("internal_fragmentation", |point| point.internal_fragmentation)?;
        whole("failures", |point| point.failures)?;
        Ok(series)
    }

    /// Every figure by its name, as in ``memcore replay --json``.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let result = &self.0;
        let row = PyDict::new(py);
        row.set_item("strategy", &result.strategy)?;
        row.set_item("capacity", result.capacity)?;
        row.set_item("align", result.align)?;
        row.set_item("granularity", result.granularity)?;
        row.set_item("header", result.header)?;
        row.set_item("operations", result.operations)?;
        row.set_item("failures", result.failures)?;
        row.set_item("skipped", result.skipped)?;
        row.set_item("refused_frees", result.refused_frees)?;
        row.set_item("peak_live", result.peak_live)?;
        row.set_item("peak_used", result.peak_used)?;
        row.set_item("footprint", result.footprint)?;
        row.set_item("utilisation", result.utilisation)?;
        row.set_item("external_fragmentation", self.external_fragmentation())?;
        row.set_item("internal_fragmentation", self.internal_fragmentation())?;
        row.set_item("metadata_bytes", result.metadata_bytes)?;
        row.set_item("nanoseconds_per_operation", result.nanoseconds_per_operation)?;
        row.set_item("latency_ns", self.latency_ns())?;
        row.set_item("sufficient_capacity", result.sufficient_capacity)?;
        Ok(row)
    }

    fn __repr__(&self) -> String {
        let ReplayResult { strategy, footprint, failures, .. } = &self.0;
        format!("<ReplayRow '{}': footprint {footprint}, {failures} failures>", strategy.escape_debug())
    }
}
