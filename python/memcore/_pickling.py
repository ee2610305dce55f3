"""How allocators and blocks are pickled.

An allocator goes as its recipe and its regions in address order, and is built anew: each block is allocated where it
was, with fillers in place of holes and dead bytes, which are freed at the end.

Kept are the strategy, the options, the limits, the place, size, requested size, alignment and tag of every block, and
the holes and dead bytes between them. `Block` objects in the same pickle are the same blocks of the new allocator. Not
kept are ids as plain numbers, the listener, the peaks and counts of the statistics, and what a strategy remembers
beyond the layout: next fit's rover, and which of equal holes is the most recent. `copy.copy` keeps all of this.
"""

from __future__ import annotations

from typing import NamedTuple

from memcore._errors import UnsupportedError
from memcore._memcore import Allocator, Block


class _Region(NamedTuple):
    kind: str
    start: int
    size: int
    requested: int
    alignment: int
    tag: int


class _Recipe(NamedTuple):
    capacity: int
    strategy: str
    granularity: int
    address_index: bool
    tags: bool
    limit: int | None
    max_blocks: int | None


def reduce_allocator(allocator: Allocator) -> tuple[object, ...]:
    """What ``Allocator.__reduce__`` answers. O(blocks)."""
    recipe = _Recipe(
        allocator.capacity,
        allocator.strategy,
        allocator.granularity,
        allocator.address_index,
        allocator.tags,
        allocator.limit,
        allocator.max_blocks,
    )
    regions = []
    for region in allocator.regions():
        block = region.block
        if block is None:
            regions.append(_Region(region.kind, region.start, region.size, region.size, 1, 0))
        else:
            alignment = allocator.alignment_of(block)
            regions.append(_Region("block", block.start, block.size, block.requested, alignment, block.tag))
    while regions and regions[-1].kind == "hole":
        regions.pop()
    return restore, (recipe, regions)


def restore(recipe: _Recipe, regions: list[_Region]) -> Allocator:
    """The allocator of `reduce_allocator`."""
    allocator = Allocator(
        recipe.capacity,
        recipe.strategy,
        granularity=recipe.granularity,
        address_index=recipe.address_index,
        tags=recipe.tags,
        max_blocks=recipe.max_blocks,
    )
    by_address = allocator.address_index and allocator.capabilities.allocate_at
    # What a stack has below its top is padding, which comes again by the blocks' alignments.
    needs_fillers = not by_address and allocator.capabilities.free_in_any_order
    fillers = []
    for region in regions:
        if region.kind != "block" and not needs_fillers:
            continue
        block = allocator.allocate(
            region.requested,
            alignment=region.alignment,
            # Whatever bias it had, this one puts the aligned point where it was.
            bias=-region.start % region.alignment,
            tag=region.tag,
            at=region.start if by_address else None,
        )
        if (block.start, block.size) != (region.start, region.size):
            raise UnsupportedError(
                f"{recipe.strategy} cannot be restored from a pickle",
                operation="restore a layout",
                strategy=recipe.strategy,
            )
        if region.kind != "block":
            fillers.append(block)
    for filler in fillers:
        filler.free()
    allocator.limit = recipe.limit
    return allocator


def reduce_block(allocator: Allocator, id: int) -> tuple[object, ...]:
    """What ``Block.__reduce__`` answers: the block, by its place."""
    return restore_block, (allocator, allocator.block(id).start)


def restore_block(allocator: Allocator, start: int) -> Block:
    """The block of `reduce_block`. O(log blocks) with the address index, O(blocks) without."""
    if allocator.address_index:
        return allocator.block_at(start)
    return next(block for block in allocator if block.start == start)
