//! Long random sequences of every call, on machines of all kinds, with each invariant checked after each step.
//!
//! No model says here what a call answers (that is `agree.rs`): what is looked for is a machine that contradicts
//! itself. At the end all processes end, and every frame must be free.

use memcore::replacement::PolicySpec;
use memcore::vm::*;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const PAGE: u64 = 4096;
const WRITE: Protection = Protection::WRITE;

struct Torture {
    machine: Machine,
    random: SplitMix64,
    processes: Vec<ProcessId>,
    file: u32,
    group: GroupId,
    /// Where everything happens, and over how many pages.
    base: u64,
    span: u64,
}

impl Torture {
    fn new(config: MachineConfig, seed: u64) -> Torture {
        let mut machine = Machine::new(config).unwrap();
        let is_large = machine.config().paging.address_limit() > 1 << 30;
        let (base, span) = if is_large { (0x10_0000_0000, 1200) } else { (0, 60) };
        let file = machine.open(Box::new(MemoryFile::new(vec![7; 50_000]))).unwrap();
        let random = SplitMix64::seed_from_u64(seed);
        Torture { machine, random, processes: Vec::new(), file, group: 0, base, span }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.next_u64() % bound
    }

    fn page(&mut self) -> u64 {
        self.base + self.below(self.span) * PAGE
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// One call; what it answers does not matter.
    fn step(&mut self) -> u64 {
        if self.processes.is_empty() {
            let spawned = self.machine.spawn().unwrap();
            self.processes.push(spawned);
        }
        let at = self.below(self.processes.len() as u64) as usize;
        let process = self.processes[at];
        let from = self.page();
        let most = if self.one_in(8) { 600 } else { 20 };
        let length = (1 + self.below(most)) * PAGE;
        let what = self.below(36);
        match what {
            0..=6 => self.map(process, from, length, what),
            7..=15 => self.change(process, from, length, what),
            16..=25 => self.manage(process, from, length, what),
            26..=30 => {
                let (byte, within) = (self.below(3) as u8, self.below(5000));
                let _ = self.machine.write(process, from + within, &[byte; 64]);
            }
            _ => {
                let within = self.below(5000);
                let _ = self.machine.read(process, from + within, &mut [0; 100]);
            }
        }
        self.processes.retain(|&process| self.machine.is_alive(process));
        what
    }

    fn map(&mut self, process: ProcessId, from: u64, length: u64, what: u64) {
        let huge = self.base + self.below(3) * 512 * PAGE;
        let request = match what {
            0..=3 => MapRequest::anonymous(length, WRITE).fixed(from),
            4 => MapRequest::file(self.file, length, WRITE).fixed(from),
            5 => MapRequest::anonymous(700 * PAGE, WRITE).fixed(huge),
            _ => MapRequest::anonymous((1 + self.below(2)) * 512 * PAGE, WRITE)
                .with(MapFlags::HUGETLB)
                .fixed(huge),
        };
        let request = if self.one_in(3) { request.shared() } else { request };
        let _ = self.machine.mmap(process, &request);
        if what == 5 {
            let _ = self.machine.madvise(process, self.base, self.span * PAGE, Advice::HugePage);
        }
    }

    fn change(&mut self, process: ProcessId, from: u64, length: u64, what: u64) {
        let bits = self.below(8) as u32;
        let advice = Advice::ALL[self.below(Advice::ALL.len() as u64) as usize];
        let to = self.page();
        let new_length = (1 + self.below(20)) * PAGE;
        let how = [Remap::InPlace, Remap::MayMove, Remap::Fixed(to)][self.below(3) as usize];
        let machine = &mut self.machine;
        let _ = match what {
            7 => machine.munmap(process, from, length),
            8 => machine.mprotect(process, from, length, Protection::from_bits(bits).unwrap()),
            9 => machine.mprotect(process, from, length, WRITE),
            10 | 11 => machine.madvise(process, from, length, advice),
            12 => machine.mremap(process, from, length, new_length, how).map(drop),
            13 => machine.mlock(process, from, 4 * PAGE),
            14 => machine.munlock(process, from, length),
            _ => machine.madvise(process, from, length, Advice::Mergeable),
        };
    }

    fn manage(&mut self, process: ProcessId, from: u64, length: u64, what: u64) {
        let number = self.below(600);
        let node = self.below(u64::from(self.machine.node_counters(1).is_ok()) + 1) as u32;
        let policy = match self.below(5) {
            0 => NumaPolicy::Default,
            1 => NumaPolicy::Bind(vec![node]),
            2 => NumaPolicy::Interleave(vec![0, node]),
            3 => NumaPolicy::WeightedInterleave(vec![(0, 2), (node, 1)]),
            _ => NumaPolicy::Preferred(node),
        };
        let (may_fork, may_exit) = (self.processes.len() < 4, self.one_in(3));
        let group = if self.one_in(2) { 0 } else { self.group };
        let machine = &mut self.machine;
        match what {
            16 if may_fork => self.processes.extend(machine.fork(process)),
            17 if may_exit => drop(machine.exit(process)),
            18 => drop(machine.merge_scan(50)),
            19 => drop(machine.collapse_scan(process)),
            20 => drop(machine.truncate(self.file, number * 100)),
            21 => drop(machine.reclaim(number % 20)),
            22 => drop(machine.mark_next_touch(process, from, length)),
            23 => drop(machine.set_node(process, node).and(machine.set_policy(process, policy))),
            24 => drop(machine.join(process, group)),
            25 if self.group == 0 => self.group = machine.create_group(Some(40 + number)).unwrap_or(0),
            25 => drop(machine.set_limit(self.group, Some(30 + number))),
            _ => {}
        }
    }
}

fn torture(name: &str, config: MachineConfig, seed: u64, steps: u32) {
    let mut torture = Torture::new(config, seed);
    for step in 0..steps {
        let what = torture.step();
        if let Err(why) = torture.machine.validate() {
            panic!("{name}, seed {seed}, step {step}, call {what}: {why}");
        }
    }
    let Torture { mut machine, processes, file, .. } = torture;
    for process in processes {
        machine.exit(process).unwrap();
    }
    machine.close(file).unwrap();
    machine.validate().unwrap();
    let pooled: u64 = machine.config().huge.pool.iter().map(|&(_, count)| count * 512).sum();
    assert_eq!(machine.free_frames() + pooled, machine.frames(), "{name}, seed {seed}");
}

/// A machine of one or more nodes of so many frames, in which memory is soon short.
fn short(mut config: MachineConfig, nodes: &[u64]) -> MachineConfig {
    config.memory.nodes = nodes.iter().copied().map(NodeConfig::new).collect();
    config.memory.watermarks = WatermarkConfig::Frames { min: 4, low: 8, high: 16 };
    config.swap = SwapConfig::of_pages(400);
    config
}

fn preset(name: &str) -> MachineConfig {
    MachineConfig::preset(name).unwrap()
}

#[test]
fn machines_of_all_kinds_stay_consistent() {
    let mut pooled = short(preset("linux"), &[3000]);
    pooled.huge.pool = vec![(1, 3)];
    let machines = [
        ("ample", short(preset("linux"), &[4096])),
        ("short", short(preset("linux"), &[200])),
        ("huge pages", short(preset("linux-thp"), &[3000])),
        ("two nodes", short(preset("linux-thp"), &[1200, 1200])),
        ("huge pages of a pool", pooled),
        ("compressed", short(preset("linux-zswap"), &[200])),
        ("sv39", short(preset("riscv-sv39"), &[200])),
        ("inverted", short(preset("inverted"), &[200])),
        ("textbook", preset("textbook")),
    ];
    for seed in 0..4 {
        for (name, config) in &machines {
            torture(name, config.clone(), seed, 250);
        }
    }
}

#[test]
fn machines_stay_consistent_under_every_policy() {
    for name in PolicySpec::names() {
        let policy: PolicySpec = name.parse().unwrap();
        let facts = policy.facts();
        for sight in [Sight::Every, Sight::Bits, Sight::Sampled(10)] {
            if facts.needs_future || (facts.varies_allocation && sight != Sight::Every) {
                continue;
            }
            for scope in [Scope::Global, Scope::Process(30)] {
                let mut config = short(preset("linux"), &[150]);
                (config.replacement.policy, config.replacement.sight) = (policy.clone(), sight);
                config.replacement.scope = scope;
                torture(name, config, 3, 150);
            }
        }
    }
}
