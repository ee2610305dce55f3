"""A space as HTML: a bar, and the figures beneath it.

The engine draws the bar as one character a part; equal neighbours become one rectangle. So the picture of a million
blocks is no larger than that of a thousand.
"""

from __future__ import annotations

import itertools
from html import escape

from memcore._memcore import Allocator, Heap, Stats

#: Parts of the bar: the most rectangles that there can be.
PARTS = 400

_COLOURS = {
    "#": ("#31688e", "used"),
    "+": ("#4f86a6", "more than two thirds used"),
    "=": ("#7fa9c0", "up to two thirds used"),
    "-": ("#b3cddb", "up to a third used"),
    ".": ("#eef2f4", "free"),
    "x": ("#c9a66b", "dead: not reusable yet"),
}


def space(allocator: Allocator) -> str:
    """What ``Allocator._repr_html_`` answers. O(regions), and bounded in length."""
    return _drawn(repr(allocator), allocator.bar(PARTS), allocator.stats)


def heap(heap: Heap) -> str:
    """What ``Heap._repr_html_`` answers. O(blocks), and bounded in length."""
    if heap.closed:
        return f"<code>{escape(repr(heap))}</code>"
    return _drawn(repr(heap), _bar(heap), heap.stats)


def _bar(heap: Heap) -> str:
    """The memory as a bar: how much of each part lies in blocks."""
    length = heap.memory_bytes
    parts = min(PARTS, length)
    used = [0] * parts
    for block in heap.blocks():
        begin, end = block.offset, min(block.offset + block.size, length)
        for part in range(begin * parts // length, -(-end * parts // length) if begin >= 0 else 0):
            edges = part * length // parts, (part + 1) * length // parts
            used[part] += max(0, min(end, edges[1]) - max(begin, edges[0]))
    return "".join(_symbol(bytes, -(-length // parts)) for bytes in used)


def _symbol(used: int, whole: int) -> str:
    if used == 0:
        return "."
    return "-=+"[min(used * 3 // whole, 2)] if used < whole else "#"


def _drawn(title: str, bar: str, stats: Stats) -> str:
    figures = (
        f"{stats.blocks} blocks, {stats.used} bytes used, {stats.free} free in {stats.holes} holes, "
        f"the largest {stats.largest_hole}"
    )
    return (
        f'<div style="font-family: sans-serif; font-size: 13px"><code>{escape(title)}</code>'
        f'<svg role="img" width="100%" height="28" viewBox="0 0 {len(bar)} 28" preserveAspectRatio="none" '
        f'style="display: block; margin: 4px 0; border: 1px solid #888"><title>{escape(figures)}</title>'
        f"{''.join(_rectangles(bar))}</svg>{escape(figures)}</div>"
    )


def _rectangles(bar: str) -> list[str]:
    rectangles = []
    x = 0
    for symbol, run in itertools.groupby(bar):
        width = len(list(run))
        colour, meaning = _COLOURS[symbol]
        rectangles.append(
            f'<rect x="{x}" width="{width}" height="28" fill="{colour}"><title>{meaning}</title></rect>'
        )
        x += width
    return rectangles
