//! How pages are compressed, and how much memory the compressed ones may take.

use crate::spec::{Names, Spec, SpecError};
use crate::vm::VmError;
use crate::vm::physical::bad;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::string::{String, ToString};

/// What compresses a page.
///
/// As text it is `lz4`, or `zstd` with a `level` (default 3).
///
/// ```
/// use memcore::vm::Codec;
/// assert_eq!("lz4".parse(), Ok(Codec::Lz4));
/// # #[cfg(feature = "std")]
/// assert_eq!("zstd:level=3".parse::<Codec>()?.to_string(), "zstd");
/// assert!("lzo".parse::<Codec>().is_err());
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Codec {
    /// LZ4, block format: fast.
    #[default]
    Lz4,
    /// Zstandard: smaller, slower.
    #[cfg(feature = "std")]
    Zstd {
        /// From 1 (fast) to 22 (small); negative levels are faster still, down to -131072.
        level: i32,
    },
}

#[cfg(feature = "std")]
const LEVEL: i32 = 3;
#[cfg(feature = "std")]
const NAMES: &[&str] = &["lz4", "zstd"];
#[cfg(not(feature = "std"))]
const NAMES: &[&str] = &["lz4"];

impl FromStr for Codec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let spec: Spec = text.parse()?;
        match spec.name() {
            "lz4" => spec.allow(&[]).map(|()| Codec::Lz4),
            #[cfg(feature = "std")]
            "zstd" => {
                spec.allow(&["level"])?;
                let level = spec.text("level").map_or(Ok(LEVEL), str::parse);
                let level = level.ok().filter(|level| (-131_072..=22).contains(level));
                let wrong = || spec.bad_value("level", "must be a whole number from -131072 to 22");
                Ok(Codec::Zstd { level: level.ok_or_else(wrong)? })
            }
            name => {
                Err(SpecError::UnknownName { kind: "codec", name: name.to_string(), known: Names(NAMES) })
            }
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Codec::Lz4 => f.write_str("lz4"),
            #[cfg(feature = "std")]
            Codec::Zstd { level: LEVEL } => f.write_str("zstd"),
            #[cfg(feature = "std")]
            Codec::Zstd { level } => write!(f, "zstd:level={level}"),
        }
    }
}

impl TryFrom<String> for Codec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

impl From<Codec> for String {
    fn from(codec: Codec) -> Self {
        codec.to_string()
    }
}

/// The pool of compressed pages.
///
/// ```
/// use memcore::vm::{Codec, CompressConfig};
/// let config = CompressConfig { max_pool_percent: 30, ..CompressConfig::default() };
/// assert_eq!((config.codec, config.accept_threshold_percent), (Codec::Lz4, 90));
/// assert!(config.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CompressConfig {
    /// Pages are taken. Without, those that are there can be read still.
    pub enabled: bool,
    /// What compresses them.
    pub codec: Codec,
    /// How much of the machine's memory the pool may take, in percent: 1 to 100.
    pub max_pool_percent: u32,
    /// A pool that was full takes pages again when it is at most so full, in percent of its maximum: 1 to 100.
    pub accept_threshold_percent: u32,
    /// A page that is one machine word again and again is kept as that word.
    pub same_filled: bool,
    /// In a machine without contents: how many times smaller a compressed page is taken to be; 1 or more (with 1,
    /// nothing is compressible).
    pub assumed_ratio: f64,
}

impl Default for CompressConfig {
    fn default() -> Self {
        CompressConfig {
            enabled: true,
            codec: Codec::Lz4,
            max_pool_percent: 20,
            accept_threshold_percent: 90,
            same_filled: true,
            assumed_ratio: 3.0,
        }
    }
}

impl CompressConfig {
    /// Checks the values. O(1).
    ///
    /// # Errors
    /// [`VmError::Config`], the first thing that is wrong.
    pub fn check(&self) -> Result<(), VmError> {
        let percent = |key, value: u32| match value {
            1..=100 => Ok(()),
            _ => Err(bad(key, value.to_string(), "must be 1 to 100 percent")),
        };
        percent("compress.max-pool-percent", self.max_pool_percent)?;
        percent("compress.accept-threshold-percent", self.accept_threshold_percent)?;
        if !(self.assumed_ratio >= 1.0 && self.assumed_ratio.is_finite()) {
            return Err(bad("compress.assumed-ratio", self.assumed_ratio.to_string(), "must be 1 or more"));
        }
        Ok(())
    }
}
