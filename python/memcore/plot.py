"""Plots, for those who have matplotlib (``pip install memcore[plot]``).

Each function draws into the axes that it is given, or into new ones, and returns them. A density has one cell for each
bin of time and of what it is drawn against, so that a picture of a million references is no larger than that of a
thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from memcore._memcore import Curve, PageTrace
from memcore._memcore import mean_working_set as _mean_working_set
from memcore._memcore import reuse_times as _reuse_times
from memcore._memcore import stack_distances as _stack_distances
from memcore._memcore import working_set as _working_set

if TYPE_CHECKING:
    from memcore._machine_runs import MachineRuns
    from memcore._memcore import Events, Process
    from memcore._paging import Paging
    from memcore._replay import Replay

__all__ = [
    "address_space",
    "curves",
    "faults",
    "footprints",
    "inter_reference",
    "machine_time",
    "mean_working_set",
    "misses",
    "page_map",
    "page_table",
    "resident_pages",
    "reuse_times",
    "stack_distances",
    "working_set",
]


def footprints(replay: Replay, ax: Any = None) -> Any:
    """The footprint of each strategy over the operations, and the live bytes that they all serve."""
    ax = _axes(ax)
    for row in replay:
        series = row.series()
        ax.plot(series["operations"], series["footprint"], label=row.strategy)
    if len(replay):
        series = replay[0].series()
        ax.fill_between(series["operations"], series["live"], color="0.85", label="live")
    ax.set_xlabel("operations")
    ax.set_ylabel("bytes")
    ax.set_title(replay.trace.name)
    ax.legend()
    return ax


def curves(curves: Curve | Iterable[Curve], ax: Any = None, *, log: bool = False) -> Any:
    """Miss-ratio curves side by side; ``log`` makes the axis of the frames logarithmic.

    >>> import memcore
    >>> trace = memcore.PageTrace.generate("zipf:pages=500,references=20000")
    >>> axes = memcore.plot.curves([memcore.mrc(trace, policy) for policy in ("lru", "opt")])
    """
    ax = _axes(ax)
    shown = [curves] if isinstance(curves, Curve) else list(curves)
    for curve in shown:
        rate = curve.sample_rate
        if rate is None:
            label = f"{curve.policy}, {curve.sample_pages:,} pages sampled"
        else:
            label = curve.policy if rate == 1 else f"{curve.policy}, sampled at {rate:g}"
        # Between two points the misses are those of the lower one.
        ax.step(curve.frames, curve.miss_ratios, where="post", label=label)
    ax.set_xlabel("frames")
    ax.set_ylabel("miss ratio")
    ax.set_ylim(0, 1)
    if log:
        ax.set_xscale("log")
    ax.set_title(", ".join(dict.fromkeys(curve.trace_name for curve in shown)))
    ax.legend()
    return ax


def misses(paging: Paging, ax: Any = None) -> Any:
    """The miss ratio of each policy over its frames; a policy that chooses how many is a point at its mean."""
    ax = _axes(ax)
    for policy in paging.policies:
        rows = paging.of(policy)
        fixed = sorted((row.frames, row.miss_ratio) for row in rows if row.frames is not None)
        if fixed:
            ax.plot([frames for frames, _ in fixed], [ratio for _, ratio in fixed], marker="o", label=policy)
        means = [(row.resident_set["mean"], row.miss_ratio) for row in rows if row.resident_set is not None]
        if means:
            ax.scatter([mean for mean, _ in means], [ratio for _, ratio in means], marker="x", label=policy)
    ax.set_xlabel("frames")
    ax.set_ylabel("miss ratio")
    ax.set_ylim(bottom=0)
    ax.set_title(paging.name)
    if len(paging):
        ax.legend()
    return ax


def page_map(trace: PageTrace, ax: Any = None, *, bins: tuple[int, int] = (800, 400)) -> Any:
    """Time against pages: how often each page is referenced when.

    Pages are in the order of their addresses, without the gaps between them. ``bins`` are the most cells of time and of
    pages.
    """
    import numpy as np

    ranks = np.empty(trace.pages, dtype=np.int64)
    ranks[np.argsort(trace.keys, kind="stable")] = np.arange(trace.pages)
    ax = _density(_axes(ax), ranks[trace.references], trace.pages, bins)
    ax.set_ylabel("pages, in the order of their addresses")
    ax.set_title(trace.name)
    return ax


def inter_reference(trace: PageTrace, ax: Any = None, *, bins: tuple[int, int] = (800, 256)) -> Any:
    """Time against the time since a page's last reference, on a logarithmic scale: locality, and where it changes."""
    import numpy as np

    times = _reuse_times(trace)
    again = np.flatnonzero(times)
    most = np.log2(max(len(trace), 2))
    rows = np.minimum((np.log2(times[again]) / most * bins[1]).astype(np.int64), bins[1] - 1)
    ax = _density(_axes(ax), rows, bins[1], bins, at=again, total=len(trace), top=most)
    ax.set_ylabel("references since the page's last one (log2)")
    ax.set_title(trace.name)
    return ax


