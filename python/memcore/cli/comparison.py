"""Strategies side by side: the table and the picture that ``replay`` and ``demo`` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from memcore import Replay
from memcore.cli.charts import amount, bar, curve

_BAR = 14
_CURVE = 56


def document(replay: Replay, *, fit: bool) -> list[dict[str, Any]]:
    """The member ``results``. Without a search there is no ``sufficient_capacity`` in it."""
    results = replay.to_dicts()
    for result in results:
        if not fit:
            del result["sufficient_capacity"]
    return results


def table(results: Sequence[Mapping[str, Any]]) -> RenderableType:
    """A line for each strategy, with a bar of how much of its footprint the program's own bytes are at their peak."""
    best = min((_unmet(result), result["footprint"]) for result in results) if results else (0, 0)
    fit = any("sufficient_capacity" in result for result in results)
    shown = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    shown.add_column("strategy", no_wrap=True)
    shown.add_column("footprint", justify="right", no_wrap=True)
    shown.add_column("utilisation", no_wrap=True)
    headings = ["", "ext", "int", "failed", "tables", "ns/op", "p99.9"] + (["fits in"] if fit else [])
    for heading in headings:
        shown.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        winner = (_unmet(result), result["footprint"]) == best
        cells: list[RenderableType] = [
            Text(result["strategy"], style="bold green" if winner else ""),
            amount(result["footprint"]),
            Text(bar(result["utilisation"], 1.0, _BAR), style="green" if winner else "cyan"),
            f"{result['utilisation']:.1%}",
            f"{result['external_fragmentation']['mean']:.1%}",
            f"{result['internal_fragmentation']['mean']:.1%}",
            f"{_unmet(result):,}",
            _or_dash(result["metadata_bytes"], amount),
            _or_dash(result["nanoseconds_per_operation"], lambda value: f"{value:.0f}"),
            _or_dash(result["latency_ns"], lambda value: f"{value['p99.9']:,}"),
        ]
        if fit:
            cells.append(_or_dash(result["sufficient_capacity"], amount))
        shown.add_row(*cells)
    return shown


#: What the headings of the table mean.
LEGEND = (
    "footprint: the highest address used. utilisation: peak live bytes / footprint. ext, int: external and internal "
    "fragmentation, mean over time. tables: bytes of metadata, at their peak. p99.9: nanoseconds that 999 of 1000 "
    "calls stay below."
)


def picture(replay: Replay) -> RenderableType:
    """External fragmentation of each strategy over time, on one scale."""
    series = {row.strategy: [float(value) for value in row.series()["external_fragmentation"]] for row in replay}
    highest = max((max(values, default=0.0) for values in series.values()), default=0.0)
    shown = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    shown.add_column("strategy", no_wrap=True)
    shown.add_column("external fragmentation over time", no_wrap=True)
    shown.add_column("final", justify="right", no_wrap=True)
    for strategy, values in series.items():
        final = f"{values[-1]:.1%}" if values else "-"
        shown.add_row(strategy, Text(curve(values, highest, _CURVE), style="magenta"), final)
    scale = Text(f"bottom 0%, top {highest:.1%}; time runs in operations", style="dim")
    return Group(shown, scale)


def _unmet(result: Mapping[str, Any]) -> int:
    return int(result["failures"]) + int(result["refused_frees"])


def _or_dash(value: Any, show: Any) -> str:
    return "-" if value is None else str(show(value))
