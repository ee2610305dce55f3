"""Heaps in files and shared memory: closed, killed, damaged, opened again, read by another process."""

from __future__ import annotations

import gc
import mmap
import multiprocessing
import os
import shutil
import signal
import struct
import subprocess
import sys
import weakref
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memcore


def put(heap: memcore.PersistentHeap, data: bytes, alignment: int = 16) -> memcore.HeapBlock:
    block = heap.allocate(len(data), alignment)
    with memoryview(block) as view:
        view[:] = data
    return block


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heap"


def test_a_file_is_there_again(path: Path) -> None:
    with memcore.PersistentHeap.create(path, 1 << 16) as heap:
        assert heap.recovery is None and str(path) in repr(heap)
        block = put(heap, b"hello")
        heap.set_root(0, block)
        array = heap.allocate(800, 64).array("f8")
        array[:] = np.arange(100)
        heap.set_root(15, heap.blocks()[1].offset)
        offsets = [block.offset for block in heap.blocks()]
        del array
        heap.sync()
    with memcore.PersistentHeap.open(str(path)) as heap:
        assert heap.recovery == memcore.PersistentHeap.open(bytearray(path.read_bytes())).recovery or heap.recovery
        assert heap.recovery is not None and heap.recovery.clean and heap.recovery.blocks == 2
        assert heap.recovery.bytes == 805 and not heap.recovery.completed
        assert [block.offset for block in heap.blocks()] == offsets
        first, last = heap.root(0), heap.root(15)
        assert first is not None and bytes(first) == b"hello" and heap.root(1) is None
        assert last is not None and last.array("f8").tolist() == list(range(100))
        assert last.address % 64 == 0
        heap.validate()


def test_every_call(path: Path) -> None:
    memory = bytearray(1 << 14)
    heap = memcore.PersistentHeap.create(memory, strategy="best-fit")
    assert heap.capacity <= 1 << 14 and heap.generation == 0 and heap and len(heap) == 0
    first = heap.allocate(100, 64, zeroed=True)
    assert first.offset % 64 == 0 and bytes(first) == bytes(100) and first.heap is heap
    assert heap.block(first.offset) == first and heap.generation == 1
    heap.set_root(3, first)
    first.resize(200)
    wall, before = heap.allocate(100), first.offset
    first.resize(5000)
    assert first.offset != before and heap.root(3) == first and len(first) == 5000 and wall.alive
    assert heap.free(first) == 5000 and heap.root(3) is None and not first.alive
    assert heap.free(wall.offset) == 100 and not wall.alive
    last = heap.allocate(10)
    last.free()
    heap.set_root(3, None)
    assert heap.stats.blocks == 0 == len(heap) and heap.blocks() == []
    heap.validate()
    assert "bytearray" in repr(heap)
    heap.close()
    heap.close()
    assert heap.closed and "closed" in repr(heap)
    with pytest.raises(memcore.ClosedError):
        heap.allocate(1)


def test_refusals() -> None:
    heap = memcore.PersistentHeap.create(bytearray(1 << 14))
    block, other = heap.allocate(100), memcore.PersistentHeap.create(bytearray(4096)).allocate(10)
    for outside in (1 << 14, 2**64 - 1):
        with pytest.raises(memcore.NotInHeapError):
            heap.block(outside)
    for inside in (0, 8, block.offset + 1, block.offset + 32):
        for call in (heap.block, heap.free, lambda offset: heap.set_root(0, offset)):
            with pytest.raises(memcore.NotABlockError) as caught:
                call(inside)
            assert caught.value.address == inside
    plain = memcore.Heap(1 << 16).allocate(10)
    for foreign in (other, plain):
        for call in (heap.free, lambda block: heap.set_root(0, block)):
            with pytest.raises(memcore.ForeignHeapBlockError):
                call(foreign)
    with pytest.raises(memcore.BadParameterError):
        heap.root(16)
    with pytest.raises(memcore.BadParameterError):
        heap.set_root(16, block)
    with memoryview(block):
        for kept in (block.free, lambda: heap.free(block.offset), lambda: block.resize(10), heap.close):
            with pytest.raises(memcore.HasViewsError):
                kept()
    heap.free(block)
    for refused in (block.free, lambda: heap.free(block), lambda: heap.set_root(1, block), lambda: memoryview(block)):
        with pytest.raises(memcore.FreedBlockError):
            refused()
    with pytest.raises(memcore.BadAlignmentError):
        heap.allocate(10, 3)
    with pytest.raises(memcore.TooLargeError):
        heap.allocate(1 << 20)
    with pytest.raises(TypeError):
        heap.free("0")  # type: ignore[arg-type]
    with pytest.raises(memcore.UnsupportedError):
        memcore.PersistentHeap.create(bytearray(4096), strategy="buddy")


