//! Random hierarchies, random accesses: every count of every level as in the naive model.

use super::model::Model;
use memcore::cache::{
    CacheError, Geometry, Hierarchy, HierarchyConfig, Inclusion, LevelConfig, Operation, Prefetch, RamConfig,
    Serves, SetPolicy, Trigger, WritePolicy,
};
use proptest::prelude::*;

fn policies() -> impl Strategy<Value = SetPolicy> {
    prop_oneof![
        Just(SetPolicy::Lru),
        Just(SetPolicy::Fifo),
        (0u64..4).prop_map(|seed| SetPolicy::Random { seed }),
        Just(SetPolicy::TreePlru),
        Just(SetPolicy::BitPlru),
        (1u8..4).prop_map(|bits| SetPolicy::Srrip { bits }),
    ]
}

fn prefetchers() -> impl Strategy<Value = Prefetch> {
    let trigger = prop_oneof![Just(Trigger::Miss), Just(Trigger::Tagged), Just(Trigger::Always)];
    prop_oneof![
        3 => Just(Prefetch::None),
        1 => (1u32..4, trigger).prop_map(|(degree, on)| Prefetch::NextLine { degree, on }),
        1 => (1u32..4, 1u32..6, 7u32..12)
            .prop_map(|(degree, streams, bits)| Prefetch::Stride { degree, streams, region: 1 << bits }),
    ]
}

fn level(
    name: String,
    serves: Serves,
    line_bits: std::ops::Range<u32>,
) -> impl Strategy<Value = LevelConfig> {
    let inclusion =
        prop_oneof![Just(Inclusion::Inclusive), Just(Inclusion::Exclusive), Just(Inclusion::NonInclusive)];
    let shape = (1u64..7, 1u64..17, line_bits);
    (shape, policies(), any::<bool>(), any::<bool>(), inclusion, prefetchers(), 0u64..9).prop_map(
        move |((sets, ways, line_bits), policy, back, allocate, inclusion, prefetch, latency)| LevelConfig {
            serves,
            policy,
            write: if back { WritePolicy::Back } else { WritePolicy::Through },
            allocate,
            inclusion,
            prefetch,
            latency,
            ..LevelConfig::new(&name, Geometry::new(sets, ways, 1 << line_bits).unwrap())
        },
    )
}

/// Any hierarchy; what the rules forbid is mended, so that nothing is thrown away.
fn hierarchies() -> impl Strategy<Value = HierarchyConfig> {
    let levels = (0usize..5, any::<[bool; 4]>()).prop_flat_map(|(count, is_split)| {
        let splits = is_split.iter().take(count).take_while(|split| **split).count();
        let levels: Vec<_> = (0..count)
            .flat_map(|depth| {
                let sides: &[Serves] =
                    if depth < splits { &[Serves::Data, Serves::Instruction] } else { &[Serves::Unified] };
                let named = |serves: &Serves| level(format!("{depth}{serves:?}"), *serves, 4..7);
                sides.iter().map(named).collect::<Vec<_>>()
            })
            .collect();
        levels
    });
    (levels, any::<bool>(), 1u64..6, 0u64..9).prop_map(|(mut levels, finite, frames, latency)| {
        let feeds = |inner: Serves, outer: Serves| inner == outer || outer == Serves::Unified;
        for at in 0..levels.len() {
            let (inner, outer) = levels.split_at_mut(at);
            let now = &mut outer[0];
            let serves = now.serves;
            let inner: Vec<_> = inner.iter().filter(|level| feeds(level.serves, serves)).collect();
            let longest = inner.iter().map(|level| level.geometry.line()).max();
            let lengths: std::collections::BTreeSet<u64> =
                inner.iter().map(|level| level.geometry.line()).collect();
            let geometry = now.geometry;
            let mut line = geometry.line().max(longest.unwrap_or(0));
            if now.inclusion == Inclusion::Exclusive {
                match longest {
                    Some(longest) if lengths.len() == 1 => line = longest,
                    _ => now.inclusion = Inclusion::NonInclusive,
                }
            }
            now.geometry = Geometry::new(geometry.sets(), geometry.ways().into(), line).unwrap();
            now.latency += inner.iter().map(|level| level.latency).max().unwrap_or(0);
        }
        let slowest = levels.iter().map(|level| level.latency).max().unwrap_or(0);
        let ram = RamConfig {
            latency: slowest + latency,
            size: finite.then_some(frames * 512),
            page: 512,
            ..RamConfig::default()
        };
        HierarchyConfig { registers: None, levels, disk: ram.latency + 100, ram }
    })
}

