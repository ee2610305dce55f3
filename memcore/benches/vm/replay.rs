//! A recorded program through the machine: TLBs, page table, demand paging.

use memcore::replay::machine::{MachineReplayOptions, replay_machine_on};
use memcore::trace::{AccessTrace, Unit};
use memcore::vm::{Machine, MachineConfig};
use std::time::Instant;

/// The recording is short: it runs so many times over.
const TIMES: usize = 100;

pub fn run() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/walk.lackey.xz");
    let trace = AccessTrace::open(path, &Default::default(), &mut ()).expect("the recording is there");
    let accesses = trace.accesses().iter().cycle().take(TIMES * trace.accesses().len()).copied().collect();
    let trace = AccessTrace::from_accesses(accesses, Vec::new(), Unit::Bytes).expect("accesses of a trace");
    println!("a recorded program through the machine");
    for name in ["linux", "linux-thp", "linux-caches", "riscv-sv39"] {
        let config = MachineConfig::preset(name).expect("a preset");
        let mut machine = Machine::new(config).expect("a machine");
        let begin = Instant::now();
        let run = replay_machine_on(&[&trace], &mut machine, &MachineReplayOptions::default(), &mut ());
        let run = run.expect("a run");
        let pace = run.accesses as f64 / begin.elapsed().as_secs_f64() / 1e6;
        println!("  {name:14} {pace:6.1} M accesses/s, {:.1} cycles an access", run.average());
    }
}
