"""Tables for people, as text and as HTML: rows of anything, and for each column a heading and what a row shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TypeVar

_Row = TypeVar("_Row")
Columns = Sequence[tuple[str, Callable[[_Row], str]]]


def text(columns: Columns[_Row], rows: Iterable[_Row]) -> str:
    """The first column to the left, the others to the right."""
    cells = [[heading for heading, _ in columns]]
    cells += [[show(row) for _, show in columns] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(columns))]
    lines = [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))])
        for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def html(columns: Columns[_Row], rows: Iterable[_Row]) -> str:
    """What notebooks show."""
    headings = "".join(f"<th>{escape(heading)}</th>" for heading, _ in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(show(row))}</td>" for _, show in columns) + "</tr>" for row in rows)
    return f"<table><thead><tr>{headings}</tr></thead><tbody>{body}</tbody></table>"


def number(value: int | None) -> str:
    """A whole number with separators; nothing for a missing one."""
    return "" if value is None else f"{value:,}"
