//! The configuration of a machine: everything that is chosen, in one value that reads from and writes to TOML.
//!
//! Parts that have a text form elsewhere (a replacement policy, a hierarchy of caches, a set of TLBs, a paging
//! mode) keep it here. What is not given is as in [`MachineConfig::default`], which is the preset `linux`.

use super::compress::CompressConfig;
use super::paging::{PagingConfig, TlbsConfig, WalkCacheConfig};
use super::physical::MemoryConfig;
use super::space::{LayoutConfig, OvercommitConfig};
use super::swap::SwapConfig;
use crate::cache::HierarchyConfig;
use crate::replacement::PolicySpec;
use core::fmt::Display;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std_alloc::string::{String, ToString};

/// A value by its text form.
mod text {
    use super::*;

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The same for a value that may be missing.
mod optional_text {
    use super::*;

    pub(super) fn serialize<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(ToString::to_string).serialize(to)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

/// Everything that is chosen about a machine.
///
/// ```
/// use memcore::vm::MachineConfig;
/// let mut config = MachineConfig::preset("textbook").unwrap();
/// config.replacement.policy = "lru".parse()?;
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct MachineConfig {
    /// The page table.
    pub paging: PagingConfig,
    /// The TLBs.
    pub tlbs: TlbsConfig,
    /// Address-space ids: so many, recycled; 0: a switch to another process empties the TLBs.
    pub asids: u32,
    /// Upper entries of the page table that are kept near the processor.
    pub walk_cache: WalkCacheConfig,
    /// The caches; without them each reference takes [`Latencies::memory`].
    #[serde(with = "optional_text")]
    pub caches: Option<HierarchyConfig>,
    /// The page frames.
    pub memory: MemoryConfig,
    /// Page tables take frames, as they do in truth; off for exercises that count frames.
    pub tables_take_frames: bool,
    /// The swap device.
    pub swap: SwapConfig,
    /// The compressed pool in front of the swap device.
    pub compression: Option<CompressConfig>,
    /// Who leaves when memory is short.
    pub replacement: ReplacementConfig,
    /// How pages come in.
    pub faults: FaultConfig,
    /// Huge pages.
    pub huge: HugeConfig,
    /// Merging of equal pages.
    pub merging: MergeConfig,
    /// How much may be promised.
    pub overcommit: OvercommitConfig,
    /// Where segments lie; `None`: as the size of the address space suggests.
    pub layout: Option<LayoutConfig>,
    /// The most areas of a process.
    pub max_map_count: u64,
    /// The most bytes of addresses of a process; `None`: no limit.
    pub address_limit: Option<u64>,
    /// The most bytes that a process may lock; `None`: no limit.
    pub lock_limit: Option<u64>,
    /// What things cost.
    pub latencies: Latencies,
}

/// What a policy knows about references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// Each of them, as the literature's policies assume.
    Every,
    /// The referenced bits of the page table, when it asks for them, as real systems do.
    Bits,
    /// The referenced bits, read and cleared every so many references; each page found referenced counts as
    /// referenced once.
    Sampled(u64),
}

/// Over what one policy decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All pages of the machine; a group with a limit has its own.
    Global,
    /// The pages of each process by itself, in at most so many frames. (A policy that varies its allocation
    /// sets the number by itself.)
    Process(u32),
}

/// Who leaves when memory is short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReplacementConfig {
    /// The policy.
    #[serde(with = "text")]
    pub policy: PolicySpec,
    /// What it knows.
    pub sight: Sight,
    /// Over what it decides.
    pub scope: Scope,
    /// Pages reclaimed at once, by whom needs a frame.
    pub batch: u32,
    /// Dirty pages of files are written back in the background at the first fault after so many references; 0: only
    /// when they leave, or on demand.
    pub writeback_interval: u64,
    /// Of the last so many pages evicted, how many per cent may come back before the machine counts as
    /// thrashing; see [`Machine::thrashing`](super::Machine::thrashing).
    pub thrashing_percent: u32,
}

