"""`sweep`: policies and sizes as tasks of any executor, on this machine or on many.

A task is one policy at one number of frames. It is a call of a module-level function with a handle of the trace, so
that it can be pickled and runs wherever memcore is installed. How a worker comes by the trace depends on the executor:

- ``None``: no task at all; the engine's own threads share the trace.
- a pool of threads: the trace itself.
- a pool of processes: the trace is written once to a temporary file, and each process reads it once.
- Dask (``client.get_executor()``): the trace is scattered, and each worker gets it once.
- any other executor: the trace travels with each task.
"""

from __future__ import annotations

import concurrent.futures
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from memcore._memcore import PageTrace, PagingRow, paging_rows, policy_facts
from memcore._paging import Paging, listed, page_trace, pages
from memcore._paging import sizes as sizes_of

__all__ = ["sweep"]


def sweep(
    trace: PageTrace | str | os.PathLike[str] | Any,
    policies: Any = None,
    sizes: int | Iterable[int] | None = None,
    executor: concurrent.futures.Executor | None = None,
    *,
    writebacks: bool = True,
    threads: int = 0,
    progress: Callable[[int, int | None], object] | None = None,
) -> Paging:
    """Run a page trace through each policy at each number of frames, as tasks of an executor.

    Without an executor this is `pages`, on the engine's threads: the fastest on one machine. With any executor of
    ``concurrent.futures``, such as a ``ProcessPoolExecutor`` or that of a Dask cluster, ``client.get_executor()``, each
    policy at each size is a task; the rows have the same numbers and the same order (``metadata_bytes`` apart, where
    the engine finds LRU's sizes together). A pool of processes reads the trace from a temporary file, once a process;
    Dask scatters it, once a worker; any other executor is given it with each task. Policies of your own must be
    importable by the workers.

    ``trace``, ``policies``, ``sizes`` (as ``frames``), ``writebacks`` and ``progress`` are as for `pages`; with an
    executor, ``progress`` is called after each task with the number of tasks done. ``threads`` is for the engine's own.
    What a task raises is raised, and those that have not begun are cancelled.

    >>> import memcore
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as executor:
    ...     result = memcore.sweep([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], ["lru", "opt"], [3, 4], executor)
    >>> [row.misses for row in result]
    [10, 8, 7, 6]
    """
    trace = page_trace(trace)
    if executor is None:
        return pages(trace, policies, sizes, writebacks=writebacks, threads=threads, progress=progress)
    cells = list(_cells(listed(policies), sizes_of(trace, sizes)))
    with _shared(trace, executor) as handle:
        tasks = [executor.submit(run_cell, handle, policy, frames, writebacks) for policy, frames in cells]
        try:
            rows = _results(tasks, progress)
        except BaseException:
            for task in tasks:
                task.cancel()
            # A task that runs still needs the trace.
            concurrent.futures.wait(tasks)
            raise
    return Paging(trace, rows)


def run_cell(handle: Any, policy: Any, frames: int, writebacks: bool) -> PagingRow:
    """One task: one policy at one number of frames, on one thread."""
    trace = handle.load() if isinstance(handle, _InFile) else handle
    (row,) = paging_rows(trace, [policy], [frames], writebacks=writebacks, threads=1)
    return row


def _cells(policies: list[Any], sizes: list[int]) -> Iterator[tuple[Any, int]]:
    """Each policy with each size; one whose rows do not depend on it, once."""
    for policy in policies:
        if isinstance(policy, str):
            once = policy_facts(policy).varies_allocation
        else:
            once = not isinstance(policy, type) and hasattr(policy, "access")
        yield from ((policy, frames) for frames in (sizes[:1] if once else sizes))


def _results(
    tasks: list[concurrent.futures.Future[PagingRow]], progress: Callable[[int, int | None], object] | None
) -> list[PagingRow]:
    """The rows in the order of the tasks; the first failure ends the waiting."""
    waiting = set(tasks)
    while waiting:
        done, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
        for task in done:
            task.result()
        if progress is not None:
            progress(len(tasks) - len(waiting), len(tasks))
    return [task.result() for task in tasks]


@dataclass(frozen=True)
class _InFile:
    """A trace in a file that processes of this machine read; each keeps the last one."""

    path: str
    token: str

    def load(self) -> PageTrace:
        if _last.get("token") != self.token:
            _last.clear()
            with open(self.path, "rb") as file:
                _last.update(token=self.token, trace=pickle.load(file))
        trace: PageTrace = _last["trace"]
        return trace


#: What this process has read.
_last: dict[str, Any] = {}


@contextmanager
def _shared(trace: PageTrace, executor: concurrent.futures.Executor) -> Iterator[Any]:
    """What the tasks are given in place of the trace."""
    client: Any = getattr(executor, "_client", None)
    if isinstance(executor, concurrent.futures.ProcessPoolExecutor):
        with tempfile.TemporaryDirectory(prefix="memcore-") as folder:
            path = os.path.join(folder, "trace.pickle")
            with open(path, "wb") as file:
                pickle.dump(trace, file, protocol=5)
            yield _InFile(path, os.urandom(16).hex())
    elif hasattr(client, "scatter"):
        # Not by its hash: that would cost a pass over the trace.
        yield client.scatter(trace, hash=False)
    else:
        yield trace
