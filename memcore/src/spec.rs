//! How strategies and policies are named in text: `name` or `name:key=value,key=value`.
//!
//! The same grammar holds on the command line, in Rust (`FromStr`), C and Python. A name or key that is not known is
//! an error that lists those that are.

use core::fmt;
use std_alloc::{borrow::ToOwned, string::String, vec::Vec};
use thiserror::Error;

/// For types that serde keeps as their text (`try_from = "String", into = "String"`).
macro_rules! text_is_serde {
    ($($type:ty, $error:ty;)*) => {
        $(
            impl TryFrom<std_alloc::string::String> for $type {
                type Error = $error;

                fn try_from(text: std_alloc::string::String) -> Result<Self, $error> {
                    text.parse()
                }
            }

            impl From<$type> for std_alloc::string::String {
                fn from(value: $type) -> Self {
                    std_alloc::string::ToString::to_string(&value)
                }
            }
        )*
    };
}
pub(crate) use text_is_serde;

/// Why a name could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Nothing is called that.
    #[error("unknown {kind} {name:?}; known: {known}")]
    UnknownName {
        /// What was looked for: a strategy, a policy, ...
        kind: &'static str,
        /// What was given.
        name: String,
        /// What there is.
        known: Names,
    },
    /// The named thing has no such parameter.
    #[error("{name} has no parameter {key:?}; known: {known}")]
    UnknownKey {
        /// Whose parameter.
        name: String,
        /// What was given.
        key: String,
        /// What there is.
        known: Names,
    },
    /// The parameter cannot have this value.
    #[error("{key}={value}: {rule}")]
    BadValue {
        /// The parameter.
        key: String,
        /// What was given.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// A part behind the colon is not of the form `key=value`, or repeats a key.
    #[error("{part:?} is not a new key=value")]
    BadPart {
        /// The part.
        part: String,
    },
}

/// A list of names, shown separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub &'static [&'static str]);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (index, name) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// A name and its parameters, as written.
///
/// ```
/// use memcore::spec::Spec;
/// let spec: Spec = "tlsf:subdivisions=16,probe=4".parse()?;
/// assert_eq!(spec.name(), "tlsf");
/// assert_eq!(spec.number("probe", 0)?, 4);
/// assert_eq!(spec.number("missing", 7)?, 7);
/// # Ok::<(), memcore::spec::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    name: String,
    pairs: Vec<(String, String)>,
}

impl core::str::FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in rest.split(',').filter(|part| !part.trim().is_empty()) {
            let bad = || SpecError::BadPart { part: part.to_owned() };
            let (key, value) = part.split_once('=').ok_or_else(bad)?;
            let key = key.trim().to_owned();
            if key.is_empty() || pairs.iter().any(|(other, _)| *other == key) {
                return Err(bad());
            }
            pairs.push((key, value.trim().to_owned()));
        }
        Ok(Spec { name: name.trim().to_owned(), pairs })
    }
}

impl Spec {
    /// What is named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks that no parameter other than `known` is given.
    ///
    /// # Errors
    /// [`SpecError::UnknownKey`] names the first that is not known.
    pub fn allow(&self, known: &'static [&'static str]) -> Result<(), SpecError> {
        match self.pairs.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => {
                Err(SpecError::UnknownKey { name: self.name.clone(), key: key.clone(), known: Names(known) })
            }
        }
    }

    /// The value of a parameter, if it is given.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(other, _)| other == key).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter as a number, or `default`.
    ///
    /// # Errors
    /// [`SpecError::BadValue`].
    pub fn number(&self, key: &str, default: u64) -> Result<u64, SpecError> {
        match self.text(key) {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| self.bad_value(key, "must be a whole number from 0 to 2^64 - 1"))
            }
        }
    }

    /// The value of a parameter as one of `choices`, or `default`.
    ///
    /// # Errors
    /// [`SpecError::BadValue`] with `rule`.
    pub fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
        default: T,
        rule: &'static str,
    ) -> Result<T, SpecError> {
        match self.text(key) {
            None => Ok(default),
            Some(text) => {
                let found = choices.iter().find(|(name, _)| *name == text);
                found.map(|(_, choice)| *choice).ok_or_else(|| self.bad_value(key, rule))
            }
        }
    }

    /// The error that a parameter's value is not what `rule` says.
    pub fn bad_value(&self, key: &str, rule: &'static str) -> SpecError {
        let value = self.text(key).unwrap_or_default().to_owned();
        SpecError::BadValue { key: key.to_owned(), value, rule }
    }
}
