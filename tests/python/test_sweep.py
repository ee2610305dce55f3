"""Sweeps on executors: the same numbers from threads, processes and a Dask cluster, in the same order."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import pickle
import tempfile
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import memcore
from memcore import PageTrace, Paging, sweep

TRACE = PageTrace.generate("scan:pages=500,references=30000,writes=20")
POLICIES = ["lru", "clock:bit=clear", "opt", "working-set:tau=200", "arc"]
SIZES = [3, 30, 100, 200, 300, 499]


#: A module that workers can import, as those of pytest are not.
OWN = '''
class Own:
    """FIFO, in Python."""

    def __init__(self, frames):
        self.frames = frames
        self.pages = []

    def access(self, page):
        if page in self.pages:
            return True
        self.pages = [*self.pages, page][-self.frames :]
        return False
'''


def figures(paging: Paging) -> list[dict[str, Any]]:
    """All but the bytes: LRU's sizes are had together where the engine sees all of them."""
    return [row.to_dict() | {"metadata_bytes": None} for row in paging]


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    return figures(sweep(TRACE, POLICIES, SIZES))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The class of `OWN`, in a module on the path, which new processes inherit."""
    folder = tmp_path_factory.mktemp("modules")
    folder.joinpath("memcore_own_policy.py").write_text(OWN, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield importlib.import_module("memcore_own_policy").Own


@pytest.fixture(scope="module")
def processes(own: Any) -> Any:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


def test_without_an_executor_it_is_pages(expected: list[dict[str, Any]]) -> None:
    assert figures(memcore.pages(TRACE, POLICIES, SIZES)) == expected
    assert len(expected) == 4 * len(SIZES) + 1


def test_a_pool_of_threads(expected: list[dict[str, Any]]) -> None:
    with ThreadPoolExecutor(3) as executor:
        assert figures(sweep(TRACE, POLICIES, SIZES, executor)) == expected


def test_a_pool_of_processes(processes: Executor, expected: list[dict[str, Any]]) -> None:
    assert processes.submit(os.getpid).result() != os.getpid()
    before = set(Path(tempfile.gettempdir()).glob("memcore-*"))
    assert figures(sweep(TRACE, POLICIES, SIZES, processes)) == expected
    assert figures(sweep(TRACE, POLICIES, SIZES, processes)) == expected
    assert set(Path(tempfile.gettempdir()).glob("memcore-*")) == before


def test_another_trace_is_not_mistaken_for_the_last(processes: Executor) -> None:
    for pages in ([1, 2, 1], [1, 2, 3, 4], [1, 1]):
        rows = sweep(pages, ["lru"], [1, 2, 3], processes)
        assert [row.misses for row in rows] == [row.misses for row in memcore.pages(pages, "lru", [1, 2, 3])]


def test_an_executor_of_ones_own(expected: list[dict[str, Any]]) -> None:
    class Here(Executor):
        """Runs each task at once, as pickled text."""

        def submit(self, task: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
            done: Future[Any] = Future()
            task, arguments = pickle.loads(pickle.dumps((task, arguments)))
            done.set_result(pickle.loads(pickle.dumps(task(*arguments))))
            return done

    assert figures(sweep(TRACE, POLICIES, SIZES, Here())) == expected


def test_own_policies_travel(processes: Executor, own: Any) -> None:
    result = sweep(TRACE, ["fifo", own], [3, 20], processes)
    assert [(row.policy, row.frames) for row in result] == [("fifo", 3), ("fifo", 20), ("Own", 3), ("Own", 20)]
    assert [row.misses for row in result][:2] == [row.misses for row in result][2:]
    assert len(sweep(TRACE, own(5), [3, 20], processes)) == 1


def test_progress_counts_tasks(processes: Executor) -> None:
    reports: list[tuple[int, int | None]] = []
    sweep(TRACE, ["lru"], SIZES, processes, progress=lambda done, total: reports.append((done, total)))
    assert reports[-1] == (len(SIZES), len(SIZES)) and reports == sorted(reports)


def test_failures_are_raised(processes: Executor) -> None:
    with pytest.raises(memcore.BadParameterError) as caught:
        sweep(TRACE, ["lru"], [3, 0], processes)
    assert (caught.value.name, caught.value.value) == ("frames", 0)

    def refuse(done: int, total: int | None) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        sweep(TRACE, ["lru"], SIZES, processes, progress=refuse)
    with pytest.raises(memcore.UnknownNameError):
        sweep(TRACE, ["lur"], SIZES, processes)


@pytest.mark.filterwarnings("default")
def test_a_dask_cluster(expected: list[dict[str, Any]], tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    # Workers are processes, so that what is sent is pickled.
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            local_directory=str(tmp_path),
            memory_limit=0,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        assert executor.submit(os.getpid).result() != os.getpid()
        assert figures(sweep(TRACE, POLICIES, SIZES, executor)) == expected
        # The trace was sent beside the tasks, and nobody keeps it.
        gc.collect()
        deadline = time.monotonic() + 10
        while client.who_has() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not client.who_has()


def test_tasks_are_small() -> None:
    from memcore import _sweep

    sizes = []

    class Counting(ProcessPoolExecutor):
        def submit(self, task: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
            sizes.append(len(pickle.dumps((task, arguments))))
            done: Future[Any] = Future()
            done.set_result(_sweep.run_cell(*arguments))
            return done

    with Counting(1) as executor:
        sweep(TRACE, ["lru"], SIZES, executor)
    assert max(sizes) < 1000
