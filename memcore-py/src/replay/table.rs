//! The rows of a replay as a table of primitive columns.
//!
//! What is nested in JSON has a name of its own here: `external_fragmentation_mean`, `latency_ns_p99_9`.

use memcore::replay::{Latency, ReplayResult};
use pyo3::{prelude::*, types::PyCapsule};

use super::row::PyReplayRow;
use crate::arrow::{Column, Table, capsule};

/// The rows as an Arrow stream of one batch, in a capsule named ``arrow_array_stream``.
#[pyfunction]
#[pyo3(signature = (rows: "typing.Sequence[ReplayRow]") -> "object")]
pub fn arrow_stream<'py>(
    py: Python<'py>,
    rows: Vec<Bound<'py, PyReplayRow>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let results: Vec<&ReplayResult> = rows.iter().map(|row| &row.get().0).collect();
    capsule(py, table(&results))
}

fn table(results: &[&ReplayResult]) -> Table {
    let whole = |of: fn(&ReplayResult) -> Option<u64>| {
        Column::Whole(results.iter().map(|result| of(result)).collect())
    };
    let real = |of: fn(&ReplayResult) -> Option<f64>| {
        Column::Real(results.iter().map(|result| of(result)).collect())
    };
    fn latency(result: &ReplayResult, of: fn(Latency) -> u64) -> Option<u64> {
        result.latency.map(of)
    }
    vec![
        (c"strategy", Column::Text(results.iter().map(|result| result.strategy.clone()).collect())),
        (c"capacity", whole(|result| Some(result.capacity))),
        (c"align", whole(|result| Some(result.align))),
        (c"granularity", whole(|result| Some(result.granularity))),
        (c"header", whole(|result| Some(result.header))),
        (c"operations", whole(|result| Some(result.operations))),
        (c"failures", whole(|result| Some(result.failures))),
        (c"skipped", whole(|result| Some(result.skipped))),
        (c"refused_frees", whole(|result| Some(result.refused_frees))),
        (c"peak_live", whole(|result| Some(result.peak_live))),
        (c"peak_used", whole(|result| Some(result.peak_used))),
        (c"footprint", whole(|result| Some(result.footprint))),
        (c"utilisation", real(|result| Some(result.utilisation))),
        (c"external_fragmentation_mean", real(|result| Some(result.external_fragmentation.mean))),
        (c"external_fragmentation_max", real(|result| Some(result.external_fragmentation.max))),
        (c"external_fragmentation_final", real(|result| Some(result.external_fragmentation.last))),
        (c"internal_fragmentation_mean", real(|result| Some(result.internal_fragmentation.mean))),
        (c"internal_fragmentation_max", real(|result| Some(result.internal_fragmentation.max))),
        (c"internal_fragmentation_final", real(|result| Some(result.internal_fragmentation.last))),
        (c"metadata_bytes", whole(|result| result.metadata_bytes)),
        (c"nanoseconds_per_operation", real(|result| result.nanoseconds_per_operation)),
        (c"latency_ns_p50", whole(|result| latency(result, |latency| latency.p50))),
        (c"latency_ns_p99", whole(|result| latency(result, |latency| latency.p99))),
        (c"latency_ns_p99_9", whole(|result| latency(result, |latency| latency.p999))),
        (c"latency_ns_max", whole(|result| latency(result, |latency| latency.max))),
        (c"sufficient_capacity", whole(|result| result.sufficient_capacity)),
    ]
}
