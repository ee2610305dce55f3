//! `tests/vectors/vm/exercises.vec`: the exercises of the textbooks through the machine, as in C and Python.

use memcore::vm::*;
use std::collections::HashMap;

const FILE: &str = include_str!("../../../tests/vectors/vm/exercises.vec");
const PAGE: u64 = 4096;

/// A machine and the process that makes the calls.
struct Runner {
    machine: Machine,
    process: ProcessId,
}

/// What did not go well, as the file writes it.
struct Refused(String);

impl From<VmError> for Refused {
    fn from(error: VmError) -> Refused {
        Refused(format!("error {}", error.errno().map_or("none", Errno::name)))
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        Refused(format!("fault {} address={}", fault.kind.name(), fault.address))
    }
}

fn protection(text: &str) -> Protection {
    let bits = text.chars().zip([1, 2, 4]).map(|(letter, bit)| if letter == '-' { 0 } else { bit }).sum();
    Protection::from_bits(bits).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Runner {
    fn faults(&self) -> (u64, u64) {
        let counters = self.machine.counters();
        (counters[Count::Minor] + counters[Count::Major], counters[Count::Evicted])
    }

    fn call(&mut self, line: &str) -> Result<String, Refused> {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let (named, plain): (Vec<&str>, Vec<&str>) = words.partition(|word| word.contains('='));
        let named: HashMap<&str, &str> = named.iter().filter_map(|word| word.split_once('=')).collect();
        let number = |key: &str| named.get(key).map(|text| text.parse::<u64>().unwrap());
        let (address, length) = (number("address").unwrap_or(0), number("length").unwrap_or(0));
        let Runner { machine, process } = self;
        Ok(match name {
            "machine" => {
                let mut config = MachineConfig::preset(plain[0]).unwrap();
                named.iter().for_each(|(key, value)| config.set(key, value).unwrap());
                *machine = Machine::new(config)?;
                *process = machine.spawn()?;
                "ok".into()
            }
            "map" => {
                let allowed = protection(named.get("protection").unwrap_or(&"rw-"));
                let request = MapRequest::anonymous(length, allowed);
                let request = if named.contains_key("address") { request.fixed(address) } else { request };
                format!("address={}", machine.mmap(*process, &request)?)
            }
            "protect" => {
                machine.mprotect(*process, address, length, protection(named["protection"]))?;
                "ok".into()
            }
            "fork" => format!("process={}", machine.fork(*process)?),
            "as" => {
                *process = ProcessId(plain[0].parse().unwrap());
                "ok".into()
            }
            "references" => self.references(&plain)?,
            "read" => {
                let mut bytes = vec![0; length as usize];
                machine.read(*process, address, &mut bytes)?;
                hex(&bytes)
            }
            "write" => {
                let digits = named["bytes"].as_bytes().chunks(2);
                let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
                machine.write(*process, address, &digits.map(byte).collect::<Vec<u8>>())?;
                "ok".into()
            }
            "walk" => {
                let walk = machine.walk(*process, address)?;
                let mut text: String =
                    walk.steps.iter().map(|step| format!("{}:{} ", step.name, step.index)).collect();
                match walk.outcome {
                    WalkOutcome::Mapped { physical, .. } => {
                        text += &format!("mapped offset={}", physical % PAGE)
                    }
                    WalkOutcome::Swapped { .. } => text += "swapped",
                    WalkOutcome::Guard => text += "guard",
                    WalkOutcome::Empty { .. } => text += "empty",
                    _ => text += "not-canonical",
                }
                text
            }
            "count" => {
                let all: HashMap<_, _> =
                    machine.counters().iter().map(|(name, n)| (name.name(), n)).collect();
                plain.iter().map(|name| format!("{name}={}", all[name])).collect::<Vec<_>>().join(" ")
            }
            "time" => {
                let all: HashMap<_, _> = machine.time().iter().map(|(name, n)| (name.name(), n)).collect();
                plain.iter().map(|name| format!("{name}={}", all[name])).collect::<Vec<_>>().join(" ")
            }
            other => panic!("{other} is no call"),
        })
    }

    fn references(&mut self, words: &[&str]) -> Result<String, Refused> {
        let access = if words.contains(&"write") { Access::Write } else { Access::Read };
        let (faults, evicted) = self.faults();
        for part in words[0].split(',') {
            let (page, times) = part.split_once('*').unwrap_or((part, "1"));
            for _ in 0..times.parse::<u64>().unwrap() {
                self.machine.access(self.process, page.parse::<u64>().unwrap() * PAGE, 1, access)?;
            }
        }
        let now = self.faults();
        Ok(format!("faults={} evicted={}", now.0 - faults, now.1 - evicted))
    }
}

#[test]
fn exercises() {
    let machine = Machine::new(MachineConfig::preset("textbook").unwrap()).unwrap();
    let mut runner = Runner { machine, process: ProcessId(0) };
    let lines = FILE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        let (call, outcome) = line.split_once(" = ").unwrap();
        let answer = runner.call(call).unwrap_or_else(|Refused(text)| text);
        assert_eq!(answer, outcome, "{call}");
    }
}
