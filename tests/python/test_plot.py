"""Plots: what is drawn, and that each can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memcore
from memcore import PageTrace, plot

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")

TRACE = PageTrace.generate("phases:pages=500,references=20000,writes=10")


@pytest.fixture
def axes() -> Any:
    from matplotlib.figure import Figure

    return Figure().add_subplot()


def saved(axes: Any, tmp_path: Path) -> None:
    path = tmp_path / "plot.png"
    axes.figure.savefig(path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_curves(axes: Any, tmp_path: Path) -> None:
    shown = [memcore.mrc(TRACE, policy) for policy in ("lru", "opt", "arc")] + [
        memcore.mrc(TRACE, sample=0.5),
        memcore.mrc(TRACE, sample=100),
    ]
    assert plot.curves(shown, axes, log=True) is axes
    assert [line.get_label() for line in axes.lines] == [
        "lru",
        "opt",
        "arc",
        "lru, sampled at 0.5",
        "lru, 100 pages sampled",
    ]
    assert axes.lines[0].get_ydata().tolist() == shown[0].miss_ratios.tolist()
    saved(axes, tmp_path)
    assert len(shown[0].plot(axes).lines) == 6


def test_results(axes: Any, tmp_path: Path) -> None:
    result = memcore.pages(TRACE, ["lru", "opt", "working-set"], [10, 100])
    assert result.plot(axes) is axes
    assert axes.lines[0].get_xdata().tolist() == [10, 100]
    assert axes.lines[0].get_ydata().tolist() == [row.miss_ratio for row in result.of("lru")]
    assert len(axes.collections) == 1
    saved(axes, tmp_path)


@pytest.mark.parametrize("trace", [TRACE, PageTrace.from_arrays([5]), PageTrace.from_arrays([])], ids=len)
@pytest.mark.parametrize(
    "draw",
    [
        plot.page_map,
        plot.inter_reference,
        plot.reuse_times,
        plot.stack_distances,
        plot.mean_working_set,
        lambda trace, axes: plot.working_set(trace, [10, 1000], axes),
        lambda trace, axes: trace.plot(axes),
    ],
)
def test_traces_of_any_length(draw: Any, trace: PageTrace, axes: Any, tmp_path: Path) -> None:
    assert draw(trace, axes) is axes
    saved(axes, tmp_path)


def test_a_map_counts_each_reference_once(axes: Any) -> None:
    trace = PageTrace.from_arrays([900, 5, 900, 5, 77, 77])
    plot.page_map(trace, axes, bins=(2, 3))
    counts = 10 ** axes.images[0].get_array().filled(-np.inf)
    # Pages 5, 77, 900 from below; the first three references, then the others.
    assert np.rint(counts).tolist() == [[1, 1], [0, 2], [2, 0]]


def test_histograms_count_by_powers_of_two(axes: Any) -> None:
    # Reuse times: 4 4 3 3 7 7 5 beside five first references.
    plot.reuse_times(PageTrace.from_arrays([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]), axes)
    assert [bar.get_height() for bar in axes.patches] == [0, 2, 5]
    assert "5 first references" in axes.get_title()
