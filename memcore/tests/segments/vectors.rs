//! The files of segmentation in `tests/vectors/vm`: every line is answered as the file says.

use memcore::alloc::{AllocError, Budget, Stats};
use memcore::vm::segment::multics::{Brackets, MulticsFault, SegmentAccess};
use memcore::vm::segment::{
    Descriptor, DescriptorError, DescriptorTable, SegmentFault, SegmentKind, SegmentMemory,
    SegmentMemoryError, SegmentRegister, SegmentUnit, SegmentedPaging, SegmentedPagingError, Selector,
};
use memcore::vm::{Access, Protection};

/// A line's call, taken apart.
struct Call<'a> {
    words: Vec<&'a str>,
}

impl<'a> Call<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn number(&self, key: &str) -> u64 {
        self.text(key).unwrap_or_else(|| panic!("{key} is missing")).parse().unwrap()
    }

    /// The word at a place, as a decimal number.
    fn at(&self, place: usize) -> u32 {
        self.words[place].parse().unwrap()
    }

    fn hex(&self, place: usize) -> u64 {
        u64::from_str_radix(self.words[place], 16).unwrap()
    }

    fn access(&self) -> Access {
        match *self.words.last().unwrap() {
            "write" => Access::Write,
            "execute" => Access::Execute,
            _ => Access::Read,
        }
    }

    fn register(&self) -> SegmentRegister {
        SegmentRegister::ALL.into_iter().find(|register| register.name() == self.words[1]).unwrap()
    }

    fn protection(&self, text: &str) -> Protection {
        (0..8).filter_map(Protection::from_bits).find(|protection| protection.to_string() == text).unwrap()
    }
}

type Outcome = Result<String, String>;

fn yes(fact: bool) -> &'static str {
    if fact { "yes" } else { "no" }
}

fn ok(_: ()) -> String {
    "ok".to_string()
}

fn run(text: &str, mut answer: impl FnMut(&Call) -> Outcome) -> usize {
    let mut lines = 0;
    for (at, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let (call, expected) = line.split_once(" = ").unwrap_or_else(|| panic!("line {at}"));
        let outcome = answer(&Call { words: call.split(' ').collect() });
        assert_eq!(outcome.unwrap_or_else(|error| error), expected, "line {at}: {call}");
        lines += 1;
    }
    lines
}

fn of_descriptor(word: u64) -> String {
    let descriptor = Descriptor::decode(word);
    assert_eq!(descriptor.encode(), Ok(word));
    let Descriptor { base, limit, granular, kind, accessed, privilege, present, big, long, available } =
        descriptor;
    let kind = match kind {
        SegmentKind::Data { writable, expand_down } => {
            format!("data writable={} expand_down={}", yes(writable), yes(expand_down))
        }
        SegmentKind::Code { readable, conforming } => {
            format!("code readable={} conforming={}", yes(readable), yes(conforming))
        }
        SegmentKind::System { code } => format!("system code={code}"),
    };
    let offsets = descriptor.offsets().map_or("none".to_string(), |(first, last)| format!("{first}-{last}"));
    let [granular, accessed, present, big, long, available] =
        [granular, accessed, present, big, long, available].map(yes);
    format!(
        "base={base} limit={limit} granular={granular} kind={kind} accessed={accessed} privilege={privilege} \
         present={present} big={big} long={long} available={available} offsets={offsets}"
    )
}

fn table(words: &str) -> DescriptorTable {
    let words: Vec<u64> = words.split(',').map(|word| u64::from_str_radix(word, 16).unwrap()).collect();
    DescriptorTable::from_words(&words).unwrap()
}

fn fault(fault: SegmentFault) -> String {
    format!("fault {} {:04x} {}", fault.vector.name(), fault.code, fault.reason.name())
}

fn bad(DescriptorError { field, value, .. }: DescriptorError) -> String {
    format!("error Descriptor field={field} value={value}")
}

