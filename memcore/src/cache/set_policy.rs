//! Who leaves a set: the policies that hardware has, and all those of the replacement room.
//!
//! | name | bits a set | who leaves |
//! |---|---|---|
//! | `lru` | order of the ways | the line used longest ago |
//! | `fifo` | order of the ways | the line brought in longest ago |
//! | `random:seed=N` | none | any way |
//! | `tree-plru` | ways - 1 | where the arrows of the tree point |
//! | `bit-plru` | ways | the lowest way without its bit |
//! | `srrip:bits=M` | M x ways | the lowest way predicted to be used last |
//!
//! **Tree-PLRU** (the Intel 486 has it for its four ways): a binary tree over the ways, an arrow in each inner
//! node. A reference turns the arrows on its path away from itself; the victim is found by following them.
//! The ways need not be a power of two: each node splits its ways in halves, the left one larger by one where
//! they are odd in number.
//!
//! ```text
//!          [<]            a reference to way 2 turns the arrows above it away:       [<]
//!        /     \                                                                   /     \
//!     [>]       [<]       victim: left, then right = way 1                      [>]       [>]
//!     / \       / \                                                             / \       / \
//!    0   1     2   3                                                           0   1     2   3
//! ```
//!
//! **Bit-PLRU** (also called MRU; Malamy, Patel, Hayes, "Methods and apparatus for implementing a pseudo-LRU
//! cache memory replacement scheme with a locking feature", US patent 5353425, 1994): a bit a way, set by a
//! reference; when the last bit would be set, all others are cleared.
//!
//! **SRRIP-HP** (Jaleel, Theobald, Steely, Emer, "High performance cache replacement using re-reference interval
//! prediction", ISCA 2010): a line comes in predicted to be used "long" from now (2^M - 2), a hit makes it
//! "near" (0), the victim is a "distant" one (2^M - 1); when there is none, all grow older by one until there
//! is. A scan passes through without taking the lines that were hit.
//!
//! Any other name is a policy of the replacement room (`clock`, `sieve`, `arc`, ...), one instance a set, which is
//! slower and larger; its parameters are written with `;` between them where a `,` would end the text around.
//! Whatever the policy, a free way is filled before a line leaves.

use super::error::CacheError;
use crate::replacement::{PolicyError, PolicySpec};
use crate::spec::{Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::string::{String, ToString};

/// A policy for the ways of each set.
///
/// As text: `lru`, `tree-plru`, `srrip:bits=3`, or the name of a [`PolicySpec`].
///
/// ```
/// use memcore::cache::SetPolicy;
/// let policy: SetPolicy = "srrip:bits=3".parse()?;
/// assert_eq!(policy, SetPolicy::Srrip { bits: 3 });
/// assert_eq!(policy.to_string(), "srrip:bits=3");
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum SetPolicy {
    /// The line used longest ago leaves.
    #[default]
    Lru,
    /// The line brought in longest ago leaves.
    Fifo,
    /// Any line leaves, with equal chance, by Xoshiro256++ from this seed (one generator for all sets).
    Random {
        /// The seed, through SplitMix64.
        seed: u64,
    },
    /// The line that the arrows of the tree point to leaves.
    TreePlru,
    /// The lowest way without its reference bit leaves.
    BitPlru,
    /// The lowest way of those predicted to be used last leaves.
    Srrip {
        /// The width of a prediction, 1 to 7.
        bits: u8,
    },
    /// A policy of the replacement room, one instance a set.
    Room(PolicySpec),
}

impl SetPolicy {
    /// The names of the policies that are built in; those of [`PolicySpec::names`] are known too.
    pub const NAMES: &'static [&'static str] = &["lru", "fifo", "random", "tree-plru", "bit-plru", "srrip"];

    /// The name, without parameters.
    pub fn name(&self) -> &'static str {
        match self {
            SetPolicy::Lru => "lru",
            SetPolicy::Fifo => "fifo",
            SetPolicy::Random { .. } => "random",
            SetPolicy::TreePlru => "tree-plru",
            SetPolicy::BitPlru => "bit-plru",
            SetPolicy::Srrip { .. } => "srrip",
            SetPolicy::Room(spec) => spec.name(),
        }
    }

    /// Whether it can serve a cache.
    ///
    /// # Errors
    /// [`CacheError::SrripBits`]; [`PolicyError::NeedsFuture`] and [`PolicyError::VariesAllocation`] of a
    /// policy whose frames are not so many ways.
    pub fn check(&self) -> Result<(), CacheError> {
        match self {
            SetPolicy::Srrip { bits } if !(1..=7).contains(bits) => {
                Err(CacheError::SrripBits { bits: (*bits).into() })
            }
            SetPolicy::Room(spec) if spec.facts().needs_future => {
                Err(PolicyError::NeedsFuture { policy: spec.name(), wanted_by: "a cache" }.into())
            }
            SetPolicy::Room(spec) if spec.facts().varies_allocation => {
                Err(PolicyError::VariesAllocation { policy: spec.name(), wanted_by: "a set of ways" }.into())
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for SetPolicy {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let text = text.replace(';', ",");
        let spec: Spec = text.parse()?;
        let plain = |policy| spec.allow(&[]).map(|()| policy);
        match spec.name() {
            "lru" => plain(SetPolicy::Lru),
            "fifo" => plain(SetPolicy::Fifo),
            "tree-plru" => plain(SetPolicy::TreePlru),
            "bit-plru" => plain(SetPolicy::BitPlru),
            "random" => {
                spec.allow(&["seed"])?;
                Ok(SetPolicy::Random { seed: spec.number("seed", 0)? })
            }
            "srrip" => {
                spec.allow(&["bits"])?;
                match spec.number("bits", 2)? {
                    bits @ 1..=7 => Ok(SetPolicy::Srrip { bits: bits as u8 }),
                    _ => Err(spec.bad_value("bits", "must be from 1 to 7")),
                }
            }
            _ => Ok(SetPolicy::Room(text.parse()?)),
        }
    }
}

impl fmt::Display for SetPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetPolicy::Random { seed } if *seed != 0 => write!(f, "random:seed={seed}"),
            SetPolicy::Srrip { bits } if *bits != 2 => write!(f, "srrip:bits={bits}"),
            SetPolicy::Room(spec) => f.write_str(&spec.to_string().replace(',', ";")),
            _ => f.write_str(self.name()),
        }
    }
}
