"""The allocator: its calls, its blocks, its errors, its behaviour as a Python object."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from typing import Any

import pytest

import memcore
from memcore import Allocator, Block

EVERY_STRATEGY = [
    "first-fit",
    "next-fit",
    "best-fit",
    "best-fit:tie=recent",
    "worst-fit",
    "tlsf",
    "tlsf:tie=lowest",
    "buddy",
    "size-classes",
    "pool:slot=128",
    "bump",
    "stack",
]


def worked_example() -> tuple[Allocator, list[Block]]:
    """Three blocks, the second freed, and 300 bytes more."""
    arena = Allocator(1024)
    first, second, third = arena.allocate(100), arena.allocate(200), arena.allocate(150)
    arena.free(second)
    return arena, [first, third, arena.allocate(300)]


def test_the_worked_example() -> None:
    arena, blocks = worked_example()
    assert [block.start for block in blocks] == [0, 300, 450]
    assert [(region.kind, region.start, region.size) for region in arena.regions()] == [
        ("block", 0, 100),
        ("hole", 100, 200),
        ("block", 300, 150),
        ("block", 450, 300),
        ("hole", 750, 274),
    ]
    stats = arena.stats
    assert (stats.used, stats.free, stats.dead, stats.holes, stats.largest_hole) == (550, 474, 0, 2, 274)
    assert stats.external_fragmentation == 1 - 274 / 474


@pytest.mark.parametrize("strategy", EVERY_STRATEGY)
def test_every_strategy_allocates_and_frees(strategy: str) -> None:
    arena = Allocator(1 << 16, strategy, granularity=16, tags=True)
    blocks = [arena.allocate(100, tag=tag) for tag in range(5)]
    assert len({block.id for block in blocks}) == len(arena) == 5
    assert list(arena) == sorted(blocks, key=int)
    assert [block.tag for block in blocks] == [0, 1, 2, 3, 4]
    assert {tag: usage.requested for tag, usage in arena.usage_by_tag().items()} == dict.fromkeys(range(5), 100)
    arena.validate()
    for block in reversed(blocks):
        arena.free(block)
    stats = arena.stats
    assert (len(arena), arena.used, stats.allocations, stats.frees) == (0, 0, 5, 5)
    assert stats.used + stats.free + stats.dead == stats.capacity
    arena.validate()


def test_a_block_is_an_int_where_an_address_is_wanted() -> None:
    _, blocks = worked_example()
    assert int(blocks[1]) == 300
    assert range(1000)[blocks[1]] == 300
    assert hex(blocks[1]) == "0x12c"
    assert (blocks[1].end, blocks[1].size, blocks[1].requested) == (450, 150, 150)


def test_equal_blocks_have_the_same_allocator_and_id() -> None:
    arena, blocks = worked_example()
    again = arena.block_at(300)
    assert again == blocks[1] and hash(again) == hash(blocks[1])
    assert again != blocks[0]
    twin, others = worked_example()
    assert others[1].id == blocks[1].id
    assert others[1] != blocks[1]
    assert blocks[1] in arena and blocks[1] not in twin
    assert blocks[1] != 300


def test_a_block_of_another_allocator_is_refused() -> None:
    arena, _ = worked_example()
    _, others = worked_example()
    before = arena.stats
    for call in (arena.free, arena.block, arena.alignment_of, lambda block: arena.resize(block, 10)):
        with pytest.raises(memcore.ForeignBlockError) as caught:
            call(others[0])
        assert caught.value.id == others[0].id
    assert arena.stats == before


def test_a_block_is_freed_by_itself_by_id_and_by_start() -> None:
    arena, (first, third, last) = worked_example()
    first.free()
    arena.free(third.id)
    arena.free_at(last.start)
    assert len(arena) == 0
    assert not first.alive
    for call in (first.free, lambda: arena.free(third), lambda: arena.free(third.id)):
        with pytest.raises(memcore.DoubleFreeError):
            call()


def test_resize_keeps_the_id() -> None:
    arena = Allocator(1000)
    block = arena.allocate(100)
    larger = arena.resize(block, 300)
    assert larger == block and larger.size == 300 and block.size == 100
    arena.allocate(100)
    with pytest.raises(memcore.NoRoomInPlaceError) as caught:
        arena.resize(block, 301)
    assert (caught.value.id, caught.value.size, caught.value.available) == (block.id, 301, 300)


def test_look_ups_by_address() -> None:
    arena, blocks = worked_example()
    assert arena.containing(449) == blocks[1]
    with pytest.raises(memcore.UnknownOffsetError):
        arena.containing(299)
    with pytest.raises(memcore.UnknownStartError):
        arena.block_at(301)
    with pytest.raises(memcore.MissingOptionError) as caught:
        Allocator(100, address_index=False).block_at(0)
    assert caught.value.option == "address_index"


def test_a_wanted_address() -> None:
    arena = Allocator(1000)
    assert arena.allocate(100, at=500).start == 500
    with pytest.raises(memcore.RangeTakenError):
        arena.allocate(100, at=599)


def failing(call: str) -> Any:
    arena = Allocator(1000, granularity=8)
    arena.allocate(600)
    return eval(call)


@pytest.mark.parametrize(
    ("call", "kind", "attributes"),
    [
        ("arena.allocate(0)", memcore.ZeroSizeError, {}),
        ("arena.allocate(1001)", memcore.TooLargeError, {"size": 1001, "capacity": 1000}),
        ("arena.allocate(8, alignment=3)", memcore.BadAlignmentError, {"alignment": 3}),
        ("arena.allocate(8, alignment=8, bias=1)", memcore.BadBiasError, {"bias": 1}),
        ("arena.allocate(2**64 - 1)", memcore.SizeOverflowError, {"granularity": 8}),
        ("arena.allocate(500)", memcore.OutOfSpaceError, {"size": 500, "free": 400, "largest_hole": 400}),
        ("arena.allocate(-1)", memcore.OutOfRangeError, {"value": -1}),
        ("arena.allocate(2**64)", memcore.OutOfRangeError, {"value": 2**64}),
        ("arena.free(0)", memcore.UnknownIdError, {"id": 0}),
        ("arena.free(2**63)", memcore.UnknownIdError, {"id": 2**63}),
        ("arena.grow(999)", memcore.CapacityShrinkError, {"capacity": 1000, "wanted": 992}),
        ("arena.usage_by_tag()", memcore.MissingOptionError, {"option": "tags"}),
        ("arena.checkpoint()", memcore.UnsupportedError, {"strategy": "first-fit"}),
        ("arena.bar(0)", memcore.BadParameterError, {"name": "width"}),
        ("Allocator(0)", memcore.BadParameterError, {"name": "capacity"}),
        ("Allocator(8, granularity=3)", memcore.BadParameterError, {"name": "granularity"}),
        ("Allocator(8, 'firstfit')", memcore.UnknownNameError, {"name": "firstfit"}),
        ("Allocator(8, 'tlsf:size=1')", memcore.UnknownNameError, {"name": "size"}),
        ("Allocator(8, 'best-fit:tie=any')", memcore.BadSpecError, {"text": "tie=any"}),
        ("Allocator(8, 'tlsf:probe')", memcore.BadSpecError, {"text": "probe"}),
    ],
)
def test_errors_carry_their_values(call: str, kind: type[Exception], attributes: dict[str, object]) -> None:
    with pytest.raises(kind) as caught:
        failing(call)
    assert {name: getattr(caught.value, name) for name in attributes} == attributes
    assert str(caught.value)


def test_out_of_space_is_a_memory_error_and_bad_values_are_value_errors() -> None:
    arena = Allocator(100)
    arena.allocate(60)
    with pytest.raises(MemoryError):
        arena.allocate(60)
    with pytest.raises(ValueError):
        arena.allocate(0)
    with pytest.raises(OverflowError):
        arena.allocate(-5)
    with pytest.raises(TypeError):
        arena.allocate("60")  # type: ignore[arg-type]


def test_spaces_of_the_largest_size() -> None:
    arena = Allocator(2**64 - 1)
    assert arena.allocate(2**64 - 2).end == 2**64 - 2
    assert arena.largest_hole == 1


def test_the_limit() -> None:
    arena = Allocator(1000, limit=300)
    arena.allocate(200)
    assert not arena.can_allocate(101) and arena.can_allocate(100)
    with pytest.raises(memcore.LimitExceededError) as caught:
        arena.allocate(101)
    assert (caught.value.used, caught.value.limit) == (200, 300)
    arena.limit = None
    arena.allocate(101)


def test_checkpoints() -> None:
    arena = Allocator(1000, "bump")
    kept = arena.allocate(100)
    checkpoint = arena.checkpoint()
    assert checkpoint.position == 100
    arena.allocate(100)
    arena.rewind(checkpoint)
    with arena.scope() as inside:
        assert inside is arena
        with arena.scope():
            arena.allocate(300)
        assert len(arena) == 1
    with pytest.raises(LookupError), arena.scope():
        arena.allocate(50)
        raise LookupError
    assert list(arena) == [kept]
    with pytest.raises(memcore.BadCheckpointError):
        Allocator(1000, "bump").rewind(checkpoint)


def test_compaction() -> None:
    arena, (first, third, last) = worked_example()
    plan = arena.plan_compaction(pinned=[last])
    assert [(move.id, move.source, move.destination, move.size) for move in plan.moves] == [(third.id, 300, 100, 150)]
    assert (len(plan), plan.bytes) == (1, 150)
    assert len(arena.plan_compaction(bytes=100)) == len(arena.plan_compaction(moves=0)) == 0
    arena.commit(plan)
    assert arena.block(third).start == 100
    with pytest.raises(memcore.OutdatedPlanError):
        arena.commit(plan)
    with pytest.raises(memcore.ForeignPlanError):
        worked_example()[0].commit(plan)
    arena.validate()


def test_a_listener_hears_what_happens() -> None:
    heard: list[memcore.AllocEvent] = []
    arena = Allocator(100, listener=heard.append)
    block = arena.allocate(10)
    arena.resize(block, 20)
    with pytest.raises(memcore.TooLargeError):
        arena.allocate(101)
    arena.free(block)
    assert [(event.kind, event.id, event.size) for event in heard] == [
        ("allocated", block.id, 10),
        ("resized", block.id, 20),
        ("failed", None, 101),
        ("freed", block.id, 20),
    ]
    assert heard[1].old_size == 10
    assert isinstance(heard[2].error, memcore.TooLargeError)


def test_a_listener_may_not_call_its_allocator() -> None:
    refused: list[BaseException] = []

    def listener(event: memcore.AllocEvent) -> None:
        for call in (lambda: arena.allocate(1), lambda: arena.stats, lambda: list(arena), lambda: arena.free_many([1])):
            try:
                call()
            except memcore.ReentrancyError as error:
                refused.append(error)

    arena = Allocator(100, listener=listener)
    arena.allocate(10)
    assert len(refused) == 4
    assert (len(arena), arena.used) == (1, 10)


def test_what_a_listener_raises_is_raised_and_the_change_stays() -> None:
    def listener(event: memcore.AllocEvent) -> None:
        raise LookupError(event.kind)

    arena = Allocator(100, "bump", listener=listener)
    with pytest.raises(LookupError, match="allocated"):
        arena.allocate(10)
    assert len(arena) == 1
    with pytest.raises(LookupError, match="freed"):
        arena.reset()
    assert len(arena) == 0
    with pytest.raises(LookupError, match="allocated"):
        arena.allocate_many([1, 2, 3])
    assert len(arena) == 1


def test_a_walk_ends_when_the_space_changes() -> None:
    arena, _ = worked_example()
    walk = iter(arena)
    next(walk)
    arena.allocate(1)
    with pytest.raises(RuntimeError, match="changed"):
        next(walk)


def test_membership() -> None:
    arena, blocks = worked_example()
    assert blocks[0] in arena and blocks[0].id in arena
    blocks[0].free()
    assert blocks[0] not in arena and 0 not in arena and "x" not in arena


@pytest.mark.parametrize(
    "text",
    [
        "Allocator(1024, 'first-fit')",
        "Allocator(992, 'tlsf:subdivisions=16', granularity=16, address_index=False, tags=True, limit=500)",
        "Allocator(1024, 'pool:slot=64')",
    ],
)
def test_the_repr_makes_another_one(text: str) -> None:
    arena = eval(text)
    assert repr(arena) == repr(eval(repr(arena))) == text


def test_the_pictures() -> None:
    arena, blocks = worked_example()
    assert arena.bar(16) == arena.layout(width=16).splitlines()[0] == "#=..-######+...."
    # An id is shown as its place in the table and its generation.
    first, third, last = (f"block {block.id & 0xFFFF_FFFF}v{block.id >> 32}" for block in blocks)
    assert str(arena).splitlines()[1:] == [
        "start    end   size  what",
        f"    0    100    100  {first}",
        "  100    300    200  hole",
        f"  300    450    150  {third}",
        f"  450    750    300  {last}",
        "  750   1024    274  hole",
    ]
    assert arena.layout(lines=1).endswith("\n... and 4 more")


def test_the_html_is_bounded_and_whole() -> None:
    arena = Allocator(1 << 24, "first-fit")
    _, ids = arena.allocate_many([8] * 100_000)
    arena.free_many(list(ids)[::2])
    html = arena._repr_html_()
    assert len(html) < 60_000
    assert html.count("<svg") == html.count("</svg>") == 1
    assert "&#x27;first-fit&#x27;" in html


@pytest.mark.parametrize("strategy", EVERY_STRATEGY)
def test_a_copy_is_a_snapshot_with_the_same_ids(strategy: str) -> None:
    arena = Allocator(1 << 16, strategy, granularity=16)
    blocks = [arena.allocate(size) for size in (20, 100, 60, 128)]
    arena.free(blocks.pop())
    twin = copy.copy(arena)
    assert [block.id for block in twin] == [block.id for block in arena]
    assert twin.stats == arena.stats
    # And goes on in the same way, without the other.
    assert twin.allocate(90).start == arena.allocate(90).start
    twin.reset()
    assert len(arena) == 4


def test_a_deep_copy_takes_its_blocks_along() -> None:
    arena, blocks = worked_example()
    twin, others = copy.deepcopy((arena, blocks))
    assert all(block in twin for block in others)
    assert all(block not in arena for block in others)
    assert copy.copy(blocks[0]) is blocks[0]


@pytest.mark.parametrize("strategy", EVERY_STRATEGY)
@pytest.mark.parametrize("address_index", [True, False])
def test_a_pickle_keeps_the_layout_and_the_blocks(strategy: str, address_index: bool) -> None:
    arena = Allocator(1000, strategy, granularity=8, tags=True, address_index=address_index, limit=900)
    # Buddy blocks and slots are aligned as a whole, so that no bias can be met.
    bias = 0 if strategy.startswith(("buddy", "pool")) else 8
    blocks = [arena.allocate(100, tag=1), arena.allocate(40, alignment=64, bias=bias), arena.allocate(24)]
    if arena.capabilities.free_in_any_order:
        blocks.pop(0).free()
    twin, others = pickle.loads(pickle.dumps((arena, blocks)))

    def layout(allocator: Allocator) -> list[object]:
        return [
            (
                region.kind,
                region.start,
                region.size,
                region.block and (region.block.requested, region.block.tag, allocator.alignment_of(region.block)),
            )
            for region in allocator.regions()
        ]

    assert layout(twin) == layout(arena)
    assert repr(twin) == repr(arena)
    assert [block.start for block in others] == [block.start for block in blocks]
    assert all(block in twin for block in others)
    twin.validate()


def test_cycles_through_a_listener_are_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.arena = Allocator(100, listener=self.hear)
            self.blocks = [self.arena.allocate(10)]

        def hear(self, event: memcore.AllocEvent) -> None:
            pass

    owner = weakref.ref(Owner())
    gc.collect()
    assert owner() is None


def test_threads_take_turns() -> None:
    heard: list[memcore.AllocEvent] = []
    arena = Allocator(1 << 30, "tlsf", listener=heard.append)

    def work() -> None:
        for _ in range(200):
            blocks = [arena.allocate(24) for _ in range(10)]
            _, ids = arena.allocate_many([32] * 10)
            arena.free_many(ids)
            for block in blocks:
                block.free()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert arena.used == 0
    assert arena.stats.allocations == 4 * 200 * 20 == len(heard) // 2
    arena.validate()


def test_histograms_and_bytes_of_the_tables() -> None:
    arena, _ = worked_example()
    assert arena.block_histogram().buckets() == [(64, 1, 100), (128, 1, 150), (256, 1, 300)]
    assert arena.hole_histogram().counts == [0] * 7 + [1, 1]
    assert arena.metadata_bytes > 0 and arena.optional_bytes > 0
    assert Allocator(1024, address_index=False).optional_bytes == 0


def test_stats_as_a_dictionary() -> None:
    figures = worked_example()[0].stats.to_dict()
    assert figures["used"] + figures["free"] + figures["dead"] == figures["capacity"] == 1024
    assert figures["utilisation"] == 550 / 750


def test_the_worst_case_is_the_papers() -> None:
    bound = memcore.worst_case("first-fit", 1000, 100)
    assert bound is not None
    assert bound.capacity == 8000  # M (1 + ceil(log2 n)), and ceil(log2 100) is 7
    assert "Robson" in bound.source
    assert memcore.worst_case("worst-fit", 1000, 100) is None
    with pytest.raises(memcore.TooLargeError):
        memcore.worst_case("first-fit", 10, 11)
    with pytest.raises(memcore.UnknownNameError):
        memcore.worst_case("nonsense", 10, 10)
