"""Page and access traces: read, made, written, taken apart."""

from __future__ import annotations

import copy
import gc
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memcore
from memcore import AccessTrace, PageTrace

LACKEY = b"I  0401b770,3\n S 1fff000ffc,8\n L 04222cac,8\n M 0421d000,4\n"


def test_columns_go_in_and_come_out() -> None:
    trace = PageTrace.from_arrays([7, 0, 2**64 - 1, 7], writes=[False, True, False, True])
    assert (len(trace), trace.pages, trace.page_size, trace.format, trace.name) == (4, 3, 1, "built", "<arrays>")
    assert (trace.references.dtype.str, trace.references.tolist()) == ("<u4", [0, 1, 2, 0])
    assert (trace.keys.dtype.str, trace.keys.tolist()) == ("<u8", [7, 0, 2**64 - 1])
    assert (trace.kinds.dtype.str, trace.kinds.tolist()) == ("|u1", [0, 1, 0, 1])
    assert PageTrace.from_arrays([7, 7]).kinds is None
    assert PageTrace.from_arrays([7, 7], kinds=[2, 1]).kinds.tolist() == [2, 1]
    assert trace == PageTrace.from_arrays(trace.keys[trace.references], kinds=trace.kinds)
    assert trace != PageTrace.from_arrays(trace.keys[trace.references])


def test_columns_are_the_memory_of_the_trace() -> None:
    trace = PageTrace.from_arrays(np.arange(1000))
    references = trace.references
    assert references.ctypes.data == trace.references.ctypes.data
    assert not references.flags.writeable
    # The column keeps what it is a part of.
    del trace
    gc.collect()
    assert references.sum() == 499_500


@pytest.mark.parametrize("dtype", ["u8", "i8", "u4", "i4", "u2", "i2", "u1", "i1", ">u8", ">i4", ">u2", "?"])
@pytest.mark.parametrize("layout", ["as it is", "every second", "backwards", "a column of a table", "read-only"])
def test_any_integers_in_any_layout(dtype: str, layout: str) -> None:
    expected = [1, 0, 1, 1, 0]
    keys = np.array(expected).astype(dtype)
    if layout == "every second":
        keys = np.repeat(keys, 2)[::2]
    elif layout == "backwards":
        keys = keys[::-1].copy()[::-1]
    elif layout == "a column of a table":
        keys = np.array([keys, keys]).T[:, 1]
    elif layout == "read-only":
        keys.flags.writeable = False
    trace = PageTrace.from_arrays(keys, writes=keys)
    assert trace.keys[trace.references].tolist() == expected
    assert trace.kinds.tolist() == expected


def test_pages_of_other_kinds() -> None:
    assert PageTrace.from_arrays(iter([3, 3])).references.tolist() == [0, 0]
    assert PageTrace.from_arrays(b"\x07\x07\x08").keys.tolist() == [7, 8]
    assert PageTrace.from_arrays(memoryview(b"\x07")).keys.tolist() == [7]
    assert len(PageTrace.from_arrays([])) == 0
    for wrong in (np.array([1.0]), ["1"], 5, None):
        with pytest.raises(TypeError):
            PageTrace.from_arrays(wrong)


@pytest.mark.parametrize(
    ("columns", "error", "attributes"),
    [
        (([-1],), memcore.OutOfRangeError, {"value": -1}),
        ((np.array([3, -2]),), memcore.OutOfRangeError, {"value": -2}),
        (([1, 2], [True]), memcore.BadParameterError, {"name": "writes", "value": 1}),
        (([1, 2], None, [0]), memcore.BadParameterError, {"name": "kinds", "value": 1}),
        (([1, 2], None, [0, 3]), memcore.BadParameterError, {"name": "kinds", "value": 3}),
        (([1], [True], [1]), memcore.BadParameterError, {"name": "kinds"}),
    ],
)
def test_columns_that_cannot_be_taken(
    columns: tuple[Any, ...], error: type[Exception], attributes: dict[str, Any]
) -> None:
    with pytest.raises(error) as caught:
        PageTrace.from_arrays(*columns)
    assert {name: getattr(caught.value, name) for name in attributes} == attributes


def test_addresses_become_pages() -> None:
    trace = PageTrace.from_bytes(LACKEY)
    assert (trace.format, trace.page_size) == ("lackey", 4096)
    # The store spans two pages; a modify is one write.
    assert trace.keys.tolist() == [0x401B, 0x1FFF000, 0x1FFF001, 0x4222, 0x421D]
    assert trace.kinds.tolist() == [2, 1, 1, 0, 1]
    large = PageTrace.from_bytes(LACKEY, page_size=1 << 21)
    assert large.keys.tolist() == [0x401B770 >> 21, 0x1FFF000FFC >> 21, 0x4222CAC >> 21]
    assert PageTrace.from_accesses(AccessTrace.from_bytes(LACKEY), 1 << 21) == large
    with pytest.raises(memcore.BadParameterError) as caught:
        PageTrace.from_bytes(LACKEY, page_size=1000)
    assert (caught.value.name, caught.value.value) == ("page_size", 1000)


