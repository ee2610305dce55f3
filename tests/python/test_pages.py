"""Simulations and curves: the figures, a user's own policies, what results can become, Ctrl-C."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import memcore
from memcore import Cache, PageTrace, mrc, pages

BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
SILBERSCHATZ = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
TANENBAUM = [0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1]

#: Misses at 3, 4 and 5 frames, from the literature or by hand.
TEXTBOOK = {
    "fifo": [(9, 10, 5), (15, 10, 9), (7, 4, 4)],
    "lru": [(10, 8, 5), (12, 8, 7), (5, 4, 4)],
    "opt": [(7, 6, 5), (9, 8, 7), (5, 4, 4)],
    "clock": [(9, 10, 5), (14, 9, 9), (7, 4, 4)],
    "clock:bit=clear": [(10, 8, 5), (11, 8, 7), (5, 4, 4)],
    "mru": [(7, 6, 5), (16, 12, 9), (5, 4, 4)],
    "lfu": [(10, 8, 5), (11, 9, 7), (5, 4, 4)],
    "lfu:tie=fifo": [(10, 8, 5), (13, 9, 7), (5, 4, 4)],
    "sieve": [(10, 8, 5), (11, 8, 7), (5, 4, 4)],
}


class Own:
    """LRU, in Python."""

    name = "own lru"

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.order: OrderedDict[int, None] = OrderedDict()

    def access(self, page: int) -> bool:
        hit = page in self.order
        if not hit and len(self.order) == self.frames:
            self.order.popitem(last=False)
        self.order[page] = None
        self.order.move_to_end(page)
        return hit


@pytest.mark.parametrize("policy", TEXTBOOK)
def test_textbook_strings(policy: str) -> None:
    for string, expected in zip((BELADY, SILBERSCHATZ, TANENBAUM), TEXTBOOK[policy], strict=True):
        assert tuple(row.misses for row in pages(string, policy, [3, 4, 5])) == expected


def test_the_figures() -> None:
    trace = PageTrace.from_arrays(BELADY, writes=[page == 1 for page in BELADY])
    (row,) = pages(trace, "fifo", 3)
    # 1 is written each time: loaded and dirtied three times, twice gone.
    assert row.to_dict() | {"metadata_bytes": 0} == {
        "policy": "fifo",
        "frames": 3,
        "accesses": 12,
        "hits": 3,
        "misses": 9,
        "miss_ratio": 0.75,
        "evictions": 6,
        "writebacks": 2,
        "dirty_at_end": 0,
        "resident_set": None,
        "metadata_bytes": 0,
    }
    (row,) = pages(trace, "fifo", 3, writebacks=False)
    assert (row.misses, row.writebacks, row.dirty_at_end) == (9, None, None)
    (row,) = pages(trace, "fifo", 5)
    assert (row.writebacks, row.dirty_at_end) == (0, 1)


def test_a_policy_that_chooses_its_frames() -> None:
    result = pages(BELADY, ["working-set:tau=3", "lru"], [3, 4])
    assert [(row.policy, row.frames) for row in result] == [("working-set:tau=3", None), ("lru", 3), ("lru", 4)]
    resident = result[0].resident_set
    assert resident is not None and 1 <= resident["mean"] <= resident["peak"] <= 4
    assert result["working-set:tau=3", None] is result[0]


def test_what_is_compared_by_default() -> None:
    trace = PageTrace.generate("zipf:pages=1000,references=10000")
    result = pages(trace)
    assert result.policies == ["fifo", "clock", "lru", "arc", "sieve", "opt"]
    shares = [max(trace.pages * share // 100, 1) for share in (1, 2, 5, 10, 20, 50)]
    assert [row.frames for row in result.of("arc")] == shares
    assert [row.frames for row in pages([1, 1, 2], "lru")] == [1]


def test_a_trace_by_its_name() -> None:
    # Every page fits, so that first references alone miss; both counts are in the samples' README.
    (row,) = pages("listwalk", "lru", 540)
    assert (row.accesses, row.misses, row.evictions) == (2_010_603, 540, 0)


@pytest.mark.parametrize("writebacks", [True, False])
def test_a_stream_is_as_the_whole(writebacks: bool) -> None:
    policies = ["lru", "clock", "arc", "working-set:tau=500"]
    result = memcore.stream_pages("listwalk", policies, [50, 400], writebacks=writebacks)
    assert result.trace is None and result.name == "listwalk"
    whole = pages("listwalk", policies, [50, 400], writebacks=writebacks)
    for streamed, known in zip(result, whole, strict=True):
        assert streamed.to_dict() | {"metadata_bytes": 0} == known.to_dict() | {"metadata_bytes": 0}


def test_a_stream_has_no_future() -> None:
    with pytest.raises(memcore.NeedsFutureError) as caught:
        memcore.stream_pages("listwalk", "opt", 50)
    assert caught.value.policy == "opt"
    with pytest.raises(memcore.TraceError, match="max_events"):
        memcore.stream_pages("listwalk", "lru", 50, max_events=1000)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads: int) -> None:
    trace = PageTrace.generate("zipf:pages=2000,references=50000,writes=20")
    assert pages(trace, threads=threads).rows == pages(trace).rows


def test_own_policies() -> None:
    trace = PageTrace.generate("zipf:pages=200,references=20000,writes=20")
    result = pages(trace, [Own, "lru", Own(7)], [5, 50])
    assert [(row.policy, row.frames) for row in result] == [
        ("own lru", 5),
        ("own lru", 50),
        ("lru", 5),
        ("lru", 50),
        ("own lru", 7),
    ]
    assert [row.misses for row in result][:2] == [row.misses for row in result][2:4]
    assert [(row.evictions, row.writebacks, row.dirty_at_end) for row in result.of("own lru")] == [(None,) * 3] * 3
    assert result["own lru", 7].misses == pages(trace, "lru", 7)[0].misses


def test_an_own_policy_that_tells_whom_it_evicts() -> None:
    trace = PageTrace.generate("zipf:pages=200,references=20000,writes=20")

    def make(frames: int) -> Cache:
        return Cache("lru", frames)

    own, known = pages(trace, [make, "lru"], 20).rows
    assert own.policy == "make"
    for figure in ("misses", "evictions", "writebacks", "dirty_at_end"):
        assert getattr(own, figure) == getattr(known, figure)


def test_own_policies_see_the_keys_of_the_trace() -> None:
    seen = []

    class Watcher:
        def access(self, page: int) -> int:
            seen.append(page)
            return 0

    (row,) = pages([2**64 - 1, 7], Watcher()).rows
    assert seen == [2**64 - 1, 7]
    assert (row.policy, row.frames, row.misses) == ("Watcher", None, 2)


def test_what_an_own_policy_raises() -> None:
    class Broken(Own):
        def access(self, page: int) -> bool:
            if page == 3:
                raise LookupError("lost")
            return super().access(page)

    with pytest.raises(LookupError, match="lost") as caught:
        pages(BELADY, ["lru", Broken], 2)
    assert caught.value.__notes__ == ["in access(3)"]

    class Liar(Own):
        evicted = (99,)

    with pytest.raises(ValueError, match="99"):
        pages(BELADY, Liar, 2)

    def unmade(frames: int) -> Own:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        pages(BELADY, unmade, 2)


@pytest.mark.parametrize("policy", [5, object(), 1.5])
def test_what_is_no_policy(policy: Any) -> None:
    with pytest.raises(TypeError, match="is no policy"):
        pages(BELADY, [policy], 2)


@pytest.mark.parametrize(
    ("options", "error", "attributes"),
    [
        ({"policies": "lur"}, memcore.UnknownNameError, {"name": "lur"}),
        ({"policies": "lru", "frames": 0}, memcore.BadParameterError, {"name": "frames", "value": 0}),
        ({"policies": "lru", "frames": [3, 2**32]}, memcore.BadParameterError, {"name": "frames", "value": 2**32}),
        ({"policies": "lru", "threads": 5000}, memcore.BadParameterError, {"name": "threads", "value": 5000}),
        ({"policies": "lru", "frames": -1}, memcore.OutOfRangeError, {"value": -1}),
    ],
)
def test_bad_arguments(options: dict[str, Any], error: type[Exception], attributes: dict[str, Any]) -> None:
    with pytest.raises(error) as caught:
        pages(BELADY, **options)
    assert {name: getattr(caught.value, name) for name in attributes} == attributes


def test_rows_as_dictionaries_arrays_and_text() -> None:
    result = pages(BELADY, ["fifo", Own, "working-set"], [3, 4])
    records = result.to_numpy()
    assert records["policy"].tolist() == ["fifo", "fifo", "own lru", "own lru", "working-set"]
    assert records["misses"].dtype == "u8" and records["misses"].tolist()[:4] == [9, 10, 10, 8]
    assert np.isnan(records["evictions"][2]) and np.isnan(records["frames"][4])
    assert str(result).splitlines()[1].split() == ["fifo", "3", "9", "75.00%", "6", "0", f"{result[0].metadata_bytes}"]
    html = result._repr_html_()
    assert html.count("<tr>") == 6 and "<td>75.00%</td>" in html
    assert result[1:3] == (result[1], result[2])
    assert repr(result[0]) == "<PagingRow 'fifo' at 3 frames: 9 misses of 12>"
    with pytest.raises(KeyError):
        result["fifo", 5]


def test_names_are_escaped() -> None:
    class Named(Own):
        name = "<script>"

    assert "<script>" not in pages(BELADY, Named, 2)._repr_html_()


def test_rows_are_pickled() -> None:
    for row in pages(BELADY, ["fifo", Own, "working-set"], [3]):
        again = pickle.loads(pickle.dumps(row))
        assert again == row and again.to_dict() == row.to_dict()


def test_an_arrow_library_takes_it() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    result = pages(BELADY, ["fifo", Own, "working-set"], [3, 4])
    table = pyarrow.table(result)
    assert tuple(table.column_names) == result.to_numpy().dtype.names
    assert table.column("misses").to_pylist() == [row.misses for row in result]
    assert table.column("frames").to_pylist() == [3, 4, 3, 4, None]


# Curves, and what references say by themselves.


def test_curves() -> None:
    curve = mrc(BELADY)
    assert (curve.frames.tolist(), curve.misses.tolist()) == ([1, 2, 3, 4, 5], [12, 12, 10, 8, 5])
    assert (curve.frames.dtype.str, curve.misses.dtype.str) == ("<u4", "<u8")
    assert (curve.policy, curve.sample_rate, curve.sample_pages, curve.accesses, len(curve)) == ("lru", 1.0, None, 12, 5)
    assert (curve.misses_at(0), curve.misses_at(3), curve.misses_at(2**40), curve.miss_ratio_at(4)) == (12, 10, 5, 8 / 12)
    assert curve.miss_ratios.tolist() == [misses / 12 for misses in curve.misses]
    assert mrc(SILBERSCHATZ, "opt").misses.tolist()[2:5] == [9, 8, 7]
    assert mrc(BELADY, "fifo", frames=[3, 4]).misses.tolist() == [9, 10]
    assert curve == mrc(BELADY) != mrc(BELADY, "opt")
    assert list(curve.to_dict()) == ["policy", "sample_rate", "frames", "misses"]


@pytest.mark.parametrize("policy", ["lru", "opt", "fifo", "arc", "random"])
def test_a_curve_is_what_simulations_say(policy: str) -> None:
    trace = PageTrace.generate("scan:pages=300,references=20000")
    curve = mrc(trace, policy)
    rows = pages(trace, policy, [int(frames) for frames in curve.frames[::17]])
    assert [row.misses for row in rows] == curve.misses[::17].tolist()


def test_sampled_curves() -> None:
    trace = PageTrace.generate("zipf:pages=100000,references=400000,exponent=0.8")
    exact = mrc(trace)
    rate = mrc(trace, sample=0.1)
    assert (rate.sample_rate, rate.sample_pages) == (0.1, None)
    assert rate.mean_absolute_error(exact) < 0.02
    most = mrc(trace, sample=4000)
    assert (most.sample_rate, most.sample_pages) == (None, 4000)
    assert most.mean_absolute_error(exact) < 0.03
    assert mrc(trace, sample=0.1) == rate != mrc(trace, sample=0.1, seed=2)


@pytest.mark.parametrize(
    ("options", "error", "attributes"),
    [
        ({"sample": 0.0}, memcore.BadParameterError, {"name": "sample", "value": 0.0}),
        ({"sample": 1.5}, memcore.BadParameterError, {"name": "sample", "value": 1.5}),
        ({"sample": 0}, memcore.BadParameterError, {"name": "frames", "value": 0}),
        ({"sample": True}, TypeError, {}),
        ({"sample": 0.1, "policy": "fifo"}, memcore.NotSampledError, {"policy": "fifo"}),
        ({"policy": "working-set"}, memcore.VariesAllocationError, {"policy": "working-set"}),
        ({"frames": [4, 3]}, memcore.BadParameterError, {"name": "frames", "value": 3}),
    ],
)
def test_curves_that_cannot_be(options: dict[str, Any], error: type[Exception], attributes: dict[str, Any]) -> None:
    with pytest.raises(error) as caught:
        mrc(BELADY, **options)
    assert {name: getattr(caught.value, name) for name in attributes} == attributes


def test_what_references_say() -> None:
    trace = PageTrace.from_arrays(BELADY)
    assert memcore.stack_distances(trace).tolist() == [0, 0, 0, 0, 4, 4, 0, 3, 3, 5, 5, 5]
    silberschatz = PageTrace.from_arrays(SILBERSCHATZ)
    assert memcore.stack_distances(silberschatz).tolist() == [0, 0, 0, 0, 3, 0, 2, 0, 4, 4, 4, 2, 3, 5, 2, 4, 3, 6, 3, 3]
    assert memcore.reuse_times(trace).tolist() == [0, 0, 0, 0, 4, 4, 0, 3, 3, 7, 7, 5]
    times, sizes = memcore.working_set(trace, 3, points=12)
    assert times.tolist() == list(range(1, 13))
    expected = [len(set(BELADY[max(end - 3, 0) : end])) for end in range(1, 13)]
    assert sizes.tolist() == expected
    assert memcore.mean_working_set(trace, [3])[0] == pytest.approx(sum(expected) / 12)


# Long calls.


def test_progress_runs_to_the_end_once() -> None:
    trace = PageTrace.generate("zipf:references=3M")
    for call in (
        lambda progress: pages(trace, ["lru", "arc", Own(5)], [100, 1000], progress=progress),
        lambda progress: mrc(trace, progress=progress),
        lambda progress: mrc(trace, "arc", progress=progress),
        lambda progress: memcore.stack_distances(trace, progress=progress),
    ):
        reports: list[tuple[int, int | None]] = []
        call(lambda done, total: reports.append((done, total)))
        assert reports == sorted(reports)
        assert len({total for _, total in reports}) == 1
        assert all(total is not None and done <= total for done, total in reports)


def test_what_a_progress_callback_raises_ends_the_call() -> None:
    def refuse(done: int, total: int | None) -> None:
        raise LookupError

    trace = PageTrace.generate("zipf:references=3M")
    for call in (
        lambda: pages(trace, ["arc"], [100] * 1000, progress=refuse),
        lambda: mrc(trace, "arc", progress=refuse),
        lambda: memcore.stack_distances(trace, progress=refuse),
    ):
        with pytest.raises(LookupError):
            call()


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT as a terminal does")
@pytest.mark.parametrize(
    "call",
    [
        "memcore.pages(trace, ['arc', 'fifo'], [1000] * 1000)",
        "memcore.pages(trace, ['opt'], [1000] * 1000)",
        "[memcore.mrc(trace) for _ in range(1000)]",
        "memcore.mrc(trace, 'lirs', frames=range(1, 10000))",
        "[memcore.stack_distances(trace) for _ in range(1000)]",
        "memcore.pages(trace, [lambda frames: memcore.Cache('lru', frames)], [1000] * 100)",
        "[memcore.Cache('lru', 1000).access_many(trace.references) for _ in range(1000)]",
        "[memcore.PageTrace.generate('zipf:references=100M') for _ in range(10)]",
        "memcore.Hierarchy('amd-zen2').run(accesses)",
        "[memcore.mean_working_set(trace, [1000]) for _ in range(1000)]",
        "[memcore.PageTrace.from_arrays(trace.references) for _ in range(1000)]",
        "[trace.summary() for _ in range(1000)]",
    ],
)
def test_ctrl_c_ends_it_within_a_tenth_of_a_second(call: str) -> None:
    script = f"""
import time, numpy, memcore
trace = memcore.PageTrace.generate("zipf:pages=20000,references=2M")
if "accesses" in {call!r}:
    accesses = memcore.AccessTrace.from_arrays(numpy.tile(trace.references, 20) * numpy.uint64(64))
try:
    print("ready", flush=True)
    {call}
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""
    waits = []
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.3)
            interrupted = time.monotonic()
            child.send_signal(signal.SIGINT)
            waits.append(float(child.stdout.readline()) - interrupted)
            if waits[-1] < 0.1:
                break
    # The best of three, so that a busy machine does not count.
    assert min(waits) < 0.1


@pytest.mark.parametrize("frames", [[2.5], "34", ["4"], [None]])
def test_frames_that_are_no_whole_numbers(frames: object) -> None:
    with pytest.raises(TypeError):
        memcore.pages([1, 2, 3], "lru", frames)  # type: ignore[arg-type]
