"""Policies side by side: the tables and pictures that ``pages``, ``mrc`` and ``demo`` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from memcore import Curve
from memcore.cli.charts import amount, curve

_CURVE = 48


def heading(trace: Mapping[str, Any]) -> RenderableType:
    """Which trace it is, and how large."""
    pages = f"{trace['distinct_pages']:,} distinct pages"
    if trace["page_size"] > 1:
        pages += f" of {amount(trace['page_size'])}"
    return Group(
        Text(f"{trace['path']}  ({trace['format']})", style="bold"),
        Text(f"{trace['accesses']:,} references to {pages}"),
    )


def table(results: Sequence[Mapping[str, Any]]) -> RenderableType:
    """A line for each policy and number of frames; the fewest misses at each number stand out."""
    fewest: dict[int | None, int] = {}
    for row in results:
        # OPT bounds the others, and is nobody's choice.
        if row["policy"] != "opt":
            fewest[row["frames"]] = min(row["misses"], fewest.get(row["frames"], row["misses"]))
    shown = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    shown.add_column("policy", no_wrap=True)
    for name in ("frames", "misses", "miss ratio", "evictions", "write-backs", "dirty at end", "tables"):
        shown.add_column(name, justify="right", no_wrap=True)
    before = None
    for row in results:
        if before not in (None, row["policy"]):
            shown.add_row("")
        winner = row["policy"] != "opt" and row["misses"] == fewest[row["frames"]]
        shown.add_row(
            row["policy"] if row["policy"] != before else "",
            _frames(row),
            f"{row['misses']:,}",
            Text(f"{row['miss_ratio']:.3%}", style="bold green" if winner else ""),
            _count(row["evictions"]),
            _count(row["writebacks"]),
            _count(row["dirty_at_end"]),
            amount(row["metadata_bytes"]),
        )
        before = row["policy"]
    return shown


#: What the headings of the table mean.
LEGEND = (
    "misses: references to pages that are not resident, first ones included. write-backs: dirty pages written when they "
    "left, or earlier; those dirty at the end are still to be written. tables: bytes that the simulation held. Green: the "
    "fewest misses at this number of frames, OPT apart, which knows the future."
)


def _frames(row: Mapping[str, Any]) -> str:
    if row["frames"] is not None:
        return f"{row['frames']:,}"
    return f"~{row['resident_set']['mean']:,.0f}" if row["resident_set"] else "-"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def picture(curves: Sequence[Curve]) -> RenderableType:
    """Miss ratios over the frames, which grow by equal factors from left to right, on one scale."""
    most = max((int(curve.frames[-1]) for curve in curves if len(curve)), default=1)
    steps = [max(round(most ** (step / (_CURVE - 1))), 1) for step in range(_CURVE)]
    marks = _marks(curves, most)
    shown = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    shown.add_column("policy", no_wrap=True)
    shown.add_column(f"miss ratio at 1 to {most:,} frames", no_wrap=True)
    for mark in marks:
        shown.add_column(f"at {mark:,}", justify="right", no_wrap=True)
    ratios = [[one.miss_ratio_at(frames) for frames in steps] for one in curves]
    highest = max((max(row) for row in ratios), default=0.0)
    for one, row in zip(curves, ratios, strict=True):
        cells = [f"{one.miss_ratio_at(mark):.2%}" for mark in marks]
        shown.add_row(_label(one), Text(curve(row, highest, _CURVE), style="magenta"), *cells)
    scale = f"bottom 0%, top {highest:.1%}; frames grow by equal factors from left to right"
    return Group(shown, Text(scale, style="dim"))


def _marks(curves: Sequence[Curve], most: int) -> list[int]:
    """Numbers of frames near 1, 10, 50 and 100 % of all, at which every curve has a point where there are such."""
    known = [int(frames) for frames in min(curves, key=len).frames] if curves else []
    marks = set()
    for share in (1, 10, 50, 100):
        wanted = max(most * share // 100, 1)
        marks.add(max((frames for frames in known if frames <= wanted), default=wanted))
    return sorted(marks)


def _label(curve: Curve) -> str:
    rate = curve.sample_rate
    if rate is None:
        return f"{curve.policy} ({curve.sample_pages:,} pages)"
    return curve.policy if rate == 1 else f"{curve.policy} ({rate:g} sampled)"
