//! The class `memcore.HeapBlock`.

use std::{ffi::c_int, sync::Arc};

use pyo3::{IntoPyObjectExt, PyTraverseError, PyVisit, ffi, prelude::*, types::PyMemoryView};

use super::{
    arena::PyArena, buffer::lend, double_stack::PyDoubleStack, entry::Entry, errors::unsupported,
    heap::PyHeap, persistent::PyPersistentHeap, pool::PyPool, ring::PyRing, room::at,
};
use crate::number::Number;

/// The heap that a block is of.
pub enum Home {
    Heap(Py<PyHeap>),
    Pool(Py<PyPool>),
    Arena(Py<PyArena>),
    Stack(Py<PyDoubleStack>),
    Ring(Py<PyRing>),
    Persistent(Py<PyPersistentHeap>),
}

/// The same call of whichever heap it is.
macro_rules! each_home {
    ($home:expr, $heap:ident => $call:expr) => {
        match $home {
            Home::Heap($heap) => $call,
            Home::Pool($heap) => $call,
            Home::Arena($heap) => $call,
            Home::Stack($heap) => $call,
            Home::Ring($heap) => $call,
            Home::Persistent($heap) => $call,
        }
    };
}

/// Bytes of a heap that somebody owns: a writable buffer.
///
/// ``memoryview(block)``, ``numpy.frombuffer(block, ...)`` and whatever else takes a buffer work on the bytes
/// themselves. A view keeps its block, and a block its heap, alive. While there are views a block cannot be freed or
/// resized, nor its heap closed: that raises `HasViewsError`, a BufferError. A block is not freed when it is forgotten:
/// free it, or use it as a context. Two are equal when they are the same block of the same heap.
///
/// >>> import memcore
/// >>> heap = memcore.Heap(1 << 20)
/// >>> with heap.allocate(5) as block:
/// ...     with memoryview(block) as view:
/// ...         view[:] = b"hello"
/// ...     bytes(block), len(block), block.views
/// (b'hello', 5, 0)
/// >>> block.alive
/// False
#[pyclass(frozen, name = "HeapBlock", module = "memcore", weakref)]
pub struct PyHeapBlock {
    pub entry: Arc<Entry>,
    pub home: Home,
    /// The block is freed when this object goes: nobody else has it.
    owned: bool,
}

impl PyHeapBlock {
    pub fn new(entry: Arc<Entry>, home: Home) -> Self {
        PyHeapBlock { entry, home, owned: false }
    }

    /// A block that lives as long as this object: that of an array.
    pub fn owned(entry: Arc<Entry>, home: Home) -> Self {
        PyHeapBlock { entry, home, owned: true }
    }

    /// The blocks of entries.
    pub fn all(py: Python<'_>, entries: Vec<Arc<Entry>>, home: impl Fn() -> Home) -> PyResult<Vec<Py<Self>>> {
        entries.into_iter().map(|entry| Py::new(py, PyHeapBlock::new(entry, home()))).collect()
    }
}

#[pymethods]
impl PyHeapBlock {
    /// The address of the first byte, for ctypes and the like.
    #[getter]
    fn address(&self) -> usize {
        match &self.home {
            // There it is known by its offset.
            Home::Persistent(heap) => heap.get().room.base.wrapping_add(self.entry.address()),
            _ => self.entry.address(),
        }
    }

    /// Where it begins, counted from the first byte of the heap's memory. (A block with guard pages lies outside.)
    #[getter]
    fn offset(&self) -> isize {
        each_home!(&self.home, heap => self.address().wrapping_sub(heap.get().room.base) as isize)
    }

    /// Bytes, as many as were asked for. ``len(block)`` is the same.
    #[getter]
    fn size(&self) -> usize {
        self.entry.size()
    }

    /// The tag that it was allocated with.
    #[getter]
    fn tag(&self) -> u32 {
        self.entry.tag
    }

    /// Whether it has not been freed.
    #[getter]
    fn alive(&self) -> bool {
        self.entry.is_live()
    }

    /// How many buffers of it are exported: memoryviews and arrays, and slices of theirs together with them.
    #[getter]
    fn views(&self) -> usize {
        self.entry.views()
    }

    /// The heap that it is a block of.
    #[getter]
    fn heap(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        each_home!(&self.home, heap => heap.clone_ref(py).into_py_any(py))
    }

    /// Give the block back. Cost as that of its heap's ``free``.
    ///
    /// Raises `HasViewsError` while there are views, `FreedBlockError` the second time, and whatever else its heap's
    /// ``free`` raises: a ring takes back its oldest block alone, an arena and a double stack take back by marks.
    fn free(&self, py: Python<'_>) -> PyResult<()> {
        let entry = &self.entry;
        match &self.home {
            Home::Heap(heap) => heap.get().room.free(py, entry),
            Home::Pool(pool) => pool.get().room.free(py, entry),
            Home::Ring(ring) => ring.get().take_back(py, entry),
            Home::Persistent(heap) => heap.get().take_back(py, entry).map(drop),
            Home::Arena(_) => Err(unsupported(py, "free one block", "an arena")),
            Home::Stack(_) => Err(unsupported(py, "free one block", "a double stack")),
        }
    }

