//! The machine as a world.

use crate::world::*;
use memcore::vm::{
    Advice, Count, Errno, Fault, FaultKind, Machine, MachineConfig, MapFlags, MapRequest, MemoryFile,
    ProcessId, Protection, Remap, VmError,
};

/// A machine, with the files that each world has.
pub struct Simulated {
    pub machine: Machine,
    processes: Vec<ProcessId>,
    files: [u32; 2],
    /// Leave what the machine places by itself where it is.
    keep: bool,
}

fn error(error: VmError) -> Answer {
    Answer::Error(error.errno().unwrap_or_else(|| panic!("{error}")).number())
}

fn done<T>(result: Result<T, VmError>, value: impl FnOnce(T) -> u64) -> Answer {
    result.map_or_else(error, |found| Answer::Done(value(found)))
}

fn fault(fault: Fault) -> Answer {
    let kind = match fault.kind {
        FaultKind::MapErr => Kind::MapErr,
        FaultKind::AccErr => Kind::AccErr,
        FaultKind::AdrErr => Kind::AdrErr,
        FaultKind::GeneralProtection => Kind::General,
        _ => Kind::Other,
    };
    Answer::Fault(kind, fault.address)
}

impl Simulated {
    pub fn new(config: MachineConfig, keep: bool) -> Simulated {
        let mut machine = Machine::new(config).unwrap();
        let bytes = |file: u32| (0..FILES[file as usize]).map(|i| content(file, i)).collect::<Vec<u8>>();
        let files = [
            machine.open(Box::new(MemoryFile::new(bytes(0)))).unwrap(),
            machine.open(Box::new(MemoryFile::read_only(bytes(1)))).unwrap(),
        ];
        // The other worlds begin with their files in memory.
        let reader = machine.spawn().unwrap();
        for file in 0..2 {
            let length = FILES[file];
            let at = machine.mmap(reader, &MapRequest::file(files[file], length, Protection::READ)).unwrap();
            machine.read(reader, at, &mut vec![0; length as usize]).unwrap();
        }
        machine.exit(reader).unwrap();
        let first = machine.spawn().unwrap();
        Simulated { machine, processes: vec![first], files, keep }
    }

    /// Where a process' heap begins.
    pub fn heap(&self) -> u64 {
        self.machine.layout(self.processes[0]).unwrap().brk_start
    }

    /// Where the machine places what nobody placed.
    pub fn window(&self) -> std::ops::Range<u64> {
        self.machine.layout(self.processes[0]).unwrap().mmap_window()
    }

    /// Has each process' pages collapsed where they can be.
    pub fn collapse(&mut self) {
        for process in self.machine.processes().collect::<Vec<_>>() {
            self.machine.collapse_scan(process).unwrap();
        }
    }

    fn faults_so_far(&self) -> u64 {
        self.machine.counters()[Count::Minor] + self.machine.counters()[Count::Major]
    }

    /// Takes what the machine placed by itself away, as the other worlds do.
    fn placed(&mut self, process: ProcessId, result: Result<u64, VmError>, length: u64) -> Answer {
        match result {
            Ok(at) if !self.keep && !(BASE..END).contains(&at) => {
                self.machine.munmap(process, at, length).unwrap();
                Answer::Done(ELSEWHERE)
            }
            other => done(other, |at| at),
        }
    }

    fn answer(&mut self, who: usize, call: &Call) -> Answer {
        let process = self.processes[who];
        let machine = &mut self.machine;
        match *call {
            Call::Map { at, length, protection, flags, file, offset } => {
                let request = MapRequest {
                    address: at,
                    length,
                    protection: Protection::from_bits(protection).unwrap(),
                    flags: MapFlags::from_bits(flags).unwrap(),
                    file: file.map(|file| *self.files.get(file as usize).unwrap_or(&NO_FILE)),
                    offset,
                    huge_level: 1,
                };
                let result = machine.mmap(process, &request);
                self.placed(process, result, length)
            }
            Call::Unmap { at, length } => done(machine.munmap(process, at, length), |()| 0),
            Call::Protect { at, length, protection } => {
                let protection = Protection::from_bits(protection).unwrap();
                done(machine.mprotect(process, at, length, protection), |()| 0)
            }
            Call::Remap { at, old, new, way } => {
                let how = match way {
                    Way::InPlace => Remap::InPlace,
                    Way::MayMove => Remap::MayMove,
                    Way::To(to) => Remap::Fixed(to),
                };
                let result = machine.mremap(process, at, old, new, how);
                if way == Way::MayMove { self.placed(process, result, new) } else { done(result, |at| at) }
            }
            Call::Advise { at, length, advice } => {
                let advised = Advice::from_number(advice)
                    .and_then(|advice| machine.madvise(process, at, length, advice));
                done(advised, |()| 0)
            }
            Call::Lock { at, length } => done(machine.mlock(process, at, length), |()| 0),
            Call::LockOnFault { at, length } => done(machine.mlock_on_fault(process, at, length), |()| 0),
            Call::Unlock { at, length } => done(machine.munlock(process, at, length), |()| 0),
            Call::Sync { at, length } => done(machine.msync(process, at, length), |()| 0),
            Call::Incore { at, length } => {
                machine.mincore(process, at, length).map_or_else(error, Answer::Bits)
            }
            Call::Break { by } => {
                let old = machine.brk(process, 0).unwrap();
                let new = machine.brk(process, old.wrapping_add_signed(by)).unwrap();
                Answer::Done(new.abs_diff(old))
            }
            Call::Read { at, length } => {
                let mut bytes = vec![0xee; length as usize];
                let read = machine.read(process, at, &mut bytes);
                read.map_or_else(fault, |()| Answer::Bytes(bytes))
            }
            Call::Write { at, ref bytes } => {
                machine.write(process, at, bytes).map_or_else(fault, |()| Answer::Done(0))
            }
            Call::Execute { at } => machine.execute(process, at, 1).map_or_else(fault, |()| Answer::Done(0)),
            Call::CompareExchange { at, expected, new } => {
                let swapped = machine.compare_exchange(process, at, &[expected], &[new]);
                swapped.map_or_else(fault, |swapped| Answer::Done(swapped.into()))
            }
            Call::Fork => match machine.fork(process) {
                Ok(child) => {
                    self.processes.push(child);
                    Answer::Done(self.processes.len() as u64 - 1)
                }
                Err(failure) => error(failure),
            },
            Call::Exit => done(machine.exit(process), |()| 0),
            Call::Truncate { file, length } => {
                done(machine.truncate(self.files[file as usize], length), |()| 0)
            }
        }
    }
}

