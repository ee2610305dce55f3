//! The class `memcore.Allocator`.
//!
//! It is frozen: what changes is behind the lock of its [`Space`]. Each method takes its arguments apart, makes one
//! call of the engine, and wraps the answer.

use memcore::alloc::{
    Allocator, AnyAllocator, Block, BlockId, Budget, Checkpoint, Options, Request, Strategy, Watched,
    layout::{Bar, Table},
    storage::Growable,
};
use pyo3::{PyTraverseError, PyVisit, prelude::*, types::PyDict};

use super::{
    batch,
    block::PyBlock,
    compaction::{PyCheckpoint, PyCompactionPlan, PyScope},
    errors::{BadCheckpointError, alloc_error, corruption, foreign_block, foreign_plan, unknown_id},
    regions::{PyBlockIterator, PyRegionIterator},
    space::Space,
    stats::{PyCapabilities, PyHistogram, PyStats, PyTagUsage},
};
use crate::{
    column::numbers_of,
    errors::{bad_parameter, raise, spec_error},
    number::Number,
};

/// What an allocator is made of, for its repr and its copies.
#[derive(Clone)]
struct Recipe {
    strategy: Strategy,
    options: Options,
    max_blocks: Option<u64>,
}

/// Hands out ranges of an abstract space ``[0, capacity)``.
///
/// It never touches the bytes: the space may be memory, a file, a GPU heap, numbers. All sizes are in bytes, or in
/// whatever the space counts; offsets go up to ``2**64 - 1``. A call either succeeds, or raises and leaves the
/// allocator as it was. Calls from several threads are safe and take turns.
///
/// Parameters
/// ----------
/// capacity:
///     Size of the space; rounded down to the granularity (for a pool, to a whole number of slots).
/// strategy:
///     A name, with parameters where it has some: ``"best-fit:tie=recent"``, ``"pool:slot=64"``. `strategies` lists
///     the names.
/// granularity:
///     Starts and sizes are multiples of it; a power of two.
/// address_index:
///     Keep blocks findable by address, for ``free_at``, ``block_at``, ``containing`` and ``allocate(at=...)``: 14 to
///     45 bytes a block, O(log blocks) more for each allocation and free.
/// tags:
///     Keep the tag of each block, 4 bytes, for ``usage_by_tag``.
/// limit:
///     The most bytes that live blocks may take together; None for the capacity alone.
/// max_blocks:
///     The most live blocks, which bounds the tables' memory; one more raises `OutOfMetadataError`. None for as many
///     as memory holds.
/// listener:
///     Called as ``listener(event)`` with an `AllocEvent` after each change and each refused request. A listener that
///     calls the allocator it listens to gets a `ReentrancyError`. What it raises is raised by the call that it heard
///     of, whose change stays.
///
/// Raises `UnknownNameError` or `BadSpecError` for the strategy, `BadParameterError` for the others.
///
/// >>> import memcore
/// >>> arena = memcore.Allocator(1024, "first-fit")
/// >>> a, b, c = arena.allocate(100), arena.allocate(200), arena.allocate(150)
/// >>> arena.free(b)
/// >>> arena.allocate(300).start
/// 450
/// >>> arena
/// Allocator(1024, 'first-fit')
/// >>> len(arena), arena.used, arena.free_bytes, arena.largest_hole
/// (3, 550, 474, 274)
#[pyclass(frozen, name = "Allocator", module = "memcore", weakref)]
pub struct PyAllocator {
    pub(super) space: Space,
    recipe: Recipe,
}

impl PyAllocator {
    /// The id that `block`, a `Block` or an int, names.
    #[inline]
    fn id_of(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>) -> PyResult<BlockId> {
        if let Ok(block) = block.cast_exact::<PyBlock>() {
            let PyBlock { block, owner, .. } = block.get();
            if !owner.is(slf) {
                return Err(foreign_block(slf.py(), block.id.to_bits(), block.id));
            }
            return Ok(block.id);
        }
        let Number(bits) = block.extract()?;
        BlockId::from_bits(bits).ok_or_else(|| unknown_id(slf.py(), bits))
    }

