"""Heaps over real bytes: blocks as buffers, views that keep them, errors, and a model that knows every byte."""

from __future__ import annotations

import copy
import ctypes
import gc
import mmap
import pickle
import threading
import weakref
from multiprocessing import shared_memory
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import memcore

MIB = 1 << 20
STRATEGIES = ("first-fit", "next-fit", "best-fit", "worst-fit", "tlsf", "buddy", "size-classes")


def fill(block: memcore.HeapBlock, data: bytes) -> None:
    with memoryview(block) as view:
        view[:] = data


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_block_is_a_writable_buffer(strategy: str) -> None:
    heap = memcore.Heap(MIB, strategy)
    block = heap.allocate(100, 64, tag=7)
    assert (block.address % 64, block.size, len(block), block.tag, block.alive) == (0, 100, 100, 7, True)
    assert block.offset == block.address - heap.address
    assert block.heap is heap and block in heap and len(heap) == 1
    with memoryview(block) as view:
        assert (view.format, view.nbytes, view.readonly, view.ndim) == ("B", 100, False, 1)
        view[99] = 9
    assert ctypes.string_at(block.address + 99, 1) == b"\x09"
    array = np.frombuffer(memoryview(block), "u2")
    array[:] = 0x0102
    assert bytes(block) == b"\x02\x01" * 50
    del array
    block.free()
    assert not block.alive and block not in heap and len(heap) == 0
    heap.validate()


def test_contents_can_be_zero_and_a_block_can_show_nothing() -> None:
    heap = memcore.Heap(bytearray(b"\xff" * 4096), "first-fit")
    assert bytes(heap.allocate(100, zeroed=True)) == bytes(100)
    nothing = heap.allocate(0)
    assert len(nothing) == 0 and bytes(nothing) == b"" and nothing
    assert nothing.array("f8").size == 0
    nothing.free()
    assert len(heap) == 1


def test_arrays() -> None:
    heap = memcore.Heap(MIB)
    block = heap.allocate(64, zeroed=True)
    assert block.array("f4", (4, 4)).shape == (4, 4)
    assert block.array("u2").size == 32 and block.array().dtype == np.float64
    with pytest.raises(TypeError, match="objects"):
        block.array(object)
    with pytest.raises(ValueError, match="smaller than requested"):
        block.array("f8", 9)
    with pytest.raises(ValueError, match="negative"):
        block.array("u1", -1)
    block.free()

    array = heap.array((2, 3), "i4", alignment=128, zeroed=True, tag=5)
    assert array.tolist() == [[0, 0, 0], [0, 0, 0]] and array.ctypes.data % 128 == 0
    (held,) = heap.blocks()
    assert (held.tag, held.size, held.views) == (5, 24, 1)
    with pytest.raises(memcore.HasViewsError):
        held.free()
    row = array[1]
    del array
    assert len(heap) == 1
    del row
    assert len(heap) == 0 and not held.alive
    for shape, dtype in (((2, -1), "u1"), (1, object), ("three", "u1")):
        with pytest.raises((ValueError, TypeError)):
            heap.array(shape, dtype)  # type: ignore[arg-type]
    with pytest.raises(memcore.OutOfRangeError):
        heap.array((2**40, 2**40), "u1")
    assert len(heap) == 0


@pytest.mark.parametrize("look", [memoryview, lambda block: np.frombuffer(block, "u1"), lambda block: block.array("u1")])
def test_what_has_views_stays(look: Any) -> None:
    heap = memcore.Heap(MIB)
    block = heap.allocate(100)
    view = look(block)
    part = view[10:20]
    for refused in (block.free, lambda: heap.free(block), lambda: block.resize(10), heap.close):
        with pytest.raises(memcore.HasViewsError) as caught:
            refused()
        assert isinstance(caught.value, BufferError)
        assert (caught.value.address, caught.value.views) == (block.address, 1)
    with pytest.raises(memcore.HasViewsError):
        heap.free_address(block.address)
    with pytest.raises(memcore.HasViewsError):
        heap.release_smashed(block)
    assert block.alive and block.views == 1 and not heap.closed
    del view
    assert block.views == 1
    del part
    assert block.views == 0
    block.free()


def test_a_freed_block_is_refused_everywhere() -> None:
    heap = memcore.Heap(MIB)
    block = heap.allocate(100)
    address = block.address
    heap.free(block)
    again = heap.allocate(100)
    assert again.address == address and again != block
    for refused in (block.free, lambda: heap.free(block), lambda: block.resize(10), lambda: memoryview(block)):
        with pytest.raises(memcore.FreedBlockError) as caught:
            refused()
        assert caught.value.address == address and isinstance(caught.value, BufferError)
    assert again.alive
    assert "freed" in repr(block)


