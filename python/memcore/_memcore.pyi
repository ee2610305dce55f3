"""
The engine of memcore, as Python sees it. Import `memcore` instead.
"""

from _typeshed import SupportsGetItem
import os
import typing
from typing import Any, Final, SupportsFloat, SupportsIndex, final

__all__ = ["__version__", "AccessSummary", "AccessTrace", "AllocEvent", "Allocator", "Area", "Areas", "Arena", "ArenaScope", "Block", "BlockIterator", "Cache", "Capabilities", "Checkpoint", "Checks", "Compaction", "CompactionPlan", "Curve", "DoubleStack", "Events", "File", "Group", "Handle", "HandleHeap", "Heap", "HeapBlock", "Hierarchy", "Histogram", "Leak", "Machine", "MachineEvent", "MachineRun", "Move", "Note", "PageTrace", "PageTranslation", "PagingRow", "PersistentBlock", "PersistentHeap", "PersistentView", "Pin", "PolicyFacts", "Pool", "Process", "Recovery", "Region", "RegionIterator", "ReplayRow", "Ring", "Scope", "SegmentDescriptor", "SegmentMemory", "SegmentUnit", "SegmentedPaging", "Selector", "Stats", "Summary", "TagUsage", "Tlb", "TlbEntry", "Trace", "Translation", "VirtualMemoryManager", "Walk", "WalkStep", "WorstCase", "arrow_stream", "hierarchies", "machine_runs", "machines", "mean_working_set", "miss_ratio_curve", "paging_rows", "paging_stream", "policies", "policy_facts", "rank_rows", "rehearse_long_call", "replay_rows", "reuse_times", "stack_distances", "strategies", "stream_rows", "trace_kind", "working_set", "worst_case"]

__version__: Final[str]
"""
The version of the engine and of the package.
"""

@final
class AccessSummary:
    """
    A page trace in numbers.

    >>> import memcore
    >>> summary = memcore.PageTrace.from_bytes(b"X 401 3\\nW 402\\nR 401\\n").summary()
    >>> summary.references, summary.pages, summary.reads, summary.writes, summary.executes
    (5, 2, 1, 1, 3)
    >>> summary.footprint_bytes
    8192
    """
    def __repr__(self, /) -> str: ...
    @property
    def events(self, /) -> int:
        """
        Address-space events: mmap, munmap, ...
        """
    @property
    def executes(self, /) -> int:
        """
        The instruction fetches.
        """
    @property
    def first_page(self, /) -> int | None:
        """
        The lowest page, an address divided by the page size; None without references.
        """
    @property
    def footprint_bytes(self, /) -> int:
        """
        The distinct pages times their size.
        """
    @property
    def last_page(self, /) -> int | None:
        """
        The highest page.
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes of a page.
        """
    @property
    def pages(self, /) -> int:
        """
        Distinct pages.
        """
    @property
    def pages_executed(self, /) -> int:
        """
        Distinct pages that are executed from.
        """
    @property
    def pages_read(self, /) -> int:
        """
        Distinct pages that are read from.
        """
    @property
    def pages_written(self, /) -> int:
        """
        Distinct pages that are written to.
        """
    @property
    def reads(self, /) -> int:
        """
        The loads among them.
        """
    @property
    def references(self, /) -> int:
        """
        All references, runs expanded.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        Every figure by its name, except the series.
        """
    @property
    def window(self, /) -> int:
        """
        References of a window of the series; the last one may be shorter.
        """
    def working_set(self, /) -> "dict[str, typing.Any]":
        """
        The working set over time, window by window, as columns of equal length: ``references`` up to the
        window's end, distinct ``pages`` in it, and ``new_pages``, those of them that nothing before refers to.
        Arrays as `Trace.columns`.
        """
    @property
    def writes(self, /) -> int:
        """
        The stores and modifies.
        """

