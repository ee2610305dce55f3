"""The package as it is installed: what is imported, which version, and the promises of every long call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest

import memcore
from memcore import _memcore

ROOT = Path(__file__).parents[2]


def test_the_package_is_the_installed_one() -> None:
    # The folder memcore/ of the repository is importable too, as a package without a file.
    assert memcore.__file__ is not None
    assert Path(memcore.__file__).parent.joinpath("py.typed").exists()


def test_the_version_is_that_of_the_workspace() -> None:
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    assert memcore.__version__ == workspace["workspace"]["package"]["version"]


def test_every_public_name_exists() -> None:
    assert all(hasattr(memcore, name) for name in memcore.__all__)


def test_a_long_call_reports_progress_at_most_every_50_ms() -> None:
    reports: list[tuple[int, int | None]] = []
    steps = _memcore.rehearse_long_call(0.5, progress=lambda done, total: reports.append((done, total)))
    assert 1 <= len(reports) <= 10
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})
    assert reports[-1][0] <= steps


def test_a_long_call_lets_other_threads_run() -> None:
    counted = 0
    stop = threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    _memcore.rehearse_long_call(0.1)
    during = counted - before
    stop.set()
    thread.join()
    # With the interpreter's lock held, the thread would have stood still.
    assert during > 100


def test_what_a_progress_callback_raises_ends_the_call() -> None:
    def refuse(done: int, total: int | None) -> None:
        raise LookupError("enough")

    begin = time.monotonic()
    with pytest.raises(LookupError, match="enough"):
        _memcore.rehearse_long_call(60.0, progress=refuse)
    assert time.monotonic() - begin < 10


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT as a terminal does")
def test_ctrl_c_ends_a_long_call() -> None:
    script = """
import time
from memcore import _memcore
try:
    print("ready", flush=True)
    _memcore.rehearse_long_call(60.0)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.2)
        interrupted = time.monotonic()
        child.send_signal(signal.SIGINT)
        answered = float(child.stdout.readline())
    # The promise is 50 ms; the rest is what a busy machine may take to schedule two processes.
    assert answered - interrupted < 1.0


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_a_bad_argument_is_an_error_with_its_value(seconds: float) -> None:
    with pytest.raises(memcore.BadParameterError) as caught:
        _memcore.rehearse_long_call(seconds)
    assert caught.value.name == "seconds"
    assert repr(caught.value.value) == repr(seconds)
