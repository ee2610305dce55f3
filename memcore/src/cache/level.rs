//! One level of a hierarchy, as it is configured.
//!
//! As text it is `name:key=value,key=value`:
//!
//! | key | meaning | default |
//! |---|---|---|
//! | `size` | bytes, such as `32K` | sets x ways x line |
//! | `sets` | sets | size / (ways x line) |
//! | `ways` | lines in a set, or `full` for one set | 8 |
//! | `line` | bytes in a line | 64 |
//! | `policy` | who leaves a set, see [`SetPolicy`] | `lru` |
//! | `write` | `back` or `through` | `back` |
//! | `allocate` | `yes` or `no`: whether a write that misses brings the line in | `yes` with `back`, `no` with `through` |
//! | `inclusion` | `inclusive`, `exclusive` or `non-inclusive` of the levels nearer to the processor | `non-inclusive` |
//! | `prefetch` | see [`Prefetch`] | `none` |
//! | `latency` | cycles from the request of the processor to the answer of this level | 0 |
//! | `serves` | `data`, `instruction` or `unified` | by the name: `l1d` data, `l1i` instruction, else unified |
//!
//! Write-back goes with allocation and write-through without, where nothing is said: the usual pairs
//! (Hennessy and Patterson, appendix B).

use super::error::CacheError;
use super::geometry::Geometry;
use super::prefetch::Prefetch;
use super::set_policy::SetPolicy;
use crate::size::{Bytes, parse_size};
use crate::spec::{Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::borrow::ToOwned;
use std_alloc::string::String;

/// Which accesses a level serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Serves {
    /// Loads and stores.
    Data,
    /// Instruction fetches.
    Instruction,
    /// All of them.
    #[default]
    Unified,
}

/// When a write reaches the next level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WritePolicy {
    /// When the line leaves.
    #[default]
    Back,
    /// At once.
    Through,
}

/// What a level has to do with the lines of the levels nearer to the processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Inclusion {
    /// It holds whatever they hold: a line that leaves it leaves them too.
    Inclusive,
    /// It holds their victims: a line that is found here moves to them.
    Exclusive,
    /// It is filled when they are, and goes its own way then.
    #[default]
    NonInclusive,
}

const SERVES: [(&str, Serves); 3] =
    [("data", Serves::Data), ("instruction", Serves::Instruction), ("unified", Serves::Unified)];
const WRITES: [(&str, WritePolicy); 2] = [("back", WritePolicy::Back), ("through", WritePolicy::Through)];
const ALLOCATES: [(&str, bool); 2] = [("yes", true), ("no", false)];
const INCLUSIONS: [(&str, Inclusion); 3] = [
    ("inclusive", Inclusion::Inclusive),
    ("exclusive", Inclusion::Exclusive),
    ("non-inclusive", Inclusion::NonInclusive),
];

/// A level of a hierarchy.
///
/// ```
/// use memcore::cache::{LevelConfig, Serves};
/// let level: LevelConfig = "l1d:size=48K,ways=12,policy=tree-plru,latency=5".parse()?;
/// assert_eq!((level.geometry.sets(), level.serves), (64, Serves::Data));
/// assert_eq!(level.to_string(), "l1d:size=48K,ways=12,policy=tree-plru,latency=5");
/// # Ok::<(), memcore::cache::CacheError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LevelConfig {
    /// Its name, by which statistics are told apart.
    pub name: String,
    /// Which accesses it serves.
    pub serves: Serves,
    /// Sets, ways, line.
    pub geometry: Geometry,
    /// Who leaves a set.
    pub policy: SetPolicy,
    /// When a write reaches the next level.
    pub write: WritePolicy,
    /// Whether a write that misses brings the line in.
    pub allocate: bool,
    /// What it has to do with the lines of the inner levels.
    pub inclusion: Inclusion,
    /// What it brings in before it is asked for.
    pub prefetch: Prefetch,
    /// Cycles from the request of the processor to the answer of this level (load to use, as vendors publish
    /// it): the time of all levels before it is part of it. 0 everywhere: not timed.
    pub latency: u64,
}

const KEYS: &[&str] = &[
    "size",
    "sets",
    "ways",
    "line",
    "policy",
    "write",
    "allocate",
    "inclusion",
    "prefetch",
    "latency",
    "serves",
];

impl LevelConfig {
    /// A level of this shape, everything else by default: LRU, write-back with allocation, non-inclusive, no
    /// prefetch, not timed; what it serves follows from its name. O(length of the name).
    pub fn new(name: &str, geometry: Geometry) -> LevelConfig {
        LevelConfig {
            name: name.to_owned(),
            serves: serves_by_name(name),
            geometry,
            policy: SetPolicy::Lru,
            write: WritePolicy::Back,
            allocate: true,
            inclusion: Inclusion::NonInclusive,
            prefetch: Prefetch::None,
            latency: 0,
        }
    }