def test_files_and_formats(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"1\n2\n1\n")
    assert memcore.trace_kind(path) == ("accesses", "numbers")
    trace = PageTrace.open(path)
    assert (trace.format, trace.name, trace.page_size, len(trace)) == ("numbers", str(path), 1, 3)
    assert PageTrace.open(path, format="numbers") == trace
    with pytest.raises(memcore.UnknownNameError) as caught:
        PageTrace.open(path, format="matr")
    assert "lackey" in caught.value.known
    with pytest.raises(memcore.TraceError, match="max_events"):
        PageTrace.open(path, max_events=2)
    with pytest.raises(FileNotFoundError):
        PageTrace.open(tmp_path / "missing")
    path.write_bytes(b"1\n2\nx\n")
    with pytest.raises(memcore.TraceError) as broken:
        PageTrace.open(path, format="numbers")
    assert (broken.value.source, broken.value.line) == (str(path), 3)


def test_a_trace_of_the_other_kind() -> None:
    with pytest.raises(memcore.OtherKindError) as caught:
        PageTrace.open("numpy_sgd")
    assert (caught.value.format, caught.value.kind) == ("matr", "allocations")
    with pytest.raises(memcore.OtherKindError) as caught:
        memcore.Trace.open("ls_R")
    assert (caught.value.format, caught.value.kind) == ("pgtr", "accesses")
    assert memcore.trace_kind("ls_R") == ("accesses", "pgtr")


@pytest.mark.parametrize("format", ["memcore", "pgtr", "page-text", "numbers"])
def test_written_and_read_again(tmp_path: Path, format: str) -> None:
    trace = PageTrace.from_bytes(LACKEY)
    path = tmp_path / "trace.zst"
    lost = trace.save(path, format)
    again = PageTrace.open(path)
    assert again.format == format
    assert again.keys.tolist() == trace.keys.tolist() and again.references.tolist() == trace.references.tolist()
    assert again.kinds.tolist() == trace.kinds.tolist()
    # A list of numbers does not say how large pages are.
    assert again.page_size == (1 if format == "numbers" else 4096)
    assert (lost == {}) == (format != "numbers") == (again == trace)
    assert PageTrace.from_bytes(trace.to_bytes(format)) == again


def test_what_is_not_written() -> None:
    with pytest.raises(memcore.UnknownNameError) as caught:
        PageTrace.from_bytes(LACKEY).to_bytes("lackey")
    assert caught.value.known == ("memcore", "pgtr", "page-text", "numbers")
    with pytest.raises(memcore.UnknownNameError):
        AccessTrace.from_bytes(LACKEY).to_bytes("rep")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(protocol: int) -> None:
    for trace in (PageTrace.from_bytes(LACKEY), PageTrace.from_arrays([2**64 - 1, 3]), PageTrace.from_arrays([])):
        again = pickle.loads(pickle.dumps(trace, protocol))
        assert again == trace and again.name == trace.name and hash(again) == hash(trace)
    accesses = AccessTrace.from_bytes(LACKEY)
    assert pickle.loads(pickle.dumps(accesses, protocol)) == accesses


def test_pickles_send_columns_out_of_band() -> None:
    trace = PageTrace.from_arrays(np.arange(100_000) % 1000)
    buffers: list[pickle.PickleBuffer] = []
    stream = pickle.dumps(trace, 5, buffer_callback=buffers.append)
    assert len(stream) < 1000
    assert [buffer.raw().nbytes for buffer in buffers] == [400_000, 8_000]
    assert pickle.loads(stream, buffers=buffers) == trace


def test_pickles_that_somebody_changed() -> None:
    reduced: Any = PageTrace.from_bytes(LACKEY).__reduce_ex__(2)
    make, (name, order, page_size, references, keys, kinds) = reduced
    swapped = "big" if order == "little" else "little"
    other_way = [np.frombuffer(references, "u4").byteswap(), np.frombuffer(keys, "u8").byteswap()]
    assert make(name, swapped, page_size, *(column.tobytes() for column in other_way), kinds) == PageTrace.from_bytes(LACKEY)
    for wrong in [
        (name, "middle", page_size, references, keys, kinds),
        (name, order, 1000, references, keys, kinds),
        (name, order, page_size, references[:-1], keys, kinds),
        (name, order, page_size, references, keys[:8], kinds),
        (name, order, page_size, references, keys, b"\x07" * len(kinds)),
        (name, order, page_size, references, keys, kinds[:-1]),
    ]:
        with pytest.raises((ValueError, memcore.TraceError)):
            make(*wrong)


