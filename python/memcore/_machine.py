"""The virtual memory machine as people see it: views of memory, tables, HTML."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, overload

from memcore import _tables
from memcore._memcore import Area, Areas, Machine, Process, machines

__all__ = ["View"]

_AREAS: _tables.Columns[Area] = (
    ("range", lambda area: f"{area.start:#x}-{area.end:#x}"),
    ("bytes", lambda area: f"{area.length:,}"),
    ("protection", lambda area: area.protection + ("s" if area.is_shared else "p")),
    ("kind", lambda area: area.kind),
    ("file", lambda area: "" if area.file is None else f"{area.file}+{area.offset:#x}"),
    ("name", lambda area: area.name),
    ("flags", lambda area: " ".join(area.flags)),
)


class View:
    """Bytes of a process as a sequence: what `Process.view` answers.

    An index is a byte; a slice is a view of its part, with any step, and can be assigned. Nothing is copied until bytes
    are asked for, and what is read is what is in memory then.

    >>> import memcore
    >>> process = memcore.Machine("linux").spawn()
    >>> view = process.view(process.mmap(4096), 10)
    >>> view[:5] = b"hello"
    >>> bytes(view[::-1])
    b'\\x00\\x00\\x00\\x00\\x00olleh'
    >>> view[1], len(view[2:5]), view[:5] == b"hello"
    (101, 3, True)
    """

    def __init__(self, process: Process, address: int, length: int) -> None:
        self._process = process
        self._addresses = range(address, address + length)

    @property
    def process(self) -> Process:
        """Whose memory it is."""
        return self._process

    @property
    def addresses(self) -> range:
        """The addresses of the bytes."""
        return self._addresses

    @property
    def nbytes(self) -> int:
        """How many bytes there are."""
        return len(self._addresses)

    def tobytes(self) -> bytes:
        """The bytes; raises what `Process.read` raises."""
        addresses = self._addresses
        if not addresses:
            return b""
        if addresses.step == 1:
            return self._process.read(addresses.start, len(addresses))
        low, high = min(addresses[0], addresses[-1]), max(addresses[0], addresses[-1])
        if high - low < _SPAN:
            return self._process.read(low, high - low + 1)[:: addresses.step]
        return bytes(self._process[address] for address in addresses)

    def hex(self) -> str:
        """The bytes as hexadecimal digits."""
        return self.tobytes().hex()

    def __bytes__(self) -> bytes:
        return self.tobytes()

    def __len__(self) -> int:
        return len(self._addresses)

    def __iter__(self) -> Iterator[int]:
        return iter(self.tobytes())

    @overload
    def __getitem__(self, key: int) -> int: ...

    @overload
    def __getitem__(self, key: slice) -> View: ...

    def __getitem__(self, key: int | slice) -> int | View:
        if isinstance(key, slice):
            part = View(self._process, 0, 0)
            part._addresses = self._addresses[key]
            return part
        byte: int = self._process[self._addresses[key]]
        return byte

    def __setitem__(self, key: int | slice, value: Any) -> None:
        if not isinstance(key, slice):
            self._process[self._addresses[key]] = value
            return
        addresses, data = self._addresses[key], memoryview(value).tobytes()
        if len(data) != len(addresses):
            raise ValueError(f"{len(data)} bytes cannot be assigned to {len(addresses)}")
        if addresses.step == 1:
            self._process.write(addresses.start, data)
            return
        for address, byte in zip(addresses, data, strict=True):
            self._process[address] = byte

    def __eq__(self, other: object) -> bool:
        try:
            data = other.tobytes() if isinstance(other, View) else memoryview(other).tobytes()  # type: ignore[arg-type]
        except TypeError:
            return NotImplemented
        return self.tobytes() == data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<View of {len(self)} bytes at {self._addresses.start:#x} of process {self._process.number}>"


#: Bytes with a step are read at once where they lie within so many.
_SPAN = 1 << 20


def areas_text(areas: Areas) -> str:
    """What ``str(areas)`` answers."""
    return _tables.text(_AREAS, areas)


def areas_html(areas: Areas) -> str:
    """What ``Areas._repr_html_`` answers."""
    return _tables.html(_AREAS, areas)


def text_html(text: str) -> str:
    """Text of fixed width for a notebook."""
    return f"<pre>{escape(text)}</pre>"


def process_html(process: Process) -> str:
    """What ``Process._repr_html_`` answers."""
    if not process.is_alive:
        return text_html(repr(process))
    return f"<div><code>{escape(repr(process))}</code>{areas_html(process.areas)}</div>"


_COUNTS: _tables.Columns[tuple[str, int]] = (
    ("", lambda row: row[0]),
    ("", lambda row: f"{row[1]:,}"),
)
_SHARES: _tables.Columns[tuple[str, int, int]] = (
    ("cycles", lambda row: row[0]),
    ("", lambda row: f"{row[1]:,}"),
    ("share", lambda row: f"{row[1] / max(row[2], 1):.1%}"),
)


def _figures(machine: Machine) -> tuple[list[tuple[str, int]], list[tuple[str, int, int]]]:
    counted = [(name, count) for name, count in machine.counters.items() if count]
    total = sum(machine.time.values())
    return counted, [(name, cycles, total) for name, cycles in machine.time.items() if cycles]


def machine_text(machine: Machine) -> str:
    """What ``str(machine)`` answers: what happened, and where time went."""
    counted, spent = _figures(machine)
    parts = [repr(machine)]
    if counted:
        parts.append(_tables.text(_COUNTS, counted).lstrip("\n"))
    if spent:
        parts.append(_tables.text(_SHARES, spent))
    return "\n\n".join(parts)


def machine_html(machine: Machine) -> str:
    """What ``Machine._repr_html_`` answers."""
    counted, spent = _figures(machine)
    return (
        f"<div><code>{escape(repr(machine))}</code>{_tables.html(_COUNTS, counted)}{_tables.html(_SHARES, spent)}</div>"
    )


class Listing(dict[str, int]):
    """Figures by their names, in bytes where they are memory, that print as Linux prints them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text.rstrip("\n")
        for line in self.text.splitlines():
            name, *rest = line.replace(":", " ").split()
            if rest and rest[0].lstrip("-").isdigit():
                self[name] = int(rest[0]) * (1024 if rest[1:] == ["kB"] else 1)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return text_html(self.text)


