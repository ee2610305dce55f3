//! Hierarchies to begin with: the one that everyone draws, and those of a few processors.
//!
//! Of the processors, sizes, ways, lines and inclusion are those of the tables named below, for what one core can
//! use; so are the cycles, from load to use, but for those in the last column. How they choose victims is mostly
//! not published: all levels are LRU here. Prefetchers are left out. Nobody publishes one number of cycles for
//! RAM; 200 is a round one, about 60 ns at 3.3 GHz.
//!
//! | preset | published | chosen here |
//! |---|---|---|
//! | `seed` | nothing: registers, L1, L2, L3, RAM, disk, with typical round figures | all of it; the disk takes 300000 cycles (0.1 ms at 3 GHz, a solid-state disk) |
//! | `intel-nehalem` | Intel's optimization manual, Core i7: L1 32K (I 4 ways, D 8 ways), L2 256K, 8 ways; L3 8M, 16 ways, inclusive | 4, 10 and 38 cycles, as commonly quoted; L1I as L1D |
//! | `intel-skylake` | I. Cutress, "The Intel Skylake-X review", AnandTech 2017, Skylake-S: L1 32K, 8 ways, 4 cycles; L2 256K, 4 ways; L3 below 2M a core, up to 16 ways, inclusive, 44 cycles | four cores' 8M, 16 ways; L2 12 cycles, where the review has 11; L1I as L1D |
//! | `intel-skylake-server` | the same table, Skylake-SP: L2 1M, 16 ways, 11 to 13 cycles; L3 1.375M a core, 11 ways, not inclusive, 77 cycles | one core's 1.375M, modelled as the exclusive place of L2's victims; L2 13 cycles |
//! | `amd-zen2` | I. Pavlov, 7-cpu.com, Zen 2: L1 32K, 8 ways; L2 512K, 8 ways; L3 16M for four cores, 16 ways, filled by L2's victims | 4, 12 and 39 cycles, as commonly quoted; L2 inclusive of L1 |

use super::config::HierarchyConfig;

const TEXTS: [(&str, &str); 5] = [
    (
        "seed",
        "registers:latency=1 l1i:size=32K,latency=4 l1d:size=32K,latency=4 l2:size=256K,latency=12 \
         l3:size=8M,ways=16,latency=40 ram:latency=200,size=1G disk:latency=300000",
    ),
    (
        "intel-nehalem",
        "l1i:size=32K,ways=4,latency=4 l1d:size=32K,latency=4 l2:size=256K,latency=10 \
         l3:size=8M,ways=16,inclusion=inclusive,latency=38 ram:latency=200",
    ),
    (
        "intel-skylake",
        "l1i:size=32K,latency=4 l1d:size=32K,latency=4 l2:size=256K,ways=4,latency=12 \
         l3:size=8M,ways=16,inclusion=inclusive,latency=44 ram:latency=200",
    ),
    (
        "intel-skylake-server",
        "l1i:size=32K,latency=4 l1d:size=32K,latency=4 l2:size=1M,ways=16,latency=13 \
         l3:size=1408K,ways=11,inclusion=exclusive,latency=77 ram:latency=200",
    ),
    (
        "amd-zen2",
        "l1i:size=32K,latency=4 l1d:size=32K,latency=4 l2:size=512K,inclusion=inclusive,latency=12 \
         l3:size=16M,ways=16,inclusion=exclusive,latency=39 ram:latency=200",
    ),
];

impl HierarchyConfig {
    /// The names of the presets.
    pub const PRESETS: &'static [&'static str] =
        &["seed", "intel-nehalem", "intel-skylake", "intel-skylake-server", "amd-zen2"];

    /// The hierarchy of this name, if there is one; [`presets`](super::presets) says what is published of each and
    /// what is chosen.
    ///
    /// ```
    /// use memcore::cache::HierarchyConfig;
    /// let zen = HierarchyConfig::preset("amd-zen2").unwrap();
    /// assert_eq!(zen.levels[3].geometry.size(), 16 << 20);
    /// ```
    pub fn preset(name: &str) -> Option<HierarchyConfig> {
        TEXTS.iter().find(|(known, _)| *known == name).and_then(|(_, text)| text.parse().ok())
    }
}
