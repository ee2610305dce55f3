"""Traces through machines: `run_machine`, ``memcore machine``, and their pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import memcore
from memcore import AccessTrace, Machine, PageTrace
from memcore.cli import main

BELADY = PageTrace.from_arrays([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5])


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["machine", *arguments])


def test_more_frames_may_mean_more_faults() -> None:
    # Belady, Nelson and Shedler 1969: FIFO with 3 frames faults 9 times, with 4 frames 10 times.
    configs = {str(frames): {"preset": "textbook", "memory.frames": frames} for frames in (3, 4)}
    runs = memcore.run_machine(BELADY, configs)
    assert [runs["3"].faults, runs["4"].faults] == [9, 10]
    for run in runs:
        assert sum(run.time.values()) >= run.cycles and run.average == run.cycles / 12
        assert sum(run.breakdown.values()) == pytest.approx(100)
        assert run.to_dict()["faults"] == run.faults


def test_the_machine_faults_as_often_as_the_policy_misses() -> None:
    trace = PageTrace.generate("zipf:pages=60,references=5000")
    for policy in ("fifo", "lru", "clock"):
        config = {"preset": "textbook", "memory.frames": 16, "replacement.policy": policy}
        expected = memcore.pages(trace, policy, 16)[0].misses
        assert memcore.run_machine(trace, config)[0].faults == expected, policy


def test_runs_are_the_same_on_threads_and_one_after_the_other() -> None:
    trace = AccessTrace.from_arrays(np.random.default_rng(1).integers(0, 1 << 22, 20_000))
    configs = ["linux", "small", "linux-thp"]
    alone = memcore.run_machine(trace, configs, threads=1, series=1000)
    together = memcore.run_machine([trace], configs, threads=3, series=1000)
    assert alone.to_dicts() == together.to_dicts()
    assert [run.name for run in alone] == configs and len(alone[0].series()["rss"]) >= 19
    assert alone["small"].counters["evicted"] > 0 == alone["linux"].counters["evicted"]
    assert alone.to_numpy()["name"].tolist() == configs
    assert alone.to_numpy()["counters_evicted"].tolist() == [run.counters["evicted"] for run in alone]
    assert "linux-thp" in str(alone) and "<table>" in alone._repr_html_() and len(alone[:2]) == 2
    with pytest.raises(KeyError):
        alone["other"]


def test_programs_take_turns() -> None:
    traces = [PageTrace.generate(f"zipf:pages=100,references=3000,seed={seed}") for seed in (1, 2)]
    seen: list[tuple[int, int | None]] = []
    run = memcore.run_machine(traces, "small", quantum=100, weights=[2, 1], limit=4500, threads=1)[0]
    assert run.accesses == 4500 and run.skipped == 1500
    assert [process["accesses"] for process in run.to_dict()["processes"]] == [3000, 1500]
    big = AccessTrace.from_arrays(np.tile(np.arange(0, 1 << 20, 4096), 4000))
    memcore.run_machine(big, progress=lambda done, total: seen.append((done, total)))
    assert all(total == len(big) for _, total in seen)


def test_a_trace_runs_on_a_machine_of_ones_own() -> None:
    machine = Machine("small", layout={"flat": True})
    with machine.listen("fault") as events:
        run = machine.run(BELADY, limit=12)
    assert run.faults == len(events) == 5 and machine.counters["minor"] == 5
    with pytest.raises(TypeError):
        machine.run(BELADY, nonsense=1)


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("preset = 'small'\n[replacement]\npolicy = 'lru'\n")
    arguments = ["ls_R", "--preset", "linux", "--config", str(file), "--limit", "100K", "--set", "memory.frames=64"]
    shown = command(*arguments)
    assert shown.exit_code == 0, shown.output
    assert "ls_R" in shown.stdout and "where the time goes" in shown.stdout and "the data itself" in shown.stdout
    answered = command(*arguments, "--json")
    found: dict[str, Any] = json.loads(answered.stdout)
    assert list(found) == ["schema", "traces", "settings", "results"]
    assert found["settings"] == {"memory.frames": "64"}
    assert [result["name"] for result in found["results"]] == ["linux", str(file)]
    assert [result["frames"] for result in found["results"]] == [64, 64]
    expected = memcore.run_machine("ls_R", "linux", overrides={"memory.frames": 64}, limit=100 * 1024)[0]
    assert found["results"][0] == expected.to_dict()


def test_the_command_with_one_machine_and_several_traces() -> None:
    shown = command("listwalk", "ls_R", "--limit", "50K")
    assert shown.exit_code == 0 and "2 processes" in shown.stdout and "share" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 2),
        (["ls_R", "--preset", "nonsense"], 2),
        (["ls_R", "--set", "nonsense"], 2),
        (["ls_R", "--set", "foo=1"], 2),
        (["ls_R", "--quantum", "x"], 2),
        (["ls_R", "--quantum", "0"], 2),
        (["ls_R", "--config", "missing.toml"], 1),
        (["missing"], 1),
        (["sqlite3_3000"], 2),
    ],
)
def test_a_bad_command_says_why(arguments: list[str], status: int) -> None:
    result = command(*arguments)
    assert result.exit_code == status and result.stderr.strip() and "Traceback" not in result.output


def test_pictures(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib.figure import Figure

    runs = memcore.run_machine(PageTrace.generate("zipf:pages=90,references=5000"), ["small", "linux"], series=500)
    axes = Figure().add_subplot()
    assert runs.plot(axes) is axes
    assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(sum(run.average for run in runs))
    axes = memcore.plot.resident_pages(runs, Figure().add_subplot())
    assert axes.lines[0].get_ydata().tolist() == runs[0].series()["rss"].tolist()
    process = Machine("small").spawn()
    with process.machine.listen("fault") as events:
        address = process.mmap(90 * 4096)
        process.write(address, bytes(90 * 4096))
    process.madvise(address, 4096, "dontneed")
    process[address]
    axes = memcore.plot.faults(events, Figure().add_subplot())
    assert sum(len(dots.get_offsets()) for dots in axes.collections) == len(events)
    for draw in (memcore.plot.address_space, memcore.plot.page_table):
        axes = draw(process, Figure().add_subplot())
        axes.figure.savefig(tmp_path / "plot.png")
        assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
        empty = Machine("textbook").spawn()
        draw(empty, Figure().add_subplot()).figure.savefig(tmp_path / "plot.png")
    file = tmp_path / "time.png"
    result = command("ls_R", "--limit", "1000", "--plot", str(file))
    assert result.exit_code == 0 and file.read_bytes().startswith(b"\x89PNG")


def test_the_demo_forks_and_swaps() -> None:
    found = json.loads(CliRunner().invoke(main, ["demo", "--json"]).stdout)["machine"]
    steps = found["steps"]
    assert [step["parent"][:5] for step in steps] == ["hello", "hello", "hello", "Yello"]
    assert [step["child"][:5] for step in steps] == ["", "hello", "Jello", "Jello"]
    frames = [[step[who].split("frame ")[-1].split(",")[0] for who in ("parent", "child")] for step in steps[1:]]
    assert frames[0][0] == frames[0][1] != frames[1][1] and frames[1] == frames[2]
    assert [result["name"] for result in found["results"]] == ["linux", "linux-zswap"]
    assert all(result["faults"] > 312 for result in found["results"])
    shown = CliRunner().invoke(main, ["demo"]).stdout
    assert "copy on write" in shown and "reading swap" in shown
