//! The class `memcore.Pool`.

use std::sync::Arc;

use memcore::heap::{AnyMemory, Memory, RawHeap, RawPool};
use pyo3::prelude::*;

use super::{
    block::{Home, PyHeapBlock},
    entry::Entry,
    errors::heap_error,
    memory,
    room::{Room, State, alignment_of, at},
};
use crate::{alloc::stats::PyStats, number::Number};

/// Equal slots of real bytes: every call is O(1), and there is no fragmentation.
///
/// Nothing of the pool's own lies between the slots. Calls from several threads are safe and take turns. As a context
/// it is closed at the end.
///
/// Parameters
/// ----------
/// memory:
///     A number of bytes of the pool's own, or a writable buffer, as for `Heap`.
/// slot:
///     Bytes of a slot, rounded up to the alignment.
/// alignment:
///     What slots begin at multiples of; a power of two.
/// limit:
///     For memory of the pool's own: the bytes that it may grow to.
///
/// Raises `BadParameterError`, `BadAlignmentError`, `BadMemoryError`, `SystemCallError`; BufferError for a buffer that
/// cannot serve.
///
/// >>> import memcore
/// >>> pool = memcore.Pool(bytearray(4096), 48)
/// >>> first, second = pool.allocate(), pool.allocate()
/// >>> second.address - first.address, len(first), len(pool)
/// (48, 48, 2)
/// >>> pool.free(first)
/// >>> pool.allocate().address == first.address
/// True
#[pyclass(frozen, name = "Pool", module = "memcore", weakref)]
pub struct PyPool {
    pub room: Room<RawPool<AnyMemory>>,
    slot: usize,
    alignment: usize,
}

impl PyPool {
    /// Changes the size of a block within its slot.
    pub fn resize(&self, py: Python<'_>, entry: &Arc<Entry>, size: u64) -> PyResult<()> {
        let size = memory::narrow(size);
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_unviewed(entry)?;
            core.resize_in_place(at(entry.address()), size)?;
            entries.change(entry, entry.address(), size);
            Ok(())
        })
    }
}

#[pymethods]
impl PyPool {
    #[new]
    #[pyo3(signature = (
        memory: "typing.Any", slot, *, alignment = Number(16), limit = None
    ))]
    fn new(
        py: Python<'_>,
        memory: &Bound<'_, PyAny>,
        slot: Number,
        alignment: Number,
        limit: Option<Number>,
    ) -> PyResult<Self> {
        let source = memory::of(memory, limit)?;
        let base = source.memory.start().as_ptr().expose_provenance();
        let pool = RawPool::new(source.memory, memory::narrow(slot.0), alignment_of(alignment.0));
        let pool = pool.map_err(|error| heap_error(py, error))?;
        let (slot, alignment) = (pool.slot_size(), pool.alignment());
        Ok(PyPool { room: Room::new(pool, base, source.kept), slot, alignment })
    }

    /// Hand out a slot, or of one the first ``size`` bytes: the one that was freed last, else the lowest never used.
    ///
    /// Its contents are whatever was there, or zero. Raises `OutOfSpaceError`; `TooLargeError` for more than a slot.
    #[pyo3(signature = (size = None, *, zeroed = false, tag = 0))]
    fn allocate(
        slf: &Bound<'_, Self>,
        size: Option<Number>,
        zeroed: bool,
        tag: u32,
    ) -> PyResult<PyHeapBlock> {
        let this = slf.get();
        let size = size.map_or(this.slot as u64, |Number(size)| size);
        let entry = this.room.allocate(slf.py(), size, this.alignment as u64, zeroed, tag)?;
        Ok(PyHeapBlock::new(entry, Home::Pool(slf.clone().unbind())))
    }

    /// Take a slot back.
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `FreedBlockError`,
    /// `ForeignHeapBlockError`.
    #[pyo3(signature = (block, /))]
    fn free(&self, py: Python<'_>, block: &Bound<'_, PyHeapBlock>) -> PyResult<()> {
        self.room.free(py, &block.get().entry)
    }

    /// Take back the slot that begins at an address, whatever number it is, and tell its size.
    ///
    /// Raises `NotInHeapError`, `NotABlockError`, `FreedBlockError`, `HasViewsError`.
    #[pyo3(signature = (address, /))]
    fn free_address(&self, py: Python<'_>, address: Number) -> PyResult<usize> {
        self.room.free_address(py, memory::narrow(address.0))
    }

    /// Take back every slot at once. O(slots ever used).
    ///
    /// Raises `HasViewsError` while somebody looks at any.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_range(..)?;
            core.reset();
            entries.clear();
            Ok(())
        })
    }

    /// Whether an address lies in the pool's memory. O(1).
    #[pyo3(signature = (address, /))]
    fn contains(&self, py: Python<'_>, address: Number) -> PyResult<bool> {
        self.room.contains(py, memory::narrow(address.0))
    }

    /// The live blocks in address order. O(n).
    fn blocks(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHeapBlock>>> {
        let (py, entries) = (slf.py(), slf.get().room.all(slf.py())?);
        PyHeapBlock::all(py, entries, || Home::Pool(slf.clone().unbind()))
    }

    /// Bytes of a slot.
    #[getter]
    fn slot(&self) -> usize {
        self.slot
    }

    /// What slots begin at multiples of.
    #[getter]
    fn alignment(&self) -> usize {
        self.alignment
    }

    /// Slots in all, in the memory as it is.
    #[getter]
    fn slots(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.slots())
    }

    /// Give whole pages that are free back to the system, and tell how many bytes: 0 in a buffer. O(slots).
    fn trim(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.trim(py)
    }

    /// Check every invariant. O(n log n).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.room.validate(py)
    }

    /// The figures of the pool. O(1).
    #[getter]
    fn stats(&self, py: Python<'_>) -> PyResult<PyStats> {
        self.room.stats(py).map(PyStats)
    }

    /// Bytes of tables outside the slots.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.metadata_bytes(py)
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

    /// The number of live slots.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.len())
    }

    /// A pool is true even when it is empty.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.room.is_closed(py) {
            return Ok("<Pool: closed>".to_owned());
        }
        let live = self.__len__(py)?;
        Ok(format!("<Pool: {live} of {} slots of {} bytes>", self.slots(py)?, self.slot))
    }
}