fn of_unit(unit: &mut Option<SegmentUnit>, call: &Call) -> Outcome {
    if call.words[0] == "descriptor" {
        return Ok(of_descriptor(call.hex(1)));
    }
    if call.words[0] == "unit" {
        let gdt = table(call.text("gdt").unwrap());
        let mut made = SegmentUnit::new(gdt, call.number("privilege") as u8).map_err(bad)?;
        made.set_local_table(call.text("ldt").map(table));
        *unit = Some(made);
        return Ok(ok(()));
    }
    let unit = unit.as_mut().unwrap();
    let selector = |place| Selector(call.hex(place) as u16);
    let offset = || call.number("offset") as u32;
    match call.words[0] {
        "load" => unit.load(call.register(), selector(2)).map(ok).map_err(fault),
        "far_jump" => unit.far_jump(selector(1), offset()).map(ok).map_err(fault),
        "far_return" => {
            let stack = Selector(u16::from_str_radix(call.text("stack").unwrap(), 16).unwrap());
            unit.far_return(selector(1), offset(), stack).map(ok).map_err(fault)
        }
        "access" => {
            let found = unit.translate(call.register(), offset(), call.number("size") as u32, call.access());
            found.map(|range| format!("start={}", range.start)).map_err(fault)
        }
        "registers" => {
            let held = SegmentRegister::ALL.map(|register| (register.name(), unit.selector(register).0));
            let told: Vec<String> = held.iter().map(|(name, held)| format!("{name}={held:04x}")).collect();
            Ok(format!("privilege={} {}", unit.privilege(), told.join(" ")))
        }
        "set" => {
            let table = match call.words[1] {
                "gdt" => unit.global_table_mut(),
                _ => unit.local_table_mut().unwrap(),
            };
            table.set(call.at(2) as u16, Descriptor::decode(call.hex(3))).map(ok).map_err(bad)
        }
        "word" => {
            let table =
                if call.words[1] == "gdt" { unit.global_table() } else { unit.local_table().unwrap() };
            Ok(format!("{:016x}", table.words()[call.at(2) as usize]))
        }
        other => panic!("no call {other}"),
    }
}

fn paging_error(error: SegmentedPagingError) -> String {
    use SegmentedPagingError as E;
    let words = match error {
        E::Invalid { what, value, .. } => format!("Invalid what={what} value={value}"),
        E::Unknown { what, value } => format!("Unknown what={what} value={value}"),
        E::Taken { what, value } => format!("Taken what={what} value={value}"),
        E::Attached { segment, times } => format!("Attached segment={segment} times={times}"),
        E::NoFrames { frames } => format!("NoFrames frames={frames}"),
        other => panic!("{other}"),
    };
    format!("error {words}")
}

fn of_paging(machine: &mut Option<SegmentedPaging>, call: &Call) -> Outcome {
    if call.words[0] == "paging" {
        let (page_size, frames) = (call.number("page_size"), call.number("frames") as u32);
        *machine = Some(SegmentedPaging::new(page_size, frames).map_err(paging_error)?);
        return Ok(ok(()));
    }
    let machine = machine.as_mut().unwrap();
    let number = |key| call.number(key) as u32;
    let trap = |fault: MulticsFault| format!("fault {}", fault.kind.name());
    let plain = |number: u32| number.to_string();
    let word = |word: memcore::vm::segment::multics::PageWord| {
        let frame = word.frame.map_or("none".to_string(), |frame| frame.to_string());
        format!("frame={frame} used={} modified={}", yes(word.used), yes(word.modified))
    };
    match call.words[0] {
        "process" => machine.add_process(number("bound")).map(plain).map_err(paging_error),
        "segment" => machine.create_segment(call.number("length")).map(plain).map_err(paging_error),
        "delete" => machine.delete_segment(call.at(1)).map(ok).map_err(paging_error),
        "length" => machine.set_length(call.at(1), call.number("words")).map(ok).map_err(paging_error),
        "attach" => {
            let mut access = SegmentAccess::new(call.protection(call.text("modes").unwrap()));
            if let Some(rings) = call.text("rings") {
                let rings: Vec<u8> = rings.split(',').map(|ring| ring.parse().unwrap()).collect();
                access.brackets = Brackets::new(rings[0], rings[1], rings[2]).map_err(paging_error)?;
            }
            access.gates = call.text("gates").map_or(0, |gates| gates.parse().unwrap());
            machine
                .attach(call.at(1), number("number"), number("segment"), access)
                .map(ok)
                .map_err(paging_error)
        }
        "detach" => machine.detach(call.at(1), number("number")).map(plain).map_err(paging_error),
        "bring_in" => {
            let frame = machine.bring_in(call.at(1), number("page"));
            frame.map(|frame| format!("frame={frame}")).map_err(paging_error)
        }
        "put_out" => machine.put_out(call.at(1), number("page")).map(word).map_err(paging_error),
        "page" => machine.page(call.at(1), number("page")).map(word).map_err(paging_error),
        "frames" => {
            let (frames, free) = machine.frames();
            Ok(format!("{frames},{free}"))
        }
        "refer" => {
            let (ring, offset) = (number("ring") as u8, call.number("offset"));
            let found = machine.translate(call.at(1), ring, number("number"), offset, call.access());
            found.map(|address| format!("address={address}")).map_err(trap)
        }
        "walk" => {
            let (ring, offset) = (number("ring") as u8, call.number("offset"));
            let walk = machine.walk(call.at(1), ring, number("number"), offset, call.access());
            Ok(walk.to_string().replace('\n', "\\n"))
        }
        "call" => {
            let ring =
                machine.call(call.at(1), number("ring") as u8, number("number"), call.number("offset"));
            ring.map(|ring| format!("ring={ring}")).map_err(trap)
        }
        "check" => machine.validate().map(ok).map_err(str::to_string),
        other => panic!("no call {other}"),
    }
}

