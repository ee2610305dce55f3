"""Every exception that memcore raises, as one hierarchy under `MemcoreError`.

The engine makes the message and names the offending values; a class here lists them as annotations, and that list is
all that it needs. Where Python has a built-in exception for the case, the class inherits from it too: a program that
catches `MemoryError` or `ValueError` need not know memcore.
"""

from __future__ import annotations

import errno
import functools
import inspect
from typing import Any

__all__ = [
    "AlreadyAllocatedError",
    "AlreadyPresentError",
    "BadAlignmentError",
    "BadBiasError",
    "BadCheckpointError",
    "BadConfigError",
    "BadImageError",
    "BadLevelError",
    "BadMemoryError",
    "BadParameterError",
    "BadPlacementError",
    "BadSnapshotError",
    "BadSpecError",
    "BadStartError",
    "BadValueError",
    "BatchError",
    "BusError",
    "CapacityShrinkError",
    "ClosedError",
    "CorruptionError",
    "DoubleFreeError",
    "Fault",
    "FileBusyError",
    "FileDeniedError",
    "FileForbiddenError",
    "FileMissingError",
    "ForeignBlockError",
    "ForeignHeapBlockError",
    "ForeignPlanError",
    "FreedBlockError",
    "FreedWrittenError",
    "HasViewsError",
    "HeaderSmashedError",
    "HeapAddressError",
    "HeldError",
    "ImpossibleReplayError",
    "InvalidAddressError",
    "InvalidArgumentError",
    "InvalidPageError",
    "LimitExceededError",
    "MachineIOError",
    "MemcoreError",
    "MemoryLimitError",
    "MissingOptionError",
    "MulticsFaultError",
    "NeedsFutureError",
    "NoFileError",
    "NoMemoryError",
    "NoProcessError",
    "NoRoomInPlaceError",
    "NotABlockError",
    "NotAllocatedError",
    "NotHeldError",
    "NotInHeapError",
    "NotInOneAreaError",
    "NotLockedError",
    "NotOldestError",
    "NotSampledError",
    "NotTopError",
    "OtherKindError",
    "OutOfFramesError",
    "OutOfMemoryKill",
    "OutOfMetadataError",
    "OutOfRangeError",
    "OutOfSpaceError",
    "OutOfTablesError",
    "OutdatedPlanError",
    "PageFaultError",
    "PageProtectionError",
    "RangeMappedError",
    "RangeTakenError",
    "RedzoneSmashedError",
    "ReentrancyError",
    "SegmentAttachedError",
    "SegmentFaultError",
    "SegmentLimitError",
    "SegmentProtectionError",
    "SegmentSwappedError",
    "SegmentationFault",
    "SizeOverflowError",
    "StaleHandleError",
    "StaleIdError",
    "SystemCallError",
    "TakenError",
    "TooLargeError",
    "TooManyPagesError",
    "TooManyReferencesError",
    "TraceError",
    "UnknownIdError",
    "UnknownNameError",
    "UnknownNumberError",
    "UnknownOffsetError",
    "UnknownStartError",
    "UnmappedError",
    "UnsupportedError",
    "VariesAllocationError",
    "VmError",
    "ZeroSizeError",
]


class MemcoreError(Exception):
    """Whatever memcore raises.

    ``str(error)`` is the message. The values that it speaks of are attributes, listed in each class.
    """

    def __init__(self, message: str, /, **attributes: Any) -> None:
        super().__init__(message)
        expected = self._attribute_names()
        if attributes.keys() != expected:
            raise TypeError(
                f"{type(self).__name__} takes the attributes {sorted(expected)}, not {sorted(attributes)}"
            )
        self.__dict__.update(attributes)

    @classmethod
    def _attribute_names(cls) -> set[str]:
        return {name for base in cls.__mro__ for name in inspect.get_annotations(base)}

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are pickled and copied as a call with the message alone, which lacks the attributes.
        attributes = {name: getattr(self, name) for name in self._attribute_names()}
        return functools.partial(type(self), **attributes), self.args, self.__dict__


class OutOfSpaceError(MemcoreError, MemoryError):
    """No hole holds the request, although the space as a whole could."""

    #: Bytes asked for.
    size: int
    #: Alignment asked for.
    alignment: int
    #: Bytes in all holes together.
    free: int
    #: Bytes in the largest hole.
    largest_hole: int


