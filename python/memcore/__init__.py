"""memcore: memory management as a library.

Allocators and virtual memory that are exact enough to study and fast enough to ship. The engine is the extension
module ``memcore._memcore``; this package gives it the shape that Python expects, and adds what only Python knows.

- `Allocator` hands out ranges of an abstract space, by one of several `strategies`;
  `worst_case` tells the capacity with which one never fails.
- `Heap` is an allocator over real bytes: blocks as buffers and NumPy arrays, in memory of its own or in any buffer, with
  `Checks`; `Pool`, `Arena`, `DoubleStack` and `Ring` are for blocks of one size or one lifetime, in `HandleHeap` blocks
  move, and a `PersistentHeap` outlives its process.
- `Trace` is what a program did to its heap: read from a file, generated, or one of the bundled `samples`.
- `replay` drives a trace through strategies side by side.
- `PageTrace` is which pages a program referenced, `AccessTrace` which addresses; `pages` runs the former through
  replacement policies side by side, `sweep` on any executor, `mrc` gives whole miss-ratio curves.
- `Cache` is a cache of any keys with one of the `policies`; `Hierarchy` is a processor's memory hierarchy, `Tlb` one of
  its translation look-aside buffers.
- `Machine` is a whole virtual memory: its `Process` maps, forks, faults and swaps as on Linux; `run_machine` drives
  traces through machines side by side.
- `VirtualMemoryManager` is the one of the textbooks: pages, frames, replacement; `SegmentMemory`, `SegmentedPaging` and
  `SegmentUnit` are segmentation: plain, with pages as in Multics, and of the x86 processors.
- `plot` draws traces, replays and curves.

>>> import memcore
>>> arena = memcore.Allocator(1024)
>>> block = arena.allocate(100)
>>> block.start, arena.free_bytes
(0, 924)
"""

from memcore import _errors, _machine, _machine_runs, _paging, _replay, _samples, _sweep, plot
from memcore._errors import *
from memcore._memcore import (
    AccessSummary,
    AccessTrace,
    AllocEvent,
    Allocator,
    Area,
    Areas,
    Arena,
    ArenaScope,
    Block,
    BlockIterator,
    Cache,
    Capabilities,
    Checkpoint,
    Checks,
    Compaction,
    CompactionPlan,
    Curve,
    DoubleStack,
    Events,
    File,
    Group,
    Handle,
    HandleHeap,
    Heap,
    HeapBlock,
    Hierarchy,
    Histogram,
    Leak,
    Machine,
    MachineEvent,
    MachineRun,
    Move,
    Note,
    PageTrace,
    PageTranslation,
    PagingRow,
    PersistentBlock,
    PersistentHeap,
    PersistentView,
    Pin,
    PolicyFacts,
    Pool,
    Process,
    Recovery,
    Region,
    RegionIterator,
    ReplayRow,
    Ring,
    Scope,
    SegmentDescriptor,
    SegmentMemory,
    SegmentUnit,
    SegmentedPaging,
    Selector,
    Stats,
    Summary,
    TagUsage,
    Tlb,
    TlbEntry,
    Trace,
    Translation,
    VirtualMemoryManager,
    Walk,
    WalkStep,
    WorstCase,
    __version__,
    hierarchies,
    machines,
    mean_working_set,
    policies,
    policy_facts,
    reuse_times,
    stack_distances,
    strategies,
    trace_kind,
    working_set,
    worst_case,
)
from memcore._machine import *
from memcore._machine_runs import *
from memcore._paging import *
from memcore._replay import *
from memcore._samples import *
from memcore._sweep import *

__all__ = [
    "AccessSummary",
    "AccessTrace",
    "AllocEvent",
    "Allocator",
    "Area",
    "Areas",
    "Arena",
    "ArenaScope",
    "Block",
    "BlockIterator",
    "Cache",
    "Capabilities",
    "Checkpoint",
    "Checks",
    "Compaction",
    "CompactionPlan",
    "Curve",
    "DoubleStack",
    "Events",
    "File",
    "Group",
    "Handle",
    "HandleHeap",
    "Heap",
    "HeapBlock",
    "Hierarchy",
    "Histogram",
    "Leak",
    "Machine",
    "MachineEvent",
    "MachineRun",
    "Move",
    "Note",
    "PageTrace",
    "PageTranslation",
    "PagingRow",
    "PersistentBlock",
    "PersistentHeap",
    "PersistentView",
    "Pin",
    "PolicyFacts",
    "Pool",
    "Process",
    "Recovery",
    "Region",
    "RegionIterator",
    "ReplayRow",
    "Ring",
    "Scope",
    "SegmentDescriptor",
    "SegmentMemory",
    "SegmentUnit",
    "SegmentedPaging",
    "Selector",
    "Stats",
    "Summary",
    "TagUsage",
    "Tlb",
    "TlbEntry",
    "Trace",
    "Translation",
    "VirtualMemoryManager",
    "Walk",
    "WalkStep",
    "WorstCase",
    "__version__",
    "hierarchies",
    "machines",
    "mean_working_set",
    "plot",
    "policies",
    "policy_facts",
    "reuse_times",
    "stack_distances",
    "strategies",
    "trace_kind",
    "working_set",
    "worst_case",
]
__all__ += _errors.__all__
__all__ += _machine.__all__
__all__ += _machine_runs.__all__
__all__ += _paging.__all__
__all__ += _replay.__all__
__all__ += _samples.__all__
__all__ += _sweep.__all__
