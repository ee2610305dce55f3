"""Pools, arenas, double stacks, rings, and blocks that move."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import memcore


def fill(block: Any, data: bytes) -> None:
    with memoryview(block) as view:
        view[:] = data


MAKERS: dict[str, Any] = {
    "pool": lambda: memcore.Pool(bytearray(4096), 64),
    "arena": lambda: memcore.Arena(bytearray(4096)),
    "stack": lambda: memcore.DoubleStack(bytearray(4096)),
    "ring": lambda: memcore.Ring(bytearray(4096)),
}
TAKERS: dict[str, Any] = {
    "pool": lambda heap: heap.allocate(64),
    "arena": lambda heap: heap.allocate(64),
    "stack": lambda heap: heap.push_low(64),
    "ring": lambda heap: heap.allocate(64),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_what_all_have_in_common(kind: str) -> None:
    heap = MAKERS[kind]()
    first, second = TAKERS[kind](heap), TAKERS[kind](heap)
    fill(first, b"1" * 64)
    fill(second, b"2" * 64)
    assert bytes(first) == b"1" * 64 and first.heap is heap and first.offset == first.address - second.address + second.offset
    assert heap.blocks() == [first, second] and len(heap) == 2 and heap
    seen, view = weakref.ref(heap), memoryview(second)
    with pytest.raises(memcore.HasViewsError):
        heap.reset()
    with pytest.raises(memcore.HasViewsError):
        heap.close()
    assert first.alive and second.alive
    view.release()
    heap.reset()
    assert len(heap) == 0 and not first.alive
    with pytest.raises(memcore.FreedBlockError):
        memoryview(first)
    third = TAKERS[kind](heap)
    view = memoryview(third)
    del heap, first, second, third
    gc.collect()
    kept = seen()
    assert kept is not None
    view.release()
    with kept:
        pass
    assert kept.closed and "closed" in repr(kept)
    with pytest.raises(memcore.ClosedError):
        TAKERS[kind](kept)
    kept.close()


@pytest.mark.parametrize("make", [memcore.Arena, memcore.DoubleStack, memcore.Ring, lambda memory: memcore.Pool(memory, 8)])
def test_memory_that_cannot_serve(make: Any) -> None:
    with pytest.raises(BufferError):
        make(b"read only")
    with pytest.raises(TypeError):
        make("text")
    with pytest.raises(memcore.BadMemoryError):
        make(bytearray())
    assert not make(1 << 16).closed


def test_pool() -> None:
    pool = memcore.Pool(np.zeros(1000, "u1"), 40, alignment=8)
    assert (pool.slot, pool.alignment) == (40, 8) and pool.slots >= 24
    first, second = pool.allocate(), pool.allocate(10, zeroed=True, tag=4)
    assert (len(first), len(second), second.tag) == (40, 10, 4) and bytes(second) == bytes(10)
    second.resize(40)
    assert len(second) == 40
    with pytest.raises(memcore.NoRoomInPlaceError) as full:
        second.resize(41)
    assert (full.value.size, full.value.available) == (41, 40)
    with pytest.raises(memcore.TooLargeError):
        pool.allocate(41)
    with memoryview(first), pytest.raises(memcore.HasViewsError):
        pool.free(first)
    pool.free(first)
    with pytest.raises(memcore.FreedBlockError):
        pool.free_address(first.address)
    with pytest.raises(memcore.NotABlockError):
        pool.free_address(second.address + 1)
    with pytest.raises(memcore.NotInHeapError):
        pool.free_address(0)
    with pytest.raises(memcore.ForeignHeapBlockError):
        memcore.Pool(bytearray(100), 10).free(second)
    assert pool.contains(second.address) and not pool.contains(0)
    assert pool.free_address(second.address) == 40 and not second.alive
    every = [pool.allocate() for _ in range(pool.slots)]
    with pytest.raises(memcore.OutOfSpaceError):
        pool.allocate()
    assert len(pool) == len(every) and pool.stats.blocks == len(every) and pool.metadata_bytes > 0
    assert repr(pool) == f"<Pool: {len(every)} of {len(every)} slots of 40 bytes>" and pool.trim() == 0
    pool.validate()
    bad: Any
    for bad in (lambda: memcore.Pool(100, 0), lambda: memcore.Pool(100, 8, alignment=3), lambda: memcore.Pool(bytearray(8), 9)):
        with pytest.raises(memcore.BadValueError):
            bad()


def test_arena() -> None:
    arena = memcore.Arena(bytearray(1000))
    kept = arena.allocate(100, 1)
    mark = arena.checkpoint()
    lost = [arena.allocate(200, 1, zeroed=True), arena.allocate(0, 1)]
    assert (mark, arena.used, arena.footprint, arena.capacity) == (100, 301, 301, 1000)
    with memoryview(lost[0]), pytest.raises(memcore.HasViewsError):
        arena.rewind(mark)
    with memoryview(kept):
        arena.rewind(mark)
    assert kept.alive and not any(block.alive for block in lost) and arena.blocks() == [kept]
    with pytest.raises(memcore.BadCheckpointError) as above:
        arena.rewind(101)
    assert above.value.position == 101
    with memoryview(kept), pytest.raises(memcore.BadCheckpointError):
        arena.rewind(50)
    assert kept.alive
    with pytest.raises(memcore.UnsupportedError):
        kept.free()
    with pytest.raises(memcore.UnsupportedError):
        kept.resize(10)
    with pytest.raises(memcore.OutOfSpaceError):
        arena.allocate(950)
    with pytest.raises(memcore.TooLargeError):
        arena.allocate(1001)
    with arena.scope() as same:
        assert same is arena
        inner = arena.allocate(10)
    assert not inner.alive and arena.used == 100 and arena.trim() == 0
    assert repr(arena) == "<Arena: 100 of 1000 bytes used>"
    scope = arena.scope()
    with pytest.raises(memcore.HasViewsError), scope:
        view = memoryview(arena.allocate(10))
    view.release()
    arena.reset()
    assert arena.used == 0 and not kept.alive


def test_an_arena_of_its_own_grows_to_its_limit() -> None:
    arena = memcore.Arena(4096, limit=1 << 20)
    first = arena.allocate(4000)
    fill(first, b"z" * 4000)
    arena.allocate(500_000)
    assert arena.capacity > 500_000 and bytes(first) == b"z" * 4000
    with pytest.raises(MemoryError):
        arena.allocate(1 << 20)


def test_double_stack() -> None:
    stacks = memcore.DoubleStack(bytearray(1024))
    low, high = stacks.push_low(100, 1), stacks.push_high(100, 1, tag=3)
    assert (low.offset, high.offset, high.tag) == (0, 924, 3)
    marks = stacks.mark_low(), stacks.mark_high()
    assert marks == (100, 924)
    lower, higher = stacks.push_low(50, 1), stacks.push_high(60, 1)
    assert (stacks.used_low, stacks.used_high, stacks.free_bytes, stacks.capacity) == (150, 160, 714, 1024)
    assert stacks.blocks() == [low, lower, higher, high]
    with memoryview(lower):
        with pytest.raises(memcore.HasViewsError):
            stacks.rewind_low(marks[0])
        stacks.rewind_high(marks[1])
    assert lower.alive and not higher.alive and high.alive
    with memoryview(low):
        stacks.rewind_low(marks[0])
        with pytest.raises(memcore.BadCheckpointError):
            stacks.rewind_low(50)
    with memoryview(high), pytest.raises(memcore.HasViewsError):
        stacks.rewind_high(1024)
    refused: Any
    for refused in (
        lambda: stacks.rewind_low(101),
        lambda: stacks.rewind_high(923),
        lambda: stacks.rewind_high(1025),
        lambda: stacks.rewind_high(950),
    ):
        with pytest.raises(memcore.BadCheckpointError):
            refused()
    with pytest.raises(memcore.UnsupportedError):
        low.free()
    with pytest.raises(memcore.OutOfSpaceError):
        stacks.push_low(1000)
    with pytest.raises(memcore.TooLargeError):
        stacks.push_high(2000)
    assert repr(stacks) == "<DoubleStack: 100 bytes low, 100 high, of 1024>"
    stacks.rewind_high(1024)
    stacks.rewind_low(0)
    assert len(stacks) == 0


def test_ring() -> None:
    ring = memcore.Ring(bytearray(100))
    assert ring.release() is None and ring.front() is None
    first, second = ring.allocate(40, 1, tag=2), ring.allocate(40, 1)
    assert ring.front() == first
    with pytest.raises(memcore.OutOfSpaceError):
        ring.allocate(30, 1)
    refused: Any
    for refused in (second.free, lambda: ring.release(second)):
        with pytest.raises(memcore.NotOldestError) as caught:
            refused()
        assert (caught.value.address, caught.value.oldest) == (second.address, first.address)
    with memoryview(first):
        for refused in (first.free, ring.release, lambda: ring.release(first)):
            with pytest.raises(memcore.HasViewsError):
                refused()
    assert ring.release(first) == 40 and not first.alive
    with pytest.raises(memcore.FreedBlockError):
        ring.release(first)
    third = ring.allocate(30, 1)
    assert third.offset == 0 and ring.blocks() == [second, third]
    assert (ring.used, ring.gaps, ring.free_bytes, ring.largest_hole, ring.capacity) == (70, 20, 10, 10, 100)
    assert ring.release() == 40 and not second.alive
    ring.validate()
    third.free()
    assert len(ring) == 0 and ring.free_bytes == 100 and ring.metadata_bytes > 0
    assert repr(ring) == "<Ring: 0 records, 0 of 100 bytes used>"
    with pytest.raises(memcore.UnsupportedError):
        ring.allocate(10).resize(5)
    with pytest.raises(memcore.ForeignHeapBlockError):
        memcore.Ring(bytearray(100)).release(ring.blocks()[0])


def filled(heap: memcore.HandleHeap, sizes: list[int]) -> list[tuple[memcore.Handle, bytes]]:
    made = []
    for number, size in enumerate(sizes):
        handle, data = heap.allocate(size, 8), bytes([number % 251]) * size
        handle.write(data)
        made.append((handle, data))
    return made


@pytest.mark.parametrize("strategy", ["first-fit", "best-fit", "tlsf"])
def test_blocks_move_and_handles_stay(strategy: str) -> None:
    heap = memcore.HandleHeap(bytearray(1 << 16), strategy)
    blocks = filled(heap, [100 + 7 * number for number in range(60)])
    for handle, _ in blocks[::2]:
        handle.free()
    left = blocks[1::2]
    before = heap.stats.external_fragmentation
    first = heap.compact(moves=3)
    assert first.moves == 3 and not first.done and first.fragmentation_before == before
    second = heap.compact(bytes=2000)
    assert 0 < second.bytes <= 2000
    third = heap.compact()
    assert third.done and third.fragmentation_after == 0 == heap.stats.external_fragmentation
    assert third.largest_hole_after == heap.stats.largest_hole
    assert heap.compact() == heap.compact(seconds=0.1)
    assert all(handle.bytes() == data for handle, data in left)
    assert heap.handles() == [handle for handle, _ in left] and len(heap) == 30
    heap.validate()
    assert "moves=0" in repr(heap.compact())


def test_pins_keep_blocks_where_they_are() -> None:
    heap = memcore.HandleHeap(bytearray(8192), "first-fit")
    hole, pinned, other = heap.allocate(1000), heap.allocate(1000), heap.allocate(1000)
    hole.free()
    with pinned.pin() as view:
        array = np.frombuffer(view, "u1")
        address = array.ctypes.data
        del array
        assert (pinned.pins, pinned.locks, len(view), view.readonly) == (1, 0, 1000, False)
        with pinned.pin() as again:
            again[0] = 5
            assert pinned.pins == 2
        for refused in (pinned.free, lambda: heap.free(pinned), lambda: pinned.resize(10)):
            with pytest.raises(memcore.HeldError) as held:
                refused()
            assert (held.value.handle, held.value.holds) == (pinned.id, 1) and isinstance(held.value, BufferError)
        with pytest.raises(memcore.HasViewsError) as viewed:
            heap.close()
        assert viewed.value.address == address
        assert heap.compact().done
        assert np.frombuffer(view, "u1").ctypes.data == address and view[0] == 5
    assert pinned.pins == 0
    assert heap.compact().moves == 2 and pinned.bytes()[0] == 5
    with memoryview(pinned) as view:
        assert np.frombuffer(view, "u1").ctypes.data < address
    other.lock()
    with pytest.raises(memcore.HeldError):
        other.free()
    other.unlock()
    with pytest.raises(memcore.NotHeldError) as not_held:
        other.unlock()
    assert not_held.value.handle == other.id
    assert heap.free(other) == 1000
    heap.validate()


def test_arrays_and_slices_keep_a_pin() -> None:
    handle = memcore.HandleHeap(bytearray(4096)).allocate(100)
    with handle.pin() as view:
        array = np.frombuffer(view, "u1")
        part = view[3:5]
    with pytest.raises(ValueError, match="released"):
        view[0] = 1
    assert handle.pins == 1
    part.release()
    array[0] = 5
    assert handle.pins == 1
    with pytest.raises(memcore.HeldError):
        handle.free()
    del array
    assert handle.pins == 0 and handle.bytes()[0] == 5


def test_a_pin_keeps_the_heap() -> None:
    heap = memcore.HandleHeap(1 << 16)
    view, seen = memoryview(heap.allocate(10)), weakref.ref(heap)
    del heap
    gc.collect()
    assert seen() is not None
    view[0] = 1
    del view
    gc.collect()
    assert seen() is None


def test_stale_handles_and_bad_requests() -> None:
    heap = memcore.HandleHeap(bytearray(4096), "first-fit")
    handle = heap.allocate(10, zeroed=True)
    assert (handle.size, len(handle), handle.alive, handle.heap, bytes(handle)) == (10, 10, True, heap, bytes(10))
    handle.write(np.arange(2, dtype="u2"), 4)
    assert handle.bytes() == bytes([0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
    for data, offset in ((b"12345678901", 0), (b"1", 10), (b"", 11), (b"1", 2**64 - 1)):
        with pytest.raises(memcore.BadParameterError):
            handle.write(data, offset)
    handle.resize(2000)
    assert handle.bytes()[:10] == bytes([0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
    same = heap.handles()[0]
    assert same == handle and hash(same) == hash(handle) and "2000 bytes" in repr(handle)
    with pytest.raises(memcore.ForeignHeapBlockError):
        memcore.HandleHeap(4096).free(handle)
    heap.free(handle)
    again = heap.allocate(10)
    assert again != handle and not handle.alive and "freed" in repr(handle)
    for refused in (
        handle.free,
        handle.bytes,
        handle.lock,
        lambda: handle.size,
        lambda: handle.write(b""),
        lambda: handle.resize(5),
        lambda: memoryview(handle),
    ):
        with pytest.raises(memcore.StaleHandleError) as stale:
            refused()
        assert stale.value.handle == handle.id
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(memcore.BadParameterError):
            heap.compact(seconds=bad)
    with pytest.raises(memcore.BadParameterError):
        heap.compact(bytes=1, seconds=1.0)
    with pytest.raises(memcore.UnsupportedError):
        memcore.HandleHeap(1 << 16, "buddy").compact()
    with pytest.raises(memcore.BadAlignmentError):
        heap.allocate(10, 3)
    with pytest.raises(MemoryError):
        _ = [heap.allocate(1000) for _ in range(5)]
    assert heap.strategy == "first-fit" and "blocks" in repr(heap) and heap
    with heap:
        pass
    assert heap.closed and "closed" in repr(heap) and "closed" in repr(again)
    with pytest.raises(memcore.ClosedError):
        again.bytes()


def test_compaction_while_other_threads_pin() -> None:
    heap = memcore.HandleHeap(1 << 18, "first-fit")
    blocks = filled(heap, [200] * 400)
    for handle, _ in blocks[::2]:
        handle.free()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(20):
                for handle, data in blocks[1::20]:
                    with handle.pin() as view:
                        assert view == data
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        heap.compact(moves=2)
    for thread in threads:
        thread.join()
    assert failures == []
    assert heap.compact().done and heap.stats.holes == 1
    assert all(handle.bytes() == data for handle, data in blocks[1::2])
