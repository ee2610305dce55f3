//! Figures of a machine as Linux' tables show them: lines of a name and kilobytes.

use core::fmt;

/// One line: the name, and bytes as kilobytes in a column of eight, as `/proc` has them.
pub(super) fn kilobytes(f: &mut fmt::Formatter<'_>, name: &str, bytes: u64) -> fmt::Result {
    writeln!(f, "{:<16}{:>8} kB", Colon(name), bytes >> 10)
}

/// One line of a number.
pub(super) fn number(f: &mut fmt::Formatter<'_>, name: &str, number: u64) -> fmt::Result {
    writeln!(f, "{:<16}{:>8}", Colon(name), number)
}

/// A name with its colon, which `{:<16}` pads.
struct Colon<'a>(&'a str);

impl fmt::Display for Colon<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = f.width().unwrap_or(0).saturating_sub(self.0.len() + 1);
        write!(f, "{}:{:width$}", self.0, "")
    }
}
