//! The strategies by name, for a choice at run time.
//!
//! A new strategy is a file of its own, a variant here and in [`AnyAllocator`].

use super::size_classes::{ClassTable, Fallback, SizeClassParameters};
use super::storage::Measure;
use super::{AnyAllocator, Options, Result, TlsfParameters};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;

/// Which of equally good holes is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tie {
    /// The one with the lowest address: denser.
    #[default]
    Lowest,
    /// The one that came into being last: faster.
    Recent,
}

const TIES: &[(&str, Tie)] = &[("lowest", Tie::Lowest), ("recent", Tie::Recent)];
const TIE_RULE: &str = "must be lowest or recent";

impl fmt::Display for Tie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tie::Lowest => "lowest",
            Tie::Recent => "recent",
        })
    }
}

/// A strategy and its parameters.
///
/// As text it is `name` or `name:key=value,key=value`; what is shown reads back as the same.
///
/// ```
/// use memcore::alloc::{Strategy, Tie};
/// let strategy: Strategy = "best-fit:tie=recent".parse()?;
/// assert_eq!(strategy, Strategy::BestFit { tie: Tie::Recent });
/// assert_eq!(strategy.to_string(), "best-fit:tie=recent");
/// let error = "bestfit".parse::<Strategy>().unwrap_err();
/// assert!(error.to_string().contains("best-fit"));
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// The lowest address that fits.
    FirstFit,
    /// First fit from the end of the last block placed.
    NextFit,
    /// The smallest hole that fits.
    BestFit {
        /// Among equal ones; default lowest.
        tie: Tie,
    },
    /// The largest hole.
    WorstFit,
    /// Two-level segregated fit.
    Tlsf {
        /// Bins per power of two, and holes probed after a miss.
        parameters: TlsfParameters,
        /// Within a bin; default recent.
        tie: Tie,
    },
    /// Binary buddies.
    Buddy,
    /// Segregated size classes.
    SizeClasses(SizeClassParameters),
    /// Slots of one size.
    Pool {
        /// Bytes of a slot, rounded up to the granularity.
        slot: u64,
    },
    /// A bump arena.
    Bump,
    /// A stack: last in, first out.
    Stack,
}

const NAMES: &[&str] = &[
    "first-fit",
    "next-fit",
    "best-fit",
    "worst-fit",
    "tlsf",
    "buddy",
    "size-classes",
    "pool",
    "bump",
    "stack",
];

impl Strategy {
    /// The names of all strategies, as [`FromStr`] reads them. `pool` needs its parameter `slot`.
    pub fn names() -> &'static [&'static str] {
        NAMES
    }

    /// The strategy's name, without parameters.
    pub fn name(&self) -> &'static str {
        match self {
            Strategy::FirstFit => "first-fit",
            Strategy::NextFit => "next-fit",
            Strategy::BestFit { .. } => "best-fit",
            Strategy::WorstFit => "worst-fit",
            Strategy::Tlsf { .. } => "tlsf",
            Strategy::Buddy => "buddy",
            Strategy::SizeClasses(_) => "size-classes",
            Strategy::Pool { .. } => "pool",
            Strategy::Bump => "bump",
            Strategy::Stack => "stack",
        }
    }

    /// How many u64 words a buffer for [`Fixed`](super::storage::Fixed) storage must have, for at most
    /// `max_blocks` live blocks. O(1).
    ///
    /// ```
    /// use memcore::alloc::{AnyAllocator, Options, Strategy, storage::Fixed};
    /// let (strategy, options) = (Strategy::FirstFit, Options::new(1 << 20));
    /// let mut buffer = vec![0u64; strategy.fixed_words(&options, 100)?];
    /// let allocator = AnyAllocator::in_storage(&strategy, options, &mut Fixed::new(&mut buffer, 100))?;
    /// # Ok::<(), memcore::alloc::AllocError>(())
    /// ```
    ///
    /// # Errors
    /// Those of the options and parameters; [`OutOfMetadata`](super::AllocError::OutOfMetadata) when it would be more
    /// than the address space.
    pub fn fixed_words(&self, options: &Options, max_blocks: u32) -> Result<usize> {
        let mut measure = Measure { words: 0, max_blocks };
        AnyAllocator::assemble(self, *options, &mut measure)?;
        Ok(measure.words)
    }
}

impl FromStr for Strategy {
    type Err = SpecError;

