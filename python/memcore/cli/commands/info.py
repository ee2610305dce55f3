"""``memcore info``: what is in a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from memcore import PageTrace, Trace, mrc
from memcore.cli import policies
from memcore.cli.charts import amount, bar, curve
from memcore.cli.output import answer, json_option
from memcore.cli.progress import watched
from memcore.cli.traces import about, about_pages, noted, open_any, page_size_option, trace_argument

_POINTS = 256
#: The frames at which LRU is shown, in per cent of the distinct pages.
_SHARES = (1, 2, 5, 10, 20, 50, 100)
_WIDTH = 72


@click.command
@trace_argument
@page_size_option
@json_option
def command(trace: str, page_size: int | None, as_json: bool) -> None:
    """Say what is in TRACE: of allocations the operations, live bytes over time, sizes, lifetimes; of accesses the
    pages, the mix of reads, writes and fetches, the working set over time, and how LRU would do.

    TRACE is a file in any format that memcore reads, compressed or not, - for standard input, or the name of a
    bundled sample.

    Example: memcore info sqlite3_3000
    """
    opened = open_any(trace, page_size)
    if isinstance(opened, Trace):
        answer(_allocations(opened), as_json=as_json, draw=_draw)
    else:
        answer(_pages(opened), as_json=as_json, draw=_draw_pages)


def _allocations(trace: Trace) -> dict[str, Any]:
    summary = trace.summary(_POINTS)
    return {
        "trace": about(trace, summary),
        "operations": summary.operations,
        "largest_size": summary.largest_size,
        "largest_alignment": summary.largest_alignment,
        "cross_thread_frees": summary.cross_thread_frees,
        "orphan_operations": summary.orphan_operations,
        "comment": trace.comment,
        "sizes": [{"from": low, "count": count} for low, count in summary.sizes],
        "lifetimes": [{"from": low, "count": count} for low, count in summary.lifetimes],
        "series": {name: [int(value) for value in column] for name, column in summary.series().items()},
        "notes": noted(trace.notes),
    }


def _pages(trace: PageTrace) -> dict[str, Any]:
    summary = trace.summary(_POINTS)
    with watched("Measuring LRU") as progress:
        curve = mrc(trace, frames=sorted({max(trace.pages * share // 100, 1) for share in _SHARES}), progress=progress)
    figures = summary.to_dict()
    # What the member trace says is not said twice.
    for name in ("references", "pages", "page_size"):
        del figures[name]
    series = {name: [int(value) for value in column] for name, column in summary.working_set().items()}
    return {
        "trace": about_pages(trace),
        **figures,
        "comment": trace.comment,
        "working_set": series,
        "lru": {"frames": [int(size) for size in curve.frames], "misses": [int(misses) for misses in curve.misses]},
        "notes": noted(trace.notes),
    }


def _draw(document: Mapping[str, Any]) -> RenderableType:
    trace = document["trace"]
    parts: list[RenderableType] = [
        Text(f"{trace['path']}  ({trace['format']})", style="bold"),
        Text(""),
        _figures(document),
        Text(""),
        Text("live bytes over time", style="bold"),
        Text(curve(document["series"]["highest_live_bytes"], trace["peak_live"], _WIDTH), style="cyan"),
        Text(f"top {amount(trace['peak_live'])}; time runs in operations", style="dim"),
        Text(""),
        _histogram("size", document["sizes"], amount),
        Text(""),
        _histogram("lifetime", document["lifetimes"], lambda operations: f"{operations:,} ops"),
    ]
    return Group(*parts, *_notes(document))


def _notes(document: Mapping[str, Any]) -> list[RenderableType]:
    return [
        Text(f"note: {note['count']:,} x {note['reason']} (first at {note['first']:,})", style="yellow")
        for note in document["notes"]
    ]


def _draw_pages(document: Mapping[str, Any]) -> RenderableType:
    trace, series, lru = document["trace"], document["working_set"], document["lru"]
    figures = _plain_table()
    mix = ", ".join(
        f"{document[kind]:,} {kind} ({document[kind] / max(trace['accesses'], 1):.1%})"
        for kind in ("reads", "writes", "executes")
        if document[kind]
    )
    figures.add_row("references", mix or "none")
    figures.add_row(
        "pages",
        f"{document['pages_read']:,} read, {document['pages_written']:,} written, "
        f"{document['pages_executed']:,} executed; {amount(document['footprint_bytes'])} together",
    )
    if document["first_page"] is not None:
        figures.add_row("from, to", f"page {document['first_page']:#x} to {document['last_page']:#x}")
    if document["events"]:
        figures.add_row("address space", f"{document['events']:,} changes (mmap, munmap, ...)")
    if document["comment"]:
        figures.add_row("comment", _on_one_line(document["comment"]))
    highest = max(series["pages"], default=0)
    misses = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("frames", "misses", "miss ratio"):
        misses.add_column(heading, justify="right", no_wrap=True)
    for frames, count in zip(lru["frames"], lru["misses"], strict=True):
        misses.add_row(f"{frames:,}", f"{count:,}", f"{count / max(trace['accesses'], 1):.3%}")
    return Group(
        policies.heading(trace),
        Text(""),
        figures,
        Text(""),
        Text("working set over time", style="bold"),
        Text(curve(series["pages"], highest, _WIDTH), style="cyan"),
        Text(f"top {highest:,} pages in a window of {document['window']:,} references; time runs in references", style="dim"),
        Text(""),
        Text("LRU", style="bold"),
        misses,
        *_notes(document),
    )


def _figures(document: Mapping[str, Any]) -> Table:
    trace = document["trace"]
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in document["operations"].items() if count)
    table = _plain_table()
    table.add_row("operations", f"{trace['events']:,}: {kinds}")
    table.add_row("blocks", f"{trace['blocks']:,}, at most {trace['peak_live_blocks']:,} live at once")
    table.add_row("peak of live bytes", f"{trace['peak_live']:,} ({amount(trace['peak_live'])})")
    table.add_row("at the end", f"{trace['end_live']:,} bytes live in {trace['end_live_blocks']:,} blocks")
    table.add_row("asked for in all", amount(trace["requested"]))
    table.add_row("largest", f"{document['largest_size']:,} bytes; alignment {document['largest_alignment']:,}")
    table.add_row("threads", f"{trace['threads']}, {document['cross_thread_frees']:,} frees by another thread")
    if document["comment"]:
        table.add_row("comment", _on_one_line(document["comment"]))
    return table


def _plain_table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    return table


def _on_one_line(comment: str) -> Text:
    """A comment comes from the file: it is shown as one line, without its control characters."""
    return Text(comment.encode("unicode_escape").decode("ascii"))


def _histogram(what: str, classes: Sequence[Mapping[str, int]], show: Any) -> Table:
    most = max((entry["count"] for entry in classes), default=0)
    whole = sum(entry["count"] for entry in classes)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"{what} from", justify="right", no_wrap=True)
    table.add_column("blocks", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for entry in classes:
        count = entry["count"]
        share = f"{count / whole:.1%}"
        table.add_row(show(entry["from"]), f"{count:,}", share, Text(bar(count, most, 40), style="cyan"))
    return table
