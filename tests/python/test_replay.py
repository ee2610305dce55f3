"""Replays: the figures, a user's own allocators, what results can become, Ctrl-C."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

import memcore
from memcore import Trace, replay

TRACE = Trace.from_arrays([0, 0, 4, 0, 3, 4], [0, 1, 0, 2, 2, 9], [512, 128, 0, 500, 600, 0])


class Counter:
    """Never gives a byte back."""

    def __init__(self, capacity: int = 2**48) -> None:
        self.capacity = capacity
        self.top = 0

    def allocate(self, size: int, alignment: int) -> int | None:
        start = -(-self.top // alignment) * alignment
        if start + size > self.capacity:
            return None
        self.top = start + size
        return start

    def free(self, start: int) -> None:
        pass


def test_the_figures() -> None:
    result = replay(TRACE, ["first-fit", "best-fit:tie=recent"], timing=False)
    row = result["first-fit"]
    assert (row.operations, row.failures, row.skipped, row.refused_frees) == (6, 0, 1, 0)
    assert (row.peak_live, row.peak_used, row.footprint) == (728, 1248, 1248)
    assert row.utilisation == 728 / 1248
    assert [row.nanoseconds_per_operation, row.latency_ns, row.sufficient_capacity] == [None, None, None]
    assert [row.strategy for row in result] == ["first-fit", "best-fit:tie=recent"]
    assert row.series()["footprint"].tolist() == [512, 640, 640, 640, 1248, 1248]


def test_every_strategy_that_serves_any_program_by_default() -> None:
    assert [row.strategy for row in replay(TRACE, timing=False)] == [
        "first-fit",
        "next-fit",
        "best-fit",
        "worst-fit",
        "tlsf",
        "buddy",
        "size-classes",
        "bump",
    ]


def test_timing_and_fit() -> None:
    (row,) = replay(TRACE, ["first-fit"], fit=True).rows
    assert row.nanoseconds_per_operation is not None and row.nanoseconds_per_operation >= 0
    assert row.latency_ns is not None
    assert list(row.latency_ns) == ["p50", "p99", "p99.9", "max"]
    assert row.sufficient_capacity == 1248


def test_a_sample_by_its_name_and_in_a_tight_space() -> None:
    (row,) = replay("numpy_sgd", ["tlsf"], capacity=4 << 20, timing=False).rows
    assert row.failures > 0 and row.footprint <= row.capacity == 4 << 20


def test_an_object_of_ones_own() -> None:
    own = Counter()
    result = replay(TRACE, [own, "bump"])
    assert result[0].strategy == "Counter"
    # The engine's arena can grow its last block in place, and this one cannot.
    assert result[0].footprint == 512 + 128 + 512 + 608
    assert result["bump"].footprint == 512 + 128 + 608
    assert result[0].nanoseconds_per_operation is None
    assert own.top == result[0].footprint


def test_a_class_of_ones_own_takes_part_in_all_passes() -> None:
    (row,) = replay(TRACE, [Counter], fit=True).rows
    assert row.nanoseconds_per_operation is not None
    assert row.sufficient_capacity == 512 + 128 + 512 + 608
    (row,) = replay(TRACE, [Counter], capacity=1024, timing=False).rows
    assert (row.failures, row.skipped, row.footprint) == (1, 2, 640)


def test_an_own_resize_and_an_own_name() -> None:
    class Growing(Counter):
        name = "growing"
        metadata_bytes = 24

        def resize(self, start: int, size: int) -> bool:
            self.top = start + size
            return True

    (row,) = replay(TRACE, [Growing()]).rows
    assert (row.strategy, row.footprint, row.metadata_bytes) == ("growing", 640 + 608, 24)


def test_what_an_own_allocator_raises() -> None:
    class Broken(Counter):
        def free(self, start: int) -> None:
            raise LookupError("lost")

    with pytest.raises(LookupError, match="lost") as caught:
        replay(TRACE, [Broken()])
    assert caught.value.__notes__ == ["at operation 2 of the trace"]

    class Full(Counter):
        def allocate(self, size: int, alignment: int) -> int:
            raise MemoryError

    assert replay(TRACE, [Full()])[0].failures == 3


def test_an_own_allocator_that_gives_a_wrong_start() -> None:
    class Same(Counter):
        def allocate(self, size: int, alignment: int) -> int:
            return 0

    with pytest.raises(memcore.BadPlacementError, match="overlaps") as caught:
        replay(TRACE, [Same()])
    assert caught.value.operation == 1


@pytest.mark.parametrize("strategy", [5, None, object(), memcore.Allocator(100)])
def test_what_is_no_strategy(strategy: Any) -> None:
    with pytest.raises(TypeError):
        replay(TRACE, [strategy])


@pytest.mark.parametrize(
    ("options", "name"), [({"align": 3}, "align"), ({"header": 8}, "header"), ({"series_points": 0}, "series_points")]
)
def test_bad_options(options: dict[str, int], name: str) -> None:
    with pytest.raises(memcore.BadParameterError) as caught:
        replay(TRACE, ["tlsf"], **options)  # type: ignore[arg-type]
    assert caught.value.name == name


def test_names_that_are_not_known() -> None:
    with pytest.raises(memcore.UnknownNameError):
        replay(TRACE, ["fist-fit"])


def test_rows_as_dictionaries_arrays_and_text() -> None:
    result = replay(TRACE, ["first-fit", "tlsf"])
    first = result.to_dicts()[0]
    assert first["external_fragmentation"].keys() == {"mean", "max", "final"}
    records = result.to_numpy()
    assert records["strategy"].tolist() == ["first-fit", "tlsf"]
    assert records["footprint"].dtype == "u8" and records["latency_ns_p99_9"].dtype == "u8"
    assert str(result).splitlines()[1].startswith("first-fit  ")
    html = replay(TRACE, [Counter()])._repr_html_()
    assert "<td>Counter</td>" in html and html.count("<tr>") == 2
    assert result.ranked()[0] is result.best
    assert result[:1] == (result[0],)
    with pytest.raises(KeyError):
        result["bump"]


def test_names_are_escaped() -> None:
    own = Counter()
    own.name = "<script>"  # type: ignore[attr-defined]
    assert "<script>" not in replay(TRACE, [own])._repr_html_()


# The structs of the Arrow C interfaces, as far as a reader needs them.


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


class Stream(ctypes.Structure):
    pass


Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))),
    ("private_data", ctypes.c_void_p),
]
Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))),
    ("private_data", ctypes.c_void_p),
]


def values(format: bytes, array: Array) -> list[Any]:
    """The values of a column, None where the bitmap says that there is none."""
    length = array.length
    if format == b"u":
        offsets = ctypes.cast(array.buffers[1], ctypes.POINTER(ctypes.c_int32))
        return [
            ctypes.string_at(array.buffers[2] + offsets[index], offsets[index + 1] - offsets[index]).decode()
            for index in range(length)
        ]
    number: Any = {b"L": ctypes.c_uint64, b"g": ctypes.c_double}[format]
    numbers = ctypes.cast(array.buffers[1], ctypes.POINTER(number))
    if not array.buffers[0]:
        assert array.null_count == 0
        return [numbers[index] for index in range(length)]
    bitmap = ctypes.string_at(array.buffers[0], (length + 7) // 8)
    found = [numbers[index] if bitmap[index // 8] >> index % 8 & 1 else None for index in range(length)]
    assert found.count(None) == array.null_count
    return found


def read(capsule: object) -> dict[str, list[Any]]:
    """The table in a capsule, as a consumer of the C interface reads it."""
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    stream: Any = ctypes.cast(pointer_of(capsule, b"arrow_array_stream"), ctypes.POINTER(Stream))
    schema, array, end = Schema(), Array(), Array()
    assert stream.contents.get_schema(stream, schema) == 0
    assert stream.contents.get_next(stream, array) == 0
    assert stream.contents.get_next(stream, end) == 0 and not end.release
    assert schema.format == b"+s" and schema.n_children == array.n_children
    table = {}
    for index in range(schema.n_children):
        column = schema.children[index].contents
        assert array.children[index].contents.length == array.length
        table[column.name.decode()] = values(column.format, array.children[index].contents)
    schema.release(schema)
    array.release(array)
    assert not schema.release and not array.release
    return table


@pytest.mark.parametrize("timing", [True, False])
def test_the_arrow_stream(timing: bool) -> None:
    result = replay(TRACE, ["first-fit", Counter(), "tlsf"], timing=timing)
    table = read(result.__arrow_c_stream__())
    records = result.to_numpy()
    assert tuple(table) == records.dtype.names
    assert table["strategy"] == ["first-fit", "Counter", "tlsf"]
    assert table["footprint"] == [row.footprint for row in result]
    assert table["metadata_bytes"][1] is None
    assert table["nanoseconds_per_operation"] == [row.nanoseconds_per_operation for row in result]
    assert table["external_fragmentation_final"] == [row.external_fragmentation["final"] for row in result]
    # A capsule that nobody read gives its memory back too.
    del table
    result.__arrow_c_stream__()


def test_an_arrow_library_takes_it() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    result = replay(TRACE, ["first-fit", "tlsf"])
    assert pyarrow.table(result).column("footprint").to_pylist() == [row.footprint for row in result]


def test_progress_runs_to_the_end_once() -> None:
    trace = Trace.generate("steady:operations=1000000")
    reports: list[tuple[int, int | None]] = []
    replay(trace, ["first-fit", Counter, "tlsf"], progress=lambda done, total: reports.append((done, total)))
    assert reports == sorted(reports)
    assert {total for _, total in reports} == {1_000_000}
    assert all(done <= 1_000_000 for done, _ in reports)


def test_what_a_progress_callback_raises_ends_the_replay() -> None:
    def refuse(done: int, total: int | None) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        replay(Trace.generate("steady:operations=4M"), ["worst-fit"], progress=refuse)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT as a terminal does")
def test_ctrl_c_ends_a_replay_within_a_tenth_of_a_second() -> None:
    script = """
import time
import memcore
trace = memcore.Trace.generate("steady:operations=4M,live=100000")
try:
    print("ready", flush=True)
    memcore.replay(trace, ["first-fit"] * 1000)
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
    # The best of three, so that a busy machine does not count.
    assert min(waits) < 0.1


def test_the_plot() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = replay(TRACE, ["first-fit", "bump"], timing=False).plot()
    assert [line.get_label() for line in axes.lines] == ["first-fit", "bump"]
    assert axes.lines[1].get_ydata()[-1] == 512 + 128 + 608
