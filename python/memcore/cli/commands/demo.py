"""``memcore demo``: the main job in one go.

A small scenario shows what an allocator does, step by step, another what a virtual memory manager does; then a real
program's trace goes through every strategy, and another's page references through replacement policies. At last a virtual memory
machine forks a process, and runs the same references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import memcore
from memcore.cli import comparison, machines, policies
from memcore.cli.charts import amount
from memcore.cli.output import answer, json_option
from memcore.cli.progress import watched
from memcore.cli.traces import about, about_pages, open_accesses, open_pages, open_trace

_CAPACITY = 1024
_PAGE_SIZE = 4096
_TRACE = "sqlite3_3000"
_BAR = 64
_PAGES = "ls_R"
_POLICIES = ("fifo", "clock", "lru", "arc", "opt")
_FRAMES = (16, 32, 64)
_MACHINES = ("linux", "linux-zswap")
#: Fewer than the program has pages, so that it swaps.
_MEMORY = 64

_WHY_450 = (
    "Why 450? First fit takes the lowest address at which the request fits. The hole at 100 has 200 bytes, and 300 do "
    "not fit into it: a block there would lie on the one at 300. The next hole begins at 450. The worked example that "
    "this scenario comes from ends with the block at 100, which no correct allocator can do."
)


@click.command
@json_option
def command(as_json: bool) -> None:
    """Show what memcore does: an allocator and a virtual memory manager step by step, then a real program through
    every strategy, and another's pages through replacement policies.

    Example: memcore demo
    """
    scenario = _scenario()
    trace = open_trace(_TRACE)
    with watched("Replaying") as progress:
        replay = memcore.replay(trace, progress=progress)
    pages = open_pages(_PAGES)
    with watched("Simulating") as progress:
        paging = memcore.pages(pages, _POLICIES, _FRAMES, progress=progress)
    # LRU's and OPT's curves have every number of frames; the others are run at some.
    curves = [memcore.mrc(pages, policy) for policy in _POLICIES]
    accesses = open_accesses(_PAGES)
    with watched("Running") as progress:
        runs = memcore.run_machine(
            accesses, _MACHINES, overrides={"memory.frames": _MEMORY}, progress=progress
        )
    document = {
        "scenario": scenario,
        "manager": _manager(),
        "trace": about(trace, trace.summary(0)),
        "results": comparison.document(replay, fit=False),
        "pages": {
            "trace": about_pages(pages),
            "results": paging.to_dicts(),
            "curves": [curve.to_dict() for curve in curves],
        },
        "machine": {"frames": _MEMORY, "steps": _fork(), "results": runs.to_dicts()},
    }

    def draw(document: Mapping[str, Any]) -> RenderableType:
        return Group(
            _draw_scenario(document["scenario"]),
            Text(""),
            _draw_manager(document["manager"]),
            Text(""),
            _draw_replay(document, replay),
            Text(""),
            _draw_pages(document["pages"], curves),
            Text(""),
            _draw_machine(document["machine"]),
            Text(""),
            Text(_NEXT),
        )

    answer(document, as_json=as_json, draw=draw)


def _scenario() -> dict[str, Any]:
    """Allocate 100, 200 and 150 bytes, free the second, allocate 300."""
    arena = memcore.Allocator(_CAPACITY, "first-fit")
    steps: list[dict[str, Any]] = []

    def note(action: str) -> None:
        steps.append({"action": action, "bar": arena.bar(_BAR), "stats": arena.stats.to_dict()})

    def allocate(size: int) -> memcore.Block:
        block = arena.allocate(size)
        note(f"allocate {size} -> {block.start}")
        return block

    allocate(100)
    second = allocate(200)
    allocate(150)
    arena.free(second)
    note(f"free the {second.size} at {second.start}")
    allocate(300)
    regions = [
        {"start": region.start, "end": region.end, "size": region.size, "kind": region.kind}
        for region in arena.regions()
    ]
    return {
        "strategy": arena.strategy,
        "capacity": arena.capacity,
        "steps": steps,
        "regions": regions,
        "explanation": _WHY_450,
    }


def _manager() -> dict[str, Any]:
    """Allocate pages 0 and 1 of 8, translate two addresses, show the page table; then 3 pages in 2 frames."""
    manager = memcore.VirtualMemoryManager(_PAGE_SIZE, 8)
    steps = []
    for page in range(2):
        manager.allocate_page(page)
        steps.append(f"Allocated virtual page {page}")
    for address in (0, _PAGE_SIZE):
        steps.append(f"Virtual address {address} -> Physical address {manager.translate(address).address}")
    tight = memcore.VirtualMemoryManager(_PAGE_SIZE, 8, frames=2)
    for page in range(3):
        tight.allocate_page(page)
    found = tight.translate(5)
    return {
        "page_size": _PAGE_SIZE,
        "steps": steps,
        "page_table": manager.page_table(),
        "summary": manager.summary(),
        "statistics": manager.statistics,
        "rows": manager.rows(),
        "replacement": (
            f"In 2 frames, page 2 takes the frame of page 0. An access to address 5 is then a page fault: page 0 takes the "
            f"frame of page {found.evicted}, and the physical address is {found.address}."
        ),
    }


def _fork() -> list[dict[str, str]]:
    """A process writes, forks, and its child writes: where the page is, step by step."""
    machine = memcore.Machine("linux")
    parent = machine.spawn()
    address = parent.mmap(4096)
    steps: list[dict[str, str]] = []

    def note(action: str, child: memcore.Process | None) -> None:
        def seen(process: memcore.Process) -> str:
            found = process.translate(address)
            assert found is not None
            return f"{process[address : address + 5].decode()} in frame {found.frame}, {found.protection}"

        steps.append(
            {"action": action, "parent": seen(parent), "child": "" if child is None else seen(child)}
        )

    parent[address : address + 5] = b"hello"
    note("the parent writes hello", None)
    child = parent.fork()
    note("the parent forks", child)
    child[address] = ord("J")
    note("the child writes J", child)
    parent[address] = ord("Y")
    note("the parent writes Y", child)
    return steps


def _draw_machine(machine: Mapping[str, Any]) -> RenderableType:
    steps = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("step", "parent", "child"):
        steps.add_column(heading, no_wrap=True)
    for step in machine["steps"]:
        steps.add_row(step["action"], step["parent"], step["child"])
    remarks = [Text(line, style="yellow") for line in machines.remarks(machine["results"])]
    return Group(
        Rule(f"A virtual memory machine: copy on write, then ls -R in {machine['frames']} frames", align="left"),
        Text(""),
        steps,
        Text(""),
        machines.table(machine["results"]),
        Text(""),
        machines.breakdown(machine["results"]),
        *remarks,
        Text(""),
        Text(machines.LEGEND, style="dim"),
    )


def _draw_manager(manager: Mapping[str, Any]) -> RenderableType:
    return Group(
        Rule(f"A virtual memory manager: 8 pages of {manager['page_size']} bytes", align="left"),
        Text(""),
        *map(Text, manager["steps"]),
        Text(manager["page_table"].rstrip()),
        Text(""),
        Text("Virtual Memory Statistics:"),
        Text(manager["summary"].rstrip()),
        Text(""),
        Text(manager["replacement"], style="yellow"),
    )


def _draw_scenario(scenario: Mapping[str, Any]) -> RenderableType:
    steps = Table(box=None, pad_edge=False, header_style="bold")
    steps.add_column("step", no_wrap=True)
    steps.add_column(f"the space, 0 to {scenario['capacity']}: # used, . free", no_wrap=True)
    steps.add_column("largest hole", justify="right")
    for step in scenario["steps"]:
        bar = Text(step["bar"])
        bar.highlight_regex(r"[#=+-]+", "cyan")
        bar.highlight_regex(r"[.]+", "dim")
        steps.add_row(step["action"], bar, f"{step['stats']['largest_hole']}")

    regions = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("start", "end", "size"):
        regions.add_column(heading, justify="right")
    regions.add_column("what")
    for region in scenario["regions"]:
        style = "cyan" if region["kind"] == "block" else "dim"
        regions.add_row(*(str(region[name]) for name in ("start", "end", "size")), Text(region["kind"], style=style))

    stats = scenario["steps"][-1]["stats"]
    figures = (
        f"{stats['blocks']} blocks use {stats['used']} bytes; {stats['free']} are free in {stats['holes']} holes. "
        f"External fragmentation is 1 - {stats['largest_hole']}/{stats['free']} = "
        f"{stats['external_fragmentation']:.1%}: that share of the free bytes is outside the largest hole."
    )
    return Group(
        Rule(f"An allocator, step by step: {scenario['strategy']} in {scenario['capacity']} bytes", align="left"),
        Text(""),
        steps,
        Text(""),
        regions,
        Text(""),
        Text(figures),
        Text(""),
        Text(scenario["explanation"], style="yellow"),
    )


def _draw_replay(document: Mapping[str, Any], replay: memcore.Replay) -> RenderableType:
    trace = document["trace"]
    best = replay.best
    conclusion = (
        f"{best.strategy} serves this program in {amount(best.footprint)}, "
        f"{best.footprint / max(best.peak_live, 1) - 1:.1%} more than the {amount(best.peak_live)} that it has live at its peak."
    )
    return Group(
        Rule("A real program through every strategy: the sqlite3 shell at work", align="left"),
        Text(""),
        Text(f"{trace['events']:,} operations on {trace['blocks']:,} blocks, recorded from the running program"),
        Text(""),
        comparison.table(document["results"]),
        Text(""),
        comparison.picture(replay),
        Text(""),
        Text(conclusion, style="green"),
        Text(""),
        Text(comparison.LEGEND, style="dim"),
    )


_NEXT = (
    "Next: memcore samples, memcore info TRACE, memcore replay TRACE --fit, memcore pages TRACE, memcore mrc TRACE, "
    "memcore machine TRACE, "
    "python -c 'help(\"memcore\")'"
)


def _draw_pages(document: Mapping[str, Any], curves: Sequence[memcore.Curve]) -> RenderableType:
    results = document["results"]
    most = max(row["frames"] for row in results)
    at_most = {row["policy"]: row["misses"] for row in results if row["frames"] == most}
    best = min((policy for policy in at_most if policy != "opt"), key=at_most.__getitem__)
    conclusion = (
        f"With {most} frames {best} misses {at_most[best]:,} times; no policy can miss less often than opt, which knows the "
        f"future: {at_most['opt']:,} times."
    )
    return Group(
        Rule("A real program's pages through replacement policies: ls -R", align="left"),
        Text(""),
        policies.heading(document["trace"]),
        Text(""),
        policies.table(results),
        Text(""),
        policies.picture(curves),
        Text(""),
        Text(conclusion, style="green"),
        Text(""),
        Text(policies.LEGEND, style="dim"),
    )
