"""``memcore convert``: a trace from one format to another."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from memcore import Trace
from memcore.cli.output import answer, json_option
from memcore.cli.traces import open_whole

#: By the kind of trace: the endings of names that ask for a format; any other asks for memcore's own.
_ENDINGS = {
    "allocations": {"rep": "rep", "matr": "matr"},
    "accesses": {"pgtr": "pgtr", "txt": "page-text", "numbers": "numbers"},
}


@click.command
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["memcore", "matr", "rep", "pgtr", "page-text", "numbers"]),
    help="Of OUT; by default its name tells: .rep, .matr; .pgtr, .txt (page-text), .numbers; anything else memcore.",
)
@json_option
def command(source: str, target: str, format_: str | None, as_json: bool) -> None:
    """Write the trace IN to the file OUT in another format, and say what that format cannot hold.

    IN is a file in any format that memcore reads, - for standard input, or the name of a bundled sample. A name of OUT
    that ends in .gz, .xz or .zst is compressed. Traces of allocations are written as memcore, matr or rep, traces of
    accesses as memcore, pgtr, page-text or numbers.

    Example: memcore convert sqlite3_3000 sqlite3.rep.gz
    """
    trace = open_whole(source)
    kind = "allocations" if isinstance(trace, Trace) else "accesses"
    if target == "-":
        raise click.UsageError("a trace is written to a file, which needs a name other than -")
    if format_ is None:
        _check_ending(target, kind)
    lost = trace.save(target, format_)
    document = {
        "input": {"path": trace.name, "format": trace.format, "events": len(trace)},
        "output": {"path": target, "format": format_ or _format_of(target, kind), "bytes": os.path.getsize(target)},
        "lost": lost,
    }
    answer(document, as_json=as_json, draw=_draw)


def _ending(target: str) -> str:
    stem = target.removesuffix(".zst").removesuffix(".gz").removesuffix(".xz")
    return stem.rpartition(".")[2] if "." in stem else ""


def _format_of(target: str, kind: str) -> str:
    return _ENDINGS[kind].get(_ending(target), "memcore")


def _check_ending(target: str, kind: str) -> None:
    """Refuse a name that asks for a form of the other kind of trace."""
    ending = _ending(target)
    if ending not in _ENDINGS[kind] and any(ending in endings for endings in _ENDINGS.values()):
        raise click.UsageError(f"{target}: .{ending} does not hold {kind}; --format says what else is wanted")


def _draw(document: Mapping[str, Any]) -> RenderableType:
    source, target = document["input"], document["output"]
    lines = [
        Text(
            f"{source['path']} ({source['format']}) -> {target['path']} ({target['format']}): "
            f"{source['events']:,} events in {target['bytes']:,} bytes"
        )
    ]
    lines += [Text(f"lost: {count:,} {what}", style="yellow") for what, count in document["lost"].items()]
    if not document["lost"]:
        lines.append(Text("nothing lost", style="green"))
    return Group(*lines)
