"""`pages`: one page trace through replacement policies at several sizes, side by side; `mrc`: whole curves."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, overload

from memcore import _records, _tables
from memcore._memcore import Curve, PageTrace, PagingRow, miss_ratio_curve, paging_rows, paging_stream, stream_rows

__all__ = ["Paging", "mrc", "pages", "stream_pages"]

#: What is compared unless policies are named: the classics, an adaptive one, a recent one, and the bound.
DEFAULT_POLICIES = ("fifo", "clock", "lru", "arc", "sieve", "opt")
#: The frames, in per cent of the distinct pages, unless they are named.
DEFAULT_SHARES = (1, 2, 5, 10, 20, 50)

_TABLE: _tables.Columns[PagingRow] = (
    ("policy", lambda row: row.policy),
    ("frames", lambda row: "varies" if row.frames is None else f"{row.frames:,}"),
    ("misses", lambda row: f"{row.misses:,}"),
    ("miss ratio", lambda row: f"{row.miss_ratio:.2%}"),
    ("evictions", lambda row: _tables.number(row.evictions)),
    ("write-backs", lambda row: _tables.number(row.writebacks)),
    ("metadata", lambda row: f"{row.metadata_bytes:,}"),
)


def page_trace(trace: Any) -> PageTrace:
    """What every function on page traces takes: a trace, a path or sample's name, or pages by any numbers."""
    if isinstance(trace, PageTrace):
        return trace
    if isinstance(trace, (str, os.PathLike)):
        return PageTrace.open(trace)
    return PageTrace.from_arrays(trace)


def listed(policies: Any) -> list[Any]:
    """The policies of an argument: one, or several."""
    if policies is None:
        return list(DEFAULT_POLICIES)
    if isinstance(policies, str) or not isinstance(policies, Iterable):
        return [policies]
    return list(policies)


