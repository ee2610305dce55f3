//! What a level brings in before it is asked for.
//!
//! **Next line** (one block lookahead; Smith, "Cache memories", ACM Computing Surveys 14(3), 1982): after line n,
//! the lines n + 1 to n + degree. When: after each miss, after each miss and the first use of a prefetched line
//! ("tagged", which keeps a sequential stream going without a further miss), or after every access.
//!
//! **Stride** (the reference prediction table of Chen and Baer, "Effective hardware-based data prefetching for
//! high-performance processors", IEEE Transactions on Computers 44(5), 1995): when two accesses of a stream
//! in a row were the same number of lines apart, the next `degree` lines at that distance. Chen and Baer tell
//! streams apart by the address of the instruction; traces of addresses do not have it, so here, as in the
//! second-level prefetchers of x86 processors, a stream is what happens in one region of memory (4096 bytes
//! unless told otherwise), and a table of `streams` entries, direct mapped by region, remembers them:
//!
//! ```text
//!   region | last line | stride | sure        accesses to lines 0 3 6 9 of a region:
//!   -------+-----------+--------+------         0  new entry
//!       17 |         9 |      3 | yes           3  stride 3
//!       40 |       812 |     -1 | no            6  the same again: prefetch 9;  9 (a hit): prefetch 12
//! ```
//!
//! Only demand accesses teach a prefetcher. What it asks for is looked up in its own level, then fetched through the
//! outer levels, which fill too; it takes no time of the processor's, and counts apart.

use super::error::CacheError;
use super::order::table;
use crate::size::{Bytes, parse_size};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::string::String;
use std_alloc::vec::Vec;

/// What makes a next-line prefetcher act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trigger {
    /// A miss.
    Miss,
    /// A miss, or the first use of a prefetched line.
    #[default]
    Tagged,
    /// Every access.
    Always,
}

const TRIGGERS: [(&str, Trigger); 3] =
    [("miss", Trigger::Miss), ("tagged", Trigger::Tagged), ("always", Trigger::Always)];

/// A prefetcher of a level.
///
/// As text: `none`, `next-line:degree=1;on=tagged`, `stride:degree=2;streams=64;region=4K` (`;` stands for the
/// `,` of other texts, because these stand inside one).
///
/// ```
/// use memcore::cache::{Prefetch, Trigger};
/// let prefetch: Prefetch = "next-line:on=miss".parse()?;
/// assert_eq!(prefetch, Prefetch::NextLine { degree: 1, on: Trigger::Miss });
/// assert_eq!(prefetch.to_string(), "next-line:on=miss");
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Prefetch {
    /// None.
    #[default]
    None,
    /// The lines that follow.
    NextLine {
        /// How many lines, from 1.
        degree: u32,
        /// What makes it act.
        on: Trigger,
    },
    /// The lines at the distance that accesses of a region were apart.
    Stride {
        /// How many lines, from 1.
        degree: u32,
        /// Entries of the table, from 1.
        streams: u32,
        /// Bytes of a region, a power of two and not below a line.
        region: u64,
    },
}

/// The most lines that one access may prefetch at a level.
pub(super) const MAX_DEGREE: u32 = 64;

