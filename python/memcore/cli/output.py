"""What a command writes on standard output: with ``--json`` one document, otherwise tables for people.

A command computes its answer once, as the document, and draws its tables from the same document: so a figure in the
table is the figure in the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType

#: The number of the documents' form. It grows when a member changes its meaning or disappears.
SCHEMA = 1

#: Columns of tables where no terminal says otherwise.
WIDTH = 100

_Command = TypeVar("_Command", bound=Callable[..., Any])


def json_option(command: _Command) -> _Command:
    """Give a command ``--json``, which arrives as the argument ``as_json``."""
    option = click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else on standard output."
    )
    return option(command)


def answer(
    document: Mapping[str, Any], *, as_json: bool, draw: Callable[[Mapping[str, Any]], RenderableType]
) -> None:
    """Print ``document`` as JSON, or what ``draw`` makes of it."""
    if as_json:
        # Figures that are not numbers would make a document that JSON readers refuse.
        click.echo(json.dumps({"schema": SCHEMA, **document}, indent=2, allow_nan=False))
    else:
        console = Console()
        if not console.is_terminal:
            # A pipe has no width of its own, and the 80 columns that are assumed for it would cut tables.
            console = Console(width=WIDTH)
        console.print(draw(document))
