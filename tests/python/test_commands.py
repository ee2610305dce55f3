"""The commands: what they answer, and that their documents are what programs rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import memcore
from memcore.cli import main

REP = "2\n5\na 0 512\na 1 128\nr 0 640\nf 1\nf 0\n"


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(main, list(arguments), **options)


def document(*arguments: str, **options: Any) -> dict[str, Any]:
    result = run(*arguments, "--json", **options)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    found: dict[str, Any] = json.loads(result.stdout)
    assert list(found.items())[0] == ("schema", 1)
    return found


@pytest.fixture
def trace(tmp_path: Path) -> str:
    path = tmp_path / "trace.rep"
    path.write_text(REP, encoding="ascii")
    return str(path)


def test_the_commands() -> None:
    assert list(main.list_commands(None)) == ["convert", "demo", "info", "machine", "mrc", "pages", "replay", "samples"]  # type: ignore[arg-type]


def test_samples() -> None:
    listed = document("samples")["samples"]
    assert [sample["name"] for sample in listed] == [sample.name for sample in memcore.samples()]
    assert all(Path(sample["path"]).stat().st_size == sample["bytes"] for sample in listed)
    assert "sqlite3_3000" in run("samples").stdout


def test_replay_json(trace: str) -> None:
    found = document("replay", trace, "--strategy", "first-fit", "--strategy", "best-fit:tie=recent", "--capacity", "1MiB")
    assert list(found) == ["schema", "trace", "results"]
    assert list(found["trace"])[:3] == ["path", "format", "events"]
    assert (found["trace"]["path"], found["trace"]["format"], found["trace"]["events"]) == (trace, "rep", 5)
    assert found["trace"]["peak_live"] == 768
    assert [result["strategy"] for result in found["results"]] == ["first-fit", "best-fit:tie=recent"]
    result = found["results"][0]
    assert set(result) == {
        "strategy",
        "capacity",
        "align",
        "granularity",
        "header",
        "operations",
        "failures",
        "skipped",
        "refused_frees",
        "peak_live",
        "peak_used",
        "footprint",
        "utilisation",
        "external_fragmentation",
        "internal_fragmentation",
        "metadata_bytes",
        "nanoseconds_per_operation",
        "latency_ns",
    }
    assert list(result["external_fragmentation"]) == list(result["internal_fragmentation"]) == ["mean", "max", "final"]
    assert list(result["latency_ns"]) == ["p50", "p99", "p99.9", "max"]
    assert (result["capacity"], result["align"], result["granularity"]) == (1 << 20, 16, 16)
    assert (result["peak_live"], result["peak_used"], result["footprint"]) == (768, 1280, 1280)


def test_replay_with_a_search_and_a_header(trace: str) -> None:
    found = document("replay", trace, "--strategy", "tlsf", "--fit", "--header", "8", "--granularity", "8")
    (result,) = found["results"]
    assert result["header"] == 8
    assert result["sufficient_capacity"] >= result["peak_used"]


def test_the_table_shows_the_figures_of_the_document(trace: str) -> None:
    shown = run("replay", trace, "--strategy", "first-fit", "--fit").stdout
    assert "first-fit" in shown and "1.25 KiB" in shown and "external fragmentation over time" in shown
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_info(trace: str) -> None:
    found = document("info", trace)
    assert found["operations"] == {"malloc": 2, "calloc": 0, "aligned": 0, "realloc": 1, "free": 2}
    assert found["trace"]["peak_live"] == 768
    assert found["sizes"] == [{"from": 128, "count": 1}, {"from": 512, "count": 1}]
    assert found["series"]["live_bytes"][-1] == 0
    shown = run("info", trace).stdout
    assert "live bytes over time" in shown and "768" in shown


def test_standard_input() -> None:
    assert document("info", "-", input=REP)["trace"] | {"path": "<stdin>", "events": 5} == document(
        "info", "-", input=REP
    )["trace"]


def test_a_comment_cannot_drive_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.mct"
    memcore.Trace.from_arrays([0], [0], [1], comment="\x1b[31m[bold]red").save(path)
    shown = run("info", str(path)).stdout
    assert "\x1b" not in shown and "[bold]" in shown


def test_convert(trace: str, tmp_path: Path) -> None:
    target = tmp_path / "out.matr.gz"
    found = document("convert", trace, str(target))
    assert found["output"] == {"path": str(target), "format": "matr", "bytes": target.stat().st_size}
    assert found["lost"] == {}
    assert memcore.Trace.open(target) == memcore.Trace.open(trace)
    assert "nothing lost" in run("convert", trace, str(tmp_path / "again.rep")).stdout
    lossy = document("convert", "numpy_sgd", str(tmp_path / "x"), "--format", "rep")
    assert lossy["lost"] == {"callocs written as malloc": 258}


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("replay", "missing"), 1, "No such file"),
        (("info", os.curdir), 1, "directory"),
        (("info", __file__), 1, "no trace format"),
        (("replay", "numpy_sgd", "--strategy", "firstfit"), 2, "known: first-fit"),
        (("replay", "numpy_sgd", "--strategy", "tlsf:size=3"), 2, "known: subdivisions"),
        (("replay", "numpy_sgd", "--capacity", "1Q"), 2, "is no size"),
        (("replay", "numpy_sgd", "--align", "3"), 2, "align = 3: must be a power of two"),
        (("replay",), 2, "Missing argument 'TRACE'"),
        (("convert", "numpy_sgd", "x", "--format", "mtrace"), 2, "'mtrace' is not one of"),
        (("convert", "numpy_sgd", "x.pgtr"), 2, ".pgtr does not hold allocations"),
        (("convert", "ls_R", "x.rep.gz"), 2, ".rep does not hold accesses"),
        (("convert", "ls_R", "-"), 2, "other than -"),
    ],
)
def test_what_cannot_be_done(arguments: tuple[str, ...], status: int, words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert result.stdout == ""
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_the_demo() -> None:
    shown = run("demo").stdout
    assert "allocate 300 -> 450" in shown
    assert "Why 450?" in shown
    for strategy in ("first-fit", "next-fit", "best-fit", "worst-fit", "tlsf", "buddy", "size-classes", "bump"):
        assert strategy in shown
    assert max(map(len, shown.splitlines())) <= 100
    found = document("demo")
    assert [step["action"] for step in found["scenario"]["steps"]] == [
        "allocate 100 -> 0",
        "allocate 200 -> 100",
        "allocate 150 -> 300",
        "free the 200 at 100",
        "allocate 300 -> 450",
    ]
    assert found["trace"]["path"] == "sqlite3_3000"


def test_the_demo_of_a_virtual_memory_manager() -> None:
    # As the teaching program prints it.
    expected = """\
Allocated virtual page 0
Allocated virtual page 1
Virtual address 0 -> Physical address 0
Virtual address 4096 -> Physical address 4096
Page Table:
Virtual | Physical | Present | Modified | Referenced
--------|----------|---------|----------|-----------
      0 |        0 |    true |    false |       true
      1 |        1 |    true |    false |       true

Virtual Memory Statistics:
Total Pages: 8
Used Pages: 2
Free Pages: 6
Page Faults: 0
Page Hits: 2
"""
    shown = "\n".join(line.rstrip() for line in run("demo").stdout.splitlines())
    assert expected in shown
    assert document("demo")["manager"]["statistics"]["page_hits"] == 2


def test_a_terminal_without_block_characters(trace: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "memcore", "replay", trace],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert b"first-fit" in shown.stdout and shown.stderr == b""
