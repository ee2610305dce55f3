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
_ENDINGS = {"allocations": ".matr.zst", "accesses": ".pgtr.zst"}


@dataclass(frozen=True)
class Sample:
    """A bundled trace."""

    #: What `Trace.open` or `PageTrace.open`, and every command, take.
    name: str
    #: What ran.
    description: str
    #: Operations in it; references, in a page trace.
    operations: int
    #: Where it is.
    path: Path
    #: ``"allocations"``, read by `Trace`, or ``"accesses"``, read by `PageTrace`.
    kind: str


_ALLOCATIONS = {
    "sqlite3_3000": ("the sqlite3 shell: 9,000 inserts, joins, look-ups, updates, JSON, VACUUM", 483_790),
    "cc1_tlsf_O2": ("gcc's cc1 -O2 compiling a C file of 1,300 lines", 345_172),
    "numpy_sgd": ("Python with NumPy: linear algebra and gradient descent", 37_565),
    "pyav_video": ("Python with PyAV: encoding, decoding and scaling 60 frames of video", 57_652),
}
_ACCESSES = {
    "ls_R": ("ls -R over a folder of header files", 3_571_177),
    "lua_small": ("the Lua interpreter on a small script", 10_448_186),
    "matmul": ("a naive product of two 96 x 96 matrices in C", 8_634_613),
    "listwalk": ("60 walks over a linked list of 375 pages in random order, in C", 2_010_603),
}
_KNOWN = {name: ("allocations", *what) for name, what in _ALLOCATIONS.items()} | {
    name: ("accesses", *what) for name, what in _ACCESSES.items()
}


def samples(kind: str | None = None) -> list[Sample]:
    """The bundled traces, or those of one kind: ``"allocations"`` or ``"accesses"``.

    >>> import memcore
    >>> [sample.name for sample in memcore.samples("allocations")]
    ['sqlite3_3000', 'cc1_tlsf_O2', 'numpy_sgd', 'pyav_video']
    >>> [sample.name for sample in memcore.samples("accesses")]
    ['ls_R', 'lua_small', 'matmul', 'listwalk']
    """
    return [
        Sample(name, description, operations, _FOLDER / f"{name}{_ENDINGS[known]}", known)
        for name, (known, description, operations) in _KNOWN.items()
        if kind in (None, known)
    ]


def find(path: str | os.PathLike[str]) -> Path:
    """The file that ``path`` names: itself, or the sample of that name where there is no such file."""
    found = Path(path)
    name = os.fspath(path)
    if name in _KNOWN and not found.exists():
        return _FOLDER / f"{name}{_ENDINGS[_KNOWN[name][0]]}"
    return found
