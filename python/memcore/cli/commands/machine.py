"""``memcore machine``: address traces through the whole machine, and where the time goes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

import memcore
from memcore.cli import machines as shown
from memcore.cli.output import answer, json_option
from memcore.cli.progress import watched
from memcore.cli.sizes import size
from memcore.cli.traces import open_accesses


@click.command
@click.argument("traces", nargs=-1, required=True, metavar="TRACE...")
@click.option(
    "--preset",
    "presets",
    multiple=True,
    metavar="NAME",
    help="A machine that is ready-made; several times for several side by side. Default: linux.",
)
@click.option(
    "--config",
    "configs",
    multiple=True,
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="A TOML file; several times for several.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="K=V",
    help="A value laid over each machine: memory.frames=1024, replacement.policy=lru, huge.mode=always.",
)
@click.option("--quantum", type=size, default="10000", show_default=True, metavar="N", help="Accesses of a turn.")
@click.option("--limit", type=size, metavar="N", help="Run at most so many accesses.")
@click.option("--plot", "picture", metavar="FILE", help="Draw where the time goes, with matplotlib.")
@json_option
def command(
    traces: tuple[str, ...],
    presets: tuple[str, ...],
    configs: tuple[str, ...],
    settings: tuple[str, ...],
    quantum: int,
    limit: int | None,
    picture: str | None,
    as_json: bool,
) -> None:
    """Run the accesses of each TRACE as a process of a virtual memory machine, and show where the time goes: TLBs, page
    walks, faults, swap.

    TRACE is a file of accesses or pages in any format that memcore reads, compressed or not, - for standard input, or
    the name of a bundled sample. Several traces take turns on one machine.

    Example: memcore machine ls_R --preset linux --preset linux-thp --set memory.frames=256
    """
    overrides = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise click.UsageError(f"--set takes KEY=VALUE, not {setting!r}")
        overrides[key] = value
    machines: dict[str, Any] = {name: name for name in presets or (() if configs else ("linux",))}
    for config in configs:
        with open(config, encoding="utf-8") as file:
            # A name could be a preset's; text with a line end is a configuration.
            machines[config] = file.read() + "\n"
    opened = [open_accesses(trace) for trace in traces]
    with watched("Running") as progress:
        runs = memcore.run_machine(
            opened, machines, overrides=overrides, quantum=quantum, limit=limit, progress=progress
        )
    if picture is not None:
        _draw_into(picture, runs)
    document = {
        "traces": [_about(name, trace) for name, trace in zip(traces, opened, strict=True)],
        "settings": overrides,
        "results": runs.to_dicts(),
    }

    def draw(document: Mapping[str, Any]) -> RenderableType:
        heads = [Text(f"{trace['path']}  ({trace['format']})", style="bold") for trace in document["traces"]]
        remarks = [Text(line, style="yellow") for line in shown.remarks(document["results"])]
        return Group(
            *heads,
            Text(f"{document['results'][0]['accesses']:,} accesses by {len(heads)} process{'es' * (len(heads) > 1)}"),
            Text(""),
            shown.table(document["results"]),
            Text(""),
            shown.breakdown(document["results"]),
            *([Text(""), *remarks] if remarks else []),
            Text(""),
            Text(shown.LEGEND, style="dim"),
        )

    answer(document, as_json=as_json, draw=draw)


def _about(name: str, trace: memcore.AccessTrace) -> dict[str, Any]:
    return {"path": "<stdin>" if name == "-" else name, "format": trace.format, "accesses": len(trace)}


def _draw_into(path: str, runs: memcore.MachineRuns) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise click.ClickException("--plot needs matplotlib: pip install memcore[plot]") from missing
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    memcore.plot.machine_time(runs, figure.add_subplot())
    figure.savefig(path)
    print(f"drawn into {path}", file=sys.stderr)
