//! Columns of numbers, in and out, through the buffer protocol: no copy on the way out, and no NumPy needed.
//!
//! A column that leaves is a vector of the engine in a Python object that lends its memory. Where NumPy is installed
//! the caller gets an array over it, otherwise a memoryview; both keep the column alive.

use std::ffi::{CStr, c_int, c_void};

use pyo3::{
    buffer::PyBuffer,
    exceptions::{PyBufferError, PyTypeError},
    ffi,
    prelude::*,
    sync::PyOnceLock,
    types::PyMemoryView,
};

use crate::number::Number;

/// The numbers of a column.
pub enum Numbers {
    U8(Vec<u8>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F64(Vec<f64>),
}

impl Numbers {
    /// Address, length, bytes of one number, and its code in the language of the `struct` module.
    fn parts(&self) -> (*const c_void, usize, usize, &'static CStr) {
        match self {
            Numbers::U8(numbers) => (numbers.as_ptr().cast(), numbers.len(), 1, c"B"),
            Numbers::U32(numbers) => (numbers.as_ptr().cast(), numbers.len(), 4, c"I"),
            Numbers::U64(numbers) => (numbers.as_ptr().cast(), numbers.len(), 8, c"Q"),
            Numbers::F64(numbers) => (numbers.as_ptr().cast(), numbers.len(), 8, c"d"),
        }
    }

    /// The array or memoryview over these numbers.
    pub fn into_array(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let (_, length, item, _) = self.parts();
        let shape = [length as ffi::Py_ssize_t];
        let strides = [item as ffi::Py_ssize_t];
        let column = Bound::new(py, Column { numbers: self, shape, strides })?;
        match numpy_asarray(py) {
            Some(asarray) => asarray.bind(py).call1((column,)),
            None => Ok(PyMemoryView::from(&column)?.into_any()),
        }
    }
}

/// `numpy.asarray`, where NumPy is installed.
fn numpy_asarray(py: Python<'_>) -> Option<&Py<PyAny>> {
    static ASARRAY: PyOnceLock<Option<Py<PyAny>>> = PyOnceLock::new();
    let find = || py.import("numpy").and_then(|numpy| numpy.getattr("asarray")).map(Bound::unbind).ok();
    ASARRAY.get_or_init(py, find).as_ref()
}

/// Numbers that lend their memory, read-only, to whoever knows the buffer protocol.
#[pyclass(frozen, name = "Column", module = "memcore._memcore")]
struct Column {
    numbers: Numbers,
    shape: [ffi::Py_ssize_t; 1],
    strides: [ffi::Py_ssize_t; 1],
}

#[pymethods]
impl Column {
    /// Fills in the description of the memory.
    ///
    /// # Safety
    /// As the interpreter promises: `view` is valid for writing or null.
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view to fill in"));
        }
        if flags & ffi::PyBUF_WRITABLE == ffi::PyBUF_WRITABLE {
            return Err(PyBufferError::new_err("the column is read-only"));
        }
        let column = slf.get();
        let (address, length, item, format) = column.numbers.parts();
        let wanted = |flag: c_int| flags & flag == flag;
        // SAFETY: `view` is valid (see above) and is ours to fill in. What it points to belongs to `column`, which
        // is frozen, so that nothing in it moves, and which the view keeps alive through `obj`.
        unsafe {
            (*view).buf = address.cast_mut();
            (*view).len = (length * item) as ffi::Py_ssize_t;
            (*view).readonly = 1;
            (*view).itemsize = item as ffi::Py_ssize_t;
            (*view).format =
                if wanted(ffi::PyBUF_FORMAT) { format.as_ptr().cast_mut() } else { std::ptr::null_mut() };
            (*view).ndim = 1;
            (*view).shape =
                if wanted(ffi::PyBUF_ND) { column.shape.as_ptr().cast_mut() } else { std::ptr::null_mut() };
            (*view).strides = if wanted(ffi::PyBUF_STRIDES) {
                column.strides.as_ptr().cast_mut()
            } else {
                std::ptr::null_mut()
            };
            (*view).suboffsets = std::ptr::null_mut();
            (*view).internal = std::ptr::null_mut();
            (*view).obj = slf.into_ptr();
        }
        Ok(())
    }
}

/// The numbers of an argument: an array of unsigned or signed integers, in any layout, or any iterable of ints.
///
/// What a caller passes is copied, so that another thread may write into it while the engine reads. An array of bytes
/// and of 32-bit numbers is widened.
pub fn numbers_of(object: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    let py = object.py();
    if let Ok(buffer) = PyBuffer::<u64>::get(object) {
        return buffer.to_vec(py);
    }
    if let Ok(buffer) = PyBuffer::<i64>::get(object) {
        return buffer.to_vec(py)?.into_iter().map(|number| not_negative(py, number)).collect();
    }
    if let Ok(buffer) = PyBuffer::<u32>::get(object) {
        return Ok(buffer.to_vec(py)?.into_iter().map(u64::from).collect());
    }
    if let Ok(buffer) = PyBuffer::<u8>::get(object) {
        return Ok(buffer.to_vec(py)?.into_iter().map(u64::from).collect());
    }
    if let Ok(buffer) = PyBuffer::<i32>::get(object) {
        let widened = buffer.to_vec(py)?.into_iter().map(|number| not_negative(py, number.into()));
        return widened.collect();
    }
    let items = object
        .try_iter()
        .map_err(|_| PyTypeError::new_err("an array of integers or an iterable of ints is wanted"))?;
    items.map(|item| item?.extract::<Number>().map(|Number(number)| number)).collect()
}

fn not_negative(py: Python<'_>, number: i64) -> PyResult<u64> {
    match u64::try_from(number) {
        Ok(number) => Ok(number),
        // By way of Python, for the same exception as everywhere.
        Err(_) => number.into_pyobject(py)?.extract::<Number>().map(|Number(number)| number),
    }
}
