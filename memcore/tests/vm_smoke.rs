//! Long random sequences of calls, with every invariant checked.

use memcore::vm::*;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
fn torture(name: &str, config: MachineConfig, seed: u64, steps: u32, validate: bool) {
    let mut rng = rand_xoshiro::SplitMix64::seed_from_u64(seed);
    let mut m = Machine::new(config).unwrap();
    let rw = Protection::READ | Protection::WRITE;
    let mut procs = vec![m.spawn().unwrap()];
    let file = m.open(Box::new(MemoryFile::new(vec![7u8; 50_000]))).unwrap();
    let base = if m.config().paging.address_limit() > 1 << 30 { 0x10_0000_0000 } else { 0 };
    let span = if base > 0 { 1200 } else { 60 };
    let mut group = 0;
    for step in 0..steps {
        let mut r = |n: u64| rng.next_u64() % n;
        if procs.is_empty() {
            procs.push(m.spawn().unwrap());
        }
        let p = procs[r(procs.len() as u64) as usize];
        let ps = 4096;
        let at = base + r(span) * ps;
        let big = r(8) == 0;
        let len = (1 + r(if big { 600 } else { 20 })) * ps;
        let what = r(36);
        match what {
            0..=3 => {
                let mut q = MapRequest::anonymous(len, rw).fixed(at);
                if r(3) == 0 {
                    q = q.shared();
                }
                let _ = m.mmap(p, &q);
            }
            4 => {
                let q = MapRequest::file(file, len, rw).fixed(at);
                let q = if r(2) == 0 { q.shared() } else { q };
                let _ = m.mmap(p, &q);
            }
            5 => {
                let _ = m.munmap(p, at, len);
            }
            6 => {
                let _ = m.mprotect(p, at, len, Protection::from_bits(r(8) as u32).unwrap());
            }
            7 => {
                let _ = m.mprotect(p, at, len, rw);
            }
            8 => {
                if procs.len() < 4 {
                    if let Ok(c) = m.fork(p) {
                        procs.push(c);
                    }
                }
            }
            9 => {
                if r(3) == 0 {
                    let _ = m.exit(p);
                }
            }
            10..=11 => {
                let a = Advice::ALL[r(Advice::ALL.len() as u64) as usize];
                let _ = m.madvise(p, at, len, a);
            }
            12 => {
                let to = base + r(span) * ps;
                let new = (1 + r(20)) * ps;
                let how = [Remap::InPlace, Remap::MayMove, Remap::Fixed(to)][r(3) as usize];
                let _ = m.mremap(p, at, len, new, how);
            }
            13 => {
                let _ = m.mlock(p, at, ps * r(5));
            }
            14 => {
                let _ = m.munlock(p, at, len);
            }
            15 => {
                m.merge_scan(50);
            }
            16 => {
                let _ = m.madvise(p, at, len, Advice::Mergeable);
            }
            17 => {
                let _ = m.collapse_scan(p);
            }
            18 => {
                let _ = m.truncate(file, r(60_000));
            }
            19 => {
                let _ = m.reclaim(r(20));
            }
            30 => {
                let _ = m.mmap(p, &MapRequest::anonymous(700 * ps, rw).fixed(base + r(3) * 512 * ps));
                let _ = m.madvise(p, base, span * ps, Advice::HugePage);
            }
            31 => {
                let _ = m.write(p, base + r(1200) * ps, &[9]);
            }
            32 => {
                let _ = m.mark_next_touch(p, at, len);
            }
            33 => {
                let node = r(u64::from(m.node_counters(1).is_ok()) + 1) as u32;
                let _ = m.set_node(p, node);
                let _ = m.set_policy(
                    p,
                    [
                        NumaPolicy::Default,
                        NumaPolicy::Bind(vec![node]),
                        NumaPolicy::Interleave(vec![0, node]),
                        NumaPolicy::WeightedInterleave(vec![(0, 2), (node, 1)]),
                        NumaPolicy::Preferred(node),
                    ][r(5) as usize]
                        .clone(),
                );
            }
            34 => {
                if group == 0 {
                    group = m.create_group(Some(40 + r(600))).unwrap_or(0);
                }
                let _ = m.join(p, if r(2) == 0 { 0 } else { group });
                if r(4) == 0 {
                    let _ = m.set_limit(group, Some(30 + r(600)));
                }
            }
            35 => {
                let q = MapRequest::anonymous((1 + r(2)) * 512 * ps, rw)
                    .with(MapFlags::HUGETLB)
                    .fixed(base + r(3) * 512 * ps);
                let q = if r(2) == 0 { q.shared() } else { q };
                let _ = m.mmap(p, &q);
            }
            20..=25 => {
                let b = [r(3) as u8; 64];
                let _ = m.write(p, at + r(5000), &b);
            }
            _ => {
                let mut b = [0; 100];
                let _ = m.read(p, at + r(5000), &mut b);
            }
        }
        procs.retain(|&p| m.is_alive(p));
        if validate {
            if let Err(e) = m.validate() {
                panic!("{name} seed {seed} step {step} what {what}: {e}");
            }
        }
    }
    for p in procs {
        m.exit(p).unwrap();
    }
    m.close(file).unwrap();
    if std::env::var("SHOW").is_ok() {
        let c: Vec<String> =
            m.counters().iter().filter(|&(_, n)| n > 0).map(|(k, n)| format!("{}={n}", k.name())).collect();
        println!("{name} {}", c.join(" "));
    }
    m.validate().unwrap();
    assert_eq!(
        m.free_frames() + m.config().huge.pool.iter().map(|p| p.1 * 512).sum::<u64>(),
        m.frames(),
        "{name}"
    );
}
fn small(config: MachineConfig, frames: u64) -> MachineConfig {
    let mut c = config;
    c.memory.nodes = vec![NodeConfig::new(frames)];
    c.memory.watermarks = WatermarkConfig::Frames { min: 4, low: 8, high: 16 };
    c.swap = SwapConfig::of_pages(400);
    c
}
#[test]
fn smoke() {
    let linux = MachineConfig::default();
    let steps: u32 = std::env::var("STEPS").ok().and_then(|s| s.parse().ok()).unwrap_or(300);
    for seed in 0..6 {
        torture("big", small(linux.clone(), 4096), seed, steps, true);
        torture("small", small(linux.clone(), 200), seed, steps, true);
        let mut h = small(MachineConfig::preset("linux-huge").unwrap(), 3000);
        torture("huge", h.clone(), seed, steps, true);
        h.memory.nodes = vec![NodeConfig::new(1200); 2];
        torture("numa", h, seed, steps, true);
        let mut pool = small(linux.clone(), 3000);
        pool.huge.pool = vec![(1, 3)];
        torture("pool", pool, seed, steps, true);
        torture("zswap", small(MachineConfig::preset("linux-zswap").unwrap(), 200), seed, steps, true);
        torture("riscv", small(MachineConfig::preset("riscv").unwrap(), 200), seed, steps, true);
        torture("textbook", MachineConfig::preset("textbook").unwrap(), seed, steps, true);
    }
}
#[test]
fn policies() {
    for name in memcore::replacement::PolicySpec::names() {
        let spec: memcore::replacement::PolicySpec = name.parse().unwrap();
        if spec.facts().needs_future {
            continue;
        }
        for sight in [Sight::Every, Sight::Bits, Sight::Sampled(10)] {
            if spec.facts().varies_allocation && sight != Sight::Every {
                continue;
            }
            for scope in [Scope::Global, Scope::Process(30)] {
                let mut c = small(MachineConfig::default(), 150);
                c.replacement.policy = spec.clone();
                c.replacement.sight = sight;
                c.replacement.scope = scope;
                torture(name, c, 3, 250, true);
            }
        }
    }
}
