//! Whole numbers from Python: sizes, starts, alignments, ids.
//!
//! PyO3 raises a bare `OverflowError` for -1 or 2**64. A caller who passes a bad number deserves the package's own
//! kind of error, with the number in it, so every number of the interface is taken as a [`Number`].

use pyo3::{exceptions::PyOverflowError, prelude::*, types::PyInt};

use crate::errors::{OutOfRangeError, raise};

/// A number from 0 to 2^64 - 1: an int, or whatever has `__index__`, as a block has its start.
#[derive(Clone, Copy)]
pub struct Number(pub u64);

impl<'a, 'py> FromPyObject<'a, 'py> for Number {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = <u64 as FromPyObject<'a, 'py>>::INPUT_TYPE;

    #[inline]
    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        object
            .extract::<u64>()
            .map(Number)
            .map_err(|error| out_of_range(&object, error, "from 0 to 2**64 - 1"))
    }
}

/// A number from -2^63 to 2^63 - 1, where a negative one is to arrive so that it can be refused by name.
#[derive(Clone, Copy)]
pub struct Signed(pub i64);

impl<'a, 'py> FromPyObject<'a, 'py> for Signed {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = <i64 as FromPyObject<'a, 'py>>::INPUT_TYPE;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let range = "from -2**63 to 2**63 - 1";
        object.extract::<i64>().map(Signed).map_err(|error| out_of_range(&object, error, range))
    }
}

#[cold]
fn out_of_range(object: &Bound<'_, PyAny>, error: PyErr, range: &str) -> PyErr {
    let py = object.py();
    if !error.is_instance_of::<PyOverflowError>(py) {
        return error;
    }
    let describe = || -> PyResult<PyErr> {
        let index = object.call_method0("__index__")?;
        let value = index.cast::<PyInt>()?;
        // Python refuses to write out numbers of more than a few thousand digits.
        let shown = if value.call_method0("bit_length")?.extract::<u64>()? > 256 {
            "the number".to_owned()
        } else {
            value.to_string()
        };
        let message = format!("{shown} is out of range: it must be {range}");
        Ok(raise!(py, OutOfRangeError, message, value = value))
    };
    describe().unwrap_or_else(|failure| failure)
}