    /// Change the size. The contents stay as far as both sizes reach; the block may be at another address afterwards.
    ///
    /// Raises `HasViewsError` while there are views, `FreedBlockError`, what ``allocate`` raises, `NoRoomInPlaceError`
    /// in a pool, `UnsupportedError` in an arena, a double stack and a ring.
    ///
    /// >>> import memcore
    /// >>> block = memcore.Heap(1 << 20).allocate(3)
    /// >>> memoryview(block)[:] = b"abc"
    /// >>> block.resize(1000)
    /// >>> bytes(block)[:3], len(block)
    /// (b'abc', 1000)
    fn resize(&self, py: Python<'_>, size: Number) -> PyResult<()> {
        let entry = &self.entry;
        match &self.home {
            Home::Heap(heap) => heap.get().room.resize(py, entry, size.0),
            Home::Pool(pool) => pool.get().resize(py, entry, size.0),
            Home::Persistent(heap) => heap.get().change(py, entry, size.0),
            Home::Arena(_) => Err(unsupported(py, "resize a block", "an arena")),
            Home::Stack(_) => Err(unsupported(py, "resize a block", "a double stack")),
            Home::Ring(_) => Err(unsupported(py, "resize a block", "a ring")),
        }
    }

    /// The bytes as a NumPy array; without ``shape`` as long as the block can hold. It is a view: the block cannot be
    /// freed before the array is gone.
    ///
    /// >>> import memcore
    /// >>> block = memcore.Heap(1 << 20).allocate(32, zeroed=True)
    /// >>> block.array("f8", (2, 2)).tolist()
    /// [[0.0, 0.0], [0.0, 0.0]]
    #[pyo3(signature = (
        dtype: "typing.Any" = None, shape: "int | typing.Sequence[int] | None" = None
    ) -> "typing.Any")]
    fn array<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<Bound<'py, PyAny>>,
        shape: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("memcore._arrays")?.call_method1("over", (slf, dtype, shape))
    }

    /// What ``memoryview`` of it is: the interpreter has this itself from 3.12 on, and type checkers look for it.
    #[pyo3(signature = (flags, /) -> "memoryview")]
    fn __buffer__<'py>(slf: &Bound<'py, Self>, flags: c_int) -> PyResult<Bound<'py, PyMemoryView>> {
        let _ = flags;
        PyMemoryView::from(slf)
    }

    /// Lends the bytes.
    ///
    /// # Safety
    /// As the interpreter promises: `view` is valid for writing or null.
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let (start, size) = each_home!(&this.home, heap => heap.get().room.view(py, &this.entry))?;
        let start = match &this.home {
            Home::Persistent(heap) => heap.get().room.base.wrapping_add(start),
            _ => start,
        };
        // SAFETY: the bytes are the block's, which nobody frees or moves while the view is counted; block, heap and
        // memory are kept alive by each other.
        let lent = unsafe { lend(slf.as_any(), view, flags, at(start), size, false) };
        if lent.is_err() {
            this.entry.view_released();
        }
        lent
    }

    /// A view is gone.
    ///
    /// # Safety
    /// As the interpreter promises: it was filled in by `__getbuffer__`.
    unsafe fn __releasebuffer__(&self, view: *mut ffi::Py_buffer) {
        let _ = view;
        self.entry.view_released();
    }

    fn __len__(&self) -> usize {
        self.entry.size()
    }

    /// A block is true also when it has no bytes.
    fn __bool__(&self) -> bool {
        true
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Frees the block, unless that was done.
    #[pyo3(signature = (*exception: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        let _ = exception;
        if self.entry.is_live() { self.free(py) } else { Ok(()) }
    }

    fn __hash__(&self) -> usize {
        Arc::as_ptr(&self.entry).addr() >> 4
    }

    fn __eq__(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.entry, &other.entry)
    }

    fn __repr__(&self) -> String {
        let tag = if self.entry.tag == 0 { String::new() } else { format!(", tag={}", self.entry.tag) };
        let freed = if self.alive() { "" } else { ", freed" };
        format!("<HeapBlock: {} bytes at {:#x}{tag}{freed}>", self.size(), self.address())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        each_home!(&self.home, heap => visit.call(heap))
    }
}

impl Drop for PyHeapBlock {
    fn drop(&mut self) {
        if self.owned && self.entry.is_live() {
            Python::attach(|py| {
                // An array that was overrun is told of by whoever looks: there is nobody to raise to.
                if let Err(error) = self.free(py) {
                    error.write_unraisable(py, None);
                }
            });
        }
    }
}
