"""``memcore replay``: a trace through strategies side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

import memcore
from memcore.cli import comparison
from memcore.cli.charts import amount
from memcore.cli.output import answer, json_option
from memcore.cli.progress import watched
from memcore.cli.sizes import size
from memcore.cli.traces import about, open_trace, trace_argument


@click.command
@trace_argument
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="S",
    help="name or name:key=value,...; several times for several. Default: all but pool and stack.",
)
@click.option("--capacity", type=size, metavar="N", help="Bytes of the space. Default: 2^48, where nothing fails.")
@click.option("--align", type=size, default="16", show_default=True, metavar="A", help="Alignment of each block.")
@click.option("--granularity", type=size, default="16", show_default=True, metavar="G", help="Unit of the space.")
@click.option("--header", type=size, default="0", show_default=True, metavar="H", help="Bytes before each block.")
@click.option("--fit", is_flag=True, help="Search for a capacity that suffices.")
@json_option
def command(
    trace: str,
    strategies: tuple[str, ...],
    capacity: int | None,
    align: int,
    granularity: int,
    header: int,
    fit: bool,
    as_json: bool,
) -> None:
    """Replay the allocations of TRACE through each strategy, and show what the program would have needed.

    TRACE is a file in any format that memcore reads, compressed or not, - for standard input, or the name of a
    bundled sample. Sizes are written 4096, 4K, 64MiB, 1.5GiB.

    Example: memcore replay sqlite3_3000 --strategy first-fit --strategy tlsf --fit
    """
    opened = open_trace(trace)
    with watched("Replaying") as progress:
        replay = memcore.replay(
            opened,
            strategies or None,
            capacity=capacity,
            align=align,
            granularity=granularity,
            header=header,
            fit=fit,
            progress=progress,
        )
    document = {"trace": about(opened, opened.summary(0)), "results": comparison.document(replay, fit=fit)}

    def draw(document: Mapping[str, Any]) -> RenderableType:
        shown = document["trace"]
        return Group(
            Text(f"{shown['path']}  ({shown['format']})", style="bold"),
            Text(f"{shown['events']:,} operations, peak of live bytes {amount(shown['peak_live'])}"),
            Text(""),
            comparison.table(document["results"]),
            Text(""),
            comparison.picture(replay),
            Text(""),
            Text(comparison.LEGEND, style="dim"),
        )

    answer(document, as_json=as_json, draw=draw)
