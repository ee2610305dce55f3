"""The examples in the docstrings are executed, those of the extension module among them."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

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


def test_everything_that_a_machine_counts_is_described() -> None:
    text = (PAGES / "virtual-memory.md").read_text()
    rows = {line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `")}
    described = {name for row in rows for name in re.findall("`([^`]+)`", row)}
    machine = memcore.Machine("seed")
    for name in [*machine.counters, *machine.time]:
        assert name in described, name


def test_every_event_and_advice_is_described() -> None:
    text = (PAGES / "virtual-memory.md").read_text()
    machine = memcore.Machine("linux")
    with pytest.raises(memcore.UnknownNameError) as unknown:
        machine.listen("nothing")
    kinds = set(unknown.value.known) - {"rare", "all"}
    assert kinds == set(re.findall("^\\| `([a-z]+)` \\| `[a-z]", text, re.MULTILINE)) & kinds
    process = machine.spawn()
    with pytest.raises(memcore.UnknownNameError) as unknown:
        process.madvise(0, 4096, "nothing")
    assert all(f"`{advice}`" in text for advice in unknown.value.known)


def documented() -> list[dict[str, Any]]:
    text = (PAGES / "machine-replay.md").read_text()
    return [tomllib.loads(code) for code in re.findall("^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def keys(table: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in table.items():
        is_table = isinstance(value, dict) and name != "watermarks"
        found |= keys(value, f"{above}{name}.") if is_table else {above + name}
    return found


def test_the_documented_configuration_is_the_preset() -> None:
    _, whole, _ = documented()
    assert whole == tomllib.loads(memcore.Machine("linux").toml)


def test_every_key_of_a_configuration_is_documented() -> None:
    _, whole, missing = documented()
    machine = memcore.Machine("linux", **missing | {"swap": {}})
    everything = tomllib.loads(machine.toml)
    assert keys(everything) | {"swap.file"} == keys(whole) | keys(missing)
    packed = tomllib.loads(memcore.Machine("linux-zswap").toml)
    assert packed["compression"] == missing["compression"]
    # The layout that a process of the preset has.
    low = memcore.Machine("linux", layout=missing["layout"] | {"aslr": None})
    assert low.spawn().layout == memcore.Machine("linux").spawn().layout
