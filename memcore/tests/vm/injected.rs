//! Faults put in on purpose: a swap device that is full, cannot be read or gives other bytes than it took, a file that
//! is cut, cannot be read or cannot be written. Each is reported to who asked, and nobody else loses anything.

use memcore::vm::*;

const PAGE: u64 = 4096;
const RW: Protection = Protection::WRITE;

/// A machine of so many frames and slots, without page tables in frames, that reclaims a page at a time.
fn machine(frames: u64, slots: u64) -> Machine {
    let mut config = MachineConfig::preset("linux").unwrap();
    config.memory.nodes = vec![NodeConfig::new(frames)];
    config.memory.watermarks = WatermarkConfig::None;
    config.tables_take_frames = false;
    config.swap = SwapConfig::of_pages(slots);
    config.replacement.batch = 1;
    config.faults.swap_cluster = 1;
    config.overcommit.mode = OvercommitMode::Always;
    Machine::new(config).unwrap()
}

/// A process with so many pages, each with its number in its first byte.
fn process(machine: &mut Machine, pages: u8) -> (ProcessId, u64) {
    let process = machine.spawn().unwrap();
    let at = machine.mmap(process, &MapRequest::anonymous(u64::from(pages) * PAGE, RW)).unwrap();
    for page in 0..pages {
        machine.write(process, at + u64::from(page) * PAGE, &[page]).unwrap();
    }
    (process, at)
}

fn byte(machine: &mut Machine, process: ProcessId, address: u64) -> Result<u8, FaultKind> {
    let mut byte = [0xff];
    machine.read(process, address, &mut byte).map(|()| byte[0]).map_err(|fault| fault.kind)
}

#[test]
fn swapped_pages_that_cannot_be_read_or_were_changed_are_bus_errors_of_their_own() {
    for fault in [SwapFault::Read { slot: 0 }, SwapFault::Flip { slot: 0, bit: 5 }] {
        let mut machine = machine(8, 16);
        let (first, at) = process(&mut machine, 4);
        // Slots are given lowest first: page 0 of the first process goes to slot 0, the others behind it.
        machine.madvise(first, at, 4 * PAGE, Advice::PageOut).unwrap();
        assert_eq!(machine.counters()[Count::SwapOut], 4);
        machine.inject(fault).unwrap();
        let child = machine.fork(first).unwrap();
        for who in [first, child] {
            assert_eq!(byte(&mut machine, who, at), Err(FaultKind::Io));
            for page in 1..4 {
                assert_eq!(byte(&mut machine, who, at + page * PAGE), Ok(page as u8));
            }
            machine.validate().unwrap();
        }
        assert_eq!(machine.counters()[Count::Bus], 2);
        // The process lives, and may drop the page.
        machine.madvise(first, at, PAGE, Advice::DontNeed).unwrap();
        assert_eq!(byte(&mut machine, first, at), Ok(0));
        machine.exit(first).unwrap();
        machine.exit(child).unwrap();
        machine.validate().unwrap();
        assert_eq!(machine.free_frames(), 8);
    }
}

#[test]
fn a_full_swap_device_ends_in_a_kill_that_frees_what_the_others_need() {
    let mut machine = machine(8, 4);
    let (small, at) = process(&mut machine, 3);
    let large = machine.spawn().unwrap();
    let from = machine.mmap(large, &MapRequest::anonymous(64 * PAGE, RW)).unwrap();
    let mut written = 0;
    let fault = loop {
        match machine.write(large, from + written * PAGE, &[1]) {
            Ok(()) => written += 1,
            Err(fault) => break fault,
        }
        machine.validate().unwrap();
    };
    // Eight frames and four slots hold twelve pages, three of them the other's.
    assert_eq!((fault.kind, written), (FaultKind::OutOfMemory, 9));
    assert_eq!(machine.counters()[Count::OomKill], 1);
    assert!(!machine.is_alive(large) && machine.is_alive(small));
    for page in 0..3 {
        assert_eq!(byte(&mut machine, small, at + page * PAGE), Ok(page as u8));
    }
    machine.validate().unwrap();
}