class OutOfMetadataError(MemcoreError, MemoryError):
    """The tables cannot hold another block or hole."""

    #: Live blocks.
    blocks: int


class LimitExceededError(MemcoreError):
    """The limit that was set on an allocator would be passed."""

    #: Bytes asked for.
    size: int
    #: Bytes in use.
    used: int
    #: Most bytes in use allowed.
    limit: int


class BadValueError(MemcoreError, ValueError):
    """An argument that no state of the object could have made right."""


class ZeroSizeError(BadValueError):
    """A block of no bytes was asked for."""


class TooLargeError(BadValueError):
    """The request is larger than the whole space, however empty it were."""

    #: Bytes asked for.
    size: int
    #: Bytes that the space has; for a pool, the bytes of one slot.
    capacity: int


class SizeOverflowError(BadValueError, OverflowError):
    """The size, rounded up to the granularity, passes 2**64 - 1."""

    #: Bytes asked for.
    size: int
    #: What they are rounded to.
    granularity: int


class BadAlignmentError(BadValueError):
    """The alignment is not a power of two."""

    #: What was given.
    alignment: int


class BadBiasError(BadValueError):
    """No start can meet the alignment with this bias."""

    #: Bytes before the aligned point.
    bias: int
    #: The alignment asked for.
    alignment: int
    #: The unit of the space.
    granularity: int


class BadStartError(BadValueError):
    """A wanted start that no block of this space can have."""

    #: Where the block was wanted.
    start: int
    #: What is wrong: ``"the start"`` or ``"the start plus the bias"``.
    needs: str
    #: What it must be a multiple of.
    multiple: int


class BadParameterError(BadValueError):
    """A parameter is out of its range."""

    #: Its name.
    name: str
    #: What was given.
    value: int | float
    #: What it must be.
    rule: str


class OutOfRangeError(BadValueError, OverflowError):
    """A number that is negative, or above 2**64 - 1; where negative ones are told apart, outside 64 bits with a sign."""

    #: What was given.
    value: int


class BadSpecError(BadValueError):
    """Text of the form ``name:key=value`` that cannot be read, or a value in it that its key does not take."""

    #: The part that is wrong.
    text: str


class CapacityShrinkError(BadValueError):
    """A space never shrinks."""

    #: The capacity it has.
    capacity: int
    #: The capacity asked for.
    wanted: int


class UnknownNameError(BadValueError):
    """No strategy, policy, parameter or sample has this name."""

    #: What was given.
    name: str
    #: The names that are known.
    known: tuple[str, ...]


class StaleIdError(MemcoreError):
    """The id names a block that was freed."""

    #: What was given.
    id: int


class DoubleFreeError(MemcoreError):
    """A block was freed a second time."""

    #: What was given.
    id: int


class UnknownIdError(MemcoreError):
    """The allocator never gave out the id."""

    #: What was given.
    id: int


class ForeignBlockError(MemcoreError):
    """A block of one allocator was given to another."""

    #: Its id.
    id: int


class ForeignPlanError(MemcoreError):
    """A compaction plan of one allocator was given to another."""


class BatchError(MemcoreError):
    """An operation of a batch failed; those before it are done, and ``__cause__`` says why this one is not."""

    #: Which operation, counted from 0: as many were done.
    index: int
    #: Starts of the blocks that were allocated; empty for frees.
    starts: Any
    #: Ids of the blocks that were allocated; empty for frees.
    ids: Any


class UnknownStartError(MemcoreError):
    """No live block starts there."""

    #: What was given.
    start: int


class UnknownOffsetError(MemcoreError):
    """No live block holds this offset."""

    #: What was given.
    offset: int


class NotTopError(MemcoreError):
    """A stack frees and resizes its top only."""

    #: What was given.
    id: int
    #: The block on top.
    top: int


class RangeTakenError(MemcoreError):
    """A part of the wanted range is not free."""

    #: Where the block was wanted.
    start: int
    #: Bytes wanted, rounded up.
    size: int


class NoRoomInPlaceError(MemcoreError):
    """The block cannot have that size where it is."""

    #: The block.
    id: int
    #: Bytes asked for.
    size: int
    #: The most it could have there.
    available: int


class UnsupportedError(MemcoreError):
    """The strategy cannot do this; its capabilities tell beforehand."""

    #: What was asked.
    operation: str
    #: Who was asked.
    strategy: str


class MissingOptionError(MemcoreError):
    """The call needs a table that this object was made without."""

    #: The option that would have made it.
    option: str
    #: What was asked.
    operation: str


