"""The memory hierarchy and the TLB: counts by hand, times, what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memcore
from memcore import AccessTrace, Hierarchy, Tlb

SMALL = "l1:sets=2,ways=1,line=16,latency=1 l2:sets=2,ways=2,line=16,latency=10 ram:latency=100"


def test_an_access_costs_what_the_level_that_answers_costs() -> None:
    memory = Hierarchy(SMALL)
    # Lines 0 and 2 share a set of l1, and fit into one of l2.
    assert [memory.access(address) for address in (0, 15, 32, 0, 16)] == [100, 1, 100, 10, 100]
    l1, l2 = memory.stats().values()
    assert (l1["accesses"], l1["hits"], l1["misses"], l1["evictions"]) == (5, 1, 4, 2)
    assert (l2["accesses"], l2["hits"], l2["misses"]) == (4, 1, 3)
    assert l1["miss_ratio"] == 0.8 and l1["read"] == {"accesses": 5, "misses": 4}
    time = memory.average_access_time()
    assert time["accesses"] == 5 and time["average"] == (100 + 1 + 100 + 10 + 100) / 5
    assert [share["name"] for share in time["shares"]] == ["l1", "l2", "ram"]
    assert [share["cycles"] for share in time["shares"]] == [5, 4 * 9, 3 * 90]


def test_writes_go_back_when_lines_leave() -> None:
    memory = Hierarchy("l1:sets=1,ways=1,line=16,latency=1 ram:latency=100")
    memory.access(0, kind="write")
    memory.access(16)
    assert memory.stats()["l1"]["write_backs"] == 1 and memory.memory_stats()["writes"] == 1
    memory.access(16, kind="write")
    assert memory.flush() == 1
    assert memory.find(16) is None


def test_looking_without_accessing() -> None:
    memory = Hierarchy(SMALL)
    memory.access(0)
    memory.access(32)
    assert (memory.find(0), memory.find(32), memory.find(64)) == ("l2", "l1", None)
    assert memory.contains("l2", 0) and not memory.contains("l1", 0)
    assert memory.levels == ["l1", "l2"] and memory.accesses == 2
    with pytest.raises(memcore.UnknownNameError) as caught:
        memory.contains("l3", 0)
    assert caught.value.known == ("l1", "l2")
    assert memory.invalidate(0, 64) == 3 and memory.find(32) is None
    memory.reset_stats()
    assert memory.accesses == 0


def test_a_trace_is_so_many_accesses() -> None:
    addresses = np.arange(5000, dtype=np.uint64) * 7919 % 100_000
    trace = AccessTrace.from_arrays(addresses, sizes=np.full(5000, 8), writes=addresses % 3 == 0)
    one, many = Hierarchy("intel-skylake"), Hierarchy("intel-skylake")
    cycles = sum(
        one.access(int(address), 8, "write" if address % 3 == 0 else "read") for address in addresses
    )
    assert many.run(trace) == cycles
    assert many.stats() == one.stats() and many.memory_stats() == one.memory_stats()


def test_a_file_is_run_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "trace.lackey"
    path.write_text("".join(f" L {number * 4097 % 65536:08x},8\n" for number in range(20_000)), encoding="ascii")
    whole, streamed = Hierarchy("amd-zen2"), Hierarchy("amd-zen2")
    reports: list[tuple[int, int | None]] = []
    assert streamed.run(path, progress=lambda done, total: reports.append((done, total))) == whole.run(
        AccessTrace.open(path)
    )
    assert streamed.stats() == whole.stats()
    assert reports == sorted(reports)


def test_registers_count() -> None:
    memory = Hierarchy(["registers:latency=1", "l1:size=1K,latency=4", "ram:latency=104"])
    memory.access(0)
    memory.count_register_accesses(3)
    time = memory.average_access_time()
    assert (time["accesses"], time["average"]) == (4, (104 + 3) / 4)
    assert [share["name"] for share in time["shares"]] == ["registers", "l1", "ram"]


@pytest.mark.parametrize("name", memcore.hierarchies())
def test_the_ready_made_ones(name: str) -> None:
    memory = Hierarchy(name)
    assert Hierarchy(memory.config).config == memory.config
    assert memory.run(AccessTrace.from_arrays([0, 0, 1 << 40])) > 0
    memory.reset()
    assert memory.accesses == 0 and memory.metadata_bytes > 0


def test_tables() -> None:
    memory = Hierarchy(SMALL)
    memory.access(0)
    lines = str(memory).splitlines()
    assert lines[0].split()[:3] == ["place", "accesses", "misses"]
    assert lines[1].split()[:4] == ["l1", "1", "1", "100.00%"]
    assert lines[-1].split() == ["all", "100.000"]
    assert memory._repr_html_().count("<tr>") == 5
    assert repr(memory).startswith("Hierarchy('l1:")


@pytest.mark.parametrize(
    ("config", "error", "attributes"),
    [
        ("l1:size=1000,ways=3", memcore.BadParameterError, {"name": "size", "value": 1000}),
        ("l1:size=1K,line=48", memcore.BadParameterError, {"name": "line", "value": 48}),
        ("l1:size=1K,colour=red", memcore.UnknownNameError, {"name": "colour"}),
        ("l1:size=1K,policy=lur", memcore.UnknownNameError, {"name": "lur"}),
        ("l1:size=1K,latency=9 l2:size=2K,latency=4", memcore.BadLevelError, {"level": "l2"}),
        ("l1:size=1K l1:size=2K", memcore.BadLevelError, {"level": "l1"}),
        (5, TypeError, {}),
    ],
)
def test_hierarchies_that_cannot_be(config: Any, error: type[Exception], attributes: dict[str, Any]) -> None:
    with pytest.raises(error) as caught:
        Hierarchy(config)
    assert {name: getattr(caught.value, name) for name in attributes} == attributes


def test_accesses_that_cannot_be() -> None:
    memory = Hierarchy(SMALL)
    with pytest.raises(memcore.UnknownNameError) as caught:
        memory.access(0, kind="modify")
    assert caught.value.known == ("read", "write", "fetch")
    with pytest.raises(memcore.BadParameterError):
        memory.access(0, 1 << 40)
    with pytest.raises(memcore.OutOfRangeError):
        memory.access(-1)
    with pytest.raises(FileNotFoundError):
        memory.run("missing")
    assert memory.accesses == 0


def test_a_tlb() -> None:
    tlb = Tlb("dtlb:entries=4,ways=2,pages=4K;2M")
    assert tlb.insert(0x1000, 77, space=1) is None
    assert tlb.insert(0x20_0000, 88, page_size=2 << 20, space=1, is_global=True) is None
    assert (tlb.lookup(0x1FFF, 1), tlb.lookup(0x1FFF, 2), tlb.lookup(0x3F_FFFF, 2)) == (77, None, 88)
    entry = tlb.probe(0x1000, 1)
    assert entry is not None
    assert (entry.page, entry.page_size, entry.space, entry.is_global, entry.value) == (1, 4096, 1, False, 77)
    assert tlb.stats == {"hits": 2, "misses": 1, "evictions": 0, "invalidations": 0}
    assert len(tlb.entries()) == 2 and entry in tlb.entries()
    assert (tlb.invalidate_space(1), tlb.invalidate_page(0x20_0000, 5), tlb.invalidate_all()) == (1, 1, 0)
    # Pages 1, 3 and 5 share a set of two.
    evicted = [tlb.insert(page << 12, page) for page in (1, 3, 5)]
    assert evicted[:2] == [None, None] and evicted[2] is not None and evicted[2].value == 1
    assert tlb.invalidate_non_global() == 2
    tlb.reset()
    assert tlb.stats["misses"] == 0 and tlb.metadata_bytes > 0
    assert repr(tlb).startswith("Tlb('") and Tlb(tlb.config).config == tlb.config


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: Tlb("dtlb:ways=2"), memcore.BadSpecError),
        (lambda: Tlb("dtlb:entries=4,pages=3K"), memcore.BadParameterError),
        (lambda: Tlb("dtlb:entries=4,policy=arc"), memcore.MemcoreError),
        (lambda: Tlb("dtlb:entries=4").insert(0, 0, page_size=8192), memcore.BadParameterError),
        (lambda: Tlb("dtlb:entries=4").lookup(0, 2**32), memcore.BadParameterError),
    ],
)
def test_tlbs_that_cannot_be(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()
