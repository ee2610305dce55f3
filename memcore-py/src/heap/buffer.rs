//! Lending bytes by the buffer protocol.

use std::ffi::{c_int, c_void};

use pyo3::{exceptions::PyBufferError, ffi, prelude::*};

/// Fills in the description of `len` bytes from `start` on, as a row of unsigned bytes that belongs to `owner`.
///
/// # Safety
/// `view` is null or valid for writing, as `__getbuffer__` gets it. The bytes stay valid until the view is released:
/// `owner`, which the view keeps alive, sees to it.
pub unsafe fn lend(
    owner: &Bound<'_, PyAny>,
    view: *mut ffi::Py_buffer,
    flags: c_int,
    start: *mut u8,
    len: usize,
    readonly: bool,
) -> PyResult<()> {
    if view.is_null() {
        return Err(PyBufferError::new_err("no view to fill in"));
    }
    let len = ffi::Py_ssize_t::try_from(len).map_err(|_| PyBufferError::new_err("too long for a view"))?;
    // SAFETY: `view` is valid; the rest is as the caller promises.
    let filled = unsafe {
        ffi::PyBuffer_FillInfo(view, owner.as_ptr(), start.cast::<c_void>(), len, readonly.into(), flags)
    };
    match filled {
        0 => Ok(()),
        _ => Err(PyErr::fetch(owner.py())),
    }
}
