"""The machine of virtual memory: processes, their calls and their memory."""

from __future__ import annotations

import copy
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import memcore
from memcore import Machine, Process

PAGE = 4096


@pytest.fixture
def process() -> Process:
    return Machine("linux").spawn()


def test_a_child_sees_what_its_parent_wrote_and_not_what_it_writes_later() -> None:
    machine = Machine("linux")
    parent = machine.spawn()
    address = parent.mmap(2 * PAGE)
    parent[address : address + 5] = b"hello"
    child = parent.fork()
    parent_frame, child_frame = parent.translate(address), child.translate(address)
    assert parent_frame is not None and child_frame is not None
    assert parent_frame.frame == child_frame.frame and parent_frame.protection == "r--"
    child[address] = ord("J")
    parent[address + 4] = ord("!")
    assert (parent[address : address + 5], child[address : address + 5]) == (b"hell!", b"Jello")
    # One copy: when the parent writes, it is the only owner.
    assert (machine.counters["cow"], machine.counters["reuse"]) == (1, 1)
    assert [one.number for one in machine.processes] == [1, 2]
    child.exit()
    assert machine.processes == [parent] and not child.is_alive
    machine.validate()


def test_bytes_go_in_and_out_by_every_door(process: Process) -> None:
    address = process.mmap(4 * PAGE)
    across = address + PAGE - 3
    process[across : across + 6] = b"abcdef"
    assert process[across] == ord("a") and process[across : across + 6] == process.read(across, 6) == b"abcdef"
    numbers = np.arange(5, dtype=np.float64)
    process.write(address, numbers)
    back = np.empty(5)
    assert process.read_into(address, back) == 40 and back.tolist() == [0, 1, 2, 3, 4]
    process.write(address, numbers[::2])
    assert np.frombuffer(process.read(address, 24)).tolist() == [0, 2, 4]
    into = bytearray(3)
    process.read_into(across, memoryview(into))
    assert into == b"abc"
    process[address:address] = b""
    assert process[address:address] == b"" and process.read(address, 0) == b""
    assert process.compare_exchange(address, process.read(address, 8), b"01234567")
    assert not process.compare_exchange(address, b"xx", b"yy")
    assert process.read(address, 8) == b"01234567"


def test_many_bytes_go_in_and_out(process: Process) -> None:
    data = random.Random(1).randbytes(3_000_001)
    address = process.mmap(len(data))
    process.write(address + 7, data[:-7])
    assert process.read(address + 7, len(data) - 7) == data[:-7]


def test_a_view_is_a_sequence_of_bytes(process: Process) -> None:
    address = process.mmap(PAGE)
    view = process.view(address, 10)
    view[:] = bytes(range(10))
    view[0] = 99
    expected = bytes([99, *range(1, 10)])
    assert bytes(view) == expected and len(view) == view.nbytes == 10 and view.hex() == expected.hex()
    for part in (slice(2, 5), slice(None, None, -1), slice(8, 1, -3), slice(None, None, 4), slice(5, 5)):
        assert bytes(view[part]) == expected[part], part
        assert view[part] == expected[part]
    assert view[3] == 3 and view[-1] == 9 and list(view[1:4]) == [1, 2, 3] and view[2:8][1:3] == b"\x03\x04"
    view[1:9:2] = b"wxyz"
    assert bytes(view) == b"\x63w\x02x\x04y\x06z\x08\x09"
    assert view != b"other" and view != 5
    with pytest.raises(IndexError):
        view[10]
    with pytest.raises(ValueError):
        view[:3] = b"four"


def test_the_calls_do_what_those_of_linux_do(process: Process) -> None:
    machine = process.machine
    address = process.mmap(8 * PAGE, "rw")
    process.write(address, bytes(8 * PAGE))
    assert process.mincore(address, 8 * PAGE).tolist() == [True] * 8
    assert process.usage["rss_anonymous"] == 8
    process.madvise(address, 2 * PAGE, "dontneed")
    assert process.mincore(address, 8 * PAGE).tolist() == [False] * 2 + [True] * 6
    process.munmap(address + 2 * PAGE, PAGE)
    assert [area.length for area in process.areas if area.start >= address][:2] == [2 * PAGE, 5 * PAGE]
    process.mprotect(address, PAGE, "r")
    found = process.areas.find(address)
    assert found is not None and found.protection == "r--" and address in found and address + PAGE not in found
    moved = process.mremap(address + 3 * PAGE, 5 * PAGE, 6 * PAGE, move=True)
    assert process.usage["rss_anonymous"] == 5 and process.mincore(moved, 6 * PAGE).tolist() == [True] * 5 + [False]
    assert process.mremap(moved, 6 * PAGE, PAGE) == moved
    low = 0x1000_0000
    assert process.mmap(PAGE, at=low, fixed=True) == low
    assert process.mmap(PAGE, "rwx", at=low, fixed=True, populate=True) == low
    process.execute(low)
    end = process.brk()
    assert process.brk(end + 100) == end + 100 == process.brk()
    process[end] = 7
    process.mlock(low, PAGE)
    assert "locked" in next(area.flags for area in process.areas if area.start == low)
    process.munlock(low, PAGE)
    process.mlock(low, PAGE, on_fault=True)
    process.msync(low, PAGE)
    process.set_oom_adjustment(-1000)
    assert process.oom_points is None
    machine.validate()


