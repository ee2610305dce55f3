//! A whole memory hierarchy, as it is configured.
//!
//! ```text
//!   registers --- l1d --+
//!             \         +--- l2 --- l3 --- ram --- disk
//!              +- l1i --+
//!      fastest, smallest                slowest, largest
//! ```
//!
//! As text it is its parts in order, with blanks or line ends between: levels (see [`LevelConfig`]), and the three
//! places that are no caches, each at most once:
//!
//! | part | keys |
//! |---|---|
//! | `registers` | `latency`: what an access costs that needs no memory; such accesses are not in a trace of addresses and are counted by [`Hierarchy::count_register_accesses`](super::Hierarchy::count_register_accesses) |
//! | `ram` | `latency`; `size`, without which everything fits; `page` (default `4K`) and `policy` (default `lru`), a [`PolicySpec`], for a RAM of finite size |
//! | `disk` | `latency`: what an access costs that waits for a page to be brought in |
//!
//! All latencies are from the request of the processor to the answer, so none is below one nearer to it.

use super::error::CacheError;
use super::level::{Inclusion, LevelConfig, Serves, read_size};
use crate::replacement::{PolicyError, PolicySpec};
use crate::size::Bytes;
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::borrow::ToOwned;
use std_alloc::string::{String, ToString};
use std_alloc::vec::Vec;

/// The most levels of a hierarchy, split ones counted each.
pub const MAX_LEVELS: usize = 16;

/// The RAM of a hierarchy, and whose pages leave it.
#[derive(Clone, Debug, PartialEq)]
pub struct RamConfig {
    /// Cycles from the request of the processor to the answer of the RAM.
    pub latency: u64,
    /// Bytes; `None`: all pages fit, and the disk is never needed.
    pub size: Option<u64>,
    /// Bytes in a page, a power of two.
    pub page: u64,
    /// Which page leaves when a RAM of finite size is full.
    pub policy: PolicySpec,
}

impl Default for RamConfig {
    fn default() -> Self {
        RamConfig { latency: 0, size: None, page: 4096, policy: PolicySpec::Lru(()) }
    }
}

/// A memory hierarchy, from the registers to the disk.
///
/// ```
/// use memcore::cache::HierarchyConfig;
/// let config: HierarchyConfig = "l1i:size=32K,latency=4 l1d:size=32K,latency=4 l2:size=1M,ways=16,latency=14
///     ram:latency=200".parse()?;
/// assert_eq!(config.levels.len(), 3);
/// assert_eq!(config.to_string().parse::<HierarchyConfig>()?, config);
/// let refused = "l2:size=1M,latency=14 l3:size=8M,latency=10".parse::<HierarchyConfig>().unwrap_err();
/// assert_eq!(refused.to_string(), "l3 takes 10 cycles, l2 nearer to the processor takes 14");
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HierarchyConfig {
    /// Cycles of an access that needs no memory; `None`: there are none of them.
    pub registers: Option<u64>,
    /// The caches, the nearest to the processor first.
    pub levels: Vec<LevelConfig>,
    /// The RAM.
    pub ram: RamConfig,
    /// Cycles from the request of the processor to the answer, when a page must be brought in from disk.
    pub disk: u64,
}

const RESERVED: [&str; 3] = ["registers", "ram", "disk"];

impl HierarchyConfig {
    /// Checks that a hierarchy can be made so. O(levels^2), and levels are few.
    ///
    /// # Errors
    /// [`CacheError`], the first thing that is wrong.
    pub fn check(&self) -> Result<(), CacheError> {
        if self.levels.len() > MAX_LEVELS {
            return Err(CacheError::Levels { levels: self.levels.len() as u64 });
        }
        for (index, level) in self.levels.iter().enumerate() {
            let inner = &self.levels[..index];
            let is_taken =
                |name: &str| RESERVED.contains(&name) || inner.iter().any(|other| other.name == name);
            if level.name.is_empty() || is_taken(&level.name) {
                return Err(CacheError::Name { name: level.name.clone() });
            }
            level.policy.check()?;
            level.prefetch.check(level.geometry.line())?;
            self.check_behind(index, inner)?;
        }
        self.check_memory()
    }

    /// Checks a level against those in front of it.
    fn check_behind(&self, index: usize, inner: &[LevelConfig]) -> Result<(), CacheError> {
        let level = &self.levels[index];
        let (name, line) = (level.name.clone(), level.geometry.line());
        for other in inner.iter().filter(|other| feeds(other.serves, level.serves)) {
            let inner = other.name.clone();
            let inner_line = other.geometry.line();
            if other.serves == Serves::Unified && level.serves != Serves::Unified {
                return Err(CacheError::SplitBehindUnified { level: name, inner });
            }
            if line < inner_line {
                return Err(CacheError::LineShrinks { level: name, line, inner, inner_line });
            }
            if level.inclusion == Inclusion::Exclusive && line != inner_line {
                return Err(CacheError::ExclusiveLine { level: name, line, inner, inner_line });
            }
            check_latency(&name, level.latency, &inner, other.latency)?;
        }
        if level.inclusion == Inclusion::Exclusive {
            for (side, of) in [(Serves::Data, "data"), (Serves::Instruction, "instructions")] {
                let is_first = !inner.iter().any(|other| feeds(other.serves, side));
                if feeds(level.serves, side) && is_first {
                    return Err(CacheError::NothingToExclude { level: name, of });
                }
            }
        }
        Ok(())
    }