def test_copies_are_the_trace_itself() -> None:
    for trace in (PageTrace.from_bytes(LACKEY), AccessTrace.from_bytes(LACKEY)):
        assert copy.copy(trace) is copy.deepcopy(trace) is trace
    assert repr(PageTrace.from_bytes(LACKEY)) == "<PageTrace '<bytes>': 5 references to 5 pages, lackey>"
    assert repr(AccessTrace.from_bytes(LACKEY)) == "<AccessTrace '<bytes>': 4 accesses, lackey>"


def test_accesses() -> None:
    trace = AccessTrace.from_bytes(LACKEY)
    assert {name: (column.dtype.str, column.tolist()) for name, column in trace.columns().items()} == {
        "addresses": ("<u8", [0x401B770, 0x1FFF000FFC, 0x4222CAC, 0x421D000]),
        "sizes": ("<u4", [3, 8, 8, 4]),
        "kinds": ("|u1", [2, 1, 0, 1]),
        "counts": ("<u4", [1, 1, 1, 1]),
    }
    assert (trace.unit, trace.events, trace.format) == ("bytes", 0, "lackey")
    made = AccessTrace.from_arrays(trace.columns()["addresses"], trace.columns()["sizes"], kinds=[2, 1, 0, 1])
    assert made == trace and hash(made) == hash(trace)
    with pytest.raises(memcore.BadParameterError) as caught:
        AccessTrace.from_arrays([1], sizes=[2**32])
    assert caught.value.name == "sizes"
    runs = AccessTrace.from_bytes(b"X 401 3\nW 402\n")
    assert (len(runs), runs.columns()["counts"].tolist(), runs.unit) == (4, [3, 1], "pages")


def test_workloads() -> None:
    text = "zipf:pages=100,references=5000,writes=30,seed=3"
    trace = PageTrace.generate(text)
    assert (len(trace), trace.name) == (5000, text)
    assert trace.comment == "zipf:pages=100,references=5000,exponent=1.0,writes=30,seed=3"
    assert trace == PageTrace.generate(text) != PageTrace.generate(text.replace("seed=3", "seed=4"))
    assert 0.25 < np.mean(trace.kinds == 1) < 0.35
    loop = PageTrace.generate("loop:pages=3,references=7")
    assert loop.keys[loop.references].tolist() == [0, 1, 2, 0, 1, 2, 0]
    with pytest.raises(memcore.UnknownNameError) as caught:
        PageTrace.generate("zopf")
    assert "zipf" in caught.value.known
    with pytest.raises(memcore.BadSpecError):
        PageTrace.generate("zipf:pages=0")


def test_the_summary() -> None:
    summary = PageTrace.from_bytes(b"X 401 3\nW 402\nR 401\n").summary(2)
    assert summary.to_dict() == {
        "references": 5,
        "reads": 1,
        "writes": 1,
        "executes": 3,
        "pages": 2,
        "pages_read": 1,
        "pages_written": 1,
        "pages_executed": 1,
        "page_size": 4096,
        "footprint_bytes": 8192,
        "first_page": 0x401,
        "last_page": 0x402,
        "events": 0,
        "window": 3,
    }
    series = summary.working_set()
    assert [column.tolist() for column in series.values()] == [[3, 5], [1, 2], [1, 1]]


@pytest.mark.parametrize("sample", memcore.samples("accesses"), ids=lambda sample: sample.name)
def test_the_samples_are_what_they_are_said_to_be(sample: memcore.Sample) -> None:
    trace = PageTrace.open(sample.name)
    assert len(trace) == sample.operations
    summary = trace.summary(0)
    readme = sample.path.with_name("README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if f"`{sample.name}`" in line)
    runs = AccessTrace.open(sample.name)
    figures = (
        len(trace), len(runs.columns()["counts"]), trace.pages, summary.pages_read, summary.pages_written,
        summary.pages_executed, summary.events,
    )  # fmt: skip
    assert row.endswith("| " + " | ".join(f"{figure:,}" for figure in figures) + " |")


def test_progress_and_what_it_raises(tmp_path: Path) -> None:
    def refuse(done: int, total: int | None) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        PageTrace.generate("zipf:references=50M", progress=refuse)
    path = tmp_path / "long.numbers"
    path.write_bytes(b"1\n2\n3\n" * 5_000_000)
    with pytest.raises(LookupError):
        PageTrace.open(path, progress=refuse)
    os.unlink(path)
