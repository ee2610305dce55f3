//! The text form of a page workload, `name:key=value,key=value`, in the grammar of [`Spec`].
//!
//! Keys may stand in any order. A number may have an ending K, M, G or KiB, MiB, GiB (powers of 1024), an
//! exponent is a decimal number with at most three places.
//!
//! ```text
//!   every pattern    pages=10000, references=1000000, writes=0 (per cent), seed=1
//!   zipf             exponent=1.0
//!   scan             exponent=1.0, share=10 (per cent), length=1000 (or all pages, when these are fewer)
//!   stack-distance   distances=geometric, mean=100; or distances=zipf, exponent=1.0
//!   phases           phases=8, set=(an eighth of the pages), overlap=0 (per cent), exponent=0
//! ```

use core::fmt;
use core::str::FromStr;

use super::super::preset::count;
use super::{Depths, Exponent, PagePattern, PageWorkload};
use crate::spec::{Names, Spec, SpecError};

const NAMES: &[&str] = &["zipf", "uniform", "sequential", "loop", "scan", "stack-distance", "phases"];
const COUNT_RULE: &str = "must be a number such as 1000, 64K or 1MiB";
const PERCENT_RULE: &str = "must be from 0 to 100";

impl PagePattern {
    /// The name: `zipf`, `uniform`, `sequential`, `loop`, `scan`, `stack-distance`, `phases`. O(1).
    pub const fn name(self) -> &'static str {
        match self {
            PagePattern::Zipf { .. } => "zipf",
            PagePattern::Uniform => "uniform",
            PagePattern::Sequential => "sequential",
            PagePattern::Loop => "loop",
            PagePattern::Scan { .. } => "scan",
            PagePattern::StackDistance { .. } => "stack-distance",
            PagePattern::Phases { .. } => "phases",
        }
    }

    /// The names of all patterns. O(1).
    pub const fn names() -> &'static [&'static str] {
        NAMES
    }
}

impl FromStr for PageWorkload {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<PageWorkload, SpecError> {
        let spec: Spec = text.parse()?;
        let known: &[&str] = match spec.name() {
            "zipf" => &["pages", "references", "writes", "seed", "exponent"],
            "uniform" | "sequential" | "loop" => &["pages", "references", "writes", "seed"],
            "scan" => &["pages", "references", "writes", "seed", "exponent", "share", "length"],
            "stack-distance" => &["pages", "references", "writes", "seed", "distances", "mean", "exponent"],
            "phases" => &["pages", "references", "writes", "seed", "phases", "set", "overlap", "exponent"],
            name => {
                let name = name.to_owned();
                return Err(SpecError::UnknownName { kind: "page workload", name, known: Names(NAMES) });
            }
        };
        spec.allow(known)?;
        let default = PageWorkload::new(PagePattern::Uniform);
        let pages = number(&spec, "pages", default.pages)?;
        let one = exponent(&spec, Exponent::ONE);
        let pattern = match spec.name() {
            "zipf" => PagePattern::Zipf { exponent: one? },
            "sequential" => PagePattern::Sequential,
            "loop" => PagePattern::Loop,
            "scan" => PagePattern::Scan {
                exponent: one?,
                share: percent(&spec, "share", 10)?,
                length: number(&spec, "length", pages.min(1000))?,
            },
            "stack-distance" => PagePattern::StackDistance { depths: depths(&spec)? },
            "phases" => PagePattern::Phases {
                phases: number(&spec, "phases", 8)?,
                set: number(&spec, "set", (pages / 8).max(1))?,
                overlap: percent(&spec, "overlap", 0)?,
                exponent: exponent(&spec, Exponent::ZERO)?,
            },
            _ => PagePattern::Uniform,
        };
        let workload = PageWorkload {
            pattern,
            pages,
            references: number(&spec, "references", default.references)?,
            writes: percent(&spec, "writes", default.writes)?,
            seed: number(&spec, "seed", default.seed)?,
        };
        workload.check()?;
        Ok(workload)
    }
}

fn number(spec: &Spec, key: &str, default: u64) -> Result<u64, SpecError> {
    match spec.text(key) {
        None => Ok(default),
        Some(text) => count(text).ok_or_else(|| spec.bad_value(key, COUNT_RULE)),
    }
}

fn percent(spec: &Spec, key: &str, default: u8) -> Result<u8, SpecError> {
    let number = spec.number(key, default.into())?;
    u8::try_from(number).ok().filter(|&number| number <= 100).ok_or_else(|| spec.bad_value(key, PERCENT_RULE))
}

fn exponent(spec: &Spec, default: Exponent) -> Result<Exponent, SpecError> {
    match spec.text("exponent") {
        None => Ok(default),
        Some(text) => text.parse(),
    }
}

fn depths(spec: &Spec) -> Result<Depths, SpecError> {
    let rule = "must be geometric or zipf";
    if spec.choice("distances", &[("geometric", true), ("zipf", false)], true, rule)? {
        match spec.text("exponent") {
            None => Ok(Depths::Geometric { mean: number(spec, "mean", 100)? }),
            Some(_) => Err(spec.bad_value("exponent", "goes with distances=zipf only")),
        }
    } else {
        match spec.text("mean") {
            None => Ok(Depths::Zipf { exponent: exponent(spec, Exponent::ONE)? }),
            Some(_) => Err(spec.bad_value("mean", "goes with distances=geometric only")),
        }
    }
}

impl FromStr for Exponent {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Exponent, SpecError> {
        let bad = || SpecError::BadValue {
            key: "exponent".to_owned(),
            value: text.to_owned(),
            rule: "must be a decimal number from 0 to 10 with at most three places",
        };
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(places) || places.len() > 3 || whole.len() > 2 {
            return Err(bad());
        }
        let whole: u32 = whole.parse().map_err(|_| bad())?;
        let places: u32 = format!("{places:0<3}").parse().map_err(|_| bad())?;
        Exponent::from_thousandths(whole * 1000 + places).ok_or_else(bad)
    }
}

impl fmt::Display for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0 / 1000, self.0 % 1000);
        let places = format!("{places:03}");
        let shown = places.trim_end_matches('0');
        write!(f, "{whole}.{}", if shown.is_empty() { "0" } else { shown })
    }
}

/// The text form; reading it gives the same workload.
impl fmt::Display for PageWorkload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:pages={},references={}", self.pattern.name(), self.pages, self.references)?;
        match self.pattern {
            PagePattern::Zipf { exponent } => write!(f, ",exponent={exponent}")?,
            PagePattern::Uniform | PagePattern::Sequential | PagePattern::Loop => {}
            PagePattern::Scan { exponent, share, length } => {
                write!(f, ",exponent={exponent},share={share},length={length}")?;
            }
            PagePattern::StackDistance { depths: Depths::Geometric { mean } } => {
                write!(f, ",distances=geometric,mean={mean}")?;
            }
            PagePattern::StackDistance { depths: Depths::Zipf { exponent } } => {
                write!(f, ",distances=zipf,exponent={exponent}")?;
            }
            PagePattern::Phases { phases, set, overlap, exponent } => {
                write!(f, ",phases={phases},set={set},overlap={overlap},exponent={exponent}")?;
            }
        }
        if self.writes > 0 {
            write!(f, ",writes={}", self.writes)?;
        }
        write!(f, ",seed={}", self.seed)
    }
}
