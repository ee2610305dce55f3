//! What a checked heap checks: a plain value, chosen at run time, with a form as text.
//!
//! As text it is a preset and what differs from it, in the [grammar](crate::spec) of all names: `none`, `light`, `full`,
//! `light:quarantine=1M,track=yes`, `none:redzone=16,poison=all`.

use super::super::{HeapError, Result};
use crate::size::{Bytes, parse_size};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use std_alloc::borrow::ToOwned;

/// The widest redzone: a mistake in a program misses its block by little.
const WIDEST_REDZONE: usize = 1 << 20;

const KEYS: &[&str] =
    &["redzone", "poison", "quarantine", "track", "limit", "guard_every", "guard_offset", "tools"];

/// What is checked. [`NONE`](Checks::NONE) passes straight through to the heap inside.
///
/// What each check costs is in the table of the [module](super).
///
/// ```
/// use memcore::heap::Checks;
/// let checks = Checks::LIGHT.quarantine(1 << 20);
/// assert_eq!(checks.to_string(), "light:quarantine=1M");
/// assert_eq!("light:quarantine=1M".parse::<Checks>()?, checks);
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Bytes kept on each side of a block, rounded up to a multiple of 16. 0: none. At most 1 MiB.
    pub redzone: usize,
    /// At most so many bytes of a block, rounded up to a multiple of 16, are filled when it is allocated, and when it is
    /// freed. `usize::MAX`: all of them.
    pub poison: usize,
    /// Bytes of freed blocks that are kept from reuse; the oldest leave first. 0: none.
    pub quarantine: usize,
    /// Keep tag, call site and number of each allocation, for the leak report.
    pub track: bool,
    /// The most bytes in use, as they were asked for. `u64::MAX`: no limit.
    pub limit: u64,
    /// One allocation of so many gets pages of its own with no access in front of them and behind. 0: none. It
    /// needs a system with `mmap`.
    pub guard_every: u32,
    /// How many allocations pass before the first that gets pages of its own, modulo `guard_every`: a seed.
    pub guard_offset: u32,
    /// Tell valgrind and AddressSanitizer, where the program runs under one of them.
    pub tools: bool,
}

impl Checks {
    /// Nothing: every call goes to the heap inside.
    pub const NONE: Checks = Checks {
        redzone: 0,
        poison: 0,
        quarantine: 0,
        track: false,
        limit: u64::MAX,
        guard_every: 0,
        guard_offset: 0,
        tools: false,
    };

    /// For programs in production: redzones of 16 bytes, and up to 128 bytes of each block are poisoned.
    pub const LIGHT: Checks = Checks { redzone: 16, poison: 128, ..Checks::NONE };

    /// For tests: redzones of 64 bytes, all bytes poisoned, a quarantine of 1 MiB, tracking, tools. Only guard pages
    /// are not in it, since they end the program where every other check answers with an error.
    pub const FULL: Checks = Checks {
        redzone: 64,
        poison: usize::MAX,
        quarantine: 1 << 20,
        track: true,
        tools: true,
        ..Checks::NONE
    };

