"""Page tables and segments as HTML."""

from __future__ import annotations

from html import escape
from typing import Any

from memcore import _tables
from memcore._memcore import SegmentMemory, VirtualMemoryManager

_PAGES: _tables.Columns[dict[str, Any]] = (
    ("virtual", lambda row: str(row["page"])),
    ("physical", lambda row: "" if row["frame"] is None else str(row["frame"])),
    ("present", lambda row: _yes(row["present"])),
    ("modified", lambda row: _yes(row["modified"])),
    ("referenced", lambda row: _yes(row["referenced"])),
    ("protection", lambda row: row["protection"]),
)

_SEGMENTS: _tables.Columns[dict[str, Any]] = (
    ("segment", lambda row: str(row["segment"])),
    ("base", lambda row: "out" if row["base"] is None else f"{row['base']:,}"),
    ("length", lambda row: f"{row['length']:,}"),
    ("protection", lambda row: row["protection"]),
)

#: The most rows that a notebook shows.
MOST = 100


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _framed(title: str, columns: _tables.Columns[dict[str, Any]], rows: list[dict[str, Any]], figures: str) -> str:
    more = f"<div>and {len(rows) - MOST:,} more</div>" if len(rows) > MOST else ""
    table = _tables.html(columns, rows[:MOST])
    return f"<div><code>{escape(title)}</code>{table}{more}<div>{escape(figures)}</div></div>"


def page_table(manager: VirtualMemoryManager) -> str:
    """What ``VirtualMemoryManager._repr_html_`` answers. O(pages), and bounded in length."""
    counts = manager.statistics
    figures = (
        f"{counts['used_pages']:,} of {counts['total_pages']:,} pages in {counts['used_frames']:,} of "
        f"{counts['total_frames']:,} frames; {counts['page_hits']:,} hits, {counts['page_faults']:,} faults, "
        f"{counts['page_replacements']:,} replacements"
    )
    return _framed(repr(manager), _PAGES, manager.rows(), figures)


def segments(memory: SegmentMemory) -> str:
    """What ``SegmentMemory._repr_html_`` answers. O(segments), and bounded in length."""
    stats = memory.stats
    figures = (
        f"{stats.used:,} bytes used, {stats.free:,} free in {stats.holes:,} holes; external fragmentation "
        f"{stats.external_fragmentation:.1%}"
    )
    return _framed(repr(memory), _SEGMENTS, memory.rows(), figures)