fn accesses() -> impl Strategy<Value = Vec<(u64, u64, Operation)>> {
    let operation =
        prop_oneof![3 => Just(Operation::Read), 2 => Just(Operation::Write), 1 => Just(Operation::Fetch)];
    let access = prop_oneof![
        6 => (0u64..6000, 0u64..100),
        1 => (u64::MAX - 200..=u64::MAX, 0u64..300),
    ];
    // Runs with a stride, so that prefetchers find something.
    let run =
        (access, operation, 1u64..6, -150i64..150).prop_map(|((address, size), operation, count, stride)| {
            let at = move |n: u64| address.saturating_add_signed(stride * n as i64);
            (0..count).map(move |n| (at(n), size, operation)).collect::<Vec<_>>()
        });
    prop::collection::vec(run, 1..150).prop_map(|runs| runs.concat())
}

fn compare(config: &HierarchyConfig, accesses: &[(u64, u64, Operation)]) -> Result<(), TestCaseError> {
    let mut hierarchy = Hierarchy::new(config.clone()).unwrap();
    let mut model = Model::new(config);
    for (index, &(address, size, operation)) in accesses.iter().enumerate() {
        let cycles = hierarchy.access(address, size, operation).unwrap();
        prop_assert_eq!(cycles, model.access(address, size, operation), "access {}", index);
    }
    let mut cycles = 0;
    for (index, level) in model.levels.iter().enumerate() {
        prop_assert_eq!(hierarchy.stats(index), level.stats, "level {}", index);
        cycles += level.stats.cycles;
        for address in (0..8000).step_by(16) {
            prop_assert_eq!(hierarchy.contains(index, address), level.has(address), "{:#x}", address);
        }
    }
    prop_assert_eq!(hierarchy.memory_stats(), model.memory);
    cycles += model.memory.ram_cycles + model.memory.disk_cycles;
    prop_assert_eq!(hierarchy.validate(), Ok(()));
    let time = hierarchy.average_access_time();
    prop_assert_eq!(time.shares.iter().map(|share| share.cycles).sum::<u64>(), cycles);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_are_those_of_the_model(config in hierarchies(), accesses in accesses()) {
        prop_assert_eq!(config.check(), Ok(()));
        compare(&config, &accesses)?;
    }

    #[test]
    fn text_reads_back(config in hierarchies()) {
        let text = config.to_string();
        let read = text.parse::<HierarchyConfig>();
        // A bare `disk` of an endless RAM is not checked, but kept.
        prop_assert_eq!(read, Ok::<_, CacheError>(config));
    }

    #[test]
    fn exclusive_levels_of_a_chain_share_no_line(config in hierarchies(), accesses in accesses()) {
        let is_chain = config.levels.iter().all(|level| level.serves == Serves::Unified);
        if !is_chain {
            return Ok(());
        }
        let mut hierarchy = Hierarchy::new(config.clone()).unwrap();
        for &(address, size, operation) in &accesses {
            hierarchy.access(address, size, operation).unwrap();
        }
        for outer in 1..config.levels.len() {
            if config.levels[outer].inclusion == Inclusion::Exclusive {
                let inner = hierarchy.cache(outer - 1).unwrap();
                let shared = hierarchy.cache(outer).unwrap().lines().find(|line| inner.contains(line.line));
                prop_assert_eq!(shared, None);
            }
        }
    }

    #[test]
    fn a_flush_leaves_nothing_dirty_and_a_reset_forgets(config in hierarchies(), accesses in accesses()) {
        let mut hierarchy = Hierarchy::new(config.clone()).unwrap();
        for &(address, size, operation) in &accesses {
            hierarchy.access(address, size, operation).unwrap();
        }
        let mut dirty = std::collections::BTreeSet::new();
        for (index, level) in config.levels.iter().enumerate() {
            let lines = hierarchy.cache(index).unwrap().lines().filter(|line| line.state.dirty);
            dirty.extend(lines.map(|line| line.line * level.geometry.line()));
        }
        let before = hierarchy.memory_stats();
        let written = hierarchy.flush().unwrap();
        prop_assert!(written <= dirty.len() as u64 * 5 && (written == 0) == dirty.is_empty());
        prop_assert_eq!(hierarchy.memory_stats().writes, before.writes + written);
        prop_assert_eq!(hierarchy.memory_stats().page_faults, before.page_faults);
        prop_assert!((0..config.levels.len()).all(|level| hierarchy.cache(level).unwrap().lines().count() == 0));
        hierarchy.reset().unwrap();
        let mut fresh = Hierarchy::new(config).unwrap();
        for &(address, size, operation) in &accesses {
            prop_assert_eq!(hierarchy.access(address, size, operation), fresh.access(address, size, operation));
        }
        prop_assert_eq!(hierarchy.memory_stats(), fresh.memory_stats());
    }
}
