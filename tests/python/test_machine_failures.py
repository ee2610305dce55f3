"""What a machine refuses and how accesses fail; files and listeners in Python, and what they raise."""

from __future__ import annotations

import errno
import gc
import io
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import memcore
from memcore import Machine, MachineEvent, Process

PAGE = 4096


@pytest.fixture
def process() -> Process:
    return Machine("small").spawn()


Call = Callable[[Process], object]


@pytest.mark.parametrize(
    ("call", "raised", "builtin", "number"),
    [
        (lambda process: process.mmap(0), memcore.InvalidArgumentError, ValueError, errno.EINVAL),
        (lambda process: process.munmap(5, PAGE), memcore.InvalidArgumentError, ValueError, errno.EINVAL),
        (lambda process: process.mprotect(0x5000, PAGE, "r"), memcore.UnmappedError, OSError, errno.ENOMEM),
        (lambda process: process.mmap(1 << 60), memcore.NoMemoryError, MemoryError, errno.ENOMEM),
        (lambda process: process.mremap(0x5000, PAGE, 2 * PAGE), memcore.NotInOneAreaError, OSError, errno.EFAULT),
        (
            lambda process: process.mmap(PAGE, at=process.mmap(PAGE), noreplace=True),
            memcore.RangeMappedError,
            FileExistsError,
            errno.EEXIST,
        ),
        (
            lambda process: process.mmap(5, file=process.machine.open(b"bytes", writable=False), shared=True),
            memcore.FileDeniedError,
            PermissionError,
            errno.EACCES,
        ),
        (lambda process: process.machine.process(7), memcore.NoProcessError, ProcessLookupError, errno.ESRCH),
        (lambda process: process.machine.node_counters(3), memcore.InvalidArgumentError, ValueError, errno.EINVAL),
        (lambda process: process.machine.group(0), memcore.InvalidArgumentError, ValueError, errno.EINVAL),
    ],
)
def test_a_refused_call_has_the_errno_of_linux(
    call: Call, raised: type[memcore.VmError], builtin: type[Exception], number: int, process: Process
) -> None:
    with pytest.raises(raised) as caught:
        call(process)
    assert isinstance(caught.value, builtin) and isinstance(caught.value, OSError)
    assert caught.value.errno == number and str(caught.value)
    process.machine.validate()


def test_a_closed_file_is_bad(process: Process) -> None:
    file = process.machine.open(b"bytes")
    with file:
        address = process.mmap(5, file=file)
    with pytest.raises(OSError) as caught:
        process.mmap(5, file=file)
    assert caught.value.errno == errno.EBADF and isinstance(caught.value, memcore.NoFileError)
    # What was mapped stays.
    assert process[address : address + 5] == b"bytes"
    with file:
        pass
    with pytest.raises(memcore.NoFileError):
        file.close()


def test_accesses_fault(process: Process) -> None:
    address = process.mmap(PAGE, "r")
    cases: list[tuple[Call, str, int, str]] = [
        (lambda process: process[0], "maperr", 0, "read"),
        (lambda process: process.write(address + 5, b"x"), "accerr", address + 5, "write"),
        (lambda process: process.execute(address), "accerr", address, "execute"),
        (lambda process: process.read(1 << 62, 1), "general-protection", 1 << 62, "read"),
        (lambda process: process.read(address, PAGE + 1), "maperr", address + PAGE, "read"),
        (lambda process: process.read(2**64 - 10, 20), "maperr", 2**64 - 10, "read"),
        (lambda process: process.compare_exchange(address, b"x", b"y"), "accerr", address, "write"),
    ]
    for call, kind, at, access in cases:
        with pytest.raises(memcore.SegmentationFault) as caught:
            call(process)
        fault = caught.value
        assert (fault.kind, fault.address, fault.access, fault.process) == (kind, at, access, 1)
        assert fault.signal == "SIGSEGV" and fault.index is None
    assert process.machine.counters["segv"] == len(cases)


def test_past_the_end_of_a_file_is_a_bus_error(process: Process) -> None:
    file = process.machine.open(5000)
    address = process.mmap(3 * PAGE, file=file, shared=True)
    assert process[address + PAGE] == 0
    with pytest.raises(memcore.BusError) as caught:
        process.read(address + 2 * PAGE, 1)
    assert (caught.value.kind, caught.value.signal) == ("adrerr", "SIGBUS")


