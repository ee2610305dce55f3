//! Columns of numbers, in and out, through the buffer protocol: no copy on the way out, and no NumPy needed.
//!
//! A column that leaves is a vector of the engine in a Python object that lends its memory. Where NumPy is installed
//! the caller gets an array over it, otherwise a memoryview; both keep the column alive.

use std::{
    ffi::{CStr, c_int, c_void},
    sync::Arc,
};

use memcore::trace::AccessKind;
use pyo3::{
    buffer::{Element, PyBuffer},
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
    Bool(Vec<bool>),
    /// Of something that never changes.
    Part(Box<dyn Lender>),
}

/// A part of something of the engine, lent as it is.
#[derive(Clone, Copy)]
pub enum Slice<'a> {
    U8(&'a [u8]),
    U32(&'a [u32]),
    U64(&'a [u64]),
    F64(&'a [f64]),
    Bool(&'a [bool]),
    Kinds(&'a [AccessKind]),
}

/// Who owns such a part. Nothing in it moves or changes as long as it lives.
pub trait Lender: Send + Sync {
    fn lend(&self) -> Slice<'_>;
}

struct Part<T> {
    owner: Arc<T>,
    of: fn(&T) -> Slice<'_>,
}

impl<T: Send + Sync> Lender for Part<T> {
    fn lend(&self) -> Slice<'_> {
        (self.of)(&self.owner)
    }
}

impl Numbers {
    /// What `of` finds in `owner`, which is immutable, without a copy.
    pub fn part<T: Send + Sync + 'static>(owner: &Arc<T>, of: fn(&T) -> Slice<'_>) -> Self {
        Numbers::Part(Box::new(Part { owner: Arc::clone(owner), of }))
    }

    fn slice(&self) -> Slice<'_> {
        match self {
            Numbers::U8(numbers) => Slice::U8(numbers),
            Numbers::U32(numbers) => Slice::U32(numbers),
            Numbers::U64(numbers) => Slice::U64(numbers),
            Numbers::F64(numbers) => Slice::F64(numbers),
            Numbers::Bool(numbers) => Slice::Bool(numbers),
            Numbers::Part(lender) => lender.lend(),
        }
    }

    /// Address, length, bytes of one number, and its code in the language of the `struct` module.
    fn parts(&self) -> (*const c_void, usize, usize, &'static CStr) {
        match self.slice() {
            Slice::U8(numbers) => (numbers.as_ptr().cast(), numbers.len(), 1, c"B"),
            Slice::U32(numbers) => (numbers.as_ptr().cast(), numbers.len(), 4, c"I"),
            Slice::U64(numbers) => (numbers.as_ptr().cast(), numbers.len(), 8, c"Q"),
            Slice::F64(numbers) => (numbers.as_ptr().cast(), numbers.len(), 8, c"d"),
            Slice::Bool(numbers) => (numbers.as_ptr().cast(), numbers.len(), 1, c"?"),
            // One byte each, by `repr(u8)`.
            Slice::Kinds(kinds) => (kinds.as_ptr().cast(), kinds.len(), 1, c"B"),
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

/// The numbers of an argument: an array of unsigned or signed integers or of booleans, in any layout and byte order,
/// or any iterable of ints.
///
/// What a caller passes is copied once, so that another thread may write into it while the engine reads.
pub fn numbers_of(object: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    if let Some(numbers) = numbers_of_buffer(object) {
        return numbers;
    }
    if let Some(array) = as_64_bits(object)? {
        if let Some(numbers) = numbers_of_buffer(&array) {
            return numbers;
        }
    }
    let items = object
        .try_iter()
        .map_err(|_| PyTypeError::new_err("an array of integers or an iterable of ints is wanted"))?;
    items.map(|item| item?.extract::<Number>().map(|Number(number)| number)).collect()
}

/// The numbers of a buffer of native integers; `None` where there is none.
fn numbers_of_buffer(object: &Bound<'_, PyAny>) -> Option<PyResult<Vec<u64>>> {
    fn unsigned<T: Element + Copy + Into<u64>>(object: &Bound<'_, PyAny>) -> Option<PyResult<Vec<u64>>> {
        let buffer = native::<T>(object)?;
        Some(buffer.to_vec(object.py()).map(|numbers| numbers.into_iter().map(Into::into).collect()))
    }
    fn signed<T: Element + Copy + Into<i64>>(object: &Bound<'_, PyAny>) -> Option<PyResult<Vec<u64>>> {
        let py = object.py();
        let buffer = native::<T>(object)?;
        let checked = |numbers: Vec<T>| {
            numbers.into_iter().map(|number| not_negative(py, number.into())).collect::<PyResult<_>>()
        };
        Some(buffer.to_vec(py).and_then(checked))
    }
    // A vector of the wanted type is collected from itself in place.
    unsigned::<u64>(object)
        .or_else(|| signed::<i64>(object))
        .or_else(|| unsigned::<u32>(object))
        .or_else(|| signed::<i32>(object))
        .or_else(|| unsigned::<u16>(object))
        .or_else(|| signed::<i16>(object))
        .or_else(|| unsigned::<u8>(object))
        .or_else(|| signed::<i8>(object))
}

/// A buffer of this type whose bytes are in the machine's order, which the type alone does not say.
fn native<T: Element>(object: &Bound<'_, PyAny>) -> Option<PyBuffer<T>> {
    let buffer = PyBuffer::<T>::get(object).ok()?;
    let swapped: &[u8] = if cfg!(target_endian = "big") { b"<" } else { b">!" };
    let is_native = !buffer.format().to_bytes().first().is_some_and(|first| swapped.contains(first));
    is_native.then_some(buffer)
}

/// NumPy's booleans and numbers of the other byte order, as an array of native 64-bit integers; `None` for whatever
/// is no such array.
fn as_64_bits<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let kind = object.getattr("dtype").and_then(|dtype| dtype.getattr("kind")?.extract::<char>());
    match kind {
        Ok('b' | 'u') => object.call_method1("astype", ("u8",)).map(Some),
        Ok('i') => object.call_method1("astype", ("i8",)).map(Some),
        _ => Ok(None),
    }
}

fn not_negative(py: Python<'_>, number: i64) -> PyResult<u64> {
    match u64::try_from(number) {
        Ok(number) => Ok(number),
        // By way of Python, for the same exception as everywhere.
        Err(_) => number.into_pyobject(py)?.extract::<Number>().map(|Number(number)| number),
    }
}
