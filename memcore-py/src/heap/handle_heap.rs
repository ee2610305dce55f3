//! The class `memcore.HandleHeap`.

use std::time::Duration;

use memcore::alloc::{AnyAllocator, Budget, Strategy};
use memcore::heap::{AnyMemory, HandleHeap, Memory};
use pyo3::prelude::*;

use super::{
    errors::heap_error,
    handle::PyHandle,
    memory,
    report::PyCompaction,
    room::{Room, alignment_of},
};
use crate::{
    alloc::{errors::corruption, stats::PyStats},
    errors::{bad_parameter, spec_error},
    number::Number,
};

/// The longest time that is asked for in earnest: 10000 years.
const LONGEST: f64 = 3.2e11;

/// Real bytes whose blocks move together while their handles stay.
///
/// Whoever wants the bytes asks its `Handle`, and pins the block for as long as it looks at them: every view of a block
/// is a pin. So fragmentation can fall while the program runs. Calls from several threads are safe and take turns. As a
/// context it is closed at the end.
///
/// Parameters
/// ----------
/// memory:
///     A number of bytes of the heap's own, or a writable buffer, as for `Heap`.
/// strategy:
///     A name, with parameters where it has some; free lists, TLSF and pools can be compacted.
/// limit:
///     For memory of the heap's own: the bytes that it may grow to.
///
/// Raises `UnknownNameError` or `BadSpecError` for the strategy, `BadMemoryError`, `BadParameterError`,
/// `SystemCallError`; BufferError for a buffer that cannot serve.
///
/// >>> import memcore
/// >>> heap = memcore.HandleHeap(bytearray(4096), "first-fit")
/// >>> first, second = heap.allocate(1000), heap.allocate(5)
/// >>> second.write(b"hello")
/// >>> first.free()
/// 1000
/// >>> heap.compact().moves
/// 1
/// >>> second.bytes(), heap.stats.external_fragmentation
/// (b'hello', 0.0)
#[pyclass(frozen, name = "HandleHeap", module = "memcore", weakref)]
pub struct PyHandleHeap {
    pub room: Room<HandleHeap<AnyAllocator, AnyMemory>>,
    strategy: Strategy,
}

#[pymethods]
impl PyHandleHeap {
    #[new]
    #[pyo3(signature = (
        memory: "typing.Any", strategy = "tlsf", *, limit = None
    ))]
    fn new(
        py: Python<'_>,
        memory: &Bound<'_, PyAny>,
        strategy: &str,
        limit: Option<Number>,
    ) -> PyResult<Self> {
        let strategy: Strategy = strategy.parse().map_err(|error| spec_error(py, error))?;
        let source = memory::of(memory, limit)?;
        let base = source.memory.start().as_ptr().expose_provenance();
        let heap = HandleHeap::new(&strategy, source.memory).map_err(|error| heap_error(py, error))?;
        Ok(PyHandleHeap { room: Room::new(heap, base, source.kept), strategy })
    }

    /// Hand out a block of ``size`` bytes (0 counts as 1), which begins at a multiple of ``alignment`` wherever it moves.
    ///
    /// Its contents are whatever was there, or zero. Time as the strategy's. Raises `OutOfSpaceError`,
    /// `OutOfMetadataError`, `MemoryLimitError`, which are MemoryErrors; `TooLargeError`, `BadAlignmentError`,
    /// `BadBiasError`, which are ValueErrors.
    #[pyo3(signature = (size, alignment = Number(16), *, zeroed = false))]
    fn allocate(slf: &Bound<'_, Self>, size: Number, alignment: Number, zeroed: bool) -> PyResult<PyHandle> {
        let (size, alignment) = (memory::narrow(size.0), alignment_of(alignment.0));
        let id = slf.get().room.with(slf.py(), |state| {
            Ok(match zeroed {
                true => state.core.allocate_zeroed(size, alignment)?,
                false => state.core.allocate(size, alignment)?,
            })
        })?;
        Ok(PyHandle::new(id, slf.clone().unbind()))
    }

    /// Take a block back, and tell how many bytes it was asked for with. Time as the strategy's.
    ///
    /// Raises `HeldError`, a BufferError, while it is pinned or locked; `StaleHandleError`, always, for one that was
    /// freed before; `ForeignHeapBlockError`; `NotTopError` on a stack.
    #[pyo3(signature = (handle, /))]
    fn free(slf: &Bound<'_, Self>, handle: &Bound<'_, PyHandle>) -> PyResult<usize> {
        handle.get().check_home(slf)?;
        handle.get().free(slf.py())
    }

    /// The handles of the live blocks in address order. O(n).
    fn handles(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHandle>>> {
        let ids: Vec<_> =
            slf.get().room.seen(slf.py(), |state| state.core.blocks().map(|block| block.id).collect())?;
        let handle = |id| Py::new(slf.py(), PyHandle::new(id, slf.clone().unbind()));
        ids.into_iter().map(handle).collect()
    }

    /// Move blocks together, within a budget of bytes and moves, or for about so many seconds; and tell what came of it.
    ///
    /// Pinned blocks stay where they are. Work goes on where the last call ended; a call with nothing to do is O(1). Other
    /// threads run meanwhile.
    ///
    /// Raises `UnsupportedError` for strategies that cannot; `BadParameterError` for seconds that are negative, no
    /// number, or given together with bytes or moves; `OutOfMetadataError`, what was moved until then being moved.
    #[pyo3(signature = (bytes = None, moves = None, seconds = None))]
    fn compact(
        &self,
        py: Python<'_>,
        bytes: Option<Number>,
        moves: Option<Number>,
        seconds: Option<f64>,
    ) -> PyResult<PyCompaction> {
        let Some(seconds) = seconds else {
            let most = |given: Option<Number>| given.map_or(u64::MAX, |Number(given)| given);
            let budget = Budget { bytes: most(bytes), moves: most(moves) };
            let done = self.room.with_detached(py, |state| Ok(state.core.compact(budget)?))?;
            return Ok(done.into());
        };
        if bytes.is_some() || moves.is_some() {
            return Err(bad_parameter(
                py,
                "seconds",
                seconds,
                "cannot be given together with bytes or moves",
            ));
        }
        if !(0.0..=LONGEST).contains(&seconds) {
            return Err(bad_parameter(py, "seconds", seconds, "must be at least 0, and a time"));
        }
        let time = Duration::from_secs_f64(seconds);
        let done = self.room.with_detached(py, |state| Ok(state.core.compact_for(time)?))?;
        Ok(done.into())
    }

    /// Check every invariant. O(n log n).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.room.seen(py, |state| state.core.validate())?.map_err(|broken| corruption(py, broken))
    }

    /// The figures of the heap. Time as the strategy's.
    #[getter]
    fn stats(&self, py: Python<'_>) -> PyResult<PyStats> {
        self.room.seen(py, |state| PyStats(state.core.stats()))
    }

    /// The strategy with its parameters, as text that makes another heap like it.
    #[getter]
    fn strategy(&self) -> String {
        self.strategy.to_string()
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

    /// The number of live blocks.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| memory::narrow(state.core.stats().blocks))
    }

    /// A heap is true even when it is empty.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.room.is_closed(py) {
            return Ok("<HandleHeap: closed>".to_owned());
        }
        let stats = self.room.seen(py, |state| state.core.stats())?;
        let (capacity, blocks) = (stats.capacity, stats.blocks);
        Ok(format!("<HandleHeap: {capacity} bytes, '{}', {blocks} blocks>", self.strategy))
    }
}
