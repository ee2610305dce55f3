//! The class `memcore.PersistentHeap`.

use std::{path::PathBuf, sync::Arc};

use memcore::alloc::Strategy;
use memcore::heap::{AnyMemory, FileMemory, Memory, Offset, PersistentHeap};
use pyo3::{
    buffer::PyUntypedBuffer,
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyInt, PyString},
};

use super::{
    block::{Home, PyHeapBlock},
    entry::{Entries, Entry, Refusal},
    errors::heap_error,
    memory,
    report::PyRecovery,
    room::{Room, State, Trouble, alignment_of},
};
use crate::{
    alloc::{errors::corruption, stats::PyStats},
    errors::{bad_parameter, spec_error},
    number::Number,
};

/// A heap in a file or in shared memory, which another process, or another program in another language, opens again.
///
/// Blocks are known by their ``offset`` from the first byte; `roots` are the 16 from which a program finds the others.
/// A process that is killed in the middle of any call leaves an image that ``open`` brings to the state before the call
/// or after it. There is one writer at a time: a file is locked, other memory is the program's to guard.
///
/// Made by ``PersistentHeap.create`` and ``PersistentHeap.open``. Calls from several threads are safe and take turns. As
/// a context it is closed at the end.
///
/// >>> import memcore
/// >>> memory = bytearray(4096)
/// >>> with memcore.PersistentHeap.create(memory) as heap:
/// ...     block = heap.allocate(5)
/// ...     with memoryview(block) as view:
/// ...         view[:] = b"hello"
/// ...     heap.set_root(0, block)
/// >>> heap = memcore.PersistentHeap.open(memory)
/// >>> bytes(heap.root(0)), heap.recovery
/// (b'hello', Recovery(clean=True, completed=False, blocks=1, bytes=5))
#[pyclass(frozen, name = "PersistentHeap", module = "memcore", weakref)]
pub struct PyPersistentHeap {
    pub room: Room<PersistentHeap<AnyMemory>>,
    recovery: Option<Py<PyRecovery>>,
    source: String,
}

type Core = PersistentHeap<AnyMemory>;

/// What an image is in.
struct Place {
    memory: AnyMemory,
    kept: Option<PyUntypedBuffer>,
    source: String,
}

/// A path is what Python takes for one; bytes are a buffer.
fn path_of(memory: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    let is_path =
        memory.is_instance_of::<PyString>() || memory.hasattr(intern!(memory.py(), "__fspath__"))?;
    if memory.is_instance_of::<PyInt>() {
        return Err(PyTypeError::new_err("a path or a buffer is wanted"));
    }
    if is_path { memory.extract().map(Some) } else { Ok(None) }
}

/// The memory of a buffer.
fn buffer_of(memory: &Bound<'_, PyAny>, bytes: Option<Number>, limit: Option<Number>) -> PyResult<Place> {
    let py = memory.py();
    if let Some(Number(limit)) = limit {
        return Err(bad_parameter(py, "limit", limit, "is for files, not for a buffer"));
    }
    let kept = memory::exported(memory, true)?;
    let memory::Source { memory: bytes, kept } = memory::over(py, kept, bytes)?;
    Ok(Place { memory: bytes, kept, source: memory.get_type().name()?.to_string() })
}

/// The number that no image has as an offset is none.
fn offset_of(bits: u64) -> Result<Offset, Trouble> {
    Offset::from_bits(bits).ok_or(Trouble::Engine(memcore::heap::HeapError::NotABlock { address: 0 }))
}

/// The entry of the block at an offset, which is live.
fn entry_of(core: &Core, entries: &mut Entries, offset: Offset) -> Result<Arc<Entry>, Trouble> {
    let size = core.size_of(offset)?;
    let place = memory::narrow(offset.to_bits());
    match entries.at(place) {
        Some(entry) => Ok(Arc::clone(entry)),
        None => Ok(entries.add(place, size, 1, 0)),
    }
}

