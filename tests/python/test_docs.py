"""The examples in the docstrings are executed, those of the extension module among them."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import memcore
from memcore import _memcore

MODULES = [
    module.name for module in pkgutil.iter_modules(memcore.__path__) if module.name.startswith("_")
] + ["__init__", "plot"]


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder()
    found = []
    for name in MODULES:
        module = memcore if name == "__init__" else importlib.import_module(f"memcore.{name}")
        found += [test for test in finder.find(module, module.__name__) if test.examples]
    # The finder passes over what is not written in Python.
    parser = doctest.DocTestParser()
    for name, value in vars(_memcore).items():
        members = [(name, value)]
        if inspect.isclass(value):
            members += [(f"{name}.{member}", getattr(value, member)) for member in vars(value)]
        for path, member in members:
            test = parser.get_doctest(inspect.getdoc(member) or "", {}, path, None, None)
            if test.examples:
                found.append(test)
    return found


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_an_example(test: doctest.DocTest) -> None:
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def public() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name in memcore.__all__:
        value = getattr(memcore, name)
        if isinstance(value, str):
            continue
        found.append((name, value))
        if inspect.isclass(value) and not issubclass(value, Exception):
            members = [member for member in vars(value) if not member.startswith("_")]
            fields = getattr(value, "__dataclass_fields__", {})
            found += [(f"{name}.{member}", getattr(value, member)) for member in members if member not in fields]
    return found


@pytest.mark.parametrize(("name", "value"), public(), ids=[name for name, _ in public()])
def test_everything_public_is_documented(name: str, value: object) -> None:
    assert inspect.getdoc(value), name


PAGES = Path(__file__).parents[2] / "docs"


def test_every_policy_has_its_row_and_its_section() -> None:
    text = (PAGES / "policies.md").read_text()
    sections = {line.removeprefix("### ").lower().replace(" ", "-") for line in text.splitlines() if line[:4] == "### "}
    for name in memcore.policies():
        assert f"| [`{name}`](#" in text and name in sections, name


def test_every_hierarchy_and_format_is_described() -> None:
    caches, traces = ((PAGES / name).read_text() for name in ("caches.md", "traces.md"))
    assert all(f"| `{name}` |" in caches for name in memcore.hierarchies())
    read_from = " ".join((inspect.getdoc(memcore.PageTrace.format) or "").split())
    named = read_from.removeprefix("What it was read from: ").partition(";")[0].split(", ")
    assert len(named) == 13 and all(f"| `{name}` |" in traces for name in named)