def test_a_view_keeps_block_heap_and_memory() -> None:
    memory = bytearray(4096)
    heap = memcore.Heap(memory, "tlsf")
    seen = weakref.ref(heap)
    array = np.frombuffer(memoryview(heap.allocate(100)), "u1")
    view = memoryview(array.data)[5:10]
    del heap, array
    gc.collect()
    assert seen() is not None
    with pytest.raises(BufferError):
        memory.append(0)
    view[:] = b"alive"
    assert b"alive" in memory
    del view
    gc.collect()
    assert seen() is None
    memory.append(0)


def test_blocks_alone_keep_their_heap() -> None:
    heap = memcore.Heap(MIB)
    block, seen = heap.allocate(10), weakref.ref(heap)
    gone = weakref.ref(block)
    del heap
    gc.collect()
    assert seen() is block.heap
    del block
    gc.collect()
    assert seen() is None and gone() is None


def test_a_cycle_through_a_block_is_collected() -> None:
    class Cell:
        block: memcore.HeapBlock
        cell: Cell

    cell = Cell()
    cell.cell, cell.block = cell, memcore.Heap(4096, "tlsf").allocate(10)
    seen = weakref.ref(cell.block.heap)
    del cell
    gc.collect()
    assert seen() is None


@pytest.mark.parametrize(
    "memory",
    [
        bytearray(8192),
        np.zeros((32, 32)),
        (ctypes.c_int * 2048)(),
        np.zeros(1024, dtype=[("a", "<i4"), ("b", "<f4")]),
        memoryview(bytearray(9000))[8:],
    ],
    ids=["bytearray", "array", "ctypes", "structured", "memoryview"],
)
def test_any_writable_buffer_is_memory(memory: Any) -> None:
    before = memoryview(memory).tobytes()
    heap = memcore.Heap(memory, "best-fit")
    fill(heap.allocate(100), b"x" * 100)
    after = memoryview(memory).tobytes()
    assert after.count(b"x" * 100) == 1 and len(before) == len(after)
    first = memoryview(memory)
    address = np.frombuffer(first.cast("B") if first.format == "B" else memory, "u1").ctypes.data
    assert heap.address == address and heap.trim() == 0


def test_a_number_of_numpy_is_a_number_of_bytes() -> None:
    assert memcore.Heap(np.int64(MIB)).memory_bytes == MIB
    assert memcore.Heap(MIB).memory_bytes == MIB


def test_memory_that_cannot_serve() -> None:
    for refused in (b"bytes" * 100, memoryview(b"x" * 100), np.zeros((10, 10))[:, ::2]):
        with pytest.raises(BufferError):
            memcore.Heap(refused)
    for nothing in ("text", 1.5, None, [1, 2]):
        with pytest.raises(TypeError, match="a number of bytes or a buffer"):
            memcore.Heap(nothing)
    with pytest.raises(memcore.BadMemoryError) as small:
        memcore.Heap(bytearray(8), "first-fit")
    assert small.value.bytes == 8
    with pytest.raises(memcore.BadMemoryError):
        memcore.Heap(bytearray())
    for number in (-1, 2**64):
        with pytest.raises(memcore.OutOfRangeError):
            memcore.Heap(number)
    with pytest.raises(memcore.BadParameterError):
        memcore.Heap(0)
    with pytest.raises(memcore.MemcoreError):
        memcore.Heap(2**63)
    with pytest.raises(memcore.BadParameterError) as limited:
        memcore.Heap(MIB, limit=10)
    assert (limited.value.name, limited.value.value) == ("limit", 10)
    with pytest.raises(memcore.BadParameterError):
        memcore.Heap(bytearray(4096), limit=8192)


def test_growth_within_a_limit() -> None:
    heap = memcore.Heap(1 << 16, "tlsf", limit=1 << 20)
    first = heap.allocate(1 << 15)
    fill(first, b"a" * (1 << 15))
    big = heap.allocate(1 << 19)
    assert heap.memory_bytes > 1 << 19 and bytes(first) == b"a" * (1 << 15)
    with pytest.raises(MemoryError):
        heap.allocate(1 << 19)
    big.free()
    assert heap.trim() > 0
    heap.validate()