#[test]
fn a_swap_device_that_cannot_be_written_keeps_pages_in_memory() {
    let mut machine = machine(4, 16);
    let (first, at) = process(&mut machine, 4);
    machine.inject(SwapFault::AllWrites(true)).unwrap();
    machine.set_oom_adjustment(first, -1000).unwrap();
    let second = machine.spawn().unwrap();
    let from = machine.mmap(second, &MapRequest::anonymous(PAGE, RW)).unwrap();
    let fault = machine.write(second, from, b"x").unwrap_err();
    assert_eq!(fault.kind, FaultKind::OutOfMemory);
    for page in 0..4 {
        assert_eq!(byte(&mut machine, first, at + page * PAGE), Ok(page as u8));
    }
    machine.validate().unwrap();
}

#[test]
fn a_file_that_fails_is_a_bus_error_there_and_nowhere_else() {
    let mut machine = machine(16, 16);
    let mut file = FaultyFile::new(MemoryFile::new(vec![7; 4 * PAGE as usize]));
    file.fail_reads(PAGE..2 * PAGE);
    let mut config = machine.config().clone();
    config.faults.file_read_ahead = 0;
    let file = machine.open(Box::new(file)).unwrap();
    let (other, kept) = process(&mut machine, 2);
    let process = machine.spawn().unwrap();
    let at = machine.mmap(process, &MapRequest::file(file, 4 * PAGE, Protection::READ)).unwrap();
    let answers: Vec<_> = (0..4).map(|page| byte(&mut machine, process, at + page * PAGE)).collect();
    assert_eq!(answers, [Ok(7), Err(FaultKind::Io), Ok(7), Ok(7)]);
    assert_eq!(byte(&mut machine, other, kept + PAGE), Ok(1));
    machine.validate().unwrap();
}

#[test]
fn a_file_that_cannot_be_written_keeps_its_dirty_pages_and_says_so() {
    let mut machine = machine(16, 0);
    let mut file = FaultyFile::new(MemoryFile::new(vec![0; 4 * PAGE as usize]));
    file.fail_writes(PAGE..2 * PAGE);
    let file = machine.open(Box::new(file)).unwrap();
    let process = machine.spawn().unwrap();
    let at = machine.mmap(process, &MapRequest::file(file, 4 * PAGE, RW).shared()).unwrap();
    for page in 0..4 {
        machine.write(process, at + page * PAGE, &[page as u8 + 1]).unwrap();
    }
    assert_eq!(machine.msync(process, at, 4 * PAGE).unwrap_err().errno(), Some(Errno::EIO));
    assert_eq!(machine.sync(file).unwrap_err().errno(), Some(Errno::EIO));
    // Under pressure the written ones leave, and the one that cannot be written stays with its content.
    machine.reclaim(16);
    machine.validate().unwrap();
    for page in 0..4 {
        assert_eq!(byte(&mut machine, process, at + page * PAGE), Ok(page as u8 + 1));
    }
}

#[test]
fn a_file_cut_under_its_mappings_takes_private_copies_along() {
    let mut machine = machine(32, 16);
    let file = machine.open(Box::new(MemoryFile::new(vec![7; 4 * PAGE as usize]))).unwrap();
    let process = machine.spawn().unwrap();
    let shared = machine.mmap(process, &MapRequest::file(file, 4 * PAGE, RW).shared()).unwrap();
    let private = machine.mmap(process, &MapRequest::file(file, 4 * PAGE, RW)).unwrap();
    for page in 0..4 {
        machine.write(process, shared + page * PAGE + 9, &[8]).unwrap();
        machine.write(process, private + page * PAGE, &[9]).unwrap();
    }
    machine.truncate(file, PAGE + 5).unwrap();
    machine.validate().unwrap();
    for at in [shared, private] {
        assert_eq!(byte(&mut machine, process, at + 2 * PAGE), Err(FaultKind::AdrErr));
        assert_eq!(byte(&mut machine, process, at + 3 * PAGE), Err(FaultKind::AdrErr));
    }
    assert_eq!(byte(&mut machine, process, private), Ok(9));
    assert_eq!(byte(&mut machine, process, shared + 9), Ok(8));
    // Behind the end of the file, its last page has zeros.
    assert_eq!(byte(&mut machine, process, shared + PAGE + 9), Ok(0));
    machine.truncate(file, 4 * PAGE).unwrap();
    assert_eq!(byte(&mut machine, process, shared + 2 * PAGE), Ok(0));
}
