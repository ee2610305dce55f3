"""A memory hierarchy as a table: its counts, and where the time goes."""

from __future__ import annotations

from typing import Any, NamedTuple

from memcore import _tables
from memcore._memcore import Hierarchy


class _Place(NamedTuple):
    name: str
    stats: dict[str, Any] | None
    average: float


_TABLE: _tables.Columns[_Place] = (
    ("place", lambda place: place.name),
    ("accesses", lambda place: _count(place, "accesses")),
    ("misses", lambda place: _count(place, "misses")),
    ("miss ratio", lambda place: "" if place.stats is None else f"{place.stats['miss_ratio']:.2%}"),
    ("evictions", lambda place: _count(place, "evictions")),
    ("write-backs", lambda place: _count(place, "write_backs")),
    ("prefetches", lambda place: _count(place, "prefetches")),
    ("cycles/access", lambda place: f"{place.average:.3f}"),
)


def _count(place: _Place, name: str) -> str:
    return "" if place.stats is None else f"{place.stats[name]:,}"


def _places(hierarchy: Hierarchy) -> list[_Place]:
    stats = hierarchy.stats()
    time = hierarchy.average_access_time()
    places = [_Place(share["name"], stats.get(share["name"]), share["average"]) for share in time["shares"]]
    return [*places, _Place("all", None, time["average"])]


def text(hierarchy: Hierarchy) -> str:
    """What ``str(hierarchy)`` answers."""
    return _tables.text(_TABLE, _places(hierarchy))


def html(hierarchy: Hierarchy) -> str:
    """What ``Hierarchy._repr_html_`` answers."""
    return _tables.html(_TABLE, _places(hierarchy))
