//! The class `memcore.Heap`.

use std::collections::HashMap;

use memcore::alloc::Strategy;
use memcore::heap::{AnyHeap, Checked, Checks, Leak, Memory, RawHeap};
use pyo3::prelude::*;

use super::{
    block::{Home, PyHeapBlock},
    checks::{ChecksArgument, PyChecks, checks_of},
    errors::heap_error,
    memory,
    report::PyLeak,
    room::{Room, at},
};
use crate::{
    alloc::{errors::corruption, stats::PyStats},
    errors::spec_error,
    number::Number,
};

/// Real bytes, handed out by any strategy: as memoryviews, NumPy arrays, addresses.
///
/// Each address that comes back is checked, exactly and in constant time. Calls from several threads are safe and take
/// turns. A block keeps its heap alive, and the heap its memory. As a context it is closed at the end.
///
/// Parameters
/// ----------
/// memory:
///     A number of bytes, which the heap takes from the system; or a writable buffer in one piece (bytearray, NumPy
///     array, mmap, shared memory, ctypes array), in which it hands out places: the buffer stays exported until the
///     heap is closed or gone.
/// strategy:
///     A name, with parameters where it has some; `strategies` lists the names. ``"size-classes"`` is the fastest, and
///     has no headers.
/// checks:
///     What is checked on the way: a `Checks`, or its text, for instance ``"light"`` or ``"full"``. None for nothing
///     but addresses.
/// limit:
///     For memory of the heap's own: the bytes that it may grow to.
///
/// Raises `UnknownNameError` or `BadSpecError` for the strategy and the checks, `BadMemoryError`, `BadParameterError`,
/// `SystemCallError`; BufferError for a buffer that cannot serve.
///
/// >>> import memcore
/// >>> heap = memcore.Heap(1 << 20)
/// >>> numbers = heap.array((2, 3), "f8", zeroed=True)
/// >>> numbers[1] = 7
/// >>> numbers.sum()
/// np.float64(21.0)
/// >>> len(heap), heap.stats.used
/// (1, 48)
/// >>> del numbers
/// >>> len(heap)
/// 0
#[pyclass(frozen, name = "Heap", module = "memcore", weakref)]
pub struct PyHeap {
    pub room: Room<Checked<AnyHeap>>,
    strategy: Strategy,
    checks: Checks,
    header: usize,
}

impl PyHeap {
    fn made(slf: &Bound<'_, Self>, entry: std::sync::Arc<super::entry::Entry>) -> PyHeapBlock {
        PyHeapBlock::new(entry, Home::Heap(slf.clone().unbind()))
    }
}