def test_sub_allocation_of_shared_memory_and_a_mapped_file(tmp_path: Any) -> None:
    shared = shared_memory.SharedMemory(create=True, size=1 << 16)
    try:
        with memcore.Heap(shared.buf) as heap:
            block = heap.allocate(5)
            fill(block, b"hello")
            offset = block.offset
            with pytest.raises(BufferError):
                shared.close()
        assert shared.buf is not None
        assert bytes(shared.buf[offset : offset + 5]) == b"hello"
    finally:
        shared.close()
        shared.unlink()

    path = tmp_path / "memory"
    path.write_bytes(bytes(1 << 16))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        with memcore.Heap(mapped, "first-fit") as heap:
            fill(heap.allocate(5), b"there")
        mapped.flush()
    assert b"there" in path.read_bytes()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_addresses_are_checked(strategy: str) -> None:
    heap = memcore.Heap(MIB, strategy)
    block = heap.allocate(100)
    address = block.address
    for outside in (0, heap.address - 1, heap.address + (4 << 20), 2**64 - 1):
        with pytest.raises(memcore.NotInHeapError) as caught:
            heap.free_address(outside)
        assert caught.value.address == outside
        with pytest.raises(memcore.NotInHeapError):
            heap.block_at(outside)
        assert not heap.contains(outside)
    for inside in (address + 1, address + 16, address + 99):
        with pytest.raises(memcore.NotABlockError):
            heap.free_address(inside)
        with pytest.raises(memcore.NotABlockError):
            heap.usable_size(inside)
        with pytest.raises(memcore.NotABlockError):
            heap.block_at(inside)
        assert heap.contains(inside)
    assert heap.block_at(address) == block and hash(heap.block_at(address)) == hash(block)
    usable = heap.usable_size(address)
    assert usable >= 100 and heap.free_address(address) == usable
    assert not block.alive
    with pytest.raises(memcore.FreedBlockError):
        heap.free_address(address)
    with pytest.raises(memcore.OutOfRangeError):
        heap.free_address(-1)


def test_blocks_of_another_heap_are_refused() -> None:
    one, other = memcore.Heap(MIB), memcore.Heap(MIB)
    block = one.allocate(10)
    with pytest.raises(memcore.ForeignHeapBlockError) as caught:
        other.free(block)
    assert caught.value.address == block.address
    assert block not in other and 5 not in other and block.alive


def test_requests_that_are_refused() -> None:
    heap = memcore.Heap(1 << 16, "first-fit")
    with pytest.raises(memcore.BadAlignmentError) as alignment:
        heap.allocate(10, 24)
    assert alignment.value.alignment == 24
    with pytest.raises(memcore.TooLargeError):
        heap.allocate(1 << 20)
    with pytest.raises(MemoryError):
        _ = [heap.allocate(10_000) for _ in range(7)]
    for size in (-1, 2**64):
        with pytest.raises(memcore.OutOfRangeError):
            heap.allocate(size)
    with pytest.raises(memcore.TooLargeError):
        heap.allocate(2**64 - 1)
    with pytest.raises(memcore.UnknownNameError):
        memcore.Heap(MIB, "fastest")
    with pytest.raises(memcore.BadSpecError):
        memcore.Heap(MIB, "tlsf:subdivisions")
    heap.validate()


def test_resize_keeps_contents_tag_and_identity() -> None:
    heap = memcore.Heap(MIB, "first-fit", checks="full")
    block, wall = heap.allocate(10, tag=3), heap.allocate(10)
    fill(block, bytes(range(10)))
    before = block.address
    block.resize(50_000)
    assert block.address != before and heap.block_at(block.address) == block
    assert bytes(block)[:10] == bytes(range(10)) and block.tag == 3
    block.resize(4)
    assert bytes(block) == bytes(range(4)) and len(block) == 4
    with pytest.raises(memcore.TooLargeError):
        block.resize(2 * MIB)
    assert len(block) == 4 and wall.alive
    heap.validate()


def test_contexts_free_and_close() -> None:
    with memcore.Heap(MIB) as heap:
        with heap.allocate(10) as block:
            assert block.alive
        assert not block.alive
        with heap.allocate(10) as block:
            block.free()
        left = heap.allocate(10)
    assert heap.closed and not left.alive
    heap.close()
    assert repr(heap) == "<Heap: closed>" and heap._repr_html_() == "<code>&lt;Heap: closed&gt;</code>"
    for refused in (
        lambda: heap.allocate(1),
        lambda: heap.stats,
        lambda: len(heap),
        lambda: heap.blocks(),
        lambda: heap.validate(),
        lambda: left.free(),
        lambda: memoryview(left),
    ):
        with pytest.raises(memcore.ClosedError):
            refused()


