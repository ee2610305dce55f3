//! Linux itself as a world: each process is a real one.
//!
//! ```text
//!   the test  --- a byte on a pipe: "look in your slot" -->  worker 0 --clone--> worker 1 ...
//!             <-- a byte on a pipe: "it is done" ----------  (all are children of the test's own process)
//! ```
//!
//! A slot is memory shared by the test and one worker: the call goes in, the answer comes out, bytes besides. The
//! arena is left empty by everything else in a process, since programs, heaps, stacks and libraries lie far from it;
//! what the kernel places by itself lands outside, is reported as [`ELSEWHERE`] and unmapped at once.
//!
//! An access that may fault is one machine instruction with a place to go on after it; the handler of SIGSEGV and
//! SIGBUS notes the signal, its code and the address, and continues there.

mod probe;
mod worker;

use crate::world::*;
use std::ffi::CString;
use std::io::Write;
use std::ptr;

/// The most processes of one world.
pub const WORKERS: usize = 4;

/// The memory that the test and one worker share.
#[repr(C)]
struct Slot {
    arguments: [u64; 6],
    operation: u64,
    result: i64,
    /// The signal and its code, if the access ended so.
    signal: i64,
    code: i64,
    address: u64,
    faults: u64,
    data: [u8; DATA],
}

/// The most bytes of one access.
const DATA: usize = 1 << 18;

const MAP: u64 = 1;
const UNMAP: u64 = 2;
const PROTECT: u64 = 3;
const REMAP: u64 = 4;
const ADVISE: u64 = 5;
const LOCK: u64 = 6;
const UNLOCK: u64 = 7;
const SYNC: u64 = 8;
const INCORE: u64 = 9;
const BREAK: u64 = 10;
const LOAD: u64 = 11;
const STORE: u64 = 12;
const FETCH: u64 = 13;
const EXCHANGE: u64 = 14;
const FORK: u64 = 15;
const EXIT: u64 = 16;

struct Worker {
    pid: i32,
    alive: bool,
}

/// A tree of real processes.
pub struct Linux {
    workers: Vec<Worker>,
    slots: *mut Slot,
    /// For each worker the pipe to it and the pipe from it: reading end, writing end.
    pipes: Vec<[[i32; 2]; 2]>,
    /// The files' descriptors, and those by which they can be truncated.
    files: [i32; 2],
    writable: [i32; 2],
}

fn fails(what: &str) -> Option<Linux> {
    let why = std::io::Error::last_os_error();
    let _ = writeln!(std::io::stderr(), "skipped: {what} is not to be had here: {why}");
    None
}

impl Linux {
    /// A world of one process; `None`, said on stderr, where a sandbox forbids something.
    pub fn new() -> Option<Linux> {
        let mut files = [0; 2];
        let mut writable = [0; 2];
        for file in 0..2 {
            let name = CString::new("memcore").unwrap();
            // SAFETY: the name is a C string that lives through the call.
            let fd = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
            if fd < 0 {
                return fails("a file in memory");
            }
            writable[file] = fd;
            let bytes: Vec<u8> = (0..FILES[file]).map(|i| content(file as u32, i)).collect();
            // SAFETY: the bytes live through the call.
            let written = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
            assert_eq!(written, bytes.len() as isize);
            files[file] = fd;
        }
        let path = CString::new(format!("/proc/self/fd/{}", writable[1])).unwrap();
        // SAFETY: the path is a C string that lives through the call.
        files[1] = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
        if files[1] < 0 {
            return fails("/proc");
        }
        let mut pipes = Vec::new();
        for _ in 0..WORKERS {
            let mut pair = [[0; 2]; 2];
            for pipe in &mut pair {
                // SAFETY: the array holds two descriptors.
                if unsafe { libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
                    return fails("a pipe");
                }
            }
            pipes.push(pair);
        }
        let bytes = WORKERS * size_of::<Slot>();
        // SAFETY: new memory, wherever there is room.
        let slots = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if slots == libc::MAP_FAILED {
            return fails("shared memory");
        }
        let slots: *mut Slot = slots.cast();
        // SAFETY: the worker runs on with a copy of this thread alone; it makes system calls, and touches its stack,
        // its slot and the statics of `probe`, but takes no lock and allocates nothing.
        let pid = unsafe { libc::syscall(libc::SYS_fork) } as i32;
        if pid < 0 {
            return fails("a process");
        }
        if pid == 0 {
            worker::run(slots, &pipes, 0);
        }
        Some(Linux { workers: vec![Worker { pid, alive: true }], slots, pipes, files, writable })
    }