    fn from_str(text: &str) -> core::result::Result<Self, SpecError> {
        let spec: Spec = text.parse()?;
        let narrow = |key: &'static str, value: u64| {
            u32::try_from(value).map_err(|_| spec.bad_value(key, "must be below 2^32"))
        };
        let (strategy, keys): (Strategy, &[&str]) = match spec.name() {
            "first-fit" => (Strategy::FirstFit, &[]),
            "next-fit" => (Strategy::NextFit, &[]),
            "best-fit" => {
                (Strategy::BestFit { tie: spec.choice("tie", TIES, Tie::Lowest, TIE_RULE)? }, &["tie"])
            }
            "worst-fit" => (Strategy::WorstFit, &[]),
            "tlsf" => {
                let default = TlsfParameters::default();
                let subdivisions = spec.number("subdivisions", default.subdivisions.into())?;
                let parameters = TlsfParameters {
                    subdivisions: narrow("subdivisions", subdivisions)?,
                    probe: narrow("probe", spec.number("probe", default.probe.into())?)?,
                };
                let tie = spec.choice("tie", TIES, Tie::Recent, TIE_RULE)?;
                (Strategy::Tlsf { parameters, tie }, &["subdivisions", "probe", "tie"])
            }
            "buddy" => (Strategy::Buddy, &[]),
            "size-classes" => {
                (Strategy::SizeClasses(SizeClassParameters::from_spec(&spec)?), SizeClassParameters::KEYS)
            }
            "pool" => (Strategy::Pool { slot: spec.number("slot", DEFAULT_SLOT)? }, &["slot"]),
            "bump" => (Strategy::Bump, &[]),
            "stack" => (Strategy::Stack, &[]),
            name => {
                return Err(SpecError::UnknownName {
                    kind: "strategy",
                    name: name.into(),
                    known: Names(NAMES),
                });
            }
        };
        spec.allow(keys)?;
        Ok(strategy)
    }
}

/// A cache line: what a pool's slot is where nothing is said.
const DEFAULT_SLOT: u64 = 64;

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Strategy::BestFit { tie: Tie::Recent } => f.write_str(":tie=recent"),
            Strategy::Tlsf { parameters, tie } => {
                let default = TlsfParameters::default();
                let mut parts = Parts::new(f);
                if parameters.subdivisions != default.subdivisions {
                    parts.add("subdivisions", &parameters.subdivisions)?;
                }
                if parameters.probe != default.probe {
                    parts.add("probe", &parameters.probe)?;
                }
                if *tie != Tie::Recent {
                    parts.add("tie", tie)?;
                }
                Ok(())
            }
            Strategy::SizeClasses(parameters) => {
                let default = SizeClassParameters::default();
                let mut parts = Parts::new(f);
                match &parameters.classes {
                    ClassTable::Listed(_) => parts.add("classes", &parameters.classes)?,
                    &ClassTable::Geometric { steps, largest } if parameters.classes != default.classes => {
                        parts.add("steps", &steps)?;
                        parts.add("largest", &largest)?;
                    }
                    ClassTable::Geometric { .. } => {}
                }
                if parameters.span != default.span {
                    parts.add("span", &parameters.span)?;
                }
                if parameters.fallback != default.fallback {
                    parts.add("fallback", &parameters.fallback)?;
                }
                if parameters.page != default.page {
                    parts.add("page", &parameters.page)?;
                }
                if parameters.keep {
                    parts.add("keep", &1)?;
                }
                Ok(())
            }
            Strategy::Pool { slot } => write!(f, ":slot={slot}"),
            _ => Ok(()),
        }
    }
}

/// Writes `:key=value,key=value`.
struct Parts<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    separator: char,
}

impl<'a, 'b> Parts<'a, 'b> {
    fn new(f: &'a mut fmt::Formatter<'b>) -> Self {
        Parts { f, separator: ':' }
    }

    fn add(&mut self, key: &str, value: &dyn fmt::Display) -> fmt::Result {
        write!(self.f, "{}{key}={value}", self.separator)?;
        self.separator = ',';
        Ok(())
    }
}

impl From<Fallback> for Strategy {
    fn from(fallback: Fallback) -> Self {
        match fallback {
            Fallback::FirstFit => Strategy::FirstFit,
            Fallback::NextFit => Strategy::NextFit,
            Fallback::BestFit => Strategy::BestFit { tie: Tie::Lowest },
            Fallback::WorstFit => Strategy::WorstFit,
            Fallback::Tlsf => Strategy::Tlsf { parameters: TlsfParameters::default(), tie: Tie::Recent },
        }
    }
}