def test_bits_and_numbers_serve_as_words_do(process: Process) -> None:
    address = process.mmap(PAGE, 3)
    process.madvise(address, PAGE, 4)
    assert process.mmap(PAGE, "none") != address
    shared = process.mmap(PAGE, "r-x", shared=True)
    found = process.areas.find(shared)
    assert found is not None and found.is_shared and found.kind == "shared-anonymous" and found.file is None


def test_what_is_shared_is_shared_with_a_child(process: Process) -> None:
    address = process.mmap(PAGE, shared=True)
    child = process.fork()
    child[address] = 5
    assert process[address] == 5


def test_groups_bound_what_their_processes_have() -> None:
    machine = Machine("linux")
    group = machine.group(limit=10)
    process = machine.spawn()
    group.add(process)
    address = process.mmap(50 * PAGE)
    for page in range(50):
        process[address + page * PAGE] = page
    assert group.used == process.usage["rss"] <= 10 == group.limit
    assert process.usage["swapped"] >= 40 and machine.counters["swap_out"] >= 40
    assert [process[address + page * PAGE] for page in range(50)] == list(range(50))
    group.limit = 3
    assert group.used <= 3
    group.limit = None
    assert group.limit is None
    with pytest.raises(memcore.InvalidArgumentError):
        group.add(Machine("small").spawn())


def test_equal_pages_are_merged() -> None:
    machine = Machine("linux")
    process = machine.spawn()
    address = process.mmap(20 * PAGE)
    process.write(address, bytes([7]) * 20 * PAGE)
    process.madvise(address, 20 * PAGE, "mergeable")
    seen: list[tuple[int, int | None]] = []
    machine.merge_scan(20, progress=lambda done, total: seen.append((done, total)))
    report = machine.merge_scan(20)
    assert (report["shared"], report["sharing"]) == (1, 19) and machine.merging["shared"] == 1
    assert process[address + 5 * PAGE] == 7
    machine.validate()


