"""The argument TRACE of every command, and what documents say about a trace."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

import memcore
from memcore import AccessTrace, Note, OtherKindError, PageTrace, Summary, Trace
from memcore.cli.progress import watched
from memcore.cli.sizes import size

#: ``@trace_argument`` gives a command the argument ``trace``: text for `open_trace` and its kin.
trace_argument = click.argument("trace", metavar="TRACE")

#: ``@page_size_option`` gives a command the argument ``page_size``: for `open_pages`.
page_size_option = click.option(
    "--page-size",
    type=size,
    metavar="B",
    help="Bytes of a page. Default: 4096 for addresses, the recorded size for pages, 1 for plain numbers.",
)


def open_trace(text: str) -> Trace:
    """A trace of allocations: a file in any format, ``-`` for standard input, or the name of a bundled sample."""
    with watched("Reading") as progress:
        if text == "-":
            return Trace.from_bytes(sys.stdin.buffer.read(), "<stdin>", progress=progress)
        return Trace.open(_file(text), progress=progress)


def open_pages(text: str, page_size: int | None = None) -> PageTrace:
    """The pages of a trace of accesses, likewise."""
    with watched("Reading") as progress:
        if text == "-":
            content = sys.stdin.buffer.read()
            return PageTrace.from_bytes(content, "<stdin>", page_size, progress=progress)
        return PageTrace.open(_file(text), page_size, progress=progress)


def open_accesses(text: str) -> AccessTrace:
    """Every access of a trace as it was recorded, likewise."""
    with watched("Reading") as progress:
        if text == "-":
            return AccessTrace.from_bytes(sys.stdin.buffer.read(), "<stdin>", progress=progress)
        return AccessTrace.open(_file(text), progress=progress)


def open_any(text: str, page_size: int | None = None) -> Trace | PageTrace:
    """A trace of either kind, told by its content."""
    if text != "-":
        kind, _ = memcore.trace_kind(_file(text))
        return open_trace(text) if kind == "allocations" else open_pages(text, page_size)
    content = sys.stdin.buffer.read()
    try:
        return PageTrace.from_bytes(content, "<stdin>", page_size)
    except OtherKindError:
        return Trace.from_bytes(content, "<stdin>")


def open_whole(text: str) -> Trace | AccessTrace:
    """As `open_any`, with every access as it was recorded."""
    if text != "-":
        kind, _ = memcore.trace_kind(_file(text))
        if kind == "allocations":
            return open_trace(text)
        with watched("Reading") as progress:
            return AccessTrace.open(text, progress=progress)
    content = sys.stdin.buffer.read()
    try:
        return AccessTrace.from_bytes(content, "<stdin>")
    except OtherKindError:
        return Trace.from_bytes(content, "<stdin>")


def _file(text: str) -> str:
    if os.path.isdir(text):
        raise IsADirectoryError(f"{text} is a directory, not a trace")
    return text


def about(trace: Trace, summary: Summary) -> dict[str, Any]:
    """The member ``trace`` of documents on allocations."""
    return {
        "path": trace.name,
        "format": trace.format,
        "events": len(trace),
        "blocks": summary.blocks,
        "peak_live": summary.peak_live_bytes,
        "peak_live_blocks": summary.peak_live_blocks,
        "end_live": summary.end_live_bytes,
        "end_live_blocks": summary.end_live_blocks,
        "requested": summary.requested_bytes,
        "threads": summary.threads,
        "absent_operations": summary.absent_operations,
    }


def about_pages(trace: PageTrace) -> dict[str, Any]:
    """The member ``trace`` of documents on pages."""
    return {
        "path": trace.name,
        "format": trace.format,
        "accesses": len(trace),
        "distinct_pages": trace.pages,
        "page_size": trace.page_size,
    }


def noted(notes: Sequence[Note]) -> list[dict[str, Any]]:
    """The member ``notes`` of documents."""
    return [{"kind": note.kind, "reason": note.reason, "count": note.count, "first": note.first} for note in notes]
