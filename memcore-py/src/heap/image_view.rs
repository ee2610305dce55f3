//! The class `memcore.PersistentView`.

use std::{ffi::c_int, slice};

use memcore::heap::{Offset, PersistentBlock, PersistentView, ROOTS};
use pyo3::{
    buffer::PyUntypedBuffer,
    ffi,
    prelude::*,
    types::{PyBytes, PyMemoryView, PySlice},
};

use super::{
    buffer::lend,
    errors::{NotABlockError, heap_error},
    memory::{exported, narrow},
    report::PyPersistentBlock,
};
use crate::{
    errors::{bad_parameter, raise},
    number::Number,
};

/// The image of a `PersistentHeap`, as it is now, read and never written: that of another process, for instance.
///
/// The image is checked when the view is made, and its blocks are those of that moment; where a writer goes on, make
/// another view once ``generation`` has changed, and let the writer see to it that it does not write meanwhile. A call
/// that a crash has left in the image is seen as done. The buffer stays exported as long as the view lives.
///
/// Parameters
/// ----------
/// buffer:
///     Anything with bytes in one piece, read-only or not: bytes, mmap, shared memory.
///
/// Raises `BadImageError`, `OutOfMetadataError`; BufferError for a buffer in several pieces.
///
/// >>> import memcore
/// >>> memory = bytearray(4096)
/// >>> heap = memcore.PersistentHeap.create(memory)
/// >>> heap.set_root(3, heap.allocate(5, zeroed=True))
/// >>> heap.close()
/// >>> view = memcore.PersistentView(bytes(memory))
/// >>> view.bytes(view.root(3)), view.clean
/// (b'\x00\x00\x00\x00\x00', True)
#[pyclass(frozen, name = "PersistentView", module = "memcore")]
pub struct PyPersistentView {
    blocks: Vec<PersistentBlock>,
    roots: [Option<Offset>; ROOTS],
    capacity: u64,
    generation: u64,
    clean: bool,
    kept: PyUntypedBuffer,
}

impl PyPersistentView {
    fn find(&self, py: Python<'_>, offset: u64) -> PyResult<&PersistentBlock> {
        let found = self.blocks.binary_search_by_key(&offset, |block| block.offset.to_bits());
        found.map(|place| &self.blocks[place]).map_err(|_| {
            let message = format!("no live block begins at {offset:#x}");
            raise!(py, NotABlockError, message, address = offset)
        })
    }
}

#[pymethods]
impl PyPersistentView {
    #[new]
    #[pyo3(signature = (buffer: "typing.Any"))]
    fn new(py: Python<'_>, buffer: &Bound<'_, PyAny>) -> PyResult<Self> {
        let kept = exported(buffer, false)?;
        let bytes = match kept.len_bytes() {
            0 => &[][..],
            // SAFETY: the exporter keeps these bytes there as long as `kept` lives, and the slice is gone at the end of
            // this call, during which this thread runs no other code.
            len => unsafe { slice::from_raw_parts(kept.buf_ptr().cast::<u8>(), len) },
        };
        let image = PersistentView::new(bytes).map_err(|error| heap_error(py, error))?;
        let mut roots = [None; ROOTS];
        for (number, root) in roots.iter_mut().enumerate() {
            *root = image.root(number).map_err(|error| heap_error(py, error))?;
        }
        let (capacity, generation, clean) = (image.capacity(), image.generation(), image.is_clean());
        let blocks = image.blocks().collect();
        Ok(PyPersistentView { blocks, roots, capacity, generation, clean, kept })
    }

    /// The live blocks in the order of their offsets. O(n).
    fn blocks(&self) -> Vec<PyPersistentBlock> {
        self.blocks.iter().map(|&block| block.into()).collect()
    }

    /// The offset that a root leads to. O(1).
    ///
    /// Raises `BadParameterError` for a number that is not from 0 to 15.
    #[pyo3(signature = (number, /))]
    fn root(&self, py: Python<'_>, number: Number) -> PyResult<Option<u64>> {
        match self.roots.get(narrow(number.0)) {
            Some(root) => Ok(root.map(Offset::to_bits)),
            None => Err(bad_parameter(py, "root", number.0, "must be below 16")),
        }
    }

    /// The bytes of the block at an offset, as a memoryview that cannot be written. O(log n).
    ///
    /// Raises `NotABlockError`; its ``address`` is the offset.
    #[pyo3(signature = (offset, /))]
    fn view<'py>(slf: &Bound<'py, Self>, offset: Number) -> PyResult<Bound<'py, PyMemoryView>> {
        let py = slf.py();
        let block = slf.get().find(py, offset.0)?;
        let start = block.offset.to_bits() as isize;
        let part = PySlice::new(py, start, start + block.size as isize, 1);
        Ok(PyMemoryView::from(slf)?.get_item(part)?.cast_into()?)
    }

    /// A copy of the bytes of the block at an offset. O(size).
    ///
    /// Raises as ``view``.
    #[pyo3(signature = (offset, /))]
    fn bytes<'py>(slf: &Bound<'py, Self>, offset: Number) -> PyResult<Bound<'py, PyBytes>> {
        Ok(Self::view(slf, offset)?.call_method0("tobytes")?.cast_into()?)
    }

    /// Bytes that the block at an offset was asked for with. O(log n).
    ///
    /// Raises as ``view``.
    #[pyo3(signature = (offset, /))]
    fn size(&self, py: Python<'_>, offset: Number) -> PyResult<usize> {
        Ok(self.find(py, offset.0)?.size)
    }

    /// Bytes of the image.
    #[getter]
    fn capacity(&self) -> u64 {
        self.capacity
    }

    /// How many calls have changed the image since it was made.
    #[getter]
    fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether the last writer has closed the image.
    #[getter]
    fn clean(&self) -> bool {
        self.clean
    }

    /// What ``memoryview`` of it is: the interpreter has this itself from 3.12 on, and type checkers look for it.
    #[pyo3(signature = (flags, /) -> "memoryview")]
    fn __buffer__<'py>(slf: &Bound<'py, Self>, flags: c_int) -> PyResult<Bound<'py, PyMemoryView>> {
        let _ = flags;
        PyMemoryView::from(slf)
    }

    /// Lends the image, to be read.
    ///
    /// # Safety
    /// As the interpreter promises: `view` is valid for writing or null.
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let this = slf.get();
        let (start, len) = (this.kept.buf_ptr().cast::<u8>(), narrow(this.capacity));
        // SAFETY: the image was found to lie in the bytes of `kept`, which lives as long as this object.
        unsafe { lend(slf.as_any(), view, flags, start, len, true) }
    }

    /// The number of blocks.
    fn __len__(&self) -> usize {
        self.blocks.len()
    }

    /// A view is true even when there are no blocks.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        format!("<PersistentView: {} bytes, {} blocks>", self.capacity, self.blocks.len())
    }
}
