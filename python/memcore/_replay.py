"""`replay`: one trace through several allocators, side by side, and what can be done with the results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, overload

from memcore import _records, _tables
from memcore._memcore import ReplayRow, Trace, arrow_stream, rank_rows, replay_rows, strategies

__all__ = ["Replay", "replay"]

#: Strategies that serve every program: a pool has one size of blocks, and a stack frees its top only.
_NOT_FOR_ALL = {"pool", "stack"}

#: Columns of the tables for people: heading, and what a row shows.
_TABLE: _tables.Columns[ReplayRow] = (
    ("strategy", lambda row: row.strategy),
    ("footprint", lambda row: f"{row.footprint:,}"),
    ("utilisation", lambda row: f"{row.utilisation:.1%}"),
    ("external (mean)", lambda row: f"{row.external_fragmentation['mean']:.1%}"),
    ("internal (mean)", lambda row: f"{row.internal_fragmentation['mean']:.1%}"),
    ("failures", lambda row: f"{row.failures + row.refused_frees:,}"),
    ("metadata", lambda row: "" if row.metadata_bytes is None else f"{row.metadata_bytes:,}"),
    ("ns/op", lambda row: "" if row.nanoseconds_per_operation is None else f"{row.nanoseconds_per_operation:.1f}"),
    ("p99.9 ns", lambda row: "" if row.latency_ns is None else f"{row.latency_ns['p99.9']:,}"),
)


def replay(
    trace: Trace | str | os.PathLike[str],
    strategies: Iterable[Any] | None = None,
    *,
    capacity: int | None = None,
    align: int = 16,
    granularity: int = 16,
    header: int = 0,
    series_points: int = 512,
    fit: bool = False,
    timing: bool = True,
    progress: Callable[[int, int | None], object] | None = None,
) -> Replay:
    """Replay a trace through each strategy: what the program would have needed.

    Parameters
    ----------
    trace:
        A `Trace`, or what `Trace.open` takes.
    strategies:
        Names, such as ``"best-fit:tie=recent"``, and allocators of your own among them: an object with
        ``allocate(size, alignment)``, which returns a start (or None, or raises MemoryError, when there is no room),
        and ``free(start)``; where it has ``resize(start, size)``, which tells whether it could, reallocs are tried in
        place. It is used as it is, in the exact pass only; a class or function that makes one from a capacity takes
        part in all passes. A start that overlaps, is misaligned or passes the end is a `BadPlacementError`. By
        default every strategy of the engine except pool and stack, which serve special programs.
    capacity:
        Bytes of the space; without it 2**48, where nothing fails and the footprint is what counts.
    align, granularity:
        Powers of two: the alignment of each block, and the unit of starts and sizes.
    header:
        Bytes in front of each block, as a heap keeps them; it is the byte behind them that is aligned.
    series_points:
        The most points of each row's series, up to 65536.
    fit:
        Search for a capacity that suffices: some twenty passes more for each.
    timing:
        Measure nanoseconds per operation and latencies, in passes of their own.
    progress:
        Called about every 50 ms as ``progress(done, total)``.

    Other threads run meanwhile, and Ctrl-C is answered. O(operations) for each strategy and pass.

    Raises `UnknownNameError`, `BadSpecError`, `BadParameterError`, `ImpossibleReplayError`; what an allocator of your
    own raises; what `Trace.open` raises.

    >>> import memcore
    >>> trace = memcore.Trace.from_arrays([0, 0, 4, 0], [0, 1, 0, 2], [512, 128, 0, 500])
    >>> result = memcore.replay(trace, ["first-fit", "bump"], timing=False)
    >>> [(row.strategy, row.footprint) for row in result]
    [('first-fit', 640), ('bump', 1152)]
    """
    if not isinstance(trace, Trace):
        trace = Trace.open(trace)
    rows = replay_rows(
        trace,
        default_strategies() if strategies is None else strategies,
        capacity=capacity,
        align=align,
        granularity=granularity,
        header=header,
        series_points=series_points,
        fit=fit,
        timing=timing,
        progress=progress,
    )
    return Replay(trace, rows)


def default_strategies() -> list[str]:
    """The strategies that serve every program."""
    return [name for name in strategies() if name not in _NOT_FOR_ALL]


class Replay:
    """The results of `replay`: a sequence of `ReplayRow`, one for each strategy, in the order given.

    A row is found by its place or by its strategy. Dataframe libraries take the whole through
    ``__arrow_c_stream__``: ``polars.DataFrame(result)``, ``pyarrow.table(result)``.

    >>> import memcore
    >>> result = memcore.replay("numpy_sgd", ["first-fit", "best-fit"], timing=False)
    >>> result["best-fit"].failures
    0
    >>> len(result), result.best.strategy in {"first-fit", "best-fit"}
    (2, True)
    """

    def __init__(self, trace: Trace, rows: Iterable[ReplayRow]) -> None:
        self._trace = trace
        self._rows = tuple(rows)

    @property
    def trace(self) -> Trace:
        """What was replayed."""
        return self._trace

    @property
    def rows(self) -> tuple[ReplayRow, ...]:
        """The results, in the order of the strategies."""
        return self._rows

    @property
    def best(self) -> ReplayRow:
        """The first of `ranked`."""
        return self.ranked()[0]

    def ranked(self) -> list[ReplayRow]:
        """The rows, best first: fewest failures and refused frees, then the smallest footprint, then the fastest."""
        return [self._rows[index] for index in rank_rows(self._rows)]

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dictionary for each row, as in ``memcore replay --json``."""
        return [row.to_dict() for row in self._rows]

    def to_numpy(self) -> Any:
        """A structured NumPy array with a record for each row; nested figures have names such as ``latency_ns_p50``."""
        return _records.rows([_flat(row) for row in self.to_dicts()])

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as an Arrow stream of one batch, with the columns of `to_numpy`. A wanted schema is not obeyed."""
        return arrow_stream(self._rows)

    def plot(self, ax: Any = None) -> Any:
        """Draw the footprint of each strategy over time with matplotlib, and return the axes."""
        from memcore.plot import footprints

        return footprints(self, ax)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ReplayRow]:
        return iter(self._rows)

    @overload
    def __getitem__(self, key: int | str) -> ReplayRow: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[ReplayRow, ...]: ...

    def __getitem__(self, key: int | str | slice) -> ReplayRow | tuple[ReplayRow, ...]:
        if isinstance(key, str):
            for row in self._rows:
                if row.strategy == key:
                    return row
            raise KeyError(key)
        return self._rows[key]

    def __repr__(self) -> str:
        return f"<Replay of {self._trace!r}: {', '.join(row.strategy for row in self._rows)}>"

    def __str__(self) -> str:
        return _tables.text(_TABLE, self._rows)

    def _repr_html_(self) -> str:
        return _tables.html(_TABLE, self._rows)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row without nested figures. Latencies that were not measured are there all the same, as None."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if name == "latency_ns" and value is None:
            value = dict.fromkeys(("p50", "p99", "p99.9", "max"))
        if isinstance(value, dict):
            flat.update({f"{name}_{part.replace('.', '_')}": figure for part, figure in value.items()})
        else:
            flat[name] = value
    return flat
