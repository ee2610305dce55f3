"""The files of ``tests/vectors/vm``, which run through Rust, C and Python alike: every outcome agrees to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import memcore

FOLDER = Path(__file__).parents[1] / "vectors" / "vm"

#: The vectors' name of each error, and its fields.
ERRORS: dict[type[memcore.MemcoreError], tuple[str, tuple[str, ...]]] = {
    memcore.InvalidPageError: ("InvalidPage", ("page", "pages")),
    memcore.InvalidAddressError: ("InvalidAddress", ("address", "end")),
    memcore.AlreadyAllocatedError: ("AlreadyAllocated", ("page",)),
    memcore.NotAllocatedError: ("NotAllocated", ("page",)),
    memcore.PageFaultError: ("PageFault", ("page",)),
    memcore.PageProtectionError: ("Protection", ("page", "access")),
    memcore.NeedsFutureError: ("NeedsFuture", ("policy",)),
    memcore.VariesAllocationError: ("VariesAllocation", ("policy",)),
    memcore.UnknownNumberError: ("Unknown", ("what", "value")),
    memcore.TakenError: ("Taken", ("what", "value")),
    memcore.SegmentAttachedError: ("Attached", ("segment", "times")),
    memcore.OutOfFramesError: ("NoFrames", ("frames",)),
    memcore.SegmentSwappedError: ("NotPresent", ("segment",)),
    memcore.AlreadyPresentError: ("Present", ("segment",)),
    memcore.SegmentLimitError: ("Limit", ("segment", "offset", "size", "length")),
    memcore.SegmentProtectionError: ("Protection", ("segment", "access")),
    memcore.OutOfSpaceError: ("OutOfSpace", ("size", "alignment", "free", "largest_hole")),
    memcore.ZeroSizeError: ("ZeroSize", ()),
    memcore.UnsupportedError: ("Unsupported", ()),
    memcore.NotTopError: ("NotTop", ()),
}

ACCESSES = ("read", "write", "execute")


def yes(fact: bool) -> str:
    return "yes" if fact else "no"


def some(value: int | None) -> str:
    return "none" if value is None else str(value)


def lines(text: str) -> str:
    return text.replace("\n", "\\n")


class Call:
    """A line's call, taken apart."""

    def __init__(self, text: str) -> None:
        self.words = text.split(" ")
        self.values = dict(word.split("=", 1) for word in self.words if "=" in word)

    def number(self, key: str) -> int:
        return int(self.values[key])

    def at(self, place: int) -> int:
        return int(self.words[place])

    def hex(self, place: int) -> int:
        return int(self.words[place], 16)

    @property
    def access(self) -> str:
        return self.words[-1] if self.words[-1] in ACCESSES else "read"


class Managers:
    def manager(self, call: Call) -> None:
        frames = call.number("frames") if "frames" in call.values else None
        policy = call.values.get("policy", "fifo")
        self.vmm = memcore.VirtualMemoryManager(call.number("page_size"), call.number("pages"), frames, policy)

    def allocate(self, call: Call) -> str:
        return f"frame={self.vmm.allocate_page(call.at(1))}"

    def deallocate(self, call: Call) -> None:
        self.vmm.deallocate_page(call.at(1))

    def protect(self, call: Call) -> None:
        self.vmm.protect_page(call.at(1), call.words[2])

    def clear_referenced(self, call: Call) -> None:
        self.vmm.clear_referenced(call.at(1))

    def translate(self, call: Call) -> str:
        found = self.vmm.translate(call.at(1), call.access)
        hit = "hit" if found.hit else "fault"
        return (
            f"address={found.address} page={found.page} frame={found.frame} {hit} evicted={some(found.evicted)}"
        )

    def entry(self, call: Call) -> str:
        row = self.vmm.entry(call.at(1))
        assert row["page"] == call.at(1) and row["present"] == (row["frame"] is not None)
        return (
            f"allocated={yes(row['allocated'])} frame={some(row['frame'])} modified={yes(row['modified'])} "
            f"referenced={yes(row['referenced'])} protection={row['protection']}"
        )

    def statistics(self, call: Call) -> str:
        figures = self.vmm.statistics
        assert len(self.vmm.rows()) == figures["used_pages"]
        return " ".join(f"{name}={value}" for name, value in figures.items())

    def free_frames(self, call: Call) -> str:
        return ",".join(map(str, self.vmm.free_frames)) or "none"

    def table(self, call: Call) -> str:
        return lines(self.vmm.page_table())

    def summary(self, call: Call) -> str:
        return lines(self.vmm.summary())

    def validate(self, call: Call) -> None:
        self.vmm.validate()