def test_figures() -> None:
    heap = memcore.Heap(1 << 16, "first-fit")
    assert (heap.header, heap.strategy, heap.found, heap.last_found) == (8, "first-fit", 0, None)
    assert memcore.Heap(1 << 16).header == 0
    assert heap.metadata_bytes > 0
    block = heap.allocate(100)
    assert heap.stats.blocks == 1 and heap.stats.requested == 108
    (leak,) = heap.leaks()
    assert (leak.address, leak.size, leak.tag, leak.number) == (block.address, 100, 0, 0)
    assert "100 bytes" in repr(block) and "1 blocks" in repr(heap) and "size=100" in repr(leak)
    html = heap._repr_html_()
    assert "<svg" in html and "1 blocks" in html
    assert heap.blocks() == [block] and bool(heap)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_overruns_are_found_with_their_byte(strategy: str) -> None:
    heap = memcore.Heap(MIB, strategy, checks=memcore.Checks())
    blocks = [heap.allocate(20, tag=number) for number in range(3)]
    assert heap.check() == 3
    array = blocks[1].array("u1")
    ctypes.memset(array.ctypes.data + 22, 0x55, 1)
    del array
    for find in (heap.check, blocks[1].free, lambda: heap.free(blocks[1])):
        with pytest.raises(memcore.RedzoneSmashedError) as caught:
            find()
        assert (caught.value.address, caught.value.offset, caught.value.found) == (blocks[1].address, 22, 0x55)
    assert blocks[1].alive
    with pytest.raises(memcore.CorruptionError):
        heap.validate()
    assert heap.release_smashed(blocks[1]) >= 20 and not blocks[1].alive
    ctypes.memset(blocks[2].address - 1, 0x66, 1)
    with pytest.raises(memcore.RedzoneSmashedError) as caught:
        heap.check()
    assert (caught.value.offset, caught.value.found) == (-1, 0x66)


def test_late_writes_are_found() -> None:
    heap = memcore.Heap(MIB, checks="full")
    block = heap.allocate(20)
    address = block.address
    block.free()
    ctypes.memset(address + 3, 0, 1)
    with pytest.raises(memcore.FreedWrittenError) as caught:
        heap.check()
    assert (caught.value.address, caught.value.offset, caught.value.found) == (address, 3, 0)
    with pytest.raises(memcore.FreedBlockError):
        heap.free_address(address)
    with pytest.raises(memcore.FreedWrittenError):
        heap.empty_quarantine()
    assert heap.found == 1 and isinstance(heap.last_found, memcore.FreedWrittenError)
    assert heap.check() == 0


def test_a_smashed_header_is_found() -> None:
    heap = memcore.Heap(MIB, "best-fit")
    block = heap.allocate(20)
    ctypes.memset(block.address - 8, 0xEE, 8)
    with pytest.raises(memcore.HeaderSmashedError) as caught:
        block.free()
    assert (caught.value.address, caught.value.found) == (block.address, 0xEEEEEEEEEEEEEEEE)
    assert block.alive


def test_the_leak_report_has_numbers_and_tags() -> None:
    heap = memcore.Heap(MIB, checks="full")
    kept = [heap.allocate(100 + number, tag=number) for number in range(5)]
    kept[1].free()
    assert [(leak.size, leak.tag, leak.number) for leak in heap.leaks()] == [
        (100, 0, 1),
        (102, 2, 3),
        (103, 3, 4),
        (104, 4, 5),
    ]


def test_checks_are_values_with_a_text() -> None:
    checks = memcore.Checks(redzone=32, poison=None, quarantine=None, limit=1000, guard_every=9, guard_offset=2)
    assert (checks.redzone, checks.poison, checks.quarantine, checks.limit) == (32, None, None, 1000)
    assert (checks.track, checks.guard_every, checks.guard_offset, checks.tools) == (True, 9, 2, False)
    for twin in (memcore.Checks.parse(str(checks)), pickle.loads(pickle.dumps(checks)), copy.copy(checks)):
        assert twin == checks and hash(twin) == hash(checks)
    assert memcore.Checks() != checks and eval(repr(memcore.Checks.parse("light")).replace("(", ".parse("), vars(memcore))
    with pytest.raises(memcore.UnknownNameError):
        memcore.Heap(MIB, checks="paranoid")
    with pytest.raises(memcore.BadSpecError):
        memcore.Checks.parse("light:track=perhaps")
    with pytest.raises(memcore.BadParameterError):
        memcore.Heap(MIB, checks=memcore.Checks(redzone=1 << 30))
    limited = memcore.Heap(MIB, checks=memcore.Checks(limit=100))
    limited.allocate(60)
    with pytest.raises(memcore.LimitExceededError) as caught:
        limited.allocate(60)
    assert (caught.value.used, caught.value.limit) == (60, 100)
    assert limited.checks.limit == 100


