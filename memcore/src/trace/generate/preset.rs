//! The text form of a workload: `name:key=value,key=value`, the grammar that strategies and policies share.
//!
//! Keys may stand in any order. A number may have an ending K, M, G or KiB, MiB, GiB (powers of 1024).
//!
//! ```text
//!   every workload   live, operations, seed, sizes, min, max, size, large-percent, lifetimes,
//!                    realloc, calloc, aligned (per cent), alignment, threads, cross (per cent)
//!   ramp             cycles
//!   phases           phases
//!   sizes            fixed (size), uniform, log-uniform, powers (min, max), bimodal (min or max, large-percent)
//! ```

use core::fmt;
use core::str::FromStr;

use super::{Shape, SizeDistribution, Workload, WorkloadError};

const COMMON_KEYS: [&str; 15] = [
    "live",
    "operations",
    "seed",
    "sizes",
    "min",
    "max",
    "size",
    "large-percent",
    "lifetimes",
    "realloc",
    "calloc",
    "aligned",
    "alignment",
    "threads",
    "cross",
];
const SIZES: [&str; 5] = ["fixed", "uniform", "log-uniform", "powers", "bimodal"];
const COUNT: &str = "a number such as 1000, 64K or 1MiB";
const DEFAULT_LARGE_PERCENT: u8 = 10;

impl FromStr for Workload {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, keys) = text.split_once(':').unwrap_or((text, ""));
        let shape = Shape::ALL
            .into_iter()
            .find(|shape| shape.name() == name.trim())
            .ok_or_else(|| WorkloadError::UnknownName { name: name.to_owned() })?;
        let mut workload = Workload::new(shape);
        let mut sizes = SizeKeys::default();
        for pair in keys.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| WorkloadError::BadValue { text: pair.to_owned(), expected: "key=value" })?;
            set(&mut workload, &mut sizes, key.trim(), value.trim())?;
        }
        workload.sizes = sizes.distribution()?;
        Ok(workload)
    }
}

fn set(workload: &mut Workload, sizes: &mut SizeKeys, key: &str, value: &str) -> Result<(), WorkloadError> {
    match (key, &mut workload.shape) {
        ("cycles", Shape::Ramp { cycles }) => *cycles = narrow(value)?,
        ("phases", Shape::Phases { phases }) => *phases = narrow(value)?,
        ("live", _) => workload.live = number(value)?,
        ("operations", _) => workload.operations = number(value)?,
        ("seed", _) => workload.seed = number(value)?,
        ("sizes", _) => sizes.name = Some(value.to_owned()),
        ("min", _) => sizes.min = Some(number(value)?),
        ("max", _) => sizes.max = Some(number(value)?),
        ("size", _) => sizes.size = Some(number(value)?),
        ("large-percent", _) => sizes.large_percent = Some(narrow(value)?),
        ("lifetimes", _) => workload.lifetimes = value.parse()?,
        ("realloc", _) => workload.realloc_percent = narrow(value)?,
        ("calloc", _) => workload.calloc_percent = narrow(value)?,
        ("aligned", _) => workload.aligned_percent = narrow(value)?,
        ("alignment", _) => workload.alignment = number(value)?,
        ("threads", _) => workload.threads = narrow(value)?,
        ("cross", _) => workload.cross_percent = narrow(value)?,
        (key, shape) => {
            let mut known = COMMON_KEYS.to_vec();
            match shape {
                Shape::Ramp { .. } => known.push("cycles"),
                Shape::Phases { .. } => known.push("phases"),
                _ => {}
            }
            return Err(WorkloadError::UnknownKey {
                workload: shape.name(),
                key: key.to_owned(),
                known: known.join(", "),
            });
        }
    }
    Ok(())
}

/// The keys about sizes, which make sense only together.
#[derive(Default)]
struct SizeKeys {
    name: Option<String>,
    min: Option<u64>,
    max: Option<u64>,
    size: Option<u64>,
    large_percent: Option<u8>,
}

impl SizeKeys {
    fn distribution(self) -> Result<SizeDistribution, WorkloadError> {
        let (min, max) = (self.min.unwrap_or(16), self.max.unwrap_or(4096));
        let default = if self.size.is_some() { "fixed" } else { "log-uniform" };
        let name = self.name.as_deref().unwrap_or(default);
        if self.size.is_some() && name != "fixed" {
            return Err(WorkloadError::Invalid { field: "size", reason: "goes with sizes=fixed only" });
        }
        if self.large_percent.is_some() && name != "bimodal" {
            let reason = "goes with sizes=bimodal only";
            return Err(WorkloadError::Invalid { field: "large-percent", reason });
        }
        if (self.min.is_some() || self.max.is_some()) && name == "fixed" {
            return Err(WorkloadError::Invalid {
                field: "min",
                reason: "and max do not go with sizes=fixed",
            });
        }
        Ok(match name {
            "fixed" => SizeDistribution::Fixed(self.size.unwrap_or(64)),
            "uniform" => SizeDistribution::Uniform { min, max },
            "log-uniform" => SizeDistribution::LogUniform { min, max },
            "powers" => SizeDistribution::PowersOfTwo { min, max },
            "bimodal" => SizeDistribution::Bimodal {
                small: min,
                large: max,
                large_percent: self.large_percent.unwrap_or(DEFAULT_LARGE_PERCENT),
            },
            name => {
                return Err(WorkloadError::UnknownChoice {
                    key: "sizes",
                    value: name.to_owned(),
                    known: SIZES.join(", "),
                });
            }
        })
    }
}

fn number(text: &str) -> Result<u64, WorkloadError> {
    count(text).ok_or_else(|| WorkloadError::BadValue { text: text.to_owned(), expected: COUNT })
}

/// A whole number, perhaps with an ending for a power of 1024.
pub(super) fn count(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let shift = match unit {
        "" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn narrow<T: TryFrom<u64>>(text: &str) -> Result<T, WorkloadError> {
    T::try_from(number(text)?)
        .map_err(|_| WorkloadError::BadValue { text: text.to_owned(), expected: "a number in range" })
}

/// The text form; reading it gives the same workload, unless its sizes are a histogram, which has none.
impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:live={},operations={}", self.shape.name(), self.live, self.operations)?;
        match self.shape {
            Shape::Ramp { cycles } => write!(f, ",cycles={cycles}")?,
            Shape::Phases { phases } => write!(f, ",phases={phases}")?,
            _ => {}
        }
        write!(f, ",sizes={}", self.sizes.name())?;
        match &self.sizes {
            SizeDistribution::Fixed(size) => write!(f, ",size={size}")?,
            SizeDistribution::Uniform { min, max }
            | SizeDistribution::LogUniform { min, max }
            | SizeDistribution::PowersOfTwo { min, max } => write!(f, ",min={min},max={max}")?,
            SizeDistribution::Bimodal { small, large, large_percent } => {
                write!(f, ",min={small},max={large},large-percent={large_percent}")?;
            }
            SizeDistribution::Histogram(_) => {}
        }
        write!(f, ",lifetimes={}", self.lifetimes)?;
        for (key, percent) in [
            ("realloc", self.realloc_percent),
            ("calloc", self.calloc_percent),
            ("aligned", self.aligned_percent),
            ("cross", self.cross_percent),
        ] {
            if percent > 0 {
                write!(f, ",{key}={percent}")?;
            }
        }
        if self.alignment != 64 {
            write!(f, ",alignment={}", self.alignment)?;
        }
        if self.threads > 1 {
            write!(f, ",threads={}", self.threads)?;
        }
        write!(f, ",seed={}", self.seed)
    }
}