def test_memory_that_cannot_serve(path: Path) -> None:
    create, open = memcore.PersistentHeap.create, memcore.PersistentHeap.open
    with pytest.raises(memcore.FileMissingError) as missing:
        open(path)
    assert isinstance(missing.value, FileNotFoundError) and missing.value.errno == missing.value.code != 0
    with pytest.raises(memcore.FileMissingError):
        create(path / "in" / "no" / "folder", 4096)
    with pytest.raises(TypeError, match="size"):
        create(path)
    for bad in (4096, None, 1.5):
        with pytest.raises(TypeError):
            create(bad)
    with pytest.raises(memcore.BadParameterError):
        create(path, 8192, limit=4096)
    with pytest.raises(memcore.BadParameterError):
        create(bytearray(100), 200)
    with pytest.raises(memcore.BadParameterError):
        create(bytearray(4096), limit=8192)
    with pytest.raises(memcore.BadMemoryError):
        create(bytearray(1311))
    with pytest.raises(memcore.BadMemoryError):
        create(memoryview(bytearray(4096))[1:])
    with pytest.raises(BufferError):
        open(b"x" * 4096)
    with pytest.raises(memcore.BadImageError) as image:
        open(bytearray(4096))
    assert (image.value.at, image.value.found) == (0, 0)
    with create(path, 4096), pytest.raises(memcore.FileBusyError) as busy:
        open(path)
    assert isinstance(busy.value, BlockingIOError)


def test_a_part_of_a_buffer() -> None:
    memory = bytearray(b"\xff" * 8192)
    memcore.PersistentHeap.create(memory, 4096).close()
    assert memory[4096:] == b"\xff" * 4096
    assert memcore.PersistentHeap.open(memory).capacity <= 4096


def test_a_file_grows(path: Path) -> None:
    with memcore.PersistentHeap.create(path, 4096, limit=1 << 20) as heap:
        first = put(heap, b"a" * 1000)
        view = memoryview(first)
        put(heap, b"b" * 200_000)
        assert bytes(view) == b"a" * 1000 and heap.capacity > 200_000
        view.release()
    assert path.stat().st_size > 200_000
    with memcore.PersistentHeap.open(path, limit=1 << 21) as heap:
        put(heap, b"c" * 1_000_000)
        assert [bytes(block)[:1] for block in heap.blocks()] == [b"a", b"b", b"c"]


def test_damage_is_told_with_its_place(path: Path) -> None:
    with memcore.PersistentHeap.create(path, 1 << 14) as heap:
        offset = put(heap, b"x" * 100).offset
    good = path.read_bytes()
    for at in (3, 8, 16, 40, 130, offset - 20):
        bad = bytearray(good)
        bad[at] ^= 0x40
        for look in (memcore.PersistentHeap.open, memcore.PersistentView):
            before = bytes(bad)
            with pytest.raises(memcore.BadImageError) as caught:
                look(bad)
            assert caught.value.what and bytes(bad) == before
    with pytest.raises(memcore.BadImageError):
        memcore.PersistentView(good[:2000])
    with pytest.raises(memcore.BadImageError):
        memcore.PersistentView(b"")


