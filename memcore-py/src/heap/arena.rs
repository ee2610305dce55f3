//! The class `memcore.Arena`, and its scopes.

use std::sync::{Mutex, PoisonError};

use memcore::alloc::AllocError;
use memcore::heap::{AnyMemory, HeapError, Memory, RawArena};
use pyo3::{PyTraverseError, PyVisit, prelude::*};

use super::{
    block::{Home, PyHeapBlock},
    errors::heap_error,
    memory,
    room::{Room, State, alignment_of},
};
use crate::number::Number;

/// Real bytes that are handed out one after the other, and taken back all at once or to a mark: every call is O(1).
///
/// Calls from several threads are safe and take turns. As a context it is closed at the end.
///
/// Parameters
/// ----------
/// memory:
///     A number of bytes of the arena's own, or a writable buffer, as for `Heap`.
/// limit:
///     For memory of the arena's own: the bytes that it may grow to.
///
/// Raises `BadMemoryError`, `BadParameterError`, `SystemCallError`; BufferError for a buffer that cannot serve.
///
/// >>> import memcore
/// >>> arena = memcore.Arena(bytearray(1000))
/// >>> kept = arena.allocate(100, 1)
/// >>> with arena.scope():
/// ...     lost = arena.allocate(800, 1)
/// >>> kept.alive, lost.alive, arena.used
/// (True, False, 100)
#[pyclass(frozen, name = "Arena", module = "memcore", weakref)]
pub struct PyArena {
    pub room: Room<RawArena<AnyMemory>>,
}

impl PyArena {
    fn rewind_to(&self, py: Python<'_>, checkpoint: u64) -> PyResult<()> {
        let from = self.room.base.saturating_add(memory::narrow(checkpoint));
        self.room.with(py, |State { core, entries, .. }| {
            if entries.is_within(from) {
                // No mark of this arena: a part of a block cannot go.
                return Err(HeapError::from(AllocError::BadCheckpoint { position: checkpoint }).into());
            }
            entries.check_range(from..)?;
            core.rewind(checkpoint)?;
            entries.remove_range(from, usize::MAX);
            Ok(())
        })
    }
}

#[pymethods]
impl PyArena {
    #[new]
    #[pyo3(signature = (memory: "typing.Any", *, limit = None))]
    fn new(py: Python<'_>, memory: &Bound<'_, PyAny>, limit: Option<Number>) -> PyResult<Self> {
        let source = memory::of(memory, limit)?;
        let base = source.memory.start().as_ptr().expose_provenance();
        let arena = RawArena::new(source.memory).map_err(|error| heap_error(py, error))?;
        Ok(PyArena { room: Room::new(arena, base, source.kept) })
    }

    /// Hand out ``size`` bytes (0 takes 1, and shows none) at a multiple of ``alignment``, a power of two.
    ///
    /// The contents are whatever was there, or zero. Raises `OutOfSpaceError`, `TooLargeError`, `BadAlignmentError`.
    #[pyo3(signature = (size, alignment = Number(16), *, zeroed = false, tag = 0))]
    fn allocate(
        slf: &Bound<'_, Self>,
        size: Number,
        alignment: Number,
        zeroed: bool,
        tag: u32,
    ) -> PyResult<PyHeapBlock> {
        let (size, alignment) = (memory::narrow(size.0), alignment_of(alignment.0));
        let entry = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            let block = match zeroed {
                true => core.allocate_zeroed(size, alignment)?,
                false => core.allocate(size, alignment)?,
            };
            Ok(entries.add(block.as_ptr().expose_provenance(), size, alignment, tag))
        })?;
        Ok(PyHeapBlock::new(entry, Home::Arena(slf.clone().unbind())))
    }

    /// A mark to ``rewind`` to: the bytes that are used.
    fn checkpoint(&self, py: Python<'_>) -> PyResult<u64> {
        self.room.seen(py, |state| state.core.checkpoint())
    }

    /// Take back whatever was handed out after the mark. O(blocks rewound).
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at a part of it; `BadCheckpointError` for a mark
    /// above what is used, or in the middle of a block. (A mark is a number: one that the arena was rewound past, and has
    /// grown over again since, cannot always be told from a good one.)
    #[pyo3(signature = (checkpoint, /))]
    fn rewind(&self, py: Python<'_>, checkpoint: Number) -> PyResult<()> {
        self.rewind_to(py, checkpoint.0)
    }

    /// A context: whatever is handed out in ``with arena.scope():`` is taken back at its end.
    ///
    /// Raises `HasViewsError` at the end while somebody looks at a part of it.
    fn scope(slf: Py<Self>) -> PyArenaScope {
        PyArenaScope { arena: slf, open: Mutex::new(Vec::new()) }
    }

    /// Take back everything. O(blocks).
    ///
    /// Raises `HasViewsError` while somebody looks at any of it.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_range(..)?;
            core.reset();
            entries.clear();
            Ok(())
        })
    }

    /// The blocks in the order in which they were handed out. O(n).
    fn blocks(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHeapBlock>>> {
        let (py, entries) = (slf.py(), slf.get().room.all(slf.py())?);
        PyHeapBlock::all(py, entries, || Home::Arena(slf.clone().unbind()))
    }

    /// Bytes handed out, with what alignment takes.
    #[getter]
    fn used(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.used())
    }

    /// The most bytes that were ever used.
    #[getter]
    fn footprint(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.footprint())
    }

    /// Bytes that can be used before the memory has to grow.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.capacity())
    }

    /// Give whole pages above what is used back to the system, and tell how many bytes: 0 in a buffer.
    fn trim(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.with(py, |state| Ok(state.core.trim()))
    }

    /// Give the memory back. A second time it does nothing.
    ///
    /// Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.room.close(py, |_| Ok(()))
    }

    /// Whether it is closed.
    #[getter]
    fn closed(&self, py: Python<'_>) -> bool {
        self.room.is_closed(py)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*exception: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        let _ = exception;
        self.close(py)
    }

    /// The number of blocks.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.entries.len())
    }

    /// An arena is true even when it is empty.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.room.is_closed(py) {
            return Ok("<Arena: closed>".to_owned());
        }
        Ok(format!("<Arena: {} of {} bytes used>", self.used(py)?, self.capacity(py)?))
    }
}

/// What ``with arena.scope():`` holds: at its end, whatever was handed out in it is taken back.
#[pyclass(frozen, name = "ArenaScope", module = "memcore")]
pub struct PyArenaScope {
    arena: Py<PyArena>,
    /// A scope may be entered again while it is open.
    open: Mutex<Vec<u64>>,
}

#[pymethods]
impl PyArenaScope {
    fn __enter__(&self, py: Python<'_>) -> PyResult<Py<PyArena>> {
        let checkpoint = self.arena.get().checkpoint(py)?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(checkpoint);
        Ok(self.arena.clone_ref(py))
    }

    #[pyo3(signature = (*exception: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        let _ = exception;
        let checkpoint = self.open.lock().unwrap_or_else(PoisonError::into_inner).pop();
        checkpoint.map_or(Ok(()), |checkpoint| self.arena.get().rewind_to(py, checkpoint))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.arena)
    }
}
