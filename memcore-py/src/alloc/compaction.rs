//! Plans of moves, and places to rewind to.

use std::sync::{Mutex, PoisonError};

use memcore::alloc::{Allocator, Checkpoint, CompactionPlan, Move};
use pyo3::{PyTraverseError, PyVisit, prelude::*};

use super::allocator::PyAllocator;

/// One block to be copied, by a copy that allows overlap.
#[pyclass(frozen, eq, hash, get_all, name = "Move", module = "memcore")]
#[derive(PartialEq, Hash)]
pub struct PyMove {
    /// The block.
    id: u64,
    /// Where it is.
    source: u64,
    /// Where it goes.
    destination: u64,
    /// Its size.
    size: u64,
}

impl From<&Move> for PyMove {
    fn from(step: &Move) -> Self {
        PyMove { id: step.id.to_bits(), source: step.from, destination: step.to, size: step.size }
    }
}

#[pymethods]
impl PyMove {
    fn __repr__(&self) -> String {
        let PyMove { id, source, destination, size } = self;
        format!("Move(id={id}, source={source}, destination={destination}, size={size})")
    }
}

/// Moves that bring blocks together, so that small holes become one large one.
///
/// An allocator knows ranges, not bytes. So copy the bytes in the order of ``moves``, each as ``memmove`` does, then
/// make the new places true with ``allocator.commit(plan)``. Ids stay. A plan that is dropped costs nothing; one that
/// is out of date is refused.
///
/// >>> import memcore
/// >>> arena = memcore.Allocator(1000)
/// >>> first, second = arena.allocate(100), arena.allocate(200)
/// >>> arena.free(first)
/// >>> plan = arena.plan_compaction()
/// >>> [(move.source, move.destination, move.size) for move in plan.moves]
/// [(100, 0, 200)]
/// >>> arena.commit(plan)
/// >>> arena.block(second.id).start, arena.largest_hole
/// (0, 800)
#[pyclass(frozen, name = "CompactionPlan", module = "memcore")]
pub struct PyCompactionPlan {
    pub(super) plan: CompactionPlan,
    pub(super) owner: Py<PyAllocator>,
}

#[pymethods]
impl PyCompactionPlan {
    /// The moves, in the order in which their bytes have to be copied. O(moves).
    #[getter]
    fn moves(&self) -> Vec<PyMove> {
        self.plan.moves().iter().map(PyMove::from).collect()
    }

    /// Bytes to be copied.
    #[getter]
    fn bytes(&self) -> u64 {
        self.plan.bytes()
    }

    /// The number of moves.
    fn __len__(&self) -> usize {
        self.plan.moves().len()
    }

    fn __repr__(&self) -> String {
        format!("<CompactionPlan: {} moves, {} bytes>", self.plan.moves().len(), self.plan.bytes())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.owner)
    }
}

/// A state of a bump arena, to rewind to.
#[pyclass(frozen, name = "Checkpoint", module = "memcore")]
pub struct PyCheckpoint {
    pub(super) checkpoint: Checkpoint,
    pub(super) owner: Py<PyAllocator>,
}

#[pymethods]
impl PyCheckpoint {
    /// Where the next block would have begun.
    #[getter]
    fn position(&self) -> u64 {
        self.checkpoint.position
    }

    fn __repr__(&self) -> String {
        format!("<Checkpoint at {}>", self.checkpoint.position)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.owner)
    }
}

/// What ``with arena.scope():`` holds: at its end, whatever was allocated in it is freed.
///
/// >>> import memcore
/// >>> arena = memcore.Allocator(1000, "bump")
/// >>> kept = arena.allocate(100)
/// >>> with arena.scope():
/// ...     scratch = arena.allocate(500)
/// >>> len(arena), scratch.alive
/// (1, False)
#[pyclass(frozen, name = "Scope", module = "memcore")]
pub struct PyScope {
    owner: Py<PyAllocator>,
    /// A scope may be entered again while it is open.
    open: Mutex<Vec<Checkpoint>>,
}

impl PyScope {
    pub fn new(owner: Py<PyAllocator>) -> Self {
        PyScope { owner, open: Mutex::new(Vec::new()) }
    }
}

#[pymethods]
impl PyScope {
    fn __enter__(&self, py: Python<'_>) -> PyResult<Py<PyAllocator>> {
        let checkpoint = self.owner.get().take_checkpoint(py)?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(checkpoint);
        Ok(self.owner.clone_ref(py))
    }

    #[pyo3(signature = (*exception: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        let _ = exception;
        let checkpoint = self.open.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match checkpoint {
            Some(checkpoint) => self.owner.get().space.change(py, |allocator| allocator.rewind(checkpoint)),
            None => Ok(()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.owner)
    }
}
