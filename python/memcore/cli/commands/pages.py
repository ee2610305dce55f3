"""``memcore pages``: a trace through replacement policies side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

import memcore
from memcore.cli import policies as shown
from memcore.cli.output import answer, json_option
from memcore.cli.progress import watched
from memcore.cli.sizes import size
from memcore.cli.traces import about_pages, open_pages, page_size_option, trace_argument


@click.command
@trace_argument
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="P",
    help="name or name:key=value,...; several times for several. Default: fifo, clock, lru, arc, sieve, opt.",
)
@click.option(
    "--frames",
    multiple=True,
    type=size,
    metavar="N",
    help="Pages that fit; several times for several. Default: 1, 2, 5, 10, 20, 50 % of the distinct pages.",
)
@page_size_option
@click.option("--no-writebacks", is_flag=True, help="Do not count write-backs, which is faster.")
@json_option
def command(
    trace: str,
    policies: tuple[str, ...],
    frames: tuple[int, ...],
    page_size: int | None,
    no_writebacks: bool,
    as_json: bool,
) -> None:
    """Run the page references of TRACE through each policy, and show faults, evictions and write-backs.

    TRACE is a file of accesses or pages in any format that memcore reads, compressed or not, - for standard input, or
    the name of a bundled sample.

    Example: memcore pages ls_R --policy lru --policy clock:bit=clear --frames 30 --frames 60
    """
    opened = open_pages(trace, page_size)
    with watched("Simulating") as progress:
        paging = memcore.pages(
            opened, policies or None, frames or None, writebacks=not no_writebacks, progress=progress
        )
    document = {"trace": about_pages(opened), "results": paging.to_dicts()}

    def draw(document: Mapping[str, Any]) -> RenderableType:
        return Group(
            shown.heading(document["trace"]),
            Text(""),
            shown.table(document["results"]),
            Text(""),
            Text(shown.LEGEND, style="dim"),
        )

    answer(document, as_json=as_json, draw=draw)