    fn check_memory(&self) -> Result<(), CacheError> {
        let RamConfig { latency, size, page, policy } = &self.ram;
        for level in &self.levels {
            let inner_line = level.geometry.line();
            if *page < inner_line {
                let inner = level.name.clone();
                return Err(CacheError::LineShrinks {
                    level: "ram".to_owned(),
                    line: *page,
                    inner,
                    inner_line,
                });
            }
            check_latency(&level.name, level.latency, "registers", self.registers.unwrap_or(0))?;
            check_latency("ram", *latency, &level.name, level.latency)?;
        }
        check_latency("ram", *latency, "registers", self.registers.unwrap_or(0))?;
        if !page.is_power_of_two() {
            return Err(CacheError::PageSize { bytes: *page });
        }
        let Some(size) = *size else { return Ok(()) };
        check_latency("disk", self.disk, "ram", *latency)?;
        if size == 0 || size % page != 0 {
            return Err(CacheError::Size { size, ways: 1, line: *page });
        }
        let facts = policy.facts();
        let (policy, wanted_by) = (policy.name(), "a RAM");
        if facts.needs_future {
            return Err(PolicyError::NeedsFuture { policy, wanted_by }.into());
        }
        if facts.varies_allocation {
            return Err(PolicyError::VariesAllocation { policy, wanted_by }.into());
        }
        Ok(())
    }
}

/// Whether what an inner level asks for may reach an outer one.
pub(super) fn feeds(inner: Serves, outer: Serves) -> bool {
    inner == outer || inner == Serves::Unified || outer == Serves::Unified
}

fn check_latency(level: &str, latency: u64, inner: &str, inner_latency: u64) -> Result<(), CacheError> {
    if latency >= inner_latency {
        return Ok(());
    }
    Err(CacheError::LatencyFalls { level: level.to_owned(), latency, inner: inner.to_owned(), inner_latency })
}

impl FromStr for HierarchyConfig {
    type Err = CacheError;

    /// The text of a hierarchy, or the name of a [preset](HierarchyConfig::preset).
    fn from_str(text: &str) -> Result<Self, CacheError> {
        if let Some(preset) = HierarchyConfig::preset(text.trim()) {
            return Ok(preset);
        }
        let mut config = HierarchyConfig::default();
        let mut seen = [false; RESERVED.len()];
        for part in text.split_whitespace() {
            let spec: Spec = part.parse()?;
            if let Some(index) = RESERVED.iter().position(|name| *name == spec.name()) {
                if core::mem::replace(&mut seen[index], true) {
                    return Err(CacheError::Name { name: spec.name().to_owned() });
                }
            }
            match spec.name() {
                "registers" => {
                    spec.allow(&["latency"])?;
                    config.registers = Some(spec.number("latency", 0)?);
                }
                "disk" => {
                    spec.allow(&["latency"])?;
                    config.disk = spec.number("latency", 0)?;
                }
                "ram" => config.ram = read_ram(&spec)?,
                name if !part.contains(':') => {
                    let name = name.to_owned();
                    let known = Names(HierarchyConfig::PRESETS);
                    return Err(SpecError::UnknownName { kind: "hierarchy", name, known }.into());
                }
                _ => config.levels.push(LevelConfig::read(&spec)?),
            }
        }
        config.check()?;
        Ok(config)
    }
}

fn read_ram(spec: &Spec) -> Result<RamConfig, CacheError> {
    spec.allow(&["latency", "size", "page", "policy"])?;
    let default = RamConfig::default();
    let policy = match spec.text("policy") {
        Some(text) => text.replace(';', ",").parse()?,
        None => default.policy,
    };
    Ok(RamConfig {
        latency: spec.number("latency", 0)?,
        size: read_size(spec, "size")?,
        page: read_size(spec, "page")?.unwrap_or(default.page),
        policy,
    })
}

impl fmt::Display for HierarchyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(latency) = self.registers {
            write!(f, "registers:latency={latency} ")?;
        }
        for level in &self.levels {
            write!(f, "{level} ")?;
        }
        write!(f, "ram:latency={}", self.ram.latency)?;
        if let Some(size) = self.ram.size {
            write!(f, ",size={}", Bytes(size))?;
        }
        if self.ram.page != 4096 {
            write!(f, ",page={}", Bytes(self.ram.page))?;
        }
        if self.ram.policy != PolicySpec::Lru(()) {
            let policy: String = self.ram.policy.to_string().replace(',', ";");
            write!(f, ",policy={policy}")?;
        }
        if self.disk != 0 {
            write!(f, " disk:latency={}", self.disk)?;
        }
        Ok(())
    }
}