    /// Has a worker perform an operation, and waits for it.
    fn ask(&mut self, who: usize, operation: u64, arguments: [u64; 6]) -> &mut Slot {
        // SAFETY: the slot is one of WORKERS in the mapping, and the worker waits for the pipe: it is ours now.
        let slot = unsafe { &mut *self.slots.add(who) };
        slot.operation = operation;
        slot.arguments = arguments;
        worker::signal(self.pipes[who][0][1]);
        let answered = worker::wait(self.pipes[who][1][0], 10_000);
        assert!(answered, "worker {who} answers operation {operation} of {arguments:x?}");
        slot
    }

    fn wait_for_end(&mut self, who: usize) {
        self.workers[who].alive = false;
        let mut status = 0;
        // SAFETY: the process is a child of this one, and has not been waited for.
        unsafe { libc::waitpid(self.workers[who].pid, &mut status, 0) };
    }

    fn number(slot: &Slot) -> Answer {
        match slot.result {
            result @ -4095..0 => Answer::Error(-result as i32),
            result => Answer::Done(result as u64),
        }
    }

    /// An access' answer, or the fault that it ended in.
    fn accessed(slot: &Slot, answer: impl FnOnce(&Slot) -> Answer) -> Answer {
        let kind = match (slot.signal as i32, slot.code as i32) {
            (0, _) => return answer(slot),
            (libc::SIGSEGV, 1) => Kind::MapErr,
            (libc::SIGSEGV, 2) => Kind::AccErr,
            // SI_KERNEL: the processor does not tell the address.
            (libc::SIGSEGV, 0x80) => return Answer::Fault(Kind::General, slot.arguments[0]),
            (libc::SIGBUS, 2) => Kind::AdrErr,
            _ => Kind::Other,
        };
        Answer::Fault(kind, slot.address)
    }

    /// Takes what the kernel placed by itself away.
    fn placed(&mut self, who: usize, answer: Answer, length: u64) -> Answer {
        match answer {
            Answer::Done(place) if !(BASE..END).contains(&place) => {
                self.ask(who, UNMAP, [place, length, 0, 0, 0, 0]);
                Answer::Done(ELSEWHERE)
            }
            answer => answer,
        }
    }

    fn answer(&mut self, who: usize, call: &Call) -> Answer {
        match *call {
            Call::Map { at, length, protection, flags, file, offset } => {
                let anonymous = if file.is_none() { libc::MAP_ANONYMOUS as u32 } else { 0 };
                let fd = file.map_or(-1, |file| *self.files.get(file as usize).unwrap_or(&9999));
                let flags = u64::from(flags | anonymous);
                let slot = self.ask(who, MAP, [at, length, protection.into(), flags, fd as u64, offset]);
                let answer = Self::number(slot);
                self.placed(who, answer, length)
            }
            Call::Unmap { at, length } => Self::number(self.ask(who, UNMAP, [at, length, 0, 0, 0, 0])),
            Call::Protect { at, length, protection } => {
                Self::number(self.ask(who, PROTECT, [at, length, protection.into(), 0, 0, 0]))
            }
            Call::Remap { at, old, new, way } => {
                let (flags, to) = match way {
                    Way::InPlace => (0, 0),
                    Way::MayMove => (libc::MREMAP_MAYMOVE, 0),
                    Way::To(to) => (libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED, to),
                };
                let answer = Self::number(self.ask(who, REMAP, [at, old, new, flags as u64, to, 0]));
                if way == Way::MayMove { self.placed(who, answer, new) } else { answer }
            }
            Call::Advise { at, length, advice } => {
                Self::number(self.ask(who, ADVISE, [at, length, advice as u64, 0, 0, 0]))
            }
            Call::Lock { at, length } => Self::number(self.ask(who, LOCK, [at, length, 0, 0, 0, 0])),
            Call::LockOnFault { at, length } => Self::number(self.ask(who, LOCK, [at, length, 1, 0, 0, 0])),
            Call::Unlock { at, length } => Self::number(self.ask(who, UNLOCK, [at, length, 0, 0, 0, 0])),
            Call::Sync { at, length } => Self::number(self.ask(who, SYNC, [at, length, 0, 0, 0, 0])),
            Call::Incore { at, length } => {
                let slot = self.ask(who, INCORE, [at, length, 0, 0, 0, 0]);
                match Self::number(slot) {
                    Answer::Done(_) => {
                        let pages = length.div_ceil(PAGE) as usize;
                        Answer::Bits(slot.data[..pages].iter().map(|byte| byte & 1 == 1).collect())
                    }
                    error => error,
                }
            }
            Call::Break { by } => Self::number(self.ask(who, BREAK, [by as u64, 0, 0, 0, 0, 0])),
            Call::Read { at, length } => {
                let slot = self.ask(who, LOAD, [at, length, 0, 0, 0, 0]);
                Self::accessed(slot, |slot| Answer::Bytes(slot.data[..length as usize].to_vec()))
            }
            Call::Write { at, ref bytes } => {
                // SAFETY: as in `ask`.
                let slot = unsafe { &mut *self.slots.add(who) };
                slot.data[..bytes.len()].copy_from_slice(bytes);
                let slot = self.ask(who, STORE, [at, bytes.len() as u64, 0, 0, 0, 0]);
                Self::accessed(slot, |_| Answer::Done(0))
            }
            Call::Execute { at } => {
                let slot = self.ask(who, FETCH, [at, 0, 0, 0, 0, 0]);
                Self::accessed(slot, |_| Answer::Done(0))
            }
            Call::CompareExchange { at, expected, new } => {
                let slot = self.ask(who, EXCHANGE, [at, expected.into(), new.into(), 0, 0, 0]);
                Self::accessed(slot, Self::number)
            }
            Call::Fork => {
                let child = self.workers.len();
                if child == WORKERS {
                    return Answer::Unable;
                }
                match Self::number(self.ask(who, FORK, [child as u64, 0, 0, 0, 0, 0])) {
                    Answer::Done(pid) => {
                        self.workers.push(Worker { pid: pid as i32, alive: true });
                        Answer::Done(child as u64)
                    }
                    error => error,
                }
            }
            Call::Exit => {
                self.ask(who, EXIT, [0; 6]);
                self.wait_for_end(who);
                Answer::Done(0)
            }
            Call::Truncate { file, length } => {
                // SAFETY: the descriptor is open.
                let done = unsafe { libc::ftruncate(self.writable[file as usize], length as i64) };
                assert_eq!(done, 0);
                Answer::Done(0)
            }
        }
    }

