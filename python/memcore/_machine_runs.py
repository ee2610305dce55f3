"""`run_machine`: traces through the virtual memory machine, for several configurations side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, overload

from memcore import _records, _tables
from memcore._memcore import AccessTrace, MachineRun, PageTrace, machine_runs

__all__ = ["MachineRuns", "run_machine"]

_TABLE: _tables.Columns[MachineRun] = (
    ("machine", lambda run: run.name),
    ("cycles/access", lambda run: f"{run.average:,.2f}"),
    ("faults", lambda run: f"{run.faults:,}"),
    ("major", lambda run: f"{run.counters['major']:,}"),
    ("TLB misses", lambda run: f"{run.tlb_miss_ratio:.3%}"),
    ("evicted", lambda run: f"{run.counters['evicted']:,}"),
    ("swapped in", lambda run: f"{run.counters['swap_in'] + run.counters['zswap_in']:,}"),
    ("peak pages", lambda run: f"{run.peak_rss:,}"),
    ("mostly", lambda run: _mostly(run)),
)


def _mostly(run: MachineRun) -> str:
    shares = list(run.breakdown.items())
    return f"{shares[0][0]} {shares[0][1]:.0f}%" if shares else ""


def run_machine(
    traces: AccessTrace | PageTrace | str | os.PathLike[str] | Any,
    configs: Any = "linux",
    *,
    overrides: Mapping[str, Any] | None = None,
    placement: str = "auto",
    quantum: int = 10_000,
    weights: Iterable[int] = (),
    join_pages: int = 16,
    series: int = 0,
    limit: int | None = None,
    threads: int = 0,
    progress: Callable[[int, int | None], object] | None = None,
) -> MachineRuns:
    """Run traces through a virtual memory machine of each configuration: where the time goes.

    Parameters
    ----------
    traces:
        One or several: an `AccessTrace`, a `PageTrace`, or what `AccessTrace.open` takes. Each is a process of its own,
        and they take turns.
    configs:
        One or several of what `Machine` takes; a mapping from names to them names them itself.
    overrides:
        Values that are laid over each configuration, as for `Machine`: ``{"memory.frames": 1024}``.
    placement:
        ``"recorded"``: addresses as in the trace, which must fit; ``"packed"``: the pages numbered from 0, without holes;
        ``"auto"``: as recorded where they fit.
    quantum, weights:
        Accesses of a turn, and how many times as long that of each trace is.
    join_pages:
        Pages that a trace uses are one area across holes of at most so many.
    series:
        Accesses between two points of `MachineRun.series`; 0 for none.
    limit:
        Run at most so many accesses.
    threads:
        Configurations that run at once; 0 for as many as the machine runs threads at once.
    progress:
        Called about every 50 ms as ``progress(done, total)``.

    Signals and kills are counted, not raised. Other threads run meanwhile, and Ctrl-C is answered. O(accesses) for each
    configuration.

    Raises `UnknownNameError`, `BadConfigError`, `BadParameterError`; what `AccessTrace.open` raises.

    >>> import memcore
    >>> belady = memcore.PageTrace.from_arrays([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])
    >>> configs = {f"{frames} frames": {"preset": "textbook", "memory.frames": frames} for frames in (3, 4)}
    >>> [(run.name, run.faults) for run in memcore.run_machine(belady, configs)]
    [('3 frames', 9), ('4 frames', 10)]
    """
    shown = dict(overrides or {})
    runs = machine_runs(
        opened(traces, progress=None),
        _named(configs),
        shown,
        options(
            placement=placement,
            quantum=quantum,
            weights=weights,
            join_pages=join_pages,
            series=series,
            limit=limit,
            threads=threads,
        ),
        progress,
    )
    return MachineRuns(runs)


def options(
    *,
    placement: str = "auto",
    quantum: int = 10_000,
    weights: Iterable[int] = (),
    join_pages: int = 16,
    series: int = 0,
    limit: int | None = None,
    threads: int = 1,
) -> dict[str, Any]:
    """The options of a run, as the engine's door takes them."""
    return {
        "placement": placement,
        "quantum": quantum,
        "weights": list(weights),
        "join_pages": join_pages,
        "series": series,
        "limit": limit,
        "threads": threads,
    }


def opened(traces: Any, progress: Callable[[int, int | None], object] | None = None) -> list[AccessTrace | PageTrace]:
    """The traces of an argument: one, or several."""
    if isinstance(traces, (AccessTrace, PageTrace, str, os.PathLike)):
        traces = [traces]
    return [
        trace if isinstance(trace, (AccessTrace, PageTrace)) else AccessTrace.open(trace, progress=progress)
        for trace in traces
    ]


def _named(configs: Any) -> list[tuple[str, Any]]:
    if isinstance(configs, (str, os.PathLike)):
        configs = [configs]
    if isinstance(configs, Mapping):
        # One configuration has settings for values, several have configurations.
        if all(isinstance(value, (str, os.PathLike, Mapping)) for value in configs.values()) and "preset" not in configs:
            return list(configs.items())
        configs = [configs]
    return [(_name(config, number), config) for number, config in enumerate(configs, start=1)]


def _name(config: Any, number: int) -> str:
    if isinstance(config, os.PathLike):
        return os.fspath(config)
    if isinstance(config, str) and "\n" not in config and "=" not in config:
        return config
    return f"machine {number}"


class MachineRuns:
    """The results of `run_machine`: a sequence of `MachineRun`, found by their places or names.

    >>> import memcore
    >>> trace = memcore.AccessTrace.from_arrays(range(1 << 21, 1 << 23, 512))
    >>> runs = memcore.run_machine(trace, ["linux", "linux-thp"])
    >>> runs["linux-thp"].faults < runs["linux"].faults, len(runs)
    (True, 2)
    """

    def __init__(self, runs: Iterable[MachineRun]) -> None:
        self._runs = tuple(runs)

    @property
    def runs(self) -> tuple[MachineRun, ...]:
        """The results."""
        return self._runs

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dictionary for each run, as in ``memcore machine --json``."""
        return [run.to_dict() for run in self._runs]

    def to_numpy(self) -> Any:
        """A structured NumPy array with a record for each run; counts and cycles are columns such as ``time_walk``."""
        return _records.rows([_flat(run) for run in self.to_dicts()])

    def plot(self, ax: Any = None) -> Any:
        """Draw where the time goes with matplotlib, and return the axes."""
        from memcore.plot import machine_time

        return machine_time(self, ax)

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[MachineRun]:
        return iter(self._runs)

    @overload
    def __getitem__(self, key: int | str) -> MachineRun: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[MachineRun, ...]: ...

    def __getitem__(self, key: int | str | slice) -> MachineRun | tuple[MachineRun, ...]:
        if isinstance(key, str):
            for run in self._runs:
                if run.name == key:
                    return run
            raise KeyError(key)
        return self._runs[key]

    def __repr__(self) -> str:
        return f"<MachineRuns: {', '.join(run.name for run in self._runs)}>"

    def __str__(self) -> str:
        return _tables.text(_TABLE, self._runs)

    def _repr_html_(self) -> str:
        return _tables.html(_TABLE, self._runs)


def _flat(run: dict[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in run.items() if isinstance(value, (str, int, float))}
    for table in ("time", "counters"):
        flat |= {f"{table}_{name}": value for name, value in run[table].items()}
    return flat