def listing(text: str) -> Listing:
    """What `Machine.meminfo` and its kin answer."""
    return Listing(text)


#: Keys whose variants have values of their own, which are not laid over each other.
_CHOICES = {"memory.watermarks", "replacement.sight", "replacement.scope"}


def configuration(config: Any, overrides: Mapping[str, Any] | None) -> tuple[str, list[tuple[str, str]]]:
    """TOML that a configuration begins with, and the values that are laid over it, by dotted keys."""
    values: list[tuple[str, str]] = []
    if config is None:
        text = ""
    elif isinstance(config, Mapping):
        given = dict(config)
        preset = given.pop("preset", None)
        text = "" if preset is None else f"preset = {json.dumps(preset)}\n"
        values += _flat("", given)
    elif isinstance(config, os.PathLike):
        text = Path(config).read_text(encoding="utf-8")
    elif not isinstance(config, str):
        raise TypeError(f"a preset, a path, TOML or a dictionary is wanted, not {type(config).__name__}")
    elif config in machines():
        text = f"preset = {json.dumps(config)}\n"
    elif "\n" in config or "=" in config:
        text = config
    elif config.endswith(".toml"):
        text = Path(config).read_text(encoding="utf-8")
    else:
        text = f"preset = {json.dumps(config)}\n"
    values += _flat("", overrides or {})
    return text, values


def _flat(above: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    flat = []
    for name, value in values.items():
        name = str(name).replace("_", "-")
        key = f"{above}.{name}" if above else name
        if isinstance(value, Mapping) and above not in _CHOICES:
            flat += _flat(key, value)
        elif isinstance(value, str):
            # As on a command line: the engine tells words from TOML.
            flat.append((key, value))
        else:
            flat.append((key, "none" if value is None else _toml(value)))
    return flat


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        parts = (f"{str(name).replace('_', '-')} = {_toml(part)}" for name, part in value.items())
        return "{ " + ", ".join(parts) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return str(value)
