"""The commands on pages: what they answer, and that their documents are what programs rely on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import memcore
from memcore.cli import main

BELADY = "1\n2\n3\n4\n1\n2\n5\n1\n2\n3\n4\n5\n"
LACKEY = "I  0401b770,3\n S 1fff000ffc,8\n L 04222cac,8\n M 0421d000,4\n"


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
def pages(tmp_path: Path) -> str:
    path = tmp_path / "belady"
    path.write_text(BELADY, encoding="ascii")
    return str(path)


@pytest.fixture
def accesses(tmp_path: Path) -> str:
    path = tmp_path / "small.lackey"
    path.write_text(LACKEY, encoding="ascii")
    return str(path)


def test_pages_json(pages: str) -> None:
    found = document("pages", pages, "--policy", "fifo", "--policy", "clock:bit=clear", "--frames", "3", "--frames", "4")
    assert list(found) == ["schema", "trace", "results"]
    assert found["trace"] == {
        "path": pages,
        "format": "numbers",
        "accesses": 12,
        "distinct_pages": 5,
        "page_size": 1,
    }
    assert [(row["policy"], row["frames"], row["misses"]) for row in found["results"]] == [
        ("fifo", 3, 9),
        ("fifo", 4, 10),
        ("clock:bit=clear", 3, 10),
        ("clock:bit=clear", 4, 8),
    ]
    assert list(found["results"][0]) == [
        "policy",
        "frames",
        "accesses",
        "hits",
        "misses",
        "miss_ratio",
        "evictions",
        "writebacks",
        "dirty_at_end",
        "resident_set",
        "metadata_bytes",
    ]
    assert found["results"][0]["miss_ratio"] == 0.75 and found["results"][0]["evictions"] == 6


def test_pages_by_default(pages: str) -> None:
    found = document("pages", pages)
    assert [(row["policy"], row["frames"]) for row in found["results"]] == [
        (policy, frames) for policy in ("fifo", "clock", "lru", "arc", "sieve", "opt") for frames in (1, 2)
    ]


def test_page_sizes(accesses: str) -> None:
    assert document("pages", accesses)["trace"]["distinct_pages"] == 5
    large = document("pages", accesses, "--page-size", "2M")["trace"]
    assert (large["page_size"], large["distinct_pages"], large["accesses"]) == (1 << 21, 3, 4)


def test_write_backs(accesses: str) -> None:
    found = document("pages", accesses, "--policy", "lru", "--frames", "1")["results"][0]
    assert (found["misses"], found["writebacks"], found["dirty_at_end"]) == (5, 2, 1)
    without = document("pages", accesses, "--policy", "lru", "--frames", "1", "--no-writebacks")["results"][0]
    assert (without["misses"], without["writebacks"]) == (5, None)


def test_the_table_shows_the_figures_of_the_document(pages: str) -> None:
    shown = run("pages", pages, "--frames", "3", "--policy", "fifo", "--policy", "working-set:tau=2").stdout
    assert "12 references to 5 distinct pages" in shown
    assert "75.000%" in shown and "~2" in shown
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_mrc_json(pages: str) -> None:
    found = document("mrc", pages)
    assert list(found) == ["schema", "trace", "policy", "sample_rate", "frames", "misses"]
    assert (found["policy"], found["sample_rate"]) == ("lru", 1.0)
    assert (found["frames"], found["misses"]) == ([1, 2, 3, 4, 5], [12, 12, 10, 8, 5])
    assert document("mrc", pages, "--policy", "fifo", "--frames", "4", "--frames", "3")["misses"] == [9, 10]


def test_curves_side_by_side(pages: str) -> None:
    found = document("mrc", pages, "--policy", "lru", "--policy", "opt")
    assert list(found) == ["schema", "trace", "curves"]
    assert [(curve["policy"], curve["misses"]) for curve in found["curves"]] == [
        ("lru", [12, 12, 10, 8, 5]),
        ("opt", [12, 9, 7, 6, 5]),
    ]
    shown = run("mrc", pages, "--policy", "lru", "--policy", "fifo").stdout
    assert "lru" in shown and "83.33%" not in shown.splitlines()[0]
    assert max(map(len, shown.splitlines())) <= 100


def test_samples_of_pages(tmp_path: Path) -> None:
    path = str(tmp_path / "zipf.mct")
    memcore.PageTrace.generate("zipf:pages=5000,references=50000").save(path)
    assert document("mrc", path, "--sample", "0.25")["sample_rate"] == 0.25
    assert document("mrc", path, "--sample", "25%")["misses"] == document("mrc", path, "--sample", "0.25")["misses"]
    assert document("mrc", path, "--sample", "500")["sample_rate"] is None
    other = document("mrc", path, "--sample", "0.25", "--seed", "2")
    assert other["misses"] != document("mrc", path, "--sample", "0.25")["misses"]


def test_plots(pages: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for ending, begin in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        target = tmp_path / f"curve.{ending}"
        result = run("mrc", pages, "--policy", "lru", "--policy", "opt", "--plot", str(target))
        assert result.exit_code == 0 and f"curve.{ending}" in result.stdout.replace("\n", "")
        assert target.read_bytes().startswith(begin)


def test_info(accesses: str) -> None:
    found = document("info", accesses)
    assert list(found)[:2] == ["schema", "trace"]
    assert found["trace"] == {
        "path": accesses,
        "format": "lackey",
        "accesses": 5,
        "distinct_pages": 5,
        "page_size": 4096,
    }
    assert (found["reads"], found["writes"], found["executes"]) == (1, 3, 1)
    assert (found["first_page"], found["last_page"], found["footprint_bytes"]) == (0x401B, 0x1FFF001, 5 * 4096)
    assert found["working_set"]["references"][-1] == 5
    assert found["lru"] == {"frames": [1, 2, 5], "misses": [5, 5, 5]}
    shown = run("info", accesses).stdout
    assert "working set over time" in shown and "(60.0%)" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_info_tells_traces_apart_on_standard_input() -> None:
    assert document("info", "-", input=BELADY)["trace"]["distinct_pages"] == 5
    assert document("info", "-", input="2\n3\na 0 512\nf 0\n")["trace"]["peak_live"] == 512
    assert document("pages", "-", "--policy", "lru", "--frames", "3", input=BELADY)["results"][0]["misses"] == 10


def test_convert(accesses: str, tmp_path: Path) -> None:
    target = tmp_path / "out.pgtr.gz"
    found = document("convert", accesses, str(target))
    assert found["input"] == {"path": accesses, "format": "lackey", "events": 4}
    assert found["output"] == {"path": str(target), "format": "pgtr", "bytes": target.stat().st_size}
    # Where in its page an access was, and how many bytes it had.
    assert sum(found["lost"].values()) == 4
    assert memcore.trace_kind(target) == ("accesses", "pgtr")
    whole = tmp_path / "whole.mct"
    assert document("convert", accesses, str(whole))["lost"] == {}
    assert memcore.AccessTrace.open(whole) == memcore.AccessTrace.open(accesses)
    text = tmp_path / "out.txt"
    assert document("convert", accesses, str(text))["output"]["format"] == "page-text"
    assert text.read_text(encoding="ascii").splitlines()[0] == "X 401b"


def test_the_samples() -> None:
    listed = document("samples")["samples"]
    assert {sample["name"]: sample["kind"] for sample in listed} == {
        sample.name: sample.kind for sample in memcore.samples()
    }
    shown = run("samples").stdout
    assert "ls_R" in shown and max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("pages", "missing"), 1, "No such file"),
        (("pages", os.curdir), 1, "directory"),
        (("pages", "numpy_sgd"), 2, "this is a trace of allocations (matr)"),
        (("replay", "ls_R"), 2, "this is a trace of accesses (pgtr)"),
        (("pages", "ls_R", "--policy", "lur"), 2, "known: "),
        (("pages", "ls_R", "--frames", "0"), 2, "frames = 0"),
        (("pages", "ls_R", "--frames", "many"), 2, "is no size"),
        (("pages", "ls_R", "--page-size", "1000"), 2, "page_size = 1000: must be a power of two"),
        (("mrc", "ls_R", "--policy", "working-set"), 2, "varies its allocation"),
        (("mrc", "ls_R", "--policy", "fifo", "--sample", "0.5"), 2, "for lru only"),
        (("mrc", "ls_R", "--sample", "2.5"), 2, "at most 1"),
        (("mrc", "ls_R", "--sample", "few"), 2, "neither a rate"),
        (("mrc", "ls_R", "--plot", "curve.doc"), 2, "must end in one of"),
        (("convert", "ls_R", "x", "--format", "rep"), 2, "known: memcore, pgtr"),
    ],
)
def test_what_cannot_be_done(arguments: tuple[str, ...], status: int, words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert result.stdout == ""
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_the_demo_runs_pages() -> None:
    shown = run("demo").stdout
    for policy in ("fifo", "clock", "lru", "arc", "opt"):
        assert shown.count(policy) >= 2
    found = document("demo")["pages"]
    assert found["trace"]["path"] == "ls_R"
    misses = {(row["policy"], row["frames"]): row["misses"] for row in found["results"]}
    assert len(misses) == 15
    assert all(misses["opt", frames] <= count for (_, frames), count in misses.items())
    curves = {curve["policy"]: curve for curve in found["curves"]}
    assert curves["lru"]["misses"][63] == misses["lru", 64]
