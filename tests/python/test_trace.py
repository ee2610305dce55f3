"""Traces: read, made, written, taken apart."""

from __future__ import annotations

import copy
import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

import memcore
from memcore import Trace

REP = b"2\n5\na 0 512\na 1 128\nr 0 640\nf 1\nf 0\n"


def example() -> Trace:
    return Trace.from_arrays(
        [0, 1, 2, 3, 4], [7, 8, 9, 7, 8], [64, 32, 100, 80, 0], [1, 1, 64, 1, 1], [0, 0, 3, 0, 1], comment="by hand"
    )


def test_columns_go_in_and_come_out() -> None:
    trace = example()
    assert (len(trace), trace.ids, trace.format, trace.comment) == (5, 3, "built", "by hand")
    columns = trace.columns()
    assert {name: (column.dtype.str, column.tolist()) for name, column in columns.items()} == {
        "kinds": ("|u1", [0, 1, 2, 3, 4]),
        "ids": ("<u4", [0, 1, 2, 0, 1]),
        "sizes": ("<u8", [64, 32, 100, 80, 0]),
        "alignments": ("<u8", [1, 1, 64, 1, 1]),
        "threads": ("<u4", [0, 0, 3, 0, 1]),
    }
    assert Trace.from_arrays(**columns) == trace
    records = trace.to_numpy()
    assert records["size"].tolist() == [64, 32, 100, 80, 0]
    assert records.dtype.names == ("kind", "id", "size", "alignment", "thread")


@pytest.mark.parametrize(
    ("arrays", "operation"),
    [
        (([0, 9], [0, 1], [1, 1]), 1),
        (([0, 0], [0], [1, 1]), 0),
        (([2], [0], [1], [3]), 0),
    ],
)
def test_operations_that_cannot_be_taken(arrays: tuple[list[int], ...], operation: int) -> None:
    with pytest.raises(memcore.TraceError) as caught:
        Trace.from_arrays(*arrays)
    assert caught.value.operation == operation


def test_columns_out_of_range() -> None:
    with pytest.raises(memcore.BadParameterError) as caught:
        Trace.from_arrays([256], [0], [1])
    assert (caught.value.name, caught.value.value) == ("kinds", 256)


def test_a_file_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    path.write_bytes(gzip.compress(REP))
    trace = Trace.open(path)
    assert (trace.format, trace.name, len(trace)) == ("rep", str(path), 5)
    assert trace == Trace.open(str(path)) == Trace.from_bytes(REP)


@pytest.mark.parametrize("format", ["memcore", "matr", "rep"])
def test_written_and_read_again(tmp_path: Path, format: str) -> None:
    trace = example()
    path = tmp_path / "trace.zst"
    lost = trace.save(path, format)
    again = Trace.open(path)
    assert again.format == format
    assert Trace.from_bytes(trace.to_bytes(format)) == again
    if format == "memcore":
        assert lost == {} and again == trace and again.comment == "by hand"
    elif format == "rep":
        assert lost["callocs written as malloc"] == 1
        assert lost["operations written without their thread"] == 2


def test_the_name_tells_the_format(tmp_path: Path) -> None:
    example().save(tmp_path / "a.rep.gz")
    assert Trace.open(tmp_path / "a.rep.gz").format == "rep"


def test_what_cannot_be_read_says_where(tmp_path: Path) -> None:
    path = tmp_path / "bad.rep"
    path.write_bytes(b"2\n4\na 0 512\na 1 x\n")
    with pytest.raises(memcore.TraceError, match="not a number") as caught:
        Trace.open(path)
    assert (caught.value.source, caught.value.line, caught.value.offset) == (str(path), 4, None)
    cut = example().to_bytes()[:-3]
    with pytest.raises(memcore.TraceError) as caught:
        Trace.from_bytes(cut, "cut")
    assert caught.value.source == "cut" and caught.value.offset is not None
    with pytest.raises(memcore.TraceError, match="no trace format"):
        Trace.from_bytes(b"\x00\x01hello")
    with pytest.raises(memcore.TraceError, match="max_events"):
        Trace.from_bytes(REP, max_events=2)


def test_errors_of_the_system_are_those_of_open(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Trace.open(tmp_path / "missing")
    assert caught.value.filename == str(tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        example().save(tmp_path / "missing" / "file")


def test_unknown_names() -> None:
    with pytest.raises(memcore.UnknownNameError) as caught:
        example().to_bytes("mtrace")
    assert caught.value.known == ("memcore", "matr", "rep")
    with pytest.raises(memcore.UnknownNameError) as caught:
        Trace.generate("still")
    assert "steady" in caught.value.known
    with pytest.raises(memcore.UnknownNameError):
        Trace.generate("steady:depth=3")
    with pytest.raises(memcore.BadSpecError):
        Trace.generate("steady:live=0")


def test_workloads_are_the_same_for_the_same_seed() -> None:
    text = "phases:live=100,operations=20000,seed=5"
    assert Trace.generate(text) == Trace.generate(text) != Trace.generate(text.replace("=5", "=6"))
    assert Trace.generate(text).name == text


def test_the_summary() -> None:
    summary = Trace.from_bytes(REP).summary(points=5)
    assert summary.operations == {"malloc": 2, "calloc": 0, "aligned": 0, "realloc": 1, "free": 2}
    assert (summary.peak_live_bytes, summary.peak_at, summary.peak_live_blocks) == (768, 3, 2)
    assert summary.series()["live_bytes"].tolist() == [512, 640, 768, 640, 0]
    assert summary.to_dict()["requested_bytes"] == summary.requested_bytes == 768


def test_notes_tell_what_was_left_out() -> None:
    trace = Trace.from_bytes(b"2\n3\na 0 512\nf 0\nf 0\n")
    assert [(note.kind, note.count) for note in trace.notes] == [("stated-ids", 2), ("absent-id", 1)] or [
        note.kind for note in trace.notes
    ] == ["absent-id", "stated-ids"]


def test_copies_and_pickles() -> None:
    trace = example()
    assert copy.copy(trace) is copy.deepcopy(trace) is trace
    again = pickle.loads(pickle.dumps(trace))
    assert again == trace and hash(again) == hash(trace) and again.comment == "by hand"
    assert repr(trace) == "<Trace '<arrays>': 5 operations, built>"


@pytest.mark.parametrize("sample", memcore.samples("allocations"), ids=lambda sample: sample.name)
def test_the_samples_are_what_they_are_said_to_be(sample: memcore.Sample) -> None:
    trace = Trace.open(sample.name)
    assert len(trace) == sample.operations
    assert trace.notes == []
    readme = sample.path.with_name("README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if f"`{sample.name}`" in line)
    assert f"| {sample.operations:,} | {trace.ids:,} |" in row
    assert f"| {trace.summary().peak_live_bytes / 1e6:.1f} MB |" in row


def test_the_samples_together_are_small() -> None:
    assert sum(sample.path.stat().st_size for sample in memcore.samples()) < 3_000_000


def test_a_file_goes_before_a_sample_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sqlite3_3000").write_bytes(REP)
    assert len(Trace.open("sqlite3_3000")) == 5


def test_progress_and_what_it_raises() -> None:
    def refuse(done: int, total: int | None) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        Trace.generate("steady:operations=20M,live=100", progress=refuse)


def test_memory_of_numpy_is_read_as_it_is() -> None:
    kinds = np.array([0, 0, 4], dtype=np.uint8)
    assert len(Trace.from_arrays(kinds, np.arange(3)[::1] * 0 + [0, 1, 0], np.array([8, 8, 0]))) == 3
