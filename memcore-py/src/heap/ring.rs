//! The class `memcore.Ring`.

use std::sync::Arc;

use memcore::heap::{AnyMemory, Memory, Ring};
use pyo3::prelude::*;

use super::{
    block::{Home, PyHeapBlock},
    entry::Entry,
    errors::heap_error,
    memory,
    room::{Room, State, alignment_of, at},
};
use crate::{alloc::errors::corruption, number::Number};

/// A ring of real bytes: records of any size, first in, first out, each in one piece. Every call is O(1).
///
/// Calls from several threads are safe and take turns. As a context it is closed at the end.
///
/// Parameters
/// ----------
/// memory:
///     A number of bytes of the ring's own, or a writable buffer, as for `Heap`.
///
/// Raises `BadMemoryError`, `BadParameterError`, `SystemCallError`; BufferError for a buffer that cannot serve.
///
/// >>> import memcore
/// >>> ring = memcore.Ring(bytearray(100))
/// >>> first, second = ring.allocate(40, 1), ring.allocate(40, 1)
/// >>> ring.release()
/// 40
/// >>> third = ring.allocate(30, 1)
/// >>> third.offset, len(ring), ring.used, ring.gaps, ring.free_bytes
/// (0, 2, 70, 20, 10)
#[pyclass(frozen, name = "Ring", module = "memcore", weakref)]
pub struct PyRing {
    pub room: Room<Ring<AnyMemory>>,
}

impl PyRing {
    /// Takes back a record, which must be the oldest.
    pub fn take_back(&self, py: Python<'_>, entry: &Arc<Entry>) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_unviewed(entry)?;
            core.release(at(entry.address()))?;
            entries.remove(entry);
            Ok(())
        })
    }
}

#[pymethods]
impl PyRing {
    #[new]
    #[pyo3(signature = (memory: "typing.Any"))]
    fn new(py: Python<'_>, memory: &Bound<'_, PyAny>) -> PyResult<Self> {
        let source = memory::of(memory, None)?;
        let base = source.memory.start().as_ptr().expose_provenance();
        let ring = Ring::new(source.memory).map_err(|error| heap_error(py, error))?;
        Ok(PyRing { room: Room::new(ring, base, source.kept) })
    }

    /// Hand out ``size`` bytes (0 takes 1, and shows none) behind the newest record, at a multiple of ``alignment``.
    ///
    /// The contents are whatever was there. Raises `OutOfSpaceError` until older records are released;
    /// `TooLargeError`, `BadAlignmentError`, `OutOfMetadataError`.
    #[pyo3(signature = (size, alignment = Number(16), *, tag = 0))]
    fn allocate(slf: &Bound<'_, Self>, size: Number, alignment: Number, tag: u32) -> PyResult<PyHeapBlock> {
        let (size, alignment) = (memory::narrow(size.0), alignment_of(alignment.0));
        let entry = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            let block = core.allocate(size, alignment)?;
            Ok(entries.add(block.as_ptr().expose_provenance(), size, alignment, tag))
        })?;
        Ok(PyHeapBlock::new(entry, Home::Ring(slf.clone().unbind())))
    }

    /// Take the oldest record back, and tell how many bytes it had; None when there is none. With ``block``, it must be
    /// that one.
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `NotOldestError`, `FreedBlockError`,
    /// `ForeignHeapBlockError`.
    #[pyo3(signature = (block = None))]
    fn release(&self, py: Python<'_>, block: Option<&Bound<'_, PyHeapBlock>>) -> PyResult<Option<usize>> {
        if let Some(block) = block {
            let entry = &block.get().entry;
            return self.take_back(py, entry).map(|()| Some(entry.size()));
        }
        self.room.with(py, |State { core, entries, .. }| {
            let Some(oldest) = core.front() else { return Ok(None) };
            let entry = entries.at(oldest.address.as_ptr().addr()).cloned();
            if let Some(entry) = &entry {
                entries.check_unviewed(entry)?;
            }
            core.release(oldest.address.as_ptr())?;
            entry.iter().for_each(|entry| entries.remove(entry));
            Ok(entry.map(|entry| entry.size()))
        })
    }

    /// The oldest record; None when there is none.
    fn front(slf: &Bound<'_, Self>) -> PyResult<Option<PyHeapBlock>> {
        let entry = slf.get().room.seen(slf.py(), |State { core, entries, .. }| {
            core.front().and_then(|oldest| entries.at(oldest.address.as_ptr().addr()).cloned())
        })?;
        Ok(entry.map(|entry| PyHeapBlock::new(entry, Home::Ring(slf.clone().unbind()))))
    }

    /// The records, oldest first. O(n log n).
    fn blocks(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHeapBlock>>> {
        let entries: Vec<_> = slf.get().room.seen(slf.py(), |State { core, entries, .. }| {
            core.iter().filter_map(|record| entries.at(record.address.as_ptr().addr()).cloned()).collect()
        })?;
        PyHeapBlock::all(slf.py(), entries, || Home::Ring(slf.clone().unbind()))
    }

    /// Empty the ring. O(records).
    ///
    /// Raises `HasViewsError` while somebody looks at any record.
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_range(..)?;
            core.reset();
            entries.clear();
            Ok(())
        })
    }

    /// Bytes of records.
    #[getter]
    fn used(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.used())
    }

    /// Bytes between the oldest and the newest record that belong to none.
    #[getter]
    fn gaps(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.gaps())
    }

    /// Bytes from the newest record around to the oldest: ``used + gaps + free_bytes == capacity``.
    #[getter]
    fn free_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.free())
    }

    /// The most bytes that a record of alignment 1 can have now.
    #[getter]
    fn largest_hole(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.largest_hole())
    }

    /// Bytes in all.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.capacity())
    }

    /// Bytes of tables outside the records.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.metadata_bytes())
    }

    /// Check every invariant. O(records).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.room.seen(py, |state| state.core.validate())?.map_err(|broken| corruption(py, broken))
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

    /// The number of records.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.len())
    }

    /// A ring is true even when it is empty.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.room.is_closed(py) {
            return Ok("<Ring: closed>".to_owned());
        }
        let records = self.__len__(py)?;
        Ok(format!("<Ring: {records} records, {} of {} bytes used>", self.used(py)?, self.capacity(py)?))
    }
}