#[pymethods]
impl PyHeap {
    #[new]
    #[pyo3(signature = (
        memory: "typing.Any", strategy = "size-classes", *, checks = None, limit = None
    ))]
    fn new(
        py: Python<'_>,
        memory: &Bound<'_, PyAny>,
        strategy: &str,
        checks: Option<ChecksArgument>,
        limit: Option<Number>,
    ) -> PyResult<Self> {
        let strategy: Strategy = strategy.parse().map_err(|error| spec_error(py, error))?;
        let checks = checks_of(py, checks)?;
        let source = memory::of(memory, limit)?;
        let base = source.memory.start().as_ptr().expose_provenance();
        let heap = AnyHeap::new(&strategy, source.memory).map_err(|error| heap_error(py, error))?;
        let header = heap.header();
        let heap = Checked::new(heap, checks).map_err(|error| heap_error(py, error))?;
        let checks = *heap.checks();
        Ok(PyHeap { room: Room::new(heap, base, source.kept), strategy, checks, header })
    }

    /// Hand out a block of ``size`` bytes (0 takes 1, and shows none) at a multiple of ``alignment``, a power of two.
    ///
    /// Its contents are whatever was there, or zero. ``tag`` (below 2**32) is kept with it, for ``leaks``. Time as the
    /// strategy's: O(1) for size classes and TLSF.
    ///
    /// Raises `OutOfSpaceError` and `OutOfMetadataError`, which are MemoryErrors, `MemoryLimitError` too;
    /// `TooLargeError`, `BadAlignmentError`, which are ValueErrors; `LimitExceededError` for the limit of the checks.
    ///
    /// >>> import memcore
    /// >>> block = memcore.Heap(1 << 20).allocate(100, 64, zeroed=True)
    /// >>> block.address % 64, bytes(block) == bytes(100)
    /// (0, True)
    #[pyo3(signature = (size, alignment = Number(16), *, zeroed = false, tag = 0))]
    fn allocate(
        slf: &Bound<'_, Self>,
        size: Number,
        alignment: Number,
        zeroed: bool,
        tag: u32,
    ) -> PyResult<PyHeapBlock> {
        let entry = slf.get().room.allocate(slf.py(), size.0, alignment.0, zeroed, tag)?;
        Ok(Self::made(slf, entry))
    }

    /// A NumPy array in a block of its own, which is freed when the array and all views of it are gone.
    ///
    /// Its contents are whatever was there, or zero. Raises as ``allocate``; TypeError for a ``dtype`` with objects.
    ///
    /// >>> import memcore
    /// >>> heap = memcore.Heap(bytearray(10_000))
    /// >>> heap.array(4, "u2", zeroed=True).tolist()
    /// [0, 0, 0, 0]
    #[pyo3(signature = (
        shape: "int | typing.Sequence[int]", dtype: "typing.Any" = None, *, alignment = Number(16), zeroed = false,
        tag = 0
    ) -> "typing.Any")]
    fn array<'py>(
        slf: &Bound<'py, Self>,
        shape: Bound<'py, PyAny>,
        dtype: Option<Bound<'py, PyAny>>,
        alignment: Number,
        zeroed: bool,
        tag: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let arrays = py.import("memcore._arrays")?;
        let Number(size) = arrays.call_method1("size", (&shape, &dtype))?.extract()?;
        let entry = slf.get().room.allocate(py, size, alignment.0, zeroed, tag)?;
        let block = PyHeapBlock::owned(entry, Home::Heap(slf.clone().unbind()));
        arrays.call_method1("over", (Bound::new(py, block)?, dtype, shape))
    }

    /// Take a block back. Time as the strategy's.
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `FreedBlockError`,
    /// `ForeignHeapBlockError`; `HeaderSmashedError` and, from a checked heap, `RedzoneSmashedError`: the block then
    /// stays as it is.
    #[pyo3(signature = (block, /))]
    fn free(slf: &Bound<'_, Self>, block: &Bound<'_, PyHeapBlock>) -> PyResult<()> {
        slf.get().room.free(slf.py(), &block.get().entry)
    }

    /// Take back the block that begins at an address, whatever number it is, and tell how many usable bytes it had.
    ///
    /// Raises `NotInHeapError`, `NotABlockError`, `FreedBlockError` where that is still known; else as ``free``.
    ///
    /// >>> import memcore
    /// >>> heap = memcore.Heap(1 << 20)
    /// >>> block = heap.allocate(100)
    /// >>> try:
    /// ...     heap.free_address(block.address + 16)
    /// ... except memcore.NotABlockError as error:
    /// ...     error.address == block.address + 16
    /// True
    /// >>> heap.free_address(block.address), block.alive
    /// (112, False)
    #[pyo3(signature = (address, /))]
    fn free_address(&self, py: Python<'_>, address: Number) -> PyResult<usize> {
        self.room.free_address(py, memory::narrow(address.0))
    }

    /// Take back a block even though bytes around it were written over, and tell how many usable bytes it had.
    ///
    /// Raises as ``free``, but for what is smashed; `HeaderSmashedError` where the strategy's own header is.
    #[pyo3(signature = (block, /))]
    fn release_smashed(slf: &Bound<'_, Self>, block: &Bound<'_, PyHeapBlock>) -> PyResult<usize> {
        let entry = &block.get().entry;
        slf.get().room.with(slf.py(), |state| {
            state.entries.check_unviewed(entry)?;
            let usable = state.core.release_smashed(at(entry.address()))?;
            state.entries.remove(entry);
            Ok(usable)
        })
    }

    /// How many bytes of the block at an address can be used: at least those asked for. O(1).
    ///
    /// Raises as ``free_address``.
    #[pyo3(signature = (address, /))]
    fn usable_size(&self, py: Python<'_>, address: Number) -> PyResult<usize> {
        self.room.usable_size(py, memory::narrow(address.0))
    }

    /// Whether an address lies in the heap's memory, whatever is there. O(1).
    #[pyo3(signature = (address, /))]
    fn contains(&self, py: Python<'_>, address: Number) -> PyResult<bool> {
        self.room.contains(py, memory::narrow(address.0))
    }

    /// The live block that begins at an address. O(log blocks).
    ///
    /// Raises `NotABlockError`, `NotInHeapError`.
    #[pyo3(signature = (address, /))]
    fn block_at(slf: &Bound<'_, Self>, address: Number) -> PyResult<PyHeapBlock> {
        let address = memory::narrow(address.0);
        let entry = slf.get().room.with(slf.py(), |state| {
            let nothing = || match state.core.contains(at(address)) {
                true => memcore::heap::HeapError::NotABlock { address },
                false => memcore::heap::HeapError::NotInHeap { address },
            };
            Ok(state.entries.at(address).cloned().ok_or_else(nothing)?)
        })?;
        Ok(Self::made(slf, entry))
    }

    /// The live blocks in address order. O(n).
    fn blocks(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHeapBlock>>> {
        let (py, entries) = (slf.py(), slf.get().room.all(slf.py())?);
        PyHeapBlock::all(py, entries, || Home::Heap(slf.clone().unbind()))
    }

    /// Look at every live block, and every one in the quarantine, and tell how many they are. O(n), and the bytes
    /// looked at. Without checks there is nothing to look at.
    ///
    /// Raises the first that is wrong, in address order: `RedzoneSmashedError`, with the byte that was overrun;
    /// `FreedWrittenError`; `HeaderSmashedError`.
    ///
    /// >>> import ctypes
    /// >>> import memcore
    /// >>> heap = memcore.Heap(1 << 20, checks="light")
    /// >>> block = heap.allocate(10)
    /// >>> _ = ctypes.memset(block.address, 0, 11)
    /// >>> try:
    /// ...     heap.check()
    /// ... except memcore.RedzoneSmashedError as error:
    /// ...     error.offset, error.found
    /// (10, 0)
    fn check(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.with(py, |state| Ok(state.core.check()?))
    }

    /// Every live block, in the order of allocation where the heap tracks, else by address. O(n log n).
    ///
    /// Raises `OutOfMetadataError`.
    ///
    /// >>> import memcore
    /// >>> heap = memcore.Heap(1 << 20, checks="full")
    /// >>> _ = heap.allocate(100, tag=7)
    /// >>> [(leak.size, leak.tag, leak.number) for leak in heap.leaks()]
    /// [(100, 7, 1)]
    fn leaks(&self, py: Python<'_>) -> PyResult<Vec<PyLeak>> {
        let (found, known) = self.room.with(py, |state| Ok((state.core.leaks()?, state.entries.all())))?;
        let known: HashMap<usize, _> = known.iter().map(|entry| (entry.address(), entry)).collect();
        let told = |leak: &Leak| {
            let address = leak.address.as_ptr().addr();
            let entry = known.get(&address);
            let size = entry.map_or(leak.size, |entry| entry.size());
            PyLeak { address, size, tag: entry.map_or(leak.tag, |entry| entry.tag), number: leak.number }
        };
        Ok(found.iter().map(told).collect())
    }

    /// Give whole pages that are free back to the system, and tell how many bytes: 0 in a buffer. O(holes).
    fn trim(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.trim(py)
    }

    /// Give back what waits in the quarantine, and tell how many bytes. O(blocks in it) frees.
    ///
    /// Raises the first write after a free that is found there, `FreedWrittenError`; it is empty all the same.
    fn empty_quarantine(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.with(py, |state| Ok(state.core.empty_quarantine()?))
    }

    /// Check every invariant of the tables, headers and redzones included. O(n log n).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.room.validate(py)?;
        // What Python knows of blocks is what the engine knows.
        let (mut there, known) = (Vec::new(), self.room.all(py)?);
        self.room
            .seen(py, |state| state.core.visit_blocks(&mut |block| there.push(block.address.addr().get())))?;
        there.sort_unstable();
        if known.iter().map(|entry| entry.address()).eq(there) {
            return Ok(());
        }
        let what = "every block is in the table of views";
        Err(corruption(py, memcore::alloc::Corruption { what, at: known.len() as u64 }))
    }

    /// The figures of the heap; headers, redzones and rounding count as used. Time as the strategy's.
    #[getter]
    fn stats(&self, py: Python<'_>) -> PyResult<PyStats> {
        self.room.stats(py).map(PyStats)
    }

    /// Bytes of tables outside the blocks.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.metadata_bytes(py)
    }

    /// The strategy with its parameters, as text that makes another heap like it.
    #[getter]
    fn strategy(&self) -> String {
        self.strategy.to_string()
    }

    /// What is checked.
    #[getter]
    fn checks(&self) -> PyChecks {
        PyChecks(self.checks)
    }

    /// Mistakes that were found in blocks other than the one that a call was about: late writes, mostly.
    #[getter]
    fn found(&self, py: Python<'_>) -> PyResult<u64> {
        self.room.seen(py, |state| state.core.found())
    }

    /// The last of them, as an exception.
    #[getter]
    fn last_found(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let last = self.room.seen(py, |state| state.core.last_found())?;
        Ok(last.map(|error| heap_error(py, error).into_value(py).into_any()))
    }

    /// Bytes in front of each block, as `replay` has to be told: 0 for size classes.
    #[getter]
    fn header(&self) -> usize {
        self.header
    }

    /// The address of the memory's first byte.
    #[getter]
    fn address(&self) -> usize {
        self.room.base
    }

    /// Bytes of memory that it has now.
    #[getter]
    fn memory_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.room.seen(py, |state| state.core.inner().memory().len())
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
        self.room.seen(py, |state| state.entries.len())
    }

    /// A heap is true even when it is empty.
    fn __bool__(&self) -> bool {
        true
    }

    /// Whether a block is live here.
    fn __contains__(&self, py: Python<'_>, block: &Bound<'_, PyAny>) -> PyResult<bool> {
        match block.cast::<PyHeapBlock>() {
            Ok(block) => self.room.seen(py, |state| state.entries.check_live(&block.get().entry).is_ok()),
            Err(_) => Ok(false),
        }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        if self.room.is_closed(py) {
            return Ok("<Heap: closed>".to_owned());
        }
        let bytes = self.memory_bytes(py)?;
        let blocks = self.__len__(py)?;
        let checks = match self.checks {
            Checks::NONE => String::new(),
            checks => format!(", checks '{checks}'"),
        };
        Ok(format!("<Heap: {bytes} bytes, '{}'{checks}, {blocks} blocks>", self.strategy))
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("memcore._picture")?.call_method1("heap", (slf,))?.extract()
    }
}
