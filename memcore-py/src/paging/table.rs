//! The rows of simulations as a table of primitive columns.

use memcore::replay::paging::PagingResult;
use pyo3::{prelude::*, types::PyCapsule};

use super::row::PyPagingRow;
use crate::arrow::{Column, Table, capsule};

/// The rows as an Arrow stream of one batch, in a capsule named ``arrow_array_stream``.
#[pyfunction]
#[pyo3(signature = (rows: "typing.Sequence[PagingRow]") -> "object")]
pub fn paging_stream<'py>(
    py: Python<'py>,
    rows: Vec<Bound<'py, PyPagingRow>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let rows: Vec<&PyPagingRow> = rows.iter().map(|row| row.get()).collect();
    capsule(py, table(&rows))
}

fn table(rows: &[&PyPagingRow]) -> Table {
    let whole = |of: fn(&PagingResult) -> Option<u64>| {
        Column::Whole(rows.iter().map(|row| of(&row.result)).collect())
    };
    let real =
        |of: fn(&PagingResult) -> Option<f64>| Column::Real(rows.iter().map(|row| of(&row.result)).collect());
    vec![
        (c"policy", Column::Text(rows.iter().map(|row| row.result.policy.clone()).collect())),
        (c"frames", whole(|result| result.frames.map(u64::from))),
        (c"accesses", whole(|result| Some(result.accesses))),
        (c"hits", whole(|result| Some(result.hits))),
        (c"misses", whole(|result| Some(result.misses))),
        (c"miss_ratio", real(|result| Some(result.miss_ratio()))),
        (c"evictions", Column::Whole(rows.iter().map(|row| row.evictions()).collect())),
        (c"writebacks", whole(|result| result.writebacks)),
        (c"dirty_at_end", whole(|result| result.dirty_at_end)),
        (c"resident_set_mean", real(|result| result.resident_set.map(|set| set.mean))),
        (c"resident_set_peak", whole(|result| result.resident_set.map(|set| set.peak.into()))),
        (c"metadata_bytes", whole(|result| Some(result.metadata_bytes))),
    ]
}
