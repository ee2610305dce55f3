"""NumPy arrays over blocks of a heap. NumPy is imported when the first is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def size(shape: int | Sequence[int], dtype: Any) -> int:
    """Bytes of an array. O(dimensions)."""
    import numpy as np

    lengths = _lengths(shape)
    if any(length < 0 for length in lengths):
        raise ValueError(f"negative dimensions are not allowed: {shape!r}")
    item: int = _plain(np.dtype(dtype)).itemsize
    return math.prod(lengths) * item


def over(block: Any, dtype: Any, shape: int | Sequence[int] | None) -> Any:
    """The array over a buffer's first bytes; without a shape, as long as the buffer can hold."""
    import numpy as np

    plain = _plain(np.dtype(dtype))
    if shape is None:
        with memoryview(block) as view:
            shape = view.nbytes // max(plain.itemsize, 1)
    # NumPy lets go of a buffer that it is given, but not of the object: the memoryview is what holds the block.
    return np.ndarray(shape, plain, buffer=memoryview(block))


def _lengths(shape: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(shape) if isinstance(shape, Sequence) else (shape.__index__(),)


def _plain(dtype: Any) -> Any:
    if dtype.hasobject:
        raise TypeError(f"bytes of a heap cannot hold Python objects: {dtype!r}")
    return dtype