    fn proc_file(&self, who: usize, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.workers[who].pid)).unwrap()
    }

    /// Sum of one line of smaps, in kB, over the areas of the arena.
    pub fn smaps(&self, who: usize, line: &str) -> u64 {
        let mut inside = false;
        let mut sum = 0;
        for text in self.proc_file(who, "smaps").lines() {
            if let Some((from, _)) = range(text) {
                inside = (BASE..END).contains(&from);
            } else if let (true, Some(rest)) = (inside, text.strip_prefix(line)) {
                let number = rest.trim_start_matches(':').trim().trim_end_matches("kB").trim();
                sum += number.parse::<u64>().unwrap();
            }
        }
        sum
    }
}

/// The range at the beginning of a line of maps.
fn range(line: &str) -> Option<(u64, u64)> {
    let (from, to) = line.split_whitespace().next()?.split_once('-')?;
    Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?))
}

impl World for Linux {
    fn call(&mut self, who: usize, call: &Call) -> Outcome {
        let answer = self.answer(who, call);
        let access = matches!(
            call,
            Call::Read { .. } | Call::Write { .. } | Call::Execute { .. } | Call::CompareExchange { .. }
        );
        // SAFETY: as in `ask`.
        let faults = unsafe { (*self.slots.add(who)).faults };
        let sure = access && !matches!(answer, Answer::Fault(..));
        Outcome { answer, faults: sure.then_some(faults) }
    }

    fn resident(&mut self, who: usize) -> Option<u64> {
        Some(self.smaps(who, "Rss") * 1024 / PAGE)
    }

    fn areas(&mut self, who: usize) -> Vec<(u64, u64, u32, bool)> {
        let maps = self.proc_file(who, "maps");
        let parse = |line: &str| {
            let (from, to) = range(line)?;
            let letters = line.split_whitespace().nth(1)?.as_bytes();
            let bit = |i: usize, bit| if letters[i] == b'-' { 0 } else { bit };
            let inside = (BASE..END).contains(&from);
            inside.then_some((from, to, bit(0, READ) | bit(1, WRITE) | bit(2, EXEC), letters[3] == b's'))
        };
        maps.lines().filter_map(parse).collect()
    }
}

impl Drop for Linux {
    fn drop(&mut self) {
        for who in 0..self.workers.len() {
            if self.workers[who].alive {
                // SAFETY: the process is a child that this world made and has not waited for.
                unsafe { libc::kill(self.workers[who].pid, libc::SIGKILL) };
                self.wait_for_end(who);
            }
        }
        let pipes = self.pipes.iter().flatten().flatten().copied();
        for fd in pipes.chain(self.writable).chain([self.files[1]]) {
            // SAFETY: the descriptor is this world's own, and nobody uses it after this.
            unsafe { libc::close(fd) };
        }
        // SAFETY: the mapping is this world's own, no slot of it is borrowed, and the workers are gone.
        unsafe { libc::munmap(self.slots.cast(), WORKERS * size_of::<Slot>()) };
    }
}
