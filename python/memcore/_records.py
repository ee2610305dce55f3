"""Columns as one structured NumPy array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def operations(columns: Mapping[str, Any]) -> Any:
    """The operations of a trace, from the columns of `Trace.columns`."""
    import numpy as np

    fields = [("kind", "u1"), ("id", "u4"), ("size", "u8"), ("alignment", "u8"), ("thread", "u4")]
    records = np.empty(len(columns["kinds"]), dtype=fields)
    for (field, _), column in zip(fields, ("kinds", "ids", "sizes", "alignments", "threads"), strict=True):
        records[field] = columns[column]
    return records


def rows(flat: Sequence[Mapping[str, Any]]) -> Any:
    """Flat rows, all with the same keys: text, whole numbers and floats; a missing number is nan, and its column float."""
    import numpy as np

    columns = {name: [row[name] for row in flat] for name in (flat[0] if flat else ())}
    records = np.empty(len(flat), dtype=[(name, _type(values)) for name, values in columns.items()])
    for name, values in columns.items():
        records[name] = [np.nan if value is None else value for value in values]
    return records


def _type(values: Sequence[Any]) -> str:
    if any(isinstance(value, str) for value in values):
        return f"U{max(len(value) for value in values)}"
    return "u8" if all(isinstance(value, int) for value in values) else "f8"
