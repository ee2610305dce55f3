//! Reading and checking the parameters of policies.

use crate::spec::{Spec, SpecError};
use core::fmt::Display;
use core::ops::RangeInclusive;
use std_alloc::string::ToString;

/// A parameter that is a number, or `None` where it is not given.
pub(crate) fn optional(spec: &Spec, key: &str) -> Result<Option<u64>, SpecError> {
    spec.text(key).map(|_| spec.number(key, 0)).transpose()
}

/// A parameter that is a number of 32 bits.
pub(crate) fn number(spec: &Spec, key: &str, default: u32) -> Result<u32, SpecError> {
    let number = spec.number(key, default.into())?;
    number.try_into().map_err(|_| spec.bad_value(key, "must be a whole number from 0 to 2^32 - 1"))
}

/// Checks a value's range.
pub(crate) fn check<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
    rule: &'static str,
) -> Result<(), SpecError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(SpecError::BadValue { key: key.into(), value: value.to_string(), rule })
}

/// The rule of percents.
pub(crate) const PERCENT: &str = "must be from 0 to 100 percent";

/// So many percent of the frames, rounded down, and no more than are numbered.
pub(crate) fn share(frames: u32, percent: u32) -> u32 {
    (u64::from(frames) * u64::from(percent) / 100).min(u32::MAX.into()) as u32
}
