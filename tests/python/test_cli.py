"""What all commands share: finding them, sizes, JSON, exit status, progress."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import memcore
from memcore.cli import main
from memcore.cli.folder import CommandFolder
from memcore.cli.output import answer
from memcore.cli.progress import watched
from memcore.cli.sizes import parse_size, size

COMMAND = '''
import click
import memcore

@click.command
@click.argument("outcome")
def command(outcome):
    """Do what OUTCOME says."""
    if outcome == "fail":
        raise memcore.UnsupportedError("stack cannot\\nfree", operation="free", strategy="stack")
    if outcome == "refuse":
        raise memcore.ZeroSizeError("a block of 0 bytes was asked for")
    if outcome == "lose":
        raise FileNotFoundError(2, "No such file or directory", "trace.rep")
    click.echo(outcome)
'''


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandFolder:
    """A group with the one command above, in a file ``say_it.py``."""
    package = tmp_path / "commands_of_this_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "say_it.py").write_text(COMMAND, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("commands_of_this_test", "commands_of_this_test.say_it"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return CommandFolder("group", package="commands_of_this_test")


def run(group: click.Group, *arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments))


def test_the_version_is_that_of_the_package() -> None:
    assert run(main, "--version").output == f"memcore, version {memcore.__version__}\n"


def test_python_dash_m_is_the_same_program() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "memcore", "--version"], capture_output=True, text=True, check=True
    )
    assert shown.stdout == f"memcore, version {memcore.__version__}\n"


def test_every_command_of_the_package_explains_itself() -> None:
    for name in main.list_commands(click.Context(main)):
        shown = run(main, name, "--help")
        assert shown.exit_code == 0, name
        assert f"memcore {name}" in shown.output, f"{name} shows no example"


def test_a_file_is_a_command(group: CommandFolder) -> None:
    assert "say-it  Do what OUTCOME says." in run(group, "--help").output
    assert run(group, "say-it", "done").output == "done\n"


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["say-it", "done"], 0, ""),
        (["say-it", "fail"], 1, "Error: stack cannot free\n"),
        (["say-it", "lose"], 1, "Error: [Errno 2] No such file or directory: 'trace.rep'\n"),
        (["say-it", "refuse"], 2, "Error: a block of 0 bytes was asked for\n"),
        (["say-it"], 2, "Error: Missing argument 'OUTCOME'.\n"),
        (["unknown"], 2, "Error: No such command 'unknown'.\n"),
    ],
)
def test_exit_status(group: CommandFolder, arguments: list[str], status: int, line: str) -> None:
    result = run(group, *arguments)
    assert result.exit_code == status
    assert result.stderr.endswith(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4096", 4096),
        ("4K", 4096),
        ("4k", 4096),
        ("4KB", 4096),
        ("64MiB", 64 * 2**20),
        ("1.5GiB", 3 * 2**29),
        ("0", 0),
        (" 8 B ", 8),
        ("15.5EiB", 31 * 2**59),
        ("18446744073709551615", 2**64 - 1),
    ],
)
def test_sizes(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no size"),
        ("-1", "is no size"),
        ("1e9", "is no size"),
        ("4X", "is no size"),
        ("1/2", "is no size"),
        ("٤", "is no size"),
        ("1" * 10_000, "is no size"),
        ("0.3", "no whole number of bytes"),
        ("16EiB", "more than"),
        ("18446744073709551616", "more than"),
    ],
)
def test_bad_sizes_say_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_size(text)


@given(st.integers(0, 2**64 - 1))
def test_plain_numbers_are_bytes(number: int) -> None:
    assert parse_size(str(number)) == number


@given(st.text())
def test_any_text_is_a_size_or_a_value_error(text: str) -> None:
    try:
        assert 0 <= parse_size(text) < 2**64
    except ValueError as reason:
        assert str(reason)


def test_a_bad_size_is_a_bad_argument() -> None:
    @click.command
    @click.option("--capacity", type=size, default="16")
    def command(capacity: int) -> None:
        click.echo(capacity)

    runner = CliRunner()
    assert runner.invoke(command, []).output == "16\n"
    assert runner.invoke(command, ["--capacity", "1K"]).output == "1024\n"
    refused = runner.invoke(command, ["--capacity", "1Q"])
    assert refused.exit_code == 2
    assert "'--capacity': '1Q' is no size" in refused.stderr


def test_json_documents_begin_with_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    def draw(document: Any) -> str:
        return f"{document['peak']} bytes"

    answer({"peak": 7}, as_json=True, draw=draw)
    shown = capsys.readouterr().out
    assert list(json.loads(shown).items()) == [("schema", 1), ("peak", 7)]
    answer({"peak": 7}, as_json=False, draw=draw)
    assert capsys.readouterr().out == "7 bytes\n"


def test_nobody_watches_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with watched("Replaying") as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_a_bar_appears_for_work_that_lasts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with watched("Replaying") as progress:
        assert progress is not None
        progress(1, 10)
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("memcore.cli.progress.PATIENCE", 0.0)
    with watched("Replaying") as progress:
        assert progress is not None
        progress(5, 10)
    shown = capsys.readouterr()
    assert "Replaying" in shown.err
    assert shown.out == ""
