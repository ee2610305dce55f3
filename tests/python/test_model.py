"""First fit and best fit against a model of a few lines, over random runs."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

import memcore

CAPACITY = 4096


class Model:
    """Blocks as a dictionary from start to size; holes are what lies between."""

    def __init__(self, capacity: int, best: bool) -> None:
        self.capacity = capacity
        self.best = best
        self.blocks: dict[int, int] = {}

    def holes(self) -> list[tuple[int, int]]:
        found, end = [], 0
        for start, size in [*sorted(self.blocks.items()), (self.capacity, 0)]:
            if start > end:
                found.append((end, start - end))
            end = start + size
        return found

    def place(self, size: int, alignment: int) -> int | None:
        fitting = [
            (hole_size if self.best else 0, start, -start % alignment)
            for start, hole_size in self.holes()
            if -start % alignment + size <= hole_size
        ]
        if not fitting:
            return None
        _, start, pad = min(fitting)
        self.blocks[start + pad] = size
        return start + pad


class Machine(RuleBasedStateMachine):
    best = False
    blocks = Bundle("blocks")

    def __init__(self) -> None:
        super().__init__()
        self.arena = memcore.Allocator(CAPACITY, "best-fit" if self.best else "first-fit")
        self.model = Model(CAPACITY, self.best)

    @rule(target=blocks, size=st.integers(1, 600), alignment=st.sampled_from([1, 1, 8, 64]))
    def allocate(self, size: int, alignment: int) -> memcore.Block | None:
        expected = self.model.place(size, alignment)
        if expected is None:
            with pytest.raises(memcore.OutOfSpaceError):
                self.arena.allocate(size, alignment=alignment)
            return None
        block = self.arena.allocate(size, alignment=alignment)
        assert block.start == expected
        return block

    @rule(block=consumes(blocks), how=st.sampled_from(["block", "id", "start"]))
    def free(self, block: memcore.Block | None, how: str) -> None:
        if block is None:
            return
        if how == "start":
            self.arena.free_at(block.start)
        else:
            self.arena.free(block if how == "block" else block.id)
        del self.model.blocks[block.start]
        with pytest.raises(memcore.DoubleFreeError):
            block.free()

    @rule(block=blocks, size=st.integers(1, 600))
    def resize(self, block: memcore.Block | None, size: int) -> None:
        if block is None:
            return
        follows = min((start for start in self.model.blocks if start > block.start), default=CAPACITY)
        if size <= follows - block.start:
            assert self.arena.resize(block, size).size == size
            self.model.blocks[block.start] = size
        else:
            with pytest.raises((memcore.NoRoomInPlaceError, memcore.TooLargeError)):
                self.arena.resize(block, size)

    @invariant()
    def agree(self) -> None:
        assert {block.start: block.size for block in self.arena} == self.model.blocks
        holes = [(region.start, region.size) for region in self.arena.regions() if region.kind == "hole"]
        assert holes == self.model.holes()
        assert self.arena.largest_hole == max((size for _, size in holes), default=0)
        self.arena.validate()


class BestFitMachine(Machine):
    best = True


TestFirstFit = Machine.TestCase
TestBestFit = BestFitMachine.TestCase
for case in (TestFirstFit, TestBestFit):
    case.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