def sizes(trace: PageTrace, frames: int | Iterable[int] | None) -> list[int]:
    """The numbers of frames of an argument: one, several, or some shares of the distinct pages."""
    if frames is None:
        return sorted({max(trace.pages * share // 100, 1) for share in DEFAULT_SHARES})
    if isinstance(frames, str):
        raise TypeError(f"numbers of frames are wanted, not {frames!r}")
    if isinstance(frames, Iterable):
        return [operator.index(size) for size in frames]
    return [frames]


def pages(
    trace: PageTrace | str | os.PathLike[str] | Any,
    policies: Any = None,
    frames: int | Iterable[int] | None = None,
    *,
    writebacks: bool = True,
    threads: int = 0,
    progress: Callable[[int, int | None], object] | None = None,
) -> Paging:
    """Run a page trace through each policy at each number of frames: who misses how often.

    Parameters
    ----------
    trace:
        A `PageTrace`, what `PageTrace.open` takes, or the pages themselves, as `PageTrace.from_arrays` takes them.
    policies:
        One or several names (`policies` lists them), such as ``"clock:bit=clear"``, and policies of your own among
        them: an object with ``access(page)``, which is called with the page as the trace names it (an int) and tells
        whether it was resident. Where it has ``evicted``, the pages that left in the last access, evictions and
        write-backs are counted. An object is used as it is, for one row; a class or function that makes one from a
        number of frames has a row for each. By default fifo, clock, lru, arc, sieve and opt. A policy in Python is
        slow: a call for each reference, about a hundred times the time of one in the engine.
    frames:
        One or several numbers of frames; by default 1, 2, 5, 10, 20 and 50 per cent of the distinct pages.
    writebacks:
        Count write-backs, where the trace has writes. Without, faster kernels can run.
    threads:
        On how many threads the engine runs; 0 for as many as the machine runs at once.
    progress:
        Called about every 50 ms as ``progress(done, total)``.

    The rows are in the order of the policies, each with all its sizes in their order; a policy that chooses its number
    of frames has one. Other threads run meanwhile, and Ctrl-C is answered. O(references) for each row.

    Raises `UnknownNameError`, `BadSpecError`, `BadParameterError`; what a policy of your own raises; what
    `PageTrace.open` raises.

    >>> import memcore
    >>> result = memcore.pages([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], ["fifo", "lru", "opt"], [3, 4])
    >>> [(row.policy, row.frames, row.misses) for row in result]
    [('fifo', 3, 9), ('fifo', 4, 10), ('lru', 3, 10), ('lru', 4, 8), ('opt', 3, 7), ('opt', 4, 6)]
    """
    trace = page_trace(trace)
    rows = paging_rows(
        trace, listed(policies), sizes(trace, frames), writebacks=writebacks, threads=threads, progress=progress
    )
    return Paging(trace, rows)


def stream_pages(
    path: str | os.PathLike[str],
    policies: str | Iterable[str] | None = None,
    frames: int | Iterable[int] = 1024,
    *,
    page_size: int | None = None,
    format: str | None = None,
    writebacks: bool = True,
    threads: int = 0,
    max_events: int | None = None,
    max_expanded_bytes: int | None = None,
    progress: Callable[[int, int | None], object] | None = None,
) -> Paging:
    """As `pages`, for a file that is read piece by piece: a trace may be larger than memory.

    Every policy and size goes through the file at once, in memory for all their tables and 5 MiB. OPT cannot serve,
    which needs the whole; policies of your own cannot either. ``path``, ``page_size``, ``format``, ``max_events`` (the
    most references, 2**30 by default), ``max_expanded_bytes`` and ``progress`` are as for `PageTrace.open`, the others
    as for `pages`; by default the policies are those of `pages` without opt.

    Raises `NeedsFutureError` for opt; otherwise as `pages` and `PageTrace.open`.

    >>> import memcore
    >>> [row.misses for row in memcore.stream_pages("listwalk", ["lru", "fifo"], 540)]
    [540, 540]
    """
    if policies is None:
        policies = [policy for policy in DEFAULT_POLICIES if policy != "opt"]
    rows = stream_rows(
        path,
        listed(policies),
        list(frames) if isinstance(frames, Iterable) else [frames],
        page_size=page_size,
        format=format,
        writebacks=writebacks,
        threads=threads,
        max_events=max_events,
        max_expanded_bytes=max_expanded_bytes,
        progress=progress,
    )
    return Paging(None, rows, os.fspath(path))


def mrc(
    trace: PageTrace | str | os.PathLike[str] | Any,
    policy: str = "lru",
    *,
    sample: float | int | None = None,
    frames: Iterable[int] | None = None,
    seed: int = 1,
    threads: int = 0,
    progress: Callable[[int, int | None], object] | None = None,
) -> Curve:
    """The miss-ratio curve of a policy: how often it misses at every number of frames.

    For lru and opt it is had in one pass, exact at every number of frames. Other policies are run at each of
    ``frames``, on threads; by default at the powers of two and the middles between them.

    Parameters
    ----------
    trace:
        As for `pages`.
    policy:
        A name.
    sample:
        Look at some pages only (SHARDS, for lru): a float is the share of the pages, 0.01 for one in a hundred; an int
        is the most pages looked at. Times less work, for an error of the miss ratio that falls with the square root of
        the pages looked at: a few hundredths at 1,000 pages, a few thousandths at 100,000.
    frames:
        The numbers of frames, ascending.
    seed:
        Another seed is another sample.
    threads, progress:
        As for `pages`.

    Raises `NotSampledError` for a sampled curve of another policy than lru, `VariesAllocationError` for a policy that
    has no sizes, `BadParameterError`, `UnknownNameError`.

    >>> import memcore
    >>> memcore.mrc([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], "fifo").misses.tolist()
    [12, 12, 9, 10, 5]
    """
    return miss_ratio_curve(
        page_trace(trace), policy, sample=sample, frames=frames, seed=seed, threads=threads, progress=progress
    )


class Paging:
    """The results of `pages`, `sweep` and `stream_pages`: a sequence of `PagingRow`, the sizes of each policy one after the other.

    A row is found by its place, or by its policy and its frames. Dataframe libraries take the whole through
    ``__arrow_c_stream__``: ``polars.DataFrame(result)``, ``pyarrow.table(result)``.

    >>> import memcore
    >>> result = memcore.pages([7, 0, 1, 2, 0, 3, 0, 4], ["fifo", "lru"], [3, 4])
    >>> result["lru", 3].misses, len(result)
    (6, 4)
    """

    def __init__(self, trace: PageTrace | None, rows: Iterable[PagingRow], name: str | None = None) -> None:
        self._trace = trace
        self._rows = tuple(rows)
        self._name = name or (trace.name if trace is not None else "")

    @property
    def trace(self) -> PageTrace | None:
        """What was run; None for a stream, which nobody has as a whole."""
        return self._trace

    @property
    def name(self) -> str:
        """Where the trace is from."""
        return self._name

    @property
    def rows(self) -> tuple[PagingRow, ...]:
        """The results."""
        return self._rows

    @property
    def policies(self) -> list[str]:
        """The policies, each once, in their order."""
        return list(dict.fromkeys(row.policy for row in self._rows))

    def of(self, policy: str) -> tuple[PagingRow, ...]:
        """The rows of one policy."""
        return tuple(row for row in self._rows if row.policy == policy)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dictionary for each row, as in ``memcore pages --json``."""
        return [row.to_dict() for row in self._rows]

    def to_numpy(self) -> Any:
        """A structured NumPy array with a record for each row; nested figures have names such as ``resident_set_mean``."""
        return _records.rows([_flat(row) for row in self.to_dicts()])

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as an Arrow stream of one batch, with the columns of `to_numpy`. A wanted schema is not obeyed."""
        return paging_stream(self._rows)

    def plot(self, ax: Any = None) -> Any:
        """Draw the miss ratio of each policy over the frames with matplotlib, and return the axes."""
        from memcore.plot import misses

        return misses(self, ax)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[PagingRow]:
        return iter(self._rows)

    @overload
    def __getitem__(self, key: int | tuple[str, int | None]) -> PagingRow: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[PagingRow, ...]: ...

    def __getitem__(self, key: int | tuple[str, int | None] | slice) -> PagingRow | tuple[PagingRow, ...]:
        if isinstance(key, tuple):
            for row in self._rows:
                if (row.policy, row.frames) == key:
                    return row
            raise KeyError(key)
        return self._rows[key]

    def __repr__(self) -> str:
        return f"<Paging of {self._name!r}: {', '.join(self.policies)}>"

    def __str__(self) -> str:
        return _tables.text(_TABLE, self._rows)

    def _repr_html_(self) -> str:
        return _tables.html(_TABLE, self._rows)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    resident = row.pop("resident_set") or {"mean": None, "peak": None}
    flat = {**row, "resident_set_mean": resident["mean"], "resident_set_peak": resident["peak"]}
    flat["metadata_bytes"] = flat.pop("metadata_bytes")
    return flat