    /// The block that a look-up finds, as a Python object.
    fn found(
        slf: &Bound<'_, Self>,
        look: impl FnOnce(&Watched<AnyAllocator>) -> memcore::alloc::Result<Block>,
    ) -> PyResult<PyBlock> {
        let py = slf.py();
        let state = slf.get().space.lock(py)?;
        let block = look(&state.allocator).map_err(|error| alloc_error(py, error))?;
        let tag = state.allocator.tag(block.id).unwrap_or(0);
        Ok(PyBlock::new(block, tag, slf.clone().unbind()))
    }

    /// What a look at the allocator sees.
    fn seen<T>(&self, py: Python<'_>, look: impl FnOnce(&Watched<AnyAllocator>) -> T) -> PyResult<T> {
        Ok(look(&self.space.lock(py)?.allocator))
    }

    pub(super) fn take_checkpoint(&self, py: Python<'_>) -> PyResult<Checkpoint> {
        self.seen(py, |allocator| allocator.checkpoint())?.map_err(|error| alloc_error(py, error))
    }
}

#[pymethods]
impl PyAllocator {
    #[new]
    #[pyo3(signature = (
        capacity, strategy = "first-fit", *, granularity = Number(1), address_index = true, tags = false,
        limit = None, max_blocks = None, listener: "typing.Callable[[AllocEvent], object] | None" = None,
    ))]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn new(
        py: Python<'_>,
        capacity: Number,
        strategy: &str,
        granularity: Number,
        address_index: bool,
        tags: bool,
        limit: Option<Number>,
        max_blocks: Option<Number>,
        listener: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let strategy: Strategy = strategy.parse().map_err(|error| spec_error(py, error))?;
        let options =
            Options::new(capacity.0).granularity(granularity.0).address_index(address_index).tags(tags);
        let max_blocks = max_blocks.map(|Number(most)| most);
        let most = max_blocks.map_or(u32::MAX, |most| u32::try_from(most).unwrap_or(u32::MAX));
        let allocator = AnyAllocator::in_storage(&strategy, options, &mut Growable::bounded(most));
        let mut allocator = Watched::new(allocator.map_err(|error| alloc_error(py, error))?);
        allocator.set_limit(limit.map(|Number(limit)| limit));
        Ok(PyAllocator {
            space: Space::new(allocator, listener),
            recipe: Recipe { strategy, options, max_blocks },
        })
    }

    /// Hand out a block of ``size`` bytes.
    ///
    /// The block's ``start + bias`` is a multiple of ``alignment``, a power of two: with a header of ``bias`` bytes in
    /// front, it is the payload that has to be aligned. ``tag`` (below 2**32) is kept where the allocator keeps tags.
    /// With ``at``, the block begins there or nowhere.
    ///
    /// O(log holes) for first, next, best and worst fit and buddy, plus the holes that an alignment above the
    /// granularity makes it reject; O(1) for TLSF, pool, bump and stack. The address index adds O(log blocks).
    ///
    /// Raises `OutOfSpaceError`, which is a MemoryError; `ZeroSizeError`, `TooLargeError`, `BadAlignmentError`,
    /// `BadBiasError`, `SizeOverflowError`, which are ValueErrors; `LimitExceededError`; with ``at`` also
    /// `RangeTakenError`, `BadStartError`, `MissingOptionError`, `UnsupportedError`.
    ///
    /// >>> import memcore
    /// >>> memcore.Allocator(1024).allocate(100, alignment=64, bias=16).start
    /// 48
    #[pyo3(signature = (size, *, alignment = Number(1), bias = Number(0), tag = 0, at = None))]
    #[inline]
    fn allocate(
        slf: &Bound<'_, Self>,
        size: Number,
        alignment: Number,
        bias: Number,
        tag: u32,
        at: Option<Number>,
    ) -> PyResult<PyBlock> {
        let request = Request { size: size.0, alignment: alignment.0, bias: bias.0, tag };
        let this = slf.get();
        let block = this.space.change(slf.py(), |allocator| match at {
            None => allocator.allocate(request),
            Some(Number(start)) => allocator.allocate_at(start, request),
        })?;
        let tag = if this.recipe.options.tags { tag } else { 0 };
        Ok(PyBlock::new(block, tag, slf.clone().unbind()))
    }

    /// Take a block back: a `Block`, or its id as an int.
    ///
    /// An int is an id, never an address; for that there is ``free_at``. O(log holes), or O(1), as ``allocate``.
    ///
    /// Raises `DoubleFreeError` for a block that was freed before, however long ago; `UnknownIdError`;
    /// `ForeignBlockError` for a `Block` of another allocator (the id alone cannot tell); `NotTopError` on a stack.
    #[pyo3(signature = (block: "Block | int", /))]
    #[inline]
    fn free(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>) -> PyResult<()> {
        let id = Self::id_of(slf, block)?;
        slf.get().space.change(slf.py(), |allocator| allocator.free(id)).map(drop)
    }

    /// Take back the block that begins at ``start``. O(log blocks) more than ``free``.
    ///
    /// Raises `UnknownStartError`, `MissingOptionError` without the address index, `UnsupportedError`, `NotTopError`.
    #[pyo3(signature = (start, /))]
    fn free_at(&self, py: Python<'_>, start: Number) -> PyResult<()> {
        self.space.change(py, |allocator| allocator.free_at(start.0)).map(drop)
    }

    /// Change the size of a block where it is, and return it as it is then, with the same id.
    ///
    /// Shrinking always succeeds (on a stack or in a bump arena for the last block only); growing takes from the hole
    /// that follows. Complexity as ``allocate``.
    ///
    /// Raises `NoRoomInPlaceError`, with the most it could have; `ZeroSizeError`, `TooLargeError`,
    /// `SizeOverflowError`; `StaleIdError`, `UnknownIdError`, `ForeignBlockError`; `NotTopError`;
    /// `LimitExceededError`.
    #[pyo3(signature = (block: "Block | int", size))]
    fn resize(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>, size: Number) -> PyResult<PyBlock> {
        let id = Self::id_of(slf, block)?;
        let block = slf.get().space.change(slf.py(), |allocator| allocator.resize(id, size.0))?;
        let tag = slf.get().seen(slf.py(), |allocator| allocator.tag(id))?.unwrap_or(0);
        Ok(PyBlock::new(block, tag, slf.clone().unbind()))
    }

    /// Hand out a block for each size, and return their starts and ids as two arrays of unsigned 64-bit integers.
    ///
    /// ``sizes`` is an array of integers (NumPy, ``array``, ``memoryview``) or an iterable of ints. The arrays are
    /// NumPy's where it is installed, memoryviews otherwise; both are read-only. Other threads run meanwhile. The ids
    /// are what ``free`` and ``free_many`` take; ``block(id)`` makes a `Block` of one.
    ///
    /// Raises `BatchError` at the first size that cannot be served; it has the ``index``, and the ``starts`` and
    /// ``ids`` of the blocks before, which stay allocated; its ``__cause__`` says why. After a KeyboardInterrupt the
    /// blocks stay allocated too, and iterating over the allocator finds them.
    ///
    /// >>> import memcore
    /// >>> arena = memcore.Allocator(1024)
    /// >>> starts, ids = arena.allocate_many([100, 200, 300])
    /// >>> starts.tolist()
    /// [0, 100, 300]
    /// >>> arena.free_many(ids)
    /// >>> arena.used
    /// 0
    #[pyo3(signature = (
        sizes: "typing.Any", *, alignment = Number(1), bias = Number(0), tag = 0
    ) -> "tuple[typing.Any, typing.Any]")]
    fn allocate_many<'py>(
        slf: &Bound<'py, Self>,
        sizes: &Bound<'py, PyAny>,
        alignment: Number,
        bias: Number,
        tag: u32,
    ) -> PyResult<batch::Columns<'py>> {
        let request = Request { size: 0, alignment: alignment.0, bias: bias.0, tag };
        batch::allocate_many(slf.py(), &slf.get().space, &numbers_of(sizes)?, request)
    }

    /// Take back the blocks with these ids, an array of integers or an iterable of ints, in this order.
    ///
    /// Raises `BatchError` at the first id that cannot be freed; the ``index`` blocks before it are freed.
    #[pyo3(signature = (ids: "typing.Any", /))]
    fn free_many(slf: &Bound<'_, Self>, ids: &Bound<'_, PyAny>) -> PyResult<()> {
        batch::free_many(slf.py(), &slf.get().space, &numbers_of(ids)?)
    }

    /// Whether ``allocate`` would succeed. Changes nothing; complexity as ``allocate``.
    #[pyo3(signature = (size, *, alignment = Number(1), bias = Number(0)))]
    fn can_allocate(&self, py: Python<'_>, size: Number, alignment: Number, bias: Number) -> PyResult<bool> {
        let request = Request { size: size.0, alignment: alignment.0, bias: bias.0, tag: 0 };
        self.seen(py, |allocator| allocator.can_allocate(request))
    }

    /// The block that an id names, as it is now. O(1).
    ///
    /// Raises `StaleIdError`, `UnknownIdError`, `ForeignBlockError`.
    #[pyo3(signature = (block: "Block | int", /))]
    fn block(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>) -> PyResult<PyBlock> {
        let id = Self::id_of(slf, block)?;
        Self::found(slf, |allocator| allocator.block(id))
    }

    /// The block that begins at ``start``. O(log blocks), through the address index.
    ///
    /// Raises `UnknownStartError`, `MissingOptionError`.
    #[pyo3(signature = (start, /))]
    fn block_at(slf: &Bound<'_, Self>, start: Number) -> PyResult<PyBlock> {
        Self::found(slf, |allocator| allocator.block_at(start.0))
    }

    /// The block that holds the byte at ``offset``. O(log blocks), through the address index.
    ///
    /// Raises `UnknownOffsetError`, `MissingOptionError`.
    #[pyo3(signature = (offset, /))]
    fn containing(slf: &Bound<'_, Self>, offset: Number) -> PyResult<PyBlock> {
        Self::found(slf, |allocator| allocator.containing(offset.0))
    }

    /// The alignment that a block was asked with. O(1).
    #[pyo3(signature = (block: "Block | int", /))]
    fn alignment_of(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>) -> PyResult<u64> {
        let (py, id) = (slf.py(), Self::id_of(slf, block)?);
        slf.get().seen(py, |allocator| allocator.alignment(id))?.map_err(|error| alloc_error(py, error))
    }

    /// The tag of a block. O(1).
    ///
    /// Raises `MissingOptionError` for an allocator made without tags, `StaleIdError`, `UnknownIdError`,
    /// `ForeignBlockError`.
    #[pyo3(signature = (block: "Block | int", /))]
    fn tag_of(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>) -> PyResult<u32> {
        let (py, id) = (slf.py(), Self::id_of(slf, block)?);
        slf.get().seen(py, |allocator| allocator.tag(id))?.map_err(|error| alloc_error(py, error))
    }

    /// Replace the tag of a block. O(1).
    ///
    /// Raises `MissingOptionError` for an allocator made without tags, `StaleIdError`, `UnknownIdError`,
    /// `ForeignBlockError`.
    #[pyo3(signature = (block: "Block | int", tag))]
    fn set_tag(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>, tag: u32) -> PyResult<()> {
        let id = Self::id_of(slf, block)?;
        slf.get().space.change(slf.py(), |allocator| allocator.set_tag(id, tag))
    }

    /// Make the space larger: it ends at ``capacity``, rounded down, afterwards.
    ///
    /// Raises `CapacityShrinkError`.
    #[pyo3(signature = (capacity, /))]
    fn grow(&self, py: Python<'_>, capacity: Number) -> PyResult<()> {
        self.space.change(py, |allocator| allocator.grow(capacity.0))
    }

    /// Free every block. Their ids become stale; peaks and counts go on. O(blocks).
    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.space.change(py, |allocator| allocator.reset())
    }

    /// Mark the state of a bump arena, for ``rewind``. O(1).
    ///
    /// Raises `UnsupportedError` for other strategies.
    fn checkpoint(slf: &Bound<'_, Self>) -> PyResult<PyCheckpoint> {
        let checkpoint = slf.get().take_checkpoint(slf.py())?;
        Ok(PyCheckpoint { checkpoint, owner: slf.clone().unbind() })
    }

    /// Free whatever was allocated after the checkpoint. O(blocks rewound).
    ///
    /// Raises `BadCheckpointError` when the arena was rewound past it since, or it is of another arena.
    #[pyo3(signature = (checkpoint, /))]
    fn rewind(slf: &Bound<'_, Self>, checkpoint: &Bound<'_, PyCheckpoint>) -> PyResult<()> {
        let (py, PyCheckpoint { checkpoint, owner }) = (slf.py(), checkpoint.get());
        if !owner.is(slf) {
            let position = checkpoint.position;
            let message = format!("the checkpoint at {position} is of another arena");
            return Err(raise!(py, BadCheckpointError, message, position = position));
        }
        slf.get().space.change(py, |allocator| allocator.rewind(*checkpoint))
    }

    /// A context: whatever is allocated in ``with arena.scope():`` is freed at its end.
    fn scope(slf: Py<Self>) -> PyScope {
        PyScope::new(slf)
    }

    /// Plan how to move blocks together: at most ``bytes`` in at most ``moves`` moves, and no block of ``pinned``.
    ///
    /// Changes nothing. O(blocks). Raises `UnsupportedError`; for what is pinned, `StaleIdError`, `UnknownIdError`,
    /// `ForeignBlockError`.
    #[pyo3(signature = (
        bytes = None, moves = None, pinned: "typing.Iterable[Block | int] | None" = None
    ))]
    fn plan_compaction(
        slf: &Bound<'_, Self>,
        bytes: Option<Number>,
        moves: Option<Number>,
        pinned: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyCompactionPlan> {
        let py = slf.py();
        let most = |given: Option<Number>| given.map_or(u64::MAX, |Number(given)| given);
        let budget = Budget { bytes: most(bytes), moves: most(moves) };
        let mut ids = Vec::new();
        if let Some(pinned) = pinned {
            for block in pinned.try_iter()? {
                ids.push(Self::id_of(slf, &block?)?);
            }
        }
        let plan = slf.get().seen(py, |allocator| allocator.plan_compaction(budget, &ids))?;
        let plan = plan.map_err(|error| alloc_error(py, error))?;
        Ok(PyCompactionPlan { plan, owner: slf.clone().unbind() })
    }

    /// Make the places of a plan true, after its bytes were copied. Ids stay. O(moves) times a free.
    ///
    /// Raises `OutdatedPlanError` when the space has changed since, `ForeignPlanError`.
    #[pyo3(signature = (plan, /))]
    fn commit(slf: &Bound<'_, Self>, plan: &Bound<'_, PyCompactionPlan>) -> PyResult<()> {
        let PyCompactionPlan { plan, owner } = plan.get();
        if !owner.is(slf) {
            return Err(foreign_plan(slf.py()));
        }
        slf.get().space.change(slf.py(), |allocator| allocator.commit(plan))
    }

    /// Check every invariant of the tables. O(n log n).
    ///
    /// Raises `CorruptionError`: a defect of memcore.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        self.seen(py, |allocator| allocator.validate())?.map_err(|broken| corruption(py, broken))
    }

    /// The figures of the space, at this moment. O(1); for TLSF O(holes in its largest bin).
    #[getter]
    fn stats(&self, py: Python<'_>) -> PyResult<PyStats> {
        self.seen(py, |allocator| PyStats(allocator.stats()))
    }

    /// Live blocks by size. O(n).
    fn block_histogram(&self, py: Python<'_>) -> PyResult<PyHistogram> {
        self.seen(py, |allocator| PyHistogram(allocator.block_histogram()))
    }

    /// Holes by size. O(n).
    fn hole_histogram(&self, py: Python<'_>) -> PyResult<PyHistogram> {
        self.seen(py, |allocator| PyHistogram(allocator.hole_histogram()))
    }

    /// What lives under each tag, tags ascending: a leak report when everything should be free. O(n log tags).
    ///
    /// Raises `MissingOptionError` for an allocator made without tags.
    ///
    /// >>> import memcore
    /// >>> arena = memcore.Allocator(1024, tags=True)
    /// >>> _ = arena.allocate(100, tag=7), arena.allocate(50, tag=7)
    /// >>> arena.usage_by_tag()
    /// {7: TagUsage(blocks=2, requested=150, used=150)}
    #[pyo3(signature = () -> "dict[int, TagUsage]")]
    fn usage_by_tag<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let usage = self.seen(py, |allocator| allocator.usage_by_tag())?;
        let by_tag = PyDict::new(py);
        for (tag, usage) in usage.map_err(|error| alloc_error(py, error))? {
            by_tag.set_item(tag, Py::new(py, PyTagUsage::from(usage))?)?;
        }
        Ok(by_tag)
    }

    /// The strategy with its parameters, as text that makes another one like it.
    #[getter]
    fn strategy(&self) -> String {
        self.recipe.strategy.to_string()
    }

    /// What the strategy can do.
    #[getter]
    fn capabilities(&self, py: Python<'_>) -> PyResult<PyCapabilities> {
        self.seen(py, |allocator| allocator.capabilities().into())
    }

    /// Bytes of the space, after rounding down.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, |allocator| allocator.capacity())
    }

    /// Starts and sizes are multiples of it.
    #[getter]
    fn granularity(&self) -> u64 {
        self.recipe.options.granularity
    }

    /// Whether blocks can be found by address.
    #[getter]
    fn address_index(&self) -> bool {
        self.recipe.options.address_index
    }

    /// Whether blocks have tags.
    #[getter]
    fn tags(&self) -> bool {
        self.recipe.options.tags
    }

    /// The most bytes that live blocks may take together, rounding included; None for no limit. It can be set; blocks
    /// that are there already stay.
    #[getter]
    fn limit(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        self.seen(py, |allocator| allocator.limit())
    }

    #[setter]
    fn set_limit(&self, py: Python<'_>, limit: Option<Number>) -> PyResult<()> {
        self.space.change(py, |allocator| {
            allocator.set_limit(limit.map(|Number(limit)| limit));
            Ok(())
        })
    }

    /// The most live blocks; None for as many as memory holds.
    #[getter]
    fn max_blocks(&self) -> Option<u64> {
        self.recipe.max_blocks
    }

    /// What was given as ``listener``.
    #[getter]
    fn listener(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.space.listener().map(|listener| listener.clone_ref(py))
    }

    /// Bytes in live blocks. O(1).
    #[getter]
    fn used(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, |allocator| allocator.used())
    }

    /// Bytes in holes. Complexity as ``stats``.
    #[getter]
    fn free_bytes(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, |allocator| allocator.stats().free)
    }

    /// Bytes that are neither used nor free yet. Complexity as ``stats``.
    #[getter]
    fn dead_bytes(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, |allocator| allocator.stats().dead)
    }

    /// Bytes of the largest hole. Complexity as ``stats``.
    #[getter]
    fn largest_hole(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, |allocator| allocator.largest_hole())
    }

    /// The largest size of which an unaligned request is sure to succeed now: less than the largest hole where the
    /// strategy rounds (TLSF, buddy) or has slots (pool). O(1).
    #[getter]
    fn largest_sure(&self, py: Python<'_>) -> PyResult<u64> {
        self.seen(py, |allocator| allocator.largest_sure())
    }

    /// Bytes that the tables hold now, without tags and address index.
    #[getter]
    fn metadata_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.seen(py, |allocator| allocator.metadata_bytes())
    }

    /// Bytes that tags and address index hold now.
    #[getter]
    fn optional_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.seen(py, |allocator| allocator.optional_bytes())
    }

    /// The regions of the space in address order, without gap or overlap: blocks, holes, dead bytes. A walk that the
    /// space changes under ends with a RuntimeError.
    fn regions(slf: Py<Self>, py: Python<'_>) -> PyResult<PyRegionIterator> {
        PyRegionIterator::new(py, slf)
    }

    /// The space as one line of at most ``width`` characters: ``#`` full, ``.`` free, ``x`` dead, and ``-``, ``=``,
    /// ``+`` for a part that is used up to a third, two thirds, and more. O(regions + width).
    ///
    /// Raises `BadParameterError` for a width of 0 or above 65536.
    #[pyo3(signature = (width = 64))]
    fn bar(&self, py: Python<'_>, width: u64) -> PyResult<String> {
        if !(1..=65536).contains(&width) {
            return Err(bad_parameter(py, "width", width, "must be from 1 to 65536"));
        }
        self.seen(py, |allocator| Bar::new(allocator, width).to_string())
    }

    /// A picture of the space as text: the bar, and a table of the first ``lines`` regions. ``str(allocator)`` is the
    /// same with the defaults. O(regions).
    ///
    /// >>> import memcore
    /// >>> arena = memcore.Allocator(1000)
    /// >>> _ = arena.allocate(300)
    /// >>> for line in arena.layout(width=10).splitlines():
    /// ...     print(line[:26])
    /// ###.......
    /// start    end   size  what
    ///     0    300    300  block
    ///   300   1000    700  hole
    #[pyo3(signature = (width = 64, lines = 20))]
    fn layout(&self, py: Python<'_>, width: u64, lines: usize) -> PyResult<String> {
        let bar = self.bar(py, width)?;
        self.seen(py, |allocator| format!("{bar}\n{}", Table::new(allocator, lines)))
    }

    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        self.layout(py, 64, 20)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Recipe { strategy, options, max_blocks } = &self.recipe;
        let (capacity, limit) = self.seen(py, |allocator| (allocator.capacity(), allocator.limit()))?;
        let mut text = format!("Allocator({capacity}, '{strategy}'");
        if options.granularity != 1 {
            text += &format!(", granularity={}", options.granularity);
        }
        if !options.address_index {
            text += ", address_index=False";
        }
        if options.tags {
            text += ", tags=True";
        }
        if let Some(limit) = limit {
            text += &format!(", limit={limit}");
        }
        if let Some(most) = max_blocks {
            text += &format!(", max_blocks={most}");
        }
        text.push(')');
        Ok(text)
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<String> {
        slf.py().import("memcore._picture")?.call_method1("space", (slf,))?.extract()
    }

    /// The number of live blocks.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.seen(py, |allocator| allocator.stats().blocks as usize)
    }

    /// An allocator is true even when it is empty.
    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__(slf: Py<Self>, py: Python<'_>) -> PyResult<PyBlockIterator> {
        PyBlockIterator::new(py, slf)
    }

    /// Whether a block (or an id) is live here.
    fn __contains__(slf: &Bound<'_, Self>, block: &Bound<'_, PyAny>) -> PyResult<bool> {
        match Self::id_of(slf, block) {
            Ok(id) => slf.get().seen(slf.py(), |allocator| allocator.block(id).is_ok()),
            Err(_) => Ok(false),
        }
    }

    /// A snapshot: the same blocks under the same ids, the same limit, no listener. O(n).
    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        let allocator = self.seen(py, Watched::clone)?;
        Ok(PyAllocator { space: Space::new(allocator, None), recipe: self.recipe.clone() })
    }

    #[pyo3(signature = (memo: "dict[int, object]") -> "Allocator")]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyDict>) -> PyResult<Self> {
        let _ = memo;
        self.__copy__(py)
    }

    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("memcore._pickling")?.call_method1("reduce_allocator", (slf,))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.space.traverse(&visit)
    }
}

/// The names of the strategies that ``Allocator`` and ``replay`` know; parameters follow a colon.
///
/// >>> import memcore
/// >>> memcore.strategies()[:3]
/// ('first-fit', 'next-fit', 'best-fit')
#[pyfunction]
#[pyo3(signature = () -> "tuple[str, ...]")]
pub fn strategies(py: Python<'_>) -> PyResult<Bound<'_, pyo3::types::PyTuple>> {
    pyo3::types::PyTuple::new(py, Strategy::names())
}
