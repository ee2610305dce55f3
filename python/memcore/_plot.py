"""Plots, for those who have matplotlib (``pip install memcore[plot]``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memcore._replay import Replay


def footprints(replay: Replay, ax: Any = None) -> Any:
    """The footprint of each strategy over the operations, and the live bytes that they all serve."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(figsize=(8, 4.5), layout="constrained").add_subplot()
    for row in replay:
        series = row.series()
        ax.plot(series["operations"], series["footprint"], label=row.strategy)
    if len(replay):
        series = replay[0].series()
        ax.fill_between(series["operations"], series["live"], color="0.85", label="live")
    ax.set_xlabel("operations")
    ax.set_ylabel("bytes")
    ax.set_title(replay.trace.name)
    ax.legend()
    return ax
