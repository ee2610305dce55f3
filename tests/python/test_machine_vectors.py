"""``tests/vectors/vm/exercises.vec``: the exercises of the textbooks through the machine, as in Rust and C."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import memcore
from memcore import Machine, Process

FILE = Path(__file__).parents[1] / "vectors" / "vm" / "exercises.vec"


class Runner:
    """One machine after the other, and the process that makes the calls."""

    def __init__(self) -> None:
        self.machine = Machine("textbook")
        self.process: Process | None = None
        self.number = 0

    def answer(self, line: str) -> str:
        """The outcome of a call."""
        word, *rest = line.split(" ")
        named = dict(part.split("=", 1) for part in rest if "=" in part)
        call: Callable[..., str] = getattr(self, f"do_{word}")
        try:
            if word == "machine":
                return call(rest[0], named)
            return call(*(part for part in rest if "=" not in part), **named)
        except memcore.Fault as fault:
            return f"fault {fault.kind} address={fault.address}"
        except memcore.NoProcessError:
            return f"fault no-process address={named['address']}"
        except memcore.VmError as error:
            return f"error {errno.errorcode[error.errno or 0]}"

    def caller(self) -> Process:
        if self.process is None:
            raise memcore.NoProcessError("no such process", process=self.number)
        return self.process

    def do_machine(self, preset: str, settings: dict[str, str]) -> str:
        self.machine = Machine(preset, **settings)
        self.process = self.machine.spawn()
        return "ok"

    def do_map(self, length: str, address: str | None = None, protection: str = "rw-") -> str:
        at = None if address is None else int(address)
        start = self.caller().mmap(int(length), protection, at=at, fixed=at is not None)
        return f"address={start}"

    def do_protect(self, address: str, length: str, protection: str) -> str:
        self.caller().mprotect(int(address), int(length), protection)
        return "ok"

    def do_fork(self) -> str:
        return f"process={self.caller().fork().number}"

    def do_as(self, number: str) -> str:
        self.number = int(number)
        try:
            self.process = self.machine.process(self.number)
        except memcore.NoProcessError:
            self.process = None
        return "ok"

    def do_references(self, pages: str, kind: str = "read") -> str:
        before = self.machine.counters
        addresses = []
        for part in pages.split(","):
            page, _, times = part.partition("*")
            addresses += [int(page) * 4096] * int(times or 1)
        self.caller().access_many(addresses, kind)
        after = self.machine.counters
        faults = sum(after[name] - before[name] for name in ("minor", "major"))
        return f"faults={faults} evicted={after['evicted'] - before['evicted']}"

    def do_read(self, address: str, length: str) -> str:
        return self.caller().read(int(address), int(length)).hex()

    def do_write(self, address: str, bytes: str) -> str:
        self.caller().write(int(address), bytearray.fromhex(bytes))
        return "ok"

    def do_walk(self, address: str) -> str:
        walk = self.caller().walk(int(address))
        steps = [f"{step.name}:{step.index}" for step in walk.steps]
        if walk.physical is not None:
            end = f"mapped offset={walk.physical % 4096}"
        else:
            words = {"nothing": "empty", "not canonical": "not-canonical", "on swap": "swapped", "guard": "guard"}
            end = next(word for text, word in words.items() if text in walk.outcome)
        return " ".join([*steps, end])

    def do_count(self, *names: str) -> str:
        return self._figures(self.machine.counters, names)

    def do_time(self, *names: str) -> str:
        return self._figures(self.machine.time, names)

    @staticmethod
    def _figures(figures: dict[str, Any], names: tuple[str, ...]) -> str:
        return " ".join(f"{name}={figures[name]}" for name in names)


@pytest.mark.skipif(not FILE.exists(), reason="the vectors are not there")
def test_the_exercises() -> None:
    runner = Runner()
    lines = [line for line in FILE.read_text(encoding="ascii").splitlines() if line and not line.startswith("#")]
    assert len(lines) > 30
    for line in lines:
        call, _, outcome = line.partition(" = ")
        assert runner.answer(call) == outcome, call