class Units:
    def descriptor(self, call: Call) -> str:
        of = memcore.SegmentDescriptor(call.hex(1))
        assert of.word == call.hex(1)
        kind = {
            "data": f"data writable={yes(of.writable)} expand_down={yes(of.expand_down)}",
            "code": f"code readable={yes(of.readable)} conforming={yes(of.conforming)}",
            "system": f"system code={of.system_code}",
        }[of.kind]
        offsets = "none" if of.offsets is None else f"{of.offsets[0]}-{of.offsets[1]}"
        return (
            f"base={of.base} limit={of.limit} granular={yes(of.granular)} kind={kind} accessed={yes(of.accessed)} "
            f"privilege={of.privilege} present={yes(of.present)} big={yes(of.big)} long={yes(of.long)} "
            f"available={yes(of.available)} offsets={offsets}"
        )

    def unit(self, call: Call) -> None:
        def table(key: str) -> list[int]:
            return [int(word, 16) for word in call.values[key].split(",")]

        ldt = table("ldt") if "ldt" in call.values else None
        self.cpu = memcore.SegmentUnit(table("gdt"), ldt, call.number("privilege"))

    def load(self, call: Call) -> None:
        self.cpu.load(call.words[1], call.hex(2))

    def far_jump(self, call: Call) -> None:
        self.cpu.far_jump(call.hex(1), call.number("offset"))

    def far_return(self, call: Call) -> None:
        self.cpu.far_return(call.hex(1), call.number("offset"), int(call.values["stack"], 16))

    def access(self, call: Call) -> str:
        start = self.cpu.translate(call.words[1], call.number("offset"), call.number("size"), call.access)
        return f"start={start}"

    def registers(self, call: Call) -> str:
        held = " ".join(f"{name}={int(selector):04x}" for name, selector in self.cpu.registers.items())
        return f"privilege={self.cpu.privilege} {held}"

    def set(self, call: Call) -> None:
        self.cpu.set_entry(call.at(2), call.hex(3), is_local=call.words[1] == "ldt")

    def word(self, call: Call) -> str:
        table = self.cpu.gdt if call.words[1] == "gdt" else self.cpu.ldt
        assert table is not None
        self.cpu.validate()
        return f"{table[call.at(2)]:016x}"


class Machines:
    def paging(self, call: Call) -> None:
        self.machine = memcore.SegmentedPaging(call.number("page_size"), call.number("frames"))

    def process(self, call: Call) -> str:
        return str(self.machine.add_process(call.number("bound")))

    def segment(self, call: Call) -> str:
        return str(self.machine.create_segment(call.number("length")))

    def delete(self, call: Call) -> None:
        self.machine.delete_segment(call.at(1))

    def length(self, call: Call) -> None:
        self.machine.set_length(call.at(1), call.number("words"))
        assert self.machine.length(call.at(1)) == call.number("words")

    def attach(self, call: Call) -> None:
        rings = None
        if "rings" in call.values:
            r1, r2, r3 = (int(ring) for ring in call.values["rings"].split(","))
            rings = (r1, r2, r3)
        gates = int(call.values.get("gates", "0"))
        modes, segment = call.values["modes"], call.number("segment")
        self.machine.attach(call.at(1), call.number("number"), segment, modes, rings, gates)

    def detach(self, call: Call) -> str:
        return str(self.machine.detach(call.at(1), call.number("number")))

    def bring_in(self, call: Call) -> str:
        return f"frame={self.machine.bring_in(call.at(1), call.number('page'))}"

    @staticmethod
    def told(word: dict[str, Any]) -> str:
        return f"frame={some(word['frame'])} used={yes(word['used'])} modified={yes(word['modified'])}"

    def put_out(self, call: Call) -> str:
        return self.told(self.machine.put_out(call.at(1), call.number("page")))

    def page(self, call: Call) -> str:
        return self.told(self.machine.page(call.at(1), call.number("page")))

    def frames(self, call: Call) -> str:
        return f"{self.machine.frames},{self.machine.free_frames}"

    def refer(self, call: Call) -> str:
        number, offset, ring = call.number("number"), call.number("offset"), call.number("ring")
        return f"address={self.machine.translate(call.at(1), number, offset, call.access, ring)}"

    def walk(self, call: Call) -> str:
        number, offset, ring = call.number("number"), call.number("offset"), call.number("ring")
        return lines(self.machine.walk(call.at(1), number, offset, call.access, ring))

    def call(self, call: Call) -> str:
        number, offset, ring = call.number("number"), call.number("offset"), call.number("ring")
        return f"ring={self.machine.call(call.at(1), number, offset, ring)}"

    def check(self, call: Call) -> None:
        self.machine.validate()


