//! Machines to begin with.
//!
//! | preset | what it is | what is assumed |
//! |---|---|---|
//! | `linux` | the default: x86-64, 4 levels, 4 KiB pages; TLBs and walk cache of Intel's Skylake; 256 MiB of memory and as much swap; CLOCK by the referenced bits; huge pages where they are asked for | 4096 address-space ids, as x86-64 has (Linux uses fewer of them); no caches: each reference to memory takes 200 cycles |
//! | `linux-thp` | the same, with huge pages wherever one fits | |
//! | `linux-caches` | the same as `linux`, with Skylake's caches in front of memory | page-table entries are cached as data are |
//! | `linux-zswap` | the same as `linux`, with a compressed pool in front of the swap device | LZ4, at most 20 % of memory |
//! | `linux-numa` | the same as `linux`, in two nodes of 128 MiB | distance 21, as two sockets commonly report |
//! | `riscv-sv39` | Sv39; 40-entry TLBs and a direct-mapped one of 512 entries behind them, as SiFive describes its U74 core | 8 cycles for the second level; no walk cache; 16 bits of address-space id |
//! | `inverted` | a hashed page table, as IBM's System/38 and RS/6000 had, of 4 KiB pages | TLBs and all else as `linux` |
//! | `small` | x86-64 with 64 frames, 256 pages of swap and TLBs of 8 entries: everything happens soon | marks of 2, 4 and 6 frames; page tables take none |
//! | `textbook` | one level, 64 pages of 4 KiB, 8 frames, FIFO, each reference seen; no TLB, nothing read ahead, a page reclaimed when it must be | times in nanoseconds as in Silberschatz, Galvin and Gagne, "Operating system concepts": 200 for memory, 8 ms to serve a fault, for a page read from the device |
//! | `seed` | 8 pages and 8 frames of 4096 bytes, a one-level table: a page is never replaced | nothing takes time |
//!
//! Swap, files and all other times are those of [`Latencies`], round figures for a processor of 3 GHz, but for
//! `textbook` and `seed`.

use super::compress::CompressConfig;
use super::config::{
    FaultConfig, HugeConfig, HugeMode, Latencies, MachineConfig, MergeConfig, ReplacementConfig, Scope, Sight,
};
use super::paging::{PagingConfig, TlbsConfig, WalkCacheConfig};
use super::physical::{MemoryConfig, NodeConfig, WatermarkConfig};
use super::space::{LayoutConfig, OvercommitConfig};
use super::swap::SwapConfig;
use crate::cache::HierarchyConfig;
use crate::replacement::PolicySpec;
use std_alloc::vec;
use std_alloc::vec::Vec;

/// `vm.max_map_count` of Linux.
const MAX_MAP_COUNT: u64 = 65_530;
/// Pages of swap of the presets for Linux: as many as there are frames.
const SWAP_PAGES: u64 = 65_536;
/// 12 bits of them, on x86-64.
const X86_ASIDS: u32 = 1 << 12;

impl Default for MachineConfig {
    /// The preset `linux`.
    fn default() -> Self {
        MachineConfig {
            paging: PagingConfig::default(),
            tlbs: TlbsConfig::preset("intel-skylake").unwrap_or_default(),
            asids: X86_ASIDS,
            walk_cache: WalkCacheConfig::preset("intel-skylake").unwrap_or_default(),
            caches: None,
            memory: MemoryConfig::default(),
            tables_take_frames: true,
            swap: SwapConfig::of_pages(SWAP_PAGES),
            compression: None,
            replacement: ReplacementConfig::default(),
            faults: FaultConfig::default(),
            huge: HugeConfig::default(),
            merging: MergeConfig::default(),
            overcommit: OvercommitConfig::default(),
            layout: None,
            max_map_count: MAX_MAP_COUNT,
            address_limit: None,
            lock_limit: None,
            latencies: Latencies::default(),
        }
    }
}

