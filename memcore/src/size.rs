//! Sizes as people write them: `4096`, `32K`, `32KiB`, `1.5M`.

use core::fmt;

const UNITS: [(char, u32); 5] = [('K', 10), ('M', 20), ('G', 30), ('T', 40), ('P', 50)];

/// The bytes that a text stands for: a number, perhaps with a fraction, and a power of 1024 (`K`, `KiB`, `KB`,
/// in either case). `None` for what is no such text, no whole number of bytes, or above 2^64 - 1. O(length).
///
/// ```
/// use memcore::cache::parse_size;
/// assert_eq!(parse_size("32K"), Some(32768));
/// assert_eq!(parse_size("1.5MiB"), Some(1_572_864));
/// assert_eq!(parse_size("1.3K"), None);
/// ```
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let mut letters = unit.trim_start().chars();
    let shift = match letters.next() {
        None => 0,
        Some('b' | 'B') if letters.as_str().is_empty() => 0,
        Some(letter) => {
            let rest = letters.as_str();
            if !["", "b", "ib"].iter().any(|known| rest.eq_ignore_ascii_case(known)) {
                return None;
            }
            UNITS.iter().find(|(unit, _)| *unit == letter.to_ascii_uppercase())?.1
        }
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let mut bytes = u128::from(whole) << shift;
    if !fraction.is_empty() {
        let digits = fraction.trim_end_matches('0');
        let scale = 10u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
        let parts = if digits.is_empty() { 0 } else { u128::from(digits.parse::<u64>().ok()?) << shift };
        if parts % scale != 0 {
            return None;
        }
        bytes += parts / scale;
    }
    u64::try_from(bytes).ok()
}

/// Bytes, shown in the largest unit of which they are a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &(unit, shift) in UNITS.iter().rev() {
            if self.0 != 0 && self.0.trailing_zeros() >= shift {
                return write!(f, "{}{unit}", self.0 >> shift);
            }
        }
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::string::ToString;

    #[test]
    fn sizes_read_and_show() {
        for (text, bytes) in [
            ("0", 0),
            ("64", 64),
            ("1b", 1),
            ("4k", 4096),
            ("1.375M", 1_441_792),
            ("2 GiB", 2 << 30),
            ("1.50K", 1536),
        ] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for text in ["", "K", "-1", "1.", ".5K", "1.5", "1Kb2", "1X", "17592186044416M", "1..5K", "64iB"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
        for (bytes, text) in [(0, "0"), (64, "64"), (32768, "32K"), (1_441_792, "1408K"), (1 << 40, "1T")] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
