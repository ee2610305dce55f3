"""``memcore samples``: the bundled traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.console import RenderableType
from rich.table import Table

from memcore import samples
from memcore.cli.output import answer, json_option


@click.command
@json_option
def command(as_json: bool) -> None:
    """List the traces that come with memcore. Every command takes one by its name.

    Example: memcore samples
    """
    listed = [
        {
            "name": sample.name,
            "kind": sample.kind,
            "description": sample.description,
            "operations": sample.operations,
            "bytes": sample.path.stat().st_size,
            "path": str(sample.path),
        }
        for sample in samples()
    ]
    answer({"samples": listed}, as_json=as_json, draw=_draw)


def _draw(document: Mapping[str, Any]) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True, style="green")
    table.add_column("what it holds", no_wrap=True)
    table.add_column("events", justify="right")
    table.add_column("what ran")
    for sample in document["samples"]:
        table.add_row(sample["name"], sample["kind"], f"{sample['operations']:,}", sample["description"])
    return table