impl Prefetch {
    /// The names of the prefetchers.
    pub const NAMES: &'static [&'static str] = &["none", "next-line", "stride"];

    /// Whether a level with lines of so many bytes can have it.
    ///
    /// # Errors
    /// [`CacheError::Prefetch`].
    pub fn check(&self, line: u64) -> Result<(), CacheError> {
        let bad = |parameter, value, rule| Err(CacheError::Prefetch { parameter, value, rule });
        match *self {
            Prefetch::NextLine { degree, .. } | Prefetch::Stride { degree, .. }
                if !(1..=MAX_DEGREE).contains(&degree) =>
            {
                bad("degree", degree.into(), "from 1 to 64")
            }
            Prefetch::Stride { streams: 0, .. } => bad("streams", 0, "1 or more"),
            Prefetch::Stride { region, .. } if !region.is_power_of_two() || region < line => {
                bad("region", region, "a power of two and not below the line")
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Prefetch {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let spec: Spec = text.replace(';', ",").parse()?;
        let small = |key, default| {
            let number = spec.number(key, default)?;
            u32::try_from(number).map_err(|_| spec.bad_value(key, "must be a whole number below 2^32"))
        };
        match spec.name() {
            "none" => spec.allow(&[]).map(|()| Prefetch::None),
            "next-line" => {
                spec.allow(&["degree", "on"])?;
                let on = spec.choice("on", &TRIGGERS, Trigger::Tagged, "must be miss, tagged or always")?;
                Ok(Prefetch::NextLine { degree: small("degree", 1)?, on })
            }
            "stride" => {
                spec.allow(&["degree", "streams", "region"])?;
                let region = match spec.text("region") {
                    None => 4096,
                    Some(text) => {
                        parse_size(text).ok_or_else(|| spec.bad_value("region", "must be a size"))?
                    }
                };
                Ok(Prefetch::Stride { degree: small("degree", 1)?, streams: small("streams", 64)?, region })
            }
            name => Err(SpecError::UnknownName {
                kind: "prefetcher",
                name: name.into(),
                known: Names(Prefetch::NAMES),
            }),
        }
    }
}

impl fmt::Display for Prefetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = ':';
        let mut write = |f: &mut fmt::Formatter<'_>, key: &str, value: &dyn fmt::Display| {
            let result = write!(f, "{separator}{key}={value}");
            separator = ';';
            result
        };
        match *self {
            Prefetch::None => f.write_str("none"),
            Prefetch::NextLine { degree, on } => {
                f.write_str("next-line")?;
                if degree != 1 {
                    write(f, "degree", &degree)?;
                }
                match TRIGGERS.iter().find(|(_, trigger)| *trigger == on && on != Trigger::Tagged) {
                    Some((name, _)) => write(f, "on", name),
                    None => Ok(()),
                }
            }
            Prefetch::Stride { degree, streams, region } => {
                f.write_str("stride")?;
                if degree != 1 {
                    write(f, "degree", &degree)?;
                }
                if streams != 64 {
                    write(f, "streams", &streams)?;
                }
                if region != 4096 {
                    write(f, "region", &Bytes(region))?;
                }
                Ok(())
            }
        }
    }
}

/// What became of a demand access, as a prefetcher sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Hit,
    FirstUse,
    Miss,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stream {
    is_live: bool,
    region: u64,
    last: u64,
    stride: i64,
}

/// A prefetcher at work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Prefetcher {
    None,
    NextLine { degree: u32, on: Trigger },
    Stride { degree: u32, region_shift: u32, streams: Vec<Stream> },
}

/// The lines a prefetcher asks for: from a line on, so many, each so far from the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    pub line: u64,
    pub stride: i64,
    pub count: u32,
}

impl Wish {
    /// The lines, as far as there are any, below `end`.
    pub(super) fn lines(self, last: u64) -> impl Iterator<Item = u64> {
        let next = move |line: &u64| line.checked_add_signed(self.stride).filter(|line| *line <= last);
        core::iter::successors(next(&self.line), next).take(self.count as usize)
    }
}

impl Prefetcher {
    pub(super) fn new(prefetch: Prefetch, line_bits: u32) -> Result<Prefetcher, CacheError> {
        Ok(match prefetch {
            Prefetch::None => Prefetcher::None,
            Prefetch::NextLine { degree, on } => Prefetcher::NextLine { degree, on },
            Prefetch::Stride { degree, streams, region } => Prefetcher::Stride {
                degree,
                region_shift: region.trailing_zeros() - line_bits,
                streams: table(streams as usize, Stream::default())?,
            },
        })
    }

    /// A demand access to a line: what it wishes for. O(1).
    pub(super) fn see(&mut self, line: u64, seen: Seen) -> Option<Wish> {
        match self {
            Prefetcher::None => None,
            Prefetcher::NextLine { degree, on } => {
                let acts = match on {
                    Trigger::Miss => seen == Seen::Miss,
                    Trigger::Tagged => seen != Seen::Hit,
                    Trigger::Always => true,
                };
                acts.then_some(Wish { line, stride: 1, count: *degree })
            }
            Prefetcher::Stride { degree, region_shift, streams } => {
                let region = line >> *region_shift;
                let entry = (region % streams.len() as u64) as usize;
                let stream = &mut streams[entry];
                if !stream.is_live || stream.region != region {
                    *stream = Stream { is_live: true, region, last: line, stride: 0 };
                    return None;
                }
                let stride = line.wrapping_sub(stream.last) as i64;
                if stride == 0 {
                    return None;
                }
                let is_sure = stride == stream.stride;
                *stream = Stream { last: line, stride, ..*stream };
                is_sure.then_some(Wish { line, stride, count: *degree })
            }
        }
    }

    pub(super) fn reset(&mut self) {
        if let Prefetcher::Stride { streams, .. } = self {
            streams.fill(Stream::default());
        }
    }

    pub(super) fn metadata_bytes(&self) -> usize {
        match self {
            Prefetcher::Stride { streams, .. } => streams.capacity() * size_of::<Stream>(),
            _ => 0,
        }
    }
}