impl World for Simulated {
    fn call(&mut self, who: usize, call: &Call) -> Outcome {
        let before = self.faults_so_far();
        let answer = self.answer(who, call);
        let access = matches!(
            call,
            Call::Read { .. } | Call::Write { .. } | Call::Execute { .. } | Call::CompareExchange { .. }
        );
        let sure = access && !matches!(answer, Answer::Fault(..));
        Outcome { answer, faults: sure.then(|| self.faults_so_far() - before) }
    }

    fn can(&self, call: &Call) -> bool {
        match *call {
            // Wrong bits cannot be said.
            Call::Protect { protection, .. } => Protection::from_bits(protection).is_some(),
            // A file that is open for reading is nobody's to cut.
            Call::Truncate { file, .. } => file == 0,
            // Where nothing shall be reclaimed.
            Call::Advise { advice: PAGEOUT, .. } => self.machine.config().swap.pages > 0,
            _ => true,
        }
    }

    fn resident(&mut self, who: usize) -> Option<u64> {
        let usage = self.machine.usage(self.processes[who]).unwrap();
        Some(usage.rss_anonymous + usage.rss_file + usage.rss_shared)
    }

    fn areas(&mut self, who: usize) -> Vec<(u64, u64, u32, bool)> {
        let areas = self.machine.areas(self.processes[who]).unwrap();
        let inside = areas.filter(|area| (BASE..END).contains(&area.start));
        inside.map(|area| (area.start, area.end, area.protection.bits(), area.is_shared())).collect()
    }

    fn check(&mut self) {
        if let Err(why) = self.machine.validate() {
            panic!("the machine is not sound: {why}");
        }
    }
}

/// Merged pages that are parted on request keep what their area allows.
#[test]
fn parted_pages_keep_their_protection() {
    for (protection, read) in [(READ, Answer::Bytes(vec![5])), (0, Answer::Fault(Kind::AccErr, BASE))] {
        let mut world = Simulated::new(crate::agree::ample(), false);
        let (at, length) = (BASE, 2 * PAGE);
        let expect = |world: &mut Simulated, call: Call, answer: Answer| {
            assert_eq!(world.call(0, &call).answer, answer, "{call:?}");
            world.check();
        };
        let flags = PRIVATE | FIXED;
        let map = Call::Map { at, length, protection: RW, flags, file: None, offset: 0 };
        expect(&mut world, map, Answer::Done(at));
        expect(&mut world, Call::Advise { at, length, advice: MERGEABLE }, Answer::Done(0));
        expect(&mut world, Call::Write { at, bytes: vec![5; length as usize] }, Answer::Done(0));
        for _ in 0..4 {
            world.machine.merge_scan(2);
        }
        assert!(world.machine.counters()[Count::Merged] > 0);
        expect(&mut world, Call::Protect { at, length, protection }, Answer::Done(0));
        expect(&mut world, Call::Advise { at, length, advice: UNMERGEABLE }, Answer::Done(0));
        assert!(world.machine.counters()[Count::Unmerged] > 0);
        expect(&mut world, Call::Write { at, bytes: vec![6] }, Answer::Fault(Kind::AccErr, at));
        expect(&mut world, Call::Read { at, length: 1 }, read);
        expect(&mut world, Call::Protect { at, length, protection: RW }, Answer::Done(0));
        expect(&mut world, Call::Write { at, bytes: vec![6] }, Answer::Done(0));
        expect(&mut world, Call::Read { at: at + PAGE, length: 1 }, Answer::Bytes(vec![5]));
    }
}

/// The numbers of errors are Linux'.
#[test]
fn numbers() {
    for (errno, number) in [
        (Errno::EBADF, EBADF),
        (Errno::EAGAIN, EAGAIN),
        (Errno::ENOMEM, ENOMEM),
        (Errno::EACCES, EACCES),
        (Errno::EFAULT, EFAULT),
        (Errno::EEXIST, EEXIST),
        (Errno::EINVAL, EINVAL),
    ] {
        assert_eq!(errno.number(), number);
    }
}
