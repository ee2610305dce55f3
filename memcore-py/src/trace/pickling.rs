//! Page traces in pickles: their columns as they are in memory, with the order of their bytes.
//!
//! With protocol 5 a column is a `PickleBuffer` over the trace's own memory, which a framework may send without a copy;
//! before that it is a `bytes`.

use memcore::trace::{AccessKind, PageTrace};
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyMemoryView},
};

use super::errors::trace_error;

/// The order of the bytes of this machine's numbers.
pub fn byte_order() -> &'static str {
    if cfg!(target_endian = "big") { "big" } else { "little" }
}

/// A column for a pickle of this protocol.
pub fn column<'py>(py: Python<'py>, column: Bound<'py, PyAny>, protocol: u8) -> PyResult<Bound<'py, PyAny>> {
    if protocol >= 5 {
        return py.import("pickle")?.call_method1("PickleBuffer", (column,));
    }
    PyMemoryView::from(&column)?.call_method0("tobytes")
}

/// The trace that has these columns.
pub fn page_trace(
    py: Python<'_>,
    order: &str,
    page_size: u64,
    references: &Bound<'_, PyAny>,
    keys: &Bound<'_, PyAny>,
    kinds: Option<&Bound<'_, PyAny>>,
) -> PyResult<PageTrace> {
    let swapped = match order {
        order if order == byte_order() => false,
        "big" | "little" => true,
        _ => return Err(PyValueError::new_err(format!("{order:?} is no order of bytes"))),
    };
    let references = bytes_of(references)?;
    let keys = bytes_of(keys)?;
    let kinds = kinds.map(bytes_of).transpose()?;
    let (references, keys) = (references.as_bytes(), keys.as_bytes());
    let kinds = kinds.as_ref().map(|kinds| kinds.as_bytes());
    if references.len() % 4 != 0 || keys.len() % 8 != 0 {
        return Err(PyValueError::new_err("a column of a page trace ends inside a number"));
    }
    let made = py.detach(|| {
        let references = references.chunks_exact(4).map(|four| {
            let number = u32::from_ne_bytes([four[0], four[1], four[2], four[3]]);
            if swapped { number.swap_bytes() } else { number }
        });
        let keys = keys.chunks_exact(8).map(|eight| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(eight);
            let number = u64::from_ne_bytes(bytes);
            if swapped { number.swap_bytes() } else { number }
        });
        let kinds: Option<Option<Vec<AccessKind>>> =
            kinds.map(|kinds| kinds.iter().map(|&kind| AccessKind::from_number(kind)).collect());
        match kinds {
            Some(None) => None,
            kinds => Some(PageTrace::from_references(
                references.collect(),
                keys.collect(),
                kinds.flatten(),
                page_size,
            )),
        }
    });
    match made {
        Some(trace) => trace.map_err(|error| trace_error(py, error)),
        None => Err(PyValueError::new_err("a kind of a page trace is not from 0 to 2")),
    }
}

/// The bytes of a buffer, which nobody can change any more.
fn bytes_of<'py>(buffer: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match buffer.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.clone()),
        Err(_) => Ok(PyMemoryView::from(buffer)?.call_method0("tobytes")?.cast_into::<PyBytes>()?),
    }
}
