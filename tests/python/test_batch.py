"""Many operations in one call, and the arrays that go in and out."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest

import memcore
from memcore import Allocator

SIZES = [100, 200, 300]


@pytest.mark.parametrize(
    "sizes",
    [
        SIZES,
        tuple(SIZES),
        iter(SIZES),
        np.array(SIZES),
        np.array(SIZES, dtype=np.uint64),
        np.array(SIZES, dtype=np.uint32),
        np.array(SIZES, dtype=np.int32),
        np.array([100, 0, 200, 0, 300, 0])[::2],
        np.array(SIZES, dtype=np.int16),
        array.array("L", SIZES),
        memoryview(array.array("q", SIZES)),
    ],
    ids=lambda sizes: type(sizes).__name__,
)
def test_sizes_of_any_kind(sizes: Any) -> None:
    arena = Allocator(1000)
    starts, ids = arena.allocate_many(sizes)
    assert starts.dtype == ids.dtype == np.uint64
    assert starts.tolist() == [0, 100, 300]
    assert [arena.block(id).size for id in ids] == SIZES
    arena.free_many(ids)
    assert len(arena) == 0


def test_a_batch_is_the_same_as_its_calls() -> None:
    sizes = np.random.default_rng(7).integers(1, 5000, 10_000)
    one, many = Allocator(1 << 40, "best-fit"), Allocator(1 << 40, "best-fit")
    starts, ids = many.allocate_many(sizes, alignment=64)
    assert starts.tolist() == [one.allocate(int(size), alignment=64).start for size in sizes]
    for id in ids[::3]:
        one.free(int(id))
    many.free_many(ids[::3])
    assert one.stats == many.stats


def test_the_arrays_are_read_only_and_outlive_the_call() -> None:
    starts, _ = Allocator(1000).allocate_many(SIZES)
    with pytest.raises(ValueError):
        starts[0] = 1
    assert starts.sum() == 400


def test_a_failure_tells_what_was_done() -> None:
    arena = Allocator(1000)
    with pytest.raises(memcore.BatchError) as caught:
        arena.allocate_many([100, 200, 800, 1])
    error = caught.value
    assert (error.index, error.starts.tolist(), len(error.ids)) == (2, [0, 100], 2)
    assert isinstance(error.__cause__, memcore.OutOfSpaceError)
    assert len(arena) == 2
    with pytest.raises(memcore.BatchError) as caught:
        arena.free_many([error.ids[1], error.ids[1], error.ids[0]])
    assert caught.value.index == 1
    assert isinstance(caught.value.__cause__, memcore.DoubleFreeError)
    assert len(arena) == 1
    with pytest.raises(memcore.BatchError) as caught:
        arena.free_many([0])
    assert isinstance(caught.value.__cause__, memcore.UnknownIdError)


@pytest.mark.parametrize("sizes", [[-1], np.array([-1]), np.array([-1], dtype=np.int32), [2**64]])
def test_numbers_out_of_range(sizes: Any) -> None:
    arena = Allocator(1000)
    with pytest.raises(memcore.OutOfRangeError):
        arena.allocate_many(sizes)
    assert len(arena) == 0


@pytest.mark.parametrize("sizes", [5, None, [1.5], ["x"], np.array([1.5])])
def test_what_is_no_column_of_numbers(sizes: Any) -> None:
    with pytest.raises(TypeError):
        Allocator(1000).allocate_many(sizes)


def test_a_column_lends_its_memory_only_for_reading() -> None:
    starts, _ = Allocator(1000).allocate_many(SIZES)
    view = memoryview(starts.base)
    assert (view.format, view.shape, view.readonly) == ("Q", (3,), True)
    with pytest.raises(TypeError):
        view[0] = 1
