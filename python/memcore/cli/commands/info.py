"""``memcore info``: what is in a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from memcore.cli.charts import amount, bar, curve
from memcore.cli.output import answer, json_option
from memcore.cli.traces import about, open_trace, trace_argument

_POINTS = 256
_WIDTH = 72


@click.command
@trace_argument
@json_option
def command(trace: str, as_json: bool) -> None:
    """Say what is in TRACE: operations, live bytes over time, sizes, lifetimes.

    TRACE is a file in any format that memcore reads, compressed or not, - for standard input, or the name of a
    bundled sample.

    Example: memcore info sqlite3_3000
    """
    opened = open_trace(trace)
    summary = opened.summary(_POINTS)
    series = summary.series()
    document = {
        "trace": about(opened, summary),
        "operations": summary.operations,
        "largest_size": summary.largest_size,
        "largest_alignment": summary.largest_alignment,
        "cross_thread_frees": summary.cross_thread_frees,
        "orphan_operations": summary.orphan_operations,
        "comment": opened.comment,
        "sizes": [{"from": low, "count": count} for low, count in summary.sizes],
        "lifetimes": [{"from": low, "count": count} for low, count in summary.lifetimes],
        "series": {name: [int(value) for value in column] for name, column in series.items()},
        "notes": [
            {"kind": note.kind, "reason": note.reason, "count": note.count, "first": note.first}
            for note in opened.notes
        ],
    }
    answer(document, as_json=as_json, draw=_draw)


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
    for note in document["notes"]:
        parts.append(Text(f"note: {note['count']:,} x {note['reason']} (first at {note['first']:,})", style="yellow"))
    return Group(*parts)


def _figures(document: Mapping[str, Any]) -> Table:
    trace = document["trace"]
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in document["operations"].items() if count)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("operations", f"{trace['events']:,}: {kinds}")
    table.add_row("blocks", f"{trace['blocks']:,}, at most {trace['peak_live_blocks']:,} live at once")
    table.add_row("peak of live bytes", f"{trace['peak_live']:,} ({amount(trace['peak_live'])})")
    table.add_row("at the end", f"{trace['end_live']:,} bytes live in {trace['end_live_blocks']:,} blocks")
    table.add_row("asked for in all", amount(trace["requested"]))
    table.add_row("largest", f"{document['largest_size']:,} bytes; alignment {document['largest_alignment']:,}")
    table.add_row("threads", f"{trace['threads']}, {document['cross_thread_frees']:,} frees by another thread")
    if document["comment"]:
        # The comment comes from the file: it is shown as one line, without its control characters.
        table.add_row("comment", Text(document["comment"].encode("unicode_escape").decode("ascii")))
    return table


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
