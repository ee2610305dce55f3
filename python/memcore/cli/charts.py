"""Bars and curves made of characters, for tables and pictures on a terminal.

Block elements where standard output can show them, plain characters otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
_PLAIN_LEVELS = "_.-=+*%#"


def _has_blocks() -> bool:
    try:
        (_EIGHTHS + _LEVELS).encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def bar(part: float, whole: float, width: int) -> str:
    """``part`` of ``whole`` as a bar of at most ``width`` characters."""
    share = min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0
    if not _has_blocks():
        return "#" * round(share * width)
    eighths = round(share * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[rest]).rstrip()


def curve(values: Sequence[float], highest: float, width: int) -> str:
    """Values over time, each character the highest of its share of them; ``highest`` is the top of the scale."""
    levels = _LEVELS if _has_blocks() else _PLAIN_LEVELS
    width = min(width, len(values))
    shown = []
    for column in range(width):
        share = values[len(values) * column // width : len(values) * (column + 1) // width]
        level = max(share) / highest if highest > 0 else 0.0
        shown.append(levels[min(int(level * len(levels)), len(levels) - 1)])
    return "".join(shown)


def amount(size: float) -> str:
    """A number of bytes for people: ``1.70 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} EiB"