/// A block, or the offset of one.
#[derive(FromPyObject)]
pub enum PlaceArgument {
    #[pyo3(transparent, annotation = "HeapBlock")]
    Block(Py<PyHeapBlock>),
    #[pyo3(transparent, annotation = "int")]
    Offset(Number),
}

/// The offset that an argument names; that of a block only if it is one of this heap.
fn offset_in(entries: &Entries, place: &PlaceArgument) -> Result<Offset, Trouble> {
    match place {
        PlaceArgument::Offset(Number(offset)) => offset_of(*offset),
        PlaceArgument::Block(block) => {
            let PyHeapBlock { entry, home, .. } = block.get();
            let address = entry.address();
            if !matches!(home, Home::Persistent(_)) {
                return Err(Refusal::Foreign { address }.into());
            }
            entries.check_live(entry)?;
            offset_of(address as u64)
        }
    }
}

impl PyPersistentHeap {
    fn new(
        py: Python<'_>,
        core: Core,
        kept: Option<PyUntypedBuffer>,
        recovery: Option<PyRecovery>,
        source: String,
    ) -> PyResult<Self> {
        let base = core.memory().start().as_ptr().expose_provenance();
        let recovery = recovery.map(|recovery| Py::new(py, recovery)).transpose()?;
        Ok(PyPersistentHeap { room: Room::new(core, base, kept), recovery, source })
    }

    fn made(slf: &Bound<'_, Self>, entry: Arc<Entry>) -> PyHeapBlock {
        PyHeapBlock::new(entry, Home::Persistent(slf.clone().unbind()))
    }

    /// Takes a block back.
    pub fn take_back(&self, py: Python<'_>, entry: &Arc<Entry>) -> PyResult<usize> {
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_unviewed(entry)?;
            let size = core.free(offset_of(entry.address() as u64)?)?;
            entries.remove(entry);
            Ok(size)
        })
    }

    /// Changes the size of a block.
    pub fn change(&self, py: Python<'_>, entry: &Arc<Entry>, size: u64) -> PyResult<()> {
        let size = memory::narrow(size);
        self.room.with(py, |State { core, entries, .. }| {
            entries.check_unviewed(entry)?;
            let offset = core.resize(offset_of(entry.address() as u64)?, size)?;
            entries.change(entry, memory::narrow(offset.to_bits()), core.size_of(offset)?);
            Ok(())
        })
    }
}