def test_a_view_reads_and_never_writes(path: Path) -> None:
    with memcore.PersistentHeap.create(path, 1 << 14) as heap:
        block = put(heap, b"hello")
        heap.set_root(2, block)
        generation, offset = heap.generation, block.offset
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memcore.PersistentView(mapped)
        assert (len(view), view.clean, view.generation, view.root(2), view.root(0)) == (1, True, generation, offset, None)
        (seen,) = view.blocks()
        assert (seen.offset, seen.size, seen.alignment) == (offset, 5, 16)
        assert view.bytes(offset) == b"hello" and view.size(offset) == 5 and bool(view)
        part = view.view(offset)
        assert part.readonly and part.tobytes() == b"hello"
        with pytest.raises(TypeError):
            part[0] = 1
        refused: Any
        for refused in (view.bytes, view.view, view.size):
            with pytest.raises(memcore.NotABlockError):
                refused(offset + 1)
        with pytest.raises(memcore.BadParameterError):
            view.root(16)
        assert "1 blocks" in repr(view) and "size=5" in repr(seen)
        assert memoryview(view).nbytes == view.capacity
        with pytest.raises(BufferError):
            mapped.close()
        del part, view, refused


def test_the_image_is_the_documented_one() -> None:
    memory = bytearray(4096)
    with memcore.PersistentHeap.create(memory, strategy="first-fit") as heap:
        block = put(heap, b"hello", 32)
        heap.set_root(1, block)
        offset = block.offset
    magic, version, first, capacity, generation, writer = struct.unpack_from("<8sIIQQQ", memory)
    assert (magic, version, first, capacity, generation, writer) == (b"memcore\0", 1, 1280, 4096, 2, 0)
    assert memory[64:73] == b"first-fit" and struct.unpack_from("<16Q", memory, 128)[1] == offset
    size, previous, requested, alignment = struct.unpack_from("<QQQI", memory, offset - 32)
    assert (size % 32, requested, alignment) == (1, 5, 5) and offset - 32 - previous == 1280
    assert memory[offset : offset + 5] == b"hello"


def test_a_view_keeps_the_heap() -> None:
    heap = memcore.PersistentHeap.create(bytearray(4096))
    view, seen = memoryview(heap.allocate(10)), weakref.ref(heap)
    del heap
    gc.collect()
    assert seen() is not None
    del view
    gc.collect()
    assert seen() is None


#: What the other process does: it reads what is there, and writes an answer beside it.
ANSWER = """
from multiprocessing import shared_memory
import memcore
shared = shared_memory.SharedMemory(name=name)
with memcore.PersistentHeap.open(shared.buf) as heap:
    numbers = heap.root(0).array("f8")
    reply = heap.allocate(numbers.nbytes)
    reply.array("f8")[:] = numbers * 2
    heap.set_root(1, reply)
    del numbers
shared.close()
"""


def test_shared_memory_between_processes() -> None:
    context = multiprocessing.get_context("spawn")
    shared = shared_memory.SharedMemory(create=True, size=1 << 16)
    try:
        with memcore.PersistentHeap.create(shared.buf) as heap:
            question = heap.allocate(80)
            question.array("f8")[:] = np.arange(10)
            heap.set_root(0, question)
        # A function of this module could not be found by another process.
        process = context.Process(target=exec, args=(ANSWER, {"name": shared.name}))
        process.start()
        process.join(timeout=60)
        assert process.exitcode == 0
        with memcore.PersistentHeap.open(shared.buf) as heap:
            reply = heap.root(1)
            assert reply is not None and reply.array("f8").tolist() == list(range(0, 20, 2))
            assert heap.generation == 4 and heap.recovery is not None and heap.recovery.clean
    finally:
        shared.close()
        shared.unlink()


