"""The examples print the same in every language, and the README's code does what the README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
LIBRARY = ROOT / "target" / "release" / "libmemcore.a"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# As in the Makefile.
SYSTEM_LIBS = os.environ.get("SYSTEM_LIBS", "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc").split()
CARGO = os.environ.get("CARGO", "cargo")
COMPILERS = {".c": ("cc", "-std=c11"), ".cpp": ("c++", "-std=c++17")}


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_compiled(source: Path, scratch: Path) -> str:
    compiler, standard = COMPILERS[source.suffix]
    if shutil.which(compiler) is None or not LIBRARY.exists():
        pytest.skip(f"needs {compiler} and {LIBRARY.name}: make build")
    program = scratch / "program"
    run(compiler, standard, *WARNINGS, f"-I{ROOT / 'include'}", source, "-o", program, LIBRARY, *SYSTEM_LIBS)
    return run(program)


def in_python(name: str) -> str:
    return run(sys.executable, EXAMPLES / f"{name}.py")


@pytest.mark.parametrize("source", ["seed.c", "seed.cpp", "ranges.c", "choice.c", "paging.c", "manager.c"])
def test_a_compiled_example_prints_what_python_prints(source: str, tmp_path: Path) -> None:
    assert run_compiled(EXAMPLES / source, tmp_path) == in_python(Path(source).stem)


@pytest.mark.parametrize("name", ["seed", "ranges", "choice", "paging", "manager"])
def test_a_rust_example_prints_what_python_prints(name: str) -> None:
    if shutil.which(CARGO) is None:
        pytest.skip(f"needs {CARGO}")
    assert run(CARGO, "run", "--quiet", "--locked", "--package", "memcore", "--example", name) == in_python(name)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def test_the_readme_in_python() -> None:
    (code,) = blocks("README.md", "python")
    lines = run(sys.executable, "-c", code).splitlines()
    assert lines[:2] == ["450", "0.42"]
    assert [line.split()[0] for line in lines[2:6]] == ["first-fit", "best-fit", "tlsf", "buddy"]
    assert lines[6:9] == ["lru 6782 916", "sieve 6713 852", "opt 3490 357"]
    assert lines[9:] == [r"b'\x00\x00\x00\x00\x00' b'hello' 1"]


def test_the_readme_in_c(tmp_path: Path) -> None:
    (code,) = blocks("README.md", "c")
    source = tmp_path / "readme.c"
    source.write_text(code)
    assert run_compiled(source, tmp_path) == "450\n0.42\n"


@pytest.mark.parametrize(
    ("name", "page"), [("seed", "seed"), ("ranges", "ranges"), ("paging", "paging"), ("manager", "manager")]
)
def test_the_pages_quote_what_the_examples_print(name: str, page: str) -> None:
    assert f"```text\n{in_python(name)}```" in (ROOT / "docs" / f"{page}.md").read_text()
