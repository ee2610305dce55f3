"""How far the work is, for people who wait.

A bar appears on standard error when the work has lasted a second and standard error is a terminal; otherwise nothing
is written. What `watched` hands out is a progress callback as every long call of memcore takes it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

#: Seconds of work that pass in silence.
PATIENCE = 1.0


class _Bar:
    """Draws itself from the first report after `PATIENCE` on."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._begin = time.monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int | None) -> None:
        if self._drawn is None:
            if time.monotonic() - self._begin < PATIENCE:
                return
            self._drawn = self._draw()
        progress, task = self._drawn
        progress.update(task, completed=done, total=total)

    def _draw(self) -> tuple[Progress, TaskID]:
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        task = progress.add_task(self._what, total=None)
        progress.start()
        return progress, task

    def remove(self) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()


@contextmanager
def watched(what: str) -> Iterator[Callable[[int, int | None], None] | None]:
    """Give the body a progress callback, or None where nobody watches; ``what`` stands before the bar."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(what)
    try:
        yield bar
    finally:
        bar.remove()
