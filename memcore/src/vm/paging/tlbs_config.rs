//! The TLBs of a processor, as they are configured.
//!
//! As text they are parts with blanks between, each `name:key=value,...`:
//!
//! | key | meaning | default |
//! |---|---|---|
//! | `entries`, `ways`, `pages`, `policy` | the shape, see [`TlbConfig`] | `pages=4K`, LRU, one set |
//! | `latency` | cycles that a hit there costs beyond the access itself | 0 |
//! | `serves` | `data`, `instruction` or `unified` | by the name: `d...` data, `i...` instruction, else unified |
//! | `level` | 1 is asked first | 1 for names with `d` or `i`, else 2 |
//!
//! TLBs of one level are asked at once: several of one side differ in their page sizes. `none` is no TLB at all.
//!
//! Of the presets, `intel-skylake` has the entries and ways of Intel's "64 and IA-32 Architectures Optimization
//! Reference Manual" (table of TLB parameters of the Skylake microarchitecture), but for what is shared between two
//! threads, which one has alone here; the 7 cycles of the second level are as commonly quoted. `small` is a
//! made-up one, in which misses are easily seen.

use crate::cache::{CacheError, Serves, TlbConfig};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::borrow::ToOwned;
use std_alloc::string::{String, ToString};
use std_alloc::vec::Vec;

/// The most TLBs of a processor, and the most levels.
pub(super) const MAX_TLBS: usize = 16;
const MAX_LEVELS: u64 = 4;

/// One TLB among those of a processor.
#[derive(Clone, Debug, PartialEq)]
pub struct TlbPart {
    /// Its name.
    pub name: String,
    /// Sets, ways, page sizes, policy.
    pub shape: TlbConfig,
    /// Which accesses it serves.
    pub serves: Serves,
    /// Its level, from 1.
    pub level: u32,
    /// Cycles that a hit there costs beyond the access itself.
    pub latency: u64,
}

/// The TLBs of a processor.
///
/// ```
/// use memcore::vm::TlbsConfig;
/// let config: TlbsConfig = "itlb:entries=64,ways=8,pages=4K;2M dtlb:entries=64,ways=4
///     stlb:entries=1536,ways=12,pages=4K;2M,latency=7".parse()?;
/// assert_eq!((config.tlbs.len(), config.tlbs[2].level), (3, 2));
/// assert_eq!(config.to_string().parse::<TlbsConfig>()?, config);
/// assert!("none".parse::<TlbsConfig>()?.tlbs.is_empty());
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TlbsConfig {
    /// The TLBs, in any order.
    pub tlbs: Vec<TlbPart>,
}

const SERVES: [(&str, Serves); 3] =
    [("data", Serves::Data), ("instruction", Serves::Instruction), ("unified", Serves::Unified)];

const PRESETS: [(&str, &str); 3] = [
    ("none", ""),
    ("small", "itlb:entries=8,ways=4 dtlb:entries=8,ways=4"),
    (
        "intel-skylake",
        "itlb:entries=128,ways=8,pages=4K itlb2m:entries=8,pages=2M dtlb:entries=64,ways=4,pages=4K \
         dtlb2m:entries=32,ways=4,pages=2M dtlb1g:entries=4,pages=1G \
         stlb:entries=1536,ways=12,pages=4K;2M,latency=7 stlb1g:entries=16,ways=4,pages=1G,latency=7",
    ),
];

fn serves_by_name(name: &str) -> Serves {
    match name.bytes().next() {
        Some(b'd') => Serves::Data,
        Some(b'i') => Serves::Instruction,
        _ => Serves::Unified,
    }
}

fn level_by_name(name: &str) -> u32 {
    if serves_by_name(name) == Serves::Unified { 2 } else { 1 }
}

impl TlbsConfig {
    /// The names of the presets.
    pub const PRESETS: &'static [&'static str] = &["none", "small", "intel-skylake"];

    /// The preset of this name, if there is one.
    pub fn preset(name: &str) -> Option<TlbsConfig> {
        PRESETS.iter().find(|(known, _)| *known == name).and_then(|(_, text)| read(text).ok())
    }

    /// Checks what concerns more than one TLB. O(TLBs^2), and they are few.
    ///
    /// # Errors
    /// [`CacheError::Levels`] for too many TLBs or levels, [`CacheError::Name`] for a name that is used twice.
    pub fn check(&self) -> Result<(), CacheError> {
        if self.tlbs.len() > MAX_TLBS {
            return Err(CacheError::Levels { levels: self.tlbs.len() as u64 });
        }
        for (index, tlb) in self.tlbs.iter().enumerate() {
            let is_taken = self.tlbs[..index].iter().any(|other| other.name == tlb.name);
            if tlb.name.is_empty() || is_taken {
                return Err(CacheError::Name { name: tlb.name.clone() });
            }
            if !(1..=MAX_LEVELS).contains(&tlb.level.into()) {
                return Err(CacheError::Levels { levels: tlb.level.into() });
            }
        }
        Ok(())
    }
}

fn read(text: &str) -> Result<TlbsConfig, CacheError> {
    let mut config = TlbsConfig::default();
    for part in text.split_whitespace() {
        let spec: Spec = part.parse()?;
        let name = spec.name().to_owned();
        if !part.contains(':') {
            let known = Names(TlbsConfig::PRESETS);
            return Err(SpecError::UnknownName { kind: "set of TLBs", name, known }.into());
        }
        spec.allow(&["entries", "ways", "pages", "policy", "latency", "serves", "level"])?;
        let level = spec.number("level", level_by_name(&name).into())?;
        config.tlbs.push(TlbPart {
            shape: TlbConfig::read(&spec)?,
            serves: spec.choice(
                "serves",
                &SERVES,
                serves_by_name(&name),
                "must be data, instruction or unified",
            )?,
            level: match level {
                1..=MAX_LEVELS => level as u32,
                _ => return Err(spec.bad_value("level", "must be from 1 to 4").into()),
            },
            latency: spec.number("latency", 0)?,
            name,
        });
    }
    config.check()?;
    Ok(config)
}

impl FromStr for TlbsConfig {
    type Err = CacheError;

    /// The text of some TLBs, or the name of a preset.
    fn from_str(text: &str) -> Result<Self, CacheError> {
        match TlbsConfig::preset(text.trim()) {
            Some(preset) => Ok(preset),
            None => read(text),
        }
    }
}

impl fmt::Display for TlbsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tlbs.is_empty() {
            return f.write_str("none");
        }
        for (index, tlb) in self.tlbs.iter().enumerate() {
            let shape = tlb.shape.to_string();
            let blank = if index == 0 { "" } else { " " };
            write!(f, "{blank}{}{}", tlb.name, shape.trim_start_matches("tlb"))?;
            if tlb.latency != 0 {
                write!(f, ",latency={}", tlb.latency)?;
            }
            if tlb.serves != serves_by_name(&tlb.name) {
                let name =
                    SERVES.iter().find(|(_, serves)| *serves == tlb.serves).map_or("", |(name, _)| name);
                write!(f, ",serves={name}")?;
            }
            if tlb.level != level_by_name(&tlb.name) {
                write!(f, ",level={}", tlb.level)?;
            }
        }
        Ok(())
    }
}

crate::spec::text_is_serde! {
    TlbsConfig, CacheError;
}
