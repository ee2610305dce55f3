"""The files of ``tests/vectors``, which run through Rust, C and Python alike: every outcome agrees to the byte.

Their README defines the form. A call is made, its outcome written as the file writes it, and the two texts compared.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import memcore
from memcore import Allocator, Block, Checkpoint, CompactionPlan

FILES = sorted((Path(__file__).parents[1] / "vectors").glob("*.vec"))

OPERATIONS = {
    "free by address": "FreeAt",
    "find a block by its start": "BlockAt",
    "find the block around an offset": "Containing",
    "allocate at a wanted address": "AllocateAt",
    "compact": "Compact",
    "take checkpoints": "Checkpoint",
}
STARTS = {"the start": "Start", "the start plus the bias": "BiasedStart"}

#: The vectors' name of each error, and its fields.
ERRORS: dict[type[memcore.MemcoreError], tuple[str, tuple[str, ...]]] = {
    memcore.ZeroSizeError: ("ZeroSize", ()),
    memcore.OutdatedPlanError: ("OutdatedPlan", ()),
    memcore.TooLargeError: ("TooLarge", ("size", "capacity")),
    memcore.BadAlignmentError: ("BadAlignment", ("alignment",)),
    memcore.BadBiasError: ("BadBias", ("bias", "alignment", "granularity")),
    memcore.SizeOverflowError: ("Overflow", ("size", "granularity")),
    memcore.OutOfSpaceError: ("OutOfSpace", ("size", "alignment", "free", "largest_hole")),
    memcore.OutOfMetadataError: ("OutOfMetadata", ("blocks",)),
    memcore.StaleIdError: ("StaleId", ("id",)),
    memcore.DoubleFreeError: ("DoubleFree", ("id",)),
    memcore.UnknownIdError: ("UnknownId", ("id",)),
    memcore.UnknownStartError: ("UnknownStart", ("start",)),
    memcore.UnknownOffsetError: ("UnknownOffset", ("offset",)),
    memcore.NotTopError: ("NotTop", ("id", "top")),
    memcore.RangeTakenError: ("RangeTaken", ("start", "size")),
    memcore.BadStartError: ("BadStart", ("start", "needs", "multiple")),
    memcore.NoRoomInPlaceError: ("NoRoomInPlace", ("id", "size", "available")),
    memcore.CapacityShrinkError: ("CapacityShrink", ("capacity", "wanted")),
    memcore.BadParameterError: ("BadParameter", ("name", "value")),
    memcore.UnsupportedError: ("Unsupported", ("operation", "strategy")),
    memcore.BadCheckpointError: ("BadCheckpoint", ("position",)),
}


class Runner:
    """One space after another, and what its labels name."""

    def __init__(self) -> None:
        self.arena = Allocator(1)
        self.ids: dict[str, int] = {}
        self.labels: dict[int, str] = {}
        self.checkpoints: dict[str, Checkpoint] = {}
        self.plans: dict[str, CompactionPlan] = {}

    def answer(self, line: str) -> str:
        """The outcome of a call."""
        word, *rest = line.split(" ")
        # What stands first and is no argument is a label; after `space` it is the strategy, which may contain a `=`.
        labelled = rest and (word == "space" or "=" not in rest[0])
        labels = [rest.pop(0)] if labelled else []
        pairs = [part.split("=") for part in rest]
        arguments = {key: value.split(",") if key == "pinned" else int(value) for key, value in pairs}
        call: Callable[..., str] = getattr(self, f"do_{word}")
        try:
            return call(*labels, **arguments)
        except memcore.MemcoreError as error:
            return self.error(error)

    def error(self, error: memcore.MemcoreError) -> str:
        if isinstance(error, memcore.MissingOptionError):
            if error.option == "tags":
                return "error NoTags"
            return f"error NoAddressIndex operation={OPERATIONS[error.operation]}"
        name, fields = ERRORS[type(error)]
        return " ".join(["error", name, *(f"{field}={self.field(field, getattr(error, field))}" for field in fields)])

    def field(self, name: str, value: Any) -> str:
        if name in ("id", "top"):
            return self.label(value)
        return {**OPERATIONS, **STARTS}.get(value, str(value)) if isinstance(value, str) else str(value)

    def label(self, id: int) -> str:
        return self.labels.get(id, f"raw:{id}")

    def id(self, label: str) -> int:
        return int(label.removeprefix("raw:")) if label.startswith("raw:") else self.ids[label]

    def shown(self, block: Block) -> str:
        return f"id={self.label(block.id)} start={block.start} size={block.size} requested={block.requested}"

    def bound(self, label: str, block: Block) -> str:
        self.ids[label] = block.id
        self.labels[block.id] = label
        assert block.end == block.start + block.size and int(block) == block.start
        return self.shown(block)

    def do_space(
        self,
        strategy: str,
        capacity: int,
        granularity: int = 1,
        index: int = 0,
        tags: int = 0,
        fixed: int | None = None,
    ) -> str:
        made = Allocator(
            capacity,
            strategy,
            granularity=granularity,
            address_index=bool(index),
            tags=bool(tags),
            max_blocks=fixed,
        )
        self.__init__()  # type: ignore[misc]
        self.arena = made
        return "ok"

    def do_allocate(self, label: str, size: int, align: int = 1, bias: int = 0, tag: int = 0) -> str:
        return self.bound(label, self.arena.allocate(size, alignment=align, bias=bias, tag=tag))

    def do_allocate_at(
        self, label: str, start: int, size: int, align: int = 1, bias: int = 0, tag: int = 0
    ) -> str:
        return self.bound(label, self.arena.allocate(size, alignment=align, bias=bias, tag=tag, at=start))

    def do_can_allocate(self, size: int, align: int = 1, bias: int = 0) -> str:
        return yes(self.arena.can_allocate(size, alignment=align, bias=bias))

    def do_free(self, label: str) -> str:
        id = self.id(label)
        before = self.arena.block(id) if id in self.arena else None
        self.arena.free(id)
        assert before is not None and not before.alive
        return self.shown(before)

    def do_free_at(self, start: int) -> str:
        try:
            before = self.arena.block_at(start)
        except memcore.MemcoreError:
            self.arena.free_at(start)
            raise AssertionError("freed what is not there") from None
        self.arena.free_at(start)
        return self.shown(before)

    def do_resize(self, label: str, size: int) -> str:
        return self.shown(self.arena.resize(self.id(label), size))

    def do_block(self, label: str) -> str:
        return self.shown(self.arena.block(self.id(label)))

    def do_alignment(self, label: str) -> str:
        return str(self.arena.alignment_of(self.id(label)))

    def do_block_at(self, start: int) -> str:
        return self.shown(self.arena.block_at(start))

    def do_containing(self, offset: int) -> str:
        return self.shown(self.arena.containing(offset))

    def do_tag(self, label: str) -> str:
        return str(self.arena.tag_of(self.id(label)))

    def do_set_tag(self, label: str, tag: int) -> str:
        self.arena.set_tag(self.id(label), tag)
        return "ok"

    def do_capacity(self) -> str:
        return str(self.arena.capacity)

    def do_largest_hole(self) -> str:
        return str(self.arena.largest_hole)

    def do_largest_sure(self) -> str:
        return str(self.arena.largest_sure)

    def do_grow(self, capacity: int) -> str:
        self.arena.grow(capacity)
        return "ok"

    def do_reset(self) -> str:
        self.arena.reset()
        return "ok"

    def do_checkpoint(self, label: str) -> str:
        self.checkpoints[label] = self.arena.checkpoint()
        return f"position={self.checkpoints[label].position}"

    def do_rewind(self, label: str) -> str:
        self.arena.rewind(self.checkpoints[label])
        return "ok"

    def do_plan(
        self, label: str, bytes: int | None = None, moves: int | None = None, pinned: Iterable[str] = ()
    ) -> str:
        plan = self.arena.plan_compaction(bytes, moves, [self.id(pin) for pin in pinned])
        self.plans[label] = plan
        return joined(
            f"{self.label(move.id)}:{move.source}>{move.destination}:{move.size}" for move in plan.moves
        )

    def do_commit(self, label: str) -> str:
        self.arena.commit(self.plans[label])
        return "ok"

    def do_stats(self) -> str:
        stats = self.arena.stats
        assert (stats.used, stats.free, stats.dead) == (
            self.arena.used,
            self.arena.free_bytes,
            self.arena.dead_bytes,
        )
        figures = stats.to_dict()
        return " ".join(f"{name}={value}" for name, value in figures.items() if isinstance(value, int))

    def do_fragmentation(self) -> str:
        stats = self.arena.stats
        figures = (stats.external_fragmentation, stats.internal_fragmentation, stats.utilisation)
        bits = [struct.pack(">d", figure).hex() for figure in figures]
        return "external={} internal={} utilisation={}".format(*bits)

    def do_regions(self) -> str:
        blocks = iter(self.arena)
        shown = []
        for region in self.arena.regions():
            place = f"{region.start}:{region.size}"
            if region.block is None:
                shown.append(f"{region.kind}:{place}")
            else:
                assert region.block == next(blocks)
                shown.append(f"used:{self.label(region.block.id)}:{place}")
        assert next(blocks, None) is None
        return joined(shown)

    def do_tags(self) -> str:
        usage = self.arena.usage_by_tag()
        return joined(f"{tag}:{use.blocks}:{use.requested}:{use.used}" for tag, use in usage.items())

    def do_block_histogram(self) -> str:
        return histogram(self.arena.block_histogram())

    def do_hole_histogram(self) -> str:
        return histogram(self.arena.hole_histogram())

    def do_capabilities(self) -> str:
        can = self.arena.capabilities
        names = (
            "free_in_any_order",
            "reuses_freed",
            "allocate_at",
            "find_by_address",
            "compaction",
            "checkpoint",
            "tags",
        )
        return " ".join(f"{name}={yes(getattr(can, name))}" for name in names)

    def do_validate(self) -> str:
        self.arena.validate()
        return "ok"


def yes(answer: bool) -> str:
    return "yes" if answer else "no"


def joined(parts: Iterable[str]) -> str:
    return " ".join(parts) or "none"


def histogram(found: memcore.Histogram) -> str:
    return joined(f"{low.bit_length() - 1}:{count}:{bytes}" for low, count, bytes in found.buckets())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_outcome(file: Path) -> None:
    if file.stem == "fixed_buffer":
        pytest.skip("the tables of the Python door grow, up to a bound")
    text = file.read_text(encoding="utf-8")
    runner = Runner()
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not line.startswith("#"):
            call, outcome = line.split(" = ", 1)
            assert runner.answer(call) == outcome, f"{file.name}:{number}: {call}"


def test_there_are_vectors() -> None:
    assert "seed" in {file.stem for file in FILES}