def test_who_is_killed_is_gone() -> None:
    machine = Machine("small", swap={"pages": 0}, overcommit={"mode": "always"})
    process = machine.spawn()
    address = process.mmap(200 * PAGE)
    with pytest.raises(MemoryError) as caught:
        for page in range(200):
            process[address + page * PAGE] = 1
    assert isinstance(caught.value, memcore.OutOfMemoryKill) and caught.value.signal == "SIGKILL"
    assert not process.is_alive and machine.counters["oom_kill"] == 1
    for call in (lambda: process[address], lambda: process.mmap(PAGE), process.fork, process.exit, lambda: process.usage):
        with pytest.raises(memcore.NoProcessError):
            call()
    assert process.translate(address) is None
    machine.validate()


def test_a_swap_device_fails_as_told() -> None:
    machine = Machine("small")
    process = machine.spawn()
    address = process.mmap(10 * PAGE)
    process.write(address, b"x" * 10 * PAGE)
    machine.reclaim(10)
    machine.inject("read")
    with pytest.raises(memcore.BusError) as caught:
        process.read(address, 1)
    assert caught.value.kind == "io"
    machine.inject("heal")
    assert process[address] == ord("x")
    machine.inject("write")
    machine.reclaim(10)
    machine.inject("write", on=False)
    for arguments in (("flip",), ("melt",), ("read", 1 << 40), ("flip", 10**6)):
        with pytest.raises((ValueError, OSError)):
            machine.inject(*arguments)  # type: ignore[arg-type]
    machine.validate()


@pytest.mark.parametrize(
    "call",
    [
        lambda process: process[-1],
        lambda process: process[2**64],
        lambda process: process[0:10:2],
        lambda process: process[:10],
        lambda process: process["a"],
        lambda process: process.read(-1, 5),
        lambda process: process.read(0, -5),
        lambda process: process.write(0, "text"),
        lambda process: process.write(0, 5),
        lambda process: process.__setitem__(0, 256),
        lambda process: process.__setitem__(0, -1),
        lambda process: process.__setitem__(slice(0, 3), b"four"),
        lambda process: process.mmap(PAGE, "rq"),
        lambda process: process.mmap(PAGE, 8),
        lambda process: process.mmap(PAGE, fixed=True),
        lambda process: process.mmap(PAGE, file=5),
        lambda process: process.mmap(PAGE, huge=2**40),
        lambda process: process.mmap(PAGE, file=Machine("small").open(b"of another")),
        lambda process: process.madvise(0, PAGE, "forget"),
        lambda process: process.madvise(0, PAGE, 77),
        lambda process: process.access(0, 1, "jump"),
        lambda process: process.compare_exchange(process.mmap(PAGE), b"ab", b"c"),
        lambda process: process.read_into(0, b"constant"),
        lambda process: process.set_node(9),
        lambda process: process.set_oom_adjustment(5000),
        lambda process: process.machine.listen("nothing"),
        lambda process: process.machine.listen(limit=0),
        lambda process: process.machine.open(object()),
        lambda process: process.machine.open(-5),
        lambda process: memcore.run_machine([]),
        lambda process: memcore.run_machine("ls_R", "nonsense"),
        lambda process: memcore.run_machine("ls_R", placement="anywhere"),
        lambda process: memcore.run_machine("ls_R", quantum=0),
        lambda process: memcore.run_machine("ls_R", threads=10**6),
        lambda process: memcore.run_machine("ls_R", overrides={"foo": 1}),
        lambda process: memcore.run_machine(5),
    ],
)
def test_wrong_arguments_are_errors(call: Call, process: Process) -> None:
    with pytest.raises((ValueError, TypeError, OSError, IndexError, BufferError)):
        call(process)
    process.machine.validate()


def test_a_range_too_large_for_the_host_is_an_error() -> None:
    process = Machine("linux").spawn()
    with pytest.raises((MemoryError, memcore.SegmentationFault)):
        process.read(0, 2**63)