class Memories:
    def memory(self, call: Call) -> None:
        self.space = memcore.SegmentMemory(call.number("capacity"), call.words[1])

    def create(self, call: Call) -> str:
        return str(self.space.create(call.number("length"), call.values["protection"]))

    def destroy(self, call: Call) -> None:
        self.space.destroy(call.at(1))

    def resize(self, call: Call) -> str:
        return f"moved={yes(self.space.resize(call.at(1), call.number('length')))}"

    def protect(self, call: Call) -> None:
        self.space.protect(call.at(1), call.words[2])

    def translate(self, call: Call) -> str:
        found = self.space.translate(call.at(1), call.number("offset"), call.number("size"), call.access)
        return f"address={found}"

    def write(self, call: Call) -> None:
        self.space.write(call.at(1), call.number("offset"), bytes.fromhex(call.words[3]))

    def read(self, call: Call) -> str:
        return self.space.read(call.at(1), call.number("offset"), call.number("size")).hex()

    def compact(self, call: Call) -> str:
        return " ".join(f"{name}={value}" for name, value in self.space.compact().items())

    def swap_out(self, call: Call) -> None:
        self.space.swap_out(call.at(1))

    def swap_in(self, call: Call) -> str:
        return f"base={self.space.swap_in(call.at(1))}"

    def rows(self, call: Call) -> str:
        def told(row: dict[str, Any]) -> str:
            base = "out" if row["base"] is None else row["base"]
            return f"{row['segment']}:{base}:{row['length']}:{row['protection']}"

        return " ".join(map(told, self.space.rows()))

    def stats(self, call: Call) -> str:
        names = ("used", "free", "requested", "blocks", "holes", "largest_hole")
        return " ".join(f"{name}={getattr(self.space.stats, name)}" for name in names)

    def check(self, call: Call) -> None:
        self.space.validate()


def failure(error: memcore.MemcoreError, file: str) -> str:
    if isinstance(error, memcore.SegmentFaultError):
        return f"fault {error.vector} {error.code:04x} {error.reason}"
    if isinstance(error, memcore.MulticsFaultError):
        return f"fault {error.kind}"
    if isinstance(error, memcore.BadParameterError):
        if file == "segment_unit.vec":
            return f"error Descriptor field={error.name} value={error.value}"
        if file == "segmented_paging.vec":
            return f"error Invalid what={error.name} value={error.value}"
        if error.name == "page_size":
            return f"error PageSize page_size={error.value}"
        if error.name == "frames":
            return f"error Frames frames={error.value}"
        if error.value == 0:
            return f"error Pages pages={error.value}"
        # The exception says which number is too large; the size of the pages is in its message.
        size = str(error).split(" bytes")[0].split(" ")[-1]
        return f"error TooLarge count={error.value} page_size={size}"
    name, fields = ERRORS[type(error)]
    if name == "Unknown" and file == "segment_memory.vec":
        return f"error Unknown segment={error.value}"  # type: ignore[attr-defined]
    return " ".join(["error", name, *(f"{field}={getattr(error, field)}" for field in fields)])


@pytest.mark.parametrize(
    ("file", "world"),
    [
        ("manager.vec", Managers),
        ("segment_unit.vec", Units),
        ("segmented_paging.vec", Machines),
        ("segment_memory.vec", Memories),
    ],
)
def test_a_file(file: str, world: Callable[[], Any]) -> None:
    runner = world()
    run = 0
    for number, line in enumerate((FOLDER / file).read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        text, expected = line.split(" = ", 1)
        call = Call(text)
        try:
            outcome = getattr(runner, call.words[0])(call) or "ok"
        except memcore.MemcoreError as error:
            outcome = failure(error, file)
        assert outcome == expected, f"{file}:{number}: {text}"
        run += 1
    assert run > 50


def test_every_file_has_a_runner() -> None:
    known = {"manager.vec", "segment_unit.vec", "segmented_paging.vec", "segment_memory.vec"}
    assert known <= {path.name for path in FOLDER.glob("*.vec")}
