"""``memcore mrc``: miss-ratio curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

import memcore
from memcore.cli import policies as shown
from memcore.cli.output import answer, json_option
from memcore.cli.progress import watched
from memcore.cli.sizes import size
from memcore.cli.traces import about_pages, open_pages, page_size_option, trace_argument


def _sample(text: str) -> float | int:
    """``0.01`` and ``1%`` are rates, and so is ``1``; any other whole number is one of pages."""
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        if text == "1" or not text.isdecimal():
            return float(text)
        return int(text)
    except ValueError as reason:
        raise click.BadParameter(f"{text!r} is neither a rate, such as 0.01 or 1%, nor a number of pages") from reason


@click.command
@trace_argument
@click.option(
    "--policy",
    "policies",
    multiple=True,
    default=("lru",),
    show_default=True,
    metavar="P",
    help="name or name:key=value,...; several times for several.",
)
@click.option(
    "--sample",
    type=_sample,
    metavar="R",
    help="Look at this share of the pages (0.01, 1%), or at so many of them at most (10000); for lru.",
)
@click.option("--frames", multiple=True, type=size, metavar="N", help="At these numbers of frames only.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), default=1, show_default=True, help="Of the sample.")
@click.option("--plot", "plot", type=click.Path(dir_okay=False), metavar="FILE", help="Draw it: .png, .svg, .pdf.")
@page_size_option
@json_option
def command(
    trace: str,
    policies: tuple[str, ...],
    sample: float | int | None,
    frames: tuple[int, ...],
    seed: int,
    plot: str | None,
    page_size: int | None,
    as_json: bool,
) -> None:
    """Show the miss ratio of a policy on TRACE for every number of frames.

    For lru and opt the curve is exact, in one pass; of lru it can be sampled; other policies are run at some numbers of
    frames, on threads. TRACE is as for memcore pages.

    Example: memcore mrc lua_small --policy lru --policy opt --plot lua.png
    """
    figure = _figure(plot) if plot is not None else None
    opened = open_pages(trace, page_size)
    curves = []
    for policy in policies:
        with watched(f"Measuring {policy}") as progress:
            curves.append(
                memcore.mrc(
                    opened, policy, sample=sample, frames=sorted(set(frames)) or None, seed=seed, progress=progress
                )
            )
    if figure is not None:
        memcore.plot.curves(curves, figure.add_subplot())
        figure.savefig(plot)
    found = [curve.to_dict() for curve in curves]
    document = {"trace": about_pages(opened), **(found[0] if len(found) == 1 else {"curves": found})}
    answer(document, as_json=as_json, draw=lambda document: _draw(document, curves, plot))


def _figure(file: str) -> Any:
    """A figure that can be saved under this name."""
    try:
        from matplotlib.figure import Figure
    except ImportError as reason:
        raise click.ClickException("--plot needs matplotlib: pip install memcore[plot]") from reason
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    known = figure.canvas.get_supported_filetypes()
    if file.rpartition(".")[2].lower() not in known:
        raise click.UsageError(f"--plot {file}: the name must end in one of .{', .'.join(sorted(known))}")
    return figure


def _draw(document: Mapping[str, Any], curves: Sequence[memcore.Curve], plot: str | None) -> RenderableType:
    parts: list[RenderableType] = [shown.heading(document["trace"]), Text(""), shown.picture(curves)]
    if plot is not None:
        parts += [Text(""), Text(f"drawn in {plot}")]
    return Group(*parts)