impl Default for ReplacementConfig {
    fn default() -> Self {
        ReplacementConfig {
            policy: PolicySpec::Clock(Default::default()),
            sight: Sight::Bits,
            scope: Scope::Global,
            batch: 32,
            writeback_interval: 0,
            thrashing_percent: 50,
        }
    }
}

/// How pages come in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct FaultConfig {
    /// A read fault on a file maps pages in memory within an aligned window of so many pages; 1: none.
    pub around: u32,
    /// A page read from a file brings so many that follow; 0: none.
    pub file_read_ahead: u32,
    /// A page read from the swap device brings the other pages of its aligned cluster of so many; 1: none.
    pub swap_cluster: u32,
    /// A page of private memory that is read before it is written is the shared page of zeros, and takes no frame; else
    /// it takes one, as in exercises, and as the data that a recorded program found there did.
    pub zero_page: bool,
}

impl Default for FaultConfig {
    fn default() -> Self {
        FaultConfig { around: 16, file_read_ahead: 31, swap_cluster: 8, zero_page: true }
    }
}

/// When huge pages are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HugeMode {
    /// Never.
    Never,
    /// Where a process asked for them.
    Advised,
    /// Wherever one fits.
    Always,
}

/// Huge pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct HugeConfig {
    /// When.
    pub mode: HugeMode,
    /// A collapse may fill so many empty pages.
    pub most_empty: u32,
    /// A collapse may read so many swapped pages.
    pub most_swapped: u32,
    /// A collapse may take so many pages that others share.
    pub most_shared: u32,
    /// Huge pages set aside at the start, for HUGETLB: by level of the page table (1: 2 MiB, 2: 1 GiB).
    pub pool: std_alloc::vec::Vec<(u32, u64)>,
}

impl Default for HugeConfig {
    fn default() -> Self {
        HugeConfig {
            mode: HugeMode::Advised,
            most_empty: 511,
            most_swapped: 64,
            most_shared: 256,
            pool: Default::default(),
        }
    }
}

/// Merging of equal pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct MergeConfig {
    /// The most mappings of one merged page; then a duplicate is begun.
    pub most_sharing: u32,
    /// Pages of zeros become the shared page of zeros.
    pub use_zero_page: bool,
}

impl Default for MergeConfig {
    fn default() -> Self {
        MergeConfig { most_sharing: 256, use_zero_page: false }
    }
}

/// What things cost, in cycles.
///
/// The defaults are round numbers of the right size for a processor of 3 GHz: a memory reference 200 (67 ns), a trap
/// 3,000 (1 microsecond), a page copied or zeroed 1,500 and 500, a page of a solid-state disk 300,000 (0.1 ms). They
/// are assumptions to be replaced by measured ones, not measurements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Latencies {
    /// A reference to memory, where no caches are configured.
    pub memory: u64,
    /// Entering and leaving the kernel at a fault.
    pub trap: u64,
    /// Zeroing a page.
    pub zero: u64,
    /// Copying a page.
    pub copy: u64,
    /// Reading a page from the swap device.
    pub swap_read: u64,
    /// Writing a page to the swap device.
    pub swap_write: u64,
    /// Reading a page from a file.
    pub file_read: u64,
    /// Writing a page to a file.
    pub file_write: u64,
    /// Compressing a page.
    pub compress: u64,
    /// Decompressing a page.
    pub decompress: u64,
    /// Hashing or comparing a page to merge it.
    pub merge: u64,
    /// Dropping entries from TLBs, each time.
    pub shootdown: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Latencies {
            memory: 200,
            trap: 3_000,
            zero: 500,
            copy: 1_500,
            swap_read: 300_000,
            swap_write: 300_000,
            file_read: 300_000,
            file_write: 300_000,
            compress: 9_000,
            decompress: 3_000,
            merge: 1_500,
            shootdown: 100,
        }
    }
}