class Own:
    """A file with the protocol of its own."""

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)
        self.failing: BaseException | None = None
        self.calls: list[str] = []

    def __len__(self) -> int:
        return len(self.content)

    def _check(self, call: str) -> None:
        self.calls.append(call)
        if self.failing is not None:
            raise self.failing

    def read(self, offset: int, length: int) -> bytes:
        self._check("read")
        return bytes(self.content[offset : offset + length])

    def write(self, offset: int, data: bytes) -> None:
        self._check("write")
        self.content[offset : offset + len(data)] = data

    def truncate(self, length: int) -> None:
        self._check("truncate")
        self.content = self.content[:length] + bytes(max(length - len(self.content), 0))


def test_a_file_may_be_written_in_python(process: Process) -> None:
    own = Own(b"a" * 5000)
    file = process.machine.open(own)
    address = process.mmap(2 * PAGE, file=file, shared=True)
    process[address + 4998 : address + 5000] = b"yz"
    assert process[address] == ord("a") and process[address + 5000] == 0
    file.sync()
    assert own.content == b"a" * 4998 + b"yz" and len(file) == 5000 and file.content is None
    file.truncate(10)
    assert len(own) == 10
    with pytest.raises(memcore.BusError):
        process.read(address + PAGE, 1)
    process.machine.validate()