    const PRESETS: [(&'static str, Checks); 3] =
        [("none", Checks::NONE), ("light", Checks::LIGHT), ("full", Checks::FULL)];

    /// Sets the bytes on each side of a block.
    pub const fn redzone(self, redzone: usize) -> Self {
        Checks { redzone, ..self }
    }

    /// Sets how many bytes are filled.
    pub const fn poison(self, poison: usize) -> Self {
        Checks { poison, ..self }
    }

    /// Sets the bytes kept from reuse.
    pub const fn quarantine(self, quarantine: usize) -> Self {
        Checks { quarantine, ..self }
    }

    /// Keeps tags, call sites and numbers, or not.
    pub const fn track(self, track: bool) -> Self {
        Checks { track, ..self }
    }

    /// Sets the most bytes in use.
    pub const fn limit(self, limit: u64) -> Self {
        Checks { limit, ..self }
    }

    /// Gives one allocation of so many pages of its own.
    pub const fn guard_every(self, guard_every: u32) -> Self {
        Checks { guard_every, ..self }
    }

    /// Sets how many allocations pass before the first guarded one.
    pub const fn guard_offset(self, guard_offset: u32) -> Self {
        Checks { guard_offset, ..self }
    }

    /// Tells valgrind and AddressSanitizer, or not.
    pub const fn tools(self, tools: bool) -> Self {
        Checks { tools, ..self }
    }

    /// The same, rounded and found possible.
    pub(super) fn rounded(self) -> Result<Checks> {
        let bad = |name, value, rule| Err(HeapError::BadParameter { name, value, rule });
        if self.redzone > WIDEST_REDZONE {
            return bad("redzone", self.redzone as u64, "must be at most 1 MiB");
        }
        if self.guard_every != 0 && !cfg!(all(feature = "std", unix)) {
            let rule = "must be 0 where there are no pages of the system's";
            return bad("guard_every", self.guard_every.into(), rule);
        }
        let poison = self.poison.checked_next_multiple_of(16).unwrap_or(usize::MAX);
        Ok(Checks { redzone: self.redzone.next_multiple_of(16), poison, ..self })
    }

    /// True when no call differs from the call of the heap inside.
    pub(super) fn is_nothing(&self) -> bool {
        Checks { guard_offset: 0, ..*self } == Checks::NONE
    }
}

impl Default for Checks {
    /// [`LIGHT`](Checks::LIGHT).
    fn default() -> Self {
        Checks::LIGHT
    }
}

fn bytes(spec: &Spec, key: &str, word: Option<&str>, default: u64) -> core::result::Result<u64, SpecError> {
    match spec.text(key) {
        None => Ok(default),
        Some(text) if Some(text) == word => Ok(u64::MAX),
        Some(text) => parse_size(text).ok_or_else(|| spec.bad_value(key, "must be a size such as 4K")),
    }
}

fn size(
    spec: &Spec,
    key: &str,
    word: Option<&str>,
    default: usize,
) -> core::result::Result<usize, SpecError> {
    let bytes = bytes(spec, key, word, default as u64)?;
    // Where addresses have 32 bits, more than they can tell is as good as all.
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

impl FromStr for Checks {
    type Err = SpecError;

    fn from_str(text: &str) -> core::result::Result<Self, SpecError> {
        let spec: Spec = text.parse()?;
        let (_, base) =
            Checks::PRESETS.into_iter().find(|(name, _)| *name == spec.name()).ok_or_else(|| {
                let known = Names(&["none", "light", "full"]);
                SpecError::UnknownName { kind: "checks", name: spec.name().to_owned(), known }
            })?;
        spec.allow(KEYS)?;
        let flag =
            |key, default| spec.choice(key, &[("yes", true), ("no", false)], default, "must be yes or no");
        let count = |key: &str, default: u32| {
            let number = spec.number(key, default.into())?;
            u32::try_from(number).map_err(|_| spec.bad_value(key, "must be below 2^32"))
        };
        Ok(Checks {
            redzone: size(&spec, "redzone", None, base.redzone)?,
            poison: size(&spec, "poison", Some("all"), base.poison)?,
            quarantine: size(&spec, "quarantine", Some("all"), base.quarantine)?,
            track: flag("track", base.track)?,
            limit: bytes(&spec, "limit", Some("none"), base.limit)?,
            guard_every: count("guard_every", base.guard_every)?,
            guard_offset: count("guard_offset", base.guard_offset)?,
            tools: flag("tools", base.tools)?,
        })
    }
}

impl fmt::Display for Checks {
    /// The preset that is nearest by number of keys, and what differs from it. Reads back as the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differing = |base: &Checks| {
            [
                self.redzone != base.redzone,
                self.poison != base.poison,
                self.quarantine != base.quarantine,
                self.track != base.track,
                self.limit != base.limit,
                self.guard_every != base.guard_every,
                self.guard_offset != base.guard_offset,
                self.tools != base.tools,
            ]
        };
        let mut nearest = ("none", differing(&Checks::NONE));
        for (name, base) in Checks::PRESETS {
            let other = differing(&base);
            if other.iter().filter(|&&differs| differs).count()
                < nearest.1.iter().filter(|&&differs| differs).count()
            {
                nearest = (name, other);
            }
        }
        let (name, differs) = nearest;
        f.write_str(name)?;
        let mut separator = ':';
        for (key, _) in KEYS.iter().zip(differs).filter(|(_, differs)| *differs) {
            write!(f, "{separator}{key}=")?;
            separator = ',';
            let yes = |flag| if flag { "yes" } else { "no" };
            match *key {
                "redzone" => Bytes(self.redzone as u64).fmt(f)?,
                "poison" if self.poison == usize::MAX => f.write_str("all")?,
                "poison" => Bytes(self.poison as u64).fmt(f)?,
                "quarantine" if self.quarantine == usize::MAX => f.write_str("all")?,
                "quarantine" => Bytes(self.quarantine as u64).fmt(f)?,
                "track" => f.write_str(yes(self.track))?,
                "limit" if self.limit == u64::MAX => f.write_str("none")?,
                "limit" => Bytes(self.limit).fmt(f)?,
                "guard_every" => self.guard_every.fmt(f)?,
                "guard_offset" => self.guard_offset.fmt(f)?,
                _ => f.write_str(yes(self.tools))?,
            }
        }
        Ok(())
    }
}
