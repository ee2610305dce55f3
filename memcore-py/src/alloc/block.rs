//! A block, as Python holds it.

use std::hash::{DefaultHasher, Hash, Hasher};

use memcore::alloc::{Allocator, Block};
use pyo3::{PyTraverseError, PyVisit, prelude::*, types::PyDict};

use super::allocator::PyAllocator;

/// A range of the space that somebody owns, as it was when it was asked for.
///
/// A block is a value: it does not change when the allocator does. ``resize`` returns the block as it is afterwards,
/// with the same id; the one before is equal to it, because equal is what has the same allocator and the same id.
/// Where an int is wanted, a block is its ``start``:
///
/// >>> import memcore
/// >>> block = memcore.Allocator(1024).allocate(100)
/// >>> memory = bytearray(1024)
/// >>> memory[block] = 7
/// >>> int(block), block.size, block.alive
/// (0, 100, True)
#[pyclass(frozen, name = "Block", module = "memcore")]
pub struct PyBlock {
    pub(super) block: Block,
    tag: u32,
    pub(super) owner: Py<PyAllocator>,
}

impl PyBlock {
    #[inline]
    pub fn new(block: Block, tag: u32, owner: Py<PyAllocator>) -> Self {
        PyBlock { block, tag, owner }
    }
}

#[pymethods]
impl PyBlock {
    /// Names the block for as long as it lives, and nothing afterwards: an int that is never 0.
    #[getter]
    fn id(&self) -> u64 {
        self.block.id.to_bits()
    }

    /// Offset of the first byte.
    #[getter]
    fn start(&self) -> u64 {
        self.block.start
    }

    /// One past the last byte.
    #[getter]
    fn end(&self) -> u64 {
        self.block.end()
    }

    /// Bytes that the block takes from the space: ``requested``, rounded up as the strategy does.
    #[getter]
    fn size(&self) -> u64 {
        self.block.size
    }

    /// Bytes that were asked for.
    #[getter]
    fn requested(&self) -> u64 {
        self.block.requested
    }

    /// The tag it was allocated with; 0 where the allocator keeps no tags.
    #[getter]
    fn tag(&self) -> u32 {
        self.tag
    }

    /// The allocator that it is a block of.
    #[getter]
    fn allocator(&self, py: Python<'_>) -> Py<PyAllocator> {
        self.owner.clone_ref(py)
    }

    /// Whether it has not been freed. O(1).
    #[getter]
    fn alive(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.owner.get().space.lock(py)?.allocator.block(self.block.id).is_ok())
    }

    /// Give the block back: ``block.allocator.free(block)``.
    ///
    /// Raises `DoubleFreeError` for a block that was freed before, `NotTopError` on a stack.
    fn free(&self, py: Python<'_>) -> PyResult<()> {
        self.owner.get().space.change(py, |allocator| allocator.free(self.block.id)).map(drop)
    }

    fn __index__(&self) -> u64 {
        self.block.start
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.block.id, self.owner.as_ptr().addr()).hash(&mut hasher);
        hasher.finish()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.block.id == other.block.id && self.owner.is(&other.owner)
    }

    fn __repr__(&self) -> String {
        let Block { start, size, requested, .. } = self.block;
        let tag = if self.tag == 0 { String::new() } else { format!(", tag={}", self.tag) };
        format!(
            "Block(id={}, start={start}, size={size}, requested={requested}{tag})",
            self.block.id.to_bits()
        )
    }

    /// A block is a value: its copy is itself.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// The same block of the copied allocator.
    #[pyo3(signature = (memo: "dict[int, object]") -> "Block")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyDict>) -> PyResult<Self> {
        let copy = py.import("copy")?.call_method1("deepcopy", (&self.owner, memo))?;
        let owner = copy.cast_into::<PyAllocator>()?.unbind();
        Ok(PyBlock { block: self.block, tag: self.tag, owner })
    }

    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("memcore._pickling")?.call_method1("reduce_block", (&self.owner, self.block.id.to_bits()))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.owner)
    }
}