#[pymethods]
impl PyPersistentHeap {
    /// Make an image in a file (a path: str or os.PathLike) or in a writable buffer; what was there is gone.
    ///
    /// A file gets ``size`` bytes, and may grow to ``limit``; of a buffer the first ``size`` are used, or all. ``strategy``
    /// is first, next, best or worst fit, or TLSF. O(1) in a file, else O(bytes).
    ///
    /// Raises `BadMemoryError` for a buffer of less than 1312 bytes, or that does not begin at a multiple of 8;
    /// `BadParameterError`, `UnknownNameError`, `BadSpecError`, `UnsupportedError`; `SystemCallError`, an OSError:
    /// `FileBusyError` for a file that another heap has open, `FileMissingError`, `FileForbiddenError`.
    #[staticmethod]
    #[pyo3(signature = (
        memory: "typing.Any", size = None, *, strategy = "tlsf", limit = None
    ))]
    fn create(
        py: Python<'_>,
        memory: &Bound<'_, PyAny>,
        size: Option<Number>,
        strategy: &str,
        limit: Option<Number>,
    ) -> PyResult<Self> {
        let strategy: Strategy = strategy.parse().map_err(|error| spec_error(py, error))?;
        let place = match path_of(memory)? {
            None => buffer_of(memory, size, limit)?,
            Some(path) => {
                let Some(Number(size)) = size else {
                    return Err(PyTypeError::new_err("a file needs a size"));
                };
                let limit = limit.map_or(size, |Number(limit)| limit);
                if size > limit {
                    return Err(bad_parameter(py, "limit", limit, "must be at least the size"));
                }
                // SAFETY: the file is locked: that no program passes over the lock is the caller's to see to.
                let file = unsafe { FileMemory::create(&path, memory::narrow(size), memory::narrow(limit)) };
                let file = file.map_err(|error| heap_error(py, error))?;
                Place { memory: AnyMemory::File(file), kept: None, source: path.display().to_string() }
            }
        };
        let core = PersistentHeap::create_with(place.memory, &strategy);
        let core = core.map_err(|error| heap_error(py, error))?;
        PyPersistentHeap::new(py, core, place.kept, None, place.source)
    }

    /// Open the image in a file or a writable buffer: all of it is checked, and a call that a crash has cut is completed.
    ///
    /// A file may grow to ``limit``. ``recovery`` tells what was found. An image that is refused is not written to.
    /// O(n log n).
    ///
    /// Raises `BadImageError` with what does not hold, and where; `BadMemoryError`, `BadParameterError`,
    /// `OutOfMetadataError`, `SystemCallError` as ``create``.
    #[staticmethod]
    #[pyo3(signature = (memory: "typing.Any", *, limit = None))]
    fn open(py: Python<'_>, memory: &Bound<'_, PyAny>, limit: Option<Number>) -> PyResult<Self> {
        let place = match path_of(memory)? {
            None => buffer_of(memory, None, limit)?,
            Some(path) => {
                let limit = limit.map_or(1, |Number(limit)| memory::narrow(limit));
                // SAFETY: as in `create`.
                let file = unsafe { FileMemory::open(&path, limit) };
                let file = file.map_err(|error| heap_error(py, error))?;
                Place { memory: AnyMemory::File(file), kept: None, source: path.display().to_string() }
            }
        };
        let (core, recovery) = PersistentHeap::open(place.memory).map_err(|error| heap_error(py, error))?;
        PyPersistentHeap::new(py, core, place.kept, Some(recovery.into()), place.source)
    }

    /// Hand out ``size`` bytes (0 counts as 1) whose offset is a multiple of ``alignment``, a power of two.
    ///
    /// The contents are whatever was there, or zero. Time as the strategy's, and O(log n).
    ///
    /// Raises `OutOfSpaceError`, `OutOfMetadataError`, which are MemoryErrors; `TooLargeError`, `BadAlignmentError`;
    /// `SystemCallError` when the file cannot grow.
    #[pyo3(signature = (size, alignment = Number(16), *, zeroed = false))]
    fn allocate(
        slf: &Bound<'_, Self>,
        size: Number,
        alignment: Number,
        zeroed: bool,
    ) -> PyResult<PyHeapBlock> {
        let (size, alignment) = (memory::narrow(size.0), alignment_of(alignment.0));
        let entry = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            let offset = match zeroed {
                true => core.allocate_zeroed(size, alignment)?,
                false => core.allocate(size, alignment)?,
            };
            entry_of(core, entries, offset)
        })?;
        Ok(Self::made(slf, entry))
    }

    /// The live block at an offset. O(log n).
    ///
    /// Raises `NotABlockError`, `NotInHeapError`; their ``address`` is the offset.
    #[pyo3(signature = (offset, /))]
    fn block(slf: &Bound<'_, Self>, offset: Number) -> PyResult<PyHeapBlock> {
        let entry = slf
            .get()
            .room
            .with(slf.py(), |State { core, entries, .. }| entry_of(core, entries, offset_of(offset.0)?))?;
        Ok(Self::made(slf, entry))
    }

    /// Take a block back, a `HeapBlock` or its offset, and tell how many bytes it had. Roots that lead to it are none
    /// afterwards. O(log n), and the strategy's time.
    ///
    /// Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `NotABlockError`, `NotInHeapError`,
    /// `FreedBlockError`, `ForeignHeapBlockError`, `HeaderSmashedError`.
    #[pyo3(signature = (block, /))]
    fn free(&self, py: Python<'_>, block: PlaceArgument) -> PyResult<usize> {
        let entry = self.room.with(py, |State { core, entries, .. }| {
            let offset = offset_in(entries, &block)?;
            entry_of(core, entries, offset)
        })?;
        self.take_back(py, &entry)
    }

    /// One of the 16 roots. O(log n).
    ///
    /// Raises `BadParameterError` for another number.
    #[pyo3(signature = (number, /))]
    fn root(slf: &Bound<'_, Self>, number: Number) -> PyResult<Option<PyHeapBlock>> {
        let entry = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            let offset = core.root(memory::narrow(number.0))?;
            offset.map(|offset| entry_of(core, entries, offset)).transpose()
        })?;
        Ok(entry.map(|entry| Self::made(slf, entry)))
    }

    /// Set a root to a `HeapBlock`, its offset, or None. What was written before, in blocks too, is in the image before
    /// the root. O(log n).
    ///
    /// Raises `BadParameterError` for another number; `NotABlockError`, `NotInHeapError`, `FreedBlockError`,
    /// `ForeignHeapBlockError`.
    #[pyo3(signature = (number, block))]
    fn set_root(&self, py: Python<'_>, number: Number, block: Option<PlaceArgument>) -> PyResult<()> {
        self.room.with(py, |State { core, entries, .. }| {
            let offset = block.as_ref().map(|block| offset_in(entries, block)).transpose()?;
            Ok(core.set_root(memory::narrow(number.0), offset)?)
        })
    }

    /// The live blocks in the order of their offsets. O(n log n).
    fn blocks(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyHeapBlock>>> {
        let entries = slf.get().room.with(slf.py(), |State { core, entries, .. }| {
            core.blocks().map(|block| entry_of(core, entries, block.offset)).collect::<Result<Vec<_>, _>>()
        })?;
        PyHeapBlock::all(slf.py(), entries, || Home::Persistent(slf.clone().unbind()))
    }

    /// Return when all that was written, in blocks too, would survive a failure of the power. In a buffer it does
    /// nothing. Other threads run meanwhile.
    ///
    /// Raises `SystemCallError`.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.room.with_detached(py, |state| Ok(state.core.sync()?))
    }

    /// What ``open`` found; None for an image that was made.
    #[getter]
    fn recovery(&self, py: Python<'_>) -> Option<Py<PyRecovery>> {
        self.recovery.as_ref().map(|recovery| recovery.clone_ref(py))
    }

    /// How many calls have changed the image since it was made.
    #[getter]
    fn generation(&self, py: Python<'_>) -> PyResult<u64> {
        self.room.seen(py, |state| state.core.generation())
    }

    /// Bytes of the image.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<u64> {
        self.room.seen(py, |state| state.core.capacity())
    }

    /// The figures of the space behind the image's first 1280 bytes; a header of 32 bytes counts with its block.
    #[getter]
    fn stats(&self, py: Python<'_>) -> PyResult<PyStats> {
        self.room.seen(py, |state| PyStats(state.core.stats()))
    }

    /// Check every invariant, and that the image says the same, word by word. O(n log n).
    ///
    /// Raises `CorruptionError`.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.room.seen(py, |state| state.core.validate())?.map_err(|broken| corruption(py, broken))
    }

    /// Mark the image as closed, see to it that it is kept, and give the memory back. A second time it does nothing.
    ///
    /// Raises `HasViewsError` while there are views; `SystemCallError`. Every other call raises `ClosedError`
    /// afterwards.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.room.close(py, PersistentHeap::close)
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
            return Ok(format!("<PersistentHeap in {}: closed>", self.source));
        }
        let blocks = self.__len__(py)?;
        Ok(format!("<PersistentHeap in {}: {} bytes, {blocks} blocks>", self.source, self.capacity(py)?))
    }
}