class BadCheckpointError(MemcoreError):
    """The arena was rewound past this checkpoint, or the checkpoint is of another arena."""

    #: Where it was taken.
    position: int


class OutdatedPlanError(MemcoreError):
    """The space has changed since the compaction plan was made."""

    #: Number of changes when the plan was made.
    made: int
    #: Number of changes now.
    now: int


class CorruptionError(MemcoreError):
    """An invariant does not hold: a defect of memcore, or memory that somebody else wrote into."""

    #: The invariant.
    what: str
    #: The offset, slot or count that breaks it.
    at: int


class OtherKindError(BadValueError):
    """A trace of allocations where one of accesses is wanted, or the reverse."""

    #: The file, or what stands for it.
    source: str
    #: Its format.
    format: str
    #: What it is: ``"allocations"`` or ``"accesses"``.
    kind: str


class TraceError(MemcoreError):
    """A trace cannot be read, generated or written."""

    #: The file, or what stands for it.
    source: str
    #: The line of a text format, counted from 1.
    line: int | None
    #: The byte of a binary format, in the expanded content.
    offset: int | None
    #: The operation, counted from 0, of a trace that was given as arrays.
    operation: int | None


class ImpossibleReplayError(BadValueError):
    """A strategy can never place a block as a replay's alignment and header demand."""

    #: Which one.
    strategy: str
    #: The alignment of each block.
    align: int
    #: Bytes in front of the aligned point.
    header: int


class BadPlacementError(MemcoreError):
    """An allocator of one's own gave a start that no correct allocator could have given."""

    #: The operation of the trace, counted from 0.
    operation: int


class BadLevelError(BadValueError):
    """A level of a memory hierarchy does not go with the others."""

    #: Its name.
    level: str


class NeedsFutureError(BadValueError):
    """The policy decides by references to come, which this use cannot know."""

    #: The policy.
    policy: str
    #: What it was to be used for.
    wanted_by: str


class VariesAllocationError(BadValueError):
    """The policy chooses its number of frames itself, which this use cannot serve."""

    #: The policy.
    policy: str
    #: What it was to be used for.
    wanted_by: str


class NotSampledError(BadValueError):
    """A sampled curve of a policy for which sampling is not known."""

    #: The policy.
    policy: str


class TooManyPagesError(MemcoreError):
    """More distinct pages than are numbered."""

    #: How many there would be.
    pages: int


class TooManyReferencesError(MemcoreError):
    """More references than can be foreseen, or looked back at, in 32 bits."""

    #: How many there are.
    references: int


class OutOfTablesError(MemcoreError, MemoryError):
    """There is no memory for the tables of a policy, a curve or a cache."""

    #: Bytes asked for.
    bytes: int


class BadConfigError(BadValueError):
    """A key of a machine's configuration that does not exist, or a value that it does not take."""

    #: The key, dotted.
    key: str
    #: What was given, as text; None where the text cannot be read at all.
    value: str | None
    #: The line of a text, counted from 1.
    line: int | None


class BadSnapshotError(MemcoreError):
    """A saved machine that cannot be read, or a machine that cannot be saved."""

    #: What is wrong with it.
    why: str


class VmError(MemcoreError, OSError):
    """A call of a process that the machine refused, with the ``errno`` that Linux gives."""


class InvalidArgumentError(VmError, ValueError):
    """EINVAL: an argument that makes no sense."""

    errno = errno.EINVAL

    #: Which argument.
    name: str
    #: What was given.
    value: int
    #: What it should be.
    rule: str


class NoMemoryError(VmError, MemoryError):
    """ENOMEM: there is not enough of something."""

    errno = errno.ENOMEM

    #: Bytes asked for.
    wanted: int
    #: What ran out.
    shortage: str


class UnmappedError(VmError):
    """ENOMEM: a part of the range is not mapped. What the call did to the part before it stays done."""

    errno = errno.ENOMEM

    #: The first address that is not mapped.
    address: int


class NotInOneAreaError(VmError):
    """EFAULT: nothing is mapped where one area must be, or several areas are."""

    errno = errno.EFAULT

    #: What was given.
    address: int


class RangeMappedError(VmError, FileExistsError):
    """EEXIST: a mapping that must not be replaced is in the way."""

    errno = errno.EEXIST

    #: The first address of the overlap.
    address: int


