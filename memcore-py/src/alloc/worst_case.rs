//! The calculator of capacities that can never fail.

use memcore::alloc::{Strategy, WorstCase, worst_case as engine_worst_case};
use pyo3::prelude::*;

use super::errors::alloc_error;
use crate::{errors::spec_error, number::Number};

/// A capacity that can never fail, and why: see ``worst_case``.
#[pyclass(frozen, eq, name = "WorstCase", module = "memcore")]
#[derive(PartialEq)]
pub struct PyWorstCase(WorstCase);

#[pymethods]
impl PyWorstCase {
    /// Bytes.
    #[getter]
    fn capacity(&self) -> u64 {
        self.0.capacity
    }

    /// The formula, in granules: M is the peak, n the largest block.
    #[getter]
    fn formula(&self) -> &'static str {
        self.0.formula
    }

    /// Where it is proved.
    #[getter]
    fn source(&self) -> &'static str {
        self.0.source
    }

    fn __repr__(&self) -> String {
        let WorstCase { capacity, formula, source } = self.0;
        format!("WorstCase(capacity={capacity}, formula={formula:?}, source={source:?})")
    }
}

/// The capacity with which no request ever fails while live blocks take at most ``peak_live`` bytes together and no
/// block more than ``largest``, in whatever order requests and frees come.
///
/// ``None`` when no bound is known for the strategy, or it passes 2**64 - 1. Takes constant time. The bounds hold for
/// requests that are not aligned above the granularity.
///
/// Raises ``UnknownNameError`` or ``BadSpecError`` for the strategy, ``BadParameterError`` for a size of 0 or a granularity that is not
/// a power of two, ``TooLargeError`` for a largest block above the peak.
///
/// >>> import memcore
/// >>> memcore.worst_case("first-fit", 1 << 20, 4096, granularity=16).capacity == 9 << 20
/// True
/// >>> memcore.worst_case("bump", 1 << 20, 4096) is None
/// True
#[pyfunction]
#[pyo3(signature = (strategy, peak_live, largest, *, granularity = Number(1)))]
pub fn worst_case(
    py: Python<'_>,
    strategy: &str,
    peak_live: Number,
    largest: Number,
    granularity: Number,
) -> PyResult<Option<PyWorstCase>> {
    let strategy: Strategy = strategy.parse().map_err(|error| spec_error(py, error))?;
    let bound = engine_worst_case(&strategy, peak_live.0, largest.0, granularity.0);
    Ok(bound.map_err(|error| alloc_error(py, error))?.map(PyWorstCase))
}
