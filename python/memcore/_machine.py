"""The virtual memory machine as people see it: views of memory, tables, HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, overload

from memcore import _tables
from memcore._memcore import Area, Areas, Machine, Process

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
        if high - low <= _SPAN:
            return self._process.read(low, high - low + 1)[addresses[0] - low :: addresses.step][: len(addresses)] if (
                addresses.step > 0
            ) else self._process.read(low, high - low + 1)[:: addresses.step][: len(addresses)]
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