def test_reclaim_evicts_pages_that_come_back() -> None:
    machine = Machine("linux-zswap")
    process = machine.spawn()
    address = process.mmap(20 * PAGE)
    process.write(address, b"abcdefgh" * (20 * PAGE // 8))
    assert machine.reclaim(20) == 20
    assert machine.free_frames > 0 and process.usage["swapped"] == 20
    assert machine.compression is not None and machine.compression["stores"] == 20
    assert process[address + 8 : address + 16] == b"abcdefgh"
    assert not machine.thrashing and Machine("linux").compression is None


def test_nodes_are_filled_as_the_policy_says() -> None:
    machine = Machine("linux-numa")
    process = machine.spawn()
    address = process.mmap(8 * PAGE)
    process.mbind(address, 8 * PAGE, "interleave", [0, 1])
    process.write(address, bytes(8 * PAGE))
    nodes = [process.translate(address + page * PAGE) for page in range(8)]
    assert [found.node for found in nodes if found is not None] == [0, 1] * 4
    process.set_policy("bind", nodes=[1])
    process.set_node(1)
    other = process.mmap(PAGE)
    process[other] = 1
    found = process.translate(other)
    assert found is not None and found.node == 1
    assert process.mark_next_touch(address, 8 * PAGE) > 0
    process.set_policy("weighted-interleave", [0, 1], [3, 1])
    assert machine.node_counters(1)["numa_hit"] > 0 and len(machine.numastat()) == len(machine.buddyinfo()) == 2
    for arguments in (("bind", [9]), ("preferred", [0, 1]), ("weighted-interleave", [0], []), ("interleave", [])):
        with pytest.raises(ValueError):
            process.set_policy(*arguments)


def test_a_walk_reads_what_the_hardware_reads(process: Process) -> None:
    address = process.mmap(PAGE)
    assert process.translate(address) is None and process.walk(address).physical is None
    process[address] = 1
    walk = process.walk(address)
    found = process.translate(address + 5)
    assert found is not None and walk.physical is not None and walk.physical + 5 == found.physical
    assert [step.level for step in walk.steps] == [3, 2, 1, 0]
    # The index of each level is nine bits of the address; the last word holds the frame and the present bit.
    assert [step.index for step in walk.steps] == [address >> shift & 511 for shift in (39, 30, 21, 12)]
    assert walk.steps[-1].bits >> 12 & (1 << 40) - 1 == found.frame and walk.steps[-1].bits & 1
    assert str(walk).count("\n") == 5 and "<pre>" in walk._repr_html_() and "physical" not in walk.outcome


def test_everything_shows_itself(process: Process) -> None:
    machine = process.machine
    address = process.mmap(2 * PAGE)
    process[address] = 1
    assert "1 pages in memory" in repr(process) and "x86-64" in repr(machine)
    assert "<table>" in process._repr_html_() and "<table>" in machine._repr_html_() and "traps" not in str(machine)
    assert "zero_fill" in str(machine) and "[stack]" in str(process.areas) and "[stack]" in process.areas._repr_html_()
    assert "[stack]" in process.maps() and "Rss:" in process.smaps() and "stack, grows down" in process.layout
    memory = machine.meminfo()
    assert memory["MemTotal"] == machine.frames * PAGE and "MemTotal:" in str(memory)
    assert process.status()["VmRSS"] == PAGE and machine.vmstat()["pgfault"] == 1
    assert sum(row["entries"] for row in process.page_table()) == 1
    assert f"{address:x}" in process.picture()
    process.exit()
    assert "ended" in repr(process) and "ended" in process._repr_html_()


def test_the_configuration_comes_in_every_form(tmp_path: Path) -> None:
    file = tmp_path / "machine.toml"
    file.write_text("preset = 'small'\nasids = 3\n[replacement]\npolicy = 'lru'\n")
    forms = [
        file,
        str(file),
        file.read_text(),
        {"preset": "small", "asids": 3, "replacement": {"policy": "lru"}},
        {"preset": "small", "asids": 3, "replacement.policy": "lru"},
    ]
    machines = [Machine(form) for form in forms]
    machines.append(Machine("small", asids=3, replacement={"policy": "lru"}))
    machines.append(Machine(machines[0].config))
    machines.append(Machine(machines[0].toml))
    assert all(machine.config == machines[0].config for machine in machines)
    assert machines[0].config["asids"] == 3 and machines[0].frames == Machine("small").frames
    tight = Machine("small", memory={"frames": 9}, max_map_count=5, replacement={"sight": {"sampled": 7}})
    assert tight.frames == 9 and tight.config["max-map-count"] == 5
    assert Machine("linux-zswap", compression=None).config.get("compression") is None
    assert all(Machine(name).frames > 0 for name in memcore.machines())


@pytest.mark.parametrize(
    ("config", "overrides", "raised"),
    [
        ("nonsense", {}, memcore.UnknownNameError),
        ("small", {"memory": {"framez": 1}}, memcore.BadConfigError),
        ("small", {"asids": "many"}, memcore.BadConfigError),
        ("small", {"replacement": {"policy": "opt"}}, memcore.BadConfigError),
        ("a = [", {}, memcore.BadConfigError),
        ({"preset": 5}, {}, memcore.BadConfigError),
        ("small", {"memory.frames": 0}, ValueError),
        (5, {}, TypeError),
        ("missing.toml", {}, FileNotFoundError),
    ],
)
def test_a_bad_configuration_is_an_error(config: object, overrides: dict[str, object], raised: type[Exception]) -> None:
    with pytest.raises(raised):
        Machine(config, **overrides)  # type: ignore[arg-type]


def test_a_bad_line_is_named() -> None:
    with pytest.raises(memcore.BadConfigError) as caught:
        Machine("asids = 4\n[memory]\nframez = 3\n")
    assert (caught.value.key, caught.value.line) == ("memory.framez", 3)


def test_a_trace_of_accesses_is_one_call() -> None:
    machine = Machine("linux")
    process = machine.spawn()
    address = process.mmap(100 * PAGE)
    rng = np.random.default_rng(1)
    addresses = address + rng.integers(0, 100 * PAGE, 20_000)
    kinds = rng.integers(0, 2, 20_000).astype(np.uint8)
    assert not process.access_many(addresses, kinds).any()
    twin = Machine("linux").spawn()
    twin.mmap(100 * PAGE)
    for one, kind in zip(addresses.tolist(), kinds.tolist(), strict=True):
        twin.access(one, 1, "write" if kind else "read")
    assert machine.counters == twin.machine.counters and machine.time == twin.machine.time
    assert process.access_many([], "write").tolist() == []
    assert process.access_many([address], "write", [PAGE + 1]).tolist() == [0]
    codes = process.access_many([address, 5, address, 1 << 60], stop=False)
    assert [None if code == 0 else Process.FAULT_KINDS[code - 1] for code in codes] == [
        None,
        "maperr",
        None,
        "general-protection",
    ]
    with pytest.raises(memcore.SegmentationFault) as caught:
        process.access_many([address, address, 5], "read")
    assert (caught.value.index, caught.value.address) == (2, 5)
    for wrong in ([[address], [0, 1]], [[address], "jump"], [[address], [3]], [[address], "read", [1, 2]], [[-1]]):
        with pytest.raises(memcore.BadValueError):
            process.access_many(*wrong)


def test_a_saved_machine_goes_on_as_the_other(tmp_path: Path) -> None:
    machine = Machine("small")
    process = machine.spawn()
    file = machine.open(b"in a file")
    mapped = process.mmap(9, file=file, shared=True)
    address = process.mmap(80 * PAGE)
    for page in range(80):
        process[address + page * PAGE] = page
    process[mapped] = ord("I")
    machine.save(tmp_path / "machine")
    restored = [
        Machine.restore(tmp_path / "machine"),
        Machine.restore(machine.to_bytes()),
        machine.copy(),
        copy.copy(machine),
        copy.deepcopy(machine),
    ]
    for other in restored:
        assert other.to_bytes() == machine.to_bytes() and other.counters == machine.counters
        assert [one.content for one in other.files] == [b"in a file"]
    for page in range(80):
        assert process[address + page * PAGE] == page
    other = restored[0].process(process.number)
    for page in range(80):
        assert other[address + page * PAGE] == page
    assert restored[0].counters == machine.counters and restored[0].time == machine.time
    other[mapped + 1] = ord("N")
    restored[0].files[0].sync()
    assert restored[0].files[0].content == b"IN a file" != file.content


def test_a_damaged_snapshot_is_an_error(tmp_path: Path) -> None:
    machine = Machine("small")
    process = machine.spawn()
    process[process.mmap(PAGE)] = 1
    content = machine.to_bytes()
    rng = random.Random(2)
    for _ in range(200):
        damaged = bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        with pytest.raises(memcore.BadSnapshotError):
            Machine.restore(bytes(damaged[: rng.randrange(len(damaged) + 1)] if rng.random() < 0.5 else damaged))
    for wrong in (b"", b"x", bytes(100)):
        with pytest.raises(memcore.BadSnapshotError):
            Machine.restore(wrong)
    with pytest.raises(FileNotFoundError):
        Machine.restore(tmp_path / "missing")
    with pytest.raises(memcore.BadSnapshotError):
        Machine("linux-caches").to_bytes()


def test_threads_take_turns() -> None:
    machine = Machine("linux")
    processes = [machine.spawn() for _ in range(4)]
    failures: list[BaseException] = []

    def work(process: Process) -> None:
        try:
            address = process.mmap(50 * PAGE)
            for turn in range(300):
                at = address + turn % 50 * PAGE
                process[at] = turn & 255
                assert process[at] == turn & 255
                if turn % 50 == 0:
                    process.fork().exit()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    machine.validate()


def test_a_long_call_lets_other_threads_run_and_reports() -> None:
    process = Machine("linux").spawn()
    address = process.mmap(PAGE)
    seen: list[tuple[int, int | None]] = []
    counted = 0
    stop = threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    addresses = np.full(3_000_000, address)
    thread.start()
    before = counted
    process.access_many(addresses, progress=lambda done, total: seen.append((done, total)))
    assert counted - before > 100
    stop.set()
    thread.join()
    assert all(total == len(addresses) for _, total in seen)
    with pytest.raises(LookupError):
        process.access_many(np.full(20_000_000, address), progress=lambda done, total: {}[done])


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT as a terminal does")
@pytest.mark.parametrize(
    "work",
    [
        "process.access_many(np.full(1_000_000, address), 'read', 1 << 20)",
        "process.access(address, 1 << 46)",
        "memcore.run_machine(trace, ['linux'] * 40, threads=1)",
        "process.machine.run([trace] * 40)",
    ],
)
def test_ctrl_c_ends_a_long_call(work: str) -> None:
    script = f"""
import time
import numpy as np
import memcore
process = memcore.Machine("linux").spawn()
address = process.mmap(1 << 46, 'r', noreserve=True)
trace = None
if "trace" in {work!r}:
    # A page in turns, so that equal accesses do not become one run.
    trace = memcore.AccessTrace.from_arrays(np.tile(np.arange(0, 1 << 20, 4096, dtype=np.uint64), 16_000))
try:
    print("ready", flush=True)
    {work}
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.3)
        interrupted = time.monotonic()
        child.send_signal(signal.SIGINT)
        answered = float(child.stdout.readline())
    # The promise is 50 ms; the rest is what a busy machine may take to schedule two processes.
    assert answered - interrupted < 1.0
