//! What can be configured, what is refused and in which words, and the presets.

use memcore::cache::{
    AccessTime, CacheError, Geometry, Hierarchy, HierarchyConfig, Inclusion, LevelConfig, Operation,
    Prefetch, Serves, SetPolicy, WritePolicy,
};

fn read(text: &str) -> Result<HierarchyConfig, CacheError> {
    text.parse()
}

#[test]
fn a_level_reads_every_key() {
    let level: LevelConfig =
        "ic:size=3K,ways=6,line=32,policy=srrip:bits=3,write=through,allocate=yes,inclusion=exclusive,\
        prefetch=stride:degree=4;streams=8;region=2K,latency=9,serves=instruction"
            .parse()
            .unwrap();
    let expected = LevelConfig {
        name: "ic".into(),
        serves: Serves::Instruction,
        geometry: Geometry::new(16, 6, 32).unwrap(),
        policy: SetPolicy::Srrip { bits: 3 },
        write: WritePolicy::Through,
        allocate: true,
        inclusion: Inclusion::Exclusive,
        prefetch: Prefetch::Stride { degree: 4, streams: 8, region: 2048 },
        latency: 9,
    };
    assert_eq!(level, expected);
    let through: LevelConfig = "l1:size=1K,write=through".parse().unwrap();
    assert!(!through.allocate, "write-through goes without allocation unless it is said");
    let full: LevelConfig = "victims:size=1K,ways=full".parse().unwrap();
    assert_eq!((full.geometry.sets(), full.geometry.ways()), (1, 16));
    for (name, serves) in [
        ("l1d", Serves::Data),
        ("L2I", Serves::Instruction),
        ("ld", Serves::Unified),
        ("shared", Serves::Unified),
    ] {
        let level: LevelConfig = format!("{name}:size=1K").parse().unwrap();
        assert_eq!(level.serves, serves, "{name}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let refused = [
        ("l1:size=1000", "a size of 1000 bytes is not a multiple of 8 ways of 64 bytes"),
        ("l1:sets=0", "0 sets: must be 1 or more"),
        ("l1:sets=2,ways=0", "0 ways: must be from 1 to 2^31"),
        ("l1:size=1K,line=48", "a line of 48 bytes: must be a power of two"),
        ("l1:size=1K,sets=3,ways=2", "a size of 1024 bytes is not 3 sets of 2 ways of 64 bytes"),
        ("l1:ways=2", "size=: must be given, or sets"),
        ("l1:size=1x", "size=1x: must be a size such as 32K"),
        (
            "l1:size=1K,colour=red",
            "l1 has no parameter \"colour\"; known: size, sets, ways, line, policy, write, allocate, inclusion, prefetch, latency, serves",
        ),
        (
            "l1:size=1K,prefetch=stride:region=32",
            "prefetch region of 32: must be a power of two and not below the line",
        ),
        ("l1:size=1K,prefetch=next-line:degree=65", "prefetch degree of 65: must be from 1 to 64"),
        ("l1:size=1K,prefetch=psychic", "unknown prefetcher \"psychic\"; known: none, next-line, stride"),
        ("l1:size=1K l1:size=2K", "a level cannot be called \"l1\": the name is taken"),
        ("ram:latency=1 ram:latency=1", "a level cannot be called \"ram\": the name is taken"),
        ("l1:size=1K l2d:size=2K", "l2d is split, but l1, which is nearer to the processor, is not"),
        ("l1:size=1K l2:size=2K,line=32", "l2 has lines of 32 bytes, l1 nearer to the processor has 64"),
        (
            "l1:size=8K,line=1K ram:page=512",
            "ram has lines of 512 bytes, l1 nearer to the processor has 1024",
        ),
        (
            "l1:size=1K l2:size=2K,line=128,inclusion=exclusive",
            "l2 is exclusive of l1, whose lines have 64 bytes, not 128",
        ),
        (
            "l1:size=1K,inclusion=exclusive",
            "l1 cannot be exclusive: for data it is the level nearest to the processor",
        ),
        (
            "l1d:size=1K l2:size=2K,inclusion=exclusive",
            "l2 cannot be exclusive: for instructions it is the level nearest to the processor",
        ),
        ("l1:size=1K,latency=5 ram:latency=4", "ram takes 4 cycles, l1 nearer to the processor takes 5"),
        (
            "registers:latency=5 l1:size=1K,latency=4",
            "l1 takes 4 cycles, registers nearer to the processor takes 5",
        ),
        ("ram:latency=4,size=4K disk:latency=3", "disk takes 3 cycles, ram nearer to the processor takes 4"),
        (
            "ram:page=5000",
            "5000 as a page size: must be a power of two, given once, at most 8 of them and at least one",
        ),
        ("ram:size=5000", "a size of 5000 bytes is not a multiple of 1 ways of 4096 bytes"),
        (
            "zx81",
            "unknown hierarchy \"zx81\"; known: seed, intel-nehalem, intel-skylake, intel-skylake-server, amd-zen2",
        ),
    ];
    for (text, words) in refused {
        assert_eq!(read(text).unwrap_err().to_string(), words, "{text}");
    }
    let many: String = (0..17).map(|level| format!("c{level}:size=1K ")).collect();
    assert_eq!(read(&many).unwrap_err(), CacheError::Levels { levels: 17 });
    let huge = read("l1:sets=144115188075855871,ways=2").map(Hierarchy::new);
    assert!(matches!(huge, Ok(Err(CacheError::OutOfMemory { .. }))), "{huge:?}");
    assert!(matches!(Geometry::new(1 << 40, 1 << 20, 64), Err(CacheError::OutOfMemory { .. })));
}

#[test]
fn presets_are_what_their_makers_publish() {
    let shape = |preset: &str| -> Vec<(String, u64, u32, u64)> {
        let config = HierarchyConfig::preset(preset).unwrap();
        assert_eq!(config.to_string().parse(), Ok(config.clone()), "{preset}");
        Hierarchy::new(config.clone()).unwrap();
        let level = |level: &LevelConfig| {
            assert_eq!(level.geometry.line(), 64);
            (level.name.clone(), level.geometry.size() >> 10, level.geometry.ways(), level.latency)
        };
        config.levels.iter().map(level).collect()
    };
    let named =
        |levels: [(&str, u64, u32, u64); 4]| levels.map(|(name, a, b, c)| (name.to_string(), a, b, c));
    for (preset, levels) in [
        ("intel-nehalem", [("l1i", 32, 4, 4), ("l1d", 32, 8, 4), ("l2", 256, 8, 10), ("l3", 8192, 16, 38)]),
        ("intel-skylake", [("l1i", 32, 8, 4), ("l1d", 32, 8, 4), ("l2", 256, 4, 12), ("l3", 8192, 16, 44)]),
        (
            "intel-skylake-server",
            [("l1i", 32, 8, 4), ("l1d", 32, 8, 4), ("l2", 1024, 16, 13), ("l3", 1408, 11, 77)],
        ),
        ("amd-zen2", [("l1i", 32, 8, 4), ("l1d", 32, 8, 4), ("l2", 512, 8, 12), ("l3", 16384, 16, 39)]),
    ] {
        assert_eq!(shape(preset), named(levels), "{preset}");
    }
    assert!(HierarchyConfig::PRESETS.iter().all(|name| HierarchyConfig::preset(name).is_some()));
    assert_eq!(HierarchyConfig::preset("cray-1"), None);
}

#[test]
fn the_hierarchy_of_the_seed_from_registers_to_disk() {
    let mut memory = Hierarchy::new(read("seed").unwrap()).unwrap();
    memory.count_register_accesses(6);
    let cycles = [0, 8, 1 << 20, 0].map(|address| memory.access(address, 8, Operation::Read).unwrap());
    assert_eq!(cycles, [300_000, 4, 300_000, 4]);
    let AccessTime { accesses, average, shares } = memory.average_access_time();
    assert_eq!((accesses, average), (10, 60001.4));
    let shares: Vec<(&str, u64)> = shares.iter().map(|share| (share.name.as_str(), share.cycles)).collect();
    let disk = 2 * (300_000 - 200);
    let expected =
        [("registers", 6), ("l1i", 0), ("l1d", 16), ("l2", 16), ("l3", 56), ("ram", 320), ("disk", disk)];
    assert_eq!(shares, expected);
}
