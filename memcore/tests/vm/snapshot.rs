//! A machine that was saved and restored is the machine that was saved; what is no snapshot is refused.

use memcore::vm::*;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::sync::{Arc, Mutex};

const PAGE: u64 = 4096;

/// A place where random calls go: a few hundred pages.
fn base(machine: &Machine) -> u64 {
    if machine.config().paging.address_limit() > 1 << 30 { 0x10_0000_0000 } else { 0 }
}

/// One random call or access, of any kind.
fn step(machine: &mut Machine, rng: &mut SplitMix64) {
    let mut draw = |below: u64| rng.next_u64() % below;
    let rw = Protection::READ | Protection::WRITE;
    let processes: Vec<ProcessId> = machine.processes().collect();
    let Some(&process) = processes.get(draw(processes.len().max(1) as u64) as usize) else {
        let _ = machine.spawn();
        return;
    };
    let at = base(machine) + draw(if base(machine) == 0 { 60 } else { 900 }) * PAGE;
    let most = if draw(6) == 0 { 600 } else { 12 };
    let length = (1 + draw(most)) * PAGE;
    let file = machine.files().next();
    match draw(26) {
        0..=2 => {
            let request = MapRequest::anonymous(length, rw).fixed(at);
            let request = if draw(3) == 0 { request.shared() } else { request };
            let _ = machine.mmap(process, &request);
        }
        3 => {
            if let Some(file) = file {
                let request = MapRequest::file(file, length, rw).fixed(at);
                let request = if draw(2) == 0 { request.shared() } else { request };
                let _ = machine.mmap(process, &request);
            }
        }
        4 => drop(machine.munmap(process, at, length)),
        5 => drop(machine.mprotect(process, at, length, Protection::from_bits(draw(8) as u32).unwrap())),
        6 if processes.len() < 4 => drop(machine.fork(process)),
        7 if draw(6) == 0 => drop(machine.exit(process)),
        8 => {
            let advice = Advice::ALL[draw(Advice::ALL.len() as u64) as usize];
            let _ = machine.madvise(process, at, length, advice);
        }
        9 => drop(machine.mremap(process, at, length, 8 * PAGE, Remap::MayMove)),
        10 => drop(machine.mlock(process, at, 2 * PAGE)),
        11 => drop(machine.munlock(process, at, length)),
        12 => drop(machine.merge_scan(50)),
        13 => drop(machine.reclaim(draw(10))),
        14 => {
            let heap = machine.brk(process, 0).unwrap();
            let _ = machine.brk(process, heap + draw(5) * PAGE);
        }
        15..=19 => drop(machine.write(process, at + draw(PAGE), &[draw(3) as u8; 5000])),
        20 => drop(machine.execute(process, at, 4)),
        _ => {
            let mut bytes = [0; 300];
            let _ = machine.read(process, at + draw(PAGE), &mut bytes);
        }
    }
}

type Log = Arc<Mutex<Vec<Event>>>;

fn listen(machine: &mut Machine) -> Log {
    let log: Log = Log::default();
    let to = log.clone();
    machine.listen(EventSet::all(), Some(Box::new(move |event| to.lock().unwrap().push(*event))));
    log
}

fn configs() -> Vec<(&'static str, MachineConfig)> {
    let tight = |name: &str| {
        let mut config = MachineConfig::preset(name).unwrap();
        config.memory.nodes.iter_mut().for_each(|node| node.frames = 700);
        config.swap.pages = 1500;
        config
    };
    let mut policies: Vec<(&'static str, MachineConfig)> = ["arc", "lirs", "w-tinylfu", "random", "lfu"]
        .into_iter()
        .map(|policy| {
            let mut config = tight("linux");
            config.replacement.policy = policy.parse().unwrap();
            (policy, config)
        })
        .collect();
    policies[1].1.replacement.sight = Sight::Every;
    policies[2].1.replacement.scope = Scope::Process(90);
    let mut presets: Vec<(&str, MachineConfig)> =
        ["linux", "linux-thp", "linux-zswap", "linux-numa", "riscv-sv39", "inverted"]
            .map(|name| (name, tight(name)))
            .into();
    presets.extend(["small", "textbook"].map(|name| (name, MachineConfig::preset(name).unwrap())));
    presets.extend(policies);
    presets
}

/// A machine with a file, after so many random steps.
fn begun(config: &MachineConfig, seed: u64, steps: u32) -> (Machine, SplitMix64) {
    let mut rng = SplitMix64::seed_from_u64(seed);
    let mut machine = Machine::new(config.clone()).unwrap();
    machine.open(Box::new(MemoryFile::new(vec![7; 50_000]))).unwrap();
    (0..steps).for_each(|_| step(&mut machine, &mut rng));
    (machine, rng)
}

#[test]
fn a_restored_machine_is_the_one_that_was_saved() {
    for (name, config) in configs() {
        for (seed, steps) in [(1, 0), (2, 150), (3, 500)] {
            let (mut machine, mut rng) = begun(&config, seed, steps);
            machine.validate().unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
            let bytes = machine.save().unwrap();
            let mut again = Machine::restore(&bytes, &mut |_, _| None)
                .unwrap_or_else(|error| panic!("{name}, {steps}: {error}"));
            assert!(again.save().unwrap() == bytes, "{name}: saved again it is something else");
            let (log, other) = (listen(&mut machine), listen(&mut again));
            let mut same = rng.clone();
            for at in 0..300 {
                step(&mut machine, &mut rng);
                step(&mut again, &mut same);
                assert!(*log.lock().unwrap() == *other.lock().unwrap(), "{name}: other events at {at}");
                log.lock().unwrap().clear();
                other.lock().unwrap().clear();
            }
            assert_eq!(machine.counters(), again.counters(), "{name}");
            assert_eq!(machine.time(), again.time(), "{name}");
            again.validate().unwrap();
        }
    }
}

/// The bytes with a right checksum.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = (bytes.len() - 36) as u64;
    bytes[20..28].copy_from_slice(&length.to_le_bytes());
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[36..]);
    bytes[28..36].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn damage_is_refused() {
    let (machine, _) = begun(&MachineConfig::preset("small").unwrap(), 5, 100);
    let bytes = machine.save().unwrap();
    let why = |bytes: &[u8]| match Machine::restore(bytes, &mut |_, _| None) {
        Err(VmError::Snapshot { why }) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(b""), "it ends within its header");
    assert_eq!(why(&[0; 100]), "it does not begin as one");
    assert!(why(&bytes[..bytes.len() - 1]).contains("bytes should be"));
    let mut other = bytes.clone();
    other[16] = 9;
    assert_eq!(why(&other), "it is of version 9, and 1 is known");
    for at in (36..bytes.len()).step_by(97) {
        let mut other = bytes.clone();
        other[at] ^= 4;
        assert_eq!(why(&other), "the checksum is wrong");
    }
}