#: What a program in C does: it halves what is at root 0, and leaves the answer at root 1.
IN_C = """
#include <memcore.h>

int main(int count, char **arguments) {
    struct memcore_memory memory = memcore_memory_file(arguments[1], 1 << 16);
    struct memcore_recovery recovery;
    struct memcore_persistent_heap *heap;
    uint64_t question, answer;
    void *from, *to;
    size_t bytes, same;
    if (count != 2 || memcore_persistent_open(&memory, &recovery, &heap) != MEMCORE_STATUS_OK || !recovery.clean) return 1;
    if (memcore_persistent_root(heap, 0, &question) != MEMCORE_STATUS_OK) return 2;
    if (memcore_persistent_bytes(heap, question, &from, &bytes) != MEMCORE_STATUS_OK) return 3;
    if (memcore_persistent_allocate(heap, bytes, 16, &answer) != MEMCORE_STATUS_OK) return 4;
    if (memcore_persistent_bytes(heap, answer, &to, &same) != MEMCORE_STATUS_OK || same != bytes) return 5;
    for (size_t i = 0; i < bytes / sizeof(double); i++) ((double *)to)[i] = ((double *)from)[i] / 2;
    if (memcore_persistent_set_root(heap, 1, answer) != MEMCORE_STATUS_OK) return 6;
    return memcore_persistent_close(heap) == MEMCORE_STATUS_OK ? 0 : 7;
}
"""

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "target" / "release" / "libmemcore.a"
# As in the Makefile.
SYSTEM_LIBS = os.environ.get("SYSTEM_LIBS", "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc").split()


def test_a_program_in_c_reads_and_answers(path: Path, tmp_path: Path) -> None:
    if shutil.which("cc") is None or not LIBRARY.exists():
        pytest.skip(f"needs cc and {LIBRARY.name}: make build")
    source, program = tmp_path / "program.c", tmp_path / "program"
    source.write_text(IN_C)
    build: list[str | Path] = ["cc", "-std=c11", f"-I{ROOT / 'include'}", source, "-o", program, LIBRARY, *SYSTEM_LIBS]
    subprocess.run(build, check=True, timeout=120)
    with memcore.PersistentHeap.create(path, 1 << 14) as heap:
        question = heap.allocate(80)
        question.array("f8")[:] = np.arange(10)
        heap.set_root(0, question)
    subprocess.run([program, path], check=True, timeout=60)
    with memcore.PersistentHeap.open(path) as heap:
        answer = heap.root(1)
        assert answer is not None and answer.array("f8").tolist() == [number / 2 for number in range(10)]
        assert heap.recovery is not None and heap.recovery.clean and len(heap) == 2
        heap.validate()


KILLED = """
import sys
import memcore
heap = memcore.PersistentHeap.create(sys.argv[1], 1 << 16)
blocks = []
print("ready", flush=True)
turn = 0
while True:
    turn += 1
    block = heap.allocate(turn % 700 + 8, zeroed=True)
    with memoryview(block) as view:
        view[:] = bytes([turn % 256]) * len(view)
    heap.set_root(turn % 16, block)
    blocks.append(block)
    if len(blocks) > 40:
        blocks.pop(turn * 7 % 40).free()
"""


@pytest.mark.skipif(os.name != "posix", reason="kills a process with SIGKILL")
def test_a_killed_writer_leaves_a_whole_image(path: Path) -> None:
    for delay in (0.0, 0.003):
        with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
            try:
                child.wait(delay)
            except subprocess.TimeoutExpired:
                pass
            child.send_signal(signal.SIGKILL)
        with memcore.PersistentHeap.open(path) as heap:
            assert heap.recovery is not None and not heap.recovery.clean
            heap.validate()
            roots = [heap.root(number) for number in range(16)]
            for block in roots:
                if block is not None:
                    assert len(set(bytes(block))) == 1
        path.unlink()
