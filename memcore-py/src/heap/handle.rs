//! The class `memcore.Handle`, and pins.

use std::{
    ffi::c_int,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use memcore::alloc::BlockId;
use memcore::heap::HeapError;
use pyo3::{
    PyTraverseError, PyVisit, ffi,
    prelude::*,
    types::{PyBytes, PyMemoryView},
};

use super::{
    buffer::lend,
    errors::foreign,
    handle_heap::PyHandleHeap,
    memory::narrow,
    room::{State, at},
};
use crate::{errors::bad_parameter, number::Number, vm::machine::memory::bytes_of};

/// Names a block of a `HandleHeap`, wherever that moves: a writable buffer, whose views pin the block.
///
/// A handle is a value: two are equal when they name the same block. A block is not freed when its handles are forgotten;
/// ``HandleHeap.handles`` finds it.
///
/// >>> import memcore
/// >>> handle = memcore.HandleHeap(bytearray(4096)).allocate(4, zeroed=True)
/// >>> with handle.pin() as view:
/// ...     view[0] = 7
/// ...     handle.pins
/// 1
/// >>> handle.bytes(), handle.pins
/// (b'\x07\x00\x00\x00', 0)
#[pyclass(frozen, name = "Handle", module = "memcore")]
pub struct PyHandle {
    id: BlockId,
    home: Py<PyHandleHeap>,
}

impl PyHandle {
    pub fn new(id: BlockId, home: Py<PyHandleHeap>) -> Self {
        PyHandle { id, home }
    }

    /// Refuses a handle of another heap.
    pub fn check_home(&self, heap: &Bound<'_, PyHandleHeap>) -> PyResult<()> {
        if self.home.is(heap) {
            return Ok(());
        }
        Err(foreign(heap.py(), narrow(self.id.to_bits())))
    }

    /// One view less.
    fn unpin(&self, py: Python<'_>, address: usize) -> PyResult<()> {
        self.home.get().room.with(py, |State { core, entries, .. }| {
            if let Some(entry) = entries.at(address).cloned() {
                entry.view_released();
                if entry.views() == 0 {
                    entries.remove(&entry);
                }
            }
            Ok(core.unpin(self.id)?)
        })
    }
}

#[pymethods]
impl PyHandle {
    /// Names the block for as long as it lives, and nothing afterwards: an int that is never 0.
    #[getter]
    fn id(&self) -> u64 {
        self.id.to_bits()
    }

    /// The heap.
    #[getter]
    fn heap(&self, py: Python<'_>) -> Py<PyHandleHeap> {
        self.home.clone_ref(py)
    }

    /// Bytes that the block was asked for with. ``len(handle)`` is the same. O(1).
    ///
    /// Raises `StaleHandleError`.
    #[getter]
    fn size(&self, py: Python<'_>) -> PyResult<usize> {
        self.home.get().room.with(py, |state| Ok(state.core.size(self.id)?))
    }

    /// Whether the block has not been freed. O(1).
    #[getter]
    fn alive(&self, py: Python<'_>) -> bool {
        let state = self.home.get().room.lock(py);
        state.as_ref().is_some_and(|state| state.core.size(self.id).is_ok())
    }

    /// How many views of the block there are: each keeps it where it is. O(1).
    ///
    /// Raises `StaleHandleError`.
    #[getter]
    fn pins(&self, py: Python<'_>) -> PyResult<u32> {
        self.home.get().room.with(py, |state| Ok(state.core.holds(self.id)?.0))
    }

    /// How often the block is locked. O(1).
    ///
    /// Raises `StaleHandleError`.
    #[getter]
    fn locks(&self, py: Python<'_>) -> PyResult<u32> {
        self.home.get().room.with(py, |state| Ok(state.core.holds(self.id)?.1))
    }

    /// A copy of the bytes. O(size).
    ///
    /// Raises `StaleHandleError`.
    fn bytes<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyMemoryView::from(slf)?.call_method0("tobytes")?.cast_into()?)
    }

    /// Write the bytes of any buffer into the block, from ``offset`` on. O(bytes).
    ///
    /// Raises `BadParameterError` when they do not fit, `StaleHandleError`.
    #[pyo3(signature = (data: "typing.Any", offset = Number(0)))]
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>, offset: Number) -> PyResult<()> {
        let data = bytes_of(data)?;
        let (data, from) = (data.as_bytes(), narrow(offset.0));
        let written = self.home.get().room.with(py, |state| {
            let bytes = state.core.bytes_mut(self.id)?;
            let end = from.checked_add(data.len()).filter(|&end| end <= bytes.len());
            Ok(end.map(|end| bytes[from..end].copy_from_slice(data)))
        })?;
        let rule = "with the bytes behind it, it must lie in the block";
        written.ok_or_else(|| bad_parameter(py, "offset", offset.0, rule))
    }

    /// A context that keeps the block where it is, and gives a writable memoryview of it.
    ///
    /// At the end the view is released. Arrays and slices of it keep the block pinned for as long as they are there.
    fn pin(slf: Py<Self>) -> PyPin {
        PyPin { handle: slf, open: Mutex::new(Vec::new()) }
    }

    /// Keep the block from being freed or resized until as many ``unlock``; it may move. O(1).
    ///
    /// Raises `StaleHandleError`, `OutOfMetadataError`.
    fn lock(&self, py: Python<'_>) -> PyResult<()> {
        self.home.get().room.with(py, |state| Ok(state.core.lock(self.id)?))
    }

    /// Take one lock away. O(1).
    ///
    /// Raises `NotHeldError`, `StaleHandleError`.
    fn unlock(&self, py: Python<'_>) -> PyResult<()> {
        self.home.get().room.with(py, |state| Ok(state.core.unlock(self.id)?))
    }

    /// Take the block back, and tell how many bytes it was asked for with: ``handle.heap.free(handle)``.
    ///
    /// Raises `HeldError`, a BufferError, while it is pinned or locked; `StaleHandleError`; `NotTopError` on a stack.
    pub fn free(&self, py: Python<'_>) -> PyResult<usize> {
        self.home.get().room.with(py, |state| Ok(state.core.free(self.id)?))
    }

    /// Change the size (0 counts as 1). The handle stays, and so do the contents as far as both sizes reach.
    ///
    /// Raises `HeldError`, a BufferError, while it is pinned or locked; `StaleHandleError`; what ``allocate`` raises.
    fn resize(&self, py: Python<'_>, size: Number) -> PyResult<()> {
        self.home.get().room.with(py, |state| Ok(state.core.resize(self.id, narrow(size.0))?))
    }

    /// What ``memoryview`` of it is: the interpreter has this itself from 3.12 on, and type checkers look for it.
    #[pyo3(signature = (flags, /) -> "memoryview")]
    fn __buffer__<'py>(slf: &Bound<'py, Self>, flags: c_int) -> PyResult<Bound<'py, PyMemoryView>> {
        let _ = flags;
        PyMemoryView::from(slf)
    }

    /// Lends the bytes, and pins the block.
    ///
    /// # Safety
    /// As the interpreter promises: `view` is valid for writing or null.
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let (start, size) = this.home.get().room.with(py, |State { core, entries, .. }| {
            let size = core.size(this.id)?;
            let start = core.pin(this.id)?.as_ptr().expose_provenance();
            let entry = entries.at(start).cloned();
            entry.unwrap_or_else(|| entries.add(start, size, 1, 0)).view_added();
            Ok((start, size))
        })?;
        // SAFETY: the block is pinned as long as the view is there, so that nobody moves or frees it; heap and memory are
        // kept alive by the handle.
        let lent = unsafe { lend(slf.as_any(), view, flags, at(start), size, false) };
        if lent.is_err() {
            this.unpin(py, start)?;
        }
        lent
    }

    /// A view is gone, and so is its pin.
    ///
    /// # Safety
    /// As the interpreter promises: it was filled in by `__getbuffer__`.
    unsafe fn __releasebuffer__(&self, view: *mut ffi::Py_buffer) {
        // SAFETY: the view is still as `__getbuffer__` has filled it in.
        let address = unsafe { (*view).buf.addr() };
        Python::attach(|py| {
            if let Err(error) = self.unpin(py, address) {
                error.write_unraisable(py, None);
            }
        });
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.size(py)
    }

    /// A handle is true, whatever it names.
    fn __bool__(&self) -> bool {
        true
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.id, self.home.as_ptr().addr()).hash(&mut hasher);
        hasher.finish()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.id == other.id && self.home.is(&other.home)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let state = self.home.get().room.lock(py);
        let size = state.as_ref().map(|state| state.core.size(self.id));
        let what = match size {
            Some(Ok(size)) => format!("{size} bytes"),
            Some(Err(HeapError::StaleHandle { .. })) => "freed".to_owned(),
            _ => "of a closed heap".to_owned(),
        };
        format!("<Handle {}: {what}>", self.id)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.home)
    }
}

/// What ``with handle.pin():`` holds.
#[pyclass(frozen, name = "Pin", module = "memcore")]
pub struct PyPin {
    handle: Py<PyHandle>,
    /// A pin may be entered again while it is open.
    open: Mutex<Vec<Py<PyMemoryView>>>,
}

#[pymethods]
impl PyPin {
    #[pyo3(signature = () -> "memoryview")]
    fn __enter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMemoryView>> {
        let view = PyMemoryView::from(self.handle.bind(py))?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(view.clone().unbind());
        Ok(view)
    }

    #[pyo3(signature = (*exception: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        let _ = exception;
        let view = self.open.lock().unwrap_or_else(PoisonError::into_inner).pop();
        view.map_or(Ok(()), |view| view.call_method0(py, "release").map(drop))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.handle)
    }
}
