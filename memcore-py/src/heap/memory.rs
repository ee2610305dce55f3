//! The argument `memory` of every heap: a number of bytes, or a buffer that somebody else has.

use memcore::heap::{AnyMemory, Borrowed, HeapError, Mapping, MappingOptions};
use pyo3::{
    buffer::PyUntypedBuffer,
    exceptions::{PyBufferError, PyTypeError},
    prelude::*,
    types::{PyInt, PyMemoryView},
};

use super::errors::heap_error;
use crate::{errors::bad_parameter, number::Number};

/// Memory, and the view that keeps it: dropped after whatever works in it.
pub struct Source {
    pub memory: AnyMemory,
    pub kept: Option<PyUntypedBuffer>,
}

/// Memory of the heap's own, `bytes` of them at once and up to `limit`.
pub fn own(py: Python<'_>, bytes: Number, limit: Option<Number>) -> PyResult<Source> {
    let limit = limit.map_or(bytes.0, |Number(limit)| limit);
    if bytes.0 > limit {
        return Err(bad_parameter(py, "limit", limit, "must be at least the bytes of the beginning"));
    }
    let (initial, limit) = (narrow(bytes.0), narrow(limit));
    let mapping = Mapping::reserve(MappingOptions::new(limit).initial(initial));
    let memory = AnyMemory::Mapping(mapping.map_err(|error| heap_error(py, error))?);
    Ok(Source { memory, kept: None })
}

/// What no machine can address, it has no room for either.
pub fn narrow(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// What `memory` says.
pub fn of(memory: &Bound<'_, PyAny>, limit: Option<Number>) -> PyResult<Source> {
    let py = memory.py();
    if memory.is_instance_of::<PyInt>() {
        return own(py, memory.extract()?, limit);
    }
    match exported(memory, true) {
        Ok(kept) => {
            if let Some(Number(limit)) = limit {
                return Err(bad_parameter(
                    py,
                    "limit",
                    limit,
                    "is for memory of the heap's own, not for a buffer",
                ));
            }
            over(py, kept, None)
        }
        // A number of NumPy's is a buffer too, which cannot be written.
        Err(refusal) => match memory.call_method0("__index__") {
            Ok(number) => own(py, number.extract()?, limit),
            Err(_) => Err(refusal),
        },
    }
}

/// A view of a buffer in one piece. Where an exporter leaves something out, as ctypes does, a memoryview fills it in.
pub fn exported(buffer: &Bound<'_, PyAny>, writable: bool) -> PyResult<PyUntypedBuffer> {
    let kept = PyUntypedBuffer::get(buffer)
        .or_else(|_| PyUntypedBuffer::get(&PyMemoryView::from(buffer)?.into_any()));
    let kept = kept.map_err(|error| {
        if error.is_instance_of::<PyTypeError>(buffer.py()) {
            PyTypeError::new_err("a number of bytes or a buffer is wanted")
        } else {
            error
        }
    })?;
    if writable && kept.readonly() {
        return Err(PyBufferError::new_err("the buffer cannot be written"));
    }
    if !kept.is_c_contiguous() {
        return Err(PyBufferError::new_err("the buffer is not in one piece (C-contiguous)"));
    }
    Ok(kept)
}

/// The memory of a buffer, or of its first `bytes`.
pub fn over(py: Python<'_>, kept: PyUntypedBuffer, bytes: Option<Number>) -> PyResult<Source> {
    let len = kept.len_bytes();
    let wanted = bytes.map_or(len, |Number(bytes)| narrow(bytes));
    if wanted > len {
        return Err(bad_parameter(py, "size", wanted, &format!("the buffer has {len} bytes")));
    }
    let start = kept.buf_ptr().cast::<u8>();
    if wanted == 0 {
        let error =
            HeapError::BadMemory { address: start.addr(), bytes: 0, rule: "must have at least 1 byte" };
        return Err(heap_error(py, error));
    }
    // SAFETY: the exporter keeps these bytes where they are until `kept` is released, which is dropped after the memory.
    // That nobody else writes to them is the program's to see to; the engine believes none of them unchecked.
    let borrowed = unsafe { Borrowed::from_raw(start, wanted) };
    let memory = AnyMemory::Borrowed(borrowed.map_err(|error| heap_error(py, error))?);
    Ok(Source { memory, kept: Some(kept) })
}
