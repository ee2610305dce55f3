"""memcore: memory management as a library.

Allocators and virtual memory that are exact enough to study and fast enough to ship. The engine is the extension
module ``memcore._memcore``; this package gives it the shape that Python expects, and adds what only Python knows.

- `Allocator` hands out ranges of an abstract space, by one of several `strategies`;
  `worst_case` tells the capacity with which one never fails.
- `Trace` is what a program did to its heap: read from a file, generated, or one of the bundled `samples`.
- `replay` drives a trace through strategies side by side.

>>> import memcore
>>> arena = memcore.Allocator(1024)
>>> block = arena.allocate(100)
>>> block.start, arena.free_bytes
(0, 924)
"""

from memcore import _errors, _replay, _samples
from memcore._errors import *
from memcore._memcore import (
    AllocEvent,
    Allocator,
    Block,
    BlockIterator,
    Capabilities,
    Checkpoint,
    CompactionPlan,
    Histogram,
    Move,
    Note,
    Region,
    RegionIterator,
    ReplayRow,
    Scope,
    Stats,
    Summary,
    TagUsage,
    Trace,
    WorstCase,
    __version__,
    strategies,
    worst_case,
)
from memcore._replay import *
from memcore._samples import *

__all__ = [
    "AllocEvent",
    "Allocator",
    "Block",
    "BlockIterator",
    "Capabilities",
    "Checkpoint",
    "CompactionPlan",
    "Histogram",
    "Move",
    "Note",
    "Region",
    "RegionIterator",
    "ReplayRow",
    "Scope",
    "Stats",
    "Summary",
    "TagUsage",
    "Trace",
    "WorstCase",
    "__version__",
    "strategies",
    "worst_case",
]
__all__ += _errors.__all__
__all__ += _replay.__all__
__all__ += _samples.__all__
