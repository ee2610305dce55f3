"""Sizes as people write them: ``4096``, ``4K``, ``64MiB``, ``1.5GiB``.

Units are powers of 1024, with or without ``iB`` or ``B``, in any case: memory has no other kilobyte. The value is
computed as an exact fraction; one that is no whole number of bytes is an error, not rounded.
"""

from __future__ import annotations

import re
from fractions import Fraction

import click

_UNITS = {unit: 1024**power for power, unit in enumerate(["", "k", "m", "g", "t", "p", "e"])}
_FORM = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kmgtpe]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_LARGEST = 2**64 - 1
# 2**64 - 1 has 20 digits; a text longer than any size that a person writes is refused before it is computed with.
_LONGEST = 100


def parse_size(text: str) -> int:
    """Return the number of bytes that ``text`` names, or raise `ValueError` with the reason."""
    form = _FORM.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if form is None:
        raise ValueError(f"{text[:_LONGEST]!r} is no size: write 4096, 4K, 64MiB or 1.5GiB")
    size = Fraction(form["number"]) * _UNITS[form["unit"].lower()]
    if size.denominator != 1:
        raise ValueError(f"{text!r} is no whole number of bytes")
    if size > _LARGEST:
        raise ValueError(f"{text!r} is more than 2^64 - 1 bytes")
    return int(size)


def size(text: str) -> int:
    """The type of an option or argument that is a size: ``type=size``."""
    try:
        return parse_size(text)
    except ValueError as reason:
        raise click.BadParameter(str(reason)) from reason