/// Whoever makes the bytes can make the checksum, too: nothing they write is believed.
#[test]
fn hostile_bytes_are_refused_or_are_a_machine() {
    let (mut refused, mut accepted) = (0, 0);
    for (number, (name, config)) in configs().into_iter().enumerate() {
        let mut config = config;
        config.memory.nodes.iter_mut().for_each(|node| node.frames = node.frames.min(128));
        config.swap.pages = config.swap.pages.min(64);
        config.replacement.batch = 4;
        config.memory.watermarks = WatermarkConfig::Frames { min: 2, low: 4, high: 6 };
        config.tables_take_frames = number % 2 == 0 && name != "linux-thp";
        let (machine, mut rng) = begun(&config, number as u64, 120);
        let bytes = machine.save().unwrap();
        for round in 0..400 {
            let mut changed = bytes.clone();
            for _ in 0..1 + round % 3 {
                // Most of a snapshot are the contents of frames; what leads astray lies elsewhere.
                let at = 36 + (rng.next_u64() % (changed.len() as u64 - 36)) as usize;
                let at = (at..changed.len()).find(|&at| changed[at] != 0 && changed[at] != 7).unwrap_or(at);
                match rng.next_u64() % 4 {
                    0 => changed[at] = rng.next_u64() as u8,
                    1 => changed[at] ^= 1 << (rng.next_u64() % 8),
                    2 => changed[at] = changed[at].wrapping_add(1),
                    _ if round % 40 == 0 => changed.truncate(at),
                    _ => changed[at] = changed[(at + 1) % bytes.len().min(changed.len())],
                }
            }
            let Ok(mut machine) = Machine::restore(&sealed(changed), &mut |_, _| None) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            (0..25).for_each(|_| step(&mut machine, &mut rng));
        }
    }
    assert!(refused > 500 && accepted > 50, "{refused} refused, {accepted} accepted");
}

#[test]
fn files_of_the_host_are_opened_by_the_caller_alone() {
    let path = std::env::temp_dir().join(format!("memcore-snapshot-{}", std::process::id()));
    std::fs::write(&path, b"on disk").unwrap();
    let mut machine = Machine::new(MachineConfig::preset("small").unwrap()).unwrap();
    let file = machine.open(Box::new(RealFile::read_only(&path).unwrap())).unwrap();
    let process = machine.spawn().unwrap();
    let at = machine.mmap(process, &MapRequest::file(file, 7, Protection::READ)).unwrap();
    let snapshot = path.with_extension("machine");
    machine.save_to(&snapshot).unwrap();
    let error = Machine::restore_from(&snapshot, &mut |_, _| None).unwrap_err().to_string();
    assert!(error.contains("which nobody opened"), "{error}");
    let mut open = |number, info: &SavedInfo| {
        assert_eq!((number, info.length, info.is_writable), (file, 7, false));
        info.backing.clone().and_then(|backing| backing.open().ok())
    };
    let mut again = Machine::restore_from(&snapshot, &mut open).unwrap();
    let mut bytes = [0; 7];
    again.read(process, at, &mut bytes).unwrap();
    assert_eq!(&bytes, b"on disk");
    std::fs::remove_file(&path).unwrap();
    std::fs::remove_file(&snapshot).unwrap();
}