class FileDeniedError(VmError, PermissionError):
    """EACCES: the file is not open for writing."""

    errno = errno.EACCES

    #: Its number.
    file: int


class NoFileError(VmError):
    """EBADF: there is no such file, or it is closed."""

    errno = errno.EBADF

    #: What was given.
    file: int


class NoProcessError(VmError, ProcessLookupError):
    """ESRCH: there is no such process, or it has ended."""

    errno = errno.ESRCH

    #: What was given.
    process: int


class NotLockedError(VmError, BlockingIOError):
    """EAGAIN: some pages could not be locked."""

    errno = errno.EAGAIN

    #: The first such page.
    address: int


class MachineIOError(VmError):
    """EIO: reading or writing a file or the swap device failed; ``__cause__`` is what a file in Python raised."""

    errno = errno.EIO

    #: What failed.
    why: str


class Fault(MemcoreError):
    """An access that ended in a signal. What lies before the page of ``address`` was read or written."""

    #: ``"maperr"``, ``"accerr"``, ``"general-protection"``, ``"adrerr"``, ``"io"`` or ``"out-of-memory"``.
    kind: str
    #: The first address that could not be served.
    address: int
    #: ``"read"``, ``"write"`` or ``"execute"``.
    access: str
    #: The number of the process.
    process: int
    #: Which of several accesses, counted from 0; None for a single one.
    index: int | None

    @property
    def signal(self) -> str:
        """What a process would get, ``"SIGSEGV"``, ``"SIGBUS"`` or ``"SIGKILL"``."""
        return {"adrerr": "SIGBUS", "io": "SIGBUS", "out-of-memory": "SIGKILL"}.get(self.kind, "SIGSEGV")


class SegmentationFault(Fault):
    """SIGSEGV: nothing is mapped there (``"maperr"``), the protection forbids it (``"accerr"``), or the address is not
    canonical (``"general-protection"``).
    """


class BusError(Fault):
    """SIGBUS: behind the end of the file (``"adrerr"``), or the file or the swap device failed (``"io"``)."""


class OutOfMemoryKill(Fault, MemoryError):
    """SIGKILL: no frame was to be had, and this process was chosen to end. It has ended."""


class InvalidPageError(BadValueError):
    """There is no such virtual page."""

    #: What was given.
    page: int
    #: How many there are.
    pages: int


class InvalidAddressError(BadValueError):
    """There is no such virtual address: it is negative, or past the last page."""

    #: What was given.
    address: int
    #: The first address that is too large.
    end: int


class AlreadyAllocatedError(MemcoreError):
    """The virtual page is allocated."""

    #: The page.
    page: int


class NotAllocatedError(MemcoreError):
    """The virtual page is not allocated."""

    #: The page.
    page: int


class PageFaultError(MemcoreError):
    """An access to a virtual page that is not allocated."""

    #: The page.
    page: int


class PageProtectionError(MemcoreError):
    """The protection of a virtual page does not allow the access."""

    #: The page.
    page: int
    #: ``"read"``, ``"write"`` or ``"execute"``.
    access: str


class SegmentFaultError(MemcoreError):
    """The segment unit of an x86 processor raised an exception."""

    #: ``"GP"``, ``"SS"`` or ``"NP"``.
    vector: str
    #: Index and table of the selector at fault; 0 for an access.
    code: int
    #: Why: ``"limit"``, ``"privilege"``, ``"not-present"``, ...
    reason: str


class MulticsFaultError(MemcoreError):
    """A reference in segmented paging trapped."""

    #: ``"out-of-bounds"``, ``"missing-segment"``, ``"access-violation"``, ``"missing-page"`` or ``"no-process"``.
    kind: str
    #: Who referred.
    process: int
    #: From which ring.
    ring: int
    #: To which segment number.
    segment: int
    #: To which offset.
    offset: int
    #: How: ``"read"``, ``"write"`` or ``"execute"``.
    access: str


class UnknownNumberError(MemcoreError, LookupError):
    """There is no such segment, process or page."""

    #: What was looked for.
    what: str
    #: Its number.
    value: int


class TakenError(MemcoreError):
    """A segment number is taken, or a page is in memory already."""

    #: What is taken.
    what: str
    #: Its number.
    value: int


class SegmentAttachedError(MemcoreError):
    """A segment that is still attached cannot be deleted."""

    #: The segment.
    segment: int
    #: In how many places.
    times: int