def reuse_times(trace: PageTrace, ax: Any = None) -> Any:
    """How many references come how long after the last one to their page, by powers of two."""
    return _histogram(trace, _reuse_times(trace), "references since the page's last one", ax)


def stack_distances(trace: PageTrace, ax: Any = None) -> Any:
    """How many references have which LRU stack distance, by powers of two: those up to C hit in C frames."""
    return _histogram(trace, _stack_distances(trace), "LRU stack distance", ax)


def working_set(trace: PageTrace, tau: int | Iterable[int], ax: Any = None, *, points: int = 512) -> Any:
    """The working set over time, for one or several windows ``tau``, in references."""
    ax = _axes(ax)
    for window in tau if isinstance(tau, Iterable) else [tau]:
        times, sizes = _working_set(trace, window, points)
        ax.plot(times, sizes, label=f"tau = {window:,}")
    ax.set_xlabel("references")
    ax.set_ylabel("pages in the working set")
    ax.set_ylim(bottom=0)
    ax.set_title(trace.name)
    ax.legend()
    return ax


def mean_working_set(trace: PageTrace, ax: Any = None) -> Any:
    """The mean size of the working set for windows of all lengths, w(tau)."""
    ax = _axes(ax)
    taus = sorted({round(2 ** (step / 8)) for step in range(8 * len(trace).bit_length())})
    taus = [tau for tau in taus if tau <= max(len(trace), 1)]
    ax.plot(taus, _mean_working_set(trace, taus))
    ax.set_xscale("log")
    ax.set_xlabel("window tau, in references")
    ax.set_ylabel("mean pages in the working set")
    ax.set_ylim(bottom=0)
    ax.set_title(trace.name)
    return ax


def machine_time(runs: MachineRuns, ax: Any = None) -> Any:
    """Where the time of each machine goes: a bar of cycles an access, stacked by cause; the largest causes below."""
    ax = _axes(ax)
    causes: dict[str, float] = {}
    for run in runs:
        for cause, share in run.breakdown.items():
            causes[cause] = max(causes.get(cause, 0.0), share * run.average)
    names = [run.name for run in runs]
    below = [0.0] * len(names)
    for cause in sorted(causes, key=causes.__getitem__, reverse=True):
        heights = [run.breakdown.get(cause, 0.0) / 100 * run.average for run in runs]
        ax.bar(names, heights, bottom=below, label=cause)
        below = [height + base for height, base in zip(heights, below, strict=True)]
    ax.set_ylabel("cycles an access")
    if causes:
        ax.legend()
    return ax


def resident_pages(runs: MachineRuns, ax: Any = None) -> Any:
    """Pages in memory over the accesses, for runs that were made with ``series``."""
    ax = _axes(ax)
    for run in runs:
        series = run.series()
        ax.plot(series["accesses"], series["rss"], label=run.name)
    ax.set_xlabel("accesses")
    ax.set_ylabel("pages in memory")
    ax.set_ylim(bottom=0)
    if len(runs):
        ax.legend()
    return ax


def faults(events: Events, ax: Any = None) -> Any:
    """Faults over time: a dot for each, at its place among the events and its address, coloured by how it was served."""
    ax = _axes(ax)
    columns = events.columns("fault")
    served = columns.get("served", [])
    for how in dict.fromkeys(served):
        chosen = [place for place, other in enumerate(served) if other == how]
        ax.scatter(
            [int(columns["index"][place]) for place in chosen],
            [int(columns["address"][place]) for place in chosen],
            s=6,
            label=how,
        )
    ax.set_xlabel("events")
    ax.set_ylabel("address")
    ax.yaxis.set_major_formatter(lambda value, _: f"{int(value):#x}")
    if served:
        ax.legend()
    return ax


_KINDS = {"anonymous": "#31688e", "file": "#35b779", "shared-anonymous": "#c9a66b"}


