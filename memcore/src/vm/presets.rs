//! Machines to begin with, by name.
//!
//! | preset | what it is |
//! |---|---|
//! | `linux` | x86-64 with 4 levels, 256 MiB of 4 KiB frames, TLBs and walk cache of a Skylake, Linux' watermarks, CLOCK by referenced bits, huge pages where advised, as much swap as memory; the default |
//! | `linux-huge` | the same, with huge pages wherever they fit |
//! | `linux-zswap` | the same as `linux`, with a compressed pool in front of the swap device |
//! | `numa` | two nodes of 128 MiB, else as `linux` |
//! | `riscv` | Sv39, else as `linux`, with small TLBs and no walk cache |
//! | `textbook` | one level of 64 pages of 4 KiB, 8 frames, no TLB, FIFO that sees each reference, no watermarks, page tables that take no frames: pages leave one at a time, when the last frame is taken |
//! | `seed` | the same with 8 pages in 8 frames: the document that memcore grew from |
//!
//! Latencies are the assumptions of [`Latencies`](super::Latencies).

use super::compress::CompressConfig;
use super::config::{FaultConfig, HugeConfig, HugeMode, MachineConfig, ReplacementConfig, Scope, Sight};
use super::paging::{PagingConfig, TlbsConfig, WalkCacheConfig};
use super::physical::{MemoryConfig, NodeConfig, WatermarkConfig};
use super::swap::SwapConfig;
use crate::replacement::PolicySpec;
use std_alloc::vec;

/// Frames of the larger presets: 256 MiB.
const FRAMES: u64 = 65_536;

impl Default for MachineConfig {
    fn default() -> Self {
        MachineConfig {
            paging: PagingConfig::default(),
            tlbs: TlbsConfig::preset("intel-skylake").unwrap_or_default(),
            asids: 4096,
            walk_cache: WalkCacheConfig::preset("intel-skylake").unwrap_or_default(),
            caches: None,
            memory: MemoryConfig {
                contents: true,
                nodes: vec![NodeConfig::new(FRAMES)],
                ..MemoryConfig::default()
            },
            tables_take_frames: true,
            swap: SwapConfig::of_pages(FRAMES),
            compression: None,
            replacement: ReplacementConfig::default(),
            faults: FaultConfig::default(),
            huge: HugeConfig::default(),
            merging: Default::default(),
            overcommit: Default::default(),
            layout: None,
            max_map_count: 65_530,
            address_limit: None,
            lock_limit: None,
            latencies: Default::default(),
        }
    }
}

impl MachineConfig {
    /// The names of the presets.
    pub const PRESETS: &'static [&'static str] =
        &["linux", "linux-huge", "linux-zswap", "numa", "riscv", "textbook", "seed"];

    /// The machine of this name, if there is one; [`presets`](super::presets) says what each is.
    ///
    /// ```
    /// use memcore::vm::{MachineConfig, HugeMode};
    /// assert_eq!(MachineConfig::preset("linux-huge").unwrap().huge.mode, HugeMode::Always);
    /// assert!(MachineConfig::PRESETS.iter().all(|name| MachineConfig::preset(name).is_some()));
    /// ```
    pub fn preset(name: &str) -> Option<MachineConfig> {
        let linux = MachineConfig::default();
        let huge = HugeConfig { mode: HugeMode::Always, ..HugeConfig::default() };
        Some(match name {
            "linux" => linux,
            "linux-huge" => MachineConfig { huge, ..linux },
            "linux-zswap" => MachineConfig { compression: Some(CompressConfig::default()), ..linux },
            "numa" => {
                let nodes = vec![NodeConfig::new(FRAMES / 2); 2];
                MachineConfig { memory: MemoryConfig { nodes, ..linux.memory.clone() }, ..linux }
            }
            "riscv" => MachineConfig {
                paging: PagingConfig::Sv39,
                tlbs: TlbsConfig::preset("small").unwrap_or_default(),
                walk_cache: WalkCacheConfig::default(),
                ..linux
            },
            "textbook" => textbook(64, 8),
            "seed" => textbook(8, 8),
            _ => return None,
        })
    }
}

/// The machine of the exercises: so many pages of 4 KiB in so many frames.
fn textbook(pages: u64, frames: u64) -> MachineConfig {
    MachineConfig {
        paging: PagingConfig::OneLevel { page: 4096, pages },
        tlbs: TlbsConfig::default(),
        walk_cache: WalkCacheConfig::default(),
        memory: MemoryConfig {
            contents: true,
            nodes: vec![NodeConfig::new(frames)],
            distances: vec![],
            watermarks: WatermarkConfig::None,
        },
        tables_take_frames: false,
        swap: SwapConfig::of_pages(pages),
        replacement: ReplacementConfig {
            policy: PolicySpec::Fifo(()),
            sight: Sight::Every,
            scope: Scope::Global,
            batch: 1,
            ..ReplacementConfig::default()
        },
        faults: FaultConfig { around: 1, file_read_ahead: 0, swap_cluster: 1 },
        huge: HugeConfig { mode: HugeMode::Never, ..HugeConfig::default() },
        ..MachineConfig::default()
    }
}