    pub(super) fn read(spec: &Spec) -> Result<LevelConfig, CacheError> {
        spec.allow(KEYS)?;
        let geometry = read_geometry(spec)?;
        let write = spec.choice("write", &WRITES, WritePolicy::Back, "must be back or through")?;
        let by_write = write == WritePolicy::Back;
        let default = LevelConfig::new(spec.name(), geometry);
        Ok(LevelConfig {
            serves: spec.choice("serves", &SERVES, default.serves, "must be data, instruction or unified")?,
            policy: spec.text("policy").map_or(Ok(SetPolicy::Lru), str::parse)?,
            write,
            allocate: spec.choice("allocate", &ALLOCATES, by_write, "must be yes or no")?,
            inclusion: spec.choice(
                "inclusion",
                &INCLUSIONS,
                Inclusion::NonInclusive,
                "must be inclusive, exclusive or non-inclusive",
            )?,
            prefetch: spec.text("prefetch").map_or(Ok(Prefetch::None), str::parse)?,
            latency: spec.number("latency", 0)?,
            ..default
        })
    }
}

/// `l1d`, `L2d` serve data, `l1i` instructions, all else both.
fn serves_by_name(name: &str) -> Serves {
    let stem = name.strip_suffix(['d', 'D', 'i', 'I']).unwrap_or("");
    let is_numbered =
        stem.strip_prefix(['l', 'L']).is_some_and(|n| !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()));
    match name.bytes().last() {
        Some(b'd' | b'D') if is_numbered => Serves::Data,
        Some(b'i' | b'I') if is_numbered => Serves::Instruction,
        _ => Serves::Unified,
    }
}

/// The bytes of a parameter, if it is given.
pub(super) fn read_size(spec: &Spec, key: &'static str) -> Result<Option<u64>, SpecError> {
    let read = |text| parse_size(text).ok_or_else(|| spec.bad_value(key, "must be a size such as 32K"));
    spec.text(key).map(read).transpose()
}

fn read_geometry(spec: &Spec) -> Result<Geometry, CacheError> {
    let size = read_size(spec, "size")?;
    let line = read_size(spec, "line")?.unwrap_or(64);
    let sets = spec.text("sets").map(|_| spec.number("sets", 0)).transpose()?;
    let ways = match (spec.text("ways"), size) {
        (Some("full"), Some(size)) => {
            let unit = Geometry::new(1, 1, line)?.line();
            if size % unit != 0 {
                return Err(CacheError::Size { size, ways: 1, line });
            }
            size / unit
        }
        _ => spec.number("ways", 8)?,
    };
    match (size, sets) {
        (None, None) => Err(spec.bad_value("size", "must be given, or sets").into()),
        (None, Some(sets)) => Geometry::new(sets, ways, line),
        (Some(size), None) => Geometry::of_size(size, ways, line),
        (Some(size), Some(sets)) => match Geometry::new(sets, ways, line)? {
            geometry if geometry.size() == size => Ok(geometry),
            _ => Err(CacheError::SizeDiffers { size, sets, ways, line }),
        },
    }
}

impl FromStr for LevelConfig {
    type Err = CacheError;

    fn from_str(text: &str) -> Result<Self, CacheError> {
        LevelConfig::read(&text.parse()?)
    }
}

fn name_of<T: PartialEq>(choices: &[(&'static str, T)], value: &T) -> &'static str {
    choices.iter().find(|(_, choice)| choice == value).map_or("", |(name, _)| name)
}

impl fmt::Display for LevelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let geometry = self.geometry;
        write!(f, "{}:size={},ways={}", self.name, Bytes(geometry.size()), geometry.ways())?;
        if geometry.line() != 64 {
            write!(f, ",line={}", geometry.line())?;
        }
        if self.policy != SetPolicy::Lru {
            write!(f, ",policy={}", self.policy)?;
        }
        if self.write != WritePolicy::Back {
            write!(f, ",write={}", name_of(&WRITES, &self.write))?;
        }
        if self.allocate != (self.write == WritePolicy::Back) {
            write!(f, ",allocate={}", name_of(&ALLOCATES, &self.allocate))?;
        }
        if self.inclusion != Inclusion::NonInclusive {
            write!(f, ",inclusion={}", name_of(&INCLUSIONS, &self.inclusion))?;
        }
        if self.prefetch != Prefetch::None {
            write!(f, ",prefetch={}", self.prefetch)?;
        }
        if self.latency != 0 {
            write!(f, ",latency={}", self.latency)?;
        }
        if self.serves != serves_by_name(&self.name) {
            write!(f, ",serves={}", name_of(&SERVES, &self.serves))?;
        }
        Ok(())
    }
}
