"""The sample traces that come with the package.

Each is a file in ``memcore/samples``; its README says how it was recorded. What a list of samples shows stands here,
so that listing them opens no file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Sample", "samples"]

_FOLDER = Path(__file__).with_name("samples")
_ENDING = ".matr.zst"


@dataclass(frozen=True)
class Sample:
    """A bundled trace."""

    #: What `Trace.open` and every command take.
    name: str
    #: What ran.
    description: str
    #: Operations in it.
    operations: int
    #: Where it is.
    path: Path


_KNOWN = {
    "sqlite3_3000": ("the sqlite3 shell: 9,000 inserts, joins, look-ups, updates, JSON, VACUUM", 483_790),
    "cc1_tlsf_O2": ("gcc's cc1 -O2 compiling a C file of 1,300 lines", 345_172),
    "numpy_sgd": ("Python with NumPy: linear algebra and gradient descent", 37_565),
    "pyav_video": ("Python with PyAV: encoding, decoding and scaling 60 frames of video", 57_652),
}


def samples() -> list[Sample]:
    """The bundled traces.

    >>> import memcore
    >>> [sample.name for sample in memcore.samples()]
    ['sqlite3_3000', 'cc1_tlsf_O2', 'numpy_sgd', 'pyav_video']
    """
    return [
        Sample(name, description, operations, _FOLDER / f"{name}{_ENDING}")
        for name, (description, operations) in _KNOWN.items()
    ]


def find(path: str | os.PathLike[str]) -> Path:
    """The file that ``path`` names: itself, or the sample of that name where there is no such file."""
    found = Path(path)
    if os.fspath(path) in _KNOWN and not found.exists():
        return _FOLDER / f"{os.fspath(path)}{_ENDING}"
    return found
