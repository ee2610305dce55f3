"""Machines side by side: the tables that ``machine`` and ``demo`` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from memcore.cli.charts import amount, bar

_BAR = 24
#: Causes below this share of every machine's time are summed up.
_LEAST = 0.05


def table(results: Sequence[Mapping[str, Any]]) -> RenderableType:
    """A line for each machine: what an access costs, and what happened."""
    fewest = min((result["average"] for result in results), default=0.0)
    shown = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    shown.add_column("machine", no_wrap=True)
    for name in ("cycles/access", "faults", "major", "TLB misses", "evicted", "swapped in", "peak", "tables"):
        shown.add_column(name, justify="right", no_wrap=True)
    for result in results:
        counters = result["counters"]
        winner = result["average"] == fewest and len(results) > 1
        shown.add_row(
            Text(result["name"], style="bold green" if winner else ""),
            Text(f"{result['average']:,.2f}", style="bold green" if winner else ""),
            f"{result['faults']:,}",
            f"{counters['major']:,}",
            f"{result['tlb_miss_ratio']:.3%}",
            f"{counters['evicted']:,}",
            f"{counters['swap_in'] + counters['zswap_in']:,}",
            amount(result["peak_rss"] * result["page_size"]),
            amount(result["peak_table_bytes"]),
        )
    return shown


def breakdown(results: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Where the time goes: a line for each cause, a column for each machine, in cycles an access and per cent."""
    shares = {result["name"]: result["breakdown"] for result in results}
    largest: dict[str, float] = {}
    for of_one in shares.values():
        for cause, share in of_one.items():
            largest[cause] = max(share, largest.get(cause, 0.0))
    causes = sorted((cause for cause in largest if largest[cause] >= _LEAST), key=lambda cause: -largest[cause])
    shown = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    shown.add_column("where the time goes", no_wrap=True)
    single = len(results) == 1
    for result in results:
        if not single:
            shown.add_column(result["name"], justify="right", no_wrap=True)
        else:
            for heading in ("cycles/access", "share"):
                shown.add_column(heading, justify="right", no_wrap=True)
            shown.add_column("", no_wrap=True)
    for cause in causes:
        cells: list[RenderableType] = []
        for result in results:
            share = result["breakdown"].get(cause, 0.0)
            cycles = f"{share / 100 * result['average']:,.2f}"
            if single:
                cells += [cycles, f"{share:.1f}%", Text(bar(share, 100.0, _BAR), style="cyan")]
            else:
                cells.append(f"{cycles} {share:5.1f}%" if share else "-")
        shown.add_row(CAUSES.get(cause, cause), *cells)
    rest = len(largest) - len(causes)
    lines: list[RenderableType] = [shown]
    if rest:
        lines.append(Text(f"{rest} more below {_LEAST}% each", style="dim"))
    return Group(*lines)


#: What the causes are called in tables.
CAUSES = {
    "tlb": "TLBs behind the first",
    "walk": "page walks",
    "data": "the data itself",
    "trap": "traps",
    "zero": "zeroing frames",
    "copy": "copying pages",
    "swap_read": "reading swap",
    "swap_write": "writing swap",
    "file_read": "reading files",
    "file_write": "writing files",
    "compress": "compressing",
    "decompress": "decompressing",
    "merge": "merging",
    "migrate": "moving between nodes",
    "shootdown": "TLB shootdowns",
}


#: What the headings of the tables mean.
LEGEND = (
    "cycles/access: the effective access time; background work is not in it. faults: minor and major together; major ones "
    "waited for a device or for decompression. TLB misses: look-ups that needed a page walk. peak: the most memory that "
    "was in use at once. tables: the most bytes of page tables."
)


def remarks(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """What else a reader must know about a run, in a line each."""
    lines = []
    for result in results:
        name = result["name"]
        killed = [process for process in result["processes"] if process["is_killed"]]
        if killed:
            skipped = sum(process["skipped"] for process in killed)
            were = "process was" if len(killed) == 1 else "processes were"
            lines.append(f"{name}: {len(killed)} {were} killed for want of memory; {skipped:,} accesses were not run.")
        if result["signals"]:
            signals = ", ".join(f"{count:,} {kind}" for kind, count in result["signals"].items())
            lines.append(f"{name}: accesses that ended in a signal: {signals}.")
        if result["thrashing_looks"]:
            share = result["thrashing_looks"] / max(result["looks"], 1)
            lines.append(f"{name}: thrashing for {share:.0%} of the time.")
    return lines