@final
class AccessTrace:
    """
    What a program did with its memory, address by address: loads, stores, instruction fetches.

    A trace is made by ``AccessTrace.open``, ``from_bytes`` or ``from_arrays``, and never changes. It takes 24 bytes a
    run of equal accesses. Caches want it as it is; for page replacement a `PageTrace` is read from the same files in
    less memory.

    >>> import memcore
    >>> trace = memcore.AccessTrace.from_bytes(b"I  0401b770,3\\n S 1fff000ffc,8\\n")
    >>> len(trace), trace.unit
    (2, 'bytes')
    >>> {name: column.tolist() for name, column in trace.columns().items()}
    {'addresses': [67221360, 137422180348], 'sizes': [3, 8], 'kinds': [2, 1], 'counts': [1, 1]}
    """
    def __copy__(self, /) -> AccessTrace:
        """
        A trace never changes: its copy is itself.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "AccessTrace": ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int:
        """
        The number of accesses, a run as it is long.
        """
    def __reduce__(self, /) -> "tuple[object, ...]": ...
    def __repr__(self, /) -> str: ...
    def columns(self, /) -> "dict[str, typing.Any]":
        """
        The accesses as columns, an entry for each run of equal ones: ``addresses`` (unsigned 64 bits), ``sizes`` (32),
        ``kinds`` (8; 0 read, 1 write, 2 execute), ``counts`` (32). NumPy arrays where it is installed, memoryviews
        otherwise. O(accesses).
        """
    @property
    def events(self, /) -> int:
        """
        How many address-space events (mmap, munmap, ...) stand between the accesses.
        """
    @property
    def format(self, /) -> str:
        """
        What it was read from: as `PageTrace.format`.
        """
    @staticmethod
    def from_arrays(addresses: "typing.Any", sizes: "typing.Any" = None, writes: "typing.Any" = None, kinds: "typing.Any" = None) -> AccessTrace:
        """
        The trace of accesses to these addresses, in bytes: arrays of integers of any type and layout, or iterables of
        ints.

        ``sizes`` in bytes, by default 1; ``writes`` is a mask of the accesses that write, or ``kinds`` tells all: 0
        read, 1 write, 2 execute. O(accesses).

        Raises `OutOfRangeError`, `BadParameterError`, `TraceError`.
        """
    @staticmethod
    def from_bytes(content: "bytes", name: str = "<bytes>", format: str | None = None, *, max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> AccessTrace:
        """
        Read a trace from the content of a file; ``name`` stands for it in errors. Otherwise as ``open``.
        """
    @property
    def name(self, /) -> str:
        """
        Where it is from: the path or the sample's name.
        """
    @property
    def notes(self, /) -> list[Note]:
        """
        What the reader left out or noticed.
        """
    @staticmethod
    def open(path: "str | os.PathLike[str]", format: str | None = None, *, max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> AccessTrace:
        """
        Read a trace of accesses or pages: a file, or the name of a bundled sample. As `PageTrace.open`, but every
        access is kept as it was; ``max_events`` bounds the accesses, a run of equal ones as it is long.

        Raises `TraceError` with the line or byte and the reason; `UnknownNameError` for the format; OSError as ``open``
        does.
        """
    def save(self, /, path: "str | os.PathLike[str]", format: str | None = None) -> "dict[str, int]":
        """
        Write the trace to a file: as `PageTrace.save`. The page formats keep pages alone.
        """
    def to_bytes(self, /, format: str = "memcore") -> bytes:
        """
        The content of a file that ``save`` would write, uncompressed.
        """
    @property
    def unit(self, /) -> str:
        """
        What the addresses count: ``"bytes"``, ``"pages"`` (an address is that of the page's first byte) or
        ``"numbers"``.
        """

@final
class AllocEvent:
    """
    What an allocator tells its listener: something was done, or could not be done.

    An event is a plain record; unlike a `Block` it does not know its allocator.
    """
    def __repr__(self, /) -> str: ...
    @property
    def error(self, /) -> Any | None:
        """
        Why a request failed, an exception; None for other events.
        """
    @property
    def id(self, /) -> int | None:
        """
        The block's id; None for a failure.
        """
    @property
    def kind(self, /) -> str:
        """
        ``"allocated"``, ``"freed"``, ``"resized"``, ``"moved"`` or ``"failed"``.
        """
    @property
    def old_size(self, /) -> int | None:
        """
        Bytes that the block took before it was resized; None for other events.
        """
    @property
    def old_start(self, /) -> int | None:
        """
        Where the block was before it was moved; None for other events.
        """
    @property
    def size(self, /) -> int:
        """
        Bytes that the block takes, after the event; for a failure the bytes asked for.
        """
    @property
    def start(self, /) -> int | None:
        """
        The block's first byte, after the event; None for a failure.
        """

@final
class Allocator:
    """
    Hands out ranges of an abstract space ``[0, capacity)``.

    It never touches the bytes: the space may be memory, a file, a GPU heap, numbers. All sizes are in bytes, or in
    whatever the space counts; offsets go up to ``2**64 - 1``. A call either succeeds, or raises and leaves the
    allocator as it was. Calls from several threads are safe and take turns.

    Parameters
    ----------
    capacity:
        Size of the space; rounded down to the granularity (for a pool, to a whole number of slots).
    strategy:
        A name, with parameters where it has some: ``"best-fit:tie=recent"``, ``"pool:slot=64"``. `strategies` lists
        the names.
    granularity:
        Starts and sizes are multiples of it; a power of two.
    address_index:
        Keep blocks findable by address, for ``free_at``, ``block_at``, ``containing`` and ``allocate(at=...)``: 14 to
        45 bytes a block, O(log blocks) more for each allocation and free.
    tags:
        Keep the tag of each block, 4 bytes, for ``usage_by_tag``.
    limit:
        The most bytes that live blocks may take together; None for the capacity alone.
    max_blocks:
        The most live blocks, which bounds the tables' memory; one more raises `OutOfMetadataError`. None for as many
        as memory holds.
    listener:
        Called as ``listener(event)`` with an `AllocEvent` after each change and each refused request. A listener that
        calls the allocator it listens to gets a `ReentrancyError`. What it raises is raised by the call that it heard
        of, whose change stays.

    Raises `UnknownNameError` or `BadSpecError` for the strategy, `BadParameterError` for the others.

    >>> import memcore
    >>> arena = memcore.Allocator(1024, "first-fit")
    >>> a, b, c = arena.allocate(100), arena.allocate(200), arena.allocate(150)
    >>> arena.free(b)
    >>> arena.allocate(300).start
    450
    >>> arena
    Allocator(1024, 'first-fit')
    >>> len(arena), arena.used, arena.free_bytes, arena.largest_hole
    (3, 550, 474, 274)
    """
    def __bool__(self, /) -> bool:
        """
        An allocator is true even when it is empty.
        """
    def __contains__(self, block: Any, /) -> bool:
        """
        Whether a block (or an id) is live here.
        """
    def __copy__(self, /) -> Allocator:
        """
        A snapshot: the same blocks under the same ids, the same limit, no listener. O(n).
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "Allocator": ...
    def __iter__(self, /) -> BlockIterator: ...
    def __len__(self, /) -> int:
        """
        The number of live blocks.
        """
    def __new__(cls, /, capacity: SupportsIndex, strategy: str = "first-fit", *, granularity: SupportsIndex = ..., address_index: bool = True, tags: bool = False, limit: SupportsIndex | None = None, max_blocks: SupportsIndex | None = None, listener: "typing.Callable[[AllocEvent], object] | None" = None) -> Allocator: ...
    def __reduce__(self, /) -> "tuple[object, ...]": ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def address_index(self, /) -> bool:
        """
        Whether blocks can be found by address.
        """
    def alignment_of(self, block: "Block | int", /) -> int:
        """
        The alignment that a block was asked with. O(1).
        """
    def allocate(self, /, size: SupportsIndex, *, alignment: SupportsIndex = ..., bias: SupportsIndex = ..., tag: SupportsIndex = 0, at: SupportsIndex | None = None) -> Block:
        """
        Hand out a block of ``size`` bytes.

        The block's ``start + bias`` is a multiple of ``alignment``, a power of two: with a header of ``bias`` bytes in
        front, it is the payload that has to be aligned. ``tag`` (below 2**32) is kept where the allocator keeps tags.
        With ``at``, the block begins there or nowhere.

        O(log holes) for first, next, best and worst fit and buddy, plus the holes that an alignment above the
        granularity makes it reject; O(1) for TLSF, pool, bump and stack. The address index adds O(log blocks).

        Raises `OutOfSpaceError`, which is a MemoryError; `ZeroSizeError`, `TooLargeError`, `BadAlignmentError`,
        `BadBiasError`, `SizeOverflowError`, which are ValueErrors; `LimitExceededError`; with ``at`` also
        `RangeTakenError`, `BadStartError`, `MissingOptionError`, `UnsupportedError`.

        >>> import memcore
        >>> memcore.Allocator(1024).allocate(100, alignment=64, bias=16).start
        48
        """
    def allocate_many(self, /, sizes: "typing.Any", *, alignment: SupportsIndex = ..., bias: SupportsIndex = ..., tag: SupportsIndex = 0) -> "tuple[typing.Any, typing.Any]":
        """
        Hand out a block for each size, and return their starts and ids as two arrays of unsigned 64-bit integers.

        ``sizes`` is an array of integers (NumPy, ``array``, ``memoryview``) or an iterable of ints. The arrays are
        NumPy's where it is installed, memoryviews otherwise; both are read-only. Other threads run meanwhile. The ids
        are what ``free`` and ``free_many`` take; ``block(id)`` makes a `Block` of one.

        Raises `BatchError` at the first size that cannot be served; it has the ``index``, and the ``starts`` and
        ``ids`` of the blocks before, which stay allocated; its ``__cause__`` says why. After a KeyboardInterrupt the
        blocks stay allocated too, and iterating over the allocator finds them.

        >>> import memcore
        >>> arena = memcore.Allocator(1024)
        >>> starts, ids = arena.allocate_many([100, 200, 300])
        >>> starts.tolist()
        [0, 100, 300]
        >>> arena.free_many(ids)
        >>> arena.used
        0
        """
    def bar(self, /, width: SupportsIndex = 64) -> str:
        """
        The space as one line of at most ``width`` characters: ``#`` full, ``.`` free, ``x`` dead, and ``-``, ``=``,
        ``+`` for a part that is used up to a third, two thirds, and more. O(regions + width).

        Raises `BadParameterError` for a width of 0 or above 65536.
        """
    def block(self, block: "Block | int", /) -> Block:
        """
        The block that an id names, as it is now. O(1).

        Raises `StaleIdError`, `UnknownIdError`, `ForeignBlockError`.
        """
    def block_at(self, start: SupportsIndex, /) -> Block:
        """
        The block that begins at ``start``. O(log blocks), through the address index.

        Raises `UnknownStartError`, `MissingOptionError`.
        """
    def block_histogram(self, /) -> Histogram:
        """
        Live blocks by size. O(n).
        """
    def can_allocate(self, /, size: SupportsIndex, *, alignment: SupportsIndex = ..., bias: SupportsIndex = ...) -> bool:
        """
        Whether ``allocate`` would succeed. Changes nothing; complexity as ``allocate``.
        """
    @property
    def capabilities(self, /) -> Capabilities:
        """
        What the strategy can do.
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes of the space, after rounding down.
        """
    def checkpoint(self, /) -> Checkpoint:
        """
        Mark the state of a bump arena, for ``rewind``. O(1).

        Raises `UnsupportedError` for other strategies.
        """
    def commit(self, plan: CompactionPlan, /) -> None:
        """
        Make the places of a plan true, after its bytes were copied. Ids stay. O(moves) times a free.

        Raises `OutdatedPlanError` when the space has changed since, `ForeignPlanError`.
        """
    def containing(self, offset: SupportsIndex, /) -> Block:
        """
        The block that holds the byte at ``offset``. O(log blocks), through the address index.

        Raises `UnknownOffsetError`, `MissingOptionError`.
        """
    @property
    def dead_bytes(self, /) -> int:
        """
        Bytes that are neither used nor free yet. Complexity as ``stats``.
        """
    def free(self, block: "Block | int", /) -> None:
        """
        Take a block back: a `Block`, or its id as an int.

        An int is an id, never an address; for that there is ``free_at``. O(log holes), or O(1), as ``allocate``.

        Raises `DoubleFreeError` for a block that was freed before, however long ago; `UnknownIdError`;
        `ForeignBlockError` for a `Block` of another allocator (the id alone cannot tell); `NotTopError` on a stack.
        """
    def free_at(self, start: SupportsIndex, /) -> None:
        """
        Take back the block that begins at ``start``. O(log blocks) more than ``free``.

        Raises `UnknownStartError`, `MissingOptionError` without the address index, `UnsupportedError`, `NotTopError`.
        """
    @property
    def free_bytes(self, /) -> int:
        """
        Bytes in holes. Complexity as ``stats``.
        """
    def free_many(self, ids: "typing.Any", /) -> None:
        """
        Take back the blocks with these ids, an array of integers or an iterable of ints, in this order.

        Raises `BatchError` at the first id that cannot be freed; the ``index`` blocks before it are freed.
        """
    @property
    def granularity(self, /) -> int:
        """
        Starts and sizes are multiples of it.
        """
    def grow(self, capacity: SupportsIndex, /) -> None:
        """
        Make the space larger: it ends at ``capacity``, rounded down, afterwards.

        Raises `CapacityShrinkError`.
        """
    def hole_histogram(self, /) -> Histogram:
        """
        Holes by size. O(n).
        """
    @property
    def largest_hole(self, /) -> int:
        """
        Bytes of the largest hole. Complexity as ``stats``.
        """
    @property
    def largest_sure(self, /) -> int:
        """
        The largest size of which an unaligned request is sure to succeed now: less than the largest hole where the
        strategy rounds (TLSF, buddy) or has slots (pool). O(1).
        """
    def layout(self, /, width: SupportsIndex = 64, lines: SupportsIndex = 20) -> str:
        """
        A picture of the space as text: the bar, and a table of the first ``lines`` regions. ``str(allocator)`` is the
        same with the defaults. O(regions).

        >>> import memcore
        >>> arena = memcore.Allocator(1000)
        >>> _ = arena.allocate(300)
        >>> for line in arena.layout(width=10).splitlines():
        ...     print(line[:26])
        ###.......
        start    end   size  what
            0    300    300  block
          300   1000    700  hole
        """
    @property
    def limit(self, /) -> int | None:
        """
        The most bytes that live blocks may take together, rounding included; None for no limit. It can be set; blocks
        that are there already stay.
        """
    @limit.setter
    def limit(self, /, limit: SupportsIndex | None) -> None: ...
    @property
    def listener(self, /) -> Any | None:
        """
        What was given as ``listener``.
        """
    @property
    def max_blocks(self, /) -> int | None:
        """
        The most live blocks; None for as many as memory holds.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes that the tables hold now, without tags and address index.
        """
    @property
    def optional_bytes(self, /) -> int:
        """
        Bytes that tags and address index hold now.
        """
    def plan_compaction(self, /, bytes: SupportsIndex | None = None, moves: SupportsIndex | None = None, pinned: "typing.Iterable[Block | int] | None" = None) -> CompactionPlan:
        """
        Plan how to move blocks together: at most ``bytes`` in at most ``moves`` moves, and no block of ``pinned``.

        Changes nothing. O(blocks). Raises `UnsupportedError`; for what is pinned, `StaleIdError`, `UnknownIdError`,
        `ForeignBlockError`.
        """
    def regions(self, /) -> RegionIterator:
        """
        The regions of the space in address order, without gap or overlap: blocks, holes, dead bytes. A walk that the
        space changes under ends with a RuntimeError.
        """
    def reset(self, /) -> None:
        """
        Free every block. Their ids become stale; peaks and counts go on. O(blocks).
        """
    def resize(self, /, block: "Block | int", size: SupportsIndex) -> Block:
        """
        Change the size of a block where it is, and return it as it is then, with the same id.

        Shrinking always succeeds (on a stack or in a bump arena for the last block only); growing takes from the hole
        that follows. Complexity as ``allocate``.

        Raises `NoRoomInPlaceError`, with the most it could have; `ZeroSizeError`, `TooLargeError`,
        `SizeOverflowError`; `StaleIdError`, `UnknownIdError`, `ForeignBlockError`; `NotTopError`;
        `LimitExceededError`.
        """
    def rewind(self, checkpoint: Checkpoint, /) -> None:
        """
        Free whatever was allocated after the checkpoint. O(blocks rewound).

        Raises `BadCheckpointError` when the arena was rewound past it since, or it is of another arena.
        """
    def scope(self, /) -> Scope:
        """
        A context: whatever is allocated in ``with arena.scope():`` is freed at its end.
        """
    def set_tag(self, /, block: "Block | int", tag: SupportsIndex) -> None:
        """
        Replace the tag of a block. O(1).

        Raises `MissingOptionError` for an allocator made without tags, `StaleIdError`, `UnknownIdError`,
        `ForeignBlockError`.
        """
    @property
    def stats(self, /) -> Stats:
        """
        The figures of the space, at this moment. O(1); for TLSF O(holes in its largest bin).
        """
    @property
    def strategy(self, /) -> str:
        """
        The strategy with its parameters, as text that makes another one like it.
        """
    def tag_of(self, block: "Block | int", /) -> int:
        """
        The tag of a block. O(1).

        Raises `MissingOptionError` for an allocator made without tags, `StaleIdError`, `UnknownIdError`,
        `ForeignBlockError`.
        """
    @property
    def tags(self, /) -> bool:
        """
        Whether blocks have tags.
        """
    def usage_by_tag(self, /) -> "dict[int, TagUsage]":
        """
        What lives under each tag, tags ascending: a leak report when everything should be free. O(n log tags).

        Raises `MissingOptionError` for an allocator made without tags.

        >>> import memcore
        >>> arena = memcore.Allocator(1024, tags=True)
        >>> _ = arena.allocate(100, tag=7), arena.allocate(50, tag=7)
        >>> arena.usage_by_tag()
        {7: TagUsage(blocks=2, requested=150, used=150)}
        """
    @property
    def used(self, /) -> int:
        """
        Bytes in live blocks. O(1).
        """
    def validate(self, /) -> None:
        """
        Check every invariant of the tables. O(n log n).

        Raises `CorruptionError`: a defect of memcore.
        """

@final
class Area:
    """
    A range of pages of a process with one set of properties.
    """
    def __contains__(self, address: SupportsIndex, /) -> bool: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def end(self, /) -> int:
        """
        The address behind the last.
        """
    @property
    def file(self, /) -> int | None:
        """
        The number of its file; None for anonymous memory.
        """
    @property
    def flags(self, /) -> list[str]:
        """
        What else is said of it: ``"locked"``, ``"hugepage"``, ``"mergeable"`` and so on.
        """
    @property
    def huge_level(self, /) -> int:
        """
        The level of its huge pages, for those of the pool; 0 otherwise.
        """
    @property
    def is_shared(self, /) -> bool:
        """
        Writes are seen by all who map the same.
        """
    @property
    def kind(self, /) -> str:
        """
        ``"anonymous"``, ``"file"`` or ``"shared-anonymous"``.
        """
    @property
    def length(self, /) -> int:
        """
        Bytes in it.
        """
    @property
    def name(self, /) -> str:
        """
        What it is for: ``"[heap]"``, ``"[stack]"``, ``"[text]"``, ``"[data]"``, ``"[bss]"``; empty for what mmap made.
        """
    @property
    def offset(self, /) -> int:
        """
        Where in the file it begins, in bytes.
        """
    @property
    def protection(self, /) -> str:
        """
        What may be done to its pages: ``"rw-"``.
        """
    @property
    def start(self, /) -> int:
        """
        The first address.
        """

@final
class Areas:
    """
    The areas of a process, in the order of their addresses: a sequence that shows itself as a table.
    """
    def __getitem__(self, key: Any, /) -> Any: ...
    def __iter__(self, /) -> Any: ...
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    def find(self, address: SupportsIndex, /) -> Area | None:
        """
        The area that an address lies in, or None. O(log areas).
        """

@final
class Arena:
    """
    Real bytes that are handed out one after the other, and taken back all at once or to a mark: every call is O(1).

    Calls from several threads are safe and take turns. As a context it is closed at the end.

    Parameters
    ----------
    memory:
        A number of bytes of the arena's own, or a writable buffer, as for `Heap`.
    limit:
        For memory of the arena's own: the bytes that it may grow to.

    Raises `BadMemoryError`, `BadParameterError`, `SystemCallError`; BufferError for a buffer that cannot serve.

    >>> import memcore
    >>> arena = memcore.Arena(bytearray(1000))
    >>> kept = arena.allocate(100, 1)
    >>> with arena.scope():
    ...     lost = arena.allocate(800, 1)
    >>> kept.alive, lost.alive, arena.used
    (True, False, 100)
    """
    def __bool__(self, /) -> bool:
        """
        An arena is true even when it is empty.
        """
    def __enter__(self, /) -> Arena: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of blocks.
        """
    def __new__(cls, /, memory: "typing.Any", *, limit: SupportsIndex | None = None) -> Arena: ...
    def __repr__(self, /) -> str: ...
    def allocate(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, zeroed: bool = False, tag: SupportsIndex = 0) -> HeapBlock:
        """
        Hand out ``size`` bytes (0 takes 1, and shows none) at a multiple of ``alignment``, a power of two.

        The contents are whatever was there, or zero. Raises `OutOfSpaceError`, `TooLargeError`, `BadAlignmentError`.
        """
    def blocks(self, /) -> list[HeapBlock]:
        """
        The blocks in the order in which they were handed out. O(n).
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes that can be used before the memory has to grow.
        """
    def checkpoint(self, /) -> int:
        """
        A mark to ``rewind`` to: the bytes that are used.
        """
    def close(self, /) -> None:
        """
        Give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    @property
    def footprint(self, /) -> int:
        """
        The most bytes that were ever used.
        """
    def reset(self, /) -> None:
        """
        Take back everything. O(blocks).

        Raises `HasViewsError` while somebody looks at any of it.
        """
    def rewind(self, checkpoint: SupportsIndex, /) -> None:
        """
        Take back whatever was handed out after the mark. O(blocks rewound).

        Raises `HasViewsError`, a BufferError, while somebody looks at a part of it; `BadCheckpointError` for a mark
        above what is used, or in the middle of a block. (A mark is a number: one that the arena was rewound past, and has
        grown over again since, cannot always be told from a good one.)
        """
    def scope(self, /) -> ArenaScope:
        """
        A context: whatever is handed out in ``with arena.scope():`` is taken back at its end.

        Raises `HasViewsError` at the end while somebody looks at a part of it.
        """
    def trim(self, /) -> int:
        """
        Give whole pages above what is used back to the system, and tell how many bytes: 0 in a buffer.
        """
    @property
    def used(self, /) -> int:
        """
        Bytes handed out, with what alignment takes.
        """

@final
class ArenaScope:
    """
    What ``with arena.scope():`` holds: at its end, whatever was handed out in it is taken back.
    """
    def __enter__(self, /) -> Arena: ...
    def __exit__(self, /, *exception: "object") -> "None": ...

@final
class Block:
    """
    A range of the space that somebody owns, as it was when it was asked for.

    A block is a value: it does not change when the allocator does. ``resize`` returns the block as it is afterwards,
    with the same id; the one before is equal to it, because equal is what has the same allocator and the same id.
    Where an int is wanted, a block is its ``start``:

    >>> import memcore
    >>> block = memcore.Allocator(1024).allocate(100)
    >>> memory = bytearray(1024)
    >>> memory[block] = 7
    >>> int(block), block.size, block.alive
    (0, 100, True)
    """
    def __copy__(self, /) -> Block:
        """
        A block is a value: its copy is itself.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "Block":
        """
        The same block of the copied allocator.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __index__(self, /) -> int: ...
    def __reduce__(self, /) -> "tuple[object, ...]": ...
    def __repr__(self, /) -> str: ...
    @property
    def alive(self, /) -> bool:
        """
        Whether it has not been freed. O(1).
        """
    @property
    def allocator(self, /) -> Allocator:
        """
        The allocator that it is a block of.
        """
    @property
    def end(self, /) -> int:
        """
        One past the last byte.
        """
    def free(self, /) -> None:
        """
        Give the block back: ``block.allocator.free(block)``.

        Raises `DoubleFreeError` for a block that was freed before, `NotTopError` on a stack.
        """
    @property
    def id(self, /) -> int:
        """
        Names the block for as long as it lives, and nothing afterwards: an int that is never 0.
        """
    @property
    def requested(self, /) -> int:
        """
        Bytes that were asked for.
        """
    @property
    def size(self, /) -> int:
        """
        Bytes that the block takes from the space: ``requested``, rounded up as the strategy does.
        """
    @property
    def start(self, /) -> int:
        """
        Offset of the first byte.
        """
    @property
    def tag(self, /) -> int:
        """
        The tag it was allocated with; 0 where the allocator keeps no tags.
        """

@final
class BlockIterator:
    """
    The live blocks in address order: what ``iter(allocator)`` gives. O(1) amortised for each.
    """
    def __iter__(self, /) -> BlockIterator: ...
    def __next__(self, /) -> Block: ...

@final
class Cache:
    """
    A cache of keys, which are numbers from 0 to ``2**64 - 1``, that decides by a replacement policy.

    It holds keys, no values: what they stand for is the caller's. Its memory follows what the policy remembers,
    however many keys go by. Calls from several threads are safe and take turns.

    Parameters
    ----------
    policy:
        A name, with parameters where it has some; `policies` lists the names. A policy that needs the future cannot
        serve.
    frames:
        How many keys are there at once at most.

    Raises `UnknownNameError`, `BadSpecError`, `BadParameterError`, `NeedsFutureError`.

    >>> import memcore
    >>> cache = memcore.Cache("lru", 2)
    >>> [cache.access(key) for key in (7, 8, 7, 9)]
    [False, False, True, False]
    >>> cache.evicted, 7 in cache, 8 in cache, len(cache)
    ((8,), True, False, 2)
    """
    def __contains__(self, key: SupportsIndex, /) -> bool: ...
    def __copy__(self, /) -> Cache:
        """
        A copy with the same keys and the same memory of the past.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "Cache": ...
    def __len__(self, /) -> int:
        """
        How many keys are there.
        """
    def __new__(cls, /, policy: str, frames: SupportsIndex) -> Cache: ...
    def __repr__(self, /) -> str: ...
    def access(self, /, key: SupportsIndex, write: bool = False) -> bool:
        """
        Access a key, which is there afterwards; True iff it was there before. ``evicted`` names who left for it.
        Expected O(1) beside the policy's own cost.
        """
    def access_many(self, /, keys: "typing.Any", writes: "typing.Any" = None) -> "typing.Any":
        """
        Access many keys, one after the other, and return which were there: an array of booleans.

        ``keys`` is an array of integers or an iterable of ints, ``writes`` a mask of the same length. Other threads
        run meanwhile, and Ctrl-C is answered; the accesses before it stay done. ``evicted`` speaks of the last access
        only.

        Raises `BadParameterError` for a mask of another length.

        >>> import memcore
        >>> memcore.Cache("fifo", 3).access_many([1, 2, 3, 1, 4, 1]).tolist()
        [False, False, False, True, False, False]
        """
    @property
    def evicted(self, /) -> tuple[typing.Any, ...]:
        """
        The keys that the last access evicted.
        """
    @property
    def frames(self, /) -> int:
        """
        How many keys are there at once at most.
        """
    def keys(self, /) -> "typing.Any":
        """
        The keys that are there, in no order: an array. O(keys remembered).
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of memory held.
        """
    @property
    def policy(self, /) -> str:
        """
        The policy with its parameters.
        """
    def remove(self, /, key: SupportsIndex) -> bool:
        """
        Drop a key, also from what the policy remembers of keys that left; True iff it was there. Expected O(1) beside
        the policy's own cost.
        """
    @property
    def stats(self, /) -> dict[str, int]:
        """
        Counts since the cache was made: accesses, hits, misses, evictions, writebacks.
        """

@final
class Capabilities:
    """
    What a strategy can do. Where an entry is False, the call raises `UnsupportedError`.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def allocate_at(self, /) -> bool:
        """
        ``allocate(..., at=start)`` works.
        """
    @property
    def checkpoint(self, /) -> bool:
        """
        ``checkpoint``, ``rewind`` and ``scope`` work.
        """
    @property
    def compaction(self, /) -> bool:
        """
        ``plan_compaction`` and ``commit`` work.
        """
    @property
    def find_by_address(self, /) -> bool:
        """
        ``free_at``, ``block_at`` and ``containing`` work, made as it was.
        """
    @property
    def free_in_any_order(self, /) -> bool:
        """
        Blocks may be freed in any order (else only the last one).
        """
    @property
    def reuses_freed(self, /) -> bool:
        """
        Freed bytes can be allocated again at once.
        """
    @property
    def tags(self, /) -> bool:
        """
        ``tag_of``, ``set_tag`` and ``usage_by_tag`` work, made as it was.
        """

@final
class Checkpoint:
    """
    A state of a bump arena, to rewind to.
    """
    def __repr__(self, /) -> str: ...
    @property
    def position(self, /) -> int:
        """
        Where the next block would have begun.
        """

@final
class Checks:
    """
    What a checked heap checks.

    A heap takes it, or its text: ``"none"``, ``"light"``, ``"full"``, ``"light:quarantine=1M,track=yes"``.

    Parameters
    ----------
    redzone:
        Bytes kept on each side of a block and looked at, a multiple of 16.
    poison:
        So many bytes of a block are filled when it is allocated (0xA5) and when it is freed (0xDD); None for all.
    quarantine:
        Bytes of freed blocks that are kept from reuse, in which late writes are found; None for all.
    track:
        Keep number and size of each allocation for ``leaks``.
    limit:
        The most bytes in use; None for no limit.
    guard_every:
        One allocation of so many gets pages of its own: an overrun there ends the process. 0 for none.
    guard_offset:
        How many allocations pass before the first that gets such pages.
    tools:
        Tell valgrind and AddressSanitizer, where the process runs under one of them.

    Raises `OutOfRangeError`; a heap raises `BadParameterError` for what it cannot check.

    >>> import memcore
    >>> memcore.Checks(redzone=32)
    Checks('light:redzone=32,quarantine=1M,track=yes')
    >>> memcore.Checks.parse("full").redzone
    64
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, *, redzone: SupportsIndex = ..., poison: SupportsIndex | None = ..., quarantine: SupportsIndex | None = ..., track: bool = True, limit: SupportsIndex | None = None, guard_every: SupportsIndex = 0, guard_offset: SupportsIndex = 0, tools: bool = False) -> Checks: ...
    def __reduce__(self, /) -> "tuple[object, ...]": ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def guard_every(self, /) -> int:
        """
        One allocation of so many gets pages of its own; 0 for none.
        """
    @property
    def guard_offset(self, /) -> int:
        """
        Allocations before the first that gets pages of its own.
        """
    @property
    def limit(self, /) -> int | None:
        """
        The most bytes in use; None for no limit.
        """
    @staticmethod
    def parse(text: str, /) -> Checks:
        """
        The checks that a text names.

        Raises `UnknownNameError`, `BadSpecError`.
        """
    @property
    def poison(self, /) -> int | None:
        """
        Bytes of a block that are filled; None for all.
        """
    @property
    def quarantine(self, /) -> int | None:
        """
        Bytes kept from reuse; None for all.
        """
    @property
    def redzone(self, /) -> int:
        """
        Bytes kept on each side of a block.
        """
    @property
    def tools(self, /) -> bool:
        """
        Whether valgrind and AddressSanitizer are told.
        """
    @property
    def track(self, /) -> bool:
        """
        Whether allocations are numbered for the leak report.
        """

@final
class Compaction:
    """
    What a compaction did.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def bytes(self, /) -> int:
        """
        Bytes moved.
        """
    @property
    def done(self, /) -> bool:
        """
        Nothing is left that could move, but for blocks larger than the whole budget.
        """
    @property
    def fragmentation_after(self, /) -> float:
        """
        External fragmentation afterwards.
        """
    @property
    def fragmentation_before(self, /) -> float:
        """
        External fragmentation beforehand.
        """
    @property
    def largest_hole_after(self, /) -> int:
        """
        The largest hole afterwards.
        """
    @property
    def largest_hole_before(self, /) -> int:
        """
        The largest hole beforehand.
        """
    @property
    def moves(self, /) -> int:
        """
        Blocks moved.
        """

@final
class CompactionPlan:
    """
    Moves that bring blocks together, so that small holes become one large one.

    An allocator knows ranges, not bytes. So copy the bytes in the order of ``moves``, each as ``memmove`` does, then
    make the new places true with ``allocator.commit(plan)``. Ids stay. A plan that is dropped costs nothing; one that
    is out of date is refused.

    >>> import memcore
    >>> arena = memcore.Allocator(1000)
    >>> first, second = arena.allocate(100), arena.allocate(200)
    >>> arena.free(first)
    >>> plan = arena.plan_compaction()
    >>> [(move.source, move.destination, move.size) for move in plan.moves]
    [(100, 0, 200)]
    >>> arena.commit(plan)
    >>> arena.block(second.id).start, arena.largest_hole
    (0, 800)
    """
    def __len__(self, /) -> int:
        """
        The number of moves.
        """
    def __repr__(self, /) -> str: ...
    @property
    def bytes(self, /) -> int:
        """
        Bytes to be copied.
        """
    @property
    def moves(self, /) -> list[Move]:
        """
        The moves, in the order in which their bytes have to be copied. O(moves).
        """

@final
class Curve:
    """
    A miss-ratio curve: the misses of one policy at some numbers of frames, ascending. `mrc` makes it.

    >>> import memcore
    >>> curve = memcore.mrc([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])
    >>> curve.frames.tolist(), curve.misses.tolist()
    ([1, 2, 3, 4, 5], [12, 12, 10, 8, 5])
    >>> curve.misses_at(3), curve.miss_ratio_at(1000)
    (10, 0.4166666666666667)
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int:
        """
        The number of points.
        """
    def __repr__(self, /) -> str: ...
    @property
    def accesses(self, /) -> int:
        """
        The references of the trace.
        """
    @property
    def frames(self, /) -> Any:
        """
        The numbers of frames: an array (unsigned 32 bits) over the curve's own memory.
        """
    def mean_absolute_error(self, /, other: Curve) -> float:
        """
        The mean absolute difference of the miss ratios from those of ``other``, over the numbers of frames of
        ``other``: how far a sampled curve is from the exact one.
        """
    def miss_ratio_at(self, /, frames: SupportsIndex) -> float:
        """
        ``misses_at(frames)`` over the references; 0 when there are none.
        """
    @property
    def miss_ratios(self, /) -> Any:
        """
        Misses / references at each: an array. O(points).
        """
    @property
    def misses(self, /) -> Any:
        """
        The misses at each: an array (unsigned 64 bits) over the curve's own memory.
        """
    def misses_at(self, /, frames: SupportsIndex) -> int:
        """
        The misses at so many frames: those of the greatest number of frames in the curve that is not above; all
        references when there is none. O(log points).
        """
    def plot(self, /, ax: "typing.Any" = None, **options: "typing.Any") -> "typing.Any":
        """
        Draw the curve with matplotlib, and return the axes; several curves in the same axes stand side by side.
        """
    @property
    def policy(self, /) -> str:
        """
        The policy with its parameters.
        """
    @property
    def sample_pages(self, /) -> int | None:
        """
        The most pages that were looked at, where their number was fixed.
        """
    @property
    def sample_rate(self, /) -> float | None:
        """
        The share of the pages that was looked at: 1 for an exact curve, None where their number was fixed.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        Policy, sample rate, frames and misses by their names, as in ``memcore mrc --json``.
        """
    @property
    def trace_name(self, /) -> str:
        """
        Where the trace is from.
        """

@final
class DoubleStack:
    """
    Two stacks in one range of real bytes, which grow towards each other: every call is O(1).

    What lives long goes on one end, what lives for a moment on the other; the free bytes between serve both. Calls from
    several threads are safe and take turns. As a context it is closed at the end.

    Parameters
    ----------
    memory:
        A number of bytes of the stacks' own, or a writable buffer, as for `Heap`.

    Raises `BadMemoryError`, `BadParameterError`, `SystemCallError`; BufferError for a buffer that cannot serve.

    >>> import memcore
    >>> stacks = memcore.DoubleStack(bytearray(1024))
    >>> level = stacks.push_low(300, 1)
    >>> mark = stacks.mark_high()
    >>> frame = stacks.push_high(700, 1)
    >>> stacks.free_bytes
    24
    >>> stacks.rewind_high(mark)
    >>> level.alive, frame.alive, stacks.used_low, stacks.used_high
    (True, False, 300, 0)
    """
    def __bool__(self, /) -> bool:
        """
        Two stacks are true even when they are empty.
        """
    def __enter__(self, /) -> DoubleStack: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of blocks of both stacks.
        """
    def __new__(cls, /, memory: "typing.Any") -> DoubleStack: ...
    def __repr__(self, /) -> str: ...
    def blocks(self, /) -> list[HeapBlock]:
        """
        The blocks of both stacks in address order. O(n).
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes in all.
        """
    def close(self, /) -> None:
        """
        Give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    @property
    def free_bytes(self, /) -> int:
        """
        Bytes between the stacks.
        """
    def mark_high(self, /) -> int:
        """
        Where the high stack begins, to ``rewind_high`` to.
        """
    def mark_low(self, /) -> int:
        """
        Where the low stack ends, to ``rewind_low`` to.
        """
    def push_high(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, tag: SupportsIndex = 0) -> HeapBlock:
        """
        Hand out ``size`` bytes (0 takes 1, and shows none) below the high stack, at a multiple of ``alignment``.

        The contents are whatever was there. Raises as ``push_low``.
        """
    def push_low(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, tag: SupportsIndex = 0) -> HeapBlock:
        """
        Hand out ``size`` bytes (0 takes 1, and shows none) above the low stack, at a multiple of ``alignment``.

        The contents are whatever was there. Raises `OutOfSpaceError`, `TooLargeError`, `BadAlignmentError`.
        """
    def reset(self, /) -> None:
        """
        Empty both stacks. O(blocks).

        Raises `HasViewsError` while somebody looks at any block.
        """
    def rewind_high(self, mark: SupportsIndex, /) -> None:
        """
        Take back what was pushed on the high stack after the mark. O(blocks rewound).

        Raises `HasViewsError`, a BufferError, while somebody looks at a part of it; `BadCheckpointError` for a mark
        below the high stack, past the memory, or in the middle of a block.
        """
    def rewind_low(self, mark: SupportsIndex, /) -> None:
        """
        Take back what was pushed on the low stack after the mark. O(blocks rewound).

        Raises `HasViewsError`, a BufferError, while somebody looks at a part of it; `BadCheckpointError` for a mark
        above the low stack, or in the middle of a block.
        """
    @property
    def used_high(self, /) -> int:
        """
        Bytes of the high stack, with what alignment takes.
        """
    @property
    def used_low(self, /) -> int:
        """
        Bytes of the low stack, with what alignment takes.
        """

@final
class Events:
    """
    The events that `Machine.listen` heard: a sequence of `MachineEvent`, the oldest first.

    As a context it stops listening at the end of the ``with`` block; so does ``stop``. What was heard stays.
    """
    def __enter__(self, /) -> Events: ...
    def __exit__(self, /, *_why: "object") -> "None": ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __iter__(self, /) -> Any: ...
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def clear(self, /) -> None:
        """
        Forget what was heard.
        """
    def columns(self, name: str, /) -> "dict[str, typing.Any]":
        """
        The events of one name as columns of equal length: ``index``, the place among all events, and the fields.
        Numbers and truths are NumPy arrays where it is installed, memoryviews otherwise; words are lists of str.
        """
    def counts(self, /) -> "dict[str, int]":
        """
        How many events there are of each name.
        """
    @property
    def dropped(self, /) -> int:
        """
        Events that were let go because there were more than ``limit``, the oldest first.
        """
    @property
    def is_listening(self, /) -> bool:
        """
        Still hears.
        """
    def stop(self, /) -> None:
        """
        Hear no more. O(listeners).
        """
    def to_dicts(self, /) -> "list[dict[str, typing.Any]]":
        """
        A dictionary for each event, with its name and its fields.
        """

@final
class File:
    """
    A file that processes of a machine can map, made by `Machine.open`.

    As a context it is closed at the end of the ``with`` block.
    """
    def __bool__(self, /) -> bool: ...
    def __enter__(self, /) -> File: ...
    def __exit__(self, /, *_why: "object") -> "None": ...
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def close(self, /) -> None:
        """
        Close it. What is mapped of it stays; when nothing is, its dirty pages are written.

        Raises `NoFileError` for a file that is closed, `MachineIOError`.
        """
    @property
    def content(self, /) -> bytes | None:
        """
        The bytes themselves, as they are behind the machine: what a process wrote is there after ``sync`` or a
        write-back. None for what the machine did not make from bytes.
        """
    @property
    def length(self, /) -> int:
        """
        Bytes in it.
        """
    @property
    def number(self, /) -> int:
        """
        The number that areas and events call it by.
        """
    def sync(self, /) -> None:
        """
        Write its dirty pages. O(its pages in memory).

        Raises `NoFileError`, `MachineIOError`.
        """
    def truncate(self, length: SupportsIndex, /) -> None:
        """
        Make it shorter or longer. Pages behind the end leave memory, private copies too, and accesses to them are a
        `BusError`.

        Raises `FileDeniedError`, `NoFileError`, `MachineIOError`.
        """

@final
class Group:
    """
    Processes that together may have so many pages in memory, made by `Machine.group`.
    """
    def __repr__(self, /) -> str: ...
    def add(self, process: Process, /) -> None:
        """
        A process joins; what it has in memory already stays with the group it had.

        Raises `NoProcessError`, `InvalidArgumentError` for a process of another machine.
        """
    @property
    def limit(self, /) -> int | None:
        """
        The most pages that it may have in memory; None for no limit. Setting it makes pages above it leave at once.
        """
    @limit.setter
    def limit(self, /, limit: SupportsIndex | None) -> None: ...
    @property
    def number(self, /) -> int:
        """
        Its number.
        """
    @property
    def used(self, /) -> int:
        """
        Pages of it in memory.
        """

@final
class Handle:
    """
    Names a block of a `HandleHeap`, wherever that moves: a writable buffer, whose views pin the block.

    A handle is a value: two are equal when they name the same block. A block is not freed when its handles are forgotten;
    ``HandleHeap.handles`` finds it.

    >>> import memcore
    >>> handle = memcore.HandleHeap(bytearray(4096)).allocate(4, zeroed=True)
    >>> with handle.pin() as view:
    ...     view[0] = 7
    ...     handle.pins
    1
    >>> handle.bytes(), handle.pins
    (b'\\x07\\x00\\x00\\x00', 0)
    """
    def __bool__(self, /) -> bool:
        """
        A handle is true, whatever it names.
        """
    def __buffer__(self, flags: SupportsIndex, /) -> "memoryview":
        """
        What ``memoryview`` of it is: the interpreter has this itself from 3.12 on, and type checkers look for it.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    @property
    def alive(self, /) -> bool:
        """
        Whether the block has not been freed. O(1).
        """
    def bytes(self, /) -> bytes:
        """
        A copy of the bytes. O(size).

        Raises `StaleHandleError`.
        """
    def free(self, /) -> int:
        """
        Take the block back, and tell how many bytes it was asked for with: ``handle.heap.free(handle)``.

        Raises `HeldError`, a BufferError, while it is pinned or locked; `StaleHandleError`; `NotTopError` on a stack.
        """
    @property
    def heap(self, /) -> HandleHeap:
        """
        The heap.
        """
    @property
    def id(self, /) -> int:
        """
        Names the block for as long as it lives, and nothing afterwards: an int that is never 0.
        """
    def lock(self, /) -> None:
        """
        Keep the block from being freed or resized until as many ``unlock``; it may move. O(1).

        Raises `StaleHandleError`, `OutOfMetadataError`.
        """
    @property
    def locks(self, /) -> int:
        """
        How often the block is locked. O(1).

        Raises `StaleHandleError`.
        """
    def pin(self, /) -> Pin:
        """
        A context that keeps the block where it is, and gives a writable memoryview of it.

        At the end the view is released. Arrays and slices of it keep the block pinned for as long as they are there.
        """
    @property
    def pins(self, /) -> int:
        """
        How many views of the block there are: each keeps it where it is. O(1).

        Raises `StaleHandleError`.
        """
    def resize(self, /, size: SupportsIndex) -> None:
        """
        Change the size (0 counts as 1). The handle stays, and so do the contents as far as both sizes reach.

        Raises `HeldError`, a BufferError, while it is pinned or locked; `StaleHandleError`; what ``allocate`` raises.
        """
    @property
    def size(self, /) -> int:
        """
        Bytes that the block was asked for with. ``len(handle)`` is the same. O(1).

        Raises `StaleHandleError`.
        """
    def unlock(self, /) -> None:
        """
        Take one lock away. O(1).

        Raises `NotHeldError`, `StaleHandleError`.
        """
    def write(self, /, data: "typing.Any", offset: SupportsIndex = ...) -> None:
        """
        Write the bytes of any buffer into the block, from ``offset`` on. O(bytes).

        Raises `BadParameterError` when they do not fit, `StaleHandleError`.
        """

@final
class HandleHeap:
    """
    Real bytes whose blocks move together while their handles stay.

    Whoever wants the bytes asks its `Handle`, and pins the block for as long as it looks at them: every view of a block
    is a pin. So fragmentation can fall while the program runs. Calls from several threads are safe and take turns. As a
    context it is closed at the end.

    Parameters
    ----------
    memory:
        A number of bytes of the heap's own, or a writable buffer, as for `Heap`.
    strategy:
        A name, with parameters where it has some; free lists, TLSF and pools can be compacted.
    limit:
        For memory of the heap's own: the bytes that it may grow to.

    Raises `UnknownNameError` or `BadSpecError` for the strategy, `BadMemoryError`, `BadParameterError`,
    `SystemCallError`; BufferError for a buffer that cannot serve.

    >>> import memcore
    >>> heap = memcore.HandleHeap(bytearray(4096), "first-fit")
    >>> first, second = heap.allocate(1000), heap.allocate(5)
    >>> second.write(b"hello")
    >>> first.free()
    1000
    >>> heap.compact().moves
    1
    >>> second.bytes(), heap.stats.external_fragmentation
    (b'hello', 0.0)
    """
    def __bool__(self, /) -> bool:
        """
        A heap is true even when it is empty.
        """
    def __enter__(self, /) -> HandleHeap: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of live blocks.
        """
    def __new__(cls, /, memory: "typing.Any", strategy: str = "tlsf", *, limit: SupportsIndex | None = None) -> HandleHeap: ...
    def __repr__(self, /) -> str: ...
    def allocate(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, zeroed: bool = False) -> Handle:
        """
        Hand out a block of ``size`` bytes (0 counts as 1), which begins at a multiple of ``alignment`` wherever it moves.

        Its contents are whatever was there, or zero. Time as the strategy's. Raises `OutOfSpaceError`,
        `OutOfMetadataError`, `MemoryLimitError`, which are MemoryErrors; `TooLargeError`, `BadAlignmentError`,
        `BadBiasError`, which are ValueErrors.
        """
    def close(self, /) -> None:
        """
        Give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    def compact(self, /, bytes: SupportsIndex | None = None, moves: SupportsIndex | None = None, seconds: SupportsFloat | SupportsIndex | None = None) -> Compaction:
        """
        Move blocks together, within a budget of bytes and moves, or for about so many seconds; and tell what came of it.

        Pinned blocks stay where they are. Work goes on where the last call ended; a call with nothing to do is O(1). Other
        threads run meanwhile.

        Raises `UnsupportedError` for strategies that cannot; `BadParameterError` for seconds that are negative, no
        number, or given together with bytes or moves; `OutOfMetadataError`, what was moved until then being moved.
        """
    def free(self, handle: Handle, /) -> int:
        """
        Take a block back, and tell how many bytes it was asked for with. Time as the strategy's.

        Raises `HeldError`, a BufferError, while it is pinned or locked; `StaleHandleError`, always, for one that was
        freed before; `ForeignHeapBlockError`; `NotTopError` on a stack.
        """
    def handles(self, /) -> list[Handle]:
        """
        The handles of the live blocks in address order. O(n).
        """
    @property
    def stats(self, /) -> Stats:
        """
        The figures of the heap. Time as the strategy's.
        """
    @property
    def strategy(self, /) -> str:
        """
        The strategy with its parameters, as text that makes another heap like it.
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(n log n).

        Raises `CorruptionError`.
        """

@final
class Heap:
    """
    Real bytes, handed out by any strategy: as memoryviews, NumPy arrays, addresses.

    Each address that comes back is checked, exactly and in constant time. Calls from several threads are safe and take
    turns. A block keeps its heap alive, and the heap its memory. As a context it is closed at the end.

    Parameters
    ----------
    memory:
        A number of bytes, which the heap takes from the system; or a writable buffer in one piece (bytearray, NumPy
        array, mmap, shared memory, ctypes array), in which it hands out places: the buffer stays exported until the
        heap is closed or gone.
    strategy:
        A name, with parameters where it has some; `strategies` lists the names. ``"size-classes"`` is the fastest, and
        has no headers.
    checks:
        What is checked on the way: a `Checks`, or its text, for instance ``"light"`` or ``"full"``. None for nothing
        but addresses.
    limit:
        For memory of the heap's own: the bytes that it may grow to.

    Raises `UnknownNameError` or `BadSpecError` for the strategy and the checks, `BadMemoryError`, `BadParameterError`,
    `SystemCallError`; BufferError for a buffer that cannot serve.

    >>> import memcore
    >>> heap = memcore.Heap(1 << 20)
    >>> numbers = heap.array((2, 3), "f8", zeroed=True)
    >>> numbers[1] = 7
    >>> numbers.sum()
    np.float64(21.0)
    >>> len(heap), heap.stats.used
    (1, 48)
    >>> del numbers
    >>> len(heap)
    0
    """
    def __bool__(self, /) -> bool:
        """
        A heap is true even when it is empty.
        """
    def __contains__(self, block: Any, /) -> bool:
        """
        Whether a block is live here.
        """
    def __enter__(self, /) -> Heap: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of live blocks.
        """
    def __new__(cls, /, memory: "typing.Any", strategy: str = "size-classes", *, checks: Checks | str | None = None, limit: SupportsIndex | None = None) -> Heap: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def address(self, /) -> int:
        """
        The address of the memory's first byte.
        """
    def allocate(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, zeroed: bool = False, tag: SupportsIndex = 0) -> HeapBlock:
        """
        Hand out a block of ``size`` bytes (0 takes 1, and shows none) at a multiple of ``alignment``, a power of two.

        Its contents are whatever was there, or zero. ``tag`` (below 2**32) is kept with it, for ``leaks``. Time as the
        strategy's: O(1) for size classes and TLSF.

        Raises `OutOfSpaceError` and `OutOfMetadataError`, which are MemoryErrors, `MemoryLimitError` too;
        `TooLargeError`, `BadAlignmentError`, which are ValueErrors; `LimitExceededError` for the limit of the checks.

        >>> import memcore
        >>> block = memcore.Heap(1 << 20).allocate(100, 64, zeroed=True)
        >>> block.address % 64, bytes(block) == bytes(100)
        (0, True)
        """
    def array(self, /, shape: "int | typing.Sequence[int]", dtype: "typing.Any" = None, *, alignment: SupportsIndex = ..., zeroed: bool = False, tag: SupportsIndex = 0) -> "typing.Any":
        """
        A NumPy array in a block of its own, which is freed when the array and all views of it are gone.

        Its contents are whatever was there, or zero. Raises as ``allocate``; TypeError for a ``dtype`` with objects.

        >>> import memcore
        >>> heap = memcore.Heap(bytearray(10_000))
        >>> heap.array(4, "u2", zeroed=True).tolist()
        [0, 0, 0, 0]
        """
    def block_at(self, address: SupportsIndex, /) -> HeapBlock:
        """
        The live block that begins at an address. O(log blocks).

        Raises `NotABlockError`, `NotInHeapError`.
        """
    def blocks(self, /) -> list[HeapBlock]:
        """
        The live blocks in address order. O(n).
        """
    def check(self, /) -> int:
        """
        Look at every live block, and every one in the quarantine, and tell how many they are. O(n), and the bytes
        looked at. Without checks there is nothing to look at.

        Raises the first that is wrong, in address order: `RedzoneSmashedError`, with the byte that was overrun;
        `FreedWrittenError`; `HeaderSmashedError`.

        >>> import ctypes
        >>> import memcore
        >>> heap = memcore.Heap(1 << 20, checks="light")
        >>> block = heap.allocate(10)
        >>> _ = ctypes.memset(block.address, 0, 11)
        >>> try:
        ...     heap.check()
        ... except memcore.RedzoneSmashedError as error:
        ...     error.offset, error.found
        (10, 0)
        """
    @property
    def checks(self, /) -> Checks:
        """
        What is checked.
        """
    def close(self, /) -> None:
        """
        Give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    def contains(self, address: SupportsIndex, /) -> bool:
        """
        Whether an address lies in the heap's memory, whatever is there. O(1).
        """
    def empty_quarantine(self, /) -> int:
        """
        Give back what waits in the quarantine, and tell how many bytes. O(blocks in it) frees.

        Raises the first write after a free that is found there, `FreedWrittenError`; it is empty all the same.
        """
    @property
    def found(self, /) -> int:
        """
        Mistakes that were found in blocks other than the one that a call was about: late writes, mostly.
        """
    def free(self, block: HeapBlock, /) -> None:
        """
        Take a block back. Time as the strategy's.

        Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `FreedBlockError`,
        `ForeignHeapBlockError`; `HeaderSmashedError` and, from a checked heap, `RedzoneSmashedError`: the block then
        stays as it is.
        """
    def free_address(self, address: SupportsIndex, /) -> int:
        """
        Take back the block that begins at an address, whatever number it is, and tell how many usable bytes it had.

        Raises `NotInHeapError`, `NotABlockError`, `FreedBlockError` where that is still known; else as ``free``.

        >>> import memcore
        >>> heap = memcore.Heap(1 << 20)
        >>> block = heap.allocate(100)
        >>> try:
        ...     heap.free_address(block.address + 16)
        ... except memcore.NotABlockError as error:
        ...     error.address == block.address + 16
        True
        >>> heap.free_address(block.address), block.alive
        (112, False)
        """
    @property
    def header(self, /) -> int:
        """
        Bytes in front of each block, as `replay` has to be told: 0 for size classes.
        """
    @property
    def last_found(self, /) -> Any | None:
        """
        The last of them, as an exception.
        """
    def leaks(self, /) -> list[Leak]:
        """
        Every live block, in the order of allocation where the heap tracks, else by address. O(n log n).

        Raises `OutOfMetadataError`.

        >>> import memcore
        >>> heap = memcore.Heap(1 << 20, checks="full")
        >>> _ = heap.allocate(100, tag=7)
        >>> [(leak.size, leak.tag, leak.number) for leak in heap.leaks()]
        [(100, 7, 1)]
        """
    @property
    def memory_bytes(self, /) -> int:
        """
        Bytes of memory that it has now.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of tables outside the blocks.
        """
    def release_smashed(self, block: HeapBlock, /) -> int:
        """
        Take back a block even though bytes around it were written over, and tell how many usable bytes it had.

        Raises as ``free``, but for what is smashed; `HeaderSmashedError` where the strategy's own header is.
        """
    @property
    def stats(self, /) -> Stats:
        """
        The figures of the heap; headers, redzones and rounding count as used. Time as the strategy's.
        """
    @property
    def strategy(self, /) -> str:
        """
        The strategy with its parameters, as text that makes another heap like it.
        """
    def trim(self, /) -> int:
        """
        Give whole pages that are free back to the system, and tell how many bytes: 0 in a buffer. O(holes).
        """
    def usable_size(self, address: SupportsIndex, /) -> int:
        """
        How many bytes of the block at an address can be used: at least those asked for. O(1).

        Raises as ``free_address``.
        """
    def validate(self, /) -> None:
        """
        Check every invariant of the tables, headers and redzones included. O(n log n).

        Raises `CorruptionError`.
        """

@final
class HeapBlock:
    """
    Bytes of a heap that somebody owns: a writable buffer.

    ``memoryview(block)``, ``numpy.frombuffer(block, ...)`` and whatever else takes a buffer work on the bytes
    themselves. A view keeps its block, and a block its heap, alive. While there are views a block cannot be freed or
    resized, nor its heap closed: that raises `HasViewsError`, a BufferError. A block is not freed when it is forgotten:
    free it, or use it as a context. Two are equal when they are the same block of the same heap.

    >>> import memcore
    >>> heap = memcore.Heap(1 << 20)
    >>> with heap.allocate(5) as block:
    ...     with memoryview(block) as view:
    ...         view[:] = b"hello"
    ...     bytes(block), len(block), block.views
    (b'hello', 5, 0)
    >>> block.alive
    False
    """
    def __bool__(self, /) -> bool:
        """
        A block is true also when it has no bytes.
        """
    def __buffer__(self, flags: SupportsIndex, /) -> "memoryview":
        """
        What ``memoryview`` of it is: the interpreter has this itself from 3.12 on, and type checkers look for it.
        """
    def __enter__(self, /) -> HeapBlock: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __exit__(self, /, *exception: "object") -> "None":
        """
        Frees the block, unless that was done.
        """
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    @property
    def address(self, /) -> int:
        """
        The address of the first byte, for ctypes and the like.
        """
    @property
    def alive(self, /) -> bool:
        """
        Whether it has not been freed.
        """
    def array(self, /, dtype: "typing.Any" = None, shape: "int | typing.Sequence[int] | None" = None) -> "typing.Any":
        """
        The bytes as a NumPy array; without ``shape`` as long as the block can hold. It is a view: the block cannot be
        freed before the array is gone.

        >>> import memcore
        >>> block = memcore.Heap(1 << 20).allocate(32, zeroed=True)
        >>> block.array("f8", (2, 2)).tolist()
        [[0.0, 0.0], [0.0, 0.0]]
        """
    def free(self, /) -> None:
        """
        Give the block back. Cost as that of its heap's ``free``.

        Raises `HasViewsError` while there are views, `FreedBlockError` the second time, and whatever else its heap's
        ``free`` raises: a ring takes back its oldest block alone, an arena and a double stack take back by marks.
        """
    @property
    def heap(self, /) -> Any:
        """
        The heap that it is a block of.
        """
    @property
    def offset(self, /) -> int:
        """
        Where it begins, counted from the first byte of the heap's memory. (A block with guard pages lies outside.)
        """
    def resize(self, /, size: SupportsIndex) -> None:
        """
        Change the size. The contents stay as far as both sizes reach; the block may be at another address afterwards.

        Raises `HasViewsError` while there are views, `FreedBlockError`, what ``allocate`` raises, `NoRoomInPlaceError`
        in a pool, `UnsupportedError` in an arena, a double stack and a ring.

        >>> import memcore
        >>> block = memcore.Heap(1 << 20).allocate(3)
        >>> memoryview(block)[:] = b"abc"
        >>> block.resize(1000)
        >>> bytes(block)[:3], len(block)
        (b'abc', 1000)
        """
    @property
    def size(self, /) -> int:
        """
        Bytes, as many as were asked for. ``len(block)`` is the same.
        """
    @property
    def tag(self, /) -> int:
        """
        The tag that it was allocated with.
        """
    @property
    def views(self, /) -> int:
        """
        How many buffers of it are exported: memoryviews and arrays, and slices of theirs together with them.
        """

@final
class Hierarchy:
    """
    A memory hierarchy, from the registers to the disk: caches of sets and ways, and what an access costs.

    Parameters
    ----------
    config:
        The name of a ready-made one (`hierarchies` lists them), or its parts in order, as text with blanks between or
        as an iterable of texts. A level is ``"l1d:size=32K,ways=8,line=64,policy=lru,latency=4"``, with the keys size,
        sets, ways, line, policy, write (back, through), allocate (yes, no), inclusion (inclusive, exclusive,
        non-inclusive), prefetch (none, next-line, stride), latency, serves (data, instruction, unified; by default as
        the name says); ``registers``, ``ram`` and ``disk`` have a latency, ``ram`` also size, page and policy.
        Latencies are in cycles from the processor's request to the answer.

    Calls from several threads are safe and take turns. Raises `UnknownNameError`, `BadSpecError`, `BadParameterError`,
    `BadLevelError`.

    >>> import memcore
    >>> memory = memcore.Hierarchy("l1:size=1K,ways=2,latency=1 ram:latency=101")
    >>> [memory.access(address) for address in (0, 1, 2, 3)]
    [101, 1, 1, 1]
    >>> memory.average_access_time()["average"], memory.stats()["l1"]["misses"]
    (26.0, 1)
    """
    def __new__(cls, /, config: "str | typing.Iterable[str]") -> Hierarchy: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str:
        """
        The counts as a table.
        """
    def _repr_html_(self, /) -> str: ...
    def access(self, /, address: SupportsIndex, size: SupportsIndex = ..., kind: str = "read") -> int:
        """
        Access ``size`` bytes at an address; the cycles that the processor waits. ``kind`` is read, write or fetch. An
        access that spans lines touches each. O(levels x ways) for each line.
        """
    @property
    def accesses(self, /) -> int:
        """
        The processor's accesses: each line that was loaded from, stored to or fetched from.
        """
    def average_access_time(self, /) -> "dict[str, typing.Any]":
        """
        Cycles an access, and where they pass: ``accesses``, ``average``, and ``shares``, a list of ``name``, ``cycles``
        and ``average`` (cycles there divided by all accesses), which add up.
        """
    @property
    def config(self, /) -> str:
        """
        The whole as text, which makes the same hierarchy again.
        """
    def contains(self, /, level: str, address: SupportsIndex) -> bool:
        """
        Whether a level has the line of an address; no access.

        Raises `UnknownNameError` for the level.
        """
    def count_register_accesses(self, /, accesses: SupportsIndex) -> None:
        """
        Count accesses that found their operands in registers: they take the registers' time and are part of the
        average.
        """
    def find(self, /, address: SupportsIndex) -> str | None:
        """
        The name of the first level that has the line of an address, or None; no access.
        """
    def flush(self, /) -> int:
        """
        Write everything dirty back and empty all levels; the lines written to the RAM. O(lines).
        """
    def invalidate(self, /, address: SupportsIndex, size: SupportsIndex = ...) -> int:
        """
        Drop the lines that hold any of ``size`` bytes at an address from all levels, as a device that writes to memory
        makes it happen; what was dirty is lost. How many lines were dropped.
        """
    @property
    def levels(self, /) -> list[str]:
        """
        The names of the levels, the nearest to the processor first.
        """
    def memory_stats(self, /) -> dict[str, int]:
        """
        The counts of RAM and disk: reads, prefetch_reads, writes, page_faults, page_evictions, page_writes, ram_cycles,
        disk_cycles.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of memory held.
        """
    def reset(self, /) -> None:
        """
        Everything as when it was made, counts included. O(lines).
        """
    def reset_stats(self, /) -> None:
        """
        Count from here on; the contents stay: after a warm-up, before a measurement.
        """
    def run(self, /, trace: "AccessTrace | str | os.PathLike[str]", *, progress: "typing.Callable[[int, int | None], object] | None" = None) -> int:
        """
        Drive a whole trace through, after what went before; the cycles that the processor waits for it.

        ``trace`` is an `AccessTrace`, or what `AccessTrace.open` takes, which is then read piece by piece: memory does
        not grow with it. ``progress`` is called as ``progress(done, total)`` with the accesses done. Other threads run
        meanwhile, and Ctrl-C is answered; the accesses before it stay counted. O(accesses x levels x ways).

        >>> import memcore
        >>> memory = memcore.Hierarchy("intel-skylake")
        >>> memory.run(memcore.AccessTrace.from_arrays([0, 8, 64, 0]))
        408
        """
    def stats(self, /) -> "dict[str, dict[str, typing.Any]]":
        """
        The counts of each level by its name: accesses, hits, misses, miss_ratio of loads, stores and fetches together;
        ``read``, ``write``, ``fetch``, ``prefetch`` with accesses and misses each; evictions, write_backs,
        writes_passed, prefetches, prefetches_useful, invalidations, cycles.
        """

@final
class Histogram:
    """
    How many blocks or holes there are of each size, by powers of two.

    Entry ``k`` counts sizes from ``2**k`` to ``2**(k+1) - 1``; trailing empty entries are left out.

    >>> import memcore
    >>> arena = memcore.Allocator(1024)
    >>> _ = arena.allocate(100), arena.allocate(20)
    >>> arena.block_histogram().buckets()
    [(16, 1, 20), (64, 1, 100)]
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def buckets(self, /) -> list[tuple[int, int, int]]:
        """
        The entries that are not empty, as (lowest size, regions, bytes).
        """
    @property
    def bytes(self, /) -> list[int]:
        """
        Bytes per entry.
        """
    @property
    def counts(self, /) -> list[int]:
        """
        Number of regions per entry.
        """

@final
class Leak:
    """
    A block that lives when the leak report is made.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def address(self, /) -> int:
        """
        Its first byte.
        """
    @property
    def number(self, /) -> int:
        """
        The how-manieth allocation it was, from 1 on; 0 where the heap does not track.
        """
    @property
    def size(self, /) -> int:
        """
        Bytes asked for.
        """
    @property
    def tag(self, /) -> int:
        """
        The tag that it was allocated with.
        """

@final
class Machine:
    """
    A computer's virtual memory: processes, page tables, TLBs, faults, swap, sharing, NUMA nodes. Deterministic: the
    same calls have the same outcome, to the cycle.

    Parameters
    ----------
    config:
        The name of a preset (`machines` lists them), the path of a TOML file, TOML text, or nested dictionaries with
        the same keys; ``preset`` names where it begins, ``"linux"`` unless given.
    overrides:
        Values laid over it: ``asids=0``, ``memory={"frames": 64}``, ``replacement={"policy": "lru"}``. A key may be
        dotted, ``**{"swap.pages": 100}``; an underscore stands for a hyphen; None takes what may be missing away.

    Calls from several threads are safe and take turns. Calls of a process raise a `VmError`, which is an OSError with
    the ``errno`` that Linux would give; accesses raise a `Fault`.

    Raises `UnknownNameError`, `BadConfigError`.

    >>> import memcore
    >>> machine = memcore.Machine("linux")
    >>> parent = machine.spawn()
    >>> address = parent.mmap(8192)
    >>> parent[address : address + 5] = b"hello"
    >>> child = parent.fork()
    >>> child[address] = ord("J")
    >>> parent[address : address + 5], child[address : address + 5]
    (b'hello', b'Jello')
    >>> machine.counters["cow"]
    1
    """
    def __copy__(self, /) -> Machine: ...
    def __deepcopy__(self, _memo: "object", /) -> Machine: ...
    def __new__(cls, /, config: "str | os.PathLike[str] | typing.Mapping[str, typing.Any] | None" = None, **overrides: "typing.Any") -> Machine: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    def buddyinfo(self, /) -> list[list[int]]:
        """
        The free blocks of each node: how many there are of 1, 2, 4 frames and so on.
        """
    @property
    def committed(self, /) -> int:
        """
        Pages promised to processes.
        """
    @property
    def compression(self, /) -> dict[str, int] | None:
        """
        What the compressed pool holds and refused; None where there is none.
        """
    @property
    def config(self, /) -> Any:
        """
        What was chosen, as nested dictionaries, which make the same machine again.
        """
    def copy(self, /) -> Machine:
        """
        A machine in the same state, which goes its own way. Files made from bytes are copied; those of the host and
        objects written in Python stand behind both machines. Nobody listens to it. O(everything).

        Raises `BadSnapshotError` for a machine with caches.
        """
    @property
    def counters(self, /) -> dict[str, int]:
        """
        How often each thing happened since the machine was made, by name.
        """
    @property
    def files(self, /) -> list[File]:
        """
        The files that are open.
        """
    @property
    def frames(self, /) -> int:
        """
        Frames, of all nodes together.
        """
    @property
    def free_frames(self, /) -> int:
        """
        Frames that nobody has.
        """
    def group(self, /, limit: SupportsIndex | None = None) -> Group:
        """
        A new group of processes, which together may have at most ``limit`` pages in memory.

        Raises `InvalidArgumentError`.
        """
    def inject(self, /, fault: str, slot: SupportsIndex | None = None, *, bit: SupportsIndex = ..., on: bool = True) -> None:
        """
        Make the swap device fail: ``"read"`` or ``"write"`` of a ``slot``, or of all without one; ``"flip"`` a ``bit``
        of a slot; ``"heal"`` it. With ``on=False`` all reads or writes work again.

        Raises `MachineIOError` for a slot that there is not, or that holds nothing.
        """
    def listen(self, /, *kinds: "str", limit: SupportsIndex | None = None, callback: "typing.Callable[[MachineEvent], object] | None" = None) -> Events:
        """
        Hear events from now on: `Events` that fill as things happen, or calls of ``callback(event)``.

        ``kinds`` are ``"access"``, ``"tlb"``, ``"walk"`` (these three for every access), ``"fault"``, ``"reclaim"``,
        ``"swap"``, ``"merge"``, ``"huge"``, ``"migrate"``, ``"flush"``, ``"process"``, ``"map"``, ``"rare"`` (all but
        the first three; the default) and ``"all"``. At most ``limit`` events are kept, the latest. A callback that calls
        the machine gets a `ReentrancyError`; what it raises is raised by the call that it heard of, which is done.

        >>> import memcore
        >>> machine = memcore.Machine("linux")
        >>> process = machine.spawn()
        >>> with machine.listen("fault") as events:
        ...     address = process.mmap(4096)
        ...     process.write(address, b"x")
        >>> [(event.name, event.served) for event in events]
        [('fault', 'zero-fill')]
        """
    def meminfo(self, /) -> "dict[str, int]":
        """
        Memory as ``/proc/meminfo`` tells it: a dictionary in bytes, whose text is as Linux prints it.
        """
    def merge_scan(self, /, pages: SupportsIndex, *, progress: "typing.Callable[[int, int | None], object] | None" = None) -> dict[str, int]:
        """
        Look at the next ``pages`` mergeable pages, and merge equal ones; what came of it. O(pages). Ctrl-C ends it.
        """
    @property
    def merging(self, /) -> dict[str, int]:
        """
        What merging has achieved: ``shared`` pages stand for ``sharing`` more; ``unshared``, ``volatile``,
        ``zero_pages``, ``full_scans``.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of memory held, beside the contents of frames.
        """
    def node_counters(self, number: SupportsIndex, /) -> dict[str, int]:
        """
        What was counted of the frames of a NUMA node.

        Raises `InvalidArgumentError`.
        """
    def numastat(self, /) -> list[dict[str, int]]:
        """
        The frames of each node, and how they were taken.
        """
    def open(self, /, source: "typing.Any", *, writable: bool | None = None) -> File:
        """
        Open something that can be mapped: bytes (a copy of them, or of any buffer), a path, a number of zeros, a file
        with ``read``, ``write`` and ``seek``, or an object with ``read(offset, length)``, ``write(offset, data)``,
        ``truncate(length)`` and ``len()``, which can do anything: fail, count, make its bytes up.

        ``writable`` says whether shared mappings may write; by default bytes and objects that have ``write`` are, and
        paths are not. What an object raises becomes a `BusError` of the access or a `MachineIOError` of the call that
        needed it, as its ``__cause__``. It must not call the machine.

        Raises OSError for a path, TypeError.

        >>> import memcore
        >>> machine = memcore.Machine("linux")
        >>> file = machine.open(b"hello")
        >>> process = machine.spawn()
        >>> address = process.mmap(5, "rw", file=file, shared=True)
        >>> process[address] = ord("J")
        >>> file.sync()
        >>> file.content
        b'Jello'
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes of a base page.
        """
    @property
    def paging(self, /) -> str:
        """
        The paging hardware, as text: ``"x86-64"``.
        """
    def process(self, number: SupportsIndex, /) -> Process:
        """
        The process with this number. O(1).

        Raises `NoProcessError`.
        """
    @property
    def processes(self, /) -> list[Process]:
        """
        The processes that live, in the order of their numbers.
        """
    def reclaim(self, /, pages: SupportsIndex, *, progress: "typing.Callable[[int, int | None], object] | None" = None) -> int:
        """
        Evict up to ``pages`` pages, as if memory were short; how many left. Ctrl-C ends it.
        """
    @staticmethod
    def restore(source: "str | os.PathLike[str] | bytes", *, files: "typing.Mapping[int, typing.Any] | None" = None, reopen: bool = False) -> Machine:
        """
        The machine that was saved, from a file or bytes: it goes on as the other would have.

        ``files`` says what stands behind its files now, by their numbers: whatever ``open`` takes. Without, those made
        from bytes or zeros are as they were saved; those of the host are opened by the path in the snapshot only with
        ``reopen``, since a snapshot from elsewhere may name any path. Nobody listens to it. O(everything).

        Raises `BadSnapshotError` for what is damaged, hostile or of another version; OSError as ``open`` does.

        >>> import memcore
        >>> machine = memcore.Machine("small")
        >>> process = machine.spawn()
        >>> address = process.mmap(4096)
        >>> process.write(address, b"hello")
        >>> again = memcore.Machine.restore(machine.to_bytes())
        >>> again.process(1).read(address, 5)
        b'hello'
        """
    def run(self, /, traces: "typing.Any", *, progress: "typing.Callable[[int, int | None], object] | None" = None, **options: "typing.Any") -> MachineRun:
        """
        What `run_machine` does for a machine that is made for it, on this one, with what is in it and who listens.
        The addresses of the traces must be free: ``layout={"flat": True}`` leaves all of them to the traces.
        """
    def save(self, path: "str | os.PathLike[str]", /) -> None:
        """
        Save the whole machine to a file; an old one is replaced once the new one is whole. O(everything).

        Raises `BadSnapshotError` for a machine with caches, `MachineIOError`.
        """
    def spawn(self, /) -> Process:
        """
        A process begins, with the layout that the configuration says.

        Raises `NoMemoryError`.
        """
    @property
    def thrashing(self, /) -> bool:
        """
        Of the pages evicted lately, so many come back that the machine is busy with nothing else.
        """
    @property
    def time(self, /) -> dict[str, int]:
        """
        Cycles since the machine was made, by cause.
        """
    def to_bytes(self, /) -> bytes:
        """
        The whole machine as bytes, which ``restore`` takes. O(everything).

        Raises `BadSnapshotError` for a machine with caches.
        """
    @property
    def toml(self, /) -> str:
        """
        The same as TOML.
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(pages + entries).

        Raises `CorruptionError`, which would be a defect of memcore.
        """
    def vmstat(self, /) -> "dict[str, int]":
        """
        Counts by the names of ``/proc/vmstat``, where Linux has one of the same meaning; a dictionary likewise.
        """

@final
class MachineEvent:
    """
    Something that happened in a machine.

    Its ``name`` is ``"access"``, ``"tlb-hit"``, ``"tlb-miss"``, ``"walk-step"``, ``"fault"``, ``"signal"``,
    ``"evict"``, ``"write-back"``, ``"swap-in"``, ``"pool-write-back"``, ``"merge"``, ``"collapse"``, ``"split"``,
    ``"migrate"``, ``"tlb-flush"``, ``"spawn"``, ``"exit"``, ``"kill"``, ``"map"``, ``"unmap"`` or ``"protect"``. Its
    fields are attributes, such as ``event.address``; which there are depends on the name, and ``fields`` has them all.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __getattribute__(self, name: str, /) -> Any: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def fields(self, /) -> Any:
        """
        The fields by their names.
        """
    @property
    def name(self, /) -> str:
        """
        What happened.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        The name and the fields in one dictionary.
        """

@final
class MachineRun:
    """
    What traces cost on one machine. The figures are those of ``memcore machine --json``, by the same names.
    """
    def __repr__(self, /) -> str: ...
    @property
    def accesses(self, /) -> int:
        """
        Accesses that were run; one that spans two pages is one.
        """
    @property
    def average(self, /) -> float:
        """
        Cycles an access: the effective access time.
        """
    @property
    def breakdown(self, /) -> dict[str, float]:
        """
        Each cause with its share of ``cycles`` in per cent, the largest first.
        """
    @property
    def counters(self, /) -> dict[str, int]:
        """
        What happened, by name.
        """
    @property
    def cycles(self, /) -> int:
        """
        Cycles that somebody waited for: all but those in the background.
        """
    @property
    def faults(self, /) -> int:
        """
        Faults, minor and major.
        """
    @property
    def frames(self, /) -> int:
        """
        Frames of the machine.
        """
    @property
    def name(self, /) -> str:
        """
        The name of the configuration.
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes of a base page.
        """
    @property
    def peak_rss(self, /) -> int:
        """
        The most pages in memory that were seen at once, of all processes together.
        """
    @property
    def peak_table_bytes(self, /) -> int:
        """
        The most bytes of page tables that were seen.
        """
    def series(self, /) -> "dict[str, typing.Any]":
        """
        The run over time, where ``series`` was given, as columns of equal length: ``accesses``, ``cycles``, ``faults``,
        ``major``, ``evicted`` so far; ``rss`` and ``free_frames`` then; ``is_thrashing``.
        """
    @property
    def skipped(self, /) -> int:
        """
        Accesses that were not run, because their process had been killed or the run was cut short.
        """
    @property
    def time(self, /) -> dict[str, int]:
        """
        Cycles by cause.
        """
    @property
    def tlb_miss_ratio(self, /) -> float:
        """
        Look-ups that no TLB served, as a share of all.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        Every figure by its name, as in ``memcore machine --json``.
        """

@final
class Move:
    """
    One block to be copied, by a copy that allows overlap.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def destination(self, /) -> int:
        """
        Where it goes.
        """
    @property
    def id(self, /) -> int:
        """
        The block.
        """
    @property
    def size(self, /) -> int:
        """
        Its size.
        """
    @property
    def source(self, /) -> int:
        """
        Where it is.
        """

@final
class Note:
    """
    Something that a reader left out or noticed, with a reason, how often, and where first.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def count(self, /) -> int:
        """
        How often; for the two ``stated`` kinds, the number stated.
        """
    @property
    def first(self, /) -> int:
        """
        Where first: a line from 1 in a text format, an operation from 0 otherwise.
        """
    @property
    def kind(self, /) -> str:
        """
        A short name: ``"null-free"``, ``"unmatched-free"``, ...
        """
    @property
    def reason(self, /) -> str:
        """
        What happened and what was done about it.
        """

@final
class PageTrace:
    """
    Which page each reference of a program is to, numbered densely once for every simulation.

    A trace is made by ``PageTrace.open``, ``from_bytes``, ``from_arrays``, ``from_accesses`` or ``generate``, and
    never changes. It takes 4 bytes a reference, one more when not all are reads, and a table of the distinct pages. Equal traces have
    equal references, keys, kinds and page sizes.

    >>> import memcore
    >>> trace = memcore.PageTrace.from_arrays([7, 0, 1, 2, 0])
    >>> trace.references.tolist(), trace.keys.tolist()
    ([0, 1, 2, 3, 1], [7, 0, 1, 2])
    """
    def __copy__(self, /) -> PageTrace:
        """
        A trace never changes: its copy is itself.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "PageTrace": ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int:
        """
        The number of references.
        """
    def __reduce_ex__(self, /, protocol: SupportsIndex) -> "tuple[object, ...]":
        """
        Taken apart into its columns, which protocol 5 can send out of band, without a copy. The format and the notes
        stay behind.
        """
    def __repr__(self, /) -> str: ...
    @staticmethod
    def _restore(name: str, order: str, page_size: SupportsIndex, references: "typing.Any", keys: "typing.Any", kinds: "typing.Any") -> PageTrace:
        """
        The trace of what ``__reduce_ex__`` took apart.
        """
    @property
    def comment(self, /) -> str | None:
        """
        The comment that memcore's own format carries; of a generated trace, the workload with all its keys.
        """
    @property
    def events(self, /) -> int:
        """
        How many address-space events (mmap, munmap, ...) stood between the references.
        """
    @property
    def format(self, /) -> str:
        """
        What it was read from: memcore, pgtr, page-text, lackey, dinero, numbers, csv, msr, oracle-general, lcs, vscsi,
        champsim, drmemtrace; or built.
        """
    @staticmethod
    def from_accesses(trace: AccessTrace, page_size: SupportsIndex | None = None) -> PageTrace:
        """
        The trace of the pages that accesses touch, of ``page_size`` bytes each; by default as for ``open``. Expected
        O(references).

        >>> import memcore
        >>> accesses = memcore.AccessTrace.from_arrays([0x1ffc, 0x2000], sizes=[8, 8])
        >>> memcore.PageTrace.from_accesses(accesses).references.tolist()
        [0, 1, 1]
        """
    @staticmethod
    def from_arrays(pages: "typing.Any", writes: "typing.Any" = None, kinds: "typing.Any" = None) -> PageTrace:
        """
        The trace of references to these pages, named by any numbers from 0 to ``2**64 - 1``: an array of integers of
        any type and layout, or an iterable of ints.

        ``writes`` is a mask of the references that write; or ``kinds`` tells all: 0 read, 1 write, 2 execute. The
        pages are copied once. Expected O(references).

        Raises `TraceError` with the ``operation`` that cannot be taken, `OutOfRangeError` for a negative number,
        `BadParameterError` for a kind, for a column of another length, and for both columns at once.

        >>> import memcore
        >>> trace = memcore.PageTrace.from_arrays([5, 6, 5], writes=[False, True, False])
        >>> trace.kinds.tolist()
        [0, 1, 0]
        """
    @staticmethod
    def from_bytes(content: "bytes", name: str = "<bytes>", page_size: SupportsIndex | None = None, format: str | None = None, *, max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> PageTrace:
        """
        Read a trace from the content of a file; ``name`` stands for it in errors. Otherwise as ``open``.

        >>> import memcore
        >>> memcore.PageTrace.from_bytes(b" S 1ffc,8\\n L 2000,4\\n").keys.tolist()
        [1, 2]
        """
    @staticmethod
    def generate(workload: str, *, progress: "typing.Callable[[int, int | None], object] | None" = None) -> PageTrace:
        """
        A trace from a seed: ``"zipf:pages=10000,references=1000000,seed=1"``.

        The patterns are zipf, uniform, sequential, loop, scan, stack-distance and phases; every key has a default. The
        same text gives the same trace everywhere. ``progress`` as for ``open``.

        Raises `UnknownNameError` and `BadSpecError` for the text.

        >>> import memcore
        >>> len(memcore.PageTrace.generate("loop:pages=100,references=5000"))
        5000
        """
    @property
    def keys(self, /) -> Any:
        """
        For each number the page that it stands for, the address divided by the page size: an array (unsigned 64 bits)
        over the trace's own memory, read-only.
        """
    @property
    def kinds(self, /) -> Any:
        """
        The kind of each reference, 0 read, 1 write, 2 execute: an array (unsigned 8 bits) over the trace's own memory,
        read-only. None when all are reads.
        """
    @property
    def name(self, /) -> str:
        """
        Where it is from: the path, the sample's name, the workload's text.
        """
    @property
    def notes(self, /) -> list[Note]:
        """
        What the reader left out or noticed.
        """
    @staticmethod
    def open(path: "str | os.PathLike[str]", page_size: SupportsIndex | None = None, format: str | None = None, *, max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> PageTrace:
        """
        Read a trace of accesses or pages: a file, or the name of a bundled sample (`samples` lists them).

        The format is told by the content, compressed by gzip, xz or zstd or not; ``format`` names it where the content
        could be another's. Addresses become pages of ``page_size`` bytes, a power of two: by default 4096 for traces
        of addresses, the recorded size for traces of pages, 1 for plain numbers, which are pages already. An access
        that spans pages touches each once, in ascending order. ``max_events`` (default 2**30) bounds the references,
        ``max_expanded_bytes`` (default 16 GiB) what a compressed file may become. ``progress`` is called as
        ``progress(bytes_done, bytes_total)``. Other threads run meanwhile, and Ctrl-C is answered.

        Raises `TraceError` with the line or byte and the reason; `BadParameterError` for the page size,
        `UnknownNameError` for the format; OSError as ``open`` does.
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes of a page; 1 where the trace has no addresses, only numbers of pages or blocks.
        """
    @property
    def pages(self, /) -> int:
        """
        How many distinct pages there are.
        """
    def plot(self, /, ax: "typing.Any" = None) -> "typing.Any":
        """
        Draw time against pages with matplotlib, and return the axes: see `plot.page_map`.
        """
    @property
    def references(self, /) -> Any:
        """
        The page of each reference, by its number: an array (unsigned 32 bits) over the trace's own memory, read-only.
        """
    def save(self, /, path: "str | os.PathLike[str]", format: str | None = None) -> "dict[str, int]":
        """
        Write the trace to a file, and return what its format could not hold: empty when nothing was lost.

        ``format`` is memcore, pgtr, page-text or numbers; by default the file's name tells (``.pgtr``, ``.txt`` for
        page-text, ``.numbers``, anything else memcore). An ending ``.gz``, ``.xz`` or ``.zst`` compresses. A file of
        that name is replaced. Memory 24 bytes a run of equal references.

        Raises `UnknownNameError` for a format that is unknown or only read, OSError.
        """
    def summary(self, /, points: SupportsIndex = 512) -> AccessSummary:
        """
        What is in it, in numbers, with the working-set size over time in at most ``points`` points. O(references).
        """
    def to_bytes(self, /, format: str = "memcore") -> bytes:
        """
        The content of a file that ``save`` would write, uncompressed.
        """

@final
class PageTranslation:
    """
    What an address is translated to at this moment.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def frame(self, /) -> int:
        """
        The frame.
        """
    @property
    def is_accessed(self, /) -> bool:
        """
        The page was referenced.
        """
    @property
    def is_dirty(self, /) -> bool:
        """
        The page was written.
        """
    @property
    def node(self, /) -> int:
        """
        The node of the frame.
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes of the page.
        """
    @property
    def physical(self, /) -> int:
        """
        The physical address; for the shared page of zeros it lies behind all memory.
        """
    @property
    def protection(self, /) -> str:
        """
        What the entry allows now, ``"r--"``: less than the area where a write must copy first.
        """

@final
class PagingRow:
    """
    What one policy did with one trace on one number of frames.

    A miss is a reference to a page that is not resident, first references included; all frames are empty at first.
    The figures are those of ``memcore pages --json``, by the same names.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> "tuple[object, ...]": ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def _restore(policy: str, frames: SupportsIndex | None, accesses: SupportsIndex, misses: SupportsIndex, evictions: SupportsIndex | None, writebacks: SupportsIndex | None, dirty_at_end: SupportsIndex | None, resident_set: tuple[SupportsFloat | SupportsIndex, SupportsIndex] | None, metadata_bytes: SupportsIndex) -> PagingRow:
        """
        The row of what ``__reduce__`` took apart.
        """
    @property
    def accesses(self, /) -> int:
        """
        References.
        """
    @property
    def dirty_at_end(self, /) -> int | None:
        """
        Pages dirty and resident at the end, whose write-back is still to come; None where it was not counted.
        """
    @property
    def evictions(self, /) -> int | None:
        """
        Pages that lost their frame; None where a policy of one's own does not tell.
        """
    @property
    def frames(self, /) -> int | None:
        """
        The frames; None for a policy that chooses how many it takes.
        """
    @property
    def hits(self, /) -> int:
        """
        References to resident pages.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes that the simulation held beside the trace. They are those of how it was run: LRU at many sizes is had in
        one pass, by another structure than at one.
        """
    @property
    def miss_ratio(self, /) -> float:
        """
        ``misses / accesses``; 0 when there are no accesses.
        """
    @property
    def misses(self, /) -> int:
        """
        References to pages that were not resident.
        """
    @property
    def policy(self, /) -> str:
        """
        The policy with its parameters, or the name of the caller's own.
        """
    @property
    def resident_set(self, /) -> dict[str, float] | None:
        """
        How many pages were resident, ``mean`` and ``peak`` over the references, for a policy that chooses how many;
        None for others.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        Every figure by its name, as in ``memcore pages --json``.
        """
    @property
    def writebacks(self, /) -> int | None:
        """
        Dirty pages that were written, when they left or because the policy wanted them clean; None where it was not
        counted.
        """

@final
class PersistentBlock:
    """
    A block of an image that is only read.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def alignment(self, /) -> int:
        """
        What its offset is a multiple of.
        """
    @property
    def offset(self, /) -> int:
        """
        Where it begins, counted from the first byte of the image.
        """
    @property
    def size(self, /) -> int:
        """
        Bytes that it was asked for with.
        """

@final
class PersistentHeap:
    """
    A heap in a file or in shared memory, which another process, or another program in another language, opens again.

    Blocks are known by their ``offset`` from the first byte; `roots` are the 16 from which a program finds the others.
    A process that is killed in the middle of any call leaves an image that ``open`` brings to the state before the call
    or after it. There is one writer at a time: a file is locked, other memory is the program's to guard.

    Made by ``PersistentHeap.create`` and ``PersistentHeap.open``. Calls from several threads are safe and take turns. As
    a context it is closed at the end.

    >>> import memcore
    >>> memory = bytearray(4096)
    >>> with memcore.PersistentHeap.create(memory) as heap:
    ...     block = heap.allocate(5)
    ...     with memoryview(block) as view:
    ...         view[:] = b"hello"
    ...     heap.set_root(0, block)
    >>> heap = memcore.PersistentHeap.open(memory)
    >>> bytes(heap.root(0)), heap.recovery
    (b'hello', Recovery(clean=True, completed=False, blocks=1, bytes=5))
    """
    def __bool__(self, /) -> bool:
        """
        A heap is true even when it is empty.
        """
    def __enter__(self, /) -> PersistentHeap: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of live blocks.
        """
    def __repr__(self, /) -> str: ...
    def allocate(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, zeroed: bool = False) -> HeapBlock:
        """
        Hand out ``size`` bytes (0 counts as 1) whose offset is a multiple of ``alignment``, a power of two.

        The contents are whatever was there, or zero. Time as the strategy's, and O(log n).

        Raises `OutOfSpaceError`, `OutOfMetadataError`, which are MemoryErrors; `TooLargeError`, `BadAlignmentError`;
        `SystemCallError` when the file cannot grow.
        """
    def block(self, offset: SupportsIndex, /) -> HeapBlock:
        """
        The live block at an offset. O(log n).

        Raises `NotABlockError`, `NotInHeapError`; their ``address`` is the offset.
        """
    def blocks(self, /) -> list[HeapBlock]:
        """
        The live blocks in the order of their offsets. O(n log n).
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes of the image.
        """
    def close(self, /) -> None:
        """
        Mark the image as closed, see to it that it is kept, and give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views; `SystemCallError`. Every other call raises `ClosedError`
        afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    @staticmethod
    def create(memory: "typing.Any", size: SupportsIndex | None = None, *, strategy: str = "tlsf", limit: SupportsIndex | None = None) -> PersistentHeap:
        """
        Make an image in a file (a path: str or os.PathLike) or in a writable buffer; what was there is gone.

        A file gets ``size`` bytes, and may grow to ``limit``; of a buffer the first ``size`` are used, or all. ``strategy``
        is first, next, best or worst fit, or TLSF. O(1) in a file, else O(bytes).

        Raises `BadMemoryError` for a buffer of less than 1312 bytes, or that does not begin at a multiple of 8;
        `BadParameterError`, `UnknownNameError`, `BadSpecError`, `UnsupportedError`; `SystemCallError`, an OSError:
        `FileBusyError` for a file that another heap has open, `FileMissingError`, `FileForbiddenError`.
        """
    def free(self, block: HeapBlock | SupportsIndex, /) -> int:
        """
        Take a block back, a `HeapBlock` or its offset, and tell how many bytes it had. Roots that lead to it are none
        afterwards. O(log n), and the strategy's time.

        Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `NotABlockError`, `NotInHeapError`,
        `FreedBlockError`, `ForeignHeapBlockError`, `HeaderSmashedError`.
        """
    @property
    def generation(self, /) -> int:
        """
        How many calls have changed the image since it was made.
        """
    @staticmethod
    def open(memory: "typing.Any", *, limit: SupportsIndex | None = None) -> PersistentHeap:
        """
        Open the image in a file or a writable buffer: all of it is checked, and a call that a crash has cut is completed.

        A file may grow to ``limit``. ``recovery`` tells what was found. An image that is refused is not written to.
        O(n log n).

        Raises `BadImageError` with what does not hold, and where; `BadMemoryError`, `BadParameterError`,
        `OutOfMetadataError`, `SystemCallError` as ``create``.
        """
    @property
    def recovery(self, /) -> Recovery | None:
        """
        What ``open`` found; None for an image that was made.
        """
    def root(self, number: SupportsIndex, /) -> HeapBlock | None:
        """
        One of the 16 roots. O(log n).

        Raises `BadParameterError` for another number.
        """
    def set_root(self, /, number: SupportsIndex, block: HeapBlock | SupportsIndex | None) -> None:
        """
        Set a root to a `HeapBlock`, its offset, or None. What was written before, in blocks too, is in the image before
        the root. O(log n).

        Raises `BadParameterError` for another number; `NotABlockError`, `NotInHeapError`, `FreedBlockError`,
        `ForeignHeapBlockError`.
        """
    @property
    def stats(self, /) -> Stats:
        """
        The figures of the space behind the image's first 1280 bytes; a header of 32 bytes counts with its block.
        """
    def sync(self, /) -> None:
        """
        Return when all that was written, in blocks too, would survive a failure of the power. In a buffer it does
        nothing. Other threads run meanwhile.

        Raises `SystemCallError`.
        """
    def validate(self, /) -> None:
        """
        Check every invariant, and that the image says the same, word by word. O(n log n).

        Raises `CorruptionError`.
        """

@final
class PersistentView:
    """
    The image of a `PersistentHeap`, as it is now, read and never written: that of another process, for instance.

    The image is checked when the view is made, and its blocks are those of that moment; where a writer goes on, make
    another view once ``generation`` has changed, and let the writer see to it that it does not write meanwhile. A call
    that a crash has left in the image is seen as done. The buffer stays exported as long as the view lives.

    Parameters
    ----------
    buffer:
        Anything with bytes in one piece, read-only or not: bytes, mmap, shared memory.

    Raises `BadImageError`, `OutOfMetadataError`; BufferError for a buffer in several pieces.

    >>> import memcore
    >>> memory = bytearray(4096)
    >>> heap = memcore.PersistentHeap.create(memory)
    >>> heap.set_root(3, heap.allocate(5, zeroed=True))
    >>> heap.close()
    >>> view = memcore.PersistentView(bytes(memory))
    >>> view.bytes(view.root(3)), view.clean
    (b'\\x00\\x00\\x00\\x00\\x00', True)
    """
    def __bool__(self, /) -> bool:
        """
        A view is true even when there are no blocks.
        """
    def __buffer__(self, flags: SupportsIndex, /) -> "memoryview":
        """
        What ``memoryview`` of it is: the interpreter has this itself from 3.12 on, and type checkers look for it.
        """
    def __len__(self, /) -> int:
        """
        The number of blocks.
        """
    def __new__(cls, /, buffer: "typing.Any") -> PersistentView: ...
    def __repr__(self, /) -> str: ...
    def blocks(self, /) -> list[PersistentBlock]:
        """
        The live blocks in the order of their offsets. O(n).
        """
    def bytes(self, offset: SupportsIndex, /) -> bytes:
        """
        A copy of the bytes of the block at an offset. O(size).

        Raises as ``view``.
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes of the image.
        """
    @property
    def clean(self, /) -> bool:
        """
        Whether the last writer has closed the image.
        """
    @property
    def generation(self, /) -> int:
        """
        How many calls have changed the image since it was made.
        """
    def root(self, number: SupportsIndex, /) -> int | None:
        """
        The offset that a root leads to. O(1).

        Raises `BadParameterError` for a number that is not from 0 to 15.
        """
    def size(self, offset: SupportsIndex, /) -> int:
        """
        Bytes that the block at an offset was asked for with. O(log n).

        Raises as ``view``.
        """
    def view(self, offset: SupportsIndex, /) -> memoryview:
        """
        The bytes of the block at an offset, as a memoryview that cannot be written. O(log n).

        Raises `NotABlockError`; its ``address`` is the offset.
        """

@final
class Pin:
    """
    What ``with handle.pin():`` holds.
    """
    def __enter__(self, /) -> "memoryview": ...
    def __exit__(self, /, *exception: "object") -> "None": ...

@final
class PolicyFacts:
    """
    What kind of policy one is: see `policy_facts`.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def is_stack(self, /) -> bool:
        """
        More frames never mean more misses: Belady's anomaly cannot occur.
        """
    @property
    def needs_future(self, /) -> bool:
        """
        It decides by references to come: a whole trace can serve it, a cache cannot.
        """
    @property
    def parameters(self, /) -> tuple[typing.Any, ...]:
        """
        The names of its parameters.
        """
    @property
    def policy(self, /) -> str:
        """
        Its name with those of its parameters that are not as by default: reading it back gives the same policy.
        """
    @property
    def varies_allocation(self, /) -> bool:
        """
        The number of resident pages is the policy's own choice; the frames given to it are not used.
        """

@final
class Pool:
    """
    Equal slots of real bytes: every call is O(1), and there is no fragmentation.

    Nothing of the pool's own lies between the slots. Calls from several threads are safe and take turns. As a context
    it is closed at the end.

    Parameters
    ----------
    memory:
        A number of bytes of the pool's own, or a writable buffer, as for `Heap`.
    slot:
        Bytes of a slot, rounded up to the alignment.
    alignment:
        What slots begin at multiples of; a power of two.
    limit:
        For memory of the pool's own: the bytes that it may grow to.

    Raises `BadParameterError`, `BadAlignmentError`, `BadMemoryError`, `SystemCallError`; BufferError for a buffer that
    cannot serve.

    >>> import memcore
    >>> pool = memcore.Pool(bytearray(4096), 48)
    >>> first, second = pool.allocate(), pool.allocate()
    >>> second.address - first.address, len(first), len(pool)
    (48, 48, 2)
    >>> pool.free(first)
    >>> pool.allocate().address == first.address
    True
    """
    def __bool__(self, /) -> bool:
        """
        A pool is true even when it is empty.
        """
    def __enter__(self, /) -> Pool: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of live slots.
        """
    def __new__(cls, /, memory: "typing.Any", slot: SupportsIndex, *, alignment: SupportsIndex = ..., limit: SupportsIndex | None = None) -> Pool: ...
    def __repr__(self, /) -> str: ...
    @property
    def alignment(self, /) -> int:
        """
        What slots begin at multiples of.
        """
    def allocate(self, /, size: SupportsIndex | None = None, *, zeroed: bool = False, tag: SupportsIndex = 0) -> HeapBlock:
        """
        Hand out a slot, or of one the first ``size`` bytes: the one that was freed last, else the lowest never used.

        Its contents are whatever was there, or zero. Raises `OutOfSpaceError`; `TooLargeError` for more than a slot.
        """
    def blocks(self, /) -> list[HeapBlock]:
        """
        The live blocks in address order. O(n).
        """
    def close(self, /) -> None:
        """
        Give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    def contains(self, address: SupportsIndex, /) -> bool:
        """
        Whether an address lies in the pool's memory. O(1).
        """
    def free(self, block: HeapBlock, /) -> None:
        """
        Take a slot back.

        Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `FreedBlockError`,
        `ForeignHeapBlockError`.
        """
    def free_address(self, address: SupportsIndex, /) -> int:
        """
        Take back the slot that begins at an address, whatever number it is, and tell its size.

        Raises `NotInHeapError`, `NotABlockError`, `FreedBlockError`, `HasViewsError`.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of tables outside the slots.
        """
    def reset(self, /) -> None:
        """
        Take back every slot at once. O(slots ever used).

        Raises `HasViewsError` while somebody looks at any.
        """
    @property
    def slot(self, /) -> int:
        """
        Bytes of a slot.
        """
    @property
    def slots(self, /) -> int:
        """
        Slots in all, in the memory as it is.
        """
    @property
    def stats(self, /) -> Stats:
        """
        The figures of the pool. O(1).
        """
    def trim(self, /) -> int:
        """
        Give whole pages that are free back to the system, and tell how many bytes: 0 in a buffer. O(slots).
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(n log n).

        Raises `CorruptionError`.
        """

@final
class Process:
    """
    A process of a `Machine`: an address space, the calls of an operating system, and accesses to its memory.

    ``process[address]`` is a byte; ``process[start:end]`` are bytes, and can be assigned: any buffer of that length.
    Sizes are in bytes, and ranges are rounded to whole pages as on Linux. After its exit, or when it was killed, every
    call raises `NoProcessError`.

    >>> import memcore
    >>> process = memcore.Machine("linux").spawn()
    >>> address = process.mmap(4096, "rw")
    >>> process[address : address + 5] = b"hello"
    >>> process[address + 1]
    101
    >>> process.mprotect(address, 4096, "r")
    >>> process[address] = 0
    Traceback (most recent call last):
        ...
    memcore.SegmentationFault: write of 0x7ffff7ffe000 by process 1: accerr
    """
    FAULT_KINDS: Final[list[str]]
    """
    The names of the kinds of fault, in the order of the codes of ``access_many``.
    """
    def __eq__(self, other: object, /) -> bool: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __hash__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def _repr_html_(self, /) -> str: ...
    def access(self, /, address: SupportsIndex, length: SupportsIndex = ..., kind: str = "read") -> None:
        """
        Access bytes without moving any: ``"read"``, ``"write"`` or ``"execute"``. O(pages).
        """
    def access_many(self, /, addresses: "typing.Any", kinds: "typing.Any" = None, sizes: "typing.Any" = None, *, stop: bool = True, progress: "typing.Callable[[int, int | None], object] | None" = None) -> "typing.Any":
        """
        Access one address after the other: a whole trace in one call, in which other threads run and Ctrl-C is answered.

        ``addresses`` are an array of integers or an iterable of ints; ``kinds`` is the kind of all, or an array of 0
        read, 1 write, 2 execute; ``sizes`` is the bytes of all, or an array. The answer is an array of codes, 0 where
        the access went well: with ``stop`` the first fault is raised, with its ``index``; without, it is counted by
        the place of its kind in ``Process.FAULT_KINDS``, from 1, and the next access follows. ``progress`` is called as
        ``progress(done, total)``.

        >>> import memcore
        >>> process = memcore.Machine("linux").spawn()
        >>> address = process.mmap(8192)
        >>> process.access_many([address, 0, address + 4096], [0, 1, 1], stop=False).tolist()
        [0, 2, 0]
        """
    @property
    def areas(self, /) -> Areas:
        """
        Its areas, in the order of their addresses. O(areas).
        """
    def brk(self, end: SupportsIndex = ..., /) -> int:
        """
        Set the end of the heap, and return it; without an argument only tell it. As on Linux, a wish that cannot be
        had leaves the end where it is.
        """
    def collapse(self, /) -> int:
        """
        Look for ranges that could be huge pages, and make them such; how many were made. O(areas + entries).
        """
    def compare_exchange(self, /, address: SupportsIndex, expected: "typing.Any", new: "typing.Any") -> bool:
        """
        Write ``new`` where the bytes are ``expected``, with nothing in between; whether they were. Both are as long as
        each other and lie in one page. It is a write in either case.
        """
    @property
    def counters(self, /) -> dict[str, int]:
        """
        What was counted while it ran, by name.
        """
    def execute(self, /, address: SupportsIndex, length: SupportsIndex = ...) -> None:
        """
        Fetch instructions of so many bytes.
        """
    def exit(self, /) -> None:
        """
        End it. O(areas + entries).
        """
    def fork(self, /) -> Process:
        """
        A child with the same memory, which both share until one of them writes. O(areas + entries).

        Raises `NoMemoryError`.
        """
    @property
    def is_alive(self, /) -> bool:
        """
        It has not ended.
        """
    @property
    def layout(self, /) -> str:
        """
        Where its segments lie, as a drawing.
        """
    @property
    def machine(self, /) -> Machine:
        """
        The machine.
        """
    def madvise(self, /, start: SupportsIndex, length: SupportsIndex, advice: "str | int") -> None:
        """
        Say what the pages of a range are for: the name of an ``MADV_*`` in lower case, or its number. ``"dontneed"``,
        ``"willneed"``, ``"free"``, ``"cold"``, ``"pageout"``, ``"hugepage"``, ``"mergeable"``, ``"populate_write"``
        and so on. O(areas and pages in it).

        Raises `UnknownNameError`, `InvalidArgumentError`, `UnmappedError`.
        """
    def maps(self, /) -> str:
        """
        Its areas as ``/proc/PID/maps`` prints them.
        """
    def mark_next_touch(self, /, start: SupportsIndex, length: SupportsIndex) -> int:
        """
        The next access to each page of a range moves it to the node of whoever accesses it; how many pages were marked.
        """
    def mbind(self, /, start: SupportsIndex, length: SupportsIndex, policy: "str | None", nodes: SupportsGetItem[int, SupportsIndex] | None = None, weights: SupportsGetItem[int, SupportsIndex] | None = None) -> None:
        """
        The same for a range; ``policy=None`` for that of the process. O(areas).
        """
    def mincore(self, /, start: SupportsIndex, length: SupportsIndex) -> "typing.Any":
        """
        Which pages of a range are in memory: a truth for each, in an array of booleans. O(pages).
        """
    def mlock(self, /, start: SupportsIndex, length: SupportsIndex, *, on_fault: bool = False) -> None:
        """
        Keep the pages of a range in memory; with ``on_fault`` each once it is there. O(pages).

        Raises `NoMemoryError` above the limit, `UnmappedError`, `NotLockedError`.
        """
    def mmap(self, /, length: SupportsIndex, protection: "str | int | None" = None, *, at: SupportsIndex | None = None, fixed: bool = False, shared: bool = False, file: "File | None" = None, offset: SupportsIndex = ..., populate: bool = False, noreserve: bool = False, noreplace: bool = False, locked: bool = False, grows_down: bool = False, huge: SupportsIndex | None = None) -> int:
        """
        Map ``length`` bytes, and return where.

        Parameters
        ----------
        protection:
            Letters of ``"rwx"`` (``"rw"`` by default), ``"none"``, or bits as ``PROT_*``.
        at:
            The address that is wished for; with ``fixed`` the very address, whatever is mapped there, and with
            ``noreplace`` the very address unless something is mapped there.
        shared:
            Writes are seen by all who map the same, and reach the file.
        file, offset:
            The `File`, and where in it, in bytes; without, the memory begins as zeros.
        populate:
            Fault it in now.
        noreserve:
            No commit is charged.
        locked:
            As by ``mlock``.
        grows_down:
            A stack: it grows when the page below is touched.
        huge:
            From the pool of huge pages: the level of their entries, 1 for 2 MiB and 2 for 1 GiB on x86-64.

        O(log areas), and the pages where they are populated.

        Raises `InvalidArgumentError`, `NoMemoryError`, `RangeMappedError`, `FileDeniedError`, `NoFileError`.
        """
    def mprotect(self, /, start: SupportsIndex, length: SupportsIndex, protection: "str | int") -> None:
        """
        Change what may be done to a range. O(areas and pages in it).

        Raises `InvalidArgumentError`, `UnmappedError` at the first hole (what is before it is changed),
        `FileDeniedError`, `NoMemoryError`.
        """
    def mremap(self, /, start: SupportsIndex, old_length: SupportsIndex, new_length: SupportsIndex, *, move: bool = False, to: SupportsIndex | None = None) -> int:
        """
        Make a mapping longer or shorter, and return where it is: in place; with ``move`` elsewhere where it cannot grow;
        with ``to`` at that address, whatever is mapped there. O(pages moved).

        Raises `InvalidArgumentError`, `NotInOneAreaError`, `NoMemoryError`.
        """
    def msync(self, /, start: SupportsIndex, length: SupportsIndex) -> None:
        """
        Write the dirty pages of shared file mappings in a range. O(pages).

        Raises `UnmappedError`, `MachineIOError`.
        """
    def munlock(self, /, start: SupportsIndex, length: SupportsIndex) -> None:
        """
        Undo ``mlock``. O(pages).
        """
    def munmap(self, /, start: SupportsIndex, length: SupportsIndex) -> None:
        """
        Unmap a range; holes in it are no error. O(areas and pages in it).

        Raises `InvalidArgumentError`, `NoMemoryError` where a split would make too many areas.
        """
    @property
    def number(self, /) -> int:
        """
        Its number, from 1; no number is given twice.
        """
    @property
    def oom_points(self, /) -> int | None:
        """
        How near it is to be killed when memory runs out; None for one that never is.
        """
    def page_table(self, /) -> "list[dict[str, typing.Any]]":
        """
        Its page table, with equal neighbours in one row: dictionaries of ``start``, ``end``, ``level``, ``state``,
        ``number`` (the first frame, or page in swap), ``protection``, ``is_accessed``, ``is_dirty``, ``entries``.
        """
    def picture(self, /) -> str:
        """
        Its address space drawn with characters.
        """
    def read(self, /, address: SupportsIndex, length: SupportsIndex) -> bytes:
        """
        Read ``length`` bytes. Other threads run while many are read, and Ctrl-C is answered. O(bytes + pages).

        Raises a `Fault`: `SegmentationFault`, `BusError`, `OutOfMemoryKill`; `NoProcessError`.
        """
    def read_into(self, /, address: SupportsIndex, buffer: "typing.Any") -> int:
        """
        Read as many bytes as a writable buffer has, a bytearray or an array; how many. At a fault it stays as it was.
        """
    def set_node(self, node: SupportsIndex, /) -> None:
        """
        Run on the processor of this node from now on.
        """
    def set_oom_adjustment(self, adjustment: SupportsIndex, /) -> None:
        """
        Add to these points, from -1000 (never) to 1000 (first).
        """
    def set_policy(self, /, policy: str, nodes: SupportsGetItem[int, SupportsIndex] | None = None, weights: SupportsGetItem[int, SupportsIndex] | None = None) -> None:
        """
        On which nodes pages of the process are placed from now on: ``"default"``, ``"bind"``, ``"preferred"``,
        ``"interleave"`` or ``"weighted-interleave"``, with the nodes and, for the last, a weight for each.
        """
    def smaps(self, /) -> str:
        """
        What each area has in memory, as ``/proc/PID/smaps`` prints it. O(pages).
        """
    def status(self, /) -> "dict[str, int]":
        """
        What it is and has, as ``/proc/PID/status`` tells it: a dictionary in bytes, whose text is as Linux prints it.
        """
    @property
    def time(self, /) -> dict[str, int]:
        """
        Cycles while it ran, by cause.
        """
    def translate(self, address: SupportsIndex, /) -> PageTranslation | None:
        """
        What an address is translated to now; None where an access would fault for want of a page. No bit and no
        counter changes. O(levels).
        """
    @property
    def usage(self, /) -> dict[str, int]:
        """
        What it has, in pages: ``rss``, of which ``rss_anonymous``, ``rss_file``, ``rss_shared``; ``swapped``. O(1).
        """
    def view(self, /, address: SupportsIndex, length: SupportsIndex) -> "typing.Any":
        """
        A view of ``length`` bytes, which is read and written piece by piece as a memoryview is.
        """
    def walk(self, address: SupportsIndex, /) -> Walk:
        """
        The page walk of an address, entry by entry. Nothing changes. O(levels).
        """
    def write(self, /, address: SupportsIndex, data: "typing.Any") -> None:
        """
        Write the bytes of any buffer. At a fault those before it are written.
        """

@final
class Recovery:
    """
    What was found when a persistent heap was opened.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def blocks(self, /) -> int:
        """
        Live blocks.
        """
    @property
    def bytes(self, /) -> int:
        """
        Bytes that they were asked for with.
        """
    @property
    def clean(self, /) -> bool:
        """
        The last writer closed the image.
        """
    @property
    def completed(self, /) -> bool:
        """
        A call that a crash had cut was completed.
        """

@final
class Region:
    """
    A part of the space: a block, a hole, or dead bytes.
    """
    def __repr__(self, /) -> str: ...
    @property
    def block(self, /) -> Block | None:
        """
        The block, if it is one.
        """
    @property
    def end(self, /) -> int:
        """
        One past the last byte.
        """
    @property
    def kind(self, /) -> str:
        """
        ``"block"``, ``"hole"`` (can be allocated) or ``"dead"`` (neither yet, in a bump arena or a stack).
        """
    @property
    def size(self, /) -> int:
        """
        Length in bytes, never 0.
        """
    @property
    def start(self, /) -> int:
        """
        Offset of the first byte.
        """

@final
class RegionIterator:
    """
    The regions in address order, without gap or overlap: what ``allocator.regions()`` gives. O(1) for each.
    """
    def __iter__(self, /) -> RegionIterator: ...
    def __next__(self, /) -> Region: ...

@final
class ReplayRow:
    """
    What a program's trace costs with one allocator.

    The figures are those of ``memcore replay --json``, by the same names.
    """
    def __repr__(self, /) -> str: ...
    @property
    def align(self, /) -> int:
        """
        The alignment of each block.
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes of the space, after rounding down.
        """
    @property
    def external_fragmentation(self, /) -> dict[str, float]:
        """
        1 - largest hole / free, both below the end of the highest live block: ``mean``, ``max``, ``final``.
        """
    @property
    def failures(self, /) -> int:
        """
        Allocations and reallocs that were refused.
        """
    @property
    def footprint(self, /) -> int:
        """
        The highest end of a block ever.
        """
    @property
    def granularity(self, /) -> int:
        """
        Starts and sizes are multiples of it.
        """
    @property
    def header(self, /) -> int:
        """
        Bytes in front of each block.
        """
    @property
    def internal_fragmentation(self, /) -> dict[str, float]:
        """
        1 - live / used: ``mean``, ``max``, ``final``. Headers count as internal.
        """
    @property
    def latency_ns(self, /) -> dict[str, int] | None:
        """
        How long single operations took, at most 1/32 above the truth: ``p50``, ``p99``, ``p99.9``, ``max``. None
        unless measured.
        """
    @property
    def metadata_bytes(self, /) -> int | None:
        """
        The most bytes of the allocator's tables; None where it does not know.
        """
    @property
    def nanoseconds_per_operation(self, /) -> float | None:
        """
        The time of a whole pass, less that of an empty loop, over the operations: the best of three. None unless
        measured.
        """
    @property
    def operations(self, /) -> int:
        """
        The operations of the trace.
        """
    @property
    def peak_live(self, /) -> int:
        """
        The most bytes that the program had asked for at once, of the blocks that were placed.
        """
    @property
    def peak_used(self, /) -> int:
        """
        The most bytes in blocks at once, headers and rounding included.
        """
    @property
    def refused_frees(self, /) -> int:
        """
        Frees that were refused.
        """
    def series(self, /) -> "dict[str, typing.Any]":
        """
        The replay over time, as columns of equal length: ``operations`` done; ``live``, ``used``, ``footprint`` in
        bytes; ``external_fragmentation``, ``internal_fragmentation``; ``failures`` so far. Arrays as `Trace.columns`.
        """
    @property
    def skipped(self, /) -> int:
        """
        Reallocs and frees of blocks that were not there.
        """
    @property
    def strategy(self, /) -> str:
        """
        The strategy as text, or the name of the caller's own allocator.
        """
    @property
    def sufficient_capacity(self, /) -> int | None:
        """
        A capacity with which the whole trace succeeds, not the least one. None unless searched for and found.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        Every figure by its name, as in ``memcore replay --json``.
        """
    @property
    def utilisation(self, /) -> float:
        """
        ``peak_live / footprint``; 1 when the footprint is 0.
        """

@final
class Ring:
    """
    A ring of real bytes: records of any size, first in, first out, each in one piece. Every call is O(1).

    Calls from several threads are safe and take turns. As a context it is closed at the end.

    Parameters
    ----------
    memory:
        A number of bytes of the ring's own, or a writable buffer, as for `Heap`.

    Raises `BadMemoryError`, `BadParameterError`, `SystemCallError`; BufferError for a buffer that cannot serve.

    >>> import memcore
    >>> ring = memcore.Ring(bytearray(100))
    >>> first, second = ring.allocate(40, 1), ring.allocate(40, 1)
    >>> ring.release()
    40
    >>> third = ring.allocate(30, 1)
    >>> third.offset, len(ring), ring.used, ring.gaps, ring.free_bytes
    (0, 2, 70, 20, 10)
    """
    def __bool__(self, /) -> bool:
        """
        A ring is true even when it is empty.
        """
    def __enter__(self, /) -> Ring: ...
    def __exit__(self, /, *exception: "object") -> "None": ...
    def __len__(self, /) -> int:
        """
        The number of records.
        """
    def __new__(cls, /, memory: "typing.Any") -> Ring: ...
    def __repr__(self, /) -> str: ...
    def allocate(self, /, size: SupportsIndex, alignment: SupportsIndex = ..., *, tag: SupportsIndex = 0) -> HeapBlock:
        """
        Hand out ``size`` bytes (0 takes 1, and shows none) behind the newest record, at a multiple of ``alignment``.

        The contents are whatever was there. Raises `OutOfSpaceError` until older records are released;
        `TooLargeError`, `BadAlignmentError`, `OutOfMetadataError`.
        """
    def blocks(self, /) -> list[HeapBlock]:
        """
        The records, oldest first. O(n log n).
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes in all.
        """
    def close(self, /) -> None:
        """
        Give the memory back. A second time it does nothing.

        Raises `HasViewsError` while there are views. Every other call raises `ClosedError` afterwards.
        """
    @property
    def closed(self, /) -> bool:
        """
        Whether it is closed.
        """
    @property
    def free_bytes(self, /) -> int:
        """
        Bytes from the newest record around to the oldest: ``used + gaps + free_bytes == capacity``.
        """
    def front(self, /) -> HeapBlock | None:
        """
        The oldest record; None when there is none.
        """
    @property
    def gaps(self, /) -> int:
        """
        Bytes between the oldest and the newest record that belong to none.
        """
    @property
    def largest_hole(self, /) -> int:
        """
        The most bytes that a record of alignment 1 can have now.
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of tables outside the records.
        """
    def release(self, /, block: HeapBlock | None = None) -> int | None:
        """
        Take the oldest record back, and tell how many bytes it had; None when there is none. With ``block``, it must be
        that one.

        Raises `HasViewsError`, a BufferError, while somebody looks at its bytes; `NotOldestError`, `FreedBlockError`,
        `ForeignHeapBlockError`.
        """
    def reset(self, /) -> None:
        """
        Empty the ring. O(records).

        Raises `HasViewsError` while somebody looks at any record.
        """
    @property
    def used(self, /) -> int:
        """
        Bytes of records.
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(records).

        Raises `CorruptionError`.
        """

@final
class Scope:
    """
    What ``with arena.scope():`` holds: at its end, whatever was allocated in it is freed.

    >>> import memcore
    >>> arena = memcore.Allocator(1000, "bump")
    >>> kept = arena.allocate(100)
    >>> with arena.scope():
    ...     scratch = arena.allocate(500)
    >>> len(arena), scratch.alive
    (1, False)
    """
    def __enter__(self, /) -> Allocator: ...
    def __exit__(self, /, *exception: "object") -> "None": ...

@final
class SegmentDescriptor:
    """
    A segment descriptor of the x86 processors, from its 8 bytes as one little-endian number. Every number is one.

    >>> import memcore
    >>> flat = memcore.SegmentDescriptor(0x00CF92000000FFFF)
    >>> flat.kind, flat.writable, flat.offsets == (0, 2**32 - 1)
    ('data', True, True)
    >>> flat == memcore.SegmentDescriptor.of_size(0, 2**32)
    True
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, word: SupportsIndex) -> SegmentDescriptor: ...
    def __repr__(self, /) -> str: ...
    @property
    def accessed(self, /) -> bool:
        """
        Whether the processor has loaded it.
        """
    @property
    def available(self, /) -> bool:
        """
        AVL: free for the operating system.
        """
    @property
    def base(self, /) -> int:
        """
        The linear address of offset 0.
        """
    @property
    def big(self, /) -> bool:
        """
        D or B: 32-bit code or stack, or offsets up to 2**32 - 1 for expand-down data.
        """
    @property
    def conforming(self, /) -> bool:
        """
        Whether it is code that less privileged code may jump to.
        """
    @property
    def expand_down(self, /) -> bool:
        """
        Whether it is data whose valid offsets lie above the limit.
        """
    @property
    def granular(self, /) -> bool:
        """
        Whether the limit counts units of 4096 bytes.
        """
    def holds(self, /, offset: SupportsIndex, size: SupportsIndex) -> bool:
        """
        Whether every one of ``size`` bytes from ``offset`` on is valid.
        """
    @property
    def kind(self, /) -> str:
        """
        ``"data"``, ``"code"`` or ``"system"``.
        """
    @property
    def limit(self, /) -> int:
        """
        The limit as it is written, 20 bits: the last offset, in bytes or in units of 4096.
        """
    @property
    def long(self, /) -> bool:
        """
        L: 64-bit code; without effect here.
        """
    @staticmethod
    def of_size(base: SupportsIndex, size: SupportsIndex, kind: str = "data", privilege: SupportsIndex = ..., *, writable: bool = True, expand_down: bool = False, readable: bool = True, conforming: bool = False, system_code: SupportsIndex = ..., present: bool = True, big: bool = True) -> SegmentDescriptor:
        """
        The descriptor of a present segment of so many bytes, in units of bytes up to 1 MiB and of 4096 bytes above.

        ``kind`` is ``"data"``, ``"code"`` or ``"system"``; ``writable`` and ``expand_down`` are of data, ``readable``
        and ``conforming`` of code, ``system_code`` of the system. For expand-down data, ``size`` is that below the
        valid offsets.

        Raises `BadParameterError`, `UnknownNameError`.
        """
    @property
    def offsets(self, /) -> tuple[int, int] | None:
        """
        The first and the last valid offset, or None when there is none.
        """
    @property
    def present(self, /) -> bool:
        """
        Whether the segment is in memory.
        """
    @property
    def privilege(self, /) -> int:
        """
        DPL, 0 (the kernel) to 3.
        """
    @property
    def readable(self, /) -> bool:
        """
        Whether it may be read: data, or code that allows it.
        """
    @property
    def system_code(self, /) -> int | None:
        """
        The type of a system descriptor, else None.
        """
    @property
    def word(self, /) -> int:
        """
        The 8 bytes, as one little-endian number.
        """
    @property
    def writable(self, /) -> bool:
        """
        Whether it is data that may be written.
        """

@final
class SegmentMemory:
    """
    A memory divided into segments, each in one piece, with real bytes.

    A segment is known by its number: it can grow, shrink, be swapped out and come back, and all can be moved together,
    and no program notices. Calls from several threads are safe and take turns.

    Parameters
    ----------
    capacity:
        Bytes.
    strategy:
        How the memory is divided; `strategies` lists the names.

    Raises `UnknownNameError` or `BadSpecError` for the strategy, `BadParameterError` for the capacity.

    >>> import memcore
    >>> memory = memcore.SegmentMemory(1000)
    >>> code, data = memory.create(400, "r-x"), memory.create(300)
    >>> memory.write(data, 100, b"hello")
    >>> memory.destroy(code)
    >>> memory.compact()
    {'moved': 1, 'bytes': 300}
    >>> memory.read(data, 100, 5), memory.rows()[0]["base"]
    (b'hello', 0)
    """
    def __copy__(self, /) -> SegmentMemory:
        """
        A copy with the same contents.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "SegmentMemory": ...
    def __new__(cls, /, capacity: SupportsIndex, strategy: str = "first-fit") -> SegmentMemory: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def can_compact(self, /) -> bool:
        """
        Whether the strategy can be compacted.
        """
    @property
    def capacity(self, /) -> int:
        """
        Bytes of the memory.
        """
    def compact(self, /, max_bytes: SupportsIndex | None = None, max_moves: SupportsIndex | None = None) -> dict[str, int]:
        """
        Move the segments together, towards address 0, in their order, within a budget of bytes and moves; what was done.
        O(segments log segments + bytes copied).

        Raises `UnsupportedError` for strategies that cannot.
        """
    def create(self, /, length: SupportsIndex, protection: str = "rw-") -> int:
        """
        Make a segment, all zero; its number. That of the segment that was destroyed last is used first. O(length) and
        an allocation.

        Raises `OutOfSpaceError`, which `compact` may cure, and whatever else the strategy refuses with.
        """
    def destroy(self, /, segment: SupportsIndex) -> None:
        """
        End a segment, in memory or swapped out.

        Raises `UnknownNumberError`.
        """
    def protect(self, /, segment: SupportsIndex, protection: str) -> None:
        """
        Change what may be done to a segment. O(1).

        Raises `UnknownNumberError`, `UnknownNameError`.
        """
    def read(self, /, segment: SupportsIndex, offset: SupportsIndex, size: SupportsIndex) -> bytes:
        """
        Read bytes of a segment. O(size). Raises as `translate`.
        """
    def resize(self, /, segment: SupportsIndex, length: SupportsIndex) -> bool:
        """
        Change the length of a segment, where it is or by moving it; True iff it moved. New bytes are zero. O(length).

        Raises `UnknownNumberError`, `SegmentSwappedError`, `OutOfSpaceError`.
        """
    def rows(self, /) -> "list[dict[str, typing.Any]]":
        """
        The segments by number, a dictionary each: its base is None while it is swapped out. O(segments).
        """
    @property
    def stats(self, /) -> Stats:
        """
        The figures of the memory, fragmentation among them. O(1).
        """
    @property
    def strategy(self, /) -> str:
        """
        How the memory is divided.
        """
    def swap_in(self, /, segment: SupportsIndex) -> int:
        """
        Bring a segment back, to wherever there is room; its new base. O(length).

        Raises `UnknownNumberError`, `AlreadyPresentError`, `OutOfSpaceError`.
        """
    def swap_out(self, /, segment: SupportsIndex) -> None:
        """
        Take a segment out of the memory; its bytes are kept. O(length).

        Raises `UnknownNumberError`, `SegmentSwappedError`.
        """
    def translate(self, /, segment: SupportsIndex, offset: SupportsIndex, size: SupportsIndex = ..., access: str = "read") -> int:
        """
        The address of the first byte of an access. O(1).

        Raises `UnknownNumberError`, `SegmentLimitError`, `SegmentProtectionError`, `SegmentSwappedError`, in this order.
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(segments log segments).

        Raises `CorruptionError`.
        """
    def write(self, /, segment: SupportsIndex, offset: SupportsIndex, data: bytes) -> None:
        """
        Write bytes of a segment. O(bytes). Raises as `translate`.
        """

@final
class SegmentUnit:
    """
    The segment unit of an x86 processor in protected mode: a global and perhaps a local table of descriptors, six
    registers, a privilege level.

    A register keeps the descriptor that it was loaded with, whatever becomes of the table. Selectors are numbers or
    `Selector` objects. Calls from several threads are safe and take turns.

    Parameters
    ----------
    gdt:
        The words of the global table, of which the first is never used.
    ldt:
        The words of the local table, or None.
    privilege:
        The current privilege level (CPL), 0 to 3. The registers are null.

    Raises `BadParameterError`.

    >>> import memcore
    >>> unit = memcore.SegmentUnit([0, 0x00CF9A000000FFFF, 0x004092001000000F])
    >>> unit.load("ds", 0x10)
    >>> hex(unit.translate("ds", 12, 4))
    '0x100c'
    >>> unit.translate("ds", 13, 4)
    Traceback (most recent call last):
        ...
    memcore.SegmentFaultError: #GP(0x0000): limit
    """
    def __copy__(self, /) -> SegmentUnit:
        """
        A copy in the same state.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "SegmentUnit": ...
    def __new__(cls, /, gdt: SupportsGetItem[int, SupportsIndex], ldt: SupportsGetItem[int, SupportsIndex] | None = None, privilege: SupportsIndex = ...) -> SegmentUnit: ...
    def __repr__(self, /) -> str: ...
    def descriptor(self, /, register: str) -> SegmentDescriptor | None:
        """
        The descriptor that a register holds in its hidden part, or None when it is null.

        Raises `UnknownNameError`.
        """
    def far_jump(self, /, selector: SupportsIndex, offset: SupportsIndex = ...) -> None:
        """
        Jump (or call) to code in another segment, without a gate; the privilege stays. O(1).

        Raises `SegmentFaultError`.
        """
    def far_return(self, /, code: SupportsIndex, offset: SupportsIndex = ..., stack: SupportsIndex = ...) -> None:
        """
        Return to code of the same or a less privileged level, which is the RPL of ``code``. To an outer level ``stack``
        is loaded too, and registers with data that the level may not have become null. O(1).

        Raises `SegmentFaultError`.
        """
    @property
    def gdt(self, /) -> list[int]:
        """
        The words of the global table; those that were loaded are marked as accessed.
        """
    @property
    def ldt(self, /) -> list[int] | None:
        """
        The words of the local table, or None. May be set; registers keep what they hold.
        """
    @ldt.setter
    def ldt(self, /, words: SupportsGetItem[int, SupportsIndex] | None) -> None: ...
    def load(self, /, register: str, selector: SupportsIndex) -> None:
        """
        Load a register, as MOV or POP do: data needs max(CPL, RPL) <= DPL, the stack needs all three equal and
        writable data, CS is loaded by a jump or return. O(1).

        Raises `SegmentFaultError`, `UnknownNameError`.
        """
    @property
    def privilege(self, /) -> int:
        """
        CPL, the current privilege level.
        """
    @property
    def registers(self, /) -> dict[str, Selector]:
        """
        The selectors of all registers, by name.
        """
    def selector(self, /, register: str) -> Selector:
        """
        The selector that a register holds.

        Raises `UnknownNameError`.
        """
    def set_entry(self, /, index: SupportsIndex, word: SupportsIndex, *, is_local: bool = False) -> None:
        """
        Replace an entry of a table. A register that was loaded from it keeps what it has. O(1).

        Raises `BadParameterError`.
        """
    def translate(self, /, register: str, offset: SupportsIndex, size: SupportsIndex = ..., access: str = "read") -> int:
        """
        The linear address of the first byte of an access through a register; the next ones follow modulo 2**32. O(1).

        Raises `SegmentFaultError`, `UnknownNameError`.
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(1).

        Raises `CorruptionError`.
        """

@final
class SegmentedPaging:
    """
    Segmented paging as in Multics: a process names segments, a segment consists of pages, a page lies in a frame.

    The page table belongs to the segment and the rights to the process, so that a segment is shared as a whole. Calls
    from several threads are safe and take turns.

    Parameters
    ----------
    page_size:
        Words of a page, any number from 1 on.
    frames:
        Frames.

    Raises `BadParameterError`.

    >>> import memcore
    >>> machine = memcore.SegmentedPaging(1024, frames=4)
    >>> process, file = machine.add_process(bound=8), machine.create_segment(2500)
    >>> machine.attach(process, 5, file, "r--")
    >>> machine.bring_in(file, 2)
    0
    >>> machine.translate(process, 5, 2060)
    12
    >>> print(machine.walk(process, 5, 100), end="")
    segment number 5 < bound 8: yes
    descriptor word 5: segment 0
    offset 100 < length 2500: yes
    read in ring 4 of r-- rings 7,7,7: yes
    page 0: missing
    fault: missing-page
    """
    def __copy__(self, /) -> SegmentedPaging:
        """
        A copy in the same state.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "SegmentedPaging": ...
    def __new__(cls, /, page_size: SupportsIndex, frames: SupportsIndex) -> SegmentedPaging: ...
    def __repr__(self, /) -> str: ...
    def add_process(self, /, bound: SupportsIndex) -> int:
        """
        Add a process whose segment numbers are those below ``bound``; its number, from 0 on. O(bound).
        """
    def attach(self, /, process: SupportsIndex, number: SupportsIndex, segment: SupportsIndex, modes: str = "r--", rings: tuple[SupportsIndex, SupportsIndex, SupportsIndex] | None = None, gates: SupportsIndex = ...) -> None:
        """
        Attach a segment to a process at a segment number. O(1).

        ``modes`` are like ``"rw-"``. ``rings`` are (r1, r2, r3): written in the rings 0 to r1, read in 0 to r2,
        executed in r1 to r2, called at the first ``gates`` words from r2 + 1 to r3. None: every ring, but what may be
        executed is written in ring 0 alone.

        Raises `UnknownNumberError`, `BadParameterError`, `TakenError`, `UnknownNameError`.
        """
    def bring_in(self, /, segment: SupportsIndex, page: SupportsIndex) -> int:
        """
        Put a page into a free frame, which is returned: the one that was freed last, and before any was freed in
        ascending order. O(1).

        Raises `UnknownNumberError`, `TakenError`, `OutOfFramesError`.
        """
    def call(self, /, process: SupportsIndex, number: SupportsIndex, offset: SupportsIndex, ring: SupportsIndex = ...) -> int:
        """
        Call a procedure: the ring in which it runs. Its page need not be in memory yet. O(1).

        Raises `MulticsFaultError`.
        """
    def create_segment(self, /, length: SupportsIndex) -> int:
        """
        Make a segment of so many words, all of whose pages are missing; its number, never given twice. O(pages).

        Raises `BadParameterError`.
        """
    def delete_segment(self, /, segment: SupportsIndex) -> None:
        """
        Delete a segment that no process has attached. O(pages).

        Raises `UnknownNumberError`, `SegmentAttachedError`.
        """
    def detach(self, /, process: SupportsIndex, number: SupportsIndex) -> int:
        """
        Detach what is attached at a segment number, and return which segment it was. O(1).

        Raises `UnknownNumberError`, `BadParameterError`.
        """
    @property
    def frames(self, /) -> int:
        """
        How many frames there are.
        """
    @property
    def free_frames(self, /) -> int:
        """
        How many of them are free.
        """
    def length(self, /, segment: SupportsIndex) -> int:
        """
        The length of a segment in words.

        Raises `UnknownNumberError`.
        """
    def page(self, /, segment: SupportsIndex, page: SupportsIndex) -> "dict[str, typing.Any]":
        """
        The page table's word of a page: frame, used, modified. O(1).

        Raises `UnknownNumberError`.
        """
    @property
    def page_size(self, /) -> int:
        """
        Words of a page.
        """
    def put_out(self, /, segment: SupportsIndex, page: SupportsIndex) -> "dict[str, typing.Any]":
        """
        Take a page out of its frame, and return its word as it was. O(1).

        Raises `UnknownNumberError`.
        """
    def set_length(self, /, segment: SupportsIndex, length: SupportsIndex) -> None:
        """
        Lengthen or shorten a segment; pages past its new end lose their frames. O(pages added or taken).

        Raises `UnknownNumberError`, `BadParameterError`.
        """
    def translate(self, /, process: SupportsIndex, number: SupportsIndex, offset: SupportsIndex, access: str = "read", ring: SupportsIndex = ...) -> int:
        """
        Refer to an offset of a segment: the address in memory. O(1).

        Raises `MulticsFaultError`, `UnknownNameError`.
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(frames + pages + segment numbers).

        Raises `CorruptionError`.
        """
    def walk(self, /, process: SupportsIndex, number: SupportsIndex, offset: SupportsIndex, access: str = "read", ring: SupportsIndex = ...) -> str:
        """
        The same step by step, a line each, and without setting anything. O(1).

        Raises `UnknownNameError`.
        """

@final
class Selector:
    """
    What a program puts into a segment register: an index into a table, and the privilege it asks with.

    >>> import memcore
    >>> selector = memcore.Selector(0x2B)
    >>> selector.index, selector.is_local, selector.privilege
    (5, False, 3)
    >>> memcore.Selector.of(5, privilege=3) == selector, int(selector)
    (True, 43)
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __index__(self, /) -> int: ...
    def __int__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, bits: SupportsIndex) -> Selector: ...
    def __repr__(self, /) -> str: ...
    @property
    def index(self, /) -> int:
        """
        The entry of the table.
        """
    @property
    def is_local(self, /) -> bool:
        """
        Whether the local table is meant.
        """
    @property
    def is_null(self, /) -> bool:
        """
        Whether it names nothing.
        """
    @staticmethod
    def of(index: SupportsIndex, *, is_local: bool = False, privilege: SupportsIndex = ...) -> Selector:
        """
        The selector of an entry of the global or the local table.

        Raises `BadParameterError`.
        """
    @property
    def privilege(self, /) -> int:
        """
        RPL, the requested privilege level.
        """

@final
class Stats:
    """
    The state of a space in figures, at one moment. All sizes in bytes.

    ``used + free + dead == capacity`` always.

    >>> import memcore
    >>> arena = memcore.Allocator(1000)
    >>> blocks = [arena.allocate(100) for _ in range(4)]
    >>> arena.free(blocks[1])
    >>> stats = arena.stats
    >>> stats.used, stats.free, stats.holes, stats.largest_hole
    (300, 700, 2, 600)
    >>> round(stats.external_fragmentation, 3)
    0.143
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def allocations(self, /) -> int:
        """
        Blocks ever allocated.
        """
    @property
    def blocks(self, /) -> int:
        """
        Live blocks.
        """
    @property
    def capacity(self, /) -> int:
        """
        Size of the space.
        """
    @property
    def dead(self, /) -> int:
        """
        In neither: not reusable yet (bump arena, stack).
        """
    @property
    def external_fragmentation(self, /) -> float:
        """
        1 - largest hole / free; 0 when nothing is free.
        """
    @property
    def footprint(self, /) -> int:
        """
        The highest end of a block ever.
        """
    @property
    def free(self, /) -> int:
        """
        In holes.
        """
    @property
    def frees(self, /) -> int:
        """
        Blocks ever freed.
        """
    @property
    def holes(self, /) -> int:
        """
        Holes.
        """
    @property
    def internal_fragmentation(self, /) -> float:
        """
        1 - requested / used; 0 when nothing is used.
        """
    @property
    def largest_hole(self, /) -> int:
        """
        The largest hole.
        """
    @property
    def peak_requested(self, /) -> int:
        """
        The most that ``requested`` ever was.
        """
    @property
    def peak_used(self, /) -> int:
        """
        The most that ``used`` ever was.
        """
    @property
    def requested(self, /) -> int:
        """
        Asked for, in live blocks.
        """
    def to_dict(self, /) -> "dict[str, int | float]":
        """
        Every figure by its name.
        """
    @property
    def used(self, /) -> int:
        """
        In live blocks.
        """
    @property
    def utilisation(self, /) -> float:
        """
        Peak of the requested bytes / footprint; 1 when nothing was ever allocated.
        """

@final
class Summary:
    """
    A trace in numbers.

    *Live bytes* is the sum of the requested sizes of the live blocks; a moving realloc counts its new size only. A
    *lifetime* is the number of operations from a block's allocation to its free. Operations on blocks that are not
    live count in their kind and as absent, nowhere else.

    >>> import memcore
    >>> trace = memcore.Trace.from_arrays([0, 0, 4], [1, 2, 1], [100, 50, 0])
    >>> summary = trace.summary()
    >>> summary.peak_live_bytes, summary.end_live_bytes, summary.operations["free"]
    (150, 50, 1)
    >>> summary.sizes
    [(32, 1), (64, 1)]
    """
    def __repr__(self, /) -> str: ...
    @property
    def absent_operations(self, /) -> int:
        """
        Reallocs and frees of blocks that were not live.
        """
    @property
    def blocks(self, /) -> int:
        """
        Blocks that were allocated.
        """
    @property
    def cross_thread_frees(self, /) -> int:
        """
        Frees by another thread than the allocating one.
        """
    @property
    def end_live_blocks(self, /) -> int:
        """
        Blocks live at the end.
        """
    @property
    def end_live_bytes(self, /) -> int:
        """
        Requested bytes live at the end.
        """
    @property
    def largest_alignment(self, /) -> int:
        """
        The largest alignment asked for; 1 when none was.
        """
    @property
    def largest_size(self, /) -> int:
        """
        The largest size asked for.
        """
    @property
    def lifetimes(self, /) -> list[tuple[int, int]]:
        """
        Lifetimes of the blocks that were freed, in operations, by power of two, as ``sizes``.
        """
    @property
    def operations(self, /) -> dict[str, int]:
        """
        Operations by kind: malloc, calloc, aligned, realloc, free.
        """
    @property
    def orphan_operations(self, /) -> int:
        """
        Those of them on ids that no allocation has.
        """
    @property
    def peak_at(self, /) -> int:
        """
        How many operations were done when the bytes were first at their peak.
        """
    @property
    def peak_live_blocks(self, /) -> int:
        """
        The most blocks live at once.
        """
    @property
    def peak_live_bytes(self, /) -> int:
        """
        The most requested bytes live at once.
        """
    @property
    def requested_bytes(self, /) -> int:
        """
        The sum of all requested sizes: allocations, and reallocs by what they grow.
        """
    def series(self, /) -> "dict[str, typing.Any]":
        """
        Live bytes over time, as columns of equal length: ``operations`` done, ``live_bytes`` and
        ``live_blocks`` then, and ``highest_live_bytes`` since the point before. Arrays as `Trace.columns`.
        """
    @property
    def sizes(self, /) -> list[tuple[int, int]]:
        """
        Sizes at allocation by power of two, as (lowest size, number); empty classes are left out.
        """
    @property
    def threads(self, /) -> int:
        """
        Threads that have an operation.
        """
    def to_dict(self, /) -> "dict[str, typing.Any]":
        """
        Every figure by its name, except the series.
        """

@final
class TagUsage:
    """
    Blocks and bytes that share a tag.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def blocks(self, /) -> int:
        """
        Live blocks.
        """
    @property
    def requested(self, /) -> int:
        """
        Bytes they asked for.
        """
    @property
    def used(self, /) -> int:
        """
        Bytes they take.
        """

@final
class Tlb:
    """
    A translation look-aside buffer: sets x ways over page numbers, with a number of the caller's for each page.

    ``config`` is ``"dtlb:entries=64,ways=4,pages=4K;2M,policy=lru"``; without ``ways``, or with ``ways=full``, it is
    one set. An entry stands for a page of one of these sizes, of one address space or of all (a global page). Calls
    from several threads are safe and take turns.

    Raises `BadSpecError`, `BadParameterError`, `UnknownNameError`.

    >>> import memcore
    >>> tlb = memcore.Tlb("dtlb:entries=4,ways=2,pages=4K;2M")
    >>> tlb.insert(0x1000, 77, space=1)
    >>> tlb.lookup(0x1fff, space=1), tlb.lookup(0x1fff, space=2)
    (77, None)
    >>> tlb.stats
    {'hits': 1, 'misses': 1, 'evictions': 0, 'invalidations': 0}
    """
    def __new__(cls, /, config: str) -> Tlb: ...
    def __repr__(self, /) -> str: ...
    @property
    def config(self, /) -> str:
        """
        The whole as text.
        """
    def entries(self, /) -> list[TlbEntry]:
        """
        The entries, set by set. O(entries).
        """
    def insert(self, /, address: SupportsIndex, value: SupportsIndex, *, page_size: SupportsIndex | None = None, space: SupportsIndex = ..., is_global: bool = False) -> TlbEntry | None:
        """
        Put in the page that an address is in, of ``page_size`` bytes (by default the first size of the TLB); the entry
        that left for it, or None.

        Raises `BadParameterError` for a size that the TLB does not hold.
        """
    def invalidate_all(self, /) -> int:
        """
        Remove all entries; how many. O(entries).
        """
    def invalidate_non_global(self, /) -> int:
        """
        Remove all entries but for global ones; how many. O(entries).
        """
    def invalidate_page(self, /, address: SupportsIndex, space: SupportsIndex = ...) -> int:
        """
        Remove what an address space sees of the page of an address, in all sizes, global entries included; how many.
        """
    def invalidate_space(self, /, space: SupportsIndex) -> int:
        """
        Remove the entries of an address space, but for global ones; how many. O(entries).
        """
    def lookup(self, /, address: SupportsIndex, space: SupportsIndex = ...) -> int | None:
        """
        The number of the page that an address is in, as an address space sees it, or None; a hit is a use.
        O(page sizes x ways).
        """
    @property
    def metadata_bytes(self, /) -> int:
        """
        Bytes of memory held.
        """
    def probe(self, /, address: SupportsIndex, space: SupportsIndex = ...) -> TlbEntry | None:
        """
        The entry that ``lookup`` would find, or None; no use, not counted.
        """
    def reset(self, /) -> None:
        """
        As when it was made, counts included. O(entries).
        """
    @property
    def stats(self, /) -> dict[str, int]:
        """
        Counts since the TLB was made: hits, misses, evictions, invalidations.
        """

@final
class TlbEntry:
    """
    What a TLB holds about one page.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def is_global(self, /) -> bool:
        """
        The page is in all address spaces.
        """
    @property
    def page(self, /) -> int:
        """
        Address / page size.
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes in the page.
        """
    @property
    def space(self, /) -> int:
        """
        The address space; of a global page, the one in which it was put in.
        """
    @property
    def value(self, /) -> int:
        """
        The caller's number.
        """

@final
class Trace:
    """
    The operations of one program run on its heap: mallocs, callocs, aligned allocations, reallocs, frees.

    A trace is made by ``Trace.open``, ``from_bytes``, ``from_arrays`` or ``generate``, and never changes. It takes 16
    bytes an operation. Equal traces have equal operations.

    >>> import memcore
    >>> trace = memcore.Trace.open("sqlite3_3000")
    >>> len(trace), trace.format
    (483790, 'matr')
    >>> trace.summary().peak_live_bytes
    1775116
    """
    def __copy__(self, /) -> Trace:
        """
        A trace never changes: its copy is itself.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "Trace": ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __len__(self, /) -> int:
        """
        The number of operations.
        """
    def __reduce__(self, /) -> "tuple[object, ...]": ...
    def __repr__(self, /) -> str: ...
    def columns(self, /) -> "dict[str, typing.Any]":
        """
        The operations as columns, by the names that ``from_arrays`` takes: ``kinds`` (unsigned 8 bits), ``ids`` (32),
        ``sizes`` (64), ``alignments`` (64; 1 where none is stated), ``threads`` (32). NumPy arrays where it is
        installed, memoryviews otherwise. O(operations).

        >>> import memcore
        >>> trace = memcore.Trace.generate("steady:operations=1000")
        >>> trace == memcore.Trace.from_arrays(**trace.columns())
        True
        """
    @property
    def comment(self, /) -> str | None:
        """
        The comment that memcore's own format carries.
        """
    @property
    def format(self, /) -> str:
        """
        What it was read from: memcore, matr, rep, mtrace, heaptrack-raw, heaptrack-interpreted, valgrind; or built.
        """
    @staticmethod
    def from_arrays(kinds: "typing.Any", ids: "typing.Any", sizes: "typing.Any", alignments: "typing.Any" = None, threads: "typing.Any" = None, *, comment: str | None = None) -> Trace:
        """
        The trace of the operations in these columns, one entry an operation: arrays of integers or iterables of ints.

        ``kinds``: 0 malloc, 1 calloc, 2 aligned, 3 realloc, 4 free. ``ids`` may be sparse and used again after a free,
        and are renumbered. ``sizes`` in bytes (ignored for a free). ``alignments``: powers of two, for aligned
        allocations. ``threads``: below 2**23. O(operations).

        Raises `TraceError` with the ``operation`` that cannot be taken.

        >>> import memcore
        >>> trace = memcore.Trace.from_arrays([0, 0, 4], [700, 7, 700], [64, 32, 0])
        >>> len(trace), trace.ids
        (3, 2)
        """
    @staticmethod
    def from_bytes(content: "bytes", name: str = "<bytes>", *, max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> Trace:
        """
        Read a trace from the content of a file; ``name`` stands for it in errors. Otherwise as ``open``.
        """
    @staticmethod
    def generate(workload: str, *, progress: "typing.Callable[[int, int | None], object] | None" = None) -> Trace:
        """
        A trace from a seed: ``"steady:live=1000,operations=100000,sizes=log-uniform,min=16,max=4096,seed=1"``.

        The shapes are steady, ramp, phases, fragmenter and growth; every key has a default. The same text gives the
        same trace everywhere. ``progress`` as for ``open``.

        Raises `UnknownNameError` and `BadSpecError` for the text.

        >>> import memcore
        >>> len(memcore.Trace.generate("ramp:live=100,operations=5000,seed=7"))
        5000
        """
    @property
    def ids(self, /) -> int:
        """
        The number of ids; every operation's id is below it.
        """
    @property
    def name(self, /) -> str:
        """
        Where it is from: the path, the sample's name, the workload's text.
        """
    @property
    def notes(self, /) -> list[Note]:
        """
        What the reader left out or noticed.
        """
    @staticmethod
    def open(path: "str | os.PathLike[str]", *, max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> Trace:
        """
        Read a trace: a file, or the name of a bundled sample (`samples` lists them).

        The format is told by the content: memcore's own, MATR, malloclab's ``.rep``, glibc's ``mtrace``, heaptrack
        (raw and interpreted), ``valgrind --trace-malloc=yes``; compressed by gzip, xz or zstd, or not. A file goes
        before a sample of the same name. ``max_events`` (default 2**30) and ``max_expanded_bytes`` (default 16 GiB)
        bound what a file may cost. ``progress`` is called as ``progress(bytes_done, bytes_total)``. Other threads run
        meanwhile, and Ctrl-C is answered.

        Raises `TraceError` with the line or byte and the reason; OSError as ``open`` does.
        """
    @property
    def orphans(self, /) -> int:
        """
        The number of ids that no allocation has.
        """
    def save(self, /, path: "str | os.PathLike[str]", format: str | None = None) -> "dict[str, int]":
        """
        Write the trace to a file, and return what its format could not hold: ``{"callocs written as malloc": 3}``,
        empty when nothing was lost.

        ``format`` is memcore, matr or rep; by default the file's name tells (``.rep``, ``.matr``, anything else
        memcore). An ending ``.gz``, ``.xz`` or ``.zst`` compresses. A file of that name is replaced.

        Raises `UnknownNameError` for a format that is unknown or only read, OSError.
        """
    def summary(self, /, points: SupportsIndex = 512) -> Summary:
        """
        What is in it, in numbers, with a series of at most ``points`` points. O(operations).
        """
    def to_bytes(self, /, format: str = "memcore") -> bytes:
        """
        The content of a file that ``save`` would write, uncompressed.
        """
    def to_numpy(self, /) -> "typing.Any":
        """
        The operations as one NumPy array with the fields ``kind``, ``id``, ``size``, ``alignment``, ``thread``.

        Raises ImportError without NumPy.
        """

@final
class Translation:
    """
    Where an address leads.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def address(self, /) -> int:
        """
        The physical address: frame times page size plus offset.
        """
    @property
    def evicted(self, /) -> int | None:
        """
        The page that lost its frame for it, or None.
        """
    @property
    def frame(self, /) -> int:
        """
        Its frame.
        """
    @property
    def hit(self, /) -> bool:
        """
        Whether the page had its frame already; else it was a page fault.
        """
    @property
    def page(self, /) -> int:
        """
        The virtual page.
        """

@final
class VirtualMemoryManager:
    """
    The virtual memory manager of the textbooks: one page table, a list of free frames, a replacement policy.

    A page is allocated and then has a frame. With fewer frames than pages, an allocated page may lose its frame to
    another, and gets one back by a page fault at its next access. Calls from several threads are safe and take turns.

    Parameters
    ----------
    page_size:
        Bytes of a page: any number from 1 on, not only a power of two.
    pages:
        Virtual pages.
    frames:
        Frames; None for as many as pages, so that no page ever loses its own.
    policy:
        Who loses its frame; `policies` lists the names. Those that need the future or vary their allocation cannot serve.

    Raises `BadParameterError`, `UnknownNameError`, `BadSpecError`, `NeedsFutureError`, `VariesAllocationError`.

    >>> import memcore
    >>> vmm = memcore.VirtualMemoryManager(4096, 8)
    >>> vmm.allocate_page(0), vmm.allocate_page(1)
    (0, 1)
    >>> vmm.translate(4097).address
    4097
    >>> print(vmm.page_table(), end="")
    Page Table:
    Virtual | Physical | Present | Modified | Referenced
    --------|----------|---------|----------|-----------
          0 |        0 |    true |    false |       true
          1 |        1 |    true |    false |       true
    """
    def __copy__(self, /) -> VirtualMemoryManager:
        """
        A copy in the same state.
        """
    def __deepcopy__(self, /, memo: "dict[int, object]") -> "VirtualMemoryManager": ...
    def __new__(cls, /, page_size: SupportsIndex, pages: SupportsIndex, frames: SupportsIndex | None = None, policy: str = "fifo") -> VirtualMemoryManager: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    def allocate_page(self, /, page: SupportsIndex) -> int:
        """
        Allocate a page, readable and writable, and return the frame that it gets: the first of the list of free ones,
        or that of the page which the policy makes leave. O(1) beside the policy's own cost.

        Raises `InvalidPageError`, `AlreadyAllocatedError`.
        """
    def clear_referenced(self, /, page: SupportsIndex) -> None:
        """
        Clear the referenced bit of a page. O(1).

        Raises `InvalidPageError`, `NotAllocatedError`.
        """
    def deallocate_page(self, /, page: SupportsIndex) -> None:
        """
        Deallocate a page; its frame, if it has one, goes to the end of the list of free ones. O(1) beside the policy's
        own cost.

        Raises `InvalidPageError`, `NotAllocatedError`.
        """
    def entry(self, /, page: SupportsIndex) -> "dict[str, typing.Any]":
        """
        What the page table says of a page: a dictionary. O(1).

        Raises `InvalidPageError`.
        """
    @property
    def frames(self, /) -> int:
        """
        Frames.
        """
    @property
    def free_frames(self, /) -> list[int]:
        """
        The free frames, the next to be given first. O(free frames).
        """
    @property
    def page_size(self, /) -> int:
        """
        Bytes of a page.
        """
    def page_table(self, /) -> str:
        """
        The page table as text: a heading, and a line for each allocated page. O(pages).
        """
    @property
    def pages(self, /) -> int:
        """
        Virtual pages.
        """
    @property
    def policy(self, /) -> str:
        """
        The policy with its parameters.
        """
    def protect_page(self, /, page: SupportsIndex, protection: str) -> None:
        """
        Change what may be done to a page: ``"rw-"``, ``"r-x"``. O(1).

        Raises `InvalidPageError`, `NotAllocatedError`, `UnknownNameError`.
        """
    def rows(self, /) -> "list[dict[str, typing.Any]]":
        """
        The allocated pages in order, a dictionary each. O(pages).
        """
    @property
    def statistics(self, /) -> dict[str, int]:
        """
        Pages and frames, used and free, and the counts of faults, hits, replacements and write-backs.
        """
    def summary(self, /) -> str:
        """
        The figures about pages as text, a line each; that of replacements when there are fewer frames than pages.
        """
    def translate(self, /, address: SupportsIndex, access: str = "read") -> Translation:
        """
        Access an address: where it leads. A page without a frame gets one. ``access`` is ``"read"``, ``"write"`` or
        ``"execute"``. O(1) beside the policy's own cost.

        Raises `InvalidAddressError` for a negative address or one past the last page, `PageFaultError`, which is
        counted, for a page that is not allocated, `PageProtectionError`.

        >>> import memcore
        >>> vmm = memcore.VirtualMemoryManager(100, 4, frames=2)
        >>> [vmm.allocate_page(page) for page in (0, 1, 2)]
        [0, 1, 0]
        >>> vmm.translate(42)
        Translation(address=142, page=0, frame=1, hit=False, evicted=1)
        """
    def validate(self, /) -> None:
        """
        Check every invariant. O(pages + frames).

        Raises `CorruptionError`.
        """

@final
class Walk:
    """
    A page walk: each word that the hardware reads for an address, and how it ends. ``print(walk)`` shows it.

    >>> import memcore
    >>> process = memcore.Machine("linux").spawn()
    >>> address = process.mmap(4096)
    >>> process.write(address, b"x")
    >>> [step.name for step in process.walk(address).steps]
    ['PML4', 'PDPT', 'PD', 'PT']
    """
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def address(self, /) -> int:
        """
        The address.
        """
    @property
    def hardware(self, /) -> str:
        """
        The hardware that does it, as text.
        """
    @property
    def outcome(self, /) -> str:
        """
        How it ends, as the last line of the text says.
        """
    @property
    def physical(self, /) -> int | None:
        """
        The physical address; None where the walk ends in a fault.
        """
    @property
    def steps(self, /) -> list[WalkStep]:
        """
        What it reads, in order.
        """

@final
class WalkStep:
    """
    One read of a page walk.
    """
    def __repr__(self, /) -> str: ...
    @property
    def bits(self, /) -> int:
        """
        The word that is read.
        """
    @property
    def entry_address(self, /) -> int:
        """
        The physical address that is read.
        """
    @property
    def index(self, /) -> int:
        """
        The index in the table.
        """
    @property
    def level(self, /) -> int:
        """
        The level of the table; 0 is that of single pages.
        """
    @property
    def name(self, /) -> str:
        """
        The name of such a table: ``"PML4"``, ``"VPN[2]"``.
        """
    @property
    def table(self, /) -> int:
        """
        The frame that the table is in.
        """

@final
class WorstCase:
    """
    A capacity that can never fail, and why: see ``worst_case``.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def capacity(self, /) -> int:
        """
        Bytes.
        """
    @property
    def formula(self, /) -> str:
        """
        The formula, in granules: M is the peak, n the largest block.
        """
    @property
    def source(self, /) -> str:
        """
        Where it is proved.
        """

def arrow_stream(rows: "typing.Sequence[ReplayRow]") -> "object":
    """
    The rows as an Arrow stream of one batch, in a capsule named ``arrow_array_stream``.
    """

def hierarchies() -> list[str]:
    """
    The names of the hierarchies that are ready-made: the one that everyone draws, and those of a few processors.

    >>> import memcore
    >>> "intel-skylake" in memcore.hierarchies()
    True
    """

def machine_runs(traces: "typing.Iterable[AccessTrace | PageTrace]", configs: "typing.Iterable[tuple[str, typing.Any]]", overrides: "dict[str, typing.Any]", options: "dict[str, typing.Any]", progress: "typing.Callable[[int, int | None], object] | None" = None) -> list[MachineRun]:
    """
    The results of `memcore.run_machine`: one for each of the configurations, which are pairs of a name and one.
    """

def machines() -> dict[str, str]:
    """
    The presets that `Machine` knows, and what each is.

    >>> import memcore
    >>> "textbook" in memcore.machines()
    True
    """

def mean_working_set(trace: PageTrace, taus: "typing.Any") -> "typing.Any":
    """
    The mean size of the working set, in pages, for each window in ``taus``: an array. O(references + pages).

    >>> import memcore
    >>> trace = memcore.PageTrace.from_arrays([0, 1, 0, 0])
    >>> memcore.mean_working_set(trace, [1, 2]).tolist()
    [1.0, 1.5]
    """

def miss_ratio_curve(trace: PageTrace, policy: str, *, sample: "float | int | None" = None, frames: "typing.Iterable[int] | None" = None, seed: SupportsIndex = ..., threads: SupportsIndex = ..., progress: "typing.Callable[[int, int | None], object] | None" = None) -> Curve:
    """
    The curve of `memcore.mrc`.
    """

def paging_rows(trace: PageTrace, policies: "typing.Iterable[typing.Any]", frames: "typing.Iterable[int]", *, writebacks: bool = True, threads: SupportsIndex = ..., progress: "typing.Callable[[int, int | None], object] | None" = None) -> list[PagingRow]:
    """
    The results of `memcore.pages`: for each policy, which is a name or one of one's own, those at each number of
    frames.
    """

def paging_stream(rows: "typing.Sequence[PagingRow]") -> "object":
    """
    The rows as an Arrow stream of one batch, in a capsule named ``arrow_array_stream``.
    """

def policies() -> list[str]:
    """
    The names of the replacement policies, as `Cache` and `pages` take them.

    >>> import memcore
    >>> {"fifo", "lru", "opt"} <= set(memcore.policies())
    True
    """

def policy_facts(policy: str) -> PolicyFacts:
    """
    What kind of policy ``policy`` is, with the names of its parameters.

    Raises `UnknownNameError` or `BadSpecError` for the text.

    >>> import memcore
    >>> memcore.policy_facts("opt")
    PolicyFacts(policy='opt', parameters=(), needs_future=True, varies_allocation=False, is_stack=True)
    """

def rank_rows(rows: "typing.Sequence[ReplayRow]") -> list[int]:
    """
    The rows' indices, best first: fewest failures, then the smallest footprint, then the fastest.
    """

def rehearse_long_call(seconds: SupportsFloat | SupportsIndex, *, progress: Any | None = None) -> int:
    """
    Work for `seconds` as every long call of memcore works, and return the number of steps done.

    `progress` is called as `progress(done, None)`. For tests of the package.
    """

def replay_rows(trace: Trace, strategies: "typing.Iterable[typing.Any]", *, capacity: SupportsIndex | None = None, align: SupportsIndex = ..., granularity: SupportsIndex = ..., header: SupportsIndex = ..., series_points: SupportsIndex = ..., fit: bool = False, timing: bool = True, progress: "typing.Callable[[int, int | None], object] | None" = None) -> list[ReplayRow]:
    """
    The results of `memcore.replay`, in the order of ``strategies``, which are names or allocators of one's own.
    """

def reuse_times(trace: PageTrace) -> "typing.Any":
    """
    For each reference of a trace the time, in references, since the last one to the same page; 0 for a page's first:
    an array (unsigned 32 bits). O(references + pages).

    >>> import memcore
    >>> memcore.reuse_times(memcore.PageTrace.from_arrays([7, 8, 7, 7, 8])).tolist()
    [0, 0, 2, 1, 3]
    """

def stack_distances(trace: PageTrace, *, progress: "typing.Callable[[int, int | None], object] | None" = None) -> "typing.Any":
    """
    The LRU stack distance of each reference of a trace, from 1; 0 for a page's first reference: an array (unsigned 32
    bits). A reference hits in LRU with so many frames or more.

    ``progress`` is called as ``progress(done, total)``. O(references log64 pages).

    >>> import memcore
    >>> trace = memcore.PageTrace.from_arrays([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])
    >>> memcore.stack_distances(trace).tolist()
    [0, 0, 0, 0, 4, 4, 0, 3, 3, 5, 5, 5]
    """

def strategies() -> "tuple[str, ...]":
    """
    The names of the strategies that ``Allocator`` and ``replay`` know; parameters follow a colon.

    >>> import memcore
    >>> memcore.strategies()[:3]
    ('first-fit', 'next-fit', 'best-fit')
    """

def stream_rows(path: "str | os.PathLike[str]", policies: "typing.Iterable[str]", frames: "typing.Iterable[int]", *, page_size: SupportsIndex | None = None, format: str | None = None, writebacks: bool = True, threads: SupportsIndex = ..., max_events: SupportsIndex | None = None, max_expanded_bytes: SupportsIndex | None = None, progress: "typing.Callable[[int, int | None], object] | None" = None) -> list[PagingRow]:
    """
    The results of `memcore.stream_pages`, in the order of the policies.
    """

def trace_kind(path: "str | os.PathLike[str]") -> tuple[str, str]:
    """
    Whether a file, or the bundled sample of that name, holds ``"allocations"`` (read by `Trace`) or ``"accesses"``
    (read by `PageTrace` and `AccessTrace`), and its format. The first 64 KiB of the content tell.

    Raises `TraceError` for content that is no trace, OSError as ``open`` does.

    >>> import memcore
    >>> memcore.trace_kind("sqlite3_3000")
    ('allocations', 'matr')
    """

def working_set(trace: PageTrace, tau: SupportsIndex, points: SupportsIndex = 512) -> "tuple[typing.Any, typing.Any]":
    """
    The size of the working set over a trace: the pages among the last ``tau`` references, at ``points`` times, evenly
    spaced: two arrays, references so far (unsigned 64 bits) and pages (unsigned 32 bits). O(references + pages).

    >>> import memcore
    >>> trace = memcore.PageTrace.from_arrays([0, 1, 0, 0, 2, 2])
    >>> times, sizes = memcore.working_set(trace, 2, points=3)
    >>> times.tolist(), sizes.tolist()
    ([2, 4, 6], [2, 1, 1])
    """

def worst_case(strategy: str, peak_live: SupportsIndex, largest: SupportsIndex, *, granularity: SupportsIndex = ...) -> WorstCase | None:
    """
    The capacity with which no request ever fails while live blocks take at most ``peak_live`` bytes together and no
    block more than ``largest``, in whatever order requests and frees come.

    ``None`` when no bound is known for the strategy, or it passes 2**64 - 1. Takes constant time. The bounds hold for
    requests that are not aligned above the granularity.

    Raises ``UnknownNameError`` or ``BadSpecError`` for the strategy, ``BadParameterError`` for a size of 0 or a granularity that is not
    a power of two, ``TooLargeError`` for a largest block above the peak.

    >>> import memcore
    >>> memcore.worst_case("first-fit", 1 << 20, 4096, granularity=16).capacity == 9 << 20
    True
    >>> memcore.worst_case("bump", 1 << 20, 4096) is None
    True
    """