def address_space(process: Process, ax: Any = None) -> Any:
    """The areas of a process, the highest address on top, each as high as its size has digits; holes are left out.

    The dark part of an area is the share of it that is in memory.
    """
    import math

    ax = _axes(ax)
    rows = process.page_table()
    top = 0.0
    ticks, labels = [], []
    end = None
    for area in process.areas:
        if end is not None and area.start > end:
            top += 0.5
        end = area.end
        height = max(math.log2(area.length) - 10, 1.0)
        present = sum(
            min(row["end"], area.end) - max(row["start"], area.start)
            for row in rows
            if row["state"] == "present" and row["start"] < area.end and row["end"] > area.start
        )
        colour = _KINDS.get(area.kind, "0.5")
        ax.barh(top, 1.0, height=height, align="edge", color=colour, alpha=0.35, edgecolor="black")
        ax.barh(top, present / area.length, height=height, align="edge", color=colour)
        ax.text(0.5, top + height / 2, f"{area.protection} {area.name or area.kind}", ha="center", va="center")
        ticks.append(top)
        labels.append(f"{area.start:#x}")
        top += height
    ax.set_xlim(0, 1)
    ax.set_yticks(ticks, labels, family="monospace")
    ax.set_xlabel("share in memory")
    ax.set_title(f"process {process.number}")
    return ax


def page_table(process: Process, ax: Any = None, *, columns: int = 64) -> Any:
    """The page table of a process: a cell for each page that has an entry, in the order of the addresses.

    A row begins anew where the addresses have a hole. At most the first 65,536 pages are drawn.
    """
    import numpy as np

    most = 1 << 16
    states = ["clean", "dirty", "zeros", "swapped", "guard"]
    page_size = process.machine.page_size
    rows: list[list[int]] = []
    labels: list[int] = []
    drawn, end = 0, None
    for entry in process.page_table():
        kinds = {"present": 2 if entry["is_dirty"] else 1, "zero": 3, "swapped": 4, "guard": 5}
        state = kinds.get(entry["state"], 0)
        for page in range(entry["start"], entry["end"], page_size):
            if drawn == most:
                break
            if end != page or not rows or len(rows[-1]) == columns:
                rows.append([])
                labels.append(page)
            rows[-1].append(state)
            end, drawn = page + page_size, drawn + 1
    ax = _axes(ax)
    cells = np.zeros((max(len(rows), 1), columns), dtype=np.int64)
    for place, row in enumerate(rows):
        cells[place, : len(row)] = row
    shown = np.ma.masked_equal(cells, 0)
    image = ax.imshow(shown, cmap="viridis_r", vmin=1, vmax=5, aspect="auto", interpolation="nearest")
    bar = ax.figure.colorbar(image, ax=ax, ticks=range(1, len(states) + 1))
    bar.ax.set_yticklabels(states)
    step = max(len(labels) // 16, 1)
    ax.set_yticks(range(0, len(labels), step), [f"{label:#x}" for label in labels[::step]], family="monospace")
    ax.set_xlabel("pages")
    ax.set_title(f"process {process.number}")
    return ax


def _axes(ax: Any) -> Any:
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(figsize=(8, 4.5), layout="constrained").add_subplot()
    return ax


def _histogram(trace: PageTrace, values: Any, what: str, ax: Any) -> Any:
    """Values from 1 by powers of two; 0 stands for none."""
    import numpy as np

    ax = _axes(ax)
    classes: Any = np.bincount(np.floor(np.log2(values[values > 0])).astype(np.int64)) if len(values) else []
    ax.bar(range(len(classes)), classes, width=0.9, align="edge")
    ticks = range(0, len(classes) + 1, max(len(classes) // 8, 1))
    ax.set_xticks(ticks, [f"$2^{{{tick}}}$" for tick in ticks])
    ax.set_xlabel(what)
    ax.set_ylabel("references")
    first = len(values) - sum(int(count) for count in classes)
    ax.set_title(f"{trace.name}; {first:,} first references not shown")
    return ax


def _density(
    ax: Any,
    rows: Any,
    height: int,
    bins: tuple[int, int],
    *,
    at: Any = None,
    total: int | None = None,
    top: float | None = None,
) -> Any:
    """References at the times ``at`` (by default one after the other) and in rows below ``height``, as an image."""
    import numpy as np

    total = len(rows) if total is None else total
    at = np.arange(total) if at is None else at
    wide, high = min(bins[0], max(total, 1)), min(bins[1], max(height, 1))
    cells = at * wide // max(total, 1) * high + rows * high // max(height, 1)
    counts = np.bincount(cells, minlength=wide * high).reshape(wide, high).T
    extent = (0, max(total, 1), 0, max(height, 1) if top is None else top)
    shown = np.ma.masked_equal(counts, 0)
    image = ax.imshow(np.ma.log10(shown), aspect="auto", origin="lower", extent=extent, interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label="references (log10)")
    ax.set_xlabel("references")
    return ax