@pytest.mark.parametrize("kind", [io.BytesIO, None])
def test_a_file_of_the_interpreter_can_be_mapped(
    kind: type[io.BytesIO] | None, process: Process, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello" * 1000)
    opened = kind(path.read_bytes()) if kind else open(path, "r+b", buffering=0)
    with opened:
        file = process.machine.open(opened)
        address = process.mmap(5000, file=file, shared=True)
        process[address] = ord("J")
        file.sync()
        opened.seek(0)
        assert opened.read(10) == b"Jellohello"
        file.truncate(6000)
        assert len(file) == 6000


def test_a_path_can_be_mapped(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello")
    only_read = process.machine.open(path)
    address = process.mmap(5, file=only_read)
    process[address] = ord("J")
    assert process[address : address + 5] == b"Jello" and path.read_bytes() == b"hello"
    with pytest.raises(PermissionError):
        process.mmap(5, file=only_read, shared=True)
    file = process.machine.open(str(path), writable=True)
    address = process.mmap(5, file=file, shared=True)
    process[address] = ord("Y")
    process.msync(address, PAGE)
    assert path.read_bytes() == b"Yello"
    for missing in (tmp_path / "missing", tmp_path):
        with pytest.raises(OSError):
            process.machine.open(missing)


def test_what_a_file_raises_is_the_cause(process: Process) -> None:
    own = Own(b"a" * 3 * PAGE)
    file = process.machine.open(own)
    address = process.mmap(3 * PAGE, file=file, shared=True)
    own.failing = LookupError("the tape is torn")
    with pytest.raises(memcore.BusError) as caught:
        process.read(address, 1)
    assert caught.value.kind == "io" and isinstance(caught.value.__cause__, LookupError)
    own.failing = None
    process[address] = 5
    own.failing = LookupError("the tape is torn")
    with pytest.raises(memcore.MachineIOError) as failed:
        file.sync()
    assert failed.value.errno == errno.EIO and "torn" in str(failed.value.__cause__)
    stopped = Own(b"b")
    other = process.mmap(PAGE, file=process.machine.open(stopped))
    stopped.failing = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        process.read(other, 1)
    own.failing = None
    file.sync()
    assert own.content[0] == 5
    process.machine.validate()


def test_a_file_may_not_call_the_machine(process: Process) -> None:
    class Caller(Own):
        def read(self, offset: int, length: int) -> bytes:
            process.mmap(PAGE)
            return b""

    address = process.mmap(PAGE, file=process.machine.open(Caller(b"abc")))
    with pytest.raises(memcore.BusError) as caught:
        process.read(address, 1)
    assert isinstance(caught.value.__cause__, memcore.ReentrancyError)


def test_a_copy_has_the_files_too() -> None:
    machine = Machine("small")
    own = Own(b"own")
    file = machine.open(own)
    process = machine.spawn()
    address = process.mmap(3, file=file)
    other = machine.copy().process(1)
    assert other[address : address + 3] == b"own"
    with pytest.raises(memcore.BadSnapshotError):
        Machine.restore(machine.to_bytes())
    again = Machine.restore(machine.to_bytes(), files={file.number: b"abc"})
    assert again.process(1)[address : address + 3] == b"abc"


def test_events_are_heard(process: Process) -> None:
    machine = process.machine
    with machine.listen("fault", "map", "process") as events:
        address = process.mmap(2 * PAGE)
        process.write(address, b"x")
        with pytest.raises(memcore.SegmentationFault):
            process.read(5, 1)
        child = process.fork()
        child.exit()
        assert events.is_listening
    process.mmap(PAGE)
    assert not events.is_listening
    assert [event.name for event in events] == ["map", "fault", "signal", "spawn", "exit"]
    fault = events[1]
    assert (fault.process, fault.address, fault.access, fault.served, fault.major) == (
        1,
        address,
        "write",
        "zero-fill",
        False,
    )
    assert fault.fields == {name: value for name, value in fault.to_dict().items() if name != "name"}
    assert events[-1].name == "exit" and [event.name for event in events[:2]] == ["map", "fault"]
    assert events[0] == events[:1][0] and events[0] != events[1]
    assert "zero-fill" in repr(fault) and f"{address:#x}" in repr(fault)
    assert events.counts() == {"map": 1, "fault": 1, "signal": 1, "spawn": 1, "exit": 1}
    assert events.to_dicts()[3] == {"name": "spawn", "process": 2, "parent": 1}
    columns = events.columns("fault")
    assert columns["index"].tolist() == [1] and columns["address"].tolist() == [address]
    assert columns["served"] == ["zero-fill"] and columns["major"].tolist() == [False]
    assert list(events.columns("evict")) == ["index"]
    with pytest.raises(AttributeError, match="served"):
        fault.nothing
    with pytest.raises(IndexError):
        events[5]
    events.clear()
    assert len(events) == 0


def test_each_access_is_heard_where_that_is_wanted() -> None:
    machine = Machine("small")
    process = machine.spawn()
    address = process.mmap(PAGE)
    with machine.listen("all") as everything, machine.listen() as rare, machine.listen("access", limit=3) as few:
        for _ in range(10):
            process.read(address, 1)
    assert everything.counts()["access"] == 10 and everything.counts()["walk-step"] >= 1
    assert set(rare.counts()) == {"fault"}
    assert (len(few), few.dropped) == (3, 7)


def test_a_callback_hears_and_may_raise() -> None:
    machine = Machine("small")
    process = machine.spawn()
    heard: list[str] = []

    def hear(event: MachineEvent) -> None:
        heard.append(event.name)
        if event.name == "unmap":
            raise LookupError("not that")

    listening = machine.listen("map", callback=hear)
    address = process.mmap(PAGE)
    with pytest.raises(LookupError, match="not that"):
        process.munmap(address, PAGE)
    # It was done all the same.
    assert process.areas.find(address) is None
    listening.stop()
    process.mmap(PAGE)
    assert heard == ["map", "unmap"]


def test_a_callback_may_not_call_the_machine() -> None:
    machine = Machine("small")
    process = machine.spawn()
    machine.listen("map", callback=lambda event: machine.spawn())
    with pytest.raises(memcore.ReentrancyError):
        process.mmap(PAGE)
    assert len(machine.processes) == 1


def test_a_callback_of_the_machine_itself_does_not_keep_it() -> None:
    class Holder:
        def __init__(self) -> None:
            self.machine = Machine("small")
            self.machine.listen("map", callback=self.hear)

        def hear(self, event: MachineEvent) -> None:
            pass

    holder = Holder()
    gone = weakref.ref(holder.machine)
    del holder
    gc.collect()
    assert gone() is None


def test_other_threads_wait_while_a_callback_runs() -> None:
    machine = Machine("small")
    process = machine.spawn()
    done: list[int] = []
    started = threading.Event()

    def other() -> None:
        started.wait()
        done.append(len(machine.processes))

    thread = threading.Thread(target=other)
    thread.start()

    def hear(event: MachineEvent) -> None:
        started.set()
        threading.Event().wait(0.05)
        done.append(-1)

    with machine.listen("map", callback=hear):
        process.mmap(PAGE)
    thread.join()
    assert done == [-1, 1]


def test_arrays_of_any_kind_are_taken(process: Process) -> None:
    address = process.mmap(PAGE)
    for kind in ("u8", "i8", ">u8", "u4"):
        low = process.mmap(PAGE, at=0x10000, fixed=True)
        assert not process.access_many(np.array([low, low + 1], dtype=kind)).any(), kind
    assert not process.access_many(iter([address]), np.array([True])).any()
