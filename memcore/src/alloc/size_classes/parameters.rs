//! What can be chosen about size classes: the sizes, the spans, the fallback.

use super::super::{AllocError, Result};
use crate::spec::{Spec, SpecError};
use core::fmt;
use std_alloc::vec::Vec;

/// Which strategy serves spans and large requests, with its default parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// The lowest address that fits.
    #[default]
    FirstFit,
    /// First fit from the end of the last block placed.
    NextFit,
    /// The smallest hole that fits.
    BestFit,
    /// The largest hole.
    WorstFit,
    /// Two-level segregated fit.
    Tlsf,
}

const FALLBACKS: &[(&str, Fallback)] = &[
    ("first-fit", Fallback::FirstFit),
    ("next-fit", Fallback::NextFit),
    ("best-fit", Fallback::BestFit),
    ("worst-fit", Fallback::WorstFit),
    ("tlsf", Fallback::Tlsf),
];

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FALLBACKS.iter().find(|(_, fallback)| fallback == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

const KEEPS: &[(&str, bool)] = &[("0", false), ("1", true)];

/// The sizes of the classes. Each is rounded up to the granularity; equal ones become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassTable {
    /// Up to `steps` granules one class each, then `steps` classes per doubling, up to `largest`.
    Geometric {
        /// Classes per doubling: a power of two up to 64.
        steps: u32,
        /// The largest class, in bytes.
        largest: u64,
    },
    /// These sizes.
    Listed(Vec<u64>),
}

impl fmt::Display for ClassTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClassTable::Geometric { steps, largest } => write!(f, "{steps} per doubling up to {largest}"),
            ClassTable::Listed(sizes) => {
                for (index, size) in sizes.iter().enumerate() {
                    write!(f, "{}{size}", if index > 0 { "+" } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// What can be chosen about size classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeClassParameters {
    /// The sizes.
    pub classes: ClassTable,
    /// The most bytes of a span; it has as many slots as fit, from 1 to 64.
    pub span: u64,
    /// Who serves spans and large requests.
    pub fallback: Fallback,
    /// Spans and blocks above the largest class are multiples of it: a power of two; 1 stands for the granularity.
    /// Within a page, an alignment is served by a class of its multiples.
    pub page: u64,
    /// A span that was emptied stays while no other of its class has a free slot, and as long as there is room.
    pub keep: bool,
}

impl Default for SizeClassParameters {
    /// Four classes per doubling up to 1024 bytes, as jemalloc spaces them; spans up to 16 KiB; first fit.
    /// No pages, and an emptied span goes back at once.
    fn default() -> Self {
        SizeClassParameters {
            classes: ClassTable::Geometric { steps: 4, largest: 1024 },
            span: 16 << 10,
            fallback: Fallback::FirstFit,
            page: 1,
            keep: false,
        }
    }
}

/// Classes are numbered in 8 bits of a record.
pub(super) const MOST_CLASSES: usize = 255;
/// Slots of a span: one word of bits.
pub(super) const MOST_SLOTS: u64 = 64;

impl SizeClassParameters {
    pub(crate) const KEYS: &'static [&'static str] =
        &["classes", "steps", "largest", "span", "fallback", "page", "keep"];

    pub(crate) fn from_spec(spec: &Spec) -> core::result::Result<Self, SpecError> {
        let default = Self::default();
        let rule = "must be first-fit, next-fit, best-fit, worst-fit or tlsf";
        let classes = match spec.text("classes") {
            Some(list) => {
                let sizes = list.split('+').map(str::parse).collect::<core::result::Result<_, _>>();
                let rule = "must be sizes joined by +, such as 16+32+64";
                ClassTable::Listed(sizes.map_err(|_| spec.bad_value("classes", rule))?)
            }
            None => {
                let steps = u32::try_from(spec.number("steps", 4)?)
                    .map_err(|_| spec.bad_value("steps", "must be a power of two up to 64"))?;
                ClassTable::Geometric { steps, largest: spec.number("largest", 1024)? }
            }
        };
        Ok(SizeClassParameters {
            classes,
            span: spec.number("span", default.span)?,
            fallback: spec.choice("fallback", FALLBACKS, default.fallback, rule)?,
            page: spec.number("page", default.page)?,
            keep: spec.choice("keep", KEEPS, default.keep, "must be 0 or 1")?,
        })
    }

    /// What spans are multiples of.
    pub(super) fn page(&self, granularity: u64) -> Result<u64> {
        if !self.page.is_power_of_two() {
            let rule = "must be a power of two";
            return Err(AllocError::BadParameter { name: "page", value: self.page, rule });
        }
        Ok(self.page.max(granularity))
    }

    /// The sizes of the classes, ascending, as multiples of the granularity. Takes no memory, since the allocator that
    /// would give it may be the one that is being made.
    pub(crate) fn sizes(&self, granularity: u64) -> Result<Sizes> {
        let mut sizes = Sizes { list: [0; MOST_CLASSES], count: 0 };
        let bad = |name, value, rule| Err(AllocError::BadParameter { name, value, rule });
        match &self.classes {
            ClassTable::Listed(listed) => {
                for &size in listed {
                    let Some(rounded) = size.checked_next_multiple_of(granularity).filter(|&size| size > 0)
                    else {
                        return bad("classes", size, "must be sizes of at least 1 byte");
                    };
                    sizes.insert(rounded);
                }
            }
            &ClassTable::Geometric { steps, largest } => {
                if !steps.is_power_of_two() || steps > 64 {
                    return bad("steps", steps.into(), "must be a power of two up to 64");
                }
                let mut size = granularity;
                while size <= largest && sizes.count <= MOST_CLASSES {
                    sizes.insert(size);
                    // The step is the granularity at first, then a part of the power of two below the size.
                    let step = ((1 << size.ilog2()) / u64::from(steps)).max(granularity);
                    let Some(next) = size.checked_add(step) else { break };
                    size = next;
                }
            }
        }
        if sizes.count == 0 || sizes.count > MOST_CLASSES {
            return bad("classes", sizes.count as u64, "there must be from 1 to 255 classes");
        }
        Ok(sizes)
    }
}

/// Sizes in ascending order, without doubles.
pub(crate) struct Sizes {
    list: [u64; MOST_CLASSES],
    /// Above the length of the list: there were too many.
    count: usize,
}

impl Sizes {
    fn insert(&mut self, size: u64) {
        let kept = self.count.min(MOST_CLASSES);
        let Err(at) = self.list[..kept].binary_search(&size) else { return };
        self.count += 1;
        if self.count <= MOST_CLASSES {
            self.list.copy_within(at..kept, at + 1);
            self.list[at] = size;
        }
    }
}

impl core::ops::Deref for Sizes {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        &self.list[..self.count]
    }
}