fn memory_error(error: SegmentMemoryError) -> String {
    use SegmentMemoryError as E;
    let words = match error {
        E::Unknown { segment } => format!("Unknown segment={segment}"),
        E::NotPresent { segment } => format!("NotPresent segment={segment}"),
        E::Present { segment } => format!("Present segment={segment}"),
        E::Limit { segment, offset, size, length } => {
            format!("Limit segment={segment} offset={offset} size={size} length={length}")
        }
        E::Protection { segment, access } => format!("Protection segment={segment} access={}", access.name()),
        E::Alloc(AllocError::OutOfSpace { size, alignment, free, largest_hole }) => {
            format!("OutOfSpace size={size} alignment={alignment} free={free} largest_hole={largest_hole}")
        }
        E::Alloc(AllocError::ZeroSize) => "ZeroSize".to_string(),
        E::Alloc(AllocError::Unsupported { .. }) => "Unsupported".to_string(),
        E::Alloc(AllocError::NotTop { .. }) => "NotTop".to_string(),
        other => panic!("{other}"),
    };
    format!("error {words}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_memory(memory: &mut Option<SegmentMemory>, call: &Call) -> Outcome {
    if call.words[0] == "memory" {
        let made = SegmentMemory::new(&call.words[1].parse().unwrap(), call.number("capacity"));
        *memory = Some(made.map_err(memory_error)?);
        return Ok(ok(()));
    }
    let memory = memory.as_mut().unwrap();
    match call.words[0] {
        "create" => {
            let protection = call.protection(call.text("protection").unwrap());
            let number = memory.create(call.number("length"), protection);
            number.map(|number| number.to_string()).map_err(memory_error)
        }
        "destroy" => memory.destroy(call.at(1)).map(ok).map_err(memory_error),
        "resize" => {
            let moved = memory.resize(call.at(1), call.number("length"));
            moved.map(|moved| format!("moved={}", yes(moved))).map_err(memory_error)
        }
        "protect" => memory.protect(call.at(1), call.protection(call.words[2])).map(ok).map_err(memory_error),
        "translate" => {
            let (offset, size) = (call.number("offset"), call.number("size"));
            let found = memory.translate(call.at(1), offset, size, call.access());
            found.map(|address| format!("address={address}")).map_err(memory_error)
        }
        "write" => {
            let text = call.words[3];
            let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
            memory.write(call.at(1), call.number("offset"), &bytes).map(ok).map_err(memory_error)
        }
        "read" => {
            let mut bytes = vec![0; call.number("size") as usize];
            let read = memory.read(call.at(1), call.number("offset"), &mut bytes);
            read.map(|()| hex(&bytes)).map_err(memory_error)
        }
        "compact" => {
            let report = memory.compact(Budget::UNLIMITED);
            report
                .map(|report| format!("moved={} bytes={}", report.moved, report.bytes))
                .map_err(memory_error)
        }
        "swap_out" => memory.swap_out(call.at(1)).map(ok).map_err(memory_error),
        "swap_in" => memory.swap_in(call.at(1)).map(|base| format!("base={base}")).map_err(memory_error),
        "rows" => {
            let told = memory.rows().map(|row| {
                let base = row.base.map_or("out".to_string(), |base| base.to_string());
                format!("{}:{base}:{}:{}", row.segment, row.length, row.protection)
            });
            Ok(told.collect::<Vec<_>>().join(" "))
        }
        "stats" => {
            let Stats { used, free, requested, blocks, holes, largest_hole, .. } = memory.stats();
            Ok(format!(
                "used={used} free={free} requested={requested} blocks={blocks} holes={holes} largest_hole={largest_hole}"
            ))
        }
        "check" => memory.validate().map(ok).map_err(str::to_string),
        other => panic!("no call {other}"),
    }
}

#[test]
fn the_segment_unit() {
    let mut unit = None;
    let lines =
        run(include_str!("../../../tests/vectors/vm/segment_unit.vec"), |call| of_unit(&mut unit, call));
    assert_eq!(lines, 67);
}

#[test]
fn segmented_paging() {
    let mut machine = None;
    let text = include_str!("../../../tests/vectors/vm/segmented_paging.vec");
    assert_eq!(run(text, |call| of_paging(&mut machine, call)), 61);
}

#[test]
fn segment_memory() {
    let mut memory = None;
    let text = include_str!("../../../tests/vectors/vm/segment_memory.vec");
    assert_eq!(run(text, |call| of_memory(&mut memory, call)), 63);
}
