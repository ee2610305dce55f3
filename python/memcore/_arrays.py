"""NumPy arrays over blocks of a heap. NumPy is imported when the first is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def size(shape: int | Sequence[int], dtype: Any) -> int:
    """Bytes of an array. O(dimensions)."""
    import numpy as np

    lengths = _lengths(shape)
    item: int = _plain(np.dtype(dtype)).itemsize
    return math.prod(lengths) * item


def over(block: Any, dtype: Any, shape: int | Sequence[int] | None) -> Any:
    """The array over a buffer's first bytes; without a shape, as long as the buffer can hold."""
    import numpy as np

    plain = _plain(np.dtype(dtype))
    if shape is None:
        with memoryview(block) as view:
            shape = view.nbytes // max(plain.itemsize, 1)
    lengths = _lengths(shape)
    count = math.prod(lengths)
    if count == 0 or plain.itemsize == 0:
        return np.empty(lengths, plain)
    # Of the ways to make an array over a buffer, this one holds on to it, and not only to the object.
    return np.frombuffer(block, plain, count).reshape(lengths)


def _lengths(shape: int | Sequence[int]) -> tuple[int, ...]:
    lengths = tuple(shape) if isinstance(shape, Sequence) else (shape.__index__(),)
    if any(length < 0 for length in lengths):
        raise ValueError(f"negative dimensions are not allowed: {shape!r}")
    return lengths


def _plain(dtype: Any) -> Any:
    if dtype.hasobject:
        raise TypeError(f"bytes of a heap cannot hold Python objects: {dtype!r}")
    return dtype