def test_guard_pages_lend_their_bytes_too() -> None:
    heap = memcore.Heap(MIB, checks=memcore.Checks(guard_every=1))
    block = heap.allocate(100)
    fill(block, b"g" * 100)
    assert bytes(block) == b"g" * 100 and heap.contains(block.address)
    block.free()
    heap.validate()
    assert "<svg" in heap._repr_html_()


def test_threads_share_a_heap() -> None:
    heap = memcore.Heap(4 * MIB, checks="light")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(200):
                with heap.allocate(10 + turn, tag=number) as block:
                    array = block.array("u1")
                    array[:] = number
                    assert array.sum() == number * (10 + turn)
                    del array
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(heap) == 0
    heap.validate()


class Contents(RuleBasedStateMachine):
    """A heap and what every byte of every block is."""

    strategy = "tlsf"
    checks: str | None = None

    def __init__(self) -> None:
        super().__init__()
        self.memory = np.zeros(1 << 16, "u1")
        self.heap = memcore.Heap(self.memory, self.strategy, checks=self.checks)
        self.blocks: list[tuple[memcore.HeapBlock, bytes]] = []
        self.views: list[tuple[int, Any]] = []
        self.seed = 0

    def pattern(self, size: int) -> bytes:
        self.seed += 1
        return bytes((self.seed * 31 + at) % 251 for at in range(size))

    @rule(size=st.integers(0, 3000), power=st.integers(0, 8), zeroed=st.booleans())
    def allocate(self, size: int, power: int, zeroed: bool) -> None:
        try:
            block = self.heap.allocate(size, 1 << power, zeroed=zeroed)
        except MemoryError:
            return
        assert block.address % (1 << power) == 0
        if zeroed:
            assert bytes(block) == bytes(size)
        data = self.pattern(size)
        fill(block, data)
        self.blocks.append((block, data))

    @precondition(lambda self: self.blocks)
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        block, _ = data.draw(st.sampled_from(self.blocks), label="block")
        self.views.append((id(block), memoryview(block)))

    @precondition(lambda self: self.views)
    @rule(data=st.data())
    def look_away(self, data: st.DataObject) -> None:
        self.views.pop(data.draw(st.integers(0, len(self.views) - 1)))

    def viewed(self, block: memcore.HeapBlock) -> int:
        return sum(known == id(block) for known, _ in self.views)

    @precondition(lambda self: self.blocks)
    @rule(data=st.data(), by_address=st.booleans())
    def free(self, data: st.DataObject, by_address: bool) -> None:
        place = data.draw(st.integers(0, len(self.blocks) - 1))
        block, _ = self.blocks[place]
        take = (lambda: self.heap.free_address(block.address)) if by_address else block.free
        if self.viewed(block):
            with pytest.raises(BufferError):
                take()
        else:
            take()
            assert not block.alive
            self.blocks.pop(place)

    @precondition(lambda self: self.blocks)
    @rule(data=st.data(), size=st.integers(1, 5000))
    def resize(self, data: st.DataObject, size: int) -> None:
        place = data.draw(st.integers(0, len(self.blocks) - 1))
        block, old = self.blocks[place]
        if self.viewed(block):
            with pytest.raises(BufferError):
                block.resize(size)
            return
        try:
            block.resize(size)
        except MemoryError:
            return
        kept = min(size, len(old))
        assert bytes(block)[:kept] == old[:kept]
        new = old[:kept] + self.pattern(size - kept)
        fill(block, new)
        self.blocks[place] = (block, new)

    @invariant()
    def every_byte_is_as_it_was_written(self) -> None:
        for block, data in self.blocks:
            assert bytes(block) == data
            at = block.offset
            assert self.memory[at : at + len(data)].tobytes() == data
        known = [block for block, _ in self.blocks]
        assert sorted(known, key=lambda block: block.address) == self.heap.blocks()
        assert [block.views for block in known] == [self.viewed(block) for block in known]

    def teardown(self) -> None:
        self.heap.validate()
        self.views.clear()
        for block, _ in self.blocks:
            block.free()
        self.heap.validate()
        assert len(self.heap) == 0 and self.heap.stats.blocks == 0


class ContentsOfSizeClasses(Contents):
    strategy = "size-classes"


class ContentsChecked(Contents):
    strategy = "best-fit"
    checks = "light:quarantine=4K,track=yes"


for machine in (Contents, ContentsOfSizeClasses, ContentsChecked):
    machine.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
TestContents = Contents.TestCase
TestContentsOfSizeClasses = ContentsOfSizeClasses.TestCase
TestContentsChecked = ContentsChecked.TestCase
