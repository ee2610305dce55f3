"""The virtual memory manager and segmentation as Python has them: numbers, texts, copies, pictures."""

from __future__ import annotations

import copy

import pytest

import memcore


def test_numbers_outside_64_bits() -> None:
    vmm = memcore.VirtualMemoryManager(4096, 8)
    for number in (2**63, -(2**63) - 1, 10**100):
        with pytest.raises(memcore.OutOfRangeError) as caught:
            vmm.translate(number)
        assert caught.value.value == number
    with pytest.raises(memcore.InvalidAddressError) as refused:
        vmm.translate(-(2**63))
    assert (refused.value.address, refused.value.end) == (-(2**63), 32768)
    with pytest.raises(TypeError):
        vmm.translate("0")  # type: ignore[arg-type]


def test_words_that_mean_nothing() -> None:
    vmm = memcore.VirtualMemoryManager(4096, 8)
    vmm.allocate_page(0)
    with pytest.raises(memcore.UnknownNameError, match="known: read, write, execute"):
        vmm.translate(0, "fetch")
    for protection in ("", "rw", "wr-", "rwxx"):
        with pytest.raises(memcore.UnknownNameError):
            vmm.protect_page(0, protection)
    with pytest.raises(memcore.UnknownNameError):
        memcore.VirtualMemoryManager(4096, 8, policy="lur")
    with pytest.raises(memcore.UnknownNameError):
        memcore.SegmentUnit([0]).load("xs", 0)
    with pytest.raises(memcore.UnknownNameError):
        memcore.SegmentDescriptor.of_size(0, 1, "stack")
    with pytest.raises(memcore.UnknownNameError):
        memcore.SegmentMemory(100, "fist-fit")


def test_copies_are_independent() -> None:
    vmm = memcore.VirtualMemoryManager(100, 4, frames=2, policy="lru")
    vmm.allocate_page(0)
    for twin in (copy.copy(vmm), copy.deepcopy(vmm)):
        twin.allocate_page(1)
        assert twin.statistics["used_pages"] == 2
    assert vmm.statistics["used_pages"] == 1
    memory = memcore.SegmentMemory(100)
    segment = memory.create(10)
    memory.write(segment, 0, b"old")
    other = copy.deepcopy(memory)
    other.write(segment, 0, b"new")
    assert memory.read(segment, 0, 3) == b"old"
    machine = memcore.SegmentedPaging(10, 2)
    copy.copy(machine).add_process(1)
    assert machine.add_process(1) == 0
    unit = memcore.SegmentUnit([0, 0x00CF92000000FFFF])
    copy.copy(unit).load("ds", 8)
    assert unit.descriptor("ds") is None and unit.selector("ds").is_null


def test_how_they_are_shown() -> None:
    vmm = memcore.VirtualMemoryManager(100, 4, frames=2, policy="lru")
    assert repr(vmm) == "VirtualMemoryManager(100, 4, 2, 'lru')"
    for page in range(3):
        vmm.allocate_page(page)
    html = vmm._repr_html_()
    assert "<td>yes</td>" in html and "3 of 4 pages in 2 of 2 frames" in html and "1 replacements" in html
    memory = memcore.SegmentMemory(1000, "best-fit")
    assert repr(memory) == "SegmentMemory(1000, 'best-fit')"
    for _ in range(120):
        memory.create(5)
    memory.swap_out(3)
    html = memory._repr_html_()
    assert html.count("<tr>") == 101 and "and 20 more" in html and "<td>out</td>" in html
    unit = memcore.SegmentUnit([0, 0x00CF92000000FFFF])
    unit.load("ds", memcore.Selector.of(1))
    assert "ds=0x0008" in repr(unit)
    assert repr(unit.descriptor("ds")) == "SegmentDescriptor(0x00cf93000000ffff)"
    assert repr(memcore.SegmentedPaging(10, 2)) == "<SegmentedPaging in pages of 10: 0 of 2 frames taken>"
    found = vmm.translate(0)
    assert repr(found) == f"Translation(address={found.address}, page=0, frame={found.frame}, hit=False, evicted=1)"


def test_selectors_and_descriptors_are_values() -> None:
    assert memcore.Selector.of(8191, is_local=True, privilege=3) == memcore.Selector(0xFFFF)
    for index, privilege in ((8192, 0), (1, 4), (2**40, 0)):
        with pytest.raises(memcore.BadParameterError):
            memcore.Selector.of(index, privilege=privilege)
    with pytest.raises(memcore.BadParameterError):
        memcore.Selector(0x10000)
    stack = memcore.SegmentDescriptor.of_size(0, 4096, expand_down=True)
    assert stack.offsets == (4096, 2**32 - 1) and stack.holds(4096, 4) and not stack.holds(4095, 4)
    assert len({stack, memcore.SegmentDescriptor(stack.word)}) == 1
    for size in (0, 2**20 + 1, 2**33):
        with pytest.raises(memcore.BadParameterError) as caught:
            memcore.SegmentDescriptor.of_size(0, size)
        assert caught.value.value == size


def test_the_local_table_may_be_set() -> None:
    unit = memcore.SegmentUnit([0])
    assert unit.ldt is None
    with pytest.raises(memcore.BadParameterError, match="no local table"):
        unit.set_entry(0, 0, is_local=True)
    unit.ldt = [0x00CF92000000FFFF]
    unit.load("es", memcore.Selector.of(0, is_local=True))
    assert unit.ldt == [0x00CF93000000FFFF]
    unit.ldt = None
    assert unit.translate("es", 5) == 5
    with pytest.raises(memcore.SegmentFaultError) as caught:
        unit.load("es", 4)
    assert (caught.value.vector, caught.value.code, caught.value.reason) == ("GP", 4, "outside-table")


def test_a_budget_of_compaction() -> None:
    memory = memcore.SegmentMemory(100)
    first, *_ = [memory.create(10) for _ in range(3)]
    memory.destroy(first)
    assert memory.can_compact and memory.compact(max_bytes=9) == {"moved": 0, "bytes": 0}
    assert memory.compact(max_moves=1) == {"moved": 1, "bytes": 10}
    assert memory.capacity == 100 and memory.strategy == "first-fit"
    assert not memcore.SegmentMemory(128, "buddy").can_compact
    with pytest.raises(IndexError):
        memory.read(1, 0, 11)
