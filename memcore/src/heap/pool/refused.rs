//! Why a pool took no value, with the value.

use super::super::HeapError;
use core::fmt;

/// A value that found no place, and why. It turns into the [`HeapError`] alone with `?`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Refused<T> {
    /// What was to be stored.
    pub value: T,
    /// Why it was not.
    pub error: HeapError,
}

impl<T> fmt::Debug for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> core::error::Error for Refused<T> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<T> From<Refused<T>> for HeapError {
    fn from(refused: Refused<T>) -> Self {
        refused.error
    }
}