class OutOfFramesError(MemcoreError, MemoryError):
    """Every frame is in use."""

    #: How many there are.
    frames: int


class SegmentSwappedError(MemcoreError):
    """The segment is swapped out."""

    #: The segment.
    segment: int


class AlreadyPresentError(MemcoreError):
    """The segment is in memory already, so that it cannot be swapped in."""

    #: The segment.
    segment: int


class SegmentLimitError(MemcoreError, IndexError):
    """An access past the end of a segment."""

    #: The segment.
    segment: int
    #: The offset.
    offset: int
    #: Bytes of the access.
    size: int
    #: Bytes of the segment.
    length: int


class SegmentProtectionError(MemcoreError):
    """The segment does not allow this kind of access."""

    #: The segment.
    segment: int
    #: ``"read"``, ``"write"`` or ``"execute"``.
    access: str


class HeapAddressError(MemcoreError):
    """A heap refused an address, or the block there."""

    #: What was given; in a persistent heap, the offset.
    address: int


class NotInHeapError(HeapAddressError, ValueError):
    """The address lies outside the heap's memory."""


class NotABlockError(HeapAddressError, ValueError):
    """The address lies in the heap's memory, and no live block begins there."""


class FreedBlockError(HeapAddressError, BufferError):
    """The block was freed already."""


class ForeignHeapBlockError(HeapAddressError, ValueError):
    """A block of one heap was given to another."""


class HasViewsError(HeapAddressError, BufferError):
    """Somebody looks at bytes that would be moved or taken away."""

    #: How many buffers of the block are exported.
    views: int


class HeaderSmashedError(HeapAddressError):
    """What the heap keeps in front of a live block was written over."""

    #: What is there.
    found: int


class RedzoneSmashedError(HeapAddressError):
    """Bytes beside a live block were written: an overrun, which a checked heap has found."""

    #: The first bad byte, counted from the block's first: negative in front of it, its size or more behind it.
    offset: int
    #: What it holds.
    found: int


class FreedWrittenError(HeapAddressError):
    """A block was written to after it was freed, as a checked heap has found."""

    #: The first bad byte, counted from the block's first.
    offset: int
    #: What it holds.
    found: int


class NotOldestError(HeapAddressError):
    """A ring takes back its oldest record only."""

    #: Where that begins.
    oldest: int


class ClosedError(MemcoreError, ValueError):
    """The heap is closed."""


class MemoryLimitError(MemcoreError, MemoryError):
    """The memory of a heap cannot become larger."""

    #: The most bytes that it can have.
    limit: int
    #: Bytes that are wanted.
    wanted: int


class BadMemoryError(BadValueError):
    """The memory cannot hold a heap."""

    #: Where it begins.
    address: int
    #: How long it is.
    bytes: int
    #: What it must be.
    rule: str


class BadImageError(BadValueError):
    """The bytes are no persistent heap of this version, or were damaged."""

    #: What does not hold.
    what: str
    #: Where, counted from the first byte.
    at: int
    #: What is there.
    found: int


class StaleHandleError(MemcoreError):
    """The handle names a block that was freed, or of another heap."""

    #: What was given.
    handle: int


class HeldError(MemcoreError, BufferError):
    """The block is pinned by views, or locked, so that it can neither go nor change its size."""

    #: Its handle.
    handle: int
    #: Pins and locks together.
    holds: int


class NotHeldError(MemcoreError):
    """A lock was taken away that the block does not have."""

    #: Its handle.
    handle: int


class SystemCallError(MemcoreError, OSError):
    """The operating system refused memory, or a file; ``errno`` says why."""

    #: The call.
    call: str
    #: The system's number of the error.
    code: int
    #: Bytes that it was about.
    bytes: int

    @property
    def errno(self) -> int:
        """The same as ``code``."""
        return self.code

    @errno.setter
    def errno(self, errno: int | None) -> None:
        """It is what the system said."""


class FileMissingError(SystemCallError, FileNotFoundError):
    """There is no such file, or no such folder."""


class FileForbiddenError(SystemCallError, PermissionError):
    """The file is not for this user to open."""


class FileBusyError(SystemCallError, BlockingIOError):
    """Another heap has the file open."""


class ReentrancyError(MemcoreError):
    """A listener, or a file written in Python, called back into the object that it serves."""


# A traceback, a pickle and the documentation name the classes as programs import them.
for _name in __all__:
    globals()[_name].__module__ = "memcore"