impl MachineConfig {
    /// The names of the presets, each with what it is in a few words.
    pub const PRESETS: &'static [(&'static str, &'static str)] = &[
        ("linux", "x86-64, 4 KiB pages, CLOCK by referenced bits, 256 MiB"),
        ("linux-thp", "linux, with huge pages wherever one fits"),
        ("linux-caches", "linux, with the caches of Intel's Skylake"),
        ("linux-zswap", "linux, with compressed swap"),
        ("linux-numa", "linux, in two NUMA nodes"),
        ("riscv-sv39", "RISC-V Sv39 with the TLBs of SiFive's U74"),
        ("inverted", "linux, with a hashed page table"),
        ("small", "x86-64 with 64 frames and small TLBs"),
        ("textbook", "one-level table, 8 frames, FIFO, times in nanoseconds"),
        ("seed", "8 pages, 8 frames, a one-level table"),
    ];

    /// The preset of this name, if there is one; [`presets`](super::presets) says what each assumes.
    ///
    /// ```
    /// use memcore::vm::MachineConfig;
    /// let textbook = MachineConfig::preset("textbook").unwrap();
    /// assert_eq!(textbook.memory.frames(), Ok(8));
    /// assert_eq!(MachineConfig::preset("linux"), Some(MachineConfig::default()));
    /// assert!(MachineConfig::PRESETS.iter().all(|(name, _)| MachineConfig::preset(name).is_some()));
    /// ```
    pub fn preset(name: &str) -> Option<MachineConfig> {
        let linux = MachineConfig::default();
        Some(match name {
            "linux" => linux,
            "linux-thp" => {
                MachineConfig { huge: HugeConfig { mode: HugeMode::Always, ..linux.huge }, ..linux }
            }
            "linux-caches" => MachineConfig { caches: HierarchyConfig::preset("intel-skylake"), ..linux },
            "linux-zswap" => MachineConfig { compression: Some(CompressConfig::default()), ..linux },
            "linux-numa" => {
                let nodes = vec![NodeConfig::new(32_768), NodeConfig::new(32_768)];
                let distances = vec![vec![10, 21], vec![21, 10]];
                MachineConfig { memory: MemoryConfig { nodes, distances, ..linux.memory }, ..linux }
            }
            "riscv-sv39" => MachineConfig {
                paging: PagingConfig::Sv39,
                tlbs: tlbs(
                    "itlb:entries=40,pages=4K;2M;1G dtlb:entries=40,pages=4K;2M;1G \
                     stlb:entries=512,ways=1,pages=4K,latency=8",
                ),
                asids: 1 << 16,
                walk_cache: WalkCacheConfig::default(),
                ..linux
            },
            "inverted" => MachineConfig {
                paging: PagingConfig::Inverted { page: 4096, address_bits: 48, buckets: 0 },
                tlbs: tlbs(
                    "itlb:entries=128,ways=8 dtlb:entries=64,ways=4 stlb:entries=1536,ways=12,latency=7",
                ),
                walk_cache: WalkCacheConfig::default(),
                ..linux
            },
            "small" => small(linux),
            "textbook" => textbook(linux),
            "seed" => seed(textbook(linux)),
            _ => return None,
        })
    }
}

/// TLBs of a text of this file.
fn tlbs(text: &str) -> TlbsConfig {
    text.parse().unwrap_or_default()
}

fn small(linux: MachineConfig) -> MachineConfig {
    let watermarks = WatermarkConfig::Frames { min: 2, low: 4, high: 6 };
    MachineConfig {
        tlbs: TlbsConfig::preset("small").unwrap_or_default(),
        walk_cache: WalkCacheConfig { entries: vec![4, 2, 1] },
        memory: MemoryConfig { watermarks, ..MemoryConfig::of_frames(64) },
        tables_take_frames: false,
        swap: SwapConfig::of_pages(256),
        replacement: ReplacementConfig { batch: 4, ..linux.replacement },
        ..linux
    }
}

fn textbook(linux: MachineConfig) -> MachineConfig {
    let device = 8_000_000;
    MachineConfig {
        paging: PagingConfig::OneLevel { page: 4096, pages: 64 },
        tlbs: TlbsConfig::default(),
        asids: 0,
        walk_cache: WalkCacheConfig::default(),
        memory: MemoryConfig { watermarks: WatermarkConfig::None, ..MemoryConfig::of_frames(8) },
        tables_take_frames: false,
        swap: SwapConfig::of_pages(64),
        replacement: ReplacementConfig {
            policy: PolicySpec::Fifo(()),
            sight: Sight::Every,
            scope: Scope::Global,
            batch: 1,
            ..linux.replacement
        },
        faults: FaultConfig { around: 1, file_read_ahead: 0, swap_cluster: 1, zero_page: false },
        huge: HugeConfig { mode: HugeMode::Never, pool: Vec::new(), ..linux.huge },
        layout: Some(LayoutConfig { flat: true, ..LayoutConfig::default() }),
        latencies: Latencies {
            swap_read: device,
            swap_write: device,
            file_read: device,
            file_write: device,
            ..nothing()
        },
        ..linux
    }
}

fn seed(textbook: MachineConfig) -> MachineConfig {
    MachineConfig {
        paging: PagingConfig::OneLevel { page: 4096, pages: 8 },
        memory: MemoryConfig { watermarks: WatermarkConfig::None, ..MemoryConfig::of_frames(8) },
        swap: SwapConfig::of_pages(0),
        latencies: Latencies { memory: 0, ..nothing() },
        ..textbook
    }
}

/// Memory takes 200, all else nothing.
fn nothing() -> Latencies {
    Latencies {
        memory: 200,
        trap: 0,
        zero: 0,
        copy: 0,
        swap_read: 0,
        swap_write: 0,
        file_read: 0,
        file_write: 0,
        compress: 0,
        decompress: 0,
        merge: 0,
        shootdown: 0,
    }
}
