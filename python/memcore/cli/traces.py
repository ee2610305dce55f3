"""The argument TRACE of every command, and what documents say about a trace."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from memcore import Summary, Trace
from memcore.cli.progress import watched

#: ``@trace_argument`` gives a command the argument ``trace``: text for `open_trace`.
trace_argument = click.argument("trace", metavar="TRACE")


def open_trace(text: str) -> Trace:
    """A file in any format, ``-`` for standard input, or the name of a bundled sample."""
    with watched("Reading") as progress:
        if text == "-":
            return Trace.from_bytes(sys.stdin.buffer.read(), "<stdin>", progress=progress)
        if os.path.isdir(text):
            raise IsADirectoryError(f"{text} is a directory, not a trace")
        return Trace.open(text, progress=progress)


def about(trace: Trace, summary: Summary) -> dict[str, Any]:
    """The member ``trace`` of documents."""
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
