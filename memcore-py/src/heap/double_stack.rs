//! The class `memcore.DoubleStack`.

use memcore::alloc::AllocError;
use memcore::heap::{AnyMemory, DoubleStack, HeapError, Memory};
use pyo3::prelude::*;

use super::{
    block::{Home, PyHeapBlock},
    errors::heap_error,
    memory,
    room::{Room, State, alignment_of},
};
use crate::number::Number;

/// Two stacks in one range of real bytes, which grow towards each other: every call is O(1).
///
/// What lives long goes on one end, what lives for a moment on the other; the free bytes between serve both. Calls from
/// several threads are safe and take turns. As a context it is closed at the end.
///
/// Parameters
/// ----------
/// memory:
///     A number of bytes of the stacks' own, or a writable buffer, as for `Heap`.
///
/// Raises `BadMemoryError`, `BadParameterError`, `SystemCallError`; BufferError for a buffer that cannot serve.
///
/// >>> import memcore
/// >>> stacks = memcore.DoubleStack(bytearray(1024))
/// >>> level = stacks.push_low(300, 1)
/// >>> mark = stacks.mark_high()
/// >>> frame = stacks.push_high(700, 1)
/// >>> stacks.free_bytes
/// 24
/// >>> stacks.rewind_high(mark)
/// >>> level.alive, frame.alive, stacks.used_low, stacks.used_high
/// (True, False, 300, 0)
#[pyclass(frozen, name = "DoubleStack", module = "memcore", weakref)]
pub struct PyDoubleStack {
    pub room: Room<DoubleStack<AnyMemory>>,
}

impl PyDoubleStack {
    /// Takes back the blocks in a range of offsets, which `rewind` gives to the engine.
    fn take_back(
        &self,
        py: Python<'_>,
        mark: u64,
        range: impl FnOnce(&DoubleStack<AnyMemory>) -> (u64, u64),
        rewind: impl FnOnce(&mut DoubleStack<AnyMemory>) -> memcore::heap::Result<()>,
    ) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            let (from, to) = range(core);
            let place = |offset: u64| self.room.base.saturating_add(memory::narrow(offset));
            if entries.is_within(place(mark)) {
                // No mark of these stacks: a part of a block cannot go.
                return Err(HeapError::from(AllocError::BadCheckpoint { position: mark }).into());
            }
            let (from, to) = (place(from), place(to));
            if from < to {
                entries.check_range(from..to)?;
            }
            rewind(core)?;
            entries.remove_range(from, to);
            Ok(())
        })
    }
}

#[pymethods]
impl PyDoubleStack {
    #[new]
    #[pyo3(signature = (memory: "typing.Any"))]
    fn new(py: Python<'_>, memory: &Bound<'_, PyAny>) -> PyResult<Self> {
        let source = memory::of(memory, None)?;
        let base = source.memory.start().as_ptr().expose_provenance();
        let stacks = DoubleStack::new(source.memory).map_err(|error| heap_error(py, error))?;
        Ok(PyDoubleStack { room: Room::new(stacks, base, source.kept) })
    }

    /// Hand out ``size`` bytes (0 takes 1, and shows none) above the low stack, at a multiple of ``alignment``.
    ///
    /// The contents are whatever was there. Raises `OutOfSpaceError`, `TooLargeError`, `BadAlignmentError`.
    #[pyo3(signature = (size, alignment = Number(16), *, tag = 0))]
    fn push_low(slf: &Bound<'_, Self>, size: Number, alignment: Number, tag: u32) -> PyResult<PyHeapBlock> {
        let (size, alignment) = (memory::narrow(size.0), alignment_of(alignment.0));
        let entry = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            let block = core.push_low(size, alignment)?;
            Ok(entries.add(block.as_ptr().expose_provenance(), size, alignment, tag))
        })?;
        Ok(PyHeapBlock::new(entry, Home::Stack(slf.clone().unbind())))
    }

    /// Hand out ``size`` bytes (0 takes 1, and shows none) below the high stack, at a multiple of ``alignment``.
    ///
    /// The contents are whatever was there. Raises as ``push_low``.
    #[pyo3(signature = (size, alignment = Number(16), *, tag = 0))]
    fn push_high(slf: &Bound<'_, Self>, size: Number, alignment: Number, tag: u32) -> PyResult<PyHeapBlock> {
        let (size, alignment) = (memory::narrow(size.0), alignment_of(alignment.0));
        let entry = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            let block = core.push_high(size, alignment)?;
            Ok(entries.add(block.as_ptr().expose_provenance(), size, alignment, tag))
        })?;
        Ok(PyHeapBlock::new(entry, Home::Stack(slf.clone().unbind())))
    }

    /// Where the low stack ends, to ``rewind_low`` to.
    fn mark_low(&self, py: Python<'_>) -> PyResult<u64> {
        self.room.seen(py, |state| state.core.mark_low())
    }

    /// Where the high stack begins, to ``rewind_high`` to.
    fn mark_high(&self, py: Python<'_>) -> PyResult<u64> {
        self.room.seen(py, |state| state.core.mark_high())
    }

    /// Take back what was pushed on the low stack after the mark. O(blocks rewound).
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at a part of it; `BadCheckpointError` for a mark
    /// above the low stack, or in the middle of a block.
    #[pyo3(signature = (mark, /))]
    fn rewind_low(&self, py: Python<'_>, mark: Number) -> PyResult<()> {
        self.take_back(py, mark.0, |stacks| (mark.0, stacks.mark_low()), |stacks| stacks.rewind_low(mark.0))
    }

    /// Take back what was pushed on the high stack after the mark. O(blocks rewound).
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at a part of it; `BadCheckpointError` for a mark
    /// below the high stack, past the memory, or in the middle of a block.
    #[pyo3(signature = (mark, /))]
    fn rewind_high(&self, py: Python<'_>, mark: Number) -> PyResult<()> {
        self.take_back(py, mark.0, |stacks| (stacks.mark_high(), mark.0), |stacks| stacks.rewind_high(mark.0))
    }

    /// Empty both stacks. O(blocks).
    ///
    /// Raises `HasViewsError` while somebody looks at any block.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_range(..)?;
            core.reset();
            entries.clear();
            Ok(())
        })
    }

    /// The blocks of both stacks in address order. O(n).
    fn blocks(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHeapBlock>>> {
        let (py, entries) = (slf.py(), slf.get().room.all(slf.py())?);
        PyHeapBlock::all(py, entries, || Home::Stack(slf.clone().unbind()))
    }

    /// Bytes of the low stack, with what alignment takes.
    #[getter]
    fn used_low(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.used_low())
    }

    /// Bytes of the high stack, with what alignment takes.
    #[getter]
    fn used_high(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.used_high())
    }

    /// Bytes between the stacks.
    #[getter]
    fn free_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.free())
    }

    /// Bytes in all.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.capacity())
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

    /// The number of blocks of both stacks.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.entries.len())
    }

    /// Two stacks are true even when they are empty.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.room.is_closed(py) {
            return Ok("<DoubleStack: closed>".to_owned());
        }
        let (low, high) = (self.used_low(py)?, self.used_high(py)?);
        Ok(format!("<DoubleStack: {low} bytes low, {high} high, of {}>", self.capacity(py)?))
    }
}
